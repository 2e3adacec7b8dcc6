//! What a matrix shows: rows of numbers over the pieces of a text, or its sentences.

use std::ops::Range;

use super::look::{Scale, full};
use super::shown::Shown;
use crate::text::fill;

/// Rows shown where not all are.
pub const TOP: usize = 14;

/// A table of numbers ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Its rows, from the top.
    pub rows: Vec<HeatRow>,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatRow {
    /// What it is called.
    pub name: String,
    /// Emotion, or layer.
    pub key: usize,
    /// One number per column; none where nothing was read.
    pub values: Vec<Option<f32>>,
    /// What full colour stands for.
    pub full: f32,
}

/// A column: a piece of text, or a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it says.
    pub name: String,
    /// The pieces it covers.
    pub pieces: Range<usize>,
    /// Its sentence.
    pub sentence: usize,
}

/// Pieces or sentences.
fn columns(shown: &Shown, sentences: bool) -> Vec<Column> {
    if sentences {
        let each = shown.sentences.iter().enumerate();
        return each
            .map(|(sentence, range)| Column {
                name: fill("read.sentence", &[("n", &(sentence + 1))]),
                pieces: range.clone(),
                sentence,
            })
            .collect();
    }
    let each = shown.pieces.iter().enumerate();
    each.map(|(at, piece)| Column {
        name: piece.text.trim().to_owned(),
        pieces: at..at + 1,
        sentence: piece.sentence,
    })
    .collect()
}

/// The mean over what was read of some pieces.
fn mean(shown: &Shown, pieces: Range<usize>, value: impl Fn(usize) -> f32) -> Option<f32> {
    let read: Vec<f32> = pieces
        .filter(|i| shown.pieces.get(*i).is_some_and(|p| p.read))
        .map(value)
        .collect();
    (!read.is_empty()).then(|| read.iter().sum::<f32>() / read.len() as f32)
}

/// The mean of an emotion over all that was read.
#[must_use]
pub fn overall(shown: &Shown, emotion: usize) -> Option<f32> {
    mean(shown, 0..shown.pieces.len(), |i| shown.value(i, emotion))
}

/// The emotions that peak highest, highest first; or all of them.
#[must_use]
pub fn by_peak(shown: &Shown, count: usize) -> Vec<usize> {
    let peak = |emotion: usize| {
        let read = (0..shown.pieces.len()).filter(|i| shown.pieces[*i].read);
        read.map(|i| shown.value(i, emotion))
            .fold(f32::NEG_INFINITY, f32::max)
    };
    let mut order: Vec<(usize, f32)> = (0..shown.reading.emotions as usize)
        .map(|e| (e, peak(e)))
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.into_iter().take(count).map(|(e, _)| e).collect()
}

/// Emotions by columns.
#[must_use]
pub fn emotions(
    shown: &Shown,
    wanted: &[usize],
    names: impl Fn(usize) -> String,
    scale: Scale,
    sentences: bool,
) -> Heat {
    let columns = columns(shown, sentences);
    let shared = full(scale, &[shown], 0);
    let row = |&emotion: &usize| HeatRow {
        name: names(emotion),
        key: emotion,
        values: columns
            .iter()
            .map(|c| mean(shown, c.pieces.clone(), |i| shown.value(i, emotion)))
            .collect(),
        full: match scale {
            Scale::Own => full(scale, &[shown], emotion),
            Scale::Fixed | Scale::Shared => shared,
        },
    };
    Heat {
        rows: wanted.iter().map(row).collect(),
        columns,
    }
}

/// Layers by columns, the last layer on top. `values`: row-major `[layer, token]` of one emotion.
#[must_use]
pub fn layers(shown: &Shown, values: &[f32], scale: Scale, sentences: bool) -> Heat {
    let columns = columns(shown, sentences);
    let tokens = shown.reading.tokens.len().max(1);
    let skipped = shown.reading.skipped as usize;
    let rows: Vec<HeatRow> = values
        .chunks_exact(tokens)
        .enumerate()
        .rev()
        .map(|(layer, row)| {
            let piece = |i: usize| {
                let range = shown.pieces[i].tokens.clone();
                let read: Vec<f32> = row[range.start.max(skipped)..range.end.max(skipped)].to_vec();
                read.iter().sum::<f32>() / read.len().max(1) as f32
            };
            HeatRow {
                name: fill("layer.n", &[("layer", &layer)]),
                key: layer,
                values: columns
                    .iter()
                    .map(|c| mean(shown, c.pieces.clone(), piece))
                    .collect(),
                full: 1.0,
            }
        })
        .collect();
    let mut heat = Heat { rows, columns };
    heat.rescale(scale);
    heat
}

