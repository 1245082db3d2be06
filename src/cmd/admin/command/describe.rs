//! The facts of a command as COMMAND INFO and COMMAND DOCS write them.
use super::{access, arguments};
use crate::{
    base::emit::Sink,
    cmd::{
        ADMIN, ALLOW_BUSY, BLOCKING, DENYOOM, FAST, Group, LOADING, MOVABLE_KEYS, NO_AUTH, NO_MULTI,
        NOSCRIPT, PUBSUB, READ, Row, SKIP_MONITOR, STALE, Spec, WRITE, table,
    },
};

/// The names of the flags, in Redis's order.
const FLAGS: &[(u32, &str)] = &[
    (WRITE, "write"),
    (READ, "readonly"),
    (DENYOOM, "denyoom"),
    (ADMIN, "admin"),
    (PUBSUB, "pubsub"),
    (NOSCRIPT, "noscript"),
    (BLOCKING, "blocking"),
    (LOADING, "loading"),
    (STALE, "stale"),
    (SKIP_MONITOR, "skip_monitor"),
    (FAST, "fast"),
    (NO_AUTH, "no_auth"),
    (NO_MULTI, "no_multi"),
    (MOVABLE_KEYS, "movablekeys"),
    (ALLOW_BUSY, "allow_busy"),
];

/// The ACL categories of a command, each with its `@`.
pub fn categories(spec: &Spec) -> impl Iterator<Item = &'static str> + use<> {
    let flags = spec.flags;
    let has = move |flag: u32| flags & flag != 0;
    let (group, is_container) = (spec.group, spec.flags == 0);
    let of_type = match group {
        Group::String => "@string",
        Group::List => "@list",
        Group::Hash => "@hash",
        Group::Set => "@set",
        Group::SortedSet => "@sortedset",
        Group::Stream => "@stream",
        Group::Generic
        | Group::PubSub
        | Group::Connection
        | Group::Transactions
        | Group::Scripting
        | Group::Server => "",
    };
    // In Redis's order.
    let all = [
        (group == Group::Generic && !is_container, "@keyspace"),
        (has(READ), "@read"),
        (has(WRITE), "@write"),
        (!of_type.is_empty() && !is_container, of_type),
        (has(PUBSUB), "@pubsub"),
        (has(ADMIN), "@admin"),
        (has(FAST), "@fast"),
        (!has(FAST), "@slow"),
        (has(BLOCKING), "@blocking"),
        (has(ADMIN), "@dangerous"),
        (group == Group::Connection && !is_container, "@connection"),
        (group == Group::Transactions, "@transaction"),
        (group == Group::Scripting && !is_container, "@scripting"),
    ];
    all.into_iter().filter(|(is_in, _)| *is_in).map(|(_, name)| name)
}

/// Writes words that stand beside each other in any order.
pub fn words(to: &mut dyn Sink, words: &[&str]) {
    to.set(words.len());
    words.iter().for_each(|word| to.status(word));
}

/// Writes where a command's keys are.
fn key_specs(spec: &Spec, to: &mut dyn Sink) {
    let (first, last, step) = spec.keys;
    let movable = spec.has(MOVABLE_KEYS);
    if first <= 0 && !movable {
        return to.set(0);
    }
    to.set(1);
    to.map(3);
    to.bytes(b"flags");
    let variable = if spec.name == "SET" { &["variable_flags"][..] } else { &[] };
    words(to, &[access::to_key(spec, 0), variable].concat());
    let part = |to: &mut dyn Sink, part: &str, kind: &str, numbers: &[(&str, i64)]| {
        to.bytes(part.as_bytes());
        to.map(2);
        to.bytes(b"type");
        to.bytes(kind.as_bytes());
        to.bytes(b"spec");
        to.map(numbers.len());
        for (name, number) in numbers {
            to.bytes(name.as_bytes());
            to.int(*number);
        }
    };
    if movable {
        part(to, "begin_search", "unknown", &[]);
        part(to, "find_keys", "unknown", &[]);
        return;
    }
    // Counted from the first key, unless it is counted from the end.
    let last = if last < 0 { last } else { last - first };
    part(to, "begin_search", "index", &[("index", first.into())]);
    let numbers = [("lastkey", last.into()), ("keystep", step.into()), ("limit", 0)];
    part(to, "find_keys", "range", &numbers);
}

/// Writes the reply of COMMAND INFO for one command.
pub fn info(row: &Row, to: &mut dyn Sink) {
    let spec = row.spec;
    to.array(10);
    to.bytes(spec.name.to_ascii_lowercase().as_bytes());
    to.int(spec.arity.into());
    let flags: Vec<&str> = FLAGS.iter().filter(|(flag, _)| spec.has(*flag)).map(|(_, name)| *name).collect();
    words(to, &flags);
    let (first, last, step) = spec.keys;
    [first, last, step].into_iter().for_each(|number| to.int(number.into()));
    words(to, &categories(spec).collect::<Vec<_>>());
    to.set(0);
    key_specs(spec, to);
    to.array(table::subcommands(row).count());
    table::subcommands(row).for_each(|sub| info(sub, to));
}

/// Writes the name of a command and its entry in the reply of COMMAND DOCS.
pub fn docs(row: &Row, to: &mut dyn Sink) {
    let spec = row.spec;
    let subcommands = table::subcommands(row).count();
    to.bytes(spec.name.to_ascii_lowercase().as_bytes());
    to.map(4 + usize::from(!spec.usage.is_empty()) + usize::from(subcommands > 0));
    let facts = [
        ("summary", spec.summary),
        ("since", spec.since),
        ("group", spec.group.name()),
        ("complexity", spec.complexity),
    ];
    for (name, fact) in facts {
        to.bytes(name.as_bytes());
        to.bytes(fact.as_bytes());
    }
    if !spec.usage.is_empty() {
        to.bytes(b"arguments");
        arguments::write(spec, to);
    }
    if subcommands > 0 {
        to.bytes(b"subcommands");
        to.map(subcommands);
        table::subcommands(row).for_each(|sub| docs(sub, to));
    }
}
