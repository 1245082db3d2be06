//! Replies and commands as text, both ways. The notation is described in `tests/conformance/README.md`.
use super::wire::Value;

/// What a reply must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// This very reply.
    Exactly(Value),
    /// These values in any order (`(any order) [a, b]`); a map's pairs likewise.
    AnyOrder(Value),
    /// Fields and values side by side, the pairs in any order (`(any pairs) [f, 1, g, 2]`).
    AnyPairs(Value),
    /// An integer near this one (`(about 100)`): at most 2 or 2 % away.
    About(i64),
    /// Any reply of this type (`(any bulk)`, `(any int)`, …); `(any)` is any reply that is no error.
    Any(String),
    /// No reply at all (`(no reply)`).
    Silence,
}

impl Expect {
    /// Tells whether `value` is what is expected.
    pub fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Exactly(expected) => expected == value,
            Self::AnyOrder(expected) => match (expected, value) {
                (Value::Map(a), Value::Map(b)) => sorted(a) == sorted(b),
                _ => match (expected.items(), value.items()) {
                    (Some(a), Some(b)) => sorted(a) == sorted(b) && expected.type_name() == value.type_name(),
                    _ => false,
                },
            },
            Self::AnyPairs(expected) => match (expected, value) {
                (Value::List(a), Value::List(b)) => a.len() == b.len() && pairs(a) == pairs(b),
                _ => false,
            },
            Self::About(expected) => match value {
                Value::Int(n) => n.abs_diff(*expected) <= (expected.unsigned_abs() / 50).max(2),
                _ => false,
            },
            Self::Any(kind) if kind.is_empty() => !value.is_error(),
            Self::Any(kind) => value.type_name() == kind,
            Self::Silence => false,
        }
    }

    /// Writes it as text.
    pub fn show(&self) -> String {
        match self {
            Self::Exactly(Value::Error(text)) if plain_line(text) => {
                format!("! {}", String::from_utf8_lossy(text))
            }
            Self::Exactly(value) => show(value),
            Self::AnyOrder(value) => format!("(any order) {}", show(value)),
            Self::AnyPairs(value) => format!("(any pairs) {}", show(value)),
            Self::About(n) => format!("(about {n})"),
            Self::Any(kind) if kind.is_empty() => "(any)".into(),
            Self::Any(kind) => format!("(any {kind})"),
            Self::Silence => "(no reply)".into(),
        }
    }

    /// Reads it from a line.
    pub fn parse(line: &str) -> Result<Self, String> {
        let line = line.trim();
        if let Some(text) = line.strip_prefix("! ") {
            return Ok(Self::Exactly(Value::Error(text.as_bytes().to_vec())));
        }
        let value = |text: &str| parse_value(text);
        if let Some(rest) = line.strip_prefix("(any order)") {
            return Ok(Self::AnyOrder(value(rest)?));
        }
        if let Some(rest) = line.strip_prefix("(any pairs)") {
            return Ok(Self::AnyPairs(value(rest)?));
        }
        if line == "(no reply)" {
            return Ok(Self::Silence);
        }
        if let Some(inner) = line.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            if let Some(n) = inner.strip_prefix("about ") {
                return n.parse().map(Self::About).map_err(|_| format!("no integer: {n}"));
            }
            if let Some(kind) = inner.strip_prefix("any") {
                return Ok(Self::Any(kind.trim().into()));
            }
        }
        value(line).map(Self::Exactly)
    }
}

/// A copy in order.
pub fn sorted<T: Ord + Clone>(values: &[T]) -> Vec<T> {
    let mut values = values.to_vec();
    values.sort();
    values
}

/// The pairs of a flat list, in order.
pub fn pairs(values: &[Value]) -> Vec<&[Value]> {
    let mut pairs: Vec<_> = values.chunks(2).collect();
    pairs.sort();
    pairs
}

fn plain_line(text: &[u8]) -> bool {
    std::str::from_utf8(text)
        .is_ok_and(|t| t == t.trim() && !t.is_empty() && t.chars().all(|c| !c.is_control()))
}

/// Tells whether bytes can stand without quotes as a byte string of a reply.
fn bare(text: &[u8]) -> bool {
    text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && text.last() != Some(&b':')
        && text.iter().all(|b| b.is_ascii_alphanumeric() || b"_.:/@*-".contains(b))
}

