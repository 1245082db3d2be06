//! SRANDMEMBER: members drawn at random.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
    },
    cmd::{
        Command, Group, READ, Spec,
        args::{count, draw::Draw},
        held::{Kept, Reading, Shown},
    },
    keyspace::view::View,
    value::{Set, set::Member},
};

/// `SRANDMEMBER key [count]`. Returns a member, or nothing; with a count so many different members, or, when it is
/// negative, so many draws of which each may return any member.
#[derive(Debug, Clone, Copy)]
pub struct SRandMember<'a> {
    pub key: &'a [u8],
    pub count: Option<i64>,
}

impl Reading<Set> for Draw {
    fn write(&self, set: Option<&Set>, to: &mut dyn Sink) {
        to.array(self.len(set.map_or(0, Set::len)));
        set.into_iter().for_each(|set| self.members(set, |member| to.bytes(&member)));
    }
}

impl Draw {
    fn members(&self, set: &Set, visit: impl FnMut(Member<'_>)) {
        self.each(set.iter(), |count, rng| set.sample(count, rng), |rng| set.random(rng), visit);
    }
}

impl Kept<Set, Draw> {
    /// The members that were drawn.
    pub fn members(&self) -> Vec<Bytes> {
        let mut members = Vec::new();
        if let Some(set) = &self.value {
            self.reading.members(set, |member| members.push(Bytes::copy(&member)));
        }
        members
    }
}

/// A member, or several.
pub enum Drawn<'k> {
    One(Option<Member<'k>>),
    Several(Shown<'k, Set, Draw>),
}

impl Emit for Drawn<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::One(None) => to.nil(),
            Self::One(Some(member)) => to.bytes(&member),
            Self::Several(members) => members.emit(to),
        }
    }
}

/// The same for typed callers.
pub enum Owned {
    One(Option<Bytes>),
    Several(Kept<Set, Draw>),
}

impl Owned {
    /// The members that were drawn.
    pub fn members(self) -> Vec<Bytes> {
        match self {
            Self::One(member) => member.into_iter().collect(),
            Self::Several(members) => members.members(),
        }
    }
}

impl From<Drawn<'_>> for Owned {
    fn from(drawn: Drawn<'_>) -> Self {
        match drawn {
            Drawn::One(member) => Self::One(member.map(|member| Bytes::copy(&member))),
            Drawn::Several(members) => Self::Several(members.into()),
        }
    }
}

impl<'a> Command<'a> for SRandMember<'a> {
    const SPEC: Spec = Spec {
        id: 0x0509,
        name: "SRANDMEMBER",
        usage: "key [count]",
        arity: -2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Set,
        since: "1.0.0",
        complexity: "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
        summary: "Gets one or multiple random members from a set.",
    };
    type Owned = Owned;
    type Out<'k> = Drawn<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        match args.len() {
            0 => Ok(Self { key, count: None }),
            1 => Ok(Self { key, count: Some(count::signed(args)?) }),
            _ => Err(Error::syntax()),
        }
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Drawn<'k>> {
        let mut rng = view.rng();
        let set = view.get::<Set>(self.key)?;
        let Some(count) = self.count else {
            return Ok(Drawn::One(set.and_then(|set| set.random(&mut rng))));
        };
        let (draw, len) = (Draw::new(count, rng), set.map_or(0, Set::len));
        draw.check(len)?;
        Ok(Drawn::Several(Shown::new(set, draw.len(len), draw)))
    }
}

crate::cmd::row!(SRandMember<'_>);
