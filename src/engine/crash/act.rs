//! What a workload does: acts, drawn by chance.
use super::life::Fate;
use crate::base::{rng::Rng, settings::Fsync};
use std::fmt;

/// A command as words.
pub type Words = Vec<Vec<u8>>;

/// One thing that a workload does; at most one record each.
#[derive(Debug, Clone)]
pub enum Act {
    Call {
        db: u32,
        durable: bool,
        words: Words,
    },
    Batch(Vec<Words>),
    Transaction(Vec<Words>),
    Sync,
    Save,
    Background,
    /// A step of the upkeep.
    Tick,
    /// The clock goes on, by milliseconds.
    Later(u64),
    Policy(Fsync),
    /// The end of the process, with or without saying so, and another one.
    Reopen {
        closes: bool,
    },
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |words: &Words| {
            let short = |word: &Vec<u8>| String::from_utf8_lossy(&word[..word.len().min(12)]).into_owned();
            words.iter().map(short).collect::<Vec<_>>().join(" ")
        };
        match self {
            Self::Call { db, durable, words } => write!(f, "{db} {durable} {}", show(words)),
            Self::Batch(all) | Self::Transaction(all) => {
                write!(f, "{}", all.iter().map(show).collect::<Vec<_>>().join(" + "))
            }
            other => write!(f, "{other:?}"),
        }
    }
}

/// A source of acts.
pub struct Chance(Rng);

fn words(list: &[&str]) -> Words {
    list.iter().map(|word| word.as_bytes().to_vec()).collect()
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.0.below(n) == 0
    }

    pub fn fate(&mut self) -> Fate {
        if self.one_in(2) { Fate::Killed } else { Fate::PowerLoss }
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    /// Mostly small; now and then longer than the ring, a segment, a frame.
    fn value(&mut self) -> Vec<u8> {
        let len = match self.below(400) {
            0 => 66_000 + self.below(3000),
            1..=10 => 1000 + self.below(20_000),
            11..=50 => 200 + self.below(1000),
            _ => 1 + self.below(30),
        };
        let start = self.below(256) as u8;
        (0..len).map(|n| start.wrapping_add((n % 251) as u8)).collect()
    }

    /// A write that makes one record, or none.
    pub fn write(&mut self) -> Words {
        let (text, list) = (self.pick(&["s0", "s1", "s2", "s3"]), self.pick(&["l0", "l1"]));
        let (set, any) = (self.pick(&["m0", "m1"]), self.pick(&["s0", "s1", "l0", "m0", "h0", "z0", "n0"]));
        let (small, other) = (self.below(30).to_string(), self.pick(&["s2", "l1", "m1", "h1", "z1"]));
        let mut with = |start: &[&str]| {
            let mut command = words(start);
            command.push(self.value());
            command
        };
        match with(&[])[0][0] % 32 {
            0..=4 => with(&["SET", text]),
            5 => with(&["SET", text, "to be replaced"])[..3].to_vec(),
            6 | 7 => words(&["INCR", "n0"]),
            8 | 9 => with(&["APPEND", text]),
            10 | 11 => with(&["RPUSH", list, &small]),
            12 => words(&["LPOP", list, "2"]),
            13 | 14 => with(&["HSET", "h0", &small]),
            15 | 16 => words(&["SADD", set, &small, "b", "c"]),
            17 => words(&["SPOP", set]),
            18 | 19 => words(&["ZADD", "z0", &small, &small, "7", "seven"]),
            20 | 21 => words(&["DEL", any, other]),
            22 => words(&["PEXPIRE", any, &(small + "00")]),
            23 => words(&["RENAME", any, other]),
            24 => with(&["MSET", "s0", "one", "s1", "two", "s2"]),
            25 => words(&["SORT", list, "ALPHA", "STORE", "l1"]),
            26 => words(&["COPY", any, other, "REPLACE"]),
            27 => words(&["MOVE", any, "1"]),
            28 => words(&["SET", text, &small, "PX", "1500"]),
            29 => words(&["HDEL", "h0", &small]),
            30 => words(&["ZPOPMIN", "z0", "2"]),
            _ => words(match self.below(6) {
                0 => &["FLUSHDB"],
                1 => &["SWAPDB", "0", "1"],
                2 => &["FLUSHALL"],
                _ => &["PERSIST", "s0"],
            }),
        }
    }

    pub fn act(&mut self) -> Act {
        let count = 1 + self.below(4);
        match self.below(64) {
            0..=35 => {
                let db = if self.one_in(8) { 1 } else { 0 };
                Act::Call { db, durable: self.one_in(8), words: self.write() }
            }
            36..=39 => Act::Batch((0..count).map(|_| self.write()).collect()),
            40..=43 => Act::Transaction((0..count).map(|_| self.write()).collect()),
            44..=46 => Act::Sync,
            47 => Act::Save,
            48..=49 => Act::Background,
            50..=58 => Act::Tick,
            59..=60 => Act::Later([40, 600, 1_700, 400_000][self.below(4) as usize]),
            61 => Act::Policy([Fsync::Always, Fsync::EverySecond, Fsync::Never][self.below(3) as usize]),
            _ => Act::Reopen { closes: self.one_in(2) },
        }
    }
}
