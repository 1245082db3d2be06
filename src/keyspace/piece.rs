//! Entries as pieces: what a snapshot keeps of a key.
//!
//! ```text
//!   piece    db u8 │ flags u8 │ varint key length │ key │ deadline u64, if any │ value, or a part of it
//!   flags    1 has a deadline      2 first piece of its key      4 last piece of its key
//! ```
//!
//! A big value goes on in further pieces right behind the first one ([`codec`]). Every piece names its key, so that one
//! that came apart from its neighbours is not taken for a part of another key. The deadline is in Unix milliseconds,
//! little-endian. Access clocks and the wheel's items are not kept: they are made anew.
use super::Entry;
use crate::{
    base::{
        error::{Error, Kind, Result},
        limits::{DATABASES, Encodings, SNAPSHOT_PIECE_BYTES},
        varint,
    },
    value::codec::{self, Builder, Encoder},
};

const DEADLINE: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;
/// Room that is kept for the next entry.
const KEPT_BYTES: usize = 1 << 20;

#[cold]
fn damaged() -> Error {
    Error::new(Kind::Corrupt, "ERR a stored key is damaged")
}

/// Writes entries; its room is used again for each of them.
#[derive(Default)]
pub struct Pieces {
    buffer: Vec<u8>,
}

impl Pieces {
    /// Writes the entry of a key of database `db`: hands its pieces to `push`, one after the other.
    ///
    /// # Errors
    /// What `push` returns: then the rest is left out.
    pub fn write(&mut self, db: u32, entry: &Entry, push: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (mut value, mut flags) = (Encoder::new(entry.payload()), FIRST);
        loop {
            self.buffer.clear();
            let deadline = entry.expire_at_ms();
            flags |= if deadline.is_some() { DEADLINE } else { 0 };
            self.buffer.extend_from_slice(&[db as u8, flags]);
            varint::write_bytes(&mut self.buffer, entry.key());
            if let Some(at_ms) = deadline {
                self.buffer.extend_from_slice(&at_ms.to_le_bytes());
            }
            let more = value.next_piece(SNAPSHOT_PIECE_BYTES, &mut self.buffer);
            if !more {
                self.buffer[1] |= LAST;
            }
            push(&self.buffer)?;
            self.buffer.shrink_to(KEPT_BYTES);
            if !more {
                return Ok(());
            }
            flags = 0;
        }
    }
}

/// A piece, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'b> {
    pub db: u32,
    pub key: &'b [u8],
    pub expire_at_ms: Option<u64>,
    flags: u8,
    value: &'b [u8],
}

/// Tells whether the key of the piece in `bytes` goes on in the next one.
pub fn goes_on(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|flags| flags & LAST == 0)
}

impl<'b> Piece<'b> {
    /// Takes a piece apart; its value is not looked at.
    ///
    /// # Errors
    /// [`Kind::Corrupt`].
    #[inline]
    pub fn read(bytes: &'b [u8]) -> Result<Self> {
        Self::split(bytes).ok_or_else(damaged)
    }

    #[inline]
    fn split(bytes: &'b [u8]) -> Option<Self> {
        let (&[db, flags], mut rest) = bytes.split_first_chunk()?;
        let key = varint::read_bytes(&mut rest)?;
        let mut expire_at_ms = None;
        if flags & DEADLINE != 0 {
            let (at_ms, after) = rest.split_first_chunk()?;
            expire_at_ms = Some(u64::from_le_bytes(*at_ms));
            rest = after;
        }
        let known = usize::from(db) < DATABASES && flags <= (DEADLINE | FIRST | LAST);
        known.then_some(Self { db: db.into(), key, expire_at_ms, flags, value: rest })
    }

    /// Tells whether this is the whole entry.
    #[inline]
    pub fn is_whole(&self) -> bool {
        self.flags & (FIRST | LAST) == FIRST | LAST
    }

    /// Tells whether the key begins here.
    pub fn is_first(&self) -> bool {
        self.flags & FIRST != 0
    }

    /// Makes the entry of a whole piece: one allocation when its value is a short string or an integer.
    ///
    /// # Errors
    /// [`Kind::Corrupt`].
    #[inline]
    pub fn entry(&self, limits: &Encodings) -> Result<Entry> {
        Ok(Entry::new(self.key, codec::decode(self.value, limits)?, self.expire_at_ms))
    }
}

