//! Vector arithmetic: what lies nearest to a sum of emotions.

use atlas_affect::cosines::Cosines;
use leptos::prelude::*;

use crate::state::atlas;
use crate::text::{fill, t};

use super::super::state::Term;
use super::{FileState, Scored, terms};

/// Emotions named as the nearest.
pub const NEAREST: usize = 6;

/// The emotions nearest to a sum, without its own terms; none for no terms or if nothing is left of it.
#[must_use]
pub fn nearest(cosines: &Cosines, sum: &[Term], count: usize) -> Option<Vec<(usize, f32)>> {
    let along = cosines.along(sum)?;
    let mut others: Vec<(usize, f32)> = along
        .into_iter()
        .enumerate()
        .filter(|(e, _)| sum.iter().all(|t| t.0 != *e))
        .collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1));
    others.truncate(count);
    Some(others)
}

/// The sum and what it is near to.
#[component]
pub fn Sum() -> impl IntoView {
    let atlas = atlas();
    let state = atlas.map;
    let written = move || {
        let sum = state.sum.get();
        terms::write(&sum, |e| atlas.name_of(e))
    };
    let text = RwSignal::new(untrack(written));
    // A sum from elsewhere (a link) is written out; what is typed here says the same already.
    Effect::new(move |_| {
        let sum = state.sum.get();
        let typed = atlas.card.with(|c| {
            let names: Vec<&str> = c.emotions.iter().map(|e| e.name.as_str()).collect();
            terms::read(&text.get_untracked(), &names)
        });
        if typed.is_ok_and(|t| t != sum) {
            text.set(untrack(written));
        }
    });
    let wrong = RwSignal::new(None::<String>);
    let take = move |new: String| {
        let read = atlas.card.with_untracked(|c| {
            let names: Vec<&str> = c.emotions.iter().map(|e| e.name.as_str()).collect();
            terms::read(&new, &names)
        });
        text.set(new);
        match read {
            Ok(sum) => {
                wrong.set(None);
                state.sum.set(sum);
            }
            Err(why) => wrong.set(Some(why.to_string())),
        }
    };
    let add = move |sign: &'static str| {
        let name = atlas.name_of(atlas.selected.get_untracked());
        let before = text.get_untracked();
        let before = before.trim();
        take(match (before.is_empty(), sign) {
            (true, "+") => name,
            (true, _) => format!("{sign} {name}"),
            _ => format!("{before} {sign} {name}"),
        });
    };
    let result = move || {
        let sum = state.sum.get();
        if sum.is_empty() {
            return view! { <p class="quiet">{t("map.sum.how")}</p> }.into_any();
        }
        let Some(file) = state.file.with(|f| f.here()) else {
            return view! { <FileState /> }.into_any();
        };
        match nearest(&file.cosines, &sum, NEAREST) {
            Some(near) => view! {
                <ol class="scored" id="sumnear" aria-label=t("map.sum.near")>
                    {near.into_iter().map(|(emotion, cosine)| view! { <Scored emotion cosine /> }).collect_view()}
                </ol>
            }
            .into_any(),
            None => view! { <p class="quiet">{t("map.sum.nothing")}</p> }.into_any(),
        }
    };
    let selected = move || atlas.name_of(atlas.selected.get());
    view! {
        <div class="sumbar">
            <input type="text" id="sum" aria-label=t("map.sum.label") placeholder="nervous - afraid + happy" autocomplete="off" spellcheck="false" maxlength="240"
                aria-describedby="sumsay" prop:value=move || text.get()
                on:input=move |ev| take(event_target_value(&ev)) />
            <button class="btn" title=t("map.sum.add-hint") aria-label=move || fill("map.sum.add", &[("name", &selected())]) on:click=move |_| add("+")>"+"</button>
            <button class="btn" title=t("map.sum.take-hint") aria-label=move || fill("map.sum.take", &[("name", &selected())]) on:click=move |_| add("-")>"\u{2212}"</button>
        </div>
        <div id="sumsay" aria-live="polite">
            {move || match wrong.get() {
                Some(words) => view! { <p class="problem">{words}</p> }.into_any(),
                None => result(),
            }}
        </div>
        <p class="quiet foot-note">
            {move || fill("map.sum.note", &[("layer", &atlas.card.with(|c| c.layer))])}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples;
    use super::nearest;

    #[test]
    fn the_terms_themselves_are_not_among_the_nearest() {
        let cosines = samples::fan_file().cosines;
        // 0 and 30 degrees: the middle is at 15.
        let near = nearest(&cosines, &[(0, 1.0), (2, 1.0)], 1).unwrap();
        assert_eq!(near[0].0, 1);
        assert!(near[0].1 > 0.99);
        assert_eq!(nearest(&cosines, &[], 3), None);
        assert_eq!(
            nearest(&cosines, &[(0, 1.0), (3, 1.0)], 3),
            None,
            "opposite"
        );
    }
}
