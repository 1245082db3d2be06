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
    dir.faults.sync_ms.store(20, SeqCst);
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
    // One for each round of all eight, or two; more where threads do not come to their turn in time.
    assert!((5..=30).contains(&syncs), "{syncs} syncs for 40 commits");
    log.commit(u64::MAX).unwrap();
}

#[test]
fn a_full_disk_refuses_keeps_the_order_and_goes_on_when_there_is_room() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    let all = some(0, 120, 40);
    append(&log, &all[..10]).unwrap();
    log.sync().unwrap();
    dir.faults.full.store(true, SeqCst);
    let mut failed = 0;
    for (now_ms, commands) in &all[10..100] {
        failed += u64::from(log.append(*now_ms, commands).is_err());
    }
    assert!(failed > 30 && log.position() == 49 * 100);
    let error = log.admit().unwrap_err();
    assert!(error.to_string().starts_with("MISCONF Errors writing to the AOF file: "), "{error}");
    assert_eq!(log.health(), Health::Refusing(error));
    assert!(log.commit(log.position()).is_err() && log.sync().is_err() && log.drain().is_err());
    // What is in the ring outlives even this.
    let (.., seen) = open(&dir.twin());
    assert!(seen.len() > 20 && all.starts_with(&seen));
    dir.faults.full.store(false, SeqCst);
    log.admit().unwrap();
    assert_eq!((log.health(), log.drained()), (Health::Fine, log.position()));
    append(&log, &all[100..]).unwrap();
    log.close().unwrap();
    let (_, report, seen) = open(&dir.rebooted());
    assert_eq!((seen, report.cut), (all, None));
}

#[test]
fn attempts_are_not_made_all_the_time() {
    let dir = Mem::default();
    let (log, ..) = open_at(&dir, 0, 0, Options { retry_ms: 3_600_000, ..small() }).unwrap();
    log.append(1, b"x").unwrap();
    log.sync().unwrap();
    dir.faults.full.store(true, SeqCst);
    log.append(1, b"x").unwrap();
    assert!(log.drain().is_err());
    dir.faults.full.store(false, SeqCst);
    let writes = dir.faults.writes.load(SeqCst);
    for _ in 0..50 {
        assert!(log.admit().is_err() && log.drain().is_err() && log.commit(log.position()).is_err());
    }
    assert_eq!(dir.faults.writes.load(SeqCst), writes);
    // Who asks for a sync insists.
    log.sync().unwrap();
    assert_eq!((log.admit(), log.health()), (Ok(()), Health::Fine));
}

#[test]
fn after_a_failed_sync_only_a_new_generation_helps() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    append(&log, &some(0, 10, 30)).unwrap();
    log.sync().unwrap();
    append(&log, &some(10, 10, 30)).unwrap();
    dir.faults.sync_fails.store(true, SeqCst);
    assert!(log.sync().is_err());
    dir.faults.sync_fails.store(false, SeqCst);
    let old = dir.names("log-");
    // Nothing is written to the files any more, and nothing heals by itself.
    let (writes, synced) = (dir.faults.writes.load(SeqCst), log.synced());
    let late = some(20, 60, 30);
    for (now_ms, commands) in &late {
        let _ = log.append(*now_ms, commands);
    }
    assert!(log.admit().is_err() && log.sync().is_err() && log.drain().is_err());
    assert!(matches!(log.health(), Health::Distrusted(_)));
    assert_eq!((dir.faults.writes.load(SeqCst), log.synced()), (writes, synced));
    // A snapshot in the middle of what waits: in the ring, and in the overflow.
    let start = 39 * 25;
    let (_, report, seen) = open_at(&dir.twin(), start, start, small()).unwrap();
    assert_eq!((report.cut, seen[0].0), (None, 25), "killed before the restart");
    let start = 39 * 75;
    assert_eq!(log.restart(700).unwrap_err().kind(), Kind::Misuse);
    log.restart(start).unwrap();
    assert_eq!((log.health(), log.synced(), log.position()), (Health::Fine, start, 80 * 39));
    assert!(old.iter().all(|name| !dir.names("log-").contains(name)));
    append(&log, &some(80, 3, 30)).unwrap();
    log.close().unwrap();
    let (_, report, seen) = open_at(&dir.rebooted(), start, start, small()).unwrap();
    assert_eq!((seen, report.cut), (some(75, 8, 30), None));
}

