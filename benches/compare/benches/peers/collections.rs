//! HSET, SADD and LPUSH beside std's collections behind a lock.
use crate::{fill_redis, with_conn, with_redis};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    hint::black_box,
    sync::Mutex,
};
use tenondb::{Db, Hashes, Lists, Sets};
use tenondb_compare::{
    order::{Visits, key},
    race::Race,
    wire::{Server, Template, Word},
};

const FIELDS: usize = 100_000;

type Fields = HashMap<Box<[u8]>, Box<[u8]>>;

/// Keys to collections: a program would have such a map too.
type Keyed<C> = Mutex<HashMap<&'static str, C>>;

pub fn run(server: Option<&Server>) {
    hset(server);
    sadd(server);
    lpush(server);
}

fn hset(server: Option<&Server>) {
    let db = Db::memory();
    let std: Keyed<Fields> = Mutex::default();
    for n in 0..FIELDS {
        db.hset("hash", &[(key(n), key(n))]).unwrap();
        std.lock().unwrap().entry("hash").or_default().insert(key(n).into(), key(n).into());
    }
    let request =
        Template::of(&[Word::Fixed("HSET"), Word::Fixed("hash"), Word::Key, Word::Fixed("another value...")]);
    fill_redis(server, &request, FIELDS);
    let visits = Visits::uniform(FIELDS);
    let order = || visits.clone();
    let (mut at_db, mut at_std) = (order(), order());
    let (to_db, to_std) = (&db, &std);
    let race = Race::new("HSET over, 100k fields, uniform")
        .with("tenondb, typed", move |_| {
            to_db.hset("hash", &[(key(at_db.visit()), b"another value...")]).map(drop).unwrap();
        })
        .with("Mutex<HashMap<_, HashMap>>", move |_| {
            let mut keys = to_std.lock().unwrap();
            let hash = keys.get_mut("hash").unwrap();
            hash.insert(key(at_std.visit()).into(), b"another value..."[..].into());
        });
    let mut at = order();
    let race = with_conn(race, &db, request.clone(), move || at.visit());
    let mut at = order();
    with_redis(race, server, &request, move || at.visit()).run();
}

fn counted(mut n: usize) -> impl FnMut() -> usize + Clone {
    move || {
        n += 1;
        n
    }
}

fn sadd(server: Option<&Server>) {
    let (db, std): (Db, Keyed<HashSet<Box<[u8]>>>) = (Db::memory(), Mutex::default());
    for n in 0..FIELDS {
        db.sadd("set", &[key(n)]).unwrap();
        std.lock().unwrap().entry("set").or_default().insert(key(n).into());
    }
    let request = Template::of(&[Word::Fixed("SADD"), Word::Fixed("set"), Word::Key]);
    fill_redis(server, &request, FIELDS);
    let (mut for_db, mut for_std) = (counted(FIELDS), counted(FIELDS));
    let (to_db, to_std) = (&db, &std);
    let race = Race::new("SADD of a new member, from 100k members on")
        .with("tenondb, typed", move |_| {
            to_db.sadd("set", &[key(for_db())]).map(drop).unwrap();
        })
        .with("Mutex<HashMap<_, HashSet>>", move |_| {
            let mut keys = to_std.lock().unwrap();
            keys.get_mut("set").unwrap().insert(key(for_std()).into());
        });
    let race = with_conn(race, &db, request.clone(), counted(100_000_000));
    with_redis(race, server, &request, counted(200_000_000)).run();
}

fn lpush(server: Option<&Server>) {
    let (db, std): (Db, Keyed<VecDeque<Box<[u8]>>>) = (Db::memory(), Mutex::default());
    std.lock().unwrap().entry("list").or_default();
    let request = Template::of(&[Word::Fixed("LPUSH"), Word::Fixed("list"), Word::Key]);
    fill_redis(server, &request, 1);
    let (mut for_db, mut for_std) = (counted(0), counted(0));
    let (to_db, to_std) = (&db, &std);
    let race = Race::new("LPUSH of 16 bytes")
        .with("tenondb, typed", move |_| {
            black_box(to_db.lpush("list", &[key(for_db())]).unwrap());
        })
        .with("Mutex<HashMap<_, VecDeque>>", move |_| {
            let mut keys = to_std.lock().unwrap();
            keys.get_mut("list").unwrap().push_front(key(for_std()).into());
        });
    let race = with_conn(race, &db, request.clone(), counted(0));
    with_redis(race, server, &request, counted(0)).run();
}
