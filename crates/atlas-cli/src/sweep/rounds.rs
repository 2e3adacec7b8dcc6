//! What is tried in each round.

use crate::means;
use atlas_affect::method::{Centring, Grid, MethodOptions, Mix, Space};
use atlas_units::Layer;

const ALL: [(&str, f32); 3] = [("told", 1.0), ("inner", 1.0), ("original", 1.0)];

/// Every mix.
fn mixes() -> Vec<Mix> {
    vec![
        Mix::of([("told", 1.0)]),
        Mix::of([("told", 1.0), ("inner", 1.0)]),
        Mix::of([("told", 1.0), ("original", 1.0)]),
        Mix::of(ALL),
        Mix::of([("told", 1.0), ("inner", 0.25), ("original", 0.25)]),
    ]
}

/// Layers of the middle half of a model and a bit above, every `step`-th.
fn middle(depth: usize, step: usize) -> Vec<Layer> {
    (depth / 3..=depth * 5 / 6)
        .step_by(step.max(1))
        .filter_map(|layer| Some(Layer::new(u16::try_from(layer).ok()?)))
        .collect()
}

/// Shares of the variance within emotions that are projected out.
const WITHIN: [f32; 8] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];

/// Mixes, spaces and shares within, at every tenth of the depth.
pub fn corpora(depth: usize) -> Vec<MethodOptions> {
    Grid {
        mixes: mixes(),
        within: WITHIN.into(),
        neutral: vec![0.0],
        centrings: vec![Centring::TopicAndWriter],
        layers: middle(depth, depth / 10),
        ..Grid::usual()
    }
    .options()
}

/// A grid that holds only what was taken, but for spaces and shares within.
fn around(taken: &MethodOptions) -> Grid {
    Grid {
        mixes: vec![taken.mix.clone()],
        nuisance_mixes: vec![taken.nuisance_mix.clone()],
        first_tokens: vec![taken.first_token],
        within: WITHIN.into(),
        neutral: vec![taken.neutral],
        centrings: vec![taken.centring],
        layers: vec![taken.layer],
        ..Grid::usual()
    }
}

/// What is taken away from stories, where it comes from, and where means begin, one after the other.
pub fn taken_away(taken: &MethodOptions) -> Vec<MethodOptions> {
    let grids = [
        Grid {
            nuisance_mixes: vec![None, Some(Mix::of(ALL))],
            neutral: vec![0.0, 0.25, 0.5],
            ..around(taken)
        },
        Grid {
            centrings: vec![Centring::None, Centring::Topic, Centring::TopicAndWriter],
            ..around(taken)
        },
        Grid {
            first_tokens: means::USUAL.into(),
            ..around(taken)
        },
    ];
    each_once(grids)
}

/// Every mix at the layer taken, and every layer of the middle.
pub fn layers(taken: &MethodOptions, depth: usize) -> Vec<MethodOptions> {
    each_once([
        Grid {
            layers: middle(depth, 1),
            ..around(taken)
        },
        Grid {
            mixes: mixes(),
            ..around(taken)
        },
    ])
}

/// The options of several grids without those that came before, side by side as each grid puts them.
fn each_once(grids: impl IntoIterator<Item = Grid>) -> Vec<MethodOptions> {
    let mut all: Vec<MethodOptions> = vec![];
    for options in grids.into_iter().map(|grid| grid.options()) {
        let new: Vec<_> = options.into_iter().filter(|o| !all.contains(o)).collect();
        all.extend(new);
    }
    all
}

/// Differences of means at every tenth of the depth.
pub fn patterns(depth: usize) -> Vec<MethodOptions> {
    Grid {
        mixes: vec![
            Mix::of([("told", 1.0)]),
            Mix::of([("told", 1.0), ("inner", 0.25), ("original", 0.25)]),
            Mix::of(ALL),
        ],
        spaces: vec![Space::Mean],
        within: vec![0.0, 0.3, 0.6],
        neutral: vec![0.0],
        centrings: vec![Centring::TopicAndWriter],
        layers: middle(depth, depth / 10),
        ..Grid::usual()
    }
    .options()
}

/// What is taken away at the layer taken, and the layers about it.
pub fn patterns_around(taken: &MethodOptions, depth: usize) -> Vec<MethodOptions> {
    let at = taken.layer.index();
    let near = |layer: &Layer| layer.index().abs_diff(at) <= depth / 10;
    let there = Grid {
        nuisance_mixes: vec![None, Some(Mix::of(ALL))],
        spaces: vec![Space::Mean],
        within: vec![0.0, 0.15, 0.3, 0.45, 0.6],
        ..around(taken)
    };
    let deep = Grid {
        spaces: vec![Space::Mean],
        within: vec![taken.within],
        layers: middle(depth, 1).into_iter().filter(near).collect(),
        ..around(taken)
    };
    each_once([there, deep])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_stay_within_the_model_and_around_what_was_taken() {
        let first = corpora(31);
        assert!(first.iter().all(|o| (10..=25).contains(&o.layer.index())));
        let taken = first[0].clone();
        assert!(taken_away(&taken).contains(&taken));
        let last = layers(&taken, 31);
        assert!(last.contains(&taken));
        assert!((10..=25).all(|l| last.iter().any(|o| o.layer.index() == l)));
        assert!(last.iter().enumerate().all(|(i, o)| !last[..i].contains(o)));
        let taken = patterns(31)[0].clone();
        let around = patterns_around(&taken, 31);
        assert!(around.contains(&taken));
        assert!(around.iter().all(|o| o.space == Space::Mean));
        assert!(
            around
                .iter()
                .enumerate()
                .all(|(i, o)| !around[..i].contains(o))
        );
    }
}
