//! Where two texts part.

/// A text cut at the first word that differs from the other's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What both have.
    pub same: String,
    /// The first word that differs.
    pub word: String,
    /// What follows.
    pub rest: String,
    /// Words in `same`.
    pub count: usize,
}

/// Cuts `text` where it parts from `other`. While a text still grows, its last word is not judged yet
/// if it may become the other's.
#[must_use]
pub fn split(text: &str, other: &str, growing: bool) -> Split {
    let (mine, theirs) = (words(text), words(other));
    let mut at = 0;
    while at < mine.len() && at < theirs.len() && mine[at].trim_end() == theirs[at].trim_end() {
        at += 1;
    }
    let open = growing
        && match (mine.get(at), theirs.get(at)) {
            (Some(a), Some(b)) => {
                let last = at + 1 == mine.len() || at + 1 == theirs.len();
                last && (a.trim_end().starts_with(b.trim_end())
                    || b.trim_end().starts_with(a.trim_end()))
            }
            _ => true,
        };
    if open || at == mine.len() {
        return Split {
            same: text.to_owned(),
            count: at,
            ..Split::default()
        };
    }
    let word = mine[at].trim_end();
    let from = mine[..at].iter().map(|w| w.len()).sum::<usize>();
    Split {
        same: text[..from].to_owned(),
        word: word.to_owned(),
        rest: text[from + word.len()..].to_owned(),
        count: at,
    }
}

/// The first `count` words with the white space around them.
#[must_use]
pub fn head(text: &str, count: usize) -> &str {
    let end = words(text).iter().take(count).map(|w| w.len()).sum();
    &text[..end]
}

/// How many words there are.
#[must_use]
pub fn count(text: &str) -> usize {
    words(text).len()
}

/// Words, each with the white space behind it (the first also with that before it).
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut in_word, mut seen) = (0, false, false);
    for (at, c) in text.char_indices() {
        let blank = c.is_whitespace();
        if !blank && !in_word && seen {
            out.push(&text[start..at]);
            start = at;
        }
        seen |= !blank;
        in_word = !blank;
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole() {
        let s = split(" one two  three four", " one two tree", false);
        assert_eq!(
            (s.same.as_str(), s.word.as_str(), s.rest.as_str(), s.count),
            (" one two  ", "three", " four", 2)
        );
    }

    #[test]
    fn the_first_word_can_differ() {
        let s = split("In time", "A long", false);
        assert_eq!(
            (s.same.as_str(), s.word.as_str(), s.rest.as_str()),
            ("", "In", " time")
        );
    }

    #[test]
    fn equal_texts_have_no_mark() {
        assert_eq!(split("a b", "a b", false).word, "");
        assert_eq!(split("", "", true), Split::default());
    }

    #[test]
    fn a_longer_text_is_marked_only_when_both_are_over() {
        assert_eq!(split("a b c", "a b", true).word, "");
        assert_eq!(split("a b c", "a b", false).word, "c");
    }

    #[test]
    fn a_growing_last_word_is_not_judged() {
        assert_eq!(split("the scholar", "the scholarship now", true).word, "");
        assert_eq!(split("the scholar ", "the dog", true).word, "scholar");
    }

    #[test]
    fn heads_keep_white_space() {
        assert_eq!(head(" a  b\n\nc", 2), " a  b\n\n");
        assert_eq!(head("a", 9), "a");
        assert_eq!(count(" a  b\n\nc"), 3);
    }
}
