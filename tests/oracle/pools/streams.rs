//! Values for the placeholders of stream commands. IDs are explicit, or of a millisecond that is: a clock would tell the
//! sides apart. Idle times are nothing, or more than there has been time for.
use super::Ask;
use crate::chance::Chance;

const IDS: &[&str] = &["1-1", "2-1", "3-0", "5-1", "5-2", "8-0", "1", "9", "100-1", "12-3", "400-0", "0-1"];
const ODD_IDS: &[&str] = &[
    "0-0",
    "0",
    "x",
    "",
    "-",
    "+",
    "$",
    ">",
    "1-",
    "-1",
    "1-x",
    "01-02",
    "+5",
    "1-1-1",
    "18446744073709551615",
    "18446744073709551615-18446744073709551615",
    "18446744073709551616",
    "99999999999999999999-1",
    "5-*",
];
const BOUNDS: &[&str] =
    &["-", "+", "-", "+", "0", "1-1", "(1-1", "5", "(5", "5-2", "(5-2", "9", "120-0", "(150-1"];
const ODD_BOUNDS: &[&str] =
    &["(", "((1", "(-", "(+", "x", "", "(0-0", "(18446744073709551615-18446744073709551615", "(x", "0-0"];
const COUNTS: &[&str] = &["1", "2", "3", "10", "1000", "0"];
const ODD_NUMBERS: &[&str] = &["-1", "x", "", "1.0", "9223372036854775807", "9223372036854775808", "01"];
const NAMES: &[&str] = &["g1", "g1", "g1", "g2", "g2", "g3"];
const CONSUMERS: &[&str] = &["a", "a", "b", "c", ""];
const IDLE: &[&str] = &["0", "0", "0", "-5", "100000000"];

/// The usage of a command without what tells the sides apart: IDs made of the time, options that only Redis 8 has.
pub fn comparable_usage(name: &str) -> Option<&'static str> {
    Some(match name {
        "XADD" => {
            "key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] id field value [field value ...]"
        }
        "XTRIM" => "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]",
        "XREAD" => "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
        "XREADGROUP" => {
            "GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]"
        }
        _ => return None,
    })
}

/// A value for a placeholder; nothing for a field or a value.
pub fn value(chance: &mut Chance, ask: &Ask<'_>, odd: bool) -> Option<Vec<u8>> {
    let of = |chance: &mut Chance, usual: &[&str], odd_ones: &[&str]| {
        Some(chance.pick(if odd { odd_ones } else { usual }).as_bytes().to_vec())
    };
    match ask.name {
        "id" if ask.command == "XADD" && !odd => Some(match chance.below(3) {
            // The next number of the millisecond that most streams end with.
            0 | 1 => b"400-*".to_vec(),
            _ => format!("{}-{}", 1 + chance.below(500), chance.below(3)).into_bytes(),
        }),
        "id" if ask.command == "XREADGROUP" && !odd => {
            Some(if chance.one_in(4) { b"0".to_vec() } else { b">".to_vec() })
        }
        "id" | "last-id" | "lastid" | "max-deleted-id" => of(chance, IDS, ODD_IDS),
        "threshold" => of(chance, &["0", "1", "3", "5", "10", "120", "5-1", "120-0"], ODD_NUMBERS),
        "start" | "end" => of(chance, BOUNDS, ODD_BOUNDS),
        "count" | "entries-read" | "entries-added" => of(chance, COUNTS, ODD_NUMBERS),
        "group" => of(chance, NAMES, &["", "nogroup", "x\ny"]),
        "consumer" => of(chance, CONSUMERS, &["nobody", "d"]),
        "min-idle-time" => of(chance, IDLE, ODD_NUMBERS),
        "ms" => of(chance, &["0", "500000000"], &["x", "", "-1"]),
        "unix-time-milliseconds" => of(chance, &["1", "1000000", "4000000000000000"], &["x", "", "-1"]),
        _ => None,
    }
}

/// The commands that make a key what it is at the start of a session.
pub fn fixture(key: &str) -> Vec<String> {
    let add = |id: String, rest: &str| format!("XADD {key} {id} {rest}");
    let mut lines = Vec::new();
    match key {
        "x1" => {
            lines.extend((1..6).map(|n| add(format!("{n}-1"), &format!("a {n} b x"))));
            lines.push(add("5-2".into(), "c 1"));
            lines.push("XGROUP CREATE x1 g1 0".into());
            lines.push("XGROUP CREATE x1 g2 3-0".into());
            lines.push("XREADGROUP GROUP g1 a COUNT 2 STREAMS x1 >".into());
            lines.push("XREADGROUP GROUP g1 b COUNT 1 STREAMS x1 >".into());
        }
        "x2" => {
            let name = |n: usize| if n.is_multiple_of(7) { "other" } else { "a" };
            lines.extend((1..230).map(|n| add(format!("{n}-0"), &format!("{} {n}", name(n)))));
            lines.push("XGROUP CREATE x2 g1 0 ENTRIESREAD 0".into());
            lines.push("XREADGROUP GROUP g1 a COUNT 150 STREAMS x2 >".into());
        }
        "x3" => lines.push("XGROUP CREATE x3 g1 $ MKSTREAM".into()),
        _ => {}
    }
    lines
}
