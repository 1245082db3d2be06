//! One error type. Its kind says what the caller can do next; its text is Redis's, byte for byte.
use std::{borrow::Cow, fmt};

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $n:literal),* $(,)?) => {
        /// What the caller of a failed command can do next. Numbers are stable for ever.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u32)]
        pub enum Kind { $($(#[$doc])* $name = $n),* }
    };
}
kinds! {
    /// Fix the call: its syntax, a number or a range is wrong.
    Command = 1,
    /// Use another key or another command: the key holds another type.
    WrongType = 2,
    /// The state is not what was assumed: read again, retry or give up.
    Conflict = 3,
    /// Free memory or send less.
    Limit = 4,
    /// Wait: another process or a time-out.
    Busy = 5,
    /// The disk failed: writes are refused until the store is reopened.
    Io = 6,
    /// Restore the store, or open it with repair.
    Corrupt = 7,
    /// Open again: the database was closed.
    Closed = 8,
    /// Fix the program: a handle is used against its rules.
    Misuse = 9,
    /// Report it: a panic was caught.
    Internal = 10,
}

/// An error: one word wide, so that results stay small.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: Kind,
    text: Cow<'static, [u8]>,
}

impl Error {
    /// Makes an error of a constant text, its first word Redis's code.
    #[cold]
    pub fn new(kind: Kind, text: &'static str) -> Self {
        Self(Box::new(Inner { kind, text: Cow::Borrowed(text.as_bytes()) }))
    }

    /// Makes an error of kind [`Kind::Command`] of a constant text.
    #[cold]
    pub fn command(text: &'static str) -> Self {
        Self::new(Kind::Command, text)
    }

    /// Makes an error of a text that quotes the caller's bytes. Line breaks become spaces, as in Redis.
    #[cold]
    pub fn quoting(kind: Kind, text: impl Into<Vec<u8>>) -> Self {
        let mut text = text.into();
        text.iter_mut().filter(|b| matches!(**b, b'\r' | b'\n')).for_each(|b| *b = b' ');
        Self(Box::new(Inner { kind, text: Cow::Owned(text) }))
    }

    /// `ERR syntax error`.
    #[cold]
    pub fn syntax() -> Self {
        Self::command("ERR syntax error")
    }

    /// `WRONGTYPE …`.
    #[cold]
    pub fn wrong_type() -> Self {
        Self::new(Kind::WrongType, "WRONGTYPE Operation against a key holding the wrong kind of value")
    }

    /// `ERR value is not an integer or out of range`.
    #[cold]
    pub fn not_an_integer() -> Self {
        Self::command("ERR value is not an integer or out of range")
    }

    /// `ERR value is not a valid float`.
    #[cold]
    pub fn not_a_float() -> Self {
        Self::command("ERR value is not a valid float")
    }

    /// `ERR no such key`.
    #[cold]
    pub fn no_such_key() -> Self {
        Self::command("ERR no such key")
    }

    /// `ERR wrong number of arguments for 'name' command`.
    #[cold]
    pub fn arity(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        Self::quoting(Kind::Command, format!("ERR wrong number of arguments for '{name}' command"))
    }

    /// What a child of a fork is told by what it has inherited.
    #[cold]
    pub fn forked() -> Self {
        Self::new(
            Kind::Misuse,
            "ERR this database belongs to the process that has opened it: open it again in the child of a fork",
        )
    }

    /// What the caller can do next.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The whole text, starting with Redis's code. It may quote bytes of the caller that are not UTF-8.
    pub fn text(&self) -> &[u8] {
        &self.0.text
    }

    /// Redis's code: the first word of the text (`ERR`, `WRONGTYPE`, …).
    pub fn code(&self) -> &str {
        let word = self.0.text.split(|b| *b == b' ').next().unwrap_or_default();
        std::str::from_utf8(word).unwrap_or("ERR")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.text()))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.kind())
    }
}

impl std::error::Error for Error {}

const _: () = assert!(size_of::<Error>() == 8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_first_word_and_quotes_cannot_break_the_line() {
        assert_eq!(Error::wrong_type().code(), "WRONGTYPE");
        assert_eq!(Error::arity("GET").to_string(), "ERR wrong number of arguments for 'get' command");
        assert_eq!(Error::quoting(Kind::Command, *b"ERR a\r\nb").text(), b"ERR a  b");
    }
}
