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

    /// How many of the largest logits [`Self::draw`] has to know, given the tokens so far; `None`: all of them.
    ///
    /// A penalty only lowers, so the `top_k` tokens that stay are among the `top_k + n` largest, where `n` tokens
    /// are penalised. The rest need not leave the device.
    #[must_use]
    pub fn reach(&self, so_far: &[u32]) -> Option<usize> {
        let SamplingConfig {
            temperature,
            top_k,
            repetition_penalty: penalty,
            ..
        } = self.config;
        let kept = if temperature <= 0.0 { 1 } else { top_k };
        if kept == 0 || (penalty > 0.0 && penalty < 1.0) {
            return None;
        }
        let penalised = if penalises(penalty) {
            distinct(so_far).len()
        } else {
            0
        };
        Some(kept + penalised)
    }

    /// Draws from the largest logits, as pairs of token and logit in any order ([`Self::reach`] says how many are
    /// needed), given the tokens so far. What is no number is never drawn.
    pub fn draw(&mut self, largest: &[(u32, f32)], so_far: &[u32]) -> u32 {
        let mut logits = largest.to_vec();
        for (_, logit) in &mut logits {
            if !logit.is_finite() {
                *logit = f32::MIN;
            }
        }
        penalise(&mut logits, so_far, self.config.repetition_penalty);
        // Ties go to the smaller id, so that order never depends on the sort.
        let rank = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let keep = match (self.config.temperature <= 0.0, self.config.top_k) {
            (true, _) => 1,
            (false, 0) => logits.len(),
            (false, k) => k.min(logits.len()),
        };
        if keep < logits.len() {
            logits.select_nth_unstable_by(keep, rank);
            logits.truncate(keep);
        }
        logits.sort_unstable_by(rank);
        // One number per draw, used or not, keeps seeds comparable across settings.
        let dice: f64 = self.random.random();
        let likeliest = logits.first().map_or(0, |&(token, _)| token);
        if self.config.temperature <= 0.0 {
            return likeliest;
        }
        let kept = nucleus(&logits, &self.config);
        let total: f64 = kept.iter().map(|&(_, p)| p).sum();
        let mut left = dice * total;
        for &(token, p) in &kept {
            left -= p;
            if left < 0.0 {
                return token;
            }
        }
        kept.last().map_or(likeliest, |&(token, _)| token)
    }
}

fn penalises(penalty: f32) -> bool {
    penalty != 1.0 && penalty > 0.0
}

fn distinct(tokens: &[u32]) -> Vec<u32> {
    let mut seen = tokens.to_vec();
    seen.sort_unstable();
    seen.dedup();
    seen
}

fn penalise(logits: &mut [(u32, f32)], so_far: &[u32], penalty: f32) {
    if !penalises(penalty) {
        return;
    }
    let seen = distinct(so_far);
    for (token, logit) in logits {
        if seen.binary_search(token).is_ok() {
            *logit = if *logit > 0.0 {
                *logit / penalty
            } else {
                *logit * penalty
            };
        }
    }
}

/// The tokens that top-p leaves of those given, which come largest first, with their probabilities among these.
fn nucleus(logits: &[(u32, f32)], config: &SamplingConfig) -> Vec<(u32, f64)> {
    let top = logits.first().map_or(0.0, |&(_, logit)| logit);
    // Not the platform's exponential: it differs in the last bit from one to the next.
    let weight = |logit: f32| libm::exp(f64::from((logit - top) / config.temperature));
    let mut kept: Vec<(u32, f64)> = logits.iter().map(|&(t, l)| (t, weight(l))).collect();
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

    fn pairs(logits: &[f32]) -> Vec<(u32, f32)> {
        (0..).zip(logits.iter().copied()).collect()
    }

    fn shares(config: SamplingConfig, logits: &[f32]) -> Vec<f64> {
        let mut sampler = Sampler::new(config);
        let mut counts = vec![0.0; logits.len()];
        for _ in 0..20_000 {
            counts[sampler.draw(&pairs(logits), &[]) as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn the_largest_are_enough() {
        let config = SamplingConfig {
            top_k: 5,
            top_p: 0.9,
            repetition_penalty: 1.3,
            ..PLAIN
        };
        let (mut all, mut few) = (Sampler::new(config), Sampler::new(config));
        let mut so_far = vec![];
        for step in 0..200u32 {
            let logit = |i: u32| ((i * 7919 + step * 104_729) % 1009) as f32 / 100.0 - 3.0;
            let logits: Vec<(u32, f32)> = (0..300).map(|i| (i, logit(i))).collect();
            let mut largest = logits.clone();
            largest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            largest.truncate(few.reach(&so_far).unwrap());
            let token = few.draw(&largest, &so_far);
            assert_eq!(all.draw(&logits, &so_far), token);
            so_far.push(token);
        }
        let raising = SamplingConfig {
            repetition_penalty: 0.5,
            ..config
        };
        assert_eq!(Sampler::new(raising).reach(&[1]), None);
        assert_eq!(Sampler::new(PLAIN).reach(&[1]), None, "no top-k");
    }

    #[test]
    fn no_number_is_never_drawn() {
        let mut sampler = Sampler::new(PLAIN);
        let logits = [(0, f32::NAN), (1, 0.0), (2, f32::INFINITY)];
        assert!((0..50).all(|_| sampler.draw(&logits, &[]) == 1));
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
        assert_eq!(sampler.draw(&pairs(&[1.0, 1.5]), &[]), 1);
        assert_eq!(sampler.draw(&pairs(&[1.0, 1.5]), &[1, 1]), 0);
        assert_eq!(sampler.draw(&pairs(&[-1.0, -0.6]), &[1]), 0);
    }

    #[test]
    fn same_seed_same_tokens() {
        let draw = |seed| {
            let mut s = Sampler::new(SamplingConfig { seed, ..PLAIN });
            (0..32)
                .map(|_| s.draw(&pairs(&[0.0; 50]), &[]))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
