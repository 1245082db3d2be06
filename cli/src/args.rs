//! The command line.
use crate::{
    help,
    load::{self, Address},
    server::Settings,
    shell::{Start, Style},
    store::Place,
};
use lexopt::{Arg, Parser};
use std::{ffi::OsString, os::unix::ffi::OsStringExt, path::PathBuf};

/// What the person at the command line wants.
pub enum Wish {
    /// To read this.
    Say(String),
    Shell(Start),
    Serve(Box<Settings>),
    Load(load::Server, PathBuf),
    /// Whether the store in this directory is sound.
    Check(PathBuf),
    /// The content of a store, or of one of its logical databases.
    Dump(Place, Option<u32>),
}

/// Reads the command line.
///
/// # Errors
/// What is wrong with it.
pub fn read(mut parser: Parser) -> Result<Wish, String> {
    let mut start = Start::default();
    let (mut first, mut dir, mut salvage) = (true, None, false);
    while let Some(arg) = parser.next().map_err(fault)? {
        match arg {
            Arg::Value(word) if first && word == "serve" => return serve(parser),
            Arg::Value(word) if first && word == "load" => return load(parser),
            Arg::Value(word) if first && word == "help" => return about(&mut parser),
            Arg::Value(word) if first && word == "check" => return check(parser),
            Arg::Value(word) if first && word == "dump" => return dump(parser),
            Arg::Value(path) if dir.is_none() => dir = Some(PathBuf::from(path)),
            Arg::Long("salvage") => salvage = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Wish::Say(help::general())),
            Arg::Short('V') | Arg::Long("version") => return Ok(Wish::Say(help::version())),
            Arg::Short('n') | Arg::Long("db") => start.db = number(&mut parser, "--db", 15)?,
            Arg::Long("resp") => {
                start.protocol = match number(&mut parser, "--resp", 3)? {
                    2 => 2,
                    3 => 3,
                    _ => return Err("--resp: it is 2 or 3".to_owned()),
                }
            }
            Arg::Long("raw") => start.style = Some(Style::Raw),
            Arg::Long("pretty") => start.style = Some(Style::Pretty),
            Arg::Short('e') | Arg::Long("eval") => {
                start.lines.push(parser.value().map_err(fault)?.into_vec());
            }
            other => return Err(unknown(&other)),
        }
        first = false;
    }
    start.place = place(dir, salvage)?;
    Ok(Wish::Shell(start))
}

/// The directory to open, if one was named.
fn place(dir: Option<PathBuf>, salvage: bool) -> Result<Option<Place>, String> {
    match dir {
        Some(dir) => Ok(Some(Place { dir, salvage })),
        None if salvage => Err("--salvage: of which directory?".to_owned()),
        None => Ok(None),
    }
}

fn check(mut parser: Parser) -> Result<Wish, String> {
    let mut dir = None;
    while let Some(arg) = parser.next().map_err(fault)? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Wish::Say(help::check())),
            Arg::Value(path) if dir.is_none() => dir = Some(PathBuf::from(path)),
            other => return Err(unknown(&other)),
        }
    }
    dir.map(Wish::Check).ok_or_else(|| "check: which directory? `tenon check --help` says more".to_owned())
}

fn dump(mut parser: Parser) -> Result<Wish, String> {
    let (mut dir, mut salvage, mut db) = (None, false, None);
    while let Some(arg) = parser.next().map_err(fault)? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Wish::Say(help::dump())),
            Arg::Short('n') | Arg::Long("db") => db = Some(number(&mut parser, "--db", 15)?),
            Arg::Long("salvage") => salvage = true,
            Arg::Value(path) if dir.is_none() => dir = Some(PathBuf::from(path)),
            other => return Err(unknown(&other)),
        }
    }
    let place = place(dir, salvage)?.ok_or("dump: which directory? `tenon dump --help` says more")?;
    Ok(Wish::Dump(place, db))
}

