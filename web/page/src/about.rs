//! What this is and what it is not, in plain words.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::icons::{ABOUT, Icon};
use crate::masthead::backend_line;
use crate::models::open;
use crate::state::{Phase, atlas};

/// Opens the explanation.
#[component]
pub fn AboutButton() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    view! {
        <button class="btn" id="about" aria-label="About" title="About" on:click=move |_| open(dialog)>
            <Icon d=ABOUT />
            <span class="lbl">"About"</span>
        </button>
        <dialog class="about" node_ref=dialog aria-labelledby="about-title">
            <h2 id="about-title" tabindex="-1" autofocus>"What this is, and what it is not"</h2>
            <Words />
            <form method="dialog">
                <button class="btn btn--main">"Close"</button>
            </form>
        </dialog>
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
        format!(
            "Each of the {} vectors is a mean over {} short stories ({} tokens), from token {} on, centred by {}; {} components that tell \
             stories apart but not emotions ({:.0} % of that variance) were taken out. The map shows the first two principal components at layer {} \
             ({:.0} % and {:.0} % of the variance). Across the emotions, left to right correlates with rated valence at r = {:.2}, \
             bottom to top with rated arousal at r = {:.2}. Axes with a low r deserve no name.",
            card.emotions.len(),
            thousands(m.stories),
            thousands(m.tokens),
            m.first_token,
            m.centred_by,
            m.nuisance,
            m.nuisance_share * 100.0,
            layer,
            g.share[0] * 100.0,
            g.share[1] * 100.0,
            g.r_valence[0],
            g.r_arousal[1],
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
        format!(
            "Steering adds the vector to what the model computes at {} {} while it writes, at every position. Strength is a percentage of \
             the usual length of that internal state. Up to {:.0} % in all, the text mostly stays fluent ({}). Beyond, it breaks.",
            if layers.len() == 1 { "layer" } else { "layers" },
            layers.join(", "),
            card.steering.safe * 100.0,
            card.steering.basis.trim_end_matches('.'),
        )
    };
    let running = move || {
        if atlas.phase.get() == Phase::Ready {
            format!(" ({})", backend_line())
        } else {
            String::new()
        }
    };
    view! {
        <p>
            "A language model turns words into long lists of numbers. Some directions in those numbers go with emotion words: along one of them, stories of fear \
             lie far out and calm ones do not. This page finds 171 such directions in a small model, draws them as a map, \
             shows where a text goes along them, and pushes the model along them while it writes."
        </p>
        <h3>"What it does not show"</h3>
        <p>
            "Nothing here means that a model feels. The directions are concepts that the model uses for text about emotions, its own or anybody's. \
             A coloured word is a measurement on a small model, noisy and often wrong for a single word. It says nothing about the writer or the reader of a text; \
             do not use it to judge people."
        </p>
        <h3>"Steered text"</h3>
        <p>"Steered text can be dark, rude or untrue. It is what a small model writes under a push, not advice."</p>
        <p>{steering}</p>
        <h3>"How the map was made"</h3>
        <p class="num">{facts}</p>
        <p>
            "A token's value is its distance along an emotion's direction from that of neutral text, divided by the 99th percentile over emotional text: \
             +1 is as strong as one token in a hundred. The first tokens of a text are not read: the first has no context and swamps everything. \
             The method follows published work on emotion vectors in large models, here on a small one. Results differ: small models read the surface of plain prose, \
             and miss what good literature hides."
        </p>
        <h3>"Your data"</h3>
        <p>
            {move || format!("{} runs in this browser{}. What you type is not sent anywhere. It is kept in the address, so a link you share holds your text.", name(), running())}
        </p>
        <p>"Keys: / finds an emotion; on the map, arrows move the selection, + and - zoom, 0 shows all; in the text, arrows move and Enter opens a word."</p>
    }
}

/// A number with commas.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
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
