//! Sorted sets of a million members through the typed door, beside a skip list as Redis has it.
//!
//! The other side is given every advantage: no locks, no commands, members hashed by the same function and found in a
//! table of the same kind, nodes of up to four levels without a pointer in between. Both return the same type.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
use criterion::{Bencher, Criterion, criterion_group, criterion_main};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::{
    cell::Cell,
    hash::BuildHasher,
    hint::black_box,
    time::{Duration, Instant},
};
use tenondb::{Bytes, Db, SortedSets};

const MEMBERS: usize = 1_000_000;
const LEVELS_MAX: usize = 32;
const LEVELS_INLINE: usize = 4;
const NONE: u32 = u32::MAX;

/// Knuth's generator: the same sequence on both sides.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 11
    }
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next() << 11) * bound as u128) >> 64) as usize
    }
}

/// A member of 16 bytes.
fn member(n: usize) -> [u8; 16] {
    let mut text = [0; 16];
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for (at, byte) in text.iter_mut().enumerate() {
        *byte = b'a' + (mixed >> (4 * at) & 15) as u8;
    }
    text
}

#[derive(Clone, Copy)]
struct Level {
    next: u32,
    span: u32,
}

struct Node {
    score: f64,
    member: Box<[u8]>,
    low: [Level; LEVELS_INLINE],
    high: Vec<Level>,
}

impl Node {
    fn new(score: f64, member: Box<[u8]>, levels: usize) -> Self {
        let level = Level { next: NONE, span: 0 };
        let high = vec![level; levels.saturating_sub(LEVELS_INLINE)];
        Self { score, member, low: [level; LEVELS_INLINE], high }
    }
    fn level(&self, at: usize) -> Level {
        if at < LEVELS_INLINE { self.low[at] } else { self.high[at - LEVELS_INLINE] }
    }
    fn level_mut(&mut self, at: usize) -> &mut Level {
        if at < LEVELS_INLINE { &mut self.low[at] } else { &mut self.high[at - LEVELS_INLINE] }
    }
}

/// Redis's skip list with spans, and its dictionary. Node 0 is the head.
struct Classic {
    nodes: Vec<Node>,
    free: Vec<u32>,
    levels: usize,
    len: u32,
    chance: Chance,
    dict: HashTable<u32>,
    hasher: FixedState,
}

impl Classic {
    fn new() -> Self {
        let nodes = vec![Node::new(0.0, Box::default(), LEVELS_MAX)];
        let hasher = FixedState::default();
        Self { nodes, free: vec![], levels: 1, len: 0, chance: Chance(7), dict: HashTable::new(), hasher }
    }

    fn find(&self, member: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(member);
        self.dict.find(hash, |at| *self.nodes[*at as usize].member == *member).copied()
    }

    fn is_before(&self, at: u32, score: f64, member: &[u8]) -> bool {
        let node = &self.nodes[at as usize];
        node.score < score || (node.score == score && *node.member < *member)
    }

    /// The last node before the place on every level, and its rank.
    fn path(&self, score: f64, member: &[u8]) -> [(u32, u32); LEVELS_MAX] {
        let (mut path, mut at, mut rank) = ([(0, 0); LEVELS_MAX], 0, 0);
        for level in (0..self.levels).rev() {
            loop {
                let Level { next, span } = self.nodes[at as usize].level(level);
                if next == NONE || !self.is_before(next, score, member) {
                    break;
                }
                (at, rank) = (next, rank + span);
            }
            path[level] = (at, rank);
        }
        path
    }

    fn zadd(&mut self, score: f64, member: &[u8]) {
        if let Some(at) = self.find(member) {
            self.unlink(at, member);
            let own = std::mem::take(&mut self.nodes[at as usize].member);
            return self.link(at, score, own);
        }
        let at = self.free.pop().unwrap_or(self.nodes.len() as u32);
        let (hash, nodes, hasher) = (self.hasher.hash_one(member), &self.nodes, &self.hasher);
        self.dict.insert_unique(hash, at, |at| hasher.hash_one(&*nodes[*at as usize].member));
        self.link(at, score, member.into());
    }

    fn link(&mut self, at: u32, score: f64, member: Box<[u8]>) {
        let path = self.path(score, &member);
        let levels = 1 + (self.chance.next().trailing_zeros() as usize / 2).min(LEVELS_MAX - 1);
        for level in self.levels..levels {
            self.nodes[0].level_mut(level).span = self.len;
        }
        self.levels = self.levels.max(levels);
        let mut node = Node::new(score, member, levels);
        let rank = path[0].1;
        for (level, &(before, before_rank)) in path.iter().enumerate().take(self.levels) {
            let link = self.nodes[before as usize].level_mut(level);
            if level >= levels {
                link.span += 1;
                continue;
            }
            let gap = rank - before_rank;
            *node.level_mut(level) = Level { next: link.next, span: link.span - gap };
            *link = Level { next: at, span: gap + 1 };
        }
        match self.nodes.get_mut(at as usize) {
            Some(slot) => *slot = node,
            None => self.nodes.push(node),
        }
        self.len += 1;
    }

    fn unlink(&mut self, at: u32, member: &[u8]) {
        let path = self.path(self.nodes[at as usize].score, member);
        for (level, &(before, _)) in path.iter().enumerate().take(self.levels) {
            let Level { next, span } = self.nodes[before as usize].level(level);
            let after = if next == at {
                let own = self.nodes[at as usize].level(level);
                Level { next: own.next, span: span + own.span - 1 }
            } else {
                Level { next, span: span - 1 }
            };
            *self.nodes[before as usize].level_mut(level) = after;
        }
        self.len -= 1;
    }

