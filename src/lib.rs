//! TenonDB: Redis's data structures as a library.
//!
//! A [`Db`] is a handle of a database inside your process: cheap to clone, usable from many threads at once. Its methods are
//! Redis's commands, by the traits [`Strings`], [`Keys`], [`Lists`], [`Hashes`], [`Sets`], [`SortedSets`] and [`Streams`]; options are
//! built with [`op`]; any command can be called by its words with [`Db::call`].
//!
//! - **Atomic steps:** every command is one. [`Db::batch`] makes one of many commands, [`Db::transaction`] of a closure that reads,
//!   decides and writes.
//! - **Errors** are one type, [`Error`]: its [`Kind`] says what to do next, its text is Redis's.
//! - **Time and chance** come from [`Options`]: a test sets the [`Clock`] and the seed.
//! - **Durability:** [`Db::open`] keeps a database in a directory. Writes wait for the disk under [`Fsync::Always`] and by
//!   [`Db::durable`] only.
//! - **Blocking:** commands wait for the locks of their keys, microseconds, and for the disk where durability says so.
//! - **Panics:** none is meant; one inside a command is caught and answered as [`Kind::Internal`].
//!
//! A connection that speaks RESP without a socket is [`resp::Conn`].
#![doc = "\n# The README\n"]
#![doc = include_str!("../README.md")]
pub(crate) mod api;
pub(crate) mod base;
pub(crate) mod cmd;
pub(crate) mod ds;
pub(crate) mod engine;
pub(crate) mod keyspace;
pub mod resp;
#[cfg(feature = "lua")]
pub(crate) mod script;
pub(crate) mod store;
pub(crate) mod value;

pub use api::{
    call::commands,
    channels::Channels,
    hashes::Hashes,
    keys::Keys,
    lists::Lists,
    op,
    pending_call::PendingCall,
    sets::Sets,
    sorted_sets::SortedSets,
    streams::Streams,
    strings::Strings,
    subscriptions::{Message, SubscribeOptions, Subscription},
    wait::Pending,
    watch::{Invalidation, PrefixWatch, WatchOptions},
};
#[cfg(tenon_model)]
#[doc(hidden)]
pub use base::sync::timed::TimedMutex as ExploredMutex;
pub use base::{
    bytes::Bytes,
    clock::Clock,
    error::{Error, Kind, Result},
    events::Classes as EventClasses,
    hash::fix_seed as fix_hash_seed,
    host::Attention,
    limits::Encodings,
    reply::Reply,
    settings::{DebugAccess, Fsync, OutputLimit, Settings},
};
pub use cmd::{
    Run, Spec,
    args::{aggregate::Aggregate, timeout::Timeout},
    flags,
    key::r#type::Type,
    list::{Side, linsert::Beside},
    session::mailbox::{Overflow, Topic},
    stream::{
        StreamId,
        listing::StreamEntry,
        options::Trimming,
        xadd::{NewId, XAdd},
        xautoclaim::XAutoClaim,
        xclaim::XClaim,
        xread::XRead,
        xreadgroup::XReadGroup,
    },
    usage::Usage,
    wait::Blocking,
    zset::{
        algebra::Operands, select::Select, zadd::ZAdd, zinter::ZInter, zinterstore::ZInterStore,
        zunion::ZUnion, zunionstore::ZUnionStore,
    },
};
pub use engine::{
    Db,
    batch::Batch,
    open::OpenReport,
    options::{Loading, Options, Progress},
    txn::{OpenTxn, Txn},
};
#[cfg(tenon_model)]
#[doc(hidden)]
pub use store::log::turns::Turns as ExploredTurns;
