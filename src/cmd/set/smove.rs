//! SMOVE: a member from one set to another.
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{Command, FAST, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::Set,
};

/// `SMOVE source destination member`. Tells whether `member` was in the source.
#[derive(Debug, Clone, Copy)]
pub struct SMove<'a> {
    pub source: &'a [u8],
    pub target: &'a [u8],
    pub member: &'a [u8],
}

impl SMove<'_> {
    fn stays(&self) -> bool {
        self.source == self.target
    }
}

impl<'a> Command<'a> for SMove<'a> {
    const SPEC: Spec = Spec {
        id: 0x0507,
        name: "SMOVE",
        usage: "source destination member",
        arity: 4,
        flags: WRITE | FAST,
        keys: (1, 2, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Moves a member from one set to another.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { source: args.bytes()?, target: args.bytes()?, member: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.source);
        each(self.target);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        // As in Redis, the type of the target is of interest only when there is a source.
        let Some(source) = view.get_to_write::<Set>(self.source)? else { return Ok(false) };
        let there = source.contains(self.member);
        view.get_to_write::<Set>(self.target)?;
        if !there || self.stays() {
            return Ok(there);
        }
        if let Some(mut source) = view.get_mut::<Set>(self.source)? {
            source.remove(self.member);
            source.notify(Classes::SET, "srem");
        }
        let mut target = view.get_or_new(self.target, Set::new)?;
        let limits = target.limits();
        if target.insert(self.member, &limits) {
            target.notify(Classes::SET, "sadd");
        } else {
            target.unchanged();
        }
        Ok(true)
    }

    fn log(&self, moved: &bool, rec: &mut Record, _now_ms: u64) {
        if *moved && !self.stays() {
            rec.command(Self::SPEC.id).bytes(self.source).bytes(self.target).bytes(self.member);
        }
    }
}

crate::cmd::row!(SMove<'_>);
