//! Sixteen tags, compared at once.
//!
//! A tag is one byte of a slot: [`EMPTY`], [`GONE`] or 2..=255, eight bits of the entry's hash. Sixteen of them
//! are one SSE2 register; other machines get a loop that compilers vectorise. A result is a mask: bit `i` is tag `i`.

/// Tags in a group.
pub(super) const WIDTH: usize = 16;
/// The slot has been free since its group last had no empty slot: no search needs to go past its group.
pub(super) const EMPTY: u8 = 0;
/// The slot is free, but entries may lie in later groups because this one was full once.
pub(super) const GONE: u8 = 1;
/// The lowest tag of an entry.
pub(super) const LOWEST: u8 = 2;

#[cfg(target_arch = "x86_64")]
mod imp {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_load_si128, _mm_max_epu8, _mm_min_epu8, _mm_movemask_epi8, _mm_set1_epi8,
    };

    #[derive(Clone, Copy)]
    pub struct Group(__m128i);

    impl Group {
        /// # Safety
        /// `tags` is valid for reads of 16 bytes and aligned to 16.
        #[inline(always)]
        pub unsafe fn load(tags: *const u8) -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { _mm_load_si128(tags.cast()) })
        }

        #[inline(always)]
        pub fn matches(self, tag: u8) -> u32 {
            // SAFETY: every x86-64 has SSE2.
            unsafe { matches(self.0, tag) }
        }

        #[inline(always)]
        pub fn free(self) -> u32 {
            // SAFETY: every x86-64 has SSE2.
            unsafe { free(self.0) }
        }

        #[inline(always)]
        pub fn within(self, first: u8, last: u8) -> u32 {
            // SAFETY: every x86-64 has SSE2.
            unsafe { within(self.0, first, last) }
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn matches(tags: __m128i, tag: u8) -> u32 {
        _mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8(tag as i8))) as u32
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn within(tags: __m128i, first: u8, last: u8) -> u32 {
        let bound = _mm_max_epu8(_mm_set1_epi8(first as i8), tags);
        let bound = _mm_min_epu8(_mm_set1_epi8(last as i8), bound);
        _mm_movemask_epi8(_mm_cmpeq_epi8(bound, tags)) as u32
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn free(tags: __m128i) -> u32 {
        let least = _mm_min_epu8(tags, _mm_set1_epi8(super::GONE as i8));
        _mm_movemask_epi8(_mm_cmpeq_epi8(least, tags)) as u32
    }
}

#[cfg(any(not(target_arch = "x86_64"), test))]
#[cfg_attr(target_arch = "x86_64", allow(dead_code))]
mod portable {
    #[derive(Clone, Copy)]
    pub struct Group([u8; 16]);

    impl Group {
        /// # Safety
        /// `tags` is valid for reads of 16 bytes.
        #[inline(always)]
        pub unsafe fn load(tags: *const u8) -> Self {
            // SAFETY: the caller's promise; an array of bytes has no alignment.
            Self(unsafe { tags.cast::<[u8; 16]>().read() })
        }

        #[inline(always)]
        pub fn matches(self, tag: u8) -> u32 {
            (0..16).fold(0, |mask, i| mask | (u32::from(self.0[i] == tag) << i))
        }

        #[inline(always)]
        pub fn free(self) -> u32 {
            (0..16).fold(0, |mask, i| mask | (u32::from(self.0[i] <= super::GONE) << i))
        }

        #[inline(always)]
        pub fn within(self, first: u8, last: u8) -> u32 {
            (0..16).fold(0, |mask, i| mask | (u32::from((first..=last).contains(&self.0[i])) << i))
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use imp::Group;
#[cfg(not(target_arch = "x86_64"))]
pub(super) use portable::Group;

impl Group {
    /// The slots that were never left since the group was last full.
    #[inline(always)]
    pub(super) fn empty(self) -> u32 {
        self.matches(EMPTY)
    }

    /// The slots that hold an entry.
    #[inline(always)]
    pub(super) fn taken(self) -> u32 {
        !self.free() & 0xffff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_group_see_the_same() {
        #[repr(align(16))]
        struct Tags([u8; 16]);
        let mut tags = Tags([0, 1, 2, 3, 127, 128, 129, 254, 255, 0, 1, 0, 7, 7, 7, 200]);
        for _ in 0..16 {
            tags.0.rotate_left(1);
            // SAFETY: sixteen readable, aligned bytes.
            let one = unsafe { Group::load(tags.0.as_ptr()) };
            // SAFETY: as above.
            let other = unsafe { portable::Group::load(tags.0.as_ptr()) };
            let naive = |keep: &dyn Fn(u8) -> bool| {
                (0..16).filter(|&i| keep(tags.0[i])).fold(0u32, |mask, i| mask | (1 << i))
            };
            for tag in [0, 1, 2, 7, 128, 255, 99] {
                assert_eq!(one.matches(tag), naive(&|t| t == tag));
                assert_eq!(other.matches(tag), one.matches(tag));
            }
            for (first, last) in [(2, 255), (3, 127), (128, 128), (7, 7), (130, 254)] {
                assert_eq!(one.within(first, last), naive(&|t| (first..=last).contains(&t)));
                assert_eq!(other.within(first, last), one.within(first, last));
            }
            assert_eq!(one.free(), naive(&|t| t < 2));
            assert_eq!(other.free(), one.free());
            assert_eq!(one.taken(), naive(&|t| t >= 2));
            assert_eq!(one.empty(), naive(&|t| t == 0));
        }
    }
}
