//! Runs of entries, from either end.
use super::{
    Entry,
    block::{Block, Walk},
};
use crate::ds::spans::{Leaves, Spans};
use std::{iter::FusedIterator, ops::Range};

/// Entries of a range of ranks, from either end.
#[derive(Clone)]
pub struct Entries<'a> {
    left: usize,
    front: Option<Walk<'a>>,
    /// The block at the back, and where those of its entries are that are left.
    back: Option<(&'a Block, Vec<u32>)>,
    forward: Leaves<'a, Block>,
    backward: Leaves<'a, Block>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(spans: &'a Spans<Block>, ranks: Range<usize>) -> Self {
        let end = ranks.end.min(spans.len());
        let start = ranks.start.min(end);
        Self {
            left: end - start,
            front: None,
            back: None,
            forward: spans.leaves_from(start),
            backward: spans.leaves_from(end),
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        self.left = self.left.checked_sub(1)?;
        if let Some(entry) = self.front.as_mut().and_then(Iterator::next) {
            return Some(entry);
        }
        let (block, position) = self.forward.forward()?;
        self.front.insert(block.entries(position)).next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for Entries<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        if let Some((block, places)) = &mut self.back
            && let Some(place) = places.pop()
        {
            return block.entry(place);
        }
        let (block, count) = self.backward.backward()?;
        let mut places = block.places(count);
        let place = places.pop()?;
        self.back = Some((block, places));
        block.entry(place)
    }
}

impl ExactSizeIterator for Entries<'_> {}
impl FusedIterator for Entries<'_> {}
