//! The shell: as a filter, and on a terminal.
use crate::support::{Folder, Process, TENON, tenon, tenon_with, text};
use std::{
    io::{Read, Write},
    process::{ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

#[test]
fn lines_go_in_and_raw_replies_come_out() {
    let output =
        tenon(&[], b"SET a \"x\\n\\xff\"\n# a comment\n\n  get a  \nGET none\nMULTI\nSET b 1\nINCR b\nEXEC");
    assert_eq!(output.stdout, b"OK\nx\n\xff\n\nOK\nQUEUED\nQUEUED\nOK\n2\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_failed_command_shows_in_the_exit_status() {
    for input in [
        &b"NOSUCH\nPING\n"[..],
        b"SET 'a\nPING\n",
        b".nosuch\nPING\n",
        b"MULTI\nSET a x\nINCR a\nEXEC\nPING\n",
    ] {
        let output = tenon(&[], input);
        assert!(text(&output.stdout).ends_with("PONG\n"), "what follows is run");
        assert_eq!(output.status.code(), Some(1), "{}", text(input));
    }
    assert_eq!(tenon(&["-e", "GET a", "-e", "NOSUCH"], b"").status.code(), Some(1));
}

#[test]
fn replies_are_shown_for_people_when_asked() {
    let output = tenon(
        &[
            "--pretty",
            "--db",
            "3",
            "-e",
            "SET a 1",
            "-e",
            "GET a",
            "-e",
            "INCR a",
            "-e",
            "GET b",
            "-e",
            "HELLO 2 x",
        ],
        b"",
    );
    assert_eq!(
        text(&output.stdout),
        "OK\n\"1\"\n(integer) 2\n(nil)\n(error) ERR Syntax error in HELLO option 'x'\n"
    );
    let output =
        tenon(&["--resp", "2"], b".mode pretty\nCONFIG GET databases\nHELLO 3\nCONFIG GET databases\n");
    let out = text(&output.stdout);
    assert!(out.starts_with("1) \"databases\"\n2) \"16\"\n"), "{out}");
    assert!(out.ends_with("1# \"databases\" => \"16\"\n"), "{out}");
}

#[test]
fn the_shells_own_commands_work() {
    let output = tenon(
        &[],
        b".help\n.help set\n.help client kill\n.help nosuch\n.timer on\nPING\n.timer\n.quit\nPING\n",
    );
    let out = text(&output.stdout);
    for want in [
        ".load FILE",
        "SET key value [NX",
        "complexity  O(1)",
        "CLIENT KILL",
        "there is no command nosuch",
        "PONG\n(0.0",
        "usage: .timer on|off",
    ] {
        assert!(out.contains(want), "{want}: {out}");
    }
    assert!(!out.ends_with("PONG\n"), "nothing runs after .quit");
}

#[test]
fn quit_ends_and_a_reader_that_leaves_is_no_fault() {
    assert_eq!(text(&tenon(&[], b"QUIT\nPING\n").stdout), "");
    let script = format!("yes PING | {TENON} | head -n 3");
    let output = tenon_with(Command::new("sh").args(["-c", &script]), b"");
    assert_eq!(text(&output.stdout), "PONG\nPONG\nPONG\n");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn help_and_version_are_for_all() {
    for (args, want) in [
        (&["--help"][..], "tenon serve [DIR] [OPTIONS]"),
        (&["serve", "--help"], "--maxclients N"),
        (&["load", "--help"], "redis-cli --pipe"),
        (&["help", "load"], "redis-cli --pipe"),
        (&["check", "--help"], "tenon check DIR"),
        (&["help", "dump"], "--salvage"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ] {
        let output = tenon(args, b"");
        assert!(text(&output.stdout).contains(want), "{args:?}");
        assert_eq!(output.status.code(), Some(0));
    }
}

/// A shell on a terminal that `script` makes.
struct Terminal {
    process: Process,
    keys: ChildStdin,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    fn open(folder: &Folder) -> Option<Self> {
        if Command::new("script").arg("--version").output().is_err() {
            eprintln!("skipped: there is no script(1) to make a terminal with");
            return None;
        }
        let mut process = Process::start(
            Command::new("script")
                .args(["-qefc", TENON, "/dev/null"])
                .env("XDG_STATE_HOME", folder.path("state"))
                .env("TERM", "xterm")
                .env_remove("NO_COLOR")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped()),
        );
        let (keys, mut out) = (process.0.stdin.take().unwrap(), process.0.stdout.take().unwrap());
        let screen = Arc::new(Mutex::new(Vec::new()));
        let filled = screen.clone();
        let reader = std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut piece) {
                filled.lock().unwrap().extend_from_slice(&piece[..count]);
            }
        });
        Some(Self { process, keys, screen, reader })
    }

    /// Types, and waits until `want` appears behind what was there before. A line is answered when the next prompt is
    /// there too: only then the terminal gives on what is typed as it is.
    fn types(&mut self, keys: &str, want: &str) {
        let before = self.screen.lock().unwrap().len();
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
        let shown = self.waits(if keys.is_empty() { 0 } else { before }, want);
        if keys.ends_with('\r') && !want.ends_with("> ") {
            self.waits(shown, "> ");
        }
    }

    /// Where what is wanted ends.
    fn waits(&self, from: usize, want: &str) -> usize {
        for _ in 0..3_000 {
            let screen = self.screen.lock().unwrap();
            let found = screen[from..].windows(want.len()).position(|piece| piece == want.as_bytes());
            if let Some(at) = found {
                return from + at + want.len();
            }
            drop(screen);
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{want:?} does not appear: {:?}", text(&self.screen.lock().unwrap()));
    }

    fn leaves(mut self) {
        self.keys.write_all(b"\x04").unwrap();
        let status = self.process.wait();
        self.reader.join().unwrap();
        assert_eq!(status, Some(0), "{:?}", text(&self.screen.lock().unwrap()));
    }
}

#[test]
fn on_a_terminal_there_are_prompts_hints_completion_and_history() {
    let folder = Folder::new();
    let Some(mut terminal) = Terminal::open(&folder) else { return };
    terminal.types("", "In memory: nothing is kept");
    terminal.types("", "tenon> ");
    terminal.types("mse", "mse");
    // Completion, and the greyed hint of what may follow.
    terminal.types("\t", "mset");
    terminal.types(" a", "\x1b[90m value [key value ...]\x1b[0m");
    terminal.types(" 1\r", "OK");
    terminal.types("SELECT 2\r", "tenon[2]> ");
    terminal.types("MULTI\r", "tenon[2](TX)> ");
    terminal.types("INCR n\r", "QUEUED");
    terminal.types("EXEC\r", "1) (integer) 1");
    terminal.types("AUTH secret\r", "(error) ERR");
    terminal.types("GET a b\r", "(error) ERR wrong number of arguments for 'get' command");
    terminal.types("SET a it's\r", "Invalid argument(s)");
    terminal.types("SET half a li\x03", "tenon[2]> ");
    terminal.types("EXISTS half\r", "tenon[2]> ");
    // Pasted lines are run one by one.
    terminal.types("\x1b[200~SET p 7\nINCR p\x1b[201~\r", "(integer) 8");
    terminal.leaves();
    let history = std::fs::read_to_string(folder.path("state/tenon/history")).unwrap();
    assert!(history.contains("mset a 1") && history.contains("GET a b"), "{history}");
    assert!(!history.contains("secret"), "{history}");
    let mut terminal = Terminal::open(&folder).unwrap();
    terminal.types("", "tenon> ");
    terminal.types("\x10\r", "(integer) 8");
    terminal.leaves();
}

#[test]
fn what_a_line_publishes_is_heard_behind_its_reply() {
    let lines = ["-e", "SUBSCRIBE a", "-e", "PUBLISH a hello", "-e", "UNSUBSCRIBE", "-e", "PUBLISH a none"];
    let ours = tenon(&[&["--pretty"][..], &lines].concat(), b"");
    let heard = text(&ours.stdout);
    let parts: Vec<&str> =
        ["\"subscribe\"", "(integer) 1", "\"hello\"", "\"unsubscribe\"", "(integer) 0"].into();
    let mut rest = heard.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} is not in {heard}"));
        rest = &rest[at + part.len()..];
    }
}
