//! What `--help` and `--version` say.
use crate::server::DIRECTIVES;
use std::fmt::Write;

/// The name and version of the program.
pub fn version() -> String {
    format!("tenon {}\n", env!("CARGO_PKG_VERSION"))
}

/// `tenon --help`.
pub fn general() -> String {
    GENERAL.to_owned()
}

/// `tenon serve --help`.
pub fn serve() -> String {
    let mut text = SERVE.to_owned();
    for (directive, meaning) in DIRECTIVES {
        let _ = match meaning.is_empty() {
            true => writeln!(text, "  {directive}"),
            false if directive.len() > 24 => writeln!(text, "  {directive}\n  {:24}  {meaning}", ""),
            false => writeln!(text, "  {directive:24}  {meaning}"),
        };
    }
    text
}

const GENERAL: &str = "\
tenon: the shell and the server of TenonDB

Usage:
  tenon serve [OPTIONS]    serve RESP on a TCP port and a unix socket (tenon serve --help)

Options:
  -h, --help               show this
  -V, --version            show the version
";

const SERVE: &str = "\
Serves a database in memory to clients that speak RESP2 or RESP3.

Usage: tenon serve [OPTIONS]

Options:
  -p, --port N             TCP port; 6379 unless given; 0: no TCP
      --bind ADDRESS       listen there; may be given more than once; 127.0.0.1 unless given
      --unix PATH          listen on a unix socket too
      --unixperm MODE      mode of the unix socket, in octal
      --requirepass PW     clients must say AUTH first. Others see the arguments of a process: prefer --config
      --threads N          threads that serve; as many as there are cores, at most 4, unless given
      --maxclients N       connections at most; 10000 unless given
      --timeout SECONDS    close connections that are idle for so long; 0 (never) unless given
      --config FILE        read directives from a file; the command line has the last word
  -h, --help               show this

SIGTERM and SIGINT end it: nothing is accepted any more, the replies that are owed are sent, and the
unix socket is removed. A second signal ends it at once.

A connection that does not take its replies is not read from above 1 MiB of them, unless it takes none for
50 ms while more requests wait (a pipeline that is sent to its end first); above 256 MiB it is not read from at
all, and closed when it takes none for a minute.

Directives of a configuration file, one a line, # before a comment:
";
