//! Reading a payload: its envelope, and the object in it.
use super::{
    Fault, VALKEY_VERSIONS, VERSION_MAX, kind,
    listpack::{Block, Element, Listpack},
    stream,
    wire::Wire,
    ziplist::{Ziplist, Zipmap},
};
use crate::{
    base::{crc64, limits::Encodings, num},
    value::{Hash, List, Set, Type, Value, ZSet, list::Side},
};

/// The version of the format and the checksum.
const FOOT_BYTES: usize = 10;

/// What a payload holds.
pub enum Loaded {
    /// A string.
    Text(Vec<u8>),
    /// Anything else, not empty.
    Collection(Value),
}

impl Loaded {
    /// The type of the value.
    pub fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::String,
            Self::Collection(value) => value.kind(),
        }
    }
}

/// Reads a payload. The value has the form that `limits` say.
///
/// # Errors
/// [`Fault`].
pub fn read(payload: &[u8], limits: &Encodings) -> Result<Loaded, Fault> {
    let (object, version) = open(payload).ok_or(Fault::Envelope)?;
    let (&kind, rest) = object.split_first().ok_or(Fault::Object)?;
    let mut reader = Reader { wire: Wire::new(rest), limits };
    let loaded = match kind {
        kind::STRING => reader.wire.string().map(|text| Loaded::Text(text.into_vec())),
        kind::HASH_2 if VALKEY_VERSIONS.contains(&version) => some(reader.timed_hash_of_valkey()?),
        kind::HASH_METADATA => some(reader.timed_hash_of_redis()?),
        kind::HASH_LISTPACK_EX => some(reader.packed_timed_hash_of_redis()?),
        kind => reader.collection(kind).map(Loaded::Collection),
    };
    // What follows would be of no object that there is.
    loaded.filter(|_| reader.wire.is_empty()).ok_or(Fault::Object)
}

fn some(hash: Hash) -> Option<Loaded> {
    (!hash.is_empty()).then(|| Loaded::Collection(hash.into()))
}

/// Takes the envelope off: the object and the version.
fn open(payload: &[u8]) -> Option<(&[u8], u16)> {
    let (object, foot) = payload.split_last_chunk::<FOOT_BYTES>()?;
    let (version, crc) = foot.split_first_chunk()?;
    let version = u16::from_le_bytes(*version);
    let known = version <= VERSION_MAX || VALKEY_VERSIONS.contains(&version);
    let sound = crc64::of(&payload[..payload.len() - crc.len()]).to_le_bytes() == crc;
    (known && sound).then_some((object, version))
}

/// An object that is read.
struct Reader<'a, 'l> {
    wire: Wire<'a>,
    limits: &'l Encodings,
}

impl Reader<'_, '_> {
    /// Reads a collection. Nothing: it is none, or empty, which is nobody's value.
    fn collection(&mut self, kind: u8) -> Option<Value> {
        let limits = self.limits;
        let mut block = || self.wire.string();
        let value: Value = match kind {
            kind::LIST_ZIPLIST => {
                let mut list = List::new();
                push_all::<Ziplist<'_>>(&mut list, &block()?, limits)?;
                list.into()
            }
            kind::SET_INTSET => ints(&block()?, limits)?.into(),
            kind::SET_LISTPACK => packed_set(&block()?, limits)?.into(),
            kind::ZSET_ZIPLIST => packed_zset::<Ziplist<'_>>(&block()?, limits)?.into(),
            kind::ZSET_LISTPACK => packed_zset::<Listpack<'_>>(&block()?, limits)?.into(),
            kind::HASH_ZIPMAP => packed_hash::<Zipmap<'_>>(&block()?, limits)?.into(),
            kind::HASH_ZIPLIST => packed_hash::<Ziplist<'_>>(&block()?, limits)?.into(),
            kind::HASH_LISTPACK => packed_hash::<Listpack<'_>>(&block()?, limits)?.into(),
            kind::LIST | kind::LIST_QUICKLIST | kind::LIST_QUICKLIST_2 => self.list(kind)?.into(),
            kind::SET => self.set()?.into(),
            kind::ZSET | kind::ZSET_2 => self.zset(kind)?.into(),
            kind::HASH => self.hash()?.into(),
            kind::STREAM | kind::STREAM_2 | kind::STREAM_3 => {
                stream::read(&mut self.wire, kind, limits)?.into()
            }
            _ => return None,
        };
        (!value.is_empty()).then_some(value)
    }

