//! The two texts side by side, the first word that differs marked.

use leptos::html::Div;
use leptos::prelude::*;

use super::Bench;
use super::differ::{Split, head, split};
use crate::state::atlas;

/// Both outputs.
#[component]
pub fn Pair() -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let stale = move || !bench.fits.get() && atlas.run.with(Option::is_some);
    let recipe = move || {
        let words = atlas
            .run
            .with(|r| r.as_ref().map(|r| atlas.card.with(|c| r.recipe.words(c))));
        format!(
            "{}{}",
            words.unwrap_or_default(),
            if stale() { " (last run)" } else { "" }
        )
    };
    view! {
        <div class="pair">
            <h3>"Plain"</h3>
            <h3 id="steeredh">
                "Steered "
                <span>{recipe}</span>
            </h3>
            <Output id="outA" label="Plain text" steered=false />
            <Output id="outB" label="Steered text" steered=true />
        </div>
    }
}

/// One text; it follows its end while it grows, and fades where there is more below.
#[component]
fn Output(id: &'static str, label: &'static str, steered: bool) -> impl IntoView {
    let atlas = atlas();
    let bench = expect_context::<Bench>();
    let shell = NodeRef::<Div>::new();
    let growing = move || atlas.running.get() || bench.replay.get().is_some();
    let parts = Memo::new(move |_| {
        let shown = bench.replay.get();
        atlas.run.with(|r| {
            let Some(r) = r else { return Split::default() };
            let cut =
                |text: &str| shown.map_or_else(|| text.to_owned(), |n| head(text, n).to_owned());
            let (plain, other) = (cut(&r.plain), cut(&r.steered));
            if steered {
                split(&other, &plain, growing())
            } else {
                split(&plain, &other, growing())
            }
        })
    });
    let more = move || {
        !growing()
            && atlas.run.with(|r| {
                r.as_ref()
                    .is_some_and(|r| r.cut[usize::from(steered)] && !r.plain.is_empty())
            })
    };
    let faded = RwSignal::new(false);
    let look = move || {
        if let Some(e) = shell.get_untracked() {
            faded.set(e.scroll_height() - e.client_height() - e.scroll_top() > 6);
        }
    };
    Effect::new(move |_| {
        parts.track();
        atlas.tab.track();
        atlas.screen.track();
        let grows = growing();
        request_animation_frame(move || {
            if let Some(e) = shell.get_untracked()
                && grows
            {
                e.set_scroll_top(e.scroll_height());
            }
            look();
        });
    });
    // A finished text is read from its beginning.
    Effect::new(move |before: Option<bool>| {
        let now = growing();
        if before == Some(true)
            && !now
            && let Some(e) = shell.get_untracked()
        {
            e.set_scroll_top(0);
        }
        now
    });
    let class = move || {
        format!(
            "out{}{}",
            if faded.get() { " fade" } else { "" },
            if steered && !bench.fits.get() {
                " stale"
            } else {
                ""
            }
        )
    };
    view! {
        <div class=class id=id tabindex="0" role="region" aria-label=label aria-busy=move || growing().to_string() node_ref=shell on:scroll=move |_| look()>
            <span class="same">{move || parts.get().same}</span>
            {move || {
                let word = parts.get().word;
                (!word.is_empty()).then(|| view! { <mark title="First word that differs">{word}</mark> })
            }}
            <span>{move || parts.get().rest}</span>
            {move || more().then(|| view! { <span class="cut">" \u{2026}"</span> })}
        </div>
    }
}
