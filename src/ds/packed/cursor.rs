//! The form of one entry, and iterators over a run of them.
//!
//! ```text
//!   ┌──────────┬───────────────┬───────────┐     length: 7 bits a byte, low ones first, high bit = more follow
//!   │  length  │     bytes     │  length ← │     (the one at the back is the same bytes mirrored, so that it is
//!   └──────────┴───────────────┴───────────┘     read from its last byte backwards)
//! ```
use std::iter::FusedIterator;

/// Bytes that the length of an entry takes, once.
#[inline]
pub(super) const fn width(len: usize) -> usize {
    match len {
        0..=0x7f => 1,
        0x80..=0x3fff => 2,
        0x4000..=0x1f_ffff => 3,
        0x20_0000..=0xfff_ffff => 4,
        _ => 5,
    }
}

/// Bytes that an entry of `len` bytes takes in all.
#[inline]
pub(super) const fn size(len: usize) -> usize {
    len + 2 * width(len)
}

/// Writes `entry` at the start of `out` and returns how many bytes that took.
#[inline]
pub(super) fn write(out: &mut [u8], entry: &[u8]) -> usize {
    let width = width(entry.len());
    let end = width + entry.len() + width;
    out[width..width + entry.len()].copy_from_slice(entry);
    if width == 1 {
        out[0] = entry.len() as u8;
        out[end - 1] = entry.len() as u8;
        return end;
    }
    let mut rest = entry.len();
    for i in 0..width {
        let more = if i + 1 < width { 0x80 } else { 0 };
        let byte = (rest & 0x7f) as u8 | more;
        out[i] = byte;
        out[end - 1 - i] = byte;
        rest >>= 7;
    }
    end
}

/// Returns the length of the entry that starts at `at`, and the width of that length.
#[inline]
pub(super) fn head(bytes: &[u8], at: usize) -> (usize, usize) {
    let first = bytes[at];
    if first < 0x80 { (first as usize, 1) } else { long_length(bytes[at..].iter()) }
}

/// Returns the length of the entry that ends before `end`, and the width of that length.
#[inline]
fn tail(bytes: &[u8], end: usize) -> (usize, usize) {
    let last = bytes[end - 1];
    if last < 0x80 { (last as usize, 1) } else { long_length(bytes[..end].iter().rev()) }
}

#[cold]
fn long_length<'a>(bytes: impl Iterator<Item = &'a u8>) -> (usize, usize) {
    let (mut len, mut width) = (0, 0);
    for &byte in bytes.take(5) {
        len |= ((byte & 0x7f) as usize) << (7 * width);
        width += 1;
        if byte < 0x80 {
            break;
        }
    }
    (len, width)
}

/// Returns where the entry after the one at `at` starts.
#[inline]
pub(super) fn after(bytes: &[u8], at: usize) -> usize {
    let (len, width) = head(bytes, at);
    at + len + 2 * width
}

/// Returns where the entry that ends before `end` starts.
#[inline]
pub(super) fn before(bytes: &[u8], end: usize) -> usize {
    let (len, width) = tail(bytes, end);
    end - len - 2 * width
}

/// A run of entries, from either end. Made by [`Packed::iter_from`](super::Packed::iter_from) and
/// [`Packed::iter_until`](super::Packed::iter_until).
#[derive(Clone, Debug, Default)]
pub struct Run<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Iterator for Run<'a> {
    type Item = &'a [u8];
    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.bytes.is_empty() {
            return None;
        }
        let (len, width) = head(self.bytes, 0);
        let (entry, rest) = self.bytes.split_at(len + 2 * width);
        self.bytes = rest;
        Some(&entry[width..width + len])
    }
}

impl<'a> DoubleEndedIterator for Run<'a> {
    #[inline]
    fn next_back(&mut self) -> Option<&'a [u8]> {
        if self.bytes.is_empty() {
            return None;
        }
        let (len, width) = tail(self.bytes, self.bytes.len());
        let (rest, entry) = self.bytes.split_at(self.bytes.len() - len - 2 * width);
        self.bytes = rest;
        Some(&entry[width..width + len])
    }
}

impl FusedIterator for Run<'_> {}

/// All entries, from either end. Made by [`Packed::iter`](super::Packed::iter).
#[derive(Clone, Debug, Default)]
pub struct Iter<'a> {
    pub(super) run: Run<'a>,
    pub(super) left: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a [u8];
    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let entry = self.run.next()?;
        self.left -= 1;
        Some(entry)
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<'a> DoubleEndedIterator for Iter<'a> {
    #[inline]
    fn next_back(&mut self) -> Option<&'a [u8]> {
        let entry = self.run.next_back()?;
        self.left -= 1;
        Some(entry)
    }
}

impl ExactSizeIterator for Iter<'_> {}
impl FusedIterator for Iter<'_> {}
