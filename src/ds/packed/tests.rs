//! Tests of `packed`: by example, against a naive model, and where it may break.
use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    PushBack(Vec<u8>),
    PushFront(Vec<u8>),
    Insert(usize, Vec<Vec<u8>>),
    InsertAfter(usize, Vec<Vec<u8>>),
    Replace(usize, Vec<u8>),
    ReadMut(usize, u8),
    Remove(usize, usize),
    TruncateFront(usize),
    SplitOff(usize, bool),
    AppendSelf,
    Shrink,
    Clone,
}

/// Entries around every width of a length that a test can afford, and short ones mostly.
fn entry() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![8 => 0usize..20, 2 => 120usize..140, 1 => 16_370usize..16_400];
    (len, any::<u8>()).prop_map(|(len, seed)| (0..len).map(|i| seed.wrapping_add((i % 3) as u8)).collect())
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0usize..40;
    let some = || prop::collection::vec(entry(), 0..4);
    prop_oneof![
        4 => entry().prop_map(Op::PushBack),
        2 => entry().prop_map(Op::PushFront),
        2 => (at.clone(), some()).prop_map(|(at, e)| Op::Insert(at, e)),
        2 => (at.clone(), some()).prop_map(|(at, e)| Op::InsertAfter(at, e)),
        2 => (at.clone(), entry()).prop_map(|(at, e)| Op::Replace(at, e)),
        1 => (at.clone(), any::<u8>()).prop_map(|(at, b)| Op::ReadMut(at, b)),
        2 => (at.clone(), 0usize..4).prop_map(|(at, n)| Op::Remove(at, n)),
        1 => (0usize..3).prop_map(Op::TruncateFront),
        1 => (at, any::<bool>()).prop_map(|(at, front)| Op::SplitOff(at, front)),
        1 => Just(Op::AppendSelf),
        1 => Just(Op::Shrink),
        1 => Just(Op::Clone),
    ]
}

fn slices(entries: &[Vec<u8>]) -> Vec<&[u8]> {
    entries.iter().map(Vec::as_slice).collect()
}

fn apply(packed: &mut Packed, model: &mut Vec<Vec<u8>>, op: Op) {
    let place = |packed: &Packed, at: usize| packed.at(at).unwrap_or(packed.end());
    match op {
        Op::PushBack(e) => {
            packed.push_back(&e);
            model.push(e);
        }
        Op::PushFront(e) => {
            packed.push_front(&e);
            model.insert(0, e);
        }
        Op::Insert(at, e) => {
            let at = at.min(model.len());
            assert_eq!(packed.insert_before(place(packed, at), &slices(&e)), place(packed, at));
            model.splice(at..at, e);
        }
        Op::InsertAfter(at, e) if !model.is_empty() => {
            let at = at % model.len();
            packed.insert_after(place(packed, at), &slices(&e));
            model.splice(at + 1..at + 1, e);
        }
        Op::Replace(at, e) if !model.is_empty() => {
            let at = at % model.len();
            let place = packed.at(at).unwrap();
            assert_eq!(packed.replace(place, &e), place);
            model[at] = e;
        }
        Op::ReadMut(at, byte) if !model.is_empty() => {
            let at = at % model.len();
            packed.read_mut(packed.at(at).unwrap()).fill(byte);
            model[at].fill(byte);
        }
        Op::Remove(at, n) => {
            let at = at.min(model.len());
            let next = packed.remove(place(packed, at), n);
            model.drain(at..(at + n).min(model.len()));
            assert_eq!(next.map(|next| packed.read(next)), model.get(at).map(Vec::as_slice));
        }
        Op::TruncateFront(n) => {
            packed.truncate_front(n);
            model.drain(..n.min(model.len()));
        }
        Op::SplitOff(at, keep_front) => {
            let at = at.min(model.len());
            let tail = packed.split_off(place(packed, at));
            let model_tail = model.split_off(at);
            assert_eq!(tail.iter().collect::<Vec<_>>(), slices(&model_tail));
            if !keep_front {
                let front = std::mem::replace(packed, tail);
                packed.append(&front);
                let front = std::mem::replace(model, model_tail);
                model.extend(front);
            }
        }
        Op::AppendSelf if model.len() < 20 => {
            packed.append(&packed.clone());
            model.extend(model.clone());
        }
        Op::Shrink => packed.shrink(),
        Op::Clone => *packed = packed.clone(),
        _ => {}
    }
}

