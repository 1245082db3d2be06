//! A session: commands made by chance, sent to all sides in one piece, compared afterwards together with what they left.
use crate::{
    chance::Chance,
    compare::value,
    coverage::Coverage,
    facts::Fact,
    generate::{self, Argv},
    pools, rules,
    settle::{Case, Verdict, judge},
    side::{Side, replies},
    tnt::wire::{self, Value},
};
use std::collections::BTreeSet;

/// Commands with the protocol and the settings that they run under.
#[derive(Clone)]
pub struct Session {
    pub number: u64,
    pub resp: u8,
    pub settings: Vec<(&'static str, &'static str)>,
    pub commands: Vec<Argv>,
    /// A command after which the connection may be gone.
    pub last: Option<Argv>,
}

/// Where a difference was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// In the reply to the command of this number.
    Reply(usize),
    /// In the keyspace events of the commands.
    Events,
    /// In what the commands left behind.
    State,
    /// In the answer to the last command.
    Last,
}

/// Two replies that do not agree.
#[derive(Clone)]
pub struct Difference {
    pub stage: Stage,
    pub opponent: &'static str,
    pub name: String,
    pub argv: Argv,
    pub ours: Value,
    pub theirs: Value,
}

impl Difference {
    /// What makes it the same as another one: the command and the kinds of both replies.
    pub fn signature(&self) -> String {
        let stage = match self.stage {
            Stage::Reply(_) => "reply",
            Stage::Events => "events",
            Stage::State => "state",
            Stage::Last => "last",
        };
        format!("{} {stage} {} {} / {}", self.opponent, self.name, kind(&self.ours), kind(&self.theirs))
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Error(text) => {
            let text = String::from_utf8_lossy(text);
            let text: String =
                text.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).take(60).collect();
            format!("error {}", text.split('\'').next().unwrap_or_default())
        }
        other => other.type_name().into(),
    }
}

/// An opponent: a side with the right to say what is correct, or without.
pub struct Opponent<'a> {
    pub side: Box<dyn Side + 'a>,
    pub yardstick: bool,
    on: bool,
}

impl<'a> Opponent<'a> {
    pub fn new(side: Box<dyn Side + 'a>, yardstick: bool) -> Self {
        Self { side, yardstick, on: true }
    }
}

/// Settings under which nothing is kept in a compact form.
pub const NOTHING_PACKED: &[(&str, &str)] = &[
    ("hash-max-listpack-entries", "0"),
    ("set-max-listpack-entries", "0"),
    ("set-max-intset-entries", "0"),
    ("zset-max-listpack-entries", "0"),
    ("list-max-listpack-size", "1"),
    ("stream-node-max-entries", "1"),
];

/// The settings that a session may have besides the usual ones.
const SETTINGS: &[&[(&str, &str)]] = &[
    &[],
    &[],
    NOTHING_PACKED,
    &[
        ("hash-max-listpack-entries", "4"),
        ("set-max-listpack-entries", "4"),
        ("set-max-intset-entries", "4"),
        ("zset-max-listpack-entries", "4"),
        ("list-max-listpack-size", "4"),
    ],
];
/// What shows a key of a type; of any type when there is no name.
const READERS: &[(&str, &str, &str)] = &[
    ("string", "GET", ""),
    ("list", "LRANGE", "0 -1"),
    ("hash", "HGETALL", ""),
    ("set", "SMEMBERS", ""),
    ("zset", "ZRANGE", "0 -1 WITHSCORES"),
    ("", "OBJECT ENCODING", ""),
    ("", "PTTL", ""),
];
/// What every session starts from, whatever the one before it has set.
pub const USUAL: &[(&str, &str)] = &[
    // Not of keys that are missed: XREAD looks twice for them.
    ("notify-keyspace-events", "KEAn"),
    ("hash-max-listpack-entries", "128"),
    ("hash-max-listpack-value", "64"),
    ("set-max-intset-entries", "512"),
    ("set-max-listpack-entries", "128"),
    ("set-max-listpack-value", "64"),
    ("zset-max-listpack-entries", "128"),
    ("zset-max-listpack-value", "64"),
    ("list-max-listpack-size", "-2"),
    ("stream-node-max-bytes", "4096"),
    ("stream-node-max-entries", "100"),
];

