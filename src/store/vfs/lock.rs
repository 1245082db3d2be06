//! Who has the directory: a POSIX lock on the file `LOCK`, which holds `pid start-time boot-id` of its holder.
//!
//! ```text
//!   LOCK of DIR ── had by this copy of the library?  ── TAKEN says so; the file is not even opened
//!               ── had by another process?           ── the kernel refuses, and names the process
//!               ── had by another copy in here?      ── the kernel grants; the content names ourselves
//! ```
//!
//! A POSIX lock belongs to the process: children of a fork do not have it, and it goes when the process ends, however
//! it ends. Its trap: it also goes when the process closes *any* handle of the file. So a process opens the file once
//! ([`TAKEN`] remembers), and a handle that must not be closed is leaked.
use super::{Lock, disk};
use crate::base::lock::Mutex;
use crate::store::region::PerProcess;
use disk::Disk;
use rustix::{
    fs::{FlockOperation, OFlags},
    io::Errno,
    process::{Flock, FlockType},
};
use std::{
    fs,
    io::{self, ErrorKind},
    mem,
    os::unix::fs::{FileExt, MetadataExt},
    sync::LazyLock,
};

/// The file that is locked.
pub const NAME: &str = "LOCK";

/// A file by its device and number, and the process that opened it: where the kernel wipes no page at a fork, a child has
/// inherited its parent's entries.
type Entry = ((u64, u64), u32);

/// The lock files this process has open.
static TAKEN: LazyLock<PerProcess<Mutex<Vec<Entry>>>> = LazyLock::new(PerProcess::new);

/// Takes the lock, or says who has it.
pub(super) fn take(dir: &Disk) -> io::Result<Lock> {
    let own = std::process::id();
    let mut taken = TAKEN.own().lock();
    match dir.identity(NAME) {
        Ok(id) if taken.contains(&(id, own)) => return Ok(Lock::HeldBy(own)),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = dir.file(NAME, OFlags::RDWR | OFlags::CREATE)?;
    match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::ACCESS | Errno::AGAIN) => return Ok(Lock::HeldBy(holder(&file))),
        done => done?,
    }
    let id = (file.metadata()?.dev(), file.metadata()?.ino());
    let line = signature(own);
    if line.is_some() && content(&file) == line {
        // Closing the file would take the lock from the other copy of the library.
        mem::forget(file);
        taken.push((id, own));
        return Ok(Lock::HeldBy(own));
    }
    let line = line.unwrap_or_else(|| format!("{own}\n"));
    file.set_len(0)?;
    file.write_all_at(line.as_bytes(), 0)?;
    taken.push((id, own));
    Ok(Lock::Taken(Box::new(Held { file: Some(file), entry: (id, own) })))
}

/// The lock, as long as this lives.
struct Held {
    file: Option<fs::File>,
    entry: Entry,
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else { return };
        if self.entry.1 != std::process::id() {
            // A child of a fork: the lock is its parent's. It may have one of its own on this file by now.
            mem::forget(file);
            return;
        }
        let mut taken = TAKEN.own().lock();
        // The lock goes in any case; a content that stays behind is told apart by the start time.
        let _ = file.set_len(0);
        drop(file);
        taken.retain(|entry| *entry != self.entry);
    }
}

/// The process that refuses us the lock; 0 when neither the kernel nor the file says.
fn holder(file: &fs::File) -> u32 {
    let named = rustix::process::fcntl_getlk(file, &Flock::from(FlockType::WriteLock));
    let pid = named.ok().flatten().and_then(|lock| lock.pid).map(|pid| pid.as_raw_nonzero().get() as u32);
    let written = || content(file)?.split(' ').next()?.trim().parse().ok();
    pid.or_else(written).unwrap_or(0)
}

fn content(file: &fs::File) -> Option<String> {
    let mut text = [0; 128];
    let len = file.read_at(&mut text, 0).ok()?;
    String::from_utf8(text[..len].to_vec()).ok()
}

/// The line that no other process, past or future, writes; `None` where the system does not tell enough.
fn signature(pid: u32) -> Option<String> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may hold anything: count behind the last one.
    let start: u64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let boot = u128::from_be_bytes(disk::boot_id()?);
    Some(format!("{pid} {start} {boot:032x}\n"))
}
