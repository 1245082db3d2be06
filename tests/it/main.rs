//! The integration tests: one binary, a module a question.
mod conformance;
mod expire;
mod hashes;
mod lists;
mod sets;
mod smoke;
mod stage;
