//! Seed, setting, sampling, speed, and what can be said about the pair.

use atlas_protocol::{Sampling, Setting};
use leptos::prelude::*;

use super::Bench;
use super::differ::split;
use crate::state::{Phase, atlas};

/// The line at the foot of the panel.
#[component]
pub fn Meta() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let chat = move || atlas.entry().is_some_and(|e| e.chat);
    let speed = move || {
        atlas.run.with(|r| match r {
            Some(r) if r.stored => "Stored run".to_owned(),
            Some(r) => r
                .speed
                .map(|s| {
                    if s < 10.0 {
                        format!("{s:.1} tokens/s")
                    } else {
                        format!("{s:.0} tokens/s")
                    }
                })
                .unwrap_or_default(),
            None => String::new(),
        })
    };
    let say = move || {
        if atlas.running.get() {
            return if atlas.run.with(|r| {
                r.as_ref()
                    .is_some_and(|r| r.plain.is_empty() && r.steered.is_empty())
            }) {
                "Reading the prompt".to_owned()
            } else {
                "Writing".to_owned()
            };
        }
        if bench.replay.get().is_some() {
            return "Replaying the stored run".to_owned();
        }
        if !bench.fits.get() {
            return if atlas.phase.get() == Phase::Ready {
                "Settings changed. Press Run.".to_owned()
            } else {
                "Settings changed. Start the model to run them, or pick a preset.".to_owned()
            };
        }
        atlas.run.with(|r| {
            r.as_ref()
                .map(|r| compared(&r.plain, &r.steered, r.recipe.pushes.is_empty()))
                .unwrap_or_default()
        })
    };
    let seed = move || atlas.sampling.with(|s| s.seed).to_string();
    let reseed = move |ev| {
        if let Ok(seed) = event_target_value(&ev).parse() {
            atlas.sampling.update(|s| s.seed = seed);
        }
    };
    view! {
        <div class="meta num">
            <label>"Seed " <input id="seed" type="number" min="0" aria-label="Seed" prop:value=seed on:input=reseed /></label>
            <label>
                <span class="vh">"Give the prompt as"</span>
                <select id="promptas" class="select" disabled=move || !chat()
                    on:change=move |ev| atlas.prompt_setting.set(if event_target_value(&ev) == "chat" { Setting::Chat } else { Setting::Plain })>
                    <option value="chat" prop:selected={move || atlas.prompt_setting.get() == Setting::Chat}>"chat message"</option>
                    <option value="plain" prop:selected={move || atlas.prompt_setting.get() == Setting::Plain}>"story start"</option>
                </select>
            </label>
            <details class="sampling">
                <summary class="link">"Sampling"</summary>
                <SamplingPanel />
            </details>
            <span id="speed">{speed}</span>
            <span class="say" id="steersay" role="status">{say}</span>
        </div>
    }
}

/// What can be said about two finished texts.
fn compared(plain: &str, steered: &str, no_push: bool) -> String {
    let parts = split(steered, plain, false);
    match (no_push || plain == steered, parts.count) {
        (true, _) if plain.is_empty() => String::new(),
        (true, _) if no_push => "No push: both texts are the same.".to_owned(),
        (true, _) => "Both texts are the same.".to_owned(),
        (_, 0) => "They part at the first word.".to_owned(),
        (_, 1) => "Same for 1 word, then they part.".to_owned(),
        (_, n) => format!("Same for {n} words, then they part."),
    }
}

#[component]
fn SamplingPanel() -> impl IntoView {
    let field = |id: &'static str,
                 name: &'static str,
                 hint: &'static str,
                 (low, high, step): (f32, f32, f32),
                 get: fn(&Sampling) -> f32,
                 set: fn(&mut Sampling, f32)| {
        let atlas = atlas();
        let value = move || short(atlas.sampling.with(get));
        let change = move |ev| {
            if let Some(v) = event_target_value(&ev)
                .parse::<f32>()
                .ok()
                .filter(|v| v.is_finite())
            {
                atlas.sampling.update(|s| set(s, v.clamp(low, high)));
            }
        };
        view! {
            <label title=hint>
                <span>{name}</span>
                <input id=id type="number" min=low max=high step=step prop:value=value on:change=change />
            </label>
        }
    };
    view! {
        <div class="sampling__panel">
            {field("temperature", "Temperature", "0 always takes the most likely token", (0.0, 2.0, 0.05), |s| s.temperature, |s, v| s.temperature = v)}
            {field("topk", "Top k", "Keep this many likely tokens; 0 keeps all", (0.0, 1000.0, 1.0), |s| s.top_k as f32, |s, v| s.top_k = whole(v))}
            {field("topp", "Top p", "Keep the likely tokens that hold this much probability", (0.01, 1.0, 0.01), |s| s.top_p, |s, v| s.top_p = v)}
            {field("penalty", "Repetition penalty", "1 does nothing; higher repeats less", (1.0, 2.0, 0.05), |s| s.repetition_penalty, |s, v| s.repetition_penalty = v)}
            {field("length", "Longest text", "Tokens per side", (1.0, 1024.0, 1.0), |s| s.max_tokens as f32, |s, v| s.max_tokens = whole(v))}
        </div>
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1024 before"
)]
fn whole(value: f32) -> u32 {
    value.round() as u32
}

fn short(value: f32) -> String {
    let rounded = (f64::from(value) * 1000.0).round() / 1000.0;
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_described() {
        assert_eq!(
            compared("a b", "a c", false),
            "Same for 1 word, then they part."
        );
        assert_eq!(compared("a", "b", false), "They part at the first word.");
        assert_eq!(
            compared("a", "a", true),
            "No push: both texts are the same."
        );
        assert_eq!(compared("", "", true), "");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.7, 40.0, 0.95].map(short), ["0.7", "40", "0.95"]);
    }
}
