//! Where chunks come from: pages of the kernel, which go back to it; elsewhere the program's allocator.
use std::ptr::NonNull;

/// How long a chunk is, and what it is aligned to.
pub const CHUNK: usize = 1 << 20;

/// Returns a new chunk, zeroed or not; `None` when there is no memory.
#[cfg(unix)]
#[cold]
pub fn map() -> Option<NonNull<u8>> {
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
    let pages = |len| {
        // SAFETY: the kernel chooses the place, where nothing else is.
        let at = unsafe {
            mmap_anonymous(std::ptr::null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
        };
        NonNull::new(at.ok()?.cast::<u8>())
    };
    // Kernels put mappings side by side: behind an aligned one there is another.
    let at = pages(CHUNK)?;
    if at.addr().get().is_multiple_of(CHUNK) {
        return Some(at);
    }
    let give_back = |at: *mut u8, len: usize| {
        if len > 0 {
            // SAFETY: whole pages of what was just mapped, and nobody has seen them.
            let _ = unsafe { rustix::mm::munmap(at.cast(), len) };
        }
    };
    give_back(at.as_ptr(), CHUNK);
    // Twice as much has an aligned chunk somewhere; what lies around it goes back.
    let at = pages(2 * CHUNK)?.as_ptr();
    let before = at.addr().next_multiple_of(CHUNK) - at.addr();
    let chunk = at.wrapping_add(before);
    give_back(at, before);
    give_back(chunk.wrapping_add(CHUNK), CHUNK - before);
    NonNull::new(chunk)
}

/// Gives a chunk back.
///
/// # Safety
/// It came from [`map`], and nobody uses it any more.
#[cfg(unix)]
#[cold]
pub unsafe fn unmap(chunk: NonNull<u8>) {
    // SAFETY: the caller's promise. There is nobody to tell of an error, and nothing is lost but memory.
    let _ = unsafe { rustix::mm::munmap(chunk.as_ptr().cast(), CHUNK) };
}

#[cfg(not(unix))]
const LAYOUT: std::alloc::Layout = match std::alloc::Layout::from_size_align(CHUNK, CHUNK) {
    Ok(layout) => layout,
    Err(_) => panic!("a power of two"),
};

/// Returns a new chunk; `None` when there is no memory.
#[cfg(not(unix))]
#[cold]
pub fn map() -> Option<NonNull<u8>> {
    // SAFETY: the layout has a size.
    NonNull::new(unsafe { std::alloc::alloc(LAYOUT) })
}

/// Gives a chunk back.
///
/// # Safety
/// It came from [`map`], and nobody uses it any more.
#[cfg(not(unix))]
#[cold]
pub unsafe fn unmap(chunk: NonNull<u8>) {
    // SAFETY: the caller's promise.
    unsafe { std::alloc::dealloc(chunk.as_ptr(), LAYOUT) };
}
