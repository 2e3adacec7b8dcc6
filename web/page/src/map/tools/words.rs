//! Which words the selected direction speaks for: the logit lens.

use atlas_affect::report::{Lens, Report};
use leptos::prelude::*;

use crate::library;
use crate::state::{Phase, atlas};
use crate::text::{fill, t};

use super::super::ask;
use super::super::state::{Fetched, LensOf};

/// The words, from the running model, else from the stored twelve.
#[component]
pub fn Words() -> impl IntoView {
    let atlas = atlas();
    let report = RwSignal::new(None::<Report>);
    Effect::new(move |_| {
        let model = atlas.model.get();
        leptos::task::spawn_local(async move {
            let found = library::report(&model).await;
            if atlas.model.try_get_untracked() == Some(model) {
                report.try_set(found);
            }
        });
    });
    let name = move || atlas.name_of(atlas.selected.get());
    let stored = move || {
        let name = name();
        report.with(|r| {
            let lens = &r.as_ref()?.once.lens;
            lens.iter().find(|l| l.emotion == name).cloned()
        })
    };
    // What is not stored is asked of the model as soon as it runs.
    Effect::new(move |_| {
        let (emotion, ready) = (atlas.selected.get(), atlas.phase.get() == Phase::Ready);
        if ready && !atlas.map.lens.with_untracked(|l| l.is_of(emotion)) {
            ask::lens(atlas, emotion);
        }
    });
    let words = move || {
        let emotion = atlas.selected.get();
        let live = atlas.map.lens.with(|l| match l {
            LensOf { emotion: of, words } if *of == emotion => words.clone(),
            LensOf { .. } => Fetched::No,
        });
        match live {
            Fetched::Here(lens) => shown(&lens, t("map.words.live")).into_any(),
            Fetched::Missing(words) => {
                view! { <p class="problem" role="alert">{words}</p> }.into_any()
            }
            Fetched::Coming if stored().is_none() => {
                view! { <p class="quiet" role="status">{t("map.words.asking")}</p> }.into_any()
            }
            Fetched::Coming | Fetched::No => match stored() {
                Some(lens) => shown(&lens, t("map.words.stored")).into_any(),
                None => view! {
                    <p class="quiet" id="lensnone">
                        {move || fill("map.words.none", &[("name", &name())])}
                    </p>
                }
                .into_any(),
            },
        }
    };
    let layer = move || {
        atlas.card.with(|c| {
            let layers = &c.steering.layers;
            layers.first().copied().unwrap_or(c.layer)
        })
    };
    view! {
        <div aria-live="polite">{words}</div>
        <p class="quiet foot-note">
            {move || fill("map.words.note", &[("layer", &layer())])}
        </p>
    }
}

fn shown(lens: &Lens, from: &'static str) -> impl IntoView + use<> {
    let row = |title: &'static str, id: &'static str, words: &[String]| {
        let words: Vec<String> = words.iter().map(|w| visible(w)).collect();
        view! {
            <div class="lens__row" id=id>
                <span class="lab">{title}</span>
                <ul>{words.into_iter().map(|w| view! { <li>{w}</li> }).collect_view()}</ul>
            </div>
        }
    };
    view! {
        <div class="lens" data-from=from title=from>
            {row(t("map.words.up"), "lensup", &lens.up)}
            {row(t("map.words.down"), "lensdown", &lens.down)}
        </div>
    }
}

/// A piece of text with its space made visible, since ` calm` and `calm` are two tokens.
fn visible(token: &str) -> String {
    token
        .chars()
        .map(|c| match c {
            ' ' => '\u{b7}',
            '\n' => '\u{21b5}',
            '\t' => '\u{2192}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn spaces_and_breaks_are_seen() {
        assert_eq!(visible(" calm"), "·calm");
        assert_eq!(visible("\n\t\u{7}x"), "↵→\u{fffd}x");
    }
}
