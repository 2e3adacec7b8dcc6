//! Sums of emotions as people type them: `nervous - afraid + happy`. Pure.

use crate::text::{fill, t};

use super::super::state::Term;

/// Most terms of a sum.
pub const MOST: usize = 12;

/// What is wrong with a sum, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A word that is no emotion here.
    #[error("{}", unknown(.word, .count, .near))]
    Unknown {
        /// The word, cut short.
        word: String,
        /// How many there are.
        count: usize,
        /// A name that is nearly the same.
        near: Option<String>,
    },
    /// A sign without a word after it.
    #[error("{}", t("map.sum.dangling"))]
    Dangling,
    /// More terms than are taken.
    #[error("{}", fill("map.sum.many", &[("most", &MOST)]))]
    TooMany,
}

fn unknown(word: &str, count: &usize, near: &Option<String>) -> String {
    match near {
        Some(near) => fill(
            "map.sum.unknown-near",
            &[("word", &word), ("count", count), ("near", near)],
        ),
        None => fill("map.sum.unknown", &[("word", &word), ("count", count)]),
    }
}

/// Reads a sum. Names may hold hyphens, so a minus needs a space on its left.
///
/// # Errors
/// [`Wrong`], with the first thing that is.
pub fn read(text: &str, names: &[&str]) -> Result<Vec<Term>, Wrong> {
    let mut terms: Vec<Term> = Vec::new();
    let (mut sign, mut open) = (1.0, false);
    for word in text.split_whitespace().flat_map(parts) {
        match word.as_str() {
            "+" | "and" | "plus" => (sign, open) = (if open { sign } else { 1.0 }, true),
            "-" | "minus" => (sign, open) = (if open { -sign } else { -1.0 }, true),
            word => {
                let at = names
                    .iter()
                    .position(|n| *n == word)
                    .ok_or_else(|| Wrong::Unknown {
                        word: word.chars().take(24).collect(),
                        count: names.len(),
                        near: nearly(word, names).map(str::to_owned),
                    })?;
                terms.push((at, sign));
                (sign, open) = (1.0, false);
            }
        }
    }
    if open {
        return Err(Wrong::Dangling);
    }
    if terms.len() > MOST {
        return Err(Wrong::TooMany);
    }
    Ok(terms)
}

/// A word with the signs before it and a plus within it set apart; long dashes are minus.
fn parts(word: &str) -> Vec<String> {
    let word = word
        .to_lowercase()
        .replace(['\u{2212}', '\u{2013}', '\u{2014}'], "-");
    let mut found = Vec::new();
    for (i, part) in word.split('+').enumerate() {
        if i > 0 {
            found.push("+".to_owned());
        }
        let mut rest = part;
        while let Some(after) = rest.strip_prefix('-') {
            found.push("-".to_owned());
            rest = after;
        }
        let rest = rest.trim_end_matches([',', '.', ';']);
        if !rest.is_empty() {
            found.push(rest.to_owned());
        }
    }
    found
}

/// A sum as it is written.
#[must_use]
pub fn write(terms: &[Term], name: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    for (i, (emotion, weight)) in terms.iter().enumerate() {
        out += match (i, *weight < 0.0) {
            (0, false) => "",
            (0, true) => "- ",
            (_, false) => " + ",
            (_, true) => " - ",
        };
        out += &name(*emotion);
    }
    out
}

/// The name with the fewest letters different, if these are at most a third.
fn nearly<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let best = names.iter().min_by_key(|n| distance(word, n))?;
    (distance(word, best) <= word.chars().count().div_ceil(3)).then_some(*best)
}

/// Letters to insert, delete or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(40).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["nervous", "afraid", "happy", "grief-stricken", "at-ease"];

    #[test]
    fn sums_are_read_as_people_write_them() {
        let sum = Ok(vec![(0, 1.0), (1, -1.0), (2, 1.0)]);
        for text in [
            "nervous - afraid + happy",
            "Nervous -afraid +happy",
            "  nervous \u{2212} afraid+happy ",
            "nervous minus afraid plus happy",
            "+ nervous - afraid + happy",
        ] {
            assert_eq!(read(text, &NAMES), sum, "{text}");
        }
        assert_eq!(
            read("happy grief-stricken", &NAMES),
            Ok(vec![(2, 1.0), (3, 1.0)])
        );
        assert_eq!(read("- at-ease", &NAMES), Ok(vec![(4, -1.0)]));
        assert_eq!(
            read("happy - -afraid", &NAMES),
            Ok(vec![(2, 1.0), (1, 1.0)])
        );
        assert_eq!(read("", &NAMES), Ok(vec![]));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_a_cure() {
        let words = |text: &str| read(text, &NAMES).unwrap_err().to_string();
        assert_eq!(
            words("nervus + happy"),
            "“nervus” is none of the 5 emotions. Did you mean nervous?"
        );
        assert_eq!(words("xylophone"), "“xylophone” is none of the 5 emotions.");
        assert!(words("happy -").contains("sign"));
        assert!(words(&"happy ".repeat(13)).contains("12"));
        assert!(words(&"x".repeat(9000)).chars().count() < 80);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let sum = vec![(3, -1.0), (0, 1.0), (4, -1.0)];
        let text = write(&sum, |e| NAMES[e].to_owned());
        assert_eq!(text, "- grief-stricken + nervous - at-ease");
        assert_eq!(read(&text, &NAMES), Ok(sum));
    }
}
