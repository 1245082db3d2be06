//! Tests of `arena`: by example, against a naive model, and where it may break.
use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

impl Arena {
    /// Checks the invariants of the essay.
    fn check(&self) {
        let mut listed = BTreeSet::new();
        for (class, &Class { open, slots, live }) in self.classes.iter().enumerate() {
            let (mut at, mut before) = (open, NONE);
            while at != NONE {
                let page = &self.pages[at as usize];
                assert_eq!((class_of(page.slot_bytes.into()), page.before), (class, before));
                assert!(page.has_room() && page.bytes.is_some() && listed.insert(at));
                (before, at) = (at, page.next);
            }
            let pages = self.pages.iter().filter(|p| p.bytes.is_some() && p.slot_bytes > 0);
            let pages = pages.filter(|p| class_of(p.slot_bytes.into()) == class);
            assert_eq!(pages.clone().map(|p| u32::from(p.live)).sum::<u32>(), live);
            assert_eq!(pages.map(|p| p.bytes().len() as u32 / u32::from(p.slot_bytes)).sum::<u32>(), slots);
        }
        let mut vacant = BTreeSet::new();
        let mut at = self.vacant;
        while at != 0 {
            assert!(vacant.insert(at - 1) && self.pages[at as usize - 1].bytes.is_none());
            at = self.pages[at as usize - 1].next;
        }
        for (place, page) in self.pages.iter().enumerate() {
            let place = place as u32;
            assert_eq!(page.bytes.is_none(), vacant.contains(&place));
            if page.bytes.is_some() && page.slot_bytes > 0 {
                assert_eq!(page.has_room(), listed.contains(&place));
                let (mut free, mut at) = (0, page.free);
                while at != 0 {
                    free += 1;
                    let link = (usize::from(at) - 1) * usize::from(page.slot_bytes);
                    at = u16::from_le_bytes([page.bytes()[link], page.bytes()[link + 1]]);
                }
                if self.clearing == place + 1 {
                    continue;
                }
                let slots = page.bytes().len() / usize::from(page.slot_bytes);
                assert_eq!(slots, usize::from(free + page.live + page.untouched));
            }
        }
        assert_eq!(self.pages.iter().map(Page::heap_bytes).sum::<usize>(), self.pages_bytes);
        let live = self.pages.iter().filter(|p| p.bytes.is_some()).map(|p| usize::from(p.live));
        assert_eq!(live.sum::<usize>(), self.len);
    }
}

#[test]
fn an_arena_is_sent_and_shared_between_threads() {
    fn all<T: Send + Sync + 'static>() {}
    all::<Arena>();
    let arena = Arena::new();
    assert_eq!((arena.mem_bytes(), arena.len()), (0, 0));
}

#[test]
fn classes_are_numbered_without_gaps_and_lose_an_eighth_at_most() {
    let mut sizes = BTreeMap::new();
    for need in 1..=SLOT_BYTES_MAX {
        let fine = slot_bytes_for(need, false);
        assert!(fine >= need && fine <= need.max(8) + (need / 8).max(1), "{need} {fine}");
        assert_eq!(*sizes.entry(class_of(fine)).or_insert(fine), fine);
        let coarse = slot_bytes_for(need, true);
        assert!(coarse >= fine && coarse < need.max(8) + (need / 8).max(8));
        assert_eq!(*sizes.entry(class_of(coarse)).or_insert(coarse), coarse);
    }
    assert_eq!(sizes.len(), 85);
    assert_eq!(sizes.keys().next_back(), Some(&84));
    assert!(sizes.values().is_sorted());
}

#[test]
fn lengths_of_every_kind_come_back() {
    let mut arena = Arena::new();
    let text: Vec<u8> = (0..70_000u32).map(|i| i as u8).collect();
    let lens = [0, 1, 7, 8, 63, 64, 126, 127, 128, 129, 255, 2047, 4000, 16_382, 16_383, 16_384, 70_000];
    let refs: Vec<Ref> =
        lens.iter().map(|&len| arena.insert(&[&text[..len / 2], &text[len / 2..len]])).collect();
    arena.check();
    for (&len, &r) in lens.iter().zip(&refs) {
        assert_eq!(arena.get(r), &text[..len]);
    }
    arena.get_mut(refs[16])[69_999] = 7;
    assert_eq!(arena.get(refs[16])[69_999], 7);
    assert_eq!(arena.len(), lens.len());
    refs.into_iter().for_each(|r| arena.remove(r));
    assert_eq!((arena.len(), arena.mem_bytes()), (0, 0));
}

