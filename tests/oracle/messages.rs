//! Sessions of several connections that subscribe and publish: what each of them is sent, compared after every step.
//!
//! A PING with a text of its own ends what a connection is read for: nothing has to be waited for.
use crate::{
    chance::Chance,
    side::Side,
    tnt::wire::{self, Value},
};

const CONNECTIONS: usize = 3;
const STEPS: usize = 60;
const CHANNELS: &[&str] = &["a", "b", "ab", ""];
const PATTERNS: &[&str] = &["a*", "?", "*", "[ab]", "b", "a\\b"];

/// Makes a step of a session: a connection, and what it says.
pub type Maker = fn(&mut Chance, usize) -> (usize, Vec<String>);

/// Plays sessions on both sides; returns what differs, and how many steps were compared.
pub fn check(
    ours: &mut dyn Side,
    theirs: &mut dyn Side,
    seed: u64,
    sessions: usize,
    step: Maker,
) -> (Vec<String>, usize) {
    let (mut faults, mut compared) = (Vec::new(), 0);
    for session in 0..sessions {
        let chance = &mut Chance::new(seed ^ (session as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.next();
        let steps: Vec<(usize, Vec<String>)> = (0..STEPS).map(|at| step(chance, at)).collect();
        open(ours);
        open(theirs);
        for (at, (connection, lines)) in steps.iter().enumerate() {
            let mut differs = false;
            for offset in 0..CONNECTIONS {
                let now = (connection + offset) % CONNECTIONS;
                let lines: &[String] = if offset == 0 { lines } else { &[] };
                let marker = format!("mark:{at}:{now}");
                let mine = talk(ours, now, lines, &marker);
                let other = talk(theirs, now, lines, &marker);
                compared += 1;
                if !same(&mine, &other) {
                    differs = true;
                    let past: Vec<String> = steps[..=at]
                        .iter()
                        .map(|(c, lines)| format!("    {}> {}", c + 1, lines.join(" ; ")))
                        .collect();
                    faults.push(format!(
                        "{}, session {session}, seen by {}\n{}\n    ours   {mine:?}\n    theirs {other:?}",
                        theirs.name(),
                        now + 1,
                        past.join("\n")
                    ));
                }
            }
            if differs {
                break;
            }
        }
    }
    (faults, compared)
}

/// Starts with an empty database and so many connections.
fn open(side: &mut dyn Side) {
    side.start(&[]);
    (1..CONNECTIONS).for_each(|_| side.open());
}

/// Makes a step of sessions whose connections track each other's keys. Left out is what the sides time otherwise: own changes
/// of keys that are tracked by prefixes, keys that an EXEC writes and then reads, a flush inside EXEC.
pub fn track(chance: &mut Chance, _: usize) -> (usize, Vec<String>) {
    let connection = chance.below(CONNECTIONS);
    let key = |chance: &mut Chance| chance.pick(&["a", "b", "ab", "c"]).to_owned();
    let read = |chance: &mut Chance| match chance.below(4) {
        0 => format!("MGET {} {}", key(chance), key(chance)),
        1 => format!("LRANGE {} 0 -1", key(chance)),
        2 => format!("TTL {}", key(chance)),
        _ => format!("GET {}", key(chance)),
    };
    let write = |chance: &mut Chance| match chance.below(7) {
        0 => "MSET a 1 b 2".to_owned(),
        1 => format!("DEL {}", key(chance)),
        2 => format!("LPUSH {} x", key(chance)),
        3 => format!("EXPIRE {} 100", key(chance)),
        4 => format!("SETNX {} 1", key(chance)),
        _ => format!("SET {} 1", key(chance)),
    };
    let line = match chance.below(20) {
        0..=4 => write(chance),
        5..=10 => read(chance),
        11 => {
            let inside: Vec<String> = if chance.one_in(2) {
                vec![write(chance)]
            } else {
                (0..1 + chance.below(3)).map(|_| read(chance)).collect()
            };
            let lines = std::iter::once("MULTI".to_owned()).chain(inside).chain(["EXEC".to_owned()]);
            return (connection, lines.collect());
        }
        12..=15 => {
            let options = chance.pick(&[
                "ON",
                "ON",
                "ON NOLOOP",
                "ON OPTIN",
                "ON OPTOUT",
                "ON BCAST NOLOOP",
                "ON BCAST NOLOOP PREFIX a",
                "ON BCAST NOLOOP PREFIX b PREFIX c",
                "OFF",
                "OFF",
            ]);
            format!("CLIENT TRACKING {options}")
        }
        16 => chance.pick(&["CLIENT CACHING YES", "CLIENT CACHING NO"]).to_owned(),
        17 => chance.pick(&["CLIENT TRACKINGINFO", "CLIENT GETREDIR"]).to_owned(),
        18 => chance.pick(&["RESET", "FLUSHDB", "HELLO 2", "PING"]).to_owned(),
        _ => "HELLO 3".to_owned(),
    };
    (connection, vec![line])
}

/// Makes a step of sessions that subscribe and publish.
pub fn publish(chance: &mut Chance, at: usize) -> (usize, Vec<String>) {
    let connection = chance.below(CONNECTIONS);
    let line = if chance.one_in(25) {
        chance.pick(&["RESET", "HELLO 3", "HELLO 2"]).to_owned()
    } else if chance.one_in(12) {
        let inside = (0..1 + chance.below(3)).map(|_| one(chance, at, true));
        let mut lines = vec!["MULTI".to_owned()];
        lines.extend(inside);
        lines.push("EXEC".into());
        return (connection, lines);
    } else {
        one(chance, at, false)
    };
    (connection, vec![line])
}

fn names(chance: &mut Chance, pool: &[&str]) -> String {
    let count = 1 + chance.below(2);
    (0..count).map(|_| format!("{:?}", chance.pick(pool))).collect::<Vec<_>>().join(" ")
}

fn one(chance: &mut Chance, at: usize, named: bool) -> String {
    let command = chance.pick(&[
        "PUBLISH",
        "PUBLISH",
        "PUBLISH",
        "SPUBLISH",
        "SUBSCRIBE",
        "SUBSCRIBE",
        "PSUBSCRIBE",
        "PSUBSCRIBE",
        "SSUBSCRIBE",
        "UNSUBSCRIBE",
        "PUNSUBSCRIBE",
        "SUNSUBSCRIBE",
        "PUBSUB NUMSUB",
        "PUBSUB SHARDNUMSUB",
        "PUBSUB NUMPAT",
        "PUBSUB CHANNELS",
        "PUBSUB SHARDCHANNELS",
        "PING",
        "GET k",
    ]);
    match command {
        "PUBLISH" | "SPUBLISH" => format!("{command} {:?} m{at}", chance.pick(CHANNELS)),
        "UNSUBSCRIBE" | "PUNSUBSCRIBE" | "SUNSUBSCRIBE" if !named && chance.one_in(4) => command.to_owned(),
        "PSUBSCRIBE" | "PUNSUBSCRIBE" => {
            format!("{command} {}", names(chance, PATTERNS).replace("\\\\", "\\"))
        }
        // Inside the reply of EXEC nothing is put in order.
        "PUBSUB CHANNELS" | "PUBSUB SHARDCHANNELS" if named => "PUBSUB NUMPAT".to_owned(),
        "PUBSUB CHANNELS" | "PUBSUB SHARDCHANNELS" if chance.one_in(2) => {
            format!("{command} {}", chance.pick(PATTERNS))
        }
        "PUBSUB CHANNELS" | "PUBSUB SHARDCHANNELS" | "PUBSUB NUMPAT" | "PING" | "GET k" => command.to_owned(),
        _ => format!("{command} {}", names(chance, CHANNELS)),
    }
}

/// Says lines on a connection and returns all that it is sent.
fn talk(side: &mut dyn Side, connection: usize, lines: &[String], marker: &str) -> Vec<Value> {
    side.switch(connection);
    let mut request = Vec::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').map(|word| word.trim_matches('"')).collect();
        wire::write_command(&mut request, &words);
    }
    wire::write_command(&mut request, &["PING", marker]);
    let end = format!("{marker}\r\n");
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let got = side.exchange(&request, 1).concat();
        if got.is_empty() {
            break;
        }
        bytes.extend(got);
        request.clear();
    }
    let (mut values, mut at) = (Vec::new(), 0);
    while let Ok((value, len)) = wire::read(&bytes[at..]) {
        // Each calls itself otherwise.
        values.push(if is_hello(&value) { Value::Nil } else { value });
        at += len;
    }
    values
}

