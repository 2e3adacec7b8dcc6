//! Random vectors from the emotions' own span: what pushing does that is not the emotion's doing.

use crate::random_weights;

/// Weights of random sums of vectors. The same weights can be used at several layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    weights: Vec<f32>,
    emotions: usize,
}

impl Span {
    /// `count` sums over `emotions` vectors.
    #[must_use]
    pub fn random(count: usize, emotions: usize, seed: u64) -> Self {
        Self {
            weights: random_weights(emotions, count, seed).concat(),
            emotions,
        }
    }

    /// The sums, each made one long: `rows` are the emotions' vectors `[emotion, width]`.
    #[must_use]
    pub fn of(&self, rows: &[f32]) -> Vec<Vec<f32>> {
        let width = rows.len() / self.emotions.max(1);
        let sums = self.weights.chunks(self.emotions.max(1)).map(|weights| {
            let mut sum = vec![0.0; width];
            for (weight, row) in weights.iter().zip(rows.chunks(width.max(1))) {
                sum.iter_mut().zip(row).for_each(|(s, r)| *s += weight * r);
            }
            let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
            let length = length.max(f32::MIN_POSITIVE);
            sum.iter_mut().for_each(|x| *x /= length);
            sum
        });
        sums.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_vectors_have_length_one_and_stay_in_the_span() {
        // Two vectors in the plane of the first two of three axes.
        let rows = [1.0, 0.0, 0.0, 1.0, 2.0, 0.0];
        let span = Span::random(20, 2, 1).of(&rows);
        assert_eq!(span.len(), 20);
        for v in &span {
            assert_eq!(v[2], 0.0);
            assert!((v.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
        }
        assert!(span.iter().any(|v| v[0] > 0.0) && span.iter().any(|v| v[0] < 0.0));
        assert_ne!(Span::random(20, 2, 2).of(&rows), span);
    }
}
