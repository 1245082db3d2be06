//! Whether two replies to the same command agree.
use crate::{
    generate::Argv,
    rules::{Rule, rule},
    tnt::{
        text::{pairs, sorted},
        wire::{self, Value},
    },
};

/// Reads a reply; what is no RESP shows up as an error that no server sends.
pub fn value(wire: &[u8]) -> Value {
    match wire::read(wire) {
        Ok((value, len)) if len == wire.len() => value,
        Ok(_) => Value::Error(b"(more than one reply)".to_vec()),
        Err(fault) => Value::Error(format!("(no reply: {fault:?})").into_bytes()),
    }
}

/// Tells whether two replies to `argv` agree.
pub fn agree(name: &str, argv: &Argv, ours: &Value, theirs: &Value) -> bool {
    if ours == theirs {
        return true;
    }
    let rule = rule(name);
    if matches!(rule, Rule::Ignored(_)) {
        return !matches!(ours, Value::Error(text) if text.starts_with(b"ERR internal error"));
    }
    if ours.is_error() || theirs.is_error() {
        return false;
    }
    match rule {
        Rule::Exact | Rule::Ignored(_) => false,
        Rule::Unordered => unordered(ours, theirs),
        Rule::UnorderedPairs => unordered_pairs(ours, theirs),
        Rule::Shape => shape(ours, theirs),
        Rule::Kind => ours.type_name() == theirs.type_name(),
        Rule::Lines => ours.type_name() == theirs.type_name() && lines(ours) == lines(theirs),
        Rule::Near(by) => near(ours, theirs, by),
        Rule::Clock(by) => clock(ours, theirs, by),
        Rule::Scan => scan(argv, name == "SCAN", ours, theirs, unordered),
        Rule::ScanPairs => scan(argv, false, ours, theirs, |a, b| unordered_pairs(a, b) || unordered(a, b)),
        Rule::Sort => sort(argv, ours, theirs),
    }
}

fn unordered(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Map(a), Value::Map(b)) => sorted(a) == sorted(b),
        (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => sorted(a) == sorted(b),
        _ => false,
    }
}

fn unordered_pairs(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && pairs(a) == pairs(b),
        _ => unordered(ours, theirs),
    }
}

fn shape(ours: &Value, theirs: &Value) -> bool {
    match (ours.items(), theirs.items()) {
        (Some(a), Some(b)) => {
            ours.type_name() == theirs.type_name()
                && a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| shape(a, b))
        }
        _ => ours.type_name() == theirs.type_name(),
    }
}

fn lines(value: &Value) -> usize {
    match value {
        Value::Bulk(text) | Value::Verbatim(_, text) => text.iter().filter(|b| **b == b'\n').count(),
        _ => 0,
    }
}

fn near(ours: &Value, theirs: &Value, by: u64) -> bool {
    matches!((ours, theirs), (Value::Int(a), Value::Int(b)) if *a >= 0 && *b >= 0 && a.abs_diff(*b) <= by)
}

fn clock(ours: &Value, theirs: &Value, by: u64) -> bool {
    match (ours, theirs) {
        (Value::Int(a), Value::Int(b)) => a.abs_diff(*b) <= by,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| clock(a, b, by))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && clock(&a.1, &b.1, by))
        }
        _ => ours == theirs,
    }
}

fn scan(
    argv: &Argv,
    whole: bool,
    ours: &Value,
    theirs: &Value,
    same: impl Fn(&Value, &Value) -> bool,
) -> bool {
    let (Value::List(a), Value::List(b)) = (ours, theirs) else { return false };
    let ([from_a, items_a], [from_b, items_b]) = (a.as_slice(), b.as_slice()) else { return false };
    let end = Value::Bulk(b"0".to_vec());
    let start = argv.get(if whole { 1 } else { 2 }).is_some_and(|cursor| cursor == b"0");
    if start && *from_a == end && *from_b == end {
        return same(items_a, items_b);
    }
    items_a.type_name() == items_b.type_name() && from_a.type_name() == from_b.type_name()
}

/// The order is open when elements are not compared at all, or by keys that are equal.
fn sort(argv: &Argv, ours: &Value, theirs: &Value) -> bool {
    let has = |word: &str| argv.iter().any(|arg| arg.eq_ignore_ascii_case(word.as_bytes()));
    match (ours, theirs) {
        (Value::List(a), Value::List(b)) if has("BY") => {
            if has("LIMIT") || has("GET") {
                a.len() == b.len()
            } else {
                unordered(ours, theirs)
            }
        }
        _ => false,
    }
}
