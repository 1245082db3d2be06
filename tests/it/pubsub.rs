//! Publishing and subscribing: order, bounds, who is cut, who hears of what; by threads, futures and connections.
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};
use tenondb::{
    Channels, Clock, Db, Kind, Options, OutputLimit, SubscribeOptions, Subscription, Topic,
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

/// What a number was published as.
fn number(body: &[u8]) -> usize {
    std::str::from_utf8(body).unwrap().parse().unwrap()
}

#[test]
fn every_subscriber_sees_the_messages_of_a_channel_in_one_order_and_those_of_a_publisher_in_his() {
    const PUBLISHERS: usize = 3;
    const EACH: usize = 2_000;
    let db = Db::memory();
    let mut all: Vec<Subscription> = (0..3).map(|_| db.subscribe(["c"])).collect();
    all.push(db.psubscribe(["?"]));
    let seen: Vec<Vec<usize>> = thread::scope(|scope| {
        let readers: Vec<_> = all
            .into_iter()
            .map(|mut sub| {
                scope.spawn(move || sub.by_ref().take(PUBLISHERS * EACH).map(|m| number(m.body())).collect())
            })
            .collect();
        for publisher in 0..PUBLISHERS {
            let db = &db;
            scope.spawn(move || {
                for n in 0..EACH {
                    assert_eq!(db.publish("c", (publisher * EACH + n).to_string()).unwrap(), 4);
                }
            });
        }
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    for publisher in 0..PUBLISHERS {
        let own: Vec<usize> = seen[0].iter().copied().filter(|n| n / EACH == publisher).collect();
        assert!(own.windows(2).all(|pair| pair[0] < pair[1]), "a publisher's messages stay in order");
        assert_eq!(own.len(), EACH);
    }
    assert!(seen.iter().all(|other| *other == seen[0]), "all have seen the same order");
}

/// Many on channels of their own, ten on a shared one, one of which does not read: the others miss nothing.
#[test]
fn a_slow_subscriber_harms_nobody_else() {
    const OWN: usize = 400;
    const SHARED: usize = 10;
    const MESSAGES: usize = 300;
    let db = Db::memory();
    let own: Vec<Subscription> = (0..OWN).map(|n| db.subscribe([format!("own:{n}")])).collect();
    let mut shared: Vec<Subscription> = (1..SHARED).map(|_| db.subscribe(["shared"])).collect();
    let narrow = SubscribeOptions { capacity: 50, ..SubscribeOptions::default() };
    let slow = db.subscription(narrow).to(Topic::Channel, ["shared"]);
    thread::scope(|scope| {
        for sub in &mut shared {
            scope.spawn(|| {
                let got: Vec<usize> = sub.take(MESSAGES).map(|m| number(m.body())).collect();
                assert!(got.into_iter().eq(0..MESSAGES));
            });
        }
        for part in own.chunks(OWN / 2) {
            scope.spawn(move || {
                for sub in part {
                    let got = [sub.recv().unwrap(), sub.recv().unwrap()];
                    assert!(got.iter().all(|m| m.channel() == m.body()));
                }
            });
        }
        let db = &db;
        scope.spawn(move || (0..MESSAGES).for_each(|n| _ = db.publish("shared", n.to_string()).unwrap()));
        for _ in 0..2 {
            for n in 0..OWN {
                assert_eq!(db.publish(format!("own:{n}"), format!("own:{n}")).unwrap(), 1);
            }
        }
    });
    assert!(slow.is_cut());
    assert_eq!((slow.len(), slow.dropped()), (50, 1));
    let got: Vec<usize> = slow.map(|m| number(m.body())).collect();
    assert!(got.into_iter().eq(0..50), "what came before it was cut is still read");
    assert_eq!(db.publish("shared", "x").unwrap(), SHARED - 1);
}

#[test]
fn a_cut_subscription_says_so_through_every_way_of_reading() {
    let db = Db::memory();
    let narrow = SubscribeOptions { capacity: 1, ..SubscribeOptions::default() };
    let mut sub = db.subscription(narrow).to(Topic::Channel, ["c"]);
    assert!(sub.try_recv().unwrap().is_none());
    assert!(sub.recv_timeout(Duration::from_millis(1)).unwrap().is_none());
    assert_eq!(
        [db.publish("c", "1").unwrap(), db.publish("c", "2").unwrap(), db.publish("c", "3").unwrap()],
        [1, 1, 0]
    );
    assert_eq!(sub.recv_timeout(Duration::ZERO).unwrap().unwrap().body(), b"1");
    assert_eq!(sub.try_recv().unwrap_err().kind(), Kind::Limit);
    assert_eq!(sub.recv().unwrap_err().kind(), Kind::Limit);
    assert_eq!(sub.recv_timeout(Duration::from_secs(9)).unwrap_err().kind(), Kind::Limit);
    assert!(sub.next().is_none());
    assert_eq!(finished(sub.recv_async()).unwrap().unwrap_err().kind(), Kind::Limit);
}

#[test]
fn a_subscription_changes_while_it_is_read() {
    let db = Db::memory();
    let sub = db.subscribe(["a"]);
    assert!(!sub.add(Topic::Channel, "a") && sub.add(Topic::Shard, "a") && sub.add(Topic::Pattern, "b*"));
    assert_eq!(
        [db.publish("a", "1").unwrap(), db.spublish("a", "2").unwrap(), db.publish("b1", "3").unwrap()],
        [1, 1, 1]
    );
    assert!(sub.remove(Topic::Channel, "a") && !sub.remove(Topic::Channel, "a"));
    assert_eq!(db.publish("a", "4").unwrap(), 0);
    let got: Vec<_> = (0..3).map(|_| sub.recv().unwrap()).collect();
    let told: Vec<_> = got.iter().map(|m| (m.topic(), m.pattern(), m.channel(), m.body())).collect();
    assert_eq!(
        told,
        [
            (Topic::Channel, None, &b"a"[..], &b"1"[..]),
            (Topic::Shard, None, b"a", b"2"),
            (Topic::Pattern, Some(&b"b*"[..]), b"b1", b"3"),
        ]
    );
    drop(sub);
    assert_eq!([db.publish("b1", "5").unwrap(), db.spublish("a", "6").unwrap()], [0, 0]);
}

struct Counts(AtomicUsize);

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The result of a future that is ready at once.
fn finished<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[test]
fn a_future_is_woken_when_there_is_a_message() {
    let db = Db::memory();
    let mut sub = db.subscribe(["c"]);
    let counts = Arc::new(Counts(AtomicUsize::new(0)));
    let waker = Waker::from(counts.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(sub.poll_next(&mut cx).is_pending());
    db.publish("c", "1").unwrap();
    db.publish("c", "2").unwrap();
    assert_eq!(counts.0.load(Ordering::SeqCst), 1, "one wake for what waits together");
    assert_eq!(finished(sub.recv_async()).unwrap().unwrap().body(), b"1");
    assert!(matches!(sub.poll_next(&mut cx), Poll::Ready(Some(m)) if m.body() == b"2"));
    assert!(sub.poll_next(&mut cx).is_pending());
}

#[test]
fn a_connection_is_woken_once_and_pumped() {
    let db = Db::memory();
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = woken.clone();
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || _ = counter.fetch_add(1, Ordering::SeqCst));
    let mut conn = Conn::open(&db, ConnOptions { wake: Some(wake), ..ConnOptions::default() });
    say(&mut conn, "SUBSCRIBE c");
    assert_eq!([db.publish("c", "1").unwrap(), db.publish("c", "2").unwrap()], [1, 1]);
    assert_eq!(woken.load(Ordering::SeqCst), 1);
    assert_eq!(
        heard(&mut conn),
        "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n1\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n2\r\n"
    );
    assert_eq!(heard(&mut conn), "");
    db.publish("c", "3").unwrap();
    assert_eq!(woken.load(Ordering::SeqCst), 2);
    drop(conn);
    assert_eq!(db.publish("c", "4").unwrap(), 0);
}

#[test]
fn a_connection_that_does_not_read_is_cut_and_counted() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    db.configure(|settings| {
        settings.client_output_buffer_limit[2] = OutputLimit { hard_bytes: 2000, soft_bytes: 0, soft_s: 0 };
    });
    let killed = Arc::new(AtomicBool::new(false));
    let flag = killed.clone();
    let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || flag.store(true, Ordering::SeqCst));
    let mut slow = Conn::open(&db, ConnOptions { wake: Some(wake), ..ConnOptions::default() });
    let mut other = Conn::new(&db);
    say(&mut slow, "SUBSCRIBE c d");
    say(&mut slow, "PSUBSCRIBE c*");
    say(&mut slow, "SSUBSCRIBE s");
    db.publish("d", "12345678").unwrap();
    let line = say(&mut other, "CLIENT LIST TYPE pubsub");
    for part in [" sub=2 ", " psub=1 ", " ssub=1 ", " flags=P ", " oll=1 ", " omem=73 "] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert_eq!(line.lines().filter(|line| line.starts_with("id=")).count(), 1);
    // What was taken and not sent counts with what waits.
    slow.pump();
    let room = 2000 - slow.output_len();
    let body = "x".repeat(room / 2);
    assert_eq!(
        [db.publish("d", &body).unwrap(), db.publish("d", &body).unwrap(), db.publish("d", "x").unwrap()],
        [1, 1, 0]
    );
    assert!(slow.is_closed() && killed.load(Ordering::SeqCst));
    assert_eq!((slow.output_len(), heard(&mut slow)), (0, String::new()));
    let info = say(&mut other, "INFO");
    for part in ["client_output_buffer_limit_disconnections:1", "pubsub_clients:", "pubsub_channels:"] {
        assert!(info.contains(part), "{part}");
    }
    drop(slow);
    let info = say(&mut other, "INFO");
    for part in ["pubsub_clients:0", "pubsub_channels:0", "pubsub_patterns:0", "pubsubshard_channels:0"] {
        assert!(info.contains(part), "{part}");
    }
}

#[test]
fn a_connection_whose_peer_does_not_take_what_was_pumped_is_cut_by_the_same_limit() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    db.configure(|settings| {
        settings.client_output_buffer_limit[2] = OutputLimit { hard_bytes: 0, soft_bytes: 100, soft_s: 5 };
    });
    let mut conn = Conn::new(&db);
    say(&mut conn, "SUBSCRIBE c");
    db.publish("c", "x".repeat(200)).unwrap();
    conn.pump();
    clock.advance_ms(5_000);
    assert!(!conn.check_output_limit());
    clock.advance_ms(1);
    assert!(conn.check_output_limit() && conn.is_closed());
}

