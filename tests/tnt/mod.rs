//! `.tnt` files: sessions with the replies that Redis gives. `tests/conformance/README.md` describes them.
//!
//! Shared by the conformance tests and the differential oracle; it knows nothing of either.
#![allow(dead_code, reason = "each of the two users needs a part of it")]
pub mod play;
pub mod text;
pub mod wire;

pub use text::Expect;
pub use wire::Value;

/// One line of a file, or a command with its replies.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A comment, a directive or an empty line, kept as it is.
    Text(String),
    Step(Step),
    /// `(wait 20 ms)`: time passes.
    Wait(u64),
}

/// A command and what it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The line it stands on, from 1.
    pub line: usize,
    /// Which connection: `>` and `1>` are the first, `2>` the second.
    pub client: usize,
    /// Empty: nothing is sent, and what comes by itself is read.
    pub argv: Vec<Vec<u8>>,
    /// Empty in a draft.
    pub replies: Vec<Expect>,
}

/// A part of a file that starts with an empty database and new connections. Lines of `---` separate them.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Protocol of every connection: `# resp: 3`.
    pub resp: u8,
    /// `# encodings: parameter a | b`: the section runs once for each setting.
    pub settings: Vec<(String, String)>,
    pub items: Vec<Item>,
}

impl Section {
    /// The settings to run it with; one empty run when there are none.
    pub fn runs(&self) -> Vec<Option<&(String, String)>> {
        if self.settings.is_empty() { vec![None] } else { self.settings.iter().map(Some).collect() }
    }

    /// The most connections that it speaks of.
    pub fn clients(&self) -> usize {
        self.steps().map(|step| step.client).max().unwrap_or(1)
    }

    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.items.iter().filter_map(|item| match item {
            Item::Step(step) => Some(step),
            _ => None,
        })
    }
}

/// Reads a file.
///
/// # Errors
/// The line and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Section>, String> {
    let empty = || Section { resp: 2, settings: Vec::new(), items: Vec::new() };
    let mut sections = vec![empty()];
    for (at, line) in logical_lines(text) {
        let fail = |fault: String| format!("line {at}: {fault}");
        let last = sections.len() - 1;
        let section = &mut sections[last];
        let word = line.trim();
        if word == "---" {
            sections.push(empty());
        } else if let Some((client, command)) = command_line(word) {
            let silent = command.trim().is_empty();
            let argv = if silent { Vec::new() } else { text::split_command(command).map_err(fail)? };
            section.items.push(Item::Step(Step { line: at, client, argv, replies: Vec::new() }));
        } else if word.is_empty() || word.starts_with('#') {
            directive(section, word).map_err(fail)?;
            section.items.push(Item::Text(line));
        } else if let Some(ms) = word.strip_prefix("(wait ").and_then(|rest| rest.strip_suffix(" ms)")) {
            section.items.push(Item::Wait(ms.parse().map_err(|_| fail(format!("no integer: {ms}")))?));
        } else {
            match section.items.last_mut() {
                Some(Item::Step(step)) => step.replies.push(Expect::parse(word).map_err(fail)?),
                _ => return Err(fail("a reply without its command".into())),
            }
        }
    }
    Ok(sections)
}

/// Lines with their numbers; a line that starts with a space goes on with the one before.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match lines.last_mut() {
            Some((_, last)) if line.starts_with([' ', '\t']) && !line.trim().is_empty() => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push((at + 1, line.into())),
        }
    }
    lines
}

/// `> PING` and `2> PING`.
fn command_line(line: &str) -> Option<(usize, &str)> {
    let (client, command) = line.split_once('>')?;
    match client {
        "" => Some((1, command)),
        _ => client.parse().ok().filter(|n| (1..=9).contains(n)).map(|n| (n, command)),
    }
}

fn directive(section: &mut Section, line: &str) -> Result<(), String> {
    let Some((name, value)) = line.strip_prefix('#').and_then(|rest| rest.split_once(':')) else {
        return Ok(());
    };
    match name.trim() {
        "resp" => match value.trim() {
            "2" => section.resp = 2,
            "3" => section.resp = 3,
            other => return Err(format!("no protocol: {other}")),
        },
        "encodings" => {
            let (parameter, values) =
                value.trim().split_once(' ').ok_or("a parameter and its values are needed")?;
            for value in values.split('|') {
                section.settings.push((parameter.into(), value.trim().into()));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Writes a file.
pub fn print(sections: &[Section]) -> String {
    let mut out = String::new();
    for (at, section) in sections.iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        for item in &section.items {
            match item {
                Item::Text(line) => out.push_str(&format!("{line}\n")),
                Item::Wait(ms) => out.push_str(&format!("(wait {ms} ms)\n")),
                Item::Step(step) => {
                    let client = if step.client == 1 { String::new() } else { step.client.to_string() };
                    let line = format!("{client}> {}", text::join_command(&step.argv));
                    out.push_str(&format!("{}\n", line.trim_end()));
                    step.replies.iter().for_each(|reply| out.push_str(&format!("{}\n", reply.show())));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# zset/zadd.tnt
# encodings: zset-max-listpack-entries 0 | 128
> ZADD board 10 alice
1
> ZADD board NX XX 1 a
! ERR XX and NX options at the same time are not compatible

> ZRANGE board 0 -1 WITHSCORES
[alice, \"12\"]
---
# resp: 3
> ZRANGE board 0 -1 WITHSCORES
[[alice, (double) 12]]
2> PING
2>
(wait 20 ms)
";

    #[test]
    fn a_file_survives_the_way_there_and_back() {
        let sections = parse(FILE).unwrap();
        assert_eq!(print(&sections), FILE);
        assert_eq!((sections[0].resp, sections[1].resp, sections[1].clients()), (2, 3, 2));
        assert_eq!(sections[0].runs().len(), 2);
        assert_eq!(sections[0].settings[1], ("zset-max-listpack-entries".into(), "128".into()));
        assert_eq!(sections[1].steps().map(|step| step.replies.len()).collect::<Vec<_>>(), [1, 0, 0]);
    }

    #[test]
    fn long_replies_go_on_in_the_next_line() {
        let sections = parse("> LRANGE l 0 -1\n[a,\n b]\n").unwrap();
        let step = sections[0].steps().next().unwrap();
        assert_eq!(step.replies, [Expect::parse("[a, b]").unwrap()]);
    }

    #[test]
    fn faults_name_their_line() {
        assert_eq!(parse("> PING\n+PONG\n\n[a\n").unwrap_err().split(':').next(), Some("line 4"));
        assert!(parse("# resp: 4\n").is_err());
        assert!(parse("# encodings: a\n").is_err());
    }
}
