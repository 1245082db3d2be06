//! Commands that wait: who is served, in which order, and what becomes of those who go away.
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};
use tenondb::{
    Clock, Db, Keys, Lists, Options, Reply, Run, Side, Strings,
    op::{BLMove, BLPop, BRPop, BRPopLPush, Restore},
    resp::{Conn, ConnOptions},
};

const FOR_EVER: Duration = Duration::ZERO;

fn ask(db: &Db, line: &str) -> String {
    match db.call(line.split(' ')) {
        Ok(Reply::Nil) => "nil".into(),
        Ok(Reply::Int(value)) => value.to_string(),
        Ok(Reply::Array(list)) => list
            .iter()
            .map(|one| one.as_bytes().map_or(format!("{one:?}"), |text| text.escape_ascii().to_string()))
            .collect::<Vec<_>>()
            .join(" "),
        Ok(reply) => reply.as_bytes().map_or(format!("{reply:?}"), |text| text.escape_ascii().to_string()),
        Err(error) => error.to_string(),
    }
}

fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

fn hear(conn: &mut Conn) -> String {
    conn.pump();
    String::from_utf8(conn.take_output()).unwrap()
}

/// Waits until `count` callers wait.
fn until_waiting(db: &Db, count: usize) {
    let line = format!("blocked_clients:{count}\r\n");
    while !String::from_utf8_lossy(db.call(["INFO", "clients"]).unwrap().as_bytes().unwrap()).contains(&line)
    {
        thread::yield_now();
    }
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_thread_is_woken_by_a_push() {
    let db = Db::memory();
    let waiting = thread::spawn({
        let db = db.clone();
        move || db.wait(BLPop::new(&["a", "b"], FOR_EVER))
    });
    until_waiting(&db, 1);
    assert_eq!(ask(&db, "RPUSH b one two"), "2");
    let (key, element) = waiting.join().unwrap().unwrap().unwrap();
    assert_eq!((&*key, &*element), (&b"b"[..], &b"one"[..]));
    assert_eq!(ask(&db, "LRANGE b 0 -1"), "two");
    until_waiting(&db, 0);
}

#[test]
fn a_call_by_words_waits_too_and_comes_back_empty_handed() {
    let db = Db::memory();
    assert_eq!(ask(&db, "BLPOP a 0.01"), "nil");
    assert_eq!(ask(&db, "BLMOVE a b LEFT LEFT 0.01"), "nil");
    assert_eq!(ask(&db, "XREAD BLOCK 10 STREAMS s $"), "nil");
    until_waiting(&db, 0);
}

#[test]
fn who_came_first_is_served_first() {
    let db = Db::memory();
    let mut conns: Vec<Conn> = (0..5).map(|_| Conn::new(&db)).collect();
    for conn in &mut conns {
        assert_eq!(say(conn, "BLPOP q 0"), "");
    }
    assert_eq!(ask(&db, "RPUSH q 0 1 2"), "3");
    let heard: Vec<String> = conns.iter_mut().map(hear).collect();
    let want = |n: usize| format!("*2\r\n$1\r\nq\r\n$1\r\n{n}\r\n");
    assert_eq!(heard, [want(0), want(1), want(2), String::new(), String::new()]);
    assert_eq!(ask(&db, "EXISTS q"), "0");
    assert_eq!(ask(&db, "RPUSH q 3 4 5"), "3");
    assert_eq!(hear(&mut conns[3]), want(3));
    assert_eq!(hear(&mut conns[4]), want(4));
    assert_eq!(ask(&db, "LRANGE q 0 -1"), "5");
}

#[test]
fn what_a_move_makes_ready_is_served_in_the_same_step() {
    let db = Db::memory();
    // Whatever stripes the three keys are in: the step takes all of them.
    for n in 0..50 {
        let keys = [format!("a{n}"), format!("b{n}"), format!("c{n}")];
        let [a, b, c] = &keys;
        let mut last = Conn::new(&db);
        assert_eq!(say(&mut last, &format!("BRPOP {c} 0")), "");
        let mut second = Conn::new(&db);
        assert_eq!(say(&mut second, &format!("BLMOVE {b} {c} LEFT RIGHT 0")), "");
        let mut first = Conn::new(&db);
        assert_eq!(say(&mut first, &format!("BRPOPLPUSH {a} {b} 0")), "");
        assert_eq!(ask(&db, &format!("LPUSH {a} x")), "1");
        assert_eq!(hear(&mut first), "$1\r\nx\r\n");
        assert_eq!(hear(&mut second), "$1\r\nx\r\n");
        assert!(hear(&mut last).ends_with("$1\r\nx\r\n"));
        assert_eq!(ask(&db, &format!("EXISTS {a} {b} {c}")), "0");
    }
}

#[test]
fn every_way_to_make_a_key_ready_serves() {
    let makers: [(&str, &[&str]); 8] = [
        ("rename", &["RPUSH other x", "RENAME other q"]),
        ("copy", &["COPY src q"]),
        ("move", &["SELECT 1", "RPUSH q x", "MOVE q 0"]),
        ("sort", &["SORT src ALPHA STORE q"]),
        ("exec", &["MULTI", "RPUSH q x", "EXEC"]),
        ("swap", &["SELECT 1", "RPUSH q x", "SWAPDB 0 1"]),
        ("lmove", &["RPUSH t x", "LMOVE t q LEFT LEFT"]),
        ("insert and take", &["RPUSH q x"]),
    ];
    for (name, lines) in makers {
        let db = Db::memory();
        db.rpush("src", &["x"]).unwrap();
        let (mut waits, mut maker) = (Conn::new(&db), Conn::new(&db));
        assert_eq!(say(&mut waits, "BLPOP q 0"), "");
        for line in lines {
            let reply = say(&mut maker, line);
            assert!(!reply.starts_with('-'), "{name}: {reply}");
        }
        assert!(hear(&mut waits).ends_with("$1\r\nx\r\n"), "{name}");
    }
    for (waits_for, made_by, heard) in [
        ("BLPOP q 0", "RPUSH q x", "$1\r\nx\r\n"),
        ("BZPOPMIN q 0", "ZADD q 1 x", "$1\r\nx\r\n$1\r\n1\r\n"),
        ("XREAD BLOCK 0 STREAMS q 0-0", "XADD q 1-1 f x", "$1\r\nx\r\n"),
        ("XREADGROUP GROUP g c BLOCK 0 STREAMS q >", "XADD q 1-1 f x", "$1\r\nx\r\n"),
    ] {
        let db = Db::memory();
        ask(&db, made_by);
        ask(&db, "XGROUP CREATE q g 0");
        let payload = db.dump("q").unwrap().unwrap();
        if waits_for.starts_with("XREADGROUP") {
            ask(&db, "XDEL q 1-1");
        } else {
            ask(&db, "DEL q");
        }
        let mut waits = Conn::new(&db);
        assert_eq!(say(&mut waits, waits_for), "", "{waits_for}");
        db.run(Restore::new("q", &payload).replacing()).unwrap();
        assert!(hear(&mut waits).ends_with(heard), "{waits_for}");

        let db = Db::memory();
        if waits_for.starts_with("XREADGROUP") {
            ask(&db, "XGROUP CREATE q g 0 MKSTREAM");
        }
        let mut waits = Conn::new(&db);
        assert_eq!(say(&mut waits, waits_for), "", "{waits_for}");
        let script = ["EVAL", "return redis.call(unpack(ARGV))", "0"];
        db.call(script.into_iter().chain(made_by.split(' '))).unwrap();
        assert!(hear(&mut waits).ends_with(heard), "{waits_for}, by a script");
    }
    let db = Db::memory();
    let mut waits = Conn::new(&db);
    assert_eq!(say(&mut waits, "BLPOP q 0"), "");
    db.transaction(|tx| tx.rpush("q", &["y"])).unwrap();
    assert!(hear(&mut waits).ends_with("$1\r\ny\r\n"), "transaction");
}

#[test]
fn what_a_transaction_makes_and_takes_away_again_wakes_nobody() {
    let db = Db::memory();
    let (mut waits, mut maker) = (Conn::new(&db), Conn::new(&db));
    assert_eq!(say(&mut waits, "BLPOP q 0"), "");
    for line in ["MULTI", "RPUSH q x", "DEL q", "SET q string", "EXEC"] {
        say(&mut maker, line);
    }
    assert_eq!(hear(&mut waits), "");
    assert_eq!(ask(&db, "DEL q"), "1");
    assert_eq!(ask(&db, "RPUSH q y"), "1");
    assert!(hear(&mut waits).ends_with("$1\r\ny\r\n"));
}

#[test]
fn inside_a_transaction_nothing_waits() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    for line in ["MULTI", "BLPOP q 0", "BLMOVE q r LEFT LEFT 0", "XREAD BLOCK 0 STREAMS s $"] {
        say(&mut conn, line);
    }
    assert_eq!(say(&mut conn, "EXEC"), "*3\r\n*-1\r\n$-1\r\n*-1\r\n");
    let mut batch = db.batch();
    batch.call(["BRPOP", "q", "0"]);
    assert_eq!(batch.run().unwrap(), [Reply::Nil]);
}

