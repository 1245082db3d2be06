//! Files of commands: lines as a person types them, or RESP as `redis-cli --pipe` takes it, even in turns.
use crate::reply::encode;
use std::io::{self, Read};
use tenondb::resp::split_words;

/// Bytes that are read at a time, at least.
const READ_BYTES: usize = 64 * 1024;
/// The longest string of RESP: Redis's limit.
const STRING_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line it starts on, from 1 on. In RESP, line feeds inside of values count too.
    pub line: u64,
    /// Its number, from 1 on.
    pub number: u64,
    /// It is RESP: its number says more than its line.
    pub is_resp: bool,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.is_resp {
            true => write!(f, "command {}", self.number),
            false => write!(f, "line {}", self.line),
        }
    }
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A command, which was appended in RESP.
    Command(Place),
    /// A line that is no command, and why. What follows can be read.
    Fault(Place, &'static str),
    End,
}

/// Reads commands one by one; of the file no more than the command in work is held.
pub struct Script<R> {
    from: R,
    buffer: Vec<u8>,
    /// The commands before this offset of the buffer are done with.
    at: usize,
    ended: bool,
    line: u64,
    number: u64,
    done_bytes: u64,
}

/// What the bytes so far amount to.
enum Scan {
    Command(usize),
    More,
}

impl<R: Read> Script<R> {
    pub fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), at: 0, ended: false, line: 1, number: 0, done_bytes: 0 }
    }

    /// The bytes that were read and done with.
    pub fn done_bytes(&self) -> u64 {
        self.done_bytes
    }

    /// Finds the next command and appends it, in RESP, to `into`.
    ///
    /// # Errors
    /// The file cannot be read, or nothing that follows can be understood.
    pub fn next(&mut self, into: &mut Vec<u8>) -> Result<Found, String> {
        loop {
            let rest = &self.buffer[self.at..];
            let place =
                Place { line: self.line, number: self.number + 1, is_resp: rest.first() == Some(&b'*') };
            let scan = match place.is_resp {
                true => resp(rest).map_err(|why| format!("{place}: {why}"))?,
                false => match memchr_line(rest) {
                    Some(end) => Scan::Command(end + 1),
                    None if self.ended && !rest.is_empty() => Scan::Command(rest.len()),
                    None => Scan::More,
                },
            };
            let Scan::Command(len) = scan else {
                if self.ended {
                    return if rest.is_empty() {
                        Ok(Found::End)
                    } else {
                        Err(format!("{place}: it ends too early"))
                    };
                }
                self.read()?;
                continue;
            };
            let whole = &self.buffer[self.at..self.at + len];
            let found = match place.is_resp {
                // `*0` and `*-1` are commands of no words: nobody answers them.
                true if whole.len() < 6 && matches!(whole.get(1), Some(b'0' | b'-')) => None,
                true => {
                    into.extend_from_slice(whole);
                    Some(Found::Command(place))
                }
                false => inline(whole, place, into),
            };
            self.line += whole.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.at += len;
            self.done_bytes += len as u64;
            if let Some(found) = found {
                self.number += 1;
                return Ok(found);
            }
        }
    }

    fn read(&mut self) -> Result<(), String> {
        self.buffer.drain(..self.at);
        self.at = 0;
        // A long command is scanned again after each read: reading ever more keeps that linear.
        let (start, more) = (self.buffer.len(), self.buffer.len().max(READ_BYTES));
        self.buffer.resize(start + more, 0);
        loop {
            match self.from.read(&mut self.buffer[start..]) {
                Ok(count) => {
                    self.buffer.truncate(start + count);
                    self.ended = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("cannot read: {error}")),
            }
        }
    }
}

fn memchr_line(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n')
}

/// Reads a line as a person types it. `None`: there is no command on it.
fn inline(line: &[u8], place: Place, into: &mut Vec<u8>) -> Option<Found> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return None;
    }
    let Some(words) = split_words(line) else { return Some(Found::Fault(place, "the quotes do not match")) };
    if words.is_empty() {
        return None;
    }
    encode(&words, into);
    Some(Found::Command(place))
}

