//! Commands and replies as flat buffers, without a pointer in them: for languages to which every pointer costs.
//!
//! The format is on the front page of the header, in `lib.rs`; the numbers of a reply's types are those of `tenon_type`.
use crate::{
    boundary::{Out, boundary, caught, copy_to, misuse, replying, slice},
    bytes::tenon_bytes,
    call,
    db::{self, tenon_db},
    number::Number,
    reply::{self, tenon_reply},
    status::tenon_status,
    value::*,
};
use tenondb::{Error, Kind, Reply, Result};

/// A word of a packed command: as it was lent, or a number as text.
pub enum Word<'a> {
    Lent(&'a [u8]),
    Number(Number),
}

impl AsRef<[u8]> for Word<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Number(number) => number.text(),
        }
    }
}

/// What is left of a packed buffer.
struct Source<'a>(&'a [u8]);

#[cold]
fn torn() -> Error {
    misuse("ERR this is no packed command")
}

impl<'a> Source<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(torn)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| torn())
    }

    /// A count of things that take at least `each` bytes: more than there can be is refused before room is made for them.
    fn count(&mut self, each: usize) -> Result<usize> {
        let count = u32::from_le_bytes(self.array()?) as usize;
        if count > self.0.len() / each { Err(torn()) } else { Ok(count) }
    }

    fn word(&mut self) -> Result<Word<'a>> {
        match self.take(1)?[0] {
            0 => {
                let len = u32::from_le_bytes(self.array()?) as usize;
                Ok(Word::Lent(self.take(len)?))
            }
            1 => Ok(Word::Number(Number::of_int(i64::from_le_bytes(self.array()?)))),
            2 => Ok(Word::Number(Number::of_float(f64::from_le_bytes(self.array()?)))),
            _ => Err(torn()),
        }
    }

    fn command(&mut self) -> Result<Vec<Word<'a>>> {
        let count = self.count(5)?;
        let mut words = Vec::with_capacity(count);
        for _ in 0..count {
            words.push(self.word()?);
        }
        Ok(words)
    }

    fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(torn()) }
    }
}

/// Reads one packed command.
pub fn command<'a>(data: *const u8, len: usize) -> Result<Vec<Word<'a>>> {
    let mut source = Source(slice(data, len)?);
    let words = source.command()?;
    source.end().map(|()| words)
}

/// Runs a command that is given as one flat buffer (the format is on the front page), and otherwise as tenon_call does.
/// Numbers among the words are written as text by the library.
///
/// Errors: TENON_MISUSE when the buffer is none.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_call_packed(
    db: *const tenon_db,
    data: *const u8,
    len: usize,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    replying(reply, || db::get(db)?.call(command(data, len)?))
}

/// Runs a command that is given as one flat buffer, and writes the reply as one flat buffer to the caller's. `*len` is the
/// length of the reply. When that is above `capacity` the buffer holds nothing of use, and `*rest` is the reply, for
/// tenon_reply_packed and tenon_reply_free; otherwise it is NULL.
///
/// Returns the status of the command; an error is a reply as any other.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_call_into(
    db: *const tenon_db,
    data: *const u8,
    data_len: usize,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    rest: *mut *mut tenon_reply,
) -> tenon_status {
    pack_into(buffer, capacity, len, rest, || db::get(db)?.call(command(data, data_len)?))
}

/// Runs commands that are given as one flat buffer as one step, as tenon_batch does, and writes the reply as
/// tenon_call_into does.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_batch_into(
    db: *const tenon_db,
    data: *const u8,
    data_len: usize,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    rest: *mut *mut tenon_reply,
) -> tenon_status {
    pack_into(buffer, capacity, len, rest, || {
        let db = db::get(db)?;
        let mut source = Source(slice(data, data_len)?);
        let mut batch = db.batch();
        for _ in 0..source.count(4)? {
            batch.call(source.command()?);
        }
        source.end()?;
        call::run(batch)
    })
}

/// Writes what `run` answers to the caller's buffer, or makes a reply of it when there is no room.
pub fn pack_into(
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    rest: *mut *mut tenon_reply,
    run: impl FnOnce() -> Result<Reply>,
) -> tenon_status {
    let (Some(len), Some(_)) = (Out::optional(len, 0), Out::optional(rest, std::ptr::null_mut())) else {
        return boundary(|| Err(misuse("ERR a reply needs a place")));
    };
    let (mut made, mut status) = (None, 0);
    let ran = boundary(|| {
        let reply = match caught(run) {
            Ok(reply) => reply,
            Err(error) => Reply::Error(error),
        };
        if let Reply::Error(error) = &reply {
            status = error.kind() as tenon_status;
        }
        let mut place = Place { buffer, capacity, len: 0 };
        pack(&reply, &mut place)?;
        len.put(place.len);
        if !place.has_all() {
            made = Some(reply);
        }
        Ok(())
    });
    match made {
        Some(reply) => {
            let wrote = replying(rest, || Ok(reply));
            if status == 0 { wrote } else { status }
        }
        None if ran == 0 => status,
        None => ran,
    }
}

