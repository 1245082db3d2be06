//! Listpacks: small collections in one block, each element followed by its own length.
//!
//! ```text
//!   bytes u32 │ elements u16 │ element │ … │ 0xff                                low bytes first
//!
//!   element   0 7 bits   │ 110 13 bits │ f1 i16 │ f2 i24 │ f3 i32 │ f4 i64       numbers
//!             10 6 bits, bytes │ 1110 12 bits, bytes │ f0 u32, bytes             strings
//!             and its length: 7 bits a byte, high ones first, all but the first byte marked
//! ```
//!
//! A string that is a number is kept as one. 65535 elements mean: count them.
use super::wire::Word;
use crate::{
    base::num,
    value::list::listpack::{EMPTY_BYTES, back_bytes},
};

const END: u8 = 0xff;
/// All of an empty one but its end.
const HEAD_BYTES: usize = EMPTY_BYTES - 1;
const COUNT_UNKNOWN: u16 = u16::MAX;

/// An element of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

impl<'a> Element<'a> {
    /// Returns the element as a string.
    pub fn word(self) -> Word<'a> {
        match self {
            Self::Int(value) => Word::Int(num::Text::int(value)),
            Self::Bytes(bytes) => Word::Lent(bytes),
        }
    }

    /// Returns the number, when it is kept as one.
    pub fn int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            Self::Bytes(_) => None,
        }
    }

    /// Returns the element as a score, which is no NaN.
    pub fn score(self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(value as f64),
            Self::Bytes(text) => num::parse_float(text),
        }
    }
}

/// A block that is read from its front to its end.
pub trait Block<'a>: Sized {
    /// Reads the head. Nothing: it is no such block.
    fn open(bytes: &'a [u8]) -> Option<Self>;
    /// Tells whether the end has come.
    fn is_at_end(&self) -> bool;
    /// Takes the next element. Nothing: there is none, or it is damaged.
    fn next(&mut self) -> Option<Element<'a>>;
    /// Checks at the end that everything is as the head says.
    fn finish(self) -> Option<()>;
}

/// A listpack that is read.
pub struct Listpack<'a> {
    rest: &'a [u8],
    count: u16,
    seen: usize,
}

impl<'a> Block<'a> for Listpack<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let [a, b, c, d, e, f] = *head;
        let whole = u32::from_le_bytes([a, b, c, d]) as usize == bytes.len() && rest.last() == Some(&END);
        whole.then(|| Self { rest, count: u16::from_le_bytes([e, f]), seen: 0 })
    }

    fn is_at_end(&self) -> bool {
        self.rest == [END]
    }

    fn next(&mut self) -> Option<Element<'a>> {
        let all = self.rest;
        let (element, after) = split(all)?;
        let mut back = [0; BACK_BYTES_MAX];
        let back = back_length(all.len() - after.len(), &mut back);
        self.rest = after.strip_prefix(back)?;
        self.seen += 1;
        // The end is never taken for an element: what is left has one byte at least.
        (!self.rest.is_empty()).then_some(element)
    }

    fn finish(self) -> Option<()> {
        let counted = self.count == COUNT_UNKNOWN || usize::from(self.count) == self.seen;
        (counted && self.is_at_end()).then_some(())
    }
}

/// Splits an element off, its length left behind.
fn split(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    fn int<const N: usize>(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
        let (low, rest) = bytes.split_first_chunk::<N>()?;
        // The sign is the top bit of the last byte.
        let mut wide = [if low[N - 1] & 0x80 == 0 { 0 } else { 0xff }; 8];
        wide[..N].copy_from_slice(low);
        Some((Element::Int(i64::from_le_bytes(wide)), rest))
    }
    fn text(len: usize, bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
        bytes.split_at_checked(len).map(|(text, rest)| (Element::Bytes(text), rest))
    }
    let (&head, rest) = bytes.split_first()?;
    match head {
        0..0x80 => Some((Element::Int(head.into()), rest)),
        0x80..0xc0 => text(usize::from(head & 0x3f), rest),
        0xc0..0xe0 => {
            let (&low, rest) = rest.split_first()?;
            let value = i64::from(head & 0x1f) << 8 | i64::from(low);
            Some((Element::Int(if value < 1 << 12 { value } else { value - (1 << 13) }), rest))
        }
        0xe0..0xf0 => {
            let (&low, rest) = rest.split_first()?;
            text(usize::from(head & 0xf) << 8 | usize::from(low), rest)
        }
        0xf0 => {
            let (len, rest) = rest.split_first_chunk()?;
            text(u32::from_le_bytes(*len) as usize, rest)
        }
        0xf1 => int::<2>(rest),
        0xf2 => int::<3>(rest),
        0xf3 => int::<4>(rest),
        0xf4 => int::<8>(rest),
        _ => None,
    }
}

const BACK_BYTES_MAX: usize = 5;

/// Writes the length that stands behind an element of `len` bytes.
fn back_length(len: usize, to: &mut [u8; BACK_BYTES_MAX]) -> &[u8] {
    let width = back_bytes(len);
    for (at, byte) in to[..width].iter_mut().enumerate() {
        let bits = (len >> (7 * (width - 1 - at))) as u8 & 0x7f;
        *byte = if at == 0 { bits } else { bits | 0x80 };
    }
    &to[..width]
}

/// A listpack in the making.
#[derive(Default)]
pub struct Builder {
    elements: Vec<u8>,
    count: usize,
}

