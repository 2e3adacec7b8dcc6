//! How fluent is a text?

use atlas_affect::steering::Coherence;
use std::collections::HashSet;

/// Words that are known to be words: those of some texts.
#[derive(Clone, Debug, Default)]
pub struct Lexicon(HashSet<String>);

impl Lexicon {
    /// All words of these texts, names among them, in lower case.
    #[must_use]
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let words = texts.into_iter().flat_map(words);
        Self(words.map(str::to_lowercase).collect())
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it knows no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How fluent a text is that was cut after some tokens; `surprise` is the model's, in nats per token.
    ///
    /// A word is letters with apostrophes between them. One that the text begins or ends with is left out, for it may be
    /// part of a longer one. A word with a capital is taken for a name and never for strange. A text without words is wholly
    /// strange and has no distinct word.
    #[must_use]
    pub fn coherence(&self, text: &str, surprise: f32) -> Coherence {
        let inside = text.trim_start_matches(letter).trim_end_matches(letter);
        let all: Vec<&str> = words(inside).collect();
        if all.is_empty() {
            return Coherence {
                surprise,
                repeated: 0.0,
                distinct: 0.0,
                strange: 1.0,
            };
        }
        let small: Vec<String> = all.iter().map(|w| w.to_lowercase()).collect();
        let distinct: HashSet<&str> = small.iter().map(String::as_str).collect();
        let fours: Vec<&[String]> = small.windows(4).collect();
        let different: HashSet<&[String]> = fours.iter().copied().collect();
        let strange = all.iter().zip(&small).filter(|(word, small)| {
            !word.starts_with(char::is_uppercase) && !self.0.contains(small.as_str())
        });
        let share = |part: usize, whole: usize| part as f32 / whole.max(1) as f32;
        Coherence {
            surprise,
            repeated: share(fours.len() - different.len(), fours.len()),
            distinct: share(distinct.len(), small.len()),
            strange: share(strange.count(), small.len()),
        }
    }
}

fn letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\'' | '’')
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let runs = text.split(|c: char| !letter(c));
    let bare = runs.map(|run| run.trim_matches(|c: char| c == '\'' || c == '’'));
    bare.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        Lexicon::of([
            "She didn't open the old door.",
            "He was calm, and so was the sea.",
        ])
    }

    #[test]
    fn words_are_letters_with_apostrophes() {
        let found: Vec<&str> = words("'Don't,' she said -- 3 times: \"o'clock\"").collect();
        assert_eq!(found, ["Don't", "she", "said", "times", "o'clock"]);
        assert_eq!(lexicon().len(), 12);
    }

    #[test]
    fn a_fluent_text_has_nothing_to_count() {
        let of = lexicon().coherence(" He didn't open the door. Mirela was calm, and s", 2.0);
        assert_eq!(of.surprise, 2.0);
        assert_eq!(
            (of.repeated, of.strange),
            (0.0, 0.0),
            "a name, and a word cut short"
        );
        assert_eq!(of.distinct, 1.0);
    }

    #[test]
    fn repetition_and_fragments_are_counted() {
        // Five sequences of four, two different; two different words of eight.
        let of = lexicon().coherence(" calm sea calm sea calm sea calm sea.", 1.0);
        assert!((of.repeated - 3.0 / 5.0).abs() < 1e-6);
        assert!((of.distinct - 2.0 / 8.0).abs() < 1e-6);
        let of = lexicon().coherence("ly the dorrr open ingly.", 1.0);
        assert!((of.strange - 0.5).abs() < 1e-6);
    }

    #[test]
    fn no_words_are_no_text() {
        let of = lexicon().coherence("... !!! 42", 1.0);
        assert_eq!((of.distinct, of.strange), (0.0, 1.0));
        assert_eq!(lexicon().coherence("", 0.0).strange, 1.0);
    }
}
