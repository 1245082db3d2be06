//! HSCAN: a hash part by part.
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
    value::Hash,
};

/// `HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]`. Returns fields with their values, and the cursor to
/// go on with: 0 after the last. A field that is there from the first call to the last is returned at least once.
#[derive(Debug, Clone)]
pub struct HScan<'a> {
    pub key: &'a [u8],
    pub scan: Scan<'a>,
    /// `NOVALUES`: only the fields.
    pub no_values: bool,
}

/// The part of a hash that one call shows.
#[derive(Debug, Clone)]
pub struct Part {
    window: Window,
    no_values: bool,
}

impl Part {
    fn page(&self, hash: Option<&Hash>) -> Page {
        let Self { window, no_values } = self;
        let mut page = Page::default();
        let mut show = |field: &[u8], value: &[u8]| {
            if window.shows(field) {
                page.push(field);
                if !no_values {
                    page.push(value);
                }
            }
        };
        page.next = hash.map_or(0, |hash| hash.scan(window.cursor, window.count, &mut show));
        page
    }
}

impl Reading<Hash> for Part {
    fn write(&self, hash: Option<&Hash>, to: &mut dyn Sink) {
        self.page(hash).emit(to);
    }
}

impl Kept<Hash, Part> {
    /// The fields (and values) that were shown, and the next cursor.
    pub fn page(&self) -> Page {
        self.reading.page(self.value.as_ref())
    }
}

impl<'a> Command<'a> for HScan<'a> {
    const SPEC: Spec = Spec {
        id: 0x0410,
        name: "HSCAN",
        usage: "key cursor [MATCH pattern] [COUNT count] [NOVALUES]",
        arity: -3,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.8.0",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        summary: "Iterates over fields and values of a hash.",
    };
    type Owned = Kept<Hash, Part>;
    type Out<'k> = Shown<'k, Hash, Part>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, mut no_values) = (args.bytes()?, false);
        let scan = Scan::parse(args, &mut |args| {
            let taken = args.token("NOVALUES");
            no_values |= taken;
            Ok(taken)
        })?;
        Ok(Self { key, scan, no_values })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, Hash, Part>> {
        let hash = view.get::<Hash>(self.key)?;
        if hash.is_some() {
            self.scan.check()?;
        }
        let part = Part { window: self.scan.to_window(), no_values: self.no_values };
        Ok(Shown::new(hash, self.scan.count.min(hash.map_or(0, Hash::len)), part))
    }
}

crate::cmd::row!(HScan<'_>);
