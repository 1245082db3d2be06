//! Making the log durable: a position is durable when all files with records below it were synced, oldest first, and the
//! directory after the last file was made. Who does that for all who wait: [`Turns`](super::turns::Turns).
use super::{DISTRUSTED, FINE, Log, REFUSING, segment};
use crate::base::error::{Error, Kind, Result};
use std::sync::atomic::Ordering;

impl Log {
    /// Returns when everything below `position` is durable.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`] when the disk refuses: it may or may not be durable. [`Kind::Misuse`] in a child of a fork.
    pub fn commit(&self, position: u64) -> Result<()> {
        self.wait(position, false)
    }

    /// Makes everything durable that was appended. Tries in any case, however short ago the disk refused.
    ///
    /// # Errors
    ///
    /// As [`Log::commit`].
    pub fn sync(&self) -> Result<()> {
        self.wait(self.position(), true)
    }

    /// Drains and syncs, for the last time.
    ///
    /// # Errors
    ///
    /// As [`Log::commit`].
    pub fn close(&self) -> Result<()> {
        self.sync()
    }

    fn wait(&self, position: u64, insist: bool) -> Result<()> {
        self.not_forked()?;
        if position <= self.synced() {
            return Ok(());
        }
        // What was not appended will not become durable by waiting.
        let position = if position > self.head.staged() { position.min(self.position()) } else { position };
        self.turns.reach(position, &|| self.synced(), &|tell| self.lead(insist, tell))
    }

    /// Drains, tells how far that went, and syncs what it made of the files.
    fn lead(&self, insist: bool, tell: &dyn Fn(u64)) -> Result<()> {
        let refusing = self.state.load(Ordering::Acquire) != FINE;
        if refusing && !insist && !self.may_write() {
            return Err(self.error());
        }
        let (target, files, dir, full, names) = {
            let mut writer = if refusing || self.overflowed.load(Ordering::Acquire) {
                let mut head = self.head.close();
                let mut writer = self.writer.lock();
                self.pump_all(&mut head, &mut writer)?;
                writer
            } else {
                let mut writer = self.writer.lock();
                self.pump(&mut writer, usize::MAX)?;
                writer
            };
            let writer = &mut *writer;
            let full = writer.unsynced.len();
            let current = writer.current.as_ref().map(|s| s.file.clone());
            let files: Vec<_> = writer.unsynced.iter().cloned().chain(current).collect();
            let names = (writer.names_changed != writer.names_synced).then_some(writer.names_changed);
            (writer.position, files, writer.dir().clone(), full, names)
        };
        tell(target);
        for file in &files {
            file.sync().map_err(|e| self.distrust(&e))?;
        }
        if names.is_some() {
            dir.sync().map_err(|e| self.distrust(&e))?;
        }
        let mut writer = self.writer.lock();
        // Only who leads takes from the front, and what is distrusted is not believed any more.
        if self.state.load(Ordering::Acquire) == DISTRUSTED {
            return Err(self.error());
        }
        writer.unsynced.drain(..full);
        writer.names_synced = names.unwrap_or(writer.names_synced);
        self.synced.fetch_max(target, Ordering::AcqRel);
        Ok(())
    }

    /// Notes that a snapshot at `position` became the start of the database: segments that end below are given up.
    ///
    /// # Errors
    ///
    /// [`Kind::Io`] when a file could not be renamed or removed. It is only room that is lost.
    pub fn start_generation(&self, position: u64) -> Result<()> {
        self.not_forked()?;
        self.start.store(position, Ordering::Relaxed);
        let (dropped, segment_bytes) = {
            let mut writer = self.writer.lock();
            (writer.drop_below(position), writer.segment_bytes())
        };
        // To remove a large file takes tens of milliseconds: who writes meanwhile does not wait for it.
        for start in dropped {
            segment::retire(&*self.dir, &segment::name(start), segment_bytes)
                .map_err(|e| Error::quoting(Kind::Io, format!("ERR removing a part of the log: {e}")))?;
        }
        Ok(())
    }

    /// Begins a new log at `position`, after a snapshot there became the start of the database: the files so far are
    /// given up, whatever is in them. This is the way out of [`super::Health::Distrusted`].
    ///
    /// # Errors
    ///
    /// [`Kind::Misuse`] when records below `position` were not appended, or records behind it are in a file that
    /// is given up. [`Kind::Io`] when the new file cannot be written: the log then refuses, and tries again.
    pub fn restart(&self, position: u64) -> Result<()> {
        self.not_forked()?;
        // Nobody syncs the old files meanwhile.
        let _rest = self.turns.rest();
        let (mut head, mut writer) = (self.head.close(), self.writer.lock());
        if position < writer.position || position > head.end() {
            return Err(Error::new(
                Kind::Misuse,
                "ERR a log restarts where the snapshot is, in what it has not written",
            ));
        }
        writer.renew(position).map_err(|e| self.refuse(&e))?;
        if position > head.staged() {
            head.jump((position - head.staged()) as usize, position);
            self.overflowed.store(!head.overflow().is_empty(), Ordering::Release);
            self.ring.jump(position);
        }
        self.ring.drain_to(position);
        self.ring.doubt(false);
        self.drained.store(position, Ordering::Release);
        self.synced.fetch_max(position, Ordering::AcqRel);
        self.start.store(position, Ordering::Relaxed);
        {
            let mut fault = self.fault.lock();
            fault.attempt = None;
            // The next line is the first write; it heals what refuses, not what is distrusted.
            self.state.store(REFUSING, Ordering::Release);
        }
        self.pump_all(&mut head, &mut writer)
    }
}
