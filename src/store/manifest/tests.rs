//! What was stored comes back; what is damaged, newer or half replaced does not.
use super::*;
use crate::store::vfs::sim::{Sim, Times};

fn example() -> Manifest {
    Manifest {
        store: 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF,
        salt: 0xDEAD_BEEF,
        generation: 3,
        snapshot: Some(Snapshot { position: 4096, len: 777, footer: 0xFEED }),
        log_start: 4000,
        durable: 5000,
        clean: true,
        features: 0,
    }
}

/// With a checksum that fits.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let crc = crc32fast::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn every_field_comes_back() {
    let fresh = Manifest { snapshot: None, clean: false, features: 0x8000_0000, ..example() };
    for manifest in [example(), fresh] {
        assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
    }
}

#[test]
fn numbers_that_nobody_counted_to_are_refused() {
    let snapshot = |position, len| Some(Snapshot { position, len, footer: 1 });
    for nonsense in [
        Manifest { generation: u64::MAX, ..example() },
        Manifest { durable: 1 << 63, ..example() },
        Manifest { snapshot: None, log_start: u64::MAX - 3, ..example() },
        Manifest { snapshot: snapshot(u64::MAX - 1, 777), ..example() },
        Manifest { snapshot: snapshot(4096, u64::MAX), ..example() },
    ] {
        let text = Manifest::decode(&nonsense.encode()).unwrap_err();
        assert!(text.starts_with("a number in it is "), "{text}");
    }
}

#[test]
fn no_changed_byte_and_no_other_length_is_accepted() {
    let bytes = example().encode();
    for at in 0..bytes.len() {
        for change in 1..=255 {
            let mut damaged = bytes;
            damaged[at] ^= change;
            assert!(Manifest::decode(&damaged).is_err(), "byte {at} changed by {change}");
        }
    }
    for len in 0..bytes.len() {
        assert!(Manifest::decode(&bytes[..len]).is_err(), "cut to {len}");
        if len >= 4 {
            assert!(Manifest::decode(&sealed(bytes[..len].to_vec())).is_err(), "made with {len}");
        }
    }
    assert!(Manifest::decode(&[&bytes[..], &[0; 8]].concat()).is_err());
}

#[test]
fn newer_versions_are_refused_by_name_and_newer_minor_ones_are_read() {
    let with = |at: usize, field: &[u8]| {
        let mut bytes = example().encode().to_vec();
        bytes[at..at + field.len()].copy_from_slice(field);
        Manifest::decode(&sealed(bytes))
    };
    assert_eq!(
        with(8, &[2, 0]).unwrap_err(),
        "it was written by a newer version (format 2, this one reads 1)"
    );
    assert!(with(8, &[0, 0]).unwrap_err().contains("format 0"));
    assert!(with(12, &[4, 0, 0, 0]).unwrap_err().contains("features 0x4"));
    assert_eq!(with(12, &[0, 0, 4, 0]).map(|m| m.features), Ok(0x4_0000));
    let longer = [&example().encode()[..], &[7; 16]].concat();
    assert_eq!(Manifest::decode(&sealed(longer)), Ok(example()));
    assert_eq!(with(10, &[9, 0]), Ok(example()));
    assert!(with(64, &5000u64.to_le_bytes()).unwrap_err().contains("behind its snapshot"));
}

#[test]
fn a_replacement_leaves_the_old_one_or_the_new_one() {
    let (old, new) = (example(), Manifest { generation: 4, durable: 6000, ..example() });
    let start = |seed| {
        let sim = Sim::new(seed);
        old.store(&sim).unwrap();
        // Left by an earlier one.
        sim.put("MANIFEST.new", b"rubbish");
        sim
    };
    let first = start(0).operations();
    let sim = start(0);
    new.store(&sim).unwrap();
    let mut seen = [0; 2];
    for (seed, n) in (0..40).flat_map(|seed| (first..=sim.operations()).map(move |n| (seed, n))) {
        let sim = start(seed);
        sim.crash_at(n);
        let done = new.store(&sim).is_ok();
        assert_eq!(done, n == first + 6);
        for left in [sim.power_loss(), sim.process_killed(), sim.process_killed().power_loss()] {
            let loaded = Manifest::load(&left).unwrap().unwrap();
            assert!(loaded == new || (loaded == old && !done), "seed {seed}, stopped at {n}");
            seen[usize::from(loaded == new)] += 1;
            new.store(&left).unwrap();
            assert_eq!(Manifest::load(&left.power_loss()).unwrap().unwrap(), new);
        }
    }
    assert!(seen.iter().all(|n| *n > 10));
}

#[test]
fn a_failed_replacement_keeps_the_old_one_and_can_be_repeated() {
    let new = Manifest { generation: 4, ..example() };
    for seed in 0..20 {
        let sim = Sim::new(seed);
        example().store(&sim).unwrap();
        sim.fail_write(0, rustix::io::Errno::NOSPC, Times::Once);
        assert_eq!(new.store(&sim).unwrap_err().kind(), Kind::Io);
        sim.fail_sync(0, Times::Once);
        assert_eq!(new.store(&sim).unwrap_err().kind(), Kind::Io);
        assert_eq!(Manifest::load(&sim).unwrap(), Some(example()));
        sim.fail_sync(1, Times::Once);
        assert!(new.store(&sim).is_err(), "not known to be durable");
        new.store(&sim).unwrap();
        assert_eq!(Manifest::load(&sim.power_loss()).unwrap(), Some(new.clone()));
    }
}

#[test]
fn an_empty_directory_is_no_store_and_a_log_without_a_manifest_is_a_broken_one() {
    let sim = Sim::new(1);
    assert_eq!(Manifest::load(&sim).unwrap(), None);
    sim.put("MANIFEST.new", &example().encode());
    sim.put("LOCK", b"");
    assert_eq!(Manifest::load(&sim).unwrap(), None);
    for name in ["log-0000000000000000", "snap-0000000000000000"] {
        let sim = sim.copy(2);
        sim.put(name, b"");
        let error = Manifest::load(&sim).unwrap_err();
        assert_eq!(error.kind(), Kind::Corrupt);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn errors_name_the_file_and_say_what_is_wrong() {
    let sim = Sim::new(1);
    sim.put(NAME, &[0; 1 << 17]);
    let refused = |sim: &Sim| Manifest::load(sim).unwrap_err();
    assert_eq!(refused(&sim).kind(), Kind::Corrupt);
    sim.put(NAME, b"");
    assert_eq!(refused(&sim).kind(), Kind::Corrupt);
    sim.put(NAME, &example().encode());
    sim.flip(NAME, 70, 3);
    assert_eq!(
        refused(&sim).to_string(),
        "ERR the store in the simulated directory cannot be opened: MANIFEST: its checksum is wrong"
    );
    sim.fail_reads(NAME, 0..1);
    assert_eq!(refused(&sim).kind(), Kind::Io);
}
