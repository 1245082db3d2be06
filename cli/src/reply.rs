//! Replies from bytes: RESP2 and RESP3, as a tree.

/// A reply. Texts are bytes: nothing says that they are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Nil,
    Int(i64),
    /// In the digits it came in.
    Double(Vec<u8>),
    Bool(bool),
    /// In the digits it came in.
    BigNumber(Vec<u8>),
    Status(Vec<u8>),
    Error(Vec<u8>),
    Text(Vec<u8>),
    /// Text that is meant to be read by people, without its format.
    Verbatim(Vec<u8>),
    Array(Vec<Reply>),
    Set(Vec<Reply>),
    Push(Vec<Reply>),
    Map(Vec<(Reply, Reply)>),
}

/// Replies are not nested deeper than this; what is deeper is no reply.
const DEPTH_MAX: usize = 128;
/// The longest line that announces something: a status or an error may be long.
const LINE_BYTES_MAX: usize = 1 << 20;

impl Reply {
    /// Reads the reply at the start of `bytes`, with its length. `None`: it is not complete.
    ///
    /// # Errors
    /// Why this is no reply.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let mut cursor = Cursor { bytes, at: 0 };
        Ok(cursor.reply(0)?.map(|reply| (reply, cursor.at)))
    }

    /// Returns the error that the reply is, or the first in it: `EXEC` answers with those of its commands.
    pub fn error(&self) -> Option<&[u8]> {
        match self {
            Self::Error(text) => Some(text),
            Self::Array(items) => items.iter().find_map(Self::error),
            _ => None,
        }
    }
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// `None`: more bytes are needed.
type Step<T> = Result<Option<T>, String>;

/// Goes on with what is there, or returns that it is not.
macro_rules! some {
    ($step:expr) => {
        match $step? {
            Some(value) => value,
            None => return Ok(None),
        }
    };
}

impl<'b> Cursor<'b> {
    fn line(&mut self) -> Step<&'b [u8]> {
        let rest = &self.bytes[self.at..];
        match rest.iter().position(|b| *b == b'\n') {
            Some(end) => {
                self.at += end + 1;
                let line = &rest[..end];
                Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
            }
            None if rest.len() > LINE_BYTES_MAX => Err("a line of the reply has no end".to_owned()),
            None => Ok(None),
        }
    }

    fn text(&mut self, len: usize) -> Step<&'b [u8]> {
        let rest = &self.bytes[self.at..];
        let Some(whole) = len.checked_add(2).filter(|whole| *whole <= rest.len()) else { return Ok(None) };
        if &rest[len..whole] != b"\r\n" {
            return Err("a string of the reply does not end where it should".to_owned());
        }
        self.at += whole;
        Ok(Some(&rest[..len]))
    }

    fn items(&mut self, len: usize, depth: usize) -> Step<Vec<Reply>> {
        // Room is made for what is there, not for what is announced.
        let mut items = Vec::with_capacity(len.min((self.bytes.len() - self.at) / 4 + 1));
        for _ in 0..len {
            items.push(some!(self.reply(depth)));
        }
        Ok(Some(items))
    }

    fn reply(&mut self, depth: usize) -> Step<Reply> {
        if depth > DEPTH_MAX {
            return Err("the reply is nested too deep".to_owned());
        }
        let line = some!(self.line());
        let Some((tag, rest)) = line.split_first() else {
            return Err("an empty line instead of a reply".to_owned());
        };
        let owned = || rest.to_vec();
        Ok(Some(match tag {
            b'+' => Reply::Status(owned()),
            b'-' => Reply::Error(owned()),
            b':' => Reply::Int(number(rest).ok_or_else(|| odd(line))?),
            b',' => Reply::Double(owned()),
            b'(' => Reply::BigNumber(owned()),
            b'_' => Reply::Nil,
            b'#' => Reply::Bool(rest == b"t"),
            b'$' | b'=' | b'!' | b'*' | b'~' | b'>' | b'%' | b'|' => {
                return self.sized(*tag, number(rest).ok_or_else(|| odd(line))?, depth);
            }
            _ => return Err(odd(line)),
        }))
    }

    fn sized(&mut self, tag: u8, len: i64, depth: usize) -> Step<Reply> {
        let Ok(len) = usize::try_from(len) else { return Ok(Some(Reply::Nil)) };
        Ok(Some(match tag {
            b'$' => Reply::Text(some!(self.text(len)).to_vec()),
            b'!' => Reply::Error(some!(self.text(len)).to_vec()),
            b'=' => Reply::Verbatim(some!(self.text(len)).get(4..).unwrap_or_default().to_vec()),
            b'*' => Reply::Array(some!(self.items(len, depth + 1))),
            b'~' => Reply::Set(some!(self.items(len, depth + 1))),
            b'>' => Reply::Push(some!(self.items(len, depth + 1))),
            _ => {
                let mut flat = some!(self.items(len.saturating_mul(2), depth + 1)).into_iter();
                let mut pairs = Vec::with_capacity(flat.len() / 2);
                while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
                    pairs.push((key, value));
                }
                if tag == b'|' {
                    // Attributes are about the reply that follows.
                    return self.reply(depth + 1);
                }
                Reply::Map(pairs)
            }
        }))
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn odd(line: &[u8]) -> String {
    let shown = &line[..line.len().min(40)];
    format!("this is no reply: {:?}", String::from_utf8_lossy(shown))
}

