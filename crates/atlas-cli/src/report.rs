//! Figures about emotion vectors, as tables for a terminal and as JSON.

use atlas_affect::Evaluation;
use atlas_affect::retrieval::Retrieval;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What `atlas evaluate` found, with what it needs to be found again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// SHA-256 of its weights, hexadecimal.
    pub model_sha256: String,
    /// Files of the stories that made the vectors.
    pub stories: Vec<String>,
    /// SHA-256 of these files read one after another, hexadecimal.
    pub stories_sha256: String,
    /// First token of a story that entered its mean.
    pub first_token: usize,
    /// Program and version.
    pub made_by: String,
    /// One entry per layer looked at, in ascending order.
    pub layers: Vec<Evaluation>,
    /// Other stories the vectors were tried on, in the order of `layers`.
    pub tried: Vec<Tried>,
}

/// Vectors tried on stories of another kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// File of the stories.
    pub stories: String,
    /// Layer.
    pub layer: u16,
    /// How often they found their emotion.
    pub retrieval: Retrieval,
}

impl Report {
    /// The report as text: one table over layers, or one layer in full if there is only one.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{}: vectors from {}, tokens from number {} on\n\n",
            self.model,
            self.stories.join(" + "),
            self.first_token
        );
        match self.layers.as_slice() {
            [one] => text.push_str(&in_full(one, &self.tried)),
            many => {
                text.push_str(&over_layers(many));
                if !self.tried.is_empty() {
                    text.push('\n');
                    text.push_str(&over_stories(&self.tried));
                }
            }
        }
        text
    }
}

