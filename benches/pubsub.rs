//! Messages: how many are delivered in a second, and how long one is under way.
//!
//! ```text
//! cargo bench --bench pubsub            # everything; TENON_BENCH_SECONDS: how long each part takes (2)
//! cargo bench --bench pubsub fan-out    # parts whose names contain a word
//! ```
//!
//! `fan-out`: one publisher, ten subscribers that take what they get. `latency`: 400 subscribers on channels of their own and ten on
//! a shared one, one of which does not read; how long a message is under way, by percentiles. Both through connections in this process
//! (bytes in, bytes out, one thread), through subscriptions read by threads, and, when it is installed, through redis-server on
//! a unix socket.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
#[path = "beside/redis.rs"]
mod redis;

use redis::{Redis, resp};
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use tenondb::{Channels, Db, Overflow, SubscribeOptions, Subscription, Topic, resp::Conn};

const FAN: usize = 10;
const OWN: usize = 400;
const BODY: usize = 100;

fn seconds() -> Duration {
    let seconds = std::env::var("TENON_BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or(2.0))
}

fn told(what: &str, delivered: u64, took: Duration) {
    println!("{what:<58} {:>7.2} M messages/s delivered", delivered as f64 / took.as_secs_f64() / 1e6);
}

/// One thread publishes through a connection and pumps ten others: no thread is woken.
fn fan_out_connections(pipeline: usize) {
    let db = Db::memory();
    let mut readers: Vec<Conn> = (0..FAN).map(|_| Conn::new(&db)).collect();
    for reader in &mut readers {
        reader.feed(b"SUBSCRIBE c\r\n");
        reader.take_output();
    }
    let mut publisher = Conn::new(&db);
    let request = resp(&[b"PUBLISH", b"c", &[b'x'; BODY]]).repeat(pipeline);
    let (start, mut delivered) = (Instant::now(), 0);
    while start.elapsed() < seconds() {
        for _ in 0..100 {
            publisher.feed(&request);
            publisher.consume(usize::MAX);
            for reader in &mut readers {
                reader.pump();
                reader.consume(usize::MAX);
            }
        }
        delivered += 100 * (pipeline * FAN) as u64;
    }
    told(&format!("connections, one thread, pipelines of {pipeline}"), delivered, start.elapsed());
}

/// A thread publishes, ten threads read.
fn fan_out_threads() {
    let db = Db::memory();
    // A publisher never waits, so this one looks back now and then: what is measured is delivery, not dropping.
    let subs: Vec<Subscription> = (0..FAN).map(|_| db.subscribe(["c"])).collect();
    let stop = AtomicBool::new(false);
    let seen: Vec<AtomicU64> = (0..FAN).map(|_| AtomicU64::new(0)).collect();
    let start = Instant::now();
    thread::scope(|scope| {
        for (sub, seen) in subs.iter().zip(&seen) {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Relaxed) {
                    if let Ok(Some(_)) = sub.recv_timeout(Duration::from_millis(20)) {
                        seen.fetch_add(1, Relaxed);
                    }
                }
            });
        }
        let mut sent = 0;
        while start.elapsed() < seconds() {
            for _ in 0..1000 {
                db.publish("c", [b'x'; BODY]).expect("publishing cannot fail");
            }
            sent += 1000;
            while seen.iter().any(|seen| seen.load(Relaxed) + 10_000 < sent) {
                thread::yield_now();
            }
        }
        stop.store(true, Relaxed);
    });
    let delivered = seen.iter().map(|seen| seen.load(Relaxed)).sum();
    told("subscriptions, ten threads", delivered, start.elapsed());
}

/// Only the publisher: what a PUBLISH costs him, with ten subscribers whose queues drop the oldest.
fn publish_alone() {
    for readers in [0, 1, FAN] {
        let db = Db::memory();
        let options =
            SubscribeOptions { capacity: 100, overflow: Overflow::DropOldest, ..Default::default() };
        let _subs: Vec<Subscription> =
            (0..readers).map(|_| db.subscription(options).to(Topic::Channel, ["c"])).collect();
        let (start, mut count) = (Instant::now(), 0u64);
        while start.elapsed() < seconds() / 4 {
            for _ in 0..1000 {
                db.publish("c", [b'x'; BODY]).expect("publishing cannot fail");
            }
            count += 1000;
        }
        let each = start.elapsed().as_nanos() as f64 / count as f64;
        println!("{:<58} {each:>7.0} ns", format!("db.publish to {readers} subscribers"));
    }
}

