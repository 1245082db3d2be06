//! String commands.
use super::Row;
use crate::base::{
    error::{Error, Kind, Result},
    limits::STRING_BYTES_MAX,
};

pub mod append;
pub mod common;
pub mod count;
pub mod decr;
pub mod decrby;
pub mod delifeq;
pub mod get;
pub mod getdel;
pub mod getex;
pub mod getrange;
pub mod getset;
pub mod incr;
pub mod incrby;
pub mod incrbyfloat;
pub mod lcs;
pub mod mget;
pub mod mset;
pub mod msetex;
pub mod msetnx;
pub mod options;
pub mod piece;
pub mod psetex;
pub mod set;
pub mod setex;
pub mod setnx;
pub mod setrange;
pub mod strlen;
pub mod substr;
pub mod timed;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &append::ROW,
    &decr::ROW,
    &decrby::ROW,
    &delifeq::ROW,
    &get::ROW,
    &getdel::ROW,
    &getex::ROW,
    &getrange::ROW,
    &getset::ROW,
    &incr::ROW,
    &incrby::ROW,
    &incrbyfloat::ROW,
    &lcs::ROW,
    &mget::ROW,
    &mset::ROW,
    &msetex::ROW,
    &msetnx::ROW,
    &psetex::ROW,
    &set::ROW,
    &setex::ROW,
    &setnx::ROW,
    &setrange::ROW,
    &strlen::ROW,
    &substr::ROW,
];

/// Fails when a string of `len` and `more` bytes would be too long.
fn fits(len: usize, more: usize) -> Result<()> {
    const TOO_LONG: &str = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    let total = len.checked_add(more).filter(|total| *total <= STRING_BYTES_MAX);
    total.map(drop).ok_or_else(|| Error::new(Kind::Limit, TOO_LONG))
}
