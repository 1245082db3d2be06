//! Tests of `table`: by example, against a naive model, and where it may break.
use super::*;
use proptest::prelude::*;
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A good hash: the finaliser of SplitMix64, a bijection.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn hash_of(entry: &u64) -> u64 {
    mixed(*entry)
}

impl<T> Table<T> {
    /// Checks the invariants of the essay.
    fn check(&self, hasher: impl Fn(&T) -> u64) {
        let (mut at, mut len, mut bytes, mut deepest) = (0, 0, 0, 0);
        assert!(self.directory.len() <= 1 << self.bits);
        while at < self.directory.len() {
            let segment = &self.directory[at];
            let row = self.row(at);
            assert_eq!(row.start, at);
            for other in &self.directory[row.clone()] {
                assert!(other.is_at(segment) && other.depth() == segment.depth());
            }
            assert_eq!(segment.iter().count(), segment.len());
            let free = segment.tags().filter(|&(tag, _)| tag == group::EMPTY).count();
            assert!(segment.slots() as usize - free <= limit(segment.groups()) as usize);
            for entry in segment.iter() {
                let place = self.place(hasher(entry));
                assert!(row.contains(&place.seat(self.bits)));
                assert!(segment.find(place, |other| std::ptr::eq(other, entry)).is_some());
            }
            len += segment.len();
            bytes += segment.bytes();
            deepest += usize::from(segment.depth() == self.bits);
            at = row.end;
        }
        for (i, seat) in self.next.iter().enumerate() {
            assert!(seat.is_at(&self.directory[i / 2]) && seat.depth() == self.directory[i / 2].depth());
        }
        assert_eq!((len, bytes, deepest), (self.len, self.segments_bytes, self.deepest));
    }
}

fn filled(n: u64) -> Table<u64> {
    let mut table = Table::new();
    for i in 0..n {
        table.insert(mixed(i), i, hash_of);
    }
    table
}

#[test]
fn a_table_is_sent_and_shared_between_threads() {
    fn all<T: Send + Sync>(_: &T) {}
    let table = filled(2000);
    all(&table);
    let clones: Vec<_> = (0..3).map(|_| table.clone()).collect();
    let threads = clones.into_iter().zip(0..).map(|(mut clone, nth)| {
        std::thread::spawn(move || {
            for i in 0..2000 {
                assert_eq!(clone.remove(mixed(i), |&e| e == i, hash_of), Some(i));
                clone.insert(mixed(i + 5000 * nth), i + 5000 * nth, hash_of);
            }
            clone.check(hash_of);
        })
    });
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    table.check(hash_of);
    assert_eq!(table.len(), 2000);
}

#[test]
fn an_empty_table_allocates_nothing() {
    let table: Table<u64> = Table::new();
    assert_eq!((table.mem_bytes(), table.len(), table.iter().count()), (0, 0, 0));
    assert_eq!(table.find(7, |_| true), None);
    assert_eq!(table.scan(0, 10, hash_of, |_| panic!()), None);
    assert_eq!(table.random(|| 7), None);
}

#[test]
fn it_grows_splits_merges_and_gives_memory_back() {
    let mut table = filled(40_000);
    table.check(hash_of);
    assert!(table.bits >= 6 && table.iter().copied().collect::<BTreeSet<_>>().len() == 40_000);
    for i in 0..40_000 {
        assert_eq!(table.find(mixed(i), |&e| e == i), Some(&i));
        assert_eq!(table.find(mixed(i + 40_000), |&e| e == i + 40_000), None);
    }
    let full = table.mem_bytes();
    for i in 0..39_990 {
        assert_eq!(table.remove(mixed(i), |&e| e == i, hash_of), Some(i));
        assert_eq!(table.remove(mixed(i), |&e| e == i, hash_of), None);
    }
    table.check(hash_of);
    assert!(table.mem_bytes() < full / 100, "{} of {full}", table.mem_bytes());
    assert_eq!(table.len(), 10);
}

#[test]
fn a_table_of_any_size_is_about_three_fifths_full() {
    let mut table = Table::new();
    for i in 0..200_000u64 {
        table.insert(mixed(i), i as u32, |&e| mixed(u64::from(e)));
        if i > 20_000 && i % 10_000 == 0 {
            let each = table.mem_bytes() as f64 / i as f64;
            assert!((7.0..9.0).contains(&each), "{each} bytes at {i}");
        }
    }
}