fn check(packed: &Packed, model: &[Vec<u8>]) {
    assert_eq!(packed.len(), model.len());
    assert_eq!(packed.is_empty(), packed.mem_bytes() == 0);
    assert_eq!(packed.bytes(), model.iter().map(|e| Packed::entry_bytes(e.len())).sum::<usize>());
    assert!(packed.mem_bytes() <= HEAD + (packed.bytes() * 2 + 64));
    assert_eq!(packed.iter().collect::<Vec<_>>(), slices(model));
    assert_eq!(packed.iter().rev().collect::<Vec<_>>(), slices(model).into_iter().rev().collect::<Vec<_>>());
    assert_eq!(packed.iter().len(), model.len());
    // By positions, both ways, and by index.
    let mut forward = Vec::new();
    let mut at = packed.first();
    while let Some(here) = at {
        forward.push(here);
        at = packed.next(here);
    }
    let mut at = packed.last();
    for (i, &here) in forward.iter().enumerate().rev() {
        assert_eq!(at, Some(here));
        at = packed.prev(here);
        assert_eq!((packed.at(i), packed.get(i)), (Some(here), Some(model[i].as_slice())));
        assert_eq!(packed.iter_from(here).next_back(), packed.last().map(|last| packed.read(last)));
        assert_eq!(packed.iter_until(here).next_back(), i.checked_sub(1).map(|i| model[i].as_slice()));
    }
    assert_eq!((at, packed.get(model.len())), (None, None));
    // Every entry is found where it first stands, with any stride.
    for stride in 1..4 {
        for (i, wanted) in model.iter().enumerate() {
            let first = (0..model.len()).step_by(stride).find(|&k| model[k] == *wanted);
            assert_eq!(packed.find(wanted, forward[0], stride), first.map(|k| forward[k]));
            assert!(i % stride != 0 || first.is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn it_holds_what_a_vec_of_vecs_holds(ops in prop::collection::vec(op(), 1..40)) {
        let (mut packed, mut model) = (Packed::new(), Vec::new());
        for op in ops {
            apply(&mut packed, &mut model, op);
        }
        check(&packed, &model);
    }

    #[test]
    fn it_holds_after_every_step(ops in prop::collection::vec(op(), 1..12)) {
        let (mut packed, mut model) = (Packed::new(), Vec::new());
        for op in ops {
            apply(&mut packed, &mut model, op);
            check(&packed, &model);
        }
    }
}

#[test]
fn it_is_one_pointer_and_empty_allocates_nothing() {
    assert_eq!(size_of::<Packed>(), 8);
    assert_eq!(size_of::<Option<At>>(), 8);
    let mut packed = Packed::new();
    assert_eq!((packed.mem_bytes(), packed.first(), packed.last()), (0, None, None));
    assert_eq!(packed.find(b"", packed.end(), 1), None);
    packed.push_back(b"x");
    packed.truncate_front(7);
    assert_eq!((packed.mem_bytes(), packed.len()), (0, 0));
}

#[test]
fn an_entry_of_16_bytes_takes_18() {
    let mut packed = Packed::new();
    for _ in 0..10 {
        packed.push_back(b"sixteen bytes 16");
    }
    assert_eq!(packed.bytes(), 180);
    assert!(packed.mem_bytes() <= HEAD + 192, "{}", packed.mem_bytes());
    packed.shrink();
    assert_eq!(packed.mem_bytes(), HEAD + 180);
}

#[test]
fn lengths_at_the_edges_of_every_width_read_back_from_both_ends() {
    for len in [0, 1, 127, 128, 16_383, 16_384, (1 << 21) - 1, 1 << 21] {
        let mut packed = Packed::with_capacity(2 * Packed::entry_bytes(len));
        let entry = vec![7; len];
        packed.extend_back(&[&entry, b"after"]);
        assert_eq!(packed.last().map(|at| packed.read(at)), Some(&b"after"[..]));
        assert_eq!(packed.iter().nth_back(1).map(<[u8]>::len), Some(len));
        assert_eq!(packed.bytes(), Packed::entry_bytes(len) + 7);
    }
    assert_eq!([(1 << 28) - 1, 1 << 28, 1 << 29].map(cursor::width), [4, 5, 5]);
}

#[test]
fn what_exceeds_the_format_does_not_fit() {
    let mut packed = Packed::new();
    packed.push_back(b"x");
    assert!(packed.fits(u32::MAX as usize - 100));
    assert!(!packed.fits(u32::MAX as usize) && !packed.fits(usize::MAX));
}
