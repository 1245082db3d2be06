//! Reading a snapshot: frame by frame, each one checked before anybody sees it.
use super::{
    super::vfs::{Dir, File, How},
    BLAMED, FOOTER, FOOTER_BYTES, HEAD_BYTES, HEADER_BYTES, Head, Identity, Snapshot, check_header, corrupt,
    failed,
    frame::frame_bytes,
    name, u32_at, u64_at,
};
use crate::base::{
    error::{Error, Kind, Result},
    varint,
};
use std::{fmt, io, sync::Arc};

/// Bytes that are searched at once for a frame that goes on behind damage.
const SEARCHED_BYTES: usize = 64 << 10;

/// A frame that was read. Its room is used again for the next one.
#[derive(Debug, Default)]
pub struct Frame {
    payload: Vec<u8>,
    /// Something was left out between this frame and the one before: salvage only.
    pub after_gap: bool,
}

impl Frame {
    /// The pieces, in the order in which they were pushed.
    pub fn pieces(&self) -> Pieces<'_> {
        Pieces { rest: &self.payload }
    }

    /// The bytes of all pieces and their lengths.
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }
}

/// The pieces of a frame.
#[derive(Debug, Clone)]
pub struct Pieces<'f> {
    rest: &'f [u8],
}

impl<'f> Iterator for Pieces<'f> {
    type Item = &'f [u8];
    #[inline]
    fn next(&mut self) -> Option<&'f [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let len = usize::try_from(varint::read(&mut self.rest)?).ok()?;
        // The reader has checked that the payload is whole pieces.
        let (piece, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(piece)
    }
}

/// Tells whether a payload is whole pieces, and how many.
fn count_pieces(payload: &[u8]) -> Option<u64> {
    let (mut pieces, mut count) = (Pieces { rest: payload }, 0);
    while !pieces.rest.is_empty() {
        pieces.next()?;
        count += 1;
    }
    Some(count)
}

/// A part of the file that salvage has left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub name: String,
    /// Where the damage begins.
    pub offset: u64,
    /// How many bytes of the file were left out.
    pub bytes: u64,
    /// What was wrong.
    pub what: &'static str,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} bytes at offset {}: {}", self.name, self.bytes, self.offset, self.what)
    }
}

/// Reads a snapshot from its beginning to its footer.
pub struct Reader<'d> {
    dir: &'d dyn Dir,
    file: Arc<dyn File>,
    identity: Identity,
    position: u64,
    len: u64,
    offset: u64,
    payload_bytes: u64,
    /// The checksum of the frame before; `None` behind a gap.
    prev: Option<u32>,
    pieces: u64,
    frames: u64,
    salvage: bool,
    skipped: Vec<Skipped>,
    found: Option<Snapshot>,
    ended: bool,
}