/// One connection publishes in pipelines, and what ten others are sent is read by the same thread.
fn fan_out_redis(pipeline: usize) {
    let Some(redis) = Redis::start() else { return };
    let mut readers: Vec<UnixStream> = (0..FAN).map(|_| redis.subscribe("c")).collect();
    let mut publisher = redis.connect();
    let request = resp(&[b"PUBLISH", b"c", &[b'x'; BODY]]).repeat(pipeline);
    let message = resp(&[b"message", b"c", &[b'x'; BODY]]).len();
    let (start, mut delivered) = (Instant::now(), 0);
    let mut room = vec![0; message * pipeline];
    while start.elapsed() < seconds() {
        publisher.write_all(&request).expect("it reads");
        publisher.read_exact(&mut room[..pipeline * 5]).expect("it answers");
        for reader in &mut readers {
            reader.read_exact(&mut room).expect("it sends");
        }
        delivered += (pipeline * FAN) as u64;
    }
    told(&format!("redis-server on a unix socket, pipelines of {pipeline}"), delivered, start.elapsed());
}

fn percentiles(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
    println!(
        "{what:<58} p50 {:>7.1}  p95 {:>7.1}  p99 {:>7.1} µs ({})",
        at(0.5),
        at(0.95),
        at(0.99),
        times.len()
    );
}

/// 400 on channels of their own, ten on a shared one, of which one does not read; a message every 200 µs, to the shared channel and
/// to one of the others in turn; how long it takes until a thread that sleeps on it has it.
fn latency_threads() {
    let db = Db::memory();
    let small = SubscribeOptions { capacity: 100, overflow: Overflow::DropOldest, ..Default::default() };
    let slow = db.subscription(small).to(Topic::Channel, ["shared"]);
    let stop = Arc::new(AtomicBool::new(false));
    let epoch = Instant::now();
    let (mut own, mut shared) = (Vec::new(), Vec::new());
    for n in 0..OWN + FAN - 1 {
        let channel = if n < OWN { format!("own:{n}") } else { "shared".into() };
        let (sub, stop) = (db.subscribe([channel]), stop.clone());
        let reader = thread::Builder::new().stack_size(64 * 1024).spawn(move || {
            let mut times = Vec::new();
            while !stop.load(Relaxed) {
                if let Ok(Some(message)) = sub.recv_timeout(Duration::from_millis(100)) {
                    let sent = u64::from_le_bytes(message.body()[..8].try_into().expect("a time"));
                    times.push(epoch.elapsed().saturating_sub(Duration::from_nanos(sent)));
                }
            }
            times
        });
        if n < OWN { &mut own } else { &mut shared }.push(reader.expect("a thread"));
    }
    let end = Instant::now() + seconds();
    for n in (0..OWN).cycle() {
        if Instant::now() >= end {
            break;
        }
        for channel in ["shared".into(), format!("own:{n}")] {
            let mut body = [0; BODY];
            body[..8].copy_from_slice(&(epoch.elapsed().as_nanos() as u64).to_le_bytes());
            db.publish(&channel, body).expect("publishing cannot fail");
        }
        thread::sleep(Duration::from_micros(200));
    }
    stop.store(true, Relaxed);
    let times = |readers: Vec<thread::JoinHandle<Vec<Duration>>>| {
        readers.into_iter().flat_map(|reader| reader.join().expect("no panic")).collect()
    };
    percentiles("subscriptions, 409 threads: own channels", times(own));
    percentiles("subscriptions, 409 threads: the shared channel", times(shared));
    println!("{:<58} {} dropped, nobody else lost one", "the slow one", slow.dropped());
}

