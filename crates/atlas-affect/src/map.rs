//! `map.json`: what the map can show beyond principal components, computed once from the vectors it shows.

use atlas_units::Layer;
use serde::{Deserialize, Serialize};

use crate::card::{LayerGeometry, VectorsCard};
use crate::cluster::unit_groups;
use crate::cosines::Cosines;
use crate::dendrogram::{self, Tree};
use crate::procrustes;
use crate::umap::{self, Options, umap};
use crate::{AffectError, EmotionVectors, geometry};

/// The numbers of groups that are found.
pub const GROUPS: std::ops::RangeInclusive<usize> = 2..=20;
/// Neighbours that [`Kept`] counts.
pub const NEAREST: usize = 8;
/// A layer that follows another begins where that one ended, and is laid out with small steps: the map should change
/// only as far as the vectors do. (SmolLM2: 0.05 keeps as many neighbours as 0.25, at half the motion.)
const FOLLOWING: f64 = 0.05;
/// Passes for such a layer.
const FOLLOWING_EPOCHS: u32 = 200;

/// Layouts, cosines, tree and groups of one model's map vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapFile {
    /// Version of this file's layout; readers refuse another.
    pub format: u32,
    /// Folder name of the model.
    pub model: String,
    /// SHA-256 of the weights the vectors were extracted with, as in `vectors.json`.
    pub model_sha256: String,
    /// The layer of cosines, tree and groups: the map's own.
    pub layer: Layer,
    /// UMAP of every layer, in the order of the card's emotions, in units of their root mean square distance from the
    /// origin. The map's layer is turned to lie like its first two principal components, the others like their
    /// neighbour layer.
    pub umap: Vec<Vec<[f32; 2]>>,
    /// What the layouts keep of who is near, at the map's layer.
    pub kept: Kept,
    /// Cosines of every pair of vectors.
    pub cosines: Cosines,
    /// Their tree by average linkage of 1 - cosine.
    pub tree: Tree,
    /// k-means on the vectors' directions for each of [`GROUPS`]; one number per emotion. A group keeps its number from
    /// one row to the next where most of it stays together.
    pub groups: Vec<Vec<u8>>,
}

/// Share of each emotion's eight nearest vectors that are among its eight nearest on a flat map, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// On the first two principal components.
    pub pca: f32,
    /// On the UMAP.
    pub umap: f32,
}

impl MapFile {
    /// The layout this code reads and writes.
    pub const FORMAT: u32 = 1;

    /// Groups of every emotion for a number of them.
    #[must_use]
    pub fn grouping(&self, count: usize) -> Option<&[u8]> {
        let at = count.checked_sub(*GROUPS.start())?;
        self.groups.get(at).map(Vec::as_slice)
    }

    /// Whether the card's neighbours are the nearest by these cosines: other vectors of the same model are not mistaken.
    fn agrees(&self, card: &VectorsCard) -> bool {
        let near = card.geometry.get(card.layer.index()).map(|g| &g.near);
        near.into_iter().flatten().enumerate().all(|(own, near)| {
            let cosine = |e: u16| self.cosines.of(own, usize::from(e));
            near.is_sorted_by(|a, b| cosine(*a) >= cosine(*b) - 0.002)
        })
    }

    /// Whether its lists fit together, and a card.
    #[must_use]
    pub fn fits(&self, card: &VectorsCard) -> bool {
        let n = card.emotions.len();
        let mut leaves = self.tree.order.clone();
        leaves.sort_unstable();
        self.format == Self::FORMAT
            && self.model_sha256 == card.model_sha256
            && self.layer == card.layer
            && self.cosines.count() == n
            && self.agrees(card)
            && self.umap.len() == card.geometry.len()
            && self.umap.iter().all(|l| l.len() == n)
            && self.umap.iter().flatten().flatten().all(|v| v.is_finite())
            && leaves.iter().map(|l| usize::from(*l)).eq(0..n)
            && self.tree.merges.len() + 1 == n
            && self.tree.merges.iter().enumerate().all(|(i, m)| {
                usize::from(m.0) < n + i && usize::from(m.1) < n + i && m.2.is_finite()
            })
            && self.groups.len() == GROUPS.count()
            && GROUPS
                .zip(&self.groups)
                .all(|(k, g)| g.len() == n && g.iter().all(|group| usize::from(*group) < k))
    }
}

