//! A hierarchical timing wheel: which of very many items are due, without sorting them.
//!
//! An ordered map of deadlines costs a search and a cache miss or two for each change; a hash table sampled
//! at random, as servers do, leaves much of what is dead in memory. A wheel files an item in the slot of its
//! time, as one would in a diary: this second's page, this hour's, this year's. When a coarse slot's time
//! comes, its items are filed again in the finer slots below it.
//!
//! ```text
//!   tick (16 ms, from the Unix epoch)     level 0   slots of 1 tick        16 ms
//!                                               1            64 ticks      1.0 s
//!   …│ 2 bits │ 6 │ 6 │ 6 │ 6 │ 6 │             2            64²           66 s
//!   ▲    5      4   3   2   1   0               3            64³           70 min
//!   │                                           4            64⁴           75 h
//!   epoch                                       5  4 slots,  64⁵           199 days
//!
//!   cursor  = 3·64² + 10·64 + 17                everything up to here has been taken out
//!   level 0:  . . . . . [ ] [x] …   slot 23     tick 3·64² + 10·64 + 23 shares all digits but the last
//!   level 1:  . . . [ ] [x] [ ] …   slot 12     ticks 3·64² + 12·64 + (0..64)
//!   level 2:  . . . . [x] …         slot 4      ticks 4·64² + (0..64²)
//!   far                                         ticks of a later epoch (2.2 years) than the cursor's
//!   parts                                       lists that are being redistributed, and what is overdue
//! ```
//!
//! An item's level is the highest digit in which its tick differs from the cursor, so its place is found with
//! two shifts, and the earliest slot is the lowest bit of the lowest level that has any.
//!
//! The wheel is meant to be used *lazily*. An item cannot be removed. Whoever files it notes the tick that
//! [`Wheel::file`] returned; a deadline that moves away leaves the item where it is, and is filed again when
//! that fires; one that comes nearer gets another item ([`Wheel::keep`] does what is needed), and the older
//! fires with a tick that is noted nowhere, to be ignored.
//!
//! No call is long: a slot is redistributed an item at a time, [`POP_STEPS`] steps in one call at most, and
//! its list is a chain of blocks that is neither copied nor searched.
//!
//! # Ticks
//! A tick is returned as its low 32 bits, and never as 0. These wrap every 2.2 years: compare them with
//! [`Wheel::sooner`]. So that this is unambiguous, deadlines beyond 1.09 years ahead are filed there, and
//! fire then, before their time: their owner files them again.
//!
//! # The clock
//! It may jump. Forwards, empty slots are skipped by their bitmaps and whole slots that are due fire without
//! being redistributed. Backwards, the cursor goes back, too, and the lists of the levels below the highest
//! digit that changes are redistributed. No item fires before its time either way.
//!
//! # Complexity
//! File: O(1). Pop: O(1) amortised, at most 6 redistributions in an item's life. Memory: 12 bytes an item,
//! 16 when overdue or of another epoch, and 520 bytes for each level in use.
//!
//! # Invariants
//! - *Ahead*: an item in a slot has a tick above `cursor` of the same epoch; its level is the highest digit
//!   in which the two differ. An item in `far` has a later epoch than `cursor`.
//! - *Low*: within a list of a slot all ticks have the same epoch, so 32 bits of them are enough.
//! - *Bits*: a level's bit is set exactly when the slot's list is not empty.
//!
//! After: Varghese and Lauck, *Hashed and Hierarchical Timing Wheels* (1987).
mod list;
#[cfg(test)]
mod tests;
use list::List;
use std::mem;

/// The length of a tick, in milliseconds: an item is due at most so much late.
pub const TICK_MS: u64 = 16;
/// The most items that one call of [`Wheel::pop_due`] touches.
pub const POP_STEPS: usize = 64;

const DIGIT_BITS: u32 = 6;
const EPOCH_BITS: u32 = 32;
const LEVELS: usize = EPOCH_BITS.div_ceil(DIGIT_BITS) as usize;
/// How far ahead an item can be filed, in ticks.
const HORIZON: u64 = (1 << 31) - 1;

struct Level {
    bits: u64,
    slots: [List<3>; 1 << DIGIT_BITS],
}

const _: () = assert!(size_of::<Level>() == 520);

impl Level {
    fn take(&mut self, slot: u32) -> List<3> {
        self.bits &= !(1 << slot);
        mem::replace(&mut self.slots[slot as usize], List::EMPTY)
    }
}

/// Items on their way to a finer slot, or out.
enum Part {
    /// Items of a slot, with the epoch that their ticks are of.
    Slot(u64, List<3>),
    /// Items with whole ticks.
    Loose(List<4>),
}

