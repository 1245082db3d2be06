//! One entry where it lies: its ID, and its fields read straight out of the block.
use super::StreamId;
use crate::base::varint;

/// An entry on its way into a stream.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    pub id: StreamId,
    /// Fields with their values, in their order; a field may come twice.
    pub fields: &'a [(&'a [u8], &'a [u8])],
}

/// An entry of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub id: StreamId,
    count: usize,
    /// The names, when they are those of the block.
    names: Option<&'a [u8]>,
    /// The values; names and values in turn when the names are the entry's own.
    rest: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Reads an entry of `count` fields. `names`: where the names are, when not between the values.
    pub(super) fn new(id: StreamId, count: usize, names: Option<&'a [u8]>, rest: &'a [u8]) -> Self {
        Self { id, count, names, rest }
    }

    /// Returns the fields with their values.
    pub fn fields(&self) -> Fields<'a> {
        Fields { left: self.count, names: self.names, rest: self.rest }
    }
}

/// The fields of an entry with their values.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    left: usize,
    names: Option<&'a [u8]>,
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let name = varint::read_bytes(self.names.as_mut().unwrap_or(&mut self.rest))?;
        Some((name, varint::read_bytes(&mut self.rest)?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Fields<'_> {}
