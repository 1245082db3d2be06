//! HINCRBYFLOAT: adds to a field in fractions.
use super::hset::HSet;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::{Error, Result},
        long_double::LongDouble,
    },
    cmd::{Command, DENYOOM, FAST, Group, Spec, WRITE, args::fraction},
    keyspace::{notes::Classes, view::View},
    value::Hash,
};

/// `HINCRBYFLOAT key field increment`. Returns the sum as text, in Redis's digits; see [`LongDouble`]. What is not
/// there counts as 0.
#[derive(Debug, Clone, Copy)]
pub struct HIncrByFloat<'a> {
    pub key: &'a [u8],
    pub field: &'a [u8],
    pub increment: LongDouble,
}

impl<'a> HIncrByFloat<'a> {
    /// Adds `increment`, which must be a finite number.
    ///
    /// # Errors
    /// `ERR value is not a valid float`: no number. `ERR value is NaN or Infinity`: an infinite one.
    pub fn new(key: &'a [u8], field: &'a [u8], increment: Option<LongDouble>) -> Result<Self> {
        let increment = increment.ok_or_else(Error::not_a_float)?;
        if !increment.is_finite() {
            return Err(Error::command("ERR value is NaN or Infinity"));
        }
        Ok(Self { key, field, increment })
    }

    fn sum(&self, hash: &Hash) -> Result<Vec<u8>> {
        let old = match hash.get(self.field) {
            Some(text) => {
                LongDouble::parse(text).ok_or_else(|| Error::command("ERR hash value is not a float"))?
            }
            None => LongDouble::of_int(0),
        };
        let sum = old.add(self.increment).filter(|sum| sum.is_finite());
        Ok(sum.ok_or_else(|| Error::command("ERR increment would produce NaN or Infinity"))?.text())
    }
}

impl<'a> Command<'a> for HIncrByFloat<'a> {
    const SPEC: Spec = Spec {
        id: 0x040F,
        name: "HINCRBYFLOAT",
        usage: "key field increment",
        arity: 4,
        flags: WRITE | DENYOOM | FAST,
        keys: (1, 1, 1),
        group: Group::Hash,
        since: "2.6.0",
        complexity: "O(1)",
        summary: "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.",
    };
    type Owned = Bytes;
    type Out<'k> = Bytes;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Self::new(args.bytes()?, args.bytes()?, fraction::parse(args)?)
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Bytes> {
        let mut hash = view.get_or_new(self.key, Hash::new)?;
        let sum = self.sum(&hash).inspect_err(|_| hash.unchanged())?;
        let limits = hash.limits();
        hash.set(self.field, &sum, &limits);
        hash.notify(Classes::HASH, "hincrbyfloat");
        Ok(sum.into())
    }

    fn log(&self, sum: &Bytes, rec: &mut Record, now_ms: u64) {
        HSet::one(self.key, self.field, sum).log(&0, rec, now_ms);
    }
}

crate::cmd::row!(HIncrByFloat<'_>);
