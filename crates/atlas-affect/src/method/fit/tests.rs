use super::*;
use crate::matrix::dot;
use crate::method::{Centring, Layered, Mix, Neutral, Space};
use crate::stories::samples;
use atlas_units::Layer;
use std::collections::BTreeMap;

fn layered(stories: &StoryMeans) -> Layered {
    Layered {
        emotion: stories.emotion.clone(),
        topic: stories.topic.clone(),
        writer: vec![0; stories.len()],
        layers: vec![Layer::new(2)],
        width: stories.width,
        rows: stories.rows.clone(),
    }
}

fn material(parts: &[(&str, &StoryMeans)], neutral: Vec<f32>) -> Material {
    let width = parts[0].1.width;
    Material {
        first_token: 20,
        corpora: parts
            .iter()
            .map(|(n, s)| ((*n).to_owned(), layered(s)))
            .collect::<BTreeMap<_, _>>(),
        neutral: Neutral {
            layers: vec![Layer::new(2)],
            width,
            rows: neutral,
        },
    }
}

fn plain() -> MethodOptions {
    MethodOptions {
        within: 0.0,
        ..MethodOptions::plain("told", 2)
    }
}

fn near(a: &EmotionVectors, b: &EmotionVectors, by: f32) -> bool {
    a.rows.iter().zip(&b.rows).all(|(a, b)| (a - b).abs() < by)
}

#[test]
fn plain_options_give_what_the_first_way_gave() {
    let stories = samples::random(7, 5, 10, 1);
    let material = material(&[("told", &stories)], vec![]);
    for count in [0, 1, 4] {
        let old = EmotionVectors::build(&stories, 7, count).expect("sound");
        let options = MethodOptions {
            within: old.nuisance_share,
            ..plain()
        };
        let new = make(&material, &options, 7).expect("sound");
        assert_eq!(new.removed.within, count);
        assert!((new.removed.within_share - old.nuisance_share).abs() < 1e-6);
        assert!(near(&new.vectors, &old, 1e-6));
        assert_eq!(new.vectors.rows, new.filters.rows);
        assert_eq!(new.vectors.rows, new.patterns.rows);
    }
}

#[test]
fn whitening_makes_every_direction_within_emotions_vary_alike() {
    // Axis 0 varies ten times as much as the others within emotions.
    let mut stories = samples::telling(6, 60, 6, 1.0, 2);
    stories.rows.iter_mut().step_by(6).for_each(|v| *v *= 10.0);
    let material = material(&[("told", &stories)], vec![]);
    let options = MethodOptions {
        space: Space::Whitened { shrinkage: 1e-6 },
        ..plain()
    };
    let made = make(&material, &options, 6).expect("sound");
    let mapped = made.mapped(&stories.centred());
    let mut within = mapped.clone();
    for e in 0..6 {
        let own: Vec<usize> = (0..stories.len())
            .filter(|&s| usize::from(stories.emotion[s]) == e)
            .collect();
        for axis in 0..6 {
            let mean = own.iter().map(|s| mapped[s * 6 + axis]).sum::<f64>() / own.len() as f64;
            own.iter().for_each(|s| within[s * 6 + axis] -= mean);
        }
    }
    let covariance = scatter(&within, 6);
    let n = stories.len() as f64;
    for (at, c) in covariance.iter().enumerate() {
        let expected = f64::from(at % 7 == 0);
        assert!((c / n - expected).abs() < 1e-3, "{at}: {}", c / n);
    }
    // Fully shrunk, whitening is a change of length.
    let options = MethodOptions {
        space: Space::Whitened { shrinkage: 1.0 },
        ..plain()
    };
    let shrunk = make(&material, &options, 6).expect("sound");
    let mean = make(&material, &plain(), 6).expect("sound");
    let ratio = shrunk.vectors.rows[0] / mean.vectors.rows[0];
    let scaled: Vec<f32> = mean.vectors.rows.iter().map(|v| v * ratio).collect();
    assert!(
        shrunk
            .vectors
            .rows
            .iter()
            .zip(&scaled)
            .all(|(a, b)| (a - b).abs() < 1e-4)
    );
}

#[test]
fn filters_read_in_the_residual_stream_what_cosines_do_in_the_new_coordinates() {
    let stories = samples::random(5, 9, 8, 3);
    let neutral = samples::random(5, 4, 8, 4).rows;
    let options = MethodOptions {
        space: Space::Whitened { shrinkage: 0.3 },
        within: 0.2,
        neutral: 0.3,
        ..plain()
    };
    let made = make(&material(&[("told", &stories)], neutral), &options, 5).expect("sound");
    assert!(made.removed.within >= 1 && made.removed.neutral >= 1);
    let rows = stories.centred();
    let mapped = made.mapped(&rows);
    for (x, tx) in rows.chunks_exact(8).zip(mapped.chunks_exact(8)).take(9) {
        for e in 0..5 {
            let of =
                |v: &EmotionVectors| v.row(e).iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
            let (read, compared) = (dot(x, &of(&made.filters)), dot(tx, &of(&made.vectors)));
            assert!((read - compared).abs() < 1e-4 * (1.0 + compared.abs()));
        }
    }
    // Nothing of a pattern is left along what was projected out.
    let twice = made
        .patterns
        .rows
        .iter()
        .map(|&v| f64::from(v))
        .collect::<Vec<_>>();
    let unwhitened = make(
        &material(&[("told", &stories)], samples::random(5, 4, 8, 4).rows),
        &MethodOptions {
            space: Space::Mean,
            ..options
        },
        5,
    )
    .expect("sound");
    let again = unwhitened.mapped(&twice);
    assert!(again.iter().zip(&twice).all(|(a, b)| (a - b).abs() < 1e-5));
    assert!(near(&unwhitened.vectors, &made.patterns, 1e-6));
}