#[test]
fn pipelined_commands_wait_behind_and_go_on_afterwards() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    conn.feed(b"SET a 1\r\nBLPOP q 0\r\nGET a\r\nBLPOP q 0\r\nPING\r\n");
    assert_eq!(String::from_utf8(conn.take_output()).unwrap(), "+OK\r\n");
    assert!(conn.is_blocked());
    db.set("a", "2").unwrap();
    db.rpush("q", &["x"]).unwrap();
    assert_eq!(hear(&mut conn), "*2\r\n$1\r\nq\r\n$1\r\nx\r\n$1\r\n2\r\n");
    assert_eq!(say(&mut conn, "ECHO more"), "");
    db.rpush("q", &["y"]).unwrap();
    assert_eq!(hear(&mut conn), "*2\r\n$1\r\nq\r\n$1\r\ny\r\n+PONG\r\n$4\r\nmore\r\n");
    assert!(!conn.is_blocked());
}

#[test]
fn a_deadline_goes_by_the_databases_clock() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, ..Options::default() });
    let mut conn = Conn::new(&db);
    assert_eq!(say(&mut conn, "BLPOP q 60"), "");
    clock.advance_ms(59_999);
    db.tick(1_000);
    assert_eq!(hear(&mut conn), "");
    clock.advance_ms(1);
    db.tick(1_000);
    assert_eq!(hear(&mut conn), "*-1\r\n");
    let waiting = thread::spawn({
        let db = db.clone();
        move || db.wait(BRPop::new(&["q"], Duration::from_secs(3_600)))
    });
    until_waiting(&db, 1);
    clock.advance_ms(3_600_000);
    assert_eq!(waiting.join().unwrap().unwrap(), None);
}

