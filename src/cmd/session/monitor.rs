//! MONITOR: showing every command that is run, in the order in which they are.
//!
//! ```text
//!   dispatch ── somebody monitors? ──no──▶ the gate
//!                   └─yes─▶ [Heard] ─▶ the gate: locks, runs, and the line is one more note of the step
//! ```
//!
//! A line is delivered with the notes of its step, while the keys are locked: who changes a key first is shown first.
use super::{Client, Session};
use crate::{
    base::{atom::Arg, bytes::Bytes, error::Result},
    cmd::{ADMIN, Body, Exec, Gate, Need, PUBSUB, READ, Reach, Row, SECRET, SKIP_MONITOR, Spec},
    keyspace::notes::Note,
};
use std::cell::Cell;

/// Tells whether commands of this kind are shown: not those of an administrator.
pub fn shows(spec: &Spec) -> bool {
    !spec.has(ADMIN | SKIP_MONITOR)
}

/// Tells whether a connection that monitors may not run a command: as in Redis, where it is a kind of replica.
pub fn is_refused(row: &Row) -> bool {
    matches!(row.exec, Exec::Keys { .. }) && (row.spec.is_write() || row.spec.has(READ | PUBSUB))
}

/// Appends `word` in quotes, so that it is one line of plain text.
fn quote(word: &[u8], line: &mut Vec<u8>) {
    line.push(b'"');
    for byte in word {
        match byte {
            b'\\' | b'"' => line.extend([b'\\', *byte]),
            b'\n' => line.extend(b"\\n"),
            b'\r' => line.extend(b"\\r"),
            b'\t' => line.extend(b"\\t"),
            0x07 => line.extend(b"\\a"),
            0x08 => line.extend(b"\\b"),
            b' '..=b'~' => line.push(*byte),
            other => line.extend(format!("\\x{other:02x}").bytes()),
        }
    }
    line.push(b'"');
}

/// What is shown of a command, without its time: the database, who runs it, its words.
pub fn line(client: &Client, spec: &Spec, words: &[Arg<'_>]) -> Bytes {
    let mut line = format!("[{} ", client.db).into_bytes();
    match client.known_card().filter(|_| client.is_connection()).map(|card| &card.origin) {
        None => line.extend(b"embedded:0"),
        Some(origin) if origin.unix => {
            line.extend(b"unix:");
            line.extend(origin.addr.strip_suffix(":0").unwrap_or(&origin.addr).bytes());
        }
        Some(origin) => line.extend(origin.addr.bytes()),
    }
    finish_line(line, spec, words)
}

/// The same of a command that a script calls in database `db`.
#[cfg(feature = "lua")]
pub fn line_of_script(db: u32, spec: &Spec, words: &[Arg<'_>]) -> Bytes {
    finish_line(format!("[{db} lua").into_bytes(), spec, words)
}

fn finish_line(mut line: Vec<u8>, spec: &Spec, words: &[Arg<'_>]) -> Bytes {
    line.push(b']');
    let mut secrets = 0;
    for word in words {
        let Arg::Bytes(word) = word else { continue };
        line.push(b' ');
        if secrets > 0 {
            secrets -= 1;
            quote(b"(redacted)", &mut line);
            continue;
        }
        quote(word, &mut line);
        if spec.has(SECRET) && word.eq_ignore_ascii_case(b"AUTH") {
            secrets = 2;
        }
    }
    line.into()
}

/// A gate that notes what passes.
struct Heard<'g> {
    gate: &'g dyn Gate,
    line: Cell<Option<Bytes>>,
}

impl Gate for Heard<'_> {
    fn pass(&self, need: Need<'_>, body: &mut Body<'_>) -> Result<()> {
        self.gate.pass(need, &mut |view, record| {
            let result = body(view, record);
            if let Some(line) = self.line.take() {
                view.notes.push(Note::Line(line));
            }
            result
        })
    }
}

/// Runs a command about keys on a gate; `line` is shown as part of its step.
pub fn through<R>(
    gate: &dyn Gate,
    line: Option<Bytes>,
    run: impl FnOnce(&dyn Gate) -> Result<R>,
) -> Result<R> {
    let Some(line) = line else { return run(gate) };
    let heard = Heard { gate, line: Cell::new(Some(line)) };
    let result = run(&heard);
    // What did not come as far as the keys is shown, too.
    if let Some(line) = heard.line.take() {
        say(gate, line);
    }
    result
}

/// Shows the line of a command that is not about keys: in a step of its own, or as part of EXEC's.
pub fn say(gate: &dyn Gate, line: Bytes) {
    let need = Need { spec: crate::cmd::conn::ping::ROW.spec, reach: Reach::Keys, keys: &[], other_db: None };
    // Inside EXEC a step that has panicked takes nothing more: then nothing more is shown of it.
    let _ = gate.pass(need, &mut |view, _| {
        view.notes.push(Note::Line(line.clone()));
        Ok(())
    });
}

/// Ends the monitoring of the session's connection.
pub fn end(session: &mut dyn Session) {
    if std::mem::take(&mut session.client().monitors) {
        let server = session.server();
        server.end_monitor(&session.client().card().mailbox);
    }
}
