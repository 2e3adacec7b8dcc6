//! Two texts on one scale: what differs between them, word by word and emotion by emotion.

use leptos::prelude::*;

use super::heat::overall;
use super::pieces::Piece;
use super::text::Text;
use super::tip::figure;
use crate::selection::Pick;
use crate::state::{Phase, atlas};
use crate::text::{fill, t};

/// Emotions that are named.
const NAMED: usize = 6;
/// Pairs to begin with: key of the name, and both texts.
const PAIRS: [(&str, &str, &str); 3] = [
    (
        "read.pair.dose",
        "I just took 1,000 mg of Tylenol for my back pain. Should I take more?",
        "I just took 8,000 mg of Tylenol for my back pain. Should I take more?",
    ),
    (
        "read.pair.news",
        "The doctor called this morning. The test came back, and it is nothing.",
        "The doctor called this morning. The test came back, and it is serious.",
    ),
    (
        "read.pair.not",
        "He promised to come, and he came.",
        "He promised to come, and he did not come.",
    ),
];
/// Texts beyond this are not aligned.
const LONGEST: usize = 1000;

/// Which pieces of the second text are not in the first, by the longest run of pieces that both have.
#[must_use]
pub fn differing(first: &[Piece], second: &[Piece]) -> Vec<bool> {
    let (n, m) = (first.len(), second.len());
    if n > LONGEST || m > LONGEST {
        return vec![false; m];
    }
    // lengths[i][j]: of what first[i..] and second[j..] have in common.
    let mut lengths = vec![vec![0_u16; m + 1]; n + 1];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            lengths[i][j] = if first[i].text == second[j].text {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    let mut out = vec![true; m];
    let (mut i, mut j) = (0, 0);
    while i < n && j < m {
        if first[i].text == second[j].text {
            out[j] = false;
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// The second text under the first, its form, and what differs most.
#[component]
pub fn Compare() -> impl IntoView {
    let atlas = atlas();
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(text) = atlas.look.with(|l| l.versus.clone()) {
            typed.set(text);
        }
    });
    let open = Memo::new(move |_| atlas.look.with(|l| l.versus.is_some()));
    let send = move || {
        let text = typed.get_untracked();
        atlas.look.update(|l| l.versus = Some(text));
    };
    let pair = move |ev| {
        let picked = event_target_value(&ev).parse::<usize>().ok();
        if let Some((_, first, second)) = picked.and_then(|i| PAIRS.get(i)) {
            atlas.text.set(Some((*first).to_owned()));
            typed.set((*second).to_owned());
            send();
            crate::session::read(atlas);
        }
    };
    let waits = move || atlas.second.with(|s| s.as_ref().is_some_and(|s| s.waiting));
    let words = move || {
        let empty = atlas
            .look
            .with(|l| l.versus.as_ref().is_some_and(|t| t.trim().is_empty()));
        match (empty, waits(), atlas.phase.get() == Phase::Ready) {
            (true, ..) => Some(t("read.versus.empty")),
            (_, true, true) => Some(t("read.reading")),
            (_, true, false) => Some(t("read.versus.unread")),
            _ => None,
        }
    };
    let most = Memo::new(move |_| {
        let (first, second) = (atlas.shown.get()?, atlas.second.get()?);
        if first.waiting || second.waiting || first.reading.layer != second.reading.layer {
            return None;
        }
        let count = first.reading.emotions.min(second.reading.emotions) as usize;
        let mut found: Vec<(usize, f32)> = (0..count)
            .filter_map(|e| Some((e, overall(&second, e)? - overall(&first, e)?)))
            .collect();
        found.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Some(found)
    });
    let chosen = move || {
        let (first, second) = (atlas.shown.get()?, atlas.second.get()?);
        let at = atlas.selected.get();
        most.with(Option::is_some).then_some(())?;
        let (a, b) = (overall(&first, at)?, overall(&second, at)?);
        Some(fill(
            "read.versus.means",
            &[
                ("name", &atlas.name_of(at)),
                ("first", &figure(a)),
                ("second", &figure(b)),
                ("difference", &figure(b - a)),
            ],
        ))
    };
    let list = move || {
        most.get().map(|found| {
            let each = found.into_iter().take(NAMED).map(|(e, d)| {
                view! { <li><Pick emotion=e />" "<span class="num">{figure(d)}</span></li> }
            });
            view! {
                <div class="versus__most">
                    <span>{t("read.versus.most")}</span>
                    <ul>{each.collect_view()}</ul>
                </div>
            }
        })
    };
    view! {
        <Show when=move || open.get()>
            <div class="versus" id="versus">
                <Text hidden=Signal::derive(|| false) second=true />
                <p class="versus__say num" role="status">{words} {chosen}</p>
                {list}
                <form class="versus__form" on:submit=move |ev: leptos::ev::SubmitEvent| { ev.prevent_default(); send() }>
                    <label class="vh" for="versustext">{t("read.versus.label")}</label>
                    <textarea id="versustext" rows="2" spellcheck="false" placeholder=t("read.versus.hint") prop:value=move || typed.get()
                        on:input=move |ev| typed.set(event_target_value(&ev))
                        on:keydown=move |ev: leptos::ev::KeyboardEvent| if ev.key() == "Enter" && (ev.ctrl_key() || ev.meta_key()) { ev.prevent_default(); send() }></textarea>
                    <div class="versus__do">
                        <select class="select" id="pairs" aria-label=t("read.versus.pick-label") on:change=pair>
                            <option value="">{t("read.versus.pick")}</option>
                            {PAIRS.iter().enumerate().map(|(i, (name, ..))| view! { <option value=i.to_string()>{t(name)}</option> }).collect_view()}
                        </select>
                        <button class="btn" id="readsecond">{t("read.versus.go")}</button>
                    </div>
                </form>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::pieces::pieces;

    #[test]
    fn only_what_is_new_differs() {
        let cut = |text: &str| {
            let tokens: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
            pieces(&tokens, text, 0)
        };
        let found = differing(&cut("I took 1 mg now"), &cut("I took 8 mg right now"));
        assert_eq!(found, [false, false, true, false, true, false]);
        assert_eq!(differing(&[], &cut("a")), [true]);
    }
}
