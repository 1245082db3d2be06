//! Strings.
use crate::{
    boundary::{Out, copy_to, replying, telling},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
};
use tenondb::{Bytes, Error, Kind, Reply, Result, Run, Strings, op};

/// A string or nothing, as a reply.
pub fn reply_of(value: Option<Bytes>) -> Reply {
    value.map_or(Reply::Nil, Reply::Bytes)
}

/// Copies a string or nothing to the caller's buffer, while it lies where it lies: into memory of the caller's nothing is
/// written but bytes. Returns its length, and whether it fitted.
#[inline]
pub fn copied(value: Option<&[u8]>, buffer: *mut u8, capacity: usize) -> Option<(usize, bool)> {
    value.map(|value| (value.len(), copy_to(value, buffer, capacity)))
}

/// Tells of what was copied.
#[inline]
pub fn told(copied: Option<(usize, bool)>, len: Out<i64>) -> Result<()> {
    let Some((size, fitted)) = copied else { return Ok(()) };
    len.put(size as i64);
    if fitted { Ok(()) } else { Err(too_small()) }
}

#[cold]
fn too_small() -> Error {
    Error::new(Kind::Limit, "ERR the buffer is too small for the value")
}

/// Answers with the string at `key`; TENON_NIL when there is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_get(
    db: *const tenon_db,
    key: tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || with(db, |db| db.get(key.get()?).map(reply_of)))
}

/// Copies the string at `key` to the caller's buffer. `*len` is its length, -1 when there is no such key.
///
/// Errors: TENON_LIMIT when it is longer than `capacity`: nothing is copied, `*len` says how much room it needs.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_get_into(
    db: *const tenon_db,
    key: tenon_bytes,
    buffer: *mut u8,
    capacity: usize,
    len: *mut i64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, -1)?;
        let get = op::Get { key: key.get()? };
        let copied = with(db, |db| {
            db.with(&get, |found| match found.0 {
                Some(value) => value.with(|data| copied(Some(data), buffer, capacity)),
                None => None,
            })
        });
        told(copied?, len)
    })
}

/// Sets `key` to `value`, whatever was there; its time to live is gone.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_set(
    db: *const tenon_db,
    key: tenon_bytes,
    value: tenon_bytes,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || with(db, |db| db.set(key.get()?, value.get()?)))
}

/// Set only when there is no such key.
///
/// Since: 0.1
pub const TENON_SET_ONLY_NEW: u32 = 1;
/// Set only when there is such a key.
///
/// Since: 0.1
pub const TENON_SET_ONLY_EXISTING: u32 = 2;
/// The key keeps the time to live that it has.
///
/// Since: 0.1
pub const TENON_SET_KEEP_TTL: u32 = 4;

/// Sets `key` to `value` for `ttl_ms` milliseconds, 0 meaning for ever, as `how` says: 0 or a sum of TENON_SET_ONLY_NEW,
/// TENON_SET_ONLY_EXISTING and TENON_SET_KEEP_TTL. `*done` is 1 when it was set.
///
/// Errors: TENON_COMMAND when these contradict each other.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_set_with(
    db: *const tenon_db,
    key: tenon_bytes,
    value: tenon_bytes,
    ttl_ms: i64,
    how: u32,
    done: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let done = Out::new(done, 0)?;
        done.put(with(db, |db| set_with(db, key.get()?, value.get()?, ttl_ms, how))?);
        Ok(())
    })
}

fn set_with(db: &tenondb::Db, key: &[u8], value: &[u8], ttl_ms: i64, how: u32) -> Result<u32> {
    const ALL: u32 = TENON_SET_ONLY_NEW | TENON_SET_ONLY_EXISTING | TENON_SET_KEEP_TTL;
    let is = |flag: u32| how & flag != 0;
    let contradict = is(TENON_SET_ONLY_NEW) && is(TENON_SET_ONLY_EXISTING);
    if how & !ALL != 0 || contradict || is(TENON_SET_KEEP_TTL) && ttl_ms != 0 {
        return Err(Error::command("ERR syntax error"));
    }
    let mut set = op::Set::new(key, value);
    if is(TENON_SET_ONLY_NEW) {
        set = set.only_new();
    }
    if is(TENON_SET_ONLY_EXISTING) {
        set = set.only_existing();
    }
    if is(TENON_SET_KEEP_TTL) {
        set = set.keep_ttl();
    }
    if ttl_ms != 0 {
        set = set.expire_in_ms(ttl_ms);
    }
    db.run(set).map(|outcome| u32::from(outcome.set))
}

/// Adds `by` to the integer at `key`, 0 when there is none. `*value` is the sum.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_incr(
    db: *const tenon_db,
    key: tenon_bytes,
    by: i64,
    value: *mut i64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let value = Out::new(value, 0)?;
        value.put(with(db, |db| db.incrby(key.get()?, by))?);
        Ok(())
    })
}

/// Appends `value` to the string at `key`. `*len` is its length then.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_append(
    db: *const tenon_db,
    key: tenon_bytes,
    value: tenon_bytes,
    len: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, 0)?;
        len.put(with(db, |db| db.append(key.get()?, value.get()?))?);
        Ok(())
    })
}

/// Writes the length of the string at `key`; 0 when there is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_strlen(
    db: *const tenon_db,
    key: tenon_bytes,
    len: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, 0)?;
        len.put(with(db, |db| db.strlen(key.get()?))?);
        Ok(())
    })
}
