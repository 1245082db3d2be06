//! The shell's own commands, which start with a dot.
use super::{Shell, Style};
use crate::{dump, load};
use std::{fmt::Write, path::Path};
use tenondb::{Spec, commands};

/// The shell's own commands: name, arguments, meaning.
const DOTS: &[(&str, &str, &str)] = &[
    ("dump", "FILE", "write all databases to a file of commands in RESP"),
    ("help", "[COMMAND]", "this, or what a command takes and does"),
    ("load", "FILE", "run a file of commands, or a RESP stream"),
    ("mode", "pretty|raw", "how replies are shown"),
    ("timer", "on|off", "show how long each command took"),
    ("quit", "", "leave; so do Ctrl-D, QUIT and EXIT"),
];

/// The names, with their dot, that start with `start`.
pub fn names(start: &str) -> Vec<String> {
    let fitting = DOTS.iter().filter(|(name, ..)| name.starts_with(start));
    fitting.map(|(name, ..)| format!(".{name}")).collect()
}

/// How a line ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    Well,
    Badly,
    /// The shell is left.
    Quit,
}

/// Carries out the line `.words`.
pub fn run(shell: &mut Shell, words: &[Vec<u8>]) -> Done {
    let words: Vec<String> = words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [".help"] => shell.say(&general()),
        [".help", name] => return about(shell, name, None),
        [".help", name, sub] => return about(shell, name, Some(sub)),
        [".quit" | ".exit"] => return Done::Quit,
        [".mode", "pretty"] => shell.style = Style::Pretty,
        [".mode", "raw"] => shell.style = Style::Raw,
        [".timer", "on"] => shell.timer = true,
        [".timer", "off"] => shell.timer = false,
        [".dump", file] => return dump_file(shell, Path::new(file)),
        [".load", file] => return run_file(shell, Path::new(file)),
        [name, ..] => {
            let known = DOTS.iter().find(|(dot, ..)| name[1..] == **dot);
            shell.complain(&match known {
                Some((dot, args, _)) => format!("usage: .{dot} {args}"),
                None => format!("unknown command {name}: .help lists what there is"),
            });
            return Done::Badly;
        }
        [] => {}
    }
    Done::Well
}

fn run_file(shell: &mut Shell, path: &Path) -> Done {
    shell.flush();
    match load::into_session(&mut shell.session, path) {
        Ok(outcome) => {
            shell.say(&outcome.to_string());
            if outcome.is_clean() { Done::Well } else { Done::Badly }
        }
        Err(why) => {
            shell.complain(&why);
            Done::Badly
        }
    }
}

fn dump_file(shell: &mut Shell, path: &Path) -> Done {
    match dump::write_file(shell.session.db(), path) {
        Ok(done) => {
            shell.say(&done.to_string());
            Done::Well
        }
        Err(why) => {
            shell.complain(&why);
            Done::Badly
        }
    }
}

fn general() -> String {
    let mut text = String::from("Commands of the shell:\n");
    for (name, args, meaning) in DOTS {
        let _ = writeln!(text, "  {:20}  {meaning}", format!(".{name} {args}"));
    }
    text.push_str("\nCommands of the database (.help COMMAND tells more; Tab completes):\n");
    let mut groups: Vec<&str> = Vec::new();
    for spec in commands() {
        if !groups.contains(&spec.group.name()) {
            groups.push(spec.group.name());
        }
    }
    for group in groups {
        let names = commands().filter(|spec| spec.group.name() == group && !spec.name.contains('|'));
        let names: Vec<&str> = names.map(|spec| spec.name).collect();
        wrapped(&mut text, &format!("  {group:13}"), &names);
    }
    text
}

/// Writes `names` after `head`, in lines that fit a terminal, those after the first as far in.
fn wrapped(text: &mut String, head: &str, names: &[&str]) {
    const WIDTH: usize = 100;
    let mut line = head.to_owned();
    for name in names {
        if line.len() + 1 + name.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = " ".repeat(head.len());
        }
        line.push(' ');
        line.push_str(name);
    }
    let _ = writeln!(text, "{line}");
}

fn about(shell: &mut Shell, name: &str, sub: Option<&str>) -> Done {
    let wanted = match sub {
        Some(sub) => format!("{name}|{sub}"),
        None => name.to_owned(),
    };
    let Some(spec) = commands().find(|spec| spec.name.eq_ignore_ascii_case(&wanted)) else {
        shell.complain(&format!("there is no command {}", wanted.replace('|', " ")));
        return Done::Badly;
    };
    shell.say(&described(spec));
    let stem = format!("{}|", spec.name);
    for sub in commands().filter(|sub| sub.name.starts_with(&stem)) {
        shell.say(&format!("\n{}", described(sub)));
    }
    Done::Well
}

fn described(spec: &Spec) -> String {
    let mut text = format!("  {} {}", spec.name.replace('|', " "), spec.usage).trim_end().to_owned();
    for (head, body) in [
        ("summary", spec.summary),
        ("complexity", spec.complexity),
        ("since", spec.since),
        ("group", spec.group.name()),
    ] {
        if !body.is_empty() {
            let _ = write!(text, "\n  {head:10}  {body}");
        }
    }
    text.push('\n');
    text
}
