//! Replies of commands as values of Lua.
//!
//! | reply | protocol 2 | protocol 3 |
//! |---|---|---|
//! | nothing | `false` | `nil` |
//! | integer | number | number |
//! | double | string | `{double = number}` |
//! | truth | number | boolean |
//! | bytes | string | string |
//! | status | `{ok = string}` | `{ok = string}` |
//! | error | `{err = string}` | `{err = string}` |
//! | text | string | `{verbatim_string = {string = …, format = …}}` |
//! | map | list | `{map = {key = value}}` |
//! | set | list | `{set = {member = true}}` |
//!
//! A value is made on Lua's stack as it comes. A list that is open lies below its values, each of which is put into it at once:
//!
//! ```text
//!   … │ list of 3 │ {map=} │ its table │ key │ value ⇒ into the table, which is full ⇒ into {map=} ⇒ into the list
//! ```
use super::lib::redis::push_error;
use crate::base::{
    emit::{Late, Sink},
    error::Error,
    num::Text,
};
use tenondb_lua::{Frame, Raise};

enum Shape {
    List,
    Map,
    Set,
}

/// A list, map or set that waits for values.
struct Open {
    shape: Shape,
    /// Values that are still to come.
    left: usize,
    /// Values that came.
    count: i32,
}

/// A sink that leaves one value on Lua's stack.
pub struct Inward<'s, 'f> {
    frame: &'s mut Frame<'f>,
    protocol: u8,
    open: Vec<Open>,
    /// The reply as a whole is an error.
    is_error: bool,
    /// The stack or a table is full: the rest is not looked at.
    failed: Option<Raise>,
}

impl<'s, 'f> Inward<'s, 'f> {
    /// A sink for one reply.
    pub fn new(frame: &'s mut Frame<'f>, protocol: u8) -> Self {
        Self { frame, protocol, open: Vec::new(), is_error: false, failed: None }
    }

    /// Ends it: tells whether the reply is an error.
    pub fn finish(self) -> Result<bool, Raise> {
        self.failed.map_or(Ok(self.is_error), Err)
    }

    /// Pushes a value and puts it where it belongs.
    fn add(&mut self, push: impl FnOnce(&mut Frame<'f>) -> Result<(), Raise>) {
        if self.failed.is_none()
            && let Err(raised) = push(self.frame).and_then(|()| self.settle())
        {
            self.failed = Some(raised);
        }
    }

    /// Puts the value on the top into what is open, and that, when it is full, into what is open around it.
    fn settle(&mut self) -> Result<(), Raise> {
        while let Some(open) = self.open.last_mut() {
            open.count += 1;
            open.left -= 1;
            match open.shape {
                Shape::List => self.frame.raw_set_index(-2, open.count)?,
                Shape::Map if open.count % 2 == 1 => {}
                Shape::Map => self.frame.raw_set(-3)?,
                Shape::Set => {
                    self.frame.push_bool(true)?;
                    self.frame.raw_set(-3)?;
                }
            }
            if open.left > 0 {
                return Ok(());
            }
            self.close()?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Raise> {
        match self.open.pop().map(|open| open.shape) {
            Some(Shape::Map) => self.frame.raw_set_field(-2, b"map"),
            Some(Shape::Set) => self.frame.raw_set_field(-2, b"set"),
            Some(Shape::List) | None => Ok(()),
        }
    }

    fn start(&mut self, shape: Shape, left: usize) {
        if self.failed.is_some() {
            return;
        }
        let pushed = match shape {
            Shape::List => self.frame.push_table(left, 0),
            Shape::Map | Shape::Set => {
                self.frame.push_table(0, 1).and_then(|()| self.frame.push_table(0, left))
            }
        };
        self.open.push(Open { shape, left, count: 0 });
        let settled = match (pushed, left) {
            (Ok(()), 0) => self.close().and_then(|()| self.settle()),
            (pushed, _) => pushed,
        };
        self.failed = settled.err();
    }

    fn is_new(&self) -> bool {
        self.protocol == 3
    }
}

fn push_field(frame: &mut Frame<'_>, name: &[u8], value: &[u8]) -> Result<(), Raise> {
    frame.push_bytes(value)?;
    frame.raw_set_field(-2, name)
}

impl Sink for Inward<'_, '_> {
    fn nil(&mut self) {
        let is_new = self.is_new();
        self.add(|frame| if is_new { frame.push_nil() } else { frame.push_bool(false) });
    }
    fn nil_array(&mut self) {
        self.nil();
    }
    fn int(&mut self, value: i64) {
        self.add(|frame| frame.push_number(value as f64));
    }
    fn float(&mut self, value: f64) {
        if !self.is_new() {
            return self.bytes(&Text::float(value));
        }
        self.add(|frame| {
            frame.push_table(0, 1)?;
            frame.push_number(value)?;
            frame.raw_set_field(-2, b"double")
        });
    }
    fn bool(&mut self, value: bool) {
        let is_new = self.is_new();
        self.add(|frame| if is_new { frame.push_bool(value) } else { frame.push_number(value.into()) });
    }
    fn bytes(&mut self, value: &[u8]) {
        self.add(|frame| frame.push_bytes(value));
    }
    fn status_line(&mut self, value: &[u8]) {
        self.add(|frame| {
            frame.push_table(0, 1)?;
            push_field(frame, b"ok", value)
        });
    }
    fn verbatim(&mut self, format: &str, value: &[u8]) {
        if !self.is_new() {
            return self.bytes(value);
        }
        self.add(|frame| {
            frame.push_table(0, 1)?;
            frame.push_table(0, 2)?;
            push_field(frame, b"string", value)?;
            push_field(frame, b"format", format.as_bytes())?;
            frame.raw_set_field(-2, b"verbatim_string")
        });
    }
    fn error(&mut self, error: &Error) {
        self.is_error |= self.open.is_empty();
        self.add(|frame| {
            push_error(frame, error.text())?;
            frame.push_bool(true)?;
            frame.raw_set_field(-2, b"ignore_error_stats_update")
        });
    }
    fn array(&mut self, len: usize) {
        self.start(Shape::List, len);
    }
    fn map(&mut self, len: usize) {
        if self.is_new() { self.start(Shape::Map, len * 2) } else { self.start(Shape::List, len * 2) }
    }
    fn set(&mut self, len: usize) {
        if self.is_new() { self.start(Shape::Set, len) } else { self.start(Shape::List, len) }
    }
    fn push(&mut self, len: usize) {
        self.start(Shape::List, len);
    }
    fn pairs(&mut self, len: usize) {
        self.start(Shape::List, if self.is_new() { len } else { len * 2 });
    }
    fn pair(&mut self) {
        if self.is_new() {
            self.start(Shape::List, 2);
        }
    }
    fn later(&mut self, part: Box<dyn Late>) {
        // The script needs it now.
        part.emit_late(self);
    }
    fn protocol(&self) -> u8 {
        self.protocol
    }
}
