//! The words every layer speaks: bytes, atoms, sinks, errors, clock, chance, limits.
pub mod atom;
pub mod bytes;
pub mod clock;
pub mod emit;
pub mod error;
pub mod events;
pub mod glob;
pub mod hash;
pub mod limits;
pub mod long_double;
pub mod num;
pub mod reply;
pub mod rng;
pub mod settings;
pub mod sync;
pub mod tape;
pub mod varint;