/// Writes bytes between quotes, as redis-cli does.
pub fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for &b in text {
        match b {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(b.into()),
            _ => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push('"');
    out
}

fn word(text: &[u8]) -> String {
    if bare(text) { String::from_utf8_lossy(text).into_owned() } else { quote(text) }
}

/// Writes a reply as text.
pub fn show(value: &Value) -> String {
    let list = |items: &[Value]| format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match value {
        Value::Nil => "(nil)".into(),
        Value::NilList => "(nil list)".into(),
        Value::Int(n) => n.to_string(),
        Value::Double(digits) => format!("(double) {}", text(digits)),
        Value::Bool(value) => format!("({value})"),
        Value::BigNumber(digits) => format!("(bignum) {}", text(digits)),
        Value::Status(status) => format!("+{}", word(status)),
        Value::Bulk(bytes) => word(bytes),
        Value::Verbatim(format, bytes) if format == b"txt" => format!("(text) {}", quote(bytes)),
        Value::Verbatim(format, bytes) => format!("(text {}) {}", text(format), quote(bytes)),
        Value::Error(error) => format!("!{}", quote(error)),
        Value::BulkError(error) => format!("!!{}", quote(error)),
        Value::List(items) => list(items),
        Value::Set(items) => format!("(set) {}", list(items)),
        Value::Push(items) => format!("(push) {}", list(items)),
        Value::Map(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}: {}", show(k), show(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// Reads a reply from text.
pub fn parse_value(text: &str) -> Result<Value, String> {
    let mut at = Cursor { rest: text };
    let value = at.value(0)?;
    at.space();
    if at.rest.is_empty() { Ok(value) } else { Err(format!("text after the reply: {}", at.rest)) }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, prefix: &str) -> bool {
        self.space();
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.space();
        if depth > 64 {
            return Err("nested too deeply".into());
        }
        match self.rest.as_bytes().first() {
            None => Err("a reply is missing".into()),
            Some(b'(') => self.marked(depth),
            Some(b'[') => Ok(Value::List(self.list(depth)?)),
            Some(b'{') => self.map(depth),
            Some(b'"') => Ok(Value::Bulk(self.quoted()?)),
            Some(b'+') => {
                self.eat("+");
                Ok(Value::Status(self.word()?))
            }
            Some(b'!') => {
                self.eat("!");
                let counted = self.eat("!");
                let text = self.quoted()?;
                Ok(if counted { Value::BulkError(text) } else { Value::Error(text) })
            }
            Some(b'-' | b'0'..=b'9') => {
                let digits = self.take_while(|c| c == '-' || c.is_ascii_digit());
                digits.parse().map(Value::Int).map_err(|_| format!("no integer: {digits}"))
            }
            Some(_) => Ok(Value::Bulk(self.word()?)),
        }
    }

    /// What starts with a word in parentheses.
    fn marked(&mut self, depth: usize) -> Result<Value, String> {
        self.eat("(");
        let mark = self.take_while(|c| c != ')');
        if !self.eat(")") {
            return Err("a parenthesis is not closed".into());
        }
        self.space();
        let digits = |at: &mut Self| at.take_while(|c| !",]}: \t".contains(c)).as_bytes().to_vec();
        Ok(match mark {
            "nil" => Value::Nil,
            "nil list" => Value::NilList,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "double" => Value::Double(digits(self)),
            "bignum" => Value::BigNumber(digits(self)),
            "set" => Value::Set(self.list(depth)?),
            "push" => Value::Push(self.list(depth)?),
            "text" => Value::Verbatim(b"txt".to_vec(), self.quoted()?),
            other => match other.strip_prefix("text ") {
                Some(format) => Value::Verbatim(format.into(), self.quoted()?),
                None => return Err(format!("unknown mark ({other})")),
            },
        })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        if !self.eat("[") {
            return Err("a list is missing".into());
        }
        while !self.eat("]") {
            items.push(self.value(depth + 1)?);
            if !self.eat(",") && !self.rest.trim_start().starts_with(']') {
                return Err(format!("no comma at: {}", self.rest));
            }
        }
        Ok(items)
    }

    fn map(&mut self, depth: usize) -> Result<Value, String> {
        let mut pairs = Vec::new();
        self.eat("{");
        while !self.eat("}") {
            let key = self.value(depth + 1)?;
            if !self.eat(":") {
                return Err(format!("no colon at: {}", self.rest));
            }
            pairs.push((key, self.value(depth + 1)?));
            if !self.eat(",") && !self.rest.trim_start().starts_with('}') {
                return Err(format!("no comma at: {}", self.rest));
            }
        }
        Ok(Value::Map(pairs))
    }

    fn word(&mut self) -> Result<Vec<u8>, String> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let end = self.rest.find([' ', ',', ']', '}', '\t']).unwrap_or(self.rest.len());
        // `key: value` in a map: the colon before a space is no part of the word.
        let word = &self.rest[..end];
        let word = word.strip_suffix(':').unwrap_or(word);
        if !bare(word.as_bytes()) {
            return Err(format!("this needs quotes: {word}"));
        }
        self.rest = &self.rest[word.len()..];
        Ok(word.as_bytes().to_vec())
    }

    fn quoted(&mut self) -> Result<Vec<u8>, String> {
        self.space();
        let (text, len) = unquote(self.rest)?;
        self.rest = &self.rest[len..];
        Ok(text)
    }
}

/// Reads a string between quotes at the start of `text`; returns it with the length of what was read.
fn unquote(text: &str) -> Result<(Vec<u8>, usize), String> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let quote = match bytes.first() {
        Some(b @ (b'"' | b'\'')) => *b,
        _ => return Err(format!("no quoted string: {text}")),
    };
    let mut at = 1;
    while let Some(&b) = bytes.get(at) {
        at += 1;
        match b {
            b if b == quote => return Ok((out, at)),
            b'\\' if quote == b'"' => {
                let escaped = *bytes.get(at).ok_or("a quote is not closed")?;
                at += 1;
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'a' => out.push(7),
                    b'b' => out.push(8),
                    b'x' => {
                        let digits = text.get(at..at + 2).ok_or("\\x needs two digits")?;
                        out.push(u8::from_str_radix(digits, 16).map_err(|_| "\\x needs two digits")?);
                        at += 2;
                    }
                    other => out.push(other),
                }
            }
            b'\\' if bytes.get(at) == Some(&b'\'') => {
                out.push(b'\'');
                at += 1;
            }
            b => out.push(b),
        }
    }
    Err(format!("a quote is not closed: {text}"))
}

