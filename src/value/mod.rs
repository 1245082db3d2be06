//! The Redis types as values. Encodings are chosen here, and hidden.
pub mod dict;
pub mod hash;
pub mod set;
pub mod zset;
