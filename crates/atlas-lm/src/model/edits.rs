//! What is changed in the residual stream between two blocks.

use super::linear::Linear;
use crate::error::RunError;
use atlas_units::Layer;
use burn::tensor::{Device, Tensor, TensorData};

/// Components of a pass are computed for so many directions at once at least: whole blocks, on every device.
const BLOCK: usize = 32;

/// What is done to the residual stream, layer by layer, at every position of a pass and in the order in which it was
/// asked for. However many directions are combined, a layer pays one addition, and two products more where components
/// are held.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    layers: Vec<(Layer, Edit)>,
}

#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful exist, and none is moved while a model runs"
)]
enum Edit {
    /// One vector per text: `[texts or 1, 1, width]`.
    Add(Tensor<3>),
    Hold(Holding),
}

/// A component that is brought to a level: `stream += write x (target - read . stream)`.
///
/// With `read . write = 1` the component along `read` is then `target`. Of several, all components are taken before
/// any is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// What the component is measured with, `[width]`.
    pub read: Vec<f32>,
    /// What it is changed along, `[width]`.
    pub write: Vec<f32>,
    /// Its level afterwards.
    pub target: f32,
}

/// All that is held at one layer.
#[derive(Clone, Debug)]
struct Holding {
    /// `[held, width]`.
    read: Linear,
    /// `[width, held]`.
    write: Linear,
    /// `[texts or 1, 1, held]`.
    target: Tensor<3>,
    /// The same shape: 1 where a text holds it, else 0.
    gate: Tensor<3>,
}

impl Edits {
    /// Changes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds `rows` (one vector `[width]` per text of the batch, or one for all) at a layer.
    ///
    /// # Errors
    /// When the rows differ in width.
    pub fn add(
        &mut self,
        layer: Layer,
        rows: &[Vec<f32>],
        device: &Device,
    ) -> Result<(), RunError> {
        let width = rows.first().map_or(0, Vec::len);
        if width == 0 || rows.iter().any(|row| row.len() != width) {
            let layer = layer.index();
            return Err(RunError::Edit { layer, width });
        }
        let data = TensorData::new(rows.concat(), [rows.len(), 1, width]);
        let edit = Edit::Add(Tensor::from_data(data, device));
        self.layers.push((layer, edit));
        Ok(())
    }

    /// Holds components at a layer: what each text of the batch holds, or one list for all. A text without any is
    /// left as it is, to the bit.
    ///
    /// # Errors
    /// When the vectors differ in width.
    pub fn hold(
        &mut self,
        layer: Layer,
        texts: &[Vec<Hold>],
        device: &Device,
    ) -> Result<(), RunError> {
        let all = || texts.iter().flatten();
        let Some(width) = all().next().map(|hold| hold.read.len()) else {
            return Ok(());
        };
        if width == 0 || all().any(|h| h.read.len() != width || h.write.len() != width) {
            let layer = layer.index();
            return Err(RunError::Edit { layer, width });
        }
        // Texts of one batch mostly hold the same.
        let mut distinct: Vec<&Hold> = vec![];
        let mut places = vec![];
        for hold in all() {
            let same = |d: &&Hold| d.read == hold.read && d.write == hold.write;
            let at = distinct.iter().position(same).unwrap_or(distinct.len());
            if at == distinct.len() {
                distinct.push(hold);
            }
            places.push(at);
        }
        let held = distinct.len().next_multiple_of(BLOCK);
        let mut read = vec![0.0; held * width];
        let mut write = vec![0.0; width * held];
        for (at, hold) in distinct.iter().enumerate() {
            read[at * width..(at + 1) * width].copy_from_slice(&hold.read);
            for (row, x) in hold.write.iter().enumerate() {
                write[row * held + at] = *x;
            }
        }
        let mut target = vec![0.0; texts.len() * held];
        let mut gate = vec![0.0; texts.len() * held];
        let mut places = places.into_iter();
        for (text, holds) in texts.iter().enumerate() {
            for (hold, at) in holds.iter().zip(places.by_ref()) {
                target[text * held + at] = hold.target;
                gate[text * held + at] = 1.0;
            }
        }
        let rows = |numbers| {
            Tensor::<3>::from_data(TensorData::new(numbers, [texts.len(), 1, held]), device)
        };
        let edit = Edit::Hold(Holding {
            read: Linear::from_rows(&read, [held, width], device),
            write: Linear::from_rows(&write, [width, held], device),
            target: rows(target),
            gate: rows(gate),
        });
        self.layers.push((layer, edit));
        Ok(())
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// What is added at a layer, row-major `[text or 1, width]`; empty where nothing is.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn rows(&self, at: Layer) -> Result<Vec<f32>, RunError> {
        let added = self.layers.iter().find_map(|(layer, edit)| match edit {
            Edit::Add(rows) if *layer == at => Some(rows.clone()),
            _ => None,
        });
        match added {
            Some(rows) => crate::device::read(rows).await,
            None => Ok(Vec::new()),
        }
    }

    /// `residual`: `[batch * tokens, width]`.
    pub(super) fn apply(&self, at: Layer, sizes: [usize; 2], residual: Tensor<2>) -> Tensor<2> {
        let here = self.layers.iter().filter(|(layer, _)| *layer == at);
        here.fold(residual, |residual, (_, edit)| edit.apply(sizes, residual))
    }

    pub(super) fn check(&self, layers: usize, width: usize, batch: usize) -> Result<(), RunError> {
        for (layer, edit) in &self.layers {
            let (texts, edit_width) = edit.sizes();
            if layer.index() >= layers || edit_width != width || (texts != 1 && texts != batch) {
                return Err(RunError::Edit {
                    layer: layer.index(),
                    width: edit_width,
                });
            }
        }
        Ok(())
    }
}

impl Edit {
    /// Texts it is for, and its width.
    fn sizes(&self) -> (usize, usize) {
        match self {
            Self::Add(rows) => {
                let [texts, _, width] = rows.dims();
                (texts, width)
            }
            Self::Hold(holding) => (holding.gate.dims()[0], holding.read.shape()[1]),
        }
    }

    fn apply(&self, [batch, tokens]: [usize; 2], residual: Tensor<2>) -> Tensor<2> {
        let [rows, width] = residual.dims();
        match self {
            Self::Add(edit) => {
                let wide = residual.reshape([batch, tokens, width]) + edit.clone();
                wide.reshape([rows, width])
            }
            Self::Hold(holding) => {
                let found = holding.read.forward(residual.clone());
                let held = found.dims()[1];
                let found = found.reshape([batch, tokens, held]);
                let change = (holding.target.clone() - found) * holding.gate.clone();
                let change = change.reshape([rows, held]);
                holding.write.add_to(residual, change)
            }
        }
    }
}
