//! TenonDB beside its peers, in one run, as ratios: `cargo bench -p tenondb-compare [-- SECTION …]`.
//!
//! Every table is a race ([`tenondb_compare::race`]): the last column is the ratio to its first line. Sections: `strings`, `sorted`,
//! `collections`, `threads`, `doors`.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
mod collections;
mod doors;
mod sorted;
mod strings;
mod threads;

use std::time::Instant;
use tenondb::{Db, resp::Conn};
use tenondb_compare::{
    race::Race,
    wire::{Server, Template},
};

/// Requests that a pipelining client sends at once.
const PIPELINED: usize = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|arg| arg == "--bench") {
        println!("run it as `cargo bench -p tenondb-compare`");
        return;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|arg| !arg.starts_with('-')).collect();
    let server = Server::start();
    if server.is_none() {
        println!("skipped: no redis-server on the path (or in TENON_REDIS_SERVER): its lines are missing");
    }
    let start = Instant::now();
    type Section = fn(Option<&Server>);
    let sections: [(&str, Section); 5] = [
        ("strings", strings::run),
        ("sorted", sorted::run),
        ("collections", collections::run),
        ("threads", threads::run),
        ("doors", doors::run),
    ];
    for (name, run) in sections {
        if wanted.is_empty() || wanted.iter().any(|w| name.contains(w.as_str())) {
            run(server.as_ref());
        }
    }
    println!("\n{} s", start.elapsed().as_secs());
}

/// Adds a connection without a socket.
fn with_conn<'c>(
    race: Race<'c>,
    db: &Db,
    mut request: Template,
    mut next: impl FnMut() -> usize + 'c,
) -> Race<'c> {
    let mut conn = Conn::new(db);
    race.with("tenondb, resp::Conn", move |_| {
        conn.feed(request.fill(&mut next));
        let len = conn.output().len();
        assert!(conn.output().first() != Some(&b'-'), "{}", conn.output().escape_ascii());
        conn.consume(len);
    })
}

/// Adds a real server: a request at a time, and pipelined.
fn with_redis<'c>(
    race: Race<'c>,
    server: Option<&Server>,
    request: &Template,
    next: impl FnMut() -> usize + Clone + 'c,
) -> Race<'c> {
    let Some(server) = server else { return race };
    let clients = [server.client(), server.client()].map(|client| client.expect("a connection"));
    let [mut alone, mut piped] = clients;
    let (mut request, mut requests) = (request.clone(), request.clone());
    let (mut next, mut next_piped) = (next.clone(), next);
    let race = race.with("redis-server, unix socket", move |_| {
        alone.exchange(request.fill(&mut next), 1);
    });
    let mut buffer = Vec::new();
    race.many("redis-server, unix socket, 50 at once", PIPELINED, move |_| {
        buffer.clear();
        (0..PIPELINED).for_each(|_| buffer.extend_from_slice(requests.fill(&mut next_piped)));
        piped.exchange(&buffer, PIPELINED);
    })
}

/// Fills a server through a pipeline.
fn fill_redis(server: Option<&Server>, request: &Template, places: usize) {
    let Some(mut client) = server.and_then(Server::client) else { return };
    client.exchange(b"FLUSHALL\r\n", 1);
    let (mut request, mut n) = (request.clone(), 0);
    let mut buffer = Vec::new();
    while n < places {
        buffer.clear();
        let end = places.min(n + 1000);
        let count = end - n;
        for at in n..end {
            buffer.extend_from_slice(request.fill(|| at));
        }
        client.exchange(&buffer, count);
        n = end;
    }
}
