//! What commands do to their keys, as Redis words it for COMMAND INFO and COMMAND GETKEYSANDFLAGS.
use crate::cmd::Spec;

type Words = &'static [&'static str];

const READ: Words = &["RO", "access"];
const LOOK: Words = &["RO"];
const UPDATE: Words = &["RW", "update"];
const READ_UPDATE: Words = &["RW", "access", "update"];
const OVERWRITE: Words = &["OW", "update"];
const CREATE: Words = &["OW", "insert"];
const INSERT: Words = &["RW", "insert"];
const DELETE: Words = &["RW", "delete"];
const TAKE: Words = &["RW", "access", "delete"];
const REMOVE: Words = &["RM", "delete"];

/// Commands that do something else than their flags (read or write) let expect: what they do to their first key, and
/// to the others.
const OTHERS: &[(Words, Words, &str)] = &[
    (
        LOOK,
        LOOK,
        "EXISTS HEXISTS HLEN HSTRLEN LLEN MEMORY|USAGE SCARD SISMEMBER STRLEN TOUCH TYPE WATCH ZCARD",
    ),
    (LOOK, LOOK, "OBJECT|ENCODING OBJECT|FREQ OBJECT|IDLETIME OBJECT|REFCOUNT"),
    (CREATE, CREATE, "MSETNX SETNX"),
    (OVERWRITE, OVERWRITE, "MSET MSETEX PSETEX SETEX"),
    (OVERWRITE, READ, "SDIFFSTORE SINTERSTORE SUNIONSTORE ZDIFFSTORE ZINTERSTORE ZRANGESTORE ZUNIONSTORE"),
    (REMOVE, REMOVE, "DEL DELIFEQ UNLINK"),
    (READ, OVERWRITE, "COPY SORT"),
    (TAKE, TAKE, "GETDEL HGETDEL LMPOP LPOP RPOP SPOP ZMPOP ZPOPMAX ZPOPMIN"),
    (TAKE, CREATE, "RENAMENX"),
    (TAKE, OVERWRITE, "RENAME"),
    (TAKE, INSERT, "LMOVE RPOPLPUSH SMOVE"),
    (DELETE, DELETE, "HDEL LREM LTRIM SREM ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE"),
    (INSERT, INSERT, "APPEND HSETEX HSETNX LINSERT LPUSH LPUSHX RPUSH RPUSHX SADD"),
    (UPDATE, UPDATE, "EXPIRE EXPIREAT HMSET HSET LSET PERSIST PEXPIRE PEXPIREAT SETRANGE ZADD"),
];

/// What a command does to its key number `nth`.
pub fn to_key(spec: &Spec, nth: usize) -> Words {
    let other = OTHERS.iter().find(|(.., names)| names.split(' ').any(|name| name == spec.name));
    match other {
        Some((first, ..)) if nth == 0 => first,
        Some((_, rest, _)) => rest,
        None if spec.is_write() => READ_UPDATE,
        None => READ,
    }
}

/// What `argv` does to its key number `nth`: SET looks at the old value only when it is asked to.
pub fn of_call(spec: &Spec, argv: &[&[u8]], nth: usize) -> Words {
    let asks = argv.iter().skip(3).any(|arg| arg.eq_ignore_ascii_case(b"GET"));
    if spec.name == "SET" && !asks { OVERWRITE } else { to_key(spec, nth) }
}
