//! Cuts, flipped bits, missing and foreign files: what is refused, what is torn, what a salvage keeps.
use super::*;
use crate::{base::error::Kind, store::log::reader::Wanted};
use std::sync::atomic::Ordering::SeqCst;

/// The error of an opening that fails.
fn refused(dir: &Mem, start: u64, durable: u64) -> Error {
    match open_at(dir, start, durable, small()) {
        Err(e) => e,
        Ok((.., seen)) => panic!("opened with {} records", seen.len()),
    }
}

/// Makes sure that `seen` is a prefix of `all`, and says how long.
fn prefix(seen: &Seen, all: &Seen) -> usize {
    assert!(all.starts_with(seen), "not a prefix");
    seen.len()
}

/// A directory after a reboot, with `frames` frames of 5 records in one segment; the second is marked as durable in
/// those behind it.
fn written(frames: u64) -> (Mem, Seen, Vec<(u64, u64)>) {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let mut ends = vec![];
    for n in 0..frames {
        append(&log, &some(n * 5, 5, 17)).unwrap();
        log.drain().unwrap();
        if n == 1 {
            log.sync().unwrap();
        }
        let offset = log.writer.lock().current.as_ref().unwrap().offset;
        ends.push((offset, log.position()));
    }
    (dir.rebooted(), some(0, frames * 5, 17), ends)
}

fn segment() -> String {
    segment::name(0)
}

#[test]
fn a_file_cut_anywhere_in_its_last_frame_gives_what_is_before_it() {
    let (dir, all, ends) = written(4);
    let whole = dir.bytes(&segment());
    let (from, to) = (ends[2].0 as usize, ends[3].0 as usize);
    for cut in from..to {
        for zeros in [false, true] {
            let twin = dir.twin();
            let mut bytes = whole[..cut].to_vec();
            if zeros {
                bytes.resize(whole.len(), 0);
            }
            twin.put(&segment(), bytes);
            twin.faults.boot.store(9, SeqCst);
            let (log, report, seen) = open(&twin);
            // The last bytes of the padding are zeros anyway.
            let whole_frame = zeros && all.len() == seen.len();
            assert!(prefix(&seen, &all) == 15 || whole_frame && cut > to - 9, "cut at {cut}");
            assert_eq!(log.position(), report.end);
            if cut > from && seen.len() == 15 {
                let torn = report.cut.unwrap_or_else(|| panic!("cut at {cut}: not reported"));
                assert_eq!((torn.offset, torn.position, torn.damage), (from as u64, ends[2].1, false));
                assert_eq!(torn.kept, [format!("torn-{:016x}-0", ends[2].1)]);
                let kept = twin.bytes(&torn.kept[0]);
                assert_eq!((kept.len() as u64, &kept[..]), (torn.bytes, &whole[from..from + kept.len()]));
            }
            // It goes on, and the next opening finds nothing to report.
            append(&log, &some(90, 3, 9)).unwrap();
            log.close().unwrap();
            let (_, report, again) = open(&twin.rebooted());
            assert_eq!((again, report.cut), ([seen, some(90, 3, 9)].concat(), None));
        }
    }
}

#[test]
fn a_flipped_bit_below_what_was_durable_is_refused_and_a_salvage_keeps_what_is_before() {
    let (dir, all, ends) = written(4);
    for bit in (0..ends[1].0 * 8).step_by(5) {
        let twin = dir.twin();
        twin.faults.boot.store(9, SeqCst);
        let mut bytes = twin.bytes(&segment());
        bytes[(bit / 8) as usize] ^= 1 << (bit % 8);
        twin.put(&segment(), bytes);
        let before = twin.files.lock().len();
        let Err(error) = open_at(&twin, 0, 0, small()) else {
            // Padding is in no checksum.
            assert!(ends.iter().any(|(end, _)| end * 8 > bit && end * 8 - bit <= 56), "bit {bit}");
            continue;
        };
        assert_eq!((error.kind(), twin.files.lock().len()), (Kind::Corrupt, before));
        let text = error.to_string();
        if text.contains("newer version") {
            continue;
        }
        assert!(text.contains(&segment()) && text.contains("would be lost"), "{text}");
        let options = Options { salvage: true, ..small() };
        let (log, report, seen) = open_at(&twin, 0, 0, options).unwrap();
        assert!(prefix(&seen, &all) < 10, "bit {bit}");
        let cut = report.cut.unwrap();
        assert!(cut.damage && !cut.kept.is_empty() && cut.kept[0].starts_with("damaged-log-"), "{cut:?}");
        append(&log, &some(90, 3, 9)).unwrap();
        log.close().unwrap();
        let (_, report, again) = open(&twin.rebooted());
        assert_eq!((again, report.cut), ([seen, some(90, 3, 9)].concat(), None), "bit {bit}");
    }
}

#[test]
fn a_flipped_bit_behind_what_was_durable_is_a_torn_end() {
    let (dir, all, ends) = written(4);
    for byte in ends[2].0..ends[2].0 + 32 {
        let twin = dir.twin();
        twin.faults.boot.store(9, SeqCst);
        let mut bytes = twin.bytes(&segment());
        bytes[byte as usize] ^= 0x10;
        twin.put(&segment(), bytes);
        let (_, report, seen) = open(&twin);
        assert_eq!((prefix(&seen, &all), report.cut.unwrap().damage), (15, false));
        // The manifest knows better.
        let twin = twin.twin();
        twin.put(&segment(), dir.bytes(&segment())[..byte as usize].to_vec());
        assert_eq!(refused(&twin, 0, ends[3].1).kind(), Kind::Corrupt);
    }
}

