//! Topics that choose, and topics that judge: kept apart by type.
//!
//! [`split`] parts the material. A [`Selection`] can be measured and can make vectors; what it makes is
//! [`Blind`]. [`KeptOut`] can only be asked how well blind vectors do on it. So a figure that was told of kept-out
//! topics cannot have chosen anything, and vectors that saw them cannot be tried on them:
//!
//! ```compile_fail,E0308
//! # use atlas_affect::method::{KeptOut, Made, Against};
//! fn cheat(kept: &KeptOut, made: &Made) {
//!     let _ = kept.retrieval(made, Against::Group); // vectors of unknown origin
//! }
//! ```
//!
//! ```compile_fail,E0308
//! # use atlas_affect::method::{measure, KeptOut, MethodOptions, TrialPlan};
//! fn cheat(kept: &KeptOut, options: &[MethodOptions]) {
//!     let _ = measure(kept, options, 171, &TrialPlan::default()); // kept-out topics do not choose
//! }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::method::{Against, Made, Material, MethodOptions, make};
use crate::retrieval::{Retrieval, Tally};
use crate::trust::{Auc, auc};
use crate::{AffectError, StoryMeans};

/// Topics of each corpus that are kept out of selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeptTopics(pub BTreeMap<String, BTreeSet<u32>>);

impl KeptTopics {
    /// Topics of named corpora.
    #[must_use]
    pub fn of<'a, const N: usize>(parts: impl IntoIterator<Item = (&'a str, [u32; N])>) -> Self {
        let parts = parts.into_iter();
        Self(
            parts
                .map(|(n, topics)| (n.to_owned(), topics.into()))
                .collect(),
        )
    }
}

/// Material on the topics that may choose.
#[derive(Clone, Debug)]
pub struct Selection {
    material: Material,
    kept: KeptTopics,
}

/// Material on the topics that may not.
#[derive(Clone, Debug)]
pub struct KeptOut {
    material: Material,
    kept: KeptTopics,
}

/// Vectors that were made without the topics kept out.
#[derive(Clone, Debug)]
pub struct Blind {
    made: Made,
    kept: KeptTopics,
}

/// Parts the material by topics.
///
/// # Errors
/// [`AffectError::UnknownCorpus`]; [`AffectError::Options`] if a corpus has no such topic, or no other.
pub fn split(material: &Material, kept: &KeptTopics) -> Result<(Selection, KeptOut), AffectError> {
    for (name, topics) in &kept.0 {
        let corpus = material.corpora.get(name);
        let corpus = corpus.ok_or_else(|| AffectError::UnknownCorpus(name.clone()))?;
        let there: BTreeSet<u32> = corpus.topic.iter().copied().collect();
        if let Some(missing) = topics.difference(&there).next() {
            return Err(AffectError::Options(format!(
                "`{name}` has no topic {missing} to keep out"
            )));
        }
        if topics.len() == there.len() {
            return Err(AffectError::Options(format!(
                "`{name}` has no topic left to choose by"
            )));
        }
    }
    let part = |out: bool| {
        let corpora = material.corpora.iter().map(|(name, corpus)| {
            let kept = kept.0.get(name);
            let of = |topic| kept.is_some_and(|k| k.contains(&topic)) == out;
            (name.clone(), corpus.on_topics(of))
        });
        Material {
            first_token: material.first_token,
            corpora: corpora.filter(|(_, c)| !c.is_empty()).collect(),
            neutral: material.neutral.clone(),
        }
    };
    let (selection, kept_out) = (part(false), part(true));
    let kept = || kept.clone();
    Ok((
        Selection {
            material: selection,
            kept: kept(),
        },
        KeptOut {
            material: kept_out,
            kept: kept(),
        },
    ))
}

impl Selection {
    /// The material; kept-out topics are not in it.
    #[must_use]
    pub fn material(&self) -> &Material {
        &self.material
    }

    /// Makes vectors that know nothing of the topics kept out.
    ///
    /// # Errors
    /// As [`make`].
    pub fn make(&self, options: &MethodOptions, emotions: usize) -> Result<Blind, AffectError> {
        let made = make(&self.material, options, emotions)?;
        Ok(Blind {
            made,
            kept: self.kept.clone(),
        })
    }
}

impl Blind {
    /// The vectors.
    #[must_use]
    pub fn made(&self) -> &Made {
        &self.made
    }
}

impl KeptOut {
    /// The topics.
    #[must_use]
    pub fn topics(&self) -> &KeptTopics {
        &self.kept
    }

