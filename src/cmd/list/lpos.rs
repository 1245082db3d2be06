//! LPOS: where an element stands.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{Command, Group, READ, Spec, args::count},
    keyspace::view::View,
    value::list::List,
};

/// `LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]`. Returns the index of the first element that
/// equals `element`, or with `COUNT` the indices of several.
#[derive(Debug, Clone, Copy)]
pub struct LPos<'a> {
    pub key: &'a [u8],
    pub element: &'a [u8],
    /// The match to begin with: 1 is the first one, −1 the last one, from which the search goes backwards. Not 0.
    pub rank: i64,
    /// How many indices to return at most, 0 for all; `None` for a single one that is not in a list.
    pub count: Option<u64>,
    /// How many elements to look at, 0 for all.
    pub len_max: u64,
}

impl<'a> LPos<'a> {
    /// Looks for the first element that equals `element`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), element: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), element: element.as_ref(), rank: 1, count: None, len_max: 0 }
    }

    /// Begins with another match than the first; from the tail when negative. 0 counts as 1.
    pub fn rank(mut self, rank: i64) -> Self {
        self.rank = if rank == 0 { 1 } else { rank };
        self
    }

    /// Returns up to `count` indices, all when 0.
    pub fn up_to(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Looks at `len` elements only; at all when 0.
    pub fn among(mut self, len: u64) -> Self {
        self.len_max = len;
        self
    }

    fn find(&self, list: &List) -> Vec<u64> {
        let most =
            |count: u64| if count == 0 { usize::MAX } else { usize::try_from(count).unwrap_or(usize::MAX) };
        let skipped = usize::try_from(self.rank.unsigned_abs() - 1).unwrap_or(usize::MAX);
        let wanted = self.count.map_or(1, most);
        let hit = |(index, element): (usize, &[u8])| (element == self.element).then_some(index as u64);
        let entries = list.iter();
        if self.rank < 0 {
            let last = list.len() as u64;
            let hits = entries.rev().enumerate().take(most(self.len_max)).filter_map(hit);
            return hits.skip(skipped).take(wanted).map(|index| last - 1 - index).collect();
        }
        entries.enumerate().take(most(self.len_max)).filter_map(hit).skip(skipped).take(wanted).collect()
    }
}

/// The indices that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Without `COUNT`.
    One(Option<u64>),
    /// With it.
    Some(Vec<u64>),
}

impl Emit for Found {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::One(one) => one.emit(to),
            Self::Some(some) => some.emit(to),
        }
    }
}

impl From<Found> for Vec<u64> {
    fn from(found: Found) -> Self {
        match found {
            Found::One(one) => one.into_iter().collect(),
            Found::Some(some) => some,
        }
    }
}

impl<'a> Command<'a> for LPos<'a> {
    const SPEC: Spec = Spec {
        id: 0x030E,
        name: "LPOS",
        usage: "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::List,
        since: "6.0.6",
        complexity: "O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.",
        summary: "Returns the index of matching elements in a list.",
    };
    type Owned = Found;
    type Out<'k> = Found;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        const ZERO: &str = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";
        let (key, element) = (args.bytes()?, args.bytes()?);
        let mut lpos = Self { key, element, rank: 1, count: None, len_max: 0 };
        while !args.is_empty() {
            if args.token("RANK") {
                lpos.rank = count::signed(args)?;
                if lpos.rank == 0 {
                    return Err(Error::command(ZERO));
                }
            } else if args.token("COUNT") {
                lpos.count = Some(count::unsigned_or(args, "ERR COUNT can't be negative")?);
            } else if args.token("MAXLEN") {
                lpos.len_max = count::unsigned_or(args, "ERR MAXLEN can't be negative")?;
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(lpos)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Found> {
        let found = view.get::<List>(self.key)?.map(|list| self.find(list)).unwrap_or_default();
        Ok(match self.count {
            Some(_) => Found::Some(found),
            None => Found::One(found.first().copied()),
        })
    }
}

crate::cmd::row!(LPos<'_>);
