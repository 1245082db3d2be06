//! SORT: the elements of a collection in order, or what belongs to them.
use super::{
    del::Del,
    elements::{Order, Source},
    pattern::Pattern,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Kind, Result},
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{Command, DENYOOM, Group, MOVABLE_KEYS, Reach, Spec, WRITE, list::rpush::RPush},
    keyspace::{notes::Classes, view::View},
    value::{List, list::Side},
};
use std::ops::Range;

/// `SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]
/// [STORE destination]`.
///
/// With a pattern that leads to other keys everything is locked, and a transaction closure refuses it: those keys are
/// not known before.
#[derive(Debug, Clone)]
pub struct Sort<'a> {
    pub key: &'a [u8],
    /// A pattern without `*` means: leave the elements in their own order.
    pub by: Option<Pattern<'a>>,
    /// The first place and the number of elements; a negative number: all.
    pub limit: Option<(i64, i64)>,
    pub get: Vec<Pattern<'a>>,
    pub descending: bool,
    pub alpha: bool,
    pub store: Option<&'a [u8]>,
}

/// What was found: an entry an element, or one for each GET and element.
#[derive(Debug, Clone)]
pub struct Sorted {
    rows: Vec<Option<Bytes>>,
    stored: bool,
    /// What was at the target is gone.
    removed: bool,
}

impl From<Sorted> for Vec<Option<Bytes>> {
    fn from(sorted: Sorted) -> Self {
        sorted.rows
    }
}

impl Emit for Sorted {
    fn emit(self, to: &mut dyn Sink) {
        if self.stored {
            self.rows.len().emit(to);
        } else if self.rows.len() > INLINE_RESULT_LEN_MAX {
            to.later(Box::new(move |to: &mut dyn Sink| self.rows.emit(to)));
        } else {
            self.rows.emit(to);
        }
    }
}

