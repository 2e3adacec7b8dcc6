//! How it is steered, besides emotions and strengths: what is done, where, to which tokens, and the control.

use atlas_affect::card::VectorsCard;
use atlas_protocol::{Method, Span};
use atlas_units::Layer;
use leptos::prelude::*;

use crate::state::atlas;

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
            Method::Add => "Added",
            Method::ProjectOut => "Projected out",
            Method::Clamp => "Clamped",
        };
        let tokens = match self.span {
            Span::All => "prompt and new tokens",
            Span::Prompt => "prompt only",
            Span::New => "new tokens only",
        };
        format!("{what} at {}, {tokens}", self.place(card))
    }

    fn place(&self, card: &VectorsCard) -> String {
        match self.layers {
            Some((from, to)) if from == to => format!("layer {from}"),
            Some((from, to)) => format!("layers {from} to {to}"),
            None => {
                let layers = &card.steering.layers;
                let list: Vec<String> = layers.iter().map(ToString::to_string).collect();
                let word = if list.len() == 1 { "layer" } else { "layers" };
                format!("{word} {}", list.join(", "))
            }
        }
    }
}

/// What a method does, for people.
const fn about(method: Method) -> &'static str {
    match method {
        Method::Add => {
            "Adds the emotion\u{2019}s vector: percent of the residual stream\u{2019}s mean length."
        }
        Method::ProjectOut => {
            "Takes out whatever lies along the emotion\u{2019}s direction; the sliders do not count."
        }
        Method::Clamp => {
            "Sets the emotion to a level: percent of the residual stream\u{2019}s mean length above neutral text. 0% is neutral."
        }
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
        format!("as measured: {place}")
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
                    <span>"Method"</span>
                    <select class="select" id="method" on:change=method>
                        <option value="add" prop:selected=move || is(Method::Add)>"add"</option>
                        <option value="out" prop:selected=move || is(Method::ProjectOut)>"project out"</option>
                        <option value="clamp" prop:selected=move || is(Method::Clamp)>"clamp to a level"</option>
                    </select>
                </label>
                <p>{move || about(how.with(|h| h.method))}</p>
                <label>
                    <span>"Layers"</span>
                    <select class="select" id="atlayers" on:change=choose_layers>
                        <option value="card" prop:selected=move || !own()>{measured}</option>
                        <option value="own" prop:selected=own>"my own"</option>
                    </select>
                </label>
                <div class="how__range" hidden=move || !own()>
                    <label>"from "<input type="number" id="fromlayer" min="0" max=last prop:value=move || bound(false) on:change=move |ev| end(false, ev) /></label>
                    <label>"to "<input type="number" id="tolayer" min="0" max=last prop:value=move || bound(true) on:change=move |ev| end(true, ev) /></label>
                </div>
                <p hidden=move || !how.with(|h| h.method == Method::Add && h.layers.is_some_and(|(a, b)| a < b))>"The push is shared evenly among the layers."</p>
                <label>
                    <span>"Tokens"</span>
                    <select class="select" id="span" on:change=span>
                        <option value="all" prop:selected=move || on(Span::All)>"prompt and new"</option>
                        <option value="prompt" prop:selected=move || on(Span::Prompt)>"prompt only"</option>
                        <option value="new" prop:selected=move || on(Span::New)>"new only"</option>
                    </select>
                </label>
                <p>
                    "The model keeps keys and values of every token as they were when it ran (the KV cache). A token that ran steered stays steered for all that follow. Nothing is kept between runs: each reads the prompt anew."
                </p>
                <label class="how__check">
                    <input type="checkbox" id="control" prop:checked=move || how.with(|h| h.control)
                        on:change=move |ev| { let on = event_target_checked(&ev); how.update(|h| h.control = on) } />
                    <span>"Third text: random vectors"</span>
                </label>
                <p>"As long as the push, drawn by the seed from the emotions\u{2019} own span. What they do, any push of that size does."</p>
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