/// The same through connections in this process, in the way an event loop has it: wakes are heard by one thread, which pumps.
fn latency_connections() {
    let db = Db::memory();
    let (rung, heard) = std::sync::mpsc::channel();
    let mut conns: Vec<Conn> = (0..OWN + FAN)
        .map(|n| {
            let rung = rung.clone();
            let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || _ = rung.send(n));
            let options = tenondb::resp::ConnOptions { wake: Some(wake), ..Default::default() };
            let mut conn = Conn::open(&db, options);
            let channel = if n < OWN { format!("own:{n}") } else { "shared".into() };
            conn.feed(&resp(&[b"SUBSCRIBE", channel.as_bytes()]));
            conn.take_output();
            conn
        })
        .collect();
    let epoch = Instant::now();
    let reader = thread::spawn(move || {
        let (mut own, mut shared) = (Vec::new(), Vec::new());
        while let Ok(n) = heard.recv() {
            if n == OWN + FAN - 1 {
                // The slow one never takes what it is sent.
                continue;
            }
            if n == usize::MAX {
                break;
            }
            conns[n].pump();
            let output = conns[n].take_output();
            let now = epoch.elapsed();
            let message = resp(&[b"message", if n < OWN { b"own:000" } else { b"shared" }, &[0; BODY]]).len();
            // The channel's name has one to three digits: the body is found from the end.
            let count = output.len() / (message - 2).max(1);
            for body in output.rchunks(output.len() / count.max(1)).take(count.max(1)) {
                let at = body.len() - BODY - 2;
                let sent = u64::from_le_bytes(body[at..at + 8].try_into().expect("a time"));
                let took = now.saturating_sub(Duration::from_nanos(sent));
                if n < OWN { &mut own } else { &mut shared }.push(took);
            }
        }
        (own, shared)
    });
    let end = Instant::now() + seconds();
    for n in (0..OWN).cycle() {
        if Instant::now() >= end {
            break;
        }
        for channel in ["shared".into(), format!("own:{n}")] {
            let mut body = [0; BODY];
            body[..8].copy_from_slice(&(epoch.elapsed().as_nanos() as u64).to_le_bytes());
            db.publish(&channel, body).expect("publishing cannot fail");
        }
        thread::sleep(Duration::from_micros(200));
    }
    let _ = rung.send(usize::MAX);
    let (own, shared) = reader.join().expect("no panic");
    percentiles("410 connections, one event loop: own channels", own);
    percentiles("410 connections, one event loop: the shared channel", shared);
}

/// The same with redis-server: 409 connections read by threads that sleep on them.
fn latency_redis() {
    let Some(redis) = Redis::start() else { return };
    let slow = redis.subscribe("shared");
    let epoch = Instant::now();
    let stop = Arc::new(AtomicBool::new(false));
    let (mut own, mut shared) = (Vec::new(), Vec::new());
    for n in 0..OWN + FAN - 1 {
        let channel = if n < OWN { format!("own:{n}") } else { "shared".into() };
        let (mut stream, stop) = (redis.subscribe(&channel), stop.clone());
        stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        let len = resp(&[b"message", channel.as_bytes(), &[0; BODY]]).len();
        let reader = thread::Builder::new().stack_size(64 * 1024).spawn(move || {
            let (mut times, mut room) = (Vec::new(), vec![0; len]);
            while !stop.load(Relaxed) {
                if stream.read_exact(&mut room).is_ok() {
                    let at = len - BODY - 2;
                    let sent = u64::from_le_bytes(room[at..at + 8].try_into().expect("a time"));
                    times.push(epoch.elapsed().saturating_sub(Duration::from_nanos(sent)));
                }
            }
            times
        });
        if n < OWN { &mut own } else { &mut shared }.push(reader.expect("a thread"));
    }
    let mut publisher = redis.connect();
    let end = Instant::now() + seconds();
    let mut reply = [0; 64];
    for n in (0..OWN).cycle() {
        if Instant::now() >= end {
            break;
        }
        for channel in ["shared".into(), format!("own:{n}")] {
            let mut body = [0; BODY];
            body[..8].copy_from_slice(&(epoch.elapsed().as_nanos() as u64).to_le_bytes());
            publisher.write_all(&resp(&[b"PUBLISH", channel.as_bytes(), &body])).expect("it reads");
            let _ = publisher.read(&mut reply).expect("it answers");
        }
        thread::sleep(Duration::from_micros(200));
    }
    stop.store(true, Relaxed);
    let times = |readers: Vec<thread::JoinHandle<Vec<Duration>>>| {
        readers.into_iter().flat_map(|reader| reader.join().expect("no panic")).collect()
    };
    percentiles("redis-server, 409 threads: own channels", times(own));
    percentiles("redis-server, 409 threads: the shared channel", times(shared));
    drop(slow);
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let parts: [(&str, &dyn Fn()); 8] = [
        ("publish", &publish_alone),
        ("fan-out connections", &|| fan_out_connections(1)),
        ("fan-out connections", &|| fan_out_connections(100)),
        ("fan-out threads", &fan_out_threads),
        ("fan-out redis", &|| [1, 100].into_iter().for_each(fan_out_redis)),
        ("latency connections", &latency_connections),
        ("latency threads", &latency_threads),
        ("latency redis", &latency_redis),
    ];
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            part();
        }
    }
}