#[test]
fn a_missing_segment_is_damage() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let all = some(0, 400, 40);
    append(&log, &all).unwrap();
    log.close().unwrap();
    let names = dir.names("log-");
    assert!(names.len() >= 4);
    for (at, name) in names.iter().enumerate() {
        let twin = dir.rebooted();
        twin.remove(name).unwrap();
        assert_eq!(refused(&twin, 0, log.synced()).kind(), Kind::Corrupt, "{name}");
        let options = Options { salvage: true, ..small() };
        let (.., seen) = open_at(&twin, 0, log.synced(), options).unwrap();
        assert_eq!(prefix(&seen, &all) == 0, at == 0);
    }
}

#[test]
fn files_of_another_store_and_of_a_newer_version_are_refused() {
    let (dir, _, ends) = written(3);
    let other = Identity { store: 78, ..ID };
    let opened = Log::open(Arc::new(dir.twin()), other, 0, ends[1].1, small()).unwrap();
    assert_eq!(opened.finish().err().unwrap().kind(), Kind::Corrupt);
    let mut bytes = dir.bytes(&segment());
    bytes[8] = 2;
    let crc = crc32fast::hash(&bytes[..60]);
    bytes[60..64].copy_from_slice(&crc.to_le_bytes());
    dir.put(&segment(), bytes);
    let text = refused(&dir, 0, 0).to_string();
    assert!(text.contains("newer version (format 2, this one reads 1)"), "{text}");
}

#[test]
fn a_read_error_is_no_end() {
    let (dir, ..) = written(3);
    dir.faults.read_fails.store(true, SeqCst);
    assert_eq!(refused(&dir, 0, 0).kind(), Kind::Io);
    dir.faults.read_fails.store(false, SeqCst);
    assert_eq!(open(&dir).2.len(), 15);
}

#[test]
fn a_length_that_is_nonsense_allocates_nothing() {
    let (dir, all, ends) = written(3);
    for len in [u64::MAX, 1 << 62, 1 << 40, 3000, 70_000, 1 << 32] {
        let twin = dir.twin();
        let mut bytes = twin.bytes(&segment());
        bytes[ends[1].0 as usize..][..8].copy_from_slice(&len.to_le_bytes());
        twin.put(&segment(), bytes);
        let (_, report, seen) = open(&twin);
        assert_eq!((prefix(&seen, &all), report.cut.is_some()), (10, true), "{len}");
    }
}

#[test]
fn looking_at_a_log_changes_nothing() {
    let (dir, all, ends) = written(4);
    let mut bytes = dir.bytes(&segment());
    bytes[ends[2].0 as usize + 40] ^= 1;
    dir.put(&segment(), bytes.clone());
    let wanted = Wanted { identity: ID, start: 0, durable: 0, salvage: false };
    let mut reader = reader::Reader::inspect(Arc::new(dir.clone()), wanted).unwrap();
    let mut count = 0;
    while let Some(frame) = reader.next_frame(Vec::new()).unwrap() {
        count += frame.records().count();
    }
    assert_eq!((count as u64, reader.report().records, all.len()), (15, 15, 20));
    assert!(reader.report().cut.is_some());
    assert_eq!((dir.bytes(&segment()), dir.files.lock().len()), (bytes, 1));
}

#[test]
fn a_kill_inside_a_write_is_nobodys_business() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let all = some(0, 8, 30);
    append(&log, &all[..4]).unwrap();
    log.drain().unwrap();
    append(&log, &all[4..]).unwrap();
    // A kill in the middle of the next write leaves a part of it; the ring still has everything.
    dir.faults.full.store(true, SeqCst);
    assert!(log.drain().is_err());
    let twin = dir.twin();
    let (log, report, seen) = open(&twin);
    assert_eq!((seen, report.cut), (all.clone(), None));
    log.close().unwrap();
    assert_eq!(open(&twin.rebooted()).2, all);
}

#[test]
fn frames_of_a_recycled_files_older_life_are_never_read() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let mut records = 0;
    let mut reused = 0;
    for round in 0..12 {
        let start = log.position();
        append(&log, &some(records, 60, 30)).unwrap();
        records += 60;
        log.sync().unwrap();
        log.start_generation(start).unwrap();
        reused = reused.max(dir.names("spare-").len());
        // At every end there may be old frames behind; none is read, none is reported.
        let (_, report, seen) = open_at(&dir.rebooted(), start, 0, small()).unwrap();
        assert_eq!((seen, report.cut), (some(records - 60, 60, 30), None), "round {round}");
    }
    assert!(reused > 0 && dir.names("spare-").len() <= 2);
    assert!(dir.names("log-").len() <= 3, "{:?}", dir.names("log-"));
    let flags = |name: &String| dir.bytes(name)[48];
    assert!(dir.names("log-").iter().any(|n| flags(n) == 1), "none was recycled");
}

#[test]
fn nobody_who_writes_waits_for_files_that_are_given_up() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    append(&log, &some(0, 300, 30)).unwrap();
    log.sync().unwrap();
    dir.faults.retiring_held.store(true, SeqCst);
    let start = log.position();
    std::thread::scope(|scope| {
        let generation = scope.spawn(|| log.start_generation(start));
        while !dir.faults.retiring.load(SeqCst) && !generation.is_finished() {
            std::thread::yield_now();
        }
        // More than the ring holds, and than a segment.
        append(&log, &some(300, 300, 30)).unwrap();
        log.sync().unwrap();
        dir.faults.retiring_held.store(false, SeqCst);
        generation.join().unwrap().unwrap();
        let (.., seen) = open_at(&dir.rebooted(), start, 0, small()).unwrap();
        assert_eq!(seen, some(300, 300, 30));
    });
    assert!(!dir.names("spare-").is_empty());
}
