//! ZRANGEBYSCORE: a range of scores.
use super::{
    ranged::{Ranged, Way, spec},
    select::Measure,
};
use crate::{cmd::Spec, value::zset::Order};

/// `ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]`. Returns members by score.
pub type ZRangeByScore<'a> = Ranged<'a, ZRangeByScoreWay>;

/// See [`ZRangeByScore`].
#[derive(Debug)]
pub struct ZRangeByScoreWay;

impl Way for ZRangeByScoreWay {
    const SPEC: Spec = spec(
        0x060E,
        "ZRANGEBYSCORE",
        "key min max [WITHSCORES] [LIMIT offset count]",
        "1.0.5",
        "Returns members in a sorted set within a range of scores.",
    );
    const MEASURE: Option<Measure> = Some(Measure::Score);
    const ORDER: Option<Order> = Some(Order::Ascending);
}

crate::cmd::row!(ZRangeByScore<'_>);
