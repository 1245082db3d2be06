//! Set commands.
use super::Row;

pub mod algebra;
pub mod combination;
pub mod sadd;
pub mod scard;
pub mod sdiff;
pub mod sdiffstore;
pub mod sinter;
pub mod sintercard;
pub mod sinterstore;
pub mod sismember;
pub mod smembers;
pub mod smismember;
pub mod smove;
pub mod spop;
pub mod srandmember;
pub mod srem;
pub mod sscan;
pub mod stored;
pub mod sunion;
pub mod sunionstore;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &sadd::ROW,
    &scard::ROW,
    &sdiff::ROW,
    &sdiffstore::ROW,
    &sinter::ROW,
    &sintercard::ROW,
    &sinterstore::ROW,
    &sismember::ROW,
    &smembers::ROW,
    &smismember::ROW,
    &smove::ROW,
    &spop::ROW,
    &srandmember::ROW,
    &srem::ROW,
    &sscan::ROW,
    &sunion::ROW,
    &sunionstore::ROW,
];
