//! Maps for the tests.

use super::view::Xy;

/// SmolLM2's layer 18 as measured for the design: positions in map units, and names.
pub fn smollm2() -> (Vec<Xy>, Vec<String>) {
    include_str!("samples.txt")
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap().to_owned();
            let mut number = || words.next().unwrap().parse::<f32>().unwrap();
            ([number(), number()], name)
        })
        .unzip()
}

/// A small generator of numbers in 0..1, the same on every run.
pub struct Random(pub u32);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }
}
