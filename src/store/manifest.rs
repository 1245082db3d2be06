//! The manifest: which files are the database. It is small, and replaced as a whole.
//!
//! ```text
//!   0 "TENONMAN"                  8 major u16 | minor u16 | features u32
//!  16 store id u128
//!  32 generation u64             40 snapshot's position u64 (all ones: no snapshot)
//!  48 snapshot's length u64      56 crc of its footer u32 | salt u32
//!  64 start of the log u64       72 durable u64
//!  80 flags u32 (bit 0: closed properly) | zeros, for minor versions to come
//! 124 crc u32 of all that is before it          all little-endian
//! ```
//!
//! What every version keeps: the first 16 bytes, and that the last four are the checksum of the rest, however long the
//! file has become. So a damaged manifest is told apart from one of a newer version.
//!
//! Replaced by: write `MANIFEST.new`, sync it, rename it over `MANIFEST`, sync the directory. A power loss at any point
//! leaves the old one or the new one. `MANIFEST.new` is never read.
//!
//! Order, for those who use it: files that a manifest names are durable before it is stored, and files that only the
//! manifest before it named are removed after. A new store gets its manifest before its first segment: files of a log
//! or a snapshot without any manifest are taken for a store that lost it, and refused.
use super::vfs::{Dir, How};
use crate::base::error::{Error, Kind, Result};
use std::io::{self, ErrorKind};

/// The manifest's name.
pub const NAME: &str = "MANIFEST";
/// Its successor's, until that is complete.
const NEXT: &str = "MANIFEST.new";

/// The version of all files of the store that this library reads and writes.
pub const MAJOR: u16 = 1;
/// Newer minor versions can be read.
pub const MINOR: u16 = 0;
/// Feature bits without which nobody may read a store: the lower half.
pub const FEATURES_REQUIRED: u32 = 0xFFFF;
/// Records may have short texts and numbers. Whoever writes to a store gives it this bit.
pub const SHORT_ATOMS: u32 = 1;
/// The feature bits that this version knows.
pub const FEATURES_KNOWN: u32 = SHORT_ATOMS;

const MAGIC: &[u8; 8] = b"TENONMAN";
const BYTES: usize = 128;
/// No version's manifest is longer.
const BYTES_MAX: u64 = 1 << 16;
const CLEAN: u32 = 1;
const NONE: u64 = u64::MAX;
/// No position, length or count of a store comes near: sums of them do not overflow.
const NUMBER_MAX: u64 = 1 << 62;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Which store this is: all its files name it.
    pub store: u128,
    /// Where the checksums of its frames start.
    pub salt: u32,
    /// Counts the snapshots that became the database.
    pub generation: u64,
    /// The snapshot that the database starts from; without one it starts empty.
    pub snapshot: Option<Snapshot>,
    /// The position at which the first segment of the log starts.
    pub log_start: u64,
    /// Everything below this position was durable when this was written.
    pub durable: u64,
    /// The store was closed properly: the log ends at `durable`.
    pub clean: bool,
    /// Feature bits.
    pub features: u32,
}

/// A snapshot, as the manifest knows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The position at which it shows the database. Below `u64::MAX`.
    pub position: u64,
    /// The length of its file in bytes.
    pub len: u64,
    /// The checksum of its footer.
    pub footer: u32,
}

impl Manifest {
    /// Reads the manifest of `dir`; `None`: there is no store.
    ///
    /// # Errors
    /// [`Kind::Corrupt`]: the manifest is damaged, of a newer version, or lost. [`Kind::Io`]: it cannot be read.
    pub fn load(dir: &dyn Dir) -> Result<Option<Self>> {
        let file = match dir.open(NAME, How::Read) {
            Err(error) if error.kind() == ErrorKind::NotFound => return absent(dir),
            opened => opened.map_err(|error| failed(dir, &error))?,
        };
        let len = file.len().map_err(|error| failed(dir, &error))?;
        if len > BYTES_MAX {
            return Err(corrupt(dir, &format!("its length is {len}")));
        }
        let mut bytes = vec![0; len as usize];
        let read = file.read_at(&mut bytes, 0).map_err(|error| failed(dir, &error))?;
        bytes.truncate(read);
        Self::decode(&bytes).map(Some).map_err(|reason| corrupt(dir, &reason))
    }

    /// Makes this the manifest of `dir`; durable when this returns. After an error the old one or this one is it: store
    /// again.
    ///
    /// # Errors
    /// [`Kind::Io`].
    pub fn store(&self, dir: &dyn Dir) -> Result<()> {
        self.replace(dir).map_err(|error| failed(dir, &error))
    }

