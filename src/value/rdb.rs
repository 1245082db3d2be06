//! Values as Redis writes them: what DUMP answers and RESTORE takes, from and to real servers.
//!
//! ```text
//!   payload   type u8 │ object │ version of the format u16 │ CRC-64 of all before it          (low bytes first)
//!
//!   types     written       read besides
//!   string    0
//!   list      18            1 entries     10 ziplist    14 nodes that are ziplists
//!   set       2, 11         20 listpack
//!   zset      5, 17         3 scores as text    12 ziplist
//!   hash      4, 16         9 zipmap    13 ziplist    22, 24, 25 fields with deadlines, as long as none has one
//!   stream    19            15 without a past    21 consumers with two times
//! ```
//!
//! [`wire`] has lengths and strings; [`listpack`] and [`ziplist`] the blocks that small collections are packed into;
//! [`lzf`] the compression of strings; [`read`] and [`write`] the objects, [`stream`] those of streams.
//!
//! **Writing.** A server refuses a version above its own: [`VERSION`] is Redis 7.0's, and so are all types that are
//! written. What 7.0 does not know is lost: when a consumer last was given something. Nothing is compressed.
//!
//! **Reading** takes nothing for granted. Every length is held against what is there, every block is read to its end
//! and no further, what is there twice is refused, and so is a score that is no number; nothing is allocated but in
//! proportion to what was given, at most 88 bytes for one that is compressed (of streams, whose entries name their fields by
//! reference: 128 for each of these). The value is built by the same functions as
//! by commands and takes the form that the limits say.
mod listpack;
mod lzf;
mod read;
mod stream;
#[cfg(test)]
mod tests;
mod wire;
mod write;
mod ziplist;

pub use read::{Loaded, read};
pub use write::write;

/// The version that is written: Redis 7.0's.
const VERSION: u16 = 10;
/// The latest version of Redis whose types are known, …
const VERSION_MAX: u16 = 12;
/// … and the versions of Valkey, which has left a gap before them.
const VALKEY_VERSIONS: std::ops::RangeInclusive<u16> = 80..=80;

/// The types of objects.
mod kind {
    pub const STRING: u8 = 0;
    pub const LIST: u8 = 1;
    pub const SET: u8 = 2;
    pub const ZSET: u8 = 3;
    pub const HASH: u8 = 4;
    pub const ZSET_2: u8 = 5;
    pub const HASH_ZIPMAP: u8 = 9;
    pub const LIST_ZIPLIST: u8 = 10;
    pub const SET_INTSET: u8 = 11;
    pub const ZSET_ZIPLIST: u8 = 12;
    pub const HASH_ZIPLIST: u8 = 13;
    pub const LIST_QUICKLIST: u8 = 14;
    pub const STREAM: u8 = 15;
    pub const HASH_LISTPACK: u8 = 16;
    pub const ZSET_LISTPACK: u8 = 17;
    pub const LIST_QUICKLIST_2: u8 = 18;
    pub const STREAM_2: u8 = 19;
    pub const SET_LISTPACK: u8 = 20;
    pub const STREAM_3: u8 = 21;
    /// Valkey's; Redis had another 22 before a release.
    pub const HASH_2: u8 = 22;
    pub const HASH_METADATA: u8 = 24;
    pub const HASH_LISTPACK_EX: u8 = 25;
}

/// Why a payload is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is no payload, was damaged on its way, or is of a version that is not known.
    Envelope,
    /// It is no object of a type that there is here.
    Object,
    /// A hash has fields with deadlines of their own.
    FieldDeadline,
}
