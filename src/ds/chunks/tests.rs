//! Tests of `chunks`: by example, against a naive model, and where it may break.
use super::*;
use proptest::prelude::*;

const SMALL: Limit = Limit { entries: usize::MAX, bytes: 200 };

#[derive(Clone, Debug)]
enum Op {
    PushBack(Vec<u8>),
    PushFront(Vec<u8>),
    Fill(u8, usize),
    PopBack(usize),
    PopFront(usize),
    Insert(prop::sample::Index, Vec<u8>),
    InsertMany(prop::sample::Index, usize),
    Set(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index),
    RemoveRange(prop::sample::Index, usize),
    RemoveWhere(u8, usize, bool),
    Clone,
    PopBlock,
}

fn entry() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..24),
        1 => prop::collection::vec(any::<u8>(), 100..250),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => entry().prop_map(Op::PushBack),
        4 => entry().prop_map(Op::PushFront),
        4 => (any::<u8>(), 0..300usize).prop_map(|(x, n)| Op::Fill(x, n)),
        2 => (0..40usize).prop_map(Op::PopBack),
        2 => (0..40usize).prop_map(Op::PopFront),
        8 => (index(), entry()).prop_map(|(i, e)| Op::Insert(i, e)),
        3 => (index(), 0..60usize).prop_map(|(i, n)| Op::InsertMany(i, n)),
        8 => (index(), entry()).prop_map(|(i, e)| Op::Set(i, e)),
        6 => index().prop_map(Op::Remove),
        2 => (index(), 0..200usize).prop_map(|(i, n)| Op::RemoveRange(i, n)),
        1 => (any::<u8>(), 0..5usize, any::<bool>()).prop_map(|(x, n, b)| Op::RemoveWhere(x, n, b)),
        2 => Just(Op::Clone),
        1 => Just(Op::PopBlock),
    ]
}

fn apply(list: &mut Chunks, model: &mut Vec<Vec<u8>>, op: &Op, limit: Limit) {
    let len = model.len();
    match op {
        Op::PushBack(e) => {
            list.push_back(e, limit);
            model.push(e.clone());
        }
        Op::PushFront(e) => {
            list.push_front(e, limit);
            model.insert(0, e.clone());
        }
        Op::Fill(x, n) => (0..*n).for_each(|i| {
            let e = format!("{}:{i}", x % 8).into_bytes();
            list.push_back(&e, limit);
            model.push(e);
        }),
        Op::PopBack(n) => {
            (0..*n).for_each(|_| assert_eq!(list.pop_back(limit, <[u8]>::to_vec), model.pop()));
        }
        Op::PopFront(n) => (0..*n).for_each(|_| {
            let first = (!model.is_empty()).then(|| model.remove(0));
            assert_eq!(list.pop_front(limit, <[u8]>::to_vec), first);
        }),
        Op::Insert(i, e) => {
            let i = i.index(len + 1);
            list.insert(i, e, limit);
            model.insert(i, e.clone());
        }
        Op::InsertMany(i, n) => (0..*n).for_each(|k| {
            let i = i.index(len + 1);
            list.insert(i, &[k as u8; 7], limit);
            model.insert(i, vec![k as u8; 7]);
        }),
        Op::Set(i, e) if len > 0 => {
            assert!(list.set(i.index(len), e, limit));
            model[i.index(len)] = e.clone();
        }
        Op::Remove(i) if len > 0 => {
            let gone = model.remove(i.index(len));
            assert_eq!(list.remove(i.index(len), limit, <[u8]>::to_vec), Some(gone));
        }
        Op::RemoveRange(i, n) => {
            let i = i.index(len + 1);
            list.remove_range(i..i + n, limit);
            model.drain(i..(i + n).min(len));
        }
        Op::RemoveWhere(x, n, backward) => {
            let wanted = |e: &[u8]| e.first().is_some_and(|b| b % 4 == x % 4);
            let mut hits: Vec<usize> = (0..len).filter(|&i| wanted(&model[i])).collect();
            if *backward {
                hits.reverse();
            }
            hits.truncate(*n);
            assert_eq!(list.remove_where(*n, *backward, limit, wanted), hits.len());
            hits.sort_unstable();
            hits.iter().rev().for_each(|&i| drop(model.remove(i)));
        }
        Op::PopBlock => {
            assert_eq!(list.pop_block(), len > 0);
            model.drain(..len - list.len());
        }
        _ => {}
    }
}

