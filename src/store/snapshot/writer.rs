//! Writing a snapshot: pieces are collected to frames, frames are appended.
use super::{
    super::vfs::{Dir, File, How},
    FOOTER, FRAME_BYTES, HEAD_BYTES, HEADER_BYTES, Identity, Snapshot, failed,
    frame::seal,
    header, name, u32_at,
};
use crate::base::{error::Result, varint};
use std::{io, sync::Arc};

/// The most bytes of a varint.
const VARINT_BYTES_MAX: usize = 10;

/// Bytes after which the file is synced.
const SYNCED_AT_ONCE_BYTES: u64 = 32 << 20;

/// Writes a snapshot. Dropped before [`Writer::finish`] it leaves a file that no manifest names.
pub struct Writer {
    file: Arc<dyn File>,
    salt: u32,
    /// How errors call the directory.
    dir: String,
    position: u64,
    /// The frame that is being filled: room for the head, then pieces.
    frame: Vec<u8>,
    /// Where it goes in the file.
    offset: u64,
    /// What is before it was synced.
    synced: u64,
    payload_bytes: u64,
    pieces: u64,
    frames: u64,
    prev: u32,
}

impl Writer {
    /// Creates the file of the snapshot at `position`; one that is there is replaced.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::base::error::Kind::Io).
    pub fn create(dir: &dyn Dir, identity: Identity, position: u64) -> Result<Self> {
        let (text, error) = (dir.describe(), |e: io::Error| failed(&dir.describe(), position, "created", &e));
        let file = dir.open(&name(position), How::Create).map_err(error)?;
        let header = header(identity, position);
        file.write_at(&header, 0).map_err(error)?;
        let mut frame = Vec::with_capacity(FRAME_BYTES + HEAD_BYTES + 8);
        frame.resize(HEAD_BYTES, 0);
        Ok(Self {
            file,
            salt: identity.salt,
            dir: text,
            position,
            frame,
            offset: HEADER_BYTES as u64,
            synced: 0,
            payload_bytes: 0,
            pieces: 0,
            frames: 0,
            prev: u32_at(&header, 60),
        })
    }

    /// Adds a piece, which is not empty. Writes when a frame is full.
    ///
    /// # Errors
    /// [`Kind::Io`](crate::base::error::Kind::Io): the snapshot is to be given up.
    pub fn push(&mut self, piece: &[u8]) -> Result<()> {
        debug_assert!(!piece.is_empty());
        let filled = self.frame.len() - HEAD_BYTES;
        if filled > 0 && filled + VARINT_BYTES_MAX + piece.len() > FRAME_BYTES {
            self.write_frame(0)?;
        }
        varint::write_bytes(&mut self.frame, piece);
        self.pieces += 1;
        Ok(())
    }

    fn write_frame(&mut self, synced: u64) -> Result<()> {
        let payload_bytes = (self.frame.len() - HEAD_BYTES) as u64;
        self.prev = seal(&mut self.frame, self.payload_bytes, synced, self.prev, self.salt);
        let written = self.file.write_at(&self.frame, self.offset);
        written.map_err(|error| failed(&self.dir, self.position, "written", &error))?;
        self.offset += self.frame.len() as u64;
        if self.offset - self.synced >= SYNCED_AT_ONCE_BYTES {
            // In pieces: a sync of all of it would keep the disk, and with it the log, busy for long.
            self.file.sync().map_err(|error| failed(&self.dir, self.position, "written", &error))?;
            self.synced = self.offset;
        }
        self.payload_bytes += payload_bytes;
        self.frames += 1;
        self.frame.truncate(HEAD_BYTES);
        // One huge piece is no reason to keep its room.
        self.frame.shrink_to(FRAME_BYTES + HEAD_BYTES + 8);
        Ok(())
    }

    /// Writes what is left and the footer, and makes the content of the file durable; its name is durable after
    /// [`Dir::sync`].
    ///
    /// # Errors
    /// [`Kind::Io`](crate::base::error::Kind::Io): the file is not to be used.
    pub fn finish(mut self) -> Result<Snapshot> {
        if self.frame.len() > HEAD_BYTES {
            self.write_frame(0)?;
        }
        for number in [self.pieces, self.frames, self.payload_bytes] {
            self.frame.extend_from_slice(&number.to_le_bytes());
        }
        self.write_frame(FOOTER)?;
        self.file.sync().map_err(|error| failed(&self.dir, self.position, "written", &error))?;
        Ok(Snapshot { position: self.position, len: self.offset, footer: self.prev })
    }
}
