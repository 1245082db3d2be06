//! A key and all that belongs to it in one allocation.
//!
//! A keyspace of millions of small values is mostly overhead: a key's header, a value's header, an expiry
//! kept elsewhere, and what the allocator needs for each. Here they are one block, found through one
//! pointer, so that reading a small value costs the one cache miss that its key costs anyway:
//!
//! ```text
//!   Entry ──▶ ┌────────┬──────────┬───────────┬──────────────┬────────┬─────┬─────────────┬─────┐
//!             │ header │ key len  │ expire at │  integer or  │ filed  │ key │ string,     │ to  │
//!             │   8    │ 8, if    │ 8, if     │  object T    │ 4, if  │     │ if that is  │ 8k  │
//!             │        │ >16383   │ stamped   │  8k, if any  │ stamped│     │ the payload │     │
//!             └────────┴──────────┴───────────┴──────────────┴────────┴─────┴─────────────┴─────┘
//! ```
//!
//! What has to be aligned comes first, what need not comes last, and what is not there takes no room: a key
//! of 16 bytes with a value of 16 is a request of 40, with an expiry 56. The header says what there is, so
//! everything's place, and the size to give back, follow from it alone (and from the word behind it when the
//! key is longer than 16383 bytes).
//!
//! Values too large for the block, and all that are not strings, are a `T` whose own heap lies elsewhere.
//!
//! # Sharing
//! A clone is the same block, counted in four bits of the header: what a snapshot holds of a table costs neither copies nor
//! the memory for them. Whoever writes to an entry that others share copies it first; so does a clone that would be the
//! seventeenth.
//!
//! # Complexity
//! Reading anything: O(1), without a call. Replacing the payload: O(its length), without a call of the
//! allocator while its kind and the rounded size stay. The stamp: O(1) to change, O(size) to add or remove.
//!
//! # Invariants
//! - *Block*: `block` came from [`slabs::request`] with the size that [`Header::size`] tells, is aligned to
//!   8, is owned by this `Entry` and as many others as the header counts, and every part that the header announces is
//!   initialised.
//! - *Shared*: nothing but the count is written while that is not 0; the count goes up from an entry that is alive, and who
//!   takes it below 0 was the last.
//! - *Moved*: an object leaves a block by a bitwise move exactly when the block, which nobody shares, is freed or the object
//!   is replaced at once, so it is dropped once.
use super::{shared::prefetch, slabs};
use std::{
    fmt,
    marker::PhantomData,
    mem, ptr,
    ptr::NonNull,
    slice,
    sync::atomic::{AtomicU64, Ordering},
};

mod header;
mod payload;
mod sharing;
#[cfg(test)]
mod tests;
use header::{CLOCK_MAX, Header, Kind, LONG_AT, SHORT_KEY_MAX, TEXT_MAX};
pub use payload::{New, Payload};

/// A key with its payload, stamp and flags; eight bytes, and so is an `Option` of it.
pub struct Entry<T> {
    block: NonNull<u8>,
    _owns: PhantomData<T>,
}

const _: () = assert!(size_of::<Entry<u64>>() == 8 && size_of::<Option<Entry<u64>>>() == 8);
const _: () = assert!(Header::of_key(16).with_payload(Kind::Bytes, 16).size::<u64>(16) == 40);
const _: () =
    assert!(Header::of_key(16).with_payload(Kind::Bytes, 16).with_stamp(true).size::<u64>(16) == 56);
const _: () = assert!(Entry::<u64>::INLINE_MAX <= TEXT_MAX);

// SAFETY: invariant *Shared*: as for `Arc`: an object is reached from several threads (`T: Sync`), and may be dropped by
// another one than has made it (`T: Send`); nothing but the count, which is atomic, changes while an entry is shared.
unsafe impl<T: Send + Sync> Send for Entry<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Entry<T> {}

/// Making entries.
impl<T> Entry<T> {
    /// The longest string that an entry holds inline; longer ones are the caller's objects.
    pub const INLINE_MAX: usize = 64 * 1024;

    const ALIGNED: () =
        assert!(align_of::<T>() <= align_of::<u64>(), "an entry aligns its object to 8 bytes");

    /// Makes an entry of all its parts.
    ///
    /// # Panics
    /// When a string is longer than [`INLINE_MAX`](Self::INLINE_MAX).
    pub fn new(key: &[u8], payload: New<'_, T>, expire_at_ms: Option<u64>) -> Self {
        let (kind, len) = payload.kind_and_len();
        assert!(len <= Self::INLINE_MAX, "the string is too long to be inline");
        let header = Header::of_key(key.len()).with_payload(kind, len).with_stamp(expire_at_ms.is_some());
        let entry =
            Self { block: allocate::<T>(header, key, expire_at_ms.unwrap_or(0), 0), _owns: PhantomData };
        entry.write_payload(header, payload);
        entry
    }

