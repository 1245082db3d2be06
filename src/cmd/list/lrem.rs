//! LREM: removes equal elements.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, Group, Spec, WRITE, args::count},
    keyspace::{notes::Classes, view::View},
    value::list::{List, Side},
};

/// `LREM key count element`. Removes elements that equal `element`: the first `count` of them, the last ones when
/// negative, all when 0. Returns how many went.
#[derive(Debug, Clone, Copy)]
pub struct LRem<'a> {
    pub key: &'a [u8],
    pub count: i64,
    pub element: &'a [u8],
}

impl<'a> Command<'a> for LRem<'a> {
    const SPEC: Spec = Spec {
        id: 0x030D,
        name: "LREM",
        usage: "key count element",
        arity: 4,
        flags: WRITE,
        keys: (1, 1, 1),
        group: Group::List,
        since: "1.0.0",
        complexity: "O(N+M) where N is the length of the list and M is the number of elements removed.",
        summary: "Removes elements from a list. Deletes the list if the last element was removed.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, count: count::signed(args)?, element: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run(&self, view: &mut View<'_>) -> Result<u64> {
        let Some(mut list) = view.get_mut::<List>(self.key)? else { return Ok(0) };
        let limits = list.limits();
        let (count, from) = match self.count {
            0 => (usize::MAX, Side::Left),
            count if count < 0 => (usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX), Side::Right),
            count => (usize::try_from(count).unwrap_or(usize::MAX), Side::Left),
        };
        let removed = list.remove_equal(self.element, count, from, &limits);
        if removed == 0 {
            list.unchanged();
        } else {
            list.notify(Classes::LIST, "lrem");
        }
        Ok(removed as u64)
    }

    fn log(&self, removed: &u64, rec: &mut Record, _now_ms: u64) {
        if *removed > 0 {
            rec.command(Self::SPEC.id).bytes(self.key).int(self.count).bytes(self.element);
        }
    }
}

crate::cmd::row!(LRem<'_>);
