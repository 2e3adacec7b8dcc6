//! Class mode: pushes stay within the safe range, and rude words in generated text are masked.
//!
//! It comes with a link (`class=1`) and says so on the page. It is a courtesy, no lock: whoever changes the address is
//! out of it, and the list of words is never complete.

use std::collections::HashSet;
use std::sync::LazyLock;

use atlas_affect::card::Steering;
use censor::{SEX_WORDS, STANDARD_WORDS, ZEALOUS_WORDS};
use leptos::prelude::*;

use crate::state::{Atlas, RackItem, atlas};
use crate::text::t;

/// The lists of the crate `censor`, and what a small model was seen to write beside them.
static RUDE: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let more = ["arse", "bastard", "bollocks", "bugger", "slut", "wank"];
    [&*STANDARD_WORDS, &*ZEALOUS_WORDS, &*SEX_WORDS]
        .into_iter()
        .flatten()
        .map(String::as_str)
        // Also a part of the body and of a shirt pocket.
        .filter(|word| *word != "breast")
        .chain(more)
        .collect()
});

/// What English adds to a word.
const ENDINGS: [&str; 11] = [
    "", "s", "es", "ed", "d", "ing", "ting", "er", "ers", "y", "ty",
];

/// Inflected, these are other words.
const HARMLESS: [&str; 1] = ["cocky"];

/// What the end of a compound is compared with: “peacock” is harmless, and “ass” ends half the dictionary.
fn ends_compounds(rude: &str) -> bool {
    rude.len() >= 4 && !["cock", "twat"].contains(&rude)
}

/// Whether a word is on the list, inflected or at the end of a compound.
fn is_rude(word: &str) -> bool {
    let word = word.to_lowercase();
    if word.is_empty() || HARMLESS.contains(&word.as_str()) {
        return false;
    }
    let mut stems = ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(*ending));
    let ends = |stem: &str| {
        let mut long = STANDARD_WORDS.iter().filter(|rude| ends_compounds(rude));
        long.any(|rude| stem.ends_with(rude.as_str()))
    };
    stems.any(|stem| RUDE.contains(stem) || ends(stem))
}

/// A text with the letters of rude words, but for the first, replaced by dots. As long as the original, in characters.
#[must_use]
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let finish = |word: &mut String, out: &mut String| {
        let rude = is_rude(word);
        let shown = |(i, c)| if rude && i > 0 { '\u{2022}' } else { c };
        out.extend(word.chars().enumerate().map(shown));
        word.clear();
    };
    for c in text.chars() {
        if c.is_alphabetic() {
            word.push(c);
        } else {
            finish(&mut word, &mut out);
            out.push(c);
        }
    }
    finish(&mut word, &mut out);
    out
}

/// Generated text as it may be shown: masked in class mode.
#[must_use]
pub fn shown(atlas: Atlas, text: &str) -> String {
    if atlas.class.get() {
        masked(text)
    } else {
        text.to_owned()
    }
}

/// Pushes (percent) brought within what text bears: each within its emotion's own safe range, and those that are on
/// together, too, in the same proportions; none when they are within it.
fn within(steering: &Steering, rack: &[RackItem]) -> Option<Vec<f32>> {
    let alone: Vec<f32> = rack
        .iter()
        .map(|item| {
            // To whole percent, inwards; the smallest part is the rounding of the stored number.
            let ends = steering.safe_range(item.emotion);
            let [low, high] = ends.map(|end| ((end * 1e4).round() / 100.0).trunc());
            item.percent.clamp(low, high)
        })
        .collect();
    let pushed = rack.iter().zip(&alone).filter(|(item, _)| item.on);
    let load = steering.load(pushed.map(|(item, percent)| (item.emotion, percent / 100.0)));
    let bears = load <= 1.001;
    if bears && rack.iter().zip(&alone).all(|(item, p)| item.percent == *p) {
        return None;
    }
    // Down, never up, to whole percent.
    let lower = |(item, percent): (&RackItem, &f32)| match item.on && !bears {
        true => (percent / load).trunc(),
        false => *percent,
    };
    Some(rack.iter().zip(&alone).map(lower).collect())
}

/// Keeps the rack within the safe range as long as class mode is on.
pub fn keep_safe(atlas: Atlas) {
    Effect::new(move |_| {
        let class = atlas.class.get();
        let percents = (atlas.card).with(|c| atlas.rack.with(|rack| within(&c.steering, rack)));
        if !class {
            return;
        }
        if let Some(percents) = percents {
            atlas.rack.update(|rack| {
                for (item, percent) in rack.iter_mut().zip(percents) {
                    item.percent = percent;
                }
            });
            // The address says what is on the page, also where a link said more.
            crate::share::write_now(atlas);
        }
    });
}

/// Says that class mode is on, and what that means.
#[component]
pub fn ClassNote() -> impl IntoView {
    let atlas = atlas();
    move || {
        atlas.class.get().then(|| {
            view! {
                <p class="leftout" id="class-note" role="note">
                    {t("class.note")}
                </p>
            }
        })
    }
}

/// The switch in the dialog for sharing.
#[component]
pub fn ClassSwitch() -> impl IntoView {
    let atlas = atlas();
    view! {
        <label class="check">
            <input type="checkbox" id="class" prop:checked=move || atlas.class.get() on:change=move |ev| atlas.class.set(event_target_checked(&ev)) />
            <span>{t("class.switch")}</span>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rude_words_are_masked_and_their_neighbours_are_not() {
        let text = "What the hell, you fucking idiot! This bullshit is Shitty; motherfuckers.";
        assert_eq!(
            masked(text),
            "What the h•••, you f•••••• idiot! This b••••••• is S•••••; m••••••••••••."
        );
        for harmless in [
            "She assessed the class in Scunthorpe and passed the cocktail glass.",
            "A peacock in saltwater, a shell, a dictionary; hello, Dickens.",
            "",
            "…“’—Ünë\n",
        ] {
            assert_eq!(masked(harmless), harmless);
        }
    }

    #[test]
    fn pushes_are_brought_down_together_and_never_up() {
        let steering = Steering {
            layers: vec![],
            scale: 1.0,
            safe: 0.3,
            limit: 0.6,
            preset: 0.2,
            basis: String::new(),
            ranges: vec![[-0.2, 0.3], [-0.305, 0.4]],
        };
        let rack = |items: &[(usize, bool, f32)]| {
            let item = |&(emotion, on, percent)| RackItem {
                emotion,
                on,
                percent,
            };
            within(&steering, &items.iter().map(item).collect::<Vec<_>>())
        };
        assert_eq!(rack(&[(0, true, 30.0), (1, false, 40.0)]), None);
        // Each within its own range, on either side, also when it is off.
        assert_eq!(
            rack(&[(0, false, -60.0), (1, true, -31.0)]),
            Some(vec![-20.0, -30.0])
        );
        // Both at their ends are twice what text bears.
        assert_eq!(
            rack(&[(0, true, 50.0), (1, true, 50.0)]),
            Some(vec![15.0, 20.0])
        );
        // Without measured ranges the common one holds.
        assert_eq!(rack(&[(5, true, 40.0)]), Some(vec![30.0]));
    }
}
