//! Loading files of commands: into a session of the shell, or into a server.
mod remote;
mod report;
mod script;

pub use remote::{Address, Server};
pub use report::Outcome;

use crate::shell::Session;
use report::Report;
use script::{Found, Script};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Runs the commands of the file at `path`, `-` for standard input, in a session.
///
/// # Errors
/// Why it could not be run to its end; what was run until then has happened.
pub fn into_session(session: &mut Session, path: &Path) -> Result<Outcome, String> {
    let (mut script, mut report) = open(path)?;
    let mut request = Vec::new();
    loop {
        request.clear();
        match script.next(&mut request).map_err(|why| format!("{}: {why}", path.display()))? {
            Found::End => return Ok(report.end()),
            Found::Fault(place, why) => report.failed(place, why.as_bytes()),
            Found::Command(place) => {
                let replies = session.feed(&request)?;
                match replies.iter().find_map(|reply| reply.error()) {
                    Some(why) => report.failed(place, why),
                    None => report.well(),
                }
            }
        }
        report.draw(script.done_bytes());
    }
}

/// Sends the commands of the file at `path`, `-` for standard input, to a server, and says how it went. False: a
/// command failed.
///
/// # Errors
/// Why it could not be sent to its end.
pub fn into_server(server: &Server, path: &Path) -> Result<bool, String> {
    let (mut script, report) = open(path)?;
    let outcome =
        remote::load(server, &mut script, report).map_err(|why| format!("{}: {why}", path.display()))?;
    crate::say(&outcome.to_string());
    Ok(outcome.is_clean())
}

fn open(path: &Path) -> Result<(Script<Box<dyn Read>>, Report), String> {
    let name = path.display().to_string();
    let cannot = |error: io::Error| format!("cannot read {name}: {error}");
    if path.as_os_str() == "-" {
        return Ok((Script::new(Box::new(io::stdin())), Report::new("standard input".to_owned(), None)));
    }
    let file = File::open(path).map_err(cannot)?;
    let data = file.metadata().map_err(cannot)?;
    if data.is_dir() {
        return Err(format!("cannot read {name}: it is a directory"));
    }
    let total_bytes = data.is_file().then_some(data.len());
    Ok((Script::new(Box::new(file)), Report::new(name.clone(), total_bytes)))
}
