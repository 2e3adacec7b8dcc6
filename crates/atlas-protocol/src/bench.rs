//! Measuring the speed of a loaded model.

use serde::{Deserialize, Serialize};

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchPlan {
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens that are written after it.
    pub decode: u32,
    /// How often all of it is done; what is reported are medians.
    pub rounds: u32,
    /// Threads at most; 0 takes all there are. Of no meaning on a GPU.
    pub threads: u32,
    /// Writes plainly only and leaves the memory's bandwidth out: then the model takes no more memory than it does
    /// when the page writes.
    pub plain_only: bool,
}

impl Default for BenchPlan {
    fn default() -> Self {
        Self {
            prompt: 200,
            decode: 64,
            rounds: 3,
            threads: 0,
            plain_only: false,
        }
    }
}

/// What was measured; 0 where it was not. The four ways of writing take turns token by token, so that nothing that happens on the
/// machine meanwhile favours one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchReport {
    /// Tokens of the prompt: fewer than planned where the model holds fewer.
    pub prompt_tokens: u32,
    /// Tokens written after it, in each way.
    pub decode_tokens: u32,
    /// Prompt tokens per second.
    pub prompt: f32,
    /// Tokens written per second, nothing read and nothing pushed.
    pub plain: f32,
    /// While every emotion is read at the layer that the page shows.
    pub reading: f32,
    /// While emotions are pushed.
    pub steering: f32,
    /// While emotions are read and pushed.
    pub both: f32,
    /// What reading and pushing cost: median over all tokens of their extra time, as a share of a plain token's.
    pub cost: f32,
    /// `true` on a GPU.
    pub gpu: bool,
    /// The instructions that the CPU's arithmetic uses, e.g. `simd128`; on a GPU its name.
    pub unit: String,
    /// Threads; 0 on a GPU.
    pub threads: u32,
    /// Bytes of weights that are read to write one token.
    pub bytes_per_token: u64,
    /// Pieces of work handed to the GPU for one token; 0 on the CPU.
    pub dispatches_per_token: f32,
    /// Bytes per second that these threads read from memory, in a stretch as long as the weights (64 MiB at most),
    /// measured at the same time; 0 where it was not.
    pub bandwidth: f32,
}

impl BenchReport {
    /// Bytes of weights that plain writing reads per second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a figure to show")]
    pub fn weights_per_second(&self) -> f32 {
        self.bytes_per_token as f32 * self.plain
    }

    /// That, as a share of the memory's bandwidth, where that was measured.
    #[must_use]
    pub fn share(&self) -> Option<f32> {
        (self.bandwidth > 0.0).then(|| self.weights_per_second() / self.bandwidth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_what_was_measured() {
        let mut report = BenchReport {
            prompt_tokens: 200,
            decode_tokens: 64,
            prompt: 100.0,
            plain: 20.0,
            reading: 20.0,
            steering: 20.0,
            both: 19.0,
            cost: 0.05,
            gpu: false,
            unit: "AVX2".into(),
            threads: 2,
            bytes_per_token: 100_000_000,
            dispatches_per_token: 0.0,
            bandwidth: 8e9,
        };
        assert_eq!(report.share(), Some(0.25));
        report.bandwidth = 0.0;
        assert_eq!(report.share(), None);
    }
}
