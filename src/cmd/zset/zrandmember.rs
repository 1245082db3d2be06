//! ZRANDMEMBER: members drawn at random.
use super::members::{Members, Pairs, Shown};
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::INLINE_RESULT_LEN_MAX,
        rng::Rng,
    },
    cmd::{
        Command, Group, READ, Spec,
        args::{count, draw::Draw},
    },
    keyspace::view::View,
    value::{ZSet, zset::Range},
};

/// `ZRANDMEMBER key [count [WITHSCORES]]`. Returns a member, or nothing; with a count so many different members, or, when
/// it is negative, so many draws of which each may return any member.
#[derive(Debug, Clone, Copy)]
pub struct ZRandMember<'a> {
    pub key: &'a [u8],
    pub count: Option<i64>,
    /// `WITHSCORES`: the reply has the scores too. The typed result always has them.
    pub scores: bool,
}

/// A member, or several.
pub enum Drawn<'k> {
    One(Option<(&'k [u8], f64)>),
    Several(Shown<'k>),
}

impl Emit for Drawn<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::One(pair) => pair.map(|(member, _)| member).emit(to),
            Self::Several(members) => members.emit(to),
        }
    }
}

impl From<Drawn<'_>> for Members {
    fn from(drawn: Drawn<'_>) -> Self {
        match drawn {
            Drawn::One(pair) => {
                let own = |(member, score)| (Bytes::copy(member), score);
                Shown::made(pair.map(own).into_iter().collect(), true).into()
            }
            Drawn::Several(members) => members.into(),
        }
    }
}

fn draw<'a>(
    draw: &Draw,
    all: Range<'a>,
    sample: impl FnOnce(usize, &mut Rng) -> Vec<(&'a [u8], f64)>,
    one: impl FnMut(&mut Rng) -> Option<(&'a [u8], f64)>,
) -> Pairs {
    let mut pairs = Vec::with_capacity(draw.len(all.len()));
    draw.each(all, sample, one, |(member, score)| pairs.push((Bytes::copy(member), score)));
    pairs
}

impl<'a> Command<'a> for ZRandMember<'a> {
    const SPEC: Spec = Spec {
        id: 0x0618,
        name: "ZRANDMEMBER",
        usage: "key [count [WITHSCORES]]",
        arity: -2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::SortedSet,
        since: "6.2.0",
        complexity: "O(N) where N is the number of members returned",
        summary: "Returns one or more random members from a sorted set.",
    };
    type Owned = Members;
    type Out<'k> = Drawn<'k>;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let key = args.bytes()?;
        if args.is_empty() {
            return Ok(Self { key, count: None, scores: false });
        }
        let count = count::signed(args)?;
        let scores = args.token("WITHSCORES");
        args.finish()?;
        if scores && count.unsigned_abs() > i64::MAX as u64 / 2 {
            return Err(Error::command("ERR value is out of range"));
        }
        Ok(Self { key, count: Some(count), scores })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Drawn<'k>> {
        let mut rng = view.rng();
        let set = view.get::<ZSet>(self.key)?;
        let Some(count) = self.count else {
            return Ok(Drawn::One(set.and_then(|set| set.random(&mut rng))));
        };
        let wanted = Draw::new(count, rng);
        let len = set.map_or(0, ZSet::len);
        wanted.check(len)?;
        let Some(set) = set else { return Ok(Drawn::Several(Shown::nothing())) };
        if wanted.len(len) <= INLINE_RESULT_LEN_MAX {
            let pairs = draw(&wanted, set.iter(), |n, rng| set.sample(n, rng), |rng| set.random(rng));
            return Ok(Drawn::Several(Shown::made(pairs, self.scores)));
        }
        let set = set.ordered();
        let search =
            move || draw(&wanted, set.range(0..len), |n, rng| set.sample(n, rng), |rng| set.random(rng));
        Ok(Drawn::Several(Shown::search(Box::new(search), self.scores)))
    }
}

crate::cmd::row!(ZRandMember<'_>);
