//! ZRANGE: a range of members, however it is measured.
use super::{
    ranged::{Ranged, Way, spec},
    select::Measure,
};
use crate::{cmd::Spec, value::zset::Order};

/// `ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]`. Returns members by rank, by score or by member.
pub type ZRange<'a> = Ranged<'a, ZRangeWay>;

/// See [`ZRange`].
#[derive(Debug)]
pub struct ZRangeWay;

impl Way for ZRangeWay {
    const SPEC: Spec = spec(
        0x060B,
        "ZRANGE",
        "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
        "1.2.0",
        "Returns members in a sorted set within a range of indexes.",
    );
    const MEASURE: Option<Measure> = None;
    const ORDER: Option<Order> = None;
}

crate::cmd::row!(ZRange<'_>);
