//! ZREMRANGEBYRANK: removes a range of ranks.
use super::{
    cut::{Cut, Way, spec},
    select::Measure,
};
use crate::cmd::Spec;

/// `ZREMRANGEBYRANK key start stop`. Returns how many were removed.
pub type ZRemRangeByRank<'a> = Cut<'a, ZRemRangeByRankWay>;

/// See [`ZRemRangeByRank`].
#[derive(Debug)]
pub struct ZRemRangeByRankWay;

impl Way for ZRemRangeByRankWay {
    const SPEC: Spec = spec(
        0x0612,
        "ZREMRANGEBYRANK",
        "key start stop",
        "2.0.0",
        "Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.",
    );
    const MEASURE: Measure = Measure::Rank;
}

crate::cmd::row!(ZRemRangeByRank<'_>);
