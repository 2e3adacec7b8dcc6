//! The self-test: does this backend compute what was stored?

use atlas_lm::{Edits, Llama, RunError, device};
use atlas_protocol::{Problem, SelfTest};

/// Largest difference that is believed, relative to the root mean square of the stored logits.
pub(crate) const TOLERANCE: f32 = 2e-2;

/// A model.json without a usable test would let a broken backend pass unseen.
pub(crate) fn check(test: &SelfTest, vocabulary: usize) -> Result<(), Problem> {
    let fits = |id: &u32| (*id as usize) < vocabulary;
    let usable = !test.tokens.is_empty()
        && !test.ids.is_empty()
        && test.ids.len() == test.logits.len()
        && test.tokens.iter().all(fits)
        && test.ids.iter().all(fits);
    usable.then_some(()).ok_or_else(|| Problem::Unusable {
        reason: "its model.json holds no self-test that fits it".into(),
    })
}

/// Logits after the last of `tokens`: `[vocabulary]`.
pub(crate) async fn logits(model: &Llama, tokens: &[u32]) -> Result<Vec<f32>, RunError> {
    let (mut cache, edits) = (model.cache(), Edits::none());
    let mut pass = model.begin(&[tokens], &mut cache, &edits)?;
    while pass.step() {}
    device::read(pass.next_logits()).await
}

/// Runs the test: largest difference from the stored logits, relative to their root mean square.
/// Anything that is not a number counts as infinitely far off.
pub(crate) async fn run(model: &Llama, test: &SelfTest) -> Result<f32, RunError> {
    let found = logits(model, &test.tokens).await?;
    Ok(distance(test, &found))
}

fn distance(test: &SelfTest, found: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen logits")]
    let n = test.logits.len() as f32;
    let rms = (test.logits.iter().map(|x| x * x).sum::<f32>() / n).sqrt();
    let mut worst = 0.0f32;
    for (&id, stored) in test.ids.iter().zip(&test.logits) {
        let off = (found[id as usize] - stored).abs();
        if !off.is_finite() {
            return f32::INFINITY;
        }
        worst = worst.max(off);
    }
    worst / rms.max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test() -> SelfTest {
        SelfTest {
            tokens: vec![1],
            ids: vec![0, 2],
            logits: vec![3.0, -3.0],
        }
    }

    #[test]
    fn distance_is_relative() {
        assert_eq!(distance(&test(), &[3.0, 9.0, -3.0]), 0.0);
        assert!((distance(&test(), &[3.0, 9.0, -3.3]) - 0.1).abs() < 1e-6);
        assert_eq!(distance(&test(), &[f32::NAN, 0.0, -3.0]), f32::INFINITY);
    }

    #[test]
    fn a_test_that_tests_nothing_is_refused() {
        assert!(check(&test(), 3).is_ok());
        assert!(check(&test(), 2).is_err(), "an id beyond the vocabulary");
        assert!(
            check(
                &SelfTest {
                    tokens: vec![],
                    ..test()
                },
                3
            )
            .is_err()
        );
        assert!(
            check(
                &SelfTest {
                    logits: vec![1.0],
                    ..test()
                },
                3
            )
            .is_err()
        );
        let empty = SelfTest {
            ids: vec![],
            logits: vec![],
            ..test()
        };
        assert!(check(&empty, 3).is_err());
    }
}
