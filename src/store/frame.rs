//! Frames: some whole records with one checksum, chained to the frame before; and the header of a log segment.
//!
//! ```text
//!   segment   ┌────────────┬───────┬─────────┬───┬───────┬─────────┬───┬────────────────┐
//!             │ header 64  │ frame │ payload │pad│ frame │ payload │pad│ zeros (or what │
//!             │            │ head  │         │   │ head  │         │   │ an older life  │
//!             │            │  32   │         │   │  32   │         │   │ left behind)   │
//!             └────────────┴───────┴─────────┴───┴───────┴─────────┴───┴────────────────┘
//!   frame head    0 len u64    8 position u64   16 synced u64   24 prev u32   28 crc u32
//!   record        varint(length of the rest)   now_ms u64   commands
//! ```
//!
//! `position` is that of the first record, `synced` says up to where everything was durable when the frame was
//! written, `prev` is the checksum of the frame before. The checksum covers the first 28 bytes and the payload and is
//! seeded with a number of the store, so that no bytes of another store (or of a value that holds a copy of a log) pass
//! for a frame of this one.
//!
//! Invariants: a frame starts at a multiple of 8; `len` is never 0, so a head of zeros is the end; the payload has
//! [`FRAME_BYTES`] at most unless it is one record alone. All numbers are little-endian.
use crate::base::varint;
use crc32fast::Hasher;

/// The length of a frame's head.
pub const HEAD_BYTES: usize = 32;
/// The most payload of a frame of several records.
pub const FRAME_BYTES: usize = 64 << 10;
/// The length of a segment's header.
pub const SEGMENT_HEADER_BYTES: usize = 64;
/// The most bytes before a record's commands: a varint and the time.
pub const PREFIX_BYTES: usize = 8 + 8;
/// The fewest bytes of a record: a varint and the time.
pub const RECORD_BYTES_MIN: u64 = 9;

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of payload.
    pub len: u64,
    /// The position of the first record.
    pub position: u64,
    /// Everything below was durable when the frame was written.
    pub synced: u64,
    /// The checksum of the frame before.
    pub prev: u32,
    /// The checksum of this one.
    pub crc: u32,
}

/// Reads the number at `at`, which the caller knows to be inside.
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

/// Reads the number at `at`, which the caller knows to be inside.
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

impl Head {
    /// Reads a head.
    pub fn decode(bytes: &[u8; HEAD_BYTES]) -> Self {
        Self {
            len: u64_at(bytes, 0),
            position: u64_at(bytes, 8),
            synced: u64_at(bytes, 16),
            prev: u32_at(bytes, 24),
            crc: u32_at(bytes, 28),
        }
    }

    /// The first 28 bytes: what the checksum covers.
    fn covered(&self) -> [u8; 28] {
        let mut out = [0; 28];
        out[..8].copy_from_slice(&self.len.to_le_bytes());
        out[8..16].copy_from_slice(&self.position.to_le_bytes());
        out[16..24].copy_from_slice(&self.synced.to_le_bytes());
        out[24..].copy_from_slice(&self.prev.to_le_bytes());
        out
    }

    /// Starts the checksum of the frame; the payload follows by [`Hasher::update`].
    pub fn hasher(&self, salt: u32) -> Hasher {
        let mut hasher = Hasher::new_with_initial(salt);
        hasher.update(&self.covered());
        hasher
    }

    /// Computes the checksum over the head and `payload`.
    pub fn checksum(&self, salt: u32, payload: &[u8]) -> u32 {
        let mut hasher = self.hasher(salt);
        hasher.update(payload);
        hasher.finalize()
    }

    /// Writes the head, its `crc` as it is.
    pub fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut out = [0; HEAD_BYTES];
        out[..28].copy_from_slice(&self.covered());
        out[28..].copy_from_slice(&self.crc.to_le_bytes());
        out
    }

    /// The bytes of the whole frame in a file; `None` when no file can hold it.
    pub fn frame_bytes(&self) -> Option<u64> {
        frame_bytes(self.len)
    }
}

/// The bytes of a frame with `len` bytes of payload in a file.
pub fn frame_bytes(len: u64) -> Option<u64> {
    len.checked_next_multiple_of(8)?.checked_add(HEAD_BYTES as u64)
}

/// Finishes the frame in `frame`, whose first [`HEAD_BYTES`] are room for the head and whose rest is the payload: fills
/// the head in, pads, and returns the checksum.
pub fn seal(frame: &mut Vec<u8>, position: u64, synced: u64, prev: u32, salt: u32) -> u32 {
    let len = (frame.len() - HEAD_BYTES) as u64;
    let mut head = Head { len, position, synced, prev, crc: 0 };
    head.crc = head.checksum(salt, &frame[HEAD_BYTES..]);
    frame[..HEAD_BYTES].copy_from_slice(&head.encode());
    frame.resize(frame.len().next_multiple_of(8), 0);
    head.crc
}

/// What stands before a record's commands: a varint of the length of the rest, and the time. In two registers, not in
/// memory, where reading it right after it was written byte by byte would stall.
#[derive(Debug, Clone, Copy)]
pub struct Prefix {
    word: u128,
    len: usize,
}

