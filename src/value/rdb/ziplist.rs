//! Ziplists and zipmaps: what listpacks were before Redis 7.0 and 2.6. They are read, and not written.
//!
//! ```text
//!   ziplist   bytes u32 │ last element at u32 │ elements u16 │ element │ … │ 0xff            low bytes first
//!   element   bytes of the one before: u8, or fe u32
//!             00 6 bits │ 01 14 bits │ 10…… u32 (high bytes first), bytes                   strings
//!             c0 i16 │ d0 i32 │ e0 i64 │ f0 i24 │ fe i8 │ f 4 bits, counted from 1          numbers
//!
//!   zipmap    fields u8 │ length, field │ length, unused u8, value, unused bytes │ … │ 0xff
//!   length    u8 below 254, or fe u32
//! ```
//!
//! 65535 elements, or 254 fields and more, mean: count them.
use super::listpack::{Block, Element};

const END: u8 = 0xff;
/// What says that a length follows in four bytes.
const LONG: u8 = 0xfe;

/// A ziplist that is read.
pub struct Ziplist<'a> {
    whole: &'a [u8],
    at: usize,
    /// The bytes of the element before, and where that is.
    before: usize,
    last_at: usize,
    seen: usize,
}

impl<'a> Ziplist<'a> {
    const HEAD_BYTES: usize = 10;
    const COUNT_UNKNOWN: u16 = u16::MAX;

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let bytes = self.whole.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn element(&mut self) -> Option<Element<'a>> {
        let [head] = self.array()?;
        let low = usize::from(head & 0x3f);
        let len = match head {
            0..0x40 => low,
            0x40..0x80 => low << 8 | usize::from(u8::from_be_bytes(self.array()?)),
            0x80..0xc0 => u32::from_be_bytes(self.array()?) as usize,
            _ => return self.int(head).map(Element::Int),
        };
        self.take(len).map(Element::Bytes)
    }

    fn int(&mut self, head: u8) -> Option<i64> {
        Some(match head {
            0xc0 => i16::from_le_bytes(self.array()?).into(),
            0xd0 => i32::from_le_bytes(self.array()?).into(),
            0xe0 => i64::from_le_bytes(self.array()?),
            0xf0 => {
                let [a, b, c] = self.array()?;
                // The sign comes down with the upper bytes.
                (i32::from_le_bytes([0, a, b, c]) >> 8).into()
            }
            0xfe => i8::from_le_bytes(self.array()?).into(),
            0xf1..=0xfd => i64::from(head & 0xf) - 1,
            _ => return None,
        })
    }
}

impl<'a> Block<'a> for Ziplist<'a> {
    fn open(whole: &'a [u8]) -> Option<Self> {
        let bytes = whole.first_chunk().map(|bytes| u32::from_le_bytes(*bytes) as usize);
        let fits = bytes == Some(whole.len()) && whole.len() > Self::HEAD_BYTES && whole.last() == Some(&END);
        fits.then_some(Self { whole, at: Self::HEAD_BYTES, before: 0, last_at: Self::HEAD_BYTES, seen: 0 })
    }

    fn is_at_end(&self) -> bool {
        self.at + 1 == self.whole.len()
    }

    fn next(&mut self) -> Option<Element<'a>> {
        let start = self.at;
        let before = match self.array()? {
            [END] => return None,
            [LONG] => u32::from_le_bytes(self.array()?) as usize,
            [short] => short.into(),
        };
        if before != self.before {
            return None;
        }
        let element = self.element()?;
        (self.before, self.last_at) = (self.at - start, start);
        self.seen += 1;
        (self.at < self.whole.len()).then_some(element)
    }

    fn finish(self) -> Option<()> {
        let &[_, _, _, _, a, b, c, d, e, f, ..] = self.whole else { return None };
        let (last_at, count) = (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]));
        let counted = count == Self::COUNT_UNKNOWN || usize::from(count) == self.seen;
        (counted && last_at as usize == self.last_at && self.is_at_end()).then_some(())
    }
}

/// A zipmap that is read: fields and values in turn.
pub struct Zipmap<'a> {
    rest: &'a [u8],
    count: u8,
    seen: usize,
}

impl<'a> Zipmap<'a> {
    fn len(&mut self) -> Option<usize> {
        let (&head, rest) = self.rest.split_first()?;
        self.rest = rest;
        match head {
            END => None,
            LONG => {
                let (len, rest) = rest.split_first_chunk()?;
                self.rest = rest;
                Some(u32::from_le_bytes(*len) as usize)
            }
            short => Some(short.into()),
        }
    }
}

