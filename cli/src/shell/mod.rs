//! The shell: commands from a person, or from another program, to a database in this process.
mod dot;
mod hints;
mod line;
mod listen;
mod print;
mod session;

pub use session::Session;

use crate::reply::Reply;
use crate::{clock, help, store::Place};
use dot::Done;
use line::{Entered, Keyboard};
use listen::Interrupt;
use std::io::{self, BufRead, BufWriter, IsTerminal, Stdout, Write};
use tenondb::{Db, resp::split_words};

/// How the shell is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Where the database is kept; in memory only unless given.
    pub place: Option<Place>,
    /// The logical database.
    pub db: u32,
    /// 2 or 3.
    pub protocol: u8,
    /// How replies are shown; by default as standard output is a terminal or not.
    pub style: Option<Style>,
    /// Lines to run instead of reading any.
    pub lines: Vec<Vec<u8>>,
}

impl Default for Start {
    fn default() -> Self {
        Self { place: None, db: 0, protocol: 3, style: None, lines: Vec::new() }
    }
}

/// How replies are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For people.
    Pretty,
    /// For programs.
    Raw,
}

/// A shell at work.
pub struct Shell {
    session: Session,
    style: Style,
    timer: bool,
    /// There is a person, who can end listening.
    interrupt: Option<Interrupt>,
    out: BufWriter<Stdout>,
    /// Nobody reads the output any more.
    deaf: bool,
}

/// Runs a shell until its input ends. False: a command failed, and nobody was there to see it.
///
/// # Errors
/// Why it could not start or go on.
pub fn run(start: &Start) -> Result<bool, String> {
    let db = start.place.as_ref().map_or_else(|| Ok(Db::memory()), Place::open)?;
    let mut session = Session::open(&db, start.protocol)?;
    if start.db != 0 {
        session.must(&["SELECT".to_owned(), start.db.to_string()])?;
    }
    let style = start.style.unwrap_or(if io::stdout().is_terminal() { Style::Pretty } else { Style::Raw });
    let out = BufWriter::new(io::stdout());
    let mut shell = Shell { session, style, timer: false, interrupt: None, out, deaf: false };
    let done = if !start.lines.is_empty() {
        shell.batch(&mut start.lines.iter().map(|line| Ok(line.clone())))
    } else if io::stdin().is_terminal() {
        shell.converse(start.place.as_ref()).map(|()| true)
    } else {
        shell.batch(&mut io::stdin().lock().split(b'\n'))
    };
    // What could not be kept is an error of the program, however well the commands went.
    db.close().map_err(|error| format!("cannot keep what was written: {error}"))?;
    done
}

impl Shell {
    /// Talks with a person.
    fn converse(&mut self, place: Option<&Place>) -> Result<(), String> {
        self.say(&help::banner(place));
        let mut keyboard = Keyboard::open()?;
        self.interrupt = Interrupt::take().ok();
        loop {
            self.hear();
            self.flush();
            match keyboard.read(&self.prompt())? {
                Entered::End => return Ok(()),
                Entered::Nothing => {}
                // What was pasted may be several lines.
                Entered::Line(text) => {
                    for line in lines(text.as_bytes()) {
                        if self.line(line) == Done::Quit {
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    /// Runs lines that nobody watches. False: one of them failed.
    fn batch(&mut self, lines: &mut dyn Iterator<Item = io::Result<Vec<u8>>>) -> Result<bool, String> {
        let mut clean = true;
        for line in lines {
            let line = line.map_err(|error| format!("cannot read the commands: {error}"))?;
            match self.line(&line) {
                Done::Well => {}
                Done::Badly => clean = false,
                Done::Quit => break,
            }
            if self.deaf {
                break;
            }
        }
        self.flush();
        Ok(clean)
    }

    fn prompt(&self) -> String {
        let db = match self.session.database() {
            0 => String::new(),
            index => format!("[{index}]"),
        };
        let transaction = if self.session.in_transaction() { "(TX)" } else { "" };
        format!("tenon{db}{transaction}> ")
    }

    /// Runs one line: a command, a command of the shell, or nothing.
    fn line(&mut self, line: &[u8]) -> Done {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Done::Well;
        }
        let Some(words) = split_words(line) else {
            self.complain("Invalid argument(s)");
            return Done::Badly;
        };
        match words.first() {
            Some(first) if first.starts_with(b".") => dot::run(self, &words),
            Some(first) if first.eq_ignore_ascii_case(b"quit") || first.eq_ignore_ascii_case(b"exit") => {
                Done::Quit
            }
            Some(_) => self.command(&words),
            None => Done::Well,
        }
    }

    fn command(&mut self, words: &[Vec<u8>]) -> Done {
        let was_listening = self.session.is_listening();
        let start_us = clock::now_us();
        let replies = match self.session.call(words) {
            Ok(replies) => replies,
            Err(why) => {
                self.complain(&why);
                return Done::Badly;
            }
        };
        let took_us = clock::now_us() - start_us;
        self.show(&replies);
        if self.timer {
            self.say(&format!("({:.6} s)\n", took_us as f64 / 1e6));
        }
        if !was_listening && self.session.is_listening() {
            self.listen();
        }
        if replies.iter().any(|reply| reply.error().is_some()) { Done::Badly } else { Done::Well }
    }

    fn show(&mut self, replies: &[Reply]) {
        let mut text = Vec::new();
        for reply in replies {
            match self.style {
                Style::Pretty => print::pretty(reply, &mut text),
                Style::Raw => print::raw(reply, &mut text),
            }
        }
        self.write(&text);
    }

    /// Shows what has come by itself.
    fn hear(&mut self) {
        match self.session.hear() {
            Ok(replies) => self.show(&replies),
            Err(why) => self.complain(&why),
        }
    }

    /// Shows what comes until the person presses Ctrl-C, which ends MONITOR; subscriptions stay, and what they bring is then shown before
    /// the next prompt. Lines that nobody watches go on at once.
    fn listen(&mut self) {
        let Some(interrupt) = self.interrupt.clone() else { return };
        self.say("Reading messages... (press Ctrl-C to go on)\n");
        interrupt.until(|| {
            self.hear();
            self.flush();
            !self.deaf && self.session.is_listening()
        });
        self.say("\n");
        if let Err(why) = self.session.end_monitoring() {
            self.complain(&why);
        }
    }

    fn say(&mut self, text: &str) {
        self.write(text.as_bytes());
    }

    /// Says what is wrong with a line, in its place among the replies.
    fn complain(&mut self, why: &str) {
        self.say(&format!("{why}\n"));
    }

    fn write(&mut self, text: &[u8]) {
        self.deaf |= self.out.write_all(text).is_err();
    }

    fn flush(&mut self) {
        self.deaf |= self.out.flush().is_err();
    }
}

/// Cuts a text at its line feeds, those in quotes excepted.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let (mut lines, mut start, mut quote, mut escaped) = (Vec::new(), 0, None, false);
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'\n') => {
                lines.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    lines.push(&text[start..]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_lines_are_cut_outside_quotes() {
        let cut = lines(b"SET a 1\nSET b \"x\ny\\\"\nz\"\n\nGET a");
        assert_eq!(cut, [&b"SET a 1"[..], b"SET b \"x\ny\\\"\nz\"", b"", b"GET a"]);
    }
}
