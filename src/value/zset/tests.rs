//! Tests of `zset`: by example, against a naive model, and where it may break.
use super::*;
use crate::base::rng::Rng;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Vec<u8>, f64>;

fn limits(entries: usize, value: usize) -> Encodings {
    Encodings { zset_max_listpack_entries: entries, zset_max_listpack_value: value, ..Encodings::default() }
}

/// The members in order.
fn sorted(model: &Model) -> Vec<(Vec<u8>, f64)> {
    let mut pairs: Vec<_> = model.iter().map(|(m, &s)| (m.clone(), s)).collect();
    pairs.sort_by(|a, b| a.1.partial_cmp(&b.1).unwrap().then_with(|| a.0.cmp(&b.0)));
    pairs
}

fn owned<'a>(pairs: impl Iterator<Item = (&'a [u8], f64)>) -> Vec<(Vec<u8>, f64)> {
    pairs.map(|(m, s)| (m.to_vec(), s)).collect()
}

/// Few different members, so that they are met again, and some long ones.
fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => (0u8..60).prop_map(|n| format!("m{n}").into_bytes()),
        20 => (0u16..3000).prop_map(|n| format!("member:{n}").into_bytes()),
        1 => Just(Vec::new()),
        1 => (60usize..140).prop_map(|len| vec![b'x'; len]),
    ]
}

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (-5i32..5).prop_map(f64::from),
        8 => -1e9..1e9f64,
        1 => prop_oneof![Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(0.0), Just(-0.0), Just(f64::MIN_POSITIVE)],
    ]
}

#[derive(Clone, Debug)]
enum Op {
    Insert(Vec<u8>, f64),
    InsertMany(u16, f64),
    Remove(Vec<u8>),
    RemoveRanks(usize, usize),
    Pop(bool, usize),
    Expect(usize),
    Settle,
    Clone,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => (member(), score()).prop_map(|(m, s)| Op::Insert(m, s)),
        3 => (0u16..3000, score()).prop_map(|(n, s)| Op::InsertMany(n, s)),
        8 => member().prop_map(Op::Remove),
        2 => (0usize..400, 0usize..60).prop_map(|(a, n)| Op::RemoveRanks(a, n)),
        2 => (any::<bool>(), 0usize..12).prop_map(|(last, n)| Op::Pop(last, n)),
        1 => (0usize..200).prop_map(Op::Expect),
        1 => Just(Op::Settle),
        2 => Just(Op::Clone),
    ]
}

fn apply(set: &mut ZSet, model: &mut Model, op: &Op, limits: &Encodings) {
    let put = |set: &mut ZSet, model: &mut Model, member: &[u8], score: f64| {
        let had = model.get(member).copied();
        assert_eq!(set.insert(member, score, limits), had);
        if had != Some(score) {
            model.insert(member.to_vec(), score);
        }
    };
    match op {
        Op::Insert(member, score) => put(set, model, member, *score),
        Op::InsertMany(first, score) => {
            for n in *first..first + 40 {
                put(set, model, format!("member:{n}").as_bytes(), score + f64::from(n % 7));
            }
        }
        Op::Remove(member) => assert_eq!(set.remove(member), model.remove(member)),
        Op::RemoveRanks(from, count) => {
            set.remove_ranks(*from..from + count);
            for (member, _) in sorted(model).iter().skip(*from).take(*count) {
                model.remove(member);
            }
        }
        Op::Pop(last, count) => {
            for _ in 0..*count {
                let all = sorted(model);
                let wanted = if *last { all.last() } else { all.first() };
                let order = if *last { Order::Descending } else { Order::Ascending };
                let popped = set.pop(order, |member, score| (member.to_vec(), score));
                assert_eq!(popped.as_ref(), wanted);
                wanted.map(|(member, _)| model.remove(member));
            }
        }
        Op::Expect(members) => set.expect(*members, limits),
        Op::Settle => set.settle(limits),
        Op::Clone => {}
    }
}