impl Heat {
    /// Scales rows by what they hold.
    fn rescale(&mut self, scale: Scale) {
        let high = |values: &mut dyn Iterator<Item = f32>| {
            let most = values.fold(0.0_f32, |m, v| m.max(v.abs()));
            most.max(0.05)
        };
        match scale {
            Scale::Fixed => {}
            Scale::Shared => {
                let all = high(
                    &mut self
                        .rows
                        .iter()
                        .flat_map(|r| r.values.iter().flatten().copied()),
                );
                self.rows.iter_mut().for_each(|r| r.full = all);
            }
            Scale::Own => {
                for row in &mut self.rows {
                    row.full = high(&mut row.values.iter().flatten().copied());
                }
            }
        }
    }

    /// As comma-separated values: a line per column, a field per row.
    #[must_use]
    pub fn csv(&self) -> String {
        let field = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut out = String::from("position,sentence,text");
        for row in &self.rows {
            out.push(',');
            out.push_str(&field(&row.name));
        }
        for (at, column) in self.columns.iter().enumerate() {
            out.push_str(&format!(
                "\n{at},{},{}",
                column.sentence + 1,
                field(&column.name)
            ));
            for row in &self.rows {
                out.push(',');
                if let Some(Some(value)) = row.values.get(at) {
                    out.push_str(&format!("{value:.4}"));
                }
            }
        }
        out.push('\n');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_protocol::Reading;
    use atlas_units::Layer;

    fn shown() -> Shown {
        Shown::stored(Reading {
            tokens: ["She", " \"ran", "\".", " Then", " fell"]
                .map(str::to_owned)
                .to_vec(),
            skipped: 1,
            layer: Layer::new(1),
            emotions: 2,
            values: vec![0.0, 0.0, 0.5, 0.1, 0.1, 0.3, 0.3, 0.9, -0.4, 0.0],
            path: vec![[0.0; 2]; 5],
            turns: vec![],
        })
    }

    #[test]
    fn rows_are_sorted_by_peak() {
        assert_eq!(by_peak(&shown(), 9), [1, 0]);
        assert_eq!(by_peak(&shown(), 1), [1]);
    }

    #[test]
    fn what_was_not_read_is_no_zero() {
        let heat = emotions(&shown(), &[0], |_| "calm".into(), Scale::Fixed, false);
        assert_eq!(heat.rows[0].values[0], None);
        assert_eq!(heat.rows[0].values[1], Some(0.5));
        let csv = heat.csv();
        assert!(
            csv.starts_with("position,sentence,text,\"calm\"\n0,1,\"She\",\n"),
            "{csv}"
        );
        assert!(csv.contains("1,1,\"\"\"ran\",0.5000\n"), "{csv}");
    }

    #[test]
    fn a_sentence_is_the_mean_of_what_was_read_in_it() {
        let heat = emotions(&shown(), &[0], |_| "calm".into(), Scale::Fixed, true);
        assert_eq!(heat.columns.len(), 2);
        assert!((heat.rows[0].values[0].unwrap_or_default() - 0.3).abs() < 1e-6);
        assert!((heat.rows[0].values[1].unwrap_or_default() + 0.05).abs() < 1e-6);
        assert!((overall(&shown(), 0).unwrap_or_default() - 0.125).abs() < 1e-6);
    }

    #[test]
    fn layers_stand_with_the_last_on_top() {
        let values = [0.0, 0.1, 0.2, 0.3, 0.4, 0.0, 1.1, 1.2, 1.3, 1.4];
        let heat = layers(&shown(), &values, Scale::Fixed, false);
        assert_eq!(heat.rows.iter().map(|r| r.key).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(heat.rows[0].values[4], Some(1.4));
        assert_eq!(heat.rows[1].values[0], None);
        let own = layers(&shown(), &values, Scale::Own, false);
        assert!((own.rows[1].full - 0.4).abs() < 1e-6);
    }
}
