//! Lua 5.1 for TenonDB's scripts: see README.md for what is patched, and why no error of Lua passes a frame of Rust.
#![expect(
    unsafe_code,
    reason = "Lua is C; each block names its invariant, and nothing above this crate has one because of Lua"
)]
mod ffi;
mod frame;
mod locals;
mod state;

pub use frame::{Cursor, Frame, Kind, Native, Raise, truncated};
pub use state::{Chunk, Failure, Host, Limits, Open, State};
