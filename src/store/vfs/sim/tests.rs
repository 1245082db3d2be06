//! The simulation keeps the promises that disks make, and breaks all others at one seed or another.
use super::*;
use std::collections::BTreeSet;

const SEEDS: u64 = 200;

fn down_of<T>(result: io::Result<T>) -> bool {
    result.is_err_and(|error| error.to_string() == "the machine is down")
}

/// A directory with a durable file of `len` times `byte`.
fn with_file(seed: u64, len: usize, byte: u8) -> (Sim, Arc<dyn File>) {
    let sim = Sim::new(seed);
    sim.put("f", &vec![byte; len]);
    let file = sim.open("f", How::Write).unwrap();
    (sim, file)
}

#[test]
fn what_was_synced_survives_everything() {
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        let file = sim.open("f", How::Create).unwrap();
        file.write_at(&[7; 3000], 0).unwrap();
        file.sync().unwrap();
        sim.sync().unwrap();
        file.write_at(&[8; 1000], 3000).unwrap();
        sim.open("other", How::Create).unwrap();
        for left in [sim.power_loss(), sim.process_killed(), sim.power_loss().power_loss()] {
            let bytes = left.bytes("f").unwrap();
            assert!(bytes.len() >= 3000 && bytes[..3000] == [7; 3000], "seed {seed}");
            assert!(bytes[3000..].iter().all(|byte| [0, 8].contains(byte)));
        }
    }
}

