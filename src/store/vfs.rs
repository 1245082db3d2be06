//! What the store asks of a file system: one directory, plain calls, positions instead of cursors. The real one is
//! [`disk`]; the other one, for tests, crashes, tears and lies on purpose.
//!
//! Everything returns [`io::Error`]; who calls decides what that means for the database.
pub mod disk;
mod lock;
#[cfg(test)]
pub mod sim;

use super::region::Region;
use std::{io, sync::Arc};

/// One directory. No name has a slash in it.
pub trait Dir: Send + Sync {
    /// Opens a file for reading and writing.
    fn open(&self, name: &str, how: How) -> io::Result<Arc<dyn File>>;
    /// The names of all files.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Renames a file, over another one if there is one: all or nothing.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes the names durable: what was created, renamed and removed.
    fn sync(&self) -> io::Result<()>;
    /// Tells whether somebody is making something durable here at the moment: who writes may then have to wait for that.
    fn is_syncing(&self) -> bool {
        false
    }
    /// Takes the lock of the directory for this process, or says who has it.
    fn lock(&self) -> io::Result<Lock>;
    /// Opens memory that outlives the process, but not the machine: `len` bytes behind the file `name`, made and
    /// zeroed when it is not there or has another length. `None`: not to be had here; records are then written to the
    /// log one by one.
    fn memory(&self, name: &str, len: usize) -> io::Result<Option<Region>>;
    /// Says which run of the machine this is: memory that was written in another one is not to be trusted.
    /// `None`: unknown.
    fn boot_id(&self) -> Option<[u8; 16]>;
    /// How errors call the directory.
    fn describe(&self) -> String;
}

/// How [`Dir::open`] opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The file must be there; it is only read.
    Read,
    /// The file must be there.
    Write,
    /// The file is made; one of that name is emptied.
    Create,
}

/// An open file. Dropping it closes it, without a sync.
pub trait File: Send + Sync {
    /// Reads into `buf` from `offset` on; fewer bytes only at the end of the file.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `data` at `offset`. After an error any part of it may have been written.
    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()>;
    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Cuts or extends the file.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Reserves room up to `len`, so that writes below it do not run out of space. The length becomes at least `len`;
    /// what was not written reads as zeros.
    fn allocate(&self, len: u64) -> io::Result<()>;
    /// Makes the content durable.
    fn sync(&self) -> io::Result<()>;
}

/// Who has the directory.
pub enum Lock {
    /// We do, as long as this is alive.
    Taken(#[allow(dead_code, reason = "what counts is when it is dropped")] Box<dyn Send + Sync>),
    /// The process of that number does.
    HeldBy(u32),
}
