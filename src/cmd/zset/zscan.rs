//! ZSCAN: a sorted set part by part.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
        num::Text,
    },
    cmd::{
        Command, Group, READ, Spec,
        args::scan::{Scan, Window},
        held::{Kept, Reading, Shown},
        page::Page,
    },
    keyspace::view::View,
    value::ZSet,
};

/// `ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]`. Returns members with their scores, and the cursor to go on
/// with: 0 after the last. A member that is there from the first call to the last is returned at least once.
#[derive(Debug, Clone)]
pub struct ZScan<'a> {
    pub key: &'a [u8],
    pub scan: Scan<'a>,
    /// `NOSCORES`: only the members.
    pub no_scores: bool,
}

/// The part of a sorted set that one call shows.
#[derive(Debug, Clone)]
pub struct Part {
    window: Window,
    no_scores: bool,
}

impl Part {
    fn page(&self, set: Option<&ZSet>) -> Page {
        let Self { window, no_scores } = self;
        let mut page = Page::default();
        let mut show = |member: &[u8], score: f64| {
            if window.shows(member) {
                page.push(member);
                if !no_scores {
                    page.push(&Text::float(score));
                }
            }
        };
        page.next = set.map_or(0, |set| set.scan(window.cursor, window.count, &mut show));
        page
    }
}

impl Reading<ZSet> for Part {
    fn write(&self, set: Option<&ZSet>, to: &mut dyn Sink) {
        self.page(set).emit(to);
    }
}

impl Kept<ZSet, Part> {
    /// The members (and scores) that were shown, and the next cursor.
    pub fn page(&self) -> Page {
        self.reading.page(self.value.as_ref())
    }
}

impl<'a> Command<'a> for ZScan<'a> {
    const SPEC: Spec = Spec {
        id: 0x0620,
        name: "ZSCAN",
        usage: "key cursor [MATCH pattern] [COUNT count] [NOSCORES]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over members and scores of a sorted set.",
    };
    type Owned = Kept<ZSet, Part>;
    type Out<'k> = Shown<'k, ZSet, Part>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, mut no_scores) = (args.bytes()?, false);
        let scan = Scan::parse(args, &mut |args| {
            let taken = args.token("NOSCORES");
            no_scores |= taken;
            Ok(taken)
        })?;
        Ok(Self { key, scan, no_scores })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, ZSet, Part>> {
        let set = view.get::<ZSet>(self.key)?;
        if set.is_some() {
            self.scan.check()?;
        }
        let part = Part { window: self.scan.to_window(), no_scores: self.no_scores };
        Ok(Shown::new(set, self.scan.count.min(set.map_or(0, ZSet::len)), part))
    }
}

crate::cmd::row!(ZScan<'_>);
