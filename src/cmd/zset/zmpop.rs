//! ZMPOP: takes members from the first of several sets that has any.
use super::{
    members::{Members, Shown},
    pop::Taken,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, Group, MOVABLE_KEYS, Spec, WRITE,
        args::{
            count,
            numkeys::{self, Refusal},
        },
    },
    keyspace::view::View,
    value::zset::Order,
};

/// `ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]`. Returns the key and the members it removed, or nothing.
#[derive(Debug, Clone)]
pub struct ZMPop<'a> {
    pub keys: Vec<&'a [u8]>,
    /// Ascending: the lowest scores go first.
    pub order: Order,
    pub count: u64,
}

/// The key that had members, and the members.
pub struct Popped<'a>(pub(super) Option<(&'a [u8], Taken)>);

impl Emit for Popped<'_> {
    fn emit(self, to: &mut dyn Sink) {
        let Some((key, taken)) = self.0 else { return to.nil_array() };
        to.array(2);
        to.bytes(key);
        Shown::from(taken).nested().emit(to);
    }
}

impl From<Popped<'_>> for Option<(Bytes, Members)> {
    fn from(popped: Popped<'_>) -> Self {
        popped.0.map(|(key, taken)| (Bytes::copy(key), Shown::from(taken).into()))
    }
}

impl<'a> Command<'a> for ZMPop<'a> {
    const SPEC: Spec = Spec {
        id: 0x0617,
        name: "ZMPOP",
        usage: "numkeys key [key ...] <MIN | MAX> [COUNT count]",
        arity: -4,
        flags: WRITE | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::SortedSet,
        since: "7.0.0",
        complexity: "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.",
        summary: "Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted set if the last member was popped.",
    };
    type Owned = Option<(Bytes, Members)>;
    type Out<'k> = Popped<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let keys = numkeys::parse(args, Refusal::Pop)?;
        let order = if args.token("MIN") {
            Order::Ascending
        } else if args.token("MAX") {
            Order::Descending
        } else {
            return Err(Error::syntax());
        };
        let mut count = 1;
        if args.len() > 1 && args.token("COUNT") {
            const BAD: &str = "ERR count should be greater than 0";
            count = count::unsigned_or(args, BAD)?;
            if count == 0 {
                return Err(Error::command(BAD));
            }
        }
        Ok(Self { keys, order, count })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Popped<'a>> {
        for key in &self.keys {
            if let Some(taken) = Taken::from(view, key, self.order, self.count)? {
                return Ok(Popped(Some((key, taken))));
            }
        }
        Ok(Popped(None))
    }

    fn log(&self, popped: &Popped<'a>, rec: &mut Record, _now_ms: u64) {
        if let Some((key, taken)) = &popped.0 {
            taken.log(key, self.order, rec);
        }
    }
}

crate::cmd::row!(ZMPop<'_>);
