//! What a visitor asks of steering, checked and brought into the engine's terms.

use crate::session::Running;
use crate::words;
use atlas_lm::Edits;
use atlas_probe::{Along, Steering};
use atlas_protocol::{Method, Problem, Side, Span, Steer};
use atlas_units::{Layer, Strength};

/// Checked steering.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pushes: Vec<(usize, Strength)>,
    method: Method,
    layers: Vec<Layer>,
    scale: f32,
    span: Span,
    pub control: bool,
}

impl Plan {
    /// Checks emotions and layers against the model; strengths are brought to where something is left of a text.
    pub fn new(running: &Running, steer: &Steer) -> Result<Self, Problem> {
        let steering = &running.card.steering;
        // Beyond the whole residual norm nothing is left of a text; a link may still ask for it.
        let limit = steering.limit.max(1.0);
        let mut pushes = Vec::with_capacity(steer.pushes.len());
        for push in &steer.pushes {
            let emotion = usize::from(push.emotion);
            if emotion >= running.vectors.emotions {
                let what = format!("emotion number {emotion}");
                return Err(Problem::Unknown { what });
            }
            let strength = Strength::new(push.strength.fraction()).fraction();
            pushes.push((emotion, Strength::new(strength.clamp(-limit, limit))));
        }
        let (layers, scale) = match steer.layers.as_slice() {
            [] => (steering.layers.clone(), steering.scale),
            own => {
                for layer in own {
                    running.check(*layer)?;
                }
                let mut own = own.to_vec();
                own.sort_unstable();
                own.dedup();
                #[expect(clippy::cast_precision_loss, reason = "a handful of layers")]
                let share = 1.0 / own.len() as f32;
                (own, share)
            }
        };
        Ok(Self {
            pushes,
            method: steer.method,
            layers,
            scale,
            span: steer.span,
            control: steer.control,
        })
    }

    fn steering(&self) -> Steering<'_> {
        Steering {
            pushes: &self.pushes,
            method: self.method,
            layers: &self.layers,
            scale: self.scale,
        }
    }

    /// Whether nothing is steered.
    pub fn is_idle(&self) -> bool {
        self.steering().is_idle()
    }

    /// The texts that are to be written.
    pub fn sides(&self) -> &'static [Side] {
        match (self.is_idle(), self.control) {
            (false, true) => &[Side::Plain, Side::Steered, Side::Random],
            _ => &[Side::Plain, Side::Steered],
        }
    }

    /// Edits of a batch: while the prompt is run, and from the first new token on.
    pub fn edits(&self, running: &Running, texts: &[Along]) -> Result<[Edits; 2], Problem> {
        let device = running.model.device();
        let edits = self.steering().edits(&running.vectors, texts, device);
        let edits = edits.map_err(|e| words::run(&e))?;
        let only = |wanted: bool| if wanted { edits.clone() } else { Edits::none() };
        Ok([
            only(self.span.covers_prompt()),
            only(self.span.covers_new()),
        ])
    }
}

/// What a side is steered along; the seed of its text draws the random vectors, too.
pub(crate) fn along(side: Side, seed: u32) -> Along {
    match side {
        Side::Plain => Along::Nothing,
        Side::Steered => Along::Emotions,
        Side::Random => Along::Random(seed.into()),
    }
}
