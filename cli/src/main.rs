//! `tenon`: the shell and the server of TenonDB.
mod args;
mod clock;
mod help;
mod server;

use args::Wish;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = args::read(lexopt::Parser::from_env()).and_then(|wish| match wish {
        Wish::Say(text) => {
            print!("{text}");
            Ok(true)
        }
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
