//! SREM: removes members.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, args::several::Several},
    keyspace::{notes::Classes, view::View},
    value::Set,
};

/// `SREM key member [member ...]`. Returns how many of the members were there.
#[derive(Debug, Clone)]
pub struct SRem<'a> {
    pub key: &'a [u8],
    pub members: Several<'a>,
}

impl<'a> Command<'a> for SRem<'a> {
    const SPEC: Spec = Spec {
        id: 0x0502,
        name: "SREM",
        usage: "key member [member ...]",
        arity: -3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(N) where N is the number of members to be removed.",
        summary: "Removes one or more members from a set. Deletes the set if the last member was removed.",
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
        let Some(mut set) = view.get_mut::<Set>(self.key)? else { return Ok(0) };
        let removed = self.members.iter().filter(|member| set.remove(member)).count();
        if removed == 0 {
            set.unchanged();
        } else {
            set.notify(Classes::SET, "srem");
        }
        Ok(removed as u64)
    }

    fn log(&self, removed: &u64, rec: &mut Record, _now_ms: u64) {
        if *removed > 0 {
            rec.command(Self::SPEC.id).bytes(self.key);
            self.members.log(rec);
        }
    }
}

crate::cmd::row!(SRem<'_>);
