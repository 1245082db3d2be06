//! Plans: some frames of the log, and who runs which of their records.
//!
//! ```text
//!   frames   │ SET a  INCR b │ SET c  RENAME a b  SET d │         as they were read
//!   all        ·a·    ·b·      ·c·    ·meeting·   ·d·           place, clock reading, hash and turn of each
//!   lists    0 ·a·             ·c·    ·meeting·   ·d·           the same, by thread
//!            1        ·b·             ·meeting·
//! ```
//!
//! A plan is made again and again, in the same memory: it would be the largest thing beside the keys themselves.
use super::{damaged, owner, row_of};
use crate::{
    base::{
        atom::{Arg, Args, Commands},
        error::Result,
        hash,
    },
    cmd::{Exec, MOVABLE_KEYS, Reach, Row},
    engine::Core,
    store::log::reader::FrameRecords,
};

/// Where frames of the log come from; they are read into the room that is given.
pub(in crate::engine) type NextFrame<'f> = dyn FnMut(Vec<u8>) -> Result<Option<FrameRecords>> + 'f;

/// The bytes of frames that are planned at once. A thread that is done waits for the others, so not too few.
const PLANNED_BYTES: u64 = 4 << 20;
/// Frames longer than this do not keep their room: one huge record is no reason.
const ROOM_KEPT_BYTES: usize = 2 << 20;
/// Records of several threads that are worth a meeting each: beyond one in this many, one thread runs them all.
const MEETINGS_RARE: usize = 64;

/// Who runs a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Of(u16),
    Meeting,
}

/// A record that is to be run, as it was found when it was planned: it is not looked for again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// The hash of its first key, and its database; only a hint when it has several commands.
    hash: u64,
    pub now_ms: u64,
    /// Where its commands lie among the records of the frame.
    at: u32,
    len: u32,
    frame: u32,
    /// The thread that runs it, or [`Due::MEETING`].
    worker: u16,
    db: u8,
    /// It has a first key.
    keyed: bool,
}

const _: () = assert!(size_of::<Due>() <= 32);

impl Due {
    const MEETING: u16 = u16::MAX;
    /// A length that does not fit: such a record is alone in its frame.
    const REST: u32 = u32::MAX;

    /// The database and the hash of the first key; zeros when there is none.
    #[inline]
    pub fn hint(&self) -> (u32, u64) {
        (self.db.into(), self.hash)
    }

    /// The database and the hash of the first key.
    #[inline]
    pub fn key(&self) -> Option<(u32, u64)> {
        self.keyed.then_some((self.db.into(), self.hash))
    }

    /// Where it stands in the log, as far as that is needed to compare two.
    pub fn place(&self) -> (u32, u32) {
        (self.frame, self.at)
    }

    #[inline]
    pub fn is_meeting(&self) -> bool {
        self.worker == Self::MEETING
    }
}

/// See the module.
pub(in crate::engine) struct Plan<'c> {
    core: &'c Core,
    /// The thread of each stripe.
    owners: Vec<u16>,
    /// Records before this position are not run.
    from: u64,
    frames: Vec<FrameRecords>,
    /// Room of frames that were run.
    rooms: Vec<Vec<u8>>,
    bytes: u64,
    all: Vec<Due>,
    lists: Vec<Vec<Due>>,
    divided: bool,
}

impl<'c> Plan<'c> {
    /// Plans for that many threads, of records from position `from` on.
    pub fn new(core: &'c Core, workers: usize, from: u64) -> Self {
        let (frames, rooms, all) = Default::default();
        let lists = vec![Vec::new(); workers];
        let stripes = 0..core.keyspace.stripe_count();
        let owners = stripes.map(|stripe| owner(stripe, workers) as u16).collect();
        Self { core, owners, from, frames, rooms, bytes: 0, all, lists, divided: false }
    }

    /// The bytes of the frames; none: there were no more.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The number of records that are to be run.
    pub fn records(&self) -> u64 {
        self.all.len() as u64
    }

    /// All records, in the order of the log.
    pub(super) fn all(&self) -> &[Due] {
        &self.all
    }

    /// The records by thread; `None`: they are better run by one.
    pub(super) fn divided(&self) -> Option<&[Vec<Due>]> {
        self.divided.then_some(&self.lists)
    }

    /// The commands of a record.
    #[inline]
    pub(super) fn commands(&self, due: &Due) -> &[u8] {
        let rest = &self.frames[due.frame as usize].payload[due.at as usize..];
        if due.len == Due::REST { rest } else { &rest[..due.len as usize] }
    }

    /// The position of a record.
    #[cold]
    pub(super) fn position(&self, due: &Due) -> u64 {
        let frame = &self.frames[due.frame as usize];
        let until = frame.records().take_while(|record| frame.offset_of(record.2) <= due.at as usize);
        until.last().map_or(frame.position, |record| record.0)
    }

