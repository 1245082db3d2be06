//! HSCAN, SSCAN and ZSCAN: a collection part by part.
use crate::{
    base::{
        atom::Args,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{
        Command, Spec,
        args::scan::{Scan, Window},
        held::{Kept, Reading, Shown},
        page::Page,
    },
    keyspace::view::View,
    value::{Collection, Typed},
};
use std::marker::PhantomData;

/// What tells one of the commands from the others.
pub trait Facts: 'static {
    const SPEC: Spec;
    /// The option that leaves out what belongs to a name.
    const BARE: Option<&'static str>;
    type Value: Typed + 'static;

    /// Adds what `window` shows of `value` to `page`, only the names when they are to be `bare`, and returns the next
    /// cursor.
    fn show(value: &Self::Value, window: &Window, bare: bool, page: &mut Page) -> u64;
}

/// A command that shows a collection part by part.
#[derive(Debug, Clone)]
pub struct Walk<'a, F> {
    pub key: &'a [u8],
    pub scan: Scan<'a>,
    /// Only the names: fields without values, members without scores.
    pub bare: bool,
    facts: PhantomData<F>,
}

impl<'a, F: Facts> Walk<'a, F> {
    /// Shows the part that `scan` describes of the collection at `key`.
    pub fn new(key: &'a [u8], scan: Scan<'a>) -> Self {
        Self { key, scan, bare: false, facts: PhantomData }
    }
}

/// The part that one call shows.
#[derive(Debug, Clone)]
pub struct Part<F> {
    window: Window,
    bare: bool,
    facts: PhantomData<fn() -> F>,
}

impl<F: Facts> Part<F> {
    fn page(&self, value: Option<&F::Value>) -> Page {
        let mut page = Page::default();
        page.next = value.map_or(0, |value| F::show(value, &self.window, self.bare, &mut page));
        page
    }
}

impl<F: Facts> Reading<F::Value> for Part<F> {
    fn write(&self, value: Option<&F::Value>, to: &mut dyn Sink) {
        self.page(value).emit(to);
    }
}

impl<F: Facts> Kept<F::Value, Part<F>> {
    /// What was shown, and the next cursor.
    pub fn page(&self) -> Page {
        self.reading.page(self.value.as_ref())
    }
}

impl<'a, F: Facts> Command<'a> for Walk<'a, F> {
    const SPEC: Spec = F::SPEC;
    type Owned = Kept<F::Value, Part<F>>;
    type Out<'k> = Shown<'k, F::Value, Part<F>>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, mut bare) = (args.bytes()?, false);
        let scan = Scan::parse(args, &mut |args| {
            let taken = F::BARE.is_some_and(|token| args.token(token));
            bare |= taken;
            Ok(taken)
        })?;
        Ok(Self { bare, ..Self::new(key, scan) })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Shown<'k, F::Value, Part<F>>> {
        let value = view.get::<F::Value>(self.key)?;
        if value.is_some() {
            self.scan.check()?;
        }
        let part = Part { window: self.scan.to_window(), bare: self.bare, facts: PhantomData };
        Ok(Shown::new(value, self.scan.count.min(value.map_or(0, F::Value::len)), part))
    }
}
