//! Writing a payload: the object as Redis 7.0 has it, and its envelope.
use super::{
    VERSION, kind,
    listpack::Builder,
    stream,
    wire::{leave_room, write_len, write_string},
};
use crate::{
    base::{crc64, num},
    ds::entry::Payload,
    value::{Hash, List, Set, Value, ZSet, list::listpack},
};

/// The bytes of a node of a long list, which a single entry may exceed: as servers are configured unless told otherwise.
const NODE_BYTES: usize = 8 << 10;
/// What is packed into more is written one by one: no string has more than 512 MiB, and no server is asked for nearly as
/// much at once. Tests come upon it sooner.
const BLOCK_BYTES_MAX: usize = if cfg!(test) { 4 << 10 } else { 64 << 20 };
/// Integers up to there are exact as doubles.
const EXACT_MAX: f64 = (1u64 << 53) as f64;

/// Writes a payload. A collection must not be empty.
pub fn write(value: Payload<'_, Value>) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Payload::Int(value) => text(&mut out, &num::Text::int(value)),
        Payload::Bytes(value) => text(&mut out, value),
        Payload::Object(Value::Text(value)) => text(&mut out, value),
        Payload::Object(Value::List(list)) => self::list(&mut out, list),
        Payload::Object(Value::Set(set)) => self::set(&mut out, set),
        Payload::Object(Value::ZSet(zset)) => self::zset(&mut out, zset),
        Payload::Object(Value::Hash(hash)) => self::hash(&mut out, hash),
        Payload::Object(Value::Stream(stream)) => {
            out.push(kind::STREAM_2);
            stream::write(&mut out, stream);
        }
    }
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&crc64::of(&out).to_le_bytes());
    out
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(kind::STRING);
    write_string(out, text);
}

/// Writes nodes that are listpacks: one, when the list is packed.
fn list(out: &mut Vec<u8>, list: &List) {
    const PACKED: u64 = 2;
    let packed = list.encoding() == "listpack";
    out.push(kind::LIST_QUICKLIST_2);
    let (room, mut nodes) = (leave_room(out), 0);
    let mut node = Builder::new();
    let mut end = |node: &mut Builder, out: &mut Vec<u8>| {
        write_len(out, PACKED);
        node.write(out);
        nodes += 1;
    };
    for entry in list.iter() {
        let full = node.bytes() + listpack::entry_bytes(entry) as usize > NODE_BYTES;
        if full && !packed && !node.is_empty() {
            end(&mut node, out);
        }
        node.push(entry);
    }
    end(&mut node, out);
    room.fill(out, nodes);
}

/// Integers as such, everything else one by one: 7.0 does not know sets in listpacks.
fn set(out: &mut Vec<u8>, set: &Set) {
    if set.encoding() == "intset" && set.len() <= BLOCK_BYTES_MAX / size_of::<i64>() {
        out.push(kind::SET_INTSET);
        return ints(out, set);
    }
    out.push(kind::SET);
    write_len(out, set.len() as u64);
    set.iter().for_each(|member| write_string(out, &member));
}

fn ints(out: &mut Vec<u8>, set: &Set) {
    let all = || set.iter().filter_map(|member| member.as_int());
    // They are sorted: the widest is the first or the last.
    let (first, last) = (all().next().unwrap_or(0), all().last().unwrap_or(0));
    let width = match (first, last) {
        (-0x8000.., ..=0x7fff) => 2,
        (-0x8000_0000.., ..=0x7fff_ffff) => 4,
        _ => 8,
    };
    let head = [width as u32, set.len() as u32];
    write_len(out, (size_of_val(&head) + set.len() * width) as u64);
    head.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    all().for_each(|int| out.extend_from_slice(&int.to_le_bytes()[..width]));
}

fn zset(out: &mut Vec<u8>, zset: &ZSet) {
    if zset.is_indexed() || zset.mem_bytes() > BLOCK_BYTES_MAX {
        out.push(kind::ZSET_2);
        write_len(out, zset.len() as u64);
        // Backwards, as servers do: who reads it adds at the front.
        for (member, score) in zset.iter().rev() {
            write_string(out, member);
            out.extend_from_slice(&score.to_le_bytes());
        }
        return;
    }
    out.push(kind::ZSET_LISTPACK);
    let mut block = Builder::new();
    for (member, score) in zset.iter() {
        block.push(member);
        if score.fract() == 0.0 && score.abs() <= EXACT_MAX {
            block.push_int(score as i64);
        } else {
            block.push(&num::Text::float(score));
        }
    }
    block.write(out);
}

fn hash(out: &mut Vec<u8>, hash: &Hash) {
    if hash.encoding() == "hashtable" || hash.mem_bytes() > BLOCK_BYTES_MAX {
        out.push(kind::HASH);
        write_len(out, hash.len() as u64);
        for (field, value) in hash.iter() {
            write_string(out, field);
            write_string(out, value);
        }
        return;
    }
    out.push(kind::HASH_LISTPACK);
    let mut block = Builder::new();
    for (field, value) in hash.iter() {
        block.push(field);
        block.push(value);
    }
    block.write(out);
}
