//! What is printed, and the `.tnt` file of a failure.
use crate::{
    generate::Argv,
    scripts::{OnSide, record},
    session::{self, Stage},
    shrink::Failing,
    side::Side,
    tnt::{self, Expect, Item, Section, Step},
};
use std::{fs, path::Path};

/// The command that a failure is about: the last one, when what it left is wrong.
pub fn culprit(failing: &Failing) -> String {
    match (failing.difference.stage, failing.session.commands.last()) {
        (Stage::State | Stage::Events, Some(argv)) => session::name_of(argv),
        _ => failing.difference.name.clone(),
    }
}

/// Makes a `.tnt` file of a failure: the session with the replies that `side` gives.
pub fn script(failing: &Failing, side: &mut dyn Side, seed: u64) -> String {
    let difference = &failing.difference;
    let mut items = vec![
        Item::Text(format!("# {} (seed {seed}, session {})", difference.signature(), failing.session.number)),
        Item::Text(format!("# in reply to: {}", tnt::text::join_command(&difference.argv))),
        Item::Text(format!("#   ours:   {}", short(&Expect::Exactly(difference.ours.clone()).show()))),
        Item::Text(format!("#   theirs: {}", short(&Expect::Exactly(difference.theirs.clone()).show()))),
    ];
    if failing.session.resp == 3 {
        items.push(Item::Text("# resp: 3".into()));
    }
    let step = |argv: Argv| Item::Step(Step { line: 0, client: 1, argv, replies: Vec::new() });
    for (name, value) in failing.session.settings.iter().skip(session::USUAL.len()) {
        items.push(step(vec!["CONFIG".into(), "SET".into(), (*name).into(), (*value).into()]));
    }
    items.extend(failing.session.commands.iter().cloned().map(step));
    if difference.stage == Stage::State {
        items.push(step(difference.argv.clone()));
    }
    items.extend(failing.session.last.iter().cloned().map(step));
    let mut section = Section { resp: failing.session.resp, settings: Vec::new(), items };
    record(&mut section, &mut OnSide(side));
    tnt::print(&[section])
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(400).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Writes a script below `target/oracle` and returns its path.
pub fn keep(name: &str, number: usize, script: &str) -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/oracle");
    let _ = fs::create_dir_all(&dir);
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let path = dir.join(format!("{name}-{number}.tnt"));
    match fs::write(&path, script) {
        Ok(()) => path.display().to_string(),
        Err(fault) => format!("(not written: {fault})"),
    }
}
