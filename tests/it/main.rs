//! The integration tests: one binary, a module a question.
mod conformance;
mod expire;
mod hashes;
mod lists;
mod smoke;
mod stage;
