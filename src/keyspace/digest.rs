//! A digest of keys and values: two keyspaces with the same content have the same one, whatever the encodings, the
//! order of insertion, the process. For tests; nobody should be able to rely on its strength.
//!
//! Where order means nothing (keys, members, fields) the digests of the parts are added up; in a list each one is
//! mixed into what came before it.
use super::{Entry, stripe::is_dead, view::View};
use crate::{
    base::{limits::DATABASES, num},
    ds::entry::Payload,
    value::{Stream, Value, stream::StreamId},
};
use std::fmt;

/// A digest, printed as 40 hexadecimal digits. Nothing at all has the digest 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest([u64; 3]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.0;
        write!(f, "{a:016x}{b:016x}{:08x}", c >> 32)
    }
}

/// One step: splitmix64's mixer, with the lane as its salt.
fn mix(state: u64, word: u64, lane: usize) -> u64 {
    const SALTS: [u64; 3] = [0x9E37_79B9_7F4A_7C15, 0xD134_2543_DE82_EF95, 0xA076_1D64_78BD_642F];
    let mut z = (state ^ word).wrapping_add(SALTS[lane]);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Digest {
    fn word(self, word: u64) -> Self {
        Self(std::array::from_fn(|lane| mix(self.0[lane], word, lane)))
    }

    fn text(self, text: &[u8]) -> Self {
        let words = text.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        });
        // The length keeps two texts apart of which one goes on with zeros.
        words.fold(self.word(text.len() as u64), Self::word)
    }

    fn digest(self, other: Self) -> Self {
        other.0.iter().fold(self, |digest, word| digest.word(*word))
    }

    fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane].wrapping_add(other.0[lane])))
    }
}

/// The digest of a value.
pub(super) fn of_value(entry: &Entry) -> Digest {
    let start = |kind: u64| Digest::default().word(kind);
    let sum = |parts: &mut dyn Iterator<Item = Digest>| parts.fold(Digest::default(), Digest::plus);
    match entry.payload() {
        Payload::Int(value) => start(1).text(&num::Text::int(value)),
        Payload::Bytes(text) => start(1).text(text),
        Payload::Object(Value::Text(text)) => start(1).text(text),
        Payload::Object(Value::List(list)) => list.iter().fold(start(2), Digest::text),
        Payload::Object(Value::Set(set)) => {
            start(3).digest(sum(&mut set.iter().map(|member| Digest::default().text(&member))))
        }
        Payload::Object(Value::ZSet(zset)) => {
            let part = |(member, score): (&[u8], f64)| Digest::default().text(member).word(score.to_bits());
            start(4).digest(sum(&mut zset.iter().map(part)))
        }
        Payload::Object(Value::Hash(hash)) => {
            let part = |(field, value): (&[u8], &[u8])| Digest::default().text(field).text(value);
            start(5).digest(sum(&mut hash.iter().map(part)))
        }
        Payload::Object(Value::Stream(stream)) => of_stream(start(6), stream),
    }
}

/// Adds a stream. When consumers last asked is left out: reading nothing is no change that a log would know.
fn of_stream(digest: Digest, stream: &Stream) -> Digest {
    let id = |digest: Digest, id: StreamId| digest.word(id.ms).word(id.seq);
    let past = id(id(digest, stream.last_id()), stream.max_deleted_id()).word(stream.entries_added());
    let entries = stream.iter().fold(past.word(stream.len() as u64), |digest, entry| {
        let fields = entry.fields();
        let digest = id(digest, entry.id).word(fields.len() as u64);
        fields.fold(digest, |digest, (field, value)| digest.text(field).text(value))
    });
    stream.groups().fold(entries, |digest, group| {
        let digest = id(digest.text(group.name()), group.last_id);
        let digest = digest.word(group.entries_read.map_or(0, |read| read.wrapping_add(1) as u64));
        let consumers = group.consumers();
        let digest = consumers.fold(digest, |digest, (_, consumer)| digest.text(consumer.name()));
        group.pending().iter().fold(digest, |digest, record| {
            let digest = id(digest, record.id).text(group.owner(&record));
            digest.word(record.delivered_at_ms as u64).word(record.deliveries)
        })
    })
}

impl View<'_> {
    /// The digest of all living keys of all databases: names, values, deadlines. O(everything).
    pub fn digest(&mut self) -> Digest {
        let (now_ms, mut digest) = (self.now_ms, Digest::default());
        self.each_stripe(0, &mut |_, stripe| {
            for db in 0..DATABASES as u32 {
                for entry in stripe.slice(db).table.iter().filter(|entry| !is_dead(entry, now_ms)) {
                    let of_key = Digest::default().word(db.into()).text(entry.key());
                    let deadline = entry.expire_at_ms().map_or(0, |at_ms| at_ms.wrapping_add(1));
                    digest = digest.plus(of_key.digest(of_value(entry)).word(deadline));
                }
            }
            true
        });
        digest
    }

    /// The digest of the value at `key`, which says nothing about the key; 0 when there is none.
    pub fn digest_of(&mut self, key: &[u8]) -> Digest {
        self.peek(key).map_or_else(Digest::default, of_value)
    }
}
