//! Strings as commands see them. A short one is part of its key's allocation, an integer is an integer, and
//! a long one is a shared block: which of them it is, is decided here.
use super::{
    Entry,
    stripe::{Stripe, is_dead},
    view::{View, seconds},
};
use crate::{
    base::{
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::EMBEDDED_STRING_BYTES_MAX,
        num,
    },
    ds::entry::{New, Payload},
    value::{Type, Value},
};
use std::{borrow::Cow, sync::Arc};

/// A string, as it is stored.
#[derive(Debug, Clone, Copy)]
pub enum Str<'k> {
    Int(i64),
    Bytes(&'k [u8]),
    Shared(&'k Arc<Vec<u8>>),
}

/// What happens to a key's time to live when it gets a new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ttl {
    /// The new value lives for ever.
    #[default]
    Clear,
    /// The deadline stays as it is.
    Keep,
    /// The new deadline, in Unix milliseconds.
    At(u64),
}

impl<'k> Str<'k> {
    /// Hands the bytes to `body`; an integer is rendered on the stack.
    pub fn with<R>(self, body: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Self::Int(value) => body(&num::Text::int(value)),
            Self::Bytes(data) => body(data),
            Self::Shared(data) => body(data),
        }
    }

    /// The length in bytes.
    pub fn len(self) -> usize {
        self.with(<[u8]>::len)
    }

    /// Tells whether the string is empty.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The string as an integer, when it reads as one.
    #[inline]
    pub fn as_int(self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(value),
            Self::Bytes(data) => num::parse_int(data),
            Self::Shared(_) => None,
        }
    }

    /// An owned form: copied when short, shared when long.
    #[inline]
    pub fn to_owned(self) -> Bytes {
        match self {
            Self::Int(value) => Bytes::copy(&num::Text::int(value)),
            Self::Bytes(data) => Bytes::copy(data),
            Self::Shared(data) => Bytes::shared(Arc::clone(data)),
        }
    }
}

impl Emit for Str<'_> {
    fn emit(self, to: &mut dyn Sink) {
        match self {
            Self::Int(value) => to.bytes(&num::Text::int(value)),
            Self::Bytes(data) => to.bytes(data),
            Self::Shared(data) => Arc::clone(data).emit(to),
        }
    }
}

impl From<Str<'_>> for Bytes {
    fn from(value: Str<'_>) -> Self {
        value.to_owned()
    }
}

#[cold]
fn overflow() -> Error {
    Error::command("ERR increment or decrement would overflow")
}

