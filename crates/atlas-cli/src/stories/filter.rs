//! Which stories are kept.

use atlas_lab::Lexicon;
use serde::{Deserialize, Serialize};

/// Why a story is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The model declined, or speaks of itself as a program.
    Refused,
    /// The emotion's word, or a form of it, is in the story.
    Named,
    /// Fewer than [`LEAST`] words.
    Short,
    /// It repeats itself.
    Repeats,
}

impl Fault {
    /// All, in the order in which they are looked for: a story is counted under its first.
    pub const ALL: [Self; 4] = [Self::Refused, Self::Named, Self::Short, Self::Repeats];

    /// For a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Named => "names the emotion",
            Self::Short => "too short",
            Self::Repeats => "repeats itself",
        }
    }
}

/// Words that a story has at least.
pub const LEAST: usize = 30;
/// Share of repeated sequences of four words from which a story repeats itself.
pub const REPEATED: f32 = 0.1;
/// Share of distinct words below which it does.
pub const DISTINCT: f32 = 0.4;

/// How a model declines.
const REFUSALS: [&str; 9] = [
    "i'm sorry",
    "i am sorry, but i",
    "i apologize",
    "i cannot",
    "i can't write",
    "i'm unable",
    "i am unable",
    "as an ai",
    "language model",
];
/// Where a refusal would stand.
const BEGINNING: usize = 120;

/// Words whose family the general rule misses or takes too widely, and how its members begin (up to three letters: what
/// they are).
const FAMILIES: [(&str, &[&str]); 21] = [
    ("angry", &["anger", "angr"]),
    ("anxious", &["anxi"]),
    ("at-ease", &["at ease"]),
    ("envious", &["envy", "envi"]),
    ("furious", &["fury", "furi", "infuriat"]),
    ("grief-stricken", &["grief", "griev"]),
    (
        "happy",
        &["happy", "happil", "happin", "happier", "happiest"],
    ),
    ("hateful", &["hate", "hating", "hatred"]),
    ("hope", &["hope", "hoping"]),
    ("hopeful", &["hope", "hoping"]),
    ("horrified", &["horror", "horrif"]),
    ("mad", &["mad", "madly", "madness"]),
    ("miserable", &["misery", "miserabl"]),
    ("mystified", &["mystif"]),
    ("on-edge", &["on edge"]),
    ("proud", &["pride", "proud"]),
    (
        "sad",
        &["sad", "sadly", "sadness", "sadder", "saddest", "sadden"],
    ),
    ("satisfied", &["satisf"]),
    ("terrified", &["terror", "terrif"]),
    ("vengeful", &["revenge", "venge"]),
    ("worn-out", &["worn out"]),
];
/// What makes an emotion's word of a stem.
const SUFFIXES: [&str; 9] = ["fied", "ful", "ous", "ing", "ied", "ed", "y", "ly", "e"];
/// What makes the other words of a stem that is too short to stand for them by itself.
const ENDINGS: [&str; 19] = [
    "", "d", "e", "es", "ed", "er", "ely", "edom", "s", "ly", "ness", "iness", "ing", "ingly",
    "ion", "y", "ily", "ies", "ety",
];

/// The text of a story in what a model wrote: without a heading or a line that announces it, and without a last sentence
/// that was cut.
pub fn tidy(written: &str, whole: bool) -> String {
    let mut text = written.trim();
    while let Some((first, rest)) = text.split_once('\n') {
        let first = first.trim();
        let heading =
            first.ends_with(':') || first.starts_with(['#', '*']) || first.starts_with("Title");
        if !heading {
            break;
        }
        text = rest.trim_start();
    }
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '"' | '”');
    let kept = if whole || text.ends_with(ends) {
        text
    } else {
        match text.rfind(ends) {
            Some(at) => {
                let end = text[at..].chars().next().map_or(1, char::len_utf8);
                &text[..at + end]
            }
            None => "",
        }
    };
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first thing that is wrong with a story about an emotion.
pub fn fault(text: &str, emotion: &str) -> Option<Fault> {
    let small = text.to_lowercase().replace('’', "'");
    let beginning: String = small.chars().take(BEGINNING).collect();
    if REFUSALS.iter().any(|r| beginning.contains(r)) {
        return Some(Fault::Refused);
    }
    if names(&small, emotion) {
        return Some(Fault::Named);
    }
    if text.split_whitespace().count() < LEAST {
        return Some(Fault::Short);
    }
    let found = Lexicon::default().coherence(text, 0.0);
    (found.repeated > REPEATED || found.distinct < DISTINCT).then_some(Fault::Repeats)
}