impl<'a> Sort<'a> {
    /// Sorts the numbers at `key`, lowest first.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        let key = key.as_ref();
        Self { key, by: None, limit: None, get: Vec::new(), descending: false, alpha: false, store: None }
    }

    /// Sorts by what is found at `pattern`, its `*` replaced by the element (`BY`).
    pub fn by(mut self, pattern: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.by = Some(Pattern::of(pattern.as_ref()));
        self
    }

    /// Returns `count` elements from place `offset` on (`LIMIT`).
    pub fn limit(mut self, offset: i64, count: i64) -> Self {
        self.limit = Some((offset, count));
        self
    }

    /// Returns what is found at `pattern` instead of the element; it may be said several times (`GET`).
    pub fn get(mut self, pattern: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.get.push(Pattern::of(pattern.as_ref()));
        self
    }

    /// Highest first (`DESC`).
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// As bytes, not as numbers (`ALPHA`).
    pub fn alpha(mut self) -> Self {
        self.alpha = true;
        self
    }

    /// Puts the result at `key`, as a list (`STORE`).
    pub fn store(mut self, key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.store = Some(key.as_ref());
        self
    }

    /// Reads the arguments of SORT, or of SORT_RO, which stores nothing.
    pub(super) fn read(args: &mut Args<'a>, may_store: bool) -> Result<Self> {
        let mut sort = Self::new(args.bytes()?);
        while !args.is_empty() {
            if args.token("ASC") {
                sort.descending = false;
            } else if args.token("DESC") {
                sort.descending = true;
            } else if args.token("ALPHA") {
                sort.alpha = true;
            } else if args.len() > 2 && args.token("LIMIT") {
                sort.limit = Some((args.int()?, args.int()?));
            } else if may_store && args.len() > 1 && args.token("STORE") {
                sort.store = Some(args.bytes()?);
            } else if args.len() > 1 && args.token("BY") {
                sort.by = Some(Pattern::of(args.bytes()?));
            } else if args.len() > 1 && args.token("GET") {
                sort.get.push(Pattern::of(args.bytes()?));
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(sort)
    }

    fn places(&self, len: usize) -> Range<usize> {
        let (offset, count) = self.limit.unwrap_or((0, -1));
        let start = usize::try_from(offset).unwrap_or(0).min(len);
        let end = usize::try_from(count).map_or(len, |count| start.saturating_add(count).min(len));
        start..end
    }

    /// The elements in order, those that the limit leaves out left out.
    fn elements(&self, view: &mut View<'_>) -> Result<Vec<Bytes>> {
        let source = Source::of(view, self.key)?;
        let len = source.len();
        let places = self.places(len);
        let mut order = Order { by: self.by, alpha: self.alpha, descending: self.descending };
        if self.by.is_some_and(|by| !by.is_key()) {
            if self.store.is_none() || !matches!(source, Source::Set(_)) {
                return Ok(source.elements(places, self.descending));
            }
            // The order of a set is nobody's business: what is kept must not show it.
            order = Order { by: None, alpha: true, ..order };
        }
        let mut elements = order.sort(view, source.elements(0..len, false))?;
        elements.truncate(places.end);
        elements.drain(..places.start);
        Ok(elements)
    }

    fn rows(&self, view: &mut View<'_>, elements: Vec<Bytes>) -> Result<Vec<Option<Bytes>>> {
        /// A short command may ask for a long product.
        const ROWS_MAX: usize = 1 << 27;
        if self.get.is_empty() {
            return Ok(elements.into_iter().map(Some).collect());
        }
        let count = elements.len().saturating_mul(self.get.len());
        if count > ROWS_MAX {
            return Err(Error::new(
                Kind::Limit,
                "OOM command not allowed: the result of SORT would be too long",
            ));
        }
        let (mut rows, mut key) = (Vec::with_capacity(count), Vec::new());
        for element in &elements {
            rows.extend(self.get.iter().map(|pattern| pattern.look_up(view, element, &mut key)));
        }
        Ok(rows)
    }
}

/// What is not there is kept as an empty string.
fn texts(rows: &[Option<Bytes>]) -> Vec<&[u8]> {
    rows.iter().map(|row| row.as_deref().unwrap_or_default()).collect()
}

impl<'a> Command<'a> for Sort<'a> {
    const SPEC: Spec = Spec {
        id: 0x0216,
        name: "SORT",
        usage: "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE destination]",
        arity: -2,
        flags: WRITE | DENYOOM | MOVABLE_KEYS,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "1.0.0",
        complexity: "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
        summary: "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
    };
    type Owned = Vec<Option<Bytes>>;
    type Out<'k> = Sorted;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Self::read(args, true)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
        self.store.into_iter().for_each(each);
    }

    fn reach(&self) -> Reach {
        let looks_around = self.by.iter().chain(&self.get).any(Pattern::is_key);
        if looks_around { Reach::All } else { Reach::Keys }
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Sorted> {
        let elements = self.elements(view)?;
        let rows = self.rows(view, elements)?;
        let mut sorted = Sorted { rows, stored: self.store.is_some(), removed: false };
        if let Some(target) = self.store {
            // The log form is a push: what was there has to go before.
            sorted.removed = view.peek(target).is_some();
            let (mut list, limits) = (List::new(), view.limits());
            list.push(Side::Right, &texts(&sorted.rows), &limits);
            view.replace(target, list);
            if !sorted.rows.is_empty() {
                view.notify(Classes::LIST, "sortstore", target);
            }
        }
        Ok(sorted)
    }

    fn log(&self, sorted: &Sorted, rec: &mut Record, _now_ms: u64) {
        let Some(target) = self.store else { return };
        if sorted.removed {
            Del::record(rec, target);
        }
        if !sorted.rows.is_empty() {
            rec.command(RPush::SPEC.id).bytes(target);
            for text in texts(&sorted.rows) {
                rec.bytes(text);
            }
        }
    }
}

crate::cmd::row!(Sort<'_>);
