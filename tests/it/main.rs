//! The integration tests: one binary, a module a question.
mod smoke;
