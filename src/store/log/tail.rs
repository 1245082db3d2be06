//! Opening: from what the files and the ring hold to a log that goes on.
//!
//! ```text
//!    read ... read ... end │ put aside what is torn │ the ring's rest into the files │ append
//!    └─ nothing changes ──┘ └──────────── finish ───────────────────────────────────┘
//! ```
//!
//! Nothing is changed before everything was read and the end was judged. What is cut off is first copied (or renamed)
//! and made durable, later files before earlier ones; a machine that goes down in the middle finds the same end again.
use super::{
    super::{
        region::Region,
        ring::{RING_HEADER_BYTES, Ring, Waiting},
        vfs::{Dir, File, How},
    },
    Identity, Log, Marks, Options,
    reader::{End, FrameRecords, Reader, Report, Tail, Wanted, unreadable},
    segment::{self, Segment, Writer},
};
use crate::base::error::{Error, Kind, Result};
use std::{io, sync::Arc};

/// The ring's file.
const RING: &str = "ring";
/// The largest ring that is looked at.
const RING_BYTES_MAX: u64 = 1 << 30;

/// A log that is being opened: read it, then finish.
pub struct Opened {
    reader: Reader,
    ring: Ring,
    outlives: bool,
    /// A sync failed in the process before, which had no time to begin anew.
    doubtful: bool,
    options: Options,
}

impl Log {
    /// Opens the log in `dir` to read the records from `start` on, and then to append. `durable` is a position of which
    /// it is known that everything below was durable.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`] when the directory cannot be read.
    pub fn open(
        dir: Arc<dyn Dir>,
        identity: Identity,
        start: u64,
        durable: u64,
        options: Options,
    ) -> Result<Opened> {
        let len = RING_HEADER_BYTES + options.ring_bytes;
        let boot = dir.boot_id();
        let region = match boot {
            Some(_) => dir.memory(RING, len).map_err(|e| unreadable(&*dir, RING, 0, &e))?,
            None => None,
        };
        let outlives = region.is_some();
        let ring = Ring::over(region.unwrap_or_else(|| Region::heap(len)))
            .ok_or_else(|| Error::new(Kind::Command, "ERR the ring's length must be a power of two"))?;
        let waiting = ring.waiting(identity.store, boot).map(|w| (ring.clone(), w));
        let doubtful = waiting.is_some() && ring.is_doubtful();
        let wanted = Wanted { identity, start, durable, salvage: options.salvage };
        Ok(Opened { reader: Reader::new(dir, wanted, waiting)?, ring, outlives, doubtful, options })
    }
}

/// Reads the ring of a store without mapping it.
pub(super) fn look_at_ring(dir: &dyn Dir, store: u128) -> Option<(Ring, Waiting)> {
    let file = dir.open(RING, How::Read).ok()?;
    let len = file.len().ok().filter(|len| *len <= RING_BYTES_MAX)?;
    let mut bytes = vec![0; len as usize];
    let read = file.read_at(&mut bytes, 0).ok()?;
    let region = Region::heap(bytes.len());
    region.write(0, &bytes[..read]);
    let ring = Ring::over(region)?;
    let waiting = ring.waiting(store, dir.boot_id())?;
    Some((ring, waiting))
}

impl Opened {
    /// Returns the next frame's records, in `room`. The first frame may begin before the wanted start.
    ///
    /// # Errors
    ///
    /// [`Kind::Corrupt`] for damage, [`Kind::Io`] when a file cannot be read.
    pub fn next_frame(&mut self, room: Vec<u8>) -> Result<Option<FrameRecords>> {
        self.reader.next_frame(room)
    }

    /// Shows every record from the wanted start on to `visit`: position, time in ms, commands.
    ///
    /// # Errors
    ///
    /// As [`Opened::next_frame`], and whatever `visit` says.
    #[cfg(test)]
    pub fn read(&mut self, visit: &mut super::reader::Visit<'_>) -> Result<()> {
        self.reader.read(visit)
    }

    /// Makes the log that goes on behind what was read. What was not read yet is passed over.
    ///
    /// # Errors
    ///
    /// As [`Opened::next_frame`]; [`Kind::Io`] when what is torn cannot be put aside.
    pub fn finish(mut self) -> Result<(Log, Report)> {
        while self.reader.step()?.is_some() {}
        let Some(end) = self.reader.end else {
            return Err(Error::new(Kind::Internal, "ERR the log has no end"));
        };
        let staged = self.reader.report.end;
        let dir = self.reader.dir.clone();
        let writer = self.writer(&end).map_err(|e| {
            let dir = dir.describe();
            Error::quoting(Kind::Io, format!("ERR putting the end of the log in {dir} in order: {e}"))
        })?;
        let identity = self.reader.wanted.identity;
        if staged == end.position {
            self.ring.format(identity.store, dir.boot_id(), staged);
        } else {
            self.ring.drain_to(end.position);
        }
        self.ring.doubt(self.doubtful);
        let marks = Marks { staged, synced: end.synced, start: self.reader.wanted.start };
        let log = Log::start(writer, self.ring, self.outlives, marks, self.options.retry_ms);
        if self.doubtful {
            let _ = log.distrust(&io::Error::other("a sync had failed when the process ended"));
        }
        // When the disk refuses, the records are in the ring still, and the log says so.
        let _ = log.drain();
        Ok((log, self.reader.report))
    }

