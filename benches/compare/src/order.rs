//! Orders of visits, and the keys that are visited.
use std::sync::Arc;

/// Visits drawn beforehand: drawing from a Zipf distribution costs more than what is measured.
const DRAWN: usize = 1 << 18;

/// A repeatable, endless order of visits to a number of places.
#[derive(Debug, Clone)]
pub struct Visits {
    drawn: Arc<[u32]>,
    at: usize,
}

impl Visits {
    /// Every place alike.
    pub fn uniform(count: usize) -> Self {
        let mut state = 1;
        Self::draw(|| (unit(&mut state) * count as f64) as usize)
    }

    /// Places by a Zipf distribution of exponent 0.99, as caches see them.
    pub fn zipf(count: usize) -> Self {
        let mut sum = 0.0;
        let mut shares: Vec<f64> = (1..=count)
            .map(|rank| {
                sum += 1.0 / (rank as f64).powf(0.99);
                sum
            })
            .collect();
        shares.iter_mut().for_each(|share| *share /= sum);
        let mut state = 1;
        Self::draw(|| {
            let share = unit(&mut state);
            let rank = shares.partition_point(|s| *s < share).min(count - 1);
            // Popular places are not neighbours.
            rank.wrapping_mul(0x9E37_79B1) % count
        })
    }

    /// Always the same place.
    pub fn hot() -> Self {
        Self::draw(|| 0)
    }

    fn draw(mut next: impl FnMut() -> usize) -> Self {
        Self { drawn: (0..DRAWN).map(|_| next() as u32).collect(), at: 0 }
    }

    /// The same visits, starting elsewhere: for another thread.
    pub fn from(&self, thread: usize) -> Self {
        Self { drawn: self.drawn.clone(), at: thread * DRAWN / 7 }
    }

    /// The next place.
    pub fn visit(&mut self) -> usize {
        self.at = (self.at + 1) % DRAWN;
        self.drawn[self.at] as usize
    }

    /// Makes the next place depend on what was read, which is a value of [`value`]: a program looks up what it has just
    /// learnt, and a loop whose lookups do not depend on each other measures how many misses the processor can have under
    /// way at once.
    pub fn learn(&mut self, read: &[u8]) {
        self.at ^= usize::from(read[read.len() / 2] ^ b'v');
    }
}

fn unit(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

/// A key of 16 bytes, made and not read: what a program asks for stands in its cache already.
pub fn key(n: usize) -> [u8; 16] {
    let mut key = *b"user:session:\0\0\0";
    for (at, digit) in key[8..].iter_mut().enumerate() {
        *digit = b'a' + (n >> (4 * at) & 15) as u8;
    }
    key
}

/// The value of every key.
pub const fn value() -> [u8; 100] {
    [b'v'; 100]
}

/// A score of up to eight digits that has nothing to do with the order of the keys.
pub fn score(n: usize) -> usize {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 38
}

/// A score that is another one in every turn.
pub fn moved_score(n: usize, turn: usize) -> usize {
    (score(n) + turn * 7919) % (1 << 26)
}
