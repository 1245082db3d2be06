//! A database as commands in RESP: what `redis-cli --pipe`, the AOF loader of Redis and Valkey, and `tenon load` take.
//!
//! Only commands that every version of them knows are written, a collection in chunks, so that none is longer than
//! what a loader takes in one piece. It reads through the database's own commands, piece by piece: what others change
//! meanwhile is there or not, as with SCAN. Only streams want a server of version 7: older ones do not know of their past.
mod stream;

use crate::reply::encode;
use std::{io::Write, path::Path};
use tenondb::{Db, Reply};

/// Elements of one command.
const CHUNK: usize = 64;
/// Elements that are read at once.
const PAGE: usize = 1024;
const DATABASES: u32 = 16;

/// What is done with the elements of a page.
type Each<'e, D> = dyn FnMut(&mut D, &[&[u8]]) -> Result<(), String> + 'e;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dumped {
    pub keys: u64,
    pub commands: u64,
}

impl std::fmt::Display for Dumped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} keys, {} commands", self.keys, self.commands)
    }
}

/// Writes all logical databases, or only number `only`.
///
/// # Errors
/// Why it could not be written to its end.
pub fn write(db: &Db, only: Option<u32>, to: &mut dyn Write) -> Result<Dumped, String> {
    let mut dump = Dump { db: db.clone(), to, request: Vec::new(), done: Dumped::default() };
    for index in only.map_or(0..DATABASES, |index| index..index + 1) {
        dump.db = db.select(index).map_err(|error| error.to_string())?;
        dump.database()?;
    }
    dump.to.flush().map_err(cannot_write)?;
    Ok(dump.done)
}

