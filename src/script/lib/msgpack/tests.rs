//! Bytes of each kind of item, and made-up values read back.
use super::{
    read::{Fault, Item, take},
    write,
};
use crate::script::lib::output::{Full, Output};
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Nil,
    Boolean(bool),
    Number(f64),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

fn pack(value: &Value, out: &mut Output) -> Result<(), Full> {
    match value {
        Value::Nil => write::nil(out),
        Value::Boolean(value) => write::boolean(out, *value),
        Value::Number(value) => write::number(out, *value),
        Value::Bytes(value) => write::bytes(out, value),
        Value::Array(items) => {
            write::array(out, items.len())?;
            items.iter().try_for_each(|item| pack(item, out))
        }
        Value::Map(pairs) => {
            write::map(out, pairs.len())?;
            pairs.iter().try_for_each(|(key, value)| {
                pack(key, out)?;
                pack(value, out)
            })
        }
    }
}

fn unpack(rest: &mut &[u8]) -> Result<Value, Fault> {
    Ok(match take(rest)? {
        Item::Nil => Value::Nil,
        Item::Boolean(value) => Value::Boolean(value),
        Item::Number(value) => Value::Number(value),
        Item::Bytes(value) => Value::Bytes(value.to_vec()),
        Item::Array(len) => Value::Array((0..len).map(|_| unpack(rest)).collect::<Result<_, _>>()?),
        Item::Map(len) => {
            Value::Map((0..len).map(|_| Ok((unpack(rest)?, unpack(rest)?))).collect::<Result<_, _>>()?)
        }
    })
}

fn number(value: f64) -> String {
    let mut out = Output::new(usize::MAX);
    write::number(&mut out, value).unwrap();
    out.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn numbers_take_the_bytes_they_need() {
    for (value, bytes) in [
        (0.0, "00"),
        (-0.0, "00"),
        (127.0, "7f"),
        (128.0, "cc80"),
        (255.0, "ccff"),
        (256.0, "cd0100"),
        (65535.0, "cdffff"),
        (65536.0, "ce00010000"),
        (4294967295.0, "ceffffffff"),
        (4294967296.0, "cf0000000100000000"),
        (-1.0, "ff"),
        (-32.0, "e0"),
        (-33.0, "d0df"),
        (-128.0, "d080"),
        (-129.0, "d1ff7f"),
        (-32768.0, "d18000"),
        (-32769.0, "d2ffff7fff"),
        (-2147483648.0, "d280000000"),
        (-2147483649.0, "d3ffffffff7fffffff"),
        (1e18, "cf0de0b6b3a7640000"),
        (-9223372036854775808.0, "d38000000000000000"),
        // Beyond 64 bits they are floats, and some of them short ones.
        (9223372036854775808.0, "ca5f000000"),
        (18446744073709551616.0, "ca5f800000"),
        (1e19, "cb43e158e460913d00"),
        (-9.3e18, "cbc3e02207973f6440"),
        (1.5, "ca3fc00000"),
        (0.1, "cb3fb999999999999a"),
        (1e39, "cb48078287f49c4a1d"),
        (1e-46, "cb366244ce242c5561"),
        (f64::INFINITY, "ca7f800000"),
        (f64::NEG_INFINITY, "caff800000"),
        (-f64::NAN, "cbfff8000000000000"),
    ] {
        assert_eq!(number(value), bytes, "{value}");
    }
}

#[test]
fn lengths_take_the_bytes_they_need() {
    let head = |len: usize, write: fn(&mut Output, usize) -> Result<(), Full>| {
        let mut out = Output::new(9);
        write(&mut out, len).map(|()| out.into_bytes())
    };
    for (len, array, map) in [
        (0, &b"\x90"[..], &b"\x80"[..]),
        (15, b"\x9f", b"\x8f"),
        (16, b"\xdc\0\x10", b"\xde\0\x10"),
        (65535, b"\xdc\xff\xff", b"\xde\xff\xff"),
        (65536, b"\xdd\0\x01\0\0", b"\xdf\0\x01\0\0"),
    ] {
        assert_eq!(head(len, write::array).unwrap(), array);
        assert_eq!(head(len, write::map).unwrap(), map);
    }
    assert_eq!(head(1 << 32, write::array), Err(Full));
    for (len, first) in [
        (31, &b"\xbf"[..]),
        (32, b"\xd9\x20"),
        (255, b"\xd9\xff"),
        (256, b"\xda\x01\0"),
        (65536, b"\xdb\0\x01\0\0"),
    ] {
        let mut out = Output::new(usize::MAX);
        write::bytes(&mut out, &vec![b'x'; len]).unwrap();
        assert!(out.bytes().starts_with(first) && out.bytes().len() == first.len() + len, "{len}");
    }
}

#[test]
fn what_is_cut_short_or_unknown_is_refused() {
    let mut tags: Vec<u8> = Vec::new();
    for tag in 0..=255 {
        let mut rest = &[tag][..];
        match take(&mut rest) {
            Err(Fault::Unknown) => tags.push(tag),
            Err(Fault::Short) => assert_eq!(rest, [tag]),
            Ok(_) => assert!(rest.is_empty()),
        }
    }
    assert_eq!(tags, [0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]);
    assert_eq!(take(&mut &b""[..]), Err(Fault::Short));
    assert_eq!(take(&mut &b"\xdb\xff\xff\xff\xffabc"[..]), Err(Fault::Short));
    assert_eq!(take(&mut &b"\xdd\xff\xff\xff\xff"[..]), Ok(Item::Array(0xffff_ffff)));
    assert_eq!(take(&mut &b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"[..]), Ok(Item::Number(-1.0)));
    assert_eq!(take(&mut &b"\xd1\x80\x01"[..]), Ok(Item::Number(-32767.0)));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Boolean),
        any::<f64>().prop_filter("unequal to itself", |v| !v.is_nan()).prop_map(Value::Number),
        any::<i64>().prop_map(|v| Value::Number((v >> (v & 63)) as f64)),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(5, 80, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::Array),
            prop::collection::vec((inner.clone(), inner), 0..20).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_packed_unpacks(value in values()) {
        let mut out = Output::new(usize::MAX);
        pack(&value, &mut out).unwrap();
        let mut rest = out.bytes();
        prop_assert_eq!(unpack(&mut rest), Ok(value));
        prop_assert!(rest.is_empty());
        // Every shorter stream ends too early.
        for len in 0..out.bytes().len() {
            prop_assert_eq!(unpack(&mut &out.bytes()[..len]), Err(Fault::Short));
        }
    }

    #[test]
    fn any_bytes_are_items_or_refused(bytes: Vec<u8>) {
        let mut rest = &bytes[..];
        while take(&mut rest).is_ok() {}
        prop_assert!(rest.len() <= bytes.len());
    }
}