    /// Reads entries, or nodes of entries.
    fn list(&mut self, kind: u8) -> Option<List> {
        /// How a node holds what it holds: one entry as it is, or a listpack.
        const PLAIN: u64 = 1;
        const PACKED: u64 = 2;
        let (mut list, limits) = (List::new(), self.limits);
        for _ in 0..self.wire.len()? {
            let form = match kind {
                kind::LIST => PLAIN,
                kind::LIST_QUICKLIST => PACKED,
                _ => self.wire.len()?,
            };
            let node = self.wire.string()?;
            match (kind, form) {
                (kind::LIST_QUICKLIST, _) => push_all::<Ziplist<'_>>(&mut list, &node, limits)?,
                (_, PLAIN) => list.push(Side::Right, &[&node], limits),
                (_, PACKED) => push_all::<Listpack<'_>>(&mut list, &node, limits)?,
                _ => return None,
            }
        }
        Some(list)
    }

    fn set(&mut self) -> Option<Set> {
        let mut set = Set::new();
        for _ in 0..self.wire.len()? {
            set.insert(&self.wire.string()?, self.limits).then_some(())?;
        }
        Some(set)
    }

    fn zset(&mut self, kind: u8) -> Option<ZSet> {
        let mut zset = ZSet::new();
        for _ in 0..self.wire.len()? {
            let member = self.wire.string()?;
            let score = match kind {
                kind::ZSET => self.text_score()?,
                _ => f64::from_le_bytes(self.wire.array()?),
            };
            add_member(&mut zset, &member, score, self.limits)?;
        }
        Some(zset)
    }

    /// Reads a score as text: a length in a byte, of which the last ones stand for what is no number.
    fn text_score(&mut self) -> Option<f64> {
        match self.wire.byte()? {
            255 => Some(f64::NEG_INFINITY),
            254 => Some(f64::INFINITY),
            253 => None,
            len => num::parse_float(self.wire.bytes(len.into())?),
        }
    }

    fn hash(&mut self) -> Option<Hash> {
        let mut hash = Hash::new();
        for _ in 0..self.wire.len()? {
            let (field, value) = (self.wire.string()?, self.wire.string()?);
            hash.set(&field, &value, self.limits).then_some(())?;
        }
        Some(hash)
    }

    /// Reads a hash of Valkey's whose fields may have deadlines: each is followed by one, -1 for none.
    fn timed_hash_of_valkey(&mut self) -> Result<Hash, Fault> {
        let mut hash = Hash::new();
        for _ in 0..self.wire.len().ok_or(Fault::Object)? {
            let triple = (self.wire.string(), self.wire.string(), self.wire.array());
            let (Some(field), Some(value), Some(deadline)) = triple else { return Err(Fault::Object) };
            add_timed(&mut hash, &field, &value, i64::from_le_bytes(deadline) != -1, self.limits)?;
        }
        Ok(hash)
    }

    /// Reads a hash of Redis's whose fields may have deadlines: first the earliest of them, then before each field how
    /// much later it is, 0 for none at all.
    fn timed_hash_of_redis(&mut self) -> Result<Hash, Fault> {
        let mut hash = Hash::new();
        let start = self.wire.array::<8>().and_then(|_| self.wire.len());
        for _ in 0..start.ok_or(Fault::Object)? {
            let triple = (self.wire.len(), self.wire.string(), self.wire.string());
            let (Some(deadline), Some(field), Some(value)) = triple else { return Err(Fault::Object) };
            add_timed(&mut hash, &field, &value, deadline != 0, self.limits)?;
        }
        Ok(hash)
    }

