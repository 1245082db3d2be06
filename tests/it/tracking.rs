//! Caches that are told what to forget: by connections (CLIENT TRACKING) and inside the program (`watch_prefix`).
use std::{
    collections::HashMap,
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};
use tenondb::{
    Clock, Db, Invalidation, Keys, Options, PrefixWatch, Strings, WatchOptions,
    resp::{Conn, ConnOptions},
};

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

fn heard(conn: &mut Conn) -> String {
    conn.pump();
    String::from_utf8(conn.take_output()).unwrap()
}

/// A connection of RESP3 that tracks with these options.
fn tracking(db: &Db, options: &str) -> Conn {
    let mut conn = Conn::new(db);
    say(&mut conn, "HELLO 3");
    assert_eq!(say(&mut conn, &format!("CLIENT TRACKING ON {options}")), "+OK\r\n");
    conn
}

/// What a connection of RESP3 is told of these keys.
fn stale(keys: &[&str]) -> String {
    let keys: String = keys.iter().map(|key| format!("${}\r\n{key}\r\n", key.len())).collect();
    format!(">2\r\n$10\r\ninvalidate\r\n*{}\r\n{keys}", keys.matches('$').count())
}

const ALL_STALE: &str = ">2\r\n$10\r\ninvalidate\r\n_\r\n";

fn key(name: &str) -> Invalidation {
    Invalidation::Key(name.as_bytes().into())
}

fn told(watch: &PrefixWatch) -> Vec<Invalidation> {
    std::iter::from_fn(|| watch.try_recv()).collect()
}

fn info(conn: &mut Conn, field: &str) -> String {
    let text = say(conn, "INFO");
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {field}")).to_owned()
}

/// Something that reads numbers through a cache.
trait Cached {
    fn read(&mut self, key: &str) -> u64;
}

struct Watched {
    db: Db,
    watch: PrefixWatch,
    cache: HashMap<Vec<u8>, u64>,
    hits: usize,
}

impl Cached for Watched {
    fn read(&mut self, key: &str) -> u64 {
        while let Some(stale) = self.watch.try_recv() {
            match stale {
                Invalidation::Key(key) => drop(self.cached(&key)),
                Invalidation::All => self.cache.clear(),
            }
        }
        if let Some(value) = self.cache.get(key.as_bytes()) {
            self.hits += 1;
            return *value;
        }
        let value = self.db.get(key).unwrap().map_or(0, |value| value.to_string().parse().unwrap());
        self.cache.insert(key.into(), value);
        value
    }
}

impl Watched {
    fn cached(&mut self, key: &[u8]) -> Option<u64> {
        self.cache.remove(key)
    }
}

struct Tracked {
    conn: Conn,
    cache: HashMap<String, u64>,
}

impl Tracked {
    /// Takes invalidations out of what has come, and returns the value of the reply, if there was one. Replies and
    /// invalidations count in the order in which they came.
    fn hear(&mut self, asked: &str, text: &str) -> Option<u64> {
        let mut lines = text.split("\r\n");
        let mut answer = None;
        while let Some(line) = lines.next() {
            if line == ">2" {
                assert_eq!((lines.next(), lines.next()), (Some("$10"), Some("invalidate")));
                match lines.next() {
                    Some("*1") => drop(self.cache.remove(lines.nth(1).unwrap())),
                    other => {
                        assert_eq!(other, Some("_"));
                        self.cache.clear();
                    }
                }
            } else if line.starts_with('$') || line == "_" {
                let value = if line == "_" { 0 } else { lines.next().unwrap().parse().unwrap() };
                self.cache.insert(asked.into(), value);
                answer = Some(value);
            }
        }
        answer
    }
}

impl Cached for Tracked {
    fn read(&mut self, key: &str) -> u64 {
        let text = heard(&mut self.conn);
        self.hear("", &text);
        if let Some(value) = self.cache.get(key) {
            return *value;
        }
        let text = say(&mut self.conn, &format!("GET {key}"));
        self.hear(key, &text).unwrap()
    }
}

