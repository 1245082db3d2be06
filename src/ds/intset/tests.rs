//! Tests of `intset`: by example, against a naive model, and where it may break.
use super::*;
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeSet;

/// Few values of each width, so that they meet, and the borders between the widths.
fn value() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => -40i64..40,
        2 => (-40i64..40).prop_map(|v| v * 800),
        1 => (-40i64..40).prop_map(|v| v * 50_000_000),
        1 => (-40i64..40).prop_map(|v| v * 200_000_000_000_000_000),
        1 => prop::sample::select(vec![
            i64::MIN, i64::MAX, i16::MIN.into(), i16::MAX.into(), i32::MIN.into(), i32::MAX.into(),
            i64::from(i16::MAX) + 1, i64::from(i16::MIN) - 1, i64::from(i32::MAX) + 1, i64::from(i32::MIN) - 1,
        ]),
    ]
}

fn check(set: &IntSet, model: &BTreeSet<i64>, width: usize) {
    assert_eq!((set.len(), set.is_empty(), set.width()), (model.len(), model.is_empty(), width));
    assert!(set.iter().eq(model.iter().copied()) && set.iter().rev().eq(model.iter().rev().copied()));
    for (index, value) in model.iter().enumerate() {
        assert_eq!((set.at(index), set.position(*value)), (*value, Some(index)));
    }
    let bytes = if model.is_empty() { 0 } else { (8 + model.len() * width).next_multiple_of(8) };
    assert_eq!(set.mem_bytes(), bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn behaves_as_an_ordered_set(steps in vec((0..5u8, value()), 0..120)) {
        let (mut set, mut model, mut width) = (IntSet::new(), BTreeSet::new(), 2);
        for (step, value) in steps {
            if step < 3 {
                prop_assert_eq!(set.insert(value), model.insert(value));
                width = width.max(width_of(value) as usize);
            } else {
                prop_assert_eq!(set.remove(value), model.remove(&value));
            }
            if model.is_empty() {
                width = 2;
            }
            prop_assert_eq!(set.contains(value), model.contains(&value));
            prop_assert!(!set.contains(value ^ i64::MIN) || model.contains(&(value ^ i64::MIN)));
            check(&set, &model, width);
        }
        let copy = set.clone();
        prop_assert_eq!(&copy, &set);
        set.insert(12345);
        check(&copy, &model, width);
    }
}

#[test]
fn members_widen_when_one_needs_it_and_never_narrow() {
    let mut set: IntSet = [5, -3].into_iter().collect();
    assert_eq!((set.width(), set.mem_bytes()), (2, 16));
    set.insert(-40_000);
    assert_eq!((set.width(), format!("{set:?}")), (4, "{-40000, -3, 5}".into()));
    set.insert(i64::MAX);
    assert_eq!((set.width(), set.at(3)), (8, i64::MAX));
    assert!(set.remove(i64::MAX) && set.remove(-40_000) && !set.remove(1));
    assert_eq!((set.width(), set.iter().collect::<Vec<_>>()), (8, vec![-3, 5]));
}

#[test]
fn a_full_set_at_the_default_limit_costs_two_bytes_a_member() {
    let set: IntSet = (0..512).rev().collect();
    assert_eq!((set.mem_bytes(), set.width()), (512 * 2 + 8, 2));
    assert!((0..512).all(|i| set.contains(i) && set.at(i as usize) == i) && !set.contains(512));
}

#[test]
fn an_iterator_shrinks_from_both_ends() {
    let set: IntSet = (0..10).collect();
    let mut iter = set.iter();
    assert_eq!((iter.next(), iter.next_back(), iter.nth(2), iter.len()), (Some(0), Some(9), Some(3), 5));
    assert_eq!(iter.by_ref().collect::<Vec<_>>(), [4, 5, 6, 7, 8]);
    assert_eq!((iter.next(), iter.next_back()), (None, None));
}

#[test]
#[should_panic(expected = "out of bounds")]
fn an_index_past_the_end_is_refused() {
    IntSet::from_iter([1, 2, 3]).at(3);
}
