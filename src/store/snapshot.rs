//! Snapshots: one file with everything as it was at one position of the log.
//!
//! ```text
//!   snap-<16 hex digits: the position>
//!   ┌────────────┬───────┬──────────────────────────┬───┬───────┬─────────┬───┬────────┬──────────┐
//!   │ header 64  │ frame │ payload, about 64 KiB:   │pad│ frame │ payload │pad│ frame  │ footer   │
//!   │            │ head  │ (varint length, piece)…  │   │ head  │         │   │ head   │ 3 × 8    │
//!   │            │  32   │                          │   │  32   │         │   │ synced │          │
//!   └────────────┴───────┴──────────────────────────┴───┴───────┴─────────┴───┴ = all ones ────────┘
//!   header      0 "TENONSNP"      8 major u16 | minor u16 | features u32
//!              16 store id u128  32 salt u32 | zeros    40 position u64   48 zeros   60 crc u32 of what is before it
//!   frame head  0 len u64         8 payload bytes before it u64   16 zeros, in the footer ones
//!              24 prev u32 (crc of the frame before; of the header)   28 crc u32, seeded with the salt
//!   footer      0 pieces u64      8 frames before it u64   16 bytes of all payloads before it u64
//! ```
//!
//! A **piece** is a run of bytes that means something to whoever pushed it; it never spans two frames. Frames are chained
//! by their checksums, so none can be missing, doubled or in another place without notice; the footer says that the end
//! is the end. All numbers are little-endian; a frame starts at a multiple of 8.
//!
//! A file is written under its own name, synced, read back as a whole and only then named by the manifest: whatever is
//! half written belongs to nobody.
//!
//! # Invariants
//! - No `len` is believed before it was compared with what is left of the file: a damaged file allocates nothing.
//! - Files are read by plain reads: one that shrinks or fails meanwhile is an error, not a signal.
mod reader;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

pub use reader::{Frame, Reader, Skipped};
pub use writer::Writer;

use super::{
    frame::{self, FRAME_BYTES, HEAD_BYTES, Head, u32_at, u64_at},
    log::Identity,
    manifest::{self, MAJOR, Snapshot},
    vfs::Dir,
};
use crate::base::error::{Error, Kind, Result};
use std::io;

const MAGIC: &[u8; 8] = b"TENONSNP";
const HEADER_BYTES: usize = 64;
/// `synced` of the footer's frame.
const FOOTER: u64 = u64::MAX;
const FOOTER_BYTES: u64 = 24;

/// The name of the snapshot at `position`.
pub fn name(position: u64) -> String {
    format!("snap-{position:016x}")
}

/// The position in a snapshot's name.
pub fn position_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("snap-").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok().filter(|position| self::name(*position) == name)
}

/// Reads a snapshot back as a whole and checks every frame and what the footer says. `pause` is called now and then.
///
/// # Errors
/// [`Kind::Corrupt`]: the file is not what was written; the text names file and offset. [`Kind::Io`]: it cannot be read.
pub fn verify(dir: &dyn Dir, identity: Identity, written: &Snapshot, pause: &mut dyn FnMut()) -> Result<()> {
    let mut reader = Reader::open(dir, identity, written.position, false)?;
    let mut frame = Frame::default();
    while reader.next_frame(&mut frame)? {
        pause();
    }
    match reader.snapshot() {
        Some(found) if found == *written => Ok(()),
        _ => Err(corrupt(dir, written.position, reader.offset(), "the file is not the one that was written")),
    }
}

fn header(identity: Identity, position: u64) -> [u8; HEADER_BYTES] {
    let mut out = [0; HEADER_BYTES];
    out[..8].copy_from_slice(MAGIC);
    out[8..10].copy_from_slice(&MAJOR.to_le_bytes());
    out[16..32].copy_from_slice(&identity.store.to_le_bytes());
    out[32..36].copy_from_slice(&identity.salt.to_le_bytes());
    out[40..48].copy_from_slice(&position.to_le_bytes());
    let crc = crc32fast::hash(&out[..60]);
    out[60..].copy_from_slice(&crc.to_le_bytes());
    out
}

/// Checks a header: the text says what is wrong.
fn check_header(bytes: &[u8; HEADER_BYTES], identity: Identity, position: u64) -> Result<(), String> {
    if &bytes[..8] != MAGIC {
        return Err("no header of a snapshot".into());
    }
    if crc32fast::hash(&bytes[..60]) != u32_at(bytes, 60) {
        return Err("the header's checksum is wrong".into());
    }
    manifest::check_version(u16::from_le_bytes([bytes[8], bytes[9]]), u32_at(bytes, 12))?;
    if bytes[16..32] != identity.store.to_le_bytes() || u32_at(bytes, 32) != identity.salt {
        return Err("it belongs to another store".into());
    }
    if u64_at(bytes, 40) != position {
        return Err("it is of another position than its name says".into());
    }
    Ok(())
}

/// How errors begin that name the file.
const BLAMED: &str = "ERR the snapshot ";

#[cold]
fn corrupt(dir: &dyn Dir, position: u64, offset: u64, what: &str) -> Error {
    let (dir, name) = (dir.describe(), name(position));
    let text = format!("{BLAMED}{dir}/{name} is damaged at offset {offset}: {what}");
    Error::quoting(Kind::Corrupt, text)
}

#[cold]
fn failed(dir: &str, position: u64, what: &str, error: &io::Error) -> Error {
    Error::quoting(Kind::Io, format!("ERR the snapshot {dir}/{} cannot be {what}: {error}", name(position)))
}
