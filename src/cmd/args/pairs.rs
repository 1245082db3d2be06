//! `field value [field value ...]`: the usual single pair without an allocation.
use crate::base::{
    atom::{Args, Record},
    error::{Error, Result},
};
use std::ops::Deref;

/// A pair of byte strings.
pub type Pair<'a> = (&'a [u8], &'a [u8]);

/// Pairs of byte strings. Reads as a slice of them.
#[derive(Debug, Clone)]
pub enum Pairs<'a> {
    One(Pair<'a>),
    Many(Vec<Pair<'a>>),
}

impl<'a> Pairs<'a> {
    /// Takes everything that is left. `name` is the command's, for the error.
    ///
    /// # Errors
    /// `ERR wrong number of arguments for 'name' command`: half a pair.
    pub fn parse(args: &mut Args<'a>, name: &str) -> Result<Self> {
        if !args.len().is_multiple_of(2) {
            return Err(Error::arity(name));
        }
        if args.len() == 2 {
            return Ok(Self::One((args.bytes()?, args.bytes()?)));
        }
        let mut pairs = Vec::with_capacity(args.len() / 2);
        while !args.is_empty() {
            pairs.push((args.bytes()?, args.bytes()?));
        }
        Ok(Self::Many(pairs))
    }

    /// Refers to strings of the caller.
    pub fn of<A: AsRef<[u8]>, B: AsRef<[u8]>>(pairs: &'a [(A, B)]) -> Self {
        let refer = |(a, b): &'a (A, B)| (a.as_ref(), b.as_ref());
        match pairs {
            [one] => Self::One(refer(one)),
            _ => Self::Many(pairs.iter().map(refer).collect()),
        }
    }

    /// Adds them to a record.
    pub fn log(&self, rec: &mut Record) {
        for (first, second) in self.iter() {
            rec.bytes(first).bytes(second);
        }
    }
}

impl<'a> Deref for Pairs<'a> {
    type Target = [Pair<'a>];
    fn deref(&self) -> &[Pair<'a>] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
