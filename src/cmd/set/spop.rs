//! SPOP: draws members and removes them.
use super::srem::SRem;
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::{Encodings, INLINE_RESULT_LEN_MAX},
        rng::Rng,
    },
    cmd::{
        Command, FAST, Group, Spec, WRITE,
        args::{count, several::Several},
        key::del::Del,
    },
    keyspace::{notes::Classes, view::View},
    value::Set,
};

/// `SPOP key [count]`. Removes a member, or `count` of them, and returns what was removed.
#[derive(Debug, Clone, Copy)]
pub struct SPop<'a> {
    pub key: &'a [u8],
    pub count: Option<u64>,
}

/// What was removed.
pub struct Popped {
    members: Members,
    /// Nothing is left of the set.
    all: bool,
}

enum Members {
    /// Without a count.
    One(Option<Bytes>),
    Few(Vec<Bytes>),
    /// What was a set goes as a set.
    Many(Set),
}

impl Popped {
    /// Visits what was removed.
    fn each(&self, visit: &mut dyn FnMut(&[u8])) {
        match &self.members {
            Members::One(one) => one.iter().for_each(|member| visit(member)),
            Members::Few(few) => few.iter().for_each(|member| visit(member)),
            Members::Many(set) => set.iter().for_each(|member| visit(&member)),
        }
    }

    fn len(&self) -> usize {
        match &self.members {
            Members::One(one) => one.iter().len(),
            Members::Few(few) => few.len(),
            Members::Many(set) => set.len(),
        }
    }

    /// Returns what was removed.
    pub fn to_vec(&self) -> Vec<Bytes> {
        let mut all = Vec::with_capacity(self.len());
        self.each(&mut |member| all.push(Bytes::copy(member)));
        all
    }

    fn write(&self, to: &mut dyn Sink) {
        to.set(self.len());
        self.each(&mut |member| to.bytes(member));
    }
}

impl Emit for Popped {
    fn emit(self, to: &mut dyn Sink) {
        match self.members {
            Members::One(one) => one.emit(to),
            _ if self.len() <= INLINE_RESULT_LEN_MAX => self.write(to),
            _ => to.later(Box::new(move |to: &mut dyn Sink| self.write(to))),
        }
    }
}

/// Removes `count` members of a set that has more.
fn pop(set: &mut Set, count: usize, rng: &mut Rng, limits: &Encodings) -> Members {
    // Redis's own threshold: when little remains, what remains is drawn and becomes a new set.
    const MUCH: usize = 5;
    let remaining = set.len() - count;
    if remaining.saturating_mul(MUCH) > count {
        let few: Vec<Bytes> = set.sample(count, rng).iter().map(|member| Bytes::copy(member)).collect();
        few.iter().for_each(|member| {
            set.remove(member);
        });
        return Members::Few(few);
    }
    let mut rest = Set::new();
    if set.encoding() != "intset" {
        // Redis goes on with a listpack here, also when integers alone remain.
        rest.expect(b"", 1, limits);
    }
    set.sample(remaining, rng).iter().for_each(|member| {
        rest.insert(member, limits);
    });
    rest.iter().for_each(|member| {
        set.remove(&member);
    });
    Members::Many(std::mem::replace(set, rest))
}

impl<'a> Command<'a> for SPop<'a> {
    const SPEC: Spec = Spec {
        id: 0x0508,
        name: "SPOP",
        usage: "key [count]",
        arity: -2,
        flags: WRITE | FAST,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
        summary: "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.",
    };
    type Owned = Popped;
    type Out<'k> = Popped;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        match args.len() {
            0 => Ok(Self { key, count: None }),
            1 => Ok(Self { key, count: Some(count::unsigned(args)?) }),
            _ => Err(Error::syntax()),
        }
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Popped> {
        let mut rng = view.rng();
        let Some(mut set) = view.get_mut::<Set>(self.key)? else {
            let none = self.count.map_or(Members::One(None), |_| Members::Few(Vec::new()));
            return Ok(Popped { members: none, all: false });
        };
        let limits = set.limits();
        let count = self.count.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let members = match count {
            None => Members::One(set.pop(&mut rng).map(Bytes::from)),
            Some(0) => {
                set.unchanged();
                Members::Few(Vec::new())
            }
            Some(count) if count >= set.len() => Members::Many(std::mem::take(&mut *set)),
            Some(count) => pop(&mut set, count, &mut rng, &limits),
        };
        if count != Some(0) {
            set.notify(Classes::SET, "spop");
        }
        Ok(Popped { members, all: set.is_empty() })
    }

    fn log(&self, popped: &Popped, rec: &mut Record, now_ms: u64) {
        if popped.all {
            Del::record(rec, self.key);
        } else if popped.len() > 0 {
            let members = popped.to_vec();
            SRem { key: self.key, members: Several::of(&members) }.log(&(members.len() as u64), rec, now_ms);
        }
    }
}

crate::cmd::row!(SPop<'_>);
