//! Memory that several parties see: a mapped file that outlives the process, or a piece of the heap that stands in for one.
//!
//! It is written and read by copies only; no reference into it is ever given out, except to its words, which are atomic.
//! Whoever uses it sees to it that nobody writes where somebody else copies at the same time ([`super::ring`] does,
//! by a lock); were that wrong, bytes would be mixed up, never memory of the process.
#![expect(unsafe_code, reason = "a mapping is raw memory: the compiler cannot know what else maps the file")]
use std::{
    io,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// See the module. Cloning shares it.
#[derive(Clone)]
pub struct Region {
    base: NonNull<u8>,
    len: usize,
    _owner: Arc<dyn Send + Sync>,
}

// SAFETY: the memory belongs to `_owner`, which may be dropped by any thread; it is reached by copies and atomic words.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

/// Zeroed heap, aligned as a mapping would be for the words.
struct Heap(Box<[u64]>);

/// A mapping, unmapped by the process that made it only: in a child of a fork there is none, and the place may by then
/// be somebody else's memory.
struct Mapped {
    map: ManuallyDrop<memmap2::MmapRaw>,
    mark: ForkMark,
}

impl Drop for Mapped {
    fn drop(&mut self) {
        if !self.mark.is_child() {
            // SAFETY: dropped here only, once.
            unsafe { ManuallyDrop::drop(&mut self.map) }
        }
    }
}

impl Region {
    /// Makes zeroed memory of the process, of `len` bytes, which is a multiple of 8.
    pub fn heap(len: usize) -> Self {
        let mut heap = Heap(vec![0; len.div_ceil(8)].into_boxed_slice());
        let base = NonNull::from(&mut *heap.0).cast::<u8>();
        Self { base, len, _owner: Arc::new(heap) }
    }

    /// Maps `len` bytes of `file`, which is at least as long and has room on the disk for all of them. A child of a
    /// fork does not have the mapping.
    pub fn map(file: &std::fs::File, len: usize) -> io::Result<Self> {
        // The memory is only reached as the module says. A file that somebody cuts short while it is mapped makes the
        // access fail with a signal: the directory's lock is there to keep others out.
        let map = memmap2::MmapOptions::new().len(len).populate().map_raw(file)?;
        #[cfg(target_os = "linux")]
        map.advise(memmap2::Advice::DontFork)?;
        let base = NonNull::new(map.as_mut_ptr()).ok_or(io::ErrorKind::InvalidInput)?;
        let owner = Mapped { map: ManuallyDrop::new(map), mark: ForkMark::new() };
        Ok(Self { base, len, _owner: Arc::new(owner) })
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The word at `offset`, a multiple of 8 inside the region.
    #[inline]
    pub fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset.is_multiple_of(8) && offset + 8 <= self.len, "a word of the region");
        let word = self.base.as_ptr().wrapping_add(offset).cast::<AtomicU64>();
        // SAFETY: inside the region, aligned (mappings are to pages, the heap to words), and alive as long as `self`.
        unsafe { &*word }
    }

    /// Asks the processor to bring the cache line of `offset`: only a hint, wherever that is.
    #[inline]
    pub fn prefetch(&self, offset: usize) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: a hint; it reads nothing and faults on nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(self.base.as_ptr().wrapping_add(offset).cast()) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = offset;
    }

    /// Copies `data` to `offset`. Panics when that is outside.
    #[inline]
    pub fn write(&self, offset: usize, data: &[u8]) {
        assert!(offset <= self.len && data.len() <= self.len - offset, "inside the region");
        let target = self.base.as_ptr().wrapping_add(offset);
        // SAFETY: inside the region, which no `data` of safe code can overlap.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), target, data.len()) }
    }

    /// Copies `len` bytes from `offset` to the end of `into`. Panics when that is outside.
    #[inline]
    pub fn append_to(&self, offset: usize, len: usize, into: &mut Vec<u8>) {
        assert!(offset <= self.len && len <= self.len - offset, "inside the region");
        into.reserve(len);
        let source = self.base.as_ptr().wrapping_add(offset);
        let target = into.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: inside the region, which no vector of safe code can overlap; `len` bytes were reserved.
        unsafe { ptr::copy_nonoverlapping(source, target, len) };
        // SAFETY: `len` bytes behind the end were just written.
        unsafe { into.set_len(into.len() + len) }
    }

    /// Copies from `offset` to `into`. Panics when that is outside.
    #[cfg(test)]
    pub fn read(&self, offset: usize, into: &mut [u8]) {
        assert!(offset <= self.len && into.len() <= self.len - offset, "inside the region");
        let source = self.base.as_ptr().wrapping_add(offset);
        // SAFETY: inside the region, which no `into` of safe code can overlap.
        unsafe { ptr::copy_nonoverlapping(source, into.as_mut_ptr(), into.len()) }
    }
}

