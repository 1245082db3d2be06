//! Where chunks come from: pages of the kernel, which go back to it; elsewhere the program's allocator.
use std::{cell::Cell, ptr::NonNull};

/// How long a chunk is, and what it is aligned to: as a large page of the processor is.
pub const CHUNK: usize = 2 << 20;

/// What a chunk is to the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// Hundreds of pages, each brought when it is touched.
    Small,
    /// One, brought as a whole.
    Large,
}

thread_local! {
    /// What this thread's new chunks are to be.
    static WANTED: Cell<Pages> = const { Cell::new(Pages::Small) };
}

/// Says what the new chunks of this thread are to be; returns what was said before.
pub fn want(pages: Pages) -> Pages {
    WANTED.replace(pages)
}

/// Returns a new chunk, zeroed or not; `None` when there is no memory.
#[cfg(unix)]
#[cold]
pub fn map() -> Option<NonNull<u8>> {
    let chunk = map_anywhere()?;
    #[cfg(target_os = "linux")]
    {
        use rustix::mm::{Advice, madvise};
        // Said in both cases: on some systems everything that may be a large page becomes one.
        let advice = match WANTED.get() {
            Pages::Large => Advice::LinuxHugepage,
            Pages::Small => Advice::LinuxNoHugepage,
        };
        // SAFETY: the chunk is ours, and what is in it stays. A kernel that has no large pages refuses: it has small ones.
        let _ = unsafe { madvise(chunk.as_ptr().cast(), CHUNK, advice) };
    }
    Some(chunk)
}

#[cfg(unix)]
fn map_anywhere() -> Option<NonNull<u8>> {
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
