//! Results that are read from a collection: under the lock while they are short, from a clone after the unlock
//! when they are long. Cloning a long collection costs next to nothing: its blocks are shared.
use crate::{
    base::{
        emit::{Emit, Sink},
        limits::INLINE_RESULT_LEN_MAX,
    },
    value::Typed,
};
use std::ops::Deref;

/// A collection that a result is read from.
#[derive(Debug, Clone)]
pub enum Held<'k, T> {
    /// Borrowed from the keyspace.
    Lent(&'k T),
    /// A clone.
    Kept(T),
}

impl<'k, T: Typed> Held<'k, T> {
    /// Lends `value` to a result of about `len` elements, or clones it when that is long.
    pub fn of(value: &'k T, len: usize) -> Self {
        if len > INLINE_RESULT_LEN_MAX { Self::Kept(value.clone()) } else { Self::Lent(value) }
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self {
            Self::Lent(value) => value,
            Self::Kept(value) => value,
        }
    }
}

/// What a result says of a collection.
pub trait Reading<T>: Send + 'static {
    /// Writes it. `None`: there is no such key.
    fn write(&self, value: Option<&T>, to: &mut dyn Sink);
}

/// A result: a collection and what is to be read of it.
#[derive(Debug)]
pub struct Shown<'k, T, R> {
    value: Option<Held<'k, T>>,
    reading: R,
}

impl<'k, T: Typed, R: Reading<T>> Shown<'k, T, R> {
    /// Says that `reading`, of about `len` elements, is the result. `None`: there is no such key.
    pub fn new(value: Option<&'k T>, len: usize, reading: R) -> Self {
        Self { value: value.map(|value| Held::of(value, len)), reading }
    }
}

impl<T: Typed + 'static, R: Reading<T>> Emit for Shown<'_, T, R> {
    fn emit(self, to: &mut dyn Sink) {
        let Self { value, reading } = self;
        match value {
            None => reading.write(None, to),
            Some(Held::Lent(value)) => reading.write(Some(value), to),
            Some(Held::Kept(value)) => {
                to.later(Box::new(move |to: &mut dyn Sink| reading.write(Some(&value), to)));
            }
        }
    }
}

/// The same for typed callers, who turn it into what they want after the unlock.
#[derive(Debug, Clone)]
pub struct Kept<T, R> {
    /// The collection as it was; `None`: there was no such key.
    pub value: Option<T>,
    /// What is to be read of it.
    pub reading: R,
}

impl<T: Typed, R> From<Shown<'_, T, R>> for Kept<T, R> {
    fn from(shown: Shown<'_, T, R>) -> Self {
        let value = shown.value.map(|value| match value {
            Held::Lent(value) => value.clone(),
            Held::Kept(value) => value,
        });
        Self { value, reading: shown.reading }
    }
}