#[test]
fn unsynced_writes_survive_in_any_order_and_torn() {
    let (mut first_only, mut second_only, mut none, mut all, mut torn) = (0, 0, 0, 0, 0);
    for seed in 0..SEEDS {
        let (sim, file) = with_file(seed, 2 * SECTOR, 1);
        file.write_at(&[2; SECTOR], 0).unwrap();
        file.write_at(&[3; SECTOR], SECTOR as u64).unwrap();
        let bytes = sim.power_loss().bytes("f").unwrap();
        assert_eq!(bytes.len(), 2 * SECTOR);
        let whole = |sector: &[u8]| sector.iter().all(|byte| *byte == sector[0]);
        match (bytes[0], bytes[SECTOR]) {
            _ if !whole(&bytes[..SECTOR]) || !whole(&bytes[SECTOR..]) => torn += 1,
            (1, 1) => none += 1,
            (2, 1) => first_only += 1,
            (1, 3) => second_only += 1,
            (2, 3) => all += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!([first_only, second_only, none, all, torn].iter().all(|n| *n > 0));
}

#[test]
fn a_sector_never_has_a_later_write_without_an_earlier_one() {
    let mut torn = 0;
    for seed in 0..SEEDS {
        let (sim, file) = with_file(seed, 8, 0);
        for byte in 1..=8 {
            file.write_at(&[byte], u64::from(byte) - 1).unwrap();
        }
        let bytes = sim.power_loss().bytes("f").unwrap();
        let kept = bytes.iter().take_while(|byte| **byte != 0).count();
        assert!(bytes.iter().enumerate().all(|(at, byte)| *byte == 0 || usize::from(*byte) == at + 1));
        torn += u64::from(bytes[kept..].iter().any(|byte| *byte != 0));
    }
    // A torn sector has two ages, and is rare.
    assert!(torn < SEEDS / 20, "{torn}");
}

#[test]
fn names_survive_or_not_and_a_rename_is_atomic() {
    let mut seen = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        sim.put("old", b"old");
        sim.put("gone", b"");
        let next = sim.open("next", How::Create).unwrap();
        next.write_at(b"new", 0).unwrap();
        next.sync().unwrap();
        sim.rename("next", "old").unwrap();
        sim.remove("gone").unwrap();
        let left = sim.power_loss();
        let old = left.bytes("old").expect("one or the other");
        assert!([&b"old"[..], b"new"].contains(&old.as_slice()));
        assert!(!(old == b"new" && left.bytes("next").is_some()), "one file under two names");
        seen.insert((old, left.bytes("next").is_some(), left.bytes("gone").is_some()));
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn names_are_durable_after_a_sync_of_the_directory() {
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        sim.put("a", b"");
        drop(sim.open("b", How::Create).unwrap());
        sim.rename("a", "c").unwrap();
        sim.sync().unwrap();
        assert_eq!(sim.power_loss().names(), ["b", "c"]);
    }
}

#[test]
fn a_killed_process_loses_nothing_and_can_do_nothing_more() {
    let (sim, file) = with_file(1, 10, 1);
    let Lock::Taken(_lock) = sim.lock().unwrap() else { panic!("free") };
    assert!(matches!(sim.clone().lock().unwrap(), Lock::HeldBy(HOLDER)));
    let memory = sim.memory("ring", 8192).unwrap().unwrap();
    memory.write(4096, b"records");
    file.write_at(&[2; 2000], 5).unwrap();
    drop(sim.open("new", How::Create).unwrap());
    let left = sim.process_killed();
    memory.write(4096, b"too late");
    assert!(sim.is_down() && down_of(file.write_at(b"x", 0)) && down_of(file.sync()) && down_of(file.len()));
    assert!(down_of(sim.open("f", How::Read)) && down_of(sim.rename("f", "g")) && down_of(sim.list()));
    assert_eq!(left.bytes("f"), Some([vec![1; 5], vec![2; 2000]].concat()));
    assert_eq!(left.names(), ["f", "new"]);
    assert_eq!(left.list().unwrap(), ["f", "new", "ring"]);
    let mut back = [0; 8];
    left.memory("ring", 8192).unwrap().unwrap().read(4096, &mut back);
    assert_eq!(&back, b"records\0");
    assert_eq!(left.boot_id(), sim.boot_id());
    assert!(matches!(left.lock().unwrap(), Lock::Taken(_)));
    // What was not durable still is not.
    assert!((0..SEEDS).any(|_| left.power_loss().bytes("new").is_none()));
}

#[test]
fn memory_is_anything_after_a_power_loss() {
    let mut kinds = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        sim.memory("ring", 8192).unwrap().unwrap().write(4096, &[7; 100]);
        let left = sim.power_loss();
        assert_ne!(left.boot_id(), sim.boot_id());
        let mut back = [0; 100];
        left.memory("ring", 8192).unwrap().unwrap().read(4096, &mut back);
        kinds.insert(if back == [7; 100] {
            'k'
        } else if back == [0; 100] {
            'z'
        } else {
            'g'
        });
    }
    assert_eq!(kinds.len(), 3);
    let sim = Sim::new(1);
    sim.without_memory();
    sim.without_boot_id();
    let left = sim.power_loss();
    assert!(left.memory("ring", 8192).unwrap().is_none() && left.boot_id().is_none());
}

#[test]
fn a_crash_stops_in_the_middle_of_the_operation_and_nothing_comes_after() {
    let run = |sim: &Sim| -> io::Result<()> {
        let file = sim.open("a", How::Create)?;
        file.allocate(4000)?;
        file.write_at(&[1; 3000], 100)?;
        file.sync()?;
        sim.rename("a", "b")?;
        sim.sync()?;
        file.set_len(50)?;
        sim.memory("ring", 4096)?;
        sim.remove("b")
    };
    let sim = Sim::new(0);
    run(&sim).unwrap();
    assert_eq!(sim.operations(), 9);
    let mut lens = BTreeSet::new();
    for (seed, n) in (0..SEEDS).flat_map(|seed| (0..9).map(move |n| (seed, n))) {
        let sim = Sim::new(seed);
        sim.crash_at(n);
        assert!(down_of(run(&sim)) && sim.is_down());
        assert_eq!(sim.operations(), n + 1);
        let left = sim.process_killed();
        if n == 2 {
            let bytes = left.bytes("a").unwrap();
            lens.insert(bytes.iter().filter(|byte| **byte == 1).count());
        }
        if n > 5 {
            assert!(n == 8 || left.bytes("b").is_some(), "durable names stay");
        }
        if n > 3 {
            let left = sim.power_loss();
            let bytes = left.bytes("b").or(left.bytes("a"));
            assert!(n > 5 || bytes.is_none_or(|bytes| bytes[100..3100] == [1; 3000]));
        }
    }
    assert!(lens.contains(&(SECTOR - 100)) && lens.len() > 20, "{lens:?}");
}

#[test]
fn writes_fail_once_or_until_healed_after_a_part() {
    let mut parts = BTreeSet::new();
    for seed in 0..SEEDS {
        let (sim, file) = with_file(seed, 0, 0);
        sim.fail_write(1, Errno::IO, Times::Once);
        file.write_at(&[1; 10], 0).unwrap();
        let error = file.write_at(&[2; 10], 10).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::IO.raw_os_error()));
        parts.insert(file.len().unwrap());
        file.write_at(&[2; 10], 10).unwrap();
        sim.fail_write(0, Errno::NOSPC, Times::UntilHealed);
        for _ in 0..3 {
            assert_eq!(file.write_at(b"x", 0).unwrap_err().kind(), ErrorKind::StorageFull);
            assert_eq!(file.allocate(99).unwrap_err().kind(), ErrorKind::StorageFull);
        }
        sim.heal();
        file.write_at(b"x", 0).unwrap();
    }
    assert!(parts.contains(&10) && parts.contains(&20) && parts.len() > 5, "{parts:?}");
}

