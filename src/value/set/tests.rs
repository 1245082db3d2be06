//! Tests of `set`: by example, against a naive model, and where it may break.
use super::*;
use crate::base::rng::Rng;
use proptest::prelude::*;
use std::collections::BTreeSet;

type Model = BTreeSet<Vec<u8>>;

#[derive(Clone, Debug)]
enum Op {
    Insert(Vec<u8>),
    Remove(Vec<u8>),
    Pop(u64),
    Expect(Vec<u8>, usize),
    Clone,
}

fn int() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![20 => -30i64..30, 1 => any::<i64>()].prop_map(|n| n.to_string().into_bytes())
}

/// Integers mostly, so that the first other one comes late; texts that only look like integers.
fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        60 => int(),
        2 => (0u8..9).prop_map(|n| format!("0{n}").into_bytes()),
        1 => Just(b"-0".to_vec()),
        1 => Just(Vec::new()),
        1 => Just(b"9223372036854775808".to_vec()),
        1 => (60usize..140).prop_map(|len| vec![b'x'; len]),
    ]
}

fn ops(member: impl Strategy<Value = Vec<u8>> + Clone) -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        14 => member.clone().prop_map(Op::Insert),
        5 => member.clone().prop_map(Op::Remove),
        1 => any::<u64>().prop_map(Op::Pop),
        1 => (member, 0usize..6).prop_map(|(first, n)| Op::Expect(first, n)),
        1 => Just(Op::Clone),
    ];
    prop::collection::vec(op, 1..100)
}

fn limits(ints: usize, entries: usize, value: usize) -> Encodings {
    Encodings {
        set_max_intset_entries: ints,
        set_max_listpack_entries: entries,
        set_max_listpack_value: value,
        ..Encodings::default()
    }
}

fn scanned(set: &Set) -> Model {
    let (mut seen, mut cursor) = (Model::new(), 0);
    loop {
        cursor = set.scan(cursor, 3, &mut |member| assert!(seen.insert(member.to_vec()), "shown twice"));
        if cursor == 0 {
            return seen;
        }
    }
}

fn check(set: &Set, model: &Model) {
    assert_eq!((set.len(), set.is_empty(), set.iter().len()), (model.len(), model.is_empty(), model.len()));
    assert_eq!(set.iter().count(), model.len());
    assert_eq!(set.iter().map(|m| m.to_vec()).collect::<Model>(), *model);
    assert_eq!(scanned(set), *model);
    assert!(model.iter().all(|m| set.contains(m)));
    assert!(set.iter().all(|m| set.contains_member(&m)));
    let mut rng = Rng::new(model.len() as u64);
    for count in [0, 1, model.len() / 2, model.len(), model.len() + 3] {
        let sample: Model = set.sample(count, &mut rng).iter().map(|m| m.to_vec()).collect();
        assert_eq!(sample.len(), count.min(model.len()));
        assert!(sample.is_subset(model));
    }
    match set.random(&mut rng) {
        Some(member) => assert!(model.contains(&*member)),
        None => assert!(model.is_empty()),
    }
}

fn is_int(member: &[u8]) -> bool {
    num::parse_int(member).is_some()
}

