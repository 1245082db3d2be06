//! Replies: one block of memory whatever their size.
//!
//! ```text
//!     ┌───────┬──────┬────────────┬──────────────────────────────┬─────────────────┐
//!     │ magic │ size │ root value │ values; children side by side │ bytes of strings │
//!     └───────┴──────┴────────────┴──────────────────────────────┴─────────────────┘
//! ```
//!
//! A reply is no handle: its block is what the program reads, and is gone when it is freed. Freeing one twice is the one mistake
//! of this interface that is not found.
use crate::{
    bytes::tenon_bytes,
    status::{TENON_MISUSE, TENON_OK, tenon_status},
    value::*,
};
use std::{alloc::Layout, mem, ptr};
use tenondb::Reply;

/// The answer to a call, be it a value or an error: read it with tenon_reply_root, free it with tenon_reply_free. It
/// does not depend on its database: it may be read and freed on any thread, and after the database was closed. Reading
/// is possible from many threads at the same time.
///
/// Since: 0.1
pub struct tenon_reply {
    magic: u64,
    size: usize,
    root: tenon_value,
}

const MAGIC: u64 = 0x7465_6e6f_6e2d_7265;
static NIL: tenon_value = tenon_value::NIL;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, align_of::<tenon_reply>()).expect("a size that was measured")
}

/// Values and bytes below `reply`, itself not counted as a value.
fn measure(reply: &Reply) -> (usize, usize) {
    let all = |items: &mut dyn Iterator<Item = &Reply>| {
        items.fold((0, 0), |(values, bytes), item| {
            let (v, b) = measure(item);
            (values + v + 1, bytes + b)
        })
    };
    match reply {
        Reply::Bytes(text) | Reply::Status(text) | Reply::Text(text) => (0, text.len()),
        Reply::Error(error) => (0, error.text().len()),
        Reply::Array(items) | Reply::Set(items) => all(&mut items.iter()),
        Reply::Map(pairs) => all(&mut pairs.iter().flat_map(|(key, value)| [key, value])),
        _ => (0, 0),
    }
}

/// Makes the block of a reply; panics without memory, as all of Rust does.
pub fn block(reply: &Reply) -> *mut tenon_reply {
    let (values, bytes) = measure(reply);
    let size = size_of::<tenon_reply>() + values * size_of::<tenon_value>() + bytes;
    // SAFETY: the size is not 0: it holds the header.
    let start = unsafe { std::alloc::alloc(layout(size)) }.cast::<tenon_reply>();
    if start.is_null() {
        std::alloc::handle_alloc_error(layout(size));
    }
    // SAFETY: the values begin behind the header, inside the block, and are aligned as it is.
    let first = unsafe { start.add(1) }.cast::<tenon_value>();
    // SAFETY: the bytes begin behind the values, inside the block or at its end.
    let text = unsafe { first.add(values) }.cast::<u8>();
    let mut writer = Writer { values: first, text };
    let root = writer.value(reply);
    // SAFETY: the block is large enough for the header and belongs to nobody else.
    unsafe { start.write(tenon_reply { magic: MAGIC, size, root }) };
    start
}

/// Where the next values and the next bytes go. Invariant: what `measure` has counted and was not written yet fits
/// behind each.
struct Writer {
    values: *mut tenon_value,
    text: *mut u8,
}