/// Computes the file from the vectors the map shows, one set per layer of the card.
///
/// # Errors
/// [`AffectError::Shape`] where vectors and card do not belong together: another number of layers or emotions, or
/// components that lie elsewhere than the card says.
pub fn draw(card: &VectorsCard, layers: &[EmotionVectors]) -> Result<MapFile, AffectError> {
    if layers.len() != card.geometry.len() {
        return Err(AffectError::Shape {
            what: "layers of map vectors",
            expected: card.geometry.len(),
            found: layers.len(),
        });
    }
    let n = card.emotions.len();
    let chosen = card.layer.index().min(layers.len().saturating_sub(1));
    let own = layers.get(chosen).ok_or(AffectError::Empty("layers"))?;
    let found = geometry(own, &card.emotions)?;
    let drawn = &card.geometry[chosen];
    if !alike(&found.layer, drawn) {
        return Err(AffectError::Options(
            "these are not the vectors of the card's map: their components lie elsewhere".into(),
        ));
    }
    let far = |cosine: &[f32]| -> Vec<f32> { cosine.iter().map(|c| (1.0 - c).max(0.0)).collect() };
    let distances = far(&found.cosine);
    let flat: Vec<[f32; 2]> = drawn.coords.iter().map(|c| [c[0], c[1]]).collect();
    let begin = in_units(&umap(&distances, &flat, &Options::default()));
    let begin = laid_over(&begin, &flat);
    let kept = Kept {
        pca: umap::kept(&distances, &flat, NEAREST),
        umap: umap::kept(&distances, &begin, NEAREST),
    };
    let mut maps = vec![Vec::new(); layers.len()];
    let follow = |before: &[[f32; 2]], vectors: &EmotionVectors| {
        let options = Options {
            rate: FOLLOWING,
            epochs: FOLLOWING_EPOCHS,
            ..Options::default()
        };
        let map = in_units(&umap(&far(&geometry::cosines(vectors)), before, &options));
        laid_over(&map, before)
    };
    let mut last = begin.clone();
    for at in chosen + 1..layers.len() {
        last = follow(&last, &layers[at]);
        maps[at].clone_from(&last);
    }
    last.clone_from(&begin);
    for at in (0..chosen).rev() {
        last = follow(&last, &layers[at]);
        maps[at].clone_from(&last);
    }
    maps[chosen] = begin;
    maps.iter_mut()
        .flatten()
        .flatten()
        .for_each(|v| *v = (*v * 1e3).round() / 1e3);
    let mut tree = dendrogram::tree(&distances, n);
    tree.merges
        .iter_mut()
        .for_each(|m| m.2 = (m.2 * 1e3).round() / 1e3);
    let cosines = Cosines::new(&found.cosine, n).ok_or(AffectError::Empty("cosines"))?;
    let mut groups: Vec<Vec<u8>> = Vec::new();
    for k in GROUPS {
        let new = unit_groups(own, k, 1);
        groups.push(renumbered(&new, k, groups.last().map(Vec::as_slice)));
    }
    Ok(MapFile {
        format: MapFile::FORMAT,
        model: card.model.clone(),
        model_sha256: card.model_sha256.clone(),
        layer: card.layer,
        umap: maps,
        kept,
        cosines,
        tree,
        groups,
    })
}

/// Whether two geometries are one but for rounding: vectors are stored in half precision.
fn alike(a: &LayerGeometry, b: &LayerGeometry) -> bool {
    let pairs = a.coords.iter().zip(&b.coords);
    a.coords.len() == b.coords.len()
        && pairs
            .into_iter()
            .all(|(a, b)| (0..2).all(|pc| (a[pc] - b[pc]).abs() < 0.05))
}

/// Turned (and mirrored) to lie like `other`, in its own scale, about the origin.
fn laid_over(map: &[[f32; 2]], other: &[[f32; 2]]) -> Vec<[f32; 2]> {
    match procrustes::fit(map, other) {
        Some(fit) => in_units(&map.iter().map(|p| fit.apply(*p)).collect::<Vec<_>>()),
        None => map.to_vec(),
    }
}

/// About the origin, at a root mean square distance of 1.
fn in_units(map: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let n = map.len().max(1) as f32;
    let mean = [0, 1].map(|axis: usize| map.iter().map(|p| p[axis]).sum::<f32>() / n);
    let moved: Vec<[f32; 2]> = map
        .iter()
        .map(|p| [p[0] - mean[0], p[1] - mean[1]])
        .collect();
    let square: f32 = moved.iter().map(|p| p[0] * p[0] + p[1] * p[1]).sum();
    let unit = (square / n).sqrt();
    let unit = if unit > 0.0 { unit } else { 1.0 };
    moved
        .into_iter()
        .map(|p| [p[0] / unit, p[1] / unit])
        .collect()
}

