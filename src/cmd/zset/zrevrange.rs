//! ZREVRANGE: a range of ranks, highest score first.
use super::{
    ranged::{Ranged, Way, spec},
    select::Measure,
};
use crate::{cmd::Spec, value::zset::Order};

/// `ZREVRANGE key start stop [WITHSCORES]`. Returns members by rank.
pub type ZRevRange<'a> = Ranged<'a, ZRevRangeWay>;

/// See [`ZRevRange`].
#[derive(Debug)]
pub struct ZRevRangeWay;

impl Way for ZRevRangeWay {
    const SPEC: Spec = spec(
        0x060D,
        "ZREVRANGE",
        "key start stop [WITHSCORES]",
        "1.2.0",
        "Returns members in a sorted set within a range of indexes in reverse order.",
    );
    const MEASURE: Option<Measure> = Some(Measure::Rank);
    const ORDER: Option<Order> = Some(Order::Descending);
}

crate::cmd::row!(ZRevRange<'_>);
