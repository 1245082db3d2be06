//! Stores in directories: what one process writes the next one reads, however the first one ended.
use crate::support::{Folder, Server, TENON, tenon, tenon_with, text};
use std::process::Command;

/// Runs lines in a shell on `dir` and returns what it says.
fn shell(dir: &str, lines: &str) -> String {
    let output = tenon(&[dir], lines.as_bytes());
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn what_one_shell_writes_the_next_one_reads() {
    let folder = Folder::new();
    let dir = folder.path("store");
    let dir = dir.to_str().unwrap();
    assert_eq!(shell(dir, "SET a 1\nSELECT 3\nRPUSH l x y\n"), "OK\nOK\n2\n");
    let said = shell(dir, "GET a\nSELECT 3\nLRANGE l 0 -1\nCONFIG GET dir\n");
    assert!(said.starts_with("1\nOK\nx\ny\n") && said.contains("/store"), "{said}");
    let output = tenon(&[dir, "-e", "INCR a"], b"");
    assert_eq!((text(&output.stdout).as_str(), text(&output.stderr).as_str()), ("2\n", ""));
}

#[test]
fn a_server_that_is_killed_has_lost_nothing() {
    let folder = Folder::new();
    let dir = folder.path("store");
    let server = Server::start(&[dir.to_str().unwrap()]);
    let mut client = server.connect();
    for n in 0..100 {
        client.ask(&format!("SET k{n} {n}"), "+OK\r\n");
    }
    let busy = tenon(&[dir.to_str().unwrap()], b"GET k1\n");
    assert_eq!(busy.status.code(), Some(2));
    assert!(text(&busy.stderr).contains("is open in process"), "{}", text(&busy.stderr));
    server.signal(rustix::process::Signal::KILL);
    drop(server);
    assert_eq!(shell(dir.to_str().unwrap(), "DBSIZE\nGET k99\n"), "100\n99\n");
}

#[test]
fn a_store_is_checked_and_dumped_without_being_changed() {
    let folder = Folder::new();
    let (from, to) = (folder.path("from"), folder.path("to"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    shell(from, "SET a \"\\x00\\r\\n\"\nZADD z 1.5 m\nSELECT 2\nHSET h f v\nSAVE\nSADD s 1 2 3\n");
    let names = || {
        let entries = std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    let before = names();
    let checked = tenon(&["check", from], b"");
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
    let dumped = tenon(&["dump", from], b"");
    assert!(dumped.status.success() && names() == before);
    let file = folder.file("dump", &dumped.stdout);
    shell(to, &format!(".load {}\n", file.display()));
    assert_eq!(shell(from, "DEBUG DIGEST\n"), shell(to, "DEBUG DIGEST\n"));
    let only = tenon_with(Command::new(TENON).args(["dump", from, "--db", "2"]), b"");
    assert!(
        only.stdout.len() < dumped.stdout.len()
            && only.stdout.starts_with(b"*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n")
    );
}

#[test]
fn what_is_no_store_is_not_made_one_by_looking() {
    let folder = Folder::new();
    let dir = folder.path("none");
    for command in ["check", "dump"] {
        let output = tenon(&[command, dir.to_str().unwrap()], b"");
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(!dir.exists());
    }
}

#[test]
fn a_damaged_store_is_refused_until_what_is_left_is_enough() {
    let folder = Folder::new();
    let dir = folder.path("store");
    shell(dir.to_str().unwrap(), "SET a 1\nSET b 2\n");
    let mut logs: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    logs.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("log-"));
    let [log] = &logs[..] else { panic!("{logs:?}") };
    let mut bytes = std::fs::read(log).unwrap();
    // In the payload of the first frame, behind the header of the segment and its own.
    bytes[64 + 32 + 9] ^= 1;
    std::fs::write(log, bytes).unwrap();
    let dir = dir.to_str().unwrap();
    let checked = tenon(&["check", dir], b"");
    assert_eq!(checked.status.code(), Some(1), "{}{}", text(&checked.stdout), text(&checked.stderr));
    for args in [&[dir][..], &["dump", dir]] {
        let refused = tenon(args, b"DBSIZE\n");
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(text(&refused.stderr).contains("salvage"), "{}", text(&refused.stderr));
    }
    let salvaged = tenon(&[dir, "--salvage"], b"DBSIZE\nSET c 3\n");
    assert_eq!(text(&salvaged.stdout), "0\nOK\n", "{}", text(&salvaged.stderr));
    assert!(!salvaged.stderr.is_empty(), "what was put aside is told");
    assert_eq!(shell(dir, "KEYS *\n"), "c\n");
}
