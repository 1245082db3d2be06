//! Trimming: entries go from the front, exactly or block by block, and their references in groups with them or not.
use super::{
    Stream, StreamId,
    block::{Block, Limit},
};
use crate::{
    base::limits::Encodings,
    ds::{shared::Shared, spans::Leaf},
};

/// What becomes of the references that groups have to an entry that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum References {
    /// They stay.
    #[default]
    Keep,
    /// They go, too.
    Delete,
    /// The entry goes only when there are none: every group has read and acknowledged it.
    Acknowledged,
}

/// How far a stream is trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// To at most that many entries.
    Length(u64),
    /// To entries that are not below an ID.
    Id(StreamId),
}

/// How a stream is trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trim {
    pub bound: Bound,
    /// Only whole blocks go, and at most this many entries (0: no limit). `None`: exactly to the bound.
    pub about: Option<u64>,
    pub references: References,
}

/// Takes one entry out of a block, or the block with its last entry.
pub(super) fn cut_at(slot: &mut Option<Shared<Block>>, position: usize) {
    match slot {
        Some(block) if block.len() > 1 => block.make_mut().cut(position, 1),
        _ => *slot = None,
    }
}

impl Stream {
    /// Removes entries from the front, and returns how many went.
    pub fn trim(&mut self, trim: &Trim, limits: &Encodings) -> usize {
        let before = self.len();
        let candidates = match (trim.bound, trim.about) {
            (_, Some(limit)) => self.whole_blocks(trim.bound, limit),
            (Bound::Length(len), None) => before.saturating_sub(usize::try_from(len).unwrap_or(usize::MAX)),
            (Bound::Id(id), None) => self.rank(id),
        };
        if candidates == 0 {
            return 0;
        }
        match trim.references {
            References::Keep => self.cut_front(candidates, limits),
            References::Delete => {
                let ids: Vec<StreamId> = self.range(0..candidates).map(|entry| entry.id).collect();
                self.cut_front(candidates, limits);
                ids.iter().for_each(|id| self.unreference(*id));
            }
            References::Acknowledged => {
                let (from, most) = match (trim.bound, trim.about) {
                    // Exactly to a length: others go in the place of those that have to stay.
                    (Bound::Length(_), None) => (self.len(), candidates),
                    _ => (candidates, candidates),
                };
                let ids = self.range(0..from).map(|entry| entry.id);
                let ids: Vec<StreamId> = ids.filter(|id| !self.is_referenced(*id)).take(most).collect();
                ids.iter().for_each(|id| {
                    self.cut(*id, limits);
                });
            }
        }
        before - self.len()
    }

    /// Counts the entries of the blocks that go as a whole.
    fn whole_blocks(&self, bound: Bound, limit: u64) -> usize {
        let (mut gone, mut blocks) = (0, self.body.entries.leaves_from(0));
        while let Some((block, _)) = blocks.forward() {
            let after = gone + block.len();
            let goes = match bound {
                Bound::Length(len) => (self.len() - after) as u64 >= len,
                Bound::Id(id) => block.last < id,
            };
            if !goes || (limit > 0 && after as u64 > limit) {
                break;
            }
            gone = after;
        }
        gone
    }

    fn cut_front(&mut self, count: usize, limits: &Encodings) {
        self.body.entries.remove_range(0, count, Limit::of(limits), |_, _| {});
    }

    /// Tells whether some group has not read an entry yet, or has it pending.
    pub fn is_referenced(&self, id: StreamId) -> bool {
        self.groups().any(|group| group.last_id < id || group.pending().get(id).is_some())
    }

    /// Removes an entry's references from all groups.
    pub fn unreference(&mut self, id: StreamId) {
        for at in 0..self.body.groups.len() {
            if self.body.groups[at].pending().get(id).is_some() {
                self.edit_at(at, |group| group.acknowledge(id));
            }
        }
    }
}