/// Writes them to a new file at `path`, which is complete or is not there.
///
/// # Errors
/// As [`write`].
pub fn write_file(db: &Db, path: &Path) -> Result<Dumped, String> {
    let name = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let file = std::fs::File::create(&unfinished).map_err(name)?;
    let mut to = std::io::BufWriter::new(file);
    let written = write(db, None, &mut to).and_then(|done| {
        to.get_ref().sync_all().and_then(|()| std::fs::rename(&unfinished, path)).map_err(name)?;
        Ok(done)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

fn cannot_write(error: std::io::Error) -> String {
    format!("cannot write: {error}")
}

/// A dump at work.
struct Dump<'w> {
    /// The logical database that is written.
    db: Db,
    to: &'w mut dyn Write,
    request: Vec<u8>,
    done: Dumped,
}

impl Dump<'_> {
    fn ask(&self, argv: &[&[u8]]) -> Result<Reply, String> {
        self.db.call(argv).map_err(|error| error.to_string())
    }

    fn say(&mut self, argv: &[&[u8]]) -> Result<(), String> {
        self.request.clear();
        encode(argv, &mut self.request);
        self.done.commands += 1;
        self.to.write_all(&self.request).map_err(cannot_write)
    }

    fn database(&mut self) -> Result<(), String> {
        let mut is_selected = false;
        self.pages(&[b"SCAN"], &mut |dump, keys| {
            for key in keys {
                if !std::mem::replace(&mut is_selected, true) {
                    let index = dump.db.index().to_string();
                    dump.say(&[b"SELECT", index.as_bytes()])?;
                }
                dump.key(key)?;
            }
            Ok(())
        })
    }

    /// Calls `each` with the elements of one page of a scan after the other. `head` is the command and its key.
    fn pages(&mut self, head: &[&[u8]], each: &mut Each<'_, Self>) -> Result<(), String> {
        let (mut cursor, count) = (b"0".to_vec(), PAGE.to_string());
        loop {
            let argv = [head, &[&cursor, b"COUNT", count.as_bytes()]].concat();
            let reply = self.ask(&argv)?;
            let [next, page] = reply.as_list().unwrap_or_default() else {
                return Err("a scan has no answer".to_owned());
            };
            let page: Vec<&[u8]> =
                page.as_list().unwrap_or_default().iter().filter_map(Reply::as_bytes).collect();
            each(self, &page)?;
            cursor = next.as_bytes().unwrap_or(b"0").to_vec();
            if cursor == b"0" {
                return Ok(());
            }
        }
    }

    fn key(&mut self, key: &[u8]) -> Result<(), String> {
        let kind = self.ask(&[b"TYPE", key])?;
        let commands = self.done.commands;
        match kind.as_bytes().unwrap_or_default() {
            b"string" => {
                let value = self.ask(&[b"GET", key])?;
                if let Some(value) = value.as_bytes() {
                    self.say(&[b"SET", key, value])?;
                }
            }
            b"list" => self.list(key)?,
            b"hash" => self.collection(b"HSCAN", b"HSET", key, 2, false)?,
            b"set" => self.collection(b"SSCAN", b"SADD", key, 1, false)?,
            b"zset" => self.collection(b"ZSCAN", b"ZADD", key, 2, true)?,
            b"stream" => stream::write(self, key)?,
            // It is gone by now.
            b"none" => {}
            other => {
                return Err(format!("a key of type {} cannot be written", String::from_utf8_lossy(other)));
            }
        }
        if self.done.commands == commands {
            return Ok(());
        }
        self.done.keys += 1;
        match self.ask(&[b"PEXPIRETIME", key])?.as_int() {
            Some(at_ms) if at_ms >= 0 => self.say(&[b"PEXPIREAT", key, at_ms.to_string().as_bytes()]),
            _ => Ok(()),
        }
    }

    fn list(&mut self, key: &[u8]) -> Result<(), String> {
        let mut start = 0;
        loop {
            let (first, last) = (start.to_string(), (start + PAGE - 1).to_string());
            let reply = self.ask(&[b"LRANGE", key, first.as_bytes(), last.as_bytes()])?;
            let page: Vec<&[u8]> =
                reply.as_list().unwrap_or_default().iter().filter_map(Reply::as_bytes).collect();
            for chunk in page.chunks(CHUNK) {
                self.say(&[&[b"RPUSH", key], chunk].concat())?;
            }
            if page.len() < PAGE {
                return Ok(());
            }
            start += PAGE;
        }
    }

    /// Writes a collection of elements of `width` words; with `turned`, the two words of each in the other order.
    fn collection(
        &mut self,
        scan: &[u8],
        add: &[u8],
        key: &[u8],
        width: usize,
        turned: bool,
    ) -> Result<(), String> {
        self.pages(&[scan, key], &mut |dump, page| {
            for chunk in page.chunks(CHUNK * width) {
                let mut argv = vec![add, key];
                for element in chunk.chunks_exact(width) {
                    if turned { argv.extend(element.iter().rev()) } else { argv.extend(element) }
                }
                dump.say(&argv)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenondb::resp::Conn;

    fn furnished() -> Db {
        let db = Db::memory();
        let say = |db: &Db, line: &str| drop(db.call(line.split(' ')).unwrap());
        for line in [
            "SET s 1",
            "SET t 2 PXAT 9999999999999",
            "RPUSH l a b a",
            "HSET h f 1 g 2",
            "SADD n 1 2 3",
            "SADD m a b",
            "ZADD z 1.5 a -inf b +inf c 3 d",
            "PEXPIREAT z 9999999999998",
        ] {
            say(&db, line);
        }
        db.call([&b"SET"[..], b"\x00\r\n\xff", b"\r\n\x00"]).unwrap();
        let other = db.select(7).unwrap();
        let many = |name: &str, pairs: bool| {
            let words = (0..5000)
                .flat_map(|n| [n.to_string(), format!("m{n}")].into_iter().skip(usize::from(!pairs)));
            [name.to_owned(), name.to_owned()].into_iter().chain(words).collect::<Vec<_>>()
        };
        for (name, pairs) in [("RPUSH", false), ("HSET", true), ("SADD", false), ("ZADD", true)] {
            other.call(many(name, pairs)).unwrap();
        }
        db
    }

    fn digest(db: &Db) -> Reply {
        db.call(["DEBUG", "DIGEST"]).unwrap()
    }

    #[test]
    fn what_is_written_makes_the_same_database() {
        let db = furnished();
        let mut text = Vec::new();
        let done = write(&db, None, &mut text).unwrap();
        let again = Db::memory();
        let mut conn = Conn::new(&again);
        conn.feed(&text);
        let output = conn.take_output();
        assert!(
            !output.split(|b| *b == b'\n').any(|line| line.starts_with(b"-")),
            "{}",
            output.escape_ascii()
        );
        assert_eq!(digest(&db), digest(&again));
        assert_eq!(done.keys, 12);
        // 2 × SELECT, 8 in database 0 with 2 × PEXPIREAT, and 4 collections of 5000 in chunks of 64 of each page.
        assert!(done.commands > 12 + 4 * 5000 / 64 && done.commands < 12 + 4 * 5000 / 32, "{done}");
    }

    #[test]
    fn one_logical_database_can_be_asked_for() {
        let db = furnished();
        let (mut seventh, mut eighth) = (Vec::new(), Vec::new());
        assert_eq!(write(&db, Some(7), &mut seventh).unwrap().keys, 4);
        assert!(seventh.starts_with(b"*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n"));
        assert_eq!(write(&db, Some(8), &mut eighth).unwrap(), Dumped::default());
        assert!(eighth.is_empty());
    }

    #[test]
    fn a_file_is_complete_or_not_there() {
        let path = std::env::temp_dir().join(format!("tenon-dump-{}.resp", std::process::id()));
        let done = write_file(&furnished(), &path).unwrap();
        assert!(done.keys == 12 && std::fs::metadata(&path).unwrap().len() > 100_000);
        std::fs::remove_file(&path).unwrap();
        assert!(
            write_file(&furnished(), Path::new("/nonexistent/x")).unwrap_err().contains("/nonexistent/x")
        );
    }
}
