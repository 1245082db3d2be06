//! ZREMRANGEBYSCORE: removes a range of scores.
use super::{
    cut::{Cut, Way, spec},
    select::Measure,
};
use crate::cmd::Spec;

/// `ZREMRANGEBYSCORE key min max`. Returns how many were removed.
pub type ZRemRangeByScore<'a> = Cut<'a, ZRemRangeByScoreWay>;

/// See [`ZRemRangeByScore`].
#[derive(Debug)]
pub struct ZRemRangeByScoreWay;

impl Way for ZRemRangeByScoreWay {
    const SPEC: Spec = spec(
        0x0613,
        "ZREMRANGEBYSCORE",
        "key min max",
        "1.2.0",
        "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.",
    );
    const MEASURE: Measure = Measure::Score;
}

crate::cmd::row!(ZRemRangeByScore<'_>);
