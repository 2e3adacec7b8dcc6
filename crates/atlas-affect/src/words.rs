//! The 171 emotions: their names, the paper's clusters, and ratings of valence and arousal.
//!
//! ```
//! use atlas_affect::words;
//! let calm = &words::emotions()[words::index_of("calm").unwrap()];
//! assert_eq!(calm.cluster, "Peaceful Contentment");
//! assert!(calm.valence > 5.0 && calm.arousal < 5.0); // pleasant and quiet
//! ```

use std::sync::LazyLock;

use crate::AffectError;
use crate::card::EmotionEntry;

/// Word, valence, arousal: separated by white space, in alphabetical order.
pub const AFFECT_TABLE: &str = include_str!("../data/affect.tsv");
/// Word, cluster: separated by a tab, in the same order.
pub const CLUSTER_TABLE: &str = include_str!("../data/clusters.tsv");

/// The paper's k-means clusters, in alphabetical order.
pub const CLUSTERS: [&str; 10] = [
    "Compassionate Gratitude",
    "Competitive Pride",
    "Depleted Disengagement",
    "Despair and Shame",
    "Exuberant Joy",
    "Fear and Overwhelm",
    "Hostile Anger",
    "Peaceful Contentment",
    "Playful Amusement",
    "Vigilant Suspicion",
];

/// The twelve emotions that are shown first and that most figures are told for.
pub const SHOWCASE: [&str; 12] = [
    "happy",
    "inspired",
    "loving",
    "proud",
    "calm",
    "desperate",
    "angry",
    "guilty",
    "sad",
    "afraid",
    "nervous",
    "surprised",
];

static EMOTIONS: LazyLock<Vec<EmotionEntry>> = LazyLock::new(|| {
    // Compiled in, and read by a test: it cannot fail at a visitor's.
    parse(AFFECT_TABLE, CLUSTER_TABLE).expect("the built-in tables are sound")
});

/// All 171 emotions, in alphabetical order: the order of every list and tensor.
#[must_use]
pub fn emotions() -> &'static [EmotionEntry] {
    &EMOTIONS
}

/// Position of an emotion by name.
#[must_use]
pub fn index_of(name: &str) -> Option<usize> {
    emotions()
        .binary_search_by(|e| e.name.as_str().cmp(name))
        .ok()
}

/// Reads a table of ratings and one of clusters.
///
/// # Errors
/// [`AffectError::Table`] if a line has too few or too many fields, a rating is not between 1 and 9,
/// a cluster is unknown, words are not in strictly ascending order, or the tables name different words.
pub fn parse(affect: &str, clusters: &str) -> Result<Vec<EmotionEntry>, AffectError> {
    let mut emotions: Vec<EmotionEntry> = Vec::new();
    let mut cluster_lines = clusters.lines();
    let mut lines = 0;
    for (at, line) in affect.lines().enumerate() {
        lines = at + 1;
        let wrong = |table, what| AffectError::Table {
            table,
            line: at + 1,
            what,
        };
        let mut fields = line.split_whitespace();
        let (Some(name), Some(valence), Some(arousal), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong("affect", "not word, valence, arousal"));
        };
        let rating = |text: &str| {
            let value = text.parse::<f32>().ok().filter(|r| (1.0..=9.0).contains(r));
            value.ok_or(wrong("affect", "a rating is not between 1 and 9"))
        };
        if emotions
            .last()
            .is_some_and(|before| before.name.as_str() >= name)
        {
            return Err(wrong("affect", "not in alphabetical order"));
        }
        let Some((word, cluster)) = cluster_lines.next().and_then(|l| l.split_once('\t')) else {
            return Err(wrong("clusters", "not word, cluster"));
        };
        if word != name {
            return Err(wrong("clusters", "another word than in the ratings"));
        }
        if !CLUSTERS.contains(&cluster) {
            return Err(wrong("clusters", "unknown cluster"));
        }
        emotions.push(EmotionEntry {
            name: name.to_owned(),
            cluster: cluster.to_owned(),
            valence: rating(valence)?,
            arousal: rating(arousal)?,
        });
    }
    if cluster_lines.next().is_some() {
        return Err(AffectError::Table {
            table: "clusters",
            line: lines + 1,
            what: "more words than ratings",
        });
    }
    Ok(emotions)
}

/// Number of each emotion's cluster in [`CLUSTERS`], for comparing groupings.
#[must_use]
pub fn cluster_numbers(emotions: &[EmotionEntry]) -> Vec<usize> {
    let number = |e: &EmotionEntry| CLUSTERS.iter().position(|c| *c == e.cluster);
    emotions
        .iter()
        .map(|e| number(e).unwrap_or(CLUSTERS.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tables_hold_171_emotions_in_ten_clusters() {
        let all = parse(AFFECT_TABLE, CLUSTER_TABLE).expect("sound");
        assert_eq!(all.len(), 171);
        let numbers = cluster_numbers(&all);
        for (number, name) in CLUSTERS.iter().enumerate() {
            assert!(numbers.contains(&number), "{name} is empty");
        }
        assert!(numbers.iter().all(|&n| n < 10));
        for name in SHOWCASE {
            assert_eq!(emotions()[index_of(name).expect(name)].name, name);
        }
        assert_eq!(index_of("bored to tears"), None);
    }

    #[test]
    fn ratings_say_what_everybody_would() {
        let of = |name| &emotions()[index_of(name).expect(name)];
        assert!(of("happy").valence > 7.0 && of("desperate").valence < 3.5);
        assert!(of("panicked").arousal > of("sleepy").arousal + 3.0);
    }

    #[test]
    fn damaged_tables_are_refused_with_the_line() {
        let line_of = |affect, clusters| match parse(affect, clusters) {
            Err(AffectError::Table { table, line, .. }) => (table, line),
            other => panic!("{other:?}"),
        };
        let (a, c) = (
            "calm 7 2\nsad 2 3\n",
            "calm\tPeaceful Contentment\nsad\tDespair and Shame\n",
        );
        assert_eq!(parse(a, c).expect("sound").len(), 2);
        assert_eq!(
            line_of("sad 2 3\ncalm 7 2\n", "sad\tDespair and Shame\n"),
            ("affect", 2)
        );
        assert_eq!(line_of("calm 7 2\nsad 2\n", c), ("affect", 2));
        assert_eq!(line_of("calm 7 22\nsad 2 3\n", c), ("affect", 1));
        assert_eq!(line_of("calm 7 NaN\nsad 2 3\n", c), ("affect", 1));
        assert_eq!(line_of("calm 7 2\n", c), ("clusters", 2));
        assert_eq!(line_of(a, "calm\tPeaceful Contentment\n"), ("clusters", 2));
        assert_eq!(
            line_of(a, "calm\tBliss\nsad\tDespair and Shame\n"),
            ("clusters", 1)
        );
        assert_eq!(line_of(a, "kind\tPeaceful Contentment\n"), ("clusters", 1));
    }
}
