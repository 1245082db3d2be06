//! One byte string or more: the usual single one without an allocation.
use crate::base::{
    atom::{Args, Record},
    error::Result,
};
use std::ops::Deref;

/// One byte string or more. Reads as a slice of them.
#[derive(Debug, Clone)]
pub enum Several<'a> {
    One(&'a [u8]),
    Many(Vec<&'a [u8]>),
}

impl<'a> Several<'a> {
    /// Takes everything that is left. Nothing left: `ERR syntax error`.
    pub fn parse(args: &mut Args<'a>) -> Result<Self> {
        if args.len() > 1 {
            return args.all_bytes().map(Self::Many);
        }
        args.bytes().map(Self::One)
    }

    /// Refers to strings of the caller.
    pub fn of<T: AsRef<[u8]>>(strings: &'a [T]) -> Self {
        match strings {
            [one] => Self::One(one.as_ref()),
            _ => Self::Many(strings.iter().map(AsRef::as_ref).collect()),
        }
    }

    /// Adds them to a record.
    pub fn log(&self, rec: &mut Record) {
        for string in self.iter() {
            rec.bytes(string);
        }
    }
}

impl<'a> Deref for Several<'a> {
    type Target = [&'a [u8]];
    fn deref(&self) -> &[&'a [u8]] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