/// Finds the end of the RESP command at the start of `bytes`.
fn resp(bytes: &[u8]) -> Result<Scan, &'static str> {
    let mut at = 0;
    let Some(count) = announced(bytes, &mut at, b'*')? else { return Ok(Scan::More) };
    for _ in 0..count.max(0) {
        let Some(len) = announced(bytes, &mut at, b'$')? else { return Ok(Scan::More) };
        let len = usize::try_from(len).ok().filter(|len| *len <= STRING_BYTES_MAX);
        let end = at + len.ok_or("a string of an impossible length")? + 2;
        if end > bytes.len() {
            return Ok(Scan::More);
        }
        if &bytes[end - 2..end] != b"\r\n" {
            return Err("a string does not end where it should");
        }
        at = end;
    }
    Ok(Scan::Command(at))
}

/// Reads the announcement of a length at `at`, which starts with `sign`, and moves behind it.
fn announced(bytes: &[u8], at: &mut usize, sign: u8) -> Result<Option<i64>, &'static str> {
    const LINE_BYTES_MAX: usize = 32;
    let rest = &bytes[*at..];
    if rest.first().is_some_and(|first| *first != sign) {
        return Err("this is no RESP command: an array of bulk strings is");
    }
    let head = &rest[..rest.len().min(LINE_BYTES_MAX)];
    let Some(end) = memchr_line(head) else {
        return if head.len() < LINE_BYTES_MAX { Ok(None) } else { Err("a length without an end") };
    };
    let digits = head[1..end].strip_suffix(b"\r").ok_or("a line without a carriage return")?;
    let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    *at += end + 1;
    number.ok_or("a length that is no number").map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives what it has in pieces of so many bytes.
    struct Pieces<'b>(&'b [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all(text: &[u8], piece: usize) -> (Vec<Found>, Vec<u8>, Result<(), String>) {
        let mut script = Script::new(Pieces(text, piece));
        let (mut found, mut resp) = (Vec::new(), Vec::new());
        loop {
            match script.next(&mut resp) {
                Ok(Found::End) => {
                    assert_eq!(script.done_bytes(), text.len() as u64);
                    return (found, resp, Ok(()));
                }
                Ok(one) => found.push(one),
                Err(why) => return (found, resp, Err(why)),
            }
        }
    }

    #[test]
    fn lines_and_resp_are_told_apart_whatever_the_pieces() {
        let text = b"# a comment\nSET a \"1\\n2\"\r\n\n*2\r\n$3\r\nGET\r\n$3\r\na\nb\r\n*0\r\nGET 'x\nPING";
        let place = |line, number, is_resp| Place { line, number, is_resp };
        for piece in [1, 2, 7, 1000] {
            let (found, resp, end) = all(text, piece);
            assert_eq!(
                found,
                [
                    Found::Command(place(2, 1, false)),
                    Found::Command(place(4, 2, true)),
                    Found::Fault(place(11, 3, false), "the quotes do not match"),
                    Found::Command(place(12, 4, false)),
                ]
            );
            let want = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\n1\n2\r\n*2\r\n$3\r\nGET\r\n$3\r\na\nb\r\n*1\r\n$4\r\nPING\r\n";
            assert_eq!(String::from_utf8(resp).unwrap(), want);
            assert_eq!(end, Ok(()));
        }
    }

    #[test]
    fn broken_streams_say_where() {
        for (text, want) in [
            (&b"PING\n*1\r\n$4\r\nPI"[..], "command 2: it ends too early"),
            (b"*1\r\n+PING\r\n", "command 1: this is no RESP command"),
            (b"*1\r\n$1\r\nPING\r\n", "command 1: a string does not end"),
            (b"*x\r\n", "command 1: a length that is no number"),
            (b"*1\r\n$999999999999\r\n", "command 1: a string of an impossible length"),
            (b"*1\r\n$-1\r\n", "command 1: a string of an impossible length"),
        ] {
            let why = all(text, 3).2.unwrap_err();
            assert!(why.contains(want), "{why}");
        }
    }
}
