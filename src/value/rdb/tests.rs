//! Tests of `rdb`: everything that is written reads back, every form of every server is read, damage is refused.
use super::{
    kind,
    listpack::Builder,
    wire::{Wire, write_bytes, write_len, write_string},
    *,
};
use crate::{
    base::{crc64, limits::Encodings, rng::Rng},
    ds::entry::Payload,
    value::{
        Hash, List, Set, Stream, Type, Value, ZSet,
        codec::tests::{Content, all_limits, content, samples, score, stream, text},
        list::Side,
        stream::{Group, StreamId},
    },
};
use proptest::prelude::*;
use std::sync::Arc;

/// Puts an object into its envelope.
fn seal(object: &[u8], version: u16) -> Vec<u8> {
    let mut payload = [object, &version.to_le_bytes()].concat();
    payload.extend_from_slice(&crc64::of(&payload).to_le_bytes());
    payload
}

fn object(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    seal(&[&[kind], &parts.concat()[..]].concat(), 11)
}

fn block(elements: &[&[u8]]) -> Vec<u8> {
    let (mut block, mut out) = (Builder::new(), Vec::new());
    elements.iter().for_each(|element| block.push(element));
    block.write(&mut out);
    out
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_bytes(&mut out, bytes);
    out
}

fn loaded(payload: &[u8], limits: &Encodings) -> Value {
    match read(payload, limits) {
        Ok(Loaded::Collection(value)) => value,
        Ok(Loaded::Text(text)) => Value::Text(Arc::new(text)),
        Err(fault) => panic!("{fault:?}: {}", payload.escape_ascii()),
    }
}

fn collection(payload: &[u8]) -> Value {
    loaded(payload, &Encodings::default())
}

fn show(payload: &[u8]) -> String {
    let words = |words: Vec<Vec<u8>>| {
        words.iter().map(|word| word.escape_ascii().to_string()).collect::<Vec<_>>().join(" ")
    };
    match content(Payload::Object(&collection(payload))) {
        Content::Text(text) => words(vec![text]),
        Content::List(entries) | Content::Set(entries) => words(entries),
        Content::ZSet(members) => words(
            members.iter().map(|(member, score)| [member, format!("={score}").as_bytes()].concat()).collect(),
        ),
        Content::Hash(pairs) => {
            words(pairs.into_iter().map(|(field, value)| [field, value].join(&b'=')).collect())
        }
        other => format!("{other:?}"),
    }
}

fn fault(payload: &[u8]) -> Option<Fault> {
    read(payload, &Encodings::default()).err()
}

/// When a consumer last was given something is not written.
fn without_active(mut stream: Stream) -> Stream {
    let names: Vec<Vec<u8>> = stream.groups().map(|group| group.name().to_vec()).collect();
    for name in names {
        stream.edit_group(&name, |group| {
            let seen: Vec<_> =
                group.consumers().map(|(number, consumer)| (number, consumer.seen_at_ms)).collect();
            seen.into_iter().for_each(|(number, at_ms)| group.active(number, at_ms));
        });
    }
    stream
}

