//! Tests of `hash`: by example, against a naive model, and where it may break.
use super::*;
use crate::base::rng::Rng;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug)]
enum Op {
    Set(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
    Expect(usize, usize),
    Clone,
}

/// Few different fields, so that they are met again, and some long ones.
fn field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => (0u8..40).prop_map(|n| format!("f{n}").into_bytes()),
        1 => Just(Vec::new()),
        1 => (60usize..140).prop_map(|len| vec![b'x'; len]),
    ]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => prop::collection::vec(any::<u8>(), 0..12),
        2 => (60usize..300).prop_map(|len| vec![b'v'; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (field(), value()).prop_map(|(f, v)| Op::Set(f, v)),
        5 => field().prop_map(Op::Remove),
        1 => (0usize..8, 0usize..70).prop_map(|(n, len)| Op::Expect(n, len)),
        1 => Just(Op::Clone),
    ]
}

fn limits(entries: usize, value: usize) -> Encodings {
    Encodings { hash_max_listpack_entries: entries, hash_max_listpack_value: value, ..Encodings::default() }
}

fn contents(hash: &Hash) -> Model {
    hash.iter().map(|(f, v)| (f.to_vec(), v.to_vec())).collect()
}

fn scanned(hash: &Hash) -> Model {
    let (mut seen, mut cursor) = (Model::new(), 0);
    loop {
        cursor = hash.scan(cursor, 3, &mut |f, v| {
            seen.insert(f.to_vec(), v.to_vec());
        });
        if cursor == 0 {
            return seen;
        }
    }
}

fn check(hash: &Hash, model: &Model) {
    assert_eq!(
        (hash.len(), hash.is_empty(), hash.iter().len()),
        (model.len(), model.is_empty(), model.len())
    );
    assert_eq!(hash.iter().count(), model.len());
    assert_eq!(contents(hash), *model);
    assert_eq!(scanned(hash), *model);
    for (field, value) in model {
        assert_eq!((hash.get(field), hash.value_len(field)), (Some(value.as_slice()), value.len()));
    }
    assert!(hash.mem_bytes() >= model.iter().map(|(f, v)| f.len() + v.len()).sum());
    let mut rng = Rng::new(model.len() as u64);
    for count in [0, 1, model.len() / 2, model.len(), model.len() + 3] {
        let sample: Model =
            hash.sample(count, &mut rng).iter().map(|(f, v)| (f.to_vec(), v.to_vec())).collect();
        assert_eq!(sample.len(), count.min(model.len()));
        assert!(sample.iter().all(|(f, v)| model.get(f) == Some(v)));
    }
    match hash.random(&mut rng) {
        Some((field, value)) => assert_eq!(model.get(field).map(Vec::as_slice), Some(value)),
        None => assert!(model.is_empty()),
    }
}

fn run(ops: Vec<Op>, limits: &Encodings) {
    let (mut hash, mut model, mut olds) = (Hash::new(), Model::new(), Vec::new());
    let mut was_large = false;
    for op in ops {
        match op {
            Op::Set(field, value) => {
                let new = !model.contains_key(&field);
                assert_eq!(hash.set(&field, &value, limits), new);
                let longest = field.len().max(value.len());
                model.insert(field, value);
                was_large |= model.len() > limits.hash_max_listpack_entries
                    || longest > limits.hash_max_listpack_value;
            }
            Op::Remove(field) => {
                assert_eq!(hash.contains(&field), model.contains_key(&field));
                assert_eq!(hash.remove(&field), model.remove(&field).is_some());
            }
            Op::Expect(pairs, len) => {
                hash.expect(pairs, [&vec![0; len][..]], limits);
                was_large |= pairs > limits.hash_max_listpack_entries || len > limits.hash_max_listpack_value;
            }
            Op::Clone => olds.push((hash.clone(), model.clone())),
        }
        assert_eq!(hash.encoding(), if was_large { "hashtable" } else { "listpack" });
    }
    check(&hash, &model);
    // What was cloned on the way has not moved, and is freed in steps.
    for (mut old, model) in olds {
        check(&old, &model);
        while old.free_step() {}
    }
    check(&hash, &model);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn it_holds_what_a_map_holds_in_every_form(ops in prop::collection::vec(op(), 1..120)) {
        for limits in [limits(0, 0), limits(5, 64), limits(5, 4), limits(30, 130), Encodings::default()] {
            run(ops.clone(), &limits);
        }
    }
}

#[test]
fn it_leaves_the_packed_form_at_the_limits_of_redis() {
    let limits = Encodings::default();
    let number = |n: usize| n.to_string().into_bytes();
    let of = |n: usize| {
        let mut hash = Hash::new();
        (0..n).for_each(|i| assert!(hash.set(&number(i), b"v", &limits)));
        hash
    };
    assert_eq!(of(512).encoding(), "listpack");
    assert_eq!(of(513).encoding(), "hashtable");
    let with = |field: usize, value: usize| {
        let mut hash = of(1);
        hash.set(&vec![b'f'; field], &vec![b'v'; value], &limits);
        hash.encoding()
    };
    assert_eq!([with(64, 64), with(65, 1), with(1, 65)], ["listpack", "hashtable", "hashtable"]);
    // 513 pairs at once make a table even when they are all the same field.
    let mut hash = Hash::new();
    hash.expect(513, [&b"1"[..], b"2"], &limits);
    assert_eq!(hash.encoding(), "hashtable");
    assert!(hash.set(b"1", b"2", &limits));
    // A limit that was lowered counts from the next change on.
    let lower = Encodings { hash_max_listpack_entries: 2, ..limits };
    let mut hash = of(3);
    assert!(!hash.set(b"1", b"x", &lower));
    assert_eq!((hash.encoding(), hash.len()), ("hashtable", 3));
}

#[test]
fn every_field_is_drawn_about_equally_often() {
    for limits in [Encodings::default(), Encodings::NEVER_COMPACT] {
        let mut hash = Hash::new();
        (0..50u8).for_each(|i| assert!(hash.set(&[i], &[i], &limits)));
        let (mut rng, mut singles, mut samples) = (Rng::new(5), [0u32; 50], [0u32; 50]);
        for _ in 0..5000 {
            singles[hash.random(&mut rng).unwrap().0[0] as usize] += 1;
            hash.sample(5, &mut rng).iter().for_each(|(field, _)| samples[field[0] as usize] += 1);
        }
        // Expected 100 and 500; six standard deviations are 60 and 128.
        assert!(singles.iter().all(|n| (40..160).contains(n)), "{singles:?}");
        assert!(samples.iter().all(|n| (370..630).contains(n)), "{samples:?}");
    }
}
