//! The logit lens of one emotion.

use crate::host::Host;
use crate::session::Session;
use crate::words;
use atlas_probe::logit_lens;
use atlas_protocol::{Event, JobId, Problem};

/// Tokens told of each end.
const TOLD: usize = 12;

impl<H: Host> Session<H> {
    /// Tokens that the emotion's steering direction raises and lowers most.
    pub(crate) async fn lens(&self, job: JobId, emotion: u16) -> Result<Event, Problem> {
        self.pause(job).await?;
        let running = self.running.as_ref().ok_or(Problem::NotReady)?;
        let steering = &running.card.steering.layers;
        let layer = steering.first().copied().unwrap_or(running.card.layer);
        let direction = running.vectors.direction(layer, usize::from(emotion));
        let direction = direction.ok_or_else(|| Problem::Unknown {
            what: format!("vector of emotion number {emotion}"),
        })?;
        let logits = logit_lens(&running.model, &direction).await;
        let logits = logits.map_err(|e| words::run(&e))?;
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
        let told = |ids: &mut dyn Iterator<Item = usize>| {
            ids.take(TOLD)
                .map(|id| {
                    let text = running.tokenizer.decode(&[words::count(id)]);
                    text.map_err(|e| words::text(&e))
                })
                .collect::<Result<Vec<String>, Problem>>()
        };
        Ok(Event::Lens {
            job,
            up: told(&mut order.iter().copied())?,
            down: told(&mut order.iter().rev().copied())?,
        })
    }
}
