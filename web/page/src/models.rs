//! The model's chip in the masthead, and the choice of models behind it.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::masthead::backend_line;
use crate::session;
use crate::state::{Phase, atlas};

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

/// Opens a dialog over the page.
pub fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        let _ = dialog.show_modal();
    }
}

/// Closes it.
pub fn close(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
}

/// The chip; pressed, it lists the models.
#[component]
pub fn ModelsButton() -> impl IntoView {
    let atlas = atlas();
    let dialog = NodeRef::<Dialog>::new();
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
                    (true, Phase::Ready) => "Running",
                    (true, Phase::Loading(..)) => "Starting",
                    _ => "Start",
                };
                let busy = move || {
                    here.get() && matches!(atlas.phase.get(), Phase::Ready | Phase::Loading(..))
                };
                let press = move |_| {
                    close(dialog);
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
        <button class="chip" id="models" title="Choose a model" on:click=move |_| open(dialog)>
            <i class="lamp" aria-hidden="true"></i>
            <span>
                <b>{name}</b>
                <span id="backend">{backend_line}</span>
            </span>
        </button>
        <dialog class="choice" node_ref=dialog aria-labelledby="models-title">
            <h2 id="models-title" tabindex="-1" autofocus>"Models"</h2>
            <p class="num">{backend_line}</p>
            <ul>{list}</ul>
            <p>"The model runs in this browser. What you type stays on your computer. The files are kept for your next visit."</p>
            <form method="dialog">
                <button class="btn btn--main">"Close"</button>
            </form>
        </dialog>
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
