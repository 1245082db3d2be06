//! The system's allocator with a limit: no input of a few kilobytes is a reason for a huge allocation. (The fuzzer's
//! own limit wants a sanitizer, and that of the process counts only what was touched.)
use std::alloc::{GlobalAlloc, Layout, System};

/// No single allocation is larger: many times an input, and what a ring or a piece of a file takes.
const BYTES_MAX: usize = 64 << 20;

struct Limited;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

#[cold]
fn refuse(bytes: usize) {
    eprintln!("an allocation of {bytes} bytes");
    std::process::abort();
}

// SAFETY: everything is the system's.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > BYTES_MAX {
            refuse(layout.size());
        }
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() > BYTES_MAX {
            refuse(layout.size());
        }
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if bytes > BYTES_MAX {
            refuse(bytes);
        }
        // SAFETY: the caller's.
        unsafe { System.realloc(at, layout, bytes) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(at, layout) }
    }
}
