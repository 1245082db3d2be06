//! Values as bytes: what a snapshot keeps of them.
//!
//! A value is one piece or several in a row, so that nobody needs a second copy of a big one. A piece stands for itself:
//!
//! ```text
//!   piece     version, kind        elements to the end of the piece, at least one
//!              4 bits, 4 bits
//!   kinds     1  integer           signed varint
//!             2  string            bytes; further pieces go on where the one before ended
//!             3  list              (length, bytes)…           in order
//!             4  set               (length, member)…          members of kinds 4 and 5 may make one set
//!             5  set of integers   signed varint…             each as the distance to the one before it
//!             6  sorted set        (score, length, member)…   score: the bits of the double, low byte first
//!             7  the same, indexed
//!             8  hash              (length, field, length, value)…
//!             9  stream            parts of a stream ([`pieces`])…
//! ```
//!
//! There is no count that could lie: a piece ends where its bytes end. What is read takes the form that the limits say,
//! as if it had been written by commands; only a sorted set that was indexed stays so, because ranges by member
//! ([`ZSet::lex_ranks`]) may depend on it, and with them what a log does when it is run again.
//!
//! Reading refuses damage by [`Kind::Corrupt`]: it never panics, and allocates in proportion to what it was given.
#[cfg(test)]
pub(super) mod tests;

use super::{
    Hash, List, Set, Stream, Value, ZSet,
    hash::Pairs,
    list::{Entries, Side},
    set::Members,
    stream::pieces::{self, Pieces},
    zset::Range,
};
use crate::{
    base::{
        error::{Error, Kind, Result},
        limits::{EMBEDDED_STRING_BYTES_MAX, Encodings, STRING_BYTES_MAX},
        varint,
    },
    ds::entry::{New, Payload},
};
use std::{iter::Peekable, sync::Arc};

/// The version of the format. A reader refuses a later one.
pub const VERSION: u8 = 1;

const INT: u8 = 1;
const TEXT: u8 = 2;
const LIST: u8 = 3;
const SET: u8 = 4;
const INTS: u8 = 5;
const ZSET: u8 = 6;
const ZSET_INDEXED: u8 = 7;
const HASH: u8 = 8;
const STREAM: u8 = 9;

/// Elements that are read before they are handed over together.
const BATCH: usize = 128;

#[cold]
fn damaged() -> Error {
    Error::new(Kind::Corrupt, "ERR a stored value is damaged")
}

#[cold]
fn newer() -> Error {
    Error::new(Kind::Corrupt, "ERR a stored value was written by a newer version")
}

/// Writes a value, piece by piece.
pub struct Encoder<'v> {
    rest: Rest<'v>,
}