#[test]
fn after_a_failed_sync_the_next_one_promises_nothing_for_what_was_before() {
    let mut lost = 0;
    for seed in 0..SEEDS {
        let (sim, file) = with_file(seed, 1024, 0);
        file.write_at(&[1; 512], 0).unwrap();
        sim.fail_sync(0, Times::Once);
        assert!(file.sync().is_err());
        file.write_at(&[2; 512], 512).unwrap();
        file.sync().unwrap();
        assert_eq!(sim.bytes("f").unwrap()[..512], [1; 512]);
        let bytes = sim.power_loss().bytes("f").unwrap();
        assert_eq!(bytes[512..], [2; 512]);
        lost += u32::from(bytes[..512] != [1; 512]);
    }
    assert!(lost > 10 && lost < SEEDS as u32 - 10);
}

#[test]
fn a_lying_disk_says_yes() {
    let mut lost = 0;
    for seed in 0..SEEDS {
        let (sim, file) = with_file(seed, 512, 0);
        sim.lie();
        file.write_at(&[1; 512], 0).unwrap();
        file.sync().unwrap();
        sim.sync().unwrap();
        lost += u32::from(sim.power_loss().bytes("f").unwrap() != [1; 512]);
        let sim = sim.process_killed();
        sim.open("f", How::Write).unwrap().sync().unwrap();
        assert_eq!(sim.power_loss().bytes("f").unwrap(), [1; 512]);
    }
    assert!(lost > 10);
}

#[test]
fn a_disk_has_a_size_and_what_is_removed_gives_room() {
    let (sim, file) = with_file(3, 100, 1);
    sim.set_capacity(Some(1000));
    let other = sim.open("other", How::Create).unwrap();
    other.allocate(500).unwrap();
    assert_eq!(file.allocate(501).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(file.write_at(&[2; 500], 50).unwrap_err().kind(), ErrorKind::StorageFull);
    assert_eq!(file.len().unwrap(), 500, "as much as there was room for");
    other.write_at(&[3; 500], 0).unwrap();
    sim.remove("other").unwrap();
    assert!(file.write_at(&[2; 500], 50).is_err(), "still open");
    drop(other);
    file.write_at(&[2; 500], 50).unwrap();
    assert_eq!(sim.memory("ring", 512).err().map(|e| e.kind()), Some(ErrorKind::StorageFull));
    file.set_len(0).unwrap();
    assert!(sim.memory("ring", 512).unwrap().is_some());
    assert!(file.write_at(&[2; 489], 0).is_err());
    file.write_at(&[2; 488], 0).unwrap();
}

#[test]
fn files_are_damaged_by_hand() {
    let (sim, file) = with_file(1, 100, 0);
    sim.flip("f", 3, 2);
    sim.truncate("f", 10);
    for sim in [sim.copy(5), sim.process_killed().power_loss()] {
        assert_eq!(sim.bytes("f").unwrap(), [0, 0, 0, 4, 0, 0, 0, 0, 0, 0]);
        sim.fail_reads("f", 5..6);
        let file = sim.open("f", How::Read).unwrap();
        let mut back = [0; 5];
        assert_eq!(file.read_at(&mut back, 0).unwrap(), 5);
        assert_eq!(file.read_at(&mut back, 1).unwrap_err().raw_os_error(), Some(Errno::IO.raw_os_error()));
        assert!(file.write_at(b"x", 0).is_err());
        sim.heal();
        assert_eq!(file.read_at(&mut back, 6).unwrap(), 4);
        assert_eq!(file.read_at(&mut back, 60).unwrap(), 0);
    }
    drop(file);
}
