//! SSCAN: a set part by part.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{
        Command, Group, READ, Spec,
        args::scan::{Scan, Window},
        held::{Kept, Reading, Shown},
        page::Page,
    },
    keyspace::view::View,
    value::Set,
};

/// `SSCAN key cursor [MATCH pattern] [COUNT count]`. Returns members, and the cursor to go on with: 0 after the last.
/// A member that is there from the first call to the last is returned at least once.
#[derive(Debug, Clone)]
pub struct SScan<'a> {
    pub key: &'a [u8],
    pub scan: Scan<'a>,
}

impl Window {
    fn members(&self, set: Option<&Set>) -> Page {
        let mut page = Page::default();
        let mut show = |member: &[u8]| {
            if self.shows(member) {
                page.push(member);
            }
        };
        page.next = set.map_or(0, |set| set.scan(self.cursor, self.count, &mut show));
        page
    }
}

impl Reading<Set> for Window {
    fn write(&self, set: Option<&Set>, to: &mut dyn Sink) {
        self.members(set).emit(to);
    }
}

impl Kept<Set, Window> {
    /// The members that were shown, and the next cursor.
    pub fn page(&self) -> Page {
        self.reading.members(self.value.as_ref())
    }
}

impl<'a> Command<'a> for SScan<'a> {
    const SPEC: Spec = Spec {
        id: 0x050A,
        name: "SSCAN",
        usage: "key cursor [MATCH pattern] [COUNT count]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over members of a set.",
    };
    type Owned = Kept<Set, Window>;
    type Out<'k> = Shown<'k, Set, Window>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()?, scan: Scan::parse(args, &mut |_| Ok(false))? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, Set, Window>> {
        let set = view.get::<Set>(self.key)?;
        if set.is_some() {
            self.scan.check()?;
        }
        Ok(Shown::new(set, self.scan.count.min(set.map_or(0, Set::len)), self.scan.to_window()))
    }
}

crate::cmd::row!(SScan<'_>);
