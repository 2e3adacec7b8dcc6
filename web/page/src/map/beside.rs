//! Another model's map, laid over this one as well as turning, mirroring and scaling can.

use std::sync::Arc;

use atlas_affect::card::VectorsCard;
use atlas_affect::map::MapFile;
use atlas_affect::procrustes;
use atlas_units::Layer;
use leptos::prelude::*;

use crate::library;
use crate::state::Atlas;
use crate::text::{fill, t};

use super::axes::Axis;
use super::scene::Scene;
use super::state::Fetched;

/// The other model.
#[derive(Clone, Debug)]
pub struct Other {
    /// Folder.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Its vectors.
    pub card: Arc<VectorsCard>,
    /// Its map file, if it has one.
    pub file: Option<Arc<MapFile>>,
    /// For every emotion of the page's model, that of this one.
    pub same: Vec<usize>,
}

impl PartialEq for Other {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.card, &other.card) && self.same == other.same
    }
}

/// For every emotion of one card, the same of another; the first that is missing if one is.
fn same(card: &VectorsCard, other: &VectorsCard) -> Result<Vec<usize>, String> {
    card.emotions
        .iter()
        .map(|e| other.index_of(&e.name).ok_or_else(|| e.name.clone()))
        .collect()
}

/// The layer of the other model at the same share of its depth; its own map's layer beside this one's.
#[must_use]
pub fn layer_beside(card: &VectorsCard, layer: Layer, other: &VectorsCard) -> Layer {
    if layer == card.layer {
        return other.layer;
    }
    let last = |c: &VectorsCard| c.geometry.len().saturating_sub(1);
    let at = layer.index() * last(other) + last(card) / 2;
    u16::try_from(at / last(card).max(1)).map_or(other.layer, Layer::new)
}

/// The other model's scene, in the order of this one's emotions; and the share of its spread that does not match.
#[must_use]
pub fn scene(main: &Scene, other: &Other) -> Option<(Scene, f64)> {
    let layer = layer_beside(&main.card, main.layer, &other.card);
    let file = other.file.as_deref();
    let own = main.plane.places(&other.card, layer, file)?;
    let places: Option<Vec<_>> = other.same.iter().map(|e| own.get(*e).copied()).collect();
    let places = places?;
    let fit = procrustes::fit(&places, &main.places)?.in_full_size();
    let near = |e: usize| {
        let row = other.card.geometry.get(layer.index())?.near.get(e)?;
        let back = |n: &u16| other.same.iter().position(|s| *s == usize::from(*n));
        Some(
            row.iter()
                .filter_map(back)
                .filter_map(|n| u16::try_from(n).ok())
                .collect(),
        )
    };
    // The card in this model's order: selection and neighbours then need no translation.
    let mut card = (*other.card).clone();
    card.emotions.clone_from(&main.card.emotions);
    if let Some(geometry) = card.geometry.get_mut(layer.index()) {
        geometry.near = other
            .same
            .iter()
            .map(|e| near(*e).unwrap_or_default())
            .collect();
    }
    let scene = Scene {
        card: Arc::new(card),
        layer,
        plane: main.plane,
        places: places.iter().map(|at| fit.apply(*at)).collect(),
        beside: main.places.clone(),
        axes: [Axis::note(t("axis.beside")), Axis::default()],
        grouping: Arc::clone(&main.grouping),
    };
    Some((scene, fit.left))
}

/// Fetches the other model whenever one is chosen.
pub fn keep(atlas: Atlas) {
    let state = atlas.map;
    Effect::new(move |_| {
        let (Some(id), card) = (state.beside.get(), atlas.card.get()) else {
            return state.other.set(Fetched::No);
        };
        state.other.set(Fetched::Coming);
        leptos::task::spawn_local(async move {
            let got = fetch(atlas, &id, &card).await;
            if state.beside.try_get_untracked().flatten().as_ref() == Some(&id) {
                state.other.set(match got {
                    Ok(other) => Fetched::Here(Arc::new(other)),
                    Err(words) => Fetched::Missing(words),
                });
            }
        });
    });
}

async fn fetch(atlas: Atlas, id: &str, card: &VectorsCard) -> Result<Other, String> {
    let other = library::card(id).await.map_err(|e| e.to_string())?;
    let name = atlas.catalogue.with_untracked(|c| {
        let entry = c.models.iter().find(|m| m.id == id);
        entry.map_or_else(|| id.to_owned(), |m| m.name.clone())
    });
    let same = same(card, &other).map_err(|missing| {
        fill(
            "map.beside.lacks",
            &[("name", &name), ("missing", &missing)],
        )
    })?;
    let file = library::map(id, &other).await.ok().map(Arc::new);
    Ok(Other {
        id: id.to_owned(),
        name,
        card: Arc::new(other),
        file,
        same,
    })
}

#[cfg(test)]
mod tests {
    use super::super::grouping::Grouping;
    use super::super::plane::Plane;
    use super::super::samples;
    use super::*;

    fn main_scene() -> Scene {
        let (card, file) = (samples::fan_card(), samples::fan_file());
        let plane = Plane::default();
        Scene {
            layer: card.layer,
            plane,
            places: vec![[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 3.0]],
            beside: vec![],
            axes: plane.axes(&card, card.layer, Some(&file)),
            grouping: Arc::new(Grouping::paper(&card)),
            card: Arc::new(card),
        }
    }

    #[test]
    fn a_turned_and_reordered_map_comes_to_lie_on_this_one() {
        let main = main_scene();
        let mut card = (*main.card).clone();
        card.emotions.reverse();
        for (at, coords) in card.geometry[1].coords.iter_mut().enumerate() {
            let [x, y] = main.places[3 - at];
            *coords = [-2.0 * y, 2.0 * x, 0.0];
        }
        card.geometry[1].near = vec![vec![1], vec![0], vec![3], vec![2]];
        let same = same(&main.card, &card).unwrap();
        assert_eq!(same, [3, 2, 1, 0]);
        let other = Other {
            id: "o".into(),
            name: "O".into(),
            card: Arc::new(card),
            file: None,
            same,
        };
        let (laid, left) = scene(&main, &other).unwrap();
        assert!(left < 1e-6);
        for (a, b) in laid.places.iter().zip(&main.places) {
            assert!((a[0] - b[0]).abs() < 1e-4 && (a[1] - b[1]).abs() < 1e-4);
        }
        assert_eq!(
            laid.card.geometry[1].near[0],
            [1],
            "in this model's numbers"
        );
        let umap = Scene {
            plane: Plane::Umap,
            ..main
        };
        assert!(scene(&umap, &other).is_none(), "no UMAP without its file");
    }

    #[test]
    fn a_missing_emotion_is_named() {
        let card = samples::fan_card();
        let mut other = card.clone();
        other.emotions.remove(2);
        assert_eq!(same(&card, &other), Err("e2".to_owned()));
    }

    #[test]
    fn layers_go_along_in_depth() {
        let card = samples::fan_card();
        let mut deep = card.clone();
        deep.geometry = vec![card.geometry[0].clone(); 9];
        deep.layer = Layer::new(7);
        assert_eq!(layer_beside(&card, Layer::new(1), &deep), Layer::new(7));
        assert_eq!(layer_beside(&card, Layer::new(0), &deep), Layer::new(0));
        assert_eq!(layer_beside(&deep, Layer::new(3), &card), Layer::new(0));
        assert_eq!(layer_beside(&deep, Layer::new(8), &card), Layer::new(1));
    }
}
