//! What a script returns as a reply: the table of `inward.rs`, backwards.
//!
//! A list ends at its first nil. Numbers lose their fraction. A boolean is one in a script that speaks protocol 3; else `true` is 1 and `false`
//! nothing, like all that is no value of a reply.
use crate::base::{
    bytes::until_zero,
    emit::{Null, Sink},
    error::{Error, Kind as ErrorKind},
    limits::{SCRIPT_RESULT_DEPTH_MAX, SCRIPT_RESULT_LEN_MAX, STRING_BYTES_MAX},
};
use tenondb_lua::{Cursor, Frame, Kind, Raise, truncated};

/// The error that a table is: its `err`. A NUL ends it.
pub fn error_of(text: &[u8]) -> Error {
    let text = until_zero(text);
    let kind = match text.split(|byte| *byte == b' ').next().unwrap_or_default() {
        b"WRONGTYPE" => ErrorKind::WrongType,
        b"BUSYGROUP" | b"NOGROUP" | b"BUSYKEY" => ErrorKind::Conflict,
        b"OOM" => ErrorKind::Limit,
        b"MISCONF" => ErrorKind::Io,
        _ => ErrorKind::Command,
    };
    Error::quoting(kind, text)
}

/// Writes values to a sink.
struct Outward<'t> {
    to: &'t mut dyn Sink,
    /// The protocol that the script speaks.
    protocol: u8,
    depth: usize,
    values_left: usize,
    bytes_left: usize,
}

/// Writes the value on the top of the stack, in the protocol that the script speaks.
///
/// A table that holds another twice, which holds a third twice, is small, and its reply is not. So it is gone through once before anything is written.
pub fn write(frame: &mut Frame<'_>, protocol: u8, to: &mut dyn Sink) -> Result<(), Error> {
    fn outward(to: &mut dyn Sink, protocol: u8) -> Outward<'_> {
        let (values_left, bytes_left) = (SCRIPT_RESULT_LEN_MAX, STRING_BYTES_MAX);
        Outward { to, protocol, depth: 0, values_left, bytes_left }
    }
    let too_large = |_: Raise| Error::new(ErrorKind::Limit, "ERR the result of the script is too large");
    if frame.kind(-1) == Kind::Table {
        frame.push_copy(-1).map_err(too_large)?;
        outward(&mut Null, protocol).write(frame).map_err(too_large)?;
    }
    outward(to, protocol).write(frame).map_err(too_large)
}

impl Outward<'_> {
    /// Writes the value on the top of the stack, and takes it away.
    fn write(&mut self, frame: &mut Frame<'_>) -> Result<(), Raise> {
        self.values_left = self.values_left.checked_sub(1).ok_or(Raise::Memory)?;
        match frame.kind(-1) {
            Kind::String => {
                let bytes = frame.bytes(-1).unwrap_or_default();
                self.bytes_left = self.bytes_left.checked_sub(bytes.len()).ok_or(Raise::Memory)?;
                self.to.bytes(bytes);
            }
            Kind::Number => self.to.int(truncated(frame.number(-1).unwrap_or_default())),
            Kind::Boolean if self.protocol == 3 => self.to.bool(frame.truth(-1)),
            Kind::Boolean if frame.truth(-1) => self.to.int(1),
            Kind::Table if self.depth == SCRIPT_RESULT_DEPTH_MAX => {
                self.to.error(&Error::command("ERR reached lua stack limit"));
            }
            Kind::Table => {
                self.depth += 1;
                self.table(frame)?;
                self.depth -= 1;
            }
            _ => self.to.nil(),
        }
        frame.pop(1);
        Ok(())
    }

    /// Pushes a field of the table on the top, and tells its type.
    fn field(frame: &mut Frame<'_>, name: &[u8]) -> Result<Kind, Raise> {
        frame.raw_get_field(-1, name)?;
        Ok(frame.kind(-1))
    }

    fn table(&mut self, frame: &mut Frame<'_>) -> Result<(), Raise> {
        if Self::field(frame, b"err")? == Kind::String {
            self.to.error(&error_of(frame.bytes(-1).unwrap_or_default()));
            frame.pop(1);
            return Ok(());
        }
        frame.pop(1);
        if Self::field(frame, b"ok")? == Kind::String {
            let text = until_zero(frame.bytes(-1).unwrap_or_default());
            self.to.status_line(&one_line(text));
            frame.pop(1);
            return Ok(());
        }
        frame.pop(1);
        if Self::field(frame, b"double")? == Kind::Number {
            self.to.float(frame.number(-1).unwrap_or_default());
            frame.pop(1);
            return Ok(());
        }
        frame.pop(1);
        if Self::field(frame, b"big_number")? == Kind::String {
            self.to.bignum(&one_line(frame.bytes(-1).unwrap_or_default()));
            frame.pop(1);
            return Ok(());
        }
        frame.pop(1);
        if Self::field(frame, b"verbatim_string")? == Kind::Table && self.verbatim(frame)? {
            return Ok(());
        }
        frame.pop(1);
        if Self::field(frame, b"map")? == Kind::Table {
            return self.entries(frame, true);
        }
        frame.pop(1);
        if Self::field(frame, b"set")? == Kind::Table {
            return self.entries(frame, false);
        }
        frame.pop(1);
        self.list(frame)
    }

    /// The table on the top as text of a format, and takes it away; false: it is none, and stays.
    fn verbatim(&mut self, frame: &mut Frame<'_>) -> Result<bool, Raise> {
        frame.raw_get_field(-1, b"format")?;
        frame.raw_get_field(-2, b"string")?;
        let both = frame.bytes(-2).zip(frame.bytes(-1));
        frame.pop(2);
        let Some((format, text)) = both else { return Ok(false) };
        let mut three = *b"   ";
        three.iter_mut().zip(format).for_each(|(to, from)| *to = *from);
        self.to.verbatim(&String::from_utf8_lossy(&three), text);
        frame.pop(1);
        Ok(true)
    }

    /// The entries of the table on the top, or their keys only; takes it away.
    fn entries(&mut self, frame: &mut Frame<'_>, values: bool) -> Result<(), Raise> {
        let (mut cursor, mut len) = (Cursor::default(), 0);
        while frame.next(-1, &mut cursor)? {
            frame.pop(2);
            len += 1;
        }
        if values {
            self.to.map(len)
        } else {
            self.to.set(len)
        }
        let mut cursor = Cursor::default();
        while frame.next(-1, &mut cursor)? {
            frame.push_copy(-2)?;
            self.write(frame)?;
            if values {
                frame.push_copy(-1)?;
                self.write(frame)?;
            }
            frame.pop(2);
        }
        frame.pop(1);
        Ok(())
    }

    /// The values of the table on the top, up to the first nil.
    fn list(&mut self, frame: &mut Frame<'_>) -> Result<(), Raise> {
        let mut len = 0;
        loop {
            frame.raw_get_index(-1, len + 1)?;
            let ends = frame.kind(-1) == Kind::Nil;
            frame.pop(1);
            if ends {
                break;
            }
            len += 1;
        }
        self.to.array(len as usize);
        for n in 1..=len {
            frame.raw_get_index(-1, n)?;
            self.write(frame)?;
        }
        Ok(())
    }
}

/// Text without what would end its line.
fn one_line(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { *byte }).collect()
}
