//! The integration tests: one binary, a module a question.
mod conformance;
mod lists;
mod smoke;
