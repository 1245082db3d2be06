//! Where the opponents are not the measure: what Redis 7.0 and Valkey 9.1 answer differently (Valkey is right), and
//! where we differ for good. `docs/compat.md` cites the reasons.
use crate::{compare::agree, generate::Argv, tnt::wire::Value};

/// A command with two replies that do not agree.
pub struct Case<'a> {
    pub name: &'a str,
    pub argv: &'a Argv,
    pub ours: &'a Value,
    pub theirs: &'a Value,
}

impl Case<'_> {
    fn theirs_error(&self, start: &str) -> bool {
        matches!(self.theirs, Value::Error(text) if text.starts_with(start.as_bytes()))
    }

    fn ours_error(&self, start: &str) -> bool {
        matches!(self.ours, Value::Error(text) if text.starts_with(start.as_bytes()))
    }

    fn has(&self, word: &str) -> bool {
        self.argv.iter().any(|arg| arg.eq_ignore_ascii_case(word.as_bytes()))
    }
}

/// A difference that is known.
pub struct Settled {
    /// The command; empty for any.
    pub name: &'static str,
    pub when: fn(&Case<'_>) -> bool,
    /// The databases may differ from here on: the rest of the session is not compared with this opponent.
    pub diverges: bool,
    pub reason: &'static str,
}

const fn row(
    name: &'static str,
    diverges: bool,
    reason: &'static str,
    when: fn(&Case<'_>) -> bool,
) -> Settled {
    Settled { name, when, diverges, reason }
}

/// Redis 7.0 where Valkey 9.1 answers otherwise: Valkey is right.
const REDIS: &[Settled] = &[
    row("", true, "a command or subcommand newer than 7.0", |case| {
        !case.ours_error("ERR unknown")
            && (case.theirs_error("ERR unknown command") || case.theirs_error("ERR unknown subcommand"))
    }),
    row("", false, "scores were printed with 17 digits, now with the fewest that read back", |case| {
        (case.name.starts_with('Z') || case.name == "EXEC") && same_numbers(case.ours, case.theirs)
    }),
    row("SET", true, "IFEQ is newer than 7.0", |case| {
        case.has("IFEQ") && case.theirs_error("ERR syntax error")
    }),
    row("", false, "a time-out that is too long was taken for a negative one", |case| {
        case.ours_error("ERR timeout is out of range") && case.theirs_error("ERR timeout is negative")
    }),
    row("", false, "who asked for an unknown script was told what to do instead", |case| {
        case.ours_error("NOSCRIPT No matching script.")
            && case.theirs_error("NOSCRIPT No matching script. Please use")
    }),
    row("GETEX", false, "the key was looked at before the time", |case| {
        *case.theirs == Value::Nil || case.theirs_error("WRONGTYPE")
    }),
    row(
        "EXEC",
        true,
        "a command was refused while queueing that is newer than 7.0, or the other way round",
        |case| case.theirs_error("EXECABORT") != case.ours_error("EXECABORT"),
    ),
    row("EXEC", true, "an LTRIM that trims nothing was a change for those who watch", |case| {
        *case.theirs == Value::NilList || *case.theirs == Value::Nil
    }),
    row("", false, "filters that are newer than 7.0", |case| {
        matches!(case.name, "CLIENT|KILL" | "CLIENT|LIST")
            && (case.theirs_error("ERR") || case.ours_error("ERR"))
    }),
    row("OBJECT|ENCODING", false, "small sets became listpacks in 7.2", |case| {
        bulk(case.theirs, "hashtable") && bulk(case.ours, "listpack")
    }),
    row("OBJECT|ENCODING", false, "ZADD foresees the size since 7.2", |case| {
        bulk(case.theirs, "listpack") && bulk(case.ours, "skiplist")
    }),
    row("OBJECT|ENCODING", false, "small lists became listpacks in 7.2", |case| {
        bulk(case.theirs, "quicklist") && bulk(case.ours, "listpack")
    }),
    row("ZRANK", false, "WITHSCORE is newer than 7.0", |case| case.theirs_error("ERR wrong number")),
    row("ZREVRANK", false, "WITHSCORE is newer than 7.0", |case| case.theirs_error("ERR wrong number")),
    row("SCAN", false, "an unknown type became an error", |case| case.ours_error("ERR unknown type name")),
    row("", false, "cursors were read otherwise: not with a space, but with a sign", |case| {
        case.name.ends_with("SCAN")
            && (case.ours_error("ERR invalid cursor") || case.theirs_error("ERR invalid cursor"))
    }),
    row("HSCAN", false, "NOVALUES is newer than 7.0", |case| case.has("NOVALUES")),
    row("ZSCAN", false, "NOSCORES is newer than 7.0", |case| case.has("NOSCORES")),
    row("", true, "refused while queueing, which spoils the transaction", |case| {
        matches!(case.name, "MULTI" | "WATCH") && case.ours_error("ERR Command")
    }),
    row("", false, "the least number of arguments changed", |case| {
        case.name.starts_with("COMMAND|GETKEYS") && case.theirs_error("ERR wrong number")
    }),
    row("", false, "the name was written in capitals", |case| {
        case.theirs_error("ERR Unbalanced X") && case.ours_error("ERR Unbalanced 'x")
    }),
    row("", false, "`+` is newer than 7.0", |case| case.name.starts_with("XREAD") && case.has("+")),
    row("XSETID", true, "nothing was compared with the greatest deleted ID", |case| {
        case.ours_error("ERR The ID specified in XSETID is smaller than current max")
    }),
    row(
        "",
        true,
        "claiming nothing made no consumer, and when consumers were active was not known",
        |case| {
            matches!(case.name, "XINFO|GROUPS" | "XINFO|CONSUMERS" | "XINFO|STREAM" | "XGROUP|CREATECONSUMER")
                && !case.ours.is_error()
                && !case.theirs.is_error()
        },
    ),
    row("LREM", true, "the least integer is refused", |case| {
        case.ours_error("ERR value is out of range, value must")
    }),
    row("LPOS", false, "the least integer is refused", |case| {
        case.ours_error("ERR value is out of range, value must")
    }),
    row("", true, "a score of a range does not start with a space", |case| {
        case.ours_error("ERR min or max is not a float") && case.argv.iter().any(|arg| arg.starts_with(b" "))
    }),
    row("", true, "a number that was out of range in an earlier command made the next SORT fail", |case| {
        case.name.starts_with("SORT") && case.theirs_error("ERR One or more scores")
    }),
    row("", true, "the empty string is no number", |case| {
        case.name.starts_with("SORT") && case.ours_error("ERR One or more scores")
    }),
    row("", true, "hexadecimal weights and scores are refused", |case| {
        case.argv.iter().any(|arg| arg.starts_with(b"0x")) && case.ours.is_error()
    }),
];

/// Where we differ for good from the yardstick. The reasons stand word for word in `docs/compat.md`.
const KEPT: &[Settled] = &[
    row(
        "EXEC",
        true,
        "A watched stream has changed when one of its groups has; in Redis and Valkey only when its entries have.",
        |case| matches!(case.ours, Value::Nil | Value::NilList) && matches!(case.theirs, Value::List(_)),
    ),
    row(
        "",
        false,
        "A score is shown with the fewest digits that read back; Valkey's printer now and then takes one more, or the other one of two that are as near.",
        |case| {
            (case.name.starts_with('Z') || case.name == "EXEC")
                && same_numbers(case.ours, case.theirs)
                && digits(case.ours) <= digits(case.theirs)
        },
    ),
    row(
        "CLIENT|LIST",
        false,
        "`CLIENT LIST … ID` without an id is a syntax error wherever it stands.",
        |case| case.ours_error("ERR syntax error"),
    ),
    row("", false, "An error that quotes the caller may quote a NUL, where theirs ends.", |case| {
        matches!((case.ours, case.theirs), (Value::Error(ours), Value::Error(theirs))
            if ours.contains(&0) && ours.iter().zip(theirs).take_while(|(a, b)| a == b).count() + 8 > theirs.len().min(40))
    }),
    row(
        "",
        false,
        "A score of -0 may be shown as 0 or as -0, as in Valkey, but not always at the same time.",
        |case| {
            (case.name.starts_with('Z') || case.name == "EXEC")
                && unsigned_zeros(case.ours) == unsigned_zeros(case.theirs)
        },
    ),
    row(
        "ZSCAN",
        false,
        "`ZSCAN` shows scores with the fewest digits that read back, as all commands do; Valkey's shows 17 of them when the sorted set is large.",
        |case| scanned_pairs(case.ours).is_some_and(|ours| Some(ours) == scanned_pairs(case.theirs)),
    ),
    row(
        "OBJECT|ENCODING",
        false,
        "A string is `embstr` up to 44 bytes, as in Redis; in Valkey it depends on the length of the key too.",
        |case| {
            (bulk(case.ours, "raw") && bulk(case.theirs, "embstr"))
                || (bulk(case.ours, "embstr") && bulk(case.theirs, "raw"))
        },
    ),
    row(
        "LSET",
        true,
        "`LSET` takes its index as it is. Redis and Valkey cut it down to 32 bits, so that 4294967296 is the first element.",
        |case| {
            case.ours_error("ERR index out of range") && case.argv.get(2).is_some_and(|index| index.len() > 9)
        },
    ),
    row(
        "OBJECT|ENCODING",
        false,
        "A list that shrinks is a `listpack` again when one chunk is left and that is below half of the limit, as in Redis, but entries lie in other chunks than in Redis's nodes. `LINSERT` without its pivot and `LSET` without its index never change the encoding.",
        |case| {
            (bulk(case.ours, "listpack") && bulk(case.theirs, "quicklist"))
                || (bulk(case.ours, "quicklist") && bulk(case.theirs, "listpack"))
        },
    ),
    row(
        "OBJECT|ENCODING",
        false,
        "`SORT` leaves a sorted set in the form that it has; Redis and Valkey turn it into a `skiplist`.",
        |case| bulk(case.ours, "listpack") && bulk(case.theirs, "skiplist"),
    ),
    row(
        "DBSIZE",
        false,
        "`MSETEX` with a time in the past removes its keys at once; in Valkey they count until their memory is given back.",
        |case| matches!((case.ours, case.theirs), (Value::Int(ours), Value::Int(theirs)) if ours < theirs),
    ),
    row(
        "",
        true,
        "A negative offset of `LIMIT` gives nothing, as in Redis; Valkey gives a part of the range when the sorted set is large.",
        |case| {
            case.name.starts_with('Z')
                && case.has("LIMIT")
                && (*case.ours == Value::Int(0) || case.ours.items().is_some_and(|items| items.is_empty()))
        },
    ),
];

/// Returns the reasons that a text lacks.
pub fn unexplained(text: &str) -> Vec<&'static str> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = words(text);
    KEPT.iter().map(|row| row.reason).filter(|reason| !text.contains(&words(reason))).collect()
}

fn bulk(value: &Value, text: &str) -> bool {
    matches!(value, Value::Bulk(bytes) if bytes == text.as_bytes())
}

/// The digits but zeros of a reply.
fn digits(value: &Value) -> usize {
    match value {
        Value::Bulk(text) | Value::Double(text) => text.iter().filter(|b| matches!(b, b'1'..=b'9')).count(),
        Value::List(items) => items.iter().map(digits).sum(),
        _ => 0,
    }
}

/// The members and scores of a ZSCAN that has come to its end, in order.
fn scanned_pairs(value: &Value) -> Option<Vec<(Value, Option<u64>)>> {
    let [Value::Bulk(end), Value::List(items)] = value.items()? else { return None };
    // Adding 0 takes the sign off a zero.
    let score = |value: &Value| match value {
        Value::Bulk(text) => std::str::from_utf8(text).ok()?.parse::<f64>().ok().map(f64::to_bits),
        _ => None,
    };
    let mut pairs: Vec<_> = items.chunks_exact(2).map(|pair| (pair[0].clone(), score(&pair[1]))).collect();
    pairs.sort();
    (end == b"0").then_some(pairs)
}

/// The reply without the signs of its zeros.
fn unsigned_zeros(value: &Value) -> Value {
    match value {
        Value::Bulk(text) if text == b"-0" => Value::Bulk(b"0".to_vec()),
        Value::Double(text) if text == b"-0" => Value::Double(b"0".to_vec()),
        Value::List(items) => Value::List(items.iter().map(unsigned_zeros).collect()),
        other => other.clone(),
    }
}

/// Tells whether two replies are the same but for the digits of their floating-point numbers.
fn same_numbers(a: &Value, b: &Value) -> bool {
    let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    match (a, b) {
        (Value::Bulk(a), Value::Bulk(b)) | (Value::Double(a), Value::Double(b)) => {
            a == b || number(a).zip(number(b)).is_some_and(|(a, b)| a == b)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_numbers(a, b))
        }
        _ => a == b,
    }
}

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Agree,
    /// A known difference that changes nothing.
    Known,
    /// A known difference after which the databases may differ.
    Parted,
    Differ,
}

