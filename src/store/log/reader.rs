//! Reading the log: frame by frame, and the judgement where it ends.
//!
//! ```text
//!    log-0…  │ frames … │ frames … │   log-4…  │ frames … │ ??? │        ring │ records │
//!                 ▲ start: the snapshot                   ▲ the end E           from E on
//! ```
//!
//! The first bytes that are not the next frame are the end E; what it means depends on what is *believed*: the largest
//! position of which we know that everything below reached the files (the manifest says so, the ring does, or any whole
//! frame, also one behind the damage, says what was durable when it was written).
//!
//! | at E                                                | means                                                     |
//! |-----------------------------------------------------|-----------------------------------------------------------|
//! | E < believed                                        | **damage**: refused, or cut and put aside when salvaging  |
//! | E ≥ believed, only zeros behind                     | a clean end                                               |
//! | E ≥ believed, the ring has what follows             | a write that a kill cut short: the ring has it all        |
//! | E ≥ believed, something behind                      | **torn**: never acknowledged as durable; cut, put aside   |
//! | E < start, nothing believed or found behind start   | files that were given up before the snapshot              |
//! | E < start, a whole frame at or below start follows  | damage that the snapshot makes up for: passed over        |
//!
//! A read error is never taken for an end, except when salvaging.
use super::{
    super::{
        frame::{self, FRAME_BYTES, HEAD_BYTES, Records, SEGMENT_HEADER_BYTES},
        ring::{Ring, Waiting},
        vfs::{Dir, How},
    },
    Identity,
    segment::{self, Header, RECYCLED, Unusable},
    window::{Behind, Window},
};
use crate::base::error::{Error, Kind, Result};
use std::{io, sync::Arc};

/// What a log is read for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub identity: Identity,
    /// The position from which records are wanted: that of the snapshot.
    pub start: u64,
    /// A position below which everything was durable.
    pub durable: u64,
    /// Keep what comes before damage.
    pub salvage: bool,
}

/// The records of one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameRecords {
    /// The position of the first record.
    pub position: u64,
    /// Whole records: [`FrameRecords::records`] reads them.
    pub payload: Vec<u8>,
}

impl FrameRecords {
    /// The records: position, time in ms, commands.
    pub fn records(&self) -> Records<'_> {
        Records::new(self.position, &self.payload)
    }

    /// Where in the payload a part of it begins.
    #[inline]
    pub fn offset_of(&self, part: &[u8]) -> usize {
        part.as_ptr().addr() - self.payload.as_ptr().addr()
    }
}

/// Who is shown records: position, time in ms, commands.
#[cfg(test)]
pub type Visit<'v> = dyn FnMut(u64, u64, &[u8]) -> Result<()> + 'v;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub frames: u64,
    pub records: u64,
    /// Bytes of records in frames.
    pub bytes: u64,
    /// Bytes of records that came from the ring.
    pub ring_bytes: u64,
    /// The end: where the log goes on.
    pub end: u64,
    /// What was cut off.
    pub cut: Option<Cut>,
}

/// What was cut off at the end of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// The file and the offset in it.
    pub file: String,
    pub offset: u64,
    /// The position that the log ends at now.
    pub position: u64,
    /// Bytes that were put aside.
    pub bytes: u64,
    /// Where they are now; empty when nothing was written (yet).
    pub kept: Vec<String>,
    /// What was wrong.
    pub why: String,
    /// Whether records were lost that had been durable.
    pub damage: bool,
}

/// How the files end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// The log goes on where it stops.
    Clean,
    /// So it does, over the beginnings of a write that the ring has as a whole.
    Covered,
    /// What is behind is to be put aside.
    Cut,
}

/// Where the files end.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub position: u64,
    pub prev: u32,
    /// The last segment in use and the offset in it; `None`: no segment is.
    pub place: Option<(usize, u64)>,
    pub tail: Tail,
    /// Everything below was durable.
    pub synced: u64,
}

/// A segment that is being read.
struct Open {
    window: Window,
    flags: u64,
    offset: u64,
}

