//! Sorted sets.
use crate::{
    boundary::{Out, telling, words},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
};
use tenondb::SortedSets;

/// Gives `member` of the sorted set at `key` that score. `*is_new` is 1 when there was no such member.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_zadd(
    db: *const tenon_db,
    key: tenon_bytes,
    score: f64,
    member: tenon_bytes,
    is_new: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let is_new = Out::new(is_new, 0)?;
        is_new.put(with(db, |db| db.zadd(key.get()?, score, member.get()?).map(u32::from))?);
        Ok(())
    })
}

/// Adds `by` to the score of `member`, 0 when there is none. `*score` is the sum.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_zincr(
    db: *const tenon_db,
    key: tenon_bytes,
    by: f64,
    member: tenon_bytes,
    score: *mut f64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let score = Out::new(score, 0.0)?;
        score.put(with(db, |db| db.zincrby(key.get()?, by, member.get()?))?);
        Ok(())
    })
}

/// Writes the score of `member` in the sorted set at `key`. `*found` is 0 when there is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_zscore(
    db: *const tenon_db,
    key: tenon_bytes,
    member: tenon_bytes,
    score: *mut f64,
    found: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let (score, found) = (Out::new(score, 0.0)?, Out::new(found, 0)?);
        if let Some(value) = with(db, |db| db.zscore(key.get()?, member.get()?))? {
            score.put(value);
            found.put(1);
        }
        Ok(())
    })
}

/// Writes how many members of the sorted set at `key` have a lower score than `member`. `*found` is 0 when it is not there.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_zrank(
    db: *const tenon_db,
    key: tenon_bytes,
    member: tenon_bytes,
    rank: *mut u64,
    found: *mut u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let (rank, found) = (Out::new(rank, 0)?, Out::new(found, 0)?);
        if let Some(value) = with(db, |db| db.zrank(key.get()?, member.get()?))? {
            rank.put(value);
            found.put(1);
        }
        Ok(())
    })
}

/// Removes members of the sorted set at `key`. `*count` is how many there were.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_zrem(
    db: *const tenon_db,
    key: tenon_bytes,
    member_count: usize,
    members: *const tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.zrem(key.get()?, &words(member_count, members)?))?);
        Ok(())
    })
}

/// Counts the members of the sorted set at `key`.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_zcard(
    db: *const tenon_db,
    key: tenon_bytes,
    count: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let count = Out::new(count, 0)?;
        count.put(with(db, |db| db.zcard(key.get()?))?);
        Ok(())
    })
}