    /// Makes an entry that holds an integer.
    pub fn int(key: &[u8], value: i64) -> Self {
        Self::new(key, New::Int(value), None)
    }

    /// Makes an entry that holds a string.
    ///
    /// # Panics
    /// When it is longer than [`INLINE_MAX`](Self::INLINE_MAX).
    pub fn bytes(key: &[u8], value: &[u8]) -> Self {
        Self::new(key, New::Bytes(value), None)
    }

    /// Makes an entry that holds an object.
    pub fn object(key: &[u8], value: T) -> Self {
        Self::new(key, New::Object(value), None)
    }
}

/// Reading.
impl<T> Entry<T> {
    /// The header's word: others count in it.
    #[inline]
    fn word(&self) -> &AtomicU64 {
        // SAFETY: invariant *Block*: a block starts with an initialised header, aligned to 8, and lives as long as we do.
        unsafe { self.block.cast::<AtomicU64>().as_ref() }
    }

    #[inline]
    fn header(&self) -> Header {
        // Relaxed: what it tells, but for the count, changes only while nobody else has the entry.
        Header::of_word(self.word().load(Ordering::Relaxed))
    }

    /// The address of the part that starts `offset` bytes into the block.
    #[inline]
    fn part<U>(&self, offset: usize) -> *mut U {
        self.block.as_ptr().wrapping_add(offset).cast()
    }

    #[inline]
    fn key_len(&self, header: Header) -> usize {
        if header.has_long_key() {
            // SAFETY: invariant *Block*: the flag announces a word behind the header.
            unsafe { self.part::<usize>(LONG_AT).read() }
        } else {
            header.short_key_len()
        }
    }

    #[inline]
    fn text(&self, header: Header) -> *mut [u8] {
        let at = header.key_at::<T>() + self.key_len(header);
        ptr::slice_from_raw_parts_mut(self.part(at), header.text_len())
    }

    /// Returns the key.
    #[inline]
    pub fn key(&self) -> &[u8] {
        let header = self.header();
        let at = self.part::<u8>(header.key_at::<T>());
        // SAFETY: invariant *Block*: the key's bytes are initialised and lie where the header says.
        unsafe { slice::from_raw_parts(at, self.key_len(header)) }
    }

    /// Asks the processor to bring the header and the line behind it.
    #[inline]
    pub fn prefetch(&self) {
        prefetch(self.part::<u8>(0));
        prefetch(self.part::<u8>(64));
        prefetch(self.part::<u8>(128));
    }

    /// Asks the processor to bring the header and a key of usual length.
    #[inline]
    pub fn prefetch_key(&self) {
        prefetch(self.part::<u8>(0));
        prefetch(self.part::<u8>(31));
    }

    /// Tells whether this is the entry of `key`. What is found is about to be read: the line behind the header is
    /// fetched while the header itself, which says where the payload lies, is still on its way.
    #[inline]
    pub fn is(&self, key: &[u8]) -> bool {
        self.prefetch();
        self.key() == key
    }

