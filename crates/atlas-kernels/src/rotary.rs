//! Rotary position embedding, in halves: dimension `i` turns with dimension `i + d/2`.

/// Cosines and sines of every position: `[context, head_width]`, the `d/2` cosines of a position before its sines.
///
/// Position `p` turns dimension `i` by `p * base^(-2i/d)`. Computed in f64 and rounded once.
#[must_use]
pub fn rotary_table(base: f64, head_width: usize, context: usize) -> Vec<f32> {
    let half = head_width / 2;
    let slow: Vec<f64> = (0..half)
        .map(|i| libm::pow(base, 2.0 * i as f64 / head_width as f64))
        .collect();
    let mut table = Vec::with_capacity(context * head_width);
    for position in 0..context {
        let angles = || slow.iter().map(|slow| position as f64 / slow);
        table.extend(angles().map(|angle| libm::cos(angle) as f32));
        table.extend(angles().map(|angle| libm::sin(angle) as f32));
    }
    table
}

/// Turns one head by one row of the table.
#[inline(always)]
pub(crate) fn turn(head: &[f32], row: &[f32], out: &mut [f32]) {
    let half = head.len() / 2;
    let (low, high) = head.split_at(half);
    let (cos, sin) = row.split_at(half);
    let (out_low, out_high) = out.split_at_mut(half);
    let (low, high, cos, sin) = (&low[..half], &high[..half], &cos[..half], &sin[..half]);
    let (out_low, out_high) = (&mut out_low[..half], &mut out_high[..half]);
    for i in 0..half {
        out_low[i] = low[i] * cos[i] - high[i] * sin[i];
        out_high[i] = high[i] * cos[i] + low[i] * sin[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_zero_turns_nothing_and_turns_keep_lengths() {
        let table = rotary_table(10_000.0, 8, 100);
        assert_eq!(table[..8], [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let head = [1.0, 2.0, 3.0, 4.0, -1.0, 0.5, 0.0, 2.0];
        let mut out = [0.0; 8];
        turn(&head, &table[..8], &mut out);
        assert_eq!(out, head);
        turn(&head, &table[99 * 8..], &mut out);
        for i in 0..4 {
            let length = |x: &[f32; 8]| x[i].hypot(x[i + 4]);
            assert!((length(&head) - length(&out)).abs() < 1e-6);
        }
    }

    #[test]
    fn angles_are_those_of_the_paper() {
        let table = rotary_table(500_000.0, 64, 300);
        let angle = 299.0 / 500_000f64.powf(10.0 / 64.0);
        assert!((f64::from(table[299 * 64 + 5]) - angle.cos()).abs() < 1e-7);
        assert!((f64::from(table[299 * 64 + 37]) - angle.sin()).abs() < 1e-7);
    }
}