    /// Puts aside what is torn, and makes the writer that goes on.
    fn writer(&mut self, end: &End) -> io::Result<Writer> {
        let (reader, segment_bytes) = (&self.reader, self.options.segment_bytes);
        let (dir, identity) = (reader.dir.clone(), reader.wanted.identity);
        let mut writer = Writer::new(dir.clone(), identity, segment_bytes, end.position, end.prev);
        let used = end.place.map_or(0, |(at, _)| at + 1);
        let later: Vec<u64> = reader.segments[used..].to_vec();
        if end.tail == Tail::Cut {
            self.put_aside(end, &later)?;
        } else {
            for start in later.iter().rev() {
                dir.remove(&segment::name(*start))?;
            }
        }
        let reader = &self.reader;
        for (at, &start) in reader.segments[..used].iter().enumerate() {
            let name = segment::name(start);
            let (last, offset) = (at + 1 == used, end.place.map_or(0, |(_, offset)| offset));
            // A segment ends where the next one starts.
            let until = reader.segments.get(at + 1).copied().filter(|_| !last).unwrap_or(end.position);
            let file = dir.open(&name, How::Write)?;
            if !last {
                writer.full.push(start);
                if until > end.synced {
                    writer.unsynced.push(file);
                }
                continue;
            }
            let mut room = file.len()?;
            if end.tail == Tail::Covered {
                file.set_len(offset)?;
                // Without room the next frame makes a new segment.
                room = file.allocate(room).map_or(offset, |()| room);
            }
            // Cut to nothing: the segment is made anew under the same name.
            if end.tail != Tail::Cut || start < end.position {
                writer.current = Some(Segment { file, start, offset, room });
            }
        }
        for start in &reader.obsolete {
            let _ = segment::retire(&*dir, &segment::name(*start), segment_bytes);
        }
        Ok(writer)
    }

    /// Copies what is behind the end, renames the later segments, and cuts.
    fn put_aside(&mut self, end: &End, later: &[u64]) -> io::Result<()> {
        let reader = &mut self.reader;
        let Some(cut) = &mut reader.report.cut else { return Ok(()) };
        let dir = &*reader.dir;
        let names = dir.list()?;
        let mut number = 0;
        let mut free = |of: &str| loop {
            let name = match cut.damage {
                true => format!("damaged-{of}-{number}"),
                false => format!("torn-{:016x}-{number}", end.position),
            };
            number += 1;
            if !names.contains(&name) {
                return name;
            }
        };
        for start in later.iter().rev() {
            let (name, aside) = (segment::name(*start), free(&segment::name(*start)));
            cut.bytes += dir.open(&name, How::Read)?.len()?;
            dir.rename(&name, &aside)?;
            cut.kept.push(aside);
        }
        if let Some((at, offset)) = end.place {
            let name = segment::name(reader.segments[at]);
            let file = dir.open(&name, How::Write)?;
            let used = last_used(&*file, offset)?;
            if used > offset {
                let aside = free(&name);
                copy(&*file, offset, used, &*dir.open(&aside, How::Create)?)?;
                cut.bytes += used - offset;
                cut.kept.push(aside);
            }
            dir.sync()?;
            file.set_len(offset)?;
            file.sync()?;
        }
        dir.sync()
    }
}

/// The offset behind the last byte at or behind `from` that is not zero; `from` when there is none.
fn last_used(file: &dyn File, from: u64) -> io::Result<u64> {
    let (mut at, mut used, mut piece) = (from, from, vec![0; 1 << 16]);
    loop {
        let read = file.read_at(&mut piece, at)?;
        if let Some(last) = piece[..read].iter().rposition(|b| *b != 0) {
            used = at + last as u64 + 1;
        }
        at += read as u64;
        if read < piece.len() {
            return Ok(used);
        }
    }
}

/// Copies the bytes in [from, to) and makes them durable.
fn copy(source: &dyn File, from: u64, to: u64, target: &dyn File) -> io::Result<()> {
    let (mut at, mut piece) = (from, vec![0; 1 << 16]);
    while at < to {
        let want = (to - at).min(piece.len() as u64) as usize;
        let read = source.read_at(&mut piece[..want], at)?;
        if read == 0 {
            break;
        }
        target.write_at(&piece[..read], at - from)?;
        at += read as u64;
    }
    target.sync()
}
