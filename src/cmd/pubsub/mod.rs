//! Commands about publishing and subscribing.
use super::Row;

pub mod about;
pub mod psubscribe;
pub mod publish;
pub mod punsubscribe;
pub mod spublish;
pub mod ssubscribe;
pub mod subscribe;
pub mod subscriptions;
pub mod sunsubscribe;
pub mod unsubscribe;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &about::ROW,
    &about::channels::ROW,
    &about::help::ROW,
    &about::numpat::ROW,
    &about::numsub::ROW,
    &about::shardchannels::ROW,
    &about::shardnumsub::ROW,
    &psubscribe::ROW,
    &publish::ROW,
    &punsubscribe::ROW,
    &spublish::ROW,
    &ssubscribe::ROW,
    &subscribe::ROW,
    &sunsubscribe::ROW,
    &unsubscribe::ROW,
];
