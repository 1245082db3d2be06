//! Copy-on-write memory in pages, for the elements of large values.
//!
//! One allocation per element costs 16 bytes of bookkeeping, an 8-byte pointer wherever the element is named,
//! and a copy of all of them when the value is cloned. An arena keeps elements in pages instead and names them
//! by references of four bytes. A clone counts the pages; a write copies the one page that it hits, as long as
//! somebody else holds it.
//!
//! ```text
//!   Ref        21 bits: page       11 bits: slot
//!             ┌──────────────────┬─────────────┐
//!             │        2         │      1      │
//!             └────────┬─────────┴──────┬──────┘
//!   pages              │                │
//!   ┌───────────────┐  │   page of 20-byte slots (≤ 16 KiB, counted)
//!   │ 0 slots of 12 │  │  ┌────────────────────┬─────────▼──────────┬───────────┬──────────
//!   │ 1 slots of 20 │  │  │ free, next free: 7 │ 16│ sixteen bytes… │ 11│ ele…   │ untouched
//!   │ 2 slots of 20 │◀─┘  └────────────────────┴───────▲────────────┴───────────┴──────────
//!   │ 3 one element │                                length
//!   └───────────────┘   and per class of slots: a list, through this table, of the pages with room
//! ```
//!
//! A page has slots of one size. Sizes go in steps of an eighth of a power of two (at least 2 bytes), so at
//! most an eighth is lost; an arena of few elements uses steps of 8 bytes, to have fewer pages that are
//! mostly empty. The first page of a class has 256 bytes, later ones half of what the class has already, up to
//! 16 KiB (64 KiB where slots are larger than 2 KiB). Elements beyond 16 KiB have a page of their own size.
//!
//! What a page needs to know to give slots out (first free slot, slots never used, live ones) stands in the
//! table of pages, which a clone copies. Only the links of the list of free slots lie in the page; whoever
//! changes one writes to the page and so has its own copy of it.
//!
//! Elements that go at random leave pages half empty. References are direct, so an arena cannot move an element by
//! itself; it tells its owner which ones to move ([`Arena::clear_sparse`]), a page at a time.
//!
//! The pages are `Arc<[u8]>` and not `Shared`: bytes of a size known at run time, in one block with the counter,
//! and without a line of `unsafe`.
//!
//! | | |
//! |---|---|
//! | get | O(1): the table of pages, then the slot |
//! | insert, replace, remove | O(bytes); copies a page when it is shared |
//! | clone | O(pages): 32 bytes and one counter a page |
//! | memory | element of 16 bytes: 18.1 bytes in a large arena |
//!
//! # Invariants
//! - Every page with a live slot is in the table; `slot_bytes` is 0 for a page of one large element.
//! - A page is in the list of its class exactly when it has a free or an untouched slot.
//! - A live slot starts with the length of its element: `0lllllll`, `10llllll l×8` or `11llllll l×32`.
//! - Vacant places of the table have no page; all are in the list `vacant`, until `pop_page` is called.
use super::shared::prefetch;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// A reference to an element of an [`Arena`], and of its clones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ref(u32);

const _: () = assert!(size_of::<Ref>() == 4);

const SLOT_BITS: u32 = 11;
/// The pages an arena may have: 2^21 of 16 KiB or more are 32 GiB.
const PAGES_MAX: usize = 1 << (u32::BITS - SLOT_BITS);
/// 16 KiB with the counters and the allocator's own word.
const PAGE_BYTES: usize = 16 * 1024 - 24;
const LARGE_PAGE_BYTES: usize = 64 * 1024 - 24;
const FIRST_PAGE_BYTES: usize = 256;
/// Larger elements, with their length, have a page of their own.
const SLOT_BYTES_MAX: usize = 16 * 1024;
const SLOT_BYTES_MIN: usize = 8;
/// An arena of fewer elements uses fewer sizes of slots.
const COARSE_BELOW: usize = 2000;
const NONE: u32 = u32::MAX;

const _: () = assert!(PAGE_BYTES / SLOT_BYTES_MIN < 1 << SLOT_BITS);
const _: () = assert!(size_of::<Page>() <= 32);

