//! Everything the page knows, as signals; one copy of it is in the context of every component.

use std::sync::Arc;

use atlas_affect::card::VectorsCard;
use atlas_protocol::{
    BackendReport, Catalogue, CatalogueEntry, Examples, ModelReport, Sampling, Setting, Stage,
};
use atlas_units::Layer;
use leptos::prelude::*;

use crate::engine::Engine;
use crate::link::Tab;
use crate::read::shown::Shown;
use crate::steer::recipe::{Recipe, Run};

/// Where the model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not started; a stored example is shown.
    First,
    /// Being fetched or prepared: bytes done, of so many.
    Loading(Stage, u64, u64),
    /// Running.
    Ready,
    /// It did not start, or it stopped.
    Failed,
}

impl Phase {
    /// For `body[data-model]`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Loading(..) => "loading",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// Where on the page something went wrong, so that it is said there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the start of the model.
    Start,
    /// At the text.
    Read,
    /// At the steering.
    Steer,
}

/// One emotion in the rack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RackItem {
    /// Index in the card.
    pub emotion: usize,
    /// Whether it pushes.
    pub on: bool,
    /// Strength in percent of the mean residual norm; negative pushes away.
    pub percent: f32,
}

/// The state of the page. Copying it copies handles.
#[derive(Clone, Copy)]
pub struct Atlas {
    /// The models there are.
    pub catalogue: RwSignal<Arc<Catalogue>>,
    /// Folder of the model whose map is shown.
    pub model: RwSignal<String>,
    /// Its emotions and where they lie.
    pub card: RwSignal<Arc<VectorsCard>>,
    /// Its stored outputs.
    pub examples: RwSignal<Option<Arc<Examples>>>,
    /// Where the model stands.
    pub phase: RwSignal<Phase>,
    /// What was loaded.
    pub report: RwSignal<Option<ModelReport>>,
    /// What it runs on.
    pub backend: RwSignal<Option<BackendReport>>,
    /// The one selection: index of an emotion.
    pub selected: RwSignal<usize>,
    /// The layer of map and text.
    pub layer: RwSignal<Layer>,
    /// Text to read; none is the stored one.
    pub text: RwSignal<Option<String>>,
    /// How it is given to the model.
    pub setting: RwSignal<Setting>,
    /// The reading on the page.
    pub shown: RwSignal<Option<Arc<Shown>>>,
    /// Blocks done of a reading under way.
    pub reading: RwSignal<Option<(u32, u32)>>,
    /// The piece of text under the pointer.
    pub hot: RwSignal<Option<usize>>,
    /// Emotions to push.
    pub rack: RwSignal<Vec<RackItem>>,
    /// The prompt to continue or answer.
    pub prompt: RwSignal<String>,
    /// How it is given.
    pub prompt_setting: RwSignal<Setting>,
    /// How tokens are drawn.
    pub sampling: RwSignal<Sampling>,
    /// The two texts on the page.
    pub run: RwSignal<Option<Run>>,
    /// Whether a generation is under way.
    pub running: RwSignal<bool>,
    /// Whether to generate as soon as the model is ready (a link asked for it).
    pub wants_run: RwSignal<bool>,
    /// Panel in front on a phone.
    pub tab: RwSignal<Tab>,
    /// What went wrong last, and where.
    pub problem: RwSignal<Option<(Place, String)>>,
    /// What was left out of a link.
    pub left_out: RwSignal<Option<String>>,
    /// A short notice.
    pub toast: RwSignal<Option<String>>,
    /// Width and height of the window in CSS pixels.
    pub screen: RwSignal<(f64, f64)>,
    /// The worker and its jobs.
    pub engine: StoredValue<Engine, LocalStorage>,
}