/// Whether a text (in lower case) holds a word of the emotion's family.
fn names(text: &str, emotion: &str) -> bool {
    let words = || {
        text.split(|c: char| !c.is_alphabetic())
            .filter(|w| !w.is_empty())
    };
    let phrase = emotion.replace('-', " ");
    let whole = phrase != emotion;
    if whole && (text.contains(&phrase) || text.contains(emotion)) {
        return true;
    }
    if let Some((_, forms)) = FAMILIES.iter().find(|(word, _)| *word == emotion) {
        return forms.iter().any(|form| match form.len() {
            _ if form.contains(' ') => text.contains(form),
            ..=3 => words().any(|w| w == *form),
            _ => words().any(|w| w.starts_with(form)),
        });
    }
    if whole {
        return false;
    }
    let bare = SUFFIXES
        .iter()
        .find_map(|s| emotion.strip_suffix(s).filter(|b| b.len() >= 3));
    let stem = bare.unwrap_or(emotion);
    words().any(|word| match word.strip_prefix(stem) {
        Some(_) if stem.len() >= 5 => true,
        Some(rest) => ENDINGS.contains(&rest) || word.starts_with(emotion),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use atlas_affect::words;

    #[test]
    fn forms_of_the_word_name_the_emotion() {
        for (emotion, text) in [
            ("sad", "a sadness came over her"),
            ("happy", "they lived happily"),
            ("loving", "he loved them"),
            ("bored", "what boredom"),
            ("proud", "with pride"),
            ("at-ease", "he was at ease"),
            ("on-edge", "always on-edge"),
            ("calm", "she spoke calmly"),
            ("surprised", "what a surprise"),
            ("guilty", "full of guilt"),
            ("desperate", "in desperation"),
            ("hateful", "she hated it"),
        ] {
            assert!(names(text, emotion), "{emotion}: {text}");
        }
        for (emotion, text) in [
            ("sad", "he saddled the horse"),
            ("bored", "the border, where he was born"),
            ("mad", "she made tea for madam"),
            ("on-edge", "the edge of the table"),
            ("calm", "the calamity"),
            ("loving", "a glove and a clover"),
            ("tense", "a tent and ten people"),
            ("stuck", "a stick"),
        ] {
            assert!(!names(text, emotion), "{emotion}: {text}");
        }
        for emotion in words::emotions() {
            assert!(
                names(&format!("he felt {} now", emotion.name), &emotion.name),
                "{}",
                emotion.name
            );
        }
        assert!(
            FAMILIES
                .iter()
                .all(|(word, _)| words::index_of(word).is_some())
        );
    }

    #[test]
    fn each_fault_is_found() {
        let fine = "Mara put the cup down and looked out at the river, where two boats went by without a sound. Nobody \
                    called her name. She leaned back, closed her eyes and let the sun lie warm on her hands until the bells rang.";
        assert_eq!(fault(fine, "calm"), None);
        assert_eq!(
            fault(&format!("{fine} She was calm."), "calm"),
            Some(Fault::Named)
        );
        assert_eq!(fault("Mara put the cup down.", "calm"), Some(Fault::Short));
        assert_eq!(
            fault(
                &format!("I'm sorry, but I can't help with that. {fine}"),
                "calm"
            ),
            Some(Fault::Refused)
        );
        let again = "she went home and she went home and ".repeat(6);
        assert_eq!(fault(&again, "calm"), Some(Fault::Repeats));
    }

    #[test]
    fn a_story_is_what_stands_between_heading_and_cut() {
        assert_eq!(
            tidy(
                "Title: The Bus\n\nIt came.\nShe got on. Then the dri",
                false
            ),
            "It came. She got on."
        );
        assert_eq!(
            tidy("Here is a story:\nIt came “now.” And", false),
            "It came “now.”"
        );
        assert_eq!(tidy(" It came and went", true), "It came and went");
        assert_eq!(tidy("no end in sight", false), "");
    }
}