impl View<'_> {
    /// Returns the string at `key`. Another type: WRONGTYPE.
    #[inline]
    pub fn string(&mut self, key: &[u8]) -> Result<Option<Str<'_>>> {
        self.read(key).map(string).transpose()
    }

    /// The same for a command that is going to write: neither a hit nor a miss.
    #[inline]
    pub fn string_to_write(&mut self, key: &[u8]) -> Result<Option<Str<'_>>> {
        self.find::<false>(key).map(string).transpose()
    }

    /// Returns the string at `key`, or nothing when it holds another type: MGET.
    pub fn string_or_nothing(&mut self, key: &[u8]) -> Option<Str<'_>> {
        self.string(key).ok().flatten()
    }

    /// Sets `key` to a string, whatever was there. What reads as an integer is stored as one, as Redis does. False: its
    /// time is over already, and it was not set.
    pub fn set(&mut self, key: &[u8], data: &[u8], ttl: Ttl) -> bool {
        let mut lent = data.into();
        self.store(key, num::parse_int(data).map_or_else(|| text(&mut lent), New::Int), ttl, true)
    }

    /// Sets `key` to a string that stays text even when it reads as an integer, as INCRBYFLOAT's results do.
    pub fn set_text(&mut self, key: &[u8], data: &[u8], ttl: Ttl) {
        self.store(key, text(&mut data.into()), ttl, false);
    }

    /// Adds `by` to the integer at `key`, which counts as 0 when there is none; its deadline stays. What is an integer
    /// already is changed in place.
    ///
    /// # Errors
    /// `WRONGTYPE`; `ERR value is not an integer or out of range`; `ERR increment or decrement would overflow`.
    #[inline]
    pub fn increment(&mut self, key: &[u8], by: i64) -> Result<i64> {
        match self.increment_int(key, by) {
            Some(new) => new.ok_or_else(overflow),
            None => self.increment_text(key, by),
        }
    }

    /// The usual case, in one look-up: an integer is there. Overflow: `Some(None)`.
    #[inline]
    fn increment_int(&mut self, key: &[u8], by: i64) -> Option<Option<i64>> {
        let (hash, now_ms, db) = (self.hash(key), self.now_ms, self.db);
        let Stripe { slices, tally, .. } = self.stripe(hash);
        let entry = slices[db as usize].table.find_mut(hash, |e| e.is(key))?;
        let Payload::Int(old) = entry.payload() else { return None };
        if is_dead(entry, now_ms) {
            return None;
        }
        let Some(new) = old.checked_add(by) else { return Some(None) };
        // An integer over an integer: neither size nor deadline change.
        entry.set_int(new);
        entry.set_clock(seconds(now_ms));
        tally.interest.changed(db as u8, hash, key);
        Some(Some(new))
    }

    fn increment_text(&mut self, key: &[u8], by: i64) -> Result<i64> {
        let mut place = self.place(key);
        let (old, at_ms) = match place.find(key) {
            None => (0, None),
            Some(entry) => match entry.payload() {
                Payload::Int(old) => (old, entry.expire_at_ms()),
                Payload::Bytes(data) => {
                    (num::parse_int(data).ok_or_else(Error::not_an_integer)?, entry.expire_at_ms())
                }
                Payload::Object(Value::Text(_)) => return Err(Error::not_an_integer()),
                Payload::Object(_) => return Err(Error::wrong_type()),
            },
        };
        let new = old.checked_add(by).ok_or_else(overflow)?;
        place.set(key, New::Int(new), at_ms);
        Ok(new)
    }

    #[inline]
    fn store(&mut self, key: &[u8], payload: New<'_, Value>, ttl: Ttl, overwrites: bool) -> bool {
        if let Ttl::At(at_ms) = ttl
            && at_ms <= self.now_ms
        {
            self.expire_now(key);
            return false;
        }
        let mut place = self.place(key);
        if overwrites {
            place.say_overwritten(key, Type::String);
        }
        let at_ms = match ttl {
            Ttl::Clear => None,
            Ttl::Keep => place.find(key).and_then(|e| e.expire_at_ms()),
            Ttl::At(at_ms) => Some(at_ms),
        };
        place.set(key, payload, at_ms);
        true
    }

    /// Changes the bytes of the string at `key`, which starts empty when there is none; its deadline stays.
    /// Another type: WRONGTYPE. When `body` fails it must have changed nothing, and nothing is changed. The result is
    /// a raw string, as after Redis's APPEND and SETRANGE, even when it reads as an integer. A long string is changed
    /// in place unless somebody shares it.
    pub fn edit<R>(&mut self, key: &[u8], body: impl FnOnce(&mut Vec<u8>) -> Result<R>) -> Result<R> {
        let mut place = self.place(key);
        let (mut data, at_ms) = match place.find(key) {
            None => (Vec::new(), None),
            Some(entry) => match entry.payload() {
                Payload::Int(value) => (num::Text::int(value).to_vec(), entry.expire_at_ms()),
                Payload::Bytes(data) => (data.to_vec(), entry.expire_at_ms()),
                Payload::Object(Value::Text(_)) => return place.edit_shared(key, body),
                Payload::Object(_) => return Err(Error::wrong_type()),
            },
        };
        let result = body(&mut data)?;
        place.set(key, text(&mut data.into()), at_ms);
        if let Some(entry) = place.find_mut(key) {
            entry.set_raw(true);
        }
        Ok(result)
    }
}

/// The string in an entry. Another type: WRONGTYPE.
#[inline]
fn string(entry: &Entry) -> Result<Str<'_>> {
    match entry.payload() {
        Payload::Int(value) => Ok(Str::Int(value)),
        Payload::Bytes(data) => Ok(Str::Bytes(data)),
        Payload::Object(Value::Text(data)) => Ok(Str::Shared(data)),
        Payload::Object(_) => Err(Error::wrong_type()),
    }
}

/// Either form that a short or a long string takes in an entry. What is lent is copied, what is owned is taken.
#[inline]
pub(super) fn text<'d>(data: &'d mut Cow<'_, [u8]>) -> New<'d, Value> {
    match data.len() {
        ..=EMBEDDED_STRING_BYTES_MAX => New::Bytes(data),
        _ => New::Object(Value::Text(Arc::new(std::mem::take(data).into_owned()))),
    }
}

impl super::place::Place<'_> {
    /// Changes a long string in place; copies it first while somebody shares it.
    fn edit_shared<R>(&mut self, key: &[u8], body: impl FnOnce(&mut Vec<u8>) -> Result<R>) -> Result<R> {
        let slice = &mut self.stripe.slices[self.db as usize];
        let entry = slice.table.find_mut(self.hash, |e| e.is(key));
        let mut nothing = Vec::new();
        let Some(Value::Text(text)) = entry.and_then(|e| e.object_mut()) else { return body(&mut nothing) };
        let before = text.capacity();
        let result = body(Arc::make_mut(text));
        slice.entry_bytes = slice.entry_bytes + text.capacity() - before;
        if result.is_ok() {
            self.stripe.tally.interest.changed(self.db as u8, self.hash, key);
        }
        result
    }
}
