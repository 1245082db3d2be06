//! SADD: adds members.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE, args::several::Several},
    keyspace::{notes::Classes, view::View},
    value::Set,
};

/// `SADD key member [member ...]`. Returns how many of the members are new.
#[derive(Debug, Clone)]
pub struct SAdd<'a> {
    pub key: &'a [u8],
    pub members: Several<'a>,
}

impl<'a> Command<'a> for SAdd<'a> {
    const SPEC: Spec = Spec {
        id: 0x0501,
        name: "SADD",
        usage: "key member [member ...]",
        arity: -3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        summary: "Adds one or more members to a set. Creates the key if it doesn't exist.",
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
        let Some(first) = self.members.first() else { return Ok(0) };
        let mut set = view.get_or_new(self.key, Set::new)?;
        let limits = set.limits();
        set.expect(first, self.members.len(), &limits);
        let added = self.members.iter().filter(|member| set.insert(member, &limits)).count();
        if added == 0 {
            set.unchanged();
        } else {
            set.notify(Classes::SET, "sadd");
        }
        Ok(added as u64)
    }

    fn log(&self, added: &u64, rec: &mut Record, _now_ms: u64) {
        if *added > 0 {
            rec.command(Self::SPEC.id).bytes(self.key);
            self.members.log(rec);
        }
    }
}

crate::cmd::row!(SAdd<'_>);