/// A key whose value comes in several pieces.
pub struct Growing {
    db: u32,
    key: Vec<u8>,
    expire_at_ms: Option<u64>,
    value: Builder,
}

impl Growing {
    /// Starts with the first of several pieces.
    ///
    /// # Errors
    /// [`Kind::Corrupt`].
    pub fn start(first: &Piece<'_>, limits: &Encodings) -> Result<Self> {
        if !first.is_first() {
            return Err(damaged());
        }
        let value = Builder::start(first.value, limits)?;
        Ok(Self { db: first.db, key: first.key.to_vec(), expire_at_ms: first.expire_at_ms, value })
    }

    /// Adds the next piece; true when it was the last one.
    ///
    /// # Errors
    /// [`Kind::Corrupt`]: damage, or the piece of another key.
    pub fn extend(&mut self, next: &Piece<'_>) -> Result<bool> {
        if next.is_first() || next.db != self.db || next.key != self.key {
            return Err(damaged());
        }
        self.value.extend(next.value)?;
        Ok(next.flags & LAST != 0)
    }

    /// Returns the entry with its database.
    pub fn finish(self) -> (u32, Entry) {
        let new = crate::ds::entry::New::Object(self.value.finish());
        (self.db, Entry::new(&self.key, new, self.expire_at_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ds::entry::Payload,
        keyspace::digest::of_value,
        value::{List, Value, list::Side},
    };

    fn pieces(db: u32, entry: &Entry) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let push = &mut |piece: &[u8]| {
            all.push(piece.to_vec());
            Ok(())
        };
        Pieces::default().write(db, entry, push).unwrap();
        all
    }

    fn big() -> Entry {
        let (mut list, limits) = (List::new(), Encodings::default());
        (0..70_000u32).for_each(|n| list.push(Side::Right, &[&n.to_le_bytes(), b"of many"], &limits));
        Entry::object(b"big", list.into())
    }

    #[test]
    fn small_entries_are_one_piece() {
        let mut entry = Entry::bytes(b"key", b"text");
        entry.set_expire_at_ms(Some(77));
        let all = pieces(3, &entry);
        let piece = Piece::read(&all[0]).unwrap();
        assert!(all.len() == 1 && piece.is_whole() && !goes_on(&all[0]));
        let back = piece.entry(&Encodings::default()).unwrap();
        assert_eq!((piece.db, back.key(), back.expire_at_ms()), (3, &b"key"[..], Some(77)));
        assert!(matches!(back.payload(), Payload::Bytes(b"text")));
        for cut in 0..all[0].len() - 4 {
            let entry = Piece::read(&all[0][..cut]).and_then(|piece| piece.entry(&Encodings::default()));
            assert!(entry.is_err(), "{cut}");
        }
        let mut other = all[0].clone();
        other[0] = DATABASES as u8;
        assert!(Piece::read(&other).is_err(), "no such database");
    }

    #[test]
    fn big_values_go_on_and_do_not_take_foreign_pieces() {
        let limits = Encodings::default();
        let all = pieces(1, &big());
        assert!(all.len() > 3 && all[1..all.len() - 1].iter().all(|piece| goes_on(piece)));
        let parts: Vec<_> = all.iter().map(|bytes| Piece::read(bytes).unwrap()).collect();
        let mut growing = Growing::start(&parts[0], &limits).unwrap();
        for (at, part) in parts.iter().enumerate().skip(1) {
            assert_eq!(growing.extend(part).unwrap(), at == parts.len() - 1);
        }
        let (db, back) = growing.finish();
        assert_eq!((db, back.key(), of_value(&back)), (1, &b"big"[..], of_value(&big())));
        assert!(matches!(back.payload(), Payload::Object(Value::List(_))));
        assert!(Growing::start(&parts[1], &limits).is_err(), "not the first");
        for foreign in [pieces(2, &big()), pieces(1, &big().with_key(b"other"))] {
            let mut growing = Growing::start(&parts[0], &limits).unwrap();
            assert!(growing.extend(&Piece::read(&foreign[1]).unwrap()).is_err());
        }
    }
}
