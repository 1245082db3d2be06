//! Which library this is.
use crate::bytes::tenon_bytes;

/// The number of the interface: it rises when a program that was compiled with an older header would break. Functions
/// that are added do not raise it.
///
/// Since: 0.1
pub const TENON_ABI: u32 = 1;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// Returns the number of the interface that the library has, to be compared with the TENON_ABI of the header.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub extern "C" fn tenon_abi() -> u32 {
    TENON_ABI
}

/// Returns the version of the library, such as `0.1.0`. It lives for ever, and this one is NUL-terminated as well.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub extern "C" fn tenon_version() -> tenon_bytes {
    tenon_bytes { data: VERSION.as_ptr(), len: VERSION.len() - 1 }
}
