//! Keys of any type.
use crate::{
    boundary::{Out, telling, words},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
};
use tenondb::{Error, Keys, Kind};

/// Removes keys. `*count` is how many there were.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_del(
    db: *const tenon_db,
    key_count: usize,
    keys: *const tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.del(&words(key_count, keys)?))?);
        Ok(())
    })
}

/// Counts those of `keys` that there are, each as often as it is named.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_exists(
    db: *const tenon_db,
    key_count: usize,
    keys: *const tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.exists(&words(key_count, keys)?))?);
        Ok(())
    })
}

/// `key` shall be gone in `ttl_ms` milliseconds, at once when that is not above 0. `*done` is 1 when there is such a key.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_expire(
    db: *const tenon_db,
    key: tenon_bytes,
    ttl_ms: i64,
    done: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let done = Out::new(done, 0)?;
        done.put(with(db, |db| db.pexpire(key.get()?, ttl_ms).map(u32::from))?);
        Ok(())
    })
}

/// `key` shall live for ever. `*done` is 1 when it had a deadline.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_persist(
    db: *const tenon_db,
    key: tenon_bytes,
    done: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let done = Out::new(done, 0)?;
        done.put(with(db, |db| db.persist(key.get()?).map(u32::from))?);
        Ok(())
    })
}

/// Writes how many milliseconds `key` will live: -1 for ever, -2 when there is no such key.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_ttl(
    db: *const tenon_db,
    key: tenon_bytes,
    ttl_ms: *mut i64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let ttl_ms = Out::new(ttl_ms, 0)?;
        ttl_ms.put(with(db, |db| ttl_ms_of(db, key.get()?))?);
        Ok(())
    })
}

fn ttl_ms_of(db: &tenondb::Db, key: &[u8]) -> tenondb::Result<i64> {
    let reply = db.call([b"PTTL", key])?;
    reply.as_int().ok_or_else(|| Error::new(Kind::Internal, "ERR internal error: PTTL says no number"))
}

/// Counts the keys of the logical database.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_count(
    db: *const tenon_db,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.dbsize())?);
        Ok(())
    })
}
