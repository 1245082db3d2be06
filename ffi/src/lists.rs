//! Lists.
use crate::{
    boundary::{Out, replying, telling, words},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
    strings::reply_of,
};
use tenondb::Lists;

/// Puts elements at the head of the list at `key`, one after the other. `*len` is its length then.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_lpush(
    db: *const tenon_db,
    key: tenon_bytes,
    count: usize,
    elements: *const tenon_bytes,
    len: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, 0)?;
        len.put(with(db, |db| db.lpush(key.get()?, &words(count, elements)?))?);
        Ok(())
    })
}

/// Puts elements at the tail of the list at `key`. `*len` is its length then.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_rpush(
    db: *const tenon_db,
    key: tenon_bytes,
    count: usize,
    elements: *const tenon_bytes,
    len: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, 0)?;
        len.put(with(db, |db| db.rpush(key.get()?, &words(count, elements)?))?);
        Ok(())
    })
}

/// Takes the element at the head of the list at `key`; TENON_NIL when there is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_lpop(
    db: *const tenon_db,
    key: tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || with(db, |db| db.lpop(key.get()?).map(reply_of)))
}

/// Takes the element at the tail of the list at `key`; TENON_NIL when there is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_rpop(
    db: *const tenon_db,
    key: tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || with(db, |db| db.rpop(key.get()?).map(reply_of)))
}

/// Writes the length of the list at `key`.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_llen(
    db: *const tenon_db,
    key: tenon_bytes,
    len: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let len = Out::new(len, 0)?;
        len.put(with(db, |db| db.llen(key.get()?))?);
        Ok(())
    })
}