#[test]
fn a_slow_peer_leaves_letters_in_the_mailbox() {
    let db = Db::memory();
    let mut conn = Conn::open(&db, ConnOptions { pause_above_bytes: 1000, ..ConnOptions::default() });
    say(&mut conn, "SUBSCRIBE c");
    let body = "x".repeat(100_000);
    (0..5).for_each(|_| _ = db.publish("c", &body).unwrap());
    let mut total = 0;
    for _ in 0..5 {
        conn.pump();
        // One message at a time: each is above what may wait.
        assert!((100_000..101_000).contains(&conn.output_len()));
        total += conn.take_output().len();
    }
    conn.pump();
    assert_eq!((conn.output_len(), total > 500_000), (0, true));
}

#[test]
fn client_kill_finds_subscribers() {
    let db = Db::memory();
    let (mut sub, mut other) = (Conn::new(&db), Conn::new(&db));
    say(&mut sub, "SUBSCRIBE c");
    assert_eq!(say(&mut other, "CLIENT KILL TYPE pubsub"), ":1\r\n");
    assert!(sub.is_closed());
    sub.pump();
    assert_eq!(db.publish("c", "x").unwrap(), 0);
    assert_eq!(say(&mut other, "CLIENT KILL TYPE normal SKIPME no"), ":1\r\n");
}

