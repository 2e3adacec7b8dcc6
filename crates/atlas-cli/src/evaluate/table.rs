//! The figures as tables, for a terminal and for a model's card: both are Markdown.

use super::steered;
use atlas_affect::report::{Figures, Report};
use atlas_affect::trust::{Interval, Null};
use atlas_affect::words;
use std::fmt::Write as _;

/// Every layer, then the chosen one in full.
pub fn text(report: &Report) -> String {
    let mut out = format!(
        "# {}\n\nMap: {}.\nSteering: {}.\nReading: {}.\n\n",
        report.model, report.map, report.steering, report.reading
    );
    out += "| layer | PC1 | PC2 | PC1~valence | PC2~arousal | clusters | told | inner | original | AUC original |\n\
            |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for f in &report.layers {
        let top5 = |corpus: &str| {
            f.among
                .get(corpus)
                .map_or_else(|| "-".into(), |r| percent(r.top5))
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {:.2} | {} | {} | {} | {} |",
            f.layer,
            percent(f.share[0]),
            percent(f.share[1]),
            interval(&f.valence),
            interval(&f.arousal),
            f.clusters.observed,
            top5("told"),
            top5("inner"),
            top5("original"),
            f.auc
                .get("original")
                .map_or_else(|| "-".into(), |a| format!("{:.2}", a.mean))
        );
    }
    out += "\nPC1, PC2: share of the variance between emotions. ~: size of Pearson's r with the ratings, 95 % interval over \
            stories. clusters: adjusted Rand index of k-means with the paper's (0 = chance). told, inner, original: stories on \
            kept-out topics whose own emotion is among the first five of 171 (chance 2.9 %).\n\n";
    out + &card(report)
}

/// What a model's card tells of the chosen layers.
pub fn card(report: &Report) -> String {
    let mut out = String::new();
    let find = |layer| report.layers.iter().find(|f| f.layer == layer);
    if let Some(f) = find(report.map.layer) {
        map(&mut out, report, f);
    }
    if let Some(f) = find(report.reading.layer) {
        reading(&mut out, report, f);
    }
    if let Some(found) = &report.steered {
        steered::table(&mut out, found);
    }
    let once = &report.once;
    out += "| nearest at layer ";
    let _ = write!(out, "{} | by cosine |\n|---|---|\n", once.layer);
    for of in &once.neighbours {
        let near = of.near.iter().take(5);
        let near: Vec<_> = near
            .map(|n| format!("{} {:.2}", n.emotion, n.cosine))
            .collect();
        let _ = writeln!(out, "| {} | {} |", of.emotion, near.join(", "));
    }
    out += "\n| logit lens of the directions to steer along | raises | lowers |\n|---|---|---|\n";
    for lens in &once.lens {
        let words = |words: &[String]| {
            let words = words.iter().map(|w| format!("`{}`", w.trim()));
            words.collect::<Vec<_>>().join(" ").replace('|', "\\|")
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            lens.emotion,
            words(&lens.up),
            words(&lens.down)
        );
    }
    out
}

fn map(out: &mut String, report: &Report, f: &Figures) {
    let _ = write!(
        out,
        "| map, layer {} | measured | 95 % interval | chance stays below (95 %) |\n|---|--:|--:|--:|\n",
        f.layer
    );
    for (what, of, null) in [
        ("PC1 and rated valence, r", &f.valence, &f.valence_null),
        ("PC2 and rated arousal, r", &f.arousal, &f.arousal_null),
    ] {
        let _ = writeln!(
            out,
            "| {what} | {:.2} | {:.2} to {:.2} | {:.2} |",
            of.estimate, of.low, of.high, null.limit95
        );
    }
    let _ = writeln!(
        out,
        "| variance on PC1, PC2, PC3 | {}, {}, {} | | |",
        percent(f.share[0]),
        percent(f.share[1]),
        percent(f.share[2])
    );
    let mut plain = |what: &str, null: &Null| {
        let _ = writeln!(
            out,
            "| {what} | {:.2} | | {:.2} |",
            null.observed, null.limit95
        );
    };
    plain(
        "k-means (10) and the paper's clusters, adjusted Rand index",
        &f.clusters,
    );
    for (pair, null) in &report.once.between_corpora {
        plain(
            &format!("cosines from one corpus and another ({pair}), Spearman"),
            null,
        );
    }
    for (model, null) in &report.once.between_models {
        plain(&format!("cosines here and in {model}, Spearman"), null);
    }
    out.push('\n');
}

fn reading(out: &mut String, report: &Report, f: &Figures) {
    let _ = write!(
        out,
        "| reading, layer {}: stories on kept-out topics | first of 171 | among five | mean rank | AUC, mean (least) |\n\
         |---|--:|--:|--:|--:|\n",
        f.layer
    );
    for (how, found) in [("among their like", &f.among), ("alone", &f.alone)] {
        for (corpus, r) in found {
            let area = f.auc.get(corpus).filter(|_| how == "alone");
            let _ = writeln!(
                out,
                "| {corpus} ({}), {how} | {} | {} | {:.1} | {} |",
                r.stories,
                percent(r.top1),
                percent(r.top5),
                r.mean_rank,
                area.map_or_else(String::new, |a| format!("{:.2} ({:.2})", a.mean, a.min))
            );
        }
    }
    out.push_str("| chance | 0.6 % | 2.9 % | 86 | 0.5 |\n\n");
    across(out, report);
    areas(out, report);
    if let Some(quiet) = &report.false_positives {
        let _ = write!(
            out,
            "Of {} tokens without feeling, {} read above 1 for an emotion (the worst: {}), at layer {}.\n\n",
            quiet.tokens,
            percent(quiet.mean),
            percent(quiet.most),
            quiet.layer
        );
    }
}

/// Vectors of one corpus on stories of another.
fn across(out: &mut String, report: &Report) {
    let across = &report.once.across;
    out.push_str("| among five of 171: made of |");
    for corpus in across.keys() {
        let _ = write!(out, " {corpus} stories |");
    }
    let _ = writeln!(out, "\n|---|{}", "--:|".repeat(across.len()));
    for (made_of, found) in across {
        let _ = write!(out, "| {made_of} alone |");
        for corpus in across.keys() {
            let top5 = found
                .get(corpus)
                .map_or_else(|| "-".into(), |r| percent(r.top5));
            let _ = write!(out, " {top5} |");
        }
        out.push('\n');
    }
    out.push('\n');
}

/// The emotions that are told from others best and worst.
fn areas(out: &mut String, report: &Report) {
    let emotions = words::emotions();
    let mut order: Vec<(f32, &str)> = report
        .once
        .areas
        .iter()
        .zip(emotions)
        .map(|(area, e)| (*area, e.name.as_str()))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let list = |some: &[(f32, &str)]| {
        let each = some.iter().map(|(area, name)| format!("{name} {area:.2}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let few = order.len().min(6);
    let _ = write!(
        out,
        "Area under the curve, own stories against others, read alone: best {}; worst {}. All 171: `evaluation.json`.\n\n",
        list(&order[..few]),
        list(&order[order.len() - few..])
    );
}

fn interval(of: &Interval) -> String {
    format!("{:.2} ({:.2}-{:.2})", of.estimate, of.low, of.high)
}

fn percent(share: f32) -> String {
    format!("{:.1} %", share * 100.0)
}