/// Draws commands by their weight.
pub struct Urn<'a> {
    facts: &'a [Fact],
    total: usize,
}

impl<'a> Urn<'a> {
    pub fn new(facts: &'a [Fact]) -> Self {
        Self { facts, total: facts.iter().map(|fact| fact.weight).sum() }
    }

    fn draw(&self, chance: &mut Chance) -> &'a Fact {
        let mut at = chance.below(self.total);
        for fact in self.facts {
            match at.checked_sub(fact.weight) {
                Some(rest) => at = rest,
                None => return fact,
            }
        }
        &self.facts[0]
    }

    /// Tells whether all these commands are drawn.
    fn only(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.facts.iter().any(|fact| fact.name == *name))
    }
}

/// The names of all commands that we have: what we lack is not sent in passing either.
pub struct Have(pub BTreeSet<String>);

impl Have {
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    fn knows(&self, argv: &Argv) -> bool {
        self.has(&name_of(argv))
    }
}

fn words(line: &str) -> Argv {
    line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
}

/// Makes a session of about `len` commands.
pub fn make(number: u64, seed: u64, len: usize, urn: &Urn<'_>, lasts: &[Fact], have: &Have) -> Session {
    let chance = &mut Chance::new(seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    chance.next();
    let settings = USUAL.iter().chain(SETTINGS[chance.below(SETTINGS.len())]).copied().collect();
    let resp = if chance.one_in(2) && have.has("HELLO") { 3 } else { 2 };
    let mut commands: Vec<Argv> = Vec::new();
    for key in pools::KEYS.iter().chain(&["y1", "y2", "w1"]) {
        if !chance.one_in(6) {
            commands.extend(pools::fixture(key));
        }
    }
    if chance.one_in(20) {
        commands.extend(["z2", "h2", "t3", "l2"].map(|key| pools::enlarge(key, chance)));
    }
    commands.push(["SCRIPT", "LOAD", pools::SCRIPT].map(Vec::from).into());
    let transactions = urn.only(&["MULTI", "EXEC"]);
    let end = commands.len() + len;
    while commands.len() < end {
        if transactions && chance.one_in(30) {
            if chance.one_in(2) {
                watched(chance, urn, &mut commands);
            }
            commands.push(words("MULTI"));
            for _ in 0..1 + chance.below(6) {
                one(chance, urn, &mut commands);
            }
            commands.push(words(if chance.one_in(6) { "DISCARD" } else { "EXEC" }));
        } else if chance.one_in(25) {
            let key = if chance.one_in(5) { chance.pick(&["y1", "y2"]) } else { chance.pick(pools::KEYS) };
            commands.push(vec![b"DEL".to_vec(), key.into()]);
            commands.extend(pools::fixture(key));
        } else {
            one(chance, urn, &mut commands);
        }
    }
    commands.retain(|argv| have.knows(argv) || is_wrong(argv, have));
    let last = (!lasts.is_empty() && chance.one_in(12)).then(|| {
        let fact = &lasts[chance.below(lasts.len())];
        generate::command(chance, fact)
    });
    Session { number, resp, settings, commands, last }
}

/// Commands that nobody knows, of containers that we have.
fn is_wrong(argv: &Argv, have: &Have) -> bool {
    let name = name_of(argv);
    match name.split_once('|') {
        Some((container, _)) => have.0.iter().any(|known| known.starts_with(&format!("{container}|"))),
        None => matches!(name.as_str(), "NOSUCHCOMMAND" | "GETT"),
    }
}

/// A command whose keys are watched: EXEC says afterwards whether it counted as a change.
fn watched(chance: &mut Chance, urn: &Urn<'_>, to: &mut Vec<Argv>) {
    let mut between = Vec::new();
    one(chance, urn, &mut between);
    let all = ["y1", "y2"];
    let keys = pools::KEYS.iter().chain(&all).map(|key| key.as_bytes());
    let named = keys.filter(|key| between.iter().flatten().any(|arg| arg == key)).map(<[u8]>::to_vec);
    let mut watch = words("WATCH");
    watch.extend(named);
    if watch.len() > 1 {
        to.push(watch);
    }
    to.extend(between);
}

/// One command, and what brings both sides together again when it may have parted them.
fn one(chance: &mut Chance, urn: &Urn<'_>, to: &mut Vec<Argv>) {
    if chance.one_in(700) {
        let wrong = [
            "NOSUCHCOMMAND a b",
            "GETT s1",
            "OBJECT NOSUCH s1",
            "CLIENT nosuch",
            "COMMAND NOSUCH a",
            "CONFIG nope",
        ];
        to.push(words(chance.pick(&wrong)));
        return;
    }
    let fact = urn.draw(chance);
    let argv = generate::command(chance, fact);
    let has = |word: &str| argv.iter().position(|arg| arg.eq_ignore_ascii_case(word.as_bytes()));
    // What was popped is up to each side; what SORT leaves in an open order too.
    let unsure = match fact.name.as_str() {
        "SPOP" => argv.get(1).cloned(),
        "SORT" if has("BY").is_some() => has("STORE").and_then(|at| argv.get(at + 1).cloned()),
        _ => None,
    };
    let home = fact.name == "SELECT" || fact.name == "RESET";
    let open = fact.name == "MULTI";
    to.push(argv);
    to.extend(unsure.map(|key| vec![b"DEL".to_vec(), key]));
    if open {
        for _ in 0..chance.below(4) {
            one(chance, urn, to);
        }
        to.push(words("EXEC"));
    }
    if home {
        for _ in 0..chance.below(8) {
            one(chance, urn, to);
        }
        to.push(words("SELECT 0"));
    }
}

/// The name of the command of `argv` as the rules have it: `CLIENT|ID` for a container's subcommand.
pub fn name_of(argv: &Argv) -> String {
    const CONTAINERS: &[&str] = &[
        "CLIENT",
        "CONFIG",
        "OBJECT",
        "COMMAND",
        "MEMORY",
        "SLOWLOG",
        "DEBUG",
        "LATENCY",
        "ACL",
        "SCRIPT",
        "FUNCTION",
        "XINFO",
        "XGROUP",
        "PUBSUB",
        "MODULE",
        "CLUSTER",
        "COMMANDLOG",
    ];
    let upper = |at: usize| argv.get(at).map(|word| String::from_utf8_lossy(word).to_ascii_uppercase());
    let first = upper(0).unwrap_or_default();
    match upper(1) {
        Some(second) if CONTAINERS.contains(&first.as_str()) => format!("{first}|{second}"),
        _ => first,
    }
}

/// Runs a session on all sides; returns the first difference, and how many replies were compared.
pub fn run(
    session: &Session,
    ours: &mut dyn Side,
    opponents: &mut [Opponent<'_>],
    have: &Have,
    coverage: &mut Coverage,
) -> (Option<Difference>, usize) {
    ours.start(&session.settings);
    for opponent in opponents.iter_mut() {
        opponent.side.start(&session.settings);
        opponent.on = true;
    }
    let mut run = Run { ours, opponents, have, coverage, compared: 0, queue: None };
    let hello = [words(&format!("HELLO {}", session.resp))];
    let found = run
        .exchange(if have.has("HELLO") { &hello } else { &[] }, |_| Stage::State)
        .and_then(|_| run.exchange(&session.commands, Stage::Reply))
        .and_then(|_| run.events(&session.commands))
        .and_then(|_| run.state("0"))
        .and_then(|_| run.state("1"))
        .and_then(|_| match &session.last {
            Some(last) => run.last(last),
            None => Ok(()),
        });
    (found.err().map(|difference| *difference), run.compared)
}

struct Run<'r, 'a> {
    ours: &'r mut dyn Side,
    opponents: &'r mut [Opponent<'a>],
    have: &'r Have,
    coverage: &'r mut Coverage,
    compared: usize,
    queue: Option<Vec<(String, Argv)>>,
}

impl Run<'_, '_> {
    /// Sends commands to all sides and compares the replies; returns ours.
    fn exchange(
        &mut self,
        commands: &[Argv],
        stage: impl Fn(usize) -> Stage,
    ) -> Result<Vec<Value>, Box<Difference>> {
        let mut wire = Vec::new();
        commands.iter().for_each(|argv| wire::write_command(&mut wire, argv));
        let count = commands.len();
        let all: Vec<Vec<Vec<u8>>> = self
            .opponents
            .iter_mut()
            .map(|o| if o.on { o.side.exchange(&wire, count) } else { vec![] })
            .collect();
        let ours = self.ours.exchange(&wire, count);
        let nothing = Vec::new();
        let mut values = Vec::with_capacity(count);
        for (at, argv) in commands.iter().enumerate() {
            let name = name_of(argv);
            let reply = ours.get(at).unwrap_or(&nothing);
            let mine = value(reply);
            let queue = if name == "EXEC" { self.queue.take().unwrap_or_default() } else { vec![] };
            for (opponent, replies) in self.opponents.iter_mut().zip(&all).filter(|(o, _)| o.on) {
                let bytes = replies.get(at).unwrap_or(&nothing);
                if bytes == reply && !reply.is_empty() {
                    continue;
                }
                let theirs = value(bytes);
                let case = Case { name: &name, argv, ours: &mine, theirs: &theirs };
                match judge(opponent.yardstick, &case, &queue) {
                    Verdict::Agree | Verdict::Known => {}
                    Verdict::Parted => opponent.on = false,
                    Verdict::Differ => {
                        let (argv, opponent) = (argv.clone(), opponent.side.name());
                        return Err(Box::new(Difference {
                            stage: stage(at),
                            opponent,
                            name,
                            argv,
                            ours: mine,
                            theirs,
                        }));
                    }
                }
            }
            self.note_queue(&name, argv, &mine);
            self.coverage.note(argv, !mine.is_error() && mine != Value::Status(b"QUEUED".to_vec()));
            values.push(mine);
            self.compared += 1;
        }
        Ok(values)
    }

    /// Keeps the commands that wait for EXEC.
    fn note_queue(&mut self, name: &str, argv: &Argv, reply: &Value) {
        match (reply, &mut self.queue) {
            (Value::Status(text), None) if name == "MULTI" && text == b"OK" => self.queue = Some(Vec::new()),
            (Value::Status(text), Some(queue)) if text == b"QUEUED" => {
                queue.push((name.into(), argv.clone()))
            }
            (reply, queue) if matches!(name, "DISCARD" | "RESET") && !reply.is_error() => *queue = None,
            _ => {}
        }
    }

    /// Compares the keyspace events with those of the yardstick.
    fn events(&mut self, commands: &[Argv]) -> Result<(), Box<Difference>> {
        let ours = self.ours.heard();
        if commands.iter().any(sets_for_the_past) {
            return Ok(());
        }
        for opponent in self.opponents.iter_mut().filter(|o| o.yardstick) {
            let theirs = opponent.side.heard();
            if !opponent.on {
                continue;
            }
            let at = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
            if at == ours.len() && at == theirs.len() {
                continue;
            }
            let shown = |side: &[Vec<u8>]| side.get(at).map_or(Value::Nil, |message| value(message));
            let (ours, theirs) = (shown(&ours), shown(&theirs));
            let name = format!("{} / {}", event(&ours), event(&theirs));
            let (stage, opponent) = (Stage::Events, opponent.side.name());
            return Err(Box::new(Difference { stage, opponent, name, argv: vec![], ours, theirs }));
        }
        Ok(())
    }

    /// Compares all that a database holds, as far as we have the commands that show it.
    fn state(&mut self, database: &str) -> Result<(), Box<Difference>> {
        let stage = |_| Stage::State;
        let mut first = vec![vec![b"SELECT".to_vec(), database.as_bytes().to_vec()]];
        if self.have.has("KEYS") {
            first.push(words("KEYS *"));
        }
        let values = self.exchange(&first, stage)?;
        let keys: Vec<Vec<u8>> = match values.get(1) {
            Some(Value::List(keys) | Value::Set(keys)) => keys
                .iter()
                .filter_map(|key| if let Value::Bulk(key) = key { Some(key.clone()) } else { None })
                .collect(),
            _ => pools::KEYS.iter().map(|key| (*key).into()).collect(),
        };
        let about = |head: &str, key: &Vec<u8>, tail: &str| {
            let mut argv = words(head);
            argv.push(key.clone());
            argv.extend(tail.split(' ').filter(|word| !word.is_empty()).map(|word| word.as_bytes().to_vec()));
            argv
        };
        let types: Vec<Argv> = keys.iter().map(|key| about("TYPE", key, "")).collect();
        let types = if self.have.has("TYPE") { self.exchange(&types, stage)? } else { vec![] };
        let mut contents = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let kind = match types.get(at) {
                Some(Value::Status(kind)) => String::from_utf8_lossy(kind).into_owned(),
                _ => String::new(),
            };
            for (name, head, tail) in READERS {
                if kind.is_empty() || *name == kind || name.is_empty() {
                    contents.push(about(head, key, tail));
                }
            }
        }
        contents.retain(|argv| self.have.knows(argv));
        self.exchange(&contents, stage).map(|_| ())
    }

    /// Sends the last command and one after it, and compares all that comes.
    fn last(&mut self, last: &Argv) -> Result<(), Box<Difference>> {
        let mut wire = Vec::new();
        wire::write_command(&mut wire, last);
        wire::write_command(&mut wire, &["PING", "still there"]);
        let ours = self.ours.exchange_raw(&wire, &|_, _| true);
        let enough = |bytes: &[u8], closed| replies(bytes) >= replies(&ours.0) && closed >= ours.1;
        for opponent in self.opponents.iter_mut().filter(|o| o.on) {
            let theirs = opponent.side.exchange_raw(&wire, &enough);
            let known = || {
                let (mine, other) = (value(&first(&ours.0)), value(&first(&theirs.0)));
                let case = Case { name: &name_of(last), argv: last, ours: &mine, theirs: &other };
                judge(opponent.yardstick, &case, &[]) != Verdict::Differ
            };
            if theirs != ours && !known() {
                let show = |(bytes, closed): &(Vec<u8>, bool)| {
                    Value::List(vec![Value::Bulk(bytes.clone()), Value::Bool(*closed)])
                };
                let (argv, name, opponent) = (last.clone(), name_of(last), opponent.side.name());
                let (ours, theirs) = (show(&ours), show(&theirs));
                return Err(Box::new(Difference { stage: Stage::Last, opponent, name, argv, ours, theirs }));
            }
        }
        self.coverage.note(last, !value(&first(&ours.0)).is_error());
        self.compared += 1;
        Ok(())
    }
}

/// An MSETEX with a time in the past: Valkey sets the keys first, and says so.
fn sets_for_the_past(argv: &Argv) -> bool {
    const LONG_AGO: usize = 10;
    let is_time = |word: &[u8]| word.eq_ignore_ascii_case(b"EXAT") || word.eq_ignore_ascii_case(b"PXAT");
    name_of(argv) == "MSETEX" && argv.windows(2).any(|pair| is_time(&pair[0]) && pair[1].len() < LONG_AGO)
}

/// The name of an event, as the message to either channel tells it.
fn event(message: &Value) -> String {
    let Some([.., Value::Bulk(channel), Value::Bulk(body)]) = message.items() else {
        return "nothing".into();
    };
    let name = match channel.strip_prefix(b"__keyevent@") {
        Some(rest) => rest.splitn(2, |byte| *byte == b':').nth(1).unwrap_or_default(),
        None => body,
    };
    String::from_utf8_lossy(name).into_owned()
}

/// The first reply of several.
fn first(bytes: &[u8]) -> Vec<u8> {
    bytes[..wire::length(bytes).unwrap_or(0)].to_vec()
}

/// Tells whether a command may be the last of a session.
pub fn is_last(name: &str) -> bool {
    rules::LAST.contains(&name)
}
