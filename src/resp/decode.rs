//! Requests from bytes: RESP arrays of bulk strings, and inline commands. Redis's limits and error texts.
//!
//! Nothing is allocated because a peer announced it: a bulk string is waited for, and lengths are checked first.
use crate::base::{
    atom::Arg,
    limits::{INLINE_LINE_BYTES_MAX, STRING_BYTES_MAX},
    num,
};
use memchr::memchr;

/// What the bytes so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes are needed.
    More,
    /// A command ended at this offset; its words are in the decoder. No words: an empty line.
    Command(usize),
    /// The peer does not speak RESP: it is told why, and the connection ends.
    Broken(String),
}

/// Finds commands in a buffer. It remembers how far it has come, so that a long command that arrives in pieces
/// is not read from its start each time.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The words of the command in work: ranges of the buffer.
    words: Vec<(usize, usize)>,
    /// Words of an inline command that had to be unquoted: they are not in the buffer.
    inline: Vec<Vec<u8>>,
    is_inline: bool,
    at: usize,
    /// Bulk strings still to come; `None` before the head of the command.
    left: Option<usize>,
    /// The announced length of the next bulk string, once its head was read.
    bulk: Option<usize>,
}

const BAD_END: &str = "invalid CRLF in request";
/// Words whose room is kept for the next command.
const WORDS_KEPT_MAX: usize = 1024;

#[cold]
#[inline(never)]
fn broken(text: impl AsRef<str>) -> Step {
    Step::Broken(format!("ERR Protocol error: {}", text.as_ref()))
}

impl Decoder {
    /// Looks for a command from the start of `buffer`, which holds what earlier calls saw and more.
    pub fn next(&mut self, buffer: &[u8], bulk_bytes_max: usize, authenticated: bool) -> Step {
        if self.left.is_none() {
            match buffer.first() {
                None => return Step::More,
                Some(b'*') => match self.head(buffer, authenticated) {
                    Ok(true) => {}
                    Ok(false) => return Step::More,
                    Err(step) => return step,
                },
                Some(_) => return self.inline(buffer),
            }
        }
        while self.left.is_some_and(|left| left > 0) {
            match self.bulk(buffer, bulk_bytes_max, authenticated) {
                Ok(true) => {}
                Ok(false) => return Step::More,
                Err(step) => return step,
            }
        }
        Step::Command(self.at)
    }

    /// Forgets the command that was found: the next one starts a fresh buffer.
    pub fn reset(&mut self) {
        self.words.clear();
        self.words.shrink_to(WORDS_KEPT_MAX);
        self.inline.clear();
        self.is_inline = false;
        (self.at, self.left, self.bulk) = (0, None, None);
    }

    /// The number of words of the command that was found.
    pub fn len(&self) -> usize {
        if self.is_inline { self.inline.len() } else { self.words.len() }
    }

