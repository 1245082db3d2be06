//! Tests of `skiplist`: by example, against a naive model, and where it may break.
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const _: () = assert!(Shared::<Block<[u32; 3]>>::block_bytes() == 768, "a block is drawn as 768 bytes");

fn order(goal: u32) -> impl Fn(u32) -> Ordering {
    move |item| item.cmp(&goal)
}

fn check(list: &SkipList<u32>, model: &BTreeSet<u32>) {
    assert_eq!(list.len(), model.len());
    assert!(list.iter().eq(model.iter().copied()));
    assert!(list.iter().rev().eq(model.iter().rev().copied()));
    list.spans.check();
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u32),
    Run(u32, u32),
    Descend(u32, u32),
    Remove(u32),
    Update(u32, u32),
    PopFirst(usize),
    PopLast(usize),
    RemoveRange(usize, usize),
    Clone,
    PopBlock,
}

fn op(max: u32) -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => (0..max).prop_map(Op::Insert),
        4 => (0..max, 0..400u32).prop_map(|(a, n)| Op::Run(a, n)),
        4 => (0..max, 0..400u32).prop_map(|(a, n)| Op::Descend(a, n)),
        10 => (0..max).prop_map(Op::Remove),
        10 => (0..max, 0..max).prop_map(|(a, b)| Op::Update(a, b)),
        3 => (0..100usize).prop_map(Op::PopFirst),
        3 => (0..100usize).prop_map(Op::PopLast),
        2 => (0..2000usize, 0..600usize).prop_map(|(a, n)| Op::RemoveRange(a, n)),
        2 => Just(Op::Clone),
        1 => Just(Op::PopBlock),
    ]
}

fn insert(list: &mut SkipList<u32>, model: &mut BTreeSet<u32>, item: u32) {
    if model.insert(item) {
        list.insert(item, order(item));
    }
}

