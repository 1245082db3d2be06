//! Commands about the database as a whole.
use super::Row;

pub mod bgrewriteaof;
pub mod bgsave;
pub mod command;
pub mod config;
pub mod debug;
pub mod info;
pub mod lastsave;
pub mod memory;
pub mod monitor;
pub mod role;
pub mod save;
pub mod time;

/// The family's table. Names with subcommands have tables of their own.
pub static ROWS: &[&Row] = &[
    &bgrewriteaof::ROW,
    &bgsave::ROW,
    &debug::ROW,
    &info::ROW,
    &lastsave::ROW,
    &monitor::ROW,
    &role::ROW,
    &save::ROW,
    &time::ROW,
];
