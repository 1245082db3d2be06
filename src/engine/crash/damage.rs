//! Files that rot: flipped bits, cut ends, sectors that cannot be read, files that are gone.
use super::{
    act::{Act, Chance},
    life::{Fate, Life, Setup},
    setup,
};
use crate::{
    Kind,
    base::settings::Fsync,
    store::{
        frame::RECORD_BYTES_MIN,
        vfs::{Dir, sim::Sim},
    },
};

const SEEDS: u64 = 40;
const WOUNDS: u64 = 24;

/// A life of some length with a snapshot and a log behind it, which ends properly or not.
fn old_life(seed: u64) -> (Life, bool) {
    let mut chance = Chance::new(seed);
    let mut life = Life::begin(&setup([Fsync::Always, Fsync::Never][(seed % 2) as usize], seed), None);
    for _ in 0..30 + chance.below(30) {
        let act = chance.act();
        if !matches!(act, Act::Reopen { .. }) {
            let _ = life.act(&act);
        }
    }
    let closes = chance.one_in(2);
    if closes {
        assert!(life.db().close().is_ok());
        (life.told, life.durable) = (life.end(), life.end());
    }
    (life, closes)
}

/// Every file that the store reads.
fn files(sim: &Sim) -> Vec<String> {
    let ours = |name: &String| ["log-", "snap-", "MANIFEST"].iter().any(|start| name.starts_with(start));
    sim.names().into_iter().filter(ours).collect()
}

/// Opens what `wound` made of `life`'s directory: it is refused, naming the file, or it is a moment of the past.
/// Without what was certainly durable it is never opened silently. Salvage opens what was refused.
fn wounded(life: &Life, closes: bool, what: &str, wound: impl Fn(&Sim)) -> bool {
    let mut next = life.over(life.left_by(Fate::Killed));
    wound(&next.sim);
    next.note(what);
    let error = match next.open(false) {
        Ok(db) => {
            let report = db.open_report().expect("a store");
            next.check(&db, if closes { life.end() } else { 0 });
            assert!(next.end() == life.end() || !report.cut.is_empty(), "{next}: cut silently: {report}");
            return false;
        }
        Err(error) => error,
    };
    let text = error.to_string();
    assert_eq!(error.kind(), Kind::Corrupt, "{next}: {text}");
    let names = ["log-", "snap-", "MANIFEST"].iter().any(|name| text.contains(name));
    assert!(names, "{next}: which file? {text}");
    let gone = text.contains("missing");
    if !text.contains("MANIFEST") && !gone {
        salvaged(&mut next, &text);
    }
    true
}

/// Opens with salvage: something is there, it says so, and it is a store again.
fn salvaged(life: &mut Life, refusal: &str) {
    let db = match life.open(true) {
        Ok(db) => db,
        Err(error) => panic!("{life}: salvage: {error} (after {refusal})"),
    };
    let report = db.open_report().expect("a store");
    assert!(!report.cut.is_empty() || report.left_out > 0, "{life}: salvaged silently: {report} ({refusal})");
    if report.left_out == 0 && !refusal.contains("snap-") {
        // Salvage has added a record of nothing.
        life.check_until(&db, 0, Life::position(&db) - RECORD_BYTES_MIN);
    }
    db.call(["SET", "salvaged", "yes"]).unwrap();
    let digest = super::life::digest(&db);
    drop(db);
    let again = life.open(false).unwrap_or_else(|error| panic!("{life}: behind a salvage: {error}"));
    assert_eq!(super::life::digest(&again), digest, "{life}: behind a salvage");
}

/// Wounds every life at places drawn by chance; how many were refused.
fn wound_all(first: u64, wound: impl Fn(&Sim, &str, &mut Chance) -> String) -> (u64, u64) {
    let (mut refused, mut all) = (0, 0);
    for seed in first..first + SEEDS {
        let (life, closes) = old_life(seed);
        let mut chance = Chance::new(!seed);
        let files = files(&life.sim);
        for n in 0..WOUNDS {
            let name = &files[chance.below(files.len() as u64) as usize];
            let start = seed * 1000 + n;
            // Drawn twice, the same way: once to say what it is.
            let told = wound(&life.left_by(Fate::Killed), name, &mut Chance::new(start));
            let act = |sim: &Sim| drop(wound(sim, name, &mut Chance::new(start)));
            refused += u64::from(wounded(&life, closes, &told, act));
            all += 1;
        }
    }
    (refused, all)
}