#[test]
fn what_neutral_passages_vary_in_is_gone() {
    let stories = samples::random(5, 9, 8, 5);
    // Passages vary by axis 6 and nothing else.
    let mut neutral = vec![0.5; 8 * 10];
    (0..10).for_each(|p| neutral[p * 8 + 6] = p as f32);
    let options = MethodOptions {
        neutral: 0.5,
        ..plain()
    };
    let made = make(&material(&[("told", &stories)], neutral), &options, 5).expect("sound");
    assert_eq!((made.removed.neutral, made.removed.neutral_share), (1, 1.0));
    assert!((0..5).all(|e| made.vectors.row(e)[6].abs() < 1e-6));
    assert!((0..5).any(|e| made.vectors.row(e)[5].abs() > 0.05));
    let none = make(&material(&[("told", &stories)], vec![]), &options, 5);
    assert_eq!(none, Err(AffectError::Empty("neutral passages")));
}

#[test]
fn a_mix_weighs_corpora_not_stories() {
    // Three times as many stories in one; with equal weights the vectors are the mean of both corpora's.
    let (a, b) = (samples::random(5, 9, 6, 6), samples::random(5, 3, 6, 7));
    let both = material(&[("told", &a), ("inner", &b)], vec![]);
    let of = |mix: &[(&str, f32)]| {
        let options = MethodOptions {
            mix: Mix::of(mix.iter().copied()),
            ..plain()
        };
        make(&both, &options, 5).expect("sound").vectors
    };
    let (told, inner, mixed) = (
        of(&[("told", 1.0)]),
        of(&[("inner", 1.0)]),
        of(&[("told", 3.0), ("inner", 1.0)]),
    );
    for (at, v) in mixed.rows.iter().enumerate() {
        assert!((v - (0.75 * told.rows[at] + 0.25 * inner.rows[at])).abs() < 1e-5);
    }
    assert!(near(&told, &of(&[("told", 1.0), ("inner", 0.0)]), 1e-9));
}

#[test]
fn nuisance_can_come_from_another_corpus() {
    let told = samples::random(5, 9, 6, 8);
    let mut inner = samples::random(5, 9, 6, 9);
    inner
        .rows
        .iter_mut()
        .skip(4)
        .step_by(6)
        .for_each(|v| *v *= 30.0);
    let both = material(&[("told", &told), ("inner", &inner)], vec![]);
    let options = MethodOptions {
        within: 0.5,
        nuisance_mix: Some(Mix::of([("inner", 1.0)])),
        ..plain()
    };
    let made = make(&both, &options, 5).expect("sound");
    assert_eq!(made.removed.within, 1);
    assert!((0..5).all(|e| made.vectors.row(e)[4].abs() < 0.02));
}

#[test]
fn centring_takes_away_what_it_says() {
    // Stories of a topic share an offset, of which told topics have more where emotion 0 is told more often.
    let all = samples::telling(4, 6, 5, 3.0, 10);
    let mut stories = all.subset(|s| all.emotion[s] == 0 || all.topic[s] < 5);
    for s in 0..stories.len() {
        if stories.topic[s] == 5 {
            stories.rows[s * 5 + 4] += 600.0;
        }
    }
    let material = material(&[("told", &stories)], vec![]);
    let of = |centring| {
        make(
            &material,
            &MethodOptions {
                centring,
                ..plain()
            },
            4,
        )
        .expect("sound")
        .vectors
    };
    assert!(of(Centring::None).row(0)[4] > 50.0);
    assert!(of(Centring::Topic).row(0)[4].abs() < 1.0);
    assert!(near(
        &of(Centring::Topic),
        &of(Centring::TopicAndWriter),
        1e-9
    ));
}

#[test]
fn what_does_not_fit_is_refused() {
    let stories = samples::random(5, 4, 6, 11);
    let material = material(&[("told", &stories)], vec![]);
    let of =
        |options: MethodOptions, emotions| make(&material, &options, emotions).map(|m| m.stories);
    assert_eq!(of(plain(), 5), Ok(20));
    assert_eq!(of(plain(), 6), Err(AffectError::NoStory(5)));
    assert_eq!(
        of(plain(), 4),
        Err(AffectError::UnknownEmotion {
            emotion: 4,
            emotions: 4
        })
    );
    assert_eq!(
        of(MethodOptions::plain("tole", 2), 5),
        Err(AffectError::UnknownCorpus("tole".into()))
    );
    assert_eq!(
        of(MethodOptions::plain("told", 3), 5),
        Err(AffectError::UnknownLayer(3))
    );
    assert!(matches!(
        of(
            MethodOptions {
                first_token: 5,
                ..plain()
            },
            5
        ),
        Err(AffectError::Options(_))
    ));
}

#[test]
fn cosines_lie_between_one_and_minus_one_and_find_the_own_emotion() {
    let stories = samples::telling(5, 9, 8, 6.0, 12);
    let made = make(&material(&[("told", &stories)], vec![]), &plain(), 5).expect("sound");
    for cosines in [
        made.cosines_among(&stories).expect("fits"),
        made.cosines_alone(&stories.rows).expect("fits"),
    ] {
        for (row, &own) in cosines.chunks_exact(5).zip(&stories.emotion) {
            let best = (0..5).max_by(|&a, &b| row[a].total_cmp(&row[b]));
            assert_eq!(best, Some(usize::from(own)));
            assert!(row.iter().all(|c| c.abs() <= 1.0));
        }
    }
    assert!(made.cosines_alone(&[0.0; 7]).is_err());
}