/// Numbers groups so that each keeps that of the group before with which it shares most.
fn renumbered(new: &[usize], k: usize, before: Option<&[u8]>) -> Vec<u8> {
    let mut name = vec![None; k];
    let mut free = vec![true; k];
    if let Some(before) = before {
        let mut shared: Vec<(usize, usize, usize)> = Vec::new();
        for own in 0..k {
            for old in 0..k {
                let both = new.iter().zip(before);
                let both = both.filter(|(n, b)| **n == own && usize::from(**b) == old);
                shared.push((both.count(), own, old));
            }
        }
        shared.sort_by(|a, b| b.0.cmp(&a.0).then(a.cmp(b)));
        for (count, own, old) in shared {
            if count > 0 && name[own].is_none() && free[old] {
                name[own] = Some(old);
                free[old] = false;
            }
        }
    }
    // The others take what is free: the one that comes first in the list of emotions first.
    for own in new {
        if name[*own].is_none() {
            let next = free.iter().position(|f| *f).unwrap_or(0);
            free[next] = false;
            name[*own] = Some(next);
        }
    }
    new.iter()
        .map(|own| u8::try_from(name[*own].unwrap_or(0)).unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::card::{EmotionEntry, Method, Steering};
    use crate::method::MethodOptions;

    /// Three layers of 40 emotions in four heaps, and their card.
    fn model() -> (VectorsCard, Vec<EmotionVectors>) {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let emotions: Vec<EmotionEntry> = (0..40)
            .map(|e| EmotionEntry {
                name: format!("e{e:02}"),
                cluster: String::new(),
                valence: 1.0 + 8.0 * rng.random::<f32>(),
                arousal: 1.0 + 8.0 * rng.random::<f32>(),
            })
            .collect();
        let base: Vec<f32> = (0..40 * 12)
            .map(|at| rng.random::<f32>() - 0.5 + if at % 12 == at / 12 % 4 { 3.0 } else { 0.0 })
            .collect();
        let layers: Vec<EmotionVectors> = (0..3)
            .map(|_| EmotionVectors {
                width: 12,
                rows: base.iter().map(|v| v + 0.1 * rng.random::<f32>()).collect(),
                nuisance_share: 0.0,
            })
            .collect();
        let options = MethodOptions::plain("told", 1);
        let card = VectorsCard {
            format: VectorsCard::FORMAT,
            model: "m".into(),
            model_sha256: "abc".into(),
            layer: Layer::new(1),
            steering: Steering {
                layers: vec![],
                scale: 1.0,
                safe: 0.1,
                limit: 0.2,
                preset: 0.1,
                basis: String::new(),
                ranges: vec![],
            },
            geometry: layers
                .iter()
                .map(|l| geometry(l, &emotions).unwrap().layer)
                .collect(),
            emotions,
            method: Method {
                map: options.clone(),
                steering: options.clone(),
                reading: options,
                nuisance: 0,
                nuisance_share: 0.0,
                stories: 0,
                tokens: 0,
                made_by: String::new(),
            },
            corpus: vec![],
        };
        (card, layers)
    }

    #[test]
    fn the_file_fits_its_card_and_comes_out_the_same_again() {
        let (card, layers) = model();
        let file = draw(&card, &layers).unwrap();
        assert!(file.fits(&card));
        assert_eq!(draw(&card, &layers).unwrap(), file);
        let text = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<MapFile>(&text).unwrap(), file);
        // Four heaps are found as four groups.
        let groups = file.grouping(4).unwrap();
        assert!((0..40).all(|e| (groups[e] == groups[e % 4]) && groups[e] != groups[(e + 1) % 4]));
        assert!(file.kept.umap > 0.4 && file.grouping(21).is_none() && file.grouping(1).is_none());
        // From layer to layer the map moves little, since the vectors do.
        for pair in file.umap.windows(2) {
            let moved: f32 = pair[0]
                .iter()
                .zip(&pair[1])
                .map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]))
                .sum();
            assert!(moved / 40.0 < 0.4, "{}", moved / 40.0);
        }
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let (card, mut layers) = model();
        let file = draw(&card, &layers).unwrap();
        assert!(draw(&card, &layers[..2]).is_err());
        layers[1].rows.reverse();
        assert!(
            draw(&card, &layers).is_err(),
            "other vectors than the card's"
        );
        let mut damaged = file.clone();
        damaged.groups[0][3] = 9;
        assert!(!damaged.fits(&card));
        let mut damaged = file.clone();
        damaged.tree.order[0] = 1;
        damaged.tree.order[1] = 1;
        assert!(!damaged.fits(&card));
        let mut other = card.clone();
        other.geometry[1].near[7].reverse();
        assert!(!file.fits(&other));
        let mut other = card;
        other.model_sha256 = "another".into();
        assert!(!file.fits(&other));
    }

    #[test]
    fn groups_keep_their_numbers() {
        let before = [0, 0, 0, 1, 1, 1];
        assert_eq!(
            renumbered(&[2, 2, 2, 0, 0, 1], 3, Some(&before)),
            [0, 0, 0, 1, 1, 2]
        );
        assert_eq!(renumbered(&[1, 1, 0], 2, None), [0, 0, 1]);
    }
}
