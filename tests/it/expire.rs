//! Time: a key past its time is never served, and its memory comes back.
use tenondb::{Clock, Db, Options, Reply};

fn manual(stripes: usize) -> (Clock, Db) {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, stripes, ..Options::default() });
    (clock, db)
}

fn size(db: &Db) -> i64 {
    db.call(["DBSIZE"]).unwrap().as_int().unwrap()
}

#[test]
fn keys_of_one_deadline_all_come_back() {
    let (clock, db) = manual(1);
    for n in 0..20_000 {
        db.call(["SET", &format!("key:{n}"), "v", "PX", "1000"]).unwrap();
    }
    db.call(["SET", "stays", "v"]).unwrap();
    clock.advance_ms(1_020);
    while db.tick(100) {}
    assert_eq!(size(&db), 1);
}

#[test]
fn a_deadline_that_moves_is_kept_and_none_is_served_late() {
    let (clock, db) = manual(64);
    for n in 0..1000 {
        let key = format!("key:{n}");
        db.call(["SET", &key, "v", "PX", "50"]).unwrap();
        db.call(["PEXPIRE", &key, &(1000 + n).to_string()]).unwrap();
        if n % 3 == 0 {
            db.call(["PERSIST", &key]).unwrap();
        }
        if n % 5 == 0 {
            db.call(["PEXPIRE", &key, "10"]).unwrap();
        }
    }
    for step in 0..300u64 {
        clock.advance_ms(10);
        db.tick(1_000_000);
        let elapsed = (step + 1) * 10;
        for n in (0..1000u64).step_by(37) {
            let deadline = match (n % 5, n % 3) {
                (0, _) => Some(10),
                (_, 0) => None,
                _ => Some(1000 + n),
            };
            let alive = deadline.is_none_or(|deadline| elapsed < deadline);
            let reply = db.call(["EXISTS", &format!("key:{n}")]).unwrap();
            assert_eq!(reply, Reply::Int(alive.into()), "key {n} after {elapsed} ms");
        }
    }
    let kept = (0..1000).filter(|n| n % 3 == 0 && n % 5 != 0).count();
    assert_eq!(size(&db), kept as i64);
}

#[test]
fn the_background_thread_gives_memory_back_and_ends_with_the_database() {
    let db = Db::memory();
    for n in 0..5000 {
        db.call(["SET", &format!("key:{n}"), "v", "PX", "30"]).unwrap();
    }
    let tries = (0..3_000).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        size(&db) == 0
    });
    assert!(tries.is_some(), "{} keys are left", size(&db));
}

#[test]
fn an_engine_nobody_ticks_stays_bounded() {
    let (clock, db) = manual(4);
    let mut largest = 0;
    for n in 0..50_000 {
        db.call(["SET", &format!("key:{n}"), "v", "PX", "100"]).unwrap();
        clock.advance_ms(1);
        largest = largest.max(size(&db));
    }
    assert!(largest < 1000, "{largest} keys at once, of which about 100 were alive");
}

#[test]
fn a_clock_that_jumps_loses_nothing_and_serves_nothing_dead() {
    let (clock, db) = manual(64);
    db.call(["SET", "year", "v", "EX", "31536000"]).unwrap();
    db.call(["SET", "decades", "v", "EX", "1000000000"]).unwrap();
    for days in [1u64, 30, 300] {
        clock.advance_ms(days * 86_400_000);
        db.tick(1_000_000);
        assert_eq!(db.call(["EXISTS", "year", "decades"]).unwrap(), Reply::Int(2));
    }
    clock.advance_ms(35 * 86_400_000);
    db.tick(1_000_000);
    assert_eq!(size(&db), 1);
    clock.set_ms(2_000_000);
    assert_eq!(db.call(["TTL", "decades"]).unwrap(), Reply::Int(999_999_000));
}

#[test]
fn a_transaction_never_commits_upon_a_key_that_expired_while_it_ran() {
    let (clock, db) = manual(1);
    db.call(["SET", "count", "41", "PX", "100"]).unwrap();
    let mut runs = 0;
    let count = db
        .transaction(|tx| {
            runs += 1;
            if runs == 1 {
                clock.advance_ms(150);
            }
            Ok(tx.call(["INCR", "count"])?.as_int())
        })
        .unwrap();
    assert_eq!((runs, count), (2, Some(1)), "the first run saw a key that was past its time at the end");
    assert_eq!(db.call(["GET", "count"]).unwrap().as_bytes(), Some(&b"1"[..]));
}

#[test]
fn a_watched_key_that_was_dead_already_is_no_change_when_it_goes() {
    let (clock, db) = manual(1);
    for end in ["FLUSHALL", "SWAPDB 0 1", "tick"] {
        db.call(["SET", "stale", "v", "PX", "10"]).unwrap();
        clock.advance_ms(50);
        let mut conn = tenondb::resp::Conn::new(&db);
        conn.feed(b"WATCH stale\r\n");
        if end == "tick" {
            db.tick(1_000_000);
        } else {
            db.call(end.split(' ')).unwrap();
        }
        conn.feed(b"MULTI\r\nPING\r\nEXEC\r\n");
        let replies = String::from_utf8(conn.take_output()).unwrap();
        assert!(replies.ends_with("*1\r\n+PONG\r\n"), "{end}: {replies}");
    }
}
