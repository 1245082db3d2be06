//! Every command as a value: `db.run(command::string::Set::new("k", "v").only_new())`. One struct a command, with
//! builders for its options; what it returns is its `Owned` type.

/// String commands.
pub mod string {
    pub use crate::cmd::{
        string::append::Append,
        string::decr::Decr,
        string::decrby::DecrBy,
        string::delifeq::DelIfEq,
        string::get::{Found, Get},
        string::getdel::GetDel,
        string::getex::{GetEx, Got},
        string::getrange::GetRange,
        string::getset::GetSet,
        string::incr::Incr,
        string::incrby::IncrBy,
        string::incrbyfloat::IncrByFloat,
        string::lcs::{Ask, Common, Lcs},
        string::mget::MGet,
        string::mset::MSet,
        string::msetex::MSetEx,
        string::msetnx::MSetNx,
        string::psetex::{Milliseconds, PSetEx},
        string::set::Set,
        string::setex::{Seconds, SetEx},
        string::setnx::SetNx,
        string::setrange::SetRange,
        string::strlen::StrLen,
        string::substr::SubStr,
    };
}

/// Commands about keys of any type.
pub mod key {
    pub use crate::cmd::{
        key::copy::Copy,
        key::dbsize::DbSize,
        key::del::Del,
        key::encoding::{Encoding, ObjectEncoding},
        key::exists::Exists,
        key::expire::Expire,
        key::expireat::ExpireAt,
        key::expiretime::ExpireTime,
        key::flushall::FlushAll,
        key::flushdb::FlushDb,
        key::freq::ObjectFreq,
        key::help::{Help, ObjectHelp},
        key::idletime::ObjectIdleTime,
        key::keys::{Found, Keys},
        key::r#move::Move,
        key::persist::Persist,
        key::pexpire::PExpire,
        key::pexpireat::PExpireAt,
        key::pexpiretime::PExpireTime,
        key::pttl::PTtl,
        key::randomkey::RandomKey,
        key::refcount::ObjectRefCount,
        key::rename::Rename,
        key::renamenx::RenameNx,
        key::scan::{Page, Scan, Wanted},
        key::sort::{Sort, Sorted},
        key::sort_ro::SortRo,
        key::swapdb::SwapDb,
        key::touch::Touch,
        key::ttl::Ttl,
        key::r#type::{Kind, TypeOf},
        key::unlink::Unlink,
        key::wait::Wait,
        key::waitaof::{Synced, WaitAof},
    };
}

/// List commands.
pub mod list {
    pub use crate::cmd::{
        list::lindex::LIndex,
        list::linsert::{Beside, LInsert},
        list::llen::LLen,
        list::lmove::LMove,
        list::lmpop::{LMPop, Popped},
        list::lpop::{FromLeft, LPop},
        list::lpos::LPos,
        list::lpush::{LPush, ToLeft},
        list::lpushx::{LPushX, ToExistingLeft},
        list::lrange::LRange,
        list::lrem::LRem,
        list::lset::LSet,
        list::ltrim::{LTrim, Trimmed},
        list::rpop::{FromRight, RPop},
        list::rpoplpush::RPopLPush,
        list::rpush::{RPush, ToRight},
        list::rpushx::{RPushX, ToExistingRight},
    };
}

/// Hash commands.
pub mod hash {
    pub use crate::cmd::{
        hash::hdel::HDel,
        hash::hexists::HExists,
        hash::hget::HGet,
        hash::hgetall::HGetAll,
        hash::hgetdel::HGetDel,
        hash::hincrby::HIncrBy,
        hash::hincrbyfloat::HIncrByFloat,
        hash::hkeys::HKeys,
        hash::hlen::HLen,
        hash::hmget::HMGet,
        hash::hmset::HMSet,
        hash::hrandfield::{Drawn, Fields, HRandField, Owned},
        hash::hscan::{HScan, Part},
        hash::hset::HSet,
        hash::hsetnx::HSetNx,
        hash::hstrlen::HStrLen,
        hash::hvals::HVals,
    };
}

/// Set commands.
pub mod set {
    pub use crate::cmd::{
        set::sadd::SAdd,
        set::scard::SCard,
        set::sdiff::SDiff,
        set::sdiffstore::SDiffStore,
        set::sinter::SInter,
        set::sintercard::{Count, SInterCard},
        set::sinterstore::SInterStore,
        set::sismember::SIsMember,
        set::smembers::{Members, SMembers},
        set::smismember::SMIsMember,
        set::smove::SMove,
        set::spop::{Popped, SPop},
        set::srandmember::{Drawn, Owned, SRandMember},
        set::srem::SRem,
        set::sscan::SScan,
        set::sunion::SUnion,
        set::sunionstore::SUnionStore,
    };
}

/// Sorted set commands.
pub mod zset {
    pub use crate::cmd::{
        zset::zadd::{Added, Scored, Then, When, ZAdd},
        zset::zcard::ZCard,
        zset::zcount::{ZCount, ZCountWay},
        zset::zdiff::{ZDiff, ZDiffWay},
        zset::zdiffstore::{ZDiffStore, ZDiffStoreWay},
        zset::zincrby::ZIncrBy,
        zset::zinter::{ZInter, ZInterWay},
        zset::zintercard::ZInterCard,
        zset::zinterstore::{ZInterStore, ZInterStoreWay},
        zset::zlexcount::{ZLexCount, ZLexCountWay},
        zset::zmpop::{Popped, ZMPop},
        zset::zmscore::ZMScore,
        zset::zpopmax::{ZPopMax, ZPopMaxWay},
        zset::zpopmin::{ZPopMin, ZPopMinWay},
        zset::zrandmember::{Drawn, ZRandMember},
        zset::zrange::{ZRange, ZRangeWay},
        zset::zrangebylex::{ZRangeByLex, ZRangeByLexWay},
        zset::zrangebyscore::{ZRangeByScore, ZRangeByScoreWay},
        zset::zrangestore::ZRangeStore,
        zset::zrank::{ZRank, ZRankWay},
        zset::zrem::ZRem,
        zset::zremrangebylex::{ZRemRangeByLex, ZRemRangeByLexWay},
        zset::zremrangebyrank::{ZRemRangeByRank, ZRemRangeByRankWay},
        zset::zremrangebyscore::{ZRemRangeByScore, ZRemRangeByScoreWay},
        zset::zrevrange::{ZRevRange, ZRevRangeWay},
        zset::zrevrangebylex::{ZRevRangeByLex, ZRevRangeByLexWay},
        zset::zrevrangebyscore::{ZRevRangeByScore, ZRevRangeByScoreWay},
        zset::zrevrank::{ZRevRank, ZRevRankWay},
        zset::zscan::{Part, ZScan},
        zset::zscore::ZScore,
        zset::zunion::{ZUnion, ZUnionWay},
        zset::zunionstore::{ZUnionStore, ZUnionStoreWay},
    };
}