enum Rest<'v> {
    Int(i64),
    Text(&'v [u8]),
    List(Entries<'v>),
    Set(Peekable<Members<'v>>),
    ZSet(Range<'v>, u8),
    Hash(Pairs<'v>),
    Stream(Pieces<'v>),
}

impl<'v> Encoder<'v> {
    /// Starts with a value. An empty collection, which is nobody's value, becomes a piece that no reader takes.
    pub fn new(payload: Payload<'v, Value>) -> Self {
        let rest = match payload {
            Payload::Int(value) => Rest::Int(value),
            Payload::Bytes(text) => Rest::Text(text),
            Payload::Object(Value::Text(text)) => Rest::Text(text),
            Payload::Object(Value::List(list)) => Rest::List(list.iter()),
            Payload::Object(Value::Set(set)) => Rest::Set(set.iter().peekable()),
            Payload::Object(Value::ZSet(zset)) => {
                Rest::ZSet(zset.iter(), if zset.is_indexed() { ZSET_INDEXED } else { ZSET })
            }
            Payload::Object(Value::Hash(hash)) => Rest::Hash(hash.iter()),
            Payload::Object(Value::Stream(stream)) => Rest::Stream(stream.pieces()),
        };
        Self { rest }
    }

    /// Appends the next piece to `out`: about `piece_bytes`, or one element that is longer. False: it was the last.
    pub fn next_piece(&mut self, piece_bytes: usize, out: &mut Vec<u8>) -> bool {
        let end = out.len().saturating_add(piece_bytes);
        match &mut self.rest {
            Rest::Int(value) => {
                out.push(VERSION << 4 | INT);
                varint::write_signed(out, *value);
                false
            }
            Rest::Text(text) => {
                out.push(VERSION << 4 | TEXT);
                let (piece, rest) = text.split_at(text.len().min(piece_bytes.max(1)));
                out.extend_from_slice(piece);
                *text = rest;
                !rest.is_empty()
            }
            Rest::List(entries) => {
                out.push(VERSION << 4 | LIST);
                write_while(entries, end, out, |entry, out| varint::write_bytes(out, entry))
            }
            Rest::Set(members) => write_members(members, end, out),
            Rest::ZSet(members, kind) => {
                out.push(VERSION << 4 | *kind);
                write_while(members, end, out, |(member, score), out| {
                    out.extend_from_slice(&score.to_bits().to_le_bytes());
                    varint::write_bytes(out, member);
                })
            }
            Rest::Hash(pairs) => {
                out.push(VERSION << 4 | HASH);
                write_while(pairs, end, out, |(field, value), out| {
                    varint::write_bytes(out, field);
                    varint::write_bytes(out, value);
                })
            }
            Rest::Stream(parts) => {
                out.push(VERSION << 4 | STREAM);
                for part in parts.by_ref() {
                    part.write(out);
                    if out.len() >= end {
                        break;
                    }
                }
                parts.peek().is_some()
            }
        }
    }
}

/// Writes elements until `out` has `end` bytes. False: there are no more.
fn write_while<E: ExactSizeIterator>(
    elements: &mut E,
    end: usize,
    out: &mut Vec<u8>,
    mut write: impl FnMut(E::Item, &mut Vec<u8>),
) -> bool {
    for element in elements.by_ref() {
        write(element, out);
        if out.len() >= end {
            break;
        }
    }
    elements.len() > 0
}

/// Members that are kept as integers come first, and are written as such.
fn write_members(members: &mut Peekable<Members<'_>>, end: usize, out: &mut Vec<u8>) -> bool {
    let ints = members.peek().is_some_and(|member| member.as_int().is_some());
    out.push(VERSION << 4 | if ints { INTS } else { SET });
    let mut before = 0i64;
    while let Some(member) = members.next_if(|member| member.as_int().is_some() == ints) {
        match member.as_int() {
            Some(int) => {
                varint::write_signed(out, int.wrapping_sub(before));
                before = int;
            }
            None => varint::write_bytes(out, &member),
        }
        if out.len() >= end {
            break;
        }
    }
    members.peek().is_some()
}

/// Splits a piece into its kind and what follows.
fn open(piece: &[u8]) -> Result<(u8, &[u8])> {
    let (&head, rest) = piece.split_first().ok_or_else(damaged)?;
    match head >> 4 {
        VERSION => Ok((head & 0xf, rest)),
        version if version > VERSION => Err(newer()),
        _ => Err(damaged()),
    }
}

/// Reads a value that is one piece: without a copy when it is a short string.
///
/// # Errors
/// [`Kind::Corrupt`].
#[inline]
pub fn decode<'a>(piece: &'a [u8], limits: &Encodings) -> Result<New<'a, Value>> {
    match open(piece)? {
        (TEXT, text) if text.len() <= EMBEDDED_STRING_BYTES_MAX => Ok(New::Bytes(text)),
        (INT, mut rest) => {
            let value = varint::read_signed(&mut rest).filter(|_| rest.is_empty()).ok_or_else(damaged)?;
            Ok(New::Int(value))
        }
        _ => Ok(New::Object(Builder::start(piece, limits)?.finish())),
    }
}

/// Reads a value of several pieces, one after the other.
pub struct Builder {
    value: Value,
    /// A stream in the making.
    stream: Option<pieces::Reader>,
    limits: Encodings,
}

impl Builder {
    /// Starts with the first piece.
    ///
    /// # Errors
    /// [`Kind::Corrupt`].
    pub fn start(piece: &[u8], limits: &Encodings) -> Result<Self> {
        let (kind, _) = open(piece)?;
        let value = match kind {
            TEXT => Value::Text(Arc::default()),
            LIST => List::new().into(),
            SET | INTS => Set::new().into(),
            ZSET => ZSet::new().into(),
            ZSET_INDEXED => ZSet::indexed().into(),
            HASH => Hash::new().into(),
            STREAM => Stream::new().into(),
            // An integer is one piece, and no object.
            _ => return Err(damaged()),
        };
        let stream = (kind == STREAM).then(pieces::Reader::new);
        let mut builder = Self { value, stream, limits: *limits };
        builder.extend(piece)?;
        Ok(builder)
    }

    /// Adds the next piece. After an error the value is not to be used.
    ///
    /// # Errors
    /// [`Kind::Corrupt`]: damage, an element that is there already, a piece of another type.
    pub fn extend(&mut self, piece: &[u8]) -> Result<()> {
        let (kind, rest) = open(piece)?;
        let limits = &self.limits;
        let added = match (&mut self.value, kind) {
            (Value::Text(text), TEXT) => extend_text(Arc::make_mut(text), rest),
            (Value::List(list), LIST) => extend_list(list, rest, limits),
            (Value::Set(set), SET) => extend_set(set, rest, limits),
            (Value::Set(set), INTS) => extend_ints(set, rest, limits),
            (Value::ZSet(zset), ZSET | ZSET_INDEXED) => extend_zset(zset, rest, limits),
            (Value::Hash(hash), HASH) => extend_hash(hash, rest, limits),
            (Value::Stream(_), STREAM) => self.stream.as_mut().and_then(|stream| stream.extend(rest, limits)),
            _ => None,
        };
        added.ok_or_else(damaged)
    }

    /// Returns the value.
    pub fn finish(mut self) -> Value {
        if let Value::Text(text) = &mut self.value {
            Arc::make_mut(text).shrink_to_fit();
        }
        self.stream.map_or(self.value, |stream| stream.finish().into())
    }
}

fn extend_text(text: &mut Vec<u8>, rest: &[u8]) -> Option<()> {
    if text.len() + rest.len() > STRING_BYTES_MAX {
        return None;
    }
    text.extend_from_slice(rest);
    Some(())
}

/// Reads up to [`BATCH`] elements into `batch`, which is emptied first. `None`: damage.
fn read_batch<'a, T>(
    rest: &mut &'a [u8],
    batch: &mut Vec<T>,
    read: impl Fn(&mut &'a [u8]) -> Option<T>,
) -> Option<()> {
    batch.clear();
    while !rest.is_empty() && batch.len() < BATCH {
        batch.push(read(rest)?);
    }
    (!batch.is_empty()).then_some(())
}

fn extend_list(list: &mut List, mut rest: &[u8], limits: &Encodings) -> Option<()> {
    let mut batch = Vec::new();
    while batch.is_empty() || !rest.is_empty() {
        read_batch(&mut rest, &mut batch, varint::read_bytes)?;
        list.push(Side::Right, &batch, limits);
    }
    Some(())
}

fn extend_set(set: &mut Set, mut rest: &[u8], limits: &Encodings) -> Option<()> {
    let mut batch = Vec::new();
    while batch.is_empty() || !rest.is_empty() {
        read_batch(&mut rest, &mut batch, varint::read_bytes)?;
        set.expect(batch.first()?, batch.len(), limits);
        if !batch.iter().all(|member| set.insert(member, limits)) {
            return None;
        }
    }
    Some(())
}

fn extend_ints(set: &mut Set, mut rest: &[u8], limits: &Encodings) -> Option<()> {
    let (mut before, mut some) = (0i64, false);
    while !some || !rest.is_empty() {
        let int = before.wrapping_add(varint::read_signed(&mut rest)?);
        if !set.insert(&crate::base::num::Text::int(int), limits) {
            return None;
        }
        (before, some) = (int, true);
    }
    Some(())
}

fn extend_zset(zset: &mut ZSet, mut rest: &[u8], limits: &Encodings) -> Option<()> {
    let mut some = false;
    while !some || !rest.is_empty() {
        let (score, after) = rest.split_first_chunk()?;
        rest = after;
        let (score, member) = (f64::from_le_bytes(*score), varint::read_bytes(&mut rest)?);
        if score.is_nan() || zset.insert(member, score, limits).is_some() {
            return None;
        }
        some = true;
    }
    Some(())
}

fn extend_hash(hash: &mut Hash, mut rest: &[u8], limits: &Encodings) -> Option<()> {
    let mut batch = Vec::new();
    while batch.is_empty() || !rest.is_empty() {
        read_batch(&mut rest, &mut batch, |rest| {
            Some((varint::read_bytes(rest)?, varint::read_bytes(rest)?))
        })?;
        hash.expect(batch.len(), batch.iter().flat_map(|(field, value)| [*field, *value]), limits);
        if !batch.iter().all(|(field, value)| hash.set(field, value, limits)) {
            return None;
        }
    }
    Some(())
}
