//! What the visitor asked the map to show, as signals; a part of the page's state.

use std::sync::Arc;

use atlas_affect::card::VectorsCard;
use atlas_affect::map::MapFile;
use atlas_affect::report::Lens;
use leptos::prelude::*;

use crate::link::MapLink;

use super::beside::Other;
pub use super::plane::Plane;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Points on a plane.
    Plane(Plane),
    /// Cosines of all pairs.
    Matrix,
}

impl Default for Face {
    fn default() -> Self {
        Self::Plane(Plane::default())
    }
}

impl Face {
    /// As written in links.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Plane(plane) => plane.name(),
            Self::Matrix => "matrix".to_owned(),
        }
    }

    /// The face of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == "matrix" {
            return Some(Self::Matrix);
        }
        Plane::named(name).map(Self::Plane)
    }
}

/// Which tool is open under the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Colours, and how many groups.
    #[default]
    Groups,
    /// A few emotions together.
    Compare,
    /// Emotions added and taken away.
    Sum,
    /// What the selected direction says.
    Words,
    /// Another model beside this one.
    Models,
}

/// A file that is fetched when it is needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fetched<T> {
    /// Not asked for.
    #[default]
    No,
    /// On its way.
    Coming,
    /// There.
    Here(T),
    /// Not to be had: why, in words for people.
    Missing(String),
}

impl<T: Clone> Fetched<T> {
    /// What is there.
    pub fn here(&self) -> Option<T> {
        match self {
            Self::Here(it) => Some(it.clone()),
            _ => None,
        }
    }
}

/// An emotion added to a sum (1), or taken away (-1).
pub type Term = (usize, f32);

/// The map's state. Copying it copies handles.
#[derive(Clone, Copy, Default)]
pub struct MapState {
    /// What is drawn.
    pub face: RwSignal<Face>,
    /// How many groups are found; none: the paper's clusters.
    pub found: RwSignal<Option<u8>>,
    /// Emotions that are compared.
    pub set: RwSignal<Vec<usize>>,
    /// The sum.
    pub sum: RwSignal<Vec<Term>>,
    /// Folder of the model whose map is drawn beside.
    pub beside: RwSignal<Option<String>>,
    /// That model's map.
    pub other: RwSignal<Fetched<Arc<Other>>>,
    /// The tool that is open.
    pub tool: RwSignal<Tool>,
    /// `map.json` of the page's model.
    pub file: RwSignal<Fetched<Arc<MapFile>>>,
    /// The words of an emotion, from the running model.
    pub lens: RwSignal<LensOf>,
}

/// The words of one emotion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LensOf {
    /// The emotion.
    pub emotion: usize,
    /// Its words.
    pub words: Fetched<Lens>,
}

impl LensOf {
    /// Whether an emotion's words are there, or on their way.
    #[must_use]
    pub fn is_of(&self, emotion: usize) -> bool {
        self.emotion == emotion && matches!(self.words, Fetched::Here(_) | Fetched::Coming)
    }
}

impl MapState {
    /// Whether something on show is drawn from `map.json`. Tracks.
    #[must_use]
    pub fn wants_file(&self) -> bool {
        match self.face.get() {
            Face::Matrix => true,
            Face::Plane(plane) => {
                plane.needs_file()
                    || self.found.get().is_some()
                    || matches!(self.tool.get(), Tool::Compare | Tool::Sum)
            }
        }
    }

    /// Takes an emotion into the comparison, or out of it.
    pub fn toggle(&self, emotion: usize) {
        self.set
            .update(|set| match set.iter().position(|e| *e == emotion) {
                Some(at) => drop(set.remove(at)),
                None => set.push(emotion),
            });
        self.tool.set(Tool::Compare);
    }

    /// As a link says it. Tracks.
    #[must_use]
    pub fn link(&self, name: impl Fn(usize) -> String) -> MapLink {
        MapLink {
            face: Some(self.face.get()),
            groups: self.found.get(),
            set: self.set.get().into_iter().map(&name).collect(),
            sum: self
                .sum
                .get()
                .into_iter()
                .map(|(e, weight)| (name(e), weight > 0.0))
                .collect(),
            with: self.beside.get(),
        }
    }

    /// Brings the map to what a (checked) link says. One that does not name the view is older than views, and leaves
    /// the map as it is.
    pub fn apply(&self, link: &MapLink, card: &VectorsCard) {
        let Some(face) = link
            .face
            .or_else(|| (*link != MapLink::default()).then(Face::default))
        else {
            return;
        };
        self.face.set(face);
        self.found.set(link.groups);
        let set: Vec<usize> = link.set.iter().filter_map(|n| card.index_of(n)).collect();
        let term = |(name, more): &(String, bool)| {
            Some((card.index_of(name)?, if *more { 1.0 } else { -1.0 }))
        };
        let sum: Vec<Term> = link.sum.iter().filter_map(term).collect();
        self.tool.set(match (sum.is_empty(), set.is_empty()) {
            (false, _) => Tool::Sum,
            (_, false) => Tool::Compare,
            _ if link.with.is_some() => Tool::Models,
            _ => Tool::Groups,
        });
        self.set.set(set);
        self.sum.set(sum);
        self.beside.set(link.with.clone());
    }

    /// Another card: emotions keep their names, where it has them.
    pub fn renumber(&self, old: &VectorsCard, new: &VectorsCard) {
        let moved = |i: usize| new.index_of(&old.emotions.get(i)?.name);
        self.set
            .update(|set| *set = set.iter().filter_map(|e| moved(*e)).collect());
        self.sum.update(|sum| {
            *sum = sum
                .iter()
                .filter_map(|(e, weight)| Some((moved(*e)?, *weight)))
                .collect();
        });
        self.file.set(Fetched::No);
        self.lens.set(LensOf::default());
        self.beside.set(None);
    }
}