#[test]
fn it_costs_little_in_small_and_in_large_numbers() {
    let mut arena = Arena::new();
    for i in 0..100_000u32 {
        arena.insert(&[&[7; 12], &i.to_le_bytes()]);
        if i + 1 == 200 {
            assert!(arena.mem_bytes() < 200 * 40, "{}", arena.mem_bytes());
        }
    }
    let each = arena.mem_bytes() as f64 / 100_000.0;
    assert!(each < 19.0, "{each}");
    let mut mixed = Arena::new();
    for i in 0..200usize {
        mixed.insert(&[&[1; 40][..5 + i % 36]]);
    }
    assert!(mixed.mem_bytes() < 200 * 50, "{}", mixed.mem_bytes());
}

#[test]
fn an_element_that_comes_and_goes_takes_no_page_with_it() {
    let mut arena = Arena::new();
    let kept = arena.insert(&[b"keeper of another size altogether"]);
    let r = arena.insert(&[b"x"]);
    arena.remove(r);
    let before = arena.pages_bytes;
    for _ in 0..100 {
        let r = arena.insert(&[b"x"]);
        assert_eq!(arena.pages_bytes, before);
        arena.remove(r);
    }
    assert_eq!(arena.get(kept), b"keeper of another size altogether");
}

#[test]
fn a_write_to_a_clone_copies_one_page() {
    let mut arena = Arena::new();
    let refs: Vec<Ref> = (0..20_000u32).map(|i| arena.insert(&[&i.to_le_bytes()])).collect();
    let copy = arena.clone();
    arena.get_mut(refs[5000]).copy_from_slice(b"abcd");
    let differ =
        arena.pages.iter().zip(&copy.pages).filter(|(a, b)| a.bytes().as_ptr() != b.bytes().as_ptr());
    assert_eq!(differ.count(), 1);
    assert_eq!((arena.get(refs[5000]), copy.get(refs[5000])), (&b"abcd"[..], &5000u32.to_le_bytes()[..]));
}

#[test]
fn it_refuses_rather_than_wraps_when_it_is_out_of_pages() {
    let mut arena = Arena::new();
    let r = arena.insert(&[b"first"]);
    let full = Page { bytes: None, slot_bytes: 0, live: 0, untouched: 0, free: 0, next: 0, before: NONE };
    arena.pages.resize(PAGES_MAX, full);
    assert!(!arena.has_room_for(1, 1));
    assert_eq!(arena.try_insert(&[&[0; 100]]), None);
    assert_eq!(arena.try_insert(&[&[0; 100_000]]), None);
    assert_eq!((arena.get(r), arena.len()), (&b"first"[..], 1));
    assert!(arena.try_insert(&[b"fits"]).is_some());
}

#[test]
fn an_arena_can_be_taken_down_in_steps() {
    let mut arena = Arena::new();
    for i in 0..5000usize {
        let r = arena.insert(&[&[7; 200][..i % 200]]);
        if i % 3 == 0 {
            arena.remove(r);
        }
    }
    arena.insert(&[&[7; 100_000]]);
    let copy = arena.clone();
    let mut steps = 0;
    while arena.pop_page() {
        steps += 1;
        if steps == 5 {
            let r = arena.insert(&[b"still in use"]);
            assert_eq!(arena.get(r), b"still in use");
        }
    }
    assert!(steps > 20);
    assert_eq!((arena.len(), arena.mem_bytes()), (0, 0));
    copy.check();
    assert_eq!(copy.len(), 3334);
}

#[derive(Clone, Debug)]
enum Step {
    Insert(usize, u8),
    Many(usize, usize),
    Remove(usize),
    RemoveMany(usize),
    Replace(usize, usize),
    Change(usize),
    Clone,
}

