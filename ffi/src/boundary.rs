//! The only way from C into Rust: panics stop here, pointers are checked here, results are written here.
use crate::{
    bytes::tenon_bytes,
    reply::{self, tenon_reply},
    status::{TENON_INTERNAL, TENON_OK, tenon_status},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
};
use tenondb::{Error, Kind, Reply, Result};

#[cold]
pub fn misuse(text: &'static str) -> Error {
    Error::new(Kind::Misuse, text)
}

#[cold]
fn panicked<T>(payload: Box<dyn std::any::Any + Send>) -> Result<T> {
    // To drop what was thrown is to run code of whoever threw it, which may throw again.
    if let Err(thrown_again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(thrown_again);
    }
    Err(Error::new(Kind::Internal, "ERR internal error: the call panicked"))
}

/// Runs it, and makes an error of a panic.
pub fn caught<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(panicked)
}

/// Runs what an extern function does.
#[inline]
pub fn boundary(run: impl FnOnce() -> Result<()>) -> tenon_status {
    match caught(run) {
        Ok(()) => TENON_OK,
        Err(error) => error.kind() as tenon_status,
    }
}

/// The same for one that tells the text of an error through `said`, which may be NULL.
#[inline]
pub fn telling(said: *mut *mut tenon_reply, run: impl FnOnce() -> Result<()>) -> tenon_status {
    let said = Out::optional(said, ptr::null_mut());
    match caught(run) {
        Ok(()) => TENON_OK,
        Err(error) => {
            let status = error.kind() as tenon_status;
            if let Some(said) = said {
                put_reply(said, || Ok(Reply::Error(error)));
            }
            status
        }
    }
}

/// The same for one that answers with a reply, be it an error or not.
#[inline]
pub fn replying(to: *mut *mut tenon_reply, run: impl FnOnce() -> Result<Reply>) -> tenon_status {
    let Some(out) = Out::optional(to, ptr::null_mut()) else {
        return boundary(|| Err(misuse("ERR a reply needs a place")));
    };
    let mut status = TENON_OK;
    let wrote = put_reply(out, || {
        let reply = caught(run).unwrap_or_else(Reply::Error);
        if let Reply::Error(error) = &reply {
            status = error.kind() as tenon_status;
        }
        Ok(reply)
    });
    if wrote { status } else { TENON_INTERNAL }
}

/// The same for one whose reply may be missing: then NULL is written.
pub fn maybe_replying(
    to: *mut *mut tenon_reply,
    run: impl FnOnce() -> Result<Option<Reply>>,
) -> tenon_status {
    let Some(out) = Out::optional(to, ptr::null_mut()) else {
        return boundary(|| Err(misuse("ERR a reply needs a place")));
    };
    match caught(run) {
        Ok(None) => TENON_OK,
        Ok(Some(reply)) => {
            if put_reply(out, || Ok(reply)) {
                TENON_OK
            } else {
                TENON_INTERNAL
            }
        }
        Err(error) => {
            let status = error.kind() as tenon_status;
            if put_reply(out, || Ok(Reply::Error(error))) { status } else { TENON_INTERNAL }
        }
    }
}

fn put_reply(to: Out<*mut tenon_reply>, make: impl FnOnce() -> Result<Reply>) -> bool {
    match caught(|| Ok(reply::block(&make()?))) {
        Ok(block) => {
            to.put(block);
            true
        }
        Err(_) => false,
    }
}

/// A place of the caller's for a result.
///
/// The header's front page demands of every pointer that it is NULL or points to what its type says for as long as the
/// call lasts. This type and [`slice`] are where that is relied on; nothing else in the crate makes them than the
/// arguments of an extern function.
pub struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// Takes a place that must be there, and writes `zero` to it.
    pub fn new(to: *mut T, zero: T) -> Result<Self> {
        Self::optional(to, zero).ok_or_else(|| misuse("ERR a result needs a place: a pointer is NULL"))
    }

    /// Takes a place that may be missing, and writes `zero` to it.
    pub fn optional(to: *mut T, zero: T) -> Option<Self> {
        let to = NonNull::new(to)?;
        // SAFETY: by the contract above `to` may be written; what stands there is not read or dropped.
        unsafe { to.write(zero) };
        Some(Self(to))
    }

    /// Writes the result.
    pub fn put(self, value: T) {
        // SAFETY: as in `optional`; `T` is plain data for C, which needs no drop.
        unsafe { self.0.write(value) };
    }
}

/// The elements of an argument: `data` may be NULL when there are none.
pub fn slice<'a, T>(data: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || len.checked_mul(size_of::<T>()).is_none_or(|size| size > isize::MAX as usize) {
        return Err(misuse("ERR bytes are missing: a pointer is NULL and its length is not 0"));
    }
    // SAFETY: by the contract of `Out` the caller has `len` elements there and leaves them alone for the call; the lifetime
    // ends with it, because nothing in the crate keeps what an argument lends.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// The words of an argument list.
pub fn words<'a>(count: usize, words: *const tenon_bytes) -> Result<Vec<&'a [u8]>> {
    slice(words, count)?.iter().map(tenon_bytes::get).collect()
}

/// Copies `data` to the caller's buffer when it has room for it.
pub fn copy_to(data: &[u8], buffer: *mut u8, capacity: usize) -> bool {
    if data.len() > capacity || (buffer.is_null() && !data.is_empty()) {
        return false;
    }
    if !data.is_empty() {
        // SAFETY: by the contract of `Out` the buffer holds `capacity` bytes, which nobody else uses during the call.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), buffer, data.len()) };
    }
    true
}
