//! What a link says about the map.

use atlas_affect::card::VectorsCard;
use atlas_affect::map::GROUPS;
use atlas_protocol::Catalogue;

use super::{label, some};
use crate::map::state::Face;

/// Most emotions a link may compare or add up.
const MOST: usize = 171;

/// What the map shows; `None` and empty are "as the page starts".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapLink {
    /// What is drawn.
    pub face: Option<Face>,
    /// How many groups are found; none: the paper's.
    pub groups: Option<u8>,
    /// Emotions that are compared.
    pub set: Vec<String>,
    /// Emotions added (`true`) and taken away.
    pub sum: Vec<(String, bool)>,
    /// Folder of the model whose map is drawn beside.
    pub with: Option<String>,
}

impl MapLink {
    pub(super) fn write(&self, put: &mut impl FnMut(&str, Option<String>)) {
        put("map", self.face.map(Face::name));
        put("groups", self.groups.map(|k| k.to_string()));
        put("set", (!self.set.is_empty()).then(|| self.set.join(",")));
        let term =
            |(name, more): &(String, bool)| format!("{}{name}", if *more { "" } else { "-" });
        let sum: Vec<String> = self.sum.iter().map(term).collect();
        put("sum", (!sum.is_empty()).then(|| sum.join(",")));
        put("with", self.with.clone());
    }

    /// Takes a value; false if there is no such key or it cannot be read.
    pub(super) fn read(&mut self, key: &str, value: &str) -> bool {
        match key {
            "map" => some(&mut self.face, Face::named(value)),
            "groups" => some(
                &mut self.groups,
                value
                    .parse()
                    .ok()
                    .filter(|k| GROUPS.contains(&usize::from(*k))),
            ),
            "set" => {
                self.set = names(value).map(str::to_owned).collect();
                !self.set.is_empty()
            }
            "sum" => {
                self.sum = names(value)
                    .map(|term| match term.strip_prefix('-') {
                        Some(name) => (name.to_owned(), false),
                        None => (term.to_owned(), true),
                    })
                    .collect();
                !self.sum.is_empty()
            }
            "with" => some(
                &mut self.with,
                Some(value.to_owned()).filter(|v| v.len() <= 100),
            ),
            _ => false,
        }
    }

    pub(super) fn check_model(&mut self, catalogue: &Catalogue, dropped: &mut Vec<String>) {
        let known = |id: &str| catalogue.models.iter().any(|m| m.id == id);
        if let Some(other) = self.with.take_if(|id| !known(id)) {
            dropped.push(label("with", &other));
        }
    }

    pub(super) fn check_vectors(&mut self, card: &VectorsCard, dropped: &mut Vec<String>) {
        let mut known = |name: &str| {
            let known = card.index_of(name).is_some();
            if !known {
                dropped.push(label("e", name));
            }
            known
        };
        self.set.retain(|name| known(name));
        self.sum.retain(|(name, _)| known(name));
    }
}

fn names(value: &str) -> impl Iterator<Item = &str> {
    let parts = value.split(',').filter(|p| !p.is_empty());
    parts.filter(|p| p.len() <= 60).take(MOST)
}