    /// Writes the words of the command that was found in `buffer` into `words`, which has room for all of them.
    #[inline]
    pub fn read<'b>(&'b self, buffer: &'b [u8], words: &mut [Arg<'b>]) {
        if self.is_inline {
            words.iter_mut().zip(&self.inline).for_each(|(word, text)| *word = Arg::Bytes(text));
        } else {
            let ranges = words.iter_mut().zip(&self.words);
            ranges.for_each(|(word, (from, to))| *word = Arg::Bytes(&buffer[*from..*to]));
        }
    }

    /// Reads a line from `self.at` on that starts with `lead`, and moves behind it. Returns what follows `lead`.
    fn line<'b>(&mut self, buffer: &'b [u8], lead: u8, too_big: &str) -> Result<Option<&'b [u8]>, Step> {
        let rest = &buffer[self.at..];
        let Some(end) = memchr(b'\r', rest) else {
            return if rest.len() > INLINE_LINE_BYTES_MAX { Err(broken(too_big)) } else { Ok(None) };
        };
        match rest.get(end + 1) {
            None => return Ok(None),
            Some(_) if rest[0] != lead => {
                let (wanted, got) = (lead as char, rest[0] as char);
                return Err(broken(format!("expected '{wanted}', got '{got}'")));
            }
            Some(b'\n') => {}
            Some(_) => return Err(broken(BAD_END)),
        }
        self.at += end + 2;
        Ok(Some(&rest[1..end]))
    }

    /// Reads a line of `lead` and a number, and moves behind it. `None`: more bytes are needed; `Some(None)`: it is not a
    /// number.
    #[inline]
    fn number(&mut self, buffer: &[u8], lead: u8, too_big: &str) -> Result<Option<Option<i64>>, Step> {
        if let Some((value, end)) = short_number(buffer, self.at, lead) {
            self.at = end;
            return Ok(Some(Some(value)));
        }
        Ok(self.line(buffer, lead, too_big)?.map(num::parse_int))
    }

    fn head(&mut self, buffer: &[u8], authenticated: bool) -> Result<bool, Step> {
        const UNAUTHENTICATED_MAX: i64 = 10;
        let Some(count) = self.number(buffer, b'*', "too big mbulk count string")? else { return Ok(false) };
        let count = count.filter(|n| *n <= i64::from(i32::MAX));
        let count = count.ok_or_else(|| broken("invalid multibulk length"))?;
        if !authenticated && count > UNAUTHENTICATED_MAX {
            return Err(broken("unauthenticated multibulk length"));
        }
        // `*0` and `*-1` are empty commands.
        self.left = Some(usize::try_from(count).unwrap_or(0));
        Ok(true)
    }

    fn bulk(&mut self, buffer: &[u8], bulk_bytes_max: usize, authenticated: bool) -> Result<bool, Step> {
        const UNAUTHENTICATED_MAX: usize = 16 * 1024;
        let len = match self.bulk {
            Some(len) => len,
            None => {
                let Some(len) = self.number(buffer, b'$', "too big bulk count string")? else {
                    return Ok(false);
                };
                let max = bulk_bytes_max.min(STRING_BYTES_MAX);
                let len = len.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= max);
                let len = len.ok_or_else(|| broken("invalid bulk length"))?;
                if !authenticated && len > UNAUTHENTICATED_MAX {
                    return Err(broken("unauthenticated bulk length"));
                }
                self.bulk = Some(len);
                len
            }
        };
        if buffer.len() - self.at < len + 2 {
            return Ok(false);
        }
        let end = self.at + len;
        if buffer[end..end + 2] != *b"\r\n" {
            return Err(broken(BAD_END));
        }
        self.words.push((self.at, end));
        self.at += len + 2;
        self.bulk = None;
        self.left = self.left.map(|left| left - 1);
        Ok(true)
    }

    fn inline(&mut self, buffer: &[u8]) -> Step {
        let Some(end) = memchr(b'\n', buffer) else {
            return match buffer.len() > INLINE_LINE_BYTES_MAX {
                true => broken("too big inline request"),
                false => Step::More,
            };
        };
        let line = buffer[..end].strip_suffix(b"\r").unwrap_or(&buffer[..end]);
        match split_words(line) {
            Some(words) => {
                self.is_inline = true;
                self.inline = words;
                Step::Command(end + 1)
            }
            None => broken("unbalanced quotes in request"),
        }
    }
}

/// Reads a whole line of `lead` and up to five digits at `at`: nearly every line of a request is one. Returns the
/// number and where the next line starts. `None`: it is another kind of line, or not all there.
#[inline]
fn short_number(buffer: &[u8], at: usize, lead: u8) -> Option<(i64, usize)> {
    const DIGITS_MAX: usize = 5;
    let (first, line) = buffer.get(at..)?.split_first()?;
    let mut value = 0;
    for (index, byte) in line.iter().take(DIGITS_MAX + 1).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            value = value * 10 + i64::from(digit);
            continue;
        }
        // No digits, leading zeros and strange ends are left to the one who knows what to say about them.
        let is_plain = index == 1 || (index > 1 && line[0] != b'0');
        let ends = *byte == b'\r' && line.get(index + 1) == Some(&b'\n');
        return (*first == lead && is_plain && ends).then_some((value, at + index + 3));
    }
    None
}

