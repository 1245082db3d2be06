//! RESP2 and RESP3 replies as a tree, read from bytes; commands as bytes.
use std::fmt;

/// A reply as it was on the wire: every type of RESP2 and RESP3 keeps its own name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// `$-1` in RESP2, `_` in RESP3.
    Nil,
    /// `*-1`: only in RESP2.
    NilList,
    Int(i64),
    /// The digits as they were sent: they are compared as text.
    Double(Vec<u8>),
    Bool(bool),
    BigNumber(Vec<u8>),
    Status(Vec<u8>),
    Bulk(Vec<u8>),
    /// Format and text.
    Verbatim(Vec<u8>, Vec<u8>),
    Error(Vec<u8>),
    /// `!`: an error as a counted string.
    BulkError(Vec<u8>),
    List(Vec<Value>),
    Set(Vec<Value>),
    Push(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

impl Value {
    pub fn is_error(&self) -> bool {
        matches!(self, Self::Error(_) | Self::BulkError(_))
    }

    /// The values of a list, set or push.
    pub fn items(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) | Self::Set(items) | Self::Push(items) => Some(items),
            _ => None,
        }
    }

    /// A name for its type, for reports.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::NilList => "nil list",
            Self::Int(_) => "int",
            Self::Double(_) => "double",
            Self::Bool(_) => "bool",
            Self::BigNumber(_) => "bignum",
            Self::Status(_) => "status",
            Self::Bulk(_) => "bulk",
            Self::Verbatim(..) => "verbatim",
            Self::Error(_) | Self::BulkError(_) => "error",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Push(_) => "push",
            Self::Map(_) => "map",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::text::show(self))
    }
}

/// Why no reply could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// More bytes are needed.
    Short,
    /// These bytes are no RESP.
    Garbage,
}

/// Reads one reply from the start of `bytes`; returns it with its length.
pub fn read(bytes: &[u8]) -> Result<(Value, usize), Fault> {
    let mut at = 0;
    let value = read_at(bytes, &mut at, 0)?;
    Ok((value, at))
}

/// Finds where the first reply of `bytes` ends, without building it.
pub fn length(bytes: &[u8]) -> Result<usize, Fault> {
    let (mut at, mut open) = (0, 1usize);
    while open > 0 {
        open -= 1;
        let kind = *bytes.get(at).ok_or(Fault::Short)?;
        let line = line(bytes, &mut at)?;
        match kind {
            b'$' | b'=' | b'!' => {
                if let Ok(len) = usize::try_from(number(line)?) {
                    at += len + 2;
                    if at > bytes.len() {
                        return Err(Fault::Short);
                    }
                }
            }
            b'*' | b'~' | b'>' => open += usize::try_from(number(line)?).unwrap_or(0),
            b'%' => open += 2 * usize::try_from(number(line)?).unwrap_or(0),
            b'+' | b'-' | b':' | b',' | b'#' | b'_' | b'(' => {}
            _ => return Err(Fault::Garbage),
        }
    }
    Ok(at)
}

fn line<'a>(bytes: &'a [u8], at: &mut usize) -> Result<&'a [u8], Fault> {
    let rest = &bytes[*at + 1..];
    let end = rest.iter().position(|b| *b == b'\r').ok_or(Fault::Short)?;
    match rest.get(end + 1) {
        None => Err(Fault::Short),
        Some(b'\n') => {
            *at += end + 3;
            Ok(&rest[..end])
        }
        Some(_) => Err(Fault::Garbage),
    }
}

fn number(line: &[u8]) -> Result<i64, Fault> {
    std::str::from_utf8(line).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Garbage)
}

fn read_at(bytes: &[u8], at: &mut usize, depth: usize) -> Result<Value, Fault> {
    let kind = *bytes.get(*at).ok_or(Fault::Short)?;
    let line = line(bytes, at)?;
    if depth > 64 {
        return Err(Fault::Garbage);
    }
    let mut counted = |len: i64| -> Result<Vec<u8>, Fault> {
        let end = *at + usize::try_from(len).map_err(|_| Fault::Garbage)?;
        let text = bytes.get(*at..end).ok_or(Fault::Short)?.to_vec();
        match bytes.get(end..end + 2) {
            Some(b"\r\n") => *at = end + 2,
            Some(_) => return Err(Fault::Garbage),
            None => return Err(Fault::Short),
        }
        Ok(text)
    };
    Ok(match kind {
        b'+' => Value::Status(line.to_vec()),
        b'-' => Value::Error(line.to_vec()),
        b':' => Value::Int(number(line)?),
        b',' => Value::Double(line.to_vec()),
        b'(' => Value::BigNumber(line.to_vec()),
        b'#' => Value::Bool(line == b"t"),
        b'_' => Value::Nil,
        b'$' if line == b"-1" => Value::Nil,
        b'$' => Value::Bulk(counted(number(line)?)?),
        b'!' => Value::BulkError(counted(number(line)?)?),
        b'=' => {
            let text = counted(number(line)?)?;
            let (format, text) = text.split_at_checked(4).ok_or(Fault::Garbage)?;
            Value::Verbatim(format[..3].to_vec(), text.to_vec())
        }
        b'*' if line == b"-1" => Value::NilList,
        b'*' => Value::List(items(bytes, at, number(line)?, depth)?),
        b'~' => Value::Set(items(bytes, at, number(line)?, depth)?),
        b'>' => Value::Push(items(bytes, at, number(line)?, depth)?),
        b'%' => {
            let mut items = items(bytes, at, number(line)? * 2, depth)?.into_iter();
            let mut pairs = Vec::new();
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                pairs.push((key, value));
            }
            Value::Map(pairs)
        }
        _ => return Err(Fault::Garbage),
    })
}

fn items(bytes: &[u8], at: &mut usize, len: i64, depth: usize) -> Result<Vec<Value>, Fault> {
    let mut items = Vec::new();
    for _ in 0..len {
        items.push(read_at(bytes, at, depth + 1)?);
    }
    Ok(items)
}

/// Appends a command as an array of bulk strings.
pub fn write_command<T: AsRef<[u8]>>(to: &mut Vec<u8>, argv: &[T]) {
    to.extend_from_slice(format!("*{}\r\n", argv.len()).as_bytes());
    for word in argv {
        let word = word.as_ref();
        to.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        to.extend_from_slice(word);
        to.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read_and_measured() {
        let wire =
            b"*7\r\n%1\r\n+k\r\n:-1\r\n~1\r\n,1.5\r\n$3\r\na\r\n\r\n=7\r\ntxt:a\nb\r\n#t\r\n_\r\n*-1\r\n";
        let (value, len) = read(wire).unwrap();
        assert_eq!((len, length(wire)), (wire.len(), Ok(wire.len())));
        assert_eq!(
            super::super::text::show(&value),
            r#"[{+k: -1}, (set) [(double) 1.5], "a\r\n", (text) "a\nb", (true), (nil), (nil list)]"#
        );
        for end in 0..wire.len() {
            assert_eq!(read(&wire[..end]).err(), Some(Fault::Short), "{end}");
            assert_eq!(length(&wire[..end]).err(), Some(Fault::Short), "{end}");
        }
        assert_eq!(read(b"hello\r\n").err(), Some(Fault::Garbage));
    }

    #[test]
    fn commands_are_arrays_of_bulk_strings() {
        let mut wire = Vec::new();
        write_command(&mut wire, &["GET", ""]);
        assert_eq!(wire, b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n");
    }
}
