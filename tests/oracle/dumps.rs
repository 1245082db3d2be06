//! Values across the border: what we dump the servers restore, and what they dump we do.
//!
//! Each value is made on the source, under several settings, dumped, and restored on the target. There the same commands
//! make it once more, beside it, and both are read with the target's own reading commands: nobody's words are held against
//! those of another version.
use crate::{
    compare::{agree, value},
    server::Server,
    session::{NOTHING_PACKED, USUAL},
    side::{Ours, Side, Theirs},
    tnt::wire::{self, Value},
};

type Argv = Vec<Vec<u8>>;

/// A value and the commands that make it at the key `{key}`.
struct Specimen {
    name: String,
    kind: &'static str,
    commands: Vec<Argv>,
}

const KEY: &[u8] = b"made";
const RESTORED: &[u8] = b"restored";

/// What the source is set to while the values are made.
const SETTINGS: &[&[(&str, &str)]] = &[
    &[],
    NOTHING_PACKED,
    &[
        ("hash-max-listpack-entries", "10000"),
        ("hash-max-listpack-value", "100000"),
        ("set-max-listpack-entries", "10000"),
        ("set-max-intset-entries", "10000"),
        ("zset-max-listpack-entries", "10000"),
        ("zset-max-listpack-value", "100000"),
        ("list-max-listpack-size", "-5"),
        ("list-compress-depth", "1"),
        ("stream-node-max-bytes", "0"),
        ("stream-node-max-entries", "0"),
    ],
    &[("list-compress-depth", "1"), ("list-max-listpack-size", "4"), ("rdbcompression", "no")],
];

/// What a target is set to, and a source before.
const PLAIN: &[(&str, &str)] = &[
    ("list-compress-depth", "0"),
    ("rdbcompression", "yes"),
    ("sanitize-dump-payload", "yes"),
    ("hash-max-listpack-value", "64"),
    ("zset-max-listpack-value", "64"),
];

fn readers(kind: &str) -> &'static [&'static str] {
    match kind {
        "string" => &["GET"],
        "list" => &["LRANGE 0 -1"],
        "set" => &["SMEMBERS"],
        "zset" => &["ZRANGE 0 -1 WITHSCORES"],
        "hash" => &["HGETALL"],
        _ => &["XRANGE - +", "XLEN", "XPENDING g - + 10000", "XPENDING h - + 10000"],
    }
}

fn line(text: &str) -> Argv {
    text.split(' ').map(|word| word.replace("{key}", &String::from_utf8_lossy(KEY)).into_bytes()).collect()
}

fn add(to: &mut Vec<Specimen>, kind: &'static str, name: &str, commands: Vec<Argv>) {
    to.push(Specimen { name: format!("{kind}: {name}"), kind, commands });
}

/// Bytes that no compression shortens.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

fn specimens() -> Vec<Specimen> {
    let mut all = Vec::new();
    strings(&mut all);
    for (kind, command, pairs) in
        [("list", "RPUSH", false), ("set", "SADD", false), ("zset", "ZADD", true), ("hash", "HSET", true)]
    {
        collections(&mut all, kind, command, pairs);
    }
    let scores = [
        "0",
        "-0",
        "1",
        "-1.5",
        "0.1",
        "3.3333333333333335",
        "1e20",
        "inf",
        "-inf",
        "9007199254740993",
        "5e-324",
    ];
    let members = scores.iter().enumerate().flat_map(|(n, score)| [score.to_string(), format!("m{n}")]);
    let words: Vec<String> = members.collect();
    add(&mut all, "zset", "scores", vec![line(&format!("ZADD {{key}} {}", words.join(" ")))]);
    streams(&mut all);
    all
}

fn strings(all: &mut Vec<Specimen>) {
    let texts = [
        "",
        "0",
        "-128",
        "127",
        "128",
        "-32768",
        "32767",
        "32768",
        "-2147483648",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "007",
        "-0",
        "hello",
    ];
    let mut set = |name: &str, text: Vec<u8>| {
        let argv = vec![b"SET".to_vec(), KEY.to_vec(), text];
        add(all, "string", name, vec![argv]);
    };
    texts.iter().for_each(|text| set(text, text.as_bytes().to_vec()));
    set("binary", b"\0\xff\r\n".to_vec());
    set("short and repeated", vec![b'a'; 21]);
    set("long and repeated", b"abcdefg ".repeat(10_000));
    set("one byte", vec![b'z'; 70_000]);
    set("noise", noise(20_000));
    set("noise twice", noise(7000).repeat(2));
    add(all, "string", "appended", vec![line("APPEND {key} 12"), line("APPEND {key} 34")]);
    add(all, "string", "a float", vec![line("INCRBYFLOAT {key} 3.0")]);
}