impl Writer {
    fn value(&mut self, reply: &Reply) -> tenon_value {
        let (mut kind, mut status) = (TENON_NIL, TENON_OK);
        let data = match reply {
            Reply::Int(value) => {
                kind = TENON_INT;
                tenon_data { integer: *value }
            }
            Reply::Bool(value) => {
                kind = TENON_BOOL;
                tenon_data { integer: i64::from(*value) }
            }
            Reply::Float(value) => {
                kind = TENON_FLOAT;
                tenon_data { number: *value }
            }
            Reply::Bytes(text) => {
                kind = TENON_STRING;
                self.bytes(text)
            }
            Reply::Status(text) => {
                kind = TENON_STATUS;
                self.bytes(text)
            }
            Reply::Text(text) => {
                kind = TENON_VERBATIM;
                self.bytes(text)
            }
            Reply::Error(error) => {
                (kind, status) = (TENON_ERROR, error.kind() as tenon_status);
                self.bytes(error.text())
            }
            Reply::Array(items) => {
                kind = TENON_ARRAY;
                self.list(items.len(), items.iter())
            }
            Reply::Set(items) => {
                kind = TENON_SET;
                self.list(items.len(), items.iter())
            }
            Reply::Map(pairs) => {
                kind = TENON_MAP;
                self.list(pairs.len() * 2, pairs.iter().flat_map(|(key, value)| [key, value]))
            }
            _ => tenon_data { bytes: tenon_bytes::EMPTY },
        };
        let mut value = tenon_value { kind, status, data };
        if kind == TENON_NIL {
            value = tenon_value::NIL;
        }
        value
    }

    fn bytes(&mut self, text: &[u8]) -> tenon_data {
        let data = self.text;
        // SAFETY: by the invariant `text` fits; the block is new, so they do not overlap.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr(), data, text.len()) };
        // SAFETY: by the invariant this is inside the block or at its end.
        self.text = unsafe { data.add(text.len()) };
        tenon_data { bytes: tenon_bytes { data, len: text.len() } }
    }

    fn list<'r>(&mut self, len: usize, items: impl Iterator<Item = &'r Reply>) -> tenon_data {
        let first = self.values;
        // SAFETY: by the invariant this is inside the block or at its end.
        self.values = unsafe { first.add(len) };
        for (at, item) in items.enumerate() {
            let value = self.value(item);
            // SAFETY: `at` is below `len`, for which there was room.
            let place = unsafe { first.add(at) };
            // SAFETY: as above; nothing stands there yet that would have to be dropped.
            unsafe { place.write(value) };
        }
        tenon_data { list: tenon_list { items: first, len } }
    }
}

/// The root of a reply; nil for NULL.
pub fn root<'r>(reply: *const tenon_reply) -> &'r tenon_value {
    // SAFETY: the caller's reply is NULL or one that was handed out and not freed; nobody writes to it.
    match unsafe { reply.as_ref() } {
        Some(reply) if reply.magic == MAGIC => &reply.root,
        _ => &NIL,
    }
}

/// Returns the value of a reply; of NULL a TENON_NIL that lives for ever. It lives as long as the reply.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_reply_root(reply: *const tenon_reply) -> *const tenon_value {
    root(reply)
}

/// Returns the bytes of a reply that is a string, a status, a text or an error; none of other replies. They live as
/// long as the reply. TENON_TEXT prints them.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_reply_text(reply: *const tenon_reply) -> tenon_bytes {
    text(root(reply)).unwrap_or(tenon_bytes::EMPTY)
}

/// The bytes of a value that has some.
pub fn text(value: &tenon_value) -> Option<tenon_bytes> {
    match value.kind {
        // SAFETY: of these types `bytes` is what was written.
        TENON_STRING | TENON_STATUS | TENON_VERBATIM | TENON_ERROR => Some(unsafe { value.data.bytes }),
        _ => None,
    }
}

/// Frees a reply and all that was read from it. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_reply_free(reply: *mut tenon_reply) -> tenon_status {
    // SAFETY: the caller's reply is NULL or one that was handed out and not freed; nobody else uses it any more.
    let Some(header) = (unsafe { reply.as_mut() }) else { return TENON_OK };
    if mem::replace(&mut header.magic, 0) != MAGIC {
        return TENON_MISUSE;
    }
    let layout = layout(header.size);
    // SAFETY: `block` has made it with this layout.
    unsafe { std::alloc::dealloc(reply.cast(), layout) };
    TENON_OK
}
