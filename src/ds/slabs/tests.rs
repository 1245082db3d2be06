//! Tests of slabs: against a naive model, by several threads, and where heaps are busy.
use super::{classes::*, heap::Heaps, pages::CHUNK, *};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

#[test]
fn classes_hold_what_they_are_asked_for_and_waste_an_eighth_at_most() {
    let mut before = 0;
    for size in 1..=LARGEST {
        let class = class_of(size);
        let bytes = bytes_of(class);
        let waste = if size > REGULAR_MAX { LARGEST - REGULAR_MAX } else { 8.max(size / 8) };
        assert!(size <= bytes && bytes - size < waste, "{size} in {bytes}");
        assert!((before..=before + 1).contains(&class) && bytes.is_multiple_of(8));
        before = class;
    }
    assert_eq!(before, CLASSES - 1);
    assert!((0..CLASSES).all(|class| class_of(bytes_of(class)) == class));
}

/// Blocks that are in use: each is filled with a byte, and nobody else may write there.
#[derive(Default)]
struct Held {
    blocks: Vec<(NonNull<u8>, usize, u8)>,
}

// SAFETY: blocks belong to whoever has them.
unsafe impl Send for Held {}

fn fill(block: NonNull<u8>, size: usize, byte: u8) {
    // SAFETY: the block has so many bytes.
    unsafe { block.write_bytes(byte, size) };
}

fn is_filled(block: NonNull<u8>, size: usize, byte: u8) -> bool {
    // SAFETY: the block has so many bytes, all of them written.
    unsafe { std::slice::from_raw_parts(block.as_ptr(), size) }.iter().all(|at| *at == byte)
}

impl Held {
    fn request(&mut self, size: usize, byte: u8) {
        let block = request(size);
        let align = if size.is_multiple_of(ALIGN) { ALIGN } else { WORD };
        assert!(block.addr().get().is_multiple_of(align));
        fill(block, size, byte);
        self.blocks.push((block, size, byte));
    }

    fn give_back(&mut self, which: usize) {
        let (block, size, byte) = self.blocks.swap_remove(which);
        assert!(is_filled(block, size, byte));
        // SAFETY: it came from here with this size.
        unsafe { give_back(block, size) };
    }

    fn resize(&mut self, which: usize, size: usize) {
        let (block, old, byte) = self.blocks[which];
        // SAFETY: it came from here with this size.
        let block = unsafe { resize(block, old, size) };
        assert!(is_filled(block, old.min(size), byte));
        fill(block, size, byte);
        self.blocks[which] = (block, size, byte);
    }

