//! The map: 171 emotions on a sheet like an atlas plate.
//!
//! Pure parts decide (`plane`, `grouping`, `view`, `labels`, `regions`, `axes`, `pointer`, `lasso`), `plot` joins them,
//! `draw`, `swarm` and `route` write SVG, `plate` listens; `matrix` is the second face, `tools` are what lies below.

pub mod ask;
mod axes;
mod bar;
mod beside;
pub mod clusters;
mod corner;
mod draw;
mod files;
mod frames;
mod grouping;
mod labels;
mod lasso;
mod legend;
mod matrix;
mod measure;
mod naming;
mod plane;
mod plate;
mod player;
mod plot;
mod pointer;
mod regions;
mod route;
#[cfg(test)]
mod samples;
mod scene;
pub mod state;
mod swarm;
mod tip;
mod tools;
mod view;

use std::sync::Arc;

use leptos::prelude::*;

use crate::stages::Late;
use crate::state::atlas;
use crate::text::{fill, t};

use bar::Bar;
use corner::Corner;
use grouping::Grouping;
use matrix::Matrix;
use plane::Plane;
use plate::{Common, Plate, Route, Taken};
use scene::Scene;
use state::{Face, Fetched, Tool};
use tools::Tools;
use view::View;

pub use clusters::{Glyph, Mark};
pub use state::MapState;

/// Where a text went, in map units; the map scales it down if it does not fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextPath {
    /// Mean position of every sentence.
    pub stops: Vec<[f32; 2]>,
    /// Position of every token.
    pub tokens: Vec<[f32; 2]>,
    /// Whether a token was read, so that its position means something.
    pub read: Vec<bool>,
    /// Sentence of every token, an index into `stops`.
    pub sentence_of: Vec<usize>,
}

/// How the points are coloured now. Tracks.
#[must_use]
pub fn grouping_of(atlas: crate::state::Atlas) -> Grouping {
    let file = atlas.map.file.get().here();
    let found = atlas.map.found.get().zip(file);
    atlas.card.with(|card| {
        found
            .and_then(|(k, file)| Grouping::found(card, &file, usize::from(k)))
            .unwrap_or_else(|| Grouping::paper(card))
    })
}

