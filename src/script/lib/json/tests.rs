//! The dialect, text by text, and texts of made-up values read back.
use super::{
    read::{Build, Fault, Shape, read},
    write,
};
use crate::script::lib::output::{Full, Output};
use proptest::prelude::*;
use std::{collections::BTreeMap, convert::Infallible};

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Boolean(bool),
    Number(f64),
    Text(Vec<u8>),
    Array(Vec<Value>),
    Object(BTreeMap<Vec<u8>, Value>),
}

/// Builds values, in the same way as they are built on Lua's stack.
struct Model {
    stack: Vec<Value>,
    keys: Vec<Vec<u8>>,
    depth_max: usize,
}

impl Build for Model {
    type Stop = Infallible;
    fn null(&mut self) -> Result<(), Infallible> {
        self.stack.push(Value::Null);
        Ok(())
    }
    fn boolean(&mut self, value: bool) -> Result<(), Infallible> {
        self.stack.push(Value::Boolean(value));
        Ok(())
    }
    fn number(&mut self, value: f64) -> Result<(), Infallible> {
        self.stack.push(Value::Number(value));
        Ok(())
    }
    fn text(&mut self, value: &[u8]) -> Result<(), Infallible> {
        self.stack.push(Value::Text(value.to_vec()));
        Ok(())
    }
    fn open(&mut self, shape: Shape, depth: usize) -> Result<bool, Infallible> {
        self.stack.push(match shape {
            Shape::Array => Value::Array(Vec::new()),
            Shape::Object => Value::Object(BTreeMap::new()),
        });
        Ok(depth <= self.depth_max)
    }
    fn key(&mut self, key: &[u8]) -> Result<(), Infallible> {
        self.keys.push(key.to_vec());
        Ok(())
    }
    fn item(&mut self, place: usize) -> Result<(), Infallible> {
        let item = self.stack.pop().unwrap();
        let Some(Value::Array(items)) = self.stack.last_mut() else { panic!("an item of no list") };
        items.push(item);
        assert_eq!(items.len(), place);
        Ok(())
    }
    fn member(&mut self) -> Result<(), Infallible> {
        let (value, key) = (self.stack.pop().unwrap(), self.keys.pop().unwrap());
        let Some(Value::Object(members)) = self.stack.last_mut() else { panic!("a member of no object") };
        members.insert(key, value);
        Ok(())
    }
}

fn decode_with(text: &[u8], invalid_numbers: bool, depth_max: usize) -> Result<Value, String> {
    let mut model = Model { stack: Vec::new(), keys: Vec::new(), depth_max };
    match read(text, invalid_numbers, &mut model) {
        Ok(()) => {
            assert!(model.keys.is_empty() && model.stack.len() == 1);
            Ok(model.stack.remove(0))
        }
        Err(Fault::Text(why)) => Err(why),
        Err(Fault::Build(never)) => match never {},
    }
}

fn decode(text: &str) -> Result<Value, String> {
    decode_with(text.as_bytes(), true, 1000)
}

fn encode(value: &Value, out: &mut Output) -> Result<(), Full> {
    match value {
        Value::Null => out.push(b"null"),
        Value::Boolean(value) => out.push(if *value { b"true" } else { b"false" }),
        Value::Number(value) => write::number(out, *value, 17),
        Value::Text(text) => write::string(out, text),
        Value::Array(items) => {
            out.push(b"[")?;
            for (place, item) in items.iter().enumerate() {
                out.push(if place > 0 { b"," } else { b"" })?;
                encode(item, out)?;
            }
            out.push(b"]")
        }
        Value::Object(members) => {
            out.push(b"{")?;
            for (place, (key, value)) in members.iter().enumerate() {
                out.push(if place > 0 { b", " } else { b"\n" })?;
                write::string(out, key)?;
                out.push(b":")?;
                encode(value, out)?;
            }
            out.push(b"}")
        }
    }
}

fn written(text: &[u8]) -> String {
    let mut out = Output::new(usize::MAX);
    write::string(&mut out, text).unwrap();
    String::from_utf8(out.bytes().to_vec()).unwrap()
}

