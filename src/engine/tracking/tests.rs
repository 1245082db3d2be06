//! The table of read keys: what it counts, whom it knows, what is picked.
use super::*;
use crate::cmd::session::{card::Origin, tracking::Mode};

#[test]
fn a_key_is_known_with_all_who_have_read_it_and_forgotten_at_once() {
    let table = Table::default();
    for (key, id) in [(b"a", 3), (b"a", 1), (b"b", 1), (b"a", 3)] {
        table.add(key, id);
    }
    assert_eq!((table.keys.load(Relaxed), table.ids.load(Relaxed)), (2, 3));
    assert_eq!(table.take(b"a").map(|read| read.ids), Some(vec![1, 3]));
    assert!(table.take(b"a").is_none());
    assert_eq!((table.keys.load(Relaxed), table.ids.load(Relaxed)), (1, 1));
}

#[test]
fn whatever_is_picked_the_others_are_still_found() {
    let table = Table::default();
    let mut keys: BTreeSet<Vec<u8>> = (0..2_000).map(|n| format!("key:{n}").into_bytes()).collect();
    keys.iter().for_each(|key| table.add(key, 1));
    let mut rng = Rng::new(7);
    for _ in 0..1_500 {
        let read = table.take_any(&mut rng).unwrap();
        assert!(keys.remove(&*read.key), "a key is picked once");
    }
    assert_eq!(table.keys.load(Relaxed), 500);
    for key in &keys {
        assert_eq!(table.take(key).map(|read| read.ids), Some(vec![1]));
    }
    assert!(table.take_any(&mut rng).is_none());
    assert_eq!((table.keys.load(Relaxed), table.ids.load(Relaxed)), (0, 0));
}

#[test]
fn clearing_forgets_everything() {
    let table = Table::default();
    (0..100u64).for_each(|id| table.add(id.to_string().as_bytes(), id));
    table.clear();
    assert_eq!((table.keys.load(Relaxed), table.ids.load(Relaxed)), (0, 0));
    assert!(table.take(b"7").is_none());
}

#[test]
fn stripes_note_names_only_as_long_as_somebody_is_told() {
    let notes = |db: &crate::engine::Db| {
        let mut stripe = db.core.keyspace.lock(0);
        stripe.tally.interest.changed(0, 1, b"k");
        !stripe.tally.interest.take().touched.is_empty()
    };
    let db = crate::engine::Db::memory();
    assert!(!notes(&db));
    let (first, second) = (db.watch_prefix("a").unwrap(), db.watch_prefix("a").unwrap());
    drop(first);
    assert!(notes(&db));
    drop(second);
    assert!(!notes(&db));
    let card = db.core.open_client(Origin::default());
    let tracker = Arc::new(Tracker::new(Mode::Reads, false, 0));
    db.core.begin_caching(&db, &card, &tracker, &[]).unwrap();
    assert!(notes(&db));
    db.core.end_caching(&db, &card, &BTreeSet::new());
    assert!(!notes(&db));
}
