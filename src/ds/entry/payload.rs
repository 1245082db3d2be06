//! What an entry holds: as it is read, and as it is put in.
use super::header::Kind;

/// A payload as it is read.
#[derive(Debug, PartialEq, Eq)]
pub enum Payload<'a, T> {
    /// An integer.
    Int(i64),
    /// A short string, inline.
    Bytes(&'a [u8]),
    /// Anything else.
    Object(&'a T),
}

// Not derived: what is borrowed is copied, whether or not a `T` can be.
impl<T> Clone for Payload<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Payload<'_, T> {}

/// A payload to be put into an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum New<'a, T> {
    /// An integer.
    Int(i64),
    /// A string of at most [`Entry::INLINE_MAX`](super::Entry::INLINE_MAX) bytes.
    Bytes(&'a [u8]),
    /// Anything else.
    Object(T),
}

impl<T> New<'_, T> {
    pub(super) fn kind_and_len(&self) -> (Kind, usize) {
        match self {
            New::Int(_) => (Kind::Int, 0),
            New::Bytes(text) => (Kind::Bytes, text.len()),
            New::Object(_) => (Kind::Object, 0),
        }
    }
}
