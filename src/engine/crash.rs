//! The proof that a store keeps what it was told: the whole engine over a directory that stops the machine at every
//! one of its operations, fails, lies and rots.
//!
//! ```text
//!   seed ─▶ a workload: moments 0 1 2 3 …  each with a position in the log and the digest of the keyspace
//!              │ once in peace: n operations of the directory
//!              ▼
//!   crash at operation 0, 1, … n-1  ─▶  power loss, another power loss, killed process
//!                                         ▼                 ▼ goes down again while it opens
//!                                       opens ◀─────────────┘
//!                                         │ one of the moments? not before what was told?
//!                                         ▼
//!                                       goes on writing, goes down again …
//! ```
//!
//! What a store holds when it opens must be a moment of its past, the whole moment: its end is the end of a step, and
//! the digest is that of this step. It is not before what the process was told: after a killed process everything that
//! was acknowledged, after a power loss what was acknowledged as durable (under `always`, by `durable`, `sync` and
//! `SAVE`), and what the log itself says is durable.
//!
//! A seed is a run; it stands in the message of a failure. `TENON_CRASH_POINTS=n` asks for `n` points in all,
//! `TENON_CRASH_SEED=s` for one seed alone.
mod act;
mod damage;
mod faults;
mod life;

use self::{
    act::Chance,
    life::{Fate, Life, Setup},
};
use crate::{base::settings::Fsync, store::vfs::sim::Times};
use rustix::io::Errno;

/// Points in `make test`; each of the tests below has its share.
const POINTS: u64 = 30_000;
const TESTS: u64 = 5;

/// How many recoveries there were, after how many crashes at different moments.
#[derive(Debug, Default)]
struct Count {
    points: u64,
    crashes: u64,
    again: u64,
    seeds: u64,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs workloads from seed `first` on, until this test's share of the points is done.
fn crash_everywhere(name: &str, first: u64, setup: impl Fn(u64) -> Setup) {
    let share = number("TENON_CRASH_POINTS").unwrap_or(POINTS).div_ceil(TESTS);
    let only = number("TENON_CRASH_SEED");
    let mut count = Count::default();
    for seed in only.map_or(first.., |seed| seed..) {
        let setup = setup(seed);
        let mut calm = Life::begin(&setup, None);
        workload(&mut calm);
        assert!(!calm.is_down() && calm.is_open(), "{calm}: went down by itself");
        for n in 0..calm.sim.operations() {
            let mut life = Life::begin(&setup, Some(n));
            workload(&mut life);
            count.crashes += 1;
            let mut chance = Chance::new(seed ^ (n << 32));
            for fate in [Fate::PowerLoss, Fate::PowerLoss, Fate::Killed] {
                after(&life, fate, &mut chance, 0, &mut count);
            }
            if count.points >= share && only.is_none() {
                break;
            }
        }
        count.seeds += 1;
        if count.points >= share || only.is_some() {
            break;
        }
    }
    println!("{name}: {count:?}");
}

/// The life of one seed, as far as it comes.
fn workload(life: &mut Life) {
    let mut chance = Chance::new(life.setup.seed);
    for _ in 0..life.setup.acts {
        if life.is_down() {
            return;
        }
        let act = chance.act();
        if life.setup.troubled {
            trouble(life, &mut chance);
            if matches!(act, act::Act::Reopen { .. }) {
                continue;
            }
        }
        let _ = life.act(&act);
    }
}

/// Now and then the disk fails, or does not any more.
fn trouble(life: &Life, chance: &mut Chance) {
    match chance.below(24) {
        0 | 1 => life.sim.fail_sync(chance.below(5), Times::Once),
        2 => life.sim.fail_write(chance.below(5), Errno::IO, Times::Once),
        3 => life.sim.set_capacity(Some(4096 + life.setup.ring_bytes as u64 + chance.below(20_000))),
        4..=6 => {
            life.sim.heal();
            life.sim.set_capacity(None);
        }
        _ => {}
    }
}

/// What `fate` leaves of `life`, and whether that is what it should be. Now and then it goes down in the middle of that,
/// or in what it does afterwards.
fn after(life: &Life, fate: Fate, chance: &mut Chance, depth: u32, count: &mut Count) {
    const DEPTH_MAX: u32 = 4;
    let again = chance.one_in(3).then(|| chance.below(16));
    count.points += 1;
    count.again += u64::from(depth > 0);
    let mut next = life.next(life.left_by(fate), fate, again);
    if next.is_open() && chance.one_in(3) {
        let now = next.sim.operations();
        next.crash_at(now + chance.below(60));
        for _ in 0..12 {
            if next.is_down() {
                break;
            }
            let _ = next.act(&chance.act());
        }
    } else if next.is_open() {
        return;
    }
    if depth < DEPTH_MAX {
        after(&next, chance.fate(), chance, depth + 1, count);
    }
}

fn setup(fsync: Fsync, seed: u64) -> Setup {
    let mut chance = Chance::new(!seed);
    let segment_bytes = [1024, 2048, 4096, 16384][chance.below(4) as usize];
    let ring_bytes = [1024, 4096, 16384][chance.below(3) as usize];
    Setup {
        seed,
        fsync,
        segment_bytes,
        ring_bytes,
        acts: 16 + chance.below(40),
        tells: number("TENON_CRASH_SEED").is_some(),
        grows: chance.one_in(2),
        has_memory: true,
        has_boot_id: true,
        troubled: false,
    }
}

#[test]
fn always_loses_nothing_at_any_moment() {
    crash_everywhere("always", 1_000_000, |seed| setup(Fsync::Always, seed));
}

#[test]
fn everysec_is_whole_at_any_moment() {
    crash_everywhere("everysec", 2_000_000, |seed| setup(Fsync::EverySecond, seed));
}

#[test]
fn no_is_whole_at_any_moment() {
    crash_everywhere("no", 3_000_000, |seed| setup(Fsync::Never, seed));
}

#[test]
fn without_memory_that_outlives_the_process_nothing_is_different() {
    crash_everywhere("without memory", 4_000_000, |seed| {
        let policies = [Fsync::Always, Fsync::EverySecond, Fsync::Never];
        let setup = setup(policies[(seed % 3) as usize], seed);
        Setup { has_memory: seed % 2 == 0, has_boot_id: seed % 2 != 0, ..setup }
    });
}

#[test]
fn disks_that_fail_now_and_then_crash_as_well() {
    crash_everywhere("in trouble", 14_000_000, |seed| {
        let policies = [Fsync::Always, Fsync::EverySecond, Fsync::Never];
        Setup { troubled: true, ..setup(policies[(seed % 3) as usize], seed) }
    });
}
