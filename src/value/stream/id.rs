//! The ID of an entry: a time and a number within it.
use crate::base::{
    bytes::until_zero,
    num::{self, Text},
};
use std::fmt;

/// The ID of a stream entry: Unix time in milliseconds, and a sequence number for entries of the same millisecond.
/// Ordered by both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StreamId {
    /// Unix time in milliseconds, as a rule: any number that does not go down.
    pub ms: u64,
    /// Tells entries of the same millisecond apart.
    pub seq: u64,
}

impl StreamId {
    /// `0-0`: before every entry.
    pub const MIN: Self = Self { ms: 0, seq: 0 };
    /// The last ID there can be.
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    /// Makes an ID of its two parts.
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    /// Returns the ID that follows; nothing after the last one.
    pub const fn next(self) -> Option<Self> {
        match (self.ms, self.seq) {
            (u64::MAX, u64::MAX) => None,
            (ms, u64::MAX) => Some(Self { ms: ms + 1, seq: 0 }),
            (ms, seq) => Some(Self { ms, seq: seq + 1 }),
        }
    }

    /// Returns the ID before; nothing before `0-0`.
    pub const fn previous(self) -> Option<Self> {
        match (self.ms, self.seq) {
            (0, 0) => None,
            (ms, 0) => Some(Self { ms: ms - 1, seq: u64::MAX }),
            (ms, seq) => Some(Self { ms, seq: seq - 1 }),
        }
    }

    /// Reads `ms-seq`, or `ms` alone, which leaves the number to `missing_seq`. Nothing for anything else.
    pub fn parse(text: &[u8], missing_seq: u64) -> Option<Self> {
        match text.iter().position(|byte| *byte == b'-') {
            None => Some(Self { ms: part(text)?, seq: missing_seq }),
            Some(at) => Some(Self { ms: part(&text[..at])?, seq: part(&text[at + 1..])? }),
        }
    }

    /// Returns the text of the ID: `ms-seq`.
    pub fn text(self) -> IdText {
        let mut text = IdText { data: [0; IdText::MAX], len: 0 };
        text.push(self.ms);
        text.data[text.len] = b'-';
        text.len += 1;
        text.push(self.seq);
        text
    }
}

/// Reads one part, as C's `strtoull` does: space and zeros may stand in front, a NUL ends it.
fn part(text: &[u8]) -> Option<u64> {
    const LEN_MAX: usize = 127;
    if text.len() > LEN_MAX {
        return None;
    }
    let text = until_zero(text);
    let text = text.trim_ascii_start();
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    num::parse_unsigned(&digits[zeros.min(digits.len().saturating_sub(1))..])
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// The text of an ID, on the stack.
#[derive(Clone, Copy)]
pub struct IdText {
    data: [u8; Self::MAX],
    len: usize,
}

impl IdText {
    const MAX: usize = 41;

    fn push(&mut self, value: u64) {
        const HALF: u64 = 1 << 63;
        if value < HALF {
            let text = Text::int(value as i64);
            self.data[self.len..self.len + text.len()].copy_from_slice(&text);
            self.len += text.len();
        } else {
            // 19 or 20 digits: the last one apart, so that the others fit into a signed number.
            self.push(value / 10);
            self.data[self.len] = b'0' + (value % 10) as u8;
            self.len += 1;
        }
    }
}

impl std::ops::Deref for IdText {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.data[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_follow_each_other() {
        for id in [StreamId::MIN, StreamId::new(1, 2), StreamId::new(u64::MAX, 1 << 63), StreamId::MAX] {
            assert_eq!(StreamId::parse(&id.text(), 7), Some(id));
            assert_eq!(id.to_string().as_bytes(), &*id.text());
            assert!(id.next().is_none_or(|next| next > id && next.previous() == Some(id)));
        }
        assert_eq!(StreamId::parse(b"5", 9), Some(StreamId::new(5, 9)));
        assert_eq!(StreamId::new(1, u64::MAX).next(), Some(StreamId::new(2, 0)));
        assert_eq!((StreamId::MIN.previous(), StreamId::MAX.next()), (None, None));
        assert_eq!(StreamId::parse(b"+01-00", 9), Some(StreamId::new(1, 0)));
        for bad in ["", "-", "1-", "-1", "1-2-3", "a", "1-a", "18446744073709551616", "1 ", "+", " "] {
            assert_eq!(StreamId::parse(bad.as_bytes(), 0), None, "{bad}");
        }
    }
}
