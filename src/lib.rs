//! TenonDB: Redis's data structures as a library.
pub mod base;
pub mod ds;
pub mod value;