/// Compares two replies. `yardstick`: the opponent is the one that decides; `queue`: the commands of an EXEC.
pub fn judge(yardstick: bool, case: &Case<'_>, queue: &[(String, Argv)]) -> Verdict {
    if agree(case.name, case.argv, case.ours, case.theirs) {
        return Verdict::Agree;
    }
    let redis = if yardstick { &[] } else { REDIS };
    let fits = |row: &&Settled| (row.name.is_empty() || row.name == case.name) && (row.when)(case);
    if let Some(row) = redis.iter().chain(KEPT).find(fits) {
        return if row.diverges { Verdict::Parted } else { Verdict::Known };
    }
    if let ("EXEC", Value::List(ours), Value::List(theirs)) = (case.name, case.ours, case.theirs)
        && ours.len() == theirs.len()
        && ours.len() == queue.len()
    {
        let each = queue.iter().zip(ours.iter().zip(theirs));
        let verdicts: Vec<_> = each
            .map(|((name, argv), (ours, theirs))| judge(yardstick, &Case { name, argv, ours, theirs }, &[]))
            .collect();
        let has = |verdict| verdicts.contains(&verdict);
        return match () {
            () if has(Verdict::Differ) => Verdict::Differ,
            () if has(Verdict::Parted) => Verdict::Parted,
            () if has(Verdict::Known) => Verdict::Known,
            () => Verdict::Agree,
        };
    }
    Verdict::Differ
}
