//! Does an emotion's score tell its own stories from others, and does it stay quiet where there is no feeling?
//!
//! Scores are `[text, emotion]`: cosines of held-out stories ([`Made::cosines_among`](crate::method::Made)) or readings.

use serde::{Deserialize, Serialize};

use crate::AffectError;
use crate::stats::ranks;

/// Area under the curve of hits against false alarms (ROC): the chance that a story of the emotion scores
/// higher than one of another; 0.5 = guessing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Auc {
    /// For each emotion; `None` if all or no stories tell it.
    pub each: Vec<Option<f32>>,
    /// Mean over those that have one.
    pub mean: f32,
    /// The least.
    pub min: f32,
}

/// For every emotion: its own stories against all others.
///
/// By ranks, `(R - n (n + 1) / 2) / (n m)` with `R` the sum of the ranks of the `n` own among all `n + m` (Mann and
/// Whitney); ties count one half.
///
/// # Errors
/// [`AffectError::Shape`] unless `scores` is `[story, emotion]`; [`AffectError::Empty`] if no emotion has both own
/// stories and others.
pub fn auc(scores: &[f32], emotion: &[u16], emotions: usize) -> Result<Auc, AffectError> {
    let (expected, found) = (emotion.len() * emotions, scores.len());
    if expected != found {
        return Err(AffectError::Shape {
            what: "scores",
            expected,
            found,
        });
    }
    let one = |e: usize| {
        let column: Vec<f64> = scores
            .iter()
            .skip(e)
            .step_by(emotions)
            .map(|&s| f64::from(s))
            .collect();
        let own = |s: &usize| usize::from(emotion[*s]) == e;
        let n = (0..column.len()).filter(own).count();
        let m = column.len() - n;
        if n == 0 || m == 0 {
            return None;
        }
        let ranks = ranks(&column);
        let sum: f64 = (0..column.len()).filter(own).map(|s| ranks[s]).sum();
        let (n, m) = (n as f64, m as f64);
        Some(((sum - n * (n + 1.0) / 2.0) / (n * m)) as f32)
    };
    let each: Vec<Option<f32>> = (0..emotions).map(one).collect();
    let there: Vec<f32> = each.iter().flatten().copied().collect();
    let min = there.iter().copied().min_by(f32::total_cmp);
    let min = min.ok_or(AffectError::Empty(
        "emotions with stories of their own and others",
    ))?;
    let mean = there.iter().sum::<f32>() / there.len() as f32;
    Ok(Auc { each, mean, min })
}

/// How often texts without feeling score above a threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FalsePositives {
    /// Share of texts above its threshold, for each emotion.
    pub each: Vec<f32>,
    /// Mean over emotions: the chance that one emotion, picked at random, is wrongly seen.
    pub mean: f32,
    /// Share of texts in which at least one emotion is wrongly seen.
    pub any: f32,
}

/// Shares of texts, `[text, emotion]`, that lie above each emotion's threshold, `[emotion]`.
///
/// # Errors
/// [`AffectError::Shape`] unless `scores` is `[text, emotion]`; [`AffectError::Empty`] without texts.
pub fn false_positives(scores: &[f32], thresholds: &[f32]) -> Result<FalsePositives, AffectError> {
    let emotions = thresholds.len();
    if emotions == 0 || scores.is_empty() {
        return Err(AffectError::Empty("scores of texts without feeling"));
    }
    if !scores.len().is_multiple_of(emotions) {
        let expected = scores.len().next_multiple_of(emotions);
        return Err(AffectError::Shape {
            what: "scores",
            expected,
            found: scores.len(),
        });
    }
    let texts = (scores.len() / emotions) as f32;
    let mut each = vec![0.0; emotions];
    let mut any = 0.0;
    for text in scores.chunks_exact(emotions) {
        let mut one = false;
        for ((count, score), threshold) in each.iter_mut().zip(text).zip(thresholds) {
            if score > threshold {
                *count += 1.0;
                one = true;
            }
        }
        any += f32::from(u8::from(one));
    }
    each.iter_mut().for_each(|c| *c /= texts);
    let mean = each.iter().sum::<f32>() / emotions as f32;
    Ok(FalsePositives {
        each,
        mean,
        any: any / texts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_by_hand() {
        // Emotion 0: own 0.9 and 0.4, others 0.5 and 0.1: three of four pairs are right. Emotion 1: a tie and a win.
        // Emotion 2 has no story.
        let scores = [
            0.9, 0.3, 0.0, //
            0.5, 0.3, 0.0, //
            0.4, 0.2, 0.0, //
            0.1, 0.8, 0.0,
        ];
        let found = auc(&scores, &[0, 1, 0, 1], 3).expect("fits");
        // Emotion 1: own 0.3 and 0.8 against 0.3 and 0.2: tie, win, win, win.
        assert_eq!(found.each, [Some(0.75), Some(0.875), None]);
        assert_eq!((found.mean, found.min), (0.8125, 0.75));
    }

    #[test]
    fn a_reversed_score_has_the_rest_of_the_area() {
        let scores: Vec<f32> = (0..40).map(|i| ((i * 29) % 41) as f32).collect();
        let emotion: Vec<u16> = (0..20).map(|i| i % 3 % 2).collect();
        let turned: Vec<f32> = scores.iter().map(|s| -s).collect();
        let (a, b) = (
            auc(&scores, &emotion, 2).expect("fits"),
            auc(&turned, &emotion, 2).expect("fits"),
        );
        for (a, b) in a.each.iter().zip(&b.each) {
            assert!((a.expect("both") + b.expect("both") - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn scores_that_do_not_fit_are_refused() {
        assert!(matches!(
            auc(&[0.0; 5], &[0, 1], 2),
            Err(AffectError::Shape { .. })
        ));
        assert!(matches!(
            auc(&[0.0; 2], &[0, 0], 1),
            Err(AffectError::Empty(_))
        ));
        assert!(matches!(
            false_positives(&[0.0; 5], &[0.0; 2]),
            Err(AffectError::Shape { .. })
        ));
        assert!(matches!(
            false_positives(&[], &[0.0; 2]),
            Err(AffectError::Empty(_))
        ));
    }

    #[test]
    fn false_alarms_are_counted_per_emotion_and_per_text() {
        let scores = [0.1, 0.9, 0.6, 0.9, 0.2, 0.2, 0.5, 0.1];
        let found = false_positives(&scores, &[0.5, 0.8]).expect("fits");
        // 0.5 is not above 0.5.
        assert_eq!(
            found,
            FalsePositives {
                each: vec![0.25, 0.5],
                mean: 0.375,
                any: 0.5
            }
        );
    }
}
