//! What a search found, for people (`SELECTION.md`) and for a spreadsheet (`selection.csv`).

use super::report::{Chosen, Shown, Sweep};
use atlas_affect::method::{Choice, MethodOptions, Scores};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Name of a table, and what its rows differ in.
type Table = (&'static str, fn(&MethodOptions) -> String);

/// Why the map is declared, and how blind that is.
const WHY_DECLARED: &str = "**Why declared.** Five rules that see no rating were tried for the map, each set by somebody who knew how the maps \
of those before it had turned out: (1) own word among the five that steering raises most; (2) the pushed emotion read back from what is \
then written; (3) an emotion's cosines alike between corpora; (4) its distances on the map alike between corpora; (5) places, as above. Each \
took vectors with little or nothing projected out: what a kind of story has in common (how much is said, how much is done) is different from \
emotion to emotion, reproducible, and not how pleasant or excited it is; such maps follow the ratings little, see the last columns. So no \
rule chooses here. The constants are the paper's and were not tuned; but whoever declared them knew that projecting out makes the axes follow \
the ratings. The correlations are therefore no blind test of the map. Reading and steering are chosen by rules, blindly.";

/// What options are ranked by; `None` where it was not measured.
type Figure = fn(&Scores) -> Option<f32>;

const TABLES: [Table; 7] = [
    ("Corpora", |o| o.mix.to_string()),
    ("Layer", |o| format!("{:2}", o.layer.index())),
    ("Coordinates", |o| o.space.to_string()),
    ("Variance within emotions projected out", |o| {
        format!("{:.0} %", o.within * 100.0)
    }),
    ("Variance of neutral passages projected out", |o| {
        format!("{:.0} %", o.neutral * 100.0)
    }),
    ("Centred by", |o| o.centring.to_string()),
    ("First token", |o| format!("{:2}", o.first_token)),
];

/// Of everything tried, the best for each value of each option: table, value, scores. First by retrieval, for
/// reading; then by what steering does.
pub fn shown<'a>(
    tried: &'a [Scores],
    [map, reading, steering]: [&Choice; 3],
) -> Vec<(String, String, &'a Scores)> {
    let mut all = vec![];
    let ways: [(&str, &Choice, Figure); 3] = [
        ("Map", map, |s| s.nearness),
        ("Reading", reading, |s| Some(s.top5)),
        ("Steering", steering, |s| {
            s.steering.as_ref().map(|s| s.mean())
        }),
    ];
    for (way, choice, figure) in ways {
        let name = format!("{way}: the choice");
        all.push((name.clone(), "taken".to_owned(), &tried[choice.taken]));
        all.push((name, "best".to_owned(), &tried[choice.best]));
        for (name, value) in TABLES {
            let mut best = BTreeMap::<String, (f32, &Scores)>::new();
            for scores in tried {
                let Some(figure) = figure(scores) else {
                    continue;
                };
                let slot = best
                    .entry(value(&scores.options))
                    .or_insert((figure, scores));
                if figure > slot.0 {
                    *slot = (figure, scores);
                }
            }
            // A table of one line says nothing.
            if best.len() > 1 {
                let name = format!("{way}: {}", name.to_lowercase());
                all.extend(
                    best.into_iter()
                        .map(|(value, (_, scores))| (name.clone(), value, scores)),
                );
            }
        }
    }
    all
}

