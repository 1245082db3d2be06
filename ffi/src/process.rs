//! Which process this is: a child of a fork finds out for the price of a load.
//!
//! A number lies in a page that the kernel wipes in the child, which then gives itself another one. The system's own number
//! costs a call each time, and comes again one day; it has to do where there are no such pages.
use std::{
    ptr,
    sync::atomic::{AtomicPtr, AtomicU32, Ordering},
};

static MARK: AtomicPtr<AtomicU32> = AtomicPtr::new(ptr::null_mut());
/// Stands for a page where the kernel has none.
static NO_PAGE: AtomicU32 = AtomicU32::new(0);
/// The number that was given last. A child goes on where its parent was: all handles in its memory have lower ones.
static LAST: AtomicU32 = AtomicU32::new(0);

/// The number of this process, never 0: another one than in all those that it was forked from.
#[inline]
pub fn current() -> u32 {
    let mark = MARK.load(Ordering::Acquire);
    if mark.is_null() {
        return first();
    }
    // SAFETY: a page that is never unmapped, or a static.
    let mark = unsafe { &*mark };
    match mark.load(Ordering::Relaxed) {
        0 => begin(mark),
        number => number,
    }
}

#[cold]
fn first() -> u32 {
    let page = page().unwrap_or_else(|| ptr::from_ref(&NO_PAGE).cast_mut());
    // Of two threads that come at once one has made a page for nothing.
    let _ = MARK.compare_exchange(ptr::null_mut(), page, Ordering::AcqRel, Ordering::Acquire);
    current()
}

#[cold]
fn begin(mark: &AtomicU32) -> u32 {
    if ptr::eq(mark, &NO_PAGE) {
        return std::process::id();
    }
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    match mark.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => number,
        Err(of_another_thread) => of_another_thread,
    }
}

#[cfg(target_os = "linux")]
fn page() -> Option<*mut AtomicU32> {
    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous};
    const LEN: usize = 4096;
    // SAFETY: the kernel chooses where: nothing that is in use is mapped anew.
    let page = unsafe {
        mmap_anonymous(ptr::null_mut(), LEN, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
    };
    let page = page.ok()?;
    // SAFETY: the advice changes what a child of a fork sees, in memory that is ours alone.
    unsafe { madvise(page, LEN, Advice::LinuxWipeOnFork) }.ok()?;
    Some(page.cast())
}

#[cfg(not(target_os = "linux"))]
fn page() -> Option<*mut AtomicU32> {
    None
}
