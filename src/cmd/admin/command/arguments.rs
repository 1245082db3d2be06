//! The arguments of a command as COMMAND DOCS describes them, read from its usage line.
use crate::{
    base::emit::Sink,
    cmd::{Spec, usage::Usage},
};

/// One argument, or several that belong together.
struct Argument<'u> {
    /// The word that introduces it.
    token: Option<&'u str>,
    what: What<'u>,
    optional: bool,
    multiple: bool,
}

enum What<'u> {
    Token,
    Value(&'u str),
    OneOf(Vec<Argument<'u>>),
    Block(Vec<Argument<'u>>),
}

/// Placeholders that stand for whole numbers, and for other numbers.
const INTEGERS: &[&str] = &[
    "count",
    "cursor",
    "db",
    "decrement",
    "destination-db",
    "index",
    "len",
    "limit",
    "maxlen",
    "milliseconds",
    "num-matches",
    "numkeys",
    "offset",
    "protover",
    "rank",
    "seconds",
    "start",
    "stop",
    "unix-time-milliseconds",
    "unix-time-seconds",
];
const DOUBLES: &[&str] = &["max", "min", "score", "weight"];
/// Placeholders that stand for keys.
const KEYS: &[&str] = &["destination", "key", "newkey", "source"];

/// Writes the list of a command's arguments.
pub fn write(spec: &Spec, to: &mut dyn Sink) {
    match Usage::parse(spec.usage) {
        Ok(usage) => list(&sequence(usage.parts()), spec.keys.0 > 0, to),
        // A test of the table reads every line.
        Err(_) => to.array(0),
    }
}

fn sequence<'u>(parts: &'u [Usage<'u>]) -> Vec<Argument<'u>> {
    parts.iter().map(argument).collect()
}

fn argument<'u>(usage: &'u Usage<'u>) -> Argument<'u> {
    let plain = |what| Argument { token: None, what, optional: false, multiple: false };
    match usage {
        Usage::Token(word) => Argument { token: Some(word), ..plain(What::Token) },
        Usage::Placeholder(word) => plain(What::Value(word)),
        Usage::Optional(part) => Argument { optional: true, ..argument(part) },
        Usage::Repeat(part) => Argument { multiple: true, ..argument(part) },
        Usage::OneOf(parts) => plain(What::OneOf(sequence(parts))),
        // A word and what it introduces are one argument.
        Usage::Sequence(parts) => match parts.as_slice() {
            [Usage::Token(word), one] if !matches!(one, Usage::Token(_)) => {
                let inner = argument(one);
                if inner.token.is_none() && !inner.optional {
                    Argument { token: Some(word), ..inner }
                } else {
                    Argument { token: Some(word), ..plain(What::Block(vec![inner])) }
                }
            }
            [Usage::Token(word), rest @ ..] if !rest.is_empty() => {
                Argument { token: Some(word), ..plain(What::Block(sequence(rest))) }
            }
            parts => plain(What::Block(sequence(parts))),
        },
    }
}

impl Argument<'_> {
    fn name(&self) -> String {
        match (&self.what, self.token) {
            (What::Value(word), _) => (*word).to_owned(),
            (_, Some(token)) => token.to_ascii_lowercase(),
            (What::OneOf(parts) | What::Block(parts), None) => {
                parts.first().map_or_else(|| "arguments".to_owned(), Argument::name)
            }
            (What::Token, None) => String::new(),
        }
    }

    fn kind(&self, has_keys: bool) -> &'static str {
        match self.what {
            What::Token => "pure-token",
            What::OneOf(_) => "oneof",
            What::Block(_) => "block",
            What::Value(word) if has_keys && KEYS.contains(&word) => "key",
            What::Value(word) if INTEGERS.contains(&word) => "integer",
            What::Value(word) if DOUBLES.contains(&word) => "double",
            What::Value("pattern") => "pattern",
            What::Value(_) => "string",
        }
    }
}

fn list(arguments: &[Argument<'_>], has_keys: bool, to: &mut dyn Sink) {
    to.array(arguments.len());
    for argument in arguments {
        let (name, kind) = (argument.name(), argument.kind(has_keys));
        let parts = match &argument.what {
            What::OneOf(parts) | What::Block(parts) => Some(parts),
            What::Token | What::Value(_) => None,
        };
        let mut facts = vec![("name", name.as_str()), ("type", kind)];
        if parts.is_none() {
            facts.push(("display_text", &name));
        }
        facts.extend(argument.token.map(|token| ("token", token)));
        let flags = [(argument.optional, "optional"), (argument.multiple, "multiple")];
        let flags: Vec<&str> = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| *flag).collect();
        let is_key = kind == "key";
        let more = usize::from(is_key) + usize::from(!flags.is_empty()) + usize::from(parts.is_some());
        to.map(facts.len() + more);
        for (fact, value) in facts {
            to.bytes(fact.as_bytes());
            to.bytes(value.as_bytes());
        }
        if is_key {
            to.bytes(b"key_spec_index");
            to.int(0);
        }
        if !flags.is_empty() {
            to.bytes(b"flags");
            to.set(flags.len());
            flags.iter().for_each(|flag| to.status(flag));
        }
        if let Some(parts) = parts {
            to.bytes(b"arguments");
            list(parts, has_keys, to);
        }
    }
}
