//! The command line.
use crate::{help, server::Settings};
use lexopt::{Arg, Parser};
use std::os::unix::ffi::OsStringExt;

/// What the person at the command line wants.
pub enum Wish {
    /// To read this.
    Say(String),
    Serve(Box<Settings>),
}

const NOT_DURABLE: &str = "durability is not built yet: start without DIR; all is in memory";

/// Reads the command line.
///
/// # Errors
/// What is wrong with it.
pub fn read(mut parser: Parser) -> Result<Wish, String> {
    match parser.next().map_err(|error| error.to_string())? {
        Some(Arg::Value(word)) if word == "serve" => serve(parser),
        Some(Arg::Short('h') | Arg::Long("help")) | None => Ok(Wish::Say(help::general())),
        Some(Arg::Short('V') | Arg::Long("version")) => Ok(Wish::Say(help::version())),
        Some(other) => Err(unknown(&other)),
    }
}

fn unknown(arg: &Arg<'_>) -> String {
    let name = match arg {
        Arg::Short(letter) => format!("option -{letter}"),
        Arg::Long(name) => format!("option --{name}"),
        Arg::Value(word) => format!("argument {word:?}"),
    };
    format!("unknown {name}; `tenon --help` says what there is")
}

fn serve(mut parser: Parser) -> Result<Wish, String> {
    let mut settings = Settings::default();
    // A file's directives come first, wherever it is named: the command line has the last word.
    let mut given: Vec<(&str, &str, Vec<Vec<u8>>)> = Vec::new();
    let fault = |error: lexopt::Error| error.to_string();
    while let Some(arg) = parser.next().map_err(fault)? {
        let (option, directive) = match &arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Wish::Say(help::serve())),
            Arg::Short('p') | Arg::Long("port") => ("--port", "port"),
            Arg::Long("bind") => ("--bind", "bind"),
            Arg::Long("unix") => ("--unix", "unixsocket"),
            Arg::Long("unixperm") => ("--unixperm", "unixsocketperm"),
            Arg::Long("requirepass") => ("--requirepass", "requirepass"),
            Arg::Long("threads") => ("--threads", "io-threads"),
            Arg::Long("maxclients") => ("--maxclients", "maxclients"),
            Arg::Long("timeout") => ("--timeout", "timeout"),
            Arg::Long("config") => ("--config", ""),
            Arg::Value(_) => return Err(NOT_DURABLE.to_owned()),
            other => return Err(unknown(other)),
        };
        let value = parser.value().map_err(fault)?;
        if directive.is_empty() {
            settings.read(value.as_ref())?;
            continue;
        }
        let value = value.into_vec();
        match given.iter_mut().find(|(_, known, _)| *known == "bind" && directive == "bind") {
            Some((_, _, addresses)) => addresses.push(value),
            None => given.push((option, directive, vec![value])),
        }
    }
    for (option, directive, values) in given {
        settings.apply(directive, &values).map_err(|why| format!("{option}: {why}"))?;
    }
    Ok(Wish::Serve(Box::new(settings)))
}