#[test]
fn the_background_thread_keeps_the_deadlines_of_connections() {
    let db = Db::memory();
    let woken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&woken);
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let mut conn = Conn::open(&db, ConnOptions { wake: Some(wake), ..ConnOptions::default() });
    assert_eq!(say(&mut conn, "BLPOP q 0.02"), "");
    while woken.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
    assert_eq!(hear(&mut conn), "*-1\r\n");
}

#[test]
fn a_wait_is_ended_from_outside() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    let id = conn.id();
    assert_eq!(ask(&db, &format!("CLIENT UNBLOCK {id}")), "0");
    assert_eq!(say(&mut conn, "BLPOP q 0"), "");
    let list = ask(&db, "CLIENT LIST");
    assert!(list.contains("flags=b") && list.contains("cmd=blpop"), "{list}");
    assert_eq!(ask(&db, &format!("CLIENT UNBLOCK {id}")), "1");
    assert_eq!(hear(&mut conn), "*-1\r\n");
    assert_eq!(say(&mut conn, "BLPOP q 0"), "");
    assert_eq!(ask(&db, &format!("CLIENT UNBLOCK {id} ERROR")), "1");
    assert_eq!(ask(&db, &format!("CLIENT UNBLOCK {id} ERROR")), "0");
    assert_eq!(hear(&mut conn), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
    assert_eq!(ask(&db, "RPUSH q x"), "1");
    assert_eq!(ask(&db, "LLEN q"), "1");
}

#[test]
fn who_waits_when_the_database_closes_is_told_and_so_is_who_comes_later() {
    let db = Db::memory();
    let waiting = thread::spawn({
        let db = db.clone();
        move || ask(&db, "BLPOP q 0")
    });
    until_waiting(&db, 1);
    db.close().unwrap();
    assert_eq!(waiting.join().unwrap(), "ERR the database is closed");
    assert_eq!(ask(&db, "BLPOP q 0"), "ERR the database is closed");
    // What need not wait goes on.
    assert_eq!(ask(&db, "RPUSH q a"), "1");
    assert_eq!(ask(&db, "BLPOP q 0"), "q a");
}

#[test]
fn a_future_is_woken_and_a_dropped_one_gives_back_what_it_got() {
    let db = Db::memory();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    let mut pops: Vec<_> = (0..3).map(|_| Box::pin(db.pending(BRPop::new(&["q"], FOR_EVER)))).collect();
    for pop in &mut pops {
        assert!(Pin::new(pop).poll(&mut context).is_pending());
    }
    db.rpush("q", &["a", "b"]).unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 2);
    let Poll::Ready(Ok(Some((_, element)))) = Pin::new(&mut pops[0]).poll(&mut context) else { panic!() };
    assert_eq!(element, "b");
    // The second was served and goes away untold; the third waits still and gets what comes back.
    drop(pops.remove(1));
    let Poll::Ready(Ok(Some((_, element)))) = Pin::new(&mut pops[1]).poll(&mut context) else { panic!() };
    assert_eq!(element, "a");
    drop(pops);
    assert_eq!(ask(&db, "INFO clients").matches("blocked_clients:0").count(), 1);
    let pop = db.pending(BLPop::new(&["q"], FOR_EVER));
    db.rpush("q", &["c", "d"]).unwrap();
    drop(pop);
    assert_eq!(ask(&db, "LRANGE q 0 -1"), "c d");
}