impl Ref {
    fn new(page: usize, slot: u16) -> Self {
        Self((page as u32) << SLOT_BITS | u32::from(slot))
    }
    #[inline(always)]
    fn page(self) -> usize {
        (self.0 >> SLOT_BITS) as usize
    }
    #[inline(always)]
    fn slot(self) -> usize {
        (self.0 & ((1 << SLOT_BITS) - 1)) as usize
    }
    /// The reference as a number, for structures that pack it.
    pub const fn bits(self) -> u32 {
        self.0
    }
    /// The reference whose `bits` these are.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// A place in the table of pages.
#[derive(Clone)]
struct Page {
    bytes: Option<Arc<[u8]>>,
    /// 0: one element that fills the page.
    slot_bytes: u16,
    live: u16,
    /// Slots that were never used: the first ones.
    untouched: u16,
    /// One more than the slot at the head of the list of free slots; 0 when there is none.
    free: u16,
    /// Neighbours in the list of the class; `next` also links vacant places.
    next: u32,
    before: u32,
}

impl Page {
    fn has_room(&self) -> bool {
        self.untouched > 0 || self.free > 0
    }

    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or_default()
    }

    /// The page for writing: a copy of its own when somebody else holds it.
    fn bytes_mut(&mut self) -> &mut [u8] {
        match &mut self.bytes {
            Some(bytes) => Arc::make_mut(bytes),
            None => &mut [],
        }
    }

    fn heap_bytes(&self) -> usize {
        self.bytes.as_ref().map_or(0, |bytes| bytes.len() + 2 * size_of::<usize>())
    }
}

/// Slots of one size.
#[derive(Clone, Copy)]
struct Class {
    /// The first page with room.
    open: u32,
    /// The slots of all its pages.
    slots: u32,
    /// Those of them that hold an element.
    live: u32,
}

/// Elements of bytes, stored in pages and named by [`Ref`]s.
///
/// A reference is good in the arena that gave it out and in clones made while the element lived, until the
/// element is removed or replaced there. What a stale reference reads is unspecified bytes, or a panic.
#[derive(Clone, Default)]
pub struct Arena {
    pages: Vec<Page>,
    classes: Vec<Class>,
    /// One more than the first vacant place.
    vacant: u32,
    /// One more than the place of a page that is being cleared; it is in no list.
    clearing: u32,
    len: usize,
    pages_bytes: usize,
}

impl Arena {
    /// Makes an empty arena, which has allocated nothing.
    pub const fn new() -> Self {
        Self { pages: Vec::new(), classes: Vec::new(), vacant: 0, clearing: 0, len: 0, pages_bytes: 0 }
    }

    /// The number of elements. O(1).
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no element. O(1).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of heap that the arena asked for: pages and tables. Pages that a clone holds, too, count in
    /// full. O(1).
    pub fn mem_bytes(&self) -> usize {
        self.pages_bytes
            + self.pages.capacity() * size_of::<Page>()
            + self.classes.capacity() * size_of::<Class>()
    }

    /// Tells whether `insert` is certain to find room for `elements` more, of `bytes` bytes together. It is up to 2^21
    /// pages: 32 GiB of elements, less what pages of other sizes have free. O(1).
    pub fn has_room_for(&self, elements: usize, bytes: usize) -> bool {
        // At worst every element opens a page. But a full-sized page is at least half used when it is full, a slot is
        // less than twice its element and its length, and the pages below full size are less than 20 per class.
        const GROWING_PAGES_MAX: usize = 2048;
        let full = bytes.saturating_add(elements.saturating_mul(SLOT_BYTES_MIN)) / (PAGE_BYTES / 4);
        let pages = elements.min(full.saturating_add(GROWING_PAGES_MAX));
        pages <= PAGES_MAX.saturating_sub(self.pages.len())
    }

    /// The bytes of an element. O(1).
    ///
    /// # Panics
    /// May panic on a stale reference.
    #[inline]
    pub fn get(&self, r: Ref) -> &[u8] {
        let page = &self.pages[r.page()];
        let slot = &page.bytes()[r.slot() * usize::from(page.slot_bytes)..];
        let (start, len) = header(slot);
        &slot[start..start + len]
    }

    /// Asks the processor to bring the start of an element that will be read soon.
    #[inline]
    pub fn prefetch(&self, r: Ref) {
        let Some(page) = self.pages.get(r.page()) else { return };
        if let Some(slot) = page.bytes().get(r.slot() * usize::from(page.slot_bytes)) {
            prefetch(slot);
        }
    }

