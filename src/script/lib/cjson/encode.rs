//! A Lua value to JSON text.
//!
//! The tables that are open lie on Lua's stack, with the key and the value that the text is at; what is known of each is on
//! a stack of ours. Depth ends at the setting or where Lua's stack does.
use super::settings::{Setting, Settings};
use crate::script::lib::{arguments::Patience, cast, json::write, output::Output};
use tenondb_lua::{Cursor, Frame, Kind, Raise};

/// A table whose text is not whole yet.
enum Open {
    /// So many places, and the one that the text is at.
    Array {
        len: i32,
        place: i32,
    },
    Object {
        cursor: Cursor,
        first: bool,
    },
}

/// Writes the topmost value, which stays where it is.
pub fn value(frame: &mut Frame<'_>, settings: &Settings, out: &mut Output) -> Result<(), Raise> {
    let mut open: Vec<Open> = Vec::new();
    let mut patience = Patience::default();
    loop {
        patience.step(frame)?;
        if frame.kind(-1) == Kind::Table {
            let table = begin(frame, settings, open.len() + 1, out)?;
            open.push(table);
        } else {
            scalar(frame, settings, out)?;
            if open.is_empty() {
                return Ok(());
            }
            frame.pop(1);
        }
        while let Some(table) = open.last_mut() {
            if advance(frame, settings, table, out)? {
                break;
            }
            open.pop();
            if open.is_empty() {
                return Ok(());
            }
            frame.pop(1);
        }
    }
}

fn refuse<T>(kind: Kind, reason: &str) -> Result<T, Raise> {
    Err(Raise::text(format!("Cannot serialise {}: {reason}", kind.name())))
}

fn begin(frame: &mut Frame<'_>, settings: &Settings, depth: usize, out: &mut Output) -> Result<Open, Raise> {
    // A key, a value, and what an error would need: the depth at which the stack ends is Redis's.
    if depth > settings.get(Setting::EncodeMaxDepth) as usize || !frame.room(3) {
        return Err(Raise::text(format!("Cannot serialise, excessive nesting ({depth})")));
    }
    let len = array_len(frame, settings)?;
    if len > 0 {
        out.push(b"[")?;
        return Ok(Open::Array { len, place: 0 });
    }
    out.push(b"{")?;
    Ok(Open::Object { cursor: Cursor::default(), first: true })
}

/// Pushes what comes next in a table and writes what stands before it; `false`: nothing does, and the table's text is whole.
fn advance(
    frame: &mut Frame<'_>,
    settings: &Settings,
    table: &mut Open,
    out: &mut Output,
) -> Result<bool, Raise> {
    match table {
        Open::Array { len, place } if *place < *len => {
            if *place > 0 {
                out.push(b",")?;
            }
            *place += 1;
            frame.raw_get_index(-1, *place)?;
            Ok(true)
        }
        Open::Array { .. } => {
            out.push(b"]")?;
            Ok(false)
        }
        Open::Object { cursor, first } => {
            let first = std::mem::take(first);
            if !first {
                // The key of the member before.
                frame.pop(1);
            }
            if !frame.next(-1, cursor)? {
                out.push(b"}")?;
                return Ok(false);
            }
            if !first {
                out.push(b",")?;
            }
            key(frame, settings, out)?;
            Ok(true)
        }
    }
}

/// Writes the key below the topmost value.
fn key(frame: &mut Frame<'_>, settings: &Settings, out: &mut Output) -> Result<(), Raise> {
    match frame.kind(-2) {
        Kind::Number => {
            out.push(b"\"")?;
            number(frame, -2, settings, out)?;
            out.push(b"\":")?;
        }
        Kind::String => {
            write::string(out, frame.bytes(-2).unwrap_or_default())?;
            out.push(b":")?;
        }
        other => return refuse(other, "table key must be a number or string"),
    }
    Ok(())
}

fn scalar(frame: &Frame<'_>, settings: &Settings, out: &mut Output) -> Result<(), Raise> {
    match frame.kind(-1) {
        Kind::String => write::string(out, frame.bytes(-1).unwrap_or_default())?,
        Kind::Number => number(frame, -1, settings, out)?,
        Kind::Boolean => out.push(if frame.truth(-1) { b"true" } else { b"false" })?,
        Kind::Nil => out.push(b"null")?,
        Kind::Light if frame.light(-1) == Some(0) => out.push(b"null")?,
        other => return refuse(other, "type not supported"),
    }
    Ok(())
}

fn number(frame: &Frame<'_>, at: i32, settings: &Settings, out: &mut Output) -> Result<(), Raise> {
    let value = frame.number(at).unwrap_or_default();
    if !value.is_finite() {
        match settings.get(Setting::EncodeInvalidNumbers) {
            0 => return refuse(Kind::Number, "must not be NaN or Inf"),
            1 => {}
            _ => return Ok(out.push(b"null")?),
        }
    }
    Ok(write::number(out, value, settings.get(Setting::NumberPrecision) as usize)?)
}

/// Returns how many places the list has that is the topmost value; -1 and 0 for an object.
fn array_len(frame: &mut Frame<'_>, settings: &Settings) -> Result<i32, Raise> {
    let (mut max, mut items) = (0i32, 0i32);
    let mut cursor = Cursor::default();
    while frame.next(-1, &mut cursor)? {
        let key = frame.number(-2);
        frame.pop(2);
        match key {
            Some(key) if key >= 1.0 && key.floor() == key => {
                if key > f64::from(max) {
                    // A place beyond the integers is the lowest of them, so such a table is an object.
                    max = cast::int32(key);
                }
                items = items.wrapping_add(1);
            }
            _ => return Ok(-1),
        }
    }
    let ratio = settings.get(Setting::SparseRatio);
    if ratio > 0 && max > items.wrapping_mul(ratio) && max > settings.get(Setting::SparseSafe) {
        if !settings.is_on(Setting::SparseConvert) {
            return refuse(Kind::Table, "excessively sparse array");
        }
        return Ok(-1);
    }
    Ok(max)
}
