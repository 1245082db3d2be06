//! ZLEXCOUNT: how many members of one score are in a range.
use super::{
    counted::{Counted, Way, spec},
    select::Measure,
};
use crate::cmd::Spec;

/// `ZLEXCOUNT key min max`. Returns the number of members.
pub type ZLexCount<'a> = Counted<'a, ZLexCountWay>;

/// See [`ZLexCount`].
#[derive(Debug)]
pub struct ZLexCountWay;

impl Way for ZLexCountWay {
    const SPEC: Spec = spec(
        0x0608,
        "ZLEXCOUNT",
        "2.8.9",
        "Returns the number of members in a sorted set within a lexicographical range.",
    );
    const MEASURE: Measure = Measure::Member;
}

crate::cmd::row!(ZLexCount<'_>);
