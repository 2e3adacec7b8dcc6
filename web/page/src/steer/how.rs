//! How it is steered, besides emotions and strengths: what is done, where, to which tokens, and the control.

use atlas_affect::card::VectorsCard;
use atlas_protocol::{Method, Span};
use atlas_units::Layer;
use leptos::prelude::*;

use crate::state::atlas;
use crate::text::{fill, t};

/// The choices; the default is what the vectors were measured with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// What is done along a direction.
    pub method: Method,
    /// First and last layer, where they are not the card's.
    pub layers: Option<(u16, u16)>,
    /// Which tokens are steered.
    pub span: Span,
    /// Whether a third text is written along random vectors.
    pub control: bool,
}

impl How {
    /// The layers for the engine; empty takes the card's.
    #[must_use]
    pub fn requested(&self) -> Vec<Layer> {
        self.layers
            .map_or(vec![], |(from, to)| (from..=to).map(Layer::new).collect())
    }

    /// Whether it is what a stored example was made with; the control aside.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        Self {
            control: false,
            ..*self
        } == Self::default()
    }

    /// In words: `added at layer 18, prompt and new tokens`.
    #[must_use]
    pub fn words(&self, card: &VectorsCard) -> String {
        let what = match self.method {
            Method::Add => t("steer.how.added"),
            Method::ProjectOut => t("steer.how.projected"),
            Method::Clamp => t("steer.how.clamped"),
        };
        let tokens = match self.span {
            Span::All => t("steer.how.all"),
            Span::Prompt => t("steer.how.prompt"),
            Span::New => t("steer.how.new"),
        };
        fill(
            "steer.how",
            &[
                ("what", &what),
                ("place", &self.place(card)),
                ("tokens", &tokens),
            ],
        )
    }

    fn place(&self, card: &VectorsCard) -> String {
        match self.layers {
            Some((from, to)) if from == to => fill("layer.n", &[("layer", &from)]),
            Some((from, to)) => fill("steer.layers.range", &[("from", &from), ("to", &to)]),
            None => {
                let layers = &card.steering.layers;
                let list: Vec<String> = layers.iter().map(ToString::to_string).collect();
                match list.as_slice() {
                    [layer] => fill("layer.n", &[("layer", layer)]),
                    _ => fill("steer.layers.list", &[("list", &list.join(", "))]),
                }
            }
        }
    }
}

/// What a method does, for people.
fn about(method: Method) -> &'static str {
    match method {
        Method::Add => t("steer.about.add"),
        Method::ProjectOut => t("steer.about.out"),
        Method::Clamp => t("steer.about.clamp"),
    }
}

/// The line that says how, and the panel behind it.
#[component]
pub fn HowPanel() -> impl IntoView {
    let atlas = atlas();
    let how = atlas.how;
    let last = move || atlas.card.with(|c| c.geometry.len().saturating_sub(1));
    let own = move || how.with(|h| h.layers.is_some());
    let measured = move || {
        let place = atlas.card.with(|c| How::default().place(c));
        fill("steer.layers.measured", &[("place", &place)])
    };
    let first = move || {
        let layer = atlas
            .card
            .with_untracked(|c| c.steering.layers.first().copied());
        u16::try_from(layer.unwrap_or(Layer::EMBEDDING).index()).unwrap_or(0)
    };
    let choose_layers = move |ev| {
        let wanted = event_target_value(&ev) == "own";
        how.update(|h| h.layers = wanted.then(|| (first(), first())));
    };
    let end = move |upper: bool, ev| {
        let Ok(layer) = event_target_value(&ev).trim().parse::<u16>() else {
            return;
        };
        let layer = layer.min(u16::try_from(untrack(last)).unwrap_or(u16::MAX));
        how.update(|h| {
            if let Some((from, to)) = &mut h.layers {
                if upper {
                    (*from, *to) = ((*from).min(layer), layer);
                } else {
                    (*from, *to) = (layer, (*to).max(layer));
                }
            }
        });
    };
    let bound = move |upper: bool| {
        let (from, to) = how.with(|h| h.layers).unwrap_or_default();
        (if upper { to } else { from }).to_string()
    };
    let method = move |ev| {
        let method = match event_target_value(&ev).as_str() {
            "out" => Method::ProjectOut,
            "clamp" => Method::Clamp,
            _ => Method::Add,
        };
        how.update(|h| h.method = method);
    };
    let span = move |ev| {
        let span = match event_target_value(&ev).as_str() {
            "prompt" => Span::Prompt,
            "new" => Span::New,
            _ => Span::All,
        };
        how.update(|h| h.span = span);
    };
    let is = move |m: Method| how.with(|h| h.method == m);
    let on = move |s: Span| how.with(|h| h.span == s);
    view! {
        <details class="sampling how" id="how">
            <summary class="link">{move || how.with(|h| atlas.card.with(|c| h.words(c)))}</summary>
            <div class="sampling__panel how__panel">
                <label>
                    <span>{t("steer.method")}</span>
                    <select class="select" id="method" on:change=method>
                        <option value="add" prop:selected=move || is(Method::Add)>{t("steer.method.add")}</option>
                        <option value="out" prop:selected=move || is(Method::ProjectOut)>{t("steer.method.out")}</option>
                        <option value="clamp" prop:selected=move || is(Method::Clamp)>{t("steer.method.clamp")}</option>
                    </select>
                </label>
                <p>{move || about(how.with(|h| h.method))}</p>
                <label>
                    <span>{t("steer.layers")}</span>
                    <select class="select" id="atlayers" on:change=choose_layers>
                        <option value="card" prop:selected=move || !own()>{measured}</option>
                        <option value="own" prop:selected=own>{t("steer.layers.own")}</option>
                    </select>
                </label>
                <div class="how__range" hidden=move || !own()>
                    <label>{t("steer.layers.from")} " "<input type="number" id="fromlayer" min="0" max=last prop:value=move || bound(false) on:change=move |ev| end(false, ev) /></label>
                    <label>{t("steer.layers.to")} " "<input type="number" id="tolayer" min="0" max=last prop:value=move || bound(true) on:change=move |ev| end(true, ev) /></label>
                </div>
                <p hidden=move || !how.with(|h| h.method == Method::Add && h.layers.is_some_and(|(a, b)| a < b))>{t("steer.layers.shared")}</p>
                <label>
                    <span>{t("steer.span")}</span>
                    <select class="select" id="span" on:change=span>
                        <option value="all" prop:selected=move || on(Span::All)>{t("steer.span.all")}</option>
                        <option value="prompt" prop:selected=move || on(Span::Prompt)>{t("steer.span.prompt")}</option>
                        <option value="new" prop:selected=move || on(Span::New)>{t("steer.span.new")}</option>
                    </select>
                </label>
                <p>
                    {t("steer.span.about")}
                </p>
                <label class="how__check">
                    <input type="checkbox" id="control" prop:checked=move || how.with(|h| h.control)
                        on:change=move |ev| { let on = event_target_checked(&ev); how.update(|h| h.control = on) } />
                    <span>{t("steer.control")}</span>
                </label>
                <p>{t("steer.control.about")}</p>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_layers_are_all_between() {
        let how = How {
            layers: Some((3, 5)),
            ..How::default()
        };
        assert_eq!(how.requested(), [3, 4, 5].map(Layer::new));
        assert!(How::default().requested().is_empty());
        assert!(!how.is_usual());
        let control = How {
            control: true,
            ..How::default()
        };
        assert!(control.is_usual());
    }
}
