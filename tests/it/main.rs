//! The integration tests: one binary, a module a question.
mod conformance;
mod smoke;
