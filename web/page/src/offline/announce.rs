//! Says that a new version lies ready, and takes it when the visitor agrees.

use leptos::prelude::*;

use super::{Newer, Offline, worker};
use crate::text::{fill, t};

/// The line in the band.
#[component]
pub fn Announce() -> impl IntoView {
    let offline = expect_context::<Offline>();
    let words = move || match offline.update.get() {
        Newer::None => None,
        Newer::Ready => Some(t("update.ready").to_owned()),
        Newer::Others(n) => Some(fill("update.others", &[("n", &n)])),
    };
    move || {
        words().map(|words| {
            view! {
                <p class="leftout" id="update" role="status">
                    <span>{words}</span>
                    <span class="leftout__do">
                        <button class="link" id="update-now" on:click=|_| worker::take_over()>{t("update.now")}</button>
                        <button class="link" on:click=move |_| offline.update.set(Newer::None)>{t("update.later")}</button>
                    </span>
                </p>
            }
        })
    }
}
