//! Reading: finding an item, counting, and walking from block to block.
use super::{ByRank, Leaf, Part, Seek, Spans, upper::Upper};

/// An item that was found: its block and its position there.
pub struct Place<'a, L: Leaf> {
    /// The block of the item.
    pub leaf: &'a L,
    /// The position in the block; its length when the item would come last.
    pub position: usize,
    /// The links above the block and the one that leads to it; nothing at the ends.
    links: Option<(&'a Upper<L>, usize)>,
}

impl<L: Leaf> Spans<L> {
    /// Finds where `seek` leads. Returns nothing when there is no block there.
    ///
    /// # Complexity
    /// O(log n), O(1) at the ends.
    #[inline]
    pub fn find(&self, mut seek: impl Seek<L>) -> Option<Place<'_, L>> {
        let leaf = match seek.part(self) {
            Part::Head => self.head.as_deref()?,
            Part::Tail => self.tail.as_deref()?,
            Part::Tree => return self.find_in_tree(seek),
        };
        Some(Place { leaf, position: seek.position(leaf), links: None })
    }

    fn find_in_tree(&self, mut seek: impl Seek<L>) -> Option<Place<'_, L>> {
        let mut links: &Upper<L> = self.top.as_ref()?;
        loop {
            let at = links.pick(&seek);
            seek.pass(&links.counts()[..at]);
            match links.upper(at) {
                Some(below) => links = below,
                None => {
                    let leaf = links.leaf(at)?;
                    return Some(Place { leaf, position: seek.position(leaf), links: Some((links, at)) });
                }
            }
        }
    }

    /// Returns how many items come before the place where `seek` leads.
    ///
    /// # Complexity
    /// O(log n).
    pub fn rank(&self, mut seek: impl Seek<L>) -> usize {
        let head = self.head.as_ref().map_or(0, |l| l.len());
        match seek.part(self) {
            Part::Head => self.head.as_ref().map_or(0, |leaf| seek.position(leaf)),
            Part::Tail => head + self.tree_len + self.tail.as_ref().map_or(0, |leaf| seek.position(leaf)),
            Part::Tree => head + self.top.as_ref().map_or(0, |top| Self::rank_in_tree(top, seek)),
        }
    }

    fn rank_in_tree(mut links: &Upper<L>, mut seek: impl Seek<L>) -> usize {
        let mut before = 0;
        loop {
            let at = links.pick(&seek);
            let passed = &links.counts()[..at];
            before += passed.iter().sum::<u64>() as usize;
            seek.pass(passed);
            match links.upper(at) {
                Some(below) => links = below,
                None => return before + links.leaf(at).map_or(0, |leaf| seek.position(leaf)),
            }
        }
    }

    /// Walks the blocks from the one of rank `from` to the back; the first comes with the item's position.
    pub fn leaves_from(&self, from: usize) -> Leaves<'_, L> {
        Leaves { spans: self, rank: from, links: None }
    }
}

/// A walk over blocks, in either direction.
pub struct Leaves<'a, L: Leaf> {
    spans: &'a Spans<L>,
    /// The rank that a look-up has to find when the links at hand are at their end.
    rank: usize,
    links: Option<(&'a Upper<L>, usize)>,
}

impl<L: Leaf> Clone for Leaves<'_, L> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'a, L: Leaf> Leaves<'a, L> {
    /// Returns the block that holds the rank the walk stands at, with the position there; goes on behind it.
    pub fn forward(&mut self) -> Option<(&'a L, usize)> {
        if let Some((links, at)) = &mut self.links {
            *at += 1;
            if *at < links.counts().len() {
                let leaf = links.leaf(*at)?;
                self.rank += leaf.len();
                return Some((leaf, 0));
            }
        }
        if self.rank >= self.spans.len() {
            return None;
        }
        let Place { leaf, position, links } = self.spans.find(ByRank(self.rank))?;
        self.links = links;
        self.rank += leaf.len() - position;
        Some((leaf, position))
    }

    /// Returns the block that holds the rank before the one the walk stands at, with the number of its items that
    /// are before it; goes on in front of it.
    pub fn backward(&mut self) -> Option<(&'a L, usize)> {
        if let Some((links, at)) = &mut self.links
            && *at > 0
        {
            *at -= 1;
            let leaf = links.leaf(*at)?;
            self.rank -= leaf.len();
            return Some((leaf, leaf.len()));
        }
        if self.rank == 0 {
            return None;
        }
        let Place { leaf, position, links } = self.spans.find(ByRank(self.rank - 1))?;
        self.links = links;
        self.rank -= position + 1;
        Some((leaf, position + 1))
    }
}
