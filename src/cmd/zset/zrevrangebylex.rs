//! ZREVRANGEBYLEX: a range of members of one score, last first.
use super::{
    ranged::{Ranged, Way, spec},
    select::Measure,
};
use crate::{cmd::Spec, value::zset::Order};

/// `ZREVRANGEBYLEX key max min [LIMIT offset count]`. Returns members by their bytes.
pub type ZRevRangeByLex<'a> = Ranged<'a, ZRevRangeByLexWay>;

/// See [`ZRevRangeByLex`].
#[derive(Debug)]
pub struct ZRevRangeByLexWay;

impl Way for ZRevRangeByLexWay {
    const SPEC: Spec = spec(
        0x0611,
        "ZREVRANGEBYLEX",
        "key max min [LIMIT offset count]",
        "2.8.9",
        "Returns members in a sorted set within a lexicographical range in reverse order.",
    );
    const MEASURE: Option<Measure> = Some(Measure::Member);
    const ORDER: Option<Order> = Some(Order::Descending);
}

crate::cmd::row!(ZRevRangeByLex<'_>);
