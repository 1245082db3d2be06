//! The library `cmsgpack`: MessagePack for scripts, as lua-cmsgpack 0.4 has it in Redis.
//!
//! A table whose keys are exactly 1 to n is a list, and any other a map. What MessagePack cannot say is nil, and so is a table
//! inside of sixteen others, which is where tables that contain themselves end.
use super::{
    arguments::{Patience, functions, optional_int, room},
    msgpack::{
        read::{Fault, Item, take},
        write,
    },
    output::Output,
};
use tenondb_lua::{Cursor, Frame, Kind, Native, Raise};

const DEPTH_MAX: usize = 16;

const FUNCTIONS: [(&str, Native); 4] =
    [("pack", pack), ("unpack", unpack), ("unpack_one", unpack_one), ("unpack_limit", unpack_limit)];

/// Pushes the library's table.
pub fn open(frame: &mut Frame<'_>) -> Result<(), Raise> {
    functions(frame, &FUNCTIONS)?;
    for (name, text) in [
        ("_NAME", "cmsgpack"),
        ("_VERSION", "lua-cmsgpack 0.4.0"),
        ("_COPYRIGHT", "Copyright (C) 2012, Redis Ltd."),
        ("_DESCRIPTION", "MessagePack C implementation for Lua"),
    ] {
        frame.push_bytes(text.as_bytes())?;
        frame.raw_set_field(-2, name.as_bytes())?;
    }
    Ok(())
}

fn pack(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let count = frame.len();
    if count == 0 {
        return Err(Raise::argument(0, "MessagePack pack needs input."));
    }
    if !frame.room(count) {
        return Err(Raise::argument(0, "Too many arguments for MessagePack pack."));
    }
    let mut packer = Packer { out: Output::new(frame.memory_left()), patience: Patience::default() };
    for at in 1..=count as i32 {
        room(frame, 1, "in function mp_check")?;
        frame.push_copy(at)?;
        packer.value(frame, 0)?;
    }
    frame.push_bytes(packer.out.bytes())?;
    Ok(1)
}

/// What is packed so far.
struct Packer {
    out: Output,
    patience: Patience,
}

impl Packer {
    /// Packs the topmost value, and takes it away.
    fn value(&mut self, frame: &mut Frame<'_>, depth: usize) -> Result<(), Raise> {
        self.patience.step(frame)?;
        let out = &mut self.out;
        match frame.kind(-1) {
            Kind::String => write::bytes(out, frame.bytes(-1).unwrap_or_default())?,
            Kind::Boolean => write::boolean(out, frame.truth(-1))?,
            Kind::Number => write::number(out, frame.number(-1).unwrap_or_default())?,
            Kind::Table if depth < DEPTH_MAX => match array_len(frame)? {
                Some(len) => self.array(frame, len, depth)?,
                None => self.map(frame, depth)?,
            },
            _ => write::nil(out)?,
        }
        frame.pop(1);
        Ok(())
    }

    fn array(&mut self, frame: &mut Frame<'_>, len: i32, depth: usize) -> Result<(), Raise> {
        write::array(&mut self.out, len as usize)?;
        room(frame, 1, "in function mp_encode_lua_table_as_array")?;
        for place in 1..=len {
            frame.raw_get_index(-1, place)?;
            self.value(frame, depth + 1)?;
        }
        Ok(())
    }

    fn map(&mut self, frame: &mut Frame<'_>, depth: usize) -> Result<(), Raise> {
        room(frame, 3, "in function mp_encode_lua_table_as_map")?;
        let (mut count, mut cursor) = (0, Cursor::default());
        while frame.next(-1, &mut cursor)? {
            frame.pop(2);
            count += 1;
        }
        write::map(&mut self.out, count)?;
        let mut cursor = Cursor::default();
        while frame.next(-1, &mut cursor)? {
            frame.push_copy(-2)?;
            self.value(frame, depth + 1)?;
            self.value(frame, depth + 1)?;
            frame.pop(1);
        }
        Ok(())
    }
}

/// Returns the length of the topmost table if it is a list.
fn array_len(frame: &mut Frame<'_>) -> Result<Option<i32>, Raise> {
    room(frame, 2, "in function table_is_an_array")?;
    let (mut count, mut max) = (0, 0.0f64);
    let mut cursor = Cursor::default();
    while frame.next(-1, &mut cursor)? {
        let key = frame.number(-2);
        frame.pop(2);
        match key {
            Some(key) if key > 0.0 && f64::from(key as i32) == key => max = max.max(key),
            _ => return Ok(None),
        }
        count += 1;
    }
    // So many different keys, none of them above their count: all that there are.
    Ok((max == f64::from(count)).then_some(count))
}

fn unpack(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    unpack_some(frame, 0, 0)
}

fn unpack_one(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let offset = optional_int(frame, 2, 0)?;
    keep_one(frame);
    unpack_some(frame, 1, offset)
}