/// Cuts a command line into words as redis-cli does.
pub fn split_command(line: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut argv = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, len) = if rest.starts_with(['"', '\'']) {
            unquote(rest)?
        } else {
            let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (rest.as_bytes()[..len].to_vec(), len)
        };
        argv.push(word);
        let after = &rest[len..];
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            return Err(format!("no space after a quote: {after}"));
        }
        rest = after.trim_start();
    }
    if argv.is_empty() { Err("a command is missing".into()) } else { Ok(argv) }
}

/// Writes a command line that [`split_command`] reads.
pub fn join_command(argv: &[Vec<u8>]) -> String {
    let plain = |word: &[u8]| {
        !word.is_empty() && word.iter().all(|b| b.is_ascii_graphic()) && !matches!(word[0], b'"' | b'\'')
    };
    let word = |word: &Vec<u8>| match plain(word) {
        true => String::from_utf8_lossy(word).into_owned(),
        false => quote(word),
    };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_survive_the_way_there_and_back() {
        for text in [
            "(nil)",
            "(nil list)",
            "1",
            "-9223372036854775808",
            "alice",
            "\"12\"",
            "\"\"",
            "\"a b\\r\\n\\x00\\xff\\\"\"",
            "+OK",
            "+\"Background saving\"",
            "[]",
            "[a, [b, 1], (nil)]",
            "{}",
            "{a: 1, b:c: [x]}",
            "(set) [a]",
            "(double) 1.5",
            "[(double) inf, (double) -0]",
            "(true)",
            "(bignum) 123",
            "(text) \"a\\nb\"",
            "(text mkd) \"a\"",
            "!\"ERR x\"",
            "(push) [a]",
            "user:1",
            "! ERR no such key",
            "(any)",
            "(any int)",
            "(about 100)",
            "(any order) [a, b]",
            "(any pairs) [a, \"1\"]",
            "(no reply)",
            "[!\"ERR a\", +OK]",
        ] {
            let expect = Expect::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert_eq!(expect.show(), text.replace("!\"ERR x\"", "! ERR x"));
        }
    }

    #[test]
    fn faults_are_named() {
        for text in
            ["", "[a", "[a b]", "{a 1}", "{a: 1", "\"a", "(what)", "1.5", "a b", "%", "\"\\xg0\"", "(nil"]
        {
            assert!(Expect::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn command_lines() {
        let argv = split_command(r#"SET "a \x41\n" 'it\'s' b"c ''"#).unwrap();
        assert_eq!(
            argv,
            [b"SET".to_vec(), b"a A\n".to_vec(), b"it's".to_vec(), b"b\"c".to_vec(), b"".to_vec()]
        );
        assert_eq!(split_command(&join_command(&argv)).unwrap(), argv);
        assert!(split_command("").is_err());
        assert!(split_command("\"a\"b").is_err());
    }

    #[test]
    fn loose_expectations() {
        let ok =
            |expect: &str, value: &str| Expect::parse(expect).unwrap().accepts(&parse_value(value).unwrap());
        assert!(ok("(any order) [a, b]", "[b, a]") && !ok("(any order) [a, b]", "[b, b]"));
        assert!(!ok("(any order) [a, b]", "(set) [b, a]") && ok("(any order) {a: 1, b: 2}", "{b: 2, a: 1}"));
        assert!(
            ok("(any pairs) [a, 1, b, 2]", "[b, 2, a, 1]") && !ok("(any pairs) [a, 1, b, 2]", "[b, 1, a, 2]")
        );
        assert!(ok("(about 100)", "98") && !ok("(about 100)", "97") && ok("(about 10000)", "9800"));
        assert!(
            ok("(any)", "1") && !ok("(any)", "!\"ERR\"") && ok("(any int)", "1") && !ok("(any int)", "a")
        );
    }
}
