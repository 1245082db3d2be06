//! BZMPOP: takes members from the first of several sets that has any; waits for one.
use super::{
    blocking::{patience, put_back},
    members::Members,
    zmpop::{Popped, ZMPop},
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{BLOCKING, Command, Spec, args::timeout::Timeout, wait::Patience},
    keyspace::view::View,
    value::zset::Order,
};

/// `BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]`: [`ZMPop`], which waits until one of the sets is there.
#[derive(Debug, Clone)]
pub struct BZMPop<'a> {
    pub what: ZMPop<'a>,
    pub timeout: Timeout,
}

impl BZMPop<'_> {
    fn as_words(&self) -> Vec<Bytes> {
        let number = |number: u64| Bytes::copy(number.to_string().as_bytes());
        let ZMPop { keys, order, count } = &self.what;
        let end: &[u8] = match order {
            Order::Ascending => b"MIN",
            Order::Descending => b"MAX",
        };
        let mut words = vec![self.timeout.word(), number(keys.len() as u64)];
        words.extend(keys.iter().map(|key| Bytes::copy(key)));
        words.extend([Bytes::copy(end), Bytes::copy(b"COUNT"), number(*count)]);
        words
    }
}

impl<'a> Command<'a> for BZMPop<'a> {
    const SPEC: Spec = Spec {
        id: 0x0624,
        name: "BZMPOP",
        usage: "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
        arity: -5,
        flags: ZMPop::SPEC.flags | BLOCKING,
        summary: "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
        ..ZMPop::SPEC
    };
    type Owned = Option<(Bytes, Members)>;
    type Out<'k> = Popped<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        // Stands first, is looked at last.
        let mut timeout = args.take(1)?;
        let what = ZMPop::parse(args)?;
        args.finish()?;
        Ok(Self { what, timeout: Timeout::parse(&mut timeout)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.what.keys(each);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Popped<'a>> {
        self.what.run(view)
    }

    /// As the pop that it became.
    fn log(&self, popped: &Popped<'a>, rec: &mut Record, now_ms: u64) {
        self.what.log(popped, rec, now_ms);
    }

    fn waits(&self, popped: &Popped<'a>) -> Option<Patience> {
        popped.0.is_none().then(|| patience(self.timeout))
    }

    fn undo(&self, popped: &Popped<'a>) -> Vec<Bytes> {
        let Some((key, taken)) = &popped.0 else { return Vec::new() };
        put_back(key, taken.pairs().iter().map(|(member, score)| (&**member, *score)))
    }
}

crate::cmd::wait::waiting_row!(BZMPop);