impl Builder {
    /// Starts without an element.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the bytes that it has now.
    pub fn bytes(&self) -> usize {
        EMPTY_BYTES + self.elements.len()
    }

    /// Adds a string, as a number where it is one.
    pub fn push(&mut self, text: &[u8]) {
        if let Some(int) = num::parse_int(text) {
            return self.push_int(int);
        }
        let start = self.elements.len();
        match text.len() {
            len @ 0..64 => self.elements.push(0x80 | len as u8),
            len @ 64..4096 => self.elements.extend_from_slice(&(0xe000 | len as u16).to_be_bytes()),
            len => {
                self.elements.push(0xf0);
                // Strings have at most 512 MiB.
                self.elements.extend_from_slice(&(len as u32).to_le_bytes());
            }
        }
        self.elements.extend_from_slice(text);
        self.end(start);
    }

    /// Adds a number.
    pub fn push_int(&mut self, int: i64) {
        let start = self.elements.len();
        let wide = int.to_le_bytes();
        match int {
            0..=127 => self.elements.push(int as u8),
            -4096..=4095 => {
                self.elements.extend_from_slice(&(0xc000 | (int as u16 & 0x1fff)).to_be_bytes());
            }
            _ => {
                let (tag, width) = match int {
                    -0x8000..=0x7fff => (0xf1, 2),
                    -0x80_0000..=0x7f_ffff => (0xf2, 3),
                    -0x8000_0000..=0x7fff_ffff => (0xf3, 4),
                    _ => (0xf4, 8),
                };
                self.elements.push(tag);
                self.elements.extend_from_slice(&wide[..width]);
            }
        }
        self.end(start);
    }

    fn end(&mut self, start: usize) {
        let mut back = [0; BACK_BYTES_MAX];
        let len = self.elements.len() - start;
        self.elements.extend_from_slice(back_length(len, &mut back));
        self.count += 1;
    }

    /// Adds all elements of another one.
    pub fn append(&mut self, other: &Self) {
        self.elements.extend_from_slice(&other.elements);
        self.count += other.count;
    }

    /// Appends the block to `out`, with its length before it, and starts anew.
    pub fn write(&mut self, out: &mut Vec<u8>) {
        let bytes = self.bytes();
        super::wire::write_len(out, bytes as u64);
        // Invariant: whoever adds ends a block long before 4 GiB.
        out.extend_from_slice(&(bytes as u32).to_le_bytes());
        out.extend_from_slice(&u16::try_from(self.count).unwrap_or(COUNT_UNKNOWN).to_le_bytes());
        out.append(&mut self.elements);
        out.push(END);
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{list::listpack, rdb::wire::Wire};

    fn packed(texts: &[&[u8]]) -> Vec<u8> {
        let (mut builder, mut out) = (Builder::new(), Vec::new());
        texts.iter().for_each(|text| builder.push(text));
        builder.write(&mut out);
        assert!(builder.is_empty());
        Wire::new(&out).string().unwrap().into_vec()
    }

    fn elements(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
        let (mut block, mut all) = (Listpack::open(bytes)?, Vec::new());
        while !block.is_at_end() {
            all.push(block.next()?.word().into_vec());
        }
        block.finish().map(|()| all)
    }

    #[test]
    fn elements_of_every_width_read_back() {
        let ints = [0, 127, 128, 4095, 4096, 0x7fff, 0x8000, 0x7f_ffff, 0x80_0000, 0x7fff_ffff, 0x8000_0000];
        let mut texts: Vec<Vec<u8>> = ints
            .iter()
            .flat_map(|int| [*int, -int, -int - 1])
            .map(|int: i64| int.to_string().into())
            .collect();
        texts.extend([i64::MAX, i64::MIN].map(|int| int.to_string().into()));
        texts.extend([b"".to_vec(), b"-0".to_vec(), b"007".to_vec(), b"9223372036854775808".to_vec()]);
        texts.extend([63, 64, 125, 126, 127, 4095, 4096, 16_375, 16_378, 70_000].map(|len| vec![b'x'; len]));
        for text in &texts {
            let bytes = packed(&[text]);
            assert_eq!(elements(&bytes).unwrap(), std::slice::from_ref(text));
            assert_eq!(bytes.len(), listpack::EMPTY_BYTES + listpack::entry_bytes(text) as usize);
        }
        let all: Vec<&[u8]> = texts.iter().map(|text| &text[..]).collect();
        assert_eq!(elements(&packed(&all)).unwrap(), texts);
        let many = vec![&b"1"[..]; 70_000];
        assert_eq!(elements(&packed(&many)).unwrap().len(), 70_000);
    }

    #[test]
    fn every_flipped_bit_is_read_or_refused() {
        let good = packed(&[b"text", b"-5", b"300", b"70000", b"", &[b'y'; 70]]);
        assert_eq!(elements(&good[..good.len() - 1]), None);
        for at in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            drop(elements(&bad));
        }
        for bad in [&b""[..], b"\x06\0\0\0\0\0", b"\x07\0\0\0\x01\0\xff", b"\x08\0\0\0\x01\0\x01\xff"] {
            assert_eq!(elements(bad), None, "{}", bad.escape_ascii());
        }
        assert_eq!(elements(b"\x07\0\0\0\0\0\xff").unwrap().len(), 0);
    }
}
