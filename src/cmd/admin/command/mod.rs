//! COMMAND: the facts of commands, told by themselves.
use crate::cmd::Row;

mod access;
pub mod all;
mod arguments;
pub mod count;
mod describe;
pub mod docs;
pub mod getkeys;
pub mod getkeysandflags;
pub mod help;
pub mod info;
mod keys;
pub mod list;

/// The command and its subcommands.
pub static ROWS: &[&Row] = &[
    &all::ROW,
    &count::ROW,
    &docs::ROW,
    &getkeys::ROW,
    &getkeysandflags::ROW,
    &help::ROW,
    &info::ROW,
    &list::ROW,
];
