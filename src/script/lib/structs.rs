//! The library `struct`: numbers and strings as bytes of a layout, as struct 0.3 has it in Redis.
mod format;

use super::{
    arguments::{functions, optional_int, room},
    cast,
    output::Output,
};
use crate::base::bytes::until_zero;
use format::{Fault, Format, integer, read_integer};
use tenondb_lua::{Frame, Native, Raise};

const FUNCTIONS: [(&str, Native); 3] = [("pack", pack), ("unpack", unpack), ("size", size)];

/// Pushes the library's table.
pub fn open(frame: &mut Frame<'_>) -> Result<(), Raise> {
    functions(frame, &FUNCTIONS)
}

impl From<Fault> for Raise {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Text(why) => Raise::text(why),
            Fault::Option(option) => {
                Raise::argument(1, [b"invalid format option '", &[option][..], b"'"].concat())
            }
        }
    }
}

fn pack(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let mut format = Format::new(until_zero(frame.check_bytes(1)?));
    // What is missing is a nil, and is called so.
    frame.push_nil()?;
    let mut out = Output::new(frame.memory_left());
    let mut at = 1;
    while let Some(step) = format.step(out.bytes().len())? {
        out.push(&[0; 32][..step.padding])?;
        match step.option {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                at += 1;
                let value = cast::unsigned64(frame.check_number(at)?);
                out.push(&integer(value, step.size, format.little)[..step.size])?;
            }
            b'x' => out.push(&[0])?,
            b'f' => {
                at += 1;
                let value = frame.check_number(at)? as f32;
                out.push(&if format.little { value.to_le_bytes() } else { value.to_be_bytes() })?;
            }
            b'd' => {
                at += 1;
                let value = frame.check_number(at)?;
                out.push(&if format.little { value.to_le_bytes() } else { value.to_be_bytes() })?;
            }
            b'c' | b's' => {
                at += 1;
                let text = frame.check_bytes(at)?;
                let len = if step.size == 0 { text.len() } else { step.size };
                // It is the argument behind that is named.
                let part =
                    text.get(..len).ok_or_else(|| Raise::argument(at as usize + 1, "string too short"))?;
                out.push(part)?;
                if step.option == b's' {
                    out.push(&[0])?;
                }
            }
            option => format.control(option)?,
        }
    }
    frame.push_bytes(out.bytes())?;
    Ok(1)
}

fn unpack(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let mut format = Format::new(until_zero(frame.check_bytes(1)?));
    let data = frame.check_bytes(2)?;
    // A negative place is one beyond all data.
    let mut at = match optional_int(frame, 3, 1)? as usize {
        0 => return Err(Raise::argument(3, "offset must be 1 or greater")),
        place => place - 1,
    };
    let mut count = 0;
    while let Some(step) = format.step(at)? {
        at = at.wrapping_add(step.padding);
        let mut bytes = part(data, at, step.size)?;
        // A value, and where the next one begins.
        room(frame, 2, "too many results")?;
        match step.option {
            b'b' | b'h' | b'l' | b'i' | b'B' | b'H' | b'L' | b'T' | b'I' => {
                let signed = step.option.is_ascii_lowercase();
                frame.push_number(read_integer(bytes, format.little, signed))?;
                count += 1;
            }
            b'f' => {
                let bits = bytes.try_into().unwrap_or_default();
                let value = if format.little { f32::from_le_bytes(bits) } else { f32::from_be_bytes(bits) };
                frame.push_number(f64::from(value))?;
                count += 1;
            }
            b'd' => {
                let bits = bytes.try_into().unwrap_or_default();
                frame.push_number(if format.little {
                    f64::from_le_bytes(bits)
                } else {
                    f64::from_be_bytes(bits)
                })?;
                count += 1;
            }
            b'c' => {
                if step.size == 0 {
                    let size = if count > 0 { frame.to_number(-1) } else { None };
                    let size = size.ok_or_else(|| Raise::text("format 'c0' needs a previous size"))?;
                    frame.pop(1);
                    bytes = part(data, at, cast::unsigned64(size) as usize)?;
                } else {
                    count += 1;
                }
                frame.push_bytes(bytes)?;
            }
            b's' => {
                let rest = &data[at..];
                let len = memchr::memchr(0, rest).ok_or_else(|| Raise::text("unfinished string in data"))?;
                frame.push_bytes(&rest[..len])?;
                bytes = &rest[..=len];
                count += 1;
            }
            b'x' => {}
            option => format.control(option)?,
        }
        at += bytes.len();
    }
    frame.push_number(at.wrapping_add(1) as i64 as f64)?;
    Ok(count + 1)
}

fn part(data: &[u8], at: usize, len: usize) -> Result<&[u8], Raise> {
    data.get(at..).and_then(|rest| rest.get(..len)).ok_or_else(|| Raise::argument(2, "data string too short"))
}

fn size(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let mut format = Format::new(until_zero(frame.check_bytes(1)?));
    let mut at = 0usize;
    while let Some(step) = format.step(at)? {
        match step.option {
            b's' => return Err(Raise::argument(1, "option 's' has no fixed size")),
            b'c' if step.size == 0 => return Err(Raise::argument(1, "option 'c0' has no fixed size")),
            // Letters and digits that are no options take nothing.
            option if option.is_ascii_alphanumeric() => {}
            option => format.control(option)?,
        }
        at = at.wrapping_add(step.padding).wrapping_add(step.size);
    }
    frame.push_number(at as i64 as f64)?;
    Ok(1)
}

#[cfg(test)]
mod tests;
