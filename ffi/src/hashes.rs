//! Hashes.
use crate::{
    boundary::{Out, replying, telling, words},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
    strings::{copied, reply_of, told},
};
use tenondb::{Hashes, Run, op};

/// Answers with the value of `field` in the hash at `key`; TENON_NIL when there is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hget(
    db: *const tenon_db,
    key: tenon_bytes,
    field: tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || with(db, |db| db.hget(key.get()?, field.get()?).map(reply_of)))
}

/// Copies the value of `field` in the hash at `key` to the caller's buffer, as tenon_get_into does.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hget_into(
    db: *const tenon_db,
    key: tenon_bytes,
    field: tenon_bytes,
    buffer: *mut u8,
    capacity: usize,
    len: *mut i64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, -1)?;
        let get = op::HGet { key: key.get()?, field: field.get()? };
        told(with(db, |db| db.with(&get, |found| copied(found.0, buffer, capacity)))?, len)
    })
}

/// Sets `field` of the hash at `key` to `value`. `*is_new` is 1 when there was no such field.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hset(
    db: *const tenon_db,
    key: tenon_bytes,
    field: tenon_bytes,
    value: tenon_bytes,
    is_new: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let is_new = Out::new(is_new, 0)?;
        is_new.put(with(db, |db| db.hset(key.get()?, &[(field.get()?, value.get()?)]).map(|n| n as u32))?);
        Ok(())
    })
}

/// Removes fields of the hash at `key`. `*count` is how many there were.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hdel(
    db: *const tenon_db,
    key: tenon_bytes,
    field_count: usize,
    fields: *const tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.hdel(key.get()?, &words(field_count, fields)?))?);
        Ok(())
    })
}

/// Adds `by` to the integer in `field` of the hash at `key`, 0 when there is none. `*value` is the sum.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hincr(
    db: *const tenon_db,
    key: tenon_bytes,
    field: tenon_bytes,
    by: i64,
    value: *mut i64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let value = Out::new(value, 0)?;
        value.put(with(db, |db| db.hincrby(key.get()?, field.get()?, by))?);
        Ok(())
    })
}

/// Tells whether the hash at `key` has `field`: 1 or 0.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hexists(
    db: *const tenon_db,
    key: tenon_bytes,
    field: tenon_bytes,
    found: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let found = Out::new(found, 0)?;
        found.put(with(db, |db| db.hexists(key.get()?, field.get()?).map(u32::from))?);
        Ok(())
    })
}

/// Counts the fields of the hash at `key`.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_hlen(
    db: *const tenon_db,
    key: tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.hlen(key.get()?))?);
        Ok(())
    })
}
