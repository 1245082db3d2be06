//! Taking members from the ends: ZPOPMIN, ZPOPMAX, and what ZMPOP shares with them.
use super::{
    members::{Members, Shown},
    zpopmax::ZPopMax,
    zpopmin::ZPopMin,
};
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::INLINE_RESULT_LEN_MAX,
    },
    cmd::{Command, FAST, Group, Spec, WRITE, args::count},
    keyspace::{notes::Classes, view::View},
    value::{ZSet, zset::Order},
};
use std::marker::PhantomData;

/// What tells the commands of the family apart.
pub trait Way {
    const SPEC: Spec;
    /// Ascending: the lowest scores go first.
    const ORDER: Order;
}

/// Members that were taken out of a set, in the order in which they went.
pub enum Taken {
    /// Some of them.
    Some(Vec<(Bytes, f64)>),
    /// The whole set, which is not gone through under the lock.
    All(ZSet, Order),
}

impl Taken {
    /// Takes up to `count` members out of the set at `key`. Nothing: there is no such key.
    pub fn from(view: &mut View<'_>, key: &[u8], order: Order, count: u64) -> Result<Option<Self>> {
        let Some(mut set) = view.get_mut::<ZSet>(key)? else { return Ok(None) };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count == 0 {
            set.unchanged();
            return Ok(Some(Self::Some(Vec::new())));
        }
        let event = match order {
            Order::Ascending => "zpopmin",
            Order::Descending => "zpopmax",
        };
        set.notify(Classes::ZSET, event);
        if count >= set.len() && set.len() > INLINE_RESULT_LEN_MAX {
            return Ok(Some(Self::All(std::mem::take(&mut *set), order)));
        }
        let mut taken = Vec::with_capacity(count.min(set.len()));
        while taken.len() < count
            && let Some(pair) = set.pop(order, |member, score| (Bytes::copy(member), score))
        {
            taken.push(pair);
        }
        Ok(Some(Self::Some(taken)))
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        match self {
            Self::Some(pairs) => pairs.len(),
            Self::All(set, _) => set.len(),
        }
    }

    /// The members. Those of a whole set are copied.
    pub fn pairs(&self) -> Vec<(Bytes, f64)> {
        match self {
            Self::Some(pairs) => pairs.clone(),
            Self::All(set, order) => Members::from(Shown::whole(set, *order)).into_pairs(),
        }
    }

    /// Writes the pop into a record.
    pub fn log(&self, key: &[u8], order: Order, rec: &mut Record) {
        Self::log_count(self.len(), key, order, rec);
    }

    /// Writes a pop of so many members into a record.
    pub fn log_count(count: usize, key: &[u8], order: Order, rec: &mut Record) {
        let id = match order {
            Order::Ascending => ZPopMin::SPEC.id,
            Order::Descending => ZPopMax::SPEC.id,
        };
        if count > 0 {
            rec.command(id).bytes(key).int(count as i64);
        }
    }
}

impl From<Taken> for Shown<'static> {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Some(pairs) => Shown::made(pairs, true),
            Taken::All(set, order) => Shown::whole(&set, order),
        }
    }
}

/// A command that takes members from one end of one set.
#[derive(Debug)]
pub struct Pop<'a, W> {
    pub key: &'a [u8],
    /// Nothing: one, and the reply is that pair alone.
    pub count: Option<u64>,
    way: PhantomData<W>,
}

impl<'a, W> Pop<'a, W> {
    /// Takes up to `count` members.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), count: u64) -> Self {
        Self { key: key.as_ref(), count: Some(count), way: PhantomData }
    }
}

/// What a pop returns.
pub struct Popped {
    taken: Option<Taken>,
    single: bool,
}

impl Emit for Popped {
    fn emit(self, to: &mut dyn Sink) {
        match self.taken {
            None => to.array(0),
            Some(Taken::Some(pairs)) if self.single => {
                to.array(pairs.len() * 2);
                for (member, score) in pairs {
                    to.bytes(&member);
                    to.float(score);
                }
            }
            Some(taken) => Shown::from(taken).emit(to),
        }
    }
}

impl From<Popped> for Members {
    fn from(popped: Popped) -> Self {
        popped.taken.map_or_else(Shown::nothing, Shown::from).into()
    }
}

/// The facts that both share.
pub const fn spec(id: u16, name: &'static str, summary: &'static str) -> Spec {
    Spec {
        id,
        name,
        usage: "key [count]",
        arity: -2,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "5.0.0",
        complexity: "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.",
        summary,
    }
}

impl<'a, W: Way + 'static> Command<'a> for Pop<'a, W> {
    const SPEC: Spec = W::SPEC;
    type Owned = Members;
    type Out<'k> = Popped;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        if args.len() > 1 {
            // Noticed before a bad count.
            return Err(Error::syntax());
        }
        let count = if args.is_empty() { None } else { Some(count::unsigned(args)?) };
        Ok(Self { key, count, way: PhantomData })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Popped> {
        let taken = Taken::from(view, self.key, W::ORDER, self.count.unwrap_or(1))?;
        Ok(Popped { taken, single: self.count.is_none() })
    }

    fn log(&self, popped: &Popped, rec: &mut Record, _now_ms: u64) {
        if let Some(taken) = &popped.taken {
            taken.log(self.key, W::ORDER, rec);
        }
    }
}