/// See the module.
pub struct Reader {
    pub(super) dir: Arc<dyn Dir>,
    pub(super) wanted: Wanted,
    /// The starts of the segments that are wanted, in order.
    pub(super) segments: Vec<u64>,
    /// Those of the segments before.
    pub(super) obsolete: Vec<u64>,
    /// The number of segments that were begun to be read.
    begun: usize,
    open: Option<Open>,
    position: u64,
    prev: u32,
    synced: u64,
    ring: Option<(Ring, Waiting)>,
    pub(super) end: Option<End>,
    payload: Vec<u8>,
    /// The number of records in it.
    records: u64,
    pub(super) report: Report,
}

enum Found {
    /// `payload` holds the next frame's.
    Frame,
    /// No frame follows: what was there instead, when it was not plainly the end.
    End(Option<String>),
}

impl Reader {
    /// Reads the log in `dir`; `ring` is what the ring has, when it is to be believed.
    pub(super) fn new(dir: Arc<dyn Dir>, wanted: Wanted, ring: Option<(Ring, Waiting)>) -> Result<Self> {
        let names = dir.list().map_err(|e| unreadable(&*dir, "the directory", 0, &e))?;
        let mut starts: Vec<u64> = names.iter().filter_map(|n| segment::position_of(n)).collect();
        starts.sort_unstable();
        let first = starts.partition_point(|s| *s <= wanted.start).saturating_sub(1);
        let segments = starts.split_off(first);
        Ok(Self {
            dir,
            wanted,
            position: segments.first().copied().unwrap_or(wanted.start).min(wanted.start),
            segments,
            obsolete: starts,
            begun: 0,
            open: None,
            prev: 0,
            synced: 0,
            ring,
            end: None,
            payload: Vec::new(),
            records: 0,
            report: Report::default(),
        })
    }

    /// Reads the log without changing anything: also of a store that is damaged, and to count what is in it.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`] when the directory cannot be read.
    pub fn inspect(dir: Arc<dyn Dir>, wanted: Wanted) -> Result<Self> {
        let ring = super::tail::look_at_ring(&*dir, wanted.identity.store);
        Self::new(dir, wanted, ring)
    }

    /// What was found so far; complete when everything was read.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Returns the next frame's records, in `room`. The first frame may begin before the wanted start.
    ///
    /// # Errors
    ///
    /// [`Kind::Corrupt`] for damage, [`Kind::Io`] when a file cannot be read.
    pub fn next_frame(&mut self, room: Vec<u8>) -> Result<Option<FrameRecords>> {
        self.payload = room;
        let Some(position) = self.step()? else { return Ok(None) };
        Ok(Some(FrameRecords { position, payload: std::mem::take(&mut self.payload) }))
    }

    /// Shows every record from the wanted start on to `visit`: position, time in ms, commands.
    ///
    /// # Errors
    ///
    /// As [`Reader::next_frame`], and whatever `visit` says.
    #[cfg(test)]
    pub fn read(&mut self, visit: &mut Visit<'_>) -> Result<()> {
        while let Some(position) = self.step()? {
            let start = self.wanted.start;
            for (position, now_ms, commands) in Records::new(position, &self.payload) {
                if position >= start {
                    visit(position, now_ms, commands)?;
                }
            }
        }
        Ok(())
    }

    /// Puts the next wanted frame's records into `payload` and returns the first one's position.
    pub(super) fn step(&mut self) -> Result<Option<u64>> {
        while self.end.is_none() {
            let why = match self.frame_or_later() {
                Ok(Found::Frame) => {
                    let position = self.position;
                    self.position += self.payload.len() as u64;
                    if self.position > self.wanted.start {
                        self.report.frames += 1;
                        self.report.bytes += self.payload.len() as u64;
                        self.report.records += self.records;
                        return Ok(Some(position));
                    }
                    continue;
                }
                Ok(Found::End(why)) => why,
                Err(e) if self.wanted.salvage => Some(format!("it cannot be read: {e}")),
                Err(e) => return Err(self.unreadable(&e)),
            };
            if self.follow()? {
                continue;
            }
            let end = self.judge(why)?;
            self.position = end.position;
            self.report.end = end.position;
            self.end = Some(end);
        }
        self.step_ring()
    }

