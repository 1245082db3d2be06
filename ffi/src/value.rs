//! A value of a reply, as C sees it.
use crate::bytes::tenon_bytes;
use crate::status::tenon_status;

/// What a value is: one of the constants below.
///
/// Since: 0.1
pub type tenon_type = u32;

/// Nothing: a key that is not there.
///
/// Since: 0.1
pub const TENON_NIL: tenon_type = 0;
/// A number without fraction: `data.integer`.
///
/// Since: 0.1
pub const TENON_INT: tenon_type = 1;
/// A number with fraction: `data.number`.
///
/// Since: 0.1
pub const TENON_FLOAT: tenon_type = 2;
/// True or false: `data.integer` is 1 or 0.
///
/// Since: 0.1
pub const TENON_BOOL: tenon_type = 3;
/// A string: `data.bytes`.
///
/// Since: 0.1
pub const TENON_STRING: tenon_type = 4;
/// A short constant such as `OK`: `data.bytes`.
///
/// Since: 0.1
pub const TENON_STATUS: tenon_type = 5;
/// Text for people: `data.bytes`.
///
/// Since: 0.1
pub const TENON_VERBATIM: tenon_type = 6;
/// Values in order: `data.list`.
///
/// Since: 0.1
pub const TENON_ARRAY: tenon_type = 7;
/// Keys and values by turns: `data.list`, whose `len` is even.
///
/// Since: 0.1
pub const TENON_MAP: tenon_type = 8;
/// Values without an order of their own: `data.list`.
///
/// Since: 0.1
pub const TENON_SET: tenon_type = 9;
/// An error: its text, Redis's code first, is `data.bytes`; `status` says what to do next.
///
/// Since: 0.1
pub const TENON_ERROR: tenon_type = 10;

/// Values that lie side by side.
///
/// Since: 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_list {
    /// The first of them.
    pub items: *const tenon_value,
    /// How many there are.
    pub len: usize,
}

/// What a value holds; its type says which of these.
///
/// Since: 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub union tenon_data {
    /// Of TENON_INT and TENON_BOOL.
    pub integer: i64,
    /// Of TENON_FLOAT.
    pub number: f64,
    /// Of TENON_STRING, TENON_STATUS, TENON_VERBATIM and TENON_ERROR.
    pub bytes: tenon_bytes,
    /// Of TENON_ARRAY, TENON_MAP and TENON_SET.
    pub list: tenon_list,
}

/// A value of a reply: to be read only. It lives as long as its reply.
///
/// Since: 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_value {
    /// What it is.
    pub kind: tenon_type,
    /// Of TENON_ERROR: what to do next; otherwise TENON_OK.
    pub status: tenon_status,
    /// What it holds.
    pub data: tenon_data,
}

const _: () = assert!(size_of::<tenon_value>() == 24);

impl tenon_value {
    pub const NIL: Self = Self {
        kind: TENON_NIL,
        status: crate::status::TENON_OK,
        data: tenon_data { bytes: tenon_bytes::EMPTY },
    };
}

// SAFETY: a value is data that nobody changes once its reply was handed out; the pointers in it stay in the reply's block.
unsafe impl Sync for tenon_value {}
