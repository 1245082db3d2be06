//! The hot path allocates nothing beyond the value itself, shown by a counting allocator.
#![expect(unsafe_code, reason = "an allocator that counts is an unsafe trait around the system's")]
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};
use tenondb::{Db, Hashes, Options, Sets, SortedSets, Strings, resp::Conn};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    /// Bytes that this thread has taken and not given back, and the most of them.
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

struct Counting;

fn count() {
    // A thread that is ending counts nothing.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

fn weigh(more: usize, less: usize) {
    let live = LIVE.try_with(|live| {
        live.set(live.get() + more as i64 - less as i64);
        live.get()
    });
    let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.unwrap_or_default())));
}

// SAFETY: every call is the system allocator's; counting touches a thread-local number only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        weigh(layout.size(), 0);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        weigh(0, layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        weigh(size, layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(mut body: impl FnMut()) -> u64 {
    // The first round fills what is made once: the table of commands, the hash's key.
    body();
    let before = COUNT.with(Cell::get);
    body();
    COUNT.with(Cell::get) - before
}

#[test]
fn the_hot_path_allocates_nothing() {
    let db = Db::memory();
    db.set("short", "0123456789").unwrap();
    db.set("long", [b'v'; 100]).unwrap();
    db.set("count", "10").unwrap();
    for n in 0..1000 {
        db.hset("small", &[(format!("field:{}", n % 8), "value")]).unwrap();
        db.hset("large", &[(format!("field:{n}"), "value")]).unwrap();
        db.zadd("board", f64::from(n), format!("member:{n}")).unwrap();
        db.sadd("set", &[format!("member:{n}")]).unwrap();
        db.sadd("few", &[format!("member:{}", n % 8)]).unwrap();
        db.sadd("numbers", &[(n % 100).to_string()]).unwrap();
        db.zadd("podium", 1.0, format!("member:{}", n % 8)).unwrap();
    }
    let mut results: Vec<(&str, u64, u64)> = Vec::new();
    let mut check = |name, allowed, body: &mut dyn FnMut()| results.push((name, allowed, allocations(body)));
    check("GET short", 0, &mut || drop(db.get("short").unwrap()));
    check("GET nothing", 0, &mut || drop(db.get("nothing").unwrap()));
    check("GET 100 bytes: the value", 1, &mut || drop(db.get("long").unwrap()));
    check("SET over", 0, &mut || db.set("short", "9876543210").unwrap());
    check("SET over, 100 bytes", 0, &mut || db.set("long", [b'w'; 100]).unwrap());
    check("INCR", 0, &mut || {
        black_box(db.incr("count").unwrap());
    });
    check("HGET small", 0, &mut || drop(db.hget("small", "field:7").unwrap()));
    check("HGET large", 0, &mut || drop(db.hget("large", "field:777").unwrap()));
    check("ZSCORE small", 0, &mut || {
        black_box(db.zscore("podium", "member:5").unwrap());
    });
    check("ZSCORE large", 0, &mut || {
        black_box(db.zscore("board", "member:500").unwrap());
    });
    check("SISMEMBER numbers", 0, &mut || {
        black_box(db.sismember("numbers", "50").unwrap());
    });
    check("SISMEMBER small", 0, &mut || {
        black_box(db.sismember("few", "member:5").unwrap());
    });
    check("SISMEMBER large", 0, &mut || {
        black_box(db.sismember("set", "member:500").unwrap());
    });
    let mut conn = Conn::new(&db);
    let requests: [(&str, &[u8]); 6] = [
        ("RESP GET", b"*2\r\n$3\r\nGET\r\n$5\r\nshort\r\n"),
        ("RESP GET, 100 bytes", b"*2\r\n$3\r\nGET\r\n$4\r\nlong\r\n"),
        ("RESP SET over", b"*3\r\n$3\r\nSET\r\n$5\r\nshort\r\n$10\r\n0123456789\r\n"),
        ("RESP INCR", b"*2\r\n$4\r\nINCR\r\n$5\r\ncount\r\n"),
        ("RESP ZSCORE", b"*3\r\n$6\r\nZSCORE\r\n$5\r\nboard\r\n$10\r\nmember:500\r\n"),
        ("RESP PING", b"*1\r\n$4\r\nPING\r\n"),
    ];
    for (name, request) in requests {
        let mut say = || {
            conn.feed(request);
            let len = black_box(conn.output()).len();
            conn.consume(len);
        };
        // The first time its buffers find their size.
        say();
        check(name, 0, &mut say);
    }
    let over: Vec<_> = results.iter().filter(|(_, allowed, seen)| seen > allowed).collect();
    assert!(over.is_empty(), "(what, allowed, allocations): {over:?}");
}

#[test]
fn what_a_script_removes_is_freed_while_it_runs() {
    // Everything is freed by this thread.
    let db = Db::with(Options { threads: 0, ..Options::default() });
    for n in 0..2000 {
        db.zadd("z", f64::from(n), format!("member-{n:032}")).unwrap();
    }
    let script =
        "for n = 1, 400 do redis.call('ZUNIONSTORE', 'to', 1, 'z', 'WEIGHTS', n) redis.call('DEL', 'to') end";
    let before = LIVE.get();
    PEAK.set(before);
    db.call(["EVAL", script, "0"]).unwrap();
    // One such set is some 200 KB.
    assert!(PEAK.get() - before < 20_000_000, "{} bytes", PEAK.get() - before);
}
