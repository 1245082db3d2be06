//! BLMPOP: elements of the first list that there is; waits for one.
use super::{
    blocking::{outermost_first, patience, put_back},
    elements::Elements,
    lmpop::{LMPop, Popped},
    word,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::Result,
    },
    cmd::{BLOCKING, Command, Spec, args::timeout::Timeout, wait::Patience},
    keyspace::view::View,
};

/// `BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]`: [`LMPop`], which waits until one of the lists is there.
#[derive(Debug, Clone)]
pub struct BLMPop<'a> {
    pub what: LMPop<'a>,
    pub timeout: Timeout,
}

impl BLMPop<'_> {
    fn as_words(&self) -> Vec<Bytes> {
        let number = |number: u64| Bytes::copy(number.to_string().as_bytes());
        let LMPop { keys, side, count } = &self.what;
        let mut words = vec![self.timeout.word(), number(keys.len() as u64)];
        words.extend(keys.iter().map(|key| Bytes::copy(key)));
        words.extend([Bytes::copy(word(*side)), Bytes::copy(b"COUNT"), number(*count)]);
        words
    }
}

impl<'a> Command<'a> for BLMPop<'a> {
    const SPEC: Spec = Spec {
        id: 0x0316,
        name: "BLMPOP",
        usage: "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        arity: -5,
        flags: LMPop::SPEC.flags | BLOCKING,
        summary: "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the list if the last element was popped.",
        ..LMPop::SPEC
    };
    type Owned = Option<(Bytes, Elements)>;
    type Out<'k> = Popped<'a>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        // Stands first, is looked at last.
        let mut timeout = args.take(1)?;
        let what = LMPop::parse(args)?;
        args.finish()?;
        Ok(Self { what, timeout: Timeout::parse(&mut timeout)? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        self.what.keys(each);
    }

    fn run(&self, view: &mut View<'_>) -> Result<Popped<'a>> {
        self.what.run(view)
    }

    /// As the pop that it became.
    fn log(&self, popped: &Popped<'a>, rec: &mut Record, now_ms: u64) {
        self.what.log(popped, rec, now_ms);
    }

    fn waits(&self, popped: &Popped<'a>) -> Option<Patience> {
        let waits = || patience(self.timeout, usize::MAX);
        popped.0.is_none().then(waits)
    }

    fn undo(&self, popped: &Popped<'a>) -> Vec<Bytes> {
        let Some((key, elements)) = &popped.0 else { return Vec::new() };
        put_back(key, self.what.side, outermost_first(elements))
    }
}

crate::cmd::wait::waiting_row!(BLMPop);
