//! One panel in somebody else's page: `?embed=map`, `?embed=read`, `?embed=steer`.

use leptos::prelude::*;

use crate::link::Tab;
use crate::query;
use crate::text::t;

/// The panel that is asked for, if one is.
#[must_use]
pub fn panel() -> Option<Tab> {
    let name = query::of_page("embed")?;
    [Tab::Map, Tab::Read, Tab::Steer]
        .into_iter()
        .find(|tab| tab.name() == name)
}

/// Whether this page stands in a frame of another.
#[must_use]
pub fn framed() -> bool {
    let window = window();
    match window.top() {
        Ok(Some(top)) => !js_sys::Object::is(&top, &window),
        // Another site's window that may not even be named.
        _ => true,
    }
}

/// The line below an embedded panel: what this is, and the way to the whole page.
#[component]
pub fn Credit(
    /// Address of the same view on the whole page.
    #[prop(into)]
    whole: Signal<String>,
) -> impl IntoView {
    view! {
        <footer class="credit">
            <p>{t("embed.honest")}</p>
            <a href=whole target="_blank" rel="noopener" id="whole">{t("embed.open")}</a>
        </footer>
    }
}
