//! What INCR, DECR, INCRBY and DECRBY share.
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
    },
    cmd::{Command, Spec},
    keyspace::{notes::Classes, view::View},
};
use std::marker::PhantomData;

/// What tells the four commands apart.
pub trait Step {
    const SPEC: Spec;
    const DIRECTION: Direction;
    /// The number is said; otherwise it is 1.
    const SAID: bool;
}

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// `key [number]`. Changes the integer at `key`, which is 0 when there is no such key, and returns it.
#[derive(Debug, Clone, Copy)]
pub struct Count<'a, S> {
    pub key: &'a [u8],
    /// What is added: negative to count down.
    pub by: i64,
    step: PhantomData<S>,
}

impl<'a, S: Step> Count<'a, S> {
    /// Counts by `by` in the command's direction.
    ///
    /// # Errors
    /// `ERR decrement would overflow`: counting down by the one integer that cannot be negated.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), by: i64) -> Result<Self> {
        let by = match S::DIRECTION {
            Direction::Up => by,
            Direction::Down => {
                by.checked_neg().ok_or_else(|| Error::command("ERR decrement would overflow"))?
            }
        };
        Ok(Self { key: key.as_ref(), by, step: PhantomData })
    }
}

impl<'a, S: Step> Command<'a> for Count<'a, S> {
    const SPEC: Spec = S::SPEC;
    type Owned = i64;
    type Out<'k> = i64;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        Self::new(key, if S::SAID { args.int()? } else { 1 })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<i64> {
        let sum = view.increment(self.key, self.by)?;
        view.notify(Classes::STRING, "incrby", self.key);
        Ok(sum)
    }

    fn log(&self, _: &i64, rec: &mut Record, _now_ms: u64) {
        rec.command(super::incrby::IncrBy::SPEC.id).bytes(self.key).int(self.by);
    }
}
