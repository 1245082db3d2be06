//! Stream commands.
use super::Row;
pub use crate::value::stream::{References, StreamId};

pub mod ids;
pub mod interval;
pub mod listing;
pub mod options;
pub mod progress;
pub mod refused;
pub mod taking;
pub mod verdicts;
pub mod wait;
pub mod xack;
pub mod xackdel;
pub mod xadd;
pub mod xautoclaim;
pub mod xclaim;
pub mod xdel;
pub mod xdelex;
pub mod xgroup;
pub mod xgroup_create;
pub mod xgroup_createconsumer;
pub mod xgroup_delconsumer;
pub mod xgroup_destroy;
pub mod xgroup_help;
pub mod xgroup_setid;
pub mod xinfo;
pub mod xinfo_consumers;
pub mod xinfo_groups;
pub mod xinfo_help;
pub mod xinfo_stream;
pub mod xlen;
pub mod xpending;
pub mod xrange;
pub mod xread;
pub mod xreadgroup;
pub mod xrevrange;
pub mod xsetid;
pub mod xtrim;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &xack::ROW,
    &xackdel::ROW,
    &xadd::ROW,
    &xautoclaim::ROW,
    &xclaim::ROW,
    &xdel::ROW,
    &xdelex::ROW,
    &xgroup::ROW,
    &xgroup_create::ROW,
    &xgroup_createconsumer::ROW,
    &xgroup_delconsumer::ROW,
    &xgroup_destroy::ROW,
    &xgroup_help::ROW,
    &xgroup_setid::ROW,
    &xinfo::ROW,
    &xinfo_consumers::ROW,
    &xinfo_groups::ROW,
    &xinfo_help::ROW,
    &xinfo_stream::ROW,
    &xlen::ROW,
    &xpending::ROW,
    &xrange::ROW,
    &xread::ROW,
    &xreadgroup::ROW,
    &xrevrange::ROW,
    &xsetid::ROW,
    &xtrim::ROW,
];