/// Small, large, of integers, of long elements. Pairs: what a member or a field needs besides.
fn collections(all: &mut Vec<Specimen>, kind: &'static str, command: &str, pairs: bool) {
    let scored = kind == "zset";
    let mut of = |name: &str, elements: Vec<Vec<u8>>| {
        let mut commands = Vec::new();
        for (n, chunk) in elements.chunks(500).enumerate() {
            let mut argv = vec![command.as_bytes().to_vec(), KEY.to_vec()];
            for (at, element) in chunk.iter().enumerate() {
                if scored {
                    argv.push((at as f64 / 4.0 + n as f64).to_string().into_bytes());
                }
                argv.push(element.clone());
                if pairs && !scored {
                    argv.push(format!("value {at}").into_bytes());
                }
            }
            commands.push(argv);
        }
        add(all, kind, name, commands);
    };
    let ints =
        |count: i64, step: i64| (0..count).map(|n| ((n - 2) * step).to_string().into_bytes()).collect();
    of("one", vec![b"a".to_vec()]);
    of("one that is empty", vec![Vec::new()]);
    of("few", vec![b"a".to_vec(), b"1".to_vec(), b"-70000".to_vec(), b"\0\xff".to_vec()]);
    of("integers of 16 bits", ints(100, 7));
    of("integers of 32 bits", ints(100, 100_000));
    of("integers of 64 bits", ints(100, 100_000_000_000));
    of("many integers", ints(3000, 11));
    of("many", (0..3000).map(|n| format!("element {n} of many").into_bytes()).collect());
    of("around the limit", (0..129).map(|n| format!("e{n}").into_bytes()).collect());
    of("a long one", vec![b"short".to_vec(), b"repeated ".repeat(8000), noise(9000)]);
    of("of middle length", (0..40).map(|n| noise(100 + n * 50)).collect());
}

fn streams(all: &mut Vec<Specimen>) {
    let entries = |count: usize| -> Vec<Argv> {
        let entry = |n: usize| match n % 7 {
            6 => format!("XADD {{key}} {}-{n} other {n} more text{n}", 5 + n / 3),
            _ => format!("XADD {{key}} {}-{n} name value{n} size {n}", 5 + n / 3),
        };
        (1..=count).map(|n| line(&entry(n))).collect()
    };
    let with = |count: usize, more: &[&str]| {
        let mut commands = entries(count);
        commands.extend(more.iter().map(|text| line(text)));
        commands
    };
    add(all, "stream", "small", with(3, &[]));
    add(all, "stream", "large", with(1000, &[]));
    add(
        all,
        "stream",
        "emptied",
        with(3, &["XTRIM {key} MAXLEN 0", "XSETID {key} 99-9 ENTRIESADDED 70 MAXDELETEDID 50-1"]),
    );
    let deletions: Vec<String> =
        (1..400).step_by(3).map(|n| format!("XDEL {{key}} {}-{n}", 5 + n / 3)).collect();
    let deletions: Vec<&str> = deletions.iter().map(String::as_str).collect();
    add(all, "stream", "with holes", with(500, &deletions));
    add(all, "stream", "trimmed", with(500, &["XTRIM {key} MAXLEN 333"]));
    let big = ["1-0", "1-5", "18446744073709551615-0", "18446744073709551615-18446744073709551615"];
    let big = big.iter().map(|id| line(&format!("XADD {{key}} {id} f v"))).collect();
    add(all, "stream", "ids at their limits", big);
    let groups = [
        "XGROUP CREATE {key} g 0",
        "XGROUP CREATE {key} h 20-0 ENTRIESREAD 7",
        "XGROUP CREATE {key} i $",
        "XREADGROUP GROUP g alice COUNT 30 STREAMS {key} >",
        "XREADGROUP GROUP g bob COUNT 300 STREAMS {key} >",
        "XREADGROUP GROUP h carol COUNT 20 STREAMS {key} >",
        "XGROUP CREATECONSUMER {key} g idle",
        "XACK {key} g 5-1 6-3 7-7",
        "XCLAIM {key} g alice 0 60-166 60-167 TIME 1600000000000 RETRYCOUNT 9",
        "XDEL {key} 6-4 6-5",
    ];
    add(all, "stream", "with groups", with(400, &groups));
    let long: Argv =
        vec![b"XADD".to_vec(), KEY.to_vec(), b"7-7".to_vec(), b"field".to_vec(), b"repeated ".repeat(3000)];
    add(all, "stream", "a long entry", vec![long, line("XADD {key} 8-8 f v")]);
}

fn ask(side: &mut dyn Side, argv: &[Vec<u8>]) -> Value {
    let mut command = Vec::new();
    wire::write_command(&mut command, argv);
    value(&side.exchange(&command, 1).pop().unwrap_or_default())
}

