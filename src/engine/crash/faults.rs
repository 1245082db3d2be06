//! Disks that are full, fail, cannot sync, or lie about it.
use super::{
    act::{Act, Chance},
    life::{Fate, Life},
    setup,
};
use crate::{
    Db, Kind,
    base::settings::Fsync,
    engine::options::Options,
    store::{
        log::{self, Health},
        vfs::sim::{Sim, Times},
    },
};
use rustix::io::Errno;
use std::sync::Arc;

const SEEDS: u64 = 60;
const POLICIES: [Fsync; 3] = [Fsync::Always, Fsync::EverySecond, Fsync::Never];

fn write(key: &str, value: &str) -> Act {
    let words = [b"SET".to_vec(), key.as_bytes().to_vec(), value.as_bytes().to_vec()];
    Act::Call { db: 0, durable: false, words: words.to_vec() }
}

/// Acts by chance, `count` of them, none that ends the process; what fails must say so in Redis's words.
fn live(life: &mut Life, chance: &mut Chance, count: u64) -> bool {
    let mut refused = false;
    for _ in 0..count {
        let act = chance.act();
        if matches!(act, Act::Reopen { .. }) {
            continue;
        }
        if let Err(error) = life.act(&act)
            && error.kind() == Kind::Io
        {
            refused |= error.to_string().starts_with("MISCONF");
        }
        assert!(
            life.db().call(["GET", "n0"]).is_ok() || life.db().call(["TYPE", "n0"]).is_ok(),
            "{life}: reads go on"
        );
    }
    refused
}

/// Ticks until writes are taken; how many it took.
fn heal(life: &mut Life) -> u64 {
    for ticks in 0..500 {
        if life.act(&write("healed", "yes")).is_ok() {
            return ticks;
        }
        let _ = life.act(&Act::Tick);
    }
    panic!("{life}: writes are refused for ever: {:?}", health(life.db()));
}

fn health(db: &Db) -> Health {
    db.core.store.get().expect("a store").log.health()
}

/// Both ends of `life`, and what they leave.
fn end(life: &Life) {
    for fate in [Fate::PowerLoss, Fate::PowerLoss, Fate::Killed] {
        let mut next = life.next(life.left_by(fate), fate, None);
        assert!(next.is_open(), "{next}");
        assert!(next.act(&write("afterwards", "1")).is_ok(), "{next}");
    }
}

/// A life in which something goes wrong for a while. Returns whether a write was refused.
fn in_trouble(seed: u64, begins: impl Fn(&Life, &mut Chance)) -> bool {
    let mut chance = Chance::new(seed);
    let setup = setup(POLICIES[(seed % 3) as usize], seed);
    let mut life = Life::begin(&setup, None);
    let count = chance.below(20);
    live(&mut life, &mut chance, count);
    begins(&life, &mut chance);
    let count = chance.below(20);
    let refused = live(&mut life, &mut chance, count);
    if chance.one_in(2) {
        life.note("ends in trouble");
        life.sim.heal();
        life.sim.set_capacity(None);
        end(&life);
        return refused;
    }
    life.note("healed");
    life.sim.heal();
    life.sim.set_capacity(None);
    heal(&mut life);
    assert_eq!(health(life.db()), Health::Fine, "{life}");
    let count = chance.below(20);
    live(&mut life, &mut chance, count);
    end(&life);
    refused
}

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    let refused = (0..SEEDS).filter(|seed| {
        in_trouble(5_000_000 + seed, |life, chance| {
            life.sim.set_capacity(Some(4096 + life.setup.ring_bytes as u64 + chance.below(30_000)));
        })
    });
    assert!(refused.count() > 5, "the disk was never full");
}

#[test]
fn writes_that_fail_are_made_up_for() {
    let refused = (0..SEEDS).filter(|seed| {
        in_trouble(6_000_000 + seed, |life, chance| {
            let times = if chance.one_in(2) { Times::Once } else { Times::UntilHealed };
            life.sim.fail_write(chance.below(10), Errno::IO, times);
        })
    });
    assert!(refused.count() > 5, "no write failed");
}

#[test]
fn a_sync_that_fails_leads_to_a_fresh_generation() {
    let refused = (0..4 * SEEDS).filter(|seed| {
        in_trouble(7_000_000 + seed, |life, chance| life.sim.fail_sync(chance.below(8), Times::Once))
    });
    assert!(refused.count() > 5, "no sync failed");
}

