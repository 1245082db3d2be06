//! The real directory, in a folder of its own below the system's temporary one.
use super::*;
use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tenon-disk-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_made_written_read_renamed_and_removed() {
    let folder = Folder::new();
    let dir = Disk::open(&folder.0.join("a/b")).unwrap();
    assert_eq!(dir.open("x", How::Write).err().map(|e| e.kind()), Some(ErrorKind::NotFound));
    let file = dir.open("x", How::Create).unwrap();
    file.write_at(b"hello", 3).unwrap();
    file.allocate(100).unwrap();
    file.allocate(10).unwrap();
    file.sync().unwrap();
    let mut back = [9; 200];
    assert_eq!(file.read_at(&mut back, 0).unwrap(), 100);
    assert_eq!(&back[..10], b"\0\0\0hello\0\0");
    assert_eq!(file.read_at(&mut back, 100).unwrap(), 0);
    dir.rename("x", "y").unwrap();
    dir.sync().unwrap();
    assert_eq!(dir.list().unwrap(), ["y"]);
    let reader = dir.open("y", How::Read).unwrap();
    assert!(reader.write_at(b"no", 0).is_err());
    file.set_len(4).unwrap();
    assert_eq!(reader.len().unwrap(), 4);
    dir.remove("y").unwrap();
    assert_eq!(dir.remove("y").err().map(|e| e.kind()), Some(ErrorKind::NotFound));
    assert!(dir.list().unwrap().is_empty());
    assert!(dir.open("../escape", How::Create).is_err());
}

#[test]
fn made_directories_are_this_users_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    Disk::open(&folder.0.join("deep/er")).unwrap();
    for path in [folder.0.join("deep"), folder.0.join("deep/er")] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_file_in_the_place_of_the_directory_is_an_error() {
    let folder = Folder::new();
    fs::write(&folder.0, "not a directory").unwrap();
    assert!(Disk::open(&folder.0).is_err());
    assert!(Disk::open(&folder.0.join("below")).is_err());
    assert!(Disk::existing(&folder.0).is_err());
    assert!(Disk::existing(&folder.0.with_extension("absent")).is_err());
    fs::remove_file(&folder.0).unwrap();
}

#[test]
fn a_directory_without_the_right_to_write_is_an_error() {
    // /proc refuses even the superuser.
    if cfg!(target_os = "linux") {
        assert!(Disk::open(Path::new("/proc/tenon/store")).is_err());
        let dir = Disk::open(Path::new("/proc/self")).unwrap();
        assert!(dir.open("MANIFEST", How::Create).is_err());
        assert!(dir.lock().is_err());
        assert!(dir.memory("ring", 8192).is_err());
    }
}

#[test]
fn memory_keeps_its_content_until_its_length_changes() {
    let folder = Folder::new();
    let dir = Disk::open(&folder.0).unwrap();
    let Some(region) = dir.memory("ring", 8192).unwrap() else { return };
    region.write(5000, b"kept");
    drop(region);
    let mut back = [9; 4];
    let again = dir.memory("ring", 8192).unwrap().unwrap();
    again.read(5000, &mut back);
    assert_eq!(&back, b"kept");
    let longer = dir.memory("ring", 16384).unwrap().unwrap();
    longer.read(5000, &mut back);
    assert_eq!((back, longer.len()), ([0; 4], 16384));
}

#[test]
fn the_lock_is_had_once_in_a_process_and_again_after_it_is_dropped() {
    let folder = Folder::new();
    let dir = Disk::open(&folder.0).unwrap();
    let Lock::Taken(first) = dir.lock().unwrap() else { panic!("free") };
    for twin in [Disk::open(&folder.0).unwrap(), Disk::open(&folder.0.join(".")).unwrap()] {
        assert!(matches!(twin.lock().unwrap(), Lock::HeldBy(pid) if pid == std::process::id()));
        assert!(twin.open(lock::NAME, How::Read).is_err());
    }
    assert!(fs::metadata(folder.0.join(lock::NAME)).unwrap().len() > 0);
    drop(first);
    assert_eq!(fs::metadata(folder.0.join(lock::NAME)).unwrap().len(), 0);
    assert!(matches!(dir.lock().unwrap(), Lock::Taken(_)));
}

#[test]
fn what_a_dead_process_left_in_the_lock_does_not_matter() {
    let folder = Folder::new();
    let dir = Disk::open(&folder.0).unwrap();
    for left in [format!("{} 1 00\n", std::process::id()), "x".repeat(5000), String::new()] {
        fs::write(folder.0.join(lock::NAME), left).unwrap();
        assert!(matches!(dir.lock().unwrap(), Lock::Taken(_)));
    }
}

/// The variable that makes the next test the second process of the one after it.
const SECOND: &str = "TENON_TEST_SECOND_PROCESS";

#[test]
fn second_process() {
    let Some(path) = std::env::var_os(SECOND) else { return };
    match Disk::open(Path::new(&path)).unwrap().lock().unwrap() {
        Lock::HeldBy(pid) => println!("held by {pid}."),
        Lock::Taken(_) => println!("taken."),
    }
}

#[test]
fn a_second_process_is_told_who_has_the_directory() {
    let folder = Folder::new();
    let dir = Disk::open(&folder.0).unwrap();
    let ask = || {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "store::vfs::disk::tests::second_process", "--nocapture"]);
        String::from_utf8(child.env(SECOND, &folder.0).output().unwrap().stdout).unwrap()
    };
    let held = dir.lock().unwrap();
    // Another handle of the directory comes and goes: the lock stays.
    assert!(matches!(Disk::open(&folder.0).unwrap().lock().unwrap(), Lock::HeldBy(_)));
    let answer = ask();
    assert!(answer.contains(&format!("held by {}.", std::process::id())), "{answer}");
    drop(held);
    let answer = ask();
    assert!(answer.contains("taken."), "{answer}");
}

#[test]
fn another_copy_of_the_library_in_this_process_is_not_robbed() {
    let folder = Folder::new();
    let dir = Disk::open(&folder.0).unwrap();
    // Written as another copy would: this one does not know of it.
    let Lock::Taken(held) = dir.lock().unwrap() else { panic!("free") };
    let line = fs::read_to_string(folder.0.join(lock::NAME)).unwrap();
    drop(held);
    if line.split(' ').count() == 3 {
        fs::write(folder.0.join(lock::NAME), line).unwrap();
        assert!(matches!(dir.lock().unwrap(), Lock::HeldBy(pid) if pid == std::process::id()));
        assert!(matches!(dir.lock().unwrap(), Lock::HeldBy(pid) if pid == std::process::id()));
    }
}

#[test]
fn a_boot_id_is_thirty_two_digits() {
    assert_eq!(
        parse_boot_id("00112233-4455-6677-8899-aabbccddeeff\n").map(|id| (id[0], id[15])),
        Some((0, 255))
    );
    for wrong in ["", "0011", "g0112233445566778899aabbccddeeff", "+0112233445566778899aabbccddeeff"] {
        assert_eq!(parse_boot_id(wrong), None);
    }
    #[cfg(target_os = "linux")]
    assert_eq!(boot_id(), boot_id());
}