impl<'d> Reader<'d> {
    /// Opens the snapshot at `position`. With `salvage` damaged frames are left out and noted; without it they are
    /// errors.
    ///
    /// # Errors
    /// [`Kind::Corrupt`]: the header is damaged or of another store; with `salvage`, only one of a newer version.
    /// [`Kind::Io`]: there is no such file, or it cannot be read.
    pub fn open(dir: &'d dyn Dir, identity: Identity, position: u64, salvage: bool) -> Result<Self> {
        let error = |error| failed(&dir.describe(), position, "read", &error);
        let file = match dir.open(&name(position), How::Read) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(corrupt(dir, position, 0, "the file is missing"));
            }
            opened => opened.map_err(error)?,
        };
        let len = file.len().map_err(error)?;
        let mut header = [0; HEADER_BYTES];
        let read = file.read_at(&mut header, 0).map_err(error)?;
        let checked = match read {
            HEADER_BYTES => check_header(&header, identity, position),
            _ => Err("it has no header".into()),
        };
        let mut reader = Self {
            dir,
            file,
            identity,
            position,
            len,
            // A file that was cut short has not even that.
            offset: len.min(HEADER_BYTES as u64),
            payload_bytes: 0,
            prev: Some(u32_at(&header, 60)),
            pieces: 0,
            frames: 0,
            salvage,
            skipped: Vec::new(),
            found: None,
            ended: false,
        };
        if let Err(what) = checked {
            if !salvage || what.contains("newer") {
                return Err(corrupt(dir, position, 0, &what));
            }
            reader.skip(0, len.min(HEADER_BYTES as u64), "the header is damaged");
            reader.prev = None;
        }
        Ok(reader)
    }

    /// Tells whether damage is left out.
    pub fn is_salvage(&self) -> bool {
        self.salvage
    }

    /// How far the file was read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What was left out so far.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// What the snapshot is, when its footer was reached and nothing was wrong.
    pub fn snapshot(&self) -> Option<Snapshot> {
        self.found.filter(|_| self.skipped.is_empty())
    }

    /// Reads and checks the next frame. False: that was the last one, and the footer says so, too.
    ///
    /// # Errors
    /// [`Kind::Corrupt`]: damage, or no footer; without `salvage` only. [`Kind::Io`]: the file cannot be read; with
    /// `salvage` that is damage.
    pub fn next_frame(&mut self, frame: &mut Frame) -> Result<bool> {
        frame.after_gap = false;
        while !self.ended {
            match self.read_frame(self.offset, frame) {
                Ok(head) => {
                    self.offset += frame_bytes(head.len).unwrap_or(u64::MAX);
                    self.prev = Some(head.crc);
                    self.payload_bytes = head.position + head.len;
                    self.frames += 1;
                    if head.synced != FOOTER {
                        self.pieces += count_pieces(&frame.payload).unwrap_or(0);
                        return Ok(true);
                    }
                    self.end(head, &frame.payload)?;
                }
                Err(error) if !self.salvage => return Err(self.refuse(error)),
                Err(error) => {
                    self.find_next(error, frame);
                    frame.after_gap = true;
                }
            }
        }
        Ok(false)
    }

    /// Checks what the footer says.
    fn end(&mut self, head: Head, payload: &[u8]) -> Result<()> {
        self.ended = true;
        let found = [self.pieces, self.frames - 1, head.position];
        let agrees = (0..3).all(|at| u64_at(payload, at * 8) == found[at]) && self.offset == self.len;
        if agrees {
            self.found = Some(Snapshot { position: self.position, len: self.len, footer: head.crc });
        } else if !self.salvage {
            return Err(self.refuse(Fault::Damage(OTHER)));
        } else if self.skipped.is_empty() {
            // Nothing is known to be missing, and something is.
            self.skip(self.offset, 0, OTHER);
        }
        Ok(())
    }

    /// Reads the frame at `offset` without believing it.
    fn read_frame(&self, offset: u64, frame: &mut Frame) -> Result<Head, Fault> {
        let mut bytes = [0; HEAD_BYTES];
        if offset >= self.len {
            return Err(Fault::Damage("the file ends without a footer"));
        }
        if self.file.read_at(&mut bytes, offset).map_err(Fault::Io)? < HEAD_BYTES {
            return Err(Fault::Damage("the file ends within a frame"));
        }
        let head = Head::decode(&bytes);
        let rest = self.len - offset;
        if head.len == 0 || frame_bytes(head.len).is_none_or(|bytes| bytes > rest) {
            return Err(Fault::Damage("the length of a frame is nonsense"));
        }
        // Checked before anything as long as the length is allocated.
        if head.position > offset
            || self.prev.is_some_and(|prev| prev != head.prev || self.payload_bytes != head.position)
        {
            return Err(Fault::Damage("a frame does not follow the one before it"));
        }
        frame.payload.resize(head.len as usize, 0);
        let read = self.file.read_at(&mut frame.payload, offset + HEAD_BYTES as u64).map_err(Fault::Io)?;
        if read < frame.payload.len() {
            return Err(Fault::Damage("the file ends within a frame"));
        }
        if head.checksum(self.identity.salt, &frame.payload) != head.crc {
            return Err(Fault::Damage("the checksum of a frame is wrong"));
        }
        let whole = match head.synced {
            FOOTER => head.len == FOOTER_BYTES,
            0 => count_pieces(&frame.payload).is_some(),
            _ => false,
        };
        if whole { Ok(head) } else { Err(Fault::Damage("a frame is not what it should be")) }
    }

    #[cold]
    fn refuse(&self, fault: Fault) -> Error {
        match fault {
            Fault::Damage(what) => corrupt(self.dir, self.position, self.offset, what),
            Fault::Io(error) => failed(&self.dir.describe(), self.position, "read", &error),
        }
    }

    fn skip(&mut self, offset: u64, bytes: u64, what: &'static str) {
        self.skipped.push(Skipped { name: name(self.position), offset, bytes, what });
    }

    /// Goes on at the next whole frame behind the damage at `offset`, or at the end.
    #[cold]
    fn find_next(&mut self, fault: Fault, frame: &mut Frame) {
        let from = self.offset.min(self.len);
        // The chain is broken here: any frame of this store and file that comes later is taken.
        self.prev = None;
        let mut at = from + 8;
        let mut window = vec![0; SEARCHED_BYTES + HEAD_BYTES];
        'search: while at < self.len {
            let read = self.file.read_at(&mut window, at).unwrap_or(0);
            let starts =
                if read < window.len() { read.saturating_sub(HEAD_BYTES - 1) } else { SEARCHED_BYTES };
            for start in (0..starts).step_by(8) {
                if self.is_plausible(&window[start..start + HEAD_BYTES], at + start as u64)
                    && self.read_frame(at + start as u64, frame).is_ok()
                {
                    at += start as u64;
                    break 'search;
                }
            }
            // What cannot be read is passed over.
            at += SEARCHED_BYTES as u64;
        }
        self.offset = at.min(self.len);
        self.ended = at >= self.len;
        let what = match fault {
            Fault::Damage(what) => what,
            Fault::Io(_) => "the file cannot be read",
        };
        self.skip(from, self.offset - from, what);
    }

    /// Tells whether there may be the head of a frame, before its payload is read.
    fn is_plausible(&self, bytes: &[u8], offset: u64) -> bool {
        let mut head = [0; HEAD_BYTES];
        head.copy_from_slice(bytes);
        let head = Head::decode(&head);
        head.len > 0
            && frame_bytes(head.len).is_some_and(|bytes| bytes <= self.len - offset)
            && (head.synced == 0 || head.synced == FOOTER)
            && (self.payload_bytes..offset).contains(&head.position)
    }
}

/// What is wrong when the footer counts differently.
const OTHER: &str = "the footer tells of another content";

/// Why a frame cannot be had.
enum Fault {
    Damage(&'static str),
    Io(std::io::Error),
}

impl Reader<'_> {
    /// Names the snapshot in an error about what is in its frames; one of the reader's own names it already.
    #[cold]
    pub fn blame(&self, error: Error) -> Error {
        let what = error.to_string();
        match error.kind() {
            Kind::Corrupt if !what.starts_with(BLAMED) => {
                corrupt(self.dir, self.position, self.offset, what.strip_prefix("ERR ").unwrap_or(&what))
            }
            _ => error,
        }
    }
}
