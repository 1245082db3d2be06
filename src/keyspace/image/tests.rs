//! Tests of images: whatever is written after the mark, they show what was there before it.
use super::*;
use crate::{
    base::{
        hash,
        limits::{DATABASES, Encodings},
        rng::{Rng, Seeds},
    },
    keyspace::{
        digest::{Digest, of_value},
        locks::{Held, Stripes},
        strings::Ttl,
        view::{Scope, View},
    },
    value::{Hash, List, Set, ZSet, list::Side},
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

type Dump = BTreeMap<(u32, Vec<u8>), (Option<u64>, Digest)>;

const STRIPES: usize = 4;

fn keyspace(limits: Encodings) -> Keyspace {
    Keyspace::new(STRIPES, limits, &Seeds::new(Some(1)))
}

fn add(dump: &mut Dump, db: u32, entry: &Entry) {
    let before = dump.insert((db, entry.key().to_vec()), (entry.expire_at_ms(), of_value(entry)));
    assert!(before.is_none(), "a key is shown once");
}

fn dump(held: &mut Held<'_>) -> Dump {
    let mut dump = Dump::new();
    for stripe in held.iter_mut() {
        for db in 0..DATABASES as u32 {
            stripe.slice(db).table.iter().for_each(|entry| add(&mut dump, db, entry));
        }
    }
    dump
}

fn walk(mut image: Image, dump: &mut Dump) {
    loop {
        let (before, mut seen) = (image.len(), 0);
        let more = image.next_batch(&mut |db, entry| {
            seen += 1;
            add(dump, db, entry);
        });
        assert_eq!(image.len(), before - seen);
        assert!(seen > 0 || !more, "a batch has something in it");
        if !more {
            assert!(image.is_empty());
            return;
        }
    }
}

/// Runs `body` as a command on all keys does.
fn command<R>(
    keyspace: &Keyspace,
    rng: &mut Rng,
    now_ms: u64,
    db: u32,
    body: impl FnOnce(&mut View<'_>) -> R,
) -> R {
    let mut held = keyspace.lock_all();
    let mut view = View::new(Scope::Many(&mut held), &[], now_ms, rng.next(), db);
    let result = body(&mut view);
    held.iter_mut().for_each(|stripe| {
        stripe.settle();
        drop(stripe.take_dead());
    });
    result
}

fn on_collection(view: &mut View<'_>, key: &[u8], n: u64, member: &[u8], limits: &Encodings) {
    match n % 8 {
        0 => drop(
            view.get_or_new(key, List::new).map(|mut list| list.push(Side::Right, &[member, key], limits)),
        ),
        1 => drop(view.get_mut::<List>(key).map(|list| list.map(|mut l| l.pop(Side::Left, limits, |_| ())))),
        2 => drop(view.get_or_new(key, Hash::new).map(|mut hash| hash.set(member, key, limits))),
        3 => drop(view.get_mut::<Hash>(key).map(|hash| hash.map(|mut h| h.remove(member)))),
        4 => drop(view.get_or_new(key, Set::new).map(|mut set| set.insert(member, limits))),
        5 => drop(view.get_mut::<Set>(key).map(|set| set.map(|mut s| s.remove(member)))),
        6 => drop(view.get_or_new(key, ZSet::new).map(|mut zset| zset.insert(member, n as f64, limits))),
        _ => drop(view.get_mut::<ZSet>(key).map(|zset| zset.map(|mut z| z.remove_ranks(0..2)))),
    }
}

/// One write of any kind.
fn write(keyspace: &Keyspace, rng: &mut Rng, now_ms: u64, keys: u64, limits: &Encodings) {
    let (db, other_db) = (rng.below(3) as u32, rng.below(3) as u32);
    let (key, other) = (rng.below(keys).to_string().into_bytes(), rng.below(keys).to_string().into_bytes());
    let (kind, n) = (rng.below(200), rng.next());
    let member = (n % 50).to_string().into_bytes();
    if kind == 0 {
        let stripe = keyspace.stripe_of(hash::bytes(&key));
        keyspace.lock(stripe).reclaim(now_ms, 8);
        return;
    }
    if kind < 8 {
        // As the end of a transaction does.
        let hash = hash::bytes(&key);
        let entry = (n & 1 == 0).then(|| Entry::int(&key, n as i64));
        let mut held = keyspace.lock_some([hash].into_iter());
        held.at(hash).exchange(db, hash, &key, entry, now_ms);
        return;
    }
    command(keyspace, rng, now_ms, db, |view| match kind {
        8 => drop(view.flush((n & 1 == 0).then_some(db))),
        9..12 => view.swap(db, other_db),
        12..30 => drop(view.set(&key, (n >> (n % 64)).to_string().as_bytes(), Ttl::Clear)),
        30..40 => drop(view.set(&key, &vec![b'x'; (n % 4000) as usize], Ttl::Keep)),
        40..50 => drop(view.set(&key, b"mortal", Ttl::At(now_ms + 1 + n % 100))),
        50..60 => drop(view.increment(&key, n as i64 % 100)),
        60..70 => drop(view.edit(&key, |text| {
            text.extend_from_slice(&vec![b'y'; (n % 700) as usize]);
            Ok(())
        })),
        70..80 => drop(view.set_expire_at_ms(&key, (n & 3 > 0).then_some(now_ms + n % 100))),
        80..90 => drop(view.remove(&key)),
        90..95 => {
            if let Some(entry) = view.take(&key) {
                view.put(&other, entry);
            }
        }
        95..100 => {
            if let Some(entry) = view.cloned(&key) {
                view.within(other_db, |view| view.put(&other, entry));
            }
        }
        100..105 => drop(view.exists(&key)),
        _ => on_collection(view, &key, n, &member, limits),
    });
}

#[test]
fn an_image_is_what_was_there_when_it_was_marked() {
    for (seed, limits) in
        [(1, Encodings::default()), (2, Encodings::NEVER_COMPACT), (3, Encodings::default())]
    {
        let (keyspace, mut rng, mut now_ms) = (keyspace(limits), Rng::new(seed), 1_000_000);
        for round in 0..4 {
            let keys = [40, 600, 3000, 5000][round];
            let mut writes = |count: usize, rng: &mut Rng| {
                for _ in 0..count {
                    now_ms += rng.below(3);
                    write(&keyspace, rng, now_ms, keys, &limits);
                }
            };
            writes(2500, &mut rng);
            let mut held = keyspace.lock_all();
            let expected = dump(&mut held);
            held.mark_images_due();
            let mut found = Dump::new();
            for index in 0..STRIPES {
                writes([5, 1, 300, 900][rng.below(4) as usize], &mut rng);
                let mut image = keyspace.take_image(index, &|| true).unwrap().expect("it was marked");
                // Walked in part, with more writes between.
                let (mut more, first) = (true, rng.below(2));
                for _ in 0..first {
                    more = more && image.next_batch(&mut |db, entry| add(&mut found, db, entry));
                    writes(200, &mut rng);
                }
                walk(image, &mut found);
                assert!(keyspace.take_image(index, &|| true).unwrap().is_none(), "handed over once");
            }
            assert!(expected == found, "seed {seed}, round {round}");
            assert!(dump(&mut keyspace.lock_all()) != expected, "the writes did something");
        }
    }
}

#[test]
fn an_image_is_one_moment_of_all_stripes_though_others_go_on_writing() {
    const KEYS: u64 = 2000;
    let (keyspace, stop) = (keyspace(Encodings::default()), AtomicBool::new(false));
    let key = |n: u64| n.to_string().into_bytes();
    let mut rng = Rng::new(9);
    command(&keyspace, &mut rng, 1, 0, |view| {
        (0..KEYS).for_each(|n| _ = view.set(&key(n), b"10", Ttl::Clear))
    });
    let shift = |rng: &mut Rng| {
        let (from, to) = (key(rng.below(KEYS)), key(rng.below(KEYS)));
        let mut held = keyspace.lock_some([hash::bytes(&from), hash::bytes(&to)].into_iter());
        let mut view = View::new(Scope::Many(&mut held), &[], 1, 0, 0);
        view.increment(&from, -1).and_then(|_| view.increment(&to, 1)).expect("integers");
    };
    std::thread::scope(|scope| {
        for seed in 0..2 {
            let (shift, stop) = (&shift, &stop);
            scope.spawn(move || {
                let mut rng = Rng::new(seed);
                while !stop.load(Ordering::Relaxed) {
                    shift(&mut rng);
                }
            });
        }
        for _ in 0..20 {
            keyspace.lock_all().mark_images_due();
            let (mut sum, mut count) = (0, 0);
            for index in 0..STRIPES {
                let mut image = keyspace.take_image(index, &|| true).unwrap().expect("it was marked");
                while image.next_batch(&mut |_, entry| {
                    if let crate::ds::entry::Payload::Int(value) = entry.payload() {
                        sum += value;
                        count += 1;
                    }
                }) {}
            }
            assert_eq!((sum, count), (KEYS as i64 * 10, KEYS));
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn reading_copies_nothing_and_a_write_copies_one_segment() {
    let keyspace = Keyspace::new(1, Encodings::default(), &Seeds::new(Some(1)));
    let (mut rng, key) = (Rng::new(3), |n: u32| n.to_string().into_bytes());
    command(&keyspace, &mut rng, 1_000, 0, |view| {
        (0..3000).for_each(|n| _ = view.set(&key(n), b"text of a key", Ttl::Clear));
        drop(
            view.get_or_new(b"list", List::new)
                .map(|mut l| l.push(Side::Left, &[b"a"], &Encodings::default())),
        );
    });
    keyspace.lock_all().mark_images_due();
    let image = keyspace.take_image(0, &|| true).unwrap().expect("it was marked");
    // Entries of the stripe that lie where the image has them: not copied.
    let shared = || {
        let stripe = keyspace.lock(0);
        let there: std::collections::BTreeSet<*const Entry> =
            image.tables[0].1.iter().map(std::ptr::from_ref).collect();
        stripe.slice(0).table.iter().filter(|entry| there.contains(&std::ptr::from_ref(*entry))).count()
    };
    // Hours later, so that every clock would have to be stamped.
    command(&keyspace, &mut rng, 9_000_000, 0, |view| {
        for n in 0..3000 {
            assert!(view.string(&key(n)).is_ok_and(|text| text.is_some()));
            assert!(view.exists(&key(n)) && view.kind(&key(n)).is_some() && view.cloned(&key(n)).is_some());
        }
        assert!(view.get::<List>(b"list").is_ok_and(|list| list.is_some_and(|list| list.len() == 1)));
        assert!(view.get_each::<List>(&[b"list", b"list"]).is_ok());
    });
    assert_eq!(shared(), 3001);
    command(&keyspace, &mut rng, 9_000_000, 0, |view| view.set(&key(7), b"written", Ttl::Clear));
    assert!((2500..3001).contains(&shared()), "{} of 3001", shared());
    drop(image);
    command(&keyspace, &mut rng, 9_001_000, 0, |view| {
        view.exists(&key(8));
        assert_eq!(view.idle_s(&key(8)), Some(0), "the clock is stamped again");
    });
}

#[test]
fn images_that_nobody_fetches_are_dropped() {
    let (keyspace, mut rng) = (keyspace(Encodings::default()), Rng::new(4));
    command(&keyspace, &mut rng, 1, 0, |view| view.set(b"key", b"old", Ttl::Clear));
    keyspace.lock_all().mark_images_due();
    command(&keyspace, &mut rng, 1, 0, |view| view.set(b"key", b"new", Ttl::Clear));
    keyspace.drop_images(&|| true);
    assert!((0..STRIPES).all(|index| keyspace.take_image(index, &|| true).unwrap().is_none()));
    // Marked again before it was fetched: the later moment counts.
    keyspace.lock_all().mark_images_due();
    keyspace.lock_all().mark_images_due();
    let mut found = Dump::new();
    (0..STRIPES).for_each(|index| {
        walk(keyspace.take_image(index, &|| true).unwrap().expect("it was marked"), &mut found)
    });
    assert_eq!(found, dump(&mut keyspace.lock_all()));
}
