//! Which panel is in front: three tabs on a phone, two on a projector.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::link::Tab;
use crate::state::atlas;

/// Left and right arrow keys go round the tabs of a list.
fn arrows(ev: &KeyboardEvent) {
    let step = match ev.key().as_str() {
        "ArrowRight" => 1,
        "ArrowLeft" => -1,
        _ => return,
    };
    let Some(list) = ev
        .current_target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let tabs = list.children();
    let active = document().active_element();
    let count = tabs.length();
    for i in 0..count {
        if tabs.item(i) == active {
            let next = (i64::from(i) + step).rem_euclid(i64::from(count));
            if let Some(tab) = u32::try_from(next)
                .ok()
                .and_then(|n| tabs.item(n))
                .and_then(|t| t.dyn_into::<HtmlElement>().ok())
            {
                let _ = tab.focus();
                tab.click();
            }
            return;
        }
    }
}

/// Read or Steer, where the map stays and one of them is beside it.
#[component]
pub fn SideSwitch() -> impl IntoView {
    let atlas = atlas();
    let steer = Memo::new(move |_| atlas.tab.get() == Tab::Steer);
    let tab = move |this: Tab, name: &'static str| {
        let on = move || steer.get() == (this == Tab::Steer);
        view! {
            <button role="tab" data-side=this.name() aria-selected=move || on().to_string()
                tabindex=move || if on() { "0" } else { "-1" } on:click=move |_| atlas.tab.set(this)>
                {name}
            </button>
        }
    };
    view! {
        <div class="sideswitch" role="tablist" aria-label="Panel" on:keydown=move |ev| arrows(&ev)>
            {tab(Tab::Read, "Read")}
            {tab(Tab::Steer, "Steer")}
        </div>
    }
}

/// Map, Read, Steer at the foot of a phone.
#[component]
pub fn Tabs() -> impl IntoView {
    let atlas = atlas();
    let tab = move |this: Tab, name: &'static str, icon: AnyView| {
        view! {
            <button role="tab" data-tab=this.name() aria-selected=move || (atlas.tab.get() == this).to_string()
                tabindex=move || if atlas.tab.get() == this { "0" } else { "-1" } on:click=move |_| atlas.tab.set(this)>
                <svg class="ico" viewBox="0 0 18 18" aria-hidden="true">{icon}</svg>
                {name}
            </button>
        }
    };
    let map = view! {
        <rect x="2" y="2" width="14" height="14"></rect>
        <circle cx="6.5" cy="11" r="1.3" fill="currentColor"></circle>
        <circle cx="11.5" cy="6.5" r="1.3" fill="currentColor"></circle>
        <circle cx="7" cy="6" r=".9" fill="currentColor"></circle>
        <circle cx="12" cy="11.5" r=".9" fill="currentColor"></circle>
    };
    let steer = view! {
        <path d="M2 5.5h7M13 5.5h3M2 12.5h3M9 12.5h7"></path>
        <circle cx="11" cy="5.5" r="2"></circle>
        <circle cx="7" cy="12.5" r="2"></circle>
    };
    view! {
        <nav class="tabs" role="tablist" aria-label="Panels" on:keydown=move |ev| arrows(&ev)>
            {tab(Tab::Map, "Map", map.into_any())}
            {tab(Tab::Read, "Read", view! { <path d="M2 4.5h14M2 9h14M2 13.5h9"></path> }.into_any())}
            {tab(Tab::Steer, "Steer", steer.into_any())}
        </nav>
    }
}