#[test]
fn a_large_directory_is_prepared_before_it_doubles() {
    let mut table: Table<u32> = Table::new();
    let hasher = |&e: &u32| mixed(u64::from(e));
    let (mut prepared, mut copies) = (0, Vec::new());
    for i in 0..400_000 {
        let (seats, ready) = (table.directory.len(), table.next.len());
        table.insert(hasher(&i), i, hasher);
        if table.directory.len() != seats && seats >= PREPARED {
            assert_eq!(ready, 2 * seats);
            prepared += 1;
        }
        if i % 50_000 == 0 {
            table.check(hasher);
            copies.push(table.clone());
        }
    }
    assert!(prepared >= 1);
    table.check(hasher);
    for i in 0..300_000 {
        assert_eq!(table.remove(hasher(&i), |&e| e == i, hasher), Some(i));
    }
    table.check(hasher);
    copies.iter().for_each(|copy| copy.check(hasher));
}

#[test]
fn a_clone_is_cheap_and_independent() {
    let mut table: Table<Arc<u64>> = Table::new();
    let hasher = |e: &Arc<u64>| mixed(**e);
    for i in 0..3000 {
        table.insert(mixed(i), Arc::new(i), hasher);
    }
    let copy = table.clone();
    assert!(table.iter().all(|e| Arc::strong_count(e) == 1), "an entry was cloned");
    for i in 0..1000 {
        assert!(table.remove(mixed(i), |e| **e == i, hasher).is_some());
        table.insert(mixed(i + 5000), Arc::new(i + 5000), hasher);
    }
    *table.find_mut(mixed(2000), |e| **e == 2000).unwrap() = Arc::new(2000);
    table.check(hasher);
    copy.check(hasher);
    assert_eq!(copy.iter().map(|e| **e).collect::<BTreeSet<_>>(), (0..3000).collect());
    assert_eq!(table.len(), 3000);
    let kept = Arc::clone(table.find(mixed(2500), |e| **e == 2500).unwrap());
    drop(copy);
    drop(table);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn a_table_can_be_taken_down_in_steps() {
    let mut table = filled(5000);
    let copy = table.clone();
    let mut steps = 0;
    while table.pop_segment() {
        steps += 1;
        if steps == 3 {
            table.insert(mixed(9999), 9999, hash_of);
            table.check(hash_of);
        }
    }
    assert!(steps > 10);
    assert_eq!((table.len(), table.mem_bytes()), (0, 0));
    copy.check(hash_of);
    assert_eq!(copy.len(), 5000);
}

#[test]
fn equal_hashes_do_not_grow_the_directory() {
    for hash in [0, u64::MAX, 0x1234_5678_9abc_def0] {
        let mut table = Table::new();
        for i in 0..2000u64 {
            table.insert(hash, i, |_| hash);
        }
        table.check(|_| hash);
        assert!(table.directory.len() <= 128 && table.mem_bytes() < 100_000, "{}", table.mem_bytes());
        assert_eq!(table.find(hash, |&e| e == 1999), Some(&1999));
        let mut seen = 0;
        assert_eq!(table.scan(0, 1, |_| hash, |_| seen += 1), None);
        assert_eq!(seen, 2000);
        for i in 0..2000 {
            assert_eq!(table.remove(hash, |&e| e == i, |_| hash), Some(i));
        }
        table.check(|_| hash);
        assert!(table.mem_bytes() < 1000);
    }
}

#[test]
fn hashes_with_long_common_prefixes_are_served() {
    let hasher = |&e: &u64| e;
    let mut table = Table::new();
    for i in 0..20_000u64 {
        table.insert(i, i, hasher);
    }
    table.check(hasher);
    assert!(table.mem_bytes() < 20_000 * 64);
    let mut seen = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = table.scan(at, 100, hasher, |&e| seen.push(e));
    }
    assert_eq!(seen, (0..20_000).collect::<Vec<_>>());
}

