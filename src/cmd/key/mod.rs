//! Commands about keys of any type.
use super::Row;

pub mod del;

/// The family's table.
pub static ROWS: &[&Row] = &[&del::ROW];
