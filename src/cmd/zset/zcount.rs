//! ZCOUNT: how many scores are in a range.
use super::{
    counted::{Counted, Way, spec},
    select::Measure,
};
use crate::cmd::Spec;

/// `ZCOUNT key min max`. Returns the number of members.
pub type ZCount<'a> = Counted<'a, ZCountWay>;

/// See [`ZCount`].
#[derive(Debug)]
pub struct ZCountWay;

impl Way for ZCountWay {
    const SPEC: Spec = spec(
        0x0607,
        "ZCOUNT",
        "2.0.0",
        "Returns the count of members in a sorted set that have scores within a range.",
    );
    const MEASURE: Measure = Measure::Score;
}

crate::cmd::row!(ZCount<'_>);