fn start(side: &mut dyn Side, more: &[(&'static str, &'static str)]) {
    let settings: Vec<_> = USUAL.iter().chain(PLAIN).chain(more).copied().collect();
    side.start(&settings);
}

fn make(side: &mut dyn Side, specimen: &Specimen) {
    ask(side, &[b"DEL".to_vec(), KEY.to_vec(), RESTORED.to_vec()]);
    for argv in &specimen.commands {
        let reply = ask(side, argv);
        assert!(!reply.is_error(), "{}: {reply:?}", specimen.name);
    }
}

/// Takes every value from `source` to `target`. Returns what went wrong, and how many there were.
fn carry(source: &mut dyn Side, target: &mut dyn Side) -> (Vec<String>, usize) {
    let (mut faults, mut count, specimens) = (Vec::new(), 0, specimens());
    for settings in SETTINGS {
        start(source, settings);
        start(target, &[]);
        for specimen in &specimens {
            count += 1;
            make(source, specimen);
            make(target, specimen);
            if let Err(fault) = across(source, target, specimen, settings.is_empty()) {
                let (from, to) = (source.name(), target.name());
                faults.push(format!("{from} to {to}, {settings:?}, {}: {fault}", specimen.name));
            }
        }
    }
    (faults, count)
}

fn across(
    source: &mut dyn Side,
    target: &mut dyn Side,
    specimen: &Specimen,
    plain: bool,
) -> Result<(), String> {
    let Value::Bulk(payload) = ask(source, &[b"DUMP".to_vec(), KEY.to_vec()]) else {
        return Err("no payload".into());
    };
    let restore = [b"RESTORE".to_vec(), RESTORED.to_vec(), b"0".to_vec(), payload.clone()];
    let reply = ask(target, &restore);
    if reply != Value::Status(b"OK".to_vec()) {
        return Err(format!("{reply:?} to {}", payload.escape_ascii()));
    }
    let mut read = |reader: &str, key: &[u8]| {
        let (name, rest) = reader.split_once(' ').unwrap_or((reader, ""));
        let rest = rest.split_whitespace().map(|word| word.as_bytes().to_vec());
        let argv: Argv = [name.as_bytes().to_vec(), key.to_vec()].into_iter().chain(rest).collect();
        ask(target, &argv)
    };
    for reader in readers(specimen.kind) {
        let (found, made) = (read(reader, RESTORED), read(reader, KEY));
        let name = reader.split(' ').next().unwrap_or_default();
        // Neither has such a group: the error quotes the key.
        let lack = found.is_error() && made.is_error();
        if !lack && !agree(name, &Argv::new(), &found, &made) {
            return Err(format!("{reader}: {found:?} instead of {made:?}"));
        }
    }
    let mut of = |words: &[&str], key: &[u8]| {
        let mut argv: Argv = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        argv.push(key.to_vec());
        ask(target, &argv)
    };
    // A string that commands have made otherwise than SET would is looked at again.
    if plain && (specimen.kind != "string" || specimen.commands[0][0] == b"SET") {
        let encoding = |value: &Value| format!("{value:?}").replace("raw", "embstr");
        let (found, made) = (of(&["OBJECT", "ENCODING"], RESTORED), of(&["OBJECT", "ENCODING"], KEY));
        if encoding(&found) != encoding(&made) {
            return Err(format!("it is {found:?} instead of {made:?}"));
        }
    }
    if specimen.kind == "stream" {
        let groups = (of(&["XINFO", "GROUPS"], RESTORED), of(&["XINFO", "GROUPS"], KEY));
        if groups.0 != groups.1 {
            return Err(format!("XINFO GROUPS: {:?} instead of {:?}", groups.0, groups.1));
        }
        let told = (past(&of(&["XINFO", "STREAM"], RESTORED)), past(&of(&["XINFO", "STREAM"], KEY)));
        if told.0 != told.1 {
            return Err(format!("XINFO STREAM: {:?} instead of {:?}", told.0, told.1));
        }
    }
    Ok(())
}

/// What XINFO STREAM says, but for how the stream is kept.
fn past(reply: &Value) -> Vec<Value> {
    let fields = reply.items().unwrap_or_default().chunks(2);
    let is_form = |name: &Value| format!("{name:?}").contains("radix");
    fields.filter(|pair| !is_form(&pair[0])).flat_map(<[_]>::to_vec).collect()
}

/// Takes all values to a server and from it.
pub fn check(ours: &mut Ours, server: &Server) -> (Vec<String>, usize) {
    let mut theirs = Theirs::new(server);
    let (mut faults, there) = carry(ours, &mut theirs);
    let (more, back) = carry(&mut theirs, ours);
    faults.extend(more);
    // The next session finds it as it was.
    start(&mut theirs, &[]);
    (faults, there + back)
}
