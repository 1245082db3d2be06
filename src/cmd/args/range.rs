//! `min max`: ranges of scores and of members, `max min` where a command goes backwards.
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
        num,
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
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
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

/// Writes a range of scores into a record, as [`scores`] reads it.
pub fn log_scores(range: &ScoreRange, order: Order, rec: &mut Record) {
    let (first, second) = match order {
        Order::Ascending => (range.min, range.max),
        Order::Descending => (range.max, range.min),
    };
    for bound in [first, second] {
        match bound {
            ScoreBound::Including(score) => rec.float(score),
            ScoreBound::Excluding(score) => rec.bytes(&[b"(", &*num::Text::float(score)].concat()),
        };
    }
}

/// Writes a range of members into a record, as [`members`] reads it.
pub fn log_members(range: &LexRange<'_>, order: Order, rec: &mut Record) {
    let (first, second) = match order {
        Order::Ascending => (range.min, range.max),
        Order::Descending => (range.max, range.min),
    };
    for bound in [first, second] {
        match bound {
            LexBound::Lowest => rec.bytes(b"-"),
            LexBound::Highest => rec.bytes(b"+"),
            LexBound::Including(member) => rec.bytes(&[b"[", member].concat()),
            LexBound::Excluding(member) => rec.bytes(&[b"(", member].concat()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::atom::Arg;
    use std::ops::ControlFlow;

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

    #[test]
    fn what_is_logged_reads_back() {
        let bounds = [0.1, f64::INFINITY, f64::NEG_INFINITY, -3.0, 1e300].map(ScoreBound::Excluding);
        let flow = bounds.into_iter().try_for_each(|min| {
            let range = ScoreRange { min, max: ScoreBound::Including(0.3) };
            let mut rec = Record::on();
            rec.command(1);
            log_scores(&range, Order::Descending, &mut rec);
            let atoms = Record::decode(rec.encoded()).unwrap().remove(0).2;
            let back = scores(&mut Args::new(&atoms), Order::Descending).unwrap();
            if back == range { ControlFlow::Continue(()) } else { ControlFlow::Break((back, range)) }
        });
        assert_eq!(flow, ControlFlow::Continue(()));
        let range = LexRange { min: LexBound::Lowest, max: LexBound::Excluding(b"x\0") };
        let mut rec = Record::on();
        rec.command(1);
        log_members(&range, Order::Ascending, &mut rec);
        let atoms = Record::decode(rec.encoded()).unwrap().remove(0).2;
        assert_eq!(members(&mut Args::new(&atoms), Order::Ascending).unwrap(), range);
    }
}
