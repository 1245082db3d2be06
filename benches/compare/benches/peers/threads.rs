//! GET and SET on one and on two threads: what sharing costs.
use crate::strings::{cached, database, locked};
use std::hint::black_box;
use tenondb::{Strings, resp::Conn};
use tenondb_compare::{
    order::{Visits, key, value},
    race::{Threaded, race_threads},
    wire::{Server, Template, Word},
};

const KEYS: usize = 200_000;
const CALLS: usize = 40_000;

pub fn run(_: Option<&Server>) {
    let (db, locked, cached) = (&database(KEYS), &locked(KEYS), &cached(KEYS));
    let orders = [
        ("uniform", Visits::uniform(KEYS)),
        ("zipf 0.99", Visits::zipf(KEYS)),
        ("one hot key", Visits::hot()),
    ];
    for (name, order) in &orders {
        let get: [Threaded<'_>; 4] = [
            (
                "tenondb, typed",
                Box::new(move |thread| {
                    let mut at = order.from(thread);
                    Box::new(move |_| drop(black_box(db.get(key(at.visit())).unwrap())))
                }),
            ),
            (
                "tenondb, resp::Conn",
                Box::new(move |thread| {
                    let (mut at, mut conn) = (order.from(thread), Conn::new(db));
                    let mut request = Template::of(&[Word::Fixed("GET"), Word::Key]);
                    Box::new(move |_| {
                        conn.feed(request.fill(|| at.visit()));
                        let len = conn.output().len();
                        conn.consume(len);
                    })
                }),
            ),
            (
                "Mutex<HashMap>",
                Box::new(move |thread| {
                    let mut at = order.from(thread);
                    Box::new(move |_| {
                        drop(black_box(locked.lock().unwrap().get(&key(at.visit())[..]).cloned()))
                    })
                }),
            ),
            (
                "quick_cache",
                Box::new(move |thread| {
                    let mut at = order.from(thread);
                    Box::new(move |_| drop(black_box(cached.get(&key(at.visit())[..]))))
                }),
            ),
        ];
        let set: [Threaded<'_>; 4] = [
            (
                "tenondb, typed",
                Box::new(move |thread| {
                    let mut at = order.from(thread);
                    Box::new(move |_| db.set(key(at.visit()), value()).unwrap())
                }),
            ),
            (
                "tenondb, resp::Conn",
                Box::new(move |thread| {
                    let (mut at, mut conn) = (order.from(thread), Conn::new(db));
                    let mut request = Template::of(&[Word::Fixed("SET"), Word::Key, Word::Value]);
                    Box::new(move |_| {
                        conn.feed(request.fill(|| at.visit()));
                        let len = conn.output().len();
                        conn.consume(len);
                    })
                }),
            ),
            (
                "Mutex<HashMap>",
                Box::new(move |thread| {
                    let mut at = order.from(thread);
                    Box::new(move |_| {
                        let mut map = locked.lock().unwrap();
                        map.get_mut(&key(at.visit())[..]).unwrap().copy_from_slice(&value());
                    })
                }),
            ),
            (
                "quick_cache",
                Box::new(move |thread| {
                    let mut at = order.from(thread);
                    Box::new(move |_| cached.insert(key(at.visit()).into(), value().into()))
                }),
            ),
        ];
        for threads in [1, 2] {
            race_threads(&format!("GET, 200k keys, {name}, {threads} thread(s)"), threads, CALLS, &get);
            race_threads(&format!("SET over, 200k keys, {name}, {threads} thread(s)"), threads, CALLS, &set);
        }
    }
}
