//! MOVE: a key into another database.
use super::same_object;
use crate::{
    base::{
        atom::{Args, Record},
        error::Result,
    },
    cmd::{
        Command, FAST, Group, Spec, WRITE,
        session::{database, in_range},
    },
    keyspace::{notes::Classes, view::View},
};

/// `MOVE key db`. Returns whether the key was moved, with its deadline: it was there, and the other database has no
/// such key.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    pub key: &'a [u8],
    /// Below 16.
    pub db: u32,
}

impl<'a> Move<'a> {
    /// Moves `key` to database `db`.
    ///
    /// # Errors
    /// `ERR DB index is out of range`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), db: u32) -> Result<Self> {
        Ok(Self { key: key.as_ref(), db: in_range(db.into())? })
    }
}

impl<'a> Command<'a> for Move<'a> {
    const SPEC: Spec = Spec {
        id: 0x0212,
        name: "MOVE",
        usage: "key db",
        arity: 3,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(1)",
        summary: "Moves a key to another database.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, db: database(args)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn other_db(&self) -> Option<u32> {
        Some(self.db)
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        if self.db == view.db {
            return Err(same_object());
        }
        let free = view.within(self.db, |view| view.peek(self.key).is_none());
        let Some(entry) = (if free { view.take(self.key) } else { None }) else { return Ok(false) };
        view.within(self.db, |view| view.put(self.key, entry));
        view.notify(Classes::GENERIC, "move_from", self.key);
        view.within(self.db, |view| view.notify(Classes::GENERIC, "move_to", self.key));
        Ok(true)
    }

    fn log(&self, moved: &bool, rec: &mut Record, _now_ms: u64) {
        if *moved {
            rec.command(Self::SPEC.id).bytes(self.key).int(self.db.into());
        }
    }
}

crate::cmd::row!(Move<'_>);
