//! Appending, draining, committing, and reading it all back.
use super::*;
use std::sync::atomic::Ordering::SeqCst;

#[test]
fn an_empty_log_opens_as_such() {
    let dir = Mem::default();
    for _ in 0..2 {
        let (log, report, seen) = open(&dir);
        assert_eq!((log.position(), log.health(), seen.len()), (0, Health::Fine, 0));
        assert_eq!(report, Report::default());
        log.close().unwrap();
    }
    assert_eq!(dir.names("log-").len(), 0);
}

#[test]
fn records_come_back_from_the_ring_after_a_kill_and_from_files_after_a_reboot() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let first = some(0, 3, 20);
    append(&log, &first).unwrap();
    log.sync().unwrap();
    let second = some(3, 4, 30);
    let end = append(&log, &second).unwrap();
    let rebooted = dir.rebooted();
    let (log, report, seen) = open(&dir.twin());
    assert_eq!((seen, log.position()), ([first.clone(), second].concat(), end));
    assert!(report.ring_bytes > 0 && report.cut.is_none());
    assert_eq!(log.drained(), end);
    let (log, report, seen) = open(&rebooted);
    assert_eq!((seen, report.ring_bytes, report.cut), (first, 0, None));
    assert_eq!(log.position(), report.end);
}

#[test]
fn records_of_all_sizes_come_back_in_order_over_many_openings() {
    let dir = Mem::default();
    let mut all = Seen::new();
    for round in 0..6 {
        let (log, report, seen) = open(&dir);
        assert_eq!(seen, all, "round {round}");
        assert_eq!(report.cut, None);
        // Larger than a quarter of the ring, than the ring, than a segment, than a frame.
        for (n, len) in [5, 0, 300, 40, 2_000, 9_000, 1, 70_000, 200].into_iter().enumerate() {
            let (now_ms, commands) = record(round * 100 + n as u64, len);
            log.append(now_ms, &commands).unwrap();
            all.push((now_ms, commands));
        }
        if round % 2 == 0 {
            log.close().unwrap();
            assert_eq!(log.synced(), log.position());
        }
    }
    let (.., seen) = open(&dir.rebooted());
    assert!(seen.len() + 9 >= all.len() && all.starts_with(&seen));
}

#[test]
fn a_full_ring_is_drained_by_who_appends() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let all = some(0, 500, 10);
    let end = append(&log, &all).unwrap();
    assert!(log.drained() > 0 && end - log.drained() <= 1024);
    assert!(dir.names("log-").len() > 2);
    assert_eq!(open(&dir).2, all);
}

#[test]
fn without_memory_every_record_is_in_a_file_when_append_returns() {
    let dir = Mem::default();
    dir.faults.no_memory.store(true, SeqCst);
    let (log, ..) = open(&dir);
    let all = some(0, 20, 30);
    for (now_ms, commands) in &all {
        let end = log.append(*now_ms, commands).unwrap();
        assert_eq!(log.drained(), end);
    }
    let twin = dir.twin();
    twin.faults.no_memory.store(true, SeqCst);
    assert_eq!(open(&twin).2, all);
}

#[test]
fn a_million_tiny_records() {
    let dir = Mem::default();
    let (log, ..) = open_at(&dir, 0, 0, Options::default()).unwrap();
    let mut end = 0;
    for n in 0..1_000_000u64 {
        end = log.append(n, &[n as u8]).unwrap();
        if log.due() {
            log.drain().unwrap();
        }
    }
    assert_eq!(end, 10_000_000);
    let mut count = 0;
    let mut opened = Log::open(Arc::new(dir.clone()), ID, 5_000_000, 0, Options::default()).unwrap();
    opened
        .read(&mut |position, now_ms, commands| {
            assert_eq!((position, commands), (now_ms * 10, &[now_ms as u8][..]));
            count += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(count, 500_000);
}

#[test]
fn one_sync_serves_all_who_wait() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    log.append(0, b"x").unwrap();
    log.sync().unwrap();
    dir.faults.sync_ms.store(5, SeqCst);
    let before = dir.faults.syncs.load(SeqCst);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let log = &log;
            scope.spawn(move || {
                for _ in 0..5 {
                    let end = log.append(n, b"abc").unwrap();
                    log.commit(end).unwrap();
                    assert!(log.synced() >= end);
                }
            });
        }
    });
    let syncs = dir.faults.syncs.load(SeqCst) - before;
    assert!((5..=20).contains(&syncs), "{syncs} syncs for 40 commits");
    log.commit(u64::MAX).unwrap();
}
