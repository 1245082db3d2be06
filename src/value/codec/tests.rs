//! Tests of `codec`: everything reads back, in every form and cut into any pieces; damage is refused.
use super::*;
use crate::{
    base::rng::Rng,
    value::stream::{Group, NewEntry, StreamId},
};
use proptest::prelude::*;

const SMALL: Encodings = Encodings {
    list_max_listpack_size: 3,
    hash_max_listpack_entries: 3,
    hash_max_listpack_value: 5,
    set_max_intset_entries: 4,
    set_max_listpack_entries: 3,
    set_max_listpack_value: 5,
    zset_max_listpack_entries: 3,
    zset_max_listpack_value: 5,
    stream_node_max_bytes: 100,
    stream_node_max_entries: 3,
};

pub fn all_limits() -> [Encodings; 3] {
    [Encodings::NEVER_COMPACT, SMALL, Encodings::default()]
}

pub fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..8),
        2 => any::<i64>().prop_map(|n| n.to_string().into_bytes()),
        2 => (-20i64..20).prop_map(|n| n.to_string().into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

pub fn score() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        (-3i32..3).prop_map(f64::from),
        any::<f64>().prop_filter("a number", |score| !score.is_nan()),
    ]
}

/// What a value holds, apart from its form.
#[derive(Debug, PartialEq)]
pub enum Content {
    Int(i64),
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
    Set(Vec<Vec<u8>>),
    ZSet(Vec<(Vec<u8>, f64)>),
    Hash(Vec<(Vec<u8>, Vec<u8>)>),
    /// All of it, as text.
    Stream(String),
}

/// Everything a stream knows.
pub fn describe(stream: &Stream) -> String {
    let mut text = format!("{} {} {}\n", stream.last_id(), stream.max_deleted_id(), stream.entries_added());
    for entry in stream.iter() {
        text += &format!("{} {:?}\n", entry.id, entry.fields().collect::<Vec<_>>());
    }
    for group in stream.groups() {
        text += &format!("{:?} {} {:?}\n", group.name(), group.last_id, group.entries_read);
        for (_, consumer) in group.consumers() {
            let (seen, active) = (consumer.seen_at_ms, consumer.active_at_ms);
            text += &format!("{:?} {seen} {active}\n", consumer.name());
            for record in consumer.ids().iter().filter_map(|id| group.pending().get(id)) {
                text += &format!("{} {} {}\n", record.id, record.delivered_at_ms, record.deliveries);
            }
        }
    }
    text
}

pub fn content(payload: Payload<'_, Value>) -> Content {
    match payload {
        Payload::Int(value) => Content::Int(value),
        Payload::Bytes(text) => Content::Text(text.to_vec()),
        Payload::Object(Value::Text(text)) => Content::Text(text.to_vec()),
        Payload::Object(Value::List(list)) => Content::List(list.iter().map(<[u8]>::to_vec).collect()),
        Payload::Object(Value::Set(set)) => {
            let mut members: Vec<_> = set.iter().map(|member| member.to_vec()).collect();
            members.sort();
            Content::Set(members)
        }
        Payload::Object(Value::ZSet(zset)) => {
            Content::ZSet(zset.iter().map(|(member, score)| (member.to_vec(), score)).collect())
        }
        Payload::Object(Value::Hash(hash)) => {
            let mut pairs: Vec<_> = hash.iter().map(|(f, v)| (f.to_vec(), v.to_vec())).collect();
            pairs.sort();
            Content::Hash(pairs)
        }
        Payload::Object(Value::Stream(stream)) => Content::Stream(describe(stream)),
    }
}

fn pieces(payload: Payload<'_, Value>, piece_bytes: usize) -> Vec<Vec<u8>> {
    let (mut encoder, mut pieces) = (Encoder::new(payload), Vec::new());
    loop {
        let mut piece = b"before".to_vec();
        let more = encoder.next_piece(piece_bytes, &mut piece);
        pieces.push(piece.split_off(6));
        if !more {
            return pieces;
        }
    }
}

fn build(pieces: &[Vec<u8>], limits: &Encodings) -> Result<Value> {
    let mut builder = Builder::start(&pieces[0], limits)?;
    pieces[1..].iter().try_for_each(|piece| builder.extend(piece))?;
    Ok(builder.finish())
}