/// `tenon help [SUBCOMMAND]`.
fn about(parser: &mut Parser) -> Result<Wish, String> {
    Ok(Wish::Say(match parser.next().map_err(fault)? {
        None => help::general(),
        Some(Arg::Value(word)) if word == "serve" => help::serve(),
        Some(Arg::Value(word)) if word == "load" => help::load(),
        Some(Arg::Value(word)) if word == "check" => help::check(),
        Some(Arg::Value(word)) if word == "dump" => help::dump(),
        Some(other) => return Err(unknown(&other)),
    }))
}

fn fault(error: lexopt::Error) -> String {
    error.to_string()
}

fn number(parser: &mut Parser, option: &str, max: u32) -> Result<u32, String> {
    let text = parser.value().map_err(fault)?;
    let number = text.to_str().and_then(|text| text.parse().ok()).filter(|number| *number <= max);
    number.ok_or_else(|| format!("{option}: it must be a number up to {max}"))
}

fn load(mut parser: Parser) -> Result<Wish, String> {
    let (mut file, mut unix, mut host, mut port) = (None, None, None, None);
    let (mut password, mut db) = (None, 0);
    while let Some(arg) = parser.next().map_err(fault)? {
        match arg {
            Arg::Long("help") => return Ok(Wish::Say(help::load())),
            Arg::Short('h') | Arg::Long("host") => host = Some(text(parser.value().map_err(fault)?)?),
            Arg::Short('p') | Arg::Long("port") => {
                port = Some(number(&mut parser, "--port", u16::MAX.into())? as u16);
            }
            Arg::Short('s') | Arg::Long("unix") => unix = Some(PathBuf::from(parser.value().map_err(fault)?)),
            Arg::Short('a') | Arg::Long("pass") => password = Some(parser.value().map_err(fault)?.into_vec()),
            Arg::Short('n') | Arg::Long("db") => db = number(&mut parser, "--db", 15)?,
            Arg::Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return Err(unknown(&other)),
        }
    }
    let file = file.ok_or("load: which file? `tenon load --help` says more")?;
    let address = match (unix, host, port) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return Err("load: --unix, or --host and --port: not both".to_owned());
        }
        (Some(path), ..) => Address::Unix(path),
        (None, None, None) => {
            return Err(
                "load: into which server? Give --port N or --unix PATH. (`tenon DIR -e \".load FILE\"` \
                        loads into a store that nobody serves.)"
                    .to_owned(),
            );
        }
        (None, host, port) => Address::Tcp(host.unwrap_or("127.0.0.1".to_owned()), port.unwrap_or(6379)),
    };
    Ok(Wish::Load(load::Server { address, password, db }, file))
}

