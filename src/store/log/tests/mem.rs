//! A directory in memory for these tests: it counts syncs and fails on demand.
use crate::base::lock::Mutex;
use crate::store::{
    region::Region,
    vfs::{Dir, File, How, Lock},
};
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst},
    },
};

/// What fails, and what was counted.
#[derive(Default)]
pub struct Faults {
    pub full: AtomicBool,
    pub sync_fails: AtomicBool,
    pub read_fails: AtomicBool,
    pub syncs: AtomicU64,
    pub writes: AtomicU64,
    pub sync_ms: AtomicU64,
    pub boot: AtomicU8,
    pub no_memory: AtomicBool,
    pub syncing: AtomicBool,
    /// Giving a segment up takes as long as this is set, and at most [`Faults::HELD_S`].
    pub retiring_held: AtomicBool,
    /// Somebody gives one up.
    pub retiring: AtomicBool,
}

impl Faults {
    const HELD_S: u64 = 60;

    fn retire(&self) {
        self.retiring.store(true, SeqCst);
        for _ in 0..Self::HELD_S * 1000 {
            if !self.retiring_held.load(SeqCst) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        panic!("whoever was to let it go on waits for us");
    }
}

pub type Bytes = Arc<Mutex<Vec<u8>>>;

#[derive(Clone, Default)]
pub struct Mem {
    pub files: Arc<Mutex<BTreeMap<String, Bytes>>>,
    pub memory: Arc<Mutex<BTreeMap<String, Region>>>,
    pub faults: Arc<Faults>,
}

struct MemFile(Bytes, Arc<Faults>);

impl Mem {
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        self.files.lock()[name].lock().clone()
    }

    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.files.lock().insert(name.into(), Arc::new(Mutex::new(bytes)));
    }

    pub fn names(&self, prefix: &str) -> Vec<String> {
        self.files.lock().keys().filter(|n| n.starts_with(prefix)).cloned().collect()
    }

    /// A copy that shares nothing: the directory as it is now; the ring too.
    pub fn twin(&self) -> Self {
        let twin = Self::default();
        twin.faults.boot.store(self.faults.boot.load(SeqCst), SeqCst);
        for (name, bytes) in self.files.lock().iter() {
            twin.put(name, bytes.lock().clone());
        }
        for (name, region) in self.memory.lock().iter() {
            let (copy, mut bytes) = (Region::heap(region.len()), vec![0; region.len()]);
            region.read(0, &mut bytes);
            copy.write(0, &bytes);
            twin.memory.lock().insert(name.clone(), copy);
        }
        twin
    }

    /// The directory after the machine went down and came up, everything written having reached the disk.
    pub fn rebooted(&self) -> Self {
        let twin = self.twin();
        twin.faults.boot.store(self.faults.boot.load(SeqCst) + 1, SeqCst);
        twin
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Dir for Mem {
    fn open(&self, name: &str, how: How) -> io::Result<Arc<dyn File>> {
        let mut files = self.files.lock();
        if how == How::Create {
            files.insert(name.into(), Bytes::default());
        }
        let bytes = files.get(name).ok_or_else(missing)?.clone();
        Ok(Arc::new(MemFile(bytes, self.faults.clone())))
    }
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files.lock().keys().cloned().collect())
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        if to.starts_with("spare-") {
            self.faults.retire();
        }
        let mut files = self.files.lock();
        let bytes = files.remove(from).ok_or_else(missing)?;
        files.insert(to.into(), bytes);
        Ok(())
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        if name.starts_with("log-") {
            self.faults.retire();
        }
        self.files.lock().remove(name).map(drop).ok_or_else(missing)
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    fn is_syncing(&self) -> bool {
        self.faults.syncing.load(SeqCst)
    }
    fn lock(&self) -> io::Result<Lock> {
        Ok(Lock::HeldBy(0))
    }
    fn memory(&self, name: &str, len: usize) -> io::Result<Option<Region>> {
        if self.faults.no_memory.load(SeqCst) {
            return Ok(None);
        }
        let mut memory = self.memory.lock();
        let region = memory.entry(name.into()).or_insert_with(|| Region::heap(len));
        if region.len() != len {
            *region = Region::heap(len);
        }
        Ok(Some(region.clone()))
    }
    fn boot_id(&self) -> Option<[u8; 16]> {
        Some([self.faults.boot.load(SeqCst); 16])
    }
    fn describe(&self) -> String {
        "memory".into()
    }
}

impl File for MemFile {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if self.1.read_fails.load(SeqCst) {
            return Err(io::Error::from_raw_os_error(5));
        }
        let bytes = self.0.lock();
        let from = (offset as usize).min(bytes.len());
        let len = buf.len().min(bytes.len() - from);
        buf[..len].copy_from_slice(&bytes[from..from + len]);
        Ok(len)
    }
    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        self.1.writes.fetch_add(1, SeqCst);
        let (full, mut bytes) = (self.1.full.load(SeqCst), self.0.lock());
        // A disk that is full takes a part.
        let len = if full { data.len() / 2 } else { data.len() };
        let end = offset as usize + len;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[offset as usize..end].copy_from_slice(&data[..len]);
        if full { Err(io::Error::from_raw_os_error(28)) } else { Ok(()) }
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().len() as u64)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().resize(len as usize, 0);
        Ok(())
    }
    fn allocate(&self, len: u64) -> io::Result<()> {
        if self.1.full.load(SeqCst) {
            return Err(io::Error::from_raw_os_error(28));
        }
        let mut bytes = self.0.lock();
        let len = bytes.len().max(len as usize);
        bytes.resize(len, 0);
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        let ms = self.1.sync_ms.load(SeqCst);
        if ms > 0 {
            std::thread::sleep(std::time::Duration::from_millis(ms));
        }
        if self.1.sync_fails.load(SeqCst) {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.1.syncs.fetch_add(1, SeqCst);
        Ok(())
    }
}
