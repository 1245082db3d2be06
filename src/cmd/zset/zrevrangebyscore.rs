//! ZREVRANGEBYSCORE: a range of scores, highest first.
use super::{
    ranged::{Ranged, Way, spec},
    select::Measure,
};
use crate::{cmd::Spec, value::zset::Order};

/// `ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]`. Returns members by score.
pub type ZRevRangeByScore<'a> = Ranged<'a, ZRevRangeByScoreWay>;

/// See [`ZRevRangeByScore`].
#[derive(Debug)]
pub struct ZRevRangeByScoreWay;

impl Way for ZRevRangeByScoreWay {
    const SPEC: Spec = spec(
        0x060F,
        "ZREVRANGEBYSCORE",
        "key max min [WITHSCORES] [LIMIT offset count]",
        "2.2.0",
        "Returns members in a sorted set within a range of scores in reverse order.",
    );
    const MEASURE: Option<Measure> = Some(Measure::Score);
    const ORDER: Option<Order> = Some(Order::Descending);
}

crate::cmd::row!(ZRevRangeByScore<'_>);
