//! The texts side by side, the first word or token that differs marked.

use atlas_protocol::Side;
use leptos::html::Div;
use leptos::prelude::*;

use super::Bench;
use super::differ::{Split, head, split};
use super::job;
use super::recipe::{Run, place};
use super::seeds::called;
use super::tokens::{Tokens, parting};
use crate::state::atlas;
use crate::text::t;

/// All outputs.
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
            if stale() { t("steer.last-run") } else { "" }
        )
    };
    let three = move || bench.recipe.with(|r| r.how.control);
    view! {
        <div class="pair" class:three=three hidden=move || bench.seeds.get()>
            <div class="side">
                <h3>{t("steer.plain")}</h3>
                <Output id="outA" label=t("steer.out.plain") side=Side::Plain />
            </div>
            <div class="side">
                <h3 id="steeredh">
                    {t("steer.steered")} " "
                    <span>{recipe}</span>
                </h3>
                <Output id="outB" label=t("steer.out.steered") side=Side::Steered />
            </div>
            <Show when=three>
                <div class="side">
                    <h3 id="randomh">{t("steer.random")} " " <span>{t("steer.out.control")}</span></h3>
                    <Output id="outC" label=t("steer.out.random") side=Side::Random />
                </div>
            </Show>
        </div>
    }
}

/// What a column without text says.
fn lacking(run: &Run, side: Side) -> Option<&'static str> {
    if side != Side::Random || !run.random.is_empty() {
        return None;
    }
    Some(if run.stored {
        t("steer.lacks.stored")
    } else if run.recipe.pushes.is_empty() {
        t("steer.lacks.push")
    } else if !run.recipe.how.control {
        t("steer.lacks.run")
    } else {
        ""
    })
}

/// One text; it follows its end while it grows, and fades where there is more below.
#[component]
fn Output(id: &'static str, label: &'static str, side: Side) -> impl IntoView {
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
            let masked = |text: &str| crate::class::shown(atlas, &cut(text));
            let other = match side {
                Side::Plain => &r.steered,
                Side::Steered | Side::Random => &r.plain,
            };
            split(&masked(r.text(side)), &masked(other), growing())
        })
    });
    let tokens = Memo::new(move |_| {
        // Words are masked whole; token by token a class would read them after all.
        if atlas.class.get() {
            return None;
        }
        atlas.run.with(|r| {
            let r = r.as_ref()?;
            let other = match side {
                Side::Plain => Side::Steered,
                Side::Steered | Side::Random => Side::Plain,
            };
            let own = r.choices[place(side)].clone()?;
            // Without the other's tokens nothing can be said about where they part.
            let other = r.choices[place(other)].clone()?;
            let parts = parting(&own, &other);
            Some((own, parts))
        })
    });
    let lacks = move || {
        atlas
            .run
            .with(|r| r.as_ref().and_then(|r| lacking(r, side)))
    };
    let more = move || {
        !growing()
            && atlas.run.with(|r| {
                r.as_ref()
                    .is_some_and(|r| r.cut[place(side)] && !r.text(side).is_empty())
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
        tokens.track();
        atlas.tab.track();
        atlas.screen.track();
        bench.seeds.track();
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
    // A finished text is read from its beginning; in a chat, from the last question.
    Effect::new(move |before: Option<bool>| {
        let now = growing();
        if before == Some(true)
            && !now
            && let Some(e) = shell.get_untracked()
        {
            let start = e.query_selector(".asked").ok().flatten();
            let top = start
                .filter(|_| atlas.talk.with_untracked(|t| !t.is_empty()))
                .map_or(0, |s| {
                    let gap =
                        s.get_bounding_client_rect().top() - e.get_bounding_client_rect().top();
                    e.scroll_top() + pixels(gap)
                });
            e.set_scroll_top(top);
        }
        now
    });
    let class = move || {
        format!(
            "out{}{}",
            if faded.get() { " fade" } else { "" },
            if side != Side::Plain && !bench.fits.get() {
                " stale"
            } else {
                ""
            }
        )
    };
    let before = move || {
        let spoken = atlas.talk.get();
        let turn = |s: &super::recipe::Spoken| {
            view! {
                <p class="said said--you"><b>{t("steer.you")} " "</b>{s.exchange.user.clone()}</p>
                <p class="said"><b>{called(side)} " "<small>{(side != Side::Plain).then(|| s.recipe.clone())}</small></b>{crate::class::shown(atlas, s.exchange.answer(side))}</p>
            }
        };
        spoken.iter().map(turn).collect_view()
    };
    let asked = move || {
        let now = atlas.run.with(|r| {
            let r = r.as_ref()?;
            (!r.recipe.before.is_empty()).then(|| r.recipe.prompt.clone())
        });
        now.map(|prompt| view! { <p class="said said--you asked"><b>{t("steer.you")} " "</b>{prompt}</p> })
    };
    let text = move || {
        match tokens.get() {
        Some((choices, parts)) if !growing() => {
            view! { <Tokens side=side choices=choices parts=parts /> }.into_any()
        }
        _ => view! {
            <span class="same">{move || parts.get().same}</span>
            {move || {
                let word = parts.get().word;
                (!word.is_empty()).then(|| view! { <mark title=t("steer.first-word")>{word}</mark> })
            }}
            <span>{move || parts.get().rest}</span>
        }
        .into_any(),
    }
    };
    view! {
        <div class=class id=id tabindex="0" role="region" aria-label=label aria-busy=move || growing().to_string() node_ref=shell on:scroll=move |_| look()>
            {before}
            {asked}
            {text}
            {move || more().then(|| view! { <span class="cut">" \u{2026}"</span> })}
            {move || lacks().filter(|_| !growing()).map(|words| view! { <span class="lacks">{words}</span> })}
        </div>
    }
}

/// Asks for the tokens' choices where they do not come by themselves.
#[component]
pub fn ChoicesButton() -> impl IntoView {
    let atlas = atlas();
    let asking = RwSignal::new(false);
    Effect::new(move |_| {
        atlas.run.track();
        asking.set(false);
    });
    let wanted = move || {
        job::explainable(atlas)
            && atlas.run.with(|r| {
                r.as_ref().is_some_and(|r| {
                    !r.steered.is_empty() && r.choices[place(Side::Steered)].is_none()
                })
            })
    };
    let press = move |_| {
        asking.set(true);
        job::explain(atlas);
    };
    view! {
        <button class="link" id="tokenchoices" hidden=move || !wanted() disabled=move || asking.get() on:click=press>
            {move || if asking.get() { t("steer.choices.asking") } else { t("steer.choices.ask") }}
        </button>
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a screen")]
fn pixels(x: f64) -> i32 {
    x.round() as i32
}