    /// No two overlap.
    fn check(&self) {
        let by_place: BTreeMap<_, _> =
            self.blocks.iter().map(|(at, size, _)| (at.addr().get(), *size)).collect();
        assert_eq!(by_place.len(), self.blocks.len());
        let ends = by_place.iter().map(|(at, size)| at + size);
        assert!(ends.zip(by_place.keys().skip(1)).all(|(end, next)| end <= *next));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        while !self.blocks.is_empty() {
            self.give_back(self.blocks.len() / 2);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn blocks_do_not_overlap_and_keep_what_is_in_them(
        steps in prop::collection::vec((0..8_u8, 1..5_000_usize, any::<u8>(), any::<usize>()), 1..600),
    ) {
        let mut held = Held::default();
        for (what, size, byte, which) in steps {
            // Small ones more often than large ones.
            let size = if what % 2 == 0 { size % 200 + 1 } else { size };
            let len = held.blocks.len();
            match what {
                0..=3 => held.request(size, byte),
                4..=5 if len > 0 => held.give_back(which % len),
                6 if len > 0 => held.resize(which % len, size),
                _ => held.check(),
            }
        }
        held.check();
    }
}

/// Takes blocks of `size` from `heaps` until `count` chunks have been touched.
fn take_chunks(heaps: &Heaps, size: usize, count: usize) -> Vec<NonNull<u8>> {
    let blocks = count * CHUNK / bytes_of(class_of(size));
    (0..blocks).map(|_| NonNull::new(heaps.take(class_of(size))).unwrap()).collect()
}

fn give_all_back(heaps: &Heaps, blocks: Vec<NonNull<u8>>) {
    for block in blocks {
        // SAFETY: it came from there.
        unsafe { heaps.give_back(block) };
    }
}

#[test]
fn what_is_free_serves_any_class_and_goes_back_to_the_kernel() {
    let heaps = Heaps::new();
    for (before, size) in [8, 40, 256, 1000, 4096, LARGEST].into_iter().enumerate() {
        let blocks = take_chunks(&heaps, size, 20);
        let chunks: BTreeSet<_> = blocks.iter().map(|block| block.addr().get() / CHUNK).collect();
        assert!((20..=23).contains(&chunks.len()), "{size}: {}", chunks.len());
        give_all_back(&heaps, blocks);
        // One is kept, and those where a class keeps its last slab.
        assert!((1..=2 + before).contains(&heaps.chunks_with_room()), "{size}: {}", heaps.chunks_with_room());
    }
}

#[test]
fn a_busy_heap_keeps_nobody_waiting() {
    let heaps = Heaps::new();
    let (class, blocks) = (class_of(64), take_chunks(&heaps, 64, 1));
    let at = NonNull::new(heaps.take(class)).unwrap();
    // As if a thread had been in the middle of it when somebody forked.
    let hung = heaps.hold_heap_of(at);
    let (first, second) = blocks.split_at(100);
    give_all_back(&heaps, first.to_vec());
    let elsewhere: Vec<_> = (0..100).map(|_| NonNull::new(heaps.take(class)).unwrap()).collect();
    assert!(elsewhere.iter().all(|block| heaps.heap_of(*block) != heaps.heap_of(at)));
    drop(hung);
    // What came late comes back, a few blocks at a time, and is used again.
    let again: Vec<_> = (0..20_000).map(|_| NonNull::new(heaps.take(class)).unwrap()).collect();
    assert!(first.iter().all(|block| again.contains(block)));
    for blocks in [second.to_vec(), elsewhere, again, vec![at]] {
        give_all_back(&heaps, blocks);
    }
}

#[test]
fn blocks_wander_between_threads() {
    const THREADS: usize = 6;
    const ROUNDS: usize = 400;
    let (senders, receivers): (Vec<Sender<Held>>, Vec<Receiver<Held>>) =
        (0..THREADS).map(|_| channel()).unzip();
    thread::scope(|scope| {
        for (number, from) in receivers.into_iter().enumerate() {
            let to = senders[(number + 1) % THREADS].clone();
            scope.spawn(move || {
                let mut own = Held::default();
                for round in 0..ROUNDS {
                    let mut parcel = Held::default();
                    for n in 0..50 {
                        let size = (round * 7 + n * 13 + number) % 300 + 1;
                        parcel.request(size, (round + n) as u8);
                        own.request(size, n as u8);
                    }
                    // Whoever is slower finds more to free; nobody waits at the end.
                    let _ = to.send(parcel);
                    drop(from.try_iter().collect::<Vec<_>>());
                    while own.blocks.len() > 500 {
                        own.give_back(round % own.blocks.len());
                    }
                }
                own.check();
            });
        }
        drop(senders);
    });
}

/// The flags of the mapping in which `block` lies, as the kernel tells them.
#[cfg(target_os = "linux")]
fn flags_of(block: NonNull<u8>) -> String {
    let text = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let range = |line: &str| {
        let (from, to) = line.split_once(' ')?.0.split_once('-')?;
        Some(usize::from_str_radix(from, 16).ok()?..usize::from_str_radix(to, 16).ok()?)
    };
    let mut lines =
        text.lines().skip_while(|line| range(line).is_none_or(|range| !range.contains(&block.addr().get())));
    lines.find_map(|line| line.strip_prefix("VmFlags: ")).unwrap().to_string()
}

#[cfg(target_os = "linux")]
#[test]
fn who_fills_much_has_large_pages_and_his_own_heap_as_long_as_he_does() {
    if !std::path::Path::new("/sys/kernel/mm/transparent_hugepage").exists() {
        return;
    }
    const NUMBER: usize = 37;
    let heaps = Heaps::new();
    // The third of four chunks is one that was mapped here, and nothing else's.
    let third = |blocks: &[NonNull<u8>]| blocks[blocks.len() / 8 * 5];
    let filler = as_filler(NUMBER, Pages::Large);
    let inner = as_filler(NUMBER + 1, Pages::Small);
    let others = take_chunks(&heaps, 64, 4);
    drop(inner);
    let mine = take_chunks(&heaps, 64, 4);
    drop(filler);
    let after = take_chunks(&heaps, 64, 4);
    let [mine_at, others_at, after_at] = [&mine, &others, &after].map(|blocks| third(blocks));
    assert_eq!(heaps.heap_of(others_at) + 1, heaps.heap_of(mine_at));
    let flags = flags_of(mine_at);
    assert!(flags.contains("hg") && !flags.contains("nh"), "{flags}");
    for flags in [others_at, after_at].map(flags_of) {
        assert!(flags.contains("nh") && !flags.contains("hg"), "{flags}");
    }
    give_all_back(&heaps, after);
    give_all_back(&heaps, mine);
    give_all_back(&heaps, others);
}
