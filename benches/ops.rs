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
}

fn get(c: &mut Criterion) {
    let keys: Vec<String> = (0..KEYS).map(|n| format!("key:{n:012}")).collect();
    let value = [b'v'; 100];
    let db = Db::memory();
    let mut group = c.benchmark_group("get 1M x 100 bytes");
    let bare: Vec<Box<[u8; 100]>> = {
        let mut bare: Vec<_> = (0..KEYS).map(|_| Box::new(value)).collect();
        let mut order = Order(3);
        (0..KEYS).for_each(|n| bare.swap(n, order.next()));
        bare
    };
    for key in &keys {
        db.set(key, value).unwrap();
    }
    let mut order = Order(1);
    group.bench_function("bare pointer", |b| b.iter(|| black_box(bare[order.next()].to_vec())));
    group.bench_function("typed", |b| b.iter(|| black_box(db.get(&keys[order.next()]).unwrap())));
    group.bench_function("typed, set over", |b| b.iter(|| db.set(&keys[order.next()], value).unwrap()));
    group.bench_function("typed, hot key", |b| b.iter(|| black_box(db.get(&keys[0]).unwrap())));
    let mut conn = Conn::new(&db);
    let requests: Vec<String> = (0..1000)
        .map(|_| keys[order.next()].as_str())
        .map(|key| format!("*2\r\n$3\r\nGET\r\n${}\r\n{key}\r\n", key.len()))
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