/// Writes and reads under all limits and piece sizes.
fn round_trip(payload: Payload<'_, Value>) {
    let expected = content(payload);
    for piece_bytes in [0, 1, 40, 700, 256 << 10] {
        let pieces = pieces(payload, piece_bytes);
        for limits in all_limits() {
            if let [piece] = &pieces[..] {
                let found = decode(piece, &limits).unwrap();
                let found = match &found {
                    New::Int(value) => content(Payload::Int(*value)),
                    New::Bytes(text) => content(Payload::Bytes(text)),
                    New::Object(value) => content(Payload::Object(value)),
                };
                assert_eq!(found, expected);
            }
            if !matches!(payload, Payload::Int(_)) {
                let value = build(&pieces, &limits).unwrap();
                assert_eq!(content(Payload::Object(&value)), expected);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn strings_and_integers_read_back(value in any::<i64>(), text in proptest::collection::vec(any::<u8>(), 0..3000)) {
        round_trip(Payload::Int(value));
        round_trip(Payload::Bytes(&text));
        round_trip(Payload::Object(&Value::Text(Arc::new(text))));
    }

    #[test]
    fn lists_read_back(entries in proptest::collection::vec(text(), 1..60)) {
        let entries: Vec<&[u8]> = entries.iter().map(|entry| &entry[..]).collect();
        for limits in all_limits() {
            let mut list = List::new();
            entries.iter().for_each(|entry| list.push(Side::Right, &[entry], &limits));
            round_trip(Payload::Object(&list.into()));
        }
    }

    #[test]
    fn sets_read_back(
        members in proptest::collection::vec(text(), 0..40),
        ints in proptest::collection::vec(any::<i64>(), 1..40),
        some in any::<bool>(),
    ) {
        for limits in all_limits() {
            let mut set = Set::new();
            ints.iter().for_each(|int| { set.insert(int.to_string().as_bytes(), &limits); });
            if some {
                members.iter().for_each(|member| { set.insert(member, &limits); });
            }
            round_trip(Payload::Object(&set.into()));
        }
    }

    #[test]
    fn sorted_sets_read_back_and_stay_indexed(members in proptest::collection::vec((text(), score()), 1..40)) {
        for limits in all_limits() {
            let mut zset = ZSet::new();
            members.iter().for_each(|(member, score)| { zset.insert(member, *score, &limits); });
            let indexed = zset.is_indexed();
            let value = zset.into();
            round_trip(Payload::Object(&value));
            let back = build(&pieces(Payload::Object(&value), 100), &Encodings::default()).unwrap();
            if indexed {
                prop_assert_eq!(back.encoding(), "skiplist");
            }
        }
    }

    #[test]
    fn hashes_read_back(pairs in proptest::collection::vec((text(), text()), 1..40)) {
        for limits in all_limits() {
            let mut hash = Hash::new();
            pairs.iter().for_each(|(field, value)| { hash.set(field, value, &limits); });
            round_trip(Payload::Object(&hash.into()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(kind in 0u8..20, bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut piece = vec![VERSION << 4 | kind & 0xf];
        piece.extend(bytes);
        for limits in all_limits() {
            if let Ok(New::Object(value)) = decode(&piece, &limits) {
                prop_assert!(!value.is_empty());
                round_trip(Payload::Object(&value));
            }
            drop(Builder::start(&piece[1..], &limits));
        }
    }
}

/// Entries, some deleted, and groups with consumers, some of which have something pending.
pub fn stream(limits: &Encodings) -> Stream {
    let mut stream = Stream::new();
    for n in 1..250u64 {
        let value = n.to_string();
        let fields: &[(&[u8], &[u8])] = match n % 5 {
            0 => &[(b"other", b"")],
            _ => &[(b"name", value.as_bytes()), (b"size", b"12")],
        };
        stream.append(NewEntry { id: StreamId::new(n / 3, n), fields }, limits);
    }
    for n in (5..60).step_by(3) {
        assert!(stream.delete(StreamId::new(n / 3, n), limits));
    }
    for name in [b"g1", b"g2"] {
        stream.add_group(Group::new(name, StreamId::MIN, (name == b"g1").then_some(0)));
        for (n, consumer) in [b"a", b"b", b"c"].iter().enumerate() {
            let number = stream.edit_group(name, |group| group.consumer_or_new(*consumer, 77).0).unwrap();
            if n < 2 {
                stream.deliver(name, number, 30, true, 99);
            }
        }
    }
    stream.edit_group(b"g1", |group| group.remove_consumer(b"a"));
    stream
}

#[test]
fn streams_read_back_with_their_groups() {
    for limits in all_limits() {
        round_trip(Payload::Object(&stream(&limits).into()));
        round_trip(Payload::Object(&Stream::new().into()));
    }
}

/// One of each kind, with several elements.
pub fn samples() -> Vec<Value> {
    let limits = Encodings::default();
    let mut list = List::new();
    list.push(Side::Right, &[b"a", b"", b"ccc"], &limits);
    let (mut ints, mut mixed) = (Set::new(), Set::new());
    for n in 0..300u32 {
        ints.insert(n.to_string().as_bytes(), &limits);
        mixed.insert(n.to_string().as_bytes(), &limits);
        mixed.insert(format!("m{n}").as_bytes(), &limits);
    }
    let (mut zset, mut indexed, mut hash) = (ZSet::new(), ZSet::indexed(), Hash::new());
    for n in 0..9u32 {
        zset.insert(&n.to_le_bytes(), f64::from(n % 3), &limits);
        indexed.insert(&n.to_le_bytes(), f64::from(n % 3), &limits);
        hash.set(&n.to_le_bytes(), b"value", &limits);
    }
    let text = Value::Text(Arc::new(vec![7; 2000]));
    let stream = stream(&limits);
    vec![
        text,
        stream.into(),
        list.into(),
        ints.into(),
        mixed.into(),
        zset.into(),
        indexed.into(),
        hash.into(),
    ]
}

#[test]
fn what_is_cut_short_or_said_twice_is_refused() {
    for value in samples() {
        let whole = pieces(Payload::Object(&value), usize::MAX);
        for limits in all_limits() {
            if value.kind() != super::super::Type::String {
                let twice: Vec<_> = whole.iter().chain(&whole).cloned().collect();
                let is_list = value.kind() == super::super::Type::List;
                assert_eq!(build(&twice, &limits).is_ok(), is_list, "{:?}", value.kind());
                assert!(build(&[whole[0][..1].to_vec()], &limits).is_err(), "no element at all");
            }
            let last = &whole[whole.len() - 1];
            let cut = last[..last.len() - 1].to_vec();
            let cut_value = build(&[&whole[..whole.len() - 1], &[cut]].concat(), &limits);
            // A string has no end of its own, nor has the last integer of several bytes.
            assert!(cut_value.is_err() || value.kind() == super::super::Type::String || whole.len() == 1);
        }
    }
}

#[test]
fn pieces_of_different_types_do_not_mix() {
    let values = samples();
    for (a, one) in values.iter().enumerate() {
        for (b, other) in values.iter().enumerate().filter(|(b, other)| a != *b && one.kind() != other.kind())
        {
            let (one, other) = (pieces(Payload::Object(one), 9000), pieces(Payload::Object(other), 9000));
            assert!(build(&[one, other].concat(), &SMALL).is_err(), "{a} and {b}");
        }
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let mut rng = Rng::new(5);
    for value in samples() {
        for piece_bytes in [20, 100_000] {
            for piece in pieces(Payload::Object(&value), piece_bytes).iter().take(3) {
                for _ in 0..200 {
                    let mut bad = piece.clone();
                    for _ in 0..=rng.below(2) {
                        let at = rng.below(bad.len() as u64) as usize;
                        bad[at] ^= 1 << rng.below(8);
                    }
                    bad.truncate(bad.len() - rng.below(3) as usize % bad.len());
                    for limits in all_limits() {
                        drop(Builder::start(&bad, &limits).map(Builder::finish));
                    }
                }
            }
        }
    }
}

#[test]
fn a_later_version_is_told_from_damage() {
    let error = decode(&[(VERSION + 1) << 4 | TEXT], &SMALL).err().unwrap();
    assert!(error.kind() == Kind::Corrupt && error.to_string().contains("newer version"));
    for bad in [
        &[][..],
        &[TEXT],
        &[VERSION << 4],
        &[VERSION << 4 | 15],
        &[VERSION << 4 | INT],
        &[VERSION << 4 | INT, 1, 1],
    ] {
        assert!(decode(bad, &SMALL).err().unwrap().to_string().contains("damaged"), "{bad:?}");
    }
    let nan = [&[VERSION << 4 | ZSET][..], &f64::NAN.to_le_bytes(), &[1, b'm']].concat();
    assert!(decode(&nan, &SMALL).is_err());
}
