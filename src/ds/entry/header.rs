//! The first eight bytes of an entry: what it holds, and by that where everything in it lies.
//!
//! ```text
//!   bit 0    2 3 4    5           19           36              60     64
//!       ├────┼─┼─┼────┼───────────┼────────────┼───────────────┼───────┤
//!       │kind│S│R│LONG│ key bytes │string bytes│ access clock  │others │
//!       └────┴─┴─┴────┴───────────┴────────────┴───────────────┴───────┘
//!   S: there is a stamp   R: the caller's `raw` flag   LONG: the key's length does not fit, a word follows
//!   others: how many share the entry besides one. All else changes only while that is 0.
//! ```

/// What an entry's payload is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bytes = 0,
    Int = 1,
    Object = 2,
}

const KIND: u64 = 0b11;
const STAMP: u64 = 1 << 2;
const RAW: u64 = 1 << 3;
const LONG: u64 = 1 << 4;
const KEY_SHIFT: u32 = 5;
const KEY_BITS: u32 = 14;
const TEXT_SHIFT: u32 = KEY_SHIFT + KEY_BITS;
const TEXT_BITS: u32 = 17;
const CLOCK_SHIFT: u32 = TEXT_SHIFT + TEXT_BITS;
const CLOCK_BITS: u32 = 24;
const OTHERS_SHIFT: u32 = CLOCK_SHIFT + CLOCK_BITS;
// At the very top: a count that is taken below zero changes nothing else.
const _: () = assert!(OTHERS_SHIFT + 4 == u64::BITS);

/// One more who shares the entry.
pub(super) const OTHER: u64 = 1 << OTHERS_SHIFT;
/// The most who can share an entry besides one.
pub(super) const OTHERS_MAX: u64 = 15;

/// The longest key whose length the header itself can hold.
pub(super) const SHORT_KEY_MAX: usize = (1 << KEY_BITS) - 1;
/// The longest inline string that the header can describe.
pub(super) const TEXT_MAX: usize = (1 << TEXT_BITS) - 1;
/// The access clock counts modulo this.
pub(super) const CLOCK_MAX: u32 = (1 << CLOCK_BITS) - 1;

/// Where the word with a long key's length lies.
pub(super) const LONG_AT: usize = size_of::<Header>();

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(super) struct Header(u64);

const fn field(word: u64, shift: u32, bits: u32) -> u64 {
    (word >> shift) & ((1 << bits) - 1)
}

const fn with_field(word: u64, shift: u32, bits: u32, value: u64) -> u64 {
    let mask = ((1 << bits) - 1) << shift;
    (word & !mask) | ((value << shift) & mask)
}

impl Header {
    #[inline]
    pub(super) const fn of_word(word: u64) -> Self {
        Self(word)
    }

    #[inline]
    pub(super) const fn word(self) -> u64 {
        self.0
    }

    /// How many share the entry besides one.
    #[inline]
    pub(super) const fn others(self) -> u64 {
        self.0 >> OTHERS_SHIFT
    }

    /// The same for an entry that nobody shares.
    #[inline]
    pub(super) const fn alone(self) -> Self {
        Self(self.0 & (OTHER - 1))
    }

    /// The header of a key of `key_len` bytes; the payload and the stamp are to be described yet.
    pub(super) const fn of_key(key_len: usize) -> Self {
        if key_len > SHORT_KEY_MAX { Self(LONG) } else { Self((key_len as u64) << KEY_SHIFT) }
    }

    /// The same for another key.
    pub(super) const fn with_key(self, key_len: usize) -> Self {
        Self(with_field(self.0 & !LONG, KEY_SHIFT, KEY_BITS, 0) | Self::of_key(key_len).0)
    }

    pub(super) const fn with_payload(self, kind: Kind, text_len: usize) -> Self {
        let word = (self.0 & !KIND) | kind as u64;
        Self(with_field(word, TEXT_SHIFT, TEXT_BITS, text_len as u64))
    }

    pub(super) const fn with_stamp(self, stamp: bool) -> Self {
        Self(if stamp { self.0 | STAMP } else { self.0 & !STAMP })
    }

    pub(super) const fn with_raw(self, raw: bool) -> Self {
        Self(if raw { self.0 | RAW } else { self.0 & !RAW })
    }

    pub(super) const fn with_clock(self, clock: u32) -> Self {
        Self(with_field(self.0, CLOCK_SHIFT, CLOCK_BITS, clock as u64))
    }

    #[inline]
    pub(super) const fn kind(self) -> Kind {
        match self.0 & KIND {
            0 => Kind::Bytes,
            1 => Kind::Int,
            _ => Kind::Object,
        }
    }

    #[inline]
    pub(super) const fn has_stamp(self) -> bool {
        self.0 & STAMP != 0
    }

    #[inline]
    pub(super) const fn has_long_key(self) -> bool {
        self.0 & LONG != 0
    }

    #[inline]
    pub(super) const fn raw(self) -> bool {
        self.0 & RAW != 0
    }

    /// The key's length, unless [`has_long_key`](Self::has_long_key).
    #[inline]
    pub(super) const fn short_key_len(self) -> usize {
        field(self.0, KEY_SHIFT, KEY_BITS) as usize
    }

    #[inline]
    pub(super) const fn text_len(self) -> usize {
        field(self.0, TEXT_SHIFT, TEXT_BITS) as usize
    }

    #[inline]
    pub(super) const fn clock(self) -> u32 {
        field(self.0, CLOCK_SHIFT, CLOCK_BITS) as u32
    }

    /// Where the expiry time lies, if there is one.
    #[inline]
    pub(super) const fn expire_at(self) -> usize {
        LONG_AT + 8 * self.has_long_key() as usize
    }

    /// Where an integer or an object lies, if the payload is one. A multiple of 8.
    #[inline]
    pub(super) const fn fixed_at(self) -> usize {
        self.expire_at() + 8 * self.has_stamp() as usize
    }

    /// Where the wheel's tick lies, if there is a stamp. A multiple of 8.
    #[inline]
    pub(super) const fn filed_at<T>(self) -> usize {
        let fixed = match self.kind() {
            Kind::Bytes => 0,
            Kind::Int => 8,
            Kind::Object => size_of::<T>().next_multiple_of(8),
        };
        self.fixed_at() + fixed
    }

    /// Tells whether this is what most entries are: a short key and a string, and nothing between header and key.
    #[inline]
    pub(super) const fn is_plain(self) -> bool {
        self.0 & (KIND | STAMP | LONG) == Kind::Bytes as u64
    }

    /// Where the key's bytes lie; an inline string follows them.
    #[inline]
    pub(super) const fn key_at<T>(self) -> usize {
        if self.is_plain() {
            return LONG_AT;
        }
        self.filed_at::<T>() + 4 * self.has_stamp() as usize
    }

    /// The size of the whole entry.
    #[inline]
    pub(super) const fn size<T>(self, key_len: usize) -> usize {
        (self.key_at::<T>() + key_len + self.text_len()).next_multiple_of(8)
    }
}
