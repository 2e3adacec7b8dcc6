//! What a sheet shows: emotions, where they lie, how they are coloured, what the axes say.

use std::sync::Arc;

use atlas_affect::card::VectorsCard;
use atlas_units::Layer;

use crate::text::fill;

use super::axes::Axis;
use super::grouping::Grouping;
use super::plane::{Plane, geometry};
use super::view::Xy;

/// How many neighbours are lit.
pub const NEIGHBOURS: usize = 5;

/// One map, before zoom and selection.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The emotions.
    pub card: Arc<VectorsCard>,
    /// The layer they are taken from.
    pub layer: Layer,
    /// The plane they are laid out on.
    pub plane: Plane,
    /// Where they lie, in map units.
    pub places: Vec<Xy>,
    /// Places beside its own that the frame must hold, so that two maps side by side have one scale.
    pub beside: Vec<Xy>,
    /// What the axes say.
    pub axes: [Axis; 2],
    /// By what they are coloured.
    pub grouping: Arc<Grouping>,
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.card, &other.card)
            && self.layer == other.layer
            && self.plane == other.plane
            && self.places == other.places
            && self.beside == other.beside
            && self.axes == other.axes
            && self.grouping == other.grouping
    }
}

impl Scene {
    /// All places that the frame must hold.
    #[must_use]
    pub fn extent(&self) -> Vec<Xy> {
        self.places.iter().chain(&self.beside).copied().collect()
    }

    /// For a screen reader.
    #[must_use]
    pub fn spoken(&self) -> String {
        let [x, y] = &self.axes;
        fill(
            "map.spoken",
            &[
                ("count", &self.card.emotions.len()),
                ("across", &x.spoken),
                ("up", &y.spoken),
            ],
        )
    }
}

/// The nearest emotions at a layer.
#[must_use]
pub fn neighbours(card: &VectorsCard, layer: Layer, of: usize) -> Vec<usize> {
    geometry(card, layer)
        .and_then(|g| g.near.get(of))
        .map(|row| {
            row.iter()
                .map(|n| usize::from(*n))
                .filter(|n| *n < card.emotions.len())
                .take(NEIGHBOURS)
                .collect()
        })
        .unwrap_or_default()
}