/// Tells a child of a fork that it is one: a page of memory that the kernel wipes in the child.
///
/// Where the kernel has no such pages nobody is ever told.
pub struct ForkMark(Region);

impl ForkMark {
    /// Marks this process.
    pub fn new() -> Self {
        let page = wiped_by_fork().unwrap_or_else(|| Region::heap(8));
        page.word(0).store(1, Ordering::Relaxed);
        Self(page)
    }

    /// Makes this process take itself for a child.
    #[cfg(test)]
    pub fn pretend(&self) {
        self.0.word(0).store(0, Ordering::Relaxed);
    }

    /// Tells whether this process is a child of the one that made the mark.
    #[inline]
    pub fn is_child(&self) -> bool {
        self.0.word(0).load(Ordering::Relaxed) == 0
    }
}

/// What each process has one of. A child of a fork begins with a new one: a lock in the one it has inherited may be held by a
/// thread that it does not have.
pub struct PerProcess<T> {
    mark: ForkMark,
    value: T,
    of_child: OnceLock<Box<PerProcess<T>>>,
}

impl<T: Default> PerProcess<T> {
    /// That of this process.
    pub fn new() -> Self {
        Self { mark: ForkMark::new(), value: T::default(), of_child: OnceLock::new() }
    }

    /// Returns that of the process which asks.
    pub fn own(&self) -> &T {
        let mut this = self;
        while this.mark.is_child() {
            this = this.of_child.get_or_init(|| Box::new(Self::new()));
        }
        &this.value
    }
}

#[cfg(target_os = "linux")]
fn wiped_by_fork() -> Option<Region> {
    const LEN: usize = 4096;
    let mut map = memmap2::MmapOptions::new().len(LEN).map_anon().ok()?;
    let base = NonNull::new(map.as_mut_ptr())?;
    // SAFETY: the advice changes what a child of a fork sees, in memory that is ours alone.
    unsafe { rustix::mm::madvise(base.as_ptr().cast(), LEN, rustix::mm::Advice::LinuxWipeOnFork) }.ok()?;
    Some(Region { base, len: LEN, _owner: Arc::new(map) })
}

#[cfg(not(target_os = "linux"))]
fn wiped_by_fork() -> Option<Region> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_handle_writes_another_one_reads() {
        let region = Region::heap(64);
        let twin = region.clone();
        region.write(8, b"twelve bytes");
        region.word(0).store(7, Ordering::Release);
        let mut back = [0; 12];
        twin.read(8, &mut back);
        assert_eq!((&back, twin.word(0).load(Ordering::Acquire)), (b"twelve bytes", 7));
    }

    #[test]
    #[should_panic(expected = "inside the region")]
    fn nothing_is_written_outside() {
        Region::heap(16).write(10, b"seven b");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_of_a_fork_sees_that_it_is_one() {
        unsafe extern "C" {
            fn fork() -> i32;
            fn _exit(code: i32) -> !;
            fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
        }
        let mark = ForkMark::new();
        assert!(!mark.is_child());
        // SAFETY: the child does nothing but read a word and leave.
        let pid = unsafe { fork() };
        if pid == 0 {
            let code = if mark.is_child() { 7 } else { 1 };
            // SAFETY: ends the child, without what the parent would do at its end.
            unsafe { _exit(code) }
        }
        let mut status = 0;
        // SAFETY: waits for our own child; `status` is alive.
        assert_eq!(unsafe { waitpid(pid, &raw mut status, 0) }, pid);
        assert_eq!((status >> 8, mark.is_child()), (7, false));
    }
}
