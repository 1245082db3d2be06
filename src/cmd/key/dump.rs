//! DUMP: a value as bytes that Redis and Valkey restore.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::{Emit, Sink},
        error::Result,
    },
    cmd::{Command, Group, READ, Spec},
    keyspace::{
        Entry,
        dump::{is_long, payload_of},
        view::View,
    },
};

/// `DUMP key`. Returns the value at `key` as a payload for RESTORE, or nothing. The payload says nothing about the key, nor
/// of its time to live.
///
/// # Compatibility
/// It is as Redis 7.0 writes it, so that every later version takes it. Nothing is compressed.
#[derive(Debug, Clone, Copy)]
pub struct Dump<'a> {
    pub key: &'a [u8],
}

impl<'a> Dump<'a> {
    /// Asks for the value at `key`.
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { key: key.as_ref() }
    }
}

/// The value as it was, which costs nothing like its size: it is shared with the keyspace, and written when it is asked for.
pub struct Dumped(Option<Entry>);

impl Dumped {
    /// Writes the payload; nothing when there was no such key. O(the value's size).
    pub fn payload(&self) -> Option<Bytes> {
        self.0.as_ref().map(|entry| payload_of(entry).into())
    }
}

impl Emit for Dumped {
    fn emit(self, to: &mut dyn Sink) {
        match self.0 {
            None => to.nil(),
            Some(entry) if is_long(&entry) => {
                to.later(Box::new(move |to: &mut dyn Sink| to.bytes(&payload_of(&entry))));
            }
            Some(entry) => to.bytes(&payload_of(&entry)),
        }
    }
}

impl<'a> Command<'a> for Dump<'a> {
    const SPEC: Spec = Spec {
        id: 0x0224,
        name: "DUMP",
        usage: "key",
        arity: 2,
        flags: READ,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "2.6.0",
        complexity: "O(1) to access the key and additional O(N*M) to serialize it, where N is the number of objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1).",
        summary: "Returns a serialized representation of the value stored at a key.",
    };
    type Owned = Dumped;
    type Out<'k> = Dumped;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { key: args.bytes()? })
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Dumped> {
        Ok(Dumped(view.cloned(self.key)))
    }
}

crate::cmd::row!(Dump<'_>);
