//! How much of what varies is emotion, and on how many axes.

use crate::card::EmotionEntry;
use crate::eigen;
use crate::geometry::principal;
use crate::matrix::{add_scaled, dot, gram};
use crate::{AffectError, EmotionVectors, StoryMeans, stats};

/// Share of the variance between emotions on each of the first `count` principal components, descending.
#[must_use]
pub fn variance_shares(vectors: &EmotionVectors, count: usize) -> Vec<f32> {
    let (n, width) = (vectors.len(), vectors.width);
    let mut rows: Vec<f64> = vectors.rows.iter().map(|&v| f64::from(v)).collect();
    let mut mean = vec![0.0; width];
    rows.chunks_exact(width)
        .for_each(|r| add_scaled(&mut mean, 1.0 / n as f64, r));
    rows.chunks_exact_mut(width)
        .for_each(|r| add_scaled(r, -1.0, &mean));
    let values = eigen::symmetric(gram(&rows, width), n).values;
    let total: f64 = values.iter().map(|v| v.max(0.0)).sum();
    let share = |v: f64| {
        if total > 0.0 {
            (v.max(0.0) / total) as f32
        } else {
            0.0
        }
    };
    values.into_iter().take(count).map(share).collect()
}

/// Share of the variance of stories (each minus the mean of its group) that lies between emotions, 0 to 1 (eta squared).
///
/// Means of few stories differ by chance, too: stories that tell nothing give about `(emotions - 1) / stories`.
///
/// # Errors
/// As [`StoryMeans::check`].
pub fn between_share(stories: &StoryMeans) -> Result<f32, AffectError> {
    stories.check()?;
    let width = stories.width;
    let mut rows = stories.centred();
    let mut middle = vec![0.0; width];
    let n = stories.len() as f64;
    rows.chunks_exact(width)
        .for_each(|r| add_scaled(&mut middle, 1.0 / n, r));
    rows.chunks_exact_mut(width)
        .for_each(|r| add_scaled(r, -1.0, &middle));
    let emotions = stories
        .emotion
        .iter()
        .max()
        .map_or(0, |&e| usize::from(e) + 1);
    let mut sums = vec![0.0; emotions * width];
    let mut counts = vec![0.0_f64; emotions];
    for (row, &e) in rows.chunks_exact(width).zip(&stories.emotion) {
        let e = usize::from(e);
        counts[e] += 1.0;
        add_scaled(&mut sums[e * width..][..width], 1.0, row);
    }
    let total = dot(&rows, &rows);
    let sums = sums.chunks_exact(width).zip(&counts);
    let between: f64 = sums.map(|(s, &c)| dot(s, s) / c.max(1.0)).sum();
    Ok(if total > 0.0 {
        (between / total) as f32
    } else {
        0.0
    })
}

/// Pearson's r of PC1 with valence and of PC2 with arousal, and the share of variance of each: the figures that a
/// [`bootstrap`](crate::trust::bootstrap) takes again. The signs of components are arbitrary, so r is 0 or more.
///
/// # Errors
/// [`AffectError::Shape`] if there are not as many vectors as emotions.
pub fn rating_fit(
    vectors: &EmotionVectors,
    emotions: &[EmotionEntry],
) -> Result<[f64; 4], AffectError> {
    let (expected, found) = (emotions.len() * vectors.width, vectors.rows.len());
    if expected != found || found == 0 {
        return Err(AffectError::Shape {
            what: "emotion vectors",
            expected,
            found,
        });
    }
    let [first, second, _] = principal(vectors);
    let of =
        |f: fn(&EmotionEntry) -> f32| emotions.iter().map(|e| f64::from(f(e))).collect::<Vec<_>>();
    Ok([
        stats::pearson(&first.scores, &of(|e| e.valence)).abs(),
        stats::pearson(&second.scores, &of(|e| e.arousal)).abs(),
        first.share,
        second.share,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry;
    use crate::stories::samples;

    #[test]
    fn shares_of_axes_by_hand() {
        // Variances 8, 2 and 0 along three axes.
        let rows = vec![
            2.0, 1.0, 5.0, -2.0, 1.0, 5.0, 2.0, -1.0, 5.0, -2.0, -1.0, 5.0,
        ];
        let vectors = EmotionVectors {
            width: 3,
            rows,
            nuisance_share: 0.0,
        };
        let shares = variance_shares(&vectors, 3);
        assert!(
            (shares[0] - 0.8).abs() < 1e-6 && (shares[1] - 0.2).abs() < 1e-6 && shares[2] < 1e-6
        );
    }

    #[test]
    fn stories_that_tell_nothing_share_as_much_as_chance_gives() {
        let nothing = between_share(&samples::random(20, 30, 24, 1)).expect("sound");
        assert!((nothing - 19.0 / 600.0).abs() < 0.005, "{nothing}");
        let much = between_share(&samples::telling(20, 30, 24, 50.0, 1)).expect("sound");
        assert!(much > 0.98, "{much}");
    }

    #[test]
    fn the_fit_is_that_of_the_map() {
        let rows = samples::random(12, 1, 6, 2).rows;
        let vectors = EmotionVectors {
            width: 6,
            rows,
            nuisance_share: 0.0,
        };
        let emotions: Vec<EmotionEntry> = (0..12_u8)
            .map(|e| EmotionEntry {
                name: format!("e{e:02}"),
                cluster: String::new(),
                valence: 1.0 + f32::from(e * 5 % 8),
                arousal: 1.0 + f32::from(e * 7 % 8),
            })
            .collect();
        let layer = geometry(&vectors, &emotions).expect("sound").layer;
        let fit = rating_fit(&vectors, &emotions).expect("fits");
        let expected = [
            layer.r_valence[0],
            layer.r_arousal[1],
            layer.share[0],
            layer.share[1],
        ];
        assert!(
            fit.iter()
                .zip(expected)
                .all(|(a, b)| (a - f64::from(b)).abs() < 1e-6)
        );
        let shares = variance_shares(&vectors, 2);
        assert!(
            shares
                .iter()
                .zip(&fit[2..])
                .all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6)
        );
        assert!(rating_fit(&vectors, &emotions[..3]).is_err());
    }
}
