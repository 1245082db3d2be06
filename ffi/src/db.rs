//! Databases: opened, closed, looked after.
use crate::{
    boundary::{Out, boundary, misuse, replying, telling},
    bytes::tenon_bytes,
    handle::Table,
    options::{self, tenon_options},
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{path::PathBuf, ptr, sync::Arc};
use tenondb::{Db, Result};

/// A database. `const tenon_db *` may be used from many threads at the same time; it speaks of one of 16 logical
/// databases. Transactions, subscriptions, connections … keep the database alive that they were made of: handles may be
/// freed in any order. After a fork the child must not use it: every call answers TENON_MISUSE there; what it may do is
/// free it, and open databases of its own.
///
/// Since: 0.1
pub struct tenon_db {
    _opaque: [u8; 0],
}

/// Calls of different threads meet on the same lock of a handle only when there are more threads than this.
const SHARDS: usize = 16;
static DATABASES: Table<Arc<Db>> = Table::new(1, SHARDS, "ERR this is no open tenon_db handle");

/// Runs a call with a share of the database, which may be freed meanwhile, and under no lock: a write may wait for the disk,
/// and tell others.
#[inline]
pub fn with<R>(db: *const tenon_db, run: impl FnOnce(&Db) -> Result<R>) -> Result<R> {
    run(&*DATABASES.get(db)?)
}

/// Returns a share of the database.
pub fn get(db: *const tenon_db) -> Result<Arc<Db>> {
    DATABASES.get(db)
}

/// Makes a handle.
fn open(db: &Db) -> Result<*mut tenon_db> {
    DATABASES.open_by(|| Arc::new(db.clone()))
}

/// Opens a database that lives in memory, and ends with its last handle.
///
/// Errors: TENON_MISUSE for options that are none; the text goes to `error`, which may be NULL.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_memory(
    options: *const tenon_options,
    out: *mut *mut tenon_db,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        out.put(open(&Db::with(options::read(options)?))?);
        Ok(())
    })
}

/// Opens the database in the directory `dir`, which is made when it is missing. The same directory opened twice in a
/// process is the same database, with the options it was opened with first. It waits until everything is read into
/// memory.
///
/// Errors: TENON_BUSY: another process has it open. TENON_CORRUPT: it is damaged. TENON_IO: files cannot be read or
/// made.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_open(
    dir: tenon_bytes,
    options: *const tenon_options,
    out: *mut *mut tenon_db,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        let dir = path(dir.get()?)?;
        out.put(open(&Db::open_with(dir, options::read(options)?)?)?);
        Ok(())
    })
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> Result<PathBuf> {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    if bytes.is_empty() || bytes.contains(&0) {
        return Err(misuse("ERR this is no path of a directory"));
    }
    Ok(OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> Result<PathBuf> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.contains('\0') => Ok(text.into()),
        _ => Err(misuse("ERR this is no path of a directory")),
    }
}

/// Closes a database and frees the handle: what was written is written out and made durable, the directory is let go,
/// and whoever waits for keys gets TENON_CLOSED. Other handles of the database are still to be freed; writes through
/// them are refused with TENON_CLOSED. The handle is freed even when there is an error. A database in memory lives
/// until its last handle is freed.
///
/// Errors: TENON_IO: the disk fails. What it does not have is found again when the directory is opened on this machine.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_close(db: *mut tenon_db, error: *mut *mut tenon_reply) -> tenon_status {
    telling(error, || {
        // Nobody comes by this handle after the waits were ended.
        DATABASES.take(db)?.close()
    })
}

/// Frees a handle. The database lives on while it has others, and is closed with the last of them, without a word of
/// errors. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_free(db: *mut tenon_db) -> tenon_status {
    if db.is_null() {
        return TENON_OK;
    }
    boundary(|| DATABASES.free(db).map(drop))
}

/// Makes a handle of the logical database `index`, below 16, of the same database.
///
/// Errors: TENON_COMMAND: there is no such logical database.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_select(
    db: *const tenon_db,
    index: u32,
    out: *mut *mut tenon_db,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        out.put(open(&get(db)?.select(index)?)?);
        Ok(())
    })
}

/// Makes a handle whose writes are on the disk for good before they return, whatever `fsync` is. Callers that wait at
/// the same time share one sync. In memory it means nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_durable(db: *const tenon_db, out: *mut *mut tenon_db) -> tenon_status {
    boundary(|| {
        let out = Out::new(out, ptr::null_mut())?;
        out.put(open(&get(db)?.durable())?);
        Ok(())
    })
}

/// Makes everything that was written before durable. Waits for the disk; callers that wait at the same time share one
/// sync. In memory it does nothing.
///
/// Errors: TENON_IO: the disk fails; it may or may not have what was written.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sync(db: *const tenon_db, error: *mut *mut tenon_reply) -> tenon_status {
    telling(error, || get(db)?.sync())
}

/// Does a share of the upkeep: frees what was removed and gives back keys that are past their time, for about `budget_us`
/// microseconds. `*more` is 1 when there is more to do. For databases without a background thread.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_tick(db: *const tenon_db, budget_us: u64, more: *mut u32) -> tenon_status {
    boundary(|| {
        let more = Out::new(more, 0)?;
        more.put(u32::from(get(db)?.tick(budget_us)));
        Ok(())
    })
}

/// Answers with the text of INFO: all of it, or the sections that `sections` names, separated by spaces.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_info(
    db: *const tenon_db,
    sections: tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || {
        let names = sections.get()?.split(|b| *b == b' ').filter(|name| !name.is_empty());
        get(db)?.call([&b"INFO"[..]].into_iter().chain(names))
    })
}

/// Writes what the database's clock shows, in Unix milliseconds.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_clock_now(db: *const tenon_db, now_ms: *mut u64) -> tenon_status {
    boundary(|| {
        let now_ms = Out::new(now_ms, 0)?;
        now_ms.put(with(db, |db| Ok(db.clock().now_ms()))?);
        Ok(())
    })
}

/// Sets the database's clock, for all its handles, to Unix milliseconds. A clock of the system is set as well, and goes
/// on from there.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_clock_set(db: *const tenon_db, now_ms: u64) -> tenon_status {
    boundary(|| {
        with(db, |db| {
            db.clock().set_ms(now_ms);
            Ok(())
        })
    })
}

/// Moves the database's clock ahead, for all its handles.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_clock_advance(db: *const tenon_db, by_ms: u64) -> tenon_status {
    boundary(|| {
        with(db, |db| {
            db.clock().advance_ms(by_ms);
            Ok(())
        })
    })
}