/// Writers count upwards and note what they have written when the call has returned; whoever reads through the cache
/// afterwards must not get less.
fn is_never_stale<C: Cached>(db: &Db, cache: &mut C) {
    const KEYS: usize = 4;
    const WRITES: u64 = 3_000;
    let floors: [AtomicU64; KEYS] = Default::default();
    let names: Vec<String> = (0..KEYS).map(|n| format!("n:{n}")).collect();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (floors, names, db) = (&floors, &names, db.clone());
                scope.spawn(move || {
                    for n in 0..WRITES {
                        let at = n as usize * 2 % KEYS + writer;
                        let written = match n % 3 {
                            0 => db.incr(&names[at]).unwrap(),
                            1 => db.transaction(|tx| tx.incr(&names[at])).unwrap(),
                            _ => {
                                let mut batch = db.batch();
                                batch.call(["INCR", &names[at]]);
                                batch.run().unwrap()[0].as_int().unwrap()
                            }
                        };
                        floors[at].store(written as u64, Ordering::Release);
                    }
                })
            })
            .collect();
        let mut reads = 0;
        while reads < 20_000 || writers.iter().any(|writer| !writer.is_finished()) {
            let at = reads % KEYS;
            let floor = floors[at].load(Ordering::Acquire);
            let value = cache.read(&names[at]);
            assert!(value >= floor, "{} is stale: {value} < {floor}", names[at]);
            reads += 1;
        }
    });
    for (name, floor) in names.iter().zip(&floors) {
        assert_eq!(cache.read(name), floor.load(Ordering::Acquire), "{name}");
    }
}

#[test]
fn a_cache_that_is_told_by_a_watch_is_never_stale() {
    let db = Db::memory();
    let watch = db.watch_prefix("n:").unwrap();
    let mut cache = Watched { db: db.clone(), watch, cache: HashMap::new(), hits: 0 };
    is_never_stale(&db, &mut cache);
    assert!(cache.hits > 0, "nothing was ever cached");
}

#[test]
fn a_cache_that_overflows_is_never_stale_either() {
    let db = Db::memory();
    let options = WatchOptions { capacity: 2, ..WatchOptions::default() };
    let watch = db.watch_prefix_with("", options).unwrap();
    is_never_stale(&db, &mut Watched { db: db.clone(), watch, cache: HashMap::new(), hits: 0 });
}

#[test]
fn a_cache_of_a_connection_is_never_stale() {
    let db = Db::memory();
    is_never_stale(&db, &mut Tracked { conn: tracking(&db, ""), cache: HashMap::new() });
}

#[test]
fn a_cache_of_a_connection_is_never_stale_though_keys_are_forgotten() {
    let db = Db::memory();
    db.call(["CONFIG", "SET", "tracking-table-max-keys", "2"]).unwrap();
    is_never_stale(&db, &mut Tracked { conn: tracking(&db, ""), cache: HashMap::new() });
}

#[test]
fn a_cache_of_prefixes_is_never_stale() {
    let db = Db::memory();
    is_never_stale(&db, &mut Tracked { conn: tracking(&db, "BCAST PREFIX n:"), cache: HashMap::new() });
}

#[test]
fn a_watch_is_told_of_its_prefix_before_the_call_returns() {
    let db = Db::memory();
    db.set("a:0", "before").unwrap();
    let (some, all) = (db.watch_prefix("a:").unwrap(), db.watch_prefix("").unwrap());
    assert_eq!(some.prefix(), b"a:");
    db.set("a:1", "x").unwrap();
    db.select(3).unwrap().set("a:2", "x").unwrap();
    db.set("b", "x").unwrap();
    db.set("a", "x").unwrap();
    assert!(db.get("a:1").unwrap().is_some());
    assert_eq!(db.del(&["a:nothing"]).unwrap(), 0);
    assert_eq!(told(&some), [key("a:1"), key("a:2")]);
    assert_eq!(told(&all), [key("a:1"), key("a:2"), key("b"), key("a")]);
    drop(all);
    db.rename("a:1", "a:3").unwrap();
    assert_eq!(told(&some), [key("a:1"), key("a:3")]);
    assert!(some.is_empty() && some.try_recv().is_none());
    assert_eq!(some.recv_timeout(Duration::from_millis(1)), None);
}

#[test]
fn a_transaction_tells_when_it_commits_and_nothing_when_it_is_rolled_back() {
    let db = Db::memory();
    let watch = db.watch_prefix("").unwrap();
    let mut conn = tracking(&db, "");
    say(&mut conn, "GET a");
    let failed: tenondb::Result<()> = db.transaction(|tx| {
        tx.set("a", "1")?;
        tx.set("b", "1")?;
        Err(tenondb::Error::new(tenondb::Kind::Misuse, "ERR no"))
    });
    assert!(failed.is_err());
    assert!(told(&watch).is_empty() && heard(&mut conn).is_empty());
    db.transaction(|tx| {
        tx.set("a", "1")?;
        assert!(told(&watch).is_empty());
        tx.set("b", "1")
    })
    .unwrap();
    assert_eq!(told(&watch), [key("a"), key("b")]);
    assert_eq!(heard(&mut conn), stale(&["a"]));
}

