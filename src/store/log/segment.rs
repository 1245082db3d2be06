//! The files of the log, and the one that is written.
//!
//! ```text
//!   log-…0000 (full, durable)   log-…4000000 (full, to be synced)   log-…8000000 (current)
//!                                                                    │ header │ frames │ end mark │ room │
//!                                                                                      ▲ offset
//! ```
//!
//! A segment is allocated when it is made: a write into it does not run out of space. Behind every frame goes an end
//! mark, a head of zeros, which the next frame replaces; so an older life of a recycled file never seems to go on.
//! The offset moves after a write has succeeded: what failed is written again at the same place.
//!
//! Invariants: a frame never spans two segments; a segment's name is the position of its first record; `unsynced` holds
//! the full segments with bytes that may not be durable, oldest first.
use super::{
    super::{
        frame::{self, HEAD_BYTES, SEGMENT_HEADER_BYTES},
        manifest::{MAJOR, check_version},
        vfs::{Dir, File, How},
    },
    Identity,
};
use std::{io, sync::Arc};

const MAGIC: &[u8; 8] = b"TENONLOG";
/// Bits of the header: the file had an older life, so there may be anything behind the end mark.
pub const RECYCLED: u64 = 1;
/// Files with this prefix wait to be used again.
pub const SPARE: &str = "spare-";
const SPARES_MAX: usize = 2;

/// The name of the segment that begins at `position`.
pub fn name(position: u64) -> String {
    format!("log-{position:016x}")
}

/// The position in a segment's name.
pub fn position_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("log-").filter(|d| d.len() == 16)?;
    u64::from_str_radix(digits, 16).ok().filter(|p| self::name(*p) == name)
}

/// The header of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub identity: Identity,
    /// The checksum of the last frame before the segment.
    pub prev: u32,
    /// The position of the first record.
    pub start: u64,
    pub flags: u64,
}

/// Why a header cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It is no header of this store.
    Damaged(&'static str),
    /// Another version wrote it: which one, in words.
    Newer(String),
}

impl Header {
    /// Writes the header: magic 0, major 8, minor 10, features 12, store 16, salt 32, prev 36, start 40,
    /// flags 48, zeros 56, checksum 60.
    pub fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut out = [0; SEGMENT_HEADER_BYTES];
        out[..8].copy_from_slice(MAGIC);
        out[8..10].copy_from_slice(&MAJOR.to_le_bytes());
        out[16..32].copy_from_slice(&self.identity.store.to_le_bytes());
        out[32..36].copy_from_slice(&self.identity.salt.to_le_bytes());
        out[36..40].copy_from_slice(&self.prev.to_le_bytes());
        out[40..48].copy_from_slice(&self.start.to_le_bytes());
        out[48..56].copy_from_slice(&self.flags.to_le_bytes());
        let crc = crc32fast::hash(&out[..60]);
        out[60..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads the header of a segment of the store `identity`.
    pub fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES], identity: Identity) -> Result<Self, Unusable> {
        if &bytes[..8] != MAGIC {
            return Err(Unusable::Damaged("no header of a log segment"));
        }
        if crc32fast::hash(&bytes[..60]) != frame::u32_at(bytes, 60) {
            return Err(Unusable::Damaged("the header's checksum is wrong"));
        }
        let major = u16::from_le_bytes([bytes[8], bytes[9]]);
        check_version(major, frame::u32_at(bytes, 12)).map_err(Unusable::Newer)?;
        let store = u128::from(frame::u64_at(bytes, 16)) | u128::from(frame::u64_at(bytes, 24)) << 64;
        let found = Identity { store, salt: frame::u32_at(bytes, 32) };
        if found != identity {
            return Err(Unusable::Damaged("the segment belongs to another store"));
        }
        let (prev, start) = (frame::u32_at(bytes, 36), frame::u64_at(bytes, 40));
        Ok(Self { identity, prev, start, flags: frame::u64_at(bytes, 48) })
    }
}

