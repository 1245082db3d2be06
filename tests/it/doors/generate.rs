//! Commands from the usage lines of the rows: mostly valid ones, about a few keys that collide.
use std::sync::OnceLock;
use tenondb::{Db, Keys, Spec, Usage};

/// The command's name and arguments.
pub type Argv = Vec<Vec<u8>>;

/// The databases that commands reach.
pub const DATABASES: u32 = 3;

/// The clock reading at which histories start, in Unix milliseconds.
pub const START_MS: u64 = 1_700_000_000_000;

const PER_KIND: usize = 3;
/// A kind of keys for each type.
const KINDS: [&str; 6] = ["s", "l", "h", "t", "z", "x"];
const NAMES: [&str; KINDS.len() * PER_KIND] = [
    "s0", "s1", "s2", "l0", "l1", "l2", "h0", "h1", "h2", "t0", "t1", "t2", "z0", "z1", "z2", "x0", "x1",
    "x2",
];

/// The keys of all histories.
pub fn keys() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}

/// A repeatable sequence of choices.
pub struct Choices(pub u64);

impl Choices {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A dumped value of any type.
    fn payload(&mut self) -> Vec<u8> {
        static PAYLOADS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
        let payloads = PAYLOADS.get_or_init(payloads);
        payloads[self.below(payloads.len())].clone()
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

/// Values of every type, small and large, as DUMP answers them.
fn payloads() -> Vec<Vec<u8>> {
    let db = Db::memory();
    let many = |name: &str, key: &str, pairs: bool| {
        let words = (0..600).flat_map(|n| {
            let first = pairs.then(|| n.to_string());
            first.into_iter().chain([format!("{}{n}", if n % 2 == 0 { "m" } else { "" })])
        });
        [name, key].into_iter().map(str::to_owned).chain(words).collect::<Vec<_>>()
    };
    let small = [
        "SET a 10",
        "SET b text",
        "RPUSH c a 1 b",
        "HSET d a 1 b 2",
        "SADD e a b 1",
        "SADD f 1 2 3",
        "ZADD g 1 a 2.5 b",
        "XADD h 5-1 a 1",
        "XADD h 7-0 a 2 b 3",
        "XDEL h 5-1",
        "XGROUP CREATE h g0 0",
        "XREADGROUP GROUP g0 a COUNT 1 STREAMS h >",
    ];
    small.iter().for_each(|line| drop(db.call(line.split(' ')).unwrap()));
    db.call(["SET", "i", &"x".repeat(1500)]).unwrap();
    for (name, key, pairs) in
        [("RPUSH", "j", false), ("HSET", "k", true), ("SADD", "l", false), ("ZADD", "m", true)]
    {
        db.call(many(name, key, pairs)).unwrap();
    }
    ('a'..='m').map(|key| db.dump(key.to_string()).unwrap().unwrap().to_vec()).collect()
}

/// Makes one command of a row: any options. `now_ms` is about when it will run.
pub fn command(choices: &mut Choices, spec: &Spec, now_ms: u64) -> Argv {
    make(choices, spec, now_ms, Wanted::Some)
}

/// Makes one command of a row with no option at all, one, or two of them: each alone and every pair come up soon,
/// however many there are.
pub fn command_with_few(choices: &mut Choices, spec: &Spec, now_ms: u64) -> Argv {
    let usage = Usage::parse(spec.usage).unwrap_or_else(|fault| panic!("usage of {}: {fault}", spec.name));
    let count = options(&usage);
    let mut one = || if count == 0 { usize::MAX } else { choices.below(count) };
    let (first, second) = (one(), one());
    let wanted = match choices.below(6) {
        0 => Wanted::These(usize::MAX, usize::MAX),
        1 | 2 => Wanted::These(first, usize::MAX),
        3 | 4 => Wanted::These(first, second),
        _ => Wanted::Some,
    };
    make(choices, spec, now_ms, wanted)
}

fn make(choices: &mut Choices, spec: &Spec, now_ms: u64, wanted: Wanted) -> Argv {
    let usage = Usage::parse(spec.usage).unwrap_or_else(|fault| panic!("usage of {}: {fault}", spec.name));
    let mut maker = Maker { choices, spec, now_ms, wanted, seen: 0, argv: Vec::new() };
    maker.argv.extend(spec.name.split('|').map(|word| word.as_bytes().to_vec()));
    maker.part(&usage);
    maker.argv
}

/// Which options a command gets.
#[derive(Clone, Copy)]
enum Wanted {
    /// The options of these numbers, counted from left to right.
    These(usize, usize),
    /// Each now and then.
    Some,
}

/// The number of parts that may be left out.
fn options(usage: &Usage<'_>) -> usize {
    match usage {
        Usage::Token(_) | Usage::Placeholder(_) => 0,
        Usage::Optional(part) => 1 + options(part),
        Usage::Repeat(part) => options(part),
        Usage::OneOf(parts) | Usage::Sequence(parts) => parts.iter().map(options).sum(),
    }
}

struct Maker<'a> {
    choices: &'a mut Choices,
    spec: &'a Spec,
    now_ms: u64,
    wanted: Wanted,
    /// Options that were passed, given or not.
    seen: usize,
    argv: Argv,
}

impl Maker<'_> {
    fn part(&mut self, usage: &Usage<'_>) {
        match usage {
            Usage::Token(word) => self.argv.push(word.as_bytes().to_vec()),
            Usage::Placeholder(name) => {
                let value = self.value(name);
                self.argv.push(value);
            }
            Usage::Optional(part) => {
                let number = self.seen;
                self.seen += 1;
                let wanted = match self.wanted {
                    Wanted::These(a, b) => number == a || number == b,
                    Wanted::Some => self.choices.one_in(4),
                };
                // An option within another one brings that one along.
                let inner = number + 1..self.seen + options(part);
                let wanted = wanted
                    || matches!(self.wanted, Wanted::These(a, b) if inner.contains(&a) || inner.contains(&b));
                if wanted {
                    self.part(part);
                }
                self.seen = inner.end;
            }
            Usage::OneOf(ways) => {
                let way = &ways[self.choices.below(ways.len())];
                self.part(way);
            }
            Usage::Repeat(part) => self.repeat(part, 5),
            Usage::Sequence(parts) => self.sequence(parts),
        }
    }

