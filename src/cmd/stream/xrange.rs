//! XRANGE: the entries between two IDs.
use super::interval::{Interval, Way};
use crate::cmd::{Group, READ, Spec};

/// `XRANGE key start end [COUNT count]`. Returns the entries between two IDs; `-` and `+` are the least and the greatest, `(` in front of
/// an ID leaves it out.
pub type XRange<'a> = Interval<'a, XRangeWay>;

/// See [`XRange`].
#[derive(Debug, Clone, Copy)]
pub struct XRangeWay;

impl Way for XRangeWay {
    const SPEC: Spec = Spec {
        id: 0x0A03,
        name: "XRANGE",
        usage: "key start end [COUNT count]",
        arity: -4,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
        summary: "Returns the messages from a stream within a range of IDs.",
    };
    const BACKWARD: bool = false;
}

crate::cmd::row!(XRange<'_>);
