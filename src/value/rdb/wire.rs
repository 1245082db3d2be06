//! Lengths, strings and numbers, the atoms of every object.
//!
//! ```text
//!   length   00 6 bits │ 01 14 bits │ 0x80 u32 │ 0x81 u64                       high bytes first
//!   string   length, bytes │ 0xc0 i8 │ 0xc1 i16 │ 0xc2 i32 (low bytes first) │ 0xc3 length packed, length, LZF
//! ```
use super::lzf;
use crate::base::{limits::STRING_BYTES_MAX, num};
use std::ops::Deref;

/// A string on its way in: part of the payload, or a copy.
#[derive(Debug, Clone)]
pub enum Word<'a> {
    Lent(&'a [u8]),
    /// It was written as a number.
    Int(num::Text),
    /// It was compressed.
    Own(Vec<u8>),
}

impl Deref for Word<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Int(text) => text,
            Self::Own(bytes) => bytes,
        }
    }
}

impl Word<'_> {
    /// Returns the bytes; copies unless they are its own already.
    pub fn into_vec(self) -> Vec<u8> {
        match self {
            Self::Own(bytes) => bytes,
            other => other.to_vec(),
        }
    }
}

/// What is left to read. Everything returns nothing for what is cut short or no such thing.
pub struct Wire<'a> {
    rest: &'a [u8],
}

impl<'a> Wire<'a> {
    /// Starts at the front of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Tells whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes a byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// Takes `len` bytes.
    pub fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(bytes)
    }

    /// Takes as many bytes as are asked for.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }

    /// Takes a length, which may be any number.
    pub fn len(&mut self) -> Option<u64> {
        self.len_after(self.rest.first().copied()?)
    }

    /// Takes a length that starts with `head`, which was not taken yet.
    fn len_after(&mut self, head: u8) -> Option<u64> {
        let low = u64::from(head & 0x3f);
        self.rest = &self.rest[1..];
        match (head >> 6, head) {
            (0, _) => Some(low),
            (1, _) => Some(low << 8 | u64::from(self.byte()?)),
            (_, 0x80) => self.array().map(u32::from_be_bytes).map(u64::from),
            (_, 0x81) => self.array().map(u64::from_be_bytes),
            _ => None,
        }
    }

    /// Takes a string.
    pub fn string(&mut self) -> Option<Word<'a>> {
        let short = |len: u64| usize::try_from(len).ok().filter(|len| *len <= STRING_BYTES_MAX);
        let int = |value: i64| Some(Word::Int(num::Text::int(value)));
        let head = self.rest.first().copied()?;
        if head < 0xc0 {
            let len = short(self.len_after(head)?)?;
            return self.bytes(len).map(Word::Lent);
        }
        self.rest = &self.rest[1..];
        match head {
            0xc0 => int(i8::from_le_bytes(self.array()?).into()),
            0xc1 => int(i16::from_le_bytes(self.array()?).into()),
            0xc2 => int(i32::from_le_bytes(self.array()?).into()),
            0xc3 => {
                let (packed, len) = (short(self.len()?)?, short(self.len()?)?);
                lzf::expand(self.bytes(packed)?, len).map(Word::Own)
            }
            _ => None,
        }
    }
}

/// Appends a length.
pub fn write_len(out: &mut Vec<u8>, len: u64) {
    match len {
        0..0x40 => out.push(len as u8),
        0x40..0x4000 => out.extend_from_slice(&(0x4000 | len as u16).to_be_bytes()),
        _ => match u32::try_from(len) {
            Ok(len) => {
                out.push(0x80);
                out.extend_from_slice(&len.to_be_bytes());
            }
            Err(_) => {
                out.push(0x81);
                out.extend_from_slice(&len.to_be_bytes());
            }
        },
    }
}

/// Appends a length that is not known yet, for [`Room::fill`].
pub fn leave_room(out: &mut Vec<u8>) -> Room {
    out.extend_from_slice(&[0x80, 0, 0, 0, 0]);
    Room(out.len())
}

/// Where a length is missing.
pub struct Room(usize);

impl Room {
    /// Writes the length. Lengths of what is in memory fit: elements take more than a byte.
    pub fn fill(self, out: &mut [u8], len: usize) {
        out[self.0 - 4..self.0].copy_from_slice(&(len as u32).to_be_bytes());
    }
}

/// Appends bytes with their length.
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_len(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a string: as a number where it is one of up to 32 bits.
pub fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    match num::parse_int(text) {
        Some(int @ -0x80..=0x7f) => out.extend_from_slice(&[0xc0, int as u8]),
        Some(int @ -0x8000..=0x7fff) => {
            out.push(0xc1);
            out.extend_from_slice(&(int as i16).to_le_bytes());
        }
        Some(int @ -0x8000_0000..=0x7fff_ffff) => {
            out.push(0xc2);
            out.extend_from_slice(&(int as i32).to_le_bytes());
        }
        _ => write_bytes(out, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_bytes_they_need_and_read_back() {
        for (len, bytes) in [(0, 1), (63, 1), (64, 2), (16_383, 2), (16_384, 5), (1 << 32, 9), (u64::MAX, 9)]
        {
            let mut out = Vec::new();
            write_len(&mut out, len);
            assert_eq!((out.len(), Wire::new(&out).len()), (bytes, Some(len)), "{len}");
            assert_eq!(Wire::new(&out[..bytes - 1]).len(), None, "cut short");
        }
        let mut out = Vec::new();
        let room = leave_room(&mut out);
        out.push(7);
        room.fill(&mut out, 300);
        let mut wire = Wire::new(&out);
        assert_eq!((wire.len(), wire.byte(), wire.is_empty()), (Some(300), Some(7), true));
        assert!(Wire::new(&[0xc0, 1]).len().is_none() && Wire::new(&[0x82, 0, 0, 0, 0]).len().is_none());
    }

    #[test]
    fn strings_that_are_numbers_are_written_as_such() {
        for (text, bytes) in [
            ("0", 2),
            ("-128", 2),
            ("128", 3),
            ("-32768", 3),
            ("32768", 5),
            ("-2147483648", 5),
            ("2147483648", 11),
            ("007", 4),
            ("", 1),
            ("-0", 3),
            ("text", 5),
        ] {
            let mut out = Vec::new();
            write_string(&mut out, text.as_bytes());
            assert_eq!(out.len(), bytes, "{text}");
            let mut wire = Wire::new(&out);
            assert_eq!(wire.string().unwrap().into_vec(), text.as_bytes());
            assert!(wire.is_empty());
            assert!(Wire::new(&out[..bytes - 1]).string().is_none(), "cut short");
        }
        assert!(Wire::new(&[0xc4, 0, 0]).string().is_none(), "no such form");
        assert!(
            Wire::new(&[0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 1]).string().is_none(),
            "longer than any string"
        );
    }
}