    /// Returns the payload.
    #[inline]
    pub fn payload(&self) -> Payload<'_, T> {
        let header = self.header();
        match header.kind() {
            Kind::Bytes => {
                let text = self.text(header);
                // SAFETY: invariant *Block*: the string's bytes are initialised and lie where the header says.
                Payload::Bytes(unsafe { &*text })
            }
            Kind::Int => {
                let at = self.part::<i64>(header.fixed_at());
                // SAFETY: invariant *Block*: the kind announces an integer there, aligned to 8.
                Payload::Int(unsafe { at.read() })
            }
            Kind::Object => {
                let at = self.part::<T>(header.fixed_at());
                // SAFETY: invariant *Block*: the kind announces a `T` there; `ALIGNED` says that 8 is enough.
                Payload::Object(unsafe { &*at })
            }
        }
    }

    /// Returns the object, if the payload is one, for writing.
    #[inline]
    pub fn object_mut(&mut self) -> Option<&mut T>
    where
        T: Clone,
    {
        self.own();
        let header = self.header();
        if header.kind() != Kind::Object {
            return None;
        }
        let at = self.part::<T>(header.fixed_at());
        // SAFETY: invariant *Block*: the kind announces a `T` there, and we are borrowed mutably.
        Some(unsafe { &mut *at })
    }

    /// Returns the inline string, if the payload is one, for writing.
    #[inline]
    pub fn bytes_mut(&mut self) -> Option<&mut [u8]>
    where
        T: Clone,
    {
        self.own();
        let header = self.header();
        if header.kind() != Kind::Bytes {
            return None;
        }
        let text = self.text(header);
        // SAFETY: invariant *Block*: the string's bytes are initialised, and we are borrowed mutably.
        Some(unsafe { &mut *text })
    }

    /// Returns when the key dies, in Unix milliseconds, if it is to die at all.
    #[inline]
    pub fn expire_at_ms(&self) -> Option<u64> {
        let header = self.header();
        if !header.has_stamp() {
            return None;
        }
        let at = self.part::<u64>(header.expire_at());
        // SAFETY: invariant *Block*: the flag announces the time there, aligned to 8.
        Some(unsafe { at.read() })
    }

    /// Returns the wheel's tick under which the entry has its one live item; `None` when it has none.
    #[inline]
    pub fn filed(&self) -> Option<u32> {
        let header = self.header();
        if !header.has_stamp() {
            return None;
        }
        let at = self.part::<u32>(header.filed_at::<T>());
        // SAFETY: invariant *Block*: the flag announces the tick there, aligned to 8.
        let tick = unsafe { at.read() };
        (tick != 0).then_some(tick)
    }

    /// Returns the `raw` flag: how the string came about, for the caller to know.
    #[inline]
    pub fn raw(&self) -> bool {
        self.header().raw()
    }

    /// Returns the access clock, 24 bits.
    #[inline]
    pub fn clock(&self) -> u32 {
        self.header().clock()
    }

    /// Returns the bytes requested from the allocator for this entry, without the object's own heap.
    #[inline]
    pub fn mem_bytes(&self) -> usize {
        let header = self.header();
        header.size::<T>(self.key_len(header))
    }
}

/// Writing.
impl<T> Entry<T> {
    /// Callers own the entry alone, and change nothing that moves a part.
    fn write_header(&mut self, header: Header) {
        debug_assert!(!self.is_shared() && header.others() == 0);
        self.word().store(header.word(), Ordering::Relaxed);
    }

    fn write_expire_at(&mut self, header: Header, at_ms: u64) {
        let at = self.part::<u64>(header.expire_at());
        // SAFETY: callers hold a header with a stamp, so the place is there, aligned to 8.
        unsafe { at.write(at_ms) }
    }

    /// Writes a payload into the place that the header, which is the entry's, announces for its kind and length, without
    /// dropping what is there.
    #[inline]
    fn write_payload(&self, header: Header, payload: New<'_, T>) {
        debug_assert_eq!(self.header().with_clock(0), header.alone().with_clock(0));
        debug_assert_eq!(payload.kind_and_len(), (header.kind(), header.text_len()));
        match payload {
            New::Int(value) => {
                let at = self.part::<i64>(header.fixed_at());
                // SAFETY: the header has room for an integer there, aligned to 8.
                unsafe { at.write(value) }
            }
            New::Bytes(text) => {
                let at = self.text(header).cast::<u8>();
                // SAFETY: the header has room for `text.len()` bytes there; the block is ours alone, so the
                // two do not overlap.
                unsafe { ptr::copy_nonoverlapping(text.as_ptr(), at, text.len()) }
            }
            New::Object(value) => {
                let at = self.part::<T>(header.fixed_at());
                // SAFETY: the header has room for a `T` there; `ALIGNED` says that 8 is enough.
                unsafe { at.write(value) }
            }
        }
    }

    /// Moves the object out, if there is one. The caller owns the entry alone, and frees the block or writes another object
    /// at once.
    fn take_object(&mut self) -> Option<T> {
        let header = self.header();
        if header.kind() != Kind::Object {
            return None;
        }
        let at = self.part::<T>(header.fixed_at());
        // SAFETY: invariant *Block*: the kind announces a `T` there; invariant *Moved*: it is not used again.
        Some(unsafe { at.read() })
    }

    /// Frees the block and returns the object that was in it. The caller owns the entry alone, and forgets or replaces
    /// `block`.
    fn release(&mut self) -> Option<T> {
        let object = self.take_object();
        let size = self.mem_bytes();
        // SAFETY: invariant *Block*: this is the size that the block was requested with, and nobody else has it.
        unsafe { slabs::give_back(self.block, size) };
        object
    }