    fn replace(&self, dir: &dyn Dir) -> io::Result<()> {
        // What an interrupted replacement left may be a file whose sync failed: never trusted again.
        match dir.remove(NEXT) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = dir.open(NEXT, How::Create)?;
        file.write_at(&self.encode(), 0)?;
        file.sync()?;
        drop(file);
        dir.rename(NEXT, NAME)?;
        dir.sync()
    }

    fn encode(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, MAGIC);
        put(8, &MAJOR.to_le_bytes());
        put(10, &MINOR.to_le_bytes());
        put(12, &self.features.to_le_bytes());
        put(16, &self.store.to_le_bytes());
        put(32, &self.generation.to_le_bytes());
        let snapshot = self.snapshot.unwrap_or(Snapshot { position: NONE, len: 0, footer: 0 });
        put(40, &snapshot.position.to_le_bytes());
        put(48, &snapshot.len.to_le_bytes());
        put(56, &snapshot.footer.to_le_bytes());
        put(60, &self.salt.to_le_bytes());
        put(64, &self.log_start.to_le_bytes());
        put(72, &self.durable.to_le_bytes());
        put(80, &if self.clean { CLEAN } else { 0 }.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..BYTES - 4]);
        bytes[BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The other way; the error says what is wrong, for a sentence that has named the file.
    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let (Some((body, crc)), true) = (bytes.split_last_chunk(), bytes.len() >= 20) else {
            return Err(format!("its length is {}", bytes.len()));
        };
        if !body.starts_with(MAGIC) {
            return Err("it is no manifest".into());
        }
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return Err("its checksum is wrong".into());
        }
        let features = u32::from_le_bytes(field(body, 12));
        check_version(u16::from_le_bytes(field(body, 8)), features)?;
        if bytes.len() < BYTES {
            return Err(format!("its length is {}", bytes.len()));
        }
        let word = |at| u64::from_le_bytes(field(body, at));
        let footer = u32::from_le_bytes(field(body, 56));
        let position = word(40);
        let manifest = Self {
            store: u128::from_le_bytes(field(body, 16)),
            salt: u32::from_le_bytes(field(body, 60)),
            generation: word(32),
            snapshot: (position != NONE).then_some(Snapshot { position, len: word(48), footer }),
            log_start: word(64),
            durable: word(72),
            clean: u32::from_le_bytes(field(body, 80)) & CLEAN != 0,
            features,
        };
        let Snapshot { position: at, len, .. } = manifest.snapshot.unwrap_or_default();
        let numbers = [manifest.generation, at, len, manifest.log_start, manifest.durable];
        if let Some(number) = numbers.into_iter().find(|number| *number > NUMBER_MAX) {
            return Err(format!("a number in it is {number}"));
        }
        match manifest.snapshot {
            // Records between the two would be lost.
            Some(snapshot) if snapshot.position < manifest.log_start => {
                Err(format!("its log starts at {}, behind its snapshot at {position}", manifest.log_start))
            }
            _ => Ok(manifest),
        }
    }
}

/// Tells whether this version reads files of version `major` with these feature bits; if not, how to say so.
pub fn check_version(major: u16, features: u32) -> Result<(), String> {
    if major != MAJOR {
        let age = if major > MAJOR { "a newer" } else { "no known" };
        return Err(format!("it was written by {age} version (format {major}, this one reads {MAJOR})"));
    }
    match features & FEATURES_REQUIRED & !FEATURES_KNOWN {
        0 => Ok(()),
        unknown => Err(format!("it was written by a newer version (it needs features {unknown:#x})")),
    }
}

/// The bytes at `at`; the caller has checked the length, zeros stand for what is missing all the same.
fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

/// No manifest: no store, unless there are files of one.
fn absent(dir: &dyn Dir) -> Result<Option<Manifest>> {
    let names = dir.list().map_err(|error| failed(dir, &error))?;
    match names.iter().filter(|name| name.starts_with("log-") || name.starts_with("snap-")).min() {
        None => Ok(None),
        Some(name) => Err(corrupt(dir, &format!("it is missing, but there is {name}"))),
    }
}

#[cold]
fn corrupt(dir: &dyn Dir, reason: &str) -> Error {
    let text = format!("ERR the store in {} cannot be opened: {NAME}: {reason}", dir.describe());
    Error::quoting(Kind::Corrupt, text)
}

#[cold]
fn failed(dir: &dyn Dir, error: &io::Error) -> Error {
    Error::quoting(Kind::Io, format!("ERR {NAME} in {}: {error}", dir.describe()))
}

#[cfg(test)]
mod tests;
