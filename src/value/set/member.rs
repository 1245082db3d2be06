//! Members of a set as they are handed out: integers become text on the stack, bytes are borrowed.
use super::{IntSet, Packed, large::Large};
use crate::{
    base::num::Text,
    ds::{intset, packed::cursor},
    value::dict::Records,
};
use std::{iter::FusedIterator, ops::Deref};

/// A member of a set; reads as its bytes.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    form: Form<'a>,
}

#[derive(Clone, Copy)]
enum Form<'a> {
    Int(i64, Text),
    Bytes(&'a [u8]),
}

impl<'a> Member<'a> {
    pub(super) fn int(int: i64) -> Self {
        Self { form: Form::Int(int, Text::int(int)) }
    }

    pub(super) fn bytes(bytes: &'a [u8]) -> Self {
        Self { form: Form::Bytes(bytes) }
    }

    /// Returns the number, when the member is kept as one.
    pub fn as_int(&self) -> Option<i64> {
        match self.form {
            Form::Int(int, _) => Some(int),
            Form::Bytes(_) => None,
        }
    }
}

impl Deref for Member<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &self.form {
            Form::Int(_, text) => text,
            Form::Bytes(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Member<'_> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl std::fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

/// The members of a set.
pub struct Members<'a> {
    from: From<'a>,
}

enum From<'a> {
    Ints(intset::Iter<'a>),
    Packed(cursor::Iter<'a>),
    Large { ints: Box<dyn Iterator<Item = i32> + 'a>, texts: Records<'a>, left: usize },
}

impl<'a> Members<'a> {
    pub(super) fn ints(ints: &'a IntSet) -> Self {
        Self { from: From::Ints(ints.iter()) }
    }

    pub(super) fn packed(packed: &'a Packed) -> Self {
        Self { from: From::Packed(packed.iter()) }
    }

    pub(super) fn large(large: &'a Large) -> Self {
        Self { from: From::Large { ints: large.ints(), texts: large.texts(), left: large.len() } }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;
    fn next(&mut self) -> Option<Member<'a>> {
        match &mut self.from {
            From::Ints(ints) => ints.next().map(Member::int),
            From::Packed(entries) => entries.next().map(Member::bytes),
            From::Large { ints, texts, left } => {
                let int = ints.next().map(|int| Member::int(int.into()));
                let member = int.or_else(|| texts.next().map(Member::bytes))?;
                *left -= 1;
                Some(member)
            }
        }
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.from {
            From::Ints(ints) => ints.len(),
            From::Packed(entries) => entries.len(),
            From::Large { left, .. } => *left,
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Members<'_> {}
impl FusedIterator for Members<'_> {}
