//! What this is and what it is not, in plain words.

use std::fmt::Display;

use leptos::prelude::*;

use crate::icons::{ABOUT, Icon};
use crate::masthead::backend_line;
use crate::modal::Modal;
use crate::quality::Quality;
use crate::stages::Late;
use crate::state::{Phase, atlas};
use crate::text::{self, LANGUAGES, fill, t};

/// Opens the explanation.
#[component]
pub fn AboutButton() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button class="btn" id="about" aria-label=t("about.short") title=t("about.short") on:click=move |_| open.set(true)>
            <Icon d=ABOUT />
            <span class="lbl">{t("about.short")}</span>
        </button>
        <Modal open class="about" title_id="about-title" title=t("about.title")>
            <Late>
                <Words />
            </Late>
            <Late>
                <Quality />
                <Languages />
            </Late>
        </Modal>
    }
}

/// The choice of a language; another one loads the page again.
#[component]
pub fn Languages() -> impl IntoView {
    let now = text::wanted();
    let option = move |(code, name): (&'static str, &'static str)| {
        view! { <option value=code lang=code selected={now == code}>{name}</option> }
    };
    view! {
        <p>
            <label>
                {t("about.language")}
                " "
                <select class="select" id="language" on:change=|ev| text::choose(&event_target_value(&ev))>{LANGUAGES.into_iter().map(option).collect_view()}</select>
            </label>
        </p>
    }
}

#[component]
fn Words() -> impl IntoView {
    let atlas = atlas();
    let name = move || atlas.entry().map(|e| e.name).unwrap_or_default();
    let facts = move || {
        let (card, layer) = (atlas.card.get(), atlas.layer.get());
        let g = &card.geometry[layer.index().min(card.geometry.len() - 1)];
        let m = &card.method;
        fill(
            "about.facts",
            &[
                ("count", &card.emotions.len()),
                ("stories", &thousands(m.stories)),
                ("mix", &m.map.mix),
                ("first", &m.map.first_token),
                ("centring", &m.map.centring),
                ("nuisance", &m.nuisance),
                (
                    "nuisance-share",
                    &format_args!("{:.0}", m.nuisance_share * 100.0),
                ),
                ("layer", &layer),
                ("across", &format_args!("{:.0}", g.share[0] * 100.0)),
                ("up", &format_args!("{:.0}", g.share[1] * 100.0)),
                ("rv", &format_args!("{:.2}", g.r_valence[0])),
                ("ra", &format_args!("{:.2}", g.r_arousal[1])),
                ("read-space", &m.reading.space),
                ("read-mix", &m.reading.mix),
            ],
        )
    };
    let steering = move || {
        let card = atlas.card.get();
        let layers: Vec<String> = card
            .steering
            .layers
            .iter()
            .map(ToString::to_string)
            .collect();
        let listed = layers.join(", ");
        let safe = format!("{:.0}", card.steering.safe * 100.0);
        let basis = card.steering.basis.trim_end_matches('.');
        let values: &[(&str, &dyn Display)] =
            &[("layers", &listed), ("safe", &safe), ("basis", &basis)];
        match layers.len() {
            1 => fill("about.steering.one", values),
            _ => fill("about.steering.many", values),
        }
    };
    let lab = move || format!("?lab&model={}", atlas.model.get());
    let running = move || {
        if atlas.phase.get() == Phase::Ready {
            format!(" ({})", backend_line())
        } else {
            String::new()
        }
    };
    view! {
        <p>{t("about.what")}</p>
        <h3>{t("about.not-title")}</h3>
        <p>{t("about.not")}</p>
        <p>
            <a class="link" href=lab>{t("lab.title")}</a>
            {t("about.lab-after")}
        </p>
        <h3>{t("about.steered-title")}</h3>
        <p>{t("about.steered")}</p>
        <p>{steering}</p>
        <h3>{t("about.made-title")}</h3>
        <p class="num">{facts}</p>
        <p>{t("about.made")}</p>
        <h3>{t("about.data-title")}</h3>
        <p>{move || fill("about.data", &[("name", &name()), ("running", &running())])}</p>
        <p>{t("about.keys")}</p>
    }
}

/// A number with its thousands set apart.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(t("about.thousands"));
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_have_commas() {
        assert_eq!(
            [7, 1_881, 1_234_567].map(thousands),
            ["7", "1,881", "1,234,567"]
        );
    }
}