/// Splits a line into words as Valkey does: `"…"` with escapes, `'…'` with `\'`, anywhere in a word. `None`: the
/// quotes do not match.
pub fn split_words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut words, mut at) = (Vec::new(), 0);
    loop {
        while line.get(at).is_some_and(|b| is_space(*b)) {
            at += 1;
        }
        if at >= line.len() {
            return Some(words);
        }
        let mut word = Vec::new();
        loop {
            match line.get(at) {
                None => break,
                Some(b) if is_space(*b) => break,
                Some(b'"') => at = double_quoted(line, at + 1, &mut word)?,
                Some(b'\'') => at = single_quoted(line, at + 1, &mut word)?,
                Some(b) => {
                    word.push(*b);
                    at += 1;
                }
            }
        }
        words.push(word);
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0 | 0x0B | 0x0C)
}

fn double_quoted(line: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    loop {
        match (*line.get(at)?, line.get(at + 1).copied()) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'x')) if hex(line, at + 2).is_some() => {
                word.extend(hex(line, at + 2));
                at += 4;
            }
            (b'\\', Some(escaped)) => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => other,
                });
                at += 2;
            }
            (byte, _) => {
                word.push(byte);
                at += 1;
            }
        }
    }
}

fn hex(line: &[u8], at: usize) -> Option<u8> {
    let digits = std::str::from_utf8(line.get(at..at + 2)?).ok()?;
    // `from_str_radix` would take a sign.
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}

fn single_quoted(line: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    loop {
        match (*line.get(at)?, line.get(at + 1)) {
            (b'\\', Some(b'\'')) => {
                word.push(b'\'');
                at += 2;
            }
            (b'\'', _) => return Some(at + 1),
            (byte, _) => {
                word.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: &[u8]) -> (Vec<Vec<String>>, Step) {
        let (mut decoder, mut commands) = (Decoder::default(), Vec::new());
        loop {
            match decoder.next(input, STRING_BYTES_MAX, true) {
                Step::Command(end) => {
                    let mut atoms = vec![Arg::Int(0); decoder.len()];
                    decoder.read(input, &mut atoms);
                    let words = atoms.iter().map(|atom| match atom {
                        Arg::Bytes(word) => String::from_utf8_lossy(word).into_owned(),
                        _ => "a word is missing".into(),
                    });
                    commands.push(words.collect());
                    decoder.reset();
                    input = &input[end..];
                }
                other => return (commands, other),
            }
        }
    }

    #[test]
    fn commands_are_found_whole_or_in_pieces() {
        let input = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING  \"a\\x41\\n\" 'b c'\r\n*0\r\n*1\r\n$0\r\n\r\n";
        let (commands, step) = all(input);
        assert_eq!(commands, [vec!["GET", "k"], vec!["PING", "aA\n", "b c"], vec![], vec![""]]);
        assert_eq!(step, Step::More);
        let mut decoder = Decoder::default();
        for end in 0..20 {
            assert_eq!(decoder.next(&input[..end], 10, true), Step::More, "{end}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_redis_texts() {
        for (input, text) in [
            (&b"*x\r\n"[..], "invalid multibulk length"),
            (b"*1\r\n:1\r\n", "expected '$', got ':'"),
            (b"*1\r\n$-1\r\n", "invalid bulk length"),
            (b"*1\r\n$99999999999\r\n", "invalid bulk length"),
            (b"get \"a\r\n", "unbalanced quotes in request"),
            (b"*99999999999\r\n", "invalid multibulk length"),
        ] {
            assert_eq!(all(input).1, Step::Broken(format!("ERR Protocol error: {text}")));
        }
        assert_eq!(all(&vec![b'a'; 70_000]).1, broken("too big inline request"));
    }
}
