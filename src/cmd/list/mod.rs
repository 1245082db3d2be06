//! List commands.
use super::Row;
use crate::base::{
    atom::Args,
    error::{Error, Result},
};
pub use crate::value::list::Side;

pub mod blmove;
pub mod blmpop;
pub mod blocking;
pub mod blpop;
pub mod brpop;
pub mod brpoplpush;
pub mod elements;
pub mod lindex;
pub mod linsert;
pub mod llen;
pub mod lmove;
pub mod lmpop;
pub mod lpop;
pub mod lpos;
pub mod lpush;
pub mod lpushx;
pub mod lrange;
pub mod lrem;
pub mod lset;
pub mod ltrim;
pub mod pop;
pub mod push;
pub mod rpop;
pub mod rpoplpush;
pub mod rpush;
pub mod rpushx;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &blmove::ROW,
    &blmpop::ROW,
    &blpop::ROW,
    &brpop::ROW,
    &brpoplpush::ROW,
    &lindex::ROW,
    &linsert::ROW,
    &llen::ROW,
    &lmove::ROW,
    &lmpop::ROW,
    &lpop::ROW,
    &lpos::ROW,
    &lpush::ROW,
    &lpushx::ROW,
    &lrange::ROW,
    &lrem::ROW,
    &lset::ROW,
    &ltrim::ROW,
    &rpop::ROW,
    &rpoplpush::ROW,
    &rpush::ROW,
    &rpushx::ROW,
];

/// The event of a push to that side.
fn pushed(side: Side) -> &'static str {
    match side {
        Side::Left => "lpush",
        Side::Right => "rpush",
    }
}

/// The event of a pop from that side.
fn popped(side: Side) -> &'static str {
    match side {
        Side::Left => "lpop",
        Side::Right => "rpop",
    }
}

/// Takes `LEFT` or `RIGHT`.
fn side(args: &mut Args<'_>) -> Result<Side> {
    if args.token("LEFT") {
        Ok(Side::Left)
    } else if args.token("RIGHT") {
        Ok(Side::Right)
    } else {
        Err(Error::syntax())
    }
}

/// The word for a side.
fn word(side: Side) -> &'static [u8] {
    match side {
        Side::Left => b"LEFT",
        Side::Right => b"RIGHT",
    }
}
