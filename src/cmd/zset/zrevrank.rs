//! ZREVRANK: the rank of a member, counted from the highest score.
use super::place::{Place, Way, spec};
use crate::{cmd::Spec, value::zset::Order};

/// `ZREVRANK key member [WITHSCORE]`. Returns the member's rank and score, or nothing.
pub type ZRevRank<'a> = Place<'a, ZRevRankWay>;

/// See [`ZRevRank`].
#[derive(Debug)]
pub struct ZRevRankWay;

impl Way for ZRevRankWay {
    const SPEC: Spec = spec(
        0x060A,
        "ZREVRANK",
        "Returns the index of a member in a sorted set ordered by descending scores.",
    );
    const ORDER: Order = Order::Descending;
}

crate::cmd::row!(ZRevRank<'_>);
