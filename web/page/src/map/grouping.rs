//! By what the points are coloured: the paper's clusters, or groups found in this model's vectors. Pure.

use atlas_affect::card::VectorsCard;
use atlas_affect::map::MapFile;

use super::clusters::{CLUSTERS, Cluster, Marker};

/// Groups of emotions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grouping {
    /// The groups that have members.
    pub groups: Vec<Group>,
    /// Group of every emotion, an index into `groups`.
    pub of: Vec<usize>,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name: the paper's, or its two most central emotions.
    pub name: String,
    /// A shorter one, where many stand side by side.
    pub short: String,
    /// How it is drawn.
    pub marker: Marker,
    /// Its members, for found groups the most central first.
    pub members: Vec<usize>,
}

/// More groups than this are told by one word each.
const LONG_NAMES: usize = 9;

impl Grouping {
    /// The paper's clusters.
    #[must_use]
    pub fn paper(card: &VectorsCard) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for cluster in CLUSTERS.iter().map(Some).chain([None]) {
            let own = |name: &str| match cluster {
                Some(c) => c.name == name,
                None => CLUSTERS.iter().all(|c| c.name != name),
            };
            let members: Vec<usize> = (0..card.emotions.len())
                .filter(|e| own(&card.emotions[*e].cluster))
                .collect();
            if !members.is_empty() {
                let cluster = cluster.unwrap_or_else(|| Cluster::named(""));
                groups.push(Group {
                    name: cluster.name.to_owned(),
                    short: cluster.name.to_owned(),
                    marker: cluster.marker(),
                    members,
                });
            }
        }
        Self::from_groups(groups, card.emotions.len())
    }

    /// Groups found by k-means, `count` of them.
    #[must_use]
    pub fn found(card: &VectorsCard, file: &MapFile, count: usize) -> Option<Self> {
        let of = file.grouping(count)?;
        let name = |e: &usize| card.emotions.get(*e).map_or("", |e| e.name.as_str());
        let groups = (0..count).filter_map(|number| {
            let members: Vec<usize> = (0..of.len())
                .filter(|e| usize::from(of[*e]) == number)
                .collect();
            let members = file.cosines.central(&members);
            let first: Vec<&str> = members.iter().take(2).map(name).collect();
            let short = (*first.first()?).to_owned();
            Some(Group {
                name: if count > LONG_NAMES {
                    short.clone()
                } else {
                    first.join(", ")
                },
                short,
                marker: Marker::numbered(number),
                members,
            })
        });
        Some(Self::from_groups(groups.collect(), card.emotions.len()))
    }

    fn from_groups(groups: Vec<Group>, emotions: usize) -> Self {
        let mut of = vec![0; emotions];
        for (number, group) in groups.iter().enumerate() {
            for member in &group.members {
                of[*member] = number;
            }
        }
        Self { groups, of }
    }

    /// Group of an emotion.
    #[must_use]
    pub fn group(&self, emotion: usize) -> Option<&Group> {
        self.groups.get(*self.of.get(emotion)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn the_papers_clusters_hold_everybody_once() {
        let mut card = samples::card();
        card.emotions[1].cluster = "of another paper".into();
        let grouping = Grouping::paper(&card);
        assert_eq!(grouping.groups.len(), 2);
        assert_eq!(grouping.groups[0].name, "Fear and Overwhelm");
        assert_eq!(grouping.groups[1].name, "Other");
        assert_eq!(grouping.of, [0, 1]);
        assert_eq!(grouping.group(1).map(|g| g.members.clone()), Some(vec![1]));
    }

    #[test]
    fn found_groups_are_named_by_their_middle() {
        let (card, file) = (samples::fan_card(), samples::fan_file());
        let grouping = Grouping::found(&card, &file, 2).unwrap();
        assert_eq!(grouping.groups[0].name, "e1, e0", "at 0, 10 and 30 degrees");
        assert_eq!(grouping.of, [0, 0, 0, 1]);
        assert_eq!(Grouping::found(&card, &file, 21), None);
    }

    #[test]
    fn twenty_markers_differ() {
        let all: Vec<Marker> = (0..20).map(Marker::numbered).collect();
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
        }
    }
}
