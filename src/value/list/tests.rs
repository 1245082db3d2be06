//! Lists against a vector of vectors, and the points at which their form changes.
use super::*;
use proptest::prelude::*;

fn limits(size: i32) -> Encodings {
    Encodings { list_max_listpack_size: size, ..Encodings::default() }
}

#[derive(Clone, Debug)]
enum Op {
    Push(Side, Vec<Vec<u8>>),
    Pop(Side, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Set(prop::sample::Index, Vec<u8>),
    RemoveRange(prop::sample::Index, usize),
    RemoveEqual(Vec<u8>, usize, Side),
    Clone,
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Left), Just(Side::Right)]
}

fn entry() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (0..6u8).prop_map(|x| x.to_string().into_bytes()),
        4 => any::<i64>().prop_map(|x| (x >> (x & 63)).to_string().into_bytes()),
        4 => prop::collection::vec(any::<u8>(), 0..24),
        1 => (50..9000usize).prop_map(|len| vec![b'x'; len]),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        8 => (side(), prop::collection::vec(entry(), 1..30)).prop_map(|(s, e)| Op::Push(s, e)),
        4 => (side(), 0..60usize).prop_map(|(s, n)| Op::Pop(s, n)),
        3 => (index(), entry()).prop_map(|(i, e)| Op::Insert(i, e)),
        3 => (index(), entry()).prop_map(|(i, e)| Op::Set(i, e)),
        2 => (index(), 0..80usize).prop_map(|(i, n)| Op::RemoveRange(i, n)),
        3 => (entry(), 0..4usize, side()).prop_map(|(e, n, s)| Op::RemoveEqual(e, n, s)),
        1 => Just(Op::Clone),
    ]
}

fn apply(list: &mut List, model: &mut Vec<Vec<u8>>, op: Op, limits: &Encodings) {
    let len = model.len();
    match op {
        Op::Push(side, entries) => {
            let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
            list.push(side, &slices, limits);
            match side {
                Side::Right => model.extend(entries),
                Side::Left => drop(model.splice(0..0, entries.into_iter().rev())),
            }
        }
        Op::Pop(side, count) => {
            for _ in 0..count {
                let wanted = match side {
                    Side::Right => model.pop(),
                    Side::Left => (!model.is_empty()).then(|| model.remove(0)),
                };
                assert_eq!(list.pop(side, limits, <[u8]>::to_vec), wanted);
            }
        }
        Op::Insert(i, e) => {
            list.insert(i.index(len + 1), &e, limits);
            model.insert(i.index(len + 1), e);
        }
        Op::Set(i, e) if len > 0 => {
            assert!(list.set(i.index(len), &e, limits) && !list.set(len, &e, limits));
            model[i.index(len)] = e;
        }
        Op::RemoveRange(i, n) => {
            let i = i.index(len + 1);
            list.remove_range(i..i + n, limits);
            model.drain(i..(i + n).min(len));
        }
        Op::RemoveEqual(e, n, side) => {
            let mut hits: Vec<usize> = (0..len).filter(|&i| model[i] == e).collect();
            if side == Side::Right {
                hits.reverse();
            }
            hits.truncate(n);
            assert_eq!(list.remove_equal(&e, n, side, limits), hits.len());
            hits.sort_unstable();
            hits.iter().rev().for_each(|&i| drop(model.remove(i)));
        }
        _ => {}
    }
}

