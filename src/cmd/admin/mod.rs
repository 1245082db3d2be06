//! Commands about the database as a whole.
use super::Row;

pub mod command;
pub mod config;
pub mod debug;
pub mod info;
pub mod memory;
pub mod role;
pub mod time;

/// The family's table. Names with subcommands have tables of their own.
pub static ROWS: &[&Row] = &[&debug::ROW, &info::ROW, &role::ROW, &time::ROW];