/// The segment that is written.
pub struct Segment {
    pub file: Arc<dyn File>,
    pub start: u64,
    /// Where the next frame goes.
    pub offset: u64,
    /// Up to where the file has room.
    pub room: u64,
}

/// Writes frames to segments. One thread at a time.
pub struct Writer {
    dir: Arc<dyn Dir>,
    identity: Identity,
    segment_bytes: u64,
    pub current: Option<Segment>,
    /// The starts of the full segments that the generation still needs, in order.
    pub full: Vec<u64>,
    /// Full segments that may not be durable, oldest first.
    pub unsynced: Vec<Arc<dyn File>>,
    /// Names were created since the directory was synced: how many times.
    pub names_changed: u64,
    /// How many of them are durable.
    pub names_synced: u64,
    /// Everything below is in files.
    pub position: u64,
    pub prev: u32,
    frame: Vec<u8>,
}

impl Writer {
    /// Goes on at `position`, where the chain has `prev`, in a segment that is made when it is needed.
    pub fn new(dir: Arc<dyn Dir>, identity: Identity, segment_bytes: u64, position: u64, prev: u32) -> Self {
        Self {
            dir,
            identity,
            segment_bytes,
            current: None,
            full: Vec::new(),
            unsynced: Vec::new(),
            names_changed: 1,
            names_synced: 0,
            position,
            prev,
            frame: Vec::new(),
        }
    }

    pub fn dir(&self) -> &Arc<dyn Dir> {
        &self.dir
    }

