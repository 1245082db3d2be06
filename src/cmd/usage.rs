//! The usage line of a command as a tree: `key [NX | XX] score member [score member ...]`.
//!
//! The line is written once, in the notation of the Redis documentation, and everything that needs to know how a command is
//! spelt reads it from here: `COMMAND DOCS`, the hints of a shell, the generator of the differential tests.
//!
//! | written | means |
//! |---|---|
//! | `NX` (no lower-case letter) | a token, typed as it stands, in any case |
//! | `score` | a placeholder |
//! | `[…]` | may be left out |
//! | `<a \| b>`, `[a \| b]` | one of them |
//! | `member [member ...]` | one or more |
//! | `[member ...]`, `[member [member ...]]` | any number |
use std::fmt;

/// A part of a usage line. `'a` is the line itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage<'a> {
    /// A word that is typed as it stands, in any case.
    Token(&'a str),
    /// A word that stands for a value.
    Placeholder(&'a str),
    /// A part that may be left out.
    Optional(Box<Usage<'a>>),
    /// Exactly one of these parts.
    OneOf(Vec<Usage<'a>>),
    /// A part that is there once or more.
    Repeat(Box<Usage<'a>>),
    /// Parts in this order. An empty line is an empty sequence.
    Sequence(Vec<Usage<'a>>),
}

impl<'a> Usage<'a> {
    /// Reads a usage line, without the command's name.
    ///
    /// # Errors
    /// What is wrong with the line: a bracket that is not closed or not opened, or that stands in more than eight others;
    /// `...` that repeats nothing, or after which something follows.
    pub fn parse(line: &'a str) -> Result<Self, &'static str> {
        let mut words = Words { rest: line };
        alternatives(&mut words, None, DEPTH)
    }

    /// Returns the parts of a sequence, or the part itself.
    pub fn parts(&self) -> &[Usage<'a>] {
        match self {
            Self::Sequence(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }

    /// Calls `each` with every token, from left to right.
    pub fn each_token(&self, each: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Token(word) => each(word),
            Self::Placeholder(_) => {}
            Self::Optional(part) | Self::Repeat(part) => part.each_token(each),
            Self::OneOf(parts) | Self::Sequence(parts) => parts.iter().for_each(|part| part.each_token(each)),
        }
    }

    /// Returns the fewest words that the line can stand for.
    pub fn words_min(&self) -> usize {
        match self {
            Self::Token(_) | Self::Placeholder(_) => 1,
            Self::Optional(_) => 0,
            Self::Repeat(part) => part.words_min(),
            Self::OneOf(parts) => parts.iter().map(Self::words_min).min().unwrap_or(0),
            Self::Sequence(parts) => parts.iter().map(Self::words_min).sum(),
        }
    }

    /// Returns the most words that the line can stand for; `None` when there is no end to it.
    pub fn words_max(&self) -> Option<usize> {
        match self {
            Self::Token(_) | Self::Placeholder(_) => Some(1),
            Self::Optional(part) => part.words_max(),
            Self::Repeat(_) => None,
            Self::OneOf(parts) => parts.iter().map(Self::words_max).try_fold(0, |most, n| Some(most.max(n?))),
            Self::Sequence(parts) => parts.iter().map(Self::words_max).try_fold(0, |sum, n| Some(sum + n?)),
        }
    }

    fn sequence(mut parts: Vec<Self>) -> Self {
        if parts.len() == 1 { parts.remove(0) } else { Self::Sequence(parts) }
    }

    fn word(word: &'a str) -> Self {
        if word.bytes().any(|b| b.is_ascii_lowercase()) { Self::Placeholder(word) } else { Self::Token(word) }
    }
}

/// Cuts a line into words and the signs `[ ] < > |`.
struct Words<'a> {
    rest: &'a str,
}

const SIGNS: &[u8] = b"[]<>|";

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let line = self.rest.trim_start();
        let first = *line.as_bytes().first()?;
        let len = if SIGNS.contains(&first) {
            1
        } else {
            line.bytes().position(|b| b == b' ' || SIGNS.contains(&b)).unwrap_or(line.len())
        };
        let (word, rest) = line.split_at(len);
        self.rest = rest;
        Some(word)
    }
}

/// How many brackets may stand in one another. What repeats is written twice, so a line that repeats at every level would
/// double with each.
const DEPTH: u32 = 8;

/// Reads up to `close`: sequences between bars. `depth`: how many brackets may still be opened.
fn alternatives<'a>(
    words: &mut Words<'a>,
    close: Option<&str>,
    depth: u32,
) -> Result<Usage<'a>, &'static str> {
    let inside =
        |close| depth.checked_sub(1).map(|left| (Some(close), left)).ok_or("brackets stand too deep");
    let mut ways = Vec::new();
    let mut parts: Vec<Usage<'a>> = Vec::new();
    let mut dots = false;
    loop {
        match words.next() {
            word if word == close => break,
            None => return Err("a bracket is not closed"),
            Some("]" | ">") => return Err("a bracket is not opened"),
            Some("|") => {
                ways.push(Usage::sequence(std::mem::take(&mut parts)));
                dots = false;
            }
            Some(_) if dots => return Err("something follows dots"),
            Some("[") => {
                let (close, left) = inside("]")?;
                optional(alternatives(words, close, left)?, &mut parts);
            }
            Some("<") => {
                let (close, left) = inside(">")?;
                parts.push(alternatives(words, close, left)?);
            }
            Some("...") if parts.is_empty() => return Err("dots with nothing to repeat"),
            // All that stands before the dots is repeated: `[score member ...]`.
            Some("...") => {
                parts = vec![Usage::Repeat(Box::new(Usage::sequence(parts)))];
                dots = true;
            }
            Some(word) => parts.push(Usage::word(word)),
        }
    }
    ways.push(Usage::sequence(parts));
    Ok(if ways.len() == 1 { ways.remove(0) } else { Usage::OneOf(ways) })
}

/// Takes up what stood in `[…]`. `a b [a b ...]` becomes one repeated part, as it is meant.
fn optional<'a>(part: Usage<'a>, before: &mut Vec<Usage<'a>>) {
    if let Usage::Repeat(again) = &part {
        let same = again.parts();
        if before.len() >= same.len() && before[before.len() - same.len()..] == *same {
            before.truncate(before.len() - same.len());
            before.push(part);
            return;
        }
    }
    before.push(Usage::Optional(Box::new(part)));
}

/// Writes the line again, in one way of several that mean the same.
impl fmt::Display for Usage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Usage<'_>], between: &str| {
            parts.iter().enumerate().try_for_each(|(at, part)| {
                f.write_str(if at == 0 { "" } else { between })?;
                part.fmt(f)
            })
        };
        match self {
            Self::Token(word) | Self::Placeholder(word) => f.write_str(word),
            Self::Sequence(parts) => list(f, parts, " "),
            Self::OneOf(ways) => {
                f.write_str("<")?;
                list(f, ways, " | ")?;
                f.write_str(">")
            }
            Self::Repeat(part) => write!(f, "{part} [{part} ...]"),
            Self::Optional(part) => match part.as_ref() {
                Self::OneOf(ways) => {
                    f.write_str("[")?;
                    list(f, ways, " | ")?;
                    f.write_str("]")
                }
                other => write!(f, "[{other}]"),
            },
        }
    }
}

#[cfg(test)]
mod tests;
