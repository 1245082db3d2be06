//! ZREM: removes members.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, args::several::Several},
    keyspace::{notes::Classes, view::View},
    value::ZSet,
};

/// `ZREM key member [member ...]`. Returns how many of the members were there.
#[derive(Debug, Clone)]
pub struct ZRem<'a> {
    pub key: &'a [u8],
    pub members: Several<'a>,
}

impl ZRem<'_> {
    /// Writes the removal of `members` into a record: what a pop turned out to be.
    pub fn record<'m>(key: &[u8], members: impl Iterator<Item = &'m [u8]>, rec: &mut Record) {
        rec.command(Self::SPEC.id).bytes(key);
        for member in members {
            rec.bytes(member);
        }
    }
}

impl<'a> Command<'a> for ZRem<'a> {
    const SPEC: Spec = Spec {
        id: 0x0605,
        name: "ZREM",
        usage: "key member [member ...]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "1.2.0",
        complexity: "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
        summary: "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.",
    };
    type Owned = u64;
    type Out<'k> = u64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, members: Several::parse(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<u64> {
        let Some(mut set) = view.get_mut::<ZSet>(self.key)? else { return Ok(0) };
        let removed = self.members.iter().filter(|member| set.remove(member).is_some()).count() as u64;
        if removed == 0 {
            set.unchanged();
        } else {
            set.notify(Classes::ZSET, "zrem");
        }
        Ok(removed)
    }

    fn log(&self, removed: &u64, rec: &mut Record, _now_ms: u64) {
        if *removed > 0 {
            Self::record(self.key, self.members.iter().copied(), rec);
        }
    }
}

crate::cmd::row!(ZRem<'_>);
