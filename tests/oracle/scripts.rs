//! `.tnt` files against a real server: are the expectations its replies, and writing them down in the first place.
use crate::{
    compare::value,
    rules::{Rule, rule},
    session::name_of,
    side::Side,
    tnt::{
        self, Expect, Item, Section, Value,
        play::{self, Player},
        wire,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Plays sections on a side of the oracle.
pub struct OnSide<'a>(pub &'a mut dyn Side);

impl Player for OnSide<'_> {
    fn start(&mut self, clients: usize, resp: u8, setting: Option<&(String, String)>) {
        let usual: Vec<(&str, &str)> = crate::session::USUAL
            .iter()
            .copied()
            // Files speak of their own connections: nobody else listens.
            .map(|(name, value)| (name, if name == "notify-keyspace-events" { "" } else { value }))
            .chain(setting.map(|(name, value)| (name.as_str(), value.as_str())))
            .collect();
        self.0.start(&usual);
        for _ in 1..clients {
            self.0.open();
        }
        for client in 0..clients {
            self.0.switch(client);
            if resp == 3 {
                let mut hello = Vec::new();
                wire::write_command(&mut hello, &["HELLO", "3"]);
                self.0.exchange(&hello, 1);
            }
        }
    }

    fn send(&mut self, client: usize, argv: &[Vec<u8>], open: Option<usize>) -> Vec<Value> {
        self.0.switch(client - 1);
        let mut command = Vec::new();
        wire::write_command(&mut command, argv);
        let Some(count) = open else {
            return self.0.exchange(&command, 1).iter().map(|reply| value(reply)).collect();
        };
        let (bytes, _) = self.0.exchange_raw(&command, &|bytes, _| values(bytes).len() >= count);
        values(&bytes)
    }

    fn wait(&mut self, ms: u64) {
        thread::sleep(Duration::from_millis(ms));
    }
}

/// The values that are whole.
fn values(bytes: &[u8]) -> Vec<Value> {
    let (mut at, mut values) = (0, Vec::new());
    while let Ok((value, len)) = wire::read(&bytes[at..]) {
        values.push(value);
        at += len;
    }
    values
}

/// Plays a section; one in which time passes up to three times, until it goes well: this machine may have stood still for longer than
/// the server was to wait.
fn check(section: &Section, player: &mut dyn Player) -> Vec<String> {
    let waits = section.items.iter().any(|item| matches!(item, Item::Wait(_)));
    let mut faults = play::check(section, player);
    for _ in 0..2 {
        if waits && !faults.is_empty() {
            faults = play::check(section, player);
        }
    }
    faults
}

/// Writes the replies of a server into a section, as loosely as the rules of its commands say.
pub fn record(section: &mut Section, player: &mut dyn Player) {
    let setting = section.settings.first().cloned();
    player.start(section.clients(), section.resp, setting.as_ref());
    let whole = section.clone();
    for item in &mut section.items {
        match item {
            Item::Text(_) => {}
            Item::Wait(ms) => player.wait(*ms),
            Item::Step(step) => {
                let open = play::is_open(&whole, step).then_some(0);
                let replies = player.send(step.client, &step.argv, open);
                let name = name_of(&step.argv);
                step.replies = replies.into_iter().map(|reply| loose(rule(&name), reply)).collect();
                if step.replies.is_empty() {
                    step.replies.push(Expect::Silence);
                }
            }
        }
    }
}

fn loose(rule: Rule, reply: Value) -> Expect {
    let many = reply.items().is_some_and(|items| items.len() > 1);
    let kind = || Expect::Any(reply.type_name().into());
    match (rule, &reply) {
        (_, Value::Error(_) | Value::Nil | Value::NilList) => Expect::Exactly(reply),
        (Rule::Unordered, _) if many => Expect::AnyOrder(reply),
        (Rule::UnorderedPairs, Value::Map(pairs)) if pairs.len() > 1 => Expect::AnyOrder(reply),
        (Rule::UnorderedPairs, Value::List(items)) if items.len() > 2 => Expect::AnyPairs(reply),
        (Rule::Shape, _) if many => kind(),
        (Rule::Shape, Value::Bulk(_)) => kind(),
        (Rule::Kind | Rule::Lines | Rule::Ignored(_), _) => kind(),
        (Rule::Near(_), Value::Int(n)) if *n > 0 => Expect::About(*n),
        (Rule::Clock(_), _) if has_nested_ints(&reply) => kind(),
        (Rule::Scan, Value::List(parts))
            if parts.get(1).and_then(Value::items).is_some_and(|i| i.len() > 1) =>
        {
            kind()
        }
        _ => Expect::Exactly(reply),
    }
}

/// Tells whether there are integers below the outermost list or map: idle times and the like.
fn has_nested_ints(reply: &Value) -> bool {
    let has = |value: &Value| match value {
        Value::List(_) | Value::Map(_) => value.items().is_some_and(|items| items.iter().any(is_or_has_int)),
        _ => false,
    };
    match reply {
        Value::Map(pairs) => pairs.iter().any(|(_, value)| has(value)),
        _ => reply.items().is_some_and(|items| items.iter().any(has)),
    }
}

fn is_or_has_int(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Map(pairs) => pairs.iter().any(|(_, value)| is_or_has_int(value)),
        _ => value.items().is_some_and(|items| items.iter().any(is_or_has_int)),
    }
}

/// Every `.tnt` file below a folder.
pub fn files(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ext| ext == "tnt") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Tells whether a server has the command that a file is about.
fn knows(side: &mut dyn Side, path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // What stands behind a point is a part of the command.
    let name = stem.split('.').next().unwrap_or_default().replacen('-', "|", 1);
    let mut command = Vec::new();
    wire::write_command(&mut command, &["COMMAND", "INFO", &name]);
    side.start(&[]);
    let reply = side.exchange(&command, 1).pop().unwrap_or_default();
    value(&reply).items().is_none_or(|rows| !matches!(rows.first(), Some(Value::Nil | Value::NilList)))
}

/// Checks or records files; returns how many steps and faults there were.
pub fn run(paths: &[PathBuf], recording: bool, side: &mut dyn Side) -> (usize, usize) {
    let (mut steps, mut faults) = (0, 0);
    for path in paths {
        if !knows(side, path) {
            println!("{}: not a command of this server", path.display());
            continue;
        }
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut sections = match tnt::parse(&text) {
            Ok(sections) => sections,
            Err(fault) => {
                println!("{}: {fault}", path.display());
                faults += 1;
                continue;
            }
        };
        let player = &mut OnSide(&mut *side);
        for section in &mut sections {
            steps += section.steps().count();
            if recording {
                record(section, player);
            }
            for fault in check(section, player) {
                println!("{}: {fault}", path.display());
                faults += 1;
            }
        }
        if recording && fs::write(path, tnt::print(&sections)).is_err() {
            println!("{}: cannot be written", path.display());
            faults += 1;
        }
    }
    (steps, faults)
}