/// Writes a reply as one flat buffer (the format is on the front page) to the caller's. `*len` is the length it has,
/// whatever `capacity` is.
///
/// Errors: TENON_LIMIT when it is above `capacity`: the buffer, which may then be NULL, holds nothing of use.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_reply_packed(
    reply: *const tenon_reply,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> tenon_status {
    boundary(|| {
        let len = Out::new(len, 0)?;
        let mut place = Place { buffer, capacity, len: 0 };
        pack_value(reply::root(reply), &mut place)?;
        len.put(place.len);
        if place.has_all() {
            return Ok(());
        }
        Err(Error::new(Kind::Limit, "ERR the buffer is too small for the reply"))
    })
}

/// The caller's buffer: what has room is written, and what has none is counted.
pub struct Place {
    buffer: *mut u8,
    capacity: usize,
    len: usize,
}

impl Place {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if end <= self.capacity && !self.buffer.is_null() {
            copy_to(bytes, self.buffer.wrapping_add(self.len), self.capacity - self.len);
        }
        self.len = end;
    }

    fn has_all(&self) -> bool {
        self.len <= self.capacity && !self.buffer.is_null()
    }
}

fn put_count(to: &mut Place, count: usize) -> Result<()> {
    let count = u32::try_from(count)
        .map_err(|_| Error::new(Kind::Limit, "ERR the reply is too large for the packed form"))?;
    to.put(&count.to_le_bytes());
    Ok(())
}

fn put_text(to: &mut Place, kind: tenon_type, text: &[u8]) -> Result<()> {
    to.put(&[kind as u8]);
    put_count(to, text.len())?;
    to.put(text);
    Ok(())
}

fn put_list(to: &mut Place, kind: tenon_type, len: usize) -> Result<()> {
    to.put(&[kind as u8]);
    put_count(to, len)
}

/// Appends a reply in the packed form.
pub fn pack(reply: &Reply, to: &mut Place) -> Result<()> {
    match reply {
        Reply::Int(value) => {
            to.put(&[TENON_INT as u8]);
            to.put(&value.to_le_bytes());
        }
        Reply::Float(value) => {
            to.put(&[TENON_FLOAT as u8]);
            to.put(&value.to_le_bytes());
        }
        Reply::Bool(value) => to.put(&[TENON_BOOL as u8, u8::from(*value)]),
        Reply::Bytes(text) => put_text(to, TENON_STRING, text)?,
        Reply::Status(text) => put_text(to, TENON_STATUS, text)?,
        Reply::Text(text) => put_text(to, TENON_VERBATIM, text)?,
        Reply::Array(items) => {
            put_list(to, TENON_ARRAY, items.len())?;
            items.iter().try_for_each(|item| pack(item, to))?;
        }
        Reply::Set(items) => {
            put_list(to, TENON_SET, items.len())?;
            items.iter().try_for_each(|item| pack(item, to))?;
        }
        Reply::Map(pairs) => {
            put_list(to, TENON_MAP, pairs.len() * 2)?;
            pairs.iter().flat_map(|(key, value)| [key, value]).try_for_each(|item| pack(item, to))?;
        }
        Reply::Error(error) => {
            to.put(&[TENON_ERROR as u8, error.kind() as u8]);
            put_count(to, error.text().len())?;
            to.put(error.text());
        }
        _ => to.put(&[TENON_NIL as u8]),
    }
    Ok(())
}

fn pack_value(value: &tenon_value, to: &mut Place) -> Result<()> {
    match value.kind {
        TENON_INT => {
            to.put(&[TENON_INT as u8]);
            // SAFETY: of this type `integer` is what was written.
            to.put(&unsafe { value.data.integer }.to_le_bytes());
        }
        TENON_FLOAT => {
            to.put(&[TENON_FLOAT as u8]);
            // SAFETY: of this type `number` is what was written.
            to.put(&unsafe { value.data.number }.to_le_bytes());
        }
        // SAFETY: of this type `integer` is what was written.
        TENON_BOOL => to.put(&[TENON_BOOL as u8, unsafe { value.data.integer } as u8]),
        TENON_ARRAY | TENON_MAP | TENON_SET => {
            // SAFETY: of these types `list` is what was written.
            let list = unsafe { value.data.list };
            put_list(to, value.kind, list.len)?;
            slice(list.items, list.len)?.iter().try_for_each(|item| pack_value(item, to))?;
        }
        kind => match reply::text(value) {
            Some(text) if kind == TENON_ERROR => {
                to.put(&[TENON_ERROR as u8, value.status as u8]);
                put_count(to, text.len)?;
                to.put(tenon_bytes::get(&text)?);
            }
            Some(text) => put_text(to, kind, text.get()?)?,
            None => to.put(&[TENON_NIL as u8]),
        },
    }
    Ok(())
}
