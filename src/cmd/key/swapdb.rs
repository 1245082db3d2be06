//! SWAPDB: two databases for each other.
use crate::{
    base::{
        atom::{Args, Record},
        emit,
        error::{Error, Result},
    },
    cmd::{Command, FAST, Group, Reach, Spec, WRITE, session::in_range},
    keyspace::view::View,
};

/// `SWAPDB index1 index2`.
#[derive(Debug, Clone, Copy)]
pub struct SwapDb {
    /// Below 16.
    pub a: u32,
    /// Below 16.
    pub b: u32,
}

impl SwapDb {
    /// Exchanges two databases.
    ///
    /// # Errors
    /// `ERR DB index is out of range`.
    pub fn new(a: u32, b: u32) -> Result<Self> {
        Ok(Self { a: in_range(a.into())?, b: in_range(b.into())? })
    }
}

impl<'a> Command<'a> for SwapDb {
    const SPEC: Spec = Spec {
        id: 0x0223,
        name: "SWAPDB",
        usage: "index1 index2",
        arity: 3,
        flags: WRITE | FAST,
        keys: (0, 0, 0),
        group: Group::Server,
        since: "4.0.0",
        complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.",
        summary: "Swaps two databases.",
    };
    type Owned = ();
    type Out<'k> = emit::Ok;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut index = |bad: &'static str| {
            let index = args.int_or(|| Error::command(bad))?;
            i32::try_from(index).map(i64::from).map_err(|_| Error::command(bad))
        };
        let (a, b) = (index("ERR invalid first DB index")?, index("ERR invalid second DB index")?);
        Ok(Self { a: in_range(a)?, b: in_range(b)? })
    }

    fn keys(&self, _: &mut dyn FnMut(&'a [u8])) {}

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<emit::Ok> {
        if self.a != self.b {
            view.swap(self.a, self.b);
        }
        Ok(emit::Ok)
    }

    fn log(&self, _: &emit::Ok, rec: &mut Record, _now_ms: u64) {
        if self.a != self.b {
            rec.command(Self::SPEC.id).int(self.a.into()).int(self.b.into());
        }
    }
}

crate::cmd::row!(SwapDb);