/// The shortest way through it, and the machine goes down at every step of the renewal.
#[test]
fn the_renewal_after_a_failed_sync_can_be_interrupted() {
    let life = |n: Option<u64>| {
        let mut life = Life::begin(&setup(Fsync::Always, 11), None);
        assert!(life.act(&write("a", "1")).is_ok());
        life.sim.fail_sync(0, Times::Once);
        let error = life.act(&write("b", "2")).unwrap_err();
        assert!(error.to_string().starts_with("MISCONF"), "{error}");
        assert!(matches!(health(life.db()), Health::Distrusted(_)));
        let error = life.act(&write("c", "3")).unwrap_err();
        assert!(error.to_string().starts_with("MISCONF"), "{error}");
        let begins = life.sim.operations();
        if let Some(n) = n {
            life.crash_at(begins + n);
        }
        for _ in 0..20 {
            let _ = life.act(&Act::Tick);
        }
        let _ = life.act(&write("d", "4"));
        (life.sim.operations() - begins, life)
    };
    let (count, calm) = life(None);
    assert_eq!(calm.db().call(["GET", "d"]).unwrap().as_bytes(), Some(&b"4"[..]));
    assert!(count > 10);
    for n in 0..count {
        let (_, life) = life(Some(n));
        for _ in 0..20 {
            end(&life);
        }
    }
}

/// After a failed sync the kernel shows what the disk does not have; the process that is killed then tells the next one.
#[test]
fn a_failed_sync_is_not_forgotten_by_being_killed() {
    for k in 0..20 {
        let mut life = Life::begin(&setup(Fsync::Always, 15 + k), None);
        assert!(life.act(&write("a", "1")).is_ok());
        life.sim.fail_sync(0, Times::Once);
        assert!(life.act(&write("b", "2")).is_err());
        let mut next = life.next(life.left_by(Fate::Killed), Fate::Killed, None);
        assert_eq!(health(next.db()), Health::Fine, "{next}");
        assert!(next.act(&write("c", "3")).is_ok(), "{next}");
        end(&next);
    }
}

#[test]
fn a_second_snapshot_at_the_same_position_spoils_nothing() {
    let life = |n: Option<u64>| {
        let mut life = Life::begin(&setup(Fsync::EverySecond, 12), None);
        assert!(life.act(&write("a", "1")).is_ok());
        assert!(life.act(&Act::Save).is_ok());
        let begins = life.sim.operations();
        if let Some(n) = n {
            life.crash_at(begins + n);
        }
        let _ = life.act(&Act::Save);
        (life.sim.operations() - begins, life)
    };
    for n in 0..life(None).0 {
        end(&life(Some(n)).1);
    }
}

/// A sync that fails behind the renaming of the manifest: the disk may name the new snapshot, or the old one.
#[test]
fn a_manifest_that_is_in_doubt_keeps_both_snapshots() {
    for k in 0..12 {
        let mut life = Life::begin(&setup(Fsync::EverySecond, 13), None);
        assert!(life.act(&write("a", "1")).is_ok());
        assert!(life.act(&Act::Save).is_ok());
        assert!(life.act(&write("a", "2")).is_ok());
        life.note(format!("sync {k} fails"));
        life.sim.fail_sync(k, Times::Once);
        let _ = life.act(&Act::Save);
        for _ in 0..4 {
            end(&life);
        }
        let mut again = life.over(life.left_by(Fate::Killed));
        again.adopt(again.open(false).unwrap());
        assert!(again.act(&Act::Save).is_ok(), "{again}");
        end(&again);
    }
}

/// What a disk that lies has after a power loss is nobody's fault; but it is a moment, or it is refused.
#[test]
fn a_lying_disk_is_found_out_or_forgets_whole_steps() {
    let (mut opened, mut refused) = (0, 0);
    for seed in 8_000_000..8_000_000 + 3 * SEEDS {
        let mut chance = Chance::new(seed);
        let mut life = Life::begin(&setup(POLICIES[(seed % 3) as usize], seed), None);
        let count = chance.below(20);
        live(&mut life, &mut chance, count);
        life.honest = false;
        life.sim.lie();
        let count = 10 + chance.below(30);
        live(&mut life, &mut chance, count);
        for _ in 0..4 {
            let mut next = life.over(life.left_by(Fate::PowerLoss));
            match next.open(false) {
                Ok(db) => {
                    next.check(&db, 0);
                    opened += 1;
                }
                Err(error) => {
                    assert_eq!(error.kind(), Kind::Corrupt, "{next}: {error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(opened > 50 && refused > 5, "{opened} opened, {refused} refused");
}

/// With a background thread and nobody who ticks: it hears of the failure, and sees to it.
#[test]
fn a_failed_sync_heals_by_itself() {
    let sim = Sim::new(77);
    let options = Options { fsync: Fsync::Always, stripes: 4, segment_bytes: 1 << 16, ..Options::default() };
    let log = log::Options { segment_bytes: 1 << 16, ring_bytes: 1 << 16, salvage: false, retry_ms: 0 };
    let db = Db::of(Db::open_on(Arc::new(sim.clone()), None, options, log).unwrap());
    db.call(["SET", "a", "1"]).unwrap();
    sim.fail_sync(0, Times::Once);
    assert!(db.call(["SET", "b", "2"]).unwrap_err().to_string().starts_with("MISCONF"));
    let healed = (0..2000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        health(&db) == Health::Fine
    });
    assert!(healed, "nobody writes a fresh generation");
    db.call(["SET", "c", "3"]).unwrap();
}