    /// The ring's records, behind the files' end.
    fn step_ring(&mut self) -> Result<Option<u64>> {
        let Some((ring, waiting)) = self.ring.as_ref().filter(|(_, w)| w.committed > self.position) else {
            return Ok(None);
        };
        let position = self.position;
        self.payload.clear();
        let len = ring.take(position, waiting.committed, &mut self.payload) as u64;
        if len == 0 {
            let (lost, dir) = (waiting.committed - position, self.dir.describe());
            return Err(Error::quoting(
                Kind::Corrupt,
                format!(
                    "ERR the file ring in {dir} is damaged: at position {position} is no record; {lost} bytes of records would be lost"
                ),
            ));
        }
        self.position += len;
        self.report.end = self.position;
        self.report.ring_bytes += len;
        self.report.records += frame::whole_records(&self.payload, usize::MAX).0;
        Ok(Some(position))
    }

    /// Reads the next frame. Below the wanted start one that is damaged is passed over: the snapshot has its records.
    fn frame_or_later(&mut self) -> io::Result<Found> {
        loop {
            let found = self.frame()?;
            if matches!(found, Found::Frame) || self.position >= self.wanted.start {
                return Ok(found);
            }
            let Some(Open { window, offset, .. }) = &mut self.open else { return Ok(found) };
            let positions = self.position + 1..=self.wanted.start;
            let Some((at, head)) = window.find(*offset + 8, positions, self.wanted.identity.salt)? else {
                return Ok(found);
            };
            *offset = at;
            (self.position, self.prev) = (head.position, head.prev);
        }
    }

    /// Reads the frame at the place where we are.
    fn frame(&mut self) -> io::Result<Found> {
        let Some(Open { window, flags, offset }) = &mut self.open else { return Ok(Found::End(None)) };
        let bad = |why: &str| Ok(Found::End(Some(why.to_string())));
        let rest = window.len().saturating_sub(*offset);
        if rest < HEAD_BYTES as u64 {
            return Ok(Found::End(None));
        }
        let head = window.head(*offset)?;
        if head.len == 0 {
            let zeros = head.position == 0 && head.synced == 0 && head.prev == 0 && head.crc == 0;
            return if zeros { Ok(Found::End(None)) } else { bad("a frame without a length") };
        }
        let Some(bytes) = head.frame_bytes().filter(|b| *b <= rest) else {
            return bad("a frame longer than the file");
        };
        let recycled = *flags & RECYCLED != 0;
        if head.position != self.position && !(recycled && head.position < self.position) {
            return bad("a frame of another position");
        }
        let payload = *offset + HEAD_BYTES as u64;
        if head.len > FRAME_BYTES as u64 {
            // One record alone: its own length says the same, and is checked before anything is allocated.
            let alone = frame::record_bytes(window.bytes(payload, 10)?);
            if alone.is_none_or(|(len, _)| len != head.len) {
                return bad("a frame with a wrong length");
            }
        }
        let data = window.bytes(payload, head.len)?;
        if head.checksum(self.wanted.identity.salt, data) != head.crc {
            return bad("a frame with a wrong checksum");
        }
        if head.position < self.position {
            // Of the file's older life: nothing was written here since.
            return Ok(Found::End(None));
        }
        if head.prev != self.prev {
            return bad("a frame that does not continue the one before");
        }
        let (records, whole) = frame::whole_records(data, usize::MAX);
        if whole != data.len() {
            return bad("a frame of something else than records");
        }
        self.records = records;
        self.payload.clear();
        self.payload.extend_from_slice(data);
        *offset += bytes;
        self.prev = head.crc;
        self.synced = self.synced.max(head.synced.min(head.position));
        Ok(Found::Frame)
    }