fn len(sim: &Sim, name: &str) -> u64 {
    sim.bytes(name).map_or(0, |bytes| bytes.len() as u64)
}

#[test]
fn flipped_bits_are_refused_or_were_not_believed() {
    let (refused, all) = wound_all(9_000_000, |sim, name, chance| {
        let used = sim.bytes(name).unwrap().iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
        let (at, bit) = (chance.below(used as u64) as usize, chance.below(8) as u32);
        sim.flip(name, at, bit);
        format!("bit {bit} of {name} at {at}")
    });
    assert!(refused > all / 4 && refused < all, "{refused} of {all} refused");
}

#[test]
fn cut_files_are_refused_or_were_not_believed() {
    let (refused, all) = wound_all(10_000_000, |sim, name, chance| {
        let at = chance.below(len(sim, name)) as usize;
        sim.truncate(name, at);
        format!("{name} cut at {at}")
    });
    assert!(refused > all / 4 && refused < all, "{refused} of {all} refused");
}

#[test]
fn files_that_are_gone_are_missed() {
    let (refused, all) = wound_all(11_000_000, |sim, name, _| {
        sim.remove(name).unwrap();
        format!("{name} removed")
    });
    assert!(refused > all / 4, "{refused} of {all} refused");
}

#[test]
fn what_cannot_be_read_is_never_taken_for_an_end() {
    let (mut refused, mut all) = (0, 0);
    for seed in 12_000_000..12_000_000 + SEEDS {
        let (life, _) = old_life(seed);
        let mut chance = Chance::new(!seed);
        for _ in 0..WOUNDS {
            let mut next = life.over(life.left_by(Fate::Killed));
            let files = files(&next.sim);
            let name = &files[chance.below(files.len() as u64) as usize];
            let at = chance.below(len(&next.sim, name).max(1));
            next.sim.fail_reads(name, at..at + 1);
            next.note(format!("{name} cannot be read at {at}"));
            all += 1;
            match next.open(false) {
                Ok(db) => next.check(&db, life.end()),
                Err(error) => {
                    assert_eq!(error.kind(), Kind::Io, "{next}: {error}");
                    assert!(error.to_string().contains(name.as_str()), "{next}: which file? {error}");
                    refused += 1;
                }
            }
            next.sim.heal();
            let db = next.open(false).unwrap_or_else(|error| panic!("{next}: healed: {error}"));
            next.check(&db, life.end());
        }
    }
    assert!(refused > all / 4, "{refused} of {all} refused");
}

/// What the snapshot has is not needed a second time.
#[test]
fn damage_below_the_snapshot_costs_nothing() {
    let setup = Setup { segment_bytes: 16384, ring_bytes: 1024, grows: false, ..setup(Fsync::Always, 14) };
    let set = |n: u64| Act::Call {
        db: 0,
        durable: true,
        words: vec![b"SET".to_vec(), format!("key:{n}").into_bytes(), b"value".to_vec()],
    };
    let mut life = Life::begin(&setup, None);
    (0..10).for_each(|n| assert!(life.act(&set(n)).is_ok()));
    let below = life.end();
    assert!(life.act(&Act::Save).is_ok());
    (10..20).for_each(|n| assert!(life.act(&set(n)).is_ok()));
    let name = "log-0000000000000000";
    let bytes = life.sim.bytes(name).unwrap();
    let position_at = |at: &usize| u64::from_le_bytes(bytes[at + 8..at + 16].try_into().unwrap());
    let first_needed = (64..bytes.len() - 16).step_by(8).find(|at| position_at(at) == below).unwrap();
    for at in (64..first_needed).step_by(7) {
        let mut next = life.over(life.left_by(Fate::PowerLoss));
        next.sim.flip(name, at, 3);
        let db = next.open(false).unwrap_or_else(|error| panic!("{next}: bit at {at}: {error}"));
        next.check(&db, life.end());
    }
}
