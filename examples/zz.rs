//! scratch
use tenondb::{Clock, Db, Options};
fn member(n: usize) -> [u8; 16] {
    let mixed = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut member = *b"m000000000000000";
    for (at, digit) in member[1..].iter_mut().enumerate() { *digit = b'a' + (mixed >> (4 * at) & 15) as u8; }
    member
}
fn main() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, ..Options::default() });
    for n in 0..1_000_000 { db.call([&b"SET"[..], &member(n), b"v", b"PX", b"1000"]).unwrap(); }
    println!("size {:?}", db.call(["DBSIZE"]));
    clock.advance_ms(1_020);
    let mut t = 0;
    while db.tick(100) { t += 1; }
    println!("ticks {t} size {:?}", db.call(["DBSIZE"]));
    println!("tick {} size {:?}", db.tick(100000), db.call(["DBSIZE"]));
    for n in 0..1_000_000 { db.call([&b"SET"[..], &member(n), b"v"]).unwrap(); }
    println!("after set: size {:?}", db.call(["DBSIZE"]));
    let mut missing = 0;
    for n in 0..1_000_000 { if db.call([&b"GET"[..], &member(n)]).unwrap().is_nil() { missing += 1; } }
    println!("missing {missing}");
    let mut del = 0;
    for n in 0..1_000_000 { del += db.call([&b"DEL"[..], &member(n)]).unwrap().as_int().unwrap(); }
    println!("deleted {del} size {:?}", db.call(["DBSIZE"]));
}