#[test]
fn a_child_of_a_fork_writes_nothing() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    log.append(1, b"x").unwrap();
    log.fork.pretend();
    let writes = dir.faults.writes.load(SeqCst);
    for done in
        [log.append(1, b"y").map(drop), log.drain(), log.commit(99), log.sync(), log.close(), log.restart(0)]
    {
        assert_eq!(done.unwrap_err().kind(), Kind::Misuse);
    }
    drop(log);
    assert_eq!((dir.faults.writes.load(SeqCst), open(&dir).2.len()), (writes, 1));
}

#[test]
fn threads_append_while_others_drain_and_nothing_is_lost() {
    let dir = Mem::default();
    let (log, ..) = open(&dir);
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..2_000u64 {
                    let len = if n % 97 == 0 { 700 } else { n as usize % 50 };
                    log.append(thread, &n.to_le_bytes().repeat(1 + len / 8)).unwrap();
                    match n % 50 {
                        0 => log.drain().unwrap(),
                        25 => log.sync().unwrap(),
                        _ => (),
                    }
                }
            });
        }
    });
    let (.., seen) = open(&dir);
    for thread in 0..4 {
        let own =
            seen.iter().filter(|r| r.0 == thread).map(|r| u64::from_le_bytes(r.1[..8].try_into().unwrap()));
        assert!(own.eq(0..2_000), "thread {thread}");
    }
}

/// A power loss took back the name, but not the header; nothing says that it takes the next one, too.
#[test]
fn a_spare_that_was_ready_for_records_that_are_gone_is_not_used() {
    for (start, uses) in [(0, true), (1000, false), (2000, false)] {
        let dir = Mem::default();
        let header = segment::Header { identity: ID, prev: 0, start, flags: segment::RECYCLED };
        let mut spare = header.encode().to_vec();
        spare.resize(4096, 0);
        dir.put("spare-0", spare);
        let (log, ..) = open_at(&dir, 1000, 0, small()).unwrap();
        append(&log, &some(0, 1, 10)).unwrap();
        log.drain().unwrap();
        assert!(dir.names("spare-").is_empty());
        let flags = dir.bytes("log-00000000000003e8")[48];
        assert_eq!(flags == segment::RECYCLED as u8, uses, "{start}");
    }
}

#[test]
fn who_passes_by_writes_little_and_leaves_the_ring_alone_while_a_sync_runs() {
    let dir = Mem::default();
    let options = Options { segment_bytes: 1 << 20, ring_bytes: 1 << 20, ..small() };
    let log = open_at(&dir, 0, 0, options).unwrap().0;
    dir.faults.syncing.store(true, SeqCst);
    let mut all = some(0, 60, 10_000);
    append(&log, &all).unwrap();
    log.drain_in_passing().unwrap();
    assert_eq!(log.drained(), 0, "there is room");
    let more = some(60, 40, 10_000);
    append(&log, &more).unwrap();
    all.extend(more);
    log.drain_in_passing().unwrap();
    let drained = log.drained();
    assert!(drained > 0, "there is little room");
    assert!(drained <= (FRAMES_IN_PASSING * frame::FRAME_BYTES) as u64, "{drained}");
    dir.faults.syncing.store(false, SeqCst);
    log.drain_in_passing().unwrap();
    assert!(log.drained() > drained && log.drained() < log.position());
    log.drain().unwrap();
    assert_eq!(log.drained(), log.position());
    assert_eq!(open_at(&dir, 0, 0, options).unwrap().2, all);
}
