//! SORT_RO: SORT without the right to store.
use super::sort::{Sort, Sorted};
use crate::{
    base::{atom::Args, bytes::Bytes, error::Result},
    cmd::{Command, Group, MOVABLE_KEYS, READ, Reach, Spec},
    keyspace::view::View,
};

/// `SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]`.
#[derive(Debug, Clone)]
pub struct SortRo<'a>(Sort<'a>);

impl<'a> Command<'a> for SortRo<'a> {
    const SPEC: Spec = Spec {
        id: 0x0217,
        name: "SORT_RO",
        usage: "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]",
        arity: -2,
        flags: READ | MOVABLE_KEYS,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "7.0.0",
        complexity: "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
        summary: "Returns the sorted elements of a list, a set, or a sorted set.",
    };
    type Owned = Vec<Option<Bytes>>;
    type Out<'k> = Sorted;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Sort::read(args, false).map(Self)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.0.keys(each);
    }

    fn reach(&self) -> Reach {
        self.0.reach()
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Sorted> {
        self.0.run(view)
    }
}

crate::cmd::row!(SortRo<'_>);
