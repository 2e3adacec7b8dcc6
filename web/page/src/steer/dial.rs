//! The slider's scale: fine near zero, coarse at its ends.

/// Places of a slider on either side of zero.
pub const END: f32 = 100.0;
/// Places that an arrow key moves.
pub const STEP: f32 = 2.0;
/// The first tenth of the way covers a thirtieth of the range.
const POWER: f32 = 1.5;

/// A percentage to a place between -[`END`] and [`END`].
#[must_use]
pub fn place(percent: f32, limit: f32) -> f32 {
    let share = (percent.abs() / limit.max(1.0)).min(1.0);
    END * share.powf(1.0 / POWER) * sign(percent)
}

/// A place to a percentage that is easily said. Coming from `before`, a move always changes it.
#[must_use]
pub fn percent(place_now: f32, limit: f32, before: f32) -> f32 {
    let share = (place_now.abs() / END).min(1.0);
    let found = round(limit.max(1.0) * share.powf(POWER) * sign(place_now));
    let moved = place_now - place(before, limit);
    if found == before && moved.abs() >= STEP / 2.0 {
        return round(before + grain(before) * sign(moved)).clamp(-limit, limit);
    }
    found.clamp(-limit, limit)
}

/// To tenths below 2 percent, halves below 10, then whole.
#[must_use]
pub fn round(percent: f32) -> f32 {
    let grain = grain(percent);
    let rounded = (percent / grain).round() * grain;
    (rounded * 10.0).round() / 10.0
}

fn grain(percent: f32) -> f32 {
    match percent.abs() {
        p if p < 2.0 => 0.1,
        p if p < 10.0 => 0.5,
        _ => 1.0,
    }
}

fn sign(x: f32) -> f32 {
    if x < 0.0 { -1.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_zero_stay_where_they_are() {
        for limit in [30.0, 60.0, 100.0] {
            assert_eq!(place(0.0, limit), 0.0);
            assert_eq!(place(limit, limit), END);
            assert_eq!(place(-limit, limit), -END);
            assert_eq!(percent(END, limit, 0.0), limit);
        }
    }

    #[test]
    fn arrow_keys_go_from_one_end_to_the_other_without_a_stop() {
        for limit in [20.0, 30.0, 60.0, 100.0] {
            let mut now = -limit;
            let mut steps = 0;
            while now < limit {
                // As the browser does it: the slider stands at the place of the value, on a step.
                let at = (place(now, limit) / STEP).round() * STEP;
                let next = percent((at + STEP).min(END), limit, now);
                assert!(next > now, "{limit}: stuck at {now}");
                now = next;
                steps += 1;
            }
            assert!((40..=240).contains(&steps), "{limit}: {steps} steps");
        }
    }

    #[test]
    fn it_is_fine_near_zero() {
        assert!(percent(STEP, 60.0, 0.0) <= 0.2);
        assert!(percent(10.0, 60.0, 0.0) < 2.0);
        assert_eq!(round(24.6), 25.0);
        assert_eq!(round(-3.3), -3.5);
        assert_eq!(round(0.04), 0.0);
    }
}
