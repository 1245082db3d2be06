//! Strings as commands see them. A short one is part of its key's allocation, an integer is an integer, and
//! a long one is a shared block: which of them it is, is decided here.
use super::view::View;
use crate::{
    base::{
        bytes::Bytes,
        emit::{Emit, Sink},
        error::{Error, Result},
        limits::EMBEDDED_STRING_BYTES_MAX,
        num,
    },
    ds::entry::{New, Payload},
    value::Value,
};
use std::sync::Arc;

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

/// Either form that a long or short byte string takes in an entry.
fn form(data: Vec<u8>) -> Form {
    if data.len() <= EMBEDDED_STRING_BYTES_MAX { Form::Inline(data) } else { Form::Object(Arc::new(data)) }
}

enum Form {
    Inline(Vec<u8>),
    Object(Arc<Vec<u8>>),
}

impl View<'_> {
    /// Returns the string at `key`. Another type: WRONGTYPE.
    #[inline]
    pub fn string(&mut self, key: &[u8]) -> Result<Option<Str<'_>>> {
        let Some(entry) = self.read(key) else { return Ok(None) };
        match entry.payload() {
            Payload::Int(value) => Ok(Some(Str::Int(value))),
            Payload::Bytes(data) => Ok(Some(Str::Bytes(data))),
            Payload::Object(Value::Text(data)) => Ok(Some(Str::Shared(data))),
            Payload::Object(_) => Err(Error::wrong_type()),
        }
    }

    /// Returns the string at `key`, or nothing when it holds another type: MGET.
    pub fn string_or_nothing(&mut self, key: &[u8]) -> Option<Str<'_>> {
        self.string(key).ok().flatten()
    }

    /// Sets `key` to a string, whatever was there. What reads as an integer is stored as one, as Redis does.
    pub fn set(&mut self, key: &[u8], data: &[u8], ttl: Ttl) {
        let payload = match data.len() {
            ..=20 => num::parse_int(data).map_or(New::Bytes(data), New::Int),
            21..=EMBEDDED_STRING_BYTES_MAX => New::Bytes(data),
            _ => New::Object(Value::Text(Arc::new(data.to_vec()))),
        };
        self.store(key, payload, ttl);
    }

    /// Sets `key` to an integer, whatever was there.
    pub fn set_int(&mut self, key: &[u8], value: i64, ttl: Ttl) {
        self.store(key, New::Int(value), ttl);
    }

    fn store(&mut self, key: &[u8], payload: New<'_, Value>, ttl: Ttl) {
        if let Ttl::At(at_ms) = ttl
            && at_ms <= self.now_ms
        {
            self.remove(key);
            return;
        }
        let mut place = self.place(key);
        let at_ms = match ttl {
            Ttl::Clear => None,
            Ttl::Keep => place.find(key).and_then(|e| e.expire_at_ms()),
            Ttl::At(at_ms) => Some(at_ms),
        };
        place.set(key, payload, at_ms);
    }

    /// Changes the bytes of the string at `key`, which starts empty when there is none; its deadline stays.
    /// Another type: WRONGTYPE. The result is a raw string, as after Redis's APPEND and SETRANGE, even
    /// when it reads as an integer. A long string is changed in place unless somebody shares it.
    pub fn edit<R>(&mut self, key: &[u8], body: impl FnOnce(&mut Vec<u8>) -> R) -> Result<R> {
        let mut place = self.place(key);
        let (mut data, at_ms) = match place.find(key) {
            None => (Vec::new(), None),
            Some(entry) => match entry.payload() {
                Payload::Int(value) => (num::Text::int(value).to_vec(), entry.expire_at_ms()),
                Payload::Bytes(data) => (data.to_vec(), entry.expire_at_ms()),
                Payload::Object(Value::Text(_)) => return Ok(place.edit_shared(key, body)),
                Payload::Object(_) => return Err(Error::wrong_type()),
            },
        };
        let result = body(&mut data);
        match form(data) {
            Form::Inline(data) => place.set(key, New::Bytes(&data), at_ms),
            Form::Object(data) => place.set(key, New::Object(Value::Text(data)), at_ms),
        }
        place.set_raw(key);
        Ok(result)
    }
}

impl super::view::Place<'_> {
    fn set_raw(&mut self, key: &[u8]) {
        let slice = &mut self.stripe.slices[self.db as usize];
        if let Some(entry) = slice.table.find_mut(self.hash, |e| e.is(key)) {
            entry.set_raw(true);
        }
    }

    /// Changes a long string in place; copies it first while somebody shares it.
    fn edit_shared<R>(&mut self, key: &[u8], body: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let slice = &mut self.stripe.slices[self.db as usize];
        let entry = slice.table.find_mut(self.hash, |e| e.is(key));
        let mut nothing = Vec::new();
        let Some(Value::Text(text)) = entry.and_then(|e| e.object_mut()) else { return body(&mut nothing) };
        let before = text.capacity();
        let result = body(Arc::make_mut(text));
        slice.entry_bytes = slice.entry_bytes + text.capacity() - before;
        self.stripe.tally.watchers.changed(self.db as u8, self.hash);
        result
    }
}
