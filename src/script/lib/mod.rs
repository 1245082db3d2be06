//! The libraries that scripts find beside Lua's own.
pub mod random;
pub mod redis;
