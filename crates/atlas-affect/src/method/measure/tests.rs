use super::*;
use crate::method::samples::material;
use crate::method::{KeptTopics, Mix, split};
use crate::{StoryMeans, retrieval};

fn selection(strength: f32, topics: u32, seed: u64) -> Selection {
    let all = material(12, topics, 16, strength, seed);
    split(&all, &KeptTopics::of([("told", [0])]))
        .expect("sound")
        .0
}

fn plain() -> MethodOptions {
    MethodOptions {
        within: 0.0,
        ..MethodOptions::plain("told", 2)
    }
}

#[test]
fn what_is_told_is_found_in_every_corpus_and_is_stable() {
    let options = [
        plain(),
        MethodOptions {
            within: 0.1,
            space: Space::Whitened { shrinkage: 0.5 },
            ..plain()
        },
        MethodOptions {
            mix: Mix::of([("told", 1.0), ("inner", 1.0)]),
            neutral: 0.1,
            ..plain()
        },
    ];
    let selection = selection(6.0, 9, 1);
    for against in [Against::Group, Against::Making] {
        let plan = TrialPlan {
            against,
            ..TrialPlan::default()
        };
        let found = measure(&selection, &options, 12, &plan).expect("sound");
        assert_eq!(found.len(), 3);
        for (scores, options) in found.iter().zip(&options) {
            assert_eq!(&scores.options, options);
            assert_eq!(
                (
                    scores.retrieval["told"].stories,
                    scores.retrieval["inner"].stories
                ),
                (8 * 12, 9 * 12)
            );
            assert!(
                scores.top5 > 0.98 && scores.retrieval["inner"].top1 > 0.9,
                "{scores:?}"
            );
            assert!(scores.stability > 0.85, "{}", scores.stability);
            assert_eq!(scores.by_topic.len(), 8 + 9);
        }
    }
}

#[test]
fn noise_is_neither_found_nor_stable() {
    let found = measure(
        &selection(0.0, 40, 2),
        &[plain()],
        12,
        &TrialPlan::default(),
    )
    .expect("sound");
    let told = &found[0].retrieval["told"];
    assert!((told.top1 - told.chance.top1).abs() < 0.05, "{told:?}");
    assert!((told.mean_rank - 6.5).abs() < 0.5, "{told:?}");
    assert!(found[0].stability.abs() < 0.15, "{}", found[0].stability);
}

#[test]
fn as_many_folds_as_topics_give_what_holding_out_each_topic_gives() {
    let all = material(12, 6, 16, 1.0, 3);
    let only = Material {
        corpora: all
            .corpora
            .iter()
            .filter(|(n, _)| *n == "told")
            .map(|(n, c)| (n.clone(), c.clone()))
            .collect(),
        ..all
    };
    let (selection, _) = split(&only, &KeptTopics::of([("told", [0])])).expect("sound");
    let stories: StoryMeans = selection.material().corpora["told"]
        .at(atlas_units::Layer::new(2))
        .expect("there");
    let expected = retrieval::held_out_topics(&stories, 12, 0).expect("sound");
    let plan = TrialPlan {
        folds: 5,
        ..TrialPlan::default()
    };
    let found = measure(&selection, &[plain()], 12, &plan).expect("sound");
    assert_eq!(found[0].retrieval["told"], expected);
    let mean = found[0].by_topic.iter().map(|t| t.top5).sum::<f32>() / 5.0;
    assert!((mean - expected.top5).abs() < 1e-6);
}

#[test]
fn sharing_work_changes_nothing() {
    let options: Vec<MethodOptions> = [0.0, 0.2, 0.5]
        .map(|within| MethodOptions { within, ..plain() })
        .into();
    let (selection, plan) = (selection(2.0, 9, 4), TrialPlan::default());
    let together = measure(&selection, &options, 12, &plan).expect("sound");
    for (option, scores) in options.iter().zip(&together) {
        let alone = measure(&selection, std::slice::from_ref(option), 12, &plan).expect("sound");
        assert_eq!(&alone[0], scores);
        let stable = stability(selection.material(), option, 12, &plan).expect("sound");
        assert!((mean(&stable) - scores.stability).abs() < 1e-6);
    }
}

#[test]
fn more_stories_are_more_stable() {
    let of = |topics| {
        let all = material(12, topics, 16, 0.8, 5);
        mean(
            &stability(
                &all,
                &plain(),
                12,
                &TrialPlan {
                    halvings: 4,
                    ..TrialPlan::default()
                },
            )
            .expect("sound"),
        )
    };
    assert!(of(40) > of(6) + 0.1);
}

#[test]
fn halves_share_no_topic_and_differ_by_one_at_most() {
    let mut rng = Pcg64Mcg::seed_from_u64(6);
    for _ in 0..20 {
        let half = halves(&[(0..11).collect(), (0..4).collect()], &mut rng);
        assert!((5..=6).contains(&half[0].len()) && half[1].len() == 2);
    }
}

#[test]
fn plans_that_leave_nothing_are_refused() {
    let (selection, plan) = (selection(1.0, 9, 7), TrialPlan::default());
    let of = |plan| measure(&selection, &[plain()], 12, &plan).map(|_| ());
    assert!(matches!(
        of(TrialPlan { folds: 1, ..plan }),
        Err(AffectError::Options(_))
    ));
    let one = material(12, 1, 16, 1.0, 8);
    assert!(matches!(
        stability(&one, &plain(), 12, &plan),
        Err(AffectError::Empty(_))
    ));
}
