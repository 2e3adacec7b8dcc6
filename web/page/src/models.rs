//! The model's chip in the masthead, and the choice of models behind it.

use leptos::prelude::*;

use crate::masthead::backend_line;
use crate::modal::Modal;
use crate::offline::Storage;
use crate::session;
use crate::state::{Phase, atlas};
use crate::text::t;

/// Bytes as people read them.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    let mb = bytes as f64 / 1e6;
    if mb < 9.95 && mb > 0.0 {
        format!("{mb:.1} MB")
    } else {
        format!("{mb:.0} MB")
    }
}

/// The chip; pressed, it lists the models.
#[component]
pub fn ModelsButton() -> impl IntoView {
    let atlas = atlas();
    let open = RwSignal::new(false);
    let name = move || atlas.entry().map(|e| e.name).unwrap_or_default();
    let list = move || {
        atlas
            .catalogue
            .with(|c| c.models.clone())
            .into_iter()
            .map(|entry| {
                let (id, chosen) = (entry.id.clone(), entry.id.clone());
                let here = Memo::new(move |_| atlas.model.get() == id);
                let words = move || match (here.get(), atlas.phase.get()) {
                    (true, Phase::Ready) => t("models.running"),
                    (true, Phase::Loading(..)) => t("models.starting"),
                    _ => t("models.start"),
                };
                let busy = move || {
                    here.get() && matches!(atlas.phase.get(), Phase::Ready | Phase::Loading(..))
                };
                let press = move |_| {
                    open.set(false);
                    if here.get_untracked() {
                        session::start(atlas)
                    } else {
                        session::choose(atlas, chosen.clone(), true)
                    }
                };
                view! {
                    <li>
                        <div>
                            <b>{entry.name}</b>
                            " "
                            <span class="num">{megabytes(entry.bytes)}</span>
                            <p>{entry.about}</p>
                        </div>
                        <button class="btn" disabled=busy on:click=press>
                            {words}
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <button class="chip" id="models" title=t("models.choose") on:click=move |_| open.set(true)>
            <i class="lamp" aria-hidden="true"></i>
            <span>
                <b>{name}</b>
                <span id="backend">{backend_line}</span>
            </span>
        </button>
        <Modal open class="choice" title_id="models-title" title=t("models.title")>
            <p class="num">{backend_line}</p>
            <ul>{list}</ul>
            <p>{t("models.here")}</p>
            <Storage />
        </Modal>
    }
}

#[cfg(test)]
mod tests {
    use super::megabytes;

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            [98_362_432, 15_000_000, 2_345_000].map(megabytes),
            ["98 MB", "15 MB", "2.3 MB"]
        );
    }
}
