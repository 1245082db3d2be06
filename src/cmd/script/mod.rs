//! Scripts: EVAL and its kin, SCRIPT.
use super::Row;

pub mod call;
pub mod eval;
pub mod eval_ro;
pub mod evalsha;
pub mod evalsha_ro;
pub mod kept;

/// The family's table.
pub static ROWS: &[&Row] = &[&eval::ROW, &eval_ro::ROW, &evalsha::ROW, &evalsha_ro::ROW];
