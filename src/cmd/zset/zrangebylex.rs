//! ZRANGEBYLEX: a range of members of one score.
use super::{
    ranged::{Ranged, Way, spec},
    select::Measure,
};
use crate::{cmd::Spec, value::zset::Order};

/// `ZRANGEBYLEX key min max [LIMIT offset count]`. Returns members by their bytes.
pub type ZRangeByLex<'a> = Ranged<'a, ZRangeByLexWay>;

/// See [`ZRangeByLex`].
#[derive(Debug)]
pub struct ZRangeByLexWay;

impl Way for ZRangeByLexWay {
    const SPEC: Spec = spec(
        0x0610,
        "ZRANGEBYLEX",
        "key min max [LIMIT offset count]",
        "2.8.9",
        "Returns members in a sorted set within a lexicographical range.",
    );
    const MEASURE: Option<Measure> = Some(Measure::Member);
    const ORDER: Option<Order> = Some(Order::Ascending);
}

crate::cmd::row!(ZRangeByLex<'_>);
