//! What one call of SCAN, HSCAN, SSCAN or ZSCAN shows.
use crate::base::{
    bytes::Bytes,
    emit::{Emit, Sink},
};

/// Byte strings, all in one buffer, and where to go on.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The cursor of the next call; 0 after the last.
    pub next: u64,
    data: Vec<u8>,
    ends: Vec<usize>,
}

impl Page {
    /// Adds a byte string.
    pub fn push(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.ends.push(self.data.len());
    }

    /// The byte strings in their order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.data[start..*end])
    }

    /// The byte strings as owned ones.
    pub fn to_vec(&self) -> Vec<Bytes> {
        self.iter().map(Bytes::copy).collect()
    }

    /// Two byte strings at a time: fields with values, members with scores.
    pub fn to_pairs(&self) -> Vec<(Bytes, Bytes)> {
        let mut all = self.iter().map(Bytes::copy);
        let mut pairs = Vec::with_capacity(self.ends.len() / 2);
        while let (Some(first), Some(second)) = (all.next(), all.next()) {
            pairs.push((first, second));
        }
        pairs
    }
}

impl Emit for Page {
    fn emit(self, to: &mut dyn Sink) {
        to.array(2);
        to.bytes(self.next.to_string().as_bytes());
        to.array(self.ends.len());
        self.iter().for_each(|bytes| to.bytes(bytes));
    }
}