#[test]
fn what_expires_is_told_also_to_who_is_not_told_of_his_own_changes() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, ..Options::default() });
    let watch = db.watch_prefix("").unwrap();
    let mut conn = tracking(&db, "NOLOOP");
    say(&mut conn, "SET a 1 PX 10");
    say(&mut conn, "SET b 1 PX 10");
    assert_eq!(told(&watch), [key("a"), key("b")]);
    say(&mut conn, "GET a");
    say(&mut conn, "GET b");
    clock.advance_ms(20);
    // The write finds the old one dead; its share of the upkeep may take out the other.
    let mut all = say(&mut conn, "APPEND a x");
    db.tick(1_000_000);
    all.push_str(&heard(&mut conn));
    let orders = [["a", "b"], ["b", "a"]].map(|[first, then]| [stale(&[first]), stale(&[then])].concat());
    assert!(orders.iter().any(|order| all == format!(":1\r\n{order}")), "{all:?}");
    let mut last = told(&watch);
    last.sort_by_key(|stale| *stale == key("b"));
    last.dedup();
    assert_eq!(last, [key("a"), key("b")]);
}

#[test]
fn a_flush_tells_everybody_to_forget_everything() {
    let db = Db::memory();
    let watch = db.watch_prefix("a").unwrap();
    let mut reads = tracking(&db, "NOLOOP");
    let mut prefixes = tracking(&db, "BCAST PREFIX b");
    db.set("ab", "1").unwrap();
    db.call(["FLUSHALL"]).unwrap();
    assert_eq!(told(&watch), [Invalidation::All], "older ones have nothing to add");
    assert_eq!([heard(&mut reads), heard(&mut prefixes)], [ALL_STALE, ALL_STALE]);
    assert_eq!(say(&mut reads, "FLUSHDB"), format!("+OK\r\n{ALL_STALE}"));
    db.call(["SWAPDB", "0", "1"]).unwrap();
    db.set("ab", "1").unwrap();
    assert_eq!(told(&watch), [Invalidation::All, key("ab")]);
    assert_eq!(heard(&mut prefixes), ALL_STALE.repeat(2));
}

#[test]
fn a_watch_without_room_forgets_everything_instead_of_losing_something() {
    let db = Db::memory();
    let options = WatchOptions { capacity: 3, ..WatchOptions::default() };
    let watch = db.watch_prefix_with("", options).unwrap();
    for n in 0..5 {
        db.set(format!("k{n}"), "x").unwrap();
    }
    assert_eq!(told(&watch), [Invalidation::All, key("k4")]);
    let options = WatchOptions { bytes_max: 100, ..WatchOptions::default() };
    let watch = db.watch_prefix_with("", options).unwrap();
    db.set("a", "x").unwrap();
    db.set("b", "x").unwrap();
    assert_eq!(told(&watch), [Invalidation::All]);
    let long = "l".repeat(1_000);
    db.set(&long, "x").unwrap();
    assert_eq!(told(&watch), [key(&long)], "a single one is taken whatever its size");
}

#[test]
fn a_thread_and_a_future_are_woken() {
    struct Flag(AtomicBool);
    impl Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let db = Db::memory();
    let watch = db.watch_prefix("").unwrap();
    let first = thread::scope(|scope| {
        let reader = scope.spawn(|| watch.recv());
        db.set("a", "1").unwrap();
        reader.join().unwrap()
    });
    assert_eq!(first, key("a"));
    let mut watch = watch;
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut cx = Context::from_waker(&waker);
    let mut next = pin!(watch.recv_async());
    assert!(next.as_mut().poll(&mut cx).is_pending());
    db.set("b", "1").unwrap();
    assert!(flag.0.load(Ordering::SeqCst));
    assert_eq!(next.as_mut().poll(&mut cx), Poll::Ready(key("b")));
}

