//! Commands about keys of any type.
use super::Row;
use crate::base::error::Error;

pub mod about;
pub mod copy;
pub mod dbsize;
pub mod deadline;
pub mod del;
pub mod dump;
pub mod elements;
pub mod encoding;
pub mod exists;
pub mod expire;
pub mod expireat;
pub mod expiretime;
pub mod flush;
pub mod flushall;
pub mod flushdb;
pub mod freq;
pub mod help;
pub mod idletime;
pub mod keys;
pub mod r#move;
pub mod object;
pub mod pattern;
pub mod persist;
pub mod pexpire;
pub mod pexpireat;
pub mod pexpiretime;
pub mod pttl;
pub mod randomkey;
pub mod refcount;
pub mod remaining;
pub mod rename;
pub mod renamenx;
pub mod restore;
pub mod scan;
pub mod sort;
pub mod sort_ro;
pub mod swapdb;
pub mod touch;
pub mod ttl;
pub mod r#type;
pub mod unlink;
pub mod wait;
pub mod waitaof;

/// The family's table.
pub static ROWS: &[&Row] = &[
    &copy::ROW,
    &dbsize::ROW,
    &del::ROW,
    &dump::ROW,
    &encoding::ROW,
    &exists::ROW,
    &expire::ROW,
    &expireat::ROW,
    &expiretime::ROW,
    &flushall::ROW,
    &flushdb::ROW,
    &freq::ROW,
    &help::ROW,
    &idletime::ROW,
    &keys::ROW,
    &r#move::ROW,
    &object::ROW,
    &persist::ROW,
    &pexpire::ROW,
    &pexpireat::ROW,
    &pexpiretime::ROW,
    &pttl::ROW,
    &randomkey::ROW,
    &refcount::ROW,
    &rename::ROW,
    &renamenx::ROW,
    &restore::ROW,
    &scan::ROW,
    &sort::ROW,
    &sort_ro::ROW,
    &swapdb::ROW,
    &touch::ROW,
    &ttl::ROW,
    &r#type::ROW,
    &unlink::ROW,
    &wait::ROW,
    &waitaof::ROW,
];

/// COPY and MOVE onto the key itself.
#[cold]
fn same_object() -> Error {
    Error::command("ERR source and destination objects are the same")
}
