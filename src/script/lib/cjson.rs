//! The library `cjson`: JSON for scripts, as lua-cjson 2.1 has it in Redis.
//!
//! `cjson.new()` makes a library with settings of its own; those of a library are shared by its functions.
mod decode;
mod encode;
mod settings;

use super::output::Output;
use crate::base::bytes::until_zero;
use settings::{Setting, Settings};
use tenondb_lua::{Frame, Kind, Native, Raise};

/// The most that a buffer keeps of its memory from one text to the next.
const KEPT_BYTES_MAX: usize = 64 * 1024;

const FUNCTIONS: [(&str, Native); 10] = [
    ("encode", encode),
    ("decode", decode),
    ("encode_sparse_array", encode_sparse_array),
    ("encode_max_depth", encode_max_depth),
    ("decode_max_depth", decode_max_depth),
    ("encode_number_precision", encode_number_precision),
    ("encode_keep_buffer", encode_keep_buffer),
    ("encode_invalid_numbers", encode_invalid_numbers),
    ("decode_invalid_numbers", decode_invalid_numbers),
    ("new", new),
];

/// The buffer that texts are written into, unless `encode_keep_buffer` is off.
#[derive(Debug, Default)]
struct Kept(Vec<u8>);

/// Pushes the library's table.
pub fn open(frame: &mut Frame<'_>) -> Result<(), Raise> {
    frame.push_table(0, FUNCTIONS.len() + 3)?;
    Settings::default().create(frame)?;
    for (name, function) in FUNCTIONS {
        frame.push_copy(-1)?;
        frame.push_closure(function, 1)?;
        frame.raw_set_field(-3, name.as_bytes())?;
    }
    frame.pop(1);
    // Nothing in a list or an object, as a table cannot hold a nil.
    frame.push_light(0)?;
    frame.raw_set_field(-2, b"null")?;
    frame.push_bytes(b"cjson")?;
    frame.raw_set_field(-2, b"_NAME")?;
    frame.push_bytes(b"2.1.0")?;
    frame.raw_set_field(-2, b"_VERSION")
}

fn new(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    open(frame)?;
    Ok(1)
}

fn one_argument(frame: &Frame<'_>) -> Result<(), Raise> {
    if frame.len() == 1 { Ok(()) } else { Err(Raise::argument(1, "expected 1 argument")) }
}

fn encode(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    one_argument(frame)?;
    let settings = Settings::load(frame)?;
    let kept = frame.local::<Kept>();
    let buffer = match settings.is_on(Setting::KeepBuffer) {
        true => std::mem::take(&mut kept.borrow_mut().0),
        false => Vec::new(),
    };
    let mut out = Output::reusing(buffer, frame.memory_left());
    encode::value(frame, &settings, &mut out)?;
    frame.push_bytes(out.bytes())?;
    if settings.is_on(Setting::KeepBuffer) {
        let mut buffer = out.into_bytes();
        buffer.clear();
        buffer.shrink_to(KEPT_BYTES_MAX);
        kept.borrow_mut().0 = buffer;
    }
    Ok(1)
}

fn decode(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    one_argument(frame)?;
    let settings = Settings::load(frame)?;
    let text = frame.check_bytes(1)?;
    if text.len() >= 2 && (text[0] == 0 || text[1] == 0) {
        return Err(Raise::text("JSON parser does not support UTF-16 or UTF-32"));
    }
    decode::value(frame, &settings, text)?;
    Ok(1)
}

/// Refuses more than `most` arguments.
fn arguments(frame: &Frame<'_>, most: usize) -> Result<(), Raise> {
    if frame.len() <= most { Ok(()) } else { Err(Raise::argument(most + 1, "found too many arguments")) }
}

fn is_given(frame: &Frame<'_>, at: i32) -> bool {
    !matches!(frame.kind(at), Kind::None | Kind::Nil)
}

/// Sets an integer when the argument is given. Returns what it is then.
fn integer(frame: &mut Frame<'_>, at: i32, setting: Setting, least: i32, most: i32) -> Result<i32, Raise> {
    let mut settings = Settings::load(frame)?;
    if is_given(frame, at) {
        // An `int` of C takes the low half.
        let value = frame.check_int(at)? as i32;
        if !(least..=most).contains(&value) {
            // It is always the first one that is named.
            return Err(Raise::argument(1, format!("expected integer between {least} and {most}")));
        }
        settings.set(setting, value);
        settings.store(frame)?;
    }
    Ok(settings.get(setting))
}

fn push_integer(frame: &mut Frame<'_>, setting: Setting, most: i32) -> Result<usize, Raise> {
    arguments(frame, 1)?;
    let value = integer(frame, 1, setting, 1, most)?;
    frame.push_number(f64::from(value))?;
    Ok(1)
}

/// Sets one of some words when the argument is given, the first two of which are `false` and `true`, too. Returns which one it
/// is then.
fn choice(frame: &mut Frame<'_>, at: i32, setting: Setting, words: &[&str]) -> Result<i32, Raise> {
    let mut settings = Settings::load(frame)?;
    if is_given(frame, at) {
        let value = if frame.kind(at) == Kind::Boolean {
            i32::from(frame.truth(at))
        } else {
            let text = frame.check_bytes(at)?;
            let word = until_zero(text);
            match words.iter().position(|known| known.as_bytes() == word) {
                Some(place) => place as i32,
                None => return Err(Raise::argument(at as usize, [b"invalid option '", word, b"'"].concat())),
            }
        };
        settings.set(setting, value);
        settings.store(frame)?;
    }
    Ok(settings.get(setting))
}

fn push_choice(frame: &mut Frame<'_>, setting: Setting, words: &[&str]) -> Result<usize, Raise> {
    arguments(frame, 1)?;
    match choice(frame, 1, setting, words)? {
        value @ (0 | 1) => frame.push_bool(value == 1)?,
        value => frame.push_bytes(words[value as usize].as_bytes())?,
    }
    Ok(1)
}

const SWITCH: &[&str] = &["off", "on"];

fn encode_sparse_array(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    arguments(frame, 3)?;
    let convert = choice(frame, 1, Setting::SparseConvert, SWITCH)?;
    let ratio = integer(frame, 2, Setting::SparseRatio, 0, i32::MAX)?;
    let safe = integer(frame, 3, Setting::SparseSafe, 0, i32::MAX)?;
    frame.push_bool(convert == 1)?;
    frame.push_number(f64::from(ratio))?;
    frame.push_number(f64::from(safe))?;
    Ok(3)
}

fn encode_max_depth(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    push_integer(frame, Setting::EncodeMaxDepth, i32::MAX)
}

fn decode_max_depth(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    push_integer(frame, Setting::DecodeMaxDepth, i32::MAX)
}

fn encode_number_precision(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    push_integer(frame, Setting::NumberPrecision, 14)
}

fn encode_keep_buffer(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let pushed = push_choice(frame, Setting::KeepBuffer, SWITCH)?;
    if !Settings::load(frame)?.is_on(Setting::KeepBuffer) {
        frame.local::<Kept>().take();
    }
    Ok(pushed)
}

fn encode_invalid_numbers(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    push_choice(frame, Setting::EncodeInvalidNumbers, &["off", "on", "null"])
}

fn decode_invalid_numbers(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    push_choice(frame, Setting::DecodeInvalidNumbers, SWITCH)
}

#[cfg(test)]
mod tests;
