//! A command through the typed door, beside following a bare pointer.
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tenondb::{Db, Strings, resp::Conn};

const KEYS: usize = 1_000_000;

struct Order(u64);
impl Order {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0) * KEYS as u128) >> 64) as usize
    }

    /// Makes the next place depend on what was read: a program looks up what it has just learnt, and a loop whose
    /// lookups do not depend on each other measures how many misses the processor can have under way at once.
    fn learn(&mut self, read: &[u8]) {
        self.0 ^= u64::from(read[50]);
    }
}

/// A key of 16 bytes, made and not read: what a program asks for stands in its cache already.
fn key(n: usize) -> [u8; 16] {
    let mut key = *b"user:session:\0\0\0";
    for (at, digit) in key[8..].iter_mut().enumerate() {
        *digit = b'a' + (n >> (4 * at) & 15) as u8;
    }
    key
}

fn get(c: &mut Criterion) {
    let value = [b'v'; 100];
    let db = Db::memory();
    let mut group = c.benchmark_group("get 1M x 100 bytes");
    let bare: Vec<Box<[u8; 100]>> = {
        let mut bare: Vec<_> = (0..KEYS).map(|_| Box::new(value)).collect();
        let mut order = Order(3);
        (0..KEYS).for_each(|n| bare.swap(n, order.next()));
        bare
    };
    (0..KEYS).for_each(|n| db.set(key(n), value).unwrap());
    let mut order = Order(1);
    group.bench_function("bare pointer", |b| {
        b.iter(|| {
            let at = order.next();
            let key = black_box(key(at));
            let read = bare[at].to_vec();
            order.learn(&read);
            (key, read)
        })
    });
    group.bench_function("typed", |b| {
        b.iter(|| {
            let read = db.get(key(order.next())).unwrap().unwrap();
            order.learn(&read);
            read
        })
    });
    group.bench_function("typed, set over", |b| b.iter(|| db.set(key(order.next()), value).unwrap()));
    group.bench_function("typed, hot key", |b| b.iter(|| black_box(db.get(key(0)).unwrap())));
    let mut conn = Conn::new(&db);
    let requests: Vec<String> = (0..1000)
        .map(|_| String::from_utf8_lossy(&key(order.next())).into_owned())
        .map(|key| format!("*2\r\n$3\r\nGET\r\n$16\r\n{key}\r\n"))
        .collect();
    let mut at = 0;
    group.bench_function("resp", |b| {
        b.iter(|| {
            at = (at + 1) % requests.len();
            conn.feed(requests[at].as_bytes());
            let len = black_box(conn.output().len());
            conn.consume(len);
        })
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = get
}
criterion_main!(benches);