    /// Goes on in the next segment, when that one continues here.
    fn follow(&mut self) -> Result<bool> {
        let Some(&start) = self.segments.get(self.begun) else { return Ok(false) };
        let first = self.begun == 0;
        let (window, header) = match self.look(start) {
            Ok(Ok(found)) => found,
            Ok(Err(Unusable::Newer(version))) => return Err(newer(&*self.dir, start, &version)),
            Ok(Err(Unusable::Damaged(_))) => return Ok(false),
            Err(_) if self.wanted.salvage => return Ok(false),
            Err(e) => return Err(unreadable(&*self.dir, &segment::name(start), 0, &e)),
        };
        let continues = first || (start == self.position && header.prev == self.prev);
        if header.start != start || !continues || start > self.wanted.start.max(self.position) {
            return Ok(false);
        }
        (self.position, self.prev) = (start, header.prev);
        self.open = Some(Open { window, flags: header.flags, offset: SEGMENT_HEADER_BYTES as u64 });
        self.begun += 1;
        Ok(true)
    }

    /// Opens the segment that begins at `start`.
    fn look(&self, start: u64) -> io::Result<std::result::Result<(Window, Header), Unusable>> {
        let mut window = Window::new(self.dir.open(&segment::name(start), How::Read)?)?;
        if window.len() < SEGMENT_HEADER_BYTES as u64 {
            return Ok(Err(Unusable::Damaged("it is too short")));
        }
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes.copy_from_slice(window.bytes(0, SEGMENT_HEADER_BYTES as u64)?);
        Ok(Header::decode(&bytes, self.wanted.identity).map(|header| (window, header)))
    }

    /// Looks at what is behind the end, here and in the later segments. The second result: the file and offset of the
    /// first thing that should not be there.
    fn behind(&mut self) -> Result<(Behind, Option<String>)> {
        let (expect, salt) = (self.position, self.wanted.identity.salt);
        let (mut all, mut stray) = (Behind::default(), None);
        // More bytes of records than there are bytes in the files nobody has.
        let mut span = self.open.as_ref().map_or(0, |o| o.window.len());
        for &start in &self.segments[self.begun..] {
            let file = self.dir.open(&segment::name(start), How::Read);
            span += file.and_then(|f| f.len()).unwrap_or(0);
        }
        if let Some(Open { window, flags, offset }) = &mut self.open {
            match window.behind(*offset, expect, span, salt) {
                Ok(found) => {
                    // Anything may be behind the end mark of a file that had an older life, except frames of this one.
                    if found.end > 0 || (found.used > 0 && *flags & RECYCLED == 0) {
                        stray = Some("something behind the end of the log".to_string());
                    }
                    all = found;
                }
                Err(e) if self.wanted.salvage => stray = Some(format!("it cannot be read: {e}")),
                Err(e) => return Err(self.unreadable(&e)),
            }
        }
        for at in self.begun..self.segments.len() {
            let start = self.segments[at];
            let name = segment::name(start);
            let found = match self.look(start) {
                // Recycled: a power loss took back its new header, or its new name. Nothing in it was durable.
                Ok(Ok((_, header))) if header.start != start => continue,
                Ok(Err(Unusable::Newer(version))) => return Err(newer(&*self.dir, start, &version)),
                Ok(_) => self
                    .dir
                    .open(&name, How::Read)
                    .and_then(Window::new)
                    .and_then(|mut window| window.behind(0, expect, span, salt)),
                Err(e) => Err(e),
            };
            match found {
                Ok(found) => {
                    if found.used > 0 {
                        stray.get_or_insert_with(|| format!("{name} does not continue the log"));
                    }
                    all = all.and(found);
                }
                Err(e) if self.wanted.salvage => {
                    stray.get_or_insert_with(|| format!("{name} cannot be read: {e}"));
                }
                Err(e) => return Err(unreadable(&*self.dir, &name, 0, &e)),
            }
        }
        Ok((all, stray))
    }

