//! Corpora at one layer, ready to take means and differences of.

use crate::matrix::add_scaled;
use crate::method::{Centring, Material, Mix};
use crate::{AffectError, StoryMeans};
use atlas_units::Layer;

/// All corpora at one layer, centred.
pub(crate) struct Prepared {
    pub(crate) width: usize,
    pub(crate) corpora: Vec<Told>,
}

/// One corpus at one layer.
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) stories: StoryMeans,
    /// `[story, width]`, centred as the options say.
    pub(crate) centred: Vec<f64>,
}

impl Prepared {
    pub(crate) fn of(
        material: &Material,
        layer: Layer,
        centring: Centring,
    ) -> Result<Self, AffectError> {
        let mut corpora = Vec::new();
        for (name, layered) in &material.corpora {
            let stories = layered.at(layer)?;
            let centred = match centring {
                // Vectors do not depend on where the origin lies: they are differences.
                Centring::None => stories.rows.iter().map(|&v| f64::from(v)).collect(),
                Centring::Topic => stories.centred_by(&stories.topic),
                Centring::TopicAndWriter => stories.centred(),
            };
            corpora.push(Told {
                name: name.clone(),
                stories,
                centred,
            });
        }
        let width = corpora.first().map_or(0, |c| c.stories.width);
        match corpora.iter().find(|c| c.stories.width != width) {
            Some(odd) => Err(AffectError::Shape {
                what: "width of a corpus",
                expected: width,
                found: odd.stories.width,
            }),
            None => Ok(Self { width, corpora }),
        }
    }

    /// Stories that count, with their weight: those on topics that `keep` says yes to, in corpora of the mix.
    pub(super) fn weighted(
        &self,
        mix: &Mix,
        keep: &impl Fn(usize, u32) -> bool,
    ) -> Vec<(usize, usize, f64)> {
        let mut all = Vec::new();
        for (c, corpus) in self.corpora.iter().enumerate() {
            let weight = mix.weight(&corpus.name);
            let topics = corpus.stories.topic.iter().enumerate();
            let kept: Vec<usize> = topics
                .filter(|(_, t)| keep(c, **t))
                .map(|(s, _)| s)
                .collect();
            if weight > 0.0 {
                let each = weight / kept.len() as f64;
                all.extend(kept.into_iter().map(|s| (c, s, each)));
            }
        }
        all
    }

    pub(super) fn row(&self, corpus: usize, story: usize) -> &[f64] {
        &self.corpora[corpus].centred[story * self.width..][..self.width]
    }

    pub(super) fn emotion(&self, corpus: usize, story: usize) -> usize {
        usize::from(self.corpora[corpus].stories.emotion[story])
    }

    /// Weighted mean per emotion, `[emotion, width]`, and the weight of each.
    pub(super) fn means(
        &self,
        stories: &[(usize, usize, f64)],
        emotions: usize,
    ) -> (Vec<f64>, Vec<f64>) {
        let mut means = vec![0.0; emotions * self.width];
        let mut weights = vec![0.0; emotions];
        for &(c, s, weight) in stories {
            let e = self.emotion(c, s);
            weights[e] += weight;
            add_scaled(
                &mut means[e * self.width..][..self.width],
                weight,
                self.row(c, s),
            );
        }
        for (mean, &weight) in means.chunks_exact_mut(self.width).zip(&weights) {
            if weight > 0.0 {
                mean.iter_mut().for_each(|v| *v /= weight);
            }
        }
        (means, weights)
    }
}