#[test]
fn another_connection_is_told_instead_as_long_as_it_is_there() {
    let db = Db::memory();
    let rings = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&rings);
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let mut other = Conn::open(&db, ConnOptions { wake: Some(wake), ..ConnOptions::default() });
    let mut conn = Conn::new(&db);
    let options = format!("CLIENT TRACKING ON REDIRECT {}", other.id());
    assert_eq!(say(&mut conn, &options), "+OK\r\n");
    assert_eq!(say(&mut conn, "CLIENT GETREDIR"), format!(":{}\r\n", other.id()));
    say(&mut conn, "GET a");
    db.set("a", "1").unwrap();
    assert_eq!(heard(&mut other), "", "who does not listen is not told");
    say(&mut other, "SUBSCRIBE __redis__:invalidate");
    say(&mut conn, "GET a");
    db.set("a", "1").unwrap();
    assert_eq!(rings.load(Ordering::SeqCst), 1);
    let head = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n";
    assert_eq!(heard(&mut other), format!("{head}*1\r\n$1\r\na\r\n"));
    db.call(["FLUSHALL"]).unwrap();
    assert_eq!(heard(&mut other), format!("{head}$-1\r\n"));
    say(&mut other, "RESET");
    say(&mut other, "HELLO 3");
    say(&mut conn, "GET a");
    db.set("a", "1").unwrap();
    assert_eq!(heard(&mut other), stale(&["a"]));
    assert!(say(&mut conn, "CLIENT INFO").contains("flags=t capa= db=0 "));
    let id = other.id();
    drop(other);
    say(&mut conn, "GET a");
    db.set("a", "1").unwrap();
    assert_eq!(heard(&mut conn), "", "RESP2 has no words for it");
    let line = say(&mut conn, "CLIENT INFO");
    assert!(line.contains("flags=tR ") && line.contains(&format!("redir={id} ")), "{line}");
    assert!(say(&mut conn, "CLIENT TRACKINGINFO").contains("broken_redirect"));
    say(&mut conn, "HELLO 3");
    db.call(["FLUSHALL"]).unwrap();
    assert_eq!(heard(&mut conn), format!(">2\r\n$21\r\ntracking-redir-broken\r\n:{id}\r\n"));
    assert_eq!(say(&mut conn, "CLIENT TRACKING ON"), "+OK\r\n");
    assert!(!say(&mut conn, "CLIENT TRACKINGINFO").contains("broken_redirect"));
}

#[test]
fn what_somebody_else_is_served_is_not_the_doing_of_who_serves() {
    let db = Db::memory();
    let mut conn = tracking(&db, "BCAST NOLOOP");
    assert_eq!(say(&mut conn, "LPUSH q a"), ":1\r\n");
    say(&mut conn, "DEL q");
    let mut waits = Conn::new(&db);
    assert_eq!(say(&mut waits, "BLPOP q 0"), "");
    assert_eq!(say(&mut conn, "LPUSH q a"), format!(":1\r\n{}", stale(&["q"])));
}

#[test]
fn what_a_waiting_command_was_answered_comes_before_its_invalidation() {
    let db = Db::memory();
    let mut conn = tracking(&db, "");
    assert_eq!(say(&mut conn, "XREAD BLOCK 0 STREAMS s $"), "");
    db.call(["XADD", "s", "1-1", "f", "v"]).unwrap();
    let text = heard(&mut conn);
    let (answer, after) = text.split_at(text.find(">2").unwrap());
    assert!(answer.contains("1-1"), "{text}");
    assert_eq!(after, stale(&["s"]));
}

#[test]
fn the_table_is_bounded_and_whoever_is_forgotten_is_told() {
    let db = Db::memory();
    let mut conn = tracking(&db, "");
    let mut admin = Conn::new(&db);
    assert_eq!(say(&mut admin, "CONFIG SET tracking-table-max-keys 2"), "+OK\r\n");
    let text: String = (0..10).map(|n| say(&mut conn, &format!("GET k{n}"))).collect();
    assert_eq!(text.matches("invalidate").count(), 8);
    let mut other = tracking(&db, "BCAST PREFIX k PREFIX l");
    say(&mut conn, "GET k0");
    assert_eq!(info(&mut admin, "tracking_total_keys"), "2");
    assert_eq!(info(&mut admin, "tracking_total_items"), "2");
    assert_eq!(info(&mut admin, "tracking_total_prefixes"), "2");
    assert_eq!(info(&mut admin, "tracking_clients"), "2");
    assert_eq!(heard(&mut other), "", "nothing has changed");
    assert_eq!(say(&mut other, "RESET"), "+RESET\r\n");
    drop(conn);
    assert_eq!(info(&mut admin, "tracking_total_prefixes"), "0");
    assert_eq!(info(&mut admin, "tracking_clients"), "0");
    assert_eq!(say(&mut admin, "CONFIG SET tracking-table-max-keys 0"), "+OK\r\n");
}

#[test]
fn a_call_has_nobody_who_could_be_told() {
    let db = Db::memory();
    assert!(db.call(["CLIENT", "TRACKING", "ON"]).is_err());
    assert!(db.call(["CLIENT", "TRACKING", "OFF"]).is_ok());
}