#[test]
fn strings_are_escaped() {
    assert_eq!(written(b"a/b\"c\\d\x7f\0\x1f\n\r\t\x08\x0c"), r#""a\/b\"c\\d\u007f\u0000\u001f\n\r\t\b\f""#);
    assert_eq!(written("é".as_bytes()), "\"é\"");
    let mut out = Output::new(usize::MAX);
    write::string(&mut out, b"\xff\x80").unwrap();
    assert_eq!(out.bytes(), b"\"\xff\x80\"");
    assert_eq!(write::string(&mut Output::new(3), b"ab"), Err(Full));
}

#[test]
fn bad_texts_are_told() {
    for (text, expected, found, at) in [
        ("", "value", "T_END", 1),
        (" ", "value", "T_END", 2),
        ("{\"a\":}", "value", "T_OBJ_END", 6),
        ("[1,2", "comma or array end", "T_END", 5),
        ("[\"a\0b\"]", "value", "unexpected end of string", 4),
        ("[infinit]", "comma or array end", "invalid token", 5),
        ("[-]", "value", "invalid number", 2),
        ("[1e]", "comma or array end", "invalid token", 3),
        ("[.5]", "value", "invalid token", 2),
        ("[0xg]", "comma or array end", "invalid token", 3),
        ("[nul]", "value", "invalid token", 2),
        ("[truex]", "comma or array end", "invalid token", 6),
        ("[\"\\ud83d\"]", "value", "invalid unicode escape code", 3),
        ("[\"\\ude00\"]", "value", "invalid unicode escape code", 3),
        ("[\"\\ud83d\\u0041\"]", "value", "invalid unicode escape code", 3),
        ("[\"\\u12\"]", "value", "invalid unicode escape code", 3),
        ("[\"\\x\"]", "value", "invalid escape code", 3),
        ("\"ab\\", "value", "invalid escape code", 4),
        ("\"abc", "value", "unexpected end of string", 5),
        ("{\"a\" 1}", "colon", "T_NUMBER", 6),
        ("{1:2}", "object key string", "T_NUMBER", 2),
        ("{\"a\":1,}", "object key string", "T_OBJ_END", 8),
        ("{\"a\":1]", "comma or object end", "T_ARR_END", 7),
        ("[1,]", "value", "T_ARR_END", 4),
        ("[1 null]", "comma or array end", "T_NULL", 4),
        ("1 true", "the end", "T_BOOLEAN", 3),
        ("1 \"", "the end", "unexpected end of string", 4),
        ("i", "value", "invalid token", 1),
    ] {
        let said = format!("Expected {expected} but found {found} at character {at}");
        assert_eq!(decode(text), Err(said), "{text}");
    }
    let deep = "Found too many nested data structures (3) at character 6";
    assert_eq!(decode_with(b"[{\"\":[", true, 2), Err(deep.into()));
}

#[test]
fn numbers_of_other_dialects_are_taken_unless_they_are_turned_off() {
    for (text, value) in
        [("0x1F", 31.0), ("007", 7.0), ("+5", 5.0), ("-inf", f64::NEG_INFINITY), ("-.5", -0.5), ("1.", 1.0)]
    {
        assert_eq!(decode(text), Ok(Value::Number(value)), "{text}");
    }
    assert!(matches!(decode("-nan"), Ok(Value::Number(v)) if v.is_nan() && v.is_sign_negative()));
    let strict = |text: &str| decode_with(text.as_bytes(), false, 1000);
    for text in ["0x1", "01", "-01", "-inf", "-foo", "--1", "-0X1", "-nan"] {
        assert_eq!(
            strict(text),
            Err("Expected value but found invalid number at character 1".into()),
            "{text}"
        );
    }
    for text in ["+1", "inf", "NaN", "nan"] {
        assert_eq!(
            strict(text),
            Err("Expected value but found invalid token at character 1".into()),
            "{text}"
        );
    }
    for (text, value) in [("-.5", -0.5), ("0", 0.0), ("1.", 1.0), ("0e1", 0.0), ("-0.5e1", -5.0)] {
        assert_eq!(strict(text), Ok(Value::Number(value)), "{text}");
    }
}

#[test]
fn a_zero_byte_ends_the_text_and_the_last_of_equal_keys_counts() {
    assert_eq!(decode("[1]\0garbage"), Ok(Value::Array(vec![Value::Number(1.0)])));
    let members = [(b"a".to_vec(), Value::Number(2.0))];
    assert_eq!(decode(r#"{"a":1,"\u0061":2}"#), Ok(Value::Object(members.into())));
    assert_eq!(decode(r#""\ud83d\ude00\u00e9\u20ac\u0000""#), Ok(Value::Text("😀é€\0".into())));
}

#[test]
fn depth_costs_no_frames() {
    let mut text = "[".repeat(1_000_000);
    assert!(decode_with(text.as_bytes(), true, usize::MAX).is_err());
    text.push_str(&"]".repeat(1_000_000));
    let mut value = decode_with(text.as_bytes(), true, usize::MAX).unwrap();
    // Taken apart from outside: dropping it whole would go that deep.
    while let Value::Array(mut items) = value {
        value = items.pop().unwrap_or(Value::Null);
    }
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop::collection::vec(any::<u8>(), 0..12);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<f64>().prop_filter("no text", |v| !v.is_nan()).prop_map(Value::Number),
        (-1000i32..1000).prop_map(|v| Value::Number(f64::from(v))),
        text.clone().prop_map(Value::Text),
    ];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::btree_map(text.clone(), inner, 0..8).prop_map(Value::Object),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in values()) {
        let mut out = Output::new(usize::MAX);
        encode(&value, &mut out).unwrap();
        prop_assert_eq!(decode_with(out.bytes(), true, 1000), Ok(value));
    }

    #[test]
    fn any_bytes_are_read_or_refused(text: Vec<u8>, strict: bool) {
        let _ = decode_with(&text, strict, 1000);
    }

    /// Pieces of JSON in any order go deeper into the reader than bytes do.
    #[test]
    fn any_pieces_are_read_or_refused(pieces in prop::collection::vec(0usize..16, 0..20)) {
        const PIECES: [&str; 16] = [
            "[", "]", "{", "}", ",", ":", "\"a\"", "\"\\u00", "1", "-", "inf", "null", "tru", " ", "0x", "\0",
        ];
        let text: String = pieces.iter().map(|n| PIECES[*n]).collect();
        let _ = decode(&text);
    }
}