fn len() -> impl Strategy<Value = usize> {
    prop_oneof![20 => 0..70usize, 5 => 0..600usize, 2 => 2000..16_000usize, 1 => 0..40_000usize]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (len(), any::<u8>()).prop_map(|(len, byte)| Step::Insert(len, byte)),
        2 => (0..70usize, 0..400usize).prop_map(|(len, n)| Step::Many(len, n)),
        4 => any::<usize>().prop_map(Step::Remove),
        2 => (0..400usize).prop_map(Step::RemoveMany),
        4 => (any::<usize>(), len()).prop_map(|(at, len)| Step::Replace(at, len)),
        2 => any::<usize>().prop_map(Step::Change),
        1 => Just(Step::Clone),
    ];
    prop::collection::vec(step, 1..60)
}

fn text(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed)).collect()
}

type Model = Vec<(Ref, Vec<u8>)>;

fn apply(arena: &mut Arena, model: &mut Model, step: &Step) {
    let pick = |at: usize, model: &Model| (!model.is_empty()).then(|| at % model.len().max(1));
    match *step {
        Step::Insert(len, seed) => {
            let text = text(len, seed);
            let (a, b) = text.split_at(len / 3);
            model.push((arena.insert(&[a, b]), text.clone()));
        }
        Step::Many(len, n) => (0..n).for_each(|i| {
            let text = text(len, i as u8);
            model.push((arena.insert(&[&text]), text.clone()));
        }),
        Step::Remove(at) => {
            if let Some(at) = pick(at, model) {
                arena.remove(model.swap_remove(at).0);
            }
        }
        Step::RemoveMany(n) => (0..n).for_each(|i| {
            if let Some(at) = pick(i * 7919, model) {
                arena.remove(model.swap_remove(at).0);
            }
        }),
        Step::Replace(at, len) => {
            if let Some(at) = pick(at, model) {
                let text = text(len, 77);
                model[at] = (arena.replace(model[at].0, &[&text]), text);
            }
        }
        Step::Change(at) => {
            if let Some(at) = pick(at, model) {
                arena.get_mut(model[at].0).iter_mut().for_each(|b| *b ^= 0x55);
                model[at].1.iter_mut().for_each(|b| *b ^= 0x55);
            }
        }
        Step::Clone => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn it_keeps_what_it_was_given(steps in steps()) {
        let (mut arena, mut model) = (Arena::new(), Model::new());
        let mut clones = Vec::new();
        for step in &steps {
            apply(&mut arena, &mut model, step);
            if matches!(step, Step::Clone) {
                clones.push((arena.clone(), model.clone()));
            }
        }
        clones.push((arena, model));
        for (arena, model) in clones {
            arena.check();
            prop_assert_eq!(arena.len(), model.len());
            for (r, text) in &model {
                prop_assert_eq!(arena.get(*r), &text[..]);
            }
        }
    }
}

#[test]
fn sparse_pages_are_cleared_and_nothing_is_lost() {
    let mut arena = Arena::new();
    let mut refs: BTreeMap<u32, Ref> =
        (0..20_000u32).map(|n| (n, arena.insert(&[&n.to_le_bytes(), &[7; 60]]))).collect();
    let full = arena.mem_bytes();
    let (mut moved, mut removed, mut most, mut chance) = (0, 0, 0, 1u64);
    let mut old = None;
    while refs.len() > 5_000 {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let Some((&n, &gone)) = refs.range((chance >> 33) as u32 % 20_000..).next() else { continue };
        refs.remove(&n);
        arena.remove(gone);
        removed += 1;
        let sparse = arena.clear_sparse(gone);
        most = most.max(sparse.len());
        for r in sparse {
            let number = u32::from_le_bytes(*arena.get(r).first_chunk().unwrap());
            refs.insert(number, arena.copy(r).unwrap());
            arena.remove(r);
            moved += 1;
        }
        if removed == 6_000 {
            old = Some((arena.clone(), refs.clone()));
        }
        if removed % 500 == 0 {
            arena.check();
        }
    }
    arena.check();
    let all = |arena: &Arena, refs: &BTreeMap<u32, Ref>| {
        refs.iter().all(|(n, r)| arena.get(*r).first_chunk() == Some(&n.to_le_bytes()))
    };
    let (old_arena, old_refs) = old.unwrap();
    assert!(all(&arena, &refs) && all(&old_arena, &old_refs));
    assert!(arena.mem_bytes() < full * 2 / 5, "{} of {full} bytes", arena.mem_bytes());
    assert!(moved < 2 * removed && most * SLOT_BYTES_MIN <= PAGE_BYTES, "{moved} moved, {most} at once");
}
