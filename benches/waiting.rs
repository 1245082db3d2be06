//! Waiting: how long it takes from a push to the one who waits for it.
//!
//! ```text
//! cargo bench --bench waiting
//! ```
//!
//! Two threads hand an element to and fro: each pushes to the list that the other waits for. A hand-over is half of a round. Through the
//! typed API, through two connections that one thread serves, and, when it is installed, through a redis-server on a unix socket.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
#[path = "beside/redis.rs"]
mod redis;

use redis::{Redis, resp};
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    thread,
    time::{Duration, Instant},
};
use tenondb::{Db, Lists, op::BLPop, resp::Conn};

const ROUNDS: usize = 50_000;

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: f64| times[(times.len() as f64 * part) as usize].as_nanos() as f64 / 1e3;
    println!("{what:<52} p50 {:>7.2} us   p95 {:>7.2}   p99 {:>7.2}", at(0.5), at(0.95), at(0.99));
}

/// Times of half a round each.
fn rounds(count: usize, mut round: impl FnMut()) -> Vec<Duration> {
    (0..count)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed() / 2
        })
        .collect()
}

fn threads() {
    let db = Db::memory();
    let other = thread::spawn({
        let db = db.clone();
        move || {
            while db.wait(BLPop::new(&["there"], Duration::ZERO)).unwrap().unwrap().1 != "stop" {
                db.rpush("back", &["x"]).unwrap();
            }
        }
    });
    let times = rounds(ROUNDS, || {
        db.rpush("there", &["x"]).unwrap();
        db.wait(BLPop::new(&["back"], Duration::ZERO)).unwrap();
    });
    db.rpush("there", &["stop"]).unwrap();
    other.join().unwrap();
    told("two threads, typed", times);
}

fn connections() {
    let db = Db::memory();
    let (mut waits, mut pushes) = (Conn::new(&db), Conn::new(&db));
    let (pop, push) = (resp(&[b"BLPOP", b"q", b"0"]), resp(&[b"RPUSH", b"q", b"x"]));
    let times = rounds(ROUNDS, || {
        waits.feed(&pop);
        pushes.feed(&push);
        waits.pump();
        assert!(waits.output_len() > 0);
        waits.consume(usize::MAX);
        pushes.consume(usize::MAX);
    });
    told("two connections, one thread (BLPOP, RPUSH, reply)", times);
}

/// Sends a command and reads its reply, of `lines` lines.
fn ask(stream: &mut UnixStream, command: &[u8], lines: usize) {
    stream.write_all(command).unwrap();
    let (mut room, mut seen) = ([0; 512], 0);
    while seen < lines {
        let len = stream.read(&mut room).unwrap();
        assert!(len > 0, "the server went away");
        seen += room[..len].iter().filter(|byte| **byte == b'\n').count();
    }
}

fn server() {
    let Some(redis) = Redis::start() else { return };
    let other = thread::spawn({
        let (mut waits, mut pushes) = (redis.connect(), redis.connect());
        move || {
            let (pop, push) = (resp(&[b"BLPOP", b"there", b"0"]), resp(&[b"RPUSH", b"back", b"x"]));
            for _ in 0..ROUNDS {
                ask(&mut waits, &pop, 5);
                ask(&mut pushes, &push, 1);
            }
        }
    });
    let (mut waits, mut pushes) = (redis.connect(), redis.connect());
    let (pop, push) = (resp(&[b"BLPOP", b"back", b"0"]), resp(&[b"RPUSH", b"there", b"x"]));
    let times = rounds(ROUNDS, || {
        ask(&mut pushes, &push, 1);
        ask(&mut waits, &pop, 5);
    });
    other.join().unwrap();
    told("two threads, redis-server on a unix socket", times);
}

fn main() {
    threads();
    connections();
    server();
}
