//! TenonDB: Redis's data structures as a library.
#![allow(dead_code)] // while families are being added
pub(crate) mod api;
pub(crate) mod base;
pub(crate) mod cmd;
pub(crate) mod ds;
pub(crate) mod engine;
pub(crate) mod keyspace;
pub mod resp;
pub(crate) mod value;

pub use api::{
    call::commands, hashes::Hashes, lists::Lists, sets::Sets, sorted_sets::SortedSets, strings::Strings,
};
pub use base::{
    bytes::Bytes,
    clock::Clock,
    error::{Error, Kind, Result},
    limits::Encodings,
    reply::Reply,
    settings::{DebugAccess, OutputLimit, Settings},
};
pub use cmd::{
    Run, Spec,
    args::aggregate::Aggregate,
    list::{Side, linsert::Beside},
    usage::Usage,
    zset::{algebra::Operands, select::Select, zadd::ZAdd},
};
pub use engine::{Db, batch::Batch, options::Options, txn::Txn};