impl Prefix {
    /// The prefix of a record with `commands` bytes of commands, done at `now_ms`. No memory holds a record whose varint
    /// takes more than eight bytes.
    #[inline]
    pub fn new(commands: usize, now_ms: u64) -> Self {
        let (mut varint, mut rest, mut shift) = (0, commands as u64 + 8, 0);
        if rest < 0x80 {
            // Most records: one byte, and nothing to count.
            return Self { word: u128::from(rest) | u128::from(now_ms) << 8, len: 1 + 8 };
        }
        while rest >= 0x80 {
            varint |= (rest & 0x7f | 0x80) << shift;
            rest >>= 7;
            shift += 8;
        }
        let word = u128::from(varint | rest << shift) | u128::from(now_ms) << (shift + 8);
        Self { word, len: shift as usize / 8 + 1 + 8 }
    }

    /// Its length in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Its bytes, and zeros up to a length that is always the same.
    #[inline]
    pub fn padded(&self) -> [u8; PREFIX_BYTES] {
        self.word.to_le_bytes()
    }
}

/// Reads the varint that `bytes` start with: the length of the whole record, varint included, and the varint's own.
/// `None`: cut short or nonsense.
#[inline]
pub fn record_bytes(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut rest = bytes;
    let len = varint::read(&mut rest).filter(|len| *len >= 8)?;
    let at = bytes.len() - rest.len();
    Some((len.checked_add(at as u64)?, at))
}

/// Counts the whole records at the front of `bytes` and their bytes, not going beyond `limit` bytes.
pub fn whole_records(bytes: &[u8], limit: usize) -> (u64, usize) {
    let (mut count, mut at) = (0, 0);
    while let Some((len, _)) = record_bytes(&bytes[at..]) {
        // The comparison is in u64: a nonsense length cannot wrap.
        if len > (limit.min(bytes.len()) - at) as u64 {
            break;
        }
        at += len as usize;
        count += 1;
        if at >= limit.min(bytes.len()) {
            break;
        }
    }
    (count, at)
}

/// The records of a payload: position, time in ms, commands. It ends early where the payload is not whole records.
#[derive(Debug, Clone)]
pub struct Records<'b> {
    position: u64,
    rest: &'b [u8],
}

impl<'b> Records<'b> {
    /// Reads `payload`, whose first record has `position`.
    pub fn new(position: u64, payload: &'b [u8]) -> Self {
        Self { position, rest: payload }
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = (u64, u64, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (len, varint) = record_bytes(self.rest)?;
        let (record, rest) = self.rest.split_at_checked(usize::try_from(len).ok()?)?;
        let item = (self.position, u64_at(record, varint), &record[varint + 8..]);
        self.position += len;
        self.rest = rest;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(commands: &[u8], now_ms: u64) -> Vec<u8> {
        let prefix = Prefix::new(commands.len(), now_ms);
        [&prefix.padded()[..prefix.len()], commands].concat()
    }

    #[test]
    fn records_of_all_lengths_read_back_and_a_cut_one_does_not() {
        let mut payload = Vec::new();
        for len in [0, 1, 119, 120, 300, 16_376, 70_000] {
            payload.extend(record(&vec![len as u8; len], len as u64));
        }
        let back: Vec<_> =
            Records::new(7, &payload).map(|(_, now_ms, c)| (now_ms as usize, c.len())).collect();
        assert_eq!(back, [0, 1, 119, 120, 300, 16_376, 70_000].map(|n| (n, n)));
        assert_eq!(whole_records(&payload, usize::MAX), (7, payload.len()));
        assert_eq!(whole_records(&payload[..payload.len() - 1], usize::MAX).0, 6);
        assert_eq!(whole_records(&payload, 9), (1, 9));
        assert_eq!(whole_records(&payload, 8), (0, 0));
        assert_eq!(Records::new(7, &payload).nth(1).map(|r| r.0), Some(7 + 9));
    }

    #[test]
    fn nonsense_lengths_are_refused() {
        assert_eq!(record_bytes(&[0xff; 10]), None, "more than 64 bits");
        assert_eq!(record_bytes(&[0x80; 20]), None, "no end");
        assert_eq!(record_bytes(&[7]), None, "no room for the time");
        assert_eq!(record_bytes(&[8]), Some((9, 1)));
        assert_eq!(Records::new(0, &[0xff, 0xff, 0xff, 0xff, 0x0f, 1]).count(), 0);
        let near_end = [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(record_bytes(&near_end), None, "the sum does not fit");
    }

    #[test]
    fn a_sealed_frame_decodes_and_every_flipped_bit_changes_its_checksum() {
        let mut frame = vec![0; HEAD_BYTES];
        frame.extend(record(b"abc", 5));
        let crc = seal(&mut frame, 40, 30, 9, 0x5eed);
        assert_eq!(frame.len() as u64, frame_bytes(12).unwrap());
        let check = |frame: &[u8]| {
            let head = Head::decode(frame[..HEAD_BYTES].try_into().unwrap());
            head.len == 12 && head.crc == head.checksum(0x5eed, &frame[HEAD_BYTES..HEAD_BYTES + 12])
        };
        assert!(check(&frame) && Head::decode(frame[..32].try_into().unwrap()).crc == crc);
        for bit in 0..(HEAD_BYTES + 12) * 8 {
            frame[bit / 8] ^= 1 << (bit % 8);
            assert!(!check(&frame), "bit {bit}");
            frame[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
