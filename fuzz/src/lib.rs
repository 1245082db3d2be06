//! Stores out of a fuzzer's bytes: a folder with files whose checksums are right, whatever is in them; and what must be
//! true of any store. `docs/format.md` draws the files; nothing here asks the library how they look.
mod alloc;
mod input;

pub use input::Input;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tenondb::{Clock, Db, Error, Kind, OpenReport, Options, Strings};

/// The store's number and what seeds its checksums.
pub const IDENTITY: (u128, u32) = (0x7465_6e6f_6e00_1122_3344_5566_7788_99aa, 0x5eed_1234);
/// When everything happens, in Unix milliseconds.
pub const NOW_MS: u64 = 1_700_000_000_000;
/// The length of the ring's data.
pub const RING_BYTES: usize = 1 << 20;

/// A folder that is used again for each input.
pub struct Folder(PathBuf);

impl Folder {
    /// The folder of this process, empty.
    pub fn empty(name: &str) -> Self {
        static PATH: OnceLock<PathBuf> = OnceLock::new();
        let path = PATH.get_or_init(|| {
            let memory = PathBuf::from("/dev/shm");
            let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
            let front = format!("tenon-fuzz-{name}-");
            // Of runs that have ended: nobody tells us when.
            for old in fs::read_dir(&base).unwrap().flatten() {
                let name = old.file_name().into_string().unwrap_or_default();
                if name.strip_prefix(&front).is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                    let _ = fs::remove_dir_all(old.path());
                }
            }
            let path = base.join(format!("{front}{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            path
        });
        for entry in fs::read_dir(path).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        Self(path.clone())
    }

    /// Puts a file there.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    /// Makes a file longer by zeros.
    pub fn extend(&self, name: &str, len: u64) {
        fs::File::options().write(true).open(self.0.join(name)).unwrap().set_len(len).unwrap();
    }
}

fn put(out: &mut [u8], at: usize, field: &[u8]) {
    out[at..at + field.len()].copy_from_slice(field);
}

/// Makes the last four bytes the checksum of those before.
pub fn seal(mut out: Vec<u8>) -> Vec<u8> {
    let Some(end) = out.len().checked_sub(4) else { return out };
    let crc = crc32fast::hash(&out[..end]);
    put(&mut out, end, &crc.to_le_bytes());
    out
}

/// A manifest; `snapshot` is position, length and checksum of the footer, the rest where the log starts and up to where
/// it was durable.
pub fn manifest(
    identity: (u128, u32),
    snapshot: Option<(u64, u64, u32)>,
    [start, durable]: [u64; 2],
) -> Vec<u8> {
    let mut out = vec![0; 128];
    let (position, len, footer) = snapshot.unwrap_or((u64::MAX, 0, 0));
    put(&mut out, 0, b"TENONMAN\x01\0\0\0\0\0\0\0");
    put(&mut out, 16, &identity.0.to_le_bytes());
    put(&mut out, 40, &position.to_le_bytes());
    put(&mut out, 48, &len.to_le_bytes());
    put(&mut out, 56, &footer.to_le_bytes());
    put(&mut out, 60, &identity.1.to_le_bytes());
    put(&mut out, 64, &start.to_le_bytes());
    put(&mut out, 72, &durable.to_le_bytes());
    seal(out)
}

/// The header of a segment or a snapshot, by its magic.
pub fn header(magic: &[u8; 8], position: u64, prev: u32) -> Vec<u8> {
    let mut out = vec![0; 64];
    put(&mut out, 0, magic);
    put(&mut out, 8, &[1]);
    put(&mut out, 16, &IDENTITY.0.to_le_bytes());
    put(&mut out, 32, &IDENTITY.1.to_le_bytes());
    put(&mut out, 36, &prev.to_le_bytes());
    put(&mut out, 40, &position.to_le_bytes());
    seal(out)
}

/// The store's number and the salt that a file claims to belong to.
pub fn identity_of(file: &[u8]) -> (u128, u32) {
    let mut head = [0; 64];
    let len = file.len().min(64);
    head[..len].copy_from_slice(&file[..len]);
    let store: [u8; 16] = std::array::from_fn(|at| head[16 + at]);
    (u128::from_le_bytes(store), u32::from_le_bytes(std::array::from_fn(|at| head[32 + at])))
}

/// The head of a frame: length, position, synced and the checksum of the frame before, as they will be written.
#[derive(Clone, Copy)]
pub struct Head(pub [u64; 4]);

/// Appends a frame whose checksum is right, which is returned.
pub fn frame(out: &mut Vec<u8>, Head([len, position, synced, prev]): Head, payload: &[u8]) -> u32 {
    let mut head = Vec::with_capacity(32);
    for word in [len, position, synced] {
        head.extend_from_slice(&word.to_le_bytes());
    }
    head.extend_from_slice(&(prev as u32).to_le_bytes());
    let mut hasher = crc32fast::Hasher::new_with_initial(IDENTITY.1);
    hasher.update(&head);
    hasher.update(payload);
    let crc = hasher.finalize();
    head.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
    out.resize(out.len().next_multiple_of(8), 0);
    crc
}

/// Appends a number of seven bits a byte.
pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Which run of the machine this is, as the ring has it.
pub fn boot_id() -> u128 {
    static ID: OnceLock<u128> = OnceLock::new();
    *ID.get_or_init(|| {
        let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        u128::from_str_radix(&digits, 16).map_or(0, u128::swap_bytes)
    })
}

/// How a store is looked at.
#[derive(Clone, Copy)]
pub struct How {
    pub salvage: bool,
    /// It is opened, too, written to, and opened once more.
    pub write: bool,
    pub stripes: usize,
}

fn options(how: How) -> Options {
    Options {
        clock: Clock::manual(NOW_MS),
        threads: 0,
        seed: Some(1),
        stripes: how.stripes,
        salvage: how.salvage,
        segment_bytes: 1 << 16,
        ..Options::default()
    }
}

fn digest(db: &Db) -> Vec<u8> {
    let reply = db.call(["DEBUG", "DIGEST"]).unwrap();
    reply.as_bytes().unwrap().to_vec()
}

/// An error that is one: damage, in words.
fn blame(error: &Error) {
    let text = error.to_string();
    assert!(matches!(error.kind(), Kind::Corrupt | Kind::Io), "{:?}: {text}", error.kind());
    assert!(!text.contains("internal error") && !text.contains("panick"), "{text}");
}

/// Looks at the store in `folder`, and checks what must be true of any: it is read or refused, twice in the same way;
/// what was opened once goes on being a store.
pub fn check(folder: &Folder, how: How) {
    let read: Result<(Db, OpenReport), Error> = Db::inspect(&folder.0, options(how));
    if let Err(error) = &read {
        blame(error);
    }
    if !how.write {
        return;
    }
    let opened = Db::open_with(&folder.0, options(how));
    let (db, before) = match (opened, &read) {
        (Ok(db), Ok((seen, _))) => (db, digest(seen)),
        (Err(error), Err(_)) => return blame(&error),
        (Ok(_), Err(error)) => panic!("opened, but inspecting it said: {error}"),
        (Err(error), Ok((_, report))) => panic!("inspected ({report}), but opening it said: {error}"),
    };
    let left_out = db.open_report().unwrap().left_out;
    // Of a key that is there twice salvage takes either, on several threads.
    if left_out == 0 || how.stripes == 1 {
        assert_eq!(digest(&db), before, "inspected and opened, it is not the same");
    }
    db.set("fuzz:written", "since").unwrap();
    let after = digest(&db);
    db.close().unwrap();
    drop(db);
    let again = How { salvage: left_out > 0, write: false, ..how };
    match Db::open_with(&folder.0, options(again)) {
        Ok(_) if left_out > 0 && how.stripes > 1 => {}
        Ok(db) => assert_eq!(digest(&db), after, "written and opened again, it is not the same"),
        Err(error) => panic!("written and opened again: {error}"),
    }
}