#[test]
fn a_call_without_a_connection_cannot_subscribe() {
    let db = Db::memory();
    for name in ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"] {
        let error = db.call([name, "c"]).unwrap_err();
        assert_eq!(error.to_string(), format!("ERR {name} isn't allowed for a DENY BLOCKING client"));
    }
    assert_eq!(db.publish("c", "x").unwrap(), 0);
}

#[test]
fn what_a_step_says_is_heard_when_it_is_over_or_not_at_all() {
    let db = Db::memory();
    let sub = db.subscribe(["c"]);
    let failed: tenondb::Result<()> = db.transaction(|tx| {
        assert_eq!(tx.publish("c", "no")?, 1);
        Err(tx.call(["NOSUCH"]).unwrap_err())
    });
    assert!(failed.is_err() && sub.is_empty());
    let mut inside = None;
    db.transaction(|tx| {
        tx.publish("c", "1")?;
        tx.call(["PUBLISH", "c", "2"])?;
        inside = Some(sub.len());
        Ok(())
    })
    .unwrap();
    assert_eq!(inside, Some(0));
    let mut batch = db.batch();
    batch.call(["PUBLISH", "c", "3"]).call(["SET", "k", "v"]).call(["SPUBLISH", "c", "x"]);
    let replies: Vec<_> = batch.run().unwrap().iter().map(|reply| reply.as_int()).collect();
    assert_eq!(replies, [Some(1), None, Some(0)]);
    let mut conn = Conn::new(&db);
    for line in ["MULTI", "PUBLISH c 4", "INCR n", "PUBLISH c 5"] {
        say(&mut conn, line);
    }
    assert_eq!(sub.len(), 3);
    assert_eq!(say(&mut conn, "EXEC"), "*3\r\n:1\r\n:1\r\n:1\r\n");
    let got: Vec<usize> = (0..5).map(|_| number(sub.recv().unwrap().body())).collect();
    assert_eq!((got, sub.len()), (vec![1, 2, 3, 4, 5], 0));
    assert_eq!(db.call(["PUBLISH", "c", "x"]).unwrap().as_int(), Some(1));
}

#[test]
fn messages_come_while_a_command_waits() {
    let db = Db::memory();
    let mut conn = Conn::new(&db);
    say(&mut conn, "HELLO 3");
    say(&mut conn, "SUBSCRIBE c");
    assert_eq!(say(&mut conn, "BLPOP l 0"), "");
    db.publish("c", "1").unwrap();
    assert_eq!(heard(&mut conn), ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n1\r\n");
    db.call(["RPUSH", "l", "x"]).unwrap();
    assert_eq!(heard(&mut conn), "*2\r\n$1\r\nl\r\n$1\r\nx\r\n");
}