    fn repeat(&mut self, part: &Usage<'_>, most: usize) {
        for _ in 0..=self.choices.below(most) {
            self.part(part);
        }
    }

    /// A number of keys or fields is followed by that many of them.
    fn sequence(&mut self, parts: &[Usage<'_>]) {
        let mut counted = None;
        for part in parts {
            match (part, counted.take()) {
                (Usage::Placeholder("numkeys" | "numfields" | "numids"), _) => {
                    let count = 1 + self.choices.below(3);
                    self.argv.push(count.to_string().into_bytes());
                    counted = Some(count);
                }
                (Usage::Repeat(part), Some(count)) => (0..count).for_each(|_| self.part(part)),
                (part, _) => self.part(part),
            }
        }
    }

    fn value(&mut self, name: &str) -> Vec<u8> {
        let choices = &mut *self.choices;
        let seconds = self.now_ms / 1000 + choices.below(40) as u64;
        let text = match name {
            "key" | "newkey" | "source" | "destination" | "src" | "dst" => self.key(),
            "db" | "destination-db" | "index1" | "index2" => choices.below(DATABASES as usize).to_string(),
            "seconds" => choices.below(40).to_string(),
            // From now, or as a moment; either may be meant as the other.
            "ttl" => match choices.below(4) {
                0 => "0".into(),
                1 => choices.below(40_000).to_string(),
                _ => (seconds * 1000 + 7).to_string(),
            },
            "serialized-value" => return choices.payload(),
            "frequency" => choices.pick(&["0", "7", "255"]).into(),
            // Waited for in vain now and then, and not for long.
            "timeout" => "0.001".into(),
            "milliseconds" if self.spec.name.starts_with("XREAD") => "1".into(),
            "milliseconds" => choices.below(40_000).to_string(),
            "unix-time-seconds" => seconds.to_string(),
            "unix-time-milliseconds" => (seconds * 1000 + 7).to_string(),
            "score" | "weight" => choices.pick(&["0", "1", "2", "-1.5", "3.25", "inf", "1e20"]).into(),
            "increment" if self.spec.name.contains("FLOAT") || self.spec.name == "ZINCRBY" => {
                choices.pick(&["1", "0.1", "-2.5", "1e3", "0"]).into()
            }
            "increment" | "decrement" => choices.pick(&["1", "-1", "5", "0", "9223372036854775807"]).into(),
            "min" | "max" => self.limit(),
            "pattern" => choices.pick(&["nosort", "s*", "h*->a", "#"]).into(),
            "offset" => choices.pick(&["0", "1", "2", "30", "1100"]).into(),
            "start" | "stop" | "index" if self.spec.group.name() != "stream" => {
                choices.pick(&["0", "1", "-1", "2", "-3", "7"]).into()
            }
            "count" => choices.pick(&["1", "2", "3", "0", "-1", "20"]).into(),
            _ if self.spec.group.name() == "stream" => return self.of_stream(name),
            _ => return self.bytes(),
        };
        text.into_bytes()
    }

    /// IDs around those of the entries there are, groups and consumers that mostly exist.
    fn of_stream(&mut self, name: &str) -> Vec<u8> {
        let reads = self.spec.name == "XREADGROUP";
        let choices = &mut *self.choices;
        let small = format!("{}-{}", choices.below(30), choices.below(3));
        let text = match name {
            "id" | "last-id" if self.spec.name == "XADD" || name == "last-id" => match choices.below(8) {
                0 => small,
                1 => "*".into(),
                2 => format!("{}-*", self.now_ms),
                _ => format!("{}-{}", 20 + choices.below(400), choices.below(3)),
            },
            "id" if reads && !choices.one_in(4) => ">".into(),
            "id" if reads => "0".into(),
            "threshold" => choices.pick(&["0", "3", "5", "9-1", "20"]).into(),
            "start" => choices.pick(&["-", "0", "5-0", "(3-1"]).into(),
            "end" => choices.pick(&["+", "30", "(12-1"]).into(),
            "group" => choices.pick(&["g0", "g0", "g1", "g2"]).into(),
            "consumer" => choices.pick(&["a", "b", "c"]).into(),
            "min-idle-time" | "ms" => choices.pick(&["0", "0", "500", "4000"]).into(),
            "entries-read" => choices.pick(&["0", "1", "7"]).into(),
            "entries-added" => choices.pick(&["40", "900"]).into(),
            "lastid" | "max-deleted-id" | "id" => small,
            _ => return self.bytes(),
        };
        text.into_bytes()
    }

    fn key(&mut self) -> String {
        let kind = match self.spec.group.name() {
            "string" => Some(0),
            "list" => Some(1),
            "hash" => Some(2),
            "set" => Some(3),
            "sorted-set" => Some(4),
            "stream" => Some(5),
            _ => None,
        };
        // A key of any type now and then: WRONGTYPE is one of the answers.
        let kind =
            kind.filter(|_| !self.choices.one_in(12)).unwrap_or_else(|| self.choices.below(KINDS.len()));
        format!("{}{}", KINDS[kind], self.choices.below(PER_KIND))
    }

    fn limit(&mut self) -> String {
        let name = self.spec.name;
        let kinds: [&[&str]; 3] = [
            &["-inf", "+inf", "(1", "2", "-1.5", "(3"],
            &["-", "+", "[a", "(b", "[c"],
            &["0", "1", "-1", "3"],
        ];
        let kind = match (name.contains("LEX"), name.contains("SCORE")) {
            (true, _) => 1,
            (_, true) => 0,
            _ => self.choices.below(3),
        };
        self.choices.pick(kinds[kind]).into()
    }

    fn bytes(&mut self) -> Vec<u8> {
        match self.choices.below(12) {
            0 => vec![b'y'; 70],
            // Longer than what is kept inside a key's own allocation.
            1 => vec![b'q'; 1500],
            2 => b"\x00\xff\r\n".to_vec(),
            3 => Vec::new(),
            _ => self.choices.pick(&["a", "b", "c", "d", "1", "2", "3", "10", "-7", "2.5"]).into(),
        }
    }
}
