//! The real directory: files by `read` and `write` at positions, through one handle of the directory, so that neither a
//! change of the working directory nor a renamed parent leads elsewhere.
//!
//! ```text
//!   Disk ── handle of DIR ──┬── openat / renameat / unlinkat      names
//!                           ├── fsync                             makes the names durable
//!                           ├── LOCK                              super::lock: one handle per process
//!                           └── ring ── fallocate ── mmap         memory that outlives the process
//! ```
//!
//! A mapped file has all its blocks before it is mapped: a page without one would kill the process by a signal on a
//! full disk. Where blocks cannot be reserved, they are written.
use super::{Dir, File, How, Lock, lock};
use crate::store::region::Region;
use rustix::{
    fs::{self as sys, AtFlags, Mode, OFlags},
    io::Errno,
};
use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, FileExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// A directory of the file system.
pub struct Disk {
    handle: fs::File,
    path: PathBuf,
    syncs: Arc<AtomicU32>,
}

/// Does what makes something durable, and shows meanwhile that it is under way.
fn syncing(syncs: &AtomicU32, sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    // Relaxed: who looks takes a hint.
    syncs.fetch_add(1, Relaxed);
    let done = sync();
    syncs.fetch_sub(1, Relaxed);
    done
}

impl Disk {
    /// Opens the directory `path`. It and its parents are made when they are not there, for this user only.
    pub fn open(path: &Path) -> io::Result<Self> {
        make(path)?;
        let path = fs::canonicalize(path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = retried(|| sys::open(&path, flags, Mode::empty()))?;
        Ok(Self { handle: handle.into(), path, syncs: Arc::default() })
    }

    /// Opens a directory that is there already; makes nothing.
    pub fn existing(path: &Path) -> io::Result<Self> {
        match fs::metadata(path)?.is_dir() {
            true => Self::open(path),
            false => Err(ErrorKind::NotADirectory.into()),
        }
    }

    /// Opens a file of the directory. New ones belong to this user only.
    pub(super) fn file(&self, name: &str, flags: OFlags) -> io::Result<fs::File> {
        if name.is_empty() || name.contains('/') {
            return Err(ErrorKind::InvalidFilename.into());
        }
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(retried(|| sys::openat(&self.handle, name, flags | OFlags::CLOEXEC, mode))?.into())
    }

    fn plain(&self, name: &str, flags: OFlags) -> io::Result<Plain> {
        Ok(Plain { file: self.file(name, flags)?, syncs: self.syncs.clone() })
    }

    /// The device and the number of a file, without opening it.
    pub(super) fn identity(&self, name: &str) -> io::Result<(u64, u64)> {
        let stat = retried(|| sys::statat(&self.handle, name, AtFlags::empty()))?;
        Ok((stat.st_dev as u64, stat.st_ino as u64))
    }
}

impl Dir for Disk {
    fn open(&self, name: &str, how: How) -> io::Result<Arc<dyn File>> {
        if name == lock::NAME {
            // Closing any handle of that file gives the process's lock away.
            return Err(ErrorKind::InvalidFilename.into());
        }
        let flags = match how {
            How::Read => OFlags::RDONLY,
            How::Write => OFlags::RDWR,
            How::Create => OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC,
        };
        Ok(Arc::new(self.plain(name, flags)?))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in sys::Dir::read_from(&self.handle)? {
            let entry = entry?;
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = entry.file_name().to_str()
                && entry.file_type() != sys::FileType::Directory
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        retried(|| sys::renameat(&self.handle, from, &self.handle, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        retried(|| sys::unlinkat(&self.handle, name, AtFlags::empty()))
    }

    fn sync(&self) -> io::Result<()> {
        match syncing(&self.syncs, || self.handle.sync_all()) {
            // Some file systems have no such call for directories: there is nothing to make durable by it.
            Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => Ok(()),
            done => done,
        }
    }

    fn is_syncing(&self) -> bool {
        self.syncs.load(Relaxed) > 0
    }

    fn lock(&self) -> io::Result<Lock> {
        lock::take(self)
    }

    fn memory(&self, name: &str, len: usize) -> io::Result<Option<Region>> {
        let file = self.plain(name, OFlags::RDWR | OFlags::CREATE)?;
        if file.len()? != len as u64 {
            file.set_len(0)?;
            file.set_len(len as u64)?;
        }
        if !reserved(&file.file, len as u64)? {
            file.rewrite()?;
        }
        const CANNOT: [Errno; 5] = [Errno::NODEV, Errno::OPNOTSUPP, Errno::INVAL, Errno::NOSYS, Errno::NOMEM];
        match Region::map(&file.file, len) {
            Err(error) if CANNOT.iter().any(|e| Some(e.raw_os_error()) == error.raw_os_error()) => Ok(None),
            mapped => mapped.map(Some),
        }
    }

    fn boot_id(&self) -> Option<[u8; 16]> {
        boot_id()
    }

    fn describe(&self) -> String {
        self.path.display().to_string()
    }
}

/// A file of the directory.
struct Plain {
    file: fs::File,
    /// Of the directory.
    syncs: Arc<AtomicU32>,
}

impl Plain {
    /// Writes what the file holds once more, holes too: after that every page has a block.
    fn rewrite(&self) -> io::Result<()> {
        let (mut piece, mut offset) = ([0; 4096], 0);
        loop {
            match self.read_at(&mut piece, offset)? {
                0 => return Ok(()),
                n => {
                    self.write_at(&piece[..n], offset)?;
                    offset += n as u64;
                }
            }
        }
    }
}

impl File for Plain {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.file.read_at(&mut buf[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(data, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        match reserved(&self.file, len)? {
            true => Ok(()),
            false if self.len()? < len => self.set_len(len),
            false => Ok(()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        syncing(&self.syncs, || self.file.sync_data())
    }
}

/// Reserves room up to `len`; false where the file system cannot.
#[cfg(target_os = "linux")]
fn reserved(file: &fs::File, len: u64) -> io::Result<bool> {
    if len == 0 {
        return Ok(true);
    }
    match rustix::io::retry_on_intr(|| sys::fallocate(file, sys::FallocateFlags::empty(), 0, len)) {
        Ok(()) => Ok(true),
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Reserves nothing: the calls of other systems cut the file or promise less.
#[cfg(not(target_os = "linux"))]
fn reserved(_: &fs::File, _: u64) -> io::Result<bool> {
    Ok(false)
}

/// Makes a directory with its parents, and the name of each one durable.
fn make(path: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> =
        path.ancestors().take_while(|p| *p != Path::new("") && !p.exists()).collect();
    while let Some(dir) = missing.pop() {
        match fs::DirBuilder::new().mode(0o700).create(dir) {
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => continue,
            made => made?,
        }
        let parent = dir.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new("."));
        // A parent that may be written but not read cannot be synced; the store works all the same.
        if let Ok(parent) = fs::File::open(parent) {
            match parent.sync_all() {
                Err(error) if error.raw_os_error() != Some(Errno::INVAL.raw_os_error()) => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Which run of the kernel this is.
#[cfg(target_os = "linux")]
pub(super) fn boot_id() -> Option<[u8; 16]> {
    parse_boot_id(&fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?)
}

/// Unknown here.
#[cfg(not(target_os = "linux"))]
pub(super) fn boot_id() -> Option<[u8; 16]> {
    None
}

/// Reads 32 hexadecimal digits with dashes anywhere.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn parse_boot_id(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes())
}

fn retried<T>(call: impl FnMut() -> rustix::io::Result<T>) -> io::Result<T> {
    Ok(rustix::io::retry_on_intr(call)?)
}

#[cfg(test)]
mod tests;