fn check(set: &ZSet, model: &Model) {
    let all = sorted(model);
    assert_eq!((set.len(), set.is_empty(), set.iter().len()), (all.len(), all.is_empty(), all.len()));
    assert_eq!(owned(set.iter()), all);
    assert_eq!(owned(set.iter().rev()), all.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(owned(set.ordered().range(0..usize::MAX)), all);
    for (rank, (member, score)) in all.iter().enumerate() {
        // Zeros of either sign are the same.
        assert_eq!(set.score(member).map(|score| (score + 0.0).to_bits()), Some((score + 0.0).to_bits()));
        assert_eq!(set.rank(member), Some((rank, *score)));
        assert_eq!(set.rev_rank(member), Some((all.len() - 1 - rank, *score)));
    }
    assert_eq!((set.score(b"nobody"), set.rank(b"nobody")), (None, None));
    let (mut seen, mut cursor) = (Model::new(), 0);
    loop {
        cursor = set.scan(cursor, 7, &mut |member, score| {
            seen.insert(member.to_vec(), score);
        });
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(&seen, model);
    let mut rng = Rng::new(all.len() as u64);
    for count in [0, 1, all.len() / 8, all.len() / 2, all.len(), all.len() + 3] {
        let sample: Model = owned(set.sample(count, &mut rng).into_iter()).into_iter().collect();
        assert_eq!(sample.len(), count.min(all.len()));
        assert!(sample.iter().all(|(member, score)| model.get(member) == Some(score)));
    }
    assert_eq!(set.random(&mut rng).is_none(), all.is_empty());
    assert!(set.mem_bytes() >= model.keys().map(Vec::len).sum());
}

fn bound(score: f64, open: bool) -> ScoreBound {
    if open { ScoreBound::Excluding(score) } else { ScoreBound::Including(score) }
}

fn check_scores(set: &ZSet, model: &Model, min: ScoreBound, max: ScoreBound) {
    let range = ScoreRange { min, max };
    let above = |score: f64| match min {
        ScoreBound::Including(m) => score >= m,
        ScoreBound::Excluding(m) => score > m,
    };
    let below = |score: f64| match max {
        ScoreBound::Including(m) => score <= m,
        ScoreBound::Excluding(m) => score < m,
    };
    let wanted: Vec<_> = sorted(model).into_iter().filter(|&(_, s)| above(s) && below(s)).collect();
    assert_eq!(owned(set.range(set.score_ranks(&range))), wanted, "{range:?}");
}

/// The large forms of the model all have one score, as a range of members asks for.
fn check_members(model: &Model, limits: &Encodings, min: LexBound<'_>, max: LexBound<'_>) {
    let mut set = ZSet::new();
    model.keys().for_each(|member| assert_eq!(set.insert(member, 1.0, limits), None));
    let within = |member: &[u8]| {
        let above = match min {
            LexBound::Lowest => true,
            LexBound::Highest => false,
            LexBound::Including(m) => member >= m,
            LexBound::Excluding(m) => member > m,
        };
        above
            && match max {
                LexBound::Lowest => false,
                LexBound::Highest => true,
                LexBound::Including(m) => member <= m,
                LexBound::Excluding(m) => member < m,
            }
    };
    let wanted: Vec<_> = model.keys().filter(|member| within(member)).map(|m| (m.clone(), 1.0)).collect();
    for order in [Order::Ascending, Order::Descending] {
        let ranks = set.lex_ranks(&LexRange { min, max }, order);
        assert_eq!(owned(set.range(ranks)), wanted, "{min:?} {max:?}");
    }
}

fn run(ops: &[Op], limits: &Encodings) -> (ZSet, Model) {
    let (mut set, mut model, mut olds) = (ZSet::new(), Model::new(), vec![]);
    for op in ops {
        if matches!(op, Op::Clone) {
            olds.push((set.clone(), set.ordered(), model.clone()));
        }
        apply(&mut set, &mut model, op, limits);
    }
    check(&set, &model);
    for (mut old, ordered, model) in olds {
        check(&old, &model);
        assert_eq!(owned(ordered.range(0..model.len())), sorted(&model));
        while old.free_step() {}
    }
    check(&set, &model);
    (set, model)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_holds_what_an_ordered_map_holds_in_every_form(
        ops in prop::collection::vec(op(), 1..120), a in (score(), any::<bool>()), b in (score(), any::<bool>()),
        x in (member(), any::<bool>()), y in (member(), any::<bool>()),
    ) {
        for limits in [limits(0, 64), limits(8, 64), limits(8, 4), limits(1000, 1000), Encodings::default()] {
            let (set, model) = run(&ops, &limits);
            check_scores(&set, &model, bound(a.0, a.1), bound(b.0, b.1));
            check_scores(&set, &model, bound(b.0, b.1), bound(a.0, a.1));
            check_scores(&set, &model, bound(f64::NEG_INFINITY, b.1), bound(a.0, a.1));
            let lex = |(member, open): &(Vec<u8>, bool)| {
                let member = member.clone().leak() as &'static [u8];
                if *open { LexBound::Excluding(member) } else { LexBound::Including(member) }
            };
            let bounds = [lex(&x), lex(&y), LexBound::Lowest, LexBound::Highest];
            for min in bounds {
                bounds.into_iter().for_each(|max| check_members(&model, &limits, min, max));
            }
        }
    }
}

#[test]
fn it_leaves_the_packed_form_at_the_limits_of_redis() {
    let limits = Encodings::default();
    let of = |n: usize| {
        let mut set = ZSet::new();
        (0..n).for_each(|i| assert_eq!(set.insert(i.to_string().as_bytes(), i as f64, &limits), None));
        set
    };
    assert_eq!([of(128).encoding(), of(129).encoding()], ["listpack", "skiplist"]);
    let mut set = of(1);
    set.insert(&[b'x'; 64], 1.0, &limits);
    assert_eq!(set.encoding(), "listpack");
    set.insert(&[b'x'; 65], 1.0, &limits);
    assert_eq!(set.encoding(), "skiplist");
    // Small again does not make it packed again, but what is stored as a whole is judged anew.
    set.remove(&[b'x'; 65]);
    assert_eq!(set.encoding(), "skiplist");
    set.settle(&limits);
    assert_eq!(set.encoding(), "listpack");
    set.expect(129, &limits);
    assert_eq!(set.encoding(), "skiplist");
    assert_eq!(ZSet::for_size(129, 1, &limits).encoding(), "skiplist");
    assert_eq!(ZSet::for_size(128, 65, &limits).encoding(), "skiplist");
    assert_eq!(ZSet::for_size(128, 64, &limits).encoding(), "listpack");
}

#[test]
fn zeros_are_one_score_whose_sign_only_the_large_form_knows() {
    for (limits, negative) in [(Encodings::default(), false), (Encodings::NEVER_COMPACT, true)] {
        let mut set = ZSet::new();
        set.insert(b"a", -0.0, &limits);
        assert_eq!(set.insert(b"a", 0.0, &limits), Some(-0.0));
        assert_eq!(set.score(b"a").map(f64::is_sign_negative), Some(negative));
        set.insert(b"0", 0.0, &limits);
        assert_eq!(set.iter().map(|(member, _)| member).collect::<Vec<_>>(), [b"0", b"a"]);
    }
}

#[test]
fn a_small_set_of_mixed_scores_answers_lexical_ranges_as_a_walk_does() {
    let mut set = ZSet::new();
    for (member, score) in [("c", 1.0), ("a", 2.0), ("b", 3.0)] {
        set.insert(member.as_bytes(), score, &Encodings::default());
    }
    let range = LexRange { min: LexBound::Including(b"b"), max: LexBound::Highest };
    assert_eq!(set.lex_ranks(&range, Order::Ascending), 0..3);
    assert_eq!(set.lex_ranks(&range, Order::Descending), 2..3);
}

#[test]
fn every_member_is_drawn_about_equally_often() {
    for limits in [Encodings::default(), Encodings::NEVER_COMPACT] {
        let mut set = ZSet::new();
        (0..50u8).for_each(|i| assert_eq!(set.insert(&[i], f64::from(i), &limits), None));
        let (mut rng, mut few, mut many) = (Rng::new(5), [0u32; 50], [0u32; 50]);
        for _ in 0..5000 {
            set.sample(5, &mut rng).iter().for_each(|(member, _)| few[member[0] as usize] += 1);
            set.sample(25, &mut rng).iter().for_each(|(member, _)| many[member[0] as usize] += 1);
        }
        // Expected 500 and 2,500; six standard deviations are 128 and 213.
        assert!(few.iter().all(|n| (370..630).contains(n)), "{few:?}");
        assert!(many.iter().all(|n| (2280..2720).contains(n)), "{many:?}");
    }
}

#[test]
fn a_member_of_sixteen_bytes_takes_less_than_sixty() {
    let mut set = ZSet::new();
    let mut rng = Rng::new(1);
    for i in 0..100_000u64 {
        set.insert(&[i, rng.next()].map(u64::to_le_bytes).concat(), rng.next() as f64, &Encodings::default());
    }
    let bytes = set.mem_bytes() as f64 / set.len() as f64;
    assert!(bytes < 60.0, "{bytes}");
}

#[test]
fn a_set_that_shrinks_at_random_gives_its_memory_back_and_loses_nobody() {
    let limits = Encodings::default();
    let (mut set, mut model, mut rng) = (ZSet::new(), Model::new(), Rng::new(3));
    let member = |n: u64| format!("{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).into_bytes();
    for n in 0..24_000 {
        set.insert(&member(n), (n % 1000) as f64, &limits);
        model.insert(member(n), (n % 1000) as f64);
    }
    let clone = (set.clone(), model.clone());
    while model.len() > 9_000 {
        let gone = member(rng.below(24_000));
        assert_eq!(set.remove(&gone), model.remove(&gone));
    }
    let bytes = set.mem_bytes() as f64 / set.len() as f64;
    assert!(bytes < 85.0, "{bytes}");
    for (from, count) in [(100, 900), (3_000, 1_500), (0, 50)] {
        assert!(set.remove_ranks(from..from + count).is_none());
        sorted(&model).iter().skip(from).take(count).for_each(|(member, _)| _ = model.remove(member));
    }
    assert!(owned(set.iter()) == sorted(&model));
    assert!(model.iter().all(|(member, score)| set.score(member) == Some(*score)));
    // More go than stay: the old blocks are handed back.
    let all = sorted(&model);
    let old = set.remove_ranks(40..all.len() - 40).unwrap();
    assert_eq!(old.len(), all.len());
    assert_eq!(owned(set.iter()), [&all[..40], &all[all.len() - 40..]].concat());
    assert_eq!(set.rank(&all[all.len() - 1].0), Some((79, all[all.len() - 1].1)));
    assert!(owned(clone.0.iter()) == sorted(&clone.1));
}