    /// Writes one frame, whose payload `fill` appends. Returns the number of payload bytes: 0 when there was none.
    pub fn put(&mut self, synced: u64, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<u64> {
        let mut frame = std::mem::take(&mut self.frame);
        frame.clear();
        frame.resize(HEAD_BYTES, 0);
        fill(&mut frame);
        let done = self.write(synced, &mut frame);
        // A huge record's buffer is not kept.
        if frame.capacity() <= 4 * frame::FRAME_BYTES {
            self.frame = frame;
        }
        done
    }

    fn write(&mut self, synced: u64, frame: &mut Vec<u8>) -> io::Result<u64> {
        let len = (frame.len() - HEAD_BYTES) as u64;
        if len == 0 {
            return Ok(0);
        }
        let crc = frame::seal(frame, self.position, synced, self.prev, self.identity.salt);
        let bytes = frame.len() as u64;
        let fits = |s: &Segment| s.room.saturating_sub(s.offset) >= bytes;
        let segment = match self.current.take() {
            Some(segment) if fits(&segment) => segment,
            full => {
                let made = self.make(bytes);
                let (made, full) = match made {
                    Ok(made) => (made, full),
                    Err(e) => {
                        self.current = full;
                        return Err(e);
                    }
                };
                // One without frames had the name of the new one, which replaced it.
                if let Some(full) = full.filter(|s| s.start < self.position) {
                    self.full.push(full.start);
                    self.unsynced.push(full.file);
                }
                made
            }
        };
        let segment = self.current.insert(segment);
        let mark = (segment.room - segment.offset - bytes).min(HEAD_BYTES as u64) as usize;
        frame.resize(frame.len() + mark, 0);
        segment.file.write_at(frame, segment.offset)?;
        segment.offset += bytes;
        self.position += len;
        self.prev = crc;
        Ok(len)
    }

    /// Makes the segment that begins here, with room for a frame of `frame` bytes at least.
    fn make(&mut self, frame: u64) -> io::Result<Segment> {
        let room = self.segment_bytes.max(frame + SEGMENT_HEADER_BYTES as u64);
        let (start, name) = (self.position, name(self.position));
        let recycled = if room == self.segment_bytes { self.reuse(&name)? } else { None };
        let file = match recycled {
            Some(file) => file,
            None => {
                let file = self.dir.open(&name, How::Create)?;
                let header = Header { identity: self.identity, prev: self.prev, start, flags: 0 };
                let made = allocate(&*file, room).and_then(|()| file.write_at(&header.encode(), 0));
                if let Err(e) = made {
                    // Without room it is of no use; the next attempt makes it again.
                    let _ = self.dir.remove(&name);
                    return Err(e);
                }
                file
            }
        };
        self.names_changed += 1;
        Ok(Segment { file, start, offset: SEGMENT_HEADER_BYTES as u64, room })
    }

    /// Gives a spare file the header and the name of the segment that begins here.
    fn reuse(&self, name: &str) -> io::Result<Option<Arc<dyn File>>> {
        let spares = self.dir.list()?;
        for spare in spares.iter().filter(|n| n.starts_with(SPARE)) {
            let file = self.dir.open(spare, How::Write)?;
            if file.len()? != self.segment_bytes || !self.is_past(&*file)? {
                self.dir.remove(spare)?;
                continue;
            }
            let header =
                Header { identity: self.identity, prev: self.prev, start: self.position, flags: RECYCLED };
            let mut front = header.encode().to_vec();
            front.resize(SEGMENT_HEADER_BYTES + HEAD_BYTES, 0);
            file.write_at(&front, 0)?;
            self.dir.rename(spare, name)?;
            return Ok(Some(file));
        }
        Ok(None)
    }

    /// Tells whether the older life of `file` is a past one: it begins below here. One that does not was made ready for
    /// records that a power loss took back; if its new header never reached the disk, they would be there again.
    fn is_past(&self, file: &dyn File) -> io::Result<bool> {
        let mut header = [0; SEGMENT_HEADER_BYTES];
        let whole = file.read_at(&mut header, 0)? == SEGMENT_HEADER_BYTES;
        let header = Header::decode(&header, self.identity);
        Ok(whole && header.is_ok_and(|header| header.start < self.position))
    }

    /// Gives up the segments that end at or below `position`, and returns their starts: whoever asks [`retire`]s the files.
    pub fn drop_below(&mut self, position: u64) -> Vec<u64> {
        let current = self.current.as_ref().map_or(self.position, |s| s.start);
        // A segment ends where the next one starts.
        let needed = |at: usize, full: &[u64]| full.get(at + 1).copied().unwrap_or(current) > position;
        let obsolete = (0..self.full.len()).take_while(|&at| !needed(at, &self.full)).count();
        self.full.drain(..obsolete).collect()
    }

    /// The length of a segment.
    pub fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }

    /// Gives up every segment and begins a new chain at `position`. The old files are not used again.
    pub fn renew(&mut self, position: u64) -> io::Result<()> {
        let current = self.current.take().map(|s| s.start);
        self.unsynced.clear();
        for start in self.full.drain(..).chain(current) {
            let _ = self.dir.remove(&name(start));
        }
        (self.position, self.prev) = (position, 0);
        self.names_changed += 1;
        Ok(())
    }
}

/// Makes the segment `name`, which nobody needs any more, a spare, or removes it. One at a time; somebody else may
/// make a segment of a spare meanwhile.
pub fn retire(dir: &dyn Dir, name: &str, segment_bytes: u64) -> io::Result<()> {
    let names = dir.list()?;
    let free = (0..SPARES_MAX).map(|n| format!("{SPARE}{n}")).find(|n| !names.contains(n));
    let whole = dir.open(name, How::Read)?.len()? == segment_bytes;
    match free {
        Some(spare) if whole => dir.rename(name, &spare),
        _ => dir.remove(name),
    }
}

/// Reserves room; a file system that cannot is no reason to fail.
fn allocate(file: &dyn File, len: u64) -> io::Result<()> {
    match file.allocate(len) {
        Err(e) if e.kind() == io::ErrorKind::Unsupported => file.set_len(len),
        done => done,
    }
}
