//! GET, SET and MGET of a million keys.
use crate::{fill_redis, with_conn, with_redis};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    hint::black_box,
    sync::{Arc, Mutex},
};
use tenondb::{Bytes, Db, Strings};
use tenondb_compare::{
    order::{Visits, key, value},
    race::Race,
    wire::{Server, Template, Word},
};

pub const KEYS: usize = 1_000_000;
const MANY: usize = 32;

pub type Locked = Mutex<HashMap<Box<[u8]>, Box<[u8]>>>;
pub type Cached = Cache<Box<[u8]>, Arc<[u8]>>;

/// The same keys and values everywhere.
#[expect(clippy::vec_box, reason = "the pointers are the point")]
struct Stores {
    db: Db,
    /// Values behind pointers, in random order: what no lookup can be faster than.
    bare: Vec<Box<[u8; 100]>>,
    locked: Locked,
    cached: Cached,
}

pub fn database(keys: usize) -> Db {
    let db = Db::memory();
    (0..keys).for_each(|n| db.set(key(n), value()).unwrap());
    db
}

pub fn locked(keys: usize) -> Locked {
    Mutex::new((0..keys).map(|n| (key(n).into(), value().into())).collect())
}

pub fn cached(keys: usize) -> Cached {
    let cache = Cache::new(keys * 2);
    (0..keys).for_each(|n| cache.insert(key(n).into(), value().into()));
    cache
}

impl Stores {
    fn new() -> Self {
        let mut bare: Vec<_> = (0..KEYS).map(|_| Box::new(value())).collect();
        let mut visits = Visits::uniform(KEYS);
        (0..KEYS).for_each(|n| bare.swap(n, visits.visit()));
        Self { db: database(KEYS), bare, locked: locked(KEYS), cached: cached(KEYS) }
    }
}

pub fn run(server: Option<&Server>) {
    let mut stores = Stores::new();
    fill_redis(server, &Template::of(&[Word::Fixed("SET"), Word::Key, Word::Value]), KEYS);
    let orders = [
        ("uniform", Visits::uniform(KEYS)),
        ("zipf 0.99", Visits::zipf(KEYS)),
        ("one hot key", Visits::hot()),
    ];
    for (name, visits) in &orders {
        get(&format!("GET, 1M keys of 16 and values of 100 bytes, {name}"), &stores, visits, server);
    }
    for (name, visits) in &orders {
        set(&format!("SET over, {name}"), &mut stores, visits, server);
    }
    mget("MGET of 32, uniform, per key", &stores, &orders[0].1, server);
}

fn get(title: &str, stores: &Stores, visits: &Visits, server: Option<&Server>) {
    let Stores { db, bare, locked, cached } = stores;
    let order = || visits.clone();
    let (mut at_bare, mut at_db, mut at_locked, mut at_cached) = (order(), order(), order(), order());
    let race = Race::new(title)
        .with("bare pointers: follow one, copy the value", move |_| {
            let n = at_bare.visit();
            let read = bare[n].to_vec();
            black_box(key(n));
            at_bare.learn(&read);
            black_box(read);
        })
        .with("tenondb, typed", move |_| {
            let read = db.get(key(at_db.visit())).unwrap().unwrap();
            at_db.learn(&read);
            black_box(read);
        })
        .with("Mutex<HashMap>", move |_| {
            let read = locked.lock().unwrap().get(&key(at_locked.visit())[..]).unwrap().clone();
            at_locked.learn(&read);
            black_box(read);
        })
        .with("quick_cache", move |_| {
            let read = cached.get(&key(at_cached.visit())[..]).unwrap();
            at_cached.learn(&read);
            black_box(read);
        });
    let request = Template::of(&[Word::Fixed("GET"), Word::Key]);
    let mut at = order();
    let race = with_conn(race, db, request.clone(), move || at.visit());
    let mut at = order();
    with_redis(race, server, &request, move || at.visit()).run();
}

fn set(title: &str, stores: &mut Stores, visits: &Visits, server: Option<&Server>) {
    let Stores { db, bare, locked, cached } = stores;
    let (db, locked, cached) = (&*db, &*locked, &*cached);
    let order = || visits.clone();
    let (mut at_bare, mut at_db, mut at_locked, mut at_cached) = (order(), order(), order(), order());
    let race = Race::new(title)
        .with("bare pointers: follow one, write the value", move |_| {
            let n = at_bare.visit();
            *bare[n] = black_box(value());
            black_box(&bare[n]);
        })
        .with("tenondb, typed", move |_| db.set(key(at_db.visit()), value()).unwrap())
        .with("Mutex<HashMap>, written in place", move |_| {
            let mut map = locked.lock().unwrap();
            map.get_mut(&key(at_locked.visit())[..]).unwrap().copy_from_slice(&value());
        })
        .with("quick_cache", move |_| cached.insert(key(at_cached.visit()).into(), value().into()));
    let request = Template::of(&[Word::Fixed("SET"), Word::Key, Word::Value]);
    let mut at = order();
    let race = with_conn(race, db, request.clone(), move || at.visit());
    let mut at = order();
    with_redis(race, server, &request, move || at.visit()).run();
}

fn mget(title: &str, stores: &Stores, visits: &Visits, server: Option<&Server>) {
    let Stores { db, bare, locked, .. } = stores;
    let order = || visits.clone();
    let (mut at_bare, mut at_get, mut at_db, mut at_locked) = (order(), order(), order(), order());
    let race = Race::new(title)
        .many("bare pointers", MANY, move |_| {
            let read: [Vec<u8>; MANY] = std::array::from_fn(|_| bare[at_bare.visit()].to_vec());
            black_box(read);
        })
        .many("tenondb, 32 × typed GET", MANY, move |_| {
            let read: [Option<Bytes>; MANY] = std::array::from_fn(|_| db.get(key(at_get.visit())).unwrap());
            black_box(read);
        })
        .many("tenondb, typed", MANY, move |_| {
            let keys: [[u8; 16]; MANY] = std::array::from_fn(|_| key(at_db.visit()));
            black_box(db.mget(&keys).unwrap());
        })
        .many("Mutex<HashMap>, locked once", MANY, move |_| {
            let map = locked.lock().unwrap();
            let read: [_; MANY] = std::array::from_fn(|_| map.get(&key(at_locked.visit())[..]).cloned());
            black_box(read);
        });
    let mut words = vec![Word::Fixed("MGET")];
    words.extend((0..MANY).map(|_| Word::Key));
    let request = Template::of(&words);
    let mut conn = tenondb::resp::Conn::new(db);
    let (mut filled, mut at) = (request.clone(), order());
    let race = race.many("tenondb, resp::Conn", MANY, move |_| {
        conn.feed(filled.fill(|| at.visit()));
        let len = conn.output().len();
        conn.consume(len);
    });
    let Some(mut client) = server.and_then(Server::client) else { return race.run() };
    let (mut request, mut at) = (request, order());
    race.many("redis-server, unix socket", MANY, move |_| {
        client.exchange(request.fill(|| at.visit()), 1);
    })
    .run();
}
