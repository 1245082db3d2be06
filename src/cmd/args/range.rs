//! `min max`: ranges of scores and of members, `max min` where a command goes backwards.
use crate::{
    base::{
        atom::Args,
        bytes::until_zero,
        error::{Error, Result},
    },
    value::zset::{LexBound, LexRange, Order, ScoreBound, ScoreRange},
};

/// Takes the two ends of a range of scores; the upper one comes first in descending order.
///
/// # Errors
/// `ERR min or max is not a float`.
pub fn scores(args: &mut Args<'_>, order: Order) -> Result<ScoreRange> {
    let (first, second) = (score(args)?, score(args)?);
    Ok(match order {
        Order::Ascending => ScoreRange { min: first, max: second },
        Order::Descending => ScoreRange { min: second, max: first },
    })
}

/// Takes the two ends of a range of members; the upper one comes first in descending order.
///
/// # Errors
/// `ERR min or max not valid string range item`.
pub fn members<'a>(args: &mut Args<'a>, order: Order) -> Result<LexRange<'a>> {
    let (first, second) = (member(args)?, member(args)?);
    Ok(match order {
        Order::Ascending => LexRange { min: first, max: second },
        Order::Descending => LexRange { min: second, max: first },
    })
}

fn score(args: &mut Args<'_>) -> Result<ScoreBound> {
    let bad = || Error::command("ERR min or max is not a float");
    let Some(text) = args.peek() else { return args.float_or(bad).map(ScoreBound::Including) };
    args.bytes()?;
    let (bound, digits): (fn(f64) -> ScoreBound, _) = match text {
        [b'(', digits @ ..] => (ScoreBound::Excluding, digits),
        digits => (ScoreBound::Including, digits),
    };
    loose(digits).map(bound).ok_or_else(bad)
}

/// Reads a double as the C library's reader does, up to a NUL: nothing at all is 0, what is too large is infinite, what
/// is too small is 0. Scores of members are read more strictly.
fn loose(text: &[u8]) -> Option<f64> {
    let text = until_zero(text);
    if text.is_empty() {
        return Some(0.0);
    }
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(value).filter(|value| !value.is_nan())
}

fn member<'a>(args: &mut Args<'a>) -> Result<LexBound<'a>> {
    match args.bytes()? {
        [b'-'] | [b'-', 0, ..] => Ok(LexBound::Lowest),
        [b'+'] | [b'+', 0, ..] => Ok(LexBound::Highest),
        [b'[', member @ ..] => Ok(LexBound::Including(member)),
        [b'(', member @ ..] => Ok(LexBound::Excluding(member)),
        _ => Err(Error::command("ERR min or max not valid string range item")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::atom::Arg;

    fn read(text: &[u8]) -> Result<ScoreBound> {
        score(&mut Args::new(&[Arg::Bytes(text)]))
    }

    #[test]
    fn scores_are_read_as_loosely_as_redis_reads_them() {
        use ScoreBound::{Excluding, Including};
        for (text, bound) in [
            (&b""[..], Including(0.0)),
            (b"(", Excluding(0.0)),
            (b"(+1", Excluding(1.0)),
            (b"1e400", Including(f64::INFINITY)),
            (b"1e-400", Including(0.0)),
            (b"-Infinity", Including(f64::NEG_INFINITY)),
            (b"5.", Including(5.0)),
            (b"2\0x", Including(2.0)),
        ] {
            assert_eq!(read(text).unwrap(), bound, "{}", text.escape_ascii());
        }
        for bad in ["nan", "-nan", " 1", "1 ", "((1", "( 1", "1e", "0x10", "1_0", "-", "+", "abc", "[1", "."]
        {
            let error = read(bad.as_bytes()).unwrap_err();
            assert_eq!(error.text(), b"ERR min or max is not a float", "{bad}");
        }
    }
}
