//! INCRBYFLOAT: counting in fractions.
use super::set::Set;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::{Error, Result},
        long_double::LongDouble,
        num,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE},
    keyspace::{
        notes::Classes,
        strings::{Str, Ttl},
        view::View,
    },
};

/// `INCRBYFLOAT key increment`. Returns the new number as text, in Redis's digits; see [`LongDouble`].
#[derive(Debug, Clone, Copy)]
pub struct IncrByFloat<'a> {
    pub key: &'a [u8],
    /// Nothing when it is no number: Redis looks at the key before it complains.
    pub increment: Option<LongDouble>,
}

impl<'a> IncrByFloat<'a> {
    /// Adds the number that the shortest digits of `increment` say: 0.1 is a tenth.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), increment: f64) -> Self {
        Self { key: key.as_ref(), increment: LongDouble::of_f64(increment) }
    }
}

impl<'a> Command<'a> for IncrByFloat<'a> {
    const SPEC: Spec = Spec {
        id: 0x0114,
        name: "INCRBYFLOAT",
        usage: "key increment",
        arity: 3,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Increments the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
    };
    type Owned = Bytes;
    type Out<'k> = Bytes;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        let increment = match args.peek() {
            Some(text) => {
                args.bytes()?;
                LongDouble::parse(text)
            }
            None => LongDouble::parse(&num::Text::float(args.float()?)),
        };
        Ok(Self { key, increment })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Bytes> {
        let old = match view.string_to_write(self.key)? {
            None => LongDouble::of_int(0),
            Some(Str::Int(value)) => LongDouble::of_int(value),
            Some(text) => text.with(LongDouble::parse).ok_or_else(Error::not_a_float)?,
        };
        let increment = self.increment.ok_or_else(Error::not_a_float)?;
        let new = old.add(increment).filter(|new| new.is_finite());
        let new = new.ok_or_else(|| Error::command("ERR increment would produce NaN or Infinity"))?.text();
        view.set_text(self.key, &new, Ttl::Keep);
        view.notify(Classes::STRING, "incrbyfloat", self.key);
        Ok(new.into())
    }

    fn log(&self, new: &Bytes, rec: &mut Record, _now_ms: u64) {
        Set::record(rec, self.key, new, Ttl::Keep);
    }
}

crate::cmd::row!(IncrByFloat<'_>);