    /// Replaces payload and stamp at once, and clears the `raw` flag, which told of the payload before.
    /// Returns the object that was there, so that the caller drops it when it suits, unless others have it, too.
    ///
    /// In place when nobody shares the entry, there is a stamp before and after or neither, the kind of payload stays, and so
    /// does the size rounded up to 8; otherwise one block is allocated and one freed.
    ///
    /// # Panics
    /// When a string is longer than [`INLINE_MAX`](Self::INLINE_MAX).
    pub fn set(&mut self, payload: New<'_, T>, expire_at_ms: Option<u64>) -> Option<T> {
        let (kind, len) = payload.kind_and_len();
        assert!(len <= Self::INLINE_MAX, "the string is too long to be inline");
        if let New::Bytes(text) = &payload
            && expire_at_ms.is_none()
            && self.set_plain(text)
        {
            return None;
        }
        let old = self.header().alone();
        let new = old.with_payload(kind, len).with_stamp(expire_at_ms.is_some()).with_raw(false);
        let key_len = self.key_len(old);
        if self.is_shared() {
            let filed = self.filed().unwrap_or(0);
            let block = allocate::<T>(new, self.key(), expire_at_ms.unwrap_or(0), filed);
            let next = Self { block, _owns: PhantomData };
            next.write_payload(new, payload);
            *self = next;
            return None;
        }
        let same_places = kind == old.kind()
            && new.has_stamp() == old.has_stamp()
            && new.size::<T>(key_len) == old.size::<T>(key_len);
        let before = if same_places {
            let before = self.take_object();
            self.write_header(new);
            if let Some(at_ms) = expire_at_ms {
                self.write_expire_at(new, at_ms);
            }
            before
        } else {
            let filed = self.filed().unwrap_or(0);
            let block = allocate::<T>(new, self.key(), expire_at_ms.unwrap_or(0), filed);
            let before = self.release();
            self.block = block;
            before
        };
        self.write_payload(new, payload);
        before
    }

    /// What [`Entry::set`] does in place for a string over a string, neither with a stamp. False: it is another case.
    #[inline]
    fn set_plain(&mut self, text: &[u8]) -> bool {
        // Acquire: as in `is_shared`, and asked once: what is written back is what was seen.
        let old = Header::of_word(self.word().load(Ordering::Acquire));
        let (new, key_len) = (old.with_payload(Kind::Bytes, text.len()).with_raw(false), old.short_key_len());
        let fits = old.is_plain() && old.others() == 0 && new.size::<T>(key_len) == old.size::<T>(key_len);
        if fits {
            self.write_header(new);
            self.write_payload(new, New::Bytes(text));
        }
        fits
    }

    /// Makes the payload an integer; returns the object that was there.
    pub fn set_int(&mut self, value: i64) -> Option<T> {
        self.set(New::Int(value), self.expire_at_ms())
    }

    /// Makes the payload a string; returns the object that was there.
    ///
    /// # Panics
    /// When the string is longer than [`INLINE_MAX`](Self::INLINE_MAX).
    pub fn set_bytes(&mut self, value: &[u8]) -> Option<T> {
        self.set(New::Bytes(value), self.expire_at_ms())
    }

    /// Makes the payload an object; returns the one that was there.
    pub fn set_object(&mut self, value: T) -> Option<T> {
        self.set(New::Object(value), self.expire_at_ms())
    }

    /// Cuts the inline string to `len` bytes, or extends it by zeros. O(1) while the rounded size stays.
    ///
    /// # Panics
    /// When the payload is no inline string, or `len` is above [`INLINE_MAX`](Self::INLINE_MAX).
    pub fn resize_bytes(&mut self, len: usize)
    where
        T: Clone,
    {
        self.own();
        let old = self.header();
        assert!(
            old.kind() == Kind::Bytes && len <= Self::INLINE_MAX,
            "not a string, or too long to be inline"
        );
        let new = old.with_payload(Kind::Bytes, len);
        let key_len = self.key_len(old);
        let (old_size, new_size) = (old.size::<T>(key_len), new.size::<T>(key_len));
        if new_size != old_size {
            // SAFETY: invariant *Block*: this is the size that it was requested with, and nobody else has it.
            self.block = unsafe { slabs::resize(self.block, old_size, new_size) };
        }
        self.write_header(new);
        if let Some(grown) = len.checked_sub(old.text_len()) {
            let end = self.text(new).cast::<u8>().wrapping_add(old.text_len());
            // SAFETY: the string is the last part, and the block has room for `len` bytes of it.
            unsafe { ptr::write_bytes(end, 0, grown) };
        }
    }