#[test]
fn a_connection_that_goes_away_untold_gives_back_what_it_got() {
    let db = Db::memory();
    for (line, want) in
        [("BLPOP q 0", "x y z"), ("BRPOP q 0", "x y z"), ("BLMPOP 0 1 q LEFT COUNT 2", "x y z")]
    {
        let mut conn = Conn::new(&db);
        assert_eq!(say(&mut conn, line), "");
        db.rpush("q", &["x", "y", "z"]).unwrap();
        drop(conn);
        assert_eq!(ask(&db, "LRANGE q 0 -1"), want, "{line}");
        db.del(&["q"]).unwrap();
    }
}

#[test]
fn a_type_that_does_not_fit_is_waited_out_and_a_wrong_target_is_told() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    assert_eq!(say(&mut conn, "BLPOP q 0"), "");
    ask(&db, "SADD q member");
    ask(&db, "DEL q");
    ask(&db, "SET target string");
    let mut moves = Conn::new(&db);
    assert_eq!(say(&mut moves, "BLMOVE r target LEFT LEFT 0"), "");
    ask(&db, "RPUSH r x");
    assert!(hear(&mut moves).starts_with("-WRONGTYPE"));
    assert_eq!(ask(&db, "LRANGE r 0 -1"), "x");
    assert!(say(&mut moves, "BLPOP target 0").starts_with("-WRONGTYPE"));
    ask(&db, "RPUSH q y");
    assert!(hear(&mut conn).ends_with("y\r\n"));
}

#[test]
fn readers_of_a_stream_are_served_and_told_when_their_group_has_gone() {
    let db = Db::memory();
    let mut readers: Vec<Conn> = (0..2).map(|_| Conn::new(&db)).collect();
    ask(&db, "XADD s 1-1 f v");
    for reader in &mut readers {
        assert_eq!(say(reader, "XREAD BLOCK 0 STREAMS s $"), "");
    }
    ask(&db, "XADD s 2-1 g w");
    for reader in &mut readers {
        let heard = hear(reader);
        assert!(heard.contains("2-1") && !heard.contains("1-1"), "{heard}");
    }
    ask(&db, "XGROUP CREATE s workers $");
    let [first, second] = &mut readers[..] else { panic!() };
    assert_eq!(say(first, "XREADGROUP GROUP workers one BLOCK 0 STREAMS s >"), "");
    assert_eq!(say(second, "XREADGROUP GROUP workers two BLOCK 0 STREAMS s >"), "");
    ask(&db, "XADD s 3-1 h x");
    assert!(hear(first).contains("3-1"));
    assert_eq!(hear(second), "");
    ask(&db, "DEL s");
    assert!(hear(second).starts_with("-NOGROUP"));
}

#[test]
fn a_move_by_the_typed_api_leaves_its_element_at_the_target() {
    let db = Db::memory();
    let moves = db.pending(BLMove::new("a", "b", Side::Left, Side::Right, FOR_EVER));
    db.rpush("a", &["x"]).unwrap();
    drop(moves);
    assert_eq!(ask(&db, "LRANGE b 0 -1"), "x");
    db.rpush("a", &["y"]).unwrap();
    assert_eq!(db.wait(BRPopLPush::new("a", "b", FOR_EVER)).unwrap().unwrap(), "y");
    assert_eq!(ask(&db, "LRANGE b 0 -1"), "y x");
}

#[test]
fn nothing_is_lost_and_nothing_served_twice_between_threads() {
    const TASKS: usize = 3_000;
    let db = Db::memory();
    let (served, sum) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 0..4 {
            let (db, served, sum) = (&db, &served, &sum);
            scope.spawn(move || {
                let keys = [format!("q{}", n % 2), format!("q{}", (n + 1) % 2)];
                while served.load(Ordering::SeqCst) < TASKS {
                    let timeout = Duration::from_millis(1 + n as u64);
                    if let Some((_, task)) = db.wait(BLPop::new(&keys, timeout)).unwrap() {
                        served.fetch_add(1, Ordering::SeqCst);
                        sum.fetch_add(std::str::from_utf8(&task).unwrap().parse().unwrap(), Ordering::SeqCst);
                    }
                }
            });
        }
        for n in 0..2 {
            let db = &db;
            scope.spawn(move || {
                for task in (n..TASKS).step_by(2) {
                    db.rpush(format!("q{n}"), &[task.to_string()]).unwrap();
                }
            });
        }
    });
    assert_eq!((served.into_inner(), sum.into_inner()), (TASKS, TASKS * (TASKS - 1) / 2));
    assert_eq!(ask(&db, "DBSIZE"), "0");
}
