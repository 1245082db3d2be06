//! Bytes as C passes them: a pointer and a length.
use crate::boundary::slice;
use std::ptr;
use tenondb::Result;

/// Bytes of any content, never NUL-terminated. As an argument they are borrowed for the call; as a part of a reply they
/// live as long as the reply. `data` may be NULL when `len` is 0. TENON_LIT makes one of a literal.
///
/// Since: 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_bytes {
    /// The first byte.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

const _: () = assert!(size_of::<tenon_bytes>() == 16);

impl tenon_bytes {
    pub const EMPTY: Self = Self { data: ptr::null(), len: 0 };

    /// What the caller lends for the call.
    #[inline]
    pub fn get<'a>(&self) -> Result<&'a [u8]> {
        slice(self.data, self.len)
    }
}
