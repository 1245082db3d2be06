//! The integration tests: one binary, a module a question.
mod admin;
mod allocations;
mod conformance;
mod connections;
mod doors;
mod expire;
mod hashes;
mod keys;
mod linear;
mod lists;
mod replay;
mod sets;
mod smoke;
mod sorted_sets;
mod stage;
mod strings;
mod transactions;
