//! Commands about the database as a whole.
use super::Row;

/// The family's table.
pub static ROWS: &[&Row] = &[];