    fn zrem(&mut self, member: &[u8]) {
        let Some(at) = self.find(member) else { return };
        self.unlink(at, member);
        if let Ok(entry) = self.dict.find_entry(self.hasher.hash_one(member), |other| *other == at) {
            entry.remove();
        }
        self.free.push(at);
    }

    fn zrank(&self, member: &[u8]) -> Option<u64> {
        let at = self.find(member)?;
        Some(u64::from(self.path(self.nodes[at as usize].score, member)[0].1))
    }

    fn zrange(&self, start: u32, count: usize) -> Vec<Bytes> {
        let (mut at, mut rank) = (0, 0);
        for level in (0..self.levels).rev() {
            loop {
                let Level { next, span } = self.nodes[at as usize].level(level);
                if next == NONE || rank + span > start + 1 {
                    break;
                }
                (at, rank) = (next, rank + span);
            }
        }
        let mut members = Vec::with_capacity(count);
        while members.len() < count && at != NONE {
            members.push(Bytes::from(&*self.nodes[at as usize].member));
            at = self.nodes[at as usize].level(0).next;
        }
        members
    }
}

/// Measures `op`, and remembers the fastest run in nanoseconds an operation.
fn measure(b: &mut Bencher<'_>, best: &Cell<f64>, mut op: impl FnMut()) {
    b.iter_custom(|iters| {
        let start = Instant::now();
        (0..iters).for_each(|_| op());
        note(start.elapsed(), iters, best)
    });
}

fn note(took: Duration, iters: u64, best: &Cell<f64>) -> Duration {
    if iters >= 100 {
        best.set(best.get().min(took.as_nanos() as f64 / iters as f64));
    }
    took
}

/// Runs the same operation on both sides and prints how often the skip list's time contains ours.
fn beside(
    c: &mut Criterion,
    name: &str,
    goal: f64,
    mut ours: impl FnMut(&mut Bencher<'_>, &Cell<f64>),
    mut theirs: impl FnMut(&mut Bencher<'_>, &Cell<f64>),
) {
    let (ours_ns, theirs_ns) = (Cell::new(f64::MAX), Cell::new(f64::MAX));
    let mut group = c.benchmark_group(format!("zset 1M: {name}"));
    group.bench_function("typed", |b| ours(b, &ours_ns));
    group.bench_function("classic skip list", |b| theirs(b, &theirs_ns));
    group.finish();
    println!("ratio: {name}: {:.1} (goal {goal})", theirs_ns.get() / ours_ns.get());
}

fn zset(c: &mut Criterion) {
    let db = Db::memory();
    let mut classic = Classic::new();
    let mut chance = Chance(1);
    let mut built = [Duration::ZERO; 2];
    for n in 0..MEMBERS {
        let (score, member) = (chance.next() as f64, member(n));
        let start = Instant::now();
        db.zadd("board", score, member).unwrap();
        built[0] += start.elapsed();
        let start = Instant::now();
        classic.zadd(score, &member);
        built[1] += start.elapsed();
    }
    println!("ratio: filling from nothing: {:.1}", built[1].as_secs_f64() / built[0].as_secs_f64());
    assert_eq!(db.zrange("board", 500_000, 500_099).unwrap(), classic.zrange(500_000, 100));
    assert_eq!(db.zrank("board", member(77)).unwrap(), classic.zrank(&member(77)));
    let mut chances = (Chance(2), Chance(2));
    let (a, b) = (&mut chances.0, &mut chances.1);
    beside(
        c,
        "ZRANK",
        2.5,
        |bench, best| {
            measure(bench, best, || {
                black_box(db.zrank("board", member(a.below(MEMBERS))).unwrap());
            })
        },
        |bench, best| {
            measure(bench, best, || {
                black_box(classic.zrank(&member(b.below(MEMBERS))));
            })
        },
    );
    beside(
        c,
        "ZRANGE of 100",
        6.0,
        |bench, best| {
            measure(bench, best, || {
                let start = a.below(MEMBERS - 100) as i64;
                black_box(db.zrange("board", start, start + 99).unwrap());
            })
        },
        |bench, best| {
            measure(bench, best, || {
                black_box(classic.zrange(b.below(MEMBERS - 100) as u32, 100));
            })
        },
    );
    beside(
        c,
        "ZADD of a new member",
        2.5,
        |bench, best| {
            bench.iter_custom(|iters| {
                let start = Instant::now();
                for n in 0..iters as usize {
                    db.zadd("board", a.next() as f64, member(MEMBERS + n)).unwrap();
                }
                let took = note(start.elapsed(), iters, best);
                (0..iters as usize)
                    .for_each(|n| assert_eq!(db.zrem("board", &[member(MEMBERS + n)]).unwrap(), 1));
                took
            })
        },
        |bench, best| {
            bench.iter_custom(|iters| {
                let start = Instant::now();
                for n in 0..iters as usize {
                    classic.zadd(b.next() as f64, &member(MEMBERS + n));
                }
                let took = note(start.elapsed(), iters, best);
                (0..iters as usize).for_each(|n| classic.zrem(&member(MEMBERS + n)));
                took
            })
        },
    );
    beside(
        c,
        "ZADD of another score",
        2.5,
        |bench, best| {
            measure(bench, best, || {
                db.zadd("board", a.next() as f64, member(a.below(MEMBERS))).unwrap();
            })
        },
        |bench, best| {
            measure(bench, best, || {
                classic.zadd(b.next() as f64, &member(b.below(MEMBERS)));
            })
        },
    );
    assert_eq!(db.zcard("board").unwrap(), u64::from(classic.len));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(700));
    targets = zset
}
criterion_main!(benches);
