//! Several seeds of one recipe: what each text reads as, so that nobody is fooled by one lucky draw.

use atlas_protocol::{Sample, Side};
use leptos::prelude::*;

use super::job;
use super::recipe::{Recipe, Run};
use crate::read::tip::figure;
use crate::state::{Atlas, Phase, atlas};
use crate::text::{fill, t};

/// The seeds done so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// What they were made from; its seed is the first.
    pub recipe: Recipe,
    /// Those that are done.
    pub seeds: Vec<Seed>,
    /// Tokens done, of so many at most; none when it is over.
    pub progress: Option<(u32, u32)>,
}

/// The texts of one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Seed {
    /// The seed.
    pub seed: u32,
    /// Not steered.
    pub plain: Sample,
    /// Steered.
    pub steered: Sample,
    /// Along random vectors.
    pub random: Option<Sample>,
}

impl Seed {
    fn mean(sample: &Sample, emotion: usize) -> Option<f32> {
        sample.means.get(emotion).copied()
    }

    /// Plain, steered, random, and steered less plain, for one emotion.
    fn figures(&self, emotion: usize) -> [Option<f32>; 4] {
        let plain = Self::mean(&self.plain, emotion);
        let steered = Self::mean(&self.steered, emotion);
        let random = self.random.as_ref().and_then(|r| Self::mean(r, emotion));
        let difference = plain.zip(steered).map(|(p, s)| s - p);
        [plain, steered, random, difference]
    }
}

impl Batch {
    /// Nothing done yet.
    #[must_use]
    pub fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            seeds: vec![],
            progress: Some((0, 0)),
        }
    }

    /// Means over the seeds that have such a figure.
    fn means(&self, emotion: usize) -> [Option<f32>; 4] {
        let rows: Vec<_> = self.seeds.iter().map(|s| s.figures(emotion)).collect();
        [0, 1, 2, 3].map(|at: usize| {
            let found: Vec<f32> = rows.iter().filter_map(|r| r[at]).collect();
            (!found.is_empty()).then(|| found.iter().sum::<f32>() / found.len() as f32)
        })
    }

    /// How many seeds read higher when steered, of how many.
    fn higher(&self, emotion: usize) -> (usize, usize) {
        let differences = self.seeds.iter().filter_map(|s| s.figures(emotion)[3]);
        differences.fold((0, 0), |(up, all), d| (up + usize::from(d > 0.0), all + 1))
    }
}

/// Puts one seed's texts on the page.
fn show(atlas: Atlas, seed: u32) {
    let found = atlas.batch.with_untracked(|b| {
        let b = b.as_ref()?;
        let seed = b.seeds.iter().find(|s| s.seed == seed)?.clone();
        let mut recipe = b.recipe.clone();
        recipe.sampling.seed = seed.seed;
        Some((recipe, seed))
    });
    let Some((recipe, found)) = found else { return };
    let most = recipe.sampling.max_tokens;
    let random = found.random.clone();
    let cut = |s: &Sample| s.tokens >= most;
    atlas.sampling.update(|s| s.seed = seed);
    atlas.run.set(Some(Run {
        cut: [
            cut(&found.plain),
            cut(&found.steered),
            random.as_ref().is_some_and(cut),
        ],
        plain: found.plain.text,
        steered: found.steered.text,
        random: random.map(|r| r.text).unwrap_or_default(),
        ..Run::empty(recipe)
    }));
}

fn cell(value: Option<f32>) -> String {
    value.map_or_else(|| "\u{2013}".to_owned(), figure)
}

/// The button that opens and closes the table.
#[component]
pub fn SeedsButton(
    /// Whether the table is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button class="link" id="seeds" aria-expanded=move || open.get().to_string() aria-controls="seedtable" on:click=move |_| open.update(|o| *o = !*o)>
            {move || if open.get() { t("steer.seeds.back").to_owned() } else { fill("steer.seeds", &[("n", &job::SEEDS)]) }}
        </button>
    }
}