fn check(list: &Chunks, model: &[Vec<u8>]) {
    assert_eq!(list.len(), model.len());
    assert!(list.iter().eq(model.iter().map(Vec::as_slice)));
    assert!(list.iter().rev().eq(model.iter().rev().map(Vec::as_slice)));
    assert_eq!(list.get(model.len()), None);
    list.spans.check();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn behaves_as_a_vector(ops in prop::collection::vec(op(), 1..80), size in prop_oneof![Just(None), (0..20i32).prop_map(Some), Just(Some(-2))],
                           from in 0..900usize, count in 0..300usize) {
        let limit = size.map_or(SMALL, Limit::of_size);
        let (mut list, mut model) = (Chunks::new(), vec![]);
        let mut clones = vec![];
        for op in &ops {
            if matches!(op, Op::Clone) {
                clones.push((list.clone(), model.clone()));
            }
            apply(&mut list, &mut model, op, limit);
            list.spans.check();
        }
        check(&list, &model);
        let part: Vec<_> = model.iter().skip(from).take(count).map(Vec::as_slice).collect();
        prop_assert!(list.range(from..from + count).eq(part.iter().copied()));
        prop_assert!(list.range(from..from + count).rev().eq(part.iter().rev().copied()));
        for (i, entry) in model.iter().enumerate().take(50) {
            prop_assert_eq!(list.get(i), Some(&entry[..]));
        }
        clones.iter().for_each(|(list, model)| check(list, model));
    }
}

#[test]
fn chunks_keep_their_limit_and_long_entries_are_alone() {
    let limit = Limit::of_size(-2);
    let mut list = Chunks::new();
    for i in 0..3000u32 {
        let at = (i.wrapping_mul(2_654_435_761) % (i + 1)) as usize;
        let length = if i % 100 == 7 { 9000 } else { 16 };
        list.insert(at, &vec![b'x'; length], limit);
    }
    list.spans.check();
    let mut leaves = list.spans.leaves_from(0);
    let mut alone = 0;
    while let Some((chunk, _)) = leaves.forward() {
        assert!(chunk.len() == 1 || chunk.0.bytes() <= 8192);
        alone += usize::from(chunk.0.bytes() > 8192);
    }
    assert_eq!(alone, 30);
    assert!(list.chunk_count() < 30 * 2 + 20, "{}", list.chunk_count());
}

#[test]
fn an_entry_of_sixteen_bytes_takes_eighteen() {
    let limit = Limit::of_size(-2);
    let mut list = Chunks::new();
    (0..100_000u64).for_each(|i| list.push_back(&[i, !i].map(u64::to_le_bytes).concat(), limit));
    let bytes = list.mem_bytes() as f64 / list.len() as f64;
    assert!((18.0..18.4).contains(&bytes), "{bytes}");
    let mut list = Chunks::new();
    (0..100_000u64).for_each(|i| list.push_front(&[i, !i].map(u64::to_le_bytes).concat(), limit));
    let bytes = list.mem_bytes() as f64 / list.len() as f64;
    assert!((18.0..18.4).contains(&bytes), "{bytes}");
}

#[test]
fn sizes_are_those_of_redis() {
    assert_eq!(Limit::of_size(128), Limit { entries: 128, bytes: 8192 });
    assert_eq!(Limit::of_size(0), Limit { entries: 1, bytes: 8192 });
    assert_eq!([-1, -2, -3, -4, -5, -9].map(|s| Limit::of_size(s).bytes >> 10), [4, 8, 16, 32, 64, 64]);
}
