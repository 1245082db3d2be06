//! Reading a file of the log in pieces, and looking for frames behind damage.
//!
//! ```text
//!    file   │ frames │ damage ??????? │ frame │ frame │ 0000000000 │
//!                    ▲ from             ▲ every multiple of 8 is tried: a head that may be, then its checksum
//! ```
//!
//! A piece is 1 MiB, or one frame if that is longer; no length that a file claims is allocated before it is known to lie
//! inside the file. What is read is never mapped: a failing disk gives an error, not a signal.
use super::super::{
    frame::{HEAD_BYTES, Head, RECORD_BYTES_MIN},
    vfs::File,
};
use std::{io, ops::RangeInclusive, sync::Arc};

/// How much is read at once.
const PIECE_BYTES: u64 = 1 << 20;
/// How much of a file is looked at in one go.
const LOOK_BYTES: u64 = 4096;

/// A file and a piece of it in memory.
pub struct Window {
    file: Arc<dyn File>,
    len: u64,
    base: u64,
    piece: Vec<u8>,
}

/// What lies behind a place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behind {
    /// The largest position that a frame found there says was durable.
    pub synced: u64,
    /// The end of the last frame found there, a position.
    pub end: u64,
    /// The offset behind the last byte that is not zero; 0 when all are.
    pub used: u64,
}

impl Behind {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self { synced: self.synced.max(other.synced), end: self.end.max(other.end), used: self.used }
    }
}

impl Window {
    /// Looks at `file`.
    pub fn new(file: Arc<dyn File>) -> io::Result<Self> {
        Ok(Self { len: file.len()?, file, base: 0, piece: Vec::new() })
    }

    /// The length of the file.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The `count` bytes at `offset`, which lie in the file.
    pub fn bytes(&mut self, offset: u64, count: u64) -> io::Result<&[u8]> {
        let short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let end = offset.checked_add(count).filter(|end| *end <= self.len).ok_or_else(short)?;
        if offset < self.base || end > self.base + self.piece.len() as u64 {
            let want = count.max(PIECE_BYTES).min(self.len - offset);
            let want = usize::try_from(want).map_err(|_| short())?;
            if self.piece.capacity() > 4 * want {
                self.piece = Vec::new();
            }
            self.piece.resize(want, 0);
            self.base = offset;
            let read = self.file.read_at(&mut self.piece, offset);
            self.piece.truncate(*read.as_ref().unwrap_or(&0));
            read?;
        }
        let at = (offset - self.base) as usize;
        self.piece.get(at..at + count as usize).ok_or_else(short)
    }

    /// The head at `offset`.
    pub fn head(&mut self, offset: u64) -> io::Result<Head> {
        let mut head = [0; HEAD_BYTES];
        head.copy_from_slice(self.bytes(offset, HEAD_BYTES as u64)?);
        Ok(Head::decode(&head))
    }

    /// Tells whether the payload of `head`, at `offset`, has the checksum it should.
    fn is_whole(&mut self, head: &Head, offset: u64, salt: u32) -> io::Result<bool> {
        let mut hasher = head.hasher(salt);
        let (mut at, end) = (offset + HEAD_BYTES as u64, offset + HEAD_BYTES as u64 + head.len);
        while at < end {
            let count = (end - at).min(PIECE_BYTES);
            hasher.update(self.bytes(at, count)?);
            at += count;
        }
        Ok(hasher.finalize() == head.crc)
    }

    /// Returns the place of the first whole frame at or behind `offset` whose position is one of `positions`.
    pub fn find(
        &mut self,
        offset: u64,
        positions: RangeInclusive<u64>,
        salt: u32,
    ) -> io::Result<Option<(u64, Head)>> {
        let mut patience = self.len.saturating_mul(16);
        let mut at = offset.next_multiple_of(8);
        while at + HEAD_BYTES as u64 <= self.len {
            let head = self.head(at)?;
            let fits = head.frame_bytes().is_some_and(|bytes| bytes <= self.len - at);
            let likely = head.len >= RECORD_BYTES_MIN
                && positions.contains(&head.position)
                && head.synced <= head.position;
            if fits && likely && head.len <= patience {
                patience -= head.len;
                if self.is_whole(&head, at, salt)? {
                    return Ok(Some((at, head)));
                }
            }
            at += 8;
        }
        Ok(None)
    }

    /// Looks for frames of positions in [expect, expect + span] from `offset` on, and for the last byte in use.
    pub fn behind(&mut self, offset: u64, expect: u64, span: u64, salt: u32) -> io::Result<Behind> {
        let mut found = Behind::default();
        // Bytes that look like heads of large frames, many of them, must not take for ever.
        let mut patience = self.len.saturating_mul(16);
        let mut at = offset.next_multiple_of(8);
        while at < self.len {
            let look = LOOK_BYTES.min(self.len - at);
            let Some(last) = self.bytes(at, look)?.iter().rposition(|b| *b != 0) else {
                at += look;
                continue;
            };
            found.used = found.used.max(at + last as u64 + 1);
            let mut jump = None;
            for place in (at..at + look).step_by(8) {
                if place + HEAD_BYTES as u64 > self.len {
                    break;
                }
                let head = self.head(place)?;
                let bytes = head.frame_bytes().filter(|b| *b <= self.len - place);
                let likely = head.len >= RECORD_BYTES_MIN
                    && head.position.checked_sub(expect).is_some_and(|d| d <= span)
                    && head.synced <= head.position;
                let Some(bytes) = bytes.filter(|_| likely && head.len <= patience) else { continue };
                patience -= head.len;
                if self.is_whole(&head, place, salt)? {
                    found.synced = found.synced.max(head.synced);
                    found.end = found.end.max(head.position + head.len);
                    found.used = found.used.max(place + bytes);
                    jump = Some(place + bytes);
                    break;
                }
            }
            at = jump.unwrap_or(at + look);
        }
        Ok(found)
    }
}
