//! The paper's ten clusters: a colour and a shape each.
//!
//! The colours alone are not enough for readers who cannot tell red from green: never drop the shapes.

use leptos::prelude::*;

/// How one cluster is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The paper's name.
    pub name: &'static str,
    /// Ending of its colour token: `fear` for `--c-fear`.
    pub key: &'static str,
    /// SVG path inside the circle of radius 1.5; areas are evened out by eye. Filled even-odd.
    pub shape: &'static str,
}

/// In the legend's order: from unpleasant and excited round to pleasant and excited.
pub const CLUSTERS: [Cluster; 10] = [
    Cluster {
        name: "Hostile Anger",
        key: "anger",
        shape: "M0-1.25L1.17.82H-1.17Z",
    },
    Cluster {
        name: "Fear and Overwhelm",
        key: "fear",
        shape: "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
    },
    Cluster {
        name: "Despair and Shame",
        key: "despair",
        shape: "M-.88-.88H.88V.88H-.88Z",
    },
    Cluster {
        name: "Depleted Disengagement",
        key: "depleted",
        shape: "M-1.3-.55H1.3V.55H-1.3Z",
    },
    Cluster {
        name: "Peaceful Contentment",
        key: "peace",
        shape: "M1.15 0A1.15 1.15 0 1 1-1.15 0A1.15 1.15 0 1 1 1.15 0ZM.5 0A.5 .5 0 1 0-.5 0A.5 .5 0 1 0 .5 0Z",
    },
    Cluster {
        name: "Compassionate Gratitude",
        key: "compassion",
        shape: "M-.38-1.1H.38V-.38H1.1V.38H.38V1.1H-.38V.38H-1.1V-.38H-.38Z",
    },
    Cluster {
        name: "Exuberant Joy",
        key: "joy",
        shape: "M0-1.38L.36-.5L1.31-.43L.59.19L.81 1.12L0 .62L-.81 1.12L-.59.19L-1.31-.43L-.36-.5Z",
    },
    Cluster {
        name: "Playful Amusement",
        key: "play",
        shape: "M0-1.3L1.05 0L0 1.3L-1.05 0Z",
    },
    Cluster {
        name: "Competitive Pride",
        key: "pride",
        shape: "M0 1.25L1.17-.82H-1.17Z",
    },
    Cluster {
        name: "Vigilant Suspicion",
        key: "vigilance",
        shape: "M1.5 0L.35.35L0 1.5L-.35.35L-1.5 0L-.35-.35L0-1.5L.35-.35Z",
    },
];

/// A cluster that the paper does not know: a hexagon in the grey of the least of them.
const OTHER: Cluster = Cluster {
    name: "Other",
    key: "depleted",
    shape: "M1.15 0L.58 1H-.58L-1.15 0L-.58-1H.58Z",
};

impl Cluster {
    /// The cluster of that name.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        CLUSTERS.iter().find(|c| c.name == name).unwrap_or(&OTHER)
    }

    /// Its colour as CSS.
    #[must_use]
    pub fn colour(&self) -> String {
        format!("var(--c-{})", self.key)
    }
}

/// The shape of a cluster in its colour, `size` CSS pixels wide.
#[component]
pub fn Glyph(
    /// Name of the cluster.
    #[prop(into)]
    cluster: String,
    /// Width and height in CSS pixels.
    #[prop(default = 13.0)]
    size: f32,
) -> impl IntoView {
    let cluster = Cluster::named(&cluster);
    let style = format!("width:{size}px;height:{size}px");
    view! {
        <svg class="glyph" viewBox="-1.5 -1.5 3 3" aria-hidden="true" style=style>
            <path d=cluster.shape fill=cluster.colour() fill-rule="evenodd"></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_shapes_tell_all_ten_apart() {
        for (i, a) in CLUSTERS.iter().enumerate() {
            for b in &CLUSTERS[..i] {
                assert!(a.key != b.key && a.shape != b.shape && a.name != b.name);
            }
            assert_eq!(Cluster::named(a.name), a);
        }
        assert_eq!(Cluster::named("none of them").name, "Other");
    }
}
