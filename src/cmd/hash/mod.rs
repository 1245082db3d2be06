//! Hash commands.
use super::Row;

pub mod hdel;
pub mod hexists;
pub mod hget;
pub mod hgetall;
pub mod hgetdel;
pub mod hincrby;
pub mod hincrbyfloat;
pub mod hkeys;
pub mod hlen;
pub mod hmget;
pub mod hmset;
pub mod hrandfield;
pub mod hscan;
pub mod hset;
pub mod hsetnx;
pub mod hstrlen;
pub mod hvals;
pub mod listing;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &hdel::ROW,
    &hexists::ROW,
    &hget::ROW,
    &hgetall::ROW,
    &hgetdel::ROW,
    &hincrby::ROW,
    &hincrbyfloat::ROW,
    &hkeys::ROW,
    &hlen::ROW,
    &hmget::ROW,
    &hmset::ROW,
    &hrandfield::ROW,
    &hscan::ROW,
    &hset::ROW,
    &hsetnx::ROW,
    &hstrlen::ROW,
    &hvals::ROW,
];
