//! One descriptor for an event loop, and which handles have something to say.
use crate::{
    boundary::{Out, boundary, misuse, telling},
    handle::Table,
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{io, ptr, slice};
use tenondb::{Error, Kind, Result, resp::Poller};

/// One descriptor for a whole event loop: it is watched for input, and tenon_poller_take says which of the handles that are
/// attached have something now. `const tenon_poller *` may be used from many threads at the same time.
///
/// Since: 0.1
pub struct tenon_poller {
    _opaque: [u8; 0],
}

static POLLERS: Table<Poller> = Table::new(7, 1, "ERR this is no open tenon_poller handle");

/// What lies behind a handle.
pub fn get(poller: *const tenon_poller) -> Result<Poller> {
    POLLERS.get(poller)
}

/// An error of the system.
#[cold]
pub fn failed(error: &io::Error) -> Error {
    Error::quoting(Kind::Io, format!("ERR {error}"))
}

/// Makes a poller of no handles.
///
/// Errors: TENON_IO: the system has no descriptors left.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_poller_new(
    out: *mut *mut tenon_poller,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        out.put(POLLERS.open(Poller::new().map_err(|e| failed(&e))?)?);
        Ok(())
    })
}

/// Writes the descriptor: readable while there are tokens to take. It lives as long as the poller, and is neither read,
/// written nor closed by the program.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_poller_fd(poller: *const tenon_poller, fd: *mut i32) -> tenon_status {
    boundary(|| {
        let fd = Out::new(fd, -1)?;
        fd.put(get(poller)?.fd());
        Ok(())
    })
}

/// Takes tokens, `capacity` at most, to `tokens`; `*count` is how many. They are those of handles that were looked at
/// without finding anything, and have something now. One may come twice or too early: its owner looks, and finds
/// nothing. One may also be of a handle that was freed since, when it was put there before: a program that uses a token
/// again must know which of its handles has it now.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_poller_take(
    poller: *const tenon_poller,
    tokens: *mut u64,
    capacity: usize,
    count: *mut usize,
) -> tenon_status {
    boundary(|| {
        let count = Out::new(count, 0)?;
        let poller = get(poller)?;
        if tokens.is_null() || capacity == 0 || capacity > isize::MAX as usize / 8 {
            return Err(misuse("ERR tokens need a place"));
        }
        let mut taken = Vec::new();
        poller.take(&mut taken);
        // What has no room comes again, and makes the descriptor readable again.
        taken.drain(capacity.min(taken.len())..).for_each(|token| poller.push(token));
        // SAFETY: by the contract of `Out` the caller has room for `capacity` tokens there, for the call.
        let places =
            unsafe { slice::from_raw_parts_mut(tokens.cast::<std::mem::MaybeUninit<u64>>(), taken.len()) };
        for (place, token) in places.iter_mut().zip(&taken) {
            place.write(*token);
        }
        count.put(taken.len());
        Ok(())
    })
}

/// Frees a poller. Handles that are attached to it live on, and tell nobody; what they have to say is kept nowhere. NULL
/// does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_poller_free(poller: *mut tenon_poller) -> tenon_status {
    if poller.is_null() {
        return TENON_OK;
    }
    boundary(|| {
        if let Some(poller) = POLLERS.free(poller)? {
            poller.close();
        }
        Ok(())
    })
}
