//! Transactions: they read, decide and write, and leave nothing behind when they are given up.
use crate::{
    boundary::{Out, boundary, misuse, replying, telling, words},
    bytes::tenon_bytes,
    db::{self, tenon_db},
    handle::Table,
    packed::{command, pack_into},
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{
    ptr,
    sync::{Arc, Mutex, MutexGuard, TryLockError},
};
use tenondb::{OpenTxn, Result};

/// An open transaction: isolated, reading its own writes, all or nothing. Nobody waits for it. It is used from one
/// thread at a time; another one that comes meanwhile gets TENON_MISUSE.
///
/// Since: 0.1
pub struct tenon_txn {
    _opaque: [u8; 0],
}

type Shared = Arc<Mutex<Option<OpenTxn>>>;
static TRANSACTIONS: Table<Shared> = Table::new(2, 1, "ERR this is no open tenon_txn handle");

fn lock(txn: &Shared) -> Result<MutexGuard<'_, Option<OpenTxn>>> {
    match txn.try_lock() {
        Ok(guard) => Ok(guard),
        Err(TryLockError::Poisoned(guard)) => Ok(guard.into_inner()),
        Err(TryLockError::WouldBlock) => Err(misuse("ERR a transaction is used by two threads at once")),
    }
}

fn with<R>(txn: *mut tenon_txn, run: impl FnOnce(&mut OpenTxn) -> Result<R>) -> Result<R> {
    let txn = TRANSACTIONS.get(txn)?;
    let mut open = lock(&txn)?;
    run(open.as_mut().ok_or_else(|| misuse("ERR this transaction is over"))?)
}

/// Begins a transaction. It ends with tenon_txn_commit or tenon_txn_abort, which free it.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_txn_begin(db: *const tenon_db, out: *mut *mut tenon_txn) -> tenon_status {
    boundary(|| {
        let out = Out::new(out, ptr::null_mut())?;
        let open = db::get(db)?.begin();
        out.put(TRANSACTIONS.open(Arc::new(Mutex::new(Some(open))))?);
        Ok(())
    })
}

/// Runs a command inside the transaction, and otherwise as tenon_call does. It takes commands that name their keys, and
/// scripts that call such commands; one that would wait finds nothing instead.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_txn_call(
    txn: *mut tenon_txn,
    argc: usize,
    argv: *const tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || with(txn, |open| open.call(words(argc, argv)?)))
}

/// Runs a packed command inside the transaction, and answers as tenon_call_into does.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_txn_call_into(
    txn: *mut tenon_txn,
    data: *const u8,
    data_len: usize,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    rest: *mut *mut tenon_reply,
) -> tenon_status {
    pack_into(buffer, capacity, len, rest, || with(txn, |open| open.call(command(data, data_len)?)))
}

/// The commands that follow speak of logical database `index`.
///
/// Errors: TENON_COMMAND: there is no such logical database.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_txn_select(
    txn: *mut tenon_txn,
    index: u32,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || with(txn, |open| open.select(index)))
}

/// Makes what the transaction has written visible, in one step, and frees it whatever comes of that.
///
/// Errors: TENON_CONFLICT: something that it has touched was changed meanwhile; nothing was written, and it may be
/// tried again from its beginning. TENON_IO: the disk fails.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_txn_commit(txn: *mut tenon_txn, error: *mut *mut tenon_reply) -> tenon_status {
    telling(error, || end(txn)?.commit())
}

/// Gives a transaction up and frees it: nothing was written. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_txn_abort(txn: *mut tenon_txn) -> tenon_status {
    if txn.is_null() {
        return TENON_OK;
    }
    boundary(|| if TRANSACTIONS.is_of_the_parent(txn) { Ok(()) } else { end(txn).map(drop) })
}

fn end(txn: *mut tenon_txn) -> Result<OpenTxn> {
    let shared = TRANSACTIONS.get(txn)?;
    let mut open = lock(&shared)?;
    TRANSACTIONS.take(txn)?;
    open.take().ok_or_else(|| misuse("ERR this transaction is over"))
}
