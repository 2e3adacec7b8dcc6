//! A reading made ready to be drawn.

use std::ops::Range;
use std::sync::Arc;

use atlas_protocol::{Reading, Setting};
use atlas_units::Layer;

use super::pieces::{Piece, pieces, sentences};
use crate::map::TextPath;

/// A reading, cut into pieces and sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The engine's answer.
    pub reading: Reading,
    /// What is drawn, piece by piece.
    pub pieces: Arc<Vec<Piece>>,
    /// The pieces of each sentence.
    pub sentences: Vec<Range<usize>>,
    /// The text that was given.
    pub source: String,
    /// How it was given.
    pub setting: Setting,
    /// Whether it came with the page.
    pub stored: bool,
    /// Whether the text still waits to be read: nothing is coloured.
    pub waiting: bool,
    /// Its way across the map.
    pub path: Arc<TextPath>,
}

impl Shown {
    /// A reading that came with the page.
    #[must_use]
    pub fn stored(reading: Reading) -> Self {
        let source = reading.tokens.concat();
        Self {
            stored: true,
            ..Self::new(reading, source, Setting::Plain)
        }
    }

    /// A text that is not read yet.
    #[must_use]
    pub fn waiting(source: String, setting: Setting, layer: Layer) -> Self {
        let reading = Reading {
            tokens: vec![source.clone()],
            skipped: 1,
            layer,
            emotions: 0,
            values: vec![],
            path: vec![],
        };
        Self {
            waiting: true,
            ..Self::new(reading, source, setting)
        }
    }

    /// A reading of `source`.
    #[must_use]
    pub fn new(reading: Reading, source: String, setting: Setting) -> Self {
        let pieces = pieces(&reading.tokens, &source, reading.skipped as usize);
        let sentences = sentences(&pieces);
        let path = Arc::new(path(&reading, &pieces, &sentences));
        Self {
            reading,
            pieces: Arc::new(pieces),
            sentences,
            source,
            setting,
            stored: false,
            waiting: false,
            path,
        }
    }

    /// One emotion's value at a piece: the mean over the tokens that were read, 0 if none was.
    #[must_use]
    pub fn value(&self, piece: usize, emotion: usize) -> f32 {
        self.pieces.get(piece).map_or(0.0, |p| {
            let read = p.tokens.start.max(self.reading.skipped as usize)..p.tokens.end;
            let count = read.len().max(1) as f32;
            read.map(|t| self.reading.value(t, emotion)).sum::<f32>() / count
        })
    }

    /// The strongest emotions at a piece, highest first.
    #[must_use]
    pub fn top(&self, piece: usize, count: usize) -> Vec<usize> {
        let mut all: Vec<(usize, f32)> = (0..self.reading.emotions as usize)
            .map(|e| (e, self.value(piece, e)))
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.into_iter().take(count).map(|(e, _)| e).collect()
    }
}

/// Where the text goes on the map: every piece, and every sentence's mean over what was read.
fn path(reading: &Reading, pieces: &[Piece], sentences: &[Range<usize>]) -> TextPath {
    let mean = |tokens: &mut dyn Iterator<Item = usize>| {
        let (mut sum, mut n) = ([0.0_f32; 2], 0.0_f32);
        for at in tokens
            .filter(|t| *t >= reading.skipped as usize)
            .filter_map(|t| reading.path.get(t))
        {
            sum = [sum[0] + at[0], sum[1] + at[1]];
            n += 1.0;
        }
        (n > 0.0).then(|| [sum[0] / n, sum[1] / n])
    };
    let mut stop_of = Vec::with_capacity(sentences.len());
    let mut stops = Vec::new();
    for sentence in sentences {
        let stop = mean(
            &mut pieces[sentence.clone()]
                .iter()
                .flat_map(|p| p.tokens.clone()),
        );
        stop_of.push(
            stops
                .len()
                .saturating_sub(usize::from(stop.is_none() && !stops.is_empty())),
        );
        stops.extend(stop);
    }
    TextPath {
        tokens: pieces
            .iter()
            .map(|p| mean(&mut p.tokens.clone()).unwrap_or_default())
            .collect(),
        sentence_of: pieces
            .iter()
            .map(|p| stop_of.get(p.sentence).copied().unwrap_or(0))
            .collect(),
        stops,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading {
            tokens: ["She", " ran", ".", " Then", " fell", "."]
                .map(str::to_owned)
                .to_vec(),
            skipped: 1,
            layer: Layer::new(3),
            emotions: 2,
            values: vec![0.0, 0.0, 0.5, 0.1, 0.1, 0.2, 0.3, 0.9, -0.4, 0.0, 0.0, 0.0],
            path: vec![
                [900.0, 900.0],
                [1.0, 0.0],
                [3.0, 2.0],
                [0.0, 1.0],
                [0.0, 3.0],
                [3.0, 2.0],
            ],
        }
    }

    #[test]
    fn the_unread_first_token_is_in_no_mean() {
        let shown = Shown::stored(reading());
        assert_eq!(shown.path.stops, [[2.0, 1.0], [1.0, 2.0]]);
        assert_eq!(shown.path.tokens[0], [0.0, 0.0]);
        assert_eq!(shown.path.sentence_of, [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn the_strongest_come_first() {
        let shown = Shown::stored(reading());
        assert_eq!(shown.top(3, 5), [1, 0]);
        assert_eq!(shown.top(1, 1), [0]);
        assert!((shown.value(4, 0) + 0.4).abs() < 1e-6);
    }

    #[test]
    fn an_empty_reading_draws_nothing() {
        let empty = Reading {
            tokens: vec![],
            skipped: 1,
            layer: Layer::new(0),
            emotions: 2,
            values: vec![],
            path: vec![],
        };
        let shown = Shown::stored(empty);
        assert!(shown.pieces.is_empty() && shown.path.stops.is_empty());
    }
}