    /// The bytes of an element, for writing. O(1), and the copy of a shared page.
    ///
    /// # Panics
    /// May panic on a stale reference.
    pub fn get_mut(&mut self, r: Ref) -> &mut [u8] {
        let slot = self.slot_mut(r);
        let (start, len) = header(slot);
        &mut slot[start..start + len]
    }

    /// Stores the concatenation of `parts` and returns its reference. O(bytes).
    ///
    /// # Panics
    /// When the arena is out of pages; ask [`has_room_for`](Self::has_room_for) first, or use
    /// [`try_insert`](Self::try_insert).
    pub fn insert(&mut self, parts: &[&[u8]]) -> Ref {
        self.try_insert(parts).expect("an arena has at most 2^21 pages")
    }

    /// Like [`insert`](Self::insert); returns `None` when the arena is out of pages.
    pub fn try_insert(&mut self, parts: &[&[u8]]) -> Option<Ref> {
        let len = parts.iter().map(|part| part.len()).sum();
        let need = header_bytes(len) + len;
        let slot_bytes = slot_bytes_for(need, self.len < COARSE_BELOW);
        let r = if need > SLOT_BYTES_MAX {
            let place = self.place_page(need, 0)?;
            self.pages[place].live = 1;
            Ref::new(place, 0)
        } else {
            let place = self.open_page(slot_bytes)?;
            self.take_slot(place)
        };
        self.len += 1;
        store(self.slot_mut(r), len, parts);
        Some(r)
    }

    /// Stores the concatenation of `parts` instead of the element: in its slot if that is of a fitting size,
    /// otherwise in a new one. Returns the reference to it. O(bytes).
    ///
    /// # Panics
    /// Like [`insert`](Self::insert); then the element is still as it was.
    pub fn replace(&mut self, r: Ref, parts: &[&[u8]]) -> Ref {
        let len = parts.iter().map(|part| part.len()).sum();
        let need = header_bytes(len) + len;
        let page = &self.pages[r.page()];
        let stays = match usize::from(page.slot_bytes) {
            0 => need <= page.bytes().len() && need >= page.bytes().len() / 8 * 7,
            slot_bytes => need <= slot_bytes && (need >= slot_bytes / 2 || slot_bytes <= 16),
        };
        if stays {
            store(self.slot_mut(r), len, parts);
            return r;
        }
        let new = self.insert(parts);
        self.remove(r);
        new
    }

    /// Removes an element. O(1), and the copy of a shared page.
    pub fn remove(&mut self, r: Ref) {
        let place = r.page();
        self.len -= 1;
        if self.len == 0 {
            *self = Self::new();
            return;
        }
        let page = &mut self.pages[place];
        page.live -= 1;
        if page.slot_bytes == 0 {
            return self.vacate(place);
        }
        let class = class_of(usize::from(page.slot_bytes));
        self.classes[class].live -= 1;
        if self.clearing == place as u32 + 1 {
            if page.live == 0 {
                self.clearing = 0;
                self.vacate(place);
            }
            return;
        }
        let had_room = page.has_room();
        let open = self.classes[class].open;
        // The last open page of a class is kept, lest an element that comes and goes takes a page with it.
        let spare = if had_room { open != place as u32 || page.next != NONE } else { open != NONE };
        if page.live == 0 && spare {
            if had_room {
                self.close(place);
            }
            return self.vacate(place);
        }
        let next = page.free;
        page.free = r.slot() as u16 + 1;
        self.slot_mut(r)[..2].copy_from_slice(&next.to_le_bytes());
        if !had_room {
            self.open(place);
        }
    }

