//! What a generated token might have been: the ten likeliest, and what steering did to them.

use atlas_protocol::{Candidate, Choice, Side};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::recipe::place;
use crate::read::tip::beside;
use crate::state::atlas;
use crate::text::t;

/// Which token the tip is about, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChoiceAt {
    /// Its side.
    pub side: Side,
    /// Its place.
    pub token: usize,
    /// Client coordinates.
    pub x: f64,
    /// Client coordinates.
    pub y: f64,
    /// Whether it stays.
    pub pinned: bool,
}

/// A probability; what would round to nothing is said to be less.
#[must_use]
pub fn percent(p: f32) -> String {
    match p * 100.0 {
        p if p >= 9.95 => format!("{p:.0}%"),
        p if p >= 0.1 => format!("{p:.1}%"),
        p if p > 0.0 => "<0.1%".to_owned(),
        _ => "0%".to_owned(),
    }
}

/// How many times as likely, where that can be said.
#[must_use]
pub fn times(candidate: &Candidate) -> String {
    let Candidate { plain, steered, .. } = candidate;
    if *plain < 1e-6 || *steered < 1e-6 {
        return if plain < steered {
            t("steer.choice.new").into()
        } else {
            String::new()
        };
    }
    match steered / plain {
        r if r >= 9.95 => format!("\u{D7}{r:.0}"),
        r if r >= 1.05 => format!("\u{D7}{r:.1}"),
        r if r <= 1.0 / 9.95 => format!("\u{F7}{:.0}", 1.0 / r),
        r if r <= 1.0 / 1.05 => format!("\u{F7}{:.1}", 1.0 / r),
        _ => "=".into(),
    }
}

/// A token that can be seen: spaces as a sign, line breaks as another.
#[must_use]
pub fn visible(text: &str) -> String {
    text.replace(' ', "\u{2423}")
        .replace('\n', "\u{21B5}")
        .replace('\t', "\u{21E5}")
}

/// The tip of the generated texts.
#[component]
pub fn ChoiceTip() -> impl IntoView {
    let atlas = atlas();
    let tip = expect_context::<RwSignal<Option<ChoiceAt>>>();
    let shell = NodeRef::<Div>::new();
    let click = window_event_listener(leptos::ev::click, move |ev| {
        let inside = ev
            .target()
            .and_then(|t| t.dyn_into::<Element>().ok())
            .and_then(|e| e.closest("#choices").ok().flatten())
            .is_some();
        if !inside && tip.with_untracked(|t| t.is_some_and(|t| t.pinned)) {
            tip.set(None);
        }
    });
    let escape = window_event_listener(leptos::ev::keydown, move |ev| {
        if ev.key() == "Escape" && tip.with_untracked(Option::is_some) {
            tip.set(None);
        }
    });
    on_cleanup(move || {
        click.remove();
        escape.remove();
    });
    // Another run has other tokens.
    Effect::new(move |before: Option<()>| {
        atlas.running.track();
        atlas.tab.track();
        if before.is_some() {
            tip.set(None);
        }
    });
    Effect::new(move |_| {
        if let (Some(shell), Some(at)) = (shell.get(), tip.get()) {
            request_animation_frame(move || beside(&shell, at.x, at.y));
        }
    });
    let content = move || {
        let at = tip.get()?;
        let (choice, pushed) = atlas.run.with(|r| {
            let r = r.as_ref()?;
            let all = r.choices[place(at.side)].as_ref()?;
            Some((all.get(at.token)?.clone(), !r.recipe.pushes.is_empty()))
        })?;
        Some(table(at.side, &choice, pushed))
    };
    view! {
        <div class="tip choices" id="choices" node_ref=shell role="status" class:pin=move || tip.with(|t| t.is_some_and(|t| t.pinned)) hidden=move || tip.with(Option::is_none)>
            {content}
        </div>
    }
}

fn table(side: Side, choice: &Choice, pushed: bool) -> impl IntoView + use<> {
    let other = match side {
        Side::Random => t("steer.choice.random"),
        _ => t("steer.choice.steered"),
    };
    let row = |c: &Candidate, drawn: bool| {
        view! {
            <tr class:drawn=drawn>
                <th scope="row">{visible(&c.text)}</th>
                <td>{percent(c.plain)}</td>
                {pushed.then(|| view! { <td>{percent(c.steered)}</td> <td class="times">{times(c)}</td> })}
            </tr>
        }
    };
    let among = choice.top.iter().any(|c| c.text == choice.drawn.text);
    let rows = choice
        .top
        .iter()
        .map(|c| row(c, c.text == choice.drawn.text))
        .collect_view();
    let below = (!among).then(|| row(&choice.drawn, true));
    view! {
        <table class="num">
            <caption>
                {t("steer.choice.caption")}
            </caption>
            <thead>
                <tr>
                    <th scope="col">{t("steer.choice.token")}</th>
                    <th scope="col">{t("steer.choice.plain")}</th>
                    {pushed.then(|| view! { <th scope="col">{other}</th> <th scope="col"><span class="vh">{t("steer.choice.change")}</span></th> })}
                </tr>
            </thead>
            <tbody>{rows} {below}</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_probabilities_are_not_nothing() {
        assert_eq!(
            [0.5, 0.0342, 0.0002, 0.0].map(percent),
            ["50%", "3.4%", "<0.1%", "0%"]
        );
    }

    #[test]
    fn changes_are_factors() {
        let change = |plain, steered| {
            times(&Candidate {
                text: String::new(),
                plain,
                steered,
            })
        };
        assert_eq!(change(0.1, 0.25), "\u{D7}2.5");
        assert_eq!(change(0.5, 0.02), "\u{F7}25");
        assert_eq!(change(0.5, 0.5), "=");
        assert_eq!(change(0.0, 0.2), "new");
        assert_eq!(change(0.2, 0.0), "");
    }

    #[test]
    fn blanks_are_seen() {
        assert_eq!(visible(" a\n"), "\u{2423}a\u{21B5}");
    }
}
