//! Data structures. Each could be published alone: none knows keys, TTLs, commands or the wire.
#![allow(dead_code, reason = "each structure is whole, whatever the values use of it")]
#![expect(unsafe_code, reason = "the structures are the one place that manages raw memory")]
pub mod arena;
pub mod chunks;
pub mod entry;
pub mod intset;
pub mod packed;
pub mod shared;
pub mod skiplist;
mod slabs;
pub mod spans;
pub mod table;
pub mod wheel;

pub use slabs::{Pages, as_filler};
