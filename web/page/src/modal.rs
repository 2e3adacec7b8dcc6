//! A dialog over the page. What is in it is made when it opens and goes when it closes: the page has less to draw.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::text::t;

/// The dialog, with a title above its children and a button to close it below.
#[component]
pub fn Modal(
    /// Whether it is open: it follows this, and closing it by hand sets it.
    open: RwSignal<bool>,
    /// Its class.
    class: &'static str,
    /// `id` of its title.
    title_id: &'static str,
    /// Its title.
    title: &'static str,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if open.get() {
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    view! {
        <dialog class=class node_ref=dialog aria-labelledby=title_id on:close=move |_| open.set(false)>
            <h2 id=title_id tabindex="-1" autofocus>{title}</h2>
            <Show when=move || open.get()>{children()}</Show>
            <form method="dialog">
                <button class="btn btn--main">{t("close")}</button>
            </form>
        </dialog>
    }
}
