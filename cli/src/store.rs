//! Stores in directories: opening them for the shell and the server, checking and dumping them.
use crate::{clock, dump};
use std::{
    io::{BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tenondb::{Db, Kind, Loading, OpenReport, Options, Progress};

/// A directory, and how it is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub dir: PathBuf,
    /// What a damaged store still has is enough.
    pub salvage: bool,
}

impl Place {
    /// Opens the store, and makes it when there is none. A long load is shown to whoever watches, and on standard error
    /// stands what is worth knowing of it.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn open(&self) -> Result<Db, String> {
        let opened = Db::open_with(&self.dir, self.options());
        clear();
        let db = opened.map_err(|error| self.wrong(&error.to_string()))?;
        if let Some(report) = db.open_report() {
            self.tell(&report);
        }
        Ok(db)
    }

    /// Reads the store into memory, and leaves the directory as it is.
    fn inspect(&self) -> Result<Db, String> {
        let read = Db::inspect(&self.dir, self.options());
        clear();
        let (db, report) = read.map_err(|error| self.wrong(&error.to_string()))?;
        self.tell(&report);
        Ok(db)
    }

    fn options(&self) -> Options {
        let progress = std::io::stderr().is_terminal().then(|| {
            let (start_us, drawn_us) = (clock::now_us(), AtomicU64::new(0));
            Progress::new(move |loading| draw(loading, start_us, &drawn_us))
        });
        Options { salvage: self.salvage, progress, ..Options::default() }
    }

    fn wrong(&self, text: &str) -> String {
        let text = text.strip_prefix("ERR ").unwrap_or(text);
        format!("{}: {text}", self.dir.display())
    }

    /// Tells of what was out of the ordinary.
    fn tell(&self, report: &OpenReport) {
        if report.ring_bytes > 0 || report.left_out > 0 || !report.cut.is_empty() {
            eprintln!("tenon: {}: {report}", self.dir.display());
        }
    }
}

/// Checks the store in `dir` by reading all of it, records run again included, and says what was found. False: it is
/// damaged.
///
/// # Errors
/// Why it could not be checked.
pub fn check(dir: &Path) -> Result<bool, String> {
    let place = Place { dir: dir.to_owned(), salvage: false };
    let read = Db::inspect(dir, place.options());
    clear();
    match read {
        Ok((_, report)) => crate::say(&format!("{}: sound: {report}\n", dir.display())),
        Err(error) if error.kind() == Kind::Corrupt => {
            crate::say(&format!("{}\n", place.wrong(&error.to_string())));
            let rest = Db::inspect(dir, Options { salvage: true, ..place.options() });
            clear();
            if let Ok((_, report)) = rest {
                crate::say(&format!("what --salvage would open: {report}\n"));
            }
            return Ok(false);
        }
        Err(error) => return Err(place.wrong(&error.to_string())),
    }
    Ok(true)
}

/// Writes the store at `place` to standard output, as commands in RESP: all of its logical databases, or one.
///
/// # Errors
/// Why it could not be written to its end.
pub fn dump(place: &Place, only: Option<u32>) -> Result<bool, String> {
    let db = place.inspect()?;
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout());
    dump::write(&db, only, &mut out)?;
    Ok(true)
}

/// How often the bar is drawn, and how long a load takes at least that gets one.
const DRAW_US: u64 = 200_000;
const BAR_WIDTH: u64 = 30;

fn draw(loading: Loading, start_us: u64, drawn_us: &AtomicU64) {
    let took_us = clock::now_us() - start_us;
    if took_us < drawn_us.load(Relaxed) + DRAW_US {
        return;
    }
    drawn_us.store(took_us, Relaxed);
    // A bar that cannot be drawn is not missed.
    let _ = write!(std::io::stderr(), "\r\x1b[K{}", bar(loading.bytes, loading.bytes_total, took_us));
}

fn bar(bytes: u64, bytes_total: u64, took_us: u64) -> String {
    let (total, mib) = (bytes_total.max(bytes).max(1), (1 << 20) as f64);
    let rate = bytes as f64 / mib / (took_us.max(1) as f64 / 1e6);
    let full = (bytes as u128 * u128::from(BAR_WIDTH) / u128::from(total)) as usize;
    let percent = u128::from(bytes) * 100 / u128::from(total);
    let (done, empty) = ("=".repeat(full), " ".repeat(BAR_WIDTH as usize - full));
    format!(
        "[{done}{empty}] {percent:3}%  {:.1} of {:.1} MiB, {rate:.1} MiB/s",
        bytes as f64 / mib,
        total as f64 / mib
    )
}

fn clear() {
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn the_bar_fills() {
        let half = format!("[{}{}]  50%  1.0 of 2.0 MiB, 2.0 MiB/s", "=".repeat(15), " ".repeat(15));
        assert_eq!(bar(1 << 20, 2 << 20, 500_000), half);
        assert!(bar(0, 0, 0).starts_with(&format!("[{}]   0%", " ".repeat(30))));
        assert!(bar(7, 5, 1).contains("100%"));
    }
}