/// Rows of cells as aligned columns: the first to the left, numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| {
        rows.iter()
            .filter_map(|r| r.get(c))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (c, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Writing to a string cannot fail.
            let _ = match c {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn percent(share: f32) -> String {
    format!("{:.1} %", share * 100.0)
}

fn r(r: f32) -> String {
    format!("{r:+.2}")
}

fn over_layers(layers: &[Evaluation]) -> String {
    let mut rows = vec![row([
        "layer",
        "PC1",
        "PC2",
        "PC1~valence",
        "PC2~arousal",
        "most valence",
        "most arousal",
        "nuisance",
        "clusters",
        "top 1",
        "top 5",
        "rank",
    ])];
    for e in layers {
        let mut cells = vec![
            e.layer.to_string(),
            percent(e.share[0]),
            percent(e.share[1]),
            r(e.r_valence[0]),
            r(e.r_arousal[1]),
            format!("PC{} {}", e.best_valence.component, r(e.best_valence.r)),
            format!("PC{} {}", e.best_arousal.component, r(e.best_arousal.r)),
            percent(e.nuisance_share),
            format!("{:.2}", e.clusters.adjusted_rand_index),
        ];
        match &e.retrieval {
            Some(found) => cells.extend([
                percent(found.top1),
                percent(found.top5),
                format!("{:.1}", found.mean_rank),
            ]),
            None => cells.extend(row(["-", "-", "-"])),
        }
        rows.push(cells);
    }
    let mut text = aligned(&rows);
    text.push_str(
        "\nPC1, PC2: share of the variance between emotions. ~: Pearson r with the ratings.\n\
         nuisance: share of the variance within emotions that was projected out.\n\
         clusters: adjusted Rand index of k-means with the paper's clusters (0 = chance).\n\
         top 1, top 5, rank: stories on held-out topics that find their own emotion.\n",
    );
    if let Some(chance) = layers
        .iter()
        .find_map(|e| e.retrieval)
        .map(|found| found.chance)
    {
        let _ = writeln!(
            text,
            "Chance: {}, {}, {:.0}.",
            percent(chance.top1),
            percent(chance.top5),
            chance.mean_rank
        );
    }
    text
}

fn in_full(e: &Evaluation, tried: &[Tried]) -> String {
    let mut text = format!(
        "Layer {}: {} stories, {} emotions; {} nuisance components held {} of the variance within emotions\n\n",
        e.layer,
        e.stories,
        e.emotions,
        e.nuisance,
        percent(e.nuisance_share)
    );
    let mut rows = vec![row(["component", "variance", "r valence", "r arousal"])];
    for pc in 0..3 {
        rows.push(vec![
            format!("PC{}", pc + 1),
            percent(e.share[pc]),
            r(e.r_valence[pc]),
            r(e.r_arousal[pc]),
        ]);
    }
    text.push_str(&aligned(&rows));
    let _ = writeln!(
        text,
        "\nk-means ({} clusters) against the paper's: adjusted Rand index {:.2} (0 = chance)\n",
        e.clusters.k, e.clusters.adjusted_rand_index
    );
    let held_out = e.retrieval.iter().map(|found| ("held-out topics", found));
    let others = tried.iter().map(|t| (t.stories.as_str(), &t.retrieval));
    text.push_str(&found_table(held_out.chain(others)));
    text.push('\n');
    let mut rows = vec![row(["emotion", "nearest (cosine)"])];
    for of in &e.neighbours {
        let near = of
            .near
            .iter()
            .take(5)
            .map(|n| format!("{} {:.2}", n.emotion, n.cosine));
        rows.push(vec![
            of.emotion.clone(),
            near.collect::<Vec<_>>().join(", "),
        ]);
    }
    // Words read better from the left.
    let width = rows.iter().map(|r| r[1].chars().count()).max().unwrap_or(0);
    for cells in &mut rows {
        cells[1] = format!("{:<width$}", cells[1]);
    }
    text.push_str(&aligned(&rows));
    text
}

fn over_stories(tried: &[Tried]) -> String {
    let names: Vec<String> = tried
        .iter()
        .map(|t| format!("layer {}, {}", t.layer, t.stories))
        .collect();
    found_table(
        names
            .iter()
            .map(String::as_str)
            .zip(tried.iter().map(|t| &t.retrieval)),
    )
}

/// How often stories found their emotion, each line followed by what chance would do.
fn found_table<'a>(lines: impl Iterator<Item = (&'a str, &'a Retrieval)>) -> String {
    let mut rows = vec![row([
        "own emotion found",
        "stories",
        "top 1",
        "top 5",
        "rank",
        "of",
    ])];
    for (name, found) in lines {
        let candidates = format!("{:.0}", found.candidates);
        rows.push(vec![
            name.to_owned(),
            found.stories.to_string(),
            percent(found.top1),
            percent(found.top5),
            format!("{:.1}", found.mean_rank),
            candidates.clone(),
        ]);
        rows.push(vec![
            "  by chance".to_owned(),
            String::new(),
            percent(found.chance.top1),
            percent(found.chance.top5),
            format!("{:.1}", found.chance.mean_rank),
            candidates,
        ]);
    }
    if rows.len() == 1 {
        String::new()
    } else {
        aligned(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_affect::evaluate::Plan;
    use atlas_affect::{StoryMeans, evaluate, words};

    /// Two topics in a model of width 4 that keeps the ratings and little else.
    fn report(layers: &[u16]) -> Report {
        let (mut emotion, mut topic, mut rows) = (vec![], vec![], vec![]);
        for t in 0..2_u32 {
            for (e, entry) in (0_u16..).zip(words::emotions()) {
                emotion.push(e);
                topic.push(t);
                let other = f32::from((e * 7 + 3 * u16::from(t == 1)) % 11) / 10.0;
                rows.extend([3.0 * entry.valence, 2.0 * entry.arousal, other, t as f32]);
            }
        }
        let stories = StoryMeans::new(emotion, topic, &[0; 342], 4, rows).expect("sound");
        let plan = |layer| Plan {
            layer,
            nuisance: 0,
            ..Plan::default()
        };
        let layers: Vec<_> = layers
            .iter()
            .map(|&l| evaluate(&stories, words::emotions(), &plan(l)).expect("sound"))
            .collect();
        let tried = layers.iter().map(|e| Tried {
            stories: "original.jsonl".into(),
            layer: e.layer.index() as u16,
            retrieval: e.retrieval.expect("asked for"),
        });
        Report {
            model: "toy".into(),
            model_sha256: "ab".into(),
            stories: vec!["told.jsonl".into()],
            stories_sha256: "cd".into(),
            first_token: 20,
            made_by: "test".into(),
            tried: tried.collect(),
            layers,
        }
    }

    #[test]
    fn columns_line_up() {
        let text = aligned(&[row(["a", "long"]), row(["wider", "1"])]);
        assert_eq!(text, "a      long\nwider     1\n");
    }

    #[test]
    fn one_layer_is_told_in_full_and_many_as_a_table() {
        let one = report(&[18]).to_text();
        for part in [
            "Layer 18: 342 stories",
            "PC3",
            "own emotion found",
            "by chance",
            "original.jsonl",
            "desperate",
        ] {
            assert!(one.contains(part), "{part} is not in\n{one}");
        }
        let many = report(&[2, 13]).to_text();
        let heading = many.lines().nth(2).expect("a heading");
        let line = many
            .lines()
            .find(|l| l.starts_with("13 "))
            .expect("a line for layer 13");
        assert_eq!(line.len(), heading.len(), "{many}");
        assert!(many.contains("Chance: 0.6 %, 2.9 %, 86."), "{many}");
    }

    #[test]
    fn a_report_survives_json() {
        let report = report(&[3]);
        let json = serde_json::to_string(&report).expect("finite numbers");
        assert_eq!(serde_json::from_str::<Report>(&json).expect("same"), report);
    }
}