/// What Redis would say after `member` was added, all members then being `model`.
fn expected(before: &'static str, member: &[u8], model: &Model, limits: &Encodings) -> &'static str {
    let longest = model.iter().map(Vec::len).max().unwrap_or(0);
    let packs = model.len() <= limits.set_max_listpack_entries && longest <= limits.set_max_listpack_value;
    match before {
        "intset" if is_int(member) && model.len() <= limits.set_max_intset_entries => "intset",
        // The very first member of a set that may not be an intset.
        "intset" if is_int(member) && model.len() > 1 => "hashtable",
        "intset" | "listpack" if packs => "listpack",
        _ => "hashtable",
    }
}

fn run(ops: Vec<Op>, limits: &Encodings) {
    let (mut set, mut model, mut olds) = (Set::new(), Model::new(), Vec::new());
    for op in ops {
        let before = set.encoding();
        match op {
            Op::Insert(member) => {
                assert_eq!(set.contains(&member), model.contains(&member));
                let new = !model.contains(&member);
                assert_eq!(set.insert(&member, limits), new);
                model.insert(member.clone());
                let after = if new { expected(before, &member, &model, limits) } else { before };
                assert_eq!(set.encoding(), after, "after {} in {before}", member.escape_ascii());
            }
            Op::Remove(member) => assert_eq!(set.remove(&member), model.remove(&member)),
            Op::Pop(seed) => match set.pop(&mut Rng::new(seed)) {
                Some(member) => assert!(model.remove(&member)),
                None => assert!(model.is_empty()),
            },
            Op::Expect(first, count) if !model.is_empty() => {
                set.expect(&first, count, limits);
                let most = match before {
                    "intset" => limits.set_max_intset_entries,
                    "listpack" => limits.set_max_listpack_entries,
                    _ => usize::MAX,
                };
                assert_eq!(set.encoding(), if count > most { "hashtable" } else { before });
            }
            Op::Expect(..) => {}
            Op::Clone => olds.push((set.clone(), model.clone())),
        }
        // A collection that was emptied is thrown away by whoever keeps it.
        if model.is_empty() {
            set = Set::new();
        }
    }
    check(&set, &model);
    for (mut old, model) in olds {
        check(&old, &model);
        while old.free_step() {}
    }
    check(&set, &model);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn it_holds_what_a_set_holds_in_every_form(ints in ops(int().boxed()), mixed in ops(member().boxed())) {
        for limits in
            [Encodings::NEVER_COMPACT, limits(0, 8, 64), limits(8, 0, 64), limits(8, 20, 2), Encodings::default()]
        {
            run(ints.clone(), &limits);
            run(mixed.clone(), &limits);
        }
    }
}

#[test]
fn it_changes_form_where_redis_does() {
    let default = Encodings::default();
    let text = |n: &dyn std::fmt::Display| n.to_string().into_bytes();
    let of = |n: usize, also: &[&[u8]], limits: &Encodings| {
        let mut set = Set::new();
        (0..n).for_each(|i| assert!(set.insert(&text(&i), limits)));
        also.iter().for_each(|m| assert!(set.insert(m, limits)));
        set.encoding()
    };
    let (long, longer) = ([b'a'; 64], [b'a'; 65]);
    assert_eq!([of(512, &[], &default), of(513, &[], &default)], ["intset", "hashtable"]);
    assert_eq!([of(127, &[b"a"], &default), of(128, &[b"a"], &default)], ["listpack", "hashtable"]);
    assert_eq!([of(3, &[&long], &default), of(3, &[&longer], &default)], ["listpack", "hashtable"]);
    assert_eq!([of(0, &[b"01"], &default), of(0, &[&long, &longer], &default)], ["listpack", "hashtable"]);
    // The texts of the integers count, too.
    let two = limits(512, 128, 2);
    assert_eq!(
        [of(0, &[b"10", b"99", b"a"], &two), of(0, &[b"10", b"100", b"a"], &two)],
        ["listpack", "hashtable"]
    );
    assert_eq!(
        [of(0, &[b"a", b"100"], &two), of(0, &[b"-10", b"20", b"a"], &two)],
        ["hashtable", "hashtable"]
    );
    // No room for integers: the first one makes a listpack, the one too many a table.
    assert_eq!(
        [of(1, &[], &limits(0, 128, 64)), of(129, &[], &limits(0, 128, 64))],
        ["listpack", "hashtable"]
    );
    assert_eq!([of(5, &[], &limits(5, 128, 64)), of(6, &[], &limits(5, 128, 64))], ["intset", "hashtable"]);
}

#[test]
fn a_command_with_many_members_chooses_the_form_by_their_count() {
    let five = limits(5, 128, 64);
    let of = |before: &[&[u8]], first: &[u8], count: usize| {
        let mut set = Set::new();
        before.iter().for_each(|m| assert!(set.insert(m, &five)));
        set.expect(first, count, &five);
        set.insert(first, &five);
        set.encoding()
    };
    assert_eq!([of(&[], b"1", 5), of(&[], b"1", 6), of(&[], b"1", 129)], ["intset", "listpack", "hashtable"]);
    assert_eq!([of(&[], b"a", 128), of(&[], b"a", 129)], ["listpack", "hashtable"]);
    assert_eq!([of(&[b"1"], b"2", 5), of(&[b"1"], b"2", 6)], ["intset", "hashtable"]);
    assert_eq!([of(&[b"a"], b"2", 128), of(&[b"a"], b"a", 129)], ["listpack", "hashtable"]);
}

#[test]
fn every_member_is_drawn_about_equally_often() {
    let compact = Encodings::default();
    let never = Encodings::NEVER_COMPACT;
    // Every so many of the members are texts.
    for (limits, texts) in [(compact, 99), (compact, 1), (never, 99), (never, 1), (never, 3)] {
        let mut set = Set::new();
        let name = |i: usize| format!("{}{i}", if (i + 1).is_multiple_of(texts) { "m" } else { "" });
        (0..50).for_each(|i| assert!(set.insert(name(i).as_bytes(), &limits)));
        let index = |member: &[u8]| (0..50).find(|&i| name(i).as_bytes() == member).unwrap();
        let (mut rng, mut singles, mut samples) = (Rng::new(5), [0u32; 50], [0u32; 50]);
        for _ in 0..5000 {
            singles[index(&set.random(&mut rng).unwrap())] += 1;
            set.sample(5, &mut rng).iter().for_each(|m| samples[index(m)] += 1);
        }
        // Expected 100 and 500; six standard deviations are 60 and 128.
        assert!(singles.iter().all(|n| (40..160).contains(n)), "{singles:?}");
        assert!(samples.iter().all(|n| (370..630).contains(n)), "{samples:?}");
    }
}

#[test]
fn a_set_that_shrinks_at_random_gives_its_memory_back_and_loses_nobody() {
    let (mut set, mut rng) = (Set::new(), Rng::new(3));
    let member = |n: u64| format!("{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).into_bytes();
    let mut model: BTreeSet<u64> = (0..30_000).collect();
    model.iter().for_each(|n| assert!(set.insert(&member(*n), &Encodings::default())));
    let clone = set.clone();
    while model.len() > 10_000 {
        let gone = rng.below(30_000);
        assert_eq!(set.remove(&member(gone)), model.remove(&gone));
    }
    assert!(
        (0..30_000).all(|n| set.contains(&member(n)) == model.contains(&n) && clone.contains(&member(n)))
    );
    assert_eq!((set.iter().count(), clone.iter().count()), (10_000, 30_000));
    let bytes = set.mem_bytes() as f64 / set.len() as f64;
    assert!(bytes < 50.0, "{bytes}");
}