    /// Picks a page to clear, when pages have become sparse: called after each removal, with the reference that was
    /// removed. Returns the elements of that page, each of which is to be moved: [`copy`](Self::copy) it, name
    /// the copy wherever the old one was named, [`remove`](Self::remove) the old one. With the last of them the page is
    /// free.
    ///
    /// A size of slots of which less than three quarters are in use has pages to spare; where the removal has left
    /// three quarters of its page or less, that one is cleared. Until the next page is cleared about as many
    /// elements must be removed as were moved now, so that a removal moves one element on the average, and at most
    /// a page of them.
    pub fn clear_sparse(&mut self, removed: Ref) -> Vec<Ref> {
        let place = removed.page();
        let Some(page) = self.pages.get_mut(place) else { return Vec::new() };
        let (slot_bytes, live) = (usize::from(page.slot_bytes), u32::from(page.live));
        if slot_bytes == 0 || live == 0 || page.bytes.is_none() || self.clearing != 0 {
            return Vec::new();
        }
        let count = page.bytes().len() / slot_bytes;
        let class = &self.classes[class_of(slot_bytes)];
        let is_sparse = |live: u32, slots: u32| live < slots / 4 * 3;
        // With fewer pages than eight a page that was just added would make the size look sparse.
        if class.slots < 8 * count as u32
            || !is_sparse(class.live, class.slots)
            || !is_sparse(live, count as u32)
        {
            return Vec::new();
        }
        let mut used = vec![true; count];
        used[..usize::from(page.untouched)].fill(false);
        while page.free > 0 {
            let slot = usize::from(page.free) - 1;
            let link = slot * slot_bytes;
            used[slot] = false;
            page.free = u16::from_le_bytes([page.bytes()[link], page.bytes()[link + 1]]);
        }
        self.close(place);
        self.pages[place].untouched = 0;
        self.clearing = place as u32 + 1;
        used.iter()
            .enumerate()
            .filter(|(_, used)| **used)
            .map(|(slot, _)| Ref::new(place, slot as u16))
            .collect()
    }

    /// Stores a copy of an element and returns its reference; `None` when the arena is out of pages. O(bytes).
    pub fn copy(&mut self, r: Ref) -> Option<Ref> {
        let element = self.get(r).to_vec();
        self.try_insert(&[&element])
    }

    /// Frees one page with its elements: bounded work, to take a huge arena down in steps. Returns false when
    /// there was none left. References into that page are stale then.
    pub fn pop_page(&mut self) -> bool {
        // The list of vacant places may name some that go now; those that stay are not used again.
        self.vacant = 0;
        while let Some(page) = self.pages.last() {
            let place = self.pages.len() - 1;
            if page.bytes.is_none() {
                self.pages.pop();
                continue;
            }
            self.len -= usize::from(page.live);
            if page.slot_bytes > 0 && page.has_room() {
                self.close(place);
            }
            self.vacate(place);
            return true;
        }
        *self = Self::new();
        false
    }

    /// From where the slot of `r` begins to the end of its slot, for writing.
    fn slot_mut(&mut self, r: Ref) -> &mut [u8] {
        let page = &mut self.pages[r.page()];
        let slot_bytes = usize::from(page.slot_bytes);
        let bytes = page.bytes_mut();
        match slot_bytes {
            0 => bytes,
            _ => &mut bytes[r.slot() * slot_bytes..][..slot_bytes],
        }
    }

    /// A page with room for a slot of that size.
    fn open_page(&mut self, slot_bytes: usize) -> Option<usize> {
        let class = class_of(slot_bytes);
        if self.classes.len() <= class {
            self.classes.resize(class + 1, Class { open: NONE, slots: 0, live: 0 });
        }
        let Class { open, slots, .. } = self.classes[class];
        if open != NONE {
            return Some(open as usize);
        }
        let most = if slot_bytes > 2048 { LARGE_PAGE_BYTES } else { PAGE_BYTES } / slot_bytes;
        let count = (slots as usize / 2).max(FIRST_PAGE_BYTES / slot_bytes).clamp(1, most);
        let place = self.place_page(count * slot_bytes, slot_bytes as u16)?;
        self.pages[place].untouched = count as u16;
        self.classes[class].slots += count as u32;
        self.open(place);
        Some(place)
    }

    /// Takes a slot of a page with room.
    fn take_slot(&mut self, place: usize) -> Ref {
        let page = &mut self.pages[place];
        let slot = if page.free > 0 {
            let slot = page.free - 1;
            let link = usize::from(slot) * usize::from(page.slot_bytes);
            page.free = u16::from_le_bytes([page.bytes()[link], page.bytes()[link + 1]]);
            slot
        } else {
            page.untouched -= 1;
            page.untouched
        };
        page.live += 1;
        self.classes[class_of(usize::from(page.slot_bytes))].live += 1;
        if !page.has_room() {
            self.close(place);
        }
        Ref::new(place, slot)
    }