fn text(word: OsString) -> Result<String, String> {
    word.into_string().map_err(|word| format!("{word:?} is not UTF-8"))
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
    let (mut dir, mut salvage, mut files) = (None, false, Vec::new());
    // A file's directives come first, wherever it is named: the command line has the last word.
    let mut given: Vec<(&str, &str, Vec<Vec<u8>>)> = Vec::new();
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
            Arg::Long("salvage") => {
                salvage = true;
                continue;
            }
            Arg::Value(path) if dir.is_none() => {
                dir = Some(PathBuf::from(path));
                continue;
            }
            other => return Err(unknown(other)),
        };
        let value = parser.value().map_err(fault)?;
        if directive.is_empty() {
            files.push(value);
            continue;
        }
        let value = value.into_vec();
        match given.iter_mut().find(|(_, known, _)| *known == "bind" && directive == "bind") {
            Some((_, _, addresses)) => addresses.push(value),
            None => given.push((option, directive, vec![value])),
        }
    }
    let mut settings = match place(dir, salvage)? {
        Some(place) => Settings { db: place.open()?, ..Settings::default() },
        None => Settings::default(),
    };
    files.iter().try_for_each(|file| settings.read(file.as_ref()))?;
    for (option, directive, values) in given {
        settings.apply(directive, &values).map_err(|why| format!("{option}: {why}"))?;
    }
    Ok(Wish::Serve(Box::new(settings)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Wish, String> {
        read(Parser::from_args(words))
    }

    fn refused(words: &[&str]) -> String {
        match of(words) {
            Err(why) => why,
            Ok(_) => panic!("{words:?} was taken"),
        }
    }

    #[test]
    fn the_shell_is_what_opens_without_a_word() {
        let Ok(Wish::Shell(start)) = of(&[]) else { panic!() };
        assert_eq!(start, Start::default());
        let Ok(Wish::Shell(start)) = of(&["--db", "3", "--resp=2", "--raw", "-e", "PING", "--eval", "GET a"])
        else {
            panic!()
        };
        assert_eq!((start.db, start.protocol, start.style), (3, 2, Some(Style::Raw)));
        assert_eq!(start.lines, [b"PING".to_vec(), b"GET a".to_vec()]);
    }

    #[test]
    fn a_directory_is_where_it_is_kept() {
        let place = |dir: &str, salvage| Place { dir: dir.into(), salvage };
        let Ok(Wish::Shell(start)) = of(&["--db", "3", "data", "--salvage"]) else { panic!() };
        assert_eq!((start.place, start.db), (Some(place("data", true)), 3));
        // What is called like a subcommand can be named as a path.
        let Ok(Wish::Shell(start)) = of(&["./serve"]) else { panic!() };
        assert_eq!(start.place, Some(place("./serve", false)));
        let Ok(Wish::Check(dir)) = of(&["check", "data"]) else { panic!() };
        assert_eq!(dir, PathBuf::from("data"));
        let Ok(Wish::Dump(found, db)) = of(&["dump", "-n", "2", "data"]) else { panic!() };
        assert_eq!((found, db), (place("data", false), Some(2)));
    }

    #[test]
    fn the_command_line_has_the_last_word_over_the_file() {
        let path = std::env::temp_dir().join(format!("tenon-args-{}.conf", std::process::id()));
        std::fs::write(&path, "port 7000\ntimeout 5\n").unwrap();
        let wish = of(&[
            "serve",
            "--port",
            "7001",
            "--bind",
            "::1",
            "--config",
            path.to_str().unwrap(),
            "--bind=127.0.0.1",
        ]);
        std::fs::remove_file(&path).unwrap();
        let Ok(Wish::Serve(settings)) = wish else { panic!() };
        assert_eq!((settings.port, settings.db.settings().timeout, settings.bind.len()), (7001, 5, 2));
    }

    #[test]
    fn a_target_is_a_socket_or_a_port() {
        let Ok(Wish::Load(server, file)) = of(&["load", "f", "-p", "1"]) else { panic!() };
        assert_eq!(server.address, Address::Tcp("127.0.0.1".to_owned(), 1));
        assert_eq!(file, PathBuf::from("f"));
        let Ok(Wish::Load(server, _)) = of(&["load", "--unix", "s", "f", "-a", "x", "-n", "2"]) else {
            panic!()
        };
        assert_eq!(server.address, Address::Unix("s".into()));
        assert_eq!((server.password, server.db), (Some(b"x".to_vec()), 2));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (words, want) in [
            (&["data", "more"][..], "unknown argument"),
            (&["--salvage"], "of which directory"),
            (&["serve", "--salvage"], "of which directory"),
            (&["check"], "which directory"),
            (&["dump", "--db", "1"], "which directory"),
            (&["dump", "d", "--db", "16"], "a number up to 15"),
            (&["--db", "16"], "a number up to 15"),
            (&["--resp", "1"], "2 or 3"),
            (&["--what"], "unknown option --what"),
            (&["serve", "--port", "x"], "--port: it must be a number"),
            (&["serve", "--config", "/nonexistent"], "cannot read /nonexistent"),
            (&["load"], "which file"),
            (&["load", "f"], "into which server"),
            (&["load", "f", "--unix", "s", "--port", "1"], "not both"),
            (&["load", "f", "g", "--port", "1"], "unknown argument"),
        ] {
            let why = refused(words);
            assert!(why.contains(want), "{words:?}: {why}");
        }
    }
}
