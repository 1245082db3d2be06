//! The libraries that scripts find beside Lua's own.
pub mod bit;
pub mod cjson;
pub mod cmsgpack;
pub mod random;
pub mod redis;
pub mod structs;

mod arguments;
mod cast;
mod json;
mod msgpack;
mod number;
mod output;