/// Tells whether this is the reply of HELLO.
fn is_hello(value: &Value) -> bool {
    let is_server = |first: &Value| matches!(first, Value::Bulk(text) if text == b"server");
    match value {
        Value::Map(pairs) => pairs.first().is_some_and(|(first, _)| is_server(first)),
        other => other.items().and_then(<[Value]>::first).is_some_and(is_server),
    }
}

/// Equal; or equal in another order, where each side goes through a table of its own.
fn same(ours: &[Value], theirs: &[Value]) -> bool {
    ours == theirs || (ours.len() == theirs.len() && any_order(ours) == any_order(theirs))
}

/// The values as texts in an order of their own; of what is unsubscribed from, the names apart from the numbers.
fn any_order(values: &[Value]) -> Vec<String> {
    let mut texts = Vec::new();
    for value in values {
        let items = value.items().unwrap_or_default();
        match items {
            [Value::Bulk(word), name, count] if word.ends_with(b"unsubscribe") => {
                texts.push(format!("{word:?} {name:?}"));
                texts.push(format!("{word:?} {count:?}"));
            }
            [] => texts.push(format!("{value:?}")),
            items => {
                // The names of channels, and nothing else, come in any order.
                let mut items: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
                if !matches!(value, Value::Push(_)) && !items.iter().any(|item| item.contains("Int")) {
                    items.sort();
                }
                texts.push(items.join(" "));
            }
        }
    }
    texts.sort();
    texts
}
