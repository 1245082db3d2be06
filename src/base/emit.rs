//! The reply side: a result describes itself to a sink once; every door is a sink.
use super::{bytes::Bytes, error::Error, limits::INLINE_BYTES_MAX};

/// What a reply is written to. Doors implement it: RESP2, RESP3, the reply tree, nothing at all.
///
/// The words are Redis's richer (RESP3) ones; a sink of an older protocol says them in its own way.
pub trait Sink {
    /// No value.
    fn nil(&mut self);
    /// No list: RESP2 tells it from "no value".
    fn nil_array(&mut self);
    /// An integer.
    fn int(&mut self, value: i64);
    /// A double.
    fn float(&mut self, value: f64);
    /// A truth value; an integer in RESP2.
    fn bool(&mut self, value: bool);
    /// A byte string.
    fn bytes(&mut self, value: &[u8]);
    /// A short constant such as `OK`.
    fn status(&mut self, value: &str) {
        self.status_line(value.as_bytes());
    }
    /// The same of any bytes without a line break, as scripts may have them.
    fn status_line(&mut self, value: &[u8]);
    /// An integer of any size, as its digits; a byte string in RESP2.
    fn bignum(&mut self, digits: &[u8]) {
        self.bytes(digits);
    }
    /// Text for people, of a format such as `txt`; a byte string in RESP2.
    fn verbatim(&mut self, format: &str, value: &[u8]);
    /// A failure as a part of a reply, or as the whole of it.
    fn error(&mut self, error: &Error);
    /// The start of a list of `len` values.
    fn array(&mut self, len: usize);
    /// The start of a map of `len` keys, each followed by its value; a flat list in RESP2.
    fn map(&mut self, len: usize);
    /// The start of a set of `len` values; a list in RESP2.
    fn set(&mut self, len: usize);
    /// The start of a message of `len` values that answers no command; a list in RESP2.
    fn push(&mut self, len: usize);
    /// The start of a list of `len` pairs: lists of two in RESP3, one flat list in RESP2. Each pair is
    /// announced by [`Sink::pair`].
    fn pairs(&mut self, len: usize);
    /// The start of one pair of [`Sink::pairs`].
    fn pair(&mut self);
    /// A part that is long: it is written at this place of the reply, but after the locks have gone.
    fn later(&mut self, part: Box<dyn Late>);
    /// What follows is written in protocol `version`, 2 or 3: HELLO. A sink without versions goes on as it is.
    fn switch(&mut self, _version: u8) {}
    /// The protocol version, for the few replies whose shape differs beyond what the words above express.
    fn protocol(&self) -> u8;
}

/// A part of a reply that owns what it needs and is written outside the locks.
pub trait Late: Send {
    /// Writes the part.
    fn emit_late(self: Box<Self>, to: &mut dyn Sink);
}

impl<F: FnOnce(&mut dyn Sink) + Send> Late for F {
    fn emit_late(self: Box<Self>, to: &mut dyn Sink) {
        self(to);
    }
}

/// A result that can describe itself to a sink.
pub trait Emit {
    /// Writes exactly one value.
    fn emit(self, to: &mut dyn Sink);
}

/// The reply `+OK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ok;

/// Converted by typed callers, who need no word for success.
impl From<Ok> for () {
    fn from(_: Ok) {}
}

impl Emit for Ok {
    fn emit(self, to: &mut dyn Sink) {
        to.status("OK");
    }
}
impl Emit for i64 {
    fn emit(self, to: &mut dyn Sink) {
        to.int(self);
    }
}
impl Emit for u64 {
    fn emit(self, to: &mut dyn Sink) {
        to.int(self as i64);
    }
}
impl Emit for usize {
    fn emit(self, to: &mut dyn Sink) {
        to.int(self as i64);
    }
}
/// Redis's yes and no: `1` and `0` under either protocol.
impl Emit for bool {
    fn emit(self, to: &mut dyn Sink) {
        to.int(self.into());
    }
}
impl Emit for f64 {
    fn emit(self, to: &mut dyn Sink) {
        to.float(self);
    }
}
impl<T: Emit> Emit for Option<T> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Some(value) => value.emit(to),
            None => to.nil(),
        }
    }
}
impl<T: Emit> Emit for Vec<T> {
    fn emit(self, to: &mut dyn Sink) {
        to.array(self.len());
        for value in self {
            value.emit(to);
        }
    }
}
impl Emit for &[u8] {
    fn emit(self, to: &mut dyn Sink) {
        to.bytes(self);
    }
}
/// A long one is written after the locks have gone: it costs nothing to keep.
impl Emit for Bytes {
    fn emit(self, to: &mut dyn Sink) {
        if self.len() > INLINE_BYTES_MAX {
            to.later(Box::new(move |to: &mut dyn Sink| to.bytes(&self)));
        } else {
            to.bytes(&self);
        }
    }
}
/// A shared string of the keyspace is written after the locks have gone.
impl Emit for std::sync::Arc<Vec<u8>> {
    fn emit(self, to: &mut dyn Sink) {
        to.later(Box::new(move |to: &mut dyn Sink| to.bytes(&self)));
    }
}

/// Discards a reply: recovery.
#[derive(Debug, Default)]
pub struct Null;

impl Sink for Null {
    fn nil(&mut self) {}
    fn nil_array(&mut self) {}
    fn int(&mut self, _: i64) {}
    fn float(&mut self, _: f64) {}
    fn bool(&mut self, _: bool) {}
    fn bytes(&mut self, _: &[u8]) {}
    fn status_line(&mut self, _: &[u8]) {}
    fn verbatim(&mut self, _: &str, _: &[u8]) {}
    fn error(&mut self, _: &Error) {}
    fn array(&mut self, _: usize) {}
    fn map(&mut self, _: usize) {}
    fn set(&mut self, _: usize) {}
    fn push(&mut self, _: usize) {}
    fn pairs(&mut self, _: usize) {}
    fn pair(&mut self) {}
    fn later(&mut self, _: Box<dyn Late>) {}
    fn protocol(&self) -> u8 {
        2
    }
}
