//! Runs `tests/conformance/**/*.tnt` through the RESP connection.
#[path = "../tnt/mod.rs"]
mod tnt;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use tenondb::{Db, resp::Conn};
use tnt::{
    Section, Value,
    play::{self, Player},
    wire,
};

/// Our connections.
#[derive(Default)]
struct Ours {
    conns: Vec<Conn>,
}

impl Player for Ours {
    fn start(&mut self, clients: usize, resp: u8, setting: Option<&(String, String)>) {
        let db = Db::memory();
        self.conns = (0..clients).map(|_| Conn::new(&db)).collect();
        if let Some((name, value)) = setting {
            let set = [b"CONFIG".to_vec(), b"SET".to_vec(), name.clone().into(), value.clone().into()];
            self.send(1, &set, None);
        }
        for client in 1..=clients {
            if resp == 3 {
                self.send(client, &[b"HELLO".to_vec(), b"3".to_vec()], None);
            }
        }
    }

    fn send(&mut self, client: usize, argv: &[Vec<u8>], _open: Option<usize>) -> Vec<Value> {
        let conn = &mut self.conns[client - 1];
        let mut command = Vec::new();
        wire::write_command(&mut command, argv);
        if argv.is_empty() {
            conn.pump();
        } else {
            conn.feed(&command);
        }
        let bytes = conn.take_output();
        let (mut at, mut values) = (0, Vec::new());
        while at < bytes.len() {
            let (value, len) = wire::read(&bytes[at..]).expect("whole replies");
            values.push(value);
            at += len;
        }
        values
    }

    fn wait(&mut self, ms: u64) {
        thread::sleep(Duration::from_millis(ms));
    }
}

fn files(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).expect("tests/conformance").map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ext| ext == "tnt") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn all() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance"))
}

/// `client-kill` of `CLIENT|KILL`.
fn file_name(command: &str) -> String {
    command.replace('|', "-").to_ascii_lowercase()
}

#[test]
fn every_file_gets_the_replies_it_expects() {
    let mut faults = Vec::new();
    let mut steps = 0;
    for path in all() {
        let text = fs::read_to_string(&path).unwrap();
        let sections: Vec<Section> =
            tnt::parse(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        for section in &sections {
            steps += section.steps().count();
            for fault in play::check(section, &mut Ours::default()) {
                faults.push(format!("{}: {fault}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {steps} replies differ:\n{}", faults.len(), faults.join("\n"));
}

/// `eval` of `eval.tnt` and of `eval.cjson.tnt`.
fn command_of(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().split('.').next().unwrap_or_default().to_string()
}

#[test]
fn every_command_has_a_file_and_every_file_a_command() {
    let mut named: Vec<String> = all().iter().map(|path| command_of(path)).collect();
    named.sort();
    named.dedup();
    let mut commands: Vec<String> = tenondb::commands().map(|spec| file_name(spec.name)).collect();
    commands.sort();
    // A container without its subcommands has nothing to show.
    let containers: Vec<&str> =
        tenondb::commands().filter_map(|spec| spec.name.split_once('|')).map(|(c, _)| c).collect();
    commands.retain(|name| !containers.iter().any(|c| c.eq_ignore_ascii_case(name) && !named.contains(name)));
    let lacking: Vec<_> = commands.iter().filter(|name| !named.contains(name)).collect();
    let strange: Vec<_> = named.iter().filter(|name| !commands.contains(name)).collect();
    assert!(lacking.is_empty(), "no file in tests/conformance for {lacking:?}");
    assert!(strange.is_empty(), "no command for the files {strange:?}");
}