    /// Gives a new page a place in the table.
    fn place_page(&mut self, bytes: usize, slot_bytes: u16) -> Option<usize> {
        if self.vacant == 0 && self.pages.len() >= PAGES_MAX {
            return None;
        }
        let bytes = Some(std::iter::repeat_n(0, bytes).collect());
        let page = Page { bytes, slot_bytes, live: 0, untouched: 0, free: 0, next: NONE, before: NONE };
        self.pages_bytes += page.heap_bytes();
        if self.vacant == 0 {
            self.pages.push(page);
            return Some(self.pages.len() - 1);
        }
        let place = self.vacant as usize - 1;
        self.vacant = self.pages[place].next;
        self.pages[place] = page;
        Some(place)
    }

    /// Frees the page of a place, which is in no list.
    fn vacate(&mut self, place: usize) {
        let page = &mut self.pages[place];
        self.pages_bytes -= page.heap_bytes();
        let bytes = page.bytes.take();
        if page.slot_bytes > 0 {
            let slots = bytes.map_or(0, |bytes| bytes.len() / usize::from(page.slot_bytes));
            let class = &mut self.classes[class_of(usize::from(page.slot_bytes))];
            class.slots -= slots as u32;
            class.live -= u32::from(page.live);
        }
        page.next = self.vacant;
        self.vacant = place as u32 + 1;
    }

    /// Puts a page that got room at the head of its class's list.
    fn open(&mut self, place: usize) {
        let class = class_of(usize::from(self.pages[place].slot_bytes));
        let next = std::mem::replace(&mut self.classes[class].open, place as u32);
        (self.pages[place].next, self.pages[place].before) = (next, NONE);
        if let Some(next) = self.pages.get_mut(next as usize) {
            next.before = place as u32;
        }
    }

    /// Takes a page out of its class's list.
    fn close(&mut self, place: usize) {
        let Page { slot_bytes, next, before, .. } = self.pages[place];
        match self.pages.get_mut(before as usize) {
            Some(before) => before.next = next,
            None => self.classes[class_of(usize::from(slot_bytes))].open = next,
        }
        if let Some(next) = self.pages.get_mut(next as usize) {
            next.before = before;
        }
    }
}

/// The size of the slot for `need` bytes, at most `SLOT_BYTES_MAX`.
fn slot_bytes_for(need: usize, coarse: bool) -> usize {
    let step = match need {
        0..=64 if coarse => 8,
        0..=16 => 2,
        _ => 1 << ((need - 1).ilog2() - 3),
    };
    need.max(SLOT_BYTES_MIN).next_multiple_of(step)
}

/// The number of a size of slots: 0 for 8 bytes, 5 for 18, 84 for 16 KiB.
fn class_of(slot_bytes: usize) -> usize {
    if slot_bytes <= 16 {
        return (slot_bytes - SLOT_BYTES_MIN) / 2;
    }
    let power = (slot_bytes - 1).ilog2() as usize;
    5 + (power - 4) * 8 + ((slot_bytes - 1) >> (power - 3)) - 8
}

/// The bytes that the length of an element takes.
fn header_bytes(len: usize) -> usize {
    match len {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        _ => 5,
    }
}

/// Where the element in a slot begins, and its length.
#[inline(always)]
fn header(slot: &[u8]) -> (usize, usize) {
    let first = usize::from(slot[0]);
    if first < 0x80 {
        return (1, first);
    }
    let more = usize::from(slot[1]);
    if first < 0xc0 {
        return (2, (first & 0x3f) << 8 | more);
    }
    let rest = (2..5).fold(more, |len, i| len << 8 | usize::from(slot[i]));
    (5, ((first as u64 & 0x3f) << 32) as usize | rest)
}

/// Writes an element into a slot that is long enough.
fn store(slot: &mut [u8], len: usize, parts: &[&[u8]]) {
    let mut at = header_bytes(len);
    match at {
        1 => slot[0] = len as u8,
        2 => slot[..2].copy_from_slice(&(0x8000 | len as u16).to_be_bytes()),
        _ => slot[..5].copy_from_slice(&(0xc0_0000_0000 | len as u64).to_be_bytes()[3..]),
    }
    for part in parts {
        slot[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
}
