//! Tests of `wheel`: by example, against a naive model, and where it may break.
use super::*;
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

const NOW: u64 = 1_795_246_165_123;
/// The last tick of an epoch, in milliseconds: where the low 32 bits wrap.
const WRAP: u64 = 27 << (EPOCH_BITS + 4);
const YEAR: u64 = 365 * 86_400_000;

#[derive(Clone, Debug)]
enum Step {
    File(i64),
    Pop(u8),
    Drain,
    Ahead(u64),
    Back(u64),
    To(u64),
}

fn span() -> impl Strategy<Value = u64> {
    // As many short as long ones: a number of bits first, then the bits.
    (0u32..37).prop_flat_map(|bits| 0..1u64 << bits)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => span().prop_map(|ms| Step::File(ms as i64)),
        1 => span().prop_map(|ms| Step::File(-(ms as i64))),
        3 => any::<u8>().prop_map(Step::Pop),
        2 => Just(Step::Drain),
        6 => span().prop_map(Step::Ahead),
        2 => span().prop_map(Step::Back),
        1 => prop_oneof![Just(0), Just(NOW), Just(WRAP - 40), Just(WRAP + 3), Just(NOW + 70 * YEAR)].prop_map(Step::To),
    ]
}

/// Where each item was filed, and for when.
#[derive(Default)]
struct Model {
    items: BTreeMap<u64, (u32, u64)>,
}

impl Model {
    fn pop(&mut self, wheel: &mut Wheel, now: u64) -> bool {
        let Some((tick, item)) = wheel.pop_due(now) else { return false };
        let (filed, at) = self.items.remove(&item).expect("each fires once");
        assert_eq!(tick, filed);
        // Beyond the horizon an item may fire early; `file` below keeps such times out of the model.
        assert!(at <= now, "fired {} ms early", at - now);
        assert_eq!(wheel.len(), self.items.len());
        true
    }

