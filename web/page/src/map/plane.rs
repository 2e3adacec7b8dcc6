//! On which plane the emotions are laid out: what its two axes are. Pure.

use atlas_affect::card::{LayerGeometry, VectorsCard};
use atlas_affect::map::MapFile;
use atlas_units::Layer;

use crate::text::{fill, t};

use super::axes::Axis;
use super::view::Xy;

/// Components that a card holds.
pub const COMPONENTS: usize = 3;
/// The middle of the scale that emotions were rated on.
const NEUTRAL: f32 = 5.0;

/// A plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// Two principal components, from 0.
    Components {
        /// From left to right.
        across: usize,
        /// From bottom to top.
        up: usize,
    },
    /// UMAP: near is alike.
    Umap,
    /// Valence and arousal as people rate the words.
    Rated,
}

impl Default for Plane {
    fn default() -> Self {
        Self::Components { across: 0, up: 1 }
    }
}

/// The geometry of a layer, or of the card's own layer where that one is missing.
pub fn geometry(card: &VectorsCard, layer: Layer) -> Option<&LayerGeometry> {
    card.geometry
        .get(layer.index())
        .or_else(|| card.geometry.get(card.layer.index()))
}

impl Plane {
    /// As written in links.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Components { across, up } => format!("pca{}{}", across + 1, up + 1),
            Self::Umap => "umap".to_owned(),
            Self::Rated => "ratings".to_owned(),
        }
    }

    /// The plane of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = (0..COMPONENTS).flat_map(|across| {
            (0..COMPONENTS)
                .filter(move |up| *up != across)
                .map(move |up| Self::Components { across, up })
        });
        all.chain([Self::Umap, Self::Rated])
            .find(|p| p.name() == name)
    }

    /// Whether it is drawn from `map.json`.
    #[must_use]
    pub const fn needs_file(self) -> bool {
        matches!(self, Self::Umap)
    }

    /// Whether distances along its axes are measures, so that ticks say something.
    #[must_use]
    pub const fn measured(self) -> bool {
        !matches!(self, Self::Umap)
    }

    /// Where every emotion lies; none as long as what it needs is not there.
    #[must_use]
    pub fn places(
        self,
        card: &VectorsCard,
        layer: Layer,
        file: Option<&MapFile>,
    ) -> Option<Vec<Xy>> {
        let finite = |at: Xy| at.map(|v| if v.is_finite() { v } else { 0.0 });
        let all: Vec<Xy> = match self {
            Self::Components { across, up } => {
                let coords = geometry(card, layer).map_or(&[][..], |g| &g.coords);
                let of = |i: usize| coords.get(i).map_or([0.0; 2], |c| [c[across], c[up]]);
                (0..card.emotions.len()).map(of).collect()
            }
            Self::Umap => {
                let file = file?;
                file.umap
                    .get(layer.index())
                    .or_else(|| file.umap.get(card.layer.index()))?
                    .clone()
            }
            Self::Rated => card
                .emotions
                .iter()
                .map(|e| [e.valence - NEUTRAL, e.arousal - NEUTRAL])
                .collect(),
        };
        Some(all.into_iter().map(finite).collect())
    }

    /// Where a place on the first two components lies here; none where that cannot be told.
    #[must_use]
    pub fn of_path(self, at: Xy) -> Option<Xy> {
        match self {
            Self::Components { across: 0, up: 1 } => Some(at),
            Self::Components { across: 1, up: 0 } => Some([at[1], at[0]]),
            _ => None,
        }
    }

    /// What the two axes say.
    #[must_use]
    pub fn axes(self, card: &VectorsCard, layer: Layer, file: Option<&MapFile>) -> [Axis; 2] {
        match self {
            Self::Components { across, up } => [across, up].map(|pc| {
                geometry(card, layer)
                    .map(|g| Axis::component(pc + 1, g.r_valence[pc], g.r_arousal[pc], g.share[pc]))
                    .unwrap_or_default()
            }),
            Self::Umap => {
                let own = file.filter(|f| f.layer == layer);
                let kept = own.map_or_else(String::new, |f| {
                    fill(
                        "axis.umap-kept",
                        &[
                            ("umap", &format_args!("{:.0}", f.kept.umap * 100.0)),
                            ("pca", &format_args!("{:.0}", f.kept.pca * 100.0)),
                        ],
                    )
                });
                [Axis::note(t("axis.umap")), Axis::note(&kept)]
            }
            Self::Rated => [
                Axis::between(t("axis.rated-unpleasant"), t("axis.pleasant")),
                Axis::between(t("axis.rated-quiet"), t("axis.excited")),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn every_plane_has_a_name_of_its_own() {
        let names = ["pca12", "pca13", "pca21", "pca23", "pca31", "pca32"];
        for name in names.into_iter().chain(["umap", "ratings"]) {
            assert_eq!(Plane::named(name).map(Plane::name).as_deref(), Some(name));
        }
        for name in ["pca11", "pca14", "pca", "UMAP", ""] {
            assert_eq!(Plane::named(name), None);
        }
    }

    #[test]
    fn each_plane_takes_its_places_from_where_they_are_measured() {
        let card = samples::card();
        let at = |plane: Plane| plane.places(&card, Layer::new(1), None);
        assert_eq!(at(Plane::default()), Some(vec![[1.0, 2.0], [-1.0, 0.5]]));
        let turned = Plane::Components { across: 2, up: 0 };
        assert_eq!(at(turned), Some(vec![[3.0, 1.0], [0.0, -1.0]]));
        let rated = at(Plane::Rated).unwrap();
        assert!((rated[0][0] + 3.0).abs() < 1e-5 && (rated[0][1] - 1.5).abs() < 1e-5);
        assert_eq!(at(Plane::Umap), None, "without its file there is none");
    }

    #[test]
    fn a_path_is_shown_only_where_it_is_known() {
        let at = [1.0, 2.0];
        assert_eq!(Plane::default().of_path(at), Some(at));
        let turned = Plane::Components { across: 1, up: 0 };
        assert_eq!(turned.of_path(at), Some([2.0, 1.0]));
        let third = Plane::Components { across: 0, up: 2 };
        assert_eq!(third.of_path(at), None);
        assert_eq!(Plane::Umap.of_path(at), None);
    }
}