fn check(list: &List, model: &[Vec<u8>], limits: &Encodings) {
    assert_eq!((list.len(), list.is_empty()), (model.len(), model.is_empty()));
    assert!(list.iter().eq(model.iter().map(Vec::as_slice)));
    assert!(list.iter().rev().eq(model.iter().rev().map(Vec::as_slice)));
    let limit = Limit::of_size(limits.list_max_listpack_size);
    if let Form::Small(packed, bytes) = &list.form {
        assert_eq!(*bytes, model.iter().map(|e| listpack::entry_bytes(e)).sum::<u32>());
        assert!(packed.len() <= limit.entries && packed.bytes() <= limit.bytes * REAL_BYTES_FACTOR);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn behaves_as_a_vector_in_every_form(
        ops in prop::collection::vec(op(), 1..40),
        size in prop_oneof![Just(-2), Just(-1), 0..40i32],
        from in 0..200usize,
        count in 0..200usize,
    ) {
        let limits = limits(size);
        let (mut list, mut model, mut clones) = (List::new(), vec![], vec![]);
        for op in ops {
            if matches!(op, Op::Clone) {
                clones.push((list.clone(), model.clone()));
            }
            apply(&mut list, &mut model, op, &limits);
            check(&list, &model, &limits);
        }
        let part = Part::new(list.clone(), from..from + count);
        let wanted: Vec<_> = model.iter().skip(from).take(count).map(Vec::as_slice).collect();
        prop_assert_eq!(part.iter().collect::<Vec<_>>(), wanted.clone());
        prop_assert_eq!(part.len(), wanted.len());
        for (i, entry) in model.iter().enumerate().take(50) {
            prop_assert_eq!(list.get(i), Some(&entry[..]));
        }
        clones.iter().for_each(|(list, model)| check(list, model, &limits));
    }
}

/// Pushes `entries` one by one and returns how many there were when the packed form was left.
fn grows_at(entries: impl Iterator<Item = Vec<u8>>, limits: &Encodings) -> usize {
    let mut list = List::new();
    for entry in entries {
        list.push(Side::Right, &[&entry], limits);
        if list.encoding() == "quicklist" {
            break;
        }
    }
    list.len()
}

/// The figures are those of Valkey 9.1 and Redis 8.2.
#[test]
fn it_leaves_the_packed_form_where_redis_does() {
    let default = limits(-2);
    assert_eq!(grows_at(std::iter::repeat_n(vec![b'x'; 100], 200), &default), 80);
    assert_eq!(grows_at((1..9000).map(|i: u32| i.to_string().into_bytes()), &default), 2771);
    for (len, encoding) in [(8185, "listpack"), (8186, "quicklist")] {
        let mut list = List::new();
        list.push(Side::Left, &[&vec![b'x'; len]], &default);
        assert_eq!(list.encoding(), encoding);
    }
    for (size, count) in [(0, 2), (1, 2), (4, 5), (128, 129)] {
        assert_eq!(grows_at(std::iter::repeat_n(vec![b'x'], 200), &limits(size)), count);
    }
}

#[test]
fn it_returns_to_the_packed_form_below_half_of_the_limit() {
    for (size, up, down) in [(4, 5, 2), (128, 129, 64), (1, 2, 0), (0, 2, 0)] {
        for side in [Side::Left, Side::Right] {
            let (mut list, limits) = (List::new(), limits(size));
            (0..up).for_each(|_| list.push(Side::Right, &[b"x"], &limits));
            let mut small_at = 0;
            while list.pop(side, &limits, |_| ()).is_some() && small_at == 0 && !list.is_empty() {
                small_at = if list.encoding() == "listpack" { list.len() } else { 0 };
            }
            // From the left the first chunk must go before one is left, as in Redis.
            let wanted = if side == Side::Left && down > 0 { 1 } else { down };
            assert_eq!(small_at, wanted, "{size} {side:?}");
        }
    }
    // What is left may lie in any chunk.
    for start in [0, 25, 47] {
        let (mut list, limits) = (List::new(), limits(10));
        (0..50).for_each(|_| list.push(Side::Right, &[b"x"], &limits));
        list.remove_range(start + 3..50, &limits);
        list.remove_range(0..start, &limits);
        assert_eq!((list.len(), list.encoding()), (3, "listpack"), "{start}");
    }
    let (mut list, limits) = (List::new(), limits(-2));
    (0..80).for_each(|_| list.push(Side::Right, &[&[b'x'; 100]], &limits));
    while list.encoding() == "quicklist" {
        list.pop(Side::Right, &limits, |_| ());
    }
    assert!((38..=40).contains(&list.len()), "{}", list.len());
}

#[test]
fn a_clone_of_a_long_list_is_not_a_copy_and_freeing_goes_in_steps() {
    let (mut list, limits) = (List::new(), limits(-2));
    (0..50_000u32).for_each(|i| list.push(Side::Right, &[&i.to_le_bytes()], &limits));
    let part = Part::new(list.clone(), 10..40_000);
    list.remove_range(0..49_990, &limits);
    assert_eq!((part.len(), part.iter().next_back()), (39_990, Some(&39_999u32.to_le_bytes()[..])));
    assert_eq!(list.encoding(), "listpack");
    let mut old = List::new();
    part.iter().for_each(|entry| old.push(Side::Right, &[entry], &limits));
    let mut steps = 0;
    while old.free_step() {
        steps += 1;
    }
    assert!(old.is_empty() && steps > 10, "{steps}");
}
