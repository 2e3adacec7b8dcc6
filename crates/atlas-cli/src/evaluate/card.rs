//! The measured part of a model's card, written from the same figures as everything else.

use super::table;
use crate::files;
use anyhow::Result;
use atlas_affect::report::Report;
use std::path::Path;

const BEGIN: &str = "<!-- measured: written by `atlas evaluate` -->\n";
const END: &str = "<!-- /measured -->\n";

/// Puts the figures between the marks of a card; leaves a card without marks, or none, alone.
pub fn update(path: &Path, report: &Report) -> Result<()> {
    let Ok(card) = std::fs::read_to_string(path) else {
        return Ok(());
    };
    match replaced(&card, report) {
        Some(card) => files::write(path, card.as_bytes()),
        None => Ok(()),
    }
}

fn replaced(card: &str, report: &Report) -> Option<String> {
    let (before, rest) = card.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let figures = table::card(report);
    Some(format!("{before}{BEGIN}\n{figures}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_affect::card::VectorsCard;

    /// What the page draws is `evaluation.json`; the card and `vectors.json` have to say the same.
    #[test]
    fn every_model_s_card_and_vectors_agree_with_its_figures() {
        let models = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../models");
        for name in ["atlas-lite", "smollm2-135m-instruct"] {
            let read = |file: &str| {
                std::fs::read_to_string(models.join(name).join(file)).expect("a model's file")
            };
            let report: Report = serde_json::from_str(&read("evaluation.json")).expect("figures");
            let card = read("README.md");
            assert_eq!(
                replaced(&card, &report).as_ref(),
                Some(&card),
                "{name}: run `atlas evaluate`"
            );
            let vectors: VectorsCard = serde_json::from_str(&read("vectors.json")).expect("a card");
            assert_eq!(vectors.method.map, report.map, "{name}");
            assert_eq!(vectors.method.steering, report.steering, "{name}");
            assert_eq!(vectors.method.reading, report.reading, "{name}");
            if let Some(steered) = &report.steered {
                let steering = &vectors.steering;
                assert_eq!(
                    steering.layers, steered.place.layers,
                    "{name}: run `atlas evaluate`"
                );
                assert_eq!(steering.ranges.len(), vectors.emotions.len(), "{name}");
                let mut ends: Vec<f32> = steering.ranges.iter().map(|[_, high]| *high).collect();
                let middle = atlas_affect::stats::quantile(&mut ends, 0.5).expect("ends");
                assert!((middle - steered.safe[1][1]).abs() < 1e-4, "{name}");
            }
            for figures in &report.layers {
                let drawn = &vectors.geometry[figures.layer.index()];
                let near = |a: f32, b: f64| (f64::from(a).abs() - b).abs() < 1e-3;
                assert!(
                    near(drawn.r_valence[0], figures.valence.estimate)
                        && near(drawn.r_arousal[1], figures.arousal.estimate),
                    "{name}, layer {}",
                    figures.layer
                );
            }
        }
    }

    #[test]
    fn a_card_without_marks_is_left_alone() {
        let json = std::fs::read_to_string(
            Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
                .join("../../models/atlas-lite/evaluation.json"),
        );
        let report = serde_json::from_str(&json.expect("figures")).expect("figures");
        assert_eq!(replaced("# A card\n", &report), None);
    }
}
