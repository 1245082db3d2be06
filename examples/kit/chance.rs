//! Chance from a generator of our own: a run can be repeated.

/// A linear congruential generator.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Another `seed`, other numbers.
    pub fn new(seed: u64) -> Self {
        let mut chance = Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.below(1);
        chance
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