impl Atlas {
    /// The state as the page starts, before a link is applied.
    #[must_use]
    pub fn new(
        catalogue: Catalogue,
        model: String,
        card: VectorsCard,
        examples: Option<Examples>,
    ) -> Self {
        let layer = card.layer;
        let atlas = Self {
            catalogue: RwSignal::new(Arc::new(catalogue)),
            model: RwSignal::new(model),
            card: RwSignal::new(Arc::new(card)),
            examples: RwSignal::new(None),
            phase: RwSignal::new(Phase::First),
            report: RwSignal::new(None),
            backend: RwSignal::new(None),
            selected: RwSignal::new(0),
            layer: RwSignal::new(layer),
            text: RwSignal::new(None),
            setting: RwSignal::new(Setting::Plain),
            shown: RwSignal::new(None),
            reading: RwSignal::new(None),
            hot: RwSignal::new(None),
            rack: RwSignal::new(Vec::new()),
            prompt: RwSignal::new(String::new()),
            prompt_setting: RwSignal::new(Setting::Chat),
            sampling: RwSignal::new(Sampling::default()),
            run: RwSignal::new(None),
            running: RwSignal::new(false),
            wants_run: RwSignal::new(false),
            tab: RwSignal::new(Tab::default()),
            problem: RwSignal::new(None),
            left_out: RwSignal::new(None),
            toast: RwSignal::new(None),
            screen: RwSignal::new((1440.0, 900.0)),
            engine: StoredValue::new_local(Engine::default()),
        };
        let card = atlas.card.get_untracked();
        atlas.selected.set(card.index_of("desperate").unwrap_or(0));
        let preset = (card.steering.preset * 100.0).round();
        let item = |(i, name)| {
            Some(RackItem {
                emotion: card.index_of(name)?,
                on: i == 0,
                percent: preset,
            })
        };
        atlas.rack.set(
            ["desperate", "calm", "angry"]
                .into_iter()
                .enumerate()
                .filter_map(item)
                .collect(),
        );
        atlas.set_examples(examples);
        atlas
    }

    /// Takes a model's stored outputs and shows them.
    pub fn set_examples(&self, examples: Option<Examples>) {
        if let Some(examples) = &examples {
            self.shown
                .set(Some(Arc::new(Shown::stored(examples.reading.clone()))));
            if let Some(first) = examples.runs.first() {
                self.prompt.set(first.prompt.clone());
                self.prompt_setting.set(first.setting);
                self.sampling.set(first.sampling);
            }
        } else {
            self.shown.set(None);
        }
        self.examples.set(examples.map(Arc::new));
    }

    /// The catalogue's entry of the model shown.
    #[must_use]
    pub fn entry(&self) -> Option<CatalogueEntry> {
        let model = self.model.get();
        self.catalogue
            .with(|c| c.models.iter().find(|m| m.id == model).cloned())
    }

    /// Name of an emotion.
    #[must_use]
    pub fn name_of(&self, emotion: usize) -> String {
        self.card.with(|c| {
            c.emotions
                .get(emotion)
                .map(|e| e.name.clone())
                .unwrap_or_default()
        })
    }

    /// What the controls of the Steer panel say now.
    #[must_use]
    pub fn recipe(&self) -> Recipe {
        let pushes = self.rack.with(|r| {
            r.iter()
                .filter(|i| i.on && i.percent != 0.0)
                .map(|i| (i.emotion, i.percent))
                .collect()
        });
        Recipe::new(
            self.prompt.get(),
            self.prompt_setting.get(),
            pushes,
            self.sampling.get(),
        )
    }

    /// Adds an emotion to the rack, or takes it out.
    pub fn toggle_rack(&self, emotion: usize) {
        let preset = self
            .card
            .with_untracked(|c| (c.steering.preset * 100.0).round());
        self.rack.update(
            |rack| match rack.iter().position(|i| i.emotion == emotion) {
                Some(at) => drop(rack.remove(at)),
                None => rack.insert(
                    0,
                    RackItem {
                        emotion,
                        on: false,
                        percent: preset,
                    },
                ),
            },
        );
    }

    /// Says what went wrong, near where it happened.
    pub fn trouble(&self, place: Place, words: impl ToString) {
        self.problem.set(Some((place, words.to_string())));
    }

    /// Takes back what was said at a place.
    pub fn settled(&self, place: Place) {
        if self
            .problem
            .with_untracked(|p| p.as_ref().is_some_and(|(at, _)| *at == place))
        {
            self.problem.set(None);
        }
    }
}

/// The state, from anywhere below the page.
#[must_use]
pub fn atlas() -> Atlas {
    expect_context::<Atlas>()
}
