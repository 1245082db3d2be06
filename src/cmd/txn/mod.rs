//! MULTI, EXEC and their kin.
use super::Row;

pub mod discard;
pub mod exec;
pub mod multi;
pub mod steps;
pub mod unwatch;
pub mod watch;

/// The family's table.
pub static ROWS: &[&Row] = &[&discard::ROW, &exec::ROW, &multi::ROW, &unwatch::ROW, &watch::ROW];
