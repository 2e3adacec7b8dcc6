//! Talking with the service worker.

use js_sys::{Array, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::{Newer, Offline};

/// Its file, beside the page.
const SCRIPT: &str = "service.js";

/// The browser's side of it; none where the address is not `https` or `localhost`.
pub fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    Reflect::get(&navigator, &"serviceWorker".into())
        .ok()?
        .dyn_into()
        .ok()
}

/// Registers the worker and says when a new version waits.
pub fn register(offline: Offline) {
    let Some(container) = container() else { return };
    listen(&container, offline);
    leptos::task::spawn_local(async move {
        // A private window may refuse: then the page works with a network only.
        let Ok(registration) = JsFuture::from(container.register(SCRIPT)).await else {
            return;
        };
        if let Ok(registration) = registration.dyn_into() {
            follow(&registration, offline);
        }
    });
}

fn follow(registration: &ServiceWorkerRegistration, offline: Offline) {
    let look = {
        let registration = registration.clone();
        move || {
            // The very first version waits for nobody and replaces nothing.
            if registration.waiting().is_some() && registration.active().is_some() {
                offline.update.set(Newer::Ready);
            }
        }
    };
    look();
    let found = {
        let registration = registration.clone();
        Closure::<dyn FnMut()>::new(move || {
            if let Some(installing) = registration.installing() {
                let changed = Closure::<dyn FnMut()>::new(look.clone());
                installing.set_onstatechange(Some(changed.as_ref().unchecked_ref()));
                changed.forget();
            }
        })
    };
    registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
    // As long as the page.
    found.forget();
}

fn listen(container: &ServiceWorkerContainer, offline: Offline) {
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |ev: MessageEvent| {
        let field = |name: &str| Reflect::get(&ev.data(), &name.into()).ok();
        if let Some(others) = field("others").and_then(|n| n.as_f64()) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a number of tabs"
            )]
            offline.update.set(Newer::Others(others as u32));
        } else if field("kept").is_some_and(|k| k.is_object()) {
            offline.changes.update(|n| *n += 1);
        }
    });
    container.set_onmessage(Some(message.as_ref().unchecked_ref()));
    message.forget();
}

/// Asks the worker to keep groups of files (see `web/service.js`); without one nothing happens.
pub fn keep(groups: &[&str]) {
    let groups: Array = groups.iter().map(|g| JsValue::from_str(g)).collect();
    let message = Object::new();
    let _ = Reflect::set(&message, &"keep".into(), &groups);
    leptos::task::spawn_local(async move {
        let Some(container) = container() else { return };
        let ready = container.ready();
        let registration = match ready {
            Ok(ready) => JsFuture::from(ready).await,
            Err(error) => Err(error),
        };
        if let Ok(registration) = registration
            && let Ok(registration) = registration.dyn_into::<ServiceWorkerRegistration>()
            && let Some(active) = registration.active()
        {
            let _ = active.post_message(&message);
        }
    });
}

/// Asks the new version to take over, and loads the page again when it has.
pub fn take_over() {
    let Some(container) = container() else { return };
    let changed = Closure::<dyn FnMut()>::new(|| {
        let _ = window().location().reload();
    });
    container.set_oncontrollerchange(Some(changed.as_ref().unchecked_ref()));
    changed.forget();
    leptos::task::spawn_local(async move {
        let registration = JsFuture::from(container.get_registration()).await;
        let registration = registration
            .ok()
            .and_then(|r| r.dyn_into::<ServiceWorkerRegistration>().ok());
        match registration.and_then(|r| r.waiting()) {
            Some(waiting) => {
                let message = Object::new();
                let _ = Reflect::set(&message, &"takeOver".into(), &JsValue::TRUE);
                let _ = waiting.post_message(&message);
            }
            // Another tab was quicker.
            None => {
                let _ = window().location().reload();
            }
        }
    });
}
