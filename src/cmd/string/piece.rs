//! What GETRANGE and SUBSTR share.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
        limits::INLINE_BYTES_MAX,
    },
    cmd::{Command, Spec},
    keyspace::{strings::Str, view::View},
};
use std::{fmt, marker::PhantomData, ops};

/// What tells the two commands apart.
pub trait Name {
    const SPEC: Spec;
}

/// `key start end`. Returns the bytes from `start` to `end`, both included and counted from the end when negative.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a, N> {
    pub key: &'a [u8],
    pub start: i64,
    pub end: i64,
    name: PhantomData<N>,
}

impl<'a, N> Piece<'a, N> {
    /// The bytes from `start` to `end`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), start: i64, end: i64) -> Self {
        Self { key: key.as_ref(), start, end, name: PhantomData }
    }

    /// The places that a string of `len` bytes has. Unlike elsewhere, an end before the first byte means that
    /// byte, unless the start, too, is counted from the end and comes later.
    fn places(&self, len: usize) -> ops::Range<usize> {
        let absolute = |index: i64| if index < 0 { index.saturating_add_unsigned(len as u64) } else { index };
        if len == 0 || self.start < 0 && self.end < 0 && self.start > self.end {
            return 0..0;
        }
        let start = usize::try_from(absolute(self.start)).unwrap_or(0);
        let end = usize::try_from(absolute(self.end)).unwrap_or(0).min(len - 1);
        if start <= end { start..end + 1 } else { 0..0 }
    }
}

/// A part of a string. Reads as bytes; one of a long string shares that instead of a copy.
#[derive(Clone)]
pub struct Part {
    whole: Bytes,
    places: ops::Range<usize>,
}

impl Part {
    fn of(string: Str<'_>, places: impl FnOnce(usize) -> ops::Range<usize>) -> Self {
        match string {
            Str::Shared(data) => Self { whole: string.to_owned(), places: places(data.len()) },
            short => short.with(|data| {
                let whole = Bytes::copy(&data[places(data.len())]);
                Self { places: 0..whole.len(), whole }
            }),
        }
    }
}

impl ops::Deref for Part {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.whole[self.places.clone()]
    }
}

impl From<Part> for Bytes {
    fn from(part: Part) -> Self {
        if part.places.len() == part.whole.len() { part.whole } else { Self::copy(&part) }
    }
}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Part {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

impl Emit for Part {
    fn emit(self, to: &mut dyn Sink) {
        if self.len() > INLINE_BYTES_MAX {
            to.later(Box::new(move |to: &mut dyn Sink| to.bytes(&self)));
        } else {
            to.bytes(&self);
        }
    }
}

impl<'a, N: Name> Command<'a> for Piece<'a, N> {
    const SPEC: Spec = N::SPEC;
    type Owned = Part;
    type Out<'k> = Part;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self::new(args.bytes()?, args.int()?, args.int()?))
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Part> {
        let string = view.string(self.key)?.unwrap_or(Str::Bytes(b""));
        Ok(Part::of(string, |len| self.places(len)))
    }
}
