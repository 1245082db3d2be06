//! `tests/conformance/**/*.tnt` through the connections of the C API: `c/relay.c` has them, this drives it by pipes.
#[path = "../../tests/tnt/mod.rs"]
mod tnt;

mod kit;

use std::{
    fs,
    io::{BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};
use tnt::{
    Section, Value,
    play::{self, Player},
    wire,
};

struct Relay {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Relay {
    fn start() -> Self {
        let mut child = Command::new(kit::compile("relay"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the relay starts");
        let (to, from) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.to.as_mut().unwrap().write_all(bytes).expect("the relay listens");
    }
}

impl Player for Relay {
    fn start(&mut self, clients: usize, resp: u8, setting: Option<&(String, String)>) {
        self.put(&[b'N', clients as u8]);
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
        let mut command = Vec::new();
        if !argv.is_empty() {
            wire::write_command(&mut command, argv);
        }
        self.put(&[b'S', client as u8 - 1]);
        self.put(&(command.len() as u32).to_le_bytes());
        self.put(&command);
        let mut len = [0; 4];
        self.from.read_exact(&mut len).expect("the relay answers");
        let mut bytes = vec![0; u32::from_le_bytes(len) as usize];
        self.from.read_exact(&mut bytes).expect("the relay answers");
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

#[test]
fn every_file_gets_the_replies_it_expects() {
    if !kit::has("cc") {
        return;
    }
    let mut relay = Relay::start();
    let (mut faults, mut steps) = (Vec::new(), 0);
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance")) {
        let text = fs::read_to_string(&path).unwrap();
        let sections: Vec<Section> =
            tnt::parse(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        for section in &sections {
            steps += section.steps().count();
            for fault in play::check(section, &mut relay) {
                faults.push(format!("{}: {fault}", path.display()));
            }
        }
    }
    drop(relay.to.take());
    assert!(relay.child.wait().unwrap().success(), "the relay has found a fault of its own, see above");
    assert!(faults.is_empty(), "{} of {steps} replies differ:\n{}", faults.len(), faults.join("\n"));
    assert!(steps > 2_000, "only {steps} steps were played");
}
