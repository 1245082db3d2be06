//! Runs the steps of a section and compares what comes with what is expected.
use super::{Expect, Item, Section, Step, Value};

/// Something that answers commands on several connections.
pub trait Player {
    /// Empties the databases, opens so many connections of this protocol, applies a setting.
    fn start(&mut self, clients: usize, resp: u8, setting: Option<&(String, String)>);

    /// Sends a command on a connection, from 1, and returns its replies: exactly one unless it is `open`, which says how many
    /// are to be waited for. An empty command is not sent: what comes by itself is returned.
    fn send(&mut self, client: usize, argv: &[Vec<u8>], open: Option<usize>) -> Vec<Value>;

    /// Lets time pass.
    fn wait(&mut self, ms: u64);
}

/// Tells whether a command of this section may have no reply or more than one.
pub fn is_open(section: &Section, step: &Step) -> bool {
    const OPEN: &[&str] = &["QUIT"];
    const BLOCKING: &[&str] =
        &["BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP"];
    let is =
        |word: Option<&Vec<u8>>, text: &str| word.is_some_and(|w| w.eq_ignore_ascii_case(text.as_bytes()));
    // After these anything may come at any time, or nothing at all.
    let opens = |argv: &[Vec<u8>]| {
        let subscribes = argv.first().is_some_and(|word| word.to_ascii_uppercase().ends_with(b"SUBSCRIBE"));
        let is_one_of = |words: &[&str]| words.iter().any(|word| is(argv.get(1), word));
        let mutes = is(argv.first(), "CLIENT") && is_one_of(&["REPLY", "KILL", "TRACKING"]);
        // BLPOP and its kin, unless they are queued: what is waited for comes later, or never.
        let waits = argv.first().is_some_and(|word| BLOCKING.iter().any(|name| is(Some(word), name)))
            || argv.iter().any(|word| is(Some(word), "BLOCK"));
        subscribes || mutes || waits || is(argv.first(), "MONITOR")
    };
    section.steps().any(|step| opens(&step.argv)) || OPEN.iter().any(|name| is(step.argv.first(), name))
}

/// Plays a section once for each of its settings; returns what differs, a line each.
pub fn check(section: &Section, player: &mut dyn Player) -> Vec<String> {
    let mut faults = Vec::new();
    for setting in section.runs() {
        player.start(section.clients(), section.resp, setting);
        for item in &section.items {
            let step = match item {
                Item::Text(_) => continue,
                Item::Wait(ms) => {
                    player.wait(*ms);
                    continue;
                }
                Item::Step(step) => step,
            };
            let expected = if is_silence(&step.replies) { 0 } else { step.replies.len() };
            let open = is_open(section, step).then_some(expected);
            let replies = player.send(step.client, &step.argv, open);
            if !fits(&step.replies, &replies) {
                let shown = |lines: Vec<String>| lines.join(" ; ");
                let with = setting.map(|(name, value)| format!(" with {name} {value}")).unwrap_or_default();
                faults.push(format!(
                    "line {}{with}: {}\n    expected {}\n    got      {}",
                    step.line,
                    super::text::join_command(&step.argv),
                    shown(step.replies.iter().map(Expect::show).collect()),
                    shown(replies.iter().map(|reply| Expect::Exactly(reply.clone()).show()).collect()),
                ));
            }
        }
    }
    faults
}

fn is_silence(expected: &[Expect]) -> bool {
    matches!(expected, [Expect::Silence])
}

fn fits(expected: &[Expect], replies: &[Value]) -> bool {
    if is_silence(expected) {
        return replies.is_empty();
    }
    expected.len() == replies.len()
        && expected.iter().zip(replies).all(|(expect, reply)| expect.accepts(reply))
}
