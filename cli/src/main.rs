//! `tenon`: the shell and the server of TenonDB.
mod args;
mod clock;
mod dump;
mod help;
mod load;
mod reply;
mod server;
mod shell;
mod store;

use args::Wish;
use std::{io::Write, process::ExitCode};

fn main() -> ExitCode {
    let done = args::read(lexopt::Parser::from_env()).and_then(|wish| match wish {
        Wish::Say(text) => {
            say(&text);
            Ok(true)
        }
        Wish::Shell(start) => shell::run(&start),
        Wish::Check(dir) => store::check(&dir),
        Wish::Dump(place, only) => store::dump(&place, only),
        Wish::Load(server, file) => load::into_server(&server, &file),
        Wish::Serve(settings) => server::serve(*settings).map(|()| true),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("tenon: {why}");
            ExitCode::from(2)
        }
    }
}

/// Writes to standard output. That nobody reads it is no fault.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
