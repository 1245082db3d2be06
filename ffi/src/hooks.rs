//! What only tests of the C API have: it is no part of the header.

/// Panics, and so answers TENON_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn tenon_test_panic() -> crate::status::tenon_status {
    crate::boundary::boundary(|| panic!("a test wanted a panic"))
}
