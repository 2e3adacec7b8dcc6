//! Fetches what the page is drawn from, and puts its parts together.

use std::time::Duration;

use leptos::mount::mount_to_body;
use leptos::prelude::*;

use crate::bench;
use crate::class::{self, ClassNote};
use crate::embed::{self, Credit};
use crate::engine::{self, Engine};
use crate::lab;
use crate::lesson::LessonBar;
use crate::library;
use crate::link;
use crate::map::Map;
use crate::masthead::Masthead;
use crate::offline::{self, Announce};
use crate::projector;
use crate::read::Read;
use crate::selection::Selection;
use crate::session;
use crate::share::{self, Toast};
use crate::stages::{Late, at_last};
use crate::starter::Starter;
use crate::state::{Atlas, Phase};
use crate::steer::Steer;
use crate::tabs::{SideSwitch, Tabs};
use crate::teach::{self, Teach};
use crate::text;

/// Fetches the catalogue, a model's card and its stored outputs, then shows the page; or the view that measures.
pub async fn boot() {
    projector::apply();
    if let Err(words) = text::bring().await {
        return say(&words);
    }
    if bench::wanted() {
        return match bench::load().await {
            Ok(catalogue) => {
                clear();
                bench::show(catalogue);
            }
            Err(missing) => say(&missing.to_string()),
        };
    }
    if lab::wanted() {
        return match lab::load().await {
            Ok(stored) => {
                clear();
                lab::show(stored);
            }
            Err(missing) => say(&missing.to_string()),
        };
    }
    match load().await {
        Ok((catalogue, model, card, examples, link, dropped)) => {
            let page = move || {
                let atlas = Atlas::new(catalogue, model, card, examples);
                atlas.left_out.set(link::left_out(&dropped));
                provide_context(atlas);
                provide_context(offline::start());
                if teach::wanted() {
                    return view! { <Teach /> }.into_any();
                }
                share::apply(atlas, link);
                view! { <Page /> }.into_any()
            };
            // Not in the task that read the files.
            let show = move || {
                clear();
                mount_to_body(page);
            };
            set_timeout(show, Duration::ZERO);
        }
        Err(missing) => say(&missing.to_string()),
    }
}

type Loaded = (
    atlas_protocol::Catalogue,
    String,
    atlas_affect::card::VectorsCard,
    Option<atlas_protocol::Examples>,
    link::Link,
    Vec<String>,
);

async fn load() -> Result<Loaded, library::Missing> {
    let catalogue = library::catalogue().await?;
    let (mut link, mut dropped) = link::read(&share::hash());
    link::check_model(&mut link, &catalogue, &mut dropped);
    let known = |id: &str| catalogue.models.iter().any(|m| m.id == id);
    let model = link.model.clone().unwrap_or_else(|| {
        if known(&catalogue.default) {
            catalogue.default.clone()
        } else {
            catalogue.models[0].id.clone()
        }
    });
    let examples = library::examples(&model);
    let (card, examples) = both(library::card(&model), examples).await;
    let card = card?;
    link::check_vectors(&mut link, &card, &mut dropped);
    Ok((catalogue, model, card, examples, link, dropped))
}

/// Two fetches at once.
async fn both<A: 'static, B: 'static>(
    a: impl Future<Output = A>,
    b: impl Future<Output = B>,
) -> (A, B) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(move |cx| {
        if first.is_none()
            && let std::task::Poll::Ready(v) = a.as_mut().poll(cx)
        {
            first = Some(v);
        }
        if second.is_none()
            && let std::task::Poll::Ready(v) = b.as_mut().poll(cx)
        {
            second = Some(v);
        }
        match (first.take(), second.take()) {
            (Some(x), Some(y)) => std::task::Poll::Ready((x, y)),
            (x, y) => {
                (first, second) = (x, y);
                std::task::Poll::Pending
            }
        }
    })
    .await
}

/// Takes away what `index.html` shows until now.
fn clear() {
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
}

