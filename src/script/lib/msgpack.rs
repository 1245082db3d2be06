//! MessagePack, without Lua, as lua-cmsgpack 0.4 writes and reads it: strings are strings of bytes, and there are neither binary
//! strings, nor times, nor other extensions.
pub mod read;
pub mod write;

#[cfg(test)]
mod tests;
