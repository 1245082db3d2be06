//! Any command, by its words.
use crate::{
    boundary::{misuse, replying, slice, words},
    bytes::tenon_bytes,
    db::{self, tenon_db},
    reply::tenon_reply,
    status::tenon_status,
};
use tenondb::{Reply, Result};

/// Runs a command: `argc` words, its name first. `*reply` is written in every case – with TENON_ERROR when the status
/// is not TENON_OK – and is to be freed.
///
/// A command that waits (BLPOP …) blocks the thread; tenon_pending_new begins one that can be waited for otherwise. A
/// call has no connection: SELECT, MULTI, WATCH and SUBSCRIBE are refused, since nothing of them would be left for the
/// next call.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_call(
    db: *const tenon_db,
    argc: usize,
    argv: *const tenon_bytes,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || db::get(db)?.call(words(argc, argv)?))
}

/// A command of a batch.
///
/// Since: 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_command {
    /// How many words.
    pub argc: usize,
    /// The words, the command's name first.
    pub argv: *const tenon_bytes,
}

const _: () = assert!(size_of::<tenon_command>() == 16);

/// Runs commands as one step: nobody sees some of them done and others not. One that fails does not undo the others.
/// `*reply` is an array with a reply for each, a TENON_ERROR for those that failed.
///
/// What MULTI takes a batch takes: commands about keys, scripts, SELECT for those that follow. One that would wait does not.
///
/// Errors: TENON_COMMAND when one is unknown, has wrong arguments, or is one that MULTI refuses or runs at once: then
/// none is run, and `*reply` is that error.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_batch(
    db: *const tenon_db,
    count: usize,
    commands: *const tenon_command,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || {
        let db = db::get(db)?;
        let mut batch = db.batch();
        for command in slice(commands, count)? {
            batch.call(words(command.argc, command.argv)?);
        }
        run(batch)
    })
}

/// Runs a batch that is not empty.
pub fn run(batch: tenondb::Batch<'_>) -> Result<Reply> {
    if batch.is_empty() {
        return Err(misuse("ERR a batch needs a command"));
    }
    batch.run().map(Reply::Array)
}
