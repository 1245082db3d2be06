//! Plans: some frames of the log, and who runs which of their records.
//!
//! ```text
//!   frames   │ SET a  INCR b │ SET c  RENAME a b  SET d │         as they were read
//!   all        ·a·    ·b·      ·c·    ·meeting·   ·d·           a place, a hash and a turn each
//!   lists    0 ·a·             ·c·    ·meeting·   ·d·           the same, by thread
//!            1        ·b·             ·meeting·
//! ```
//!
//! A plan is made again and again, in the same memory: it would be the largest thing beside the keys themselves.
use super::{Logged, corrupt, owner, row_of};
use crate::{
    base::{
        atom::{Arg, Args, Commands},
        error::Result,
        hash,
    },
    cmd::{Exec, MOVABLE_KEYS, Reach},
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
pub(super) enum Turn {
    Of(u16),
    Meeting,
}

/// A record that is to be run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    /// The hash of its first key, and its database; only a hint when it has several commands.
    hash: u64,
    at: usize,
    frame: u32,
    turn: Turn,
    db: u8,
    /// It has a first key.
    keyed: bool,
}

const _: () = assert!(size_of::<Due>() <= 32);

impl Due {
    /// The database and the hash of the first key.
    #[inline]
    pub fn key(&self) -> Option<(u32, u64)> {
        self.keyed.then_some((self.db.into(), self.hash))
    }

    #[inline]
    pub fn turn(&self) -> Turn {
        self.turn
    }
}

/// See the module.
pub(in crate::engine) struct Plan<'c> {
    core: &'c Core,
    workers: usize,
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
        Self { core, workers, from, frames, rooms, bytes: 0, all, lists, divided: false }
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

    #[inline]
    pub(super) fn record(&self, due: &Due) -> Option<Logged<'_>> {
        let (position, now_ms, commands) = self.frames[due.frame as usize].record_at(due.at)?;
        Some(Logged { position, now_ms, commands })
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
            for (position, _, commands) in frame.records().filter(|record| record.0 >= self.from) {
                let mut due = Due {
                    hash: 0,
                    at: (position - frame.position) as usize,
                    frame: nth,
                    turn: Turn::Of(0),
                    db: 0,
                    keyed: false,
                };
                due.turn = self.turn(commands, &mut due, &mut atoms).unwrap_or(Turn::Meeting);
                meetings += usize::from(due.turn == Turn::Meeting);
                self.all.push(due);
            }
        }
        self.divided = self.workers > 1 && meetings * MEETINGS_RARE <= self.all.len();
        if self.divided {
            self.divide();
        }
        Ok(())
    }

    fn divide(&mut self) {
        self.lists.iter_mut().for_each(Vec::clear);
        for due in &self.all {
            match due.turn {
                Turn::Of(worker) => self.lists[usize::from(worker)].push(*due),
                Turn::Meeting => self.lists.iter_mut().for_each(|list| list.push(*due)),
            }
        }
    }

    /// Whose turn a record of these commands is; notes its first key in `due`.
    fn turn<'b>(&self, commands: &'b [u8], due: &mut Due, atoms: &mut Vec<Arg<'b>>) -> Result<Turn> {
        let mut commands = Commands::new(commands);
        let mut turn = None;
        let mut count = |hash: u64| {
            let stripe = self.core.keyspace.stripe_of(hash);
            let worker = Turn::Of(owner(stripe, self.workers) as u16);
            turn = Some(if turn.is_none_or(|turn| turn == worker) { worker } else { Turn::Meeting });
        };
        let mut first = true;
        while let Some(command) = commands.next(atoms) {
            let (db, id) = command.ok_or_else(|| corrupt("ERR a record is damaged"))?;
            let (row, _) = row_of(id)?;
            match (row.spec.keys, atoms.first()) {
                ((1, 1, _), Some(Arg::Bytes(key))) if !row.spec.has(MOVABLE_KEYS) => {
                    let hash = hash::bytes(key);
                    if first {
                        (due.hash, due.db, due.keyed) = (hash, db, true);
                    }
                    count(hash);
                }
                // One thread runs them all.
                _ if self.workers == 1 => {}
                _ => {
                    let Exec::Keys { plan, .. } = row.exec else { return Ok(Turn::Meeting) };
                    let op = plan(Args::new(atoms))?;
                    if op.reach() != Reach::Keys {
                        return Ok(Turn::Meeting);
                    }
                    op.keys(&mut |key| count(hash::bytes(key)));
                }
            }
            first = false;
        }
        Ok(turn.unwrap_or(Turn::Of(0)))
    }
}
