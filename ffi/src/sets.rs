//! Sets.
use crate::{
    boundary::{Out, telling, words},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
};
use tenondb::Sets;

/// Adds members to the set at `key`. `*count` is how many are new.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sadd(
    db: *const tenon_db,
    key: tenon_bytes,
    member_count: usize,
    members: *const tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.sadd(key.get()?, &words(member_count, members)?))?);
        Ok(())
    })
}

/// Removes members of the set at `key`. `*count` is how many there were.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_srem(
    db: *const tenon_db,
    key: tenon_bytes,
    member_count: usize,
    members: *const tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.srem(key.get()?, &words(member_count, members)?))?);
        Ok(())
    })
}

/// Tells whether `member` is in the set at `key`: 1 or 0.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sismember(
    db: *const tenon_db,
    key: tenon_bytes,
    member: tenon_bytes,
    found: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let found = Out::new(found, 0)?;
        found.put(with(db, |db| db.sismember(key.get()?, member.get()?).map(u32::from))?);
        Ok(())
    })
}

/// Counts the members of the set at `key`.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_scard(
    db: *const tenon_db,
    key: tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.scard(key.get()?))?);
        Ok(())
    })
}
