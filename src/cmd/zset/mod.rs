//! Sorted-set commands.
//!
//! Commands that differ by a word share one implementation: [`ranged`] returns ranges, [`cut`] removes them, [`counted`]
//! counts them; [`place`] tells ranks; [`pop`] takes from the ends, and [`blocking`] waits for them; [`algebra`] unites, intersects and subtracts.
use super::Row;
use crate::base::error::{Error, Kind};

pub mod algebra;
pub mod blocking;
pub mod bzmpop;
pub mod bzpopmax;
pub mod bzpopmin;
pub mod combined;
pub mod counted;
pub mod cut;
pub mod members;
pub mod place;
pub mod pop;
pub mod ranged;
pub mod select;
pub mod stored;

pub mod zadd;
pub mod zcard;
pub mod zcount;
pub mod zdiff;
pub mod zdiffstore;
pub mod zincrby;
pub mod zinter;
pub mod zintercard;
pub mod zinterstore;
pub mod zlexcount;
pub mod zmpop;
pub mod zmscore;
pub mod zpopmax;
pub mod zpopmin;

pub mod zrandmember;
pub mod zrange;
pub mod zrangebylex;
pub mod zrangebyscore;
pub mod zrangestore;
pub mod zrank;
pub mod zrem;
pub mod zremrangebylex;
pub mod zremrangebyrank;
pub mod zremrangebyscore;
pub mod zrevrange;
pub mod zrevrangebylex;
pub mod zrevrangebyscore;
pub mod zrevrank;

pub mod zscan;
pub mod zscore;
pub mod zunion;
pub mod zunionstore;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &bzmpop::ROW,
    &bzpopmax::ROW,
    &bzpopmin::ROW,
    &zadd::ROW,
    &zcard::ROW,
    &zcount::ROW,
    &zdiff::ROW,
    &zdiffstore::ROW,
    &zincrby::ROW,
    &zinter::ROW,
    &zintercard::ROW,
    &zinterstore::ROW,
    &zlexcount::ROW,
    &zmpop::ROW,
    &zmscore::ROW,
    &zpopmax::ROW,
    &zpopmin::ROW,
    &zrandmember::ROW,
    &zrange::ROW,
    &zrangebylex::ROW,
    &zrangebyscore::ROW,
    &zrangestore::ROW,
    &zrank::ROW,
    &zrem::ROW,
    &zremrangebylex::ROW,
    &zremrangebyrank::ROW,
    &zremrangebyscore::ROW,
    &zrevrange::ROW,
    &zrevrangebylex::ROW,
    &zrevrangebyscore::ROW,
    &zrevrank::ROW,
    &zscan::ROW,
    &zscore::ROW,
    &zunion::ROW,
    &zunionstore::ROW,
];

/// What a set says to one member too many: there is an end after 32 GiB of them.
#[cold]
fn full() -> Error {
    Error::new(Kind::Limit, "OOM this sorted set is as large as one can be")
}