    fn drain(&mut self, wheel: &mut Wheel, now: u64) {
        let mut idle = 0;
        while self.pop(wheel, now) || wheel.is_behind(now) {
            idle += 1;
            assert!(idle < 10_000, "a drain comes to an end");
        }
        let missed = self.items.values().filter(|(_, at)| at + 2 * TICK_MS <= now).count();
        assert_eq!(missed, 0, "more than a tick late");
        let next = self.items.values().map(|(_, at)| at.div_ceil(TICK_MS) * TICK_MS).min();
        match (wheel.next_due_ms(), next) {
            (None, None) => {}
            (Some(bound), Some(first)) => {
                assert!(
                    bound > now - now % TICK_MS && bound <= first + TICK_MS,
                    "{bound} for {first} at {now}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn fires_what_an_ordered_map_would(
        start in prop_oneof![Just(NOW), Just(0), Just(WRAP - 1000)],
        steps in vec(step(), 1..160),
    ) {
        let (mut now, mut wheel, mut model) = (start, Wheel::new(start), Model::default());
        for (item, step) in steps.into_iter().enumerate() {
            match step {
                Step::File(ahead) => {
                    let at = now.saturating_add_signed(ahead);
                    if at.div_ceil(TICK_MS) <= wheel.cursor + HORIZON {
                        let expected = wheel.tick_of(at);
                        let tick = wheel.file(at, item as u64);
                        prop_assert!(tick == expected && tick != 0);
                        model.items.insert(item as u64, (tick, at));
                    }
                }
                Step::Pop(n) => {
                    let _ = (0..n % 8).take_while(|_| model.pop(&mut wheel, now)).count();
                }
                Step::Drain => model.drain(&mut wheel, now),
                Step::Ahead(ms) => now += ms,
                Step::Back(ms) => now = now.saturating_sub(ms),
                Step::To(ms) => now = ms,
            }
        }
        model.drain(&mut wheel, now);
        model.drain(&mut wheel, now + 200 * YEAR);
        prop_assert!(model.items.is_empty() && wheel.is_empty());
        prop_assert_eq!(wheel.block_bytes, 0);
    }
}

fn drain(wheel: &mut Wheel, now: u64) -> Vec<u64> {
    let mut out = Vec::new();
    loop {
        match wheel.pop_due(now) {
            Some((_, item)) => out.push(item),
            None if wheel.is_behind(now) => {}
            None => return out,
        }
    }
}

#[test]
fn an_item_fires_within_a_tick_of_its_time_and_not_before() {
    for ahead in [0, 1, 15, 16, 17, 1000, 1024, 1025, 65_536, 4_200_000, 300_000_000, 18_000_000_000] {
        let mut wheel = Wheel::new(NOW);
        wheel.file(NOW + ahead, 1);
        let mut now = NOW;
        while let Some(next) = wheel.next_due_ms().filter(|next| *next < NOW + ahead) {
            // The bound may be early, never late; waking at it makes progress.
            now = now.max(next);
            assert!(drain(&mut wheel, now).is_empty());
        }
        assert!(drain(&mut wheel, (NOW + ahead).saturating_sub(1)).is_empty());
        assert_eq!(drain(&mut wheel, NOW + ahead + TICK_MS - 1), [1], "{ahead}");
    }
}

#[test]
fn a_full_slot_is_redistributed_in_small_steps() {
    let mut wheel = Wheel::new(NOW);
    let n = 100_000;
    for item in 0..n {
        wheel.file(NOW + 100_000, item);
    }
    // The slot's time has come, the items' has not.
    let now = NOW + 100_000 - TICK_MS;
    let mut calls = 0;
    while wheel.is_behind(now) {
        assert_eq!(wheel.pop_due(now), None);
        calls += 1;
    }
    assert!(calls >= n as usize / POP_STEPS, "{calls}");
    assert_eq!(drain(&mut wheel, NOW + 100_016).len(), n as usize);
}

#[test]
fn memory_comes_back_while_a_burst_fires() {
    let mut wheel = Wheel::new(NOW);
    let empty = wheel.mem_bytes();
    assert_eq!(empty, 0);
    let n = 200_000;
    for item in 0..n {
        wheel.file(NOW + 5000, item);
    }
    let full = wheel.mem_bytes();
    assert!(full >= n as usize * 12 && full <= n as usize * 13);
    for _ in 0..n / 2 {
        assert!(wheel.pop_due(NOW + 6000).is_some());
    }
    assert!(wheel.mem_bytes() <= full / 2 + 4096);
    assert_eq!(drain(&mut wheel, NOW + 6000).len(), n as usize / 2);
    assert!(wheel.mem_bytes() <= 4096);
    wheel.file(NOW + 9000, 1);
    wheel.clear();
    assert_eq!((wheel.mem_bytes(), wheel.len(), wheel.next_due_ms()), (0, 0, None));
}

#[test]
fn a_clock_set_back_by_years_before_the_wheel_hears_of_it_is_obeyed() {
    let mut wheel = Wheel::new(NOW);
    wheel.file(NOW + 100, 1);
    // The clock is at 500 now; the wheel learns that with the next pop.
    wheel.file(1000, 2);
    wheel.file(500, 3);
    assert_eq!(drain(&mut wheel, 500 + TICK_MS), [3]);
    assert!(drain(&mut wheel, 999).is_empty());
    assert_eq!(drain(&mut wheel, 1016), [2]);
    assert!(drain(&mut wheel, NOW).is_empty());
    assert_eq!(drain(&mut wheel, NOW + 116), [1]);
}

#[test]
fn a_jump_of_decades_takes_few_steps() {
    let mut wheel = Wheel::new(0);
    (0..1000).for_each(|item| _ = wheel.file(1 + item * 30_000_000, item));
    let mut calls = 0;
    while wheel.pop_due(NOW + 50 * YEAR).is_some() || wheel.is_behind(NOW + 50 * YEAR) {
        calls += 1;
    }
    assert!(wheel.is_empty() && calls < 1100, "{calls}");
}

#[test]
fn beyond_the_horizon_an_item_fires_there_to_be_filed_again() {
    let (at, mut now) = (NOW + 3 * YEAR, NOW);
    let mut wheel = Wheel::new(now);
    wheel.file(at, 7);
    let mut again = 0;
    loop {
        now = wheel.next_due_ms().unwrap().max(now + TICK_MS);
        for item in drain(&mut wheel, now) {
            assert_eq!(item, 7);
            if at <= now {
                assert!(now < at + 2 * TICK_MS && (1..=3).contains(&again), "{again}");
                return;
            }
            wheel.file(at, item);
            again += 1;
        }
    }
}

#[test]
fn keep_files_only_what_comes_nearer() {
    for now in [NOW, WRAP - 50] {
        let mut wheel = Wheel::new(now);
        let first = wheel.keep(None, now + 10_000, 1);
        assert_eq!(wheel.keep(Some(first), now + 10_000, 1), first);
        assert_eq!(wheel.keep(Some(first), now + 20_000, 1), first);
        assert_eq!(wheel.keep(Some(first), now + 5 * YEAR, 1), first);
        assert_eq!(wheel.len(), 1);
        let nearer = wheel.keep(Some(first), now + 100, 1);
        assert!(Wheel::sooner(nearer, first) && !Wheel::sooner(first, nearer) && wheel.len() == 2);
        // So long ago that its tick, were it compared as it is, would seem to be ahead.
        let overdue = wheel.keep(Some(nearer), now - (TICK_MS << 31) * 3 / 2, 1);
        assert!(overdue != nearer && wheel.len() == 3);
        let far = wheel.keep(None, now + 9 * YEAR, 2);
        let near = wheel.keep(Some(far), now + 10, 2);
        assert!(Wheel::sooner(near, far) && wheel.len() == 5);
    }
}

#[test]
fn a_burst_is_given_back_whole() {
    for count in [100u64, 1000, 15_625, 100_000] {
        let mut wheel = Wheel::new(1_000_000);
        for n in 0..count {
            wheel.file(1_001_000, n);
        }
        let (now, mut seen) = (1_001_020, Vec::new());
        loop {
            match wheel.pop_due(now) {
                Some((_, item)) => seen.push(item),
                None if wheel.is_behind(now) => {}
                None => break,
            }
        }
        seen.sort_unstable();
        assert_eq!((count, seen.len() as u64, wheel.len()), (count, count, 0));
        seen.dedup();
        assert_eq!(seen.len() as u64, count, "an item came twice");
    }
}