#[test]
fn panics_of_the_caller_leave_a_valid_table() {
    #[derive(Debug)]
    struct Bomb(u64, Arc<()>);
    thread_local!(static FUSE: Cell<u32> = const { Cell::new(u32::MAX) });
    fn tick() {
        FUSE.set(FUSE.get().wrapping_sub(1));
        if FUSE.get() == 0 {
            // Unlike `panic!`, this does not print.
            std::panic::resume_unwind(Box::new("boom"));
        }
    }
    impl Clone for Bomb {
        fn clone(&self) -> Self {
            tick();
            Self(self.0, Arc::clone(&self.1))
        }
    }
    let quiet = |e: &Bomb| mixed(e.0);
    let loud = |e: &Bomb| {
        tick();
        mixed(e.0)
    };
    let alive = Arc::new(());
    let mut table = Table::new();
    let mut clones = Vec::new();
    let mut model = BTreeSet::new();
    for i in 0..3000u64 {
        FUSE.set(1 + (mixed(i) % 400) as u32);
        let key = mixed(i) % 1500;
        if i % 50 == 0 {
            clones.push(table.clone());
            clones.truncate(3);
        }
        let done = catch_unwind(AssertUnwindSafe(|| {
            if i % 3 == 0 && i > 1000 {
                table.remove(mixed(key), |e| e.0 == key, loud);
            } else {
                table.find_or_insert_with(mixed(key), |e| e.0 == key, || Bomb(key, Arc::clone(&alive)), loud);
            }
        }));
        FUSE.set(u32::MAX);
        let inside = table.find(mixed(key), |e| e.0 == key).is_some();
        if done.is_ok() {
            assert_eq!(inside, !(i % 3 == 0 && i > 1000));
        }
        if inside {
            model.insert(key)
        } else {
            model.remove(&key)
        };
        if i % 100 == 0 {
            table.check(quiet);
        }
    }
    table.check(quiet);
    assert_eq!(table.iter().map(|e| e.0).collect::<BTreeSet<_>>(), model);
    drop((table, clones));
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn chance_picks_every_entry_alike() {
    let mut state = 1;
    for n in [3, 1500] {
        let table = filled(n);
        let mut counts = vec![0u32; n as usize];
        for _ in 0..n * 100 {
            state += 1;
            counts[*table
                .random(|| {
                    state += 1;
                    mixed(state)
                })
                .unwrap() as usize] += 1;
        }
        // 100 expected, standard deviation 10.
        assert!(counts.iter().all(|&c| (45..=160).contains(&c)), "{counts:?}");
    }
    // The fallback: a source that never hits.
    let table = filled(1500);
    assert!(table.random(|| u64::MAX).is_some());
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u16),
    Remove(u16),
    Many(u16, u16),
    Fewer(u16, u16),
    Clone,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => any::<u16>().prop_map(Step::Insert),
        6 => any::<u16>().prop_map(Step::Remove),
        2 => (0..4000u16, 0..1500u16).prop_map(|(a, b)| Step::Many(a, b)),
        2 => (0..4000u16, 0..2500u16).prop_map(|(a, b)| Step::Fewer(a, b)),
        1 => Just(Step::Clone),
    ];
    prop::collection::vec(step, 1..24)
}

