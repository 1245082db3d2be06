//! SCAN: all keys, some at a time.
use crate::{
    base::{
        atom::Args,
        bytes::{Bytes, until_zero},
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
    },
    cmd::{Command, Group, READ, Reach, Spec, args},
    keyspace::view::{View, kind_of},
    value::Type,
};

/// `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`. Keys that are there all the time are returned exactly
/// once. One stripe is locked at a time.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    pub part: args::scan::Scan<'a>,
    /// `TYPE`: only keys of this type are returned.
    pub kind: Option<Wanted>,
}

/// A type that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Type(Type),
    /// One that Redis knows and no key can have here.
    Unheld,
}

/// Where to go on, and some keys.
#[derive(Debug, Clone)]
pub struct Page {
    /// 0: nothing is left.
    pub cursor: u64,
    pub keys: Vec<Bytes>,
}

impl Emit for Page {
    fn emit(self, to: &mut dyn Sink) {
        to.array(2);
        to.bytes(self.cursor.to_string().as_bytes());
        to.later(Box::new(move |to: &mut dyn Sink| self.keys.emit(to)));
    }
}

impl<'a> Scan<'a> {
    /// Goes on from `cursor`; 0 starts.
    pub fn new(cursor: u64) -> Self {
        Self { part: args::scan::Scan::new(cursor), kind: None }
    }

    /// Only keys that match `pattern` (`MATCH`).
    pub fn matching(mut self, pattern: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.part = self.part.matching(pattern);
        self
    }

    /// Looks at about `count` keys (`COUNT`).
    pub fn counting(mut self, count: usize) -> Self {
        self.part = self.part.counting(count);
        self
    }

    /// Only keys of type `kind` (`TYPE`).
    pub fn of_type(mut self, kind: Type) -> Self {
        self.kind = Some(Wanted::Type(kind));
        self
    }
}

fn wanted(name: &[u8]) -> Result<Wanted> {
    const TYPES: [Type; 6] = [Type::String, Type::List, Type::Set, Type::ZSet, Type::Hash, Type::Stream];
    let is = |text: &str| name.eq_ignore_ascii_case(text.as_bytes());
    if let Some(kind) = TYPES.into_iter().find(|kind| is(kind.name())) {
        return Ok(Wanted::Type(kind));
    }
    if is("stream") {
        return Ok(Wanted::Unheld);
    }
    let name = until_zero(name);
    Err(Error::quoting(Kind::Command, [b"ERR unknown type name '", name, b"'"].concat()))
}

impl<'a> Command<'a> for Scan<'a> {
    const SPEC: Spec = Spec {
        id: 0x0215,
        name: "SCAN",
        usage: "cursor [MATCH pattern] [COUNT count] [TYPE type]",
        arity: -2,
        flags: READ,
        keys: (0, 0, 0),
        group: Group::Generic,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over the key names in the database.",
    };
    type Owned = Page;
    type Out<'k> = Page;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut kind = None;
        let part = args::scan::Scan::parse(args, &mut |args| {
            let said = args.token("TYPE");
            if said {
                kind = Some(wanted(args.bytes()?)?);
            }
            Ok(said)
        })?;
        part.check()?;
        Ok(Self { part, kind })
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn reach(&self) -> Reach {
        Reach::Walk
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Page> {
        let mut keys = Vec::new();
        let next = view.scan(self.part.cursor, self.part.count, &mut |entry| {
            let right_kind = self.kind.is_none_or(|kind| kind == Wanted::Type(kind_of(entry)));
            if right_kind && self.part.shows(entry.key()) {
                keys.push(Bytes::copy(entry.key()));
            }
        });
        Ok(Page { cursor: next.unwrap_or(0), keys })
    }
}

crate::cmd::row!(Scan<'_>);
