//! Drawing the next token.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

/// How tokens are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingConfig {
    /// Seed of the random numbers.
    pub seed: u64,
    /// 0 takes the most likely token.
    pub temperature: f32,
    /// Keep this many most likely tokens; 0 keeps all.
    pub top_k: usize,
    /// Keep the most likely tokens that hold this much probability.
    pub top_p: f32,
    /// Divides positive and multiplies negative logits of tokens already there.
    pub repetition_penalty: f32,
}

/// Draws tokens; the same seed and logits give the same tokens on every machine.
#[derive(Clone, Debug)]
pub struct Sampler {
    config: SamplingConfig,
    random: Pcg32,
}

impl Sampler {
    /// A sampler from its seed.
    #[must_use]
    pub fn new(config: SamplingConfig) -> Self {
        let random = Pcg32::seed_from_u64(config.seed);
        Self { config, random }
    }

    /// Draws from `logits` `[vocabulary]`, given the tokens so far.
    pub fn draw(&mut self, logits: &mut [f32], so_far: &[u32]) -> u32 {
        penalise(logits, so_far, self.config.repetition_penalty);
        // One number per draw, used or not, keeps seeds comparable across settings.
        let dice: f64 = self.random.random();
        if self.config.temperature <= 0.0 {
            return best(logits);
        }
        let kept = nucleus(logits, &self.config);
        let total: f64 = kept.iter().map(|&(_, p)| p).sum();
        let mut left = dice * total;
        for &(token, p) in &kept {
            left -= p;
            if left < 0.0 {
                return token;
            }
        }
        kept.last()
            .map_or_else(|| best(logits), |&(token, _)| token)
    }
}

fn penalise(logits: &mut [f32], so_far: &[u32], penalty: f32) {
    if penalty == 1.0 || penalty <= 0.0 {
        return;
    }
    let mut seen = so_far.to_vec();
    seen.sort_unstable();
    seen.dedup();
    for token in seen {
        if let Some(logit) = logits.get_mut(token as usize) {
            *logit = if *logit > 0.0 {
                *logit / penalty
            } else {
                *logit * penalty
            };
        }
    }
}

fn best(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (i, &logit) in logits.iter().enumerate() {
        if logit > logits[best] {
            best = i;
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a vocabulary has fewer than 2^32 entries"
    )]
    {
        best as u32
    }
}

/// The tokens that stay, most likely first, with their probabilities among all that top-k keeps.
fn nucleus(logits: &[f32], config: &SamplingConfig) -> Vec<(u32, f64)> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a vocabulary has fewer than 2^32 entries"
    )]
    let mut order: Vec<u32> = (0..logits.len() as u32).collect();
    // Ties go to the smaller id, so that order never depends on the sort.
    let rank = |a: &u32, b: &u32| {
        logits[*b as usize]
            .total_cmp(&logits[*a as usize])
            .then(a.cmp(b))
    };
    let keep = match config.top_k {
        0 => order.len(),
        k => k.min(order.len()),
    };
    if keep < order.len() {
        order.select_nth_unstable_by(keep, rank);
        order.truncate(keep);
    }
    order.sort_unstable_by(rank);
    let top = order.first().map_or(0.0, |&t| logits[t as usize]);
    let weight = |t: u32| f64::from((logits[t as usize] - top) / config.temperature).exp();
    let mut kept: Vec<(u32, f64)> = order.iter().map(|&t| (t, weight(t))).collect();
    let total: f64 = kept.iter().map(|&(_, w)| w).sum();
    let mut held = 0.0;
    let mut last = kept.len();
    for (i, (_, w)) in kept.iter_mut().enumerate() {
        *w /= total;
        held += *w;
        if held >= f64::from(config.top_p) {
            last = i + 1;
            break;
        }
    }
    kept.truncate(last);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: SamplingConfig = SamplingConfig {
        seed: 1,
        temperature: 1.0,
        top_k: 0,
        top_p: 1.0,
        repetition_penalty: 1.0,
    };

    fn shares(config: SamplingConfig, logits: &[f32]) -> Vec<f64> {
        let mut sampler = Sampler::new(config);
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..20_000 {
            counts[sampler.draw(&mut logits.to_vec(), &[]) as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn shares_follow_the_softmax() {
        let logits = [1.0f32, 2.0, 0.0];
        let total: f64 = logits.iter().map(|&l| f64::from(l).exp()).sum();
        for (share, logit) in shares(PLAIN, &logits).iter().zip(logits) {
            assert!((share - f64::from(logit).exp() / total).abs() < 0.015);
        }
    }

    #[test]
    fn top_k_and_top_p_cut_the_tail() {
        let logits = [3.0f32, 2.0, 1.0, 0.0];
        let k = shares(SamplingConfig { top_k: 2, ..PLAIN }, &logits);
        assert!(k[1] > 0.0 && k[2] == 0.0 && k[3] == 0.0);
        let p = shares(
            SamplingConfig {
                top_p: 0.6,
                ..PLAIN
            },
            &logits,
        );
        assert!(
            p[1..].iter().all(|&p| p == 0.0),
            "the first token alone holds 64 %"
        );
    }

    #[test]
    fn cold_and_penalised() {
        let mut sampler = Sampler::new(SamplingConfig {
            temperature: 0.0,
            repetition_penalty: 2.0,
            ..PLAIN
        });
        assert_eq!(sampler.draw(&mut [1.0, 1.5], &[]), 1);
        assert_eq!(sampler.draw(&mut [1.0, 1.5], &[1, 1]), 0);
        assert_eq!(sampler.draw(&mut [-1.0, -0.6], &[1]), 0);
    }

    #[test]
    fn same_seed_same_tokens() {
        let draw = |seed| {
            let mut s = Sampler::new(SamplingConfig { seed, ..PLAIN });
            (0..32)
                .map(|_| s.draw(&mut [0.0; 50], &[]))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
