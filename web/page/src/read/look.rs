//! How a reading is looked at: the view under the text, the scale, and what it is compared with.

use leptos::prelude::*;

use super::shown::Shown;
use crate::state::Atlas;
use crate::text::t;

/// What stands under the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Some emotions, a row of bars each.
    #[default]
    Rows,
    /// Emotions by tokens.
    Matrix,
    /// Layers by tokens, for the selected emotion.
    Layers,
}

/// What full colour stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// 1: the 99th percentile of emotional text, emotion by emotion; the same for every text.
    #[default]
    Fixed,
    /// The 99th percentile of this text, over all emotions.
    Shared,
    /// The 99th percentile of this text, of each emotion alone.
    Own,
}

/// The settings of the Read panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// What stands under the text.
    pub view: View,
    /// What full colour stands for.
    pub scale: Scale,
    /// Whether the matrix shows every emotion, or those that peak highest.
    pub all: bool,
    /// Whether columns are sentences instead of tokens.
    pub sentences: bool,
    /// A second text to compare with.
    pub versus: Option<String>,
}

/// Smallest value that full colour may stand for: below, a text is taken as neutral.
const LEAST: f32 = 0.05;

/// The 99th percentile of sizes; [`LEAST`] at least.
fn high(mut sizes: Vec<f32>) -> f32 {
    if sizes.is_empty() {
        return 1.0;
    }
    sizes.sort_by(f32::total_cmp);
    let at = (sizes.len() - 1) * 99 / 100;
    sizes[at].max(LEAST)
}

/// What full colour stands for in an emotion's row. `texts` share it.
#[must_use]
pub fn full(scale: Scale, texts: &[&Shown], emotion: usize) -> f32 {
    let sizes = |emotion: usize| {
        texts.iter().flat_map(move |s| {
            let read = (0..s.pieces.len()).filter(|i| s.pieces[*i].read);
            read.map(move |i| s.value(i, emotion).abs())
        })
    };
    match scale {
        Scale::Fixed => 1.0,
        Scale::Own => high(sizes(emotion).collect()),
        Scale::Shared => {
            let most = texts.iter().map(|s| s.reading.emotions as usize).max();
            high((0..most.unwrap_or(0)).flat_map(sizes).collect())
        }
    }
}

/// [`full`] for the texts on the page, tracked.
#[must_use]
pub fn full_here(atlas: Atlas, emotion: usize) -> f32 {
    let scale = atlas.look.with(|l| l.scale);
    if scale == Scale::Fixed {
        return 1.0;
    }
    let (first, second) = (atlas.shown.get(), atlas.second.get());
    let texts: Vec<&Shown> = [&first, &second]
        .into_iter()
        .filter_map(|s| s.as_deref())
        .filter(|s| !s.waiting)
        .collect();
    full(scale, &texts, emotion)
}

/// View, columns, scale.
#[component]
pub fn Looks() -> impl IntoView {
    let atlas = crate::state::atlas();
    let look = atlas.look;
    let tab = move |view: View, id: &'static str, name: &'static str| {
        let on = move || look.with(|l| l.view == view);
        view! {
            <button class="link" id=id aria-pressed=move || on().to_string() on:click=move |_| look.update(|l| l.view = view)>{name}</button>
        }
    };
    let scale = move |ev| {
        let scale = match event_target_value(&ev).as_str() {
            "shared" => Scale::Shared,
            "own" => Scale::Own,
            _ => Scale::Fixed,
        };
        look.update(|l| l.scale = scale);
    };
    let is = move |s: Scale| look.with(|l| l.scale == s);
    let tick = move |id: &'static str,
                     name: &'static str,
                     get: fn(&Look) -> bool,
                     set: fn(&mut Look, bool)| {
        view! {
            <label>
                <input type="checkbox" id=id prop:checked=move || look.with(get)
                    on:change=move |ev| { let on = event_target_checked(&ev); look.update(|l| set(l, on)) } />
                {name}
            </label>
        }
    };
    view! {
        <div class="looks" id="looks" role="group" aria-label=t("read.looks")>
            <span class="looks__views">
                {tab(View::Rows, "viewrows", t("read.view.rows"))} {tab(View::Matrix, "viewmatrix", t("read.view.matrix"))} {tab(View::Layers, "viewlayers", t("read.view.layers"))}
            </span>
            <Show when=move || look.with(|l| l.view == View::Matrix)>
                {tick("allemotions", t("read.all-emotions"), |l| l.all, |l, on| l.all = on)}
            </Show>
            <Show when=move || look.with(|l| l.view != View::Rows)>
                {tick("bysentence", t("read.sentences"), |l| l.sentences, |l, on| l.sentences = on)}
            </Show>
            <label>
                {t("read.scale")}
                <select class="select" id="scaleby" on:change=scale>
                    <option value="fixed" prop:selected=move || is(Scale::Fixed)>{t("read.scale.fixed")}</option>
                    <option value="shared" prop:selected=move || is(Scale::Shared)>{t("read.scale.shared")}</option>
                    <option value="own" prop:selected=move || is(Scale::Own)>{t("read.scale.own")}</option>
                </select>
            </label>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_protocol::Reading;
    use atlas_units::Layer;

    fn shown(values: &[f32]) -> Shown {
        Shown::stored(Reading {
            tokens: ["a", " b", " c"].map(str::to_owned).to_vec(),
            skipped: 1,
            layer: Layer::new(1),
            emotions: 2,
            values: values.to_vec(),
            path: vec![[0.0; 2]; 3],
            turns: vec![],
        })
    }

    #[test]
    fn scales_are_of_what_was_read() {
        // The first token is not read, however large its numbers.
        let text = shown(&[9.0, 9.0, 0.2, -0.4, 0.1, 0.0]);
        assert_eq!(full(Scale::Fixed, &[&text], 0), 1.0);
        assert_eq!(
            full(Scale::Own, &[&text], 0),
            0.1,
            "of two numbers the lower"
        );
        let other = shown(&[0.0, 0.0, 0.6, 0.0, 0.6, 0.0]);
        assert_eq!(
            full(Scale::Own, &[&text, &other], 0),
            0.6,
            "two texts share it"
        );
        let neutral = shown(&[0.0; 6]);
        assert_eq!(full(Scale::Shared, &[&neutral], 1), LEAST);
    }
}
