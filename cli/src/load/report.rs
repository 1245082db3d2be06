//! What a load has come to, said while it runs and in the end.
use super::script::Place;
use crate::clock;
use std::{
    fmt,
    io::{IsTerminal, Write},
};

/// Errors that are told; the others are counted.
const TOLD_MAX: u64 = 20;
/// How often the bar is drawn.
const DRAW_US: u64 = 100_000;
const BAR_WIDTH: u64 = 30;

/// What a load has come to.
pub struct Report {
    name: String,
    total_bytes: Option<u64>,
    commands: u64,
    failed: u64,
    start_us: u64,
    drawn_us: u64,
    /// Somebody watches.
    watched: bool,
    /// A bar stands on the line.
    drawn: bool,
}

/// How a load ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub commands: u64,
    pub failed: u64,
    pub took_s: f64,
}

impl Report {
    /// Starts the account of a file called `name`, of `total_bytes` if that is known.
    pub fn new(name: String, total_bytes: Option<u64>) -> Self {
        let now_us = clock::now_us();
        Self {
            name,
            total_bytes,
            commands: 0,
            failed: 0,
            start_us: now_us,
            drawn_us: now_us,
            watched: std::io::stderr().is_terminal(),
            drawn: false,
        }
    }

    /// Counts a command that went well.
    pub fn well(&mut self) {
        self.commands += 1;
    }

    /// Counts a command that failed, and tells why.
    pub fn failed(&mut self, place: Place, why: &[u8]) {
        self.commands += 1;
        self.failed += 1;
        if self.failed <= TOLD_MAX {
            self.clear();
            eprintln!("{}: {place}: {}", self.name, String::from_utf8_lossy(why));
        }
        if self.failed == TOLD_MAX + 1 {
            self.clear();
            eprintln!("{}: more errors are counted and not shown", self.name);
        }
    }

    /// Draws the bar, if somebody watches and it is time.
    pub fn draw(&mut self, done_bytes: u64) {
        let now_us = clock::now_us();
        if !self.watched || now_us - self.drawn_us < DRAW_US {
            return;
        }
        (self.drawn_us, self.drawn) = (now_us, true);
        let text = self.bar(done_bytes, now_us - self.start_us);
        // A bar that cannot be drawn is not missed.
        let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
    }

    fn bar(&self, done_bytes: u64, took_us: u64) -> String {
        let mib = done_bytes as f64 / (1 << 20) as f64;
        let rate = mib / (took_us.max(1) as f64 / 1e6);
        let counts = format!("{} commands, {mib:.1} MiB, {rate:.1} MiB/s", self.commands);
        match self.total_bytes.filter(|total| *total > 0) {
            Some(total) => {
                let done = done_bytes.min(total);
                let full = (done * BAR_WIDTH / total) as usize;
                let empty = BAR_WIDTH as usize - full;
                format!("[{}{}] {:3}%  {counts}", "=".repeat(full), " ".repeat(empty), done * 100 / total)
            }
            None => counts,
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    /// Ends the account.
    pub fn end(mut self) -> Outcome {
        self.clear();
        let took_s = (clock::now_us() - self.start_us) as f64 / 1e6;
        Outcome { commands: self.commands, failed: self.failed, took_s }
    }
}

impl Outcome {
    /// Tells whether nothing failed.
    pub fn is_clean(&self) -> bool {
        self.failed == 0
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { commands, failed, took_s } = self;
        let rate = *commands as f64 / took_s.max(1e-6);
        writeln!(f, "{commands} commands, {failed} errors, {took_s:.2} s ({rate:.0}/s)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        let mut report = Report::new("x".to_owned(), Some(1 << 21));
        report.well();
        let text = report.bar(1 << 20, 500_000);
        let want = format!("[{}{}]  50%  1 commands, 1.0 MiB, 2.0 MiB/s", "=".repeat(15), " ".repeat(15));
        assert_eq!(text, want);
        assert_eq!(Report::new("x".to_owned(), None).bar(0, 0), "0 commands, 0.0 MiB, 0.0 MiB/s");
    }

    #[test]
    fn outcomes_count_errors() {
        let mut report = Report::new("x".to_owned(), None);
        report.well();
        report.failed(Place { line: 2, number: 2, is_resp: false }, b"ERR no");
        let outcome = report.end();
        assert_eq!((outcome.commands, outcome.failed, outcome.is_clean()), (2, 1, false));
        let shown = Outcome { commands: 10, failed: 0, took_s: 2.0 }.to_string();
        assert_eq!(shown, "10 commands, 0 errors, 2.00 s (5/s)\n");
    }
}
