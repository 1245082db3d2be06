//! String commands.
use super::Row;

pub mod get;
pub mod mset;
pub mod set;

/// The family's table.
pub static ROWS: &[&Row] = &[&get::ROW, &mset::ROW, &set::ROW];