/// The page.
pub fn page(sweep: &Sweep) -> String {
    let mut out = format!(
        "# How the vectors of {} were chosen\n\nWritten by `atlas evaluate --model models/{0} --sweep`. \
         {} combinations were tried, {} of them by steering, too; `selection.csv` holds them all.\n\n",
        sweep.model, sweep.tried, sweep.steered
    );
    let kept: Vec<String> = sweep
        .kept_out
        .0
        .iter()
        .map(|(name, topics)| {
            let topics: Vec<String> = topics.iter().map(ToString::to_string).collect();
            format!("{name} {}", topics.join(", "))
        })
        .collect();
    let _ = write!(
        out,
        "**Kept out.** Topics that made no vector and chose nothing here: {}.\n\n",
        kept.join("; ")
    );
    choice(&mut out, "Vectors that the map shows", &sweep.map);
    let _ = write!(out, "{WHY_DECLARED}\n\n");
    choice(&mut out, "Directions to read with", &sweep.reading);
    choice(&mut out, "Directions to steer along", &sweep.steering);
    let own = |s: &Scores| s.steering.as_ref().map_or(0.0, |s| s.mean());
    let _ = write!(
        out,
        "Texts of {} tokens after \"{}\", strength {} at one layer: the pushed emotion is read back among the first five in {} of \
         171. Random vectors of the same length from the emotions' own span: {}. Chance: 2.9 %.\n\n",
        sweep.tokens,
        sweep.prompt,
        sweep.strength,
        percent(own(&sweep.steering.taken)),
        percent(sweep.random)
    );
    let _ = write!(
        out,
        "## What was tried\n\nEach line is the best of all that were tried with that value. *Top 5*: share of held-out \
         selection stories whose own emotion is among the first five of 171, by corpus and on average. *Stable*: mean cosine \
         of an emotion's vectors from two halves of the topics. *Places*: share of the other emotions that lie farther from a story on the map than its own. *Steers*: as above. The last two columns, correlations of \
         the first component with rated valence and of the second with arousal, were computed afterwards and chose \
         nothing.\n"
    );
    let mut last = "";
    for shown in &sweep.shown {
        if shown.table != last {
            last = &shown.table;
            let _ = write!(
                out,
                "\n### {last}\n\n| | told | inner | original | top 5 | stable | places | steers | options | valence | arousal |\n\
                 |---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|\n"
            );
        }
        out.push_str(&line(shown));
    }
    out
}

fn choice(out: &mut String, what: &str, chosen: &Chosen) {
    let _ = write!(
        out,
        "## {what}\n\n**Rule.** {}\n\n**Taken.** {}. {} of the combinations count as equally good.\n\n\
         On the topics kept out, vectors made of selection topics only. *Among*: a story minus the mean of its topic and \
         writer; *alone*: as any text is read. Chance: 0.6 %, 2.9 %, rank 86.\n\n\
         | stories | | top 1 | top 5 | mean rank of 171 |\n|---|---|--:|--:|--:|\n",
        chosen.rule, chosen.taken.options, chosen.alike
    );
    for (how, found) in [("among", &chosen.among), ("alone", &chosen.alone)] {
        for (corpus, r) in found {
            let _ = writeln!(
                out,
                "| {corpus} ({}) | {how} | {} | {} | {:.1} |",
                r.stories,
                percent(r.top1),
                percent(r.top5),
                r.mean_rank
            );
        }
    }
    out.push('\n');
}

fn line(shown: &Shown) -> String {
    let s = &shown.scores;
    let top5 = |corpus: &str| {
        s.retrieval
            .get(corpus)
            .map_or_else(|| "-".into(), |r| percent(r.top5))
    };
    format!(
        "| {} | {} | {} | {} | {} | {:.2} | {} | {} | {} | {:+.2} | {:+.2} |\n",
        shown.of.trim(),
        top5("told"),
        top5("inner"),
        top5("original"),
        percent(s.top5),
        s.stability,
        s.nearness.map_or_else(|| "-".into(), percent),
        s.steering
            .as_ref()
            .map_or_else(|| "-".into(), |x| percent(x.mean())),
        s.options,
        shown.r_valence,
        shown.r_arousal
    )
}

fn percent(share: f32) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Everything tried, a line each.
pub fn csv(tried: &[Scores]) -> String {
    let mut out = String::from(
        "layer,mix,nuisance of,first token,space,within,neutral,centring,told top 5,inner top 5,original top 5,mean top 5,\
         stability,places,steering\n",
    );
    for s in tried {
        let o = &s.options;
        let nuisance = o.nuisance_mix.as_ref().unwrap_or(&o.mix);
        let top5 = |corpus: &str| {
            s.retrieval
                .get(corpus)
                .map_or_else(String::new, |r| format!("{:.4}", r.top5))
        };
        let _ = writeln!(
            out,
            "{},{},{},{},{},{},{},{},{},{},{},{:.4},{:.4},{},{}",
            o.layer.index(),
            o.mix,
            nuisance,
            o.first_token,
            o.space,
            o.within,
            o.neutral,
            o.centring,
            top5("told"),
            top5("inner"),
            top5("original"),
            s.top5,
            s.stability,
            s.nearness.map_or_else(String::new, |x| format!("{x:.4}")),
            s.steering
                .as_ref()
                .map_or_else(String::new, |x| format!("{:.4}", x.mean()))
        );
    }
    out
}
