//! Values for placeholders: keys that collide over all types, numbers at their limits, bytes that hurt.
mod streams;

use crate::chance::Chance;
pub use streams::comparable_usage;

/// The keys of every session. The first letter says what is in them at the start.
pub const KEYS: &[&str] = &[
    "s1", "s2", "s3", "s4", "l1", "l2", "h1", "h2", "t1", "t2", "t3", "z1", "z2", "z3", "m1", "m2", "x1",
    "x2", "x3",
];

/// The keys of commands about ranges by member.
pub const LEX_KEYS: &[&str] = &["y1", "y1", "y1", "y2", "y2", "w1", "nothing"];
const MEMBERS: &[&str] = &["a", "b", "c", "d", "e", "f", "1", "2", "3", "10"];
const ODD_VALUES: &[&[u8]] = &[
    b"",
    b"0",
    b"-1",
    b"007",
    b" 1",
    b"1 ",
    b"+1",
    b"3.0",
    b"1e2",
    b"nan",
    b"inf",
    b"-inf",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"18446744073709551616",
    b"32768",
    b"2147483648",
    b"x\r\ny\0z\xff",
    b"\x80\x81",
    b"hello world",
    b"NX",
    b"WITHSCORES",
    b"LIMIT",
    b"*",
    b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
const SMALL: &[&str] = &["0", "1", "2", "3", "4", "5", "-1", "-2", "-3", "1", "2", "10", "100", "-100"];
const ODD_INTS: &[&str] = &[
    "",
    "-0",
    "+1",
    "01",
    " 1",
    "1 ",
    "abc",
    "1.0",
    "1e3",
    "0x10",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967296",
    "9007199254740993",
    "99999999999999999999999999",
];
/// LSET cuts its index down to 32 bits in Redis: 2^32 is the first element.
const NARROW_INTS: &[&str] = &["", "-0", "+1", "01", "abc", "1.0", "2147483647"];
/// What may stand where a count makes a reply as long as itself when it is negative.
const COUNTS: &[&str] = &["0", "1", "2", "3", "5", "100", "-1", "-2", "-5", "-40"];
const ODD_COUNTS: &[&str] =
    &["", "x", "1.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "4294967296"];
const FLOATS: &[&str] = &["0", "1", "2", "3", "-1", "1.5", "-2.25", "0.1", "3.3", "10", "2", "1", "100"];
const ODD_FLOATS: &[&str] = &[
    "",
    "inf",
    "-inf",
    "+inf",
    "Infinity",
    "nan",
    "-0",
    "0.0",
    "1e3",
    "1e308",
    "-1e308",
    "1e400",
    "5e-324",
    "1e-320",
    "3.0000000000000004",
    "0.30000000000000004",
    "123456789.123456789",
    "9007199254740993",
    "1e17",
    "1e21",
    "0x10",
    " 1",
    "1 ",
    "abc",
    "1e",
    ".5",
    "5.",
    "+1",
    "1_0",
    "--1",
    "17976931348623157e292",
];
const SCORE_LIMITS: &[&str] = &[
    "-inf", "+inf", "inf", "(1", "(2", "1", "2", "3", "(3", "0", "-1", "5", "(inf", "(-inf", "1.5", "(",
    "abc", "((1", "nan", "", "[1", "1e400",
];
const LEX_LIMITS: &[&str] =
    &["-", "+", "[a", "(a", "[c", "(c", "[b", "(", "[", "[zz", "a", "", "(1", "[10", "--", "++", "-a", "+b"];
const PATTERNS: &[&str] = &[
    "*", "s*", "[a-c]", "[^a]*", "?", "??", "*1", "\\*", "", "[", "[a", "[z-a]*", "h[12]", "nomatch", "**",
    "\\", "a*b*c", "[\\]]",
];
const TYPES: &[&str] = &["string", "list", "hash", "set", "zset", "stream", "STRING", "none", "x", ""];
const DATABASES: &[&str] = &["0", "1", "1", "2", "15"];
const ODD_DATABASES: &[&str] = &["16", "-1", "x", "", "4294967296", "99999999999999999999", "1.0"];
const CURSORS: &[&str] = &["0", "0", "0", "0", "0", "0"];
const ODD_CURSORS: &[&str] = &["x", "-1", "", "18446744073709551615", "18446744073709551616", " 0", "1"];
/// No small positive numbers: what lives for a second dies on one side first.
const PAST: &[&str] = &["0", "-1", "-9223372036854775808"];
const ODD_TIMES: &[&str] = &[
    "",
    "x",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "9223372036854775",
    "9223372036854776",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "999999999999999999",
];

/// The one that [`SCRIPT`] has, twice, and one that nothing has.
const SCRIPTS: &[&str] = &[
    "25798f6e367278f6dedc9713a90c526c253106f3",
    "25798F6E367278F6DEDC9713A90C526C253106F3",
    "0000000000000000000000000000000000000000",
];
const ODD_SCRIPTS: &[&str] = &[
    "",
    "x",
    "25798f6e367278f6dedc9713a90c526c253106f",
    "25798f6e367278f6dedc9713a90c526c253106f3x",
    "25798f6e367278f6dedc9713a90c526c253106fg",
];
/// The script that a session starts with. What chance writes is none.
pub const SCRIPT: &str = "return {KEYS, ARGV}";

/// What a placeholder is asked for.
pub struct Ask<'a> {
    /// The command, as `CLIENT|ID`.
    pub command: &'a str,
    /// The placeholder.
    pub name: &'a str,
    /// The first letter of the keys that the command is about; a space when it is about any.
    pub letter: char,
}

/// Tells whether a command has arguments that are times: small positive numbers would make replies depend on the clock.
pub fn has_times(usage: &str) -> bool {
    ["seconds", "milliseconds", "unix-time", "timeout", "ttl", " EX ", " PX "]
        .iter()
        .any(|word| usage.contains(word))
}

/// Tells whether a command answers as many values as its negative count says.
pub fn counts_down(command: &str) -> bool {
    matches!(command, "SRANDMEMBER" | "HRANDFIELD" | "ZRANDMEMBER")
}

/// A value for a placeholder: mostly a sensible one.
pub fn value(chance: &mut Chance, ask: &Ask<'_>) -> Vec<u8> {
    let odd = chance.one_in(9);
    let of = |chance: &mut Chance, usual: &[&str], odd_ones: &[&str]| {
        chance.pick(if odd { odd_ones } else { usual }).as_bytes().to_vec()
    };
    let name = ask.name;
    match name {
        _ if is_key(name) => key(chance, ask.letter),
        // Not for ever, and not for long.
        "milliseconds" if ask.command.starts_with("XREAD") => {
            of(chance, &["1", "5"], &["x", "", "-1", "1.5"])
        }
        _ if ask.letter == 'x' => streams::value(chance, ask, odd).unwrap_or_else(|| bytes(chance)),
        "count" if counts_down(ask.command) => of(chance, COUNTS, ODD_COUNTS),
        "increment" if matches!(ask.command, "INCRBY" | "HINCRBY") => of(chance, SMALL, ODD_INTS),
        "score" | "increment" | "weight" => of(chance, FLOATS, ODD_FLOATS),
        "min" | "max" => limit(chance, ask.command),
        "start" | "stop" if ask.command.starts_with("ZRANGE") && chance.one_in(3) => {
            limit(chance, ask.command)
        }
        // The valid offsets of SETRANGE would make strings of half a gigabyte.
        "offset" if ask.command == "SETRANGE" => of(
            chance,
            &["0", "1", "3", "10", "100", "600"],
            &["-1", "x", "", "536870912", "9223372036854775807"],
        ),
        "index" if ask.command == "LSET" => of(chance, SMALL, NARROW_INTS),
        "index" | "index1" | "index2" | "db" | "destination-db" | "dbid" if ask.command != "LINDEX" => {
            of(chance, DATABASES, ODD_DATABASES)
        }
        "start" | "stop" | "end" | "index" | "offset" | "count" | "rank" | "num-matches" | "len"
        | "limit" | "min-match-len" | "decrement" | "maxlen" | "numkeys" | "numfields" | "bits" => {
            of(chance, SMALL, ODD_INTS)
        }
        "cursor" => of(chance, CURSORS, ODD_CURSORS),
        "sha1" => of(chance, SCRIPTS, ODD_SCRIPTS),
        "pattern" if ask.command.starts_with("SORT") => sort_pattern(chance),
        "pattern" => chance.pick(PATTERNS).into(),
        "type" => chance.pick(TYPES).into(),
        "client-id" | "not-client-id" => chance.pick(&["99999", "0", "x", "-1"]).into(),
        "ip:port" => chance.pick(&["127.0.0.1:1", "x", ""]).into(),
        "ip" | "not-ip" => chance.pick(&["127.0.0.1", "x"]).into(),
        "username" | "not-username" => chance.pick(&["default", "nobody"]).into(),
        "maxage" | "idle" => chance.pick(&["100000", "0", "-1", "x"]).into(),
        "flags" | "not-flags" => chance.pick(&["x", "P", ""]).into(),
        "protover" => chance.pick(&["2", "3", "4", "x"]).into(),
        // One that is waited for costs the server's timer, which is a slow one.
        "timeout" if chance.one_in(3) => chance.pick(&["x", "-1", "", "nan"]).into(),
        "timeout" => chance.pick(&["0.01", "0.001"]).into(),
        _ if name.contains("seconds") || name == "ms" || name == "ttl" => time(chance, name, odd),
        _ => bytes(chance),
    }
}

fn is_key(name: &str) -> bool {
    matches!(name, "key" | "newkey" | "source" | "destination" | "src" | "dst" | "key1" | "key2")
}

fn key(chance: &mut Chance, letter: char) -> Vec<u8> {
    if chance.one_in(150) {
        return chance.pick(&[&b""[..], b"x\r\ny\0z\xff", b"absent"]).to_vec();
    }
    let own: Vec<&str> = KEYS.iter().copied().filter(|key| key.starts_with(letter)).collect();
    if own.is_empty() || chance.one_in(4) { chance.pick(KEYS).into() } else { chance.pick(&own).into() }
}

/// Any bytes: mostly short members that other commands use too.
pub fn bytes(chance: &mut Chance) -> Vec<u8> {
    match chance.below(14) {
        0 | 1 => chance.pick(ODD_VALUES).to_vec(),
        // What the larger fixtures hold.
        2 => format!("{}{}", chance.pick(&["m", "f", "item:", ""]), chance.below(40)).into_bytes(),
        _ => chance.pick(MEMBERS).into(),
    }
}

/// The limit of a range, by score, by member or by rank as the command has it.
fn limit(chance: &mut Chance, command: &str) -> Vec<u8> {
    let lex = command.contains("LEX");
    let score = command.contains("SCORE") || command == "ZCOUNT";
    match chance.below(if lex || score { 10 } else { 3 }) {
        0 => chance.pick(SCORE_LIMITS).into(),
        1 => chance.pick(LEX_LIMITS).into(),
        2 => chance.pick(SMALL).into(),
        _ if lex => chance.pick(LEX_LIMITS).into(),
        _ => chance.pick(SCORE_LIMITS).into(),
    }
}

fn sort_pattern(chance: &mut Chance) -> Vec<u8> {
    chance.pick(&["s*", "nosort", "h*->a", "#", "*", "h1->*", "x*", "h*->", "z*->a", "s1", "*->a"]).into()
}

/// Times are so far apart that both clocks agree on their order, or not valid at all.
fn time(chance: &mut Chance, name: &str, odd: bool) -> Vec<u8> {
    if odd {
        return chance.pick(ODD_TIMES).into();
    }
    if chance.one_in(12) {
        return chance.pick(if name.contains("unix") { &["1", "-1", "0"] } else { PAST }).into();
    }
    let seconds = 100_000 + chance.below(1_000_000) as u64;
    let at = 4_000_000_000 + 1000 * chance.below(8) as u64;
    match (name.contains("unix"), name.contains("milli") || name == "ms") {
        (false, false) => seconds,
        (false, true) => seconds * 1000,
        (true, false) => at,
        (true, true) => at * 1000,
    }
    .to_string()
    .into_bytes()
}

/// What replaces an argument when a command is made wrong on purpose.
pub fn wrong(chance: &mut Chance, command: &str, times: bool) -> Vec<u8> {
    if counts_down(command) {
        return chance.pick(ODD_COUNTS).into();
    }
    if command.starts_with('B') {
        // Nothing that is waited for.
        return chance.pick(&[&b""[..], b"x", b"NX", b"-1"]).to_vec();
    }
    if times {
        return chance.pick(&[&b""[..], b"x", b"NX", b"EX", b"-1", b"9223372036854775808", b"1.5"]).to_vec();
    }
    if command == "SETRANGE" {
        return chance.pick(&[&b""[..], b"x", b"-1", b"1.0", b"9223372036854775808", b"536870912"]).to_vec();
    }
    if command == "LSET" {
        return chance.pick(NARROW_INTS).into();
    }
    match chance.below(4) {
        0 => chance.pick(ODD_INTS).into(),
        1 => chance.pick(ODD_FLOATS).into(),
        _ => bytes(chance),
    }
}

/// The first letter of the keys that a command is about; a space for any.
pub fn letter(command: &str) -> char {
    const SETS: &[&str] = &[
        "SADD",
        "SCARD",
        "SDIFF",
        "SDIFFSTORE",
        "SINTER",
        "SINTERCARD",
        "SINTERSTORE",
        "SISMEMBER",
        "SMEMBERS",
        "SMISMEMBER",
        "SMOVE",
        "SPOP",
        "SRANDMEMBER",
        "SREM",
        "SSCAN",
        "SUNION",
        "SUNIONSTORE",
    ];
    const STRINGS: &[&str] = &[
        "APPEND",
        "DECR",
        "DECRBY",
        "DELIFEQ",
        "GET",
        "GETDEL",
        "GETEX",
        "GETRANGE",
        "GETSET",
        "INCR",
        "INCRBY",
        "INCRBYFLOAT",
        "LCS",
        "MGET",
        "MSET",
        "MSETEX",
        "MSETNX",
        "PSETEX",
        "SET",
        "SETEX",
        "SETNX",
        "SETRANGE",
        "STRLEN",
        "SUBSTR",
    ];
    if STRINGS.contains(&command) {
        return 's';
    }
    if SETS.contains(&command) {
        return 't';
    }
    match command {
        "SORT" | "SORT_RO" => 'l',
        "RENAME" | "RENAMENX" | "RESTORE" | "RANDOMKEY" | "RESET" | "ROLE" | "HELLO" => ' ',
        _ if command.starts_with('Z') => 'z',
        _ if command.starts_with('X') => 'x',
        _ if command.starts_with('H') => 'h',
        _ if command.starts_with('L') || command.starts_with('R') => 'l',
        _ => ' ',
    }
}

/// What makes the larger fixtures large.
pub fn enlarge(key: &str, chance: &mut Chance) -> Vec<Vec<u8>> {
    let count = 200 + chance.below(1500);
    let head = match key {
        "z2" => "ZADD",
        "h2" => "HSET",
        "t3" => "SADD",
        _ => "RPUSH",
    };
    let mut argv = vec![head.into(), key.into()];
    for n in 0..count {
        let member = format!("{}{n}", if n % 3 == 0 { "m" } else { "" });
        match head {
            "ZADD" => argv.extend([(n / 7).to_string().into_bytes(), member.into_bytes()]),
            "HSET" => argv.extend([member.into_bytes(), n.to_string().into_bytes()]),
            _ => argv.push(member.into_bytes()),
        }
    }
    argv
}

/// The commands that make a key what it is at the start of a session.
pub fn fixture(key: &str) -> Vec<Vec<Vec<u8>>> {
    let words = |line: &str| line.split(' ').map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
    let many = |head: &str, each: &dyn Fn(usize) -> String, count: usize| {
        let tail: Vec<_> = (0..count).map(each).collect();
        words(&format!("{head} {}", tail.join(" ")))
    };
    let long = "y".repeat(70);
    match key {
        "s1" => vec![words("SET s1 10")],
        "s2" => vec![vec![b"SET".to_vec(), b"s2".to_vec(), b"hello world".to_vec()]],
        "s3" => vec![words(&format!("SET s3 {long}"))],
        "s4" => vec![words("SET s4 3.5 EX 777777")],
        "l1" => vec![words("RPUSH l1 a b c a 1 2 3")],
        "l2" => vec![many("RPUSH l2", &|n| format!("item:{n}"), 60), words(&format!("RPUSH l2 {long} a"))],
        "h1" => vec![words("HSET h1 a 1 b 2.5 c x 1 10")],
        "h2" => vec![many("HSET h2", &|n| format!("f{n} {n}"), 20), words(&format!("HSET h2 a {long}"))],
        "t1" => vec![words("SADD t1 1 2 3 10 500000")],
        "t2" => vec![words("SADD t2 a b c 1 2")],
        "t3" => vec![many("SADD t3", &|n| format!("{n}"), 30), words(&format!("SADD t3 a b {long}"))],
        "z1" => vec![words("ZADD z1 1 a 2 b 2 c 3 d -1 1")],
        "z2" => {
            vec![many("ZADD z2", &|n| format!("{} m{n}", n / 2), 30), words(&format!("ZADD z2 5 {long} 1 a"))]
        }
        // Only commands about ranges by member see these: their meaning is open when scores differ.
        "y1" => vec![words("ZADD y1 0 a 0 b 0 c 0 d 0 e 0 zz")],
        "y2" => vec![many("ZADD y2", &|n| format!("0 {}{}", ["a", "b", "c", "1", "x"][n % 5], n / 5), 40)],
        "w1" => vec![words("SET w1 1")],
        "z3" => vec![words("ZADD z3 0 a 0 b 0 c 0 d 0 e inf f"), words("PEXPIRE z3 888888888")],
        _ => streams::fixture(key).iter().map(|line| words(line)).collect(),
    }
}
