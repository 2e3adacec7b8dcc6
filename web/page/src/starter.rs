//! The band that starts the model: one button that names its size, progress in bytes, cancel.

use std::fmt::Display;

use atlas_protocol::Stage;
use leptos::prelude::*;

use crate::engine::{stage_words, unsupported};
use crate::models::megabytes;
use crate::session;
use crate::state::{Phase, Place, atlas};
use crate::text::{fill, t};
use crate::trouble::Trouble;

/// The band.
#[component]
pub fn Starter() -> impl IntoView {
    let atlas = atlas();
    let size = move || {
        atlas
            .entry()
            .map(|e| megabytes(e.bytes))
            .unwrap_or_default()
    };
    let stored = move || atlas.examples.with(Option::is_some);
    let cannot = unsupported();
    let light = move || {
        let (mine, catalogue) = (atlas.entry().map_or(0, |e| e.bytes), atlas.catalogue.get());
        catalogue
            .models
            .iter()
            .min_by_key(|m| m.bytes)
            .filter(|m| m.bytes < mine)
            .cloned()
    };
    let progress = move || match atlas.phase.get() {
        Phase::Loading(stage, done, total) => (stage, done, total.max(1)),
        _ => (Stage::Fetching, 0, 1),
    };
    let share = move || {
        let (_, done, total) = progress();
        100.0 * (done as f64 / total as f64).min(1.0)
    };
    let loading = move || {
        let (stage, done, total) = progress();
        let (here, all) = (whole_megabytes(done), megabytes(total));
        let of: &[(&str, &dyn Display)] = &[("done", &here), ("all", &all)];
        match stage {
            _ if done == 0 => (t("stage.start"), String::new()),
            Stage::Fetching if done < total => (stage_words(stage), fill("starter.fetching", of)),
            Stage::FromCache if done < total => (stage_words(stage), fill("starter.cache", of)),
            Stage::SelfTest | Stage::Compiling => (stage_words(stage), String::new()),
            Stage::Fetching | Stage::FromCache => (t("stage.prepare"), String::new()),
        }
    };
    let first = move || {
        let words = if stored() {
            t("starter.example")
        } else {
            t("starter.map")
        };
        view! {
            <p>
                <b>{words}</b>
                " "
                <span>{t("starter.why")}</span>
            </p>
            <button class="btn btn--main" id="start" on:click=move |_| session::start(atlas)>
                {move || if atlas.phase.get() == Phase::Failed { t("starter.again").to_owned() } else { fill("starter.start", &[("size", &size())]) }}
            </button>
            {move || light().map(|m| {
                let id = m.id.clone();
                view! {
                    <button class="btn btn--bare link" id="light" title=m.about.clone() on:click=move |_| session::choose(atlas, id.clone(), true)>
                        {fill("starter.light", &[("size", &megabytes(m.bytes))])}
                    </button>
                }
            })}
        }
    };
    let is_loading = Memo::new(move |_| matches!(atlas.phase.get(), Phase::Loading(..)));
    view! {
        <section class="starter" aria-label=t("model")>
            {match cannot {
                Some(words) => view! { <p id="cannot" role="status">{words}</p> }.into_any(),
                None => view! {
                    <Show when=move || is_loading.get() fallback=first>
                        <div class="when-loading">
                            <p id="loadsay" role="status" class="num">
                                <b>{move || loading().0}</b>
                                {move || loading().1}
                            </p>
                            <div class="bar" role="progressbar" aria-label=t("starter.download") aria-valuemin="0" aria-valuemax="100"
                                aria-valuenow=move || format!("{:.0}", share())>
                                <i style:width=move || format!("{:.1}%", share())></i>
                            </div>
                            <button class="btn" id="cancel" on:click=move |_| session::cancel_start(atlas)>{t("cancel")}</button>
                        </div>
                    </Show>
                }.into_any(),
            }}
            <Trouble place=Place::Start />
        </section>
        <LeftOut />
    }
}

/// What a link held that this page does not know.
#[component]
fn LeftOut() -> impl IntoView {
    let atlas = atlas();
    move || {
        atlas.left_out.get().map(|words| {
            view! {
                <p class="leftout" id="leftout" role="status">
                    <span>{words}</span>
                    <button class="link" on:click=move |_| atlas.left_out.set(None)>{t("close")}</button>
                </p>
            }
        })
    }
}

fn whole_megabytes(bytes: u64) -> String {
    (bytes / 1_000_000).to_string()
}
