//! The GPU's kernels, compiled behind the progress bar: a visitor's first text must not wait for them.
//!
//! A kernel is compiled for a shape when it is first asked for it. So whatever a reading and a generation ask for is
//! asked for once in rehearsal: compiled, not run, which costs the same on a slow GPU as on a quick one. The CPU has
//! nothing to compile and skips this.

use crate::host::Host;
use crate::session::{Running, Session};
use crate::{generate, read, words};
use atlas_lm::{Edits, device, ops};
use atlas_protocol::{JobId, Problem};
use atlas_units::Strength;

/// Lengths that stand for all: products have kernels for 1, 2, 4 and 8 rows, attention for few tokens and for many.
const SHORT: [usize; 4] = [1, 2, 3, 8];
/// So many tokens fill the cache's first room to the brim: the next makes it grow.
const BRIM: usize = 64;

impl<H: Host> Session<H> {
    /// Compiles what the first jobs will need. Cancel is heard between two passes.
    pub(crate) async fn warm_up(&self, job: JobId, running: &Running) -> Result<(), Problem> {
        let context = running.model.config().context;
        let longest = read::LIMIT.min(context);
        for tokens in SHORT.into_iter().chain([longest]) {
            self.pause(job).await?;
            reading(running, tokens.min(context))?;
        }
        let plain = Edits::none();
        let push: [&[_]; 2] = [&[], &[(0, Strength::new(running.card.steering.preset))]];
        let pushed = generate::edits_for(running, &push)?;
        for tokens in [BRIM, generate::longest(context)] {
            for (rows, edits) in [(1, &plain), (2, &pushed)] {
                self.pause(job).await?;
                writing(running, tokens.min(context - 1), rows, edits)?;
            }
        }
        // The compiler may work while nobody waits for it. What is read behind its work waits.
        device::ready(running.model.device())
            .await
            .map_err(|e| words::run(&e))
    }
}

/// A text read at every layer, in rehearsal.
fn reading(running: &Running, tokens: usize) -> Result<(), Problem> {
    let _rehearsal = device::rehearse();
    let (text, edits) = (vec![0; tokens], Edits::none());
    let mut cache = running.model.cache();
    let pass = running.model.begin(&[&text], &mut cache, &edits);
    let mut pass = pass.map_err(|e| words::run(&e))?;
    loop {
        drop(running.reader.project(pass.layer(), pass.residual()));
        if !pass.step() {
            return Ok(());
        }
    }
}

/// A prompt and the token after it, for some texts at once, in rehearsal.
fn writing(running: &Running, tokens: usize, rows: usize, edits: &Edits) -> Result<(), Problem> {
    let _rehearsal = device::rehearse();
    let mut cache = running.model.cache();
    for tokens in [tokens, 1] {
        let text = vec![0; tokens];
        let texts = vec![text.as_slice(); rows];
        let pass = running.model.begin(&texts, &mut cache, edits);
        let mut pass = pass.map_err(|e| words::run(&e))?;
        while pass.step() {}
        drop(ops::largest(pass.next_logits(), generate::TOP));
    }
    Ok(())
}
