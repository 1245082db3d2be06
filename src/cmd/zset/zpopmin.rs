//! ZPOPMIN: takes the members with the lowest scores.
use super::pop::{Pop, Way, spec};
use crate::{cmd::Spec, value::zset::Order};

/// `ZPOPMIN key [count]`. Returns the members it removed.
pub type ZPopMin<'a> = Pop<'a, ZPopMinWay>;

/// See [`ZPopMin`].
#[derive(Debug)]
pub struct ZPopMinWay;

impl Way for ZPopMinWay {
    const SPEC: Spec = spec(
        0x0615,
        "ZPOPMIN",
        "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
    );
    const ORDER: Order = Order::Ascending;
}

crate::cmd::row!(ZPopMin<'_>);
