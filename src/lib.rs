//! TenonDB: Redis's data structures as a library.
pub(crate) mod api;
pub(crate) mod base;
pub(crate) mod cmd;
pub(crate) mod ds;
pub(crate) mod engine;
pub(crate) mod keyspace;
pub mod resp;
pub(crate) mod value;

pub use api::{
    call::commands, command, hashes::Hashes, keys::Keys, lists::Lists, sets::Sets, sorted_sets::SortedSets,
    strings::Strings,
};
pub use base::{
    bytes::Bytes,
    clock::Clock,
    error::{Error, Kind, Result},
    hash::fix_seed as fix_hash_seed,
    limits::Encodings,
    reply::Reply,
    settings::{DebugAccess, OutputLimit, Settings},
};
pub use cmd::{
    Run, Spec,
    args::aggregate::Aggregate,
    key::r#type::Type,
    list::{Side, linsert::Beside},
    usage::Usage,
    zset::{
        algebra::Operands, select::Select, zadd::ZAdd, zinter::ZInter, zinterstore::ZInterStore,
        zunion::ZUnion, zunionstore::ZUnionStore,
    },
};
pub use engine::{Db, batch::Batch, options::Options, txn::Txn};

/// Commands with options, to be built and given to [`Run::run`].
///
/// ```
/// use tenondb::{Db, Run, op};
/// let db = Db::memory();
/// let locked = db.run(op::Set::new("lock", "me").only_new().expire_in_ms(10_000))?;
/// assert!(locked.set);
/// # Ok::<(), tenondb::Error>(())
/// ```
pub mod op {
    pub use crate::cmd::{
        key::{
            copy::Copy,
            expire::Expire,
            expireat::ExpireAt,
            pexpire::PExpire,
            pexpireat::PExpireAt,
            remaining::Left,
            scan::{Page, Scan},
            sort::Sort,
        },
        string::{
            common::Match,
            getex::GetEx,
            lcs::{Common, Lcs},
            msetex::MSetEx,
            piece::Part,
            set::{Done, Set},
        },
    };
}