/// Says that the page cannot be drawn.
fn say(words: &str) {
    if let Some(boot) = document().get_element_by_id("boot-say") {
        boot.set_text_content(Some(words));
        let _ = boot.set_attribute("role", "alert");
    }
    if let Some(body) = document().body() {
        let _ = body.set_attribute("data-model", Phase::Failed.name());
    }
}

#[component]
fn Page() -> impl IntoView {
    let atlas = crate::state::atlas();
    let embedded = embed::panel();
    if let Some(panel) = embedded {
        attribute("data-embed", panel.name());
        atlas.tab.set(panel);
    }
    Effect::new(move |_| attribute("data-model", atlas.phase.get().name()));
    Effect::new(move |_| {
        let tab = atlas.tab.get();
        attribute("data-tab", tab.name());
        attribute(
            "data-side",
            if tab == link::Tab::Steer {
                "steer"
            } else {
                "read"
            },
        );
    });
    let measure = move || {
        let side =
            |v: Result<wasm_bindgen::JsValue, _>| v.ok().and_then(|v| v.as_f64()).unwrap_or(1000.0);
        atlas
            .screen
            .set((side(window().inner_width()), side(window().inner_height())));
    };
    measure();
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    // The map and the text stay together: another layer of the text follows when the engine has it.
    Effect::new(move |before: Option<()>| {
        atlas.layer.track();
        if before.is_some() {
            session::relayer(atlas);
        }
    });
    class::keep_safe(atlas);
    offline::keep_what_runs(atlas);
    share::keep(atlas);
    engine::give_way(atlas.engine);
    // What came with a link is seen as it came, until the visitor asks.
    if embedded.is_none() && atlas.arrived.with_untracked(Option::is_none) {
        at_last(move || session::start_if_cheap(atlas));
    }
    on_cleanup(move || {
        engine::with(atlas.engine, Engine::stop);
    });

    let rack = Memo::new(move |_| {
        atlas
            .rack
            .with(|r| r.iter().map(|i| i.emotion).collect::<Vec<_>>())
    });
    let path = Signal::derive(move || {
        let layer = atlas.layer.get();
        atlas.shown.with(|s| {
            s.as_ref()
                .filter(|s| s.reading.layer == layer)
                .map(|s| s.path.clone())
        })
    });
    let here = Signal::derive(move || {
        let layer = atlas.layer.get();
        let read = |i: &usize| {
            atlas.shown.with(|s| {
                s.as_ref().is_some_and(|s| {
                    s.reading.layer == layer && s.pieces.get(*i).is_some_and(|p| p.read)
                })
            })
        };
        atlas.hot.get().filter(read)
    });
    let map = move || view! { <Map rack=rack.into() path=path here=here /> };
    let Some(panel) = embedded else {
        return view! {
            <Masthead />
            <div class="band">
                <Starter />
                <Notes />
            </div>
            <main>
                <Late>
                    <Selection />
                </Late>
                <Late>{map()}</Late>
                <SideSwitch />
                <Late>
                    <Read />
                </Late>
                <Late>
                    <Steer />
                </Late>
            </main>
            <LessonBar />
            <Tabs />
            <Toast />
        }
        .into_any();
    };
    let whole = Signal::derive(move || share::address("", &link::write(&share::link_of(atlas))));
    view! {
        <div class="band">
            {(panel != link::Tab::Map).then(|| view! { <Starter /> })}
            <Notes />
        </div>
        <main>
            {match panel {
                link::Tab::Map => view! { <Selection /> {map()} }.into_any(),
                link::Tab::Read => view! { <Read /> }.into_any(),
                link::Tab::Steer => view! { <Steer /> }.into_any(),
            }}
        </main>
        <Credit whole=whole />
    }
    .into_any()
}

/// What there is to know about what is shown.
#[component]
fn Notes() -> impl IntoView {
    view! {
        <share::Mark />
        <ClassNote />
        <Announce />
    }
}

fn attribute(name: &str, value: &str) {
    if let Some(body) = document().body() {
        let _ = body.set_attribute(name, value);
    }
}
