//! Door 1: Rust. Sugar over [`crate::Run`]: it builds commands and reshapes results, and decides nothing.
pub mod call;
pub mod channels;
pub mod hashes;
pub mod keys;
pub mod lists;
pub mod op;
pub mod pending_call;
pub mod sets;
pub mod sorted_sets;
pub mod streams;
pub mod strings;
pub mod subscriptions;
pub mod wait;
pub mod watch;
