//! GETEX: a string, and a new time to live for its key.
use super::options::{Life, Options, Whose};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{
        Command, FAST, Group, Spec, WRITE,
        args::expiry::Expiry,
        key::{del::Del, persist::Persist, pexpireat::PExpireAt},
    },
    keyspace::{
        strings::{Str, Ttl},
        view::View,
    },
};

/// `GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]`.
#[derive(Debug, Clone, Copy)]
pub struct GetEx<'a> {
    pub key: &'a [u8],
    pub life: Life,
}

/// The string, and what became of its key.
#[derive(Debug, Clone)]
pub struct Got {
    value: Option<Bytes>,
    change: Change,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    /// The new time to live is over already.
    Removed,
    Persists,
    Until(u64),
}

impl Emit for Got {
    fn emit(self, to: &mut dyn Sink) {
        self.value.emit(to);
    }
}

impl From<Got> for Option<Bytes> {
    fn from(got: Got) -> Self {
        got.value
    }
}

impl<'a> GetEx<'a> {
    /// Returns the string and leaves its time to live alone.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref(), life: Life::Unsaid }
    }

    /// The key shall live for `ms` milliseconds (`PX`), which must be above 0.
    pub fn expire_in_ms(mut self, ms: i64) -> Self {
        self.life = Life::Until(Expiry::In(ms));
        self
    }

    /// The key shall live until `at_ms`, in Unix milliseconds (`PXAT`).
    pub fn expire_at_ms(mut self, at_ms: i64) -> Self {
        self.life = Life::Until(Expiry::At(at_ms));
        self
    }

    /// The key shall live for ever (`PERSIST`).
    pub fn persist(mut self) -> Self {
        self.life = Life::Persist;
        self
    }

    fn change(&self, view: &mut View<'_>, ttl: Ttl) -> Change {
        match (self.life, ttl) {
            (Life::Persist, _) if view.expire_at_ms(self.key).flatten().is_some() => {
                view.set_expire_at_ms(self.key, None);
                Change::Persists
            }
            (_, Ttl::At(at_ms)) => {
                view.set_expire_at_ms(self.key, Some(at_ms));
                if at_ms > view.now_ms { Change::Until(at_ms) } else { Change::Removed }
            }
            _ => Change::Nothing,
        }
    }
}

impl<'a> Command<'a> for GetEx<'a> {
    const SPEC: Spec = Spec {
        id: 0x0108,
        name: "GETEX",
        usage: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]",
        arity: -2,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::String,
        since: "6.2.0",
        complexity: "O(1)",
        summary: "Returns the string value of a key after setting its expiration time.",
    };
    type Owned = Option<Bytes>;
    type Out<'k> = Got;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        Ok(Self { key, life: Options::parse(args, Whose::GetEx, Self::SPEC.name)?.life })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Got> {
        let ttl = self.life.ttl(view.now_ms, Self::SPEC.name)?;
        let value = view.string(self.key)?.map(Str::to_owned);
        let change = if value.is_some() { self.change(view, ttl) } else { Change::Nothing };
        Ok(Got { value, change })
    }

    fn log(&self, got: &Got, rec: &mut Record, _now_ms: u64) {
        match got.change {
            Change::Nothing => {}
            Change::Removed => Del::record(rec, self.key),
            Change::Persists => Persist::record(rec, self.key),
            Change::Until(at_ms) => PExpireAt::record(rec, self.key, at_ms),
        }
    }
}

crate::cmd::row!(GetEx<'_>);
