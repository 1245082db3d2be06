//! COPY: the same value under another key as well.
use super::same_object;
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE, session::database},
    keyspace::{
        notes::Classes,
        view::{View, kind_of},
    },
};

/// `COPY source destination [DB destination-db] [REPLACE]`. Returns whether the value was copied, with its deadline.
/// It costs nothing like the value's size: big blocks are shared until one of the two is changed.
#[derive(Debug, Clone, Copy)]
pub struct Copy<'a> {
    pub source: &'a [u8],
    pub target: &'a [u8],
    /// The target's database; the source's when nothing is said.
    pub db: Option<u32>,
    pub replace: bool,
}

impl<'a> Copy<'a> {
    /// Copies to a key that is free, in the same database.
    pub fn new(source: &'a (impl AsRef<[u8]> + ?Sized), target: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { source: source.as_ref(), target: target.as_ref(), db: None, replace: false }
    }

    /// Copies to another database, which must be below 16 (`DB`).
    pub fn to_db(mut self, db: u32) -> Self {
        self.db = Some(db);
        self
    }

    /// Also if there is something at the target (`REPLACE`).
    pub fn replacing(mut self) -> Self {
        self.replace = true;
        self
    }
}

impl<'a> Command<'a> for Copy<'a> {
    const SPEC: Spec = Spec {
        id: 0x0211,
        name: "COPY",
        usage: "source destination [DB destination-db] [REPLACE]",
        arity: -3,
        flags: WRITE | DENYOOM,
        keys: (1, 2, 1),
        group: Group::Generic,
        since: "6.2.0",
        complexity: "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
        summary: "Copies the value of a key to a new key.",
    };
    type Owned = bool;
    type Out<'k> = bool;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (source, target) = (args.bytes()?, args.bytes()?);
        let mut copy = Self { source, target, db: None, replace: false };
        while !args.is_empty() {
            if args.token("REPLACE") {
                copy.replace = true;
            } else if args.len() > 1 && args.token("DB") {
                copy.db = Some(database(args)?);
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(copy)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.source);
        each(self.target);
    }

    fn other_db(&self) -> Option<u32> {
        self.db
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<bool> {
        let db = self.db.unwrap_or(view.db);
        if db == view.db && self.source == self.target {
            return Err(same_object());
        }
        let Some(entry) = view.cloned(self.source) else { return Ok(false) };
        let new = kind_of(&entry);
        Ok(view.within(db, |view| {
            let free = self.replace || view.peek(self.target).is_none();
            if free {
                let old = view.put(self.target, entry);
                view.notify(Classes::GENERIC, "copy_to", self.target);
                if let Some(old) = old {
                    view.say_overwritten(self.target, old, new);
                }
            }
            free
        }))
    }

    fn log(&self, copied: &bool, rec: &mut Record, _now_ms: u64) {
        if !*copied {
            return;
        }
        rec.command(Self::SPEC.id).bytes(self.source).bytes(self.target);
        if let Some(db) = self.db {
            rec.bytes(b"DB").int(db.into());
        }
        if self.replace {
            rec.bytes(b"REPLACE");
        }
    }
}

crate::cmd::row!(Copy<'_>);