    /// The same in a listpack of fields, values and deadlines.
    fn packed_timed_hash_of_redis(&mut self) -> Result<Hash, Fault> {
        let (mut hash, mut timed) = (Hash::new(), Ok(()));
        let block = self.wire.array::<8>().and_then(|_| self.wire.string()).ok_or(Fault::Object)?;
        let whole = each::<Listpack<'_>>(&block, |block, field| {
            let (value, deadline) = (block.next()?, block.next()?.int()?);
            if timed.is_ok() {
                timed = add_timed(&mut hash, &field.word(), &value.word(), deadline != 0, self.limits);
            }
            Some(())
        });
        whole.ok_or(Fault::Object)?;
        timed.map(|()| hash)
    }
}

/// Shows the elements of a block to `see`, which may take more of them.
fn each<'b, B: Block<'b>>(
    bytes: &'b [u8],
    mut see: impl FnMut(&mut B, Element<'b>) -> Option<()>,
) -> Option<()> {
    let mut block = B::open(bytes)?;
    while !block.is_at_end() {
        let element = block.next()?;
        see(&mut block, element)?;
    }
    block.finish()
}

fn push_all<'b, B: Block<'b>>(list: &mut List, bytes: &'b [u8], limits: &Encodings) -> Option<()> {
    each::<B>(bytes, |_, entry| {
        list.push(Side::Right, &[&entry.word()], limits);
        Some(())
    })
}

fn packed_set(bytes: &[u8], limits: &Encodings) -> Option<Set> {
    let mut set = Set::new();
    // Packed it stays, though all members may be integers.
    set.expect(b"", 1, limits);
    each::<Listpack<'_>>(bytes, |_, member| set.insert(&member.word(), limits).then_some(()))?;
    Some(set)
}

/// Reads sorted integers of one width: the width and the count, four bytes each, and the integers.
fn ints(bytes: &[u8], limits: &Encodings) -> Option<Set> {
    let (width, rest) = bytes.split_first_chunk()?;
    let (count, ints) = rest.split_first_chunk()?;
    let (width, count) = (u32::from_le_bytes(*width) as usize, u32::from_le_bytes(*count) as usize);
    if !matches!(width, 2 | 4 | 8) || count.checked_mul(width)? != ints.len() {
        return None;
    }
    let (mut set, mut before) = (Set::new(), None);
    for int in ints.chunks_exact(width) {
        let mut wide = [if int[width - 1] & 0x80 == 0 { 0 } else { 0xff }; 8];
        wide[..width].copy_from_slice(int);
        let int = i64::from_le_bytes(wide);
        if before.is_some_and(|before| before >= int) {
            return None;
        }
        set.insert(&num::Text::int(int), limits);
        before = Some(int);
    }
    Some(set)
}

fn packed_zset<'b, B: Block<'b>>(bytes: &'b [u8], limits: &Encodings) -> Option<ZSet> {
    let mut zset = ZSet::new();
    each::<B>(bytes, |block, member| {
        let score = block.next()?.score()?;
        add_member(&mut zset, &member.word(), score, limits)
    })?;
    Some(zset)
}

fn packed_hash<'b, B: Block<'b>>(bytes: &'b [u8], limits: &Encodings) -> Option<Hash> {
    let mut hash = Hash::new();
    each::<B>(bytes, |block, field| {
        let value = block.next()?;
        hash.set(&field.word(), &value.word(), limits).then_some(())
    })?;
    Some(hash)
}

/// Adds a member that must be new.
fn add_member(zset: &mut ZSet, member: &[u8], score: f64, limits: &Encodings) -> Option<()> {
    let fits = !score.is_nan() && zset.has_room_for(1, member.len());
    (fits && zset.insert(member, score, limits).is_none()).then_some(())
}

/// Adds a field that must be new and without a deadline.
fn add_timed(
    hash: &mut Hash,
    field: &[u8],
    value: &[u8],
    timed: bool,
    limits: &Encodings,
) -> Result<(), Fault> {
    match (timed, hash.set(field, value, limits)) {
        (_, false) => Err(Fault::Object),
        (true, _) => Err(Fault::FieldDeadline),
        (false, true) => Ok(()),
    }
}
