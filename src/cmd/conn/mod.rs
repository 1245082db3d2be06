//! Commands about the connection.
use super::Row;

pub mod ping;
pub mod select;

/// The family's table.
pub static ROWS: &[&Row] = &[&ping::ROW, &select::ROW];