    /// Sets or removes the time of death, in Unix milliseconds. Moves the entry when a stamp comes or goes; a
    /// stamp that comes is filed nowhere.
    pub fn set_expire_at_ms(&mut self, at_ms: Option<u64>)
    where
        T: Clone,
    {
        self.own();
        let header = self.header();
        match at_ms {
            Some(at_ms) if header.has_stamp() => self.write_expire_at(header, at_ms),
            None if !header.has_stamp() => {}
            _ => self.rebuild(header.with_stamp(at_ms.is_some()), None, at_ms.unwrap_or(0)),
        }
    }

    /// Notes the wheel's tick under which the entry has an item now; 0 for none.
    ///
    /// # Panics
    /// When there is no stamp.
    pub fn set_filed(&mut self, tick: u32)
    where
        T: Clone,
    {
        self.own();
        let header = self.header();
        assert!(header.has_stamp(), "only an entry with a time of death is filed");
        let at = self.part::<u32>(header.filed_at::<T>());
        // SAFETY: invariant *Block*: the flag announces the tick there, aligned to 8.
        unsafe { at.write(tick) }
    }

    /// Sets the `raw` flag. Replacing the payload clears it; resizing keeps it.
    pub fn set_raw(&mut self, raw: bool)
    where
        T: Clone,
    {
        self.own();
        self.write_header(self.header().with_raw(raw));
    }

    /// Sets the access clock to the low 24 bits of `clock`.
    #[inline]
    pub fn set_clock(&mut self, clock: u32)
    where
        T: Clone,
    {
        self.own();
        self.write_header(self.header().with_clock(clock & CLOCK_MAX));
    }

    /// The same, unless others share the entry: a clock is not worth a copy.
    #[inline]
    pub fn touch(&mut self, clock: u32) {
        if !self.is_shared() {
            self.write_header(self.header().with_clock(clock & CLOCK_MAX));
        }
    }

    /// Moves everything to another key. The stamp stays, but is filed nowhere: items tell of the old key.
    pub fn with_key(mut self, key: &[u8]) -> Self
    where
        T: Clone,
    {
        self.own();
        let header = self.header().with_key(key.len());
        let at_ms = self.expire_at_ms().unwrap_or(0);
        self.rebuild(header, Some(key), at_ms);
        self
    }

    /// Moves the same payload into a new block that `header` describes, under `key` or the one there is. The caller owns the
    /// entry alone.
    fn rebuild(&mut self, header: Header, key: Option<&[u8]>, at_ms: u64) {
        let block = allocate::<T>(header, key.unwrap_or_else(|| self.key()), at_ms, 0);
        let next = Self { block, _owns: PhantomData };
        match self.payload() {
            Payload::Int(value) => next.write_payload(header, New::Int(value)),
            Payload::Bytes(text) => next.write_payload(header, New::Bytes(text)),
            Payload::Object(_) => {}
        }
        if let Some(object) = self.release() {
            next.write_payload(header, New::Object(object));
        }
        // Invariant *Moved*: the old block is gone, and `next` must not free the new one.
        self.block = next.block;
        mem::forget(next);
    }

    /// Takes the object out, if the payload is one and nobody shares the entry, and frees the entry.
    pub fn into_object(self) -> Option<T> {
        let mut this = mem::ManuallyDrop::new(self);
        if this.leave() { this.release() } else { None }
    }
}

/// Requests a block and writes all but the payload.
#[inline]
fn allocate<T>(header: Header, key: &[u8], at_ms: u64, filed: u32) -> NonNull<u8> {
    let () = Entry::<T>::ALIGNED;
    let block = slabs::request(header.size::<T>(key.len()));
    let part = |offset: usize| block.as_ptr().wrapping_add(offset);
    // SAFETY: every block has room for its header, and is aligned to 8.
    unsafe { block.cast::<Header>().write(header.alone()) };
    if key.len() > SHORT_KEY_MAX {
        // SAFETY: the header of such a key announces a word there, aligned to 8.
        unsafe { part(LONG_AT).cast::<usize>().write(key.len()) };
    }
    if header.has_stamp() {
        // SAFETY: the header announces a stamp: the time lies there, aligned to 8.
        unsafe { part(header.expire_at()).cast::<u64>().write(at_ms) };
        // SAFETY: likewise the tick.
        unsafe { part(header.filed_at::<T>()).cast::<u32>().write(filed) };
    }
    let to = part(header.key_at::<T>());
    // SAFETY: the block has room for the key there, and is new: it does not overlap with it.
    unsafe { ptr::copy_nonoverlapping(key.as_ptr(), to, key.len()) };
    block
}

impl<T: fmt::Debug> fmt::Debug for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key().escape_ascii().to_string())
            .field("payload", &self.payload())
            .field("expire_at_ms", &self.expire_at_ms())
            .finish_non_exhaustive()
    }
}