/// Writes, and reads under all limits.
fn round_trip(value: &Value) {
    let value = match value {
        Value::Stream(stream) => Value::Stream(without_active(stream.clone())),
        other => other.clone(),
    };
    let (payload, expected) = (write(Payload::Object(&value)), content(Payload::Object(&value)));
    for limits in all_limits() {
        let back = loaded(&payload, &limits);
        assert_eq!(content(Payload::Object(&back)), expected);
        if let Value::Stream(stream) = &back {
            stream.check();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn strings_read_back(int in any::<i64>(), text in proptest::collection::vec(any::<u8>(), 0..3000)) {
        for (payload, expected) in [
            (write(Payload::Int(int)), int.to_string().into_bytes()),
            (write(Payload::Bytes(&text)), text.clone()),
            (write(Payload::Object(&Value::Text(Arc::new(text.clone())))), text),
        ] {
            let Ok(Loaded::Text(found)) = read(&payload, &Encodings::default()) else { panic!() };
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn lists_read_back(entries in proptest::collection::vec(text(), 1..60), long in 0usize..20_000) {
        for limits in all_limits() {
            let mut list = List::new();
            entries.iter().for_each(|entry| list.push(Side::Right, &[entry], &limits));
            list.push(Side::Left, &[&vec![b'x'; long]], &limits);
            round_trip(&list.into());
        }
    }

    #[test]
    fn sets_read_back(
        members in proptest::collection::vec(text(), 0..40),
        ints in proptest::collection::vec(any::<i64>(), 1..40),
        narrow in 0u32..64,
        some in any::<bool>(),
    ) {
        for limits in all_limits() {
            let mut set = Set::new();
            ints.iter().for_each(|int| { set.insert((int >> narrow).to_string().as_bytes(), &limits); });
            if some {
                members.iter().for_each(|member| { set.insert(member, &limits); });
            }
            round_trip(&set.into());
        }
    }

    #[test]
    fn sorted_sets_read_back(members in proptest::collection::vec((text(), score()), 1..40)) {
        for limits in all_limits() {
            let mut zset = ZSet::new();
            members.iter().for_each(|(member, score)| { zset.insert(member, *score, &limits); });
            round_trip(&zset.into());
        }
    }

    #[test]
    fn hashes_read_back(pairs in proptest::collection::vec((text(), text()), 1..40)) {
        for limits in all_limits() {
            let mut hash = Hash::new();
            pairs.iter().for_each(|(field, value)| { hash.set(field, value, &limits); });
            round_trip(&hash.into());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(kind in 0u8..30, bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let object = [&[kind], &bytes[..]].concat();
        for (version, limits) in [10, 80].into_iter().zip(all_limits()) {
            if let Ok(Loaded::Collection(value)) = read(&seal(&object, version), &limits) {
                prop_assert!(!value.is_empty());
                round_trip(&value);
            }
            prop_assert!(read(&object, &limits).is_err());
        }
    }
}

#[test]
fn streams_read_back_with_their_groups() {
    for limits in all_limits() {
        round_trip(&stream(&limits).into());
        round_trip(&Stream::new().into());
    }
    let mut odd = Stream::new();
    odd.set_past(StreamId::MAX, u64::MAX, StreamId::new(7, u64::MAX));
    odd.add_group(Group::new(b"12", StreamId::MAX, None));
    round_trip(&odd.into());
}

#[test]
fn forms_stay_where_limits_allow_them() {
    let limits = Encodings::default();
    for value in samples() {
        let back = loaded(&write(Payload::Object(&value)), &limits);
        // What was indexed by a command that stores as a whole is small enough for the other form.
        let expected = if value.kind() == Type::ZSet { "listpack" } else { value.encoding() };
        assert_eq!(back.encoding(), expected);
    }
    let ints = block(&[b"1", b"2", b"-3"]);
    assert_eq!(collection(&object(kind::SET_LISTPACK, &[&ints])).encoding(), "listpack");
}

#[test]
fn what_is_packed_into_much_is_written_one_by_one() {
    let limits = Encodings {
        hash_max_listpack_entries: 5000,
        set_max_intset_entries: 5000,
        zset_max_listpack_entries: 5000,
        ..Encodings::default()
    };
    let types = |count: u32| {
        let (mut set, mut zset, mut hash) = (Set::new(), ZSet::new(), Hash::new());
        for n in 0..count {
            let text = n.to_string().into_bytes();
            set.insert(&text, &limits);
            zset.insert(&text, f64::from(n), &limits);
            hash.set(&text, b"value", &limits);
        }
        let values: [Value; 3] = [set.into(), zset.into(), hash.into()];
        values.map(|value| {
            let payload = write(Payload::Object(&value));
            assert_eq!(loaded(&payload, &limits).encoding(), value.encoding());
            round_trip(&value);
            payload[0]
        })
    };
    assert_eq!(types(20), [kind::SET_INTSET, kind::ZSET_LISTPACK, kind::HASH_LISTPACK]);
    assert_eq!(types(1500), [kind::SET, kind::ZSET_2, kind::HASH]);
}

#[test]
fn strings_of_every_form_are_read() {
    for (bytes, text) in [
        (&b"\x05hello"[..], "hello"),
        (b"\xc0\xfb", "-5"),
        (b"\xc1\x00\x80", "-32768"),
        (b"\xc2\x00\x00\x00\x80", "-2147483648"),
        (b"\xc3\x05\x0c\x00a\xe0\x02\x00", "aaaaaaaaaaaa"),
        (b"\x40\x01x", "x"),
        (b"\x80\x00\x00\x00\x01x", "x"),
        (b"\x00", ""),
    ] {
        assert_eq!(show(&object(kind::STRING, &[bytes])), text);
    }
}

#[test]
fn collections_of_every_form_are_read() {
    let ziplist = |elements: &[&[u8]]| counted(&ziplist::tests::ziplist(elements));
    let pair = ziplist(&[b"\x01a", b"\xf2", b"\x01b", b"\x031.5"]);
    let packed = block(&[b"a", b"1", b"b", b"1.5"]);
    let (past, timed) = (1_700_000_000_000u64.to_le_bytes(), block(&[b"f", b"v", b"0", b"g", b"7", b"0"]));
    let forms: &[(u8, &[&[u8]], &str)] = &[
        (kind::LIST, &[b"\x03\x01a\xc0\x05\x00"], "a 5 "),
        (kind::LIST_ZIPLIST, &[&ziplist(&[b"\x01a", b"\xfe\xff"])], "a -1"),
        (kind::LIST_QUICKLIST, &[b"\x03", &ziplist(&[b"\x01a"]), &ziplist(&[]), &ziplist(&[b"\xf1"])], "a 0"),
        (kind::LIST_QUICKLIST_2, &[b"\x02\x02", &packed, b"\x01\x05plain"], "a 1 b 1.5 plain"),
        (kind::SET, &[b"\x02\x01b\x01a"], "a b"),
        (kind::SET_INTSET, &[b"\x0c\x02\0\0\0\x02\0\0\0\xff\xff\x05\0"], "-1 5"),
        (kind::SET_INTSET, &[b"\x10\x08\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\x80"], "-9223372036854775808"),
        (kind::SET_LISTPACK, &[&packed], "1 1.5 a b"),
        (kind::ZSET, &[b"\x03\x01a\x031e3\x01b\xff\x01c\xfe"], "b=-inf a=1000 c=inf"),
        (kind::ZSET_2, &[b"\x01\x01a", &0.25f64.to_le_bytes()], "a=0.25"),
        (kind::ZSET_ZIPLIST, &[&pair], "a=1 b=1.5"),
        (kind::ZSET_LISTPACK, &[&packed], "a=1 b=1.5"),
        (kind::HASH, &[b"\x01\x01f\xc0\x01"], "f=1"),
        (kind::HASH_ZIPMAP, &[&counted(b"\x01\x01f\x01\x02v..\xff")], "f=v"),
        (kind::HASH_ZIPLIST, &[&pair], "a=1 b=1.5"),
        (kind::HASH_LISTPACK, &[&packed], "a=1 b=1.5"),
        (kind::HASH_METADATA, &[&past, b"\x01\x00\x01f\x01v"], "f=v"),
        (kind::HASH_LISTPACK_EX, &[&past, &timed], "f=v g=7"),
    ];
    for &(kind, parts, shown) in forms {
        assert_eq!(show(&object(kind, parts)), shown, "{kind}");
        // Nothing may be missing, and nothing may follow.
        let whole = parts.concat();
        for len in 0..whole.len() {
            assert_eq!(fault(&object(kind, &[&whole[..len]])), Some(Fault::Object), "{kind}: {len}");
        }
        assert_eq!(fault(&object(kind, &[&whole, b"\0"])), Some(Fault::Object), "{kind}");
    }
    let valkey = [&[kind::HASH_2][..], b"\x01\x01f\x01v", &[0xff; 8]].concat();
    assert_eq!(show(&seal(&valkey, 80)), "f=v");
    assert_eq!(fault(&seal(&valkey, 11)), Some(Fault::Object), "another form of Redis's");
}

/// A stream of two entries, one of them deleted, with a group, a record and two consumers.
fn stream_object(kind: u8) -> Vec<u8> {
    let node = block(&[
        b"1", b"1", b"1", b"name", b"0", // one live, one deleted, one field
        b"3", b"0", b"0", b"alice", b"4", // deleted, the same fields
        b"0", b"4", b"-1", b"2", b"name", b"bob", b"age", b"7", b"8", // fields of its own
    ]);
    let key = |ms: u64, seq: u64| [ms.to_be_bytes(), seq.to_be_bytes()].concat();
    let mut out = vec![kind, 1];
    write_bytes(&mut out, &key(5, 1));
    out.extend_from_slice(&node);
    let numbers =
        |out: &mut Vec<u8>, numbers: &[u64]| numbers.iter().for_each(|number| write_len(out, *number));
    numbers(&mut out, &[1, 9, 2]);
    if kind != kind::STREAM {
        numbers(&mut out, &[9, 0, 5, 1, 30]);
    }
    numbers(&mut out, &[1]);
    write_string(&mut out, b"workers");
    numbers(&mut out, &[9, 0]);
    if kind != kind::STREAM {
        numbers(&mut out, &[u64::MAX]);
    }
    numbers(&mut out, &[1]);
    out.extend_from_slice(&key(9, 0));
    out.extend_from_slice(&1000u64.to_le_bytes());
    numbers(&mut out, &[3, 2]);
    for (name, records) in [(b"b", 1), (b"a", 0)] {
        write_string(&mut out, name);
        out.extend_from_slice(&1500u64.to_le_bytes());
        if kind == kind::STREAM_3 {
            out.extend_from_slice(&1200u64.to_le_bytes());
        }
        numbers(&mut out, &[records]);
        (0..records).for_each(|_| out.extend_from_slice(&key(9, 0)));
    }
    out
}

#[test]
fn streams_of_every_form_are_read() {
    for kind in [kind::STREAM, kind::STREAM_2, kind::STREAM_3] {
        let bytes = stream_object(kind);
        let Value::Stream(stream) = collection(&seal(&bytes, 11)) else { panic!() };
        stream.check();
        assert_eq!((stream.len(), stream.first_entry_id()), (1, StreamId::new(9, 0)));
        let fields: Vec<_> = stream.iter().flat_map(|entry| entry.fields()).collect();
        assert_eq!(fields, [(&b"name"[..], &b"bob"[..]), (b"age", b"7")]);
        let old = kind == kind::STREAM;
        let past = if old { (1, StreamId::MIN) } else { (30, StreamId::new(5, 1)) };
        assert_eq!((stream.entries_added(), stream.max_deleted_id()), past);
        assert_eq!(stream.last_id(), StreamId::new(9, 2));
        let group = stream.group(b"workers").unwrap();
        assert_eq!(group.entries_read, old.then_some(1));
        let record = group.pending().get(StreamId::new(9, 0)).unwrap();
        assert_eq!((record.delivered_at_ms, record.deliveries, group.owner(&record)), (1000, 3, &b"b"[..]));
        let active = if kind == kind::STREAM_3 { 1200 } else { 1500 };
        for (_, consumer) in group.consumers() {
            assert_eq!((consumer.seen_at_ms, consumer.active_at_ms), (1500, active));
        }
        for len in 1..bytes.len() {
            assert_eq!(fault(&seal(&bytes[..len], 11)), Some(Fault::Object), "{kind}: {len}");
        }
    }
}

#[test]
fn streams_that_contradict_themselves_are_refused() {
    let whole = stream_object(kind::STREAM_2);
    let change = |from: &[u8], to: &[u8]| {
        let at = whole.windows(from.len()).position(|bytes| bytes == from).unwrap();
        let bad = [&whole[..at], to, &whole[at + from.len()..]].concat();
        assert_eq!(fault(&seal(&bad, 11)), Some(Fault::Object), "{}", to.escape_ascii());
    };
    change(b"\x01\x01\x01\x01\x01\x01\x84name", b"\x02\x01\x01\x01\x01\x01\x84name");
    change(b"\x01\x01\x01\x01\x01\x01\x84name", b"\x01\x01\x02\x01\x01\x01\x84name");
    // A consumer twice, a record of nobody, a record of two.
    change(b"\x01a\xdc\x05", b"\x01b\xdc\x05");
    let key: Vec<u8> = [9u64.to_be_bytes(), 0u64.to_be_bytes()].concat();
    let end = [&[1][..], &key, b"\x01a\xdc\x05\0\0\0\0\0\0"].concat();
    change(&end, &[&[0], &end[17..]].concat());
    change(&[&end[..], &[0]].concat(), &[&end[..], &[1], &key].concat());
}

/// A name is in the payload once and, when it is too long for entries to share a block, in memory with each of them.
#[test]
fn entries_that_make_much_of_one_long_name_are_refused() {
    let payload = |len: usize, entries: u64| {
        let (name, live) = (vec![b'n'; len], entries.to_string());
        let mut elements: Vec<&[u8]> = vec![live.as_bytes(), b"0", b"1", &name, b"0"];
        let numbers: Vec<String> = (1..=entries).map(|n| n.to_string()).collect();
        numbers.iter().for_each(|n| elements.extend([&b"2"[..], n.as_bytes(), b"0", b"v", b"4"]));
        let mut out = vec![kind::STREAM, 1];
        write_bytes(&mut out, &[0; 16]);
        out.extend_from_slice(&block(&elements));
        [entries, entries, 0, 0].iter().for_each(|number| write_len(&mut out, *number));
        seal(&out, 11)
    };
    assert_eq!(fault(&payload(2000, 1000)), None);
    assert_eq!(fault(&payload(100_000, 100)), None);
    assert_eq!(fault(&payload(100_000, 1000)), Some(Fault::Object));
}

/// Put into its place one after the other, each before all that is there, so many would take minutes.
#[test]
fn groups_and_consumers_may_stand_in_any_order() {
    const COUNT: u64 = 500_000;
    // No nodes, no entries, IDs and counts of zero.
    let mut out = vec![kind::STREAM_3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let write_consumers = |out: &mut Vec<u8>, count: u64| {
        write_len(out, count);
        for number in (0..count).rev() {
            write_bytes(out, &number.to_be_bytes());
            out.extend_from_slice(&[0; 17]);
        }
    };
    write_len(&mut out, COUNT);
    for number in (0..COUNT).rev() {
        write_bytes(&mut out, &number.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        write_consumers(&mut out, if number == 0 { COUNT } else { 0 });
    }
    let Value::Stream(stream) = collection(&seal(&out, 11)) else { panic!() };
    assert_eq!(stream.groups().len() as u64, COUNT);
    assert!(stream.groups().is_sorted_by(|a, b| a.name() < b.name()));
    let consumers = stream.group(&[0; 8]).unwrap().consumers();
    assert_eq!(consumers.len() as u64, COUNT);
    assert!(consumers.is_sorted_by(|(_, a), (_, b)| a.name() < b.name()));
}

#[test]
fn what_is_there_twice_or_empty_or_no_number_is_refused() {
    let ziplist = |elements: &[&[u8]]| counted(&ziplist::tests::ziplist(elements));
    let (twice, pairs) = (block(&[b"a", b"a"]), block(&[b"a", b"1", b"a", b"2"]));
    let (empty, odd) = (block(&[]), block(&[b"a"]));
    let forms: &[(u8, &[&[u8]])] = &[
        (kind::SET, &[b"\x02\x01a\x01a"]),
        (kind::SET_LISTPACK, &[&twice]),
        (kind::SET_INTSET, &[b"\x0c\x02\0\0\0\x02\0\0\0\x05\0\x05\0"]),
        (kind::SET_INTSET, &[b"\x0c\x02\0\0\0\x02\0\0\0\x05\0\x04\0"]),
        (kind::SET_INTSET, &[b"\x0b\x03\0\0\0\x01\0\0\0\x05\0\0"]),
        (kind::SET_INTSET, &[b"\x0a\x02\0\0\0\xff\xff\xff\xff\x05\0"]),
        (kind::SET_INTSET, &[b"\x08\x02\0\0\0\0\0\0\0"]),
        (kind::ZSET, &[b"\x02\x01a\x011\x01a\x012"]),
        (kind::ZSET, &[b"\x01\x01a\xfd"]),
        (kind::ZSET, &[b"\x01\x01a\x03nan"]),
        (kind::ZSET_2, &[b"\x01\x01a", &f64::NAN.to_le_bytes()]),
        (kind::ZSET_LISTPACK, &[&pairs]),
        (kind::ZSET_LISTPACK, &[&block(&[b"a", b"nan"])]),
        (kind::ZSET_LISTPACK, &[&odd]),
        (kind::ZSET_ZIPLIST, &[&ziplist(&[b"\x01a", b"\x01x"])]),
        (kind::HASH, &[b"\x02\x01f\x01v\x01f\x01w"]),
        (kind::HASH_LISTPACK, &[&pairs]),
        (kind::HASH_LISTPACK, &[&odd]),
        (kind::HASH_ZIPLIST, &[&ziplist(&[b"\x01a", b"\xf1", b"\x01a", b"\xf2"])]),
        (kind::HASH_ZIPMAP, &[&counted(b"\x02\x01f\x01\0v\x01f\x01\0w\xff")]),
        (kind::LIST_QUICKLIST_2, &[b"\x01\x03\x01a"]),
        (kind::LIST_QUICKLIST_2, &[b"\x01\x02", &empty]),
        (kind::LIST, &[b"\0"]),
        (kind::SET, &[b"\0"]),
        (kind::ZSET_2, &[b"\0"]),
        (kind::HASH, &[b"\0"]),
        (kind::HASH_METADATA, &[&[0; 9]]),
        (kind::SET_LISTPACK, &[&empty]),
        (kind::ZSET_LISTPACK, &[&empty]),
        (kind::HASH_LISTPACK, &[&empty]),
        (kind::LIST, &[b"\x81\xff\xff\xff\xff\xff\xff\xff\xff"]),
        // Modules, another 22, types to come, an opcode.
        (6, &[b"\0"]),
        (7, &[b"\x81\0\0\0\0\0\0\0\0\0"]),
        (8, &[b"\0"]),
        (22, &[b"\x01\x01f\x01v"]),
        (26, &[b"\0"]),
        (255, &[]),
    ];
    for &(kind, parts) in forms {
        assert_eq!(fault(&object(kind, parts)), Some(Fault::Object), "{kind} {:?}", parts.concat());
    }
    assert_eq!(fault(&seal(b"", 11)), Some(Fault::Object));
}

/// What Redis 8.2 and Valkey 9.1 have answered.
#[test]
fn hashes_of_servers_with_fields_that_have_deadlines_and_had_them() {
    let payloads: [&[u8]; 4] = [
        b"\x19\x00@\x94R\xa3\x03\x00\x00\x16\x16\x00\x00\x00\x06\x00\x81f\x02\x81v\x02\x00\x01\x81g\x02\x07\x01\x00\x01\xff\
          \x0c\x00\x08\xfd;&e\xf2\xf0\x85",
        b"\x19\x00@\x94R\xa3\x03\x00\x00\x1e\x1e\x00\x00\x00\x06\x00\x81g\x02\x07\x01\xf4\x00@\x94R\xa3\x03\x00\x00\x09\
          \x81f\x02\x81v\x02\x00\x01\xff\x0c\x00\x14&\x0b\xb53\x13\x82:",
        b"\x18\x00@\x94R\xa3\x03\x00\x00\x02\x01\x01g\xc0\x07\x00\x01f\x01v\x0c\x00g\x17w\x90\x83CGy",
        b"\x16\x02\x01f\x01v\xff\xff\xff\xff\xff\xff\xff\xff\x01g\xc0\x07\x00@\x94R\xa3\x03\x00\x00P\x00\
          \xfa\x98baRQ\x06\xf9",
    ];
    assert_eq!(show(payloads[0]), "f=v g=7");
    payloads[1..].iter().for_each(|payload| assert_eq!(fault(payload), Some(Fault::FieldDeadline)));
}

#[test]
fn fields_with_deadlines_are_told_from_damage() {
    let past = 1_700_000_000_000u64.to_le_bytes();
    let redis = object(kind::HASH_METADATA, &[&past, b"\x02\x00\x01f\x01v\x01\x01g\x01w"]);
    let packed = object(kind::HASH_LISTPACK_EX, &[&past, &block(&[b"f", b"v", b"1700000000000"])]);
    let valkey = [&[kind::HASH_2][..], b"\x01\x01f\x01v", &past].concat();
    for payload in [redis, packed, seal(&valkey, 80)] {
        assert_eq!(fault(&payload), Some(Fault::FieldDeadline));
    }
    let broken = object(kind::HASH_LISTPACK_EX, &[&past, &block(&[b"f", b"v", b"7", b"g", b"v"])]);
    assert_eq!(fault(&broken), Some(Fault::Object));
}

#[test]
fn envelopes_are_checked_before_anything_else() {
    let good = object(kind::STRING, &[b"\x05hello"]);
    assert_eq!(fault(&good), None);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        assert_eq!(fault(&bad), Some(Fault::Envelope), "{at}");
    }
    (0..good.len()).for_each(|len| assert_eq!(fault(&good[..len]), Some(Fault::Envelope), "{len}"));
    let known = |version| fault(&seal(b"\0\x01x", version)).is_none();
    assert!([1, 6, 9, 10, 11, 12, 80].into_iter().all(known));
    assert!(![79, 81, 999, u16::MAX].into_iter().any(known));
}

#[test]
fn damaged_objects_never_panic() {
    let mut rng = Rng::new(9);
    let mut objects: Vec<Vec<u8>> = samples().iter().map(|value| write(Payload::Object(value))).collect();
    objects.iter_mut().for_each(|payload| payload.truncate(payload.len() - 10));
    objects.extend([kind::STREAM, kind::STREAM_2, kind::STREAM_3].map(stream_object));
    for whole in objects {
        for _ in 0..600 {
            let mut bad = whole.clone();
            for _ in 0..=rng.below(3) {
                let at = rng.below(bad.len() as u64) as usize;
                bad[at] = if rng.below(2) == 0 { rng.below(256) as u8 } else { bad[at] ^ 1 << rng.below(8) };
            }
            for limits in all_limits() {
                if let Ok(Loaded::Collection(value)) = read(&seal(&bad, 10), &limits) {
                    drop(write(Payload::Object(&value)));
                }
            }
        }
    }
    assert!(Wire::new(&[]).is_empty());
}