/// `quality` bits of the hash are good; the others are zero.
fn apply(
    table: &mut Table<u64>,
    model: &mut BTreeMap<u64, u64>,
    step: &Step,
    hash: impl Fn(u64) -> u64 + Copy,
) {
    let hasher = |e: &u64| hash(*e);
    let insert = |table: &mut Table<u64>, model: &mut BTreeMap<u64, u64>, key: u64| {
        let (entry, new) = table.find_or_insert_with(hash(key), |&e| e == key, || key, hasher);
        assert_eq!((*entry, new), (key, model.insert(key, key).is_none()));
    };
    let remove = |table: &mut Table<u64>, model: &mut BTreeMap<u64, u64>, key: u64| {
        assert_eq!(table.remove(hash(key), |&e| e == key, hasher), model.remove(&key));
    };
    match *step {
        Step::Insert(key) => insert(table, model, u64::from(key)),
        Step::Remove(key) => remove(table, model, u64::from(key)),
        Step::Many(from, n) => (0..n).for_each(|i| insert(table, model, u64::from(from + i))),
        Step::Fewer(from, n) => (0..n).for_each(|i| remove(table, model, u64::from(from + i))),
        Step::Clone => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn it_is_a_map_whatever_the_hash(steps in steps(), kind in 0..4u8, skip in 0..8u8) {
        let keep = match kind { 0 => u64::MAX, 1 => 0xff, 2 => 0xffff_f000_0000_0000, _ => 0xff00_0000_0000_00ff };
        let hash = |key: u64| (mixed(key) & keep) << skip >> skip;
        let mut table = Table::with_skip(skip);
        let mut model = BTreeMap::new();
        let mut clones = Vec::new();
        for step in &steps {
            apply(&mut table, &mut model, step, hash);
            if matches!(step, Step::Clone) {
                clones.push((table.clone(), model.clone()));
            }
        }
        clones.push((table, model));
        for (table, model) in clones {
            table.check(|e| hash(*e));
            prop_assert_eq!(table.len(), model.len());
            let mut entries: Vec<u64> = table.iter().copied().collect();
            entries.sort_unstable();
            prop_assert!(entries.iter().eq(model.keys()));
        }
    }

    #[test]
    fn a_scan_visits_what_stays_exactly_once(
        before in steps(), between in prop::collection::vec(steps(), 1..6), count in 1..700usize, bad in any::<bool>(),
    ) {
        let hash = |key: u64| if bad { mixed(key) & 0xff00_0000_000f } else { mixed(key) };
        let mut table = Table::new();
        let mut model = BTreeMap::new();
        before.iter().for_each(|step| apply(&mut table, &mut model, step, hash));
        let mut stays: BTreeSet<u64> = model.keys().copied().collect();
        let (mut seen, mut cursor, mut call) = (Vec::new(), Some(0), 0);
        while let Some(at) = cursor {
            let start = seen.len();
            cursor = table.scan(at, count, |&e| hash(e), |&e| seen.push(e));
            prop_assert!(seen.len() - start >= count || cursor.is_none());
            prop_assert!(seen[start..].iter().map(|&e| hash(e)).is_sorted());
            if let Some(steps) = between.get(call) {
                for step in steps {
                    apply(&mut table, &mut model, step, hash);
                    stays.retain(|key| model.contains_key(key));
                }
            }
            call += 1;
        }
        let once: BTreeSet<u64> = seen.iter().copied().collect();
        // What was taken out and put back meanwhile may have been seen twice; what stayed may not.
        for key in &stays {
            prop_assert_eq!(seen.iter().filter(|e| *e == key).count(), 1);
        }
        prop_assert!(stays.is_subset(&once));
    }
}

#[test]
fn a_table_laid_out_beforehand_is_filled_without_moving_what_is_in_it() {
    for len in [1, 17, 300, 448, 5000, 60_000] {
        for skip in [0, 6] {
            let hash = |e: &u64| mixed(*e) << skip >> skip;
            let mut table = Table::with_skip(skip);
            table.reserve(len);
            table.check(hash);
            assert!(table.is_empty() && table.scan(0, 10, hash, |_| panic!()).is_none());
            let (laid_out, moved) = (table.mem_bytes(), Cell::new(0));
            for entry in 0..len as u64 {
                table.insert(hash(&entry), entry, |e| {
                    moved.set(moved.get() + 1);
                    hash(e)
                });
            }
            table.check(hash);
            assert!(moved.get() * 8 <= len.max(4000), "{} of {len} moved", moved.get());
            assert!(table.mem_bytes() * 2 <= laid_out * 3, "{} after {laid_out}", table.mem_bytes());
            assert!((0..len as u64).all(|e| table.find(hash(&e), |o| *o == e) == Some(&e)));
            let mut grown = Table::with_skip(skip);
            (0..len as u64).for_each(|e| grown.insert(hash(&e), e, hash));
            let allowed = grown.mem_bytes() * 5 / 4;
            assert!(len < 1000 || table.mem_bytes() <= allowed, "{len}: more than when it grows");
            table.reserve(1 << 20);
            assert_eq!(table.len(), len, "not for a table with entries");
        }
    }
}

#[test]
fn a_table_laid_out_for_others_than_come_is_a_table() {
    let mut table = Table::new();
    table.reserve(10_000);
    (0..100).for_each(|e| table.insert(mixed(e), e, hash_of));
    table.check(hash_of);
    let copy = table.clone();
    for e in 0..100 {
        assert_eq!(table.remove(mixed(e), |o| *o == e, hash_of), Some(e));
    }
    table.check(hash_of);
    copy.check(hash_of);
    let mut bad = Table::new();
    bad.reserve(10_000);
    (0..10_000).for_each(|e| bad.insert(e, e, |e| *e));
    bad.check(|e| *e);
    while bad.pop_segment() {}
    bad.reserve(500);
    (0..2000).for_each(|e| bad.insert(mixed(e), e, hash_of));
    bad.check(hash_of);
}

#[test]
fn what_a_hasher_reads_is_asked_for_before() {
    thread_local!(static ASKED: std::cell::RefCell<BTreeSet<u64>> = const { std::cell::RefCell::new(BTreeSet::new()) });
    let mut table = Table::new().bringing(|e: &u64| {
        ASKED.with(|asked| asked.borrow_mut().insert(*e));
    });
    let hasher = |e: &u64| {
        assert!(ASKED.with(|asked| asked.borrow().contains(e)), "{e}");
        mixed(*e)
    };
    (0..3000).for_each(|e| table.insert(mixed(e), e, hasher));
    table.check(hash_of);
    assert!(ASKED.with(|asked| asked.borrow().len()) > 2000);
    let hits = Cell::new(0);
    (0..3000).for_each(|e| {
        table.prefetch_seat(mixed(e));
        table.prefetch_to_write(mixed(e));
        table.each_candidate(mixed(e), |found| hits.set(hits.get() + usize::from(*found == e)));
    });
    assert_eq!(hits.get(), 3000);
    assert!(table.find_mut(mixed(7), |e| *e == 7).is_some());
    let empty: Table<u64> = Table::new();
    empty.prefetch_seat(7);
    empty.prefetch_to_write(7);
}
