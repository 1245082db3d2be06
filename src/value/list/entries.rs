//! Runs of entries: borrowed from a list, or with a list of their own.
use super::List;
use crate::ds::{
    chunks,
    packed::{Packed, cursor::Run},
};
use std::{fmt, iter::FusedIterator, ops::Range};

/// Entries of a range of indices, from either end.
#[derive(Clone)]
pub struct Entries<'a> {
    form: Form<'a>,
}

#[derive(Clone)]
enum Form<'a> {
    Small { front: Run<'a>, back: Run<'a>, left: usize },
    Large(chunks::Range<'a>),
}

impl<'a> Entries<'a> {
    pub(super) fn small(packed: &'a Packed, indices: Range<usize>) -> Self {
        let end = indices.end.min(packed.len());
        let start = indices.start.min(end);
        let at = |index| packed.at(index).unwrap_or(packed.end());
        let (front, back) = (packed.iter_from(at(start)), packed.iter_until(at(end)));
        Self { form: Form::Small { front, back, left: end - start } }
    }

    pub(super) fn large(entries: chunks::Range<'a>) -> Self {
        Self { form: Form::Large(entries) }
    }
}

impl Default for Entries<'_> {
    /// No entries.
    fn default() -> Self {
        Self { form: Form::Small { front: Run::default(), back: Run::default(), left: 0 } }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = &'a [u8];
    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        match &mut self.form {
            Form::Small { left: 0, .. } => None,
            Form::Small { front, left, .. } => {
                *left -= 1;
                front.next()
            }
            Form::Large(entries) => entries.next(),
        }
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.form {
            Form::Small { left, .. } => *left,
            Form::Large(entries) => entries.len(),
        };
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Entries<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        match &mut self.form {
            Form::Small { left: 0, .. } => None,
            Form::Small { back, left, .. } => {
                *left -= 1;
                back.next_back()
            }
            Form::Large(entries) => entries.next_back(),
        }
    }
}

impl ExactSizeIterator for Entries<'_> {}
impl FusedIterator for Entries<'_> {}

/// A part of a list, as it was at one moment: a clone that costs nothing like its length.
#[derive(Clone)]
pub struct Part {
    list: List,
    indices: Range<usize>,
}

impl Part {
    /// Keeps the entries of some indices of `list`; those above the length are left out.
    pub fn new(list: List, indices: Range<usize>) -> Self {
        let end = indices.end.min(list.len());
        Self { indices: indices.start.min(end)..end, list }
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Tells whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// Returns the entries. Runs in both directions.
    pub fn iter(&self) -> Entries<'_> {
        self.list.range(self.indices.clone())
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|entry| entry.escape_ascii().to_string())).finish()
    }
}