    /// How often stories of each corpus find their own emotion.
    ///
    /// # Errors
    /// [`AffectError::Options`] if other topics were kept from the vectors; as [`StoryMeans::check`].
    pub fn retrieval(
        &self,
        blind: &Blind,
        against: Against,
    ) -> Result<BTreeMap<String, Retrieval>, AffectError> {
        let emotions = blind.made.vectors.len();
        self.each(blind, against, |stories, cosines| {
            let mut tally = Tally::default();
            for (row, &own) in cosines.chunks_exact(emotions).zip(&stories.emotion) {
                let row: Vec<f64> = row.iter().map(|&c| f64::from(c)).collect();
                tally.add_story(&row, usize::from(own), |_| true);
            }
            tally.finish()
        })
    }

    /// How well each emotion's cosine tells its own stories from the others', for each corpus.
    ///
    /// # Errors
    /// As [`Self::retrieval`].
    pub fn auc(
        &self,
        blind: &Blind,
        against: Against,
    ) -> Result<BTreeMap<String, Auc>, AffectError> {
        let emotions = blind.made.vectors.len();
        self.each(blind, against, |stories, cosines| {
            auc(cosines, &stories.emotion, emotions)
        })
    }

    fn each<T>(
        &self,
        blind: &Blind,
        against: Against,
        figure: impl Fn(&StoryMeans, &[f32]) -> Result<T, AffectError>,
    ) -> Result<BTreeMap<String, T>, AffectError> {
        if self.kept != blind.kept {
            return Err(AffectError::Options(
                "the vectors may have seen these topics".into(),
            ));
        }
        let emotions = blind.made.vectors.len();
        let mut found = BTreeMap::new();
        for (name, corpus) in &self.material.corpora {
            let stories = corpus.at(blind.made.options.layer)?;
            let strange = stories
                .emotion
                .iter()
                .copied()
                .find(|&e| usize::from(e) >= emotions);
            if let Some(emotion) = strange {
                return Err(AffectError::UnknownEmotion { emotion, emotions });
            }
            let cosines = match against {
                Against::Group => blind.made.cosines_among(&stories)?,
                Against::Making => blind.made.cosines_alone(&stories.rows)?,
            };
            found.insert(name.clone(), figure(&stories, &cosines)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::samples::material;

    #[test]
    fn every_story_is_on_one_side() {
        let all = material(6, 8, 12, 4.0, 1);
        let kept = KeptTopics::of([("told", [0, 3])]);
        let (selection, out) = split(&all, &kept).expect("sound");
        let topics = |m: &Material, n: &str| -> BTreeSet<u32> {
            m.corpora[n].topic.iter().copied().collect()
        };
        assert_eq!(
            topics(&selection.material, "told"),
            [1, 2, 4, 5, 6, 7].into()
        );
        assert_eq!(topics(&out.material, "told"), [0, 3].into());
        assert_eq!(selection.material.corpora["inner"], all.corpora["inner"]);
        assert!(!out.material.corpora.contains_key("inner"));
    }

    #[test]
    fn kept_out_stories_find_their_emotion_in_blind_vectors() {
        let all = material(8, 8, 12, 5.0, 2);
        let (selection, out) =
            split(&all, &KeptTopics::of([("told", [0, 3]), ("inner", [1, 2])])).expect("sound");
        let blind = selection
            .make(
                &MethodOptions {
                    within: 0.1,
                    ..MethodOptions::plain("told", 2)
                },
                8,
            )
            .expect("sound");
        for against in [Against::Group, Against::Making] {
            let found = out.retrieval(&blind, against).expect("sound");
            assert_eq!((found["told"].stories, found["inner"].stories), (16, 16));
            assert!(
                found["told"].top1 > 0.9 && found["inner"].top1 > 0.9,
                "{found:?}"
            );
            assert!(out.auc(&blind, against).expect("sound")["told"].mean > 0.95);
        }
    }

    #[test]
    fn vectors_that_may_have_seen_a_topic_are_refused() {
        let all = material(6, 8, 12, 4.0, 3);
        let (_, out) = split(&all, &KeptTopics::of([("told", [0])])).expect("sound");
        let (other, _) = split(&all, &KeptTopics::of([("told", [1])])).expect("sound");
        let blind = other
            .make(&MethodOptions::plain("told", 2), 6)
            .expect("sound");
        assert!(matches!(
            out.retrieval(&blind, Against::Group),
            Err(AffectError::Options(_))
        ));
    }

    #[test]
    fn topics_that_are_not_there_or_all_there_are_cannot_be_kept_out() {
        let all = material(6, 3, 12, 4.0, 4);
        let of = |topics: KeptTopics| split(&all, &topics).map(|_| ());
        assert!(matches!(
            of(KeptTopics::of([("told", [9])])),
            Err(AffectError::Options(_))
        ));
        assert!(matches!(
            of(KeptTopics::of([("told", [0, 1, 2])])),
            Err(AffectError::Options(_))
        ));
        assert!(matches!(
            of(KeptTopics::of([("tole", [0])])),
            Err(AffectError::UnknownCorpus(_))
        ));
    }
}
