//! The dialog for giving a view away: a link, with or without the result, as text, Markdown, frame or QR code.

use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::carry::{Parcel, Texts};
use super::{address, forms, link_of, qr::Qr};
use crate::class::ClassSwitch;
use crate::icons::{Icon, SHARE};
use crate::link::{self, Link, Tab};
use crate::modal::Modal;
use crate::query;
use crate::stages::Late;
use crate::state::{Atlas, atlas};
use crate::steer::recipe::Run;
use crate::text::{fill, t};

/// What the dialog offers to copy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Link,
    Markdown,
    Frame,
}

/// What is on the page and was not stored with it, packed; none if there is nothing.
fn parcel(atlas: Atlas) -> Option<String> {
    // A text that grows would be packed anew at every token.
    if atlas.running.get() {
        return None;
    }
    let card = atlas.card.get();
    let name = atlas.entry().map_or_else(|| atlas.model.get(), |e| e.name);
    let mut parcel = Parcel::new(name, &card);
    let mut in_view: Vec<usize> = atlas.rack.with(|r| r.iter().map(|i| i.emotion).collect());
    in_view.push(atlas.selected.get());
    atlas.shown.with(|shown| {
        let Some(shown) = shown.as_ref().filter(|s| !s.stored && !s.waiting) else {
            return;
        };
        if atlas.text.with(|t| t.as_ref() == Some(&shown.source)) {
            parcel.put_reading(
                &shown.reading,
                &shown.source,
                shown.setting,
                &in_view,
                &card,
            );
        }
    });
    let recipe = atlas.recipe();
    atlas.run.with(|run| {
        let fits = |r: &&Run| {
            !r.stored && r.recipe == recipe && !(r.plain.is_empty() && r.steered.is_empty())
        };
        if let Some(run) = run.as_ref().filter(fits) {
            parcel.put_texts(Texts {
                plain: run.plain.clone(),
                steered: run.steered.clone(),
                random: run.random.clone(),
                cut: run.cut,
                talk: run.recipe.before.to_vec(),
            });
        }
    });
    (!parcel.is_empty()).then(|| parcel.write())
}

/// The state as a link, with the result if it is wanted.
fn view(atlas: Atlas, result: Option<String>) -> Link {
    let mut link = link_of(atlas);
    link.result = result.or(link.result);
    link
}

/// What the view shows, for a title.
fn title(atlas: Atlas) -> String {
    let recipe = atlas.recipe();
    let shown = if atlas.tab.get() == Tab::Steer && !recipe.pushes.is_empty() {
        atlas.card.with(|c| recipe.words(c))
    } else {
        atlas.name_of(atlas.selected.get())
    };
    format!("Emotion Atlas: {shown}")
}

/// What stands below a Markdown link: the text that is read, the texts that were written.
fn lines(atlas: Atlas) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    if let Some(text) = atlas.text.get() {
        lines.push((t("share.text").to_owned(), text));
    }
    let recipe = atlas.recipe();
    atlas.run.with(|run| {
        if let Some(run) = run.as_ref().filter(|r| r.recipe == recipe) {
            let steered = fill(
                "share.steered",
                &[("how", &atlas.card.with(|c| recipe.words(c)))],
            );
            lines.push((t("share.prompt").to_owned(), recipe.prompt.clone()));
            lines.push((
                t("share.plain").to_owned(),
                crate::class::shown(atlas, &run.plain),
            ));
            lines.push((steered, crate::class::shown(atlas, &run.steered)));
        }
    });
    lines
}

/// Puts a text into the clipboard; false where there is none (it is there only on https and localhost).
pub async fn copied(text: &str) -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
        .is_ok_and(|c| !c.is_undefined());
    clipboard
        && JsFuture::from(window().navigator().clipboard().write_text(text))
            .await
            .is_ok()
}

/// Opens the dialog.
#[component]
pub fn ShareButton() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button class="btn" id="share" aria-label=t("share.open") title=t("share.open") on:click=move |_| open.set(true)>
            <Icon d=SHARE />
            <span class="lbl">{t("share.short")}</span>
        </button>
        <Modal open class="sharing" title_id="share-title" title=t("share.title")>
            <div class="sharing__body">
                <Late>
                    <Body />
                </Late>
            </div>
        </Modal>
    }
}

