//! The groups below the map, each a switch.

use std::sync::Arc;

use leptos::prelude::*;

use crate::text::{fill, t};

use super::clusters::Mark;
use super::grouping::{Group, Grouping};

/// Members named when the pointer rests on a group.
const NAMED: usize = 6;

/// The groups; pressing one isolates it, pressing it again shows all.
#[component]
pub fn Legend(
    /// The groups.
    grouping: Signal<Arc<Grouping>>,
    /// Names of emotions.
    name: Callback<usize, String>,
    /// The group that is isolated.
    only: RwSignal<Option<usize>>,
) -> impl IntoView {
    let entry = move |many: bool, (number, group): (usize, &Group)| {
        let on = move || only.get() == Some(number);
        let count = group.members.len();
        let first: Vec<String> = group
            .members
            .iter()
            .take(NAMED)
            .map(|m| name.run(*m))
            .collect();
        let more = if count > NAMED { "\u{2026}" } else { "" };
        let names = first.join(", ") + more;
        let title = match count {
            1 => fill("map.legend.one", &[("names", &names)]),
            _ => fill("map.legend.many", &[("count", &count), ("names", &names)]),
        };
        view! {
            <button
                aria-pressed=move || on().to_string()
                class:off=move || only.get().is_some() && !on()
                title=title
                on:click=move |_| only.update(|c| *c = if *c == Some(number) { None } else { Some(number) })
            >
                <Mark marker=group.marker size=12.0 />
                {if many { group.short.clone() } else { group.name.clone() }}
            </button>
        }
    };
    view! {
        <div class="legend" id="legend" role="group" aria-label=t("map.legend")>
            {move || {
                let grouping = grouping.get();
                let many = grouping.groups.len() > 12;
                grouping.groups.iter().enumerate().map(|g| entry(many, g)).collect_view()
            }}
        </div>
    }
}
