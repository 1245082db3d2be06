//! JSON text in pieces: brackets, strings, numbers, words.
use crate::script::lib::number;
use std::ops::Range;

/// A piece. The text of a string is asked from the [`Tokens`] that found it, before the next piece is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    Text,
    Number(f64),
    Boolean(bool),
    Null,
    Colon,
    Comma,
    End,
    /// No piece at all, and why.
    Bad(&'static str),
}

impl Token {
    /// Returns what an error calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ObjectBegin => "T_OBJ_BEGIN",
            Self::ObjectEnd => "T_OBJ_END",
            Self::ArrayBegin => "T_ARR_BEGIN",
            Self::ArrayEnd => "T_ARR_END",
            Self::Text => "T_STRING",
            Self::Number(_) => "T_NUMBER",
            Self::Boolean(_) => "T_BOOLEAN",
            Self::Null => "T_NULL",
            Self::Colon => "T_COLON",
            Self::Comma => "T_COMMA",
            Self::End => "T_END",
            Self::Bad(why) => why,
        }
    }
}

/// The pieces of a text, one after the other.
#[derive(Debug)]
pub struct Tokens<'a> {
    data: &'a [u8],
    at: usize,
    begin: usize,
    /// Whether numbers that no JSON text has are taken: hexadecimal, infinite, with zeros or a plus in front.
    invalid_numbers: bool,
    /// The last string: a part of `data`, or unescaped.
    plain: Option<Range<usize>>,
    unescaped: Vec<u8>,
}

impl<'a> Tokens<'a> {
    pub fn new(data: &'a [u8], invalid_numbers: bool) -> Self {
        Self { data, at: 0, begin: 0, invalid_numbers, plain: None, unescaped: Vec::new() }
    }

    /// Returns where the last piece begins; for a bad one, where it is bad.
    pub fn begin(&self) -> usize {
        self.begin
    }

    /// Returns where the next piece is looked for.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Returns the text of the last string.
    pub fn text(&self) -> &[u8] {
        match &self.plain {
            Some(range) => &self.data[range.clone()],
            None => &self.unescaped,
        }
    }

    /// Returns the byte `ahead` of the next one. There are zeros behind the text, as a zero in it is its end.
    fn peek(&self, ahead: usize) -> u8 {
        self.data.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Takes the next piece.
    pub fn take(&mut self) -> Token {
        while matches!(self.peek(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.begin = self.at;
        let single = match self.peek(0) {
            b'{' => Token::ObjectBegin,
            b'}' => Token::ObjectEnd,
            b'[' => Token::ArrayBegin,
            b']' => Token::ArrayEnd,
            b',' => Token::Comma,
            b':' => Token::Colon,
            0 => return Token::End,
            b'"' => return self.string(),
            b'-' | b'0'..=b'9' if !self.invalid_numbers && self.is_invalid_number() => {
                return Token::Bad("invalid number");
            }
            b'-' | b'0'..=b'9' => return self.number(),
            _ => return self.word(),
        };
        self.at += 1;
        single
    }

    fn word(&mut self) -> Token {
        let rest = &self.data[self.at..];
        for (word, token) in
            [(&b"true"[..], Token::Boolean(true)), (b"false", Token::Boolean(false)), (b"null", Token::Null)]
        {
            if rest.starts_with(word) {
                self.at += word.len();
                return token;
            }
        }
        if self.invalid_numbers
            && matches!(rest[0], b'+' | b'i' | b'I' | b'n' | b'N')
            && self.is_invalid_number()
        {
            return self.number();
        }
        Token::Bad("invalid token")
    }

    fn number(&mut self) -> Token {
        match number::read(&self.data[self.at..]) {
            Some((value, len)) => {
                self.at += len;
                Token::Number(value)
            }
            None => Token::Bad("invalid number"),
        }
    }

    /// Tells numbers that no JSON text has by how they begin.
    fn is_invalid_number(&self) -> bool {
        let rest = &self.data[self.at..];
        let digits = rest.strip_prefix(b"-").unwrap_or(rest);
        match digits {
            _ if rest.starts_with(b"+") => true,
            [b'0', next, ..] => matches!(next, b'x' | b'X' | b'0'..=b'9'),
            [a, b, c, ..] => [b"inf", b"nan"].iter().any(|word| [*a, *b, *c].eq_ignore_ascii_case(&word[..])),
            _ => false,
        }
    }

    fn string(&mut self) -> Token {
        self.at += 1;
        let run = |data: &[u8]| memchr::memchr3(b'"', b'\\', 0, data).unwrap_or(data.len());
        let plain = run(&self.data[self.at..]);
        if self.peek(plain) == b'"' {
            self.plain = Some(self.at..self.at + plain);
            self.at += plain + 1;
            return Token::Text;
        }
        self.plain = None;
        self.unescaped.clear();
        loop {
            let plain = run(&self.data[self.at..]);
            self.unescaped.extend_from_slice(&self.data[self.at..self.at + plain]);
            self.at += plain;
            let why = match (self.peek(0), self.peek(1)) {
                (b'"', _) => {
                    self.at += 1;
                    return Token::Text;
                }
                (b'\\', b'u') => match self.unicode() {
                    true => continue,
                    false => "invalid unicode escape code",
                },
                (b'\\', letter) => match unescape(letter) {
                    Some(byte) => {
                        self.unescaped.push(byte);
                        self.at += 2;
                        continue;
                    }
                    None => "invalid escape code",
                },
                _ => "unexpected end of string",
            };
            self.begin = self.at;
            return Token::Bad(why);
        }
    }

    /// Takes `\uXXXX`, or two of them that are one character; `false`: they are none.
    fn unicode(&mut self) -> bool {
        let Some(unit) = self.unit(0) else { return false };
        let (code, len) = match (unit, self.unit(6)) {
            (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                (0x10000 + (((unit & 0x3ff) << 10) | (low & 0x3ff)), 12)
            }
            _ => (unit, 6),
        };
        // Half of a pair is no character.
        let Some(character) = char::from_u32(code) else { return false };
        self.unescaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        self.at += len;
        true
    }

    /// Reads `\uXXXX` that far ahead.
    fn unit(&self, ahead: usize) -> Option<u32> {
        if self.peek(ahead) != b'\\' || self.peek(ahead + 1) != b'u' {
            return None;
        }
        (2..6)
            .try_fold(0, |unit, digit| Some((unit << 4) | char::from(self.peek(ahead + digit)).to_digit(16)?))
    }
}

fn unescape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'f' => 12,
        b'r' => b'\r',
        _ => return None,
    })
}
