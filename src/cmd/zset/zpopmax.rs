//! ZPOPMAX: takes the members with the highest scores.
use super::pop::{Pop, Way, spec};
use crate::{cmd::Spec, value::zset::Order};

/// `ZPOPMAX key [count]`. Returns the members it removed.
pub type ZPopMax<'a> = Pop<'a, ZPopMaxWay>;

/// See [`ZPopMax`].
#[derive(Debug)]
pub struct ZPopMaxWay;

impl Way for ZPopMaxWay {
    const SPEC: Spec = spec(
        0x0616,
        "ZPOPMAX",
        "Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.",
    );
    const ORDER: Order = Order::Descending;
}

crate::cmd::row!(ZPopMax<'_>);