/// A lazy hierarchical timing wheel of 64-bit items.
pub struct Wheel {
    cursor: u64,
    len: usize,
    levels: [Option<Box<Level>>; LEVELS],
    far: List<4>,
    parts: Vec<Part>,
    block_bytes: usize,
}

fn low(word: u64) -> u32 {
    word as u32
}

fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

fn join(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// The highest digit in which two ticks of an epoch differ.
fn level_of(tick: u64, cursor: u64) -> usize {
    debug_assert!(tick != cursor && (tick ^ cursor) >> EPOCH_BITS == 0);
    ((tick ^ cursor).ilog2() / DIGIT_BITS) as usize
}

fn digit(tick: u64, level: usize) -> u32 {
    low(tick >> (DIGIT_BITS * level as u32)) % (1 << DIGIT_BITS)
}

impl Wheel {
    /// Makes an empty wheel; `now_ms` is the time, in Unix milliseconds.
    pub fn new(now_ms: u64) -> Self {
        Self {
            cursor: now_ms / TICK_MS,
            len: 0,
            levels: [const { None }; LEVELS],
            far: List::EMPTY,
            parts: Vec::new(),
            block_bytes: 0,
        }
    }

    /// Returns the number of items, those that nobody waits for any more included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first tick that is not before `at_ms`, or the last one there is a place for.
    fn whole_tick_of(&self, at_ms: u64) -> u64 {
        let tick = at_ms.div_ceil(TICK_MS).min(self.cursor + HORIZON);
        // One tick in 2.2 years is left out, so that 0 can mean "none" to the owner of the item.
        tick + u64::from(low(tick) == 0)
    }

    /// Returns the tick that [`file`](Self::file) would file an item under.
    pub fn tick_of(&self, at_ms: u64) -> u32 {
        low(self.whole_tick_of(at_ms))
    }

    /// Tells whether tick `a` comes before tick `b`.
    pub const fn sooner(a: u32, b: u32) -> bool {
        (a.wrapping_sub(b) as i32) < 0
    }

    /// Files an item to fire when `at_ms` has passed. Returns the tick it is filed under, which is never 0.
    ///
    /// # Complexity
    /// O(1), with at most one small allocation (and 520 bytes for the first item of a level).
    pub fn file(&mut self, at_ms: u64, item: u64) -> u32 {
        let tick = self.whole_tick_of(at_ms);
        self.len += 1;
        self.place(tick, item);
        low(tick)
    }

    /// Makes sure that an item is filed no later than for `at_ms`, given the tick at which its owner has one
    /// already. Returns the tick to note: the same, when the item that there is comes early enough.
    pub fn keep(&mut self, filed: Option<u32>, at_ms: u64, item: u64) -> u32 {
        // What is overdue comes next anyhow; ticks long past would compare wrongly.
        let tick = self.whole_tick_of(at_ms).max(self.cursor);
        match filed {
            Some(filed) if !Self::sooner(low(tick), filed) => filed,
            _ => self.file(at_ms, item),
        }
    }

    fn place(&mut self, tick: u64, item: u64) {
        let bytes = &mut self.block_bytes;
        let whole = [low(tick), high(tick), low(item), high(item)];
        if tick <= self.cursor {
            match self.parts.last_mut() {
                Some(Part::Loose(list)) => list.push(whole, bytes),
                _ => {
                    let mut list = List::EMPTY;
                    list.push(whole, bytes);
                    self.parts.push(Part::Loose(list));
                }
            }
        } else if high(tick) != high(self.cursor) {
            self.far.push(whole, bytes);
        } else {
            let index = level_of(tick, self.cursor);
            let slot = digit(tick, index);
            let level = self.levels[index]
                .get_or_insert_with(|| Box::new(Level { bits: 0, slots: [const { List::EMPTY }; 64] }));
            level.bits |= 1 << slot;
            level.slots[slot as usize].push([low(tick), low(item), high(item)], bytes);
        }
    }

    /// Returns an item whose time has passed, with the tick it was filed under; `None` when none is due, or
    /// when none was found in [`POP_STEPS`] steps: [`is_behind`](Self::is_behind) tells these apart. Items that
    /// are due come in no particular order.
    pub fn pop_due(&mut self, now_ms: u64) -> Option<(u32, u64)> {
        let target = now_ms / TICK_MS;
        if target == self.cursor && self.parts.is_empty() {
            return None;
        }
        if self.len == 0 {
            self.cursor = target;
            return None;
        }
        if target < self.cursor {
            self.rewind(target);
        }
        for _ in 0..POP_STEPS {
            match self.pop_part() {
                Some((tick, item)) if tick <= target => {
                    self.len -= 1;
                    return Some((low(tick), item));
                }
                Some((tick, item)) => self.place(tick, item),
                None if self.advance(target) => {}
                None => return None,
            }
        }
        None
    }

    /// Takes an item of the parts, with its tick.
    fn pop_part(&mut self) -> Option<(u64, u64)> {
        let bytes = &mut self.block_bytes;
        let (found, empty) = match self.parts.last_mut()? {
            Part::Slot(epoch, list) => {
                let found =
                    list.pop(bytes).map(|[tick, a, b]| (*epoch << EPOCH_BITS | u64::from(tick), join(b, a)));
                (found, list.is_empty())
            }
            Part::Loose(list) => {
                let found = list.pop(bytes).map(|[tick, epoch, a, b]| (join(epoch, tick), join(b, a)));
                (found, list.is_empty())
            }
        };
        if empty {
            self.parts.pop();
            if self.parts.is_empty() {
                // Many lists are here only after the clock went backwards.
                self.parts.shrink_to(4);
            }
        }
        found
    }

    /// The earliest slot that is not empty: its level, its number, and its first tick.
    fn next_slot(&self) -> Option<(usize, u32, u64)> {
        let (index, bits) = self.levels.iter().enumerate().find_map(|(index, level)| {
            let bits = level.as_ref()?.bits;
            (bits != 0).then_some((index, bits))
        })?;
        let slot = bits.trailing_zeros();
        let shift = DIGIT_BITS * index as u32;
        let above = self.cursor >> (shift + DIGIT_BITS) << (shift + DIGIT_BITS);
        Some((index, slot, above | u64::from(slot) << shift))
    }

    /// Moves the cursor on: to the next slot that is not empty, whose list becomes a part, or to `target`
    /// when there is none before. Tells whether there is a part now. There must be none before.
    fn advance(&mut self, target: u64) -> bool {
        debug_assert!(self.parts.is_empty() && self.cursor <= target);
        if let Some((index, slot, start)) = self.next_slot() {
            self.cursor = start.min(target);
            let Some(level) = self.levels[index].as_mut().filter(|_| start <= target) else { return false };
            let list = level.take(slot);
            self.parts.push(Part::Slot(start >> EPOCH_BITS, list));
            return true;
        }
        // Invariant *Ahead*: there is none left in the cursor's epoch, so it may leave it.
        let same_epoch = high(self.cursor) == high(target);
        self.cursor = target;
        if same_epoch || self.far.is_empty() {
            return false;
        }
        self.parts.push(Part::Loose(mem::replace(&mut self.far, List::EMPTY)));
        true
    }

    /// Moves the cursor back. Slots whose place depends on a digit that changes become parts.
    fn rewind(&mut self, target: u64) {
        let epoch = self.cursor >> EPOCH_BITS;
        let same_epoch = epoch == target >> EPOCH_BITS;
        // The slots of the highest digit that changes stay ahead of the cursor, and so in their level.
        let moved = if same_epoch { level_of(target, self.cursor) } else { LEVELS };
        for level in self.levels[..moved].iter_mut().flatten() {
            while level.bits != 0 {
                let list = level.take(level.bits.trailing_zeros());
                self.parts.push(Part::Slot(epoch, list));
            }
        }
        // What is far stays so: its epoch is later than the cursor's was, and so than the cursor's will be.
        self.cursor = target;
    }

    /// Returns a time, in Unix milliseconds, before which no item is due; `None` when there is no item. It is
    /// in the past while items are due or are being redistributed.
    pub fn next_due_ms(&self) -> Option<u64> {
        let tick = if !self.parts.is_empty() {
            self.cursor
        } else if let Some((_, _, start)) = self.next_slot() {
            start
        } else if !self.far.is_empty() {
            ((self.cursor >> EPOCH_BITS) + 1) << EPOCH_BITS
        } else {
            return None;
        };
        Some(tick.saturating_mul(TICK_MS))
    }

    /// Tells whether [`pop_due`](Self::pop_due) has something to do at `now_ms`: to return an item, or to
    /// redistribute some.
    pub fn is_behind(&self, now_ms: u64) -> bool {
        !self.parts.is_empty() || self.next_due_ms().is_some_and(|at_ms| at_ms <= now_ms)
    }

    /// Returns the bytes requested from the allocator, without the `Wheel` itself.
    pub fn mem_bytes(&self) -> usize {
        let levels = self.levels.iter().flatten().count() * size_of::<Level>();
        self.block_bytes + levels + self.parts.capacity() * size_of::<Part>()
    }

    /// Forgets all items and gives back all memory.
    pub fn clear(&mut self) {
        *self = Self::new(self.cursor * TICK_MS);
    }
}
