//! LMPOP: elements of the first list that there is.
use super::{elements::Elements, lpop::FromLeft, pop, rpop::FromRight, side};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, Group, MOVABLE_KEYS, Spec, WRITE,
        args::numkeys::{self, Refusal},
    },
    keyspace::view::View,
    value::list::{List, Side},
};

/// `LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]`. Removes up to `count` elements of the first of the
/// lists that is there, and returns its key with them.
#[derive(Debug, Clone)]
pub struct LMPop<'a> {
    pub keys: Vec<&'a [u8]>,
    pub side: Side,
    /// 1 without `COUNT`.
    pub count: u64,
}

/// The key and its elements, when there is any of the lists.
#[derive(Debug, Clone)]
pub struct Popped<'a>(pub(super) Option<(&'a [u8], Elements)>);

impl Emit for Popped<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self.0 {
            Some((key, elements)) => {
                to.array(2);
                to.bytes(key);
                elements.emit(to);
            }
            None => to.nil_array(),
        }
    }
}

impl From<Popped<'_>> for Option<(Bytes, Elements)> {
    fn from(popped: Popped<'_>) -> Self {
        popped.0.map(|(key, elements)| (Bytes::copy(key), elements))
    }
}

impl<'a> Command<'a> for LMPop<'a> {
    const SPEC: Spec = Spec {
        id: 0x0311,
        name: "LMPOP",
        usage: "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        arity: -4,
        flags: WRITE | MOVABLE_KEYS,
        keys: (0, 0, 0),
        group: Group::List,
        since: "7.0.0",
        complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
        summary: "Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.",
    };
    type Owned = Option<(Bytes, Elements)>;
    type Out<'k> = Popped<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let keys = numkeys::parse(args, Refusal::Pop)?;
        let side = side(args)?;
        let mut count = 1;
        if args.token("COUNT") {
            let zero = || Error::command("ERR count should be greater than 0");
            count = args.int_or(zero)?;
            if count < 1 {
                return Err(zero());
            }
        }
        Ok(Self { keys, side, count: count as u64 })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.keys.iter().for_each(|key| each(key));
    }

    fn run(&self, view: &mut View<'_>) -> Result<Popped<'a>> {
        for key in &self.keys {
            if let Some(mut list) = view.get_mut::<List>(key)? {
                return Ok(Popped(Some((key, pop::take(&mut list, self.side, self.count)))));
            }
        }
        Ok(Popped(None))
    }

    fn log(&self, popped: &Popped<'a>, rec: &mut Record, _now_ms: u64) {
        if let Popped(Some((key, elements))) = popped {
            match self.side {
                Side::Left => pop::log::<FromLeft>(key, elements.len(), rec),
                Side::Right => pop::log::<FromRight>(key, elements.len(), rec),
            }
        }
    }
}

crate::cmd::row!(LMPop<'_>);
