//! ZRANK: the rank of a member.
use super::place::{Place, Way, spec};
use crate::{cmd::Spec, value::zset::Order};

/// `ZRANK key member [WITHSCORE]`. Returns the member's rank and score, or nothing.
pub type ZRank<'a> = Place<'a, ZRankWay>;

/// See [`ZRank`].
#[derive(Debug)]
pub struct ZRankWay;

impl Way for ZRankWay {
    const SPEC: Spec =
        spec(0x0609, "ZRANK", "Returns the index of a member in a sorted set ordered by ascending scores.");
    const ORDER: Order = Order::Ascending;
}

crate::cmd::row!(ZRank<'_>);
