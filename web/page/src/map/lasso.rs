//! Which points a line was drawn around. Pure.

use super::view::Xy;

/// Points within the closed line (even-odd rule).
#[must_use]
pub fn inside(line: &[Xy], points: &[Xy]) -> Vec<usize> {
    let within = |at: &Xy| {
        let mut odd = false;
        let mut before = *line.last().unwrap_or(&[0.0, 0.0]);
        for corner in line {
            // A ray to the right crosses this edge.
            if (corner[1] > at[1]) != (before[1] > at[1]) {
                let share = (at[1] - before[1]) / (corner[1] - before[1]);
                if at[0] < before[0] + share * (corner[0] - before[0]) {
                    odd = !odd;
                }
            }
            before = *corner;
        }
        odd
    };
    points
        .iter()
        .enumerate()
        .filter(|(_, at)| within(at))
        .map(|(i, _)| i)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn only_what_lies_within_is_taken() {
        // A letter C, open to the right.
        let line = [
            [0.0, 0.0],
            [10.0, 0.0],
            [10.0, 3.0],
            [3.0, 3.0],
            [3.0, 7.0],
            [10.0, 7.0],
            [10.0, 10.0],
            [0.0, 10.0],
        ];
        let points = [
            [1.0, 5.0],
            [6.0, 5.0],
            [6.0, 1.0],
            [6.0, 9.0],
            [-1.0, 5.0],
            [11.0, 1.0],
        ];
        assert_eq!(inside(&line, &points), [0, 2, 3]);
        assert!(inside(&[], &points).is_empty());
        assert!(inside(&[[1.0, 1.0]], &points).is_empty());
    }
}
