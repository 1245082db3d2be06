//! ZREMRANGEBYLEX: removes a range of members of one score.
use super::{
    cut::{Cut, Way, spec},
    select::Measure,
};
use crate::cmd::Spec;

/// `ZREMRANGEBYLEX key min max`. Returns how many were removed.
pub type ZRemRangeByLex<'a> = Cut<'a, ZRemRangeByLexWay>;

/// See [`ZRemRangeByLex`].
#[derive(Debug)]
pub struct ZRemRangeByLexWay;

impl Way for ZRemRangeByLexWay {
    const SPEC: Spec = spec(
        0x0614,
        "ZREMRANGEBYLEX",
        "key min max",
        "2.8.9",
        "Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.",
    );
    const MEASURE: Measure = Measure::Member;
}

crate::cmd::row!(ZRemRangeByLex<'_>);
