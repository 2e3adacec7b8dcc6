//! A sample of the stories, read while somebody waits: a few of each kind about a few emotions, their beginnings.

use super::Settings;
use crate::watch::Meter;
use crate::{LabError, Subject, Watch};
use atlas_affect::card::EmotionEntry;
use atlas_affect::method::{Layered, Material, MethodOptions, Neutral};
use atlas_affect::words;
use atlas_units::Layer;
use serde::Deserialize;

/// A line of the sample.
#[derive(Deserialize)]
pub(super) struct Line {
    corpus: String,
    emotion: String,
    topic: u32,
    writer: u32,
    text: String,
}

/// A story, ready to be read.
struct Story {
    /// Position among the kinds of stories.
    corpus: usize,
    /// Position among the sample's emotions.
    emotion: usize,
    topic: u32,
    writer: u32,
    ids: Vec<u32>,
}

/// Stories, ready to be read.
pub(super) struct Sample {
    corpora: Vec<String>,
    emotions: Vec<EmotionEntry>,
    /// Those of one emotion stand together, its kinds in turn.
    stories: Vec<Story>,
    layer: Layer,
    first_token: usize,
    neutral: bool,
}

impl Sample {
    pub(super) fn new(
        lines: Vec<Line>,
        settings: &Settings,
        options: &MethodOptions,
        subject: &Subject,
    ) -> Result<Self, LabError> {
        let mut emotions: Vec<EmotionEntry> = vec![];
        let mut stories = vec![];
        for line in lines {
            let Some(corpus) = settings.corpora.iter().position(|c| *c == line.corpus) else {
                continue;
            };
            let known = emotions.iter().position(|e| e.name == line.emotion);
            let emotion = match known {
                Some(at) => at,
                None => {
                    let entry = words::index_of(&line.emotion)
                        .map(|at| words::emotions()[at].clone())
                        .ok_or_else(|| LabError::NoEmotion(line.emotion.clone()))?;
                    emotions.push(entry);
                    emotions.len() - 1
                }
            };
            let mut ids = subject.tokenizer.encode(&line.text)?;
            ids.truncate(settings.quick);
            stories.push(Story {
                corpus,
                emotion,
                topic: line.topic,
                writer: line.writer,
                ids,
            });
        }
        if emotions.len() < 3 || stories.len() < 2 * emotions.len() * settings.corpora.len() {
            return Err(LabError::TooFew(
                "the sample has fewer than three emotions, or than two stories of each kind about one".into(),
            ));
        }
        stories.sort_by_key(|s| (s.emotion, s.topic, s.corpus));
        Ok(Self {
            corpora: settings.corpora.clone(),
            emotions,
            stories,
            layer: options.layer,
            first_token: options.first_token,
            neutral: options.neutral > 0.0,
        })
    }

    pub(super) fn emotions(&self) -> &[EmotionEntry] {
        &self.emotions
    }

    /// What is read, in words.
    pub(super) fn of(&self) -> String {
        format!(
            "the beginnings of {} stories of {} kinds about {} emotions",
            self.stories.len(),
            self.corpora.len(),
            self.emotions.len()
        )
    }

    pub(super) fn work(&self, subject: &Subject) -> u64 {
        let one = |s: &Story| subject.read_work(s.ids.len(), self.layer);
        self.stories.iter().map(one).sum()
    }

    /// Reads them all.
    pub(super) async fn read<W: Watch>(
        &self,
        subject: &Subject<'_>,
        meter: &mut Meter<'_, W>,
    ) -> Result<Material, LabError> {
        if self.neutral {
            let what = "this model's map has the variance of neutral passages taken out, which needs all of them: run `atlas lab stories --full`";
            return Err(LabError::TooFew(what.into()));
        }
        let width = subject.model.config().width;
        let empty = |_| Layered {
            emotion: vec![],
            topic: vec![],
            writer: vec![],
            layers: vec![self.layer],
            width,
            rows: vec![],
        };
        let mut kinds: Vec<Layered> = self.corpora.iter().map(empty).collect();
        for (at, story) in self.stories.iter().enumerate() {
            let stretch = self.first_token..story.ids.len();
            let found = subject.means(&story.ids, &[stretch], &[self.layer]).await?;
            let kind = &mut kinds[story.corpus];
            kind.emotion
                .push(u16::try_from(story.emotion).unwrap_or(u16::MAX));
            kind.topic.push(story.topic);
            kind.writer.push(story.writer);
            let mean = found.into_iter().flatten().flatten();
            kind.rows.extend(mean.map(|v| v as f32));
            meter
                .add(subject.read_work(story.ids.len(), self.layer))
                .await?;
            let ends = self
                .stories
                .get(at + 1)
                .is_none_or(|next| next.emotion != story.emotion);
            if ends || at == 0 {
                let (done, all) = (at + 1, self.stories.len());
                meter.found(
                    &self.emotions[story.emotion].name,
                    &format!("{done} of {all} stories read; compared once all are"),
                );
            }
        }
        Ok(Material {
            first_token: self.first_token,
            corpora: self.corpora.iter().cloned().zip(kinds).collect(),
            neutral: Neutral {
                layers: vec![self.layer],
                width,
                rows: vec![],
            },
        })
    }
}