impl<'a> Block<'a> for Zipmap<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let (&count, rest) = bytes.split_first()?;
        Some(Self { rest, count, seen: 0 })
    }

    fn is_at_end(&self) -> bool {
        self.rest == [END]
    }

    fn next(&mut self) -> Option<Element<'a>> {
        let len = self.len()?;
        let mut unused = 0;
        if self.seen % 2 == 1 {
            let (&bytes, rest) = self.rest.split_first()?;
            (self.rest, unused) = (rest, usize::from(bytes));
        }
        let (text, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest.get(unused..)?;
        self.seen += 1;
        (!self.rest.is_empty()).then_some(Element::Bytes(text))
    }

    fn finish(self) -> Option<()> {
        let counted = self.count >= LONG || usize::from(self.count) * 2 == self.seen;
        (counted && self.is_at_end()).then_some(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Writes a ziplist of elements that are given as they stand behind the length of the one before.
    pub fn ziplist(elements: &[&[u8]]) -> Vec<u8> {
        let (mut bytes, mut before, mut last_at) = (vec![0; 10], 0, 10);
        for element in elements {
            last_at = bytes.len();
            match u8::try_from(before) {
                Ok(short) if short < LONG => bytes.push(short),
                _ => {
                    bytes.push(LONG);
                    bytes.extend_from_slice(&(before as u32).to_le_bytes());
                }
            }
            bytes.extend_from_slice(element);
            before = bytes.len() - last_at;
        }
        bytes.push(END);
        let len = bytes.len() as u32;
        bytes[..4].copy_from_slice(&len.to_le_bytes());
        bytes[4..8].copy_from_slice(&(last_at as u32).to_le_bytes());
        bytes[8..10].copy_from_slice(&(elements.len() as u16).to_le_bytes());
        bytes
    }

    fn all<'a, B: Block<'a>>(bytes: &'a [u8]) -> Option<Vec<String>> {
        let (mut block, mut all) = (B::open(bytes)?, Vec::new());
        while !block.is_at_end() {
            all.push(block.next()?.word().escape_ascii().to_string());
        }
        block.finish().map(|()| all)
    }

    #[test]
    fn ziplists_of_every_kind_of_element_are_read() {
        let long = [&[0x80, 0, 0, 1, 44][..], &[b'x'; 300]].concat();
        let middle = [&[0x40, 70][..], &[b'y'; 70]].concat();
        let bytes = ziplist(&[
            b"\x03abc",
            &long,
            &middle,
            b"\xc0\xff\xff",
            b"\xd0\x00\x00\x00\x80",
            b"\xe0\xff\xff\xff\xff\xff\xff\xff\x7f",
            b"\xf0\xff\xff\x7f",
            b"\xf0\x00\x00\x80",
            b"\xfe\x80",
            b"\xf1",
            b"\xfd",
            b"\x00",
        ]);
        let found = all::<Ziplist<'_>>(&bytes).unwrap();
        let numbers =
            ["-1", "-2147483648", "9223372036854775807", "8388607", "-8388608", "-128", "0", "12", ""];
        assert_eq!((&*found[0], found[1].len(), found[2].len()), ("abc", 300, 70));
        assert_eq!(found[3..], numbers);
        assert!(all::<Ziplist<'_>>(&ziplist(&[])).unwrap().is_empty());
        for at in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[at / 8] ^= 1 << (at % 8);
            // The head, and whatever leads from one element to the next, is checked.
            assert!(at / 8 >= 10 || at / 8 == 8 || all::<Ziplist<'_>>(&bad).is_none(), "{at}");
        }
        (0..bytes.len()).for_each(|len| assert!(all::<Ziplist<'_>>(&bytes[..len]).is_none()));
    }

    #[test]
    fn zipmaps_are_read() {
        let map = b"\x02\x03foo\x03\x00bar\x05hello\x05\x02world..\xff";
        assert_eq!(all::<Zipmap<'_>>(map).unwrap(), ["foo", "bar", "hello", "world"]);
        assert_eq!(all::<Zipmap<'_>>(b"\x01\xfe\x01\x00\x00\x00a\x00\x00\xff").unwrap(), ["a", ""]);
        assert_eq!(all::<Zipmap<'_>>(b"\x00\xff").unwrap().len(), 0);
        for bad in
            [&b""[..], b"\x01\xff", b"\x01\x01a\xff", b"\x02\x01a\x01\x00b\xff", b"\x01\x01a\x01\x05b\xff"]
        {
            assert!(all::<Zipmap<'_>>(bad).is_none(), "{}", bad.escape_ascii());
        }
        (0..map.len()).for_each(|len| assert!(all::<Zipmap<'_>>(&map[..len]).is_none()));
    }
}