    /// Forgets what was planned, reads the next frames and plans their records.
    pub fn make(&mut self, next: &mut NextFrame<'_>) -> Result<()> {
        let kept = self.frames.drain(..).map(|frame| frame.payload);
        self.rooms.extend(kept.filter(|room| room.capacity() <= ROOM_KEPT_BYTES));
        self.all.clear();
        self.bytes = 0;
        while self.bytes < PLANNED_BYTES {
            let Some(frame) = next(self.rooms.pop().unwrap_or_default())? else { break };
            self.bytes += frame.payload.len() as u64;
            self.frames.push(frame);
        }
        let (mut atoms, mut meetings) = (Vec::new(), 0);
        for (nth, frame) in (0..).zip(&self.frames) {
            for (_, now_ms, commands) in frame.records().filter(|record| record.0 >= self.from) {
                // The reader sees to it that a frame of several records is a short one.
                let at = u32::try_from(frame.offset_of(commands));
                let mut due = Due {
                    hash: 0,
                    now_ms,
                    at: at.map_err(|_| damaged())?,
                    len: u32::try_from(commands.len()).unwrap_or(Due::REST),
                    frame: nth,
                    worker: Due::MEETING,
                    db: 0,
                    keyed: false,
                };
                match self.turn(commands, &mut due, &mut atoms) {
                    Ok(Turn::Of(worker)) => due.worker = worker,
                    Ok(Turn::Meeting) => meetings += 1,
                    // Who runs it will say what is wrong with it.
                    Err(_) => meetings += 1,
                }
                self.all.push(due);
            }
        }
        self.divided = self.lists.len() > 1 && meetings * MEETINGS_RARE <= self.all.len();
        if self.divided {
            self.divide();
        }
        Ok(())
    }

    fn divide(&mut self) {
        self.lists.iter_mut().for_each(Vec::clear);
        for due in &self.all {
            match due.worker {
                Due::MEETING => self.lists.iter_mut().for_each(|list| list.push(*due)),
                worker => self.lists[usize::from(worker)].push(*due),
            }
        }
    }

    /// Whose turn a record of these commands is; notes its first key in `due`.
    #[inline]
    fn turn<'b>(&self, commands: &'b [u8], due: &mut Due, atoms: &mut Vec<Arg<'b>>) -> Result<Turn> {
        // Nearly all records are one command about one key.
        let (mut rest, mut first) = (Commands::new(commands), None);
        if rest.is_done() {
            return Ok(Turn::Of(0));
        }
        let (db, id) = rest.next_first(&mut first).flatten().ok_or_else(damaged)?;
        let Some(key) = the_key(row_of(id)?.0, first) else { return self.turn_of_any(commands, atoms) };
        (due.hash, due.db, due.keyed) = (hash::bytes(key), db, true);
        if rest.is_done() { Ok(self.turn_of(due.hash)) } else { self.turn_of_any(commands, atoms) }
    }

    #[inline]
    fn turn_of(&self, hash: u64) -> Turn {
        Turn::Of(self.owners[self.core.keyspace.stripe_of(hash)])
    }

    fn turn_of_any<'b>(&self, commands: &'b [u8], atoms: &mut Vec<Arg<'b>>) -> Result<Turn> {
        let (mut commands, mut turn) = (Commands::new(commands), None);
        let mut count = |key: &[u8]| {
            let own = self.turn_of(hash::bytes(key));
            turn = Some(if turn.is_none_or(|turn| turn == own) { own } else { Turn::Meeting });
        };
        while let Some(command) = commands.next(atoms) {
            let (row, _) = row_of(command.ok_or_else(damaged)?.1)?;
            match the_key(row, atoms.first().copied()) {
                Some(key) => count(key),
                // One thread runs them all.
                None if self.lists.len() == 1 => {}
                None => {
                    let Exec::Keys { plan, .. } = row.exec else { return Ok(Turn::Meeting) };
                    let op = plan(Args::new(atoms))?;
                    if op.reach() != Reach::Keys {
                        return Ok(Turn::Meeting);
                    }
                    op.keys(&mut count);
                }
            }
        }
        Ok(turn.unwrap_or(Turn::Of(0)))
    }
}

#[cfg(test)]
impl Plan<'_> {
    /// Whoever runs the record of that clock reading will panic.
    pub(super) fn spoil(&mut self, now_ms: u64) {
        let lists = self.lists.iter_mut().chain([&mut self.all]);
        lists.flatten().filter(|due| due.now_ms == now_ms).for_each(|due| due.len = Due::REST - 1);
    }
}

/// The key of a command that has one, its first atom.
#[inline]
fn the_key<'b>(row: &Row, first: Option<Arg<'b>>) -> Option<&'b [u8]> {
    match (row.spec.keys, first) {
        ((1, 1, _), Some(Arg::Bytes(key))) if !row.spec.has(MOVABLE_KEYS) => Some(key),
        _ => None,
    }
}
