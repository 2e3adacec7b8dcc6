//! What neutral passages vary in, to be taken away.

use crate::matrix::{add_scaled, dot, gram, normalise};
use crate::method::{Material, MethodOptions};
use crate::{AffectError, eigen};

/// Orthonormal components, `[component, width]`.
pub(crate) struct Components {
    pub(super) rows: Vec<f64>,
    pub(super) share: f32,
    pub(super) width: usize,
}

impl Components {
    /// The strongest components of neutral passages that hold the share asked for.
    pub(crate) fn of_neutral(
        material: &Material,
        options: &MethodOptions,
    ) -> Result<Self, AffectError> {
        let width = material.neutral.width;
        let mut found = Self {
            rows: Vec::new(),
            share: 0.0,
            width,
        };
        if options.neutral <= 0.0 {
            return Ok(found);
        }
        let passages = material.neutral.at(options.layer)?;
        let mut rows: Vec<f64> = passages.iter().map(|&v| f64::from(v)).collect();
        let n = material.neutral.len();
        if n < 2 {
            return Err(AffectError::Empty("neutral passages"));
        }
        let mut mean = vec![0.0; width];
        rows.chunks_exact(width)
            .for_each(|r| add_scaled(&mut mean, 1.0 / n as f64, r));
        rows.chunks_exact_mut(width)
            .for_each(|r| add_scaled(r, -1.0, &mean));
        let eigen = eigen::symmetric(gram(&rows, width), n);
        let (count, share) = holding(&eigen.values, f64::from(options.neutral));
        found.share = share;
        for weights in eigen.vectors.chunks_exact(n).take(count) {
            let mut axis = vec![0.0; width];
            for (w, row) in weights.iter().zip(rows.chunks_exact(width)) {
                add_scaled(&mut axis, *w, row);
            }
            normalise(&mut axis);
            found.rows.extend(axis);
        }
        Ok(found)
    }

    pub(super) fn project_out(&self, row: &mut [f64]) {
        for component in self.rows.chunks_exact(self.width.max(1)) {
            add_scaled(row, -dot(row, component), component);
        }
    }
}

/// The fewest first values that hold at least `share` of the sum, and the share they do hold.
pub(super) fn holding(values: &[f64], share: f64) -> (usize, f32) {
    let total: f64 = values.iter().map(|v| v.max(0.0)).sum();
    let (mut count, mut held) = (0, 0.0);
    // A hair below, so that a share written as f32 is reached by components that hold exactly it.
    while count < values.len() && total > 0.0 && held < (share - 1e-7) * total {
        held += values[count].max(0.0);
        count += 1;
    }
    (
        count,
        if total > 0.0 {
            (held / total) as f32
        } else {
            0.0
        },
    )
}
