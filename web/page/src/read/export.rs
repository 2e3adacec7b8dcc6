//! Taking a matrix along: as numbers for a table, as a picture for a paper.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlCanvasElement, HtmlElement, HtmlImageElement};

use super::heat::Heat;
use super::look::{Scale, View};
use super::picture::{Ink, svg};
use crate::state::{Atlas, atlas};
use crate::text::{fill, t};

/// Times larger than on the screen.
const LARGE: f32 = 3.0;

/// The page's colours as they are now.
#[must_use]
pub fn ink() -> Ink {
    let style = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten());
    let get = |name: &str| {
        style
            .as_ref()
            .and_then(|s| s.get_property_value(name).ok())
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let rgb = |name: &str| format!("rgb({})", get(name).replace(' ', ","));
    Ink {
        paper: get("--paper"),
        ink: get("--ink"),
        soft: get("--ink-soft"),
        less: rgb("--less-rgb"),
        more: rgb("--more-rgb"),
    }
}

fn titles(atlas: Atlas) -> (String, String) {
    untrack(|| {
        let look = atlas.look.get();
        let layer = atlas.shown.with(|s| s.as_ref().map(|s| s.reading.layer));
        let layer = layer.map_or_else(String::new, |l| fill("read.export.layer", &[("layer", &l)]));
        let title = match look.view {
            View::Layers => fill(
                "read.export.by-layer",
                &[("name", &atlas.name_of(atlas.selected.get()))],
            ),
            _ => fill("read.export.title", &[("layer", &layer)]),
        };
        let scale = match look.scale {
            Scale::Fixed => t("read.export.fixed"),
            Scale::Shared => t("read.export.shared"),
            Scale::Own => t("read.export.own"),
        };
        let source = fill(
            "read.export.source",
            &[("model", &atlas.model.get()), ("scale", &scale)],
        );
        (title, source)
    })
}

/// Saves a file of a `data:` address.
fn save(name: &str, address: &str) {
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|a| a.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let _ = link.set_attribute("href", address);
        let _ = link.set_attribute("download", name);
        link.click();
    }
}

fn svg_address(text: &str) -> String {
    let encoded = js_sys::encode_uri_component(text);
    format!("data:image/svg+xml;charset=utf-8,{}", String::from(encoded))
}

/// Draws the picture on a canvas and saves that.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the size of a picture"
)]
fn save_png(atlas: Atlas, text: &str, [wide, high]: [f32; 2]) -> Option<()> {
    let image = HtmlImageElement::new().ok()?;
    let drawn = image.clone();
    let ready = Closure::once_into_js(move || {
        let done = (|| {
            let canvas: HtmlCanvasElement =
                document().create_element("canvas").ok()?.dyn_into().ok()?;
            canvas.set_width((wide * LARGE) as u32);
            canvas.set_height((high * LARGE) as u32);
            let paint: web_sys::CanvasRenderingContext2d =
                canvas.get_context("2d").ok()??.dyn_into().ok()?;
            let (w, h) = (f64::from(wide * LARGE), f64::from(high * LARGE));
            paint
                .draw_image_with_html_image_element_and_dw_and_dh(&drawn, 0.0, 0.0, w, h)
                .ok()?;
            save("emotion-atlas.png", &canvas.to_data_url().ok()?);
            Some(())
        })();
        if done.is_none() {
            sorry(atlas);
        }
    });
    image.set_onload(Some(ready.unchecked_ref()));
    image.set_src(&svg_address(text));
    Some(())
}

fn sorry(atlas: Atlas) {
    atlas.toast.set(Some(t("read.export.no-png").to_owned()));
}

/// Copy and save.
#[component]
pub fn Export(
    /// What is shown.
    heat: Memo<Option<Arc<Heat>>>,
) -> impl IntoView {
    let atlas = atlas();
    let picture = move || {
        let heat = heat.get_untracked()?;
        let (title, source) = titles(atlas);
        Some(svg(&heat, &title, &source, &ink()))
    };
    let copy = move |_| {
        let Some(heat) = heat.get_untracked() else {
            return;
        };
        let csv = heat.csv();
        leptos::task::spawn_local(async move {
            // The clipboard is there only on https and localhost.
            let there = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())
                .is_ok_and(|c| !c.is_undefined());
            let copied = there
                && JsFuture::from(window().navigator().clipboard().write_text(&csv))
                    .await
                    .is_ok();
            if copied {
                atlas.toast.set(Some(t("read.export.copied").to_owned()));
            } else {
                let encoded = String::from(js_sys::encode_uri_component(&csv));
                save(
                    "emotion-atlas.csv",
                    &format!("data:text/csv;charset=utf-8,{encoded}"),
                );
                atlas.toast.set(Some(t("read.export.saved").to_owned()));
            }
        });
    };
    let as_svg = move |_| {
        if let Some((text, _)) = picture() {
            save("emotion-atlas.svg", &svg_address(&text));
        }
    };
    let as_png = move |_| {
        if picture()
            .and_then(|(text, size)| save_png(atlas, &text, size))
            .is_none()
        {
            sorry(atlas);
        }
    };
    view! {
        <span class="matrix__take" role="group" aria-label=t("read.export")>
            <button class="link" id="copycsv" on:click=copy>{t("read.export.csv")}</button>
            <button class="link" id="savesvg" on:click=as_svg>"SVG"</button>
            <button class="link" id="savepng" on:click=as_png>"PNG"</button>
        </span>
    }
}
