//! The table `redis`, and `server`, which is the same: what a script says to the database.
use crate::{
    base::bytes::until_zero,
    cmd::conn::hello::REDIS_VERSION,
    script::{cache, run::ask},
};
use tenondb_lua::{Frame, Kind, Native, Raise};

/// What [`super::super::run`] is asked to do.
pub const CALL: u32 = 0;
pub const PCALL: u32 = 1;
pub const SET_RESP: u32 = 2;
pub const MAY_CALL: u32 = 3;

/// Redis's names for where a script's writes go.
const TO_LOG: i64 = 1;
const TO_REPLICAS: i64 = 2;

/// Redis's levels of its log, from `debug` to `warning`.
const LEVELS: [(&[u8], i64); 4] =
    [(b"LOG_DEBUG", 0), (b"LOG_VERBOSE", 1), (b"LOG_NOTICE", 2), (b"LOG_WARNING", 3)];

/// Pushes an error as commands and helpers return it: a table with its text.
pub fn push_error(frame: &mut Frame<'_>, text: &[u8]) -> Result<(), Raise> {
    frame.push_table(0, 4)?;
    frame.push_bytes(text)?;
    frame.raw_set_field(-2, b"err")
}

/// Raises such an error.
pub fn raise(frame: &mut Frame<'_>, text: &[u8]) -> Raise {
    match push_error(frame, text) {
        Ok(()) => Raise::Top,
        Err(raised) => raised,
    }
}

/// An error's text from what a script gives: `-CODE text`, `CODE text`, or a text without a code, which gets one. A NUL ends it.
fn error_text(given: &[u8]) -> Vec<u8> {
    let given = until_zero(given);
    let given = given.strip_prefix(b"-").unwrap_or(given);
    let (code, text) = match given.iter().position(|byte| *byte == b' ') {
        Some(at) => (&given[..at], &given[at + 1..]),
        None => (&b"ERR"[..], given),
    };
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let start = text.iter().position(|byte| !is_break(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_break(byte)).map_or(start, |last| last + 1);
    [code, b" ", &text[start..end]].concat()
}

fn error_reply(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    let text = match frame.bytes(-1).filter(|_| frame.len() == 1) {
        Some(given) => error_text(given),
        None => b"ERR wrong number or type of arguments".to_vec(),
    };
    push_error(frame, &text)?;
    Ok(1)
}

fn status_reply(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    if frame.len() != 1 || frame.kind(1) != Kind::String {
        push_error(frame, b"ERR wrong number or type of arguments")?;
        return Ok(1);
    }
    frame.push_table(0, 1)?;
    frame.push_copy(1)?;
    frame.raw_set_field(-2, b"ok")?;
    Ok(1)
}

fn sha1hex(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    if frame.len() != 1 {
        return Err(raise(frame, b"ERR wrong number of arguments"));
    }
    let sha = cache::digest(frame.to_bytes(1).unwrap_or_default());
    frame.push_bytes(cache::write_sha(&sha).as_bytes())?;
    Ok(1)
}

/// There is no log for people: the arguments are looked at, and that is all.
fn log(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    if frame.len() < 2 {
        return Err(raise(frame, b"ERR server.log() requires two arguments or more."));
    }
    let Some(level) = frame.to_number(1) else {
        return Err(raise(frame, b"ERR First argument must be a number (log level)."));
    };
    if !(0..=3).contains(&(level as i64)) {
        return Err(raise(frame, b"ERR Invalid log level."));
    }
    Ok(0)
}

/// What a script writes is in the log whatever it says: a store that is opened again has all that was answered.
fn set_repl(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    if frame.len() != 1 {
        return Err(raise(frame, b"ERR server.set_repl() requires one argument."));
    }
    let to = frame.to_number(1).unwrap_or_default() as i64;
    if to & !(TO_LOG | TO_REPLICAS) != 0 {
        let text = b"ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.";
        return Err(raise(frame, text));
    }
    if to & TO_LOG == 0 {
        return Err(raise(frame, b"ERR what a script writes is always in the log"));
    }
    Ok(0)
}

fn replicate_commands(frame: &mut Frame<'_>) -> Result<usize, Raise> {
    frame.push_bool(true)?;
    Ok(1)
}

const NATIVES: &[(&[u8], Native)] = &[
    (b"call", |frame| ask(frame, CALL)),
    (b"pcall", |frame| ask(frame, PCALL)),
    (b"setresp", |frame| ask(frame, SET_RESP)),
    (b"acl_check_cmd", |frame| ask(frame, MAY_CALL)),
    (b"error_reply", error_reply),
    (b"status_reply", status_reply),
    (b"sha1hex", sha1hex),
    (b"log", log),
    (b"set_repl", set_repl),
    (b"replicate_commands", replicate_commands),
];

const NUMBERS: &[(&[u8], i64)] = &[
    (b"REPL_NONE", 0),
    (b"REPL_AOF", TO_LOG),
    (b"REPL_SLAVE", TO_REPLICAS),
    (b"REPL_REPLICA", TO_REPLICAS),
    (b"REPL_ALL", TO_LOG | TO_REPLICAS),
];

/// The version as one number: a byte for each part.
fn version_number() -> i64 {
    let part = |part: &str| part.parse::<i64>().unwrap_or_default();
    REDIS_VERSION.split('.').fold(0, |number, text| number << 8 | part(text))
}

/// Pushes the table.
pub fn open(frame: &mut Frame<'_>) -> Result<(), Raise> {
    frame.push_table(0, 32)?;
    for (name, native) in NATIVES {
        frame.push_native(*native)?;
        frame.raw_set_field(-2, name)?;
    }
    for (name, number) in NUMBERS.iter().chain(&LEVELS) {
        frame.push_number(*number as f64)?;
        frame.raw_set_field(-2, name)?;
    }
    frame.push_number(version_number() as f64)?;
    frame.raw_set_field(-2, b"REDIS_VERSION_NUM")?;
    for (name, text) in [(&b"REDIS_VERSION"[..], REDIS_VERSION), (b"SERVER_NAME", "tenondb")] {
        frame.push_bytes(text.as_bytes())?;
        frame.raw_set_field(-2, name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_a_code() {
        let of = |text: &str| String::from_utf8(error_text(text.as_bytes())).unwrap();
        assert_eq!(of("MY err"), "MY err");
        assert_eq!(of("-X y"), "X y");
        assert_eq!(of("word"), "ERR word");
        assert_eq!(of("-word\r\n"), "ERR word");
        assert_eq!(of("A b\0c"), "A b");
    }

    #[test]
    fn the_version_is_a_number() {
        assert!(version_number() >= 0x07_04_00 && version_number() < 0x08_00_00);
    }
}
