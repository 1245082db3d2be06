//! XREVRANGE: the entries between two IDs, the last one first.
use super::interval::{Interval, Way};
use crate::cmd::{Group, READ, Spec};

/// `XREVRANGE key end start [COUNT count]`. Returns the entries between two IDs, the last one first; `-` and `+` are the least and the greatest, `(` in front of
/// an ID leaves it out.
pub type XRevRange<'a> = Interval<'a, XRevRangeWay>;

/// See [`XRevRange`].
#[derive(Debug, Clone, Copy)]
pub struct XRevRangeWay;

impl Way for XRevRangeWay {
    const SPEC: Spec = Spec {
        id: 0x0A04,
        name: "XREVRANGE",
        usage: "key end start [COUNT count]",
        arity: -4,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Stream,
        since: "5.0.0",
        complexity: "O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
        summary: "Returns the messages from a stream within a range of IDs in reverse order.",
    };
    const BACKWARD: bool = true;
}

crate::cmd::row!(XRevRange<'_>);