fn unpack_limit(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let limit = frame.check_int(2)?;
    let offset = optional_int(frame, 3, 0)?;
    keep_one(frame);
    unpack_some(frame, limit, offset)
}

/// Drops all arguments but the first, so that results lie right above it.
fn keep_one(frame: &mut Frame<'_>) {
    if frame.len() > 1 {
        frame.truncate(1);
    }
}

/// Unpacks up to `limit` values from `offset` on, and pushes where the next one begins (-1: there is none) below them; all values,
/// and nothing else, when both are zero.
fn unpack_some(frame: &mut Frame<'_>, limit: i64, offset: i64) -> Result<usize, Raise> {
    let all = limit == 0 && offset == 0;
    let data = frame.check_bytes(1)?;
    // The numbers go through an `int` of C, and it is the length that is told for the limit.
    let (start, len) = (offset as i32, data.len() as i32);
    if offset < 0 || limit < 0 {
        let why = format!("Invalid request to unpack with offset of {start} and limit of {len}.");
        return Err(Raise::text(why));
    }
    let Some(mut rest) = usize::try_from(offset).ok().and_then(|offset| data.get(offset..)) else {
        return Err(Raise::text(format!("Start offset {start} greater than input length {len}.")));
    };
    let limit = if all { i64::from(i32::MAX) } else { limit };
    let mut count = 0;
    let mut patience = Patience::default();
    while !rest.is_empty() && (count as i64) < limit {
        unpack_value(frame, &mut rest, &mut patience)?;
        count += 1;
    }
    if !all {
        room(frame, 1, "in function mp_unpack_full")?;
        let next = if rest.is_empty() { -1.0 } else { (data.len() - rest.len()) as f64 };
        frame.push_number(next)?;
        frame.insert(2);
        count += 1;
    }
    Ok(count)
}

/// A list or map on Lua's stack that is not whole yet, and how much of it is to come.
enum Open {
    /// The place of the next item lies above it.
    Array { left: usize, place: usize },
    /// Its key lies above it when `keyed`.
    Map { left: usize, keyed: bool },
}

/// Pushes the value that stands in front.
fn unpack_value(frame: &mut Frame<'_>, rest: &mut &[u8], patience: &mut Patience) -> Result<(), Raise> {
    let mut open: Vec<Open> = Vec::new();
    loop {
        patience.step(frame)?;
        if rest.is_empty() {
            return Err(refuse(Fault::Short));
        }
        room(frame, 1, "too many return values at once; use unpack_one or unpack_limit instead.")?;
        match take(rest).map_err(refuse)? {
            Item::Nil => frame.push_nil()?,
            Item::Boolean(value) => frame.push_bool(value)?,
            Item::Number(value) => frame.push_number(value)?,
            Item::Bytes(value) => frame.push_bytes(value)?,
            Item::Array(len) => {
                frame.push_table(0, 0)?;
                room(frame, 1, "in function mp_decode_to_lua_array")?;
                if len > 0 {
                    // The place lies on the stack as it does in Redis, so that depth ends where it ends there.
                    frame.push_number(1.0)?;
                    open.push(Open::Array { left: len, place: 1 });
                    continue;
                }
            }
            Item::Map(len) => {
                frame.push_table(0, 0)?;
                if len > 0 {
                    open.push(Open::Map { left: len, keyed: false });
                    continue;
                }
            }
        }
        // A value is whole: it goes into what is open, which may be whole by that.
        loop {
            let left = match open.last_mut() {
                None => return Ok(()),
                Some(Open::Map { keyed, .. }) if !*keyed => {
                    *keyed = true;
                    break;
                }
                Some(Open::Map { left, keyed }) => {
                    *keyed = false;
                    *left -= 1;
                    set(frame)?;
                    *left
                }
                Some(Open::Array { left, place }) => {
                    *left -= 1;
                    *place += 1;
                    frame.raw_set(-3)?;
                    if *left > 0 {
                        frame.push_number(*place as f64)?;
                    }
                    *left
                }
            };
            if left > 0 {
                break;
            }
            open.pop();
        }
    }
}

/// Puts the topmost value under the key below it into the table below that.
fn set(frame: &mut Frame<'_>) -> Result<(), Raise> {
    let why = match frame.kind(-2) {
        Kind::Nil => "table index is nil",
        Kind::Number if frame.number(-2).is_some_and(f64::is_nan) => "table index is NaN",
        _ => return frame.raw_set(-3),
    };
    // Lua itself refuses such a key, and names no line of the script.
    frame.push_bytes(why.as_bytes())?;
    Err(Raise::Top)
}

fn refuse(fault: Fault) -> Raise {
    Raise::text(match fault {
        Fault::Short => "Missing bytes in input.",
        Fault::Unknown => "Bad data format in input.",
    })
}

#[cfg(test)]
mod tests;