    /// Says what the end is; see the module's table.
    fn judge(&mut self, why: Option<String>) -> Result<End> {
        let (position, start) = (self.position, self.wanted.start);
        let waiting = self.ring.as_ref().map(|(_, w)| *w);
        // The machine has not gone down since the ring was written: a file has all that was ever given to it, in order,
        // and behind a plain end there is nothing to look for.
        let plain = why.is_none() && self.begun == self.segments.len();
        let (behind, stray) = match waiting {
            Some(waiting) if plain && position >= waiting.drained => Default::default(),
            _ => self.behind()?,
        };
        let synced = self.wanted.durable.max(self.synced).max(behind.synced);
        let believed = synced.max(waiting.map_or(0, |w| w.drained));
        let place = self.open.as_ref().map(|o| (self.begun - 1, o.offset));
        let ended_plainly = why.is_none();
        let dirty = why.or(stray);
        let known = believed.max(behind.end);
        if position < start && known <= start {
            return Ok(End { position: start, prev: 0, place: None, tail: Tail::Clean, synced: start });
        }
        if position < start && believed <= start && ended_plainly && waiting.is_none() {
            // A file of the generation before is still there, the first one of this is not: its name was never durable,
            // so nothing in it was, nor in what came after it.
            self.note_cut("the log's first file is not there".to_string(), false);
            return Ok(End { position: start, prev: 0, place, tail: Tail::Cut, synced: start });
        }
        if position < believed || (position < start && known > start) {
            let why = dirty.unwrap_or_else(|| "the log ends".to_string());
            let lost = known.max(waiting.map_or(0, |w| w.committed));
            if !self.wanted.salvage {
                return Err(self.damaged(&why, lost));
            }
            self.ring = None;
            self.note_cut(why, true);
            // What the snapshot has is not lost.
            let (position, prev) = if position < start { (start, 0) } else { (position, self.prev) };
            return Ok(End { position, prev, place, tail: Tail::Cut, synced: position });
        }
        let synced = synced.max(start).min(position);
        let covered = waiting.is_some_and(|w| w.committed > position);
        let tail = match dirty {
            None => Tail::Clean,
            Some(_) if covered => Tail::Covered,
            Some(why) => {
                self.note_cut(why, false);
                Tail::Cut
            }
        };
        Ok(End { position, prev: self.prev, place, tail, synced })
    }

    fn here(&self) -> (String, u64) {
        match &self.open {
            Some(open) => (segment::name(self.segments[self.begun - 1]), open.offset),
            None => (segment::name(self.segments.first().copied().unwrap_or(self.position)), 0),
        }
    }

    fn note_cut(&mut self, why: String, damage: bool) {
        let (file, offset) = self.here();
        let position = self.position;
        self.report.cut = Some(Cut { file, offset, position, why, damage, ..Cut::default() });
    }

    #[cold]
    fn damaged(&self, why: &str, lost_to: u64) -> Error {
        let ((file, offset), dir, position) = (self.here(), self.dir.describe(), self.position);
        let lost = lost_to.saturating_sub(position);
        Error::quoting(
            Kind::Corrupt,
            format!(
                "ERR the log in {dir} is damaged: {file} at offset {offset}: {why}. {lost} bytes of records that were \
                 written, positions {position} to {lost_to}, would be lost. See `tenon check {dir}`, restore a backup, \
                 or open with salvage to keep everything before"
            ),
        )
    }

    #[cold]
    fn unreadable(&self, error: &io::Error) -> Error {
        let (file, offset) = self.here();
        unreadable(&*self.dir, &file, offset, error)
    }
}

#[cold]
pub(super) fn unreadable(dir: &dyn Dir, file: &str, offset: u64, error: &io::Error) -> Error {
    let dir = dir.describe();
    Error::quoting(Kind::Io, format!("ERR reading {file} in {dir} at offset {offset}: {error}"))
}

#[cold]
fn newer(dir: &dyn Dir, start: u64, version: &str) -> Error {
    let (dir, name) = (dir.describe(), segment::name(start));
    Error::quoting(Kind::Corrupt, format!("ERR the log in {dir} cannot be read: {name}: {version}"))
}
