//! What a child of a fork may do with what it has inherited: nothing, and that at once, whatever other threads were doing.
#![cfg(unix)]
#![expect(unsafe_code, reason = "there is no other way to fork")]
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};
use tenondb::{
    Channels, Db, Keys, Kind, Lists, Strings,
    resp::{Line, Poller, Read, Woken},
};

static PARENT: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" {
    fn fork() -> i32;
    fn _exit(code: i32) -> !;
    fn alarm(seconds: u32) -> u32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
}

/// Runs `body` in a child, and returns its status: 0 when it said `true`.
fn in_a_child(body: impl FnOnce() -> bool) -> i32 {
    // SAFETY: the child has this thread only, runs our own code, and leaves without running what belongs to the parent.
    let pid = unsafe { fork() };
    if pid == 0 {
        // SAFETY: sets a timer: a child that hangs is killed.
        unsafe { alarm(20) };
        let fine = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(false);
        // SAFETY: ends the child.
        unsafe { _exit(i32::from(!fine)) };
    }
    assert!(pid > 0);
    let mut status = 0;
    // SAFETY: the child made above is waited for once.
    let waited = unsafe { waitpid(pid, &raw mut status, 0) };
    assert_eq!(waited, pid);
    status
}

fn refuses<T>(result: tenondb::Result<T>) -> bool {
    result.is_err_and(|error| {
        error.kind() == Kind::Misuse && error.text().starts_with(b"ERR this database belongs")
    })
}

#[test]
fn a_child_is_refused_at_once_while_other_threads_work() {
    let rounds: u64 = std::env::var("TENON_FORKS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let dir = std::env::temp_dir().join(format!("tenon-it-fork-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    let stored = Db::open(&dir).unwrap();
    let done = Arc::new(AtomicBool::new(false));
    // Other threads are in it all the time.
    let (shared, poller) = (Arc::new(Line::open(&stored)), Poller::new().unwrap());
    shared.attach(&poller, 7);
    shared.notify(Some(Arc::new(|| assert_eq!(std::process::id(), PARENT.load(Relaxed)))));
    PARENT.store(std::process::id(), Relaxed);
    let written = Arc::new(AtomicU64::new(0));
    let threads: Vec<_> = (0..2)
        .map(|number| {
            let (db, done, written) = (stored.clone(), Arc::clone(&done), Arc::clone(&written));
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                while !done.load(Relaxed) {
                    db.incrby("count", 1).unwrap();
                    db.call(["MSET", "a", "1", "b", "2", "c", "3"]).unwrap();
                    db.transaction(|tx| tx.rpush("list", &[number.to_string()])).unwrap();
                    db.publish("news", "x").unwrap();
                    let line = Line::open(&db);
                    line.write(b"SUBSCRIBE news\r\n");
                    shared.write(b"PING\r\nSUBSCRIBE news\r\n");
                    shared.read_all();
                    written.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    for round in 0..rounds {
        let db = if round % 2 == 0 { stored.clone() } else { Db::memory() };
        let (line, subscription, tx) = (Line::open(&db), db.subscribe(["news"]), db.begin());
        let watch = db.watch_prefix("a").unwrap();
        let typed = db.pending(tenondb::op::BLPop::new(&["nothing"], Duration::ZERO));
        let mut waits = db.pending_call(["BLPOP", "nothing", "0"]);
        assert!(waits.poll_once().is_none());
        let (path, shared) = (dir.clone(), Arc::clone(&shared));
        let status = in_a_child(|| {
            let refused = [
                refuses(db.get("a")),
                refuses(db.set("a", "child")),
                refuses(db.exists(&["a", "b"])),
                refuses(db.call(["INFO"])),
                refuses(db.publish("news", "child")),
                refuses(db.transaction(|tx| tx.get("a"))),
                refuses(tx.call(["GET", "a"])),
                refuses(tx.commit()),
                refuses(subscription.recv()),
                refuses(db.sync()),
                refuses(db.close()),
                refuses(db.watch_prefix("b")),
                refuses(db.wait(tenondb::op::BLPop::new(&["a"], Duration::ZERO))),
                refuses(waits.wait()),
                !line.write(b"PING\r\n") && line.read(&mut [0; 8]) == Read::End,
                !Line::open(&db).write(b"PING\r\n"),
                Db::open(&path).is_err_and(|error| error.kind() == Kind::Busy),
                refuses(db.begin().call(["GET", "a"])),
                !shared.write(b"PING\r\n") && shared.read(&mut [0; 8]) == Read::End && shared.pending() == 0,
                shared.wait(None) == Woken::Ready && shared.is_ended() && shared.fd().is_err(),
                {
                    shared.shutdown();
                    let mut tokens = Vec::new();
                    poller.take(&mut tokens);
                    tokens.is_empty()
                },
            ];
            drop((db, line, subscription, watch, typed, shared));
            let own = Db::memory();
            own.set("a", "child").unwrap();
            refused.iter().all(|refused| *refused) && own.get("a").unwrap().unwrap() == "child"
        });
        assert_eq!(status, 0, "round {round}");
    }
    done.store(true, Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let count = written.load(Relaxed);
    stored.close().unwrap();
    drop(stored);
    let again = Db::open(&dir).unwrap();
    assert_eq!(again.get("count").unwrap().unwrap().to_string(), count.to_string());
    assert_eq!(again.llen("list").unwrap() as u64, count);
    drop(again);
    // A child may open what nobody else has.
    assert_eq!(in_a_child(|| Db::open(&dir).is_ok_and(|db| db.set("a", "child").is_ok())), 0);
    assert_eq!(Db::open(&dir).unwrap().get("a").unwrap().unwrap(), "child");
    fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_child_has_databases_of_its_own_while_other_threads_of_the_parent_wait() {
    let rounds: u64 = std::env::var("TENON_FORKS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let done = Arc::new(AtomicBool::new(false));
    let db = Db::memory();
    // They sleep and wake all the time.
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let (db, done) = (db.clone(), Arc::clone(&done));
            thread::spawn(move || {
                while !done.load(Relaxed) {
                    if number % 2 == 0 {
                        db.rpush("jobs", &["job"]).unwrap();
                    } else {
                        let _ = db.wait(tenondb::op::BLPop::new(&["jobs"], Duration::from_millis(1)));
                    }
                }
            })
        })
        .collect();
    for round in 0..rounds {
        let status = in_a_child(|| {
            let own = Db::memory();
            own.call(["SET", "k", "v", "PX", "1"]).unwrap();
            let waits = own.clone();
            let waiter =
                thread::spawn(move || waits.wait(tenondb::op::BLPop::new(&["q"], Duration::from_secs(60))));
            own.rpush("q", &["served"]).unwrap();
            waiter.join().unwrap().unwrap().unwrap().1 == "served"
        });
        assert_eq!(status, 0, "round {round}");
    }
    done.store(true, Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