/// The table.
#[component]
pub fn Seeds(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let atlas = atlas();
    let emotion = move || atlas.selected.get();
    let busy = move || {
        atlas
            .batch
            .with(|b| b.as_ref().is_some_and(|b| b.progress.is_some()))
    };
    let words = move || {
        atlas.batch.with(|b| match b {
            None if atlas.phase.get() == Phase::Ready => {
                fill("steer.seeds.why", &[("n", &job::SEEDS)])
            }
            None => t("steer.seeds.none").to_owned(),
            Some(b) => {
                let recipe = atlas.card.with(|c| b.recipe.words(c));
                match b.progress {
                    Some((done, total)) if total > 0 => {
                        let percent = 100 * u64::from(done) / u64::from(total);
                        fill(
                            "steer.seeds.written",
                            &[("recipe", &recipe), ("percent", &percent)],
                        )
                    }
                    Some(_) => fill("steer.seeds.prompt", &[("recipe", &recipe)]),
                    None => recipe,
                }
            }
        })
    };
    let press = move |_| {
        if untrack(busy) {
            job::stop_batch(atlas);
        } else {
            job::batch(atlas);
        }
    };
    let control = move || {
        atlas.batch.with(|b| {
            b.as_ref()
                .is_some_and(|b| b.seeds.iter().any(|s| s.random.is_some()))
        })
    };
    let verdict = move || {
        atlas.batch.with(|b| {
            let b = b.as_ref()?;
            let (up, all) = b.higher(emotion());
            (all > 0).then(|| {
                fill(
                    "steer.seeds.higher",
                    &[
                        ("name", &atlas.name_of(emotion())),
                        ("up", &up),
                        ("all", &all),
                    ],
                )
            })
        })
    };
    let row = move |name: AnyView, figures: [Option<f32>; 4], strong: bool| {
        let [plain, steered, random, difference] = figures;
        view! {
            <tr class:mean=strong>
                <th scope="row">{name}</th>
                <td>{cell(plain)}</td>
                <td>{cell(steered)}</td>
                {control().then(|| view! { <td>{cell(random)}</td> })}
                <td class="seeds__diff"><Bar value=difference />{cell(difference)}</td>
            </tr>
        }
    };
    let rows = move || {
        let at = emotion();
        atlas.batch.with(|b| {
            let b = b.as_ref()?;
            let rows = b.seeds.iter().map(|s| {
                let seed = s.seed;
                let name = view! {
                    <button class="link" title=t("steer.seeds.show") on:click=move |_| { open.set(false); show(atlas, seed) }>{fill("steer.seeds.one", &[("seed", &seed)])}</button>
                };
                row(name.into_any(), s.figures(at), false)
            });
            let rows = rows.collect_view();
            let mean = (b.seeds.len() > 1).then(|| row(t("steer.seeds.mean").into_any(), b.means(at), true));
            Some(view! { {rows} {mean} })
        })
    };
    view! {
        <div class="seeds" id="seedtable" hidden=move || !open.get()>
            <div class="seeds__do">
                <button class="btn" id="runseeds" disabled=move || !busy() && (atlas.phase.get() != Phase::Ready || atlas.running.get()) on:click=press>
                    {move || if busy() { t("stop").to_owned() } else { fill("steer.seeds.write", &[("n", &job::SEEDS)]) }}
                </button>
                <p role="status">{words}</p>
            </div>
            <table class="num" hidden=move || !atlas.batch.with(|b| b.as_ref().is_some_and(|b| !b.seeds.is_empty()))>
                <caption>
                    {t("steer.seeds.caption")}
                    <b>{move || atlas.name_of(emotion())}</b>
                    {t("steer.seeds.caption-after")}
                </caption>
                <thead>
                    <tr>
                        <th scope="col">{t("steer.seed")}</th>
                        <th scope="col">{t("steer.plain")}</th>
                        <th scope="col">{t("steer.steered")}</th>
                        {move || control().then(|| view! { <th scope="col">{t("steer.random")}</th> })}
                        <th scope="col">{t("steer.seeds.difference")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="seeds__say" role="status">{verdict}</p>
        </div>
    }
}

/// A difference as a bar from the middle.
#[component]
fn Bar(value: Option<f32>) -> impl IntoView {
    let value = value.unwrap_or(0.0).clamp(-1.0, 1.0);
    let class = if value < 0.0 { "down" } else { "up" };
    let x = if value < 0.0 { 1.0 + value } else { 1.0 };
    view! {
        <svg viewBox="0 0 2 1" preserveAspectRatio="none" aria-hidden="true">
            <rect class=class x=x y="0.15" width=value.abs() height="0.7"></rect>
            <path class="base" d="M1 0V1" vector-effect="non-scaling-stroke"></path>
        </svg>
    }
}

/// What a side is called.
#[must_use]
pub fn called(side: Side) -> &'static str {
    match side {
        Side::Plain => t("steer.plain"),
        Side::Steered => t("steer.steered"),
        Side::Random => t("steer.random"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_protocol::{Sampling, Setting};

    fn sample(means: &[f32]) -> Sample {
        Sample {
            text: String::new(),
            tokens: 1,
            means: means.to_vec(),
        }
    }

    #[test]
    fn what_was_not_read_is_in_no_mean() {
        let recipe = Recipe::new("x".into(), Setting::Plain, vec![], Sampling::default());
        let mut batch = Batch::new(recipe);
        for (plain, steered) in [(&[0.1][..], &[0.3][..]), (&[], &[0.9]), (&[0.5], &[0.3])] {
            batch.seeds.push(Seed {
                seed: 0,
                plain: sample(plain),
                steered: sample(steered),
                random: None,
            });
        }
        let [plain, steered, random, difference] = batch.means(0);
        assert!((plain.unwrap_or_default() - 0.3).abs() < 1e-6);
        assert!((steered.unwrap_or_default() - 0.5).abs() < 1e-6);
        assert_eq!(random, None);
        assert!(difference.is_some_and(|d| d.abs() < 1e-6));
        assert_eq!(batch.higher(0), (1, 2));
        assert_eq!(batch.means(7), [None; 4]);
    }
}
