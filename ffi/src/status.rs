//! What every function returns.
use crate::bytes::tenon_bytes;
use std::ptr;
use tenondb::Kind;

/// How a call went: TENON_OK or what the caller can do next. Unknown numbers of a later library are to be treated as
/// TENON_INTERNAL. The text of an error is in the reply.
///
/// Since: 0.1
pub type tenon_status = u32;

/// The call did what it says.
///
/// Since: 0.1
pub const TENON_OK: tenon_status = 0;
/// Fix the call: its syntax, a number or a range is wrong.
///
/// Since: 0.1
pub const TENON_COMMAND: tenon_status = 1;
/// Use another key or another command: the key holds another type.
///
/// Since: 0.1
pub const TENON_WRONG_TYPE: tenon_status = 2;
/// The state is not what was assumed: read again, retry or give up.
///
/// Since: 0.1
pub const TENON_CONFLICT: tenon_status = 3;
/// Free memory or send less; a buffer of the caller's is too small; a subscription was cut.
///
/// Since: 0.1
pub const TENON_LIMIT: tenon_status = 4;
/// Wait: another process or a time-out.
///
/// Since: 0.1
pub const TENON_BUSY: tenon_status = 5;
/// The disk failed: writes are refused until the store is reopened.
///
/// Since: 0.1
pub const TENON_IO: tenon_status = 6;
/// Restore the store, or open it with `salvage`.
///
/// Since: 0.1
pub const TENON_CORRUPT: tenon_status = 7;
/// Open again: the database was closed.
///
/// Since: 0.1
pub const TENON_CLOSED: tenon_status = 8;
/// Fix the program: NULL where something is needed, a handle that is not open or of another type, a handle of the parent
/// process in the child of a fork.
///
/// Since: 0.1
pub const TENON_MISUSE: tenon_status = 9;
/// Report it: a panic was caught.
///
/// Since: 0.1
pub const TENON_INTERNAL: tenon_status = 10;

// The numbers are those of the core.
const _: () = {
    assert!(TENON_COMMAND == Kind::Command as u32 && TENON_WRONG_TYPE == Kind::WrongType as u32);
    assert!(TENON_CONFLICT == Kind::Conflict as u32 && TENON_LIMIT == Kind::Limit as u32);
    assert!(TENON_BUSY == Kind::Busy as u32 && TENON_IO == Kind::Io as u32);
    assert!(TENON_CORRUPT == Kind::Corrupt as u32 && TENON_CLOSED == Kind::Closed as u32);
    assert!(TENON_MISUSE == Kind::Misuse as u32 && TENON_INTERNAL == Kind::Internal as u32);
};

/// Returns the name of a status, such as `WRONG_TYPE`; `INTERNAL` for numbers it does not know. It lives for ever, and this
/// one is NUL-terminated as well.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub extern "C" fn tenon_status_name(status: tenon_status) -> tenon_bytes {
    const NAMES: [&str; 11] = [
        "OK\0",
        "COMMAND\0",
        "WRONG_TYPE\0",
        "CONFLICT\0",
        "LIMIT\0",
        "BUSY\0",
        "IO\0",
        "CORRUPT\0",
        "CLOSED\0",
        "MISUSE\0",
        "INTERNAL\0",
    ];
    let name = NAMES.get(status as usize).unwrap_or(&NAMES[10]);
    tenon_bytes { data: ptr::from_ref::<str>(name).cast(), len: name.len() - 1 }
}