#[component]
fn Body() -> impl IntoView {
    let atlas = atlas();
    let field = NodeRef::<Input>::new();
    let along = RwSignal::new(false);
    let panel = RwSignal::new(match atlas.tab.get_untracked() {
        Tab::Read => Tab::Read,
        Tab::Steer => Tab::Steer,
        Tab::Map => Tab::Map,
    });
    let result = Memo::new(move |_| parcel(atlas));
    let fragment = Memo::new(move |_| {
        let result = result.get().filter(|_| along.get());
        link::write(&view(atlas, result))
    });
    let search = move || window().location().search().unwrap_or_default();
    let url = Memo::new(move |_| {
        let query = query::with(&search(), "embed", None);
        address(&query, &fragment.get())
    });
    let extra = move || result.with(|r| r.as_ref().map_or(0, |r| r.len() + 3));
    let say = RwSignal::new(String::new());
    let copy = move |form: Form| {
        let text = untrack(|| match form {
            Form::Link => url.get(),
            Form::Markdown => forms::markdown(&title(atlas), &url.get(), &lines(atlas)),
            Form::Frame => {
                let query = query::with(&search(), "embed", Some(panel.get().name()));
                forms::frame(&title(atlas), &address(&query, &fragment.get()))
            }
        });
        leptos::task::spawn_local(async move {
            let words = match (copied(&text).await, form) {
                (true, Form::Link) => t("share.copied"),
                (true, Form::Markdown) => t("share.copied-markdown"),
                (true, Form::Frame) => t("share.copied-frame"),
                (false, _) => {
                    if let Some(field) = field.get_untracked() {
                        field.set_value(&text);
                        field.select();
                    }
                    t("share.by-hand")
                }
            };
            say.set(words.to_owned());
        });
    };
    view! {
        <div class="sharing__grid">
            <div>
                <label for="share-link">{t("share.link")}</label>
                <input id="share-link" class="field" readonly node_ref=field prop:value=move || url.get() on:focus=move |_| if let Some(f) = field.get_untracked() { f.select() } />
                <p class="num quiet" id="share-length">{move || fill("share.length", &[("n", &url.with(String::len))])}</p>
                <label class="check">
                    <input type="checkbox" id="share-along" disabled={move || extra() == 0} prop:checked=move || along.get() on:change=move |ev| along.set(event_target_checked(&ev)) />
                    <span>
                        {move || if extra() == 0 { t("share.nothing").to_owned() } else { fill("share.along", &[("n", &extra())]) }}
                    </span>
                </label>
                <ClassSwitch />
                <div class="sharing__do">
                    <button class="btn btn--main" id="copy-link" on:click=move |_| copy(Form::Link)>{t("share.copy")}</button>
                    <button class="btn" id="copy-markdown" on:click=move |_| copy(Form::Markdown)>{t("share.copy-markdown")}</button>
                </div>
                <div class="sharing__do">
                    <button class="btn" id="copy-frame" on:click=move |_| copy(Form::Frame)>{t("share.copy-frame")}</button>
                    <select class="select" aria-label=t("share.panel") on:change=move |ev| panel.set(match event_target_value(&ev).as_str() {
                        "read" => Tab::Read,
                        "steer" => Tab::Steer,
                        _ => Tab::Map,
                    })>
                        {[Tab::Map, Tab::Read, Tab::Steer].into_iter().map(|tab| view! {
                            <option value=tab.name() selected={move || panel.get() == tab}>{match tab {
                                Tab::Map => t("panel.map"),
                                Tab::Read => t("panel.read"),
                                Tab::Steer => t("panel.steer"),
                            }}</option>
                        }).collect_view()}
                    </select>
                </div>
                <p id="share-say" role="status">{move || say.get()}</p>
            </div>
            <Qr text=url />
        </div>
        <p class="quiet">{t("share.private")}</p>
    }
}