/// The bar, the sheet (or two, or the matrix), and the tools.
#[component]
pub fn Map(
    /// Emotions in the Steer rack.
    rack: Signal<Vec<usize>>,
    /// The text's path at this layer, on the first two components.
    path: Signal<Option<Arc<TextPath>>>,
    /// Token under the pointer.
    here: Signal<Option<usize>>,
) -> impl IntoView {
    let atlas = atlas();
    let state = atlas.map;
    files::keep(atlas);
    beside::keep(atlas);
    let only = RwSignal::new(None::<usize>);
    let lasso = RwSignal::new(false);
    let show_path = RwSignal::new(true);
    let played = RwSignal::new(None::<usize>);
    let grouping: Signal<Arc<Grouping>> = Memo::new(move |_| Arc::new(grouping_of(atlas))).into();

    // What cannot be drawn yet leaves the map as it was.
    let scene = Memo::new(move |before: Option<&Arc<Scene>>| {
        let (card, layer) = (atlas.card.get(), atlas.layer.get());
        let file = state.file.get().here();
        let wanted = match state.face.get() {
            Face::Plane(plane) => plane,
            Face::Matrix => before.map(|b| b.plane).unwrap_or_default(),
        };
        let plane = if wanted.needs_file() && file.is_none() {
            let before = before.map(|b| b.plane).unwrap_or_default();
            if before.needs_file() {
                Plane::default()
            } else {
                before
            }
        } else {
            wanted
        };
        let file = file.as_deref();
        Arc::new(Scene {
            layer,
            plane,
            places: plane.places(&card, layer, file).unwrap_or_default(),
            beside: Vec::new(),
            axes: plane.axes(&card, layer, file),
            grouping: grouping.get(),
            card,
        })
    });
    let other = Memo::new(move |_| {
        let other = state.other.get().here()?;
        beside::scene(&scene.get(), &other).map(|(scene, left)| (Arc::new(scene), left))
    });
    // With another map beside it, this one leaves room for that one's points.
    let main = Memo::new(move |_| {
        let scene = scene.get();
        match other.get() {
            Some((other, _)) => Arc::new(Scene {
                beside: other.places.clone(),
                ..(*scene).clone()
            }),
            None => scene,
        }
    });
    let lit = Memo::new(move |_| {
        let emotions = match state.tool.get() {
            Tool::Compare => state.set.get(),
            Tool::Sum => {
                let sum = state.sum.get();
                let file = state.file.get().here();
                file.and_then(|f| tools::nearest(&f.cosines, &sum, 3))
                    .map(|near| near.into_iter().map(|n| n.0).collect())
                    .unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Arc::new(emotions)
    });
    let common = Common {
        view: RwSignal::new(View::default()),
        hover: RwSignal::new(None),
        only,
        selected: atlas.selected,
        rack,
        lit: lit.into(),
        lasso,
        taken: Callback::new(move |taken| match taken {
            Taken::One(emotion) => state.toggle(emotion),
            Taken::These(emotions) => {
                state.set.set(emotions);
                state.tool.set(Tool::Compare);
            }
        }),
    };
    // The path on the plane that is shown, if it is known there.
    let drawn = Memo::new(move |_| {
        let (path, plane) = (path.get()?, scene.get().plane);
        plane.of_path([0.0, 0.0])?;
        let turn = |list: &[[f32; 2]]| list.iter().filter_map(|at| plane.of_path(*at)).collect();
        Some(Arc::new(TextPath {
            stops: turn(&path.stops),
            tokens: turn(&path.tokens),
            ..(*path).clone()
        }))
    });
    let route = Route {
        path: Signal::derive(move || drawn.get().filter(|_| show_path.get())),
        here,
        played: played.into(),
        scale_words: RwSignal::new(t("map.scale.half")),
    };
    let none = Route {
        path: Signal::stored(None),
        here: Signal::stored(None),
        played: Signal::stored(None),
        scale_words: RwSignal::new(""),
    };
    // A memo: what is drawn stays in place as long as it is a map, and can move.
    let matrix = Memo::new(move |_| {
        let file = (state.face.get() == Face::Matrix).then(|| state.file.get().here());
        file.flatten()
    });
    let missing = move || match (state.face.get(), state.file.get()) {
        (face, Fetched::Missing(words))
            if face == Face::Matrix || matches!(face, Face::Plane(p) if p.needs_file()) =>
        {
            Some(view! { <p class="problem" id="mapproblem" role="alert">{words}</p> })
        }
        _ => None,
    };
    let two = Memo::new(move |_| other.with(Option::is_some));
    let beside_name = move || {
        let name = state.other.get().here().map(|o| o.name.clone());
        let layer = other.get().map(|o| o.0.layer);
        name.zip(layer)
            .map(|(name, layer)| fill("map.beside.name", &[("name", &name), ("layer", &layer)]))
    };
    let left = Signal::derive(move || other.get().map(|o| o.1));
    // Made before the sheet, which takes the room that they leave.
    let tools = view! {
        <Late>
            <Tools grouping only lasso left />
        </Late>
    };
    view! {
        <section class="map" aria-label=t("panel.map")>
            <Bar />
            <div class="plates" class:two=move || two.get() && matrix.with(Option::is_none)>
                {missing}
                {move || match matrix.get() {
                    Some(file) => view! { <Matrix file grouping /> }.into_any(),
                    None => view! {
                        <Plate id="map-sheet" scene=main.into() common route>
                            <Corner view=common.view path=drawn.into() show_path played words=route.scale_words />
                        </Plate>
                        {move || {
                            two.get()
                                .then(|| {
                                    let scene = Signal::derive(move || other.get().map_or_else(|| scene.get(), |o| o.0));
                                    view! {
                                        <Plate id="map-sheet-2" scene common route=none>
                                            <p class="besidename">{beside_name}</p>
                                        </Plate>
                                    }
                                })
                        }}
                    }
                    .into_any(),
                }}
            </div>
            {tools}
        </section>
    }
}