fn apply(list: &mut SkipList<u32>, model: &mut BTreeSet<u32>, op: &Op) {
    match *op {
        Op::Insert(a) => insert(list, model, a),
        Op::Run(a, n) => (a..a + n).for_each(|x| insert(list, model, x)),
        Op::Descend(a, n) => (a..a + n).rev().for_each(|x| insert(list, model, x)),
        Op::Remove(a) => {
            // Something near it, so that most removals hit.
            let a = model.range(a..).next().copied().unwrap_or(a);
            assert_eq!(list.remove(order(a)).is_some(), model.remove(&a));
        }
        Op::Update(a, b) => {
            let a = model.range(a..).next().copied().unwrap_or(a);
            if !model.contains(&b) || a == b {
                let had = model.remove(&a);
                assert_eq!(list.update(order(a), b, order(b)), had);
                if had {
                    model.insert(b);
                }
            }
        }
        Op::PopFirst(n) => (0..n).for_each(|_| assert_eq!(list.pop_first(), model.pop_first())),
        Op::PopLast(n) => (0..n).for_each(|_| assert_eq!(list.pop_last(), model.pop_last())),
        Op::RemoveRange(a, n) => {
            let gone: Vec<u32> = model.iter().copied().skip(a).take(n).collect();
            let mut seen = vec![];
            list.remove_range(a..a + n, |x| seen.push(x));
            assert_eq!(seen, gone);
            gone.iter().for_each(|x| assert!(model.remove(x)));
        }
        Op::Clone => {}
        Op::PopBlock => {
            let len = list.len();
            assert_eq!(list.pop_block(), len > 0);
            (0..len - list.len()).for_each(|_| assert!(model.pop_first().is_some()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn behaves_as_an_ordered_set(max in prop_oneof![Just(300u32), Just(5000), Just(100_000)],
                                 ops in prop::collection::vec(op(100_000), 1..120)) {
        let (mut list, mut model) = (SkipList::new(), BTreeSet::new());
        let mut clones = vec![];
        for op in ops {
            let op = match op {
                Op::Insert(a) => Op::Insert(a % max),
                Op::Run(a, n) => Op::Run(a % max, n),
                Op::Descend(a, n) => Op::Descend(a % max, n),
                Op::Update(a, b) => Op::Update(a % max, b % max),
                Op::Remove(a) => Op::Remove(a % max),
                other => other,
            };
            if matches!(op, Op::Clone) {
                clones.push((list.clone(), model.clone()));
            }
            apply(&mut list, &mut model, &op);
            list.spans.check();
        }
        check(&list, &model);
        clones.iter().for_each(|(list, model)| check(list, model));
    }

    #[test]
    fn ranks_and_ranges_agree_with_a_sorted_vector(items in prop::collection::btree_set(0..50_000u32, 0..3000),
                                                   from in 0..3100usize, count in 0..400usize, bound in 0..50_000u32) {
        let mut list = SkipList::new();
        let mut shuffled: Vec<u32> = items.iter().copied().collect();
        shuffled.sort_by_key(|x| x.wrapping_mul(2_654_435_761));
        shuffled.iter().for_each(|&x| list.insert(x, order(x)));
        let sorted: Vec<u32> = items.iter().copied().collect();
        let wanted: Vec<u32> = sorted.iter().copied().skip(from).take(count).collect();
        let range = list.range(from..from + count);
        prop_assert_eq!(range.len(), wanted.len());
        prop_assert!(range.clone().eq(wanted.iter().copied()));
        prop_assert!(range.clone().rev().eq(wanted.iter().rev().copied()));
        let mut both = range;
        if let (Some(&first), Some(&last)) = (wanted.first(), wanted.last()) {
            let mut ends = both.clone();
            ends.next();
            ends.next_back();
            let near = wanted.get(1..wanted.len() - 1).unwrap_or_default();
            prop_assert!(ends.ahead(0).is_none_or(|x| near.is_empty() || x == near[0]), "{first}");
            prop_assert!(ends.ahead_back(0).is_none_or(|x| near.is_empty() || x == near[near.len() - 1]), "{last}");
        }
        let mut ends = vec![];
        while let Some(x) = both.next() {
            ends.push(x);
            ends.extend(both.next_back());
        }
        ends.sort_unstable();
        prop_assert_eq!(ends, wanted);
        prop_assert_eq!(list.at(from), sorted.get(from).copied());
        prop_assert_eq!(list.rank(order(bound)), sorted.partition_point(|&x| x < bound));
        let below = |x: u32| if x <= bound { Ordering::Less } else { Ordering::Greater };
        prop_assert_eq!(list.rank(below), sorted.partition_point(|&x| x <= bound));
        prop_assert_eq!(list.get(order(bound)), items.get(&bound).copied());
    }
}

#[test]
fn blocks_stay_full_whatever_the_order() {
    let n = 40_000u32;
    let fill = |list: &SkipList<u32>| n as usize as f64 / (list.spans.leaf_count() * BLOCK_ITEMS) as f64;
    let (mut random, mut up, mut down) = (SkipList::new(), SkipList::new(), SkipList::new());
    for i in 0..n {
        let x = i.wrapping_mul(2_654_435_761);
        random.insert(x, order(x));
        up.insert(i, order(i));
        down.insert(n - i, order(n - i));
    }
    for list in [&random, &up, &down] {
        list.spans.check();
    }
    assert!(fill(&random) >= 0.78, "random: {}", fill(&random));
    assert!(fill(&up) >= 0.99, "ascending: {}", fill(&up));
    assert!(fill(&down) >= 0.99, "descending: {}", fill(&down));
    (0..n).filter(|i| i % 4 != 0).for_each(|i| assert!(up.remove(order(i)).is_some()));
    let half = up.len() as f64 / (up.spans.leaf_count() * BLOCK_ITEMS) as f64;
    assert!(half >= 0.36, "after removing three of four: {half}");
}

#[test]
fn a_write_after_a_clone_copies_its_path_alone() {
    let mut list = SkipList::new();
    (0..100_000u32).for_each(|i| list.push_back(i));
    let clone = list.clone();
    assert_eq!(list.remove(order(50_000)), Some(50_000));
    let mut same = 0;
    let (mut a, mut b) = (list.spans.leaves_from(0), clone.spans.leaves_from(0));
    while let (Some((x, _)), Some((y, _))) = (a.forward(), b.forward()) {
        same += usize::from(std::ptr::eq(x, y));
    }
    assert_eq!(same, list.spans.leaf_count() - 1);
    assert_eq!((clone.len(), list.len()), (100_000, 99_999));
}