/// Writes a command as RESP: an array of bulk strings.
pub fn encode<A: AsRef<[u8]>>(argv: &[A], into: &mut Vec<u8>) {
    into.extend_from_slice(format!("*{}\r\n", argv.len()).as_bytes());
    for arg in argv {
        into.extend_from_slice(format!("${}\r\n", arg.as_ref().len()).as_bytes());
        into.extend_from_slice(arg.as_ref());
        into.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_no_piece_of_one_is() {
        let text = |text: &str| Reply::Text(text.into());
        let whole: &[(&[u8], Reply)] = &[
            (b"+OK\r\n", Reply::Status(b"OK".to_vec())),
            (b"-ERR no\r\n", Reply::Error(b"ERR no".to_vec())),
            (b":-7\r\n", Reply::Int(-7)),
            (b"$2\r\n\r\n\r\n", text("\r\n")),
            (b"$-1\r\n", Reply::Nil),
            (b"*-1\r\n", Reply::Nil),
            (b"_\r\n", Reply::Nil),
            (b",1.5\r\n", Reply::Double(b"1.5".to_vec())),
            (b"#t\r\n", Reply::Bool(true)),
            (b"(123\r\n", Reply::BigNumber(b"123".to_vec())),
            (b"=5\r\ntxt:a\r\n", Reply::Verbatim(b"a".to_vec())),
            (b"!3\r\nERR\r\n", Reply::Error(b"ERR".to_vec())),
            (b"*2\r\n$1\r\na\r\n*0\r\n", Reply::Array(vec![text("a"), Reply::Array(vec![])])),
            (
                b"%1\r\n$1\r\nk\r\n~1\r\n:1\r\n",
                Reply::Map(vec![(text("k"), Reply::Set(vec![Reply::Int(1)]))]),
            ),
            (b"|1\r\n+a\r\n+b\r\n>1\r\n:1\r\n", Reply::Push(vec![Reply::Int(1)])),
        ];
        for (bytes, want) in whole {
            assert_eq!(Reply::parse(bytes), Ok(Some((want.clone(), bytes.len()))));
            for cut in 0..bytes.len() {
                assert_eq!(Reply::parse(&bytes[..cut]), Ok(None), "{cut} bytes of {bytes:?}");
            }
        }
    }

    #[test]
    fn what_is_no_reply_is_refused_and_announcements_are_not_believed() {
        for bytes in [&b"?\r\n"[..], b"\r\n", b":x\r\n", b"$x\r\n", b"$1\r\nabc\r\n", &b"*1\r\n".repeat(1000)]
        {
            assert!(Reply::parse(bytes).is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
        for bytes in [&b"*1000000000\r\n"[..], b"%9223372036854775807\r\n", b"$9223372036854775807\r\n"] {
            assert_eq!(Reply::parse(bytes), Ok(None));
        }
    }

    #[test]
    fn an_error_is_found_inside_exec() {
        let exec = Reply::Array(vec![Reply::Nil, Reply::Error(b"ERR x".to_vec())]);
        assert_eq!(exec.error(), Some(&b"ERR x"[..]));
        assert_eq!(Reply::Text(b"ERR x".to_vec()).error(), None);
    }
}
