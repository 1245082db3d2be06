//! What `--help` and `--version` say.
use crate::{server::DIRECTIVES, store::Place};
use std::fmt::Write;

/// The name and version of the program.
pub fn version() -> String {
    format!("tenon {}\n", env!("CARGO_PKG_VERSION"))
}

/// `tenon --help`.
pub fn general() -> String {
    GENERAL.to_owned()
}

/// What the shell says first.
pub fn banner(place: Option<&Place>) -> String {
    let kept = match place {
        Some(place) => format!("In {}: what you write is kept.", place.dir.display()),
        None => "In memory: nothing is kept when you leave.".to_owned(),
    };
    format!(
        "tenon {}: Redis's data structures in this process\n\
         {kept} .help lists what there is, .help ZADD explains a command.\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// `tenon load --help`.
pub fn load() -> String {
    LOAD.to_owned()
}

/// `tenon check --help`.
pub fn check() -> String {
    CHECK.to_owned()
}

/// `tenon dump --help`.
pub fn dump() -> String {
    DUMP.to_owned()
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
  tenon [DIR] [OPTIONS]          open a shell on the store in DIR, or on a database in memory
  tenon serve [DIR] [OPTIONS]    serve RESP on a TCP port and a unix socket (tenon serve --help)
  tenon load FILE ...            send a file of commands to a server (tenon load --help)
  tenon check DIR                verify a store (tenon check --help)
  tenon dump DIR [--db N]        write a store as commands (tenon dump --help)

A store is a directory: it is made when there is none, and what is written to it is there again the next time. One
process has it at a time.

Options of the shell:
      --salvage            open a damaged store with what is left of it; what lies behind the damage is put aside
  -n, --db N               start in logical database N, 0 to 15
      --resp 2|3           the protocol, which decides the shape of some replies; 3 unless given
      --raw, --pretty      how replies are shown: as they are (when standard output is no terminal, unless
                           given), or as redis-cli shows them (when it is one)
  -e, --eval COMMAND       run a line and leave; may be given more than once
  -h, --help               show this
  -V, --version            show the version

The shell reads a command a line, with quotes and escapes as in redis-cli: SET \"a key\" \"\\x00\\xff\". Lines that
start with # are skipped, those that start with a dot are for the shell itself: .help lists them. On a
terminal there is completion (Tab), a hint of what may follow, and a history ($XDG_STATE_HOME/tenon/history, or
~/.local/state/tenon/history; commands with passwords are left out; NO_COLOR is honoured).
When standard input is no terminal its lines are run: the exit status is 1 when one of them failed.

Exit status: 0 when all went well, 1 when a command failed, 2 when tenon could not do its work.
";

const CHECK: &str = "\
Reads every byte of a store, verifies it, and says what is there. Nothing is changed.

Usage: tenon check DIR

Exit status: 0 when the store is sound, 1 when it is damaged, 2 when it could not be read.
";

const DUMP: &str = "\
Writes the content of a store to standard output, as commands in RESP. Nothing is changed.

Usage: tenon dump DIR [OPTIONS]

Options:
  -n, --db N               only logical database N, 0 to 15
      --salvage            what is left of a damaged store
  -h, --help               show this

`tenon load`, `redis-cli --pipe` and the append-only file of Redis and Valkey take it:
  tenon dump DIR | redis-cli --pipe
";

const LOAD: &str = "\
Sends a file of commands to a server, and reports errors with their place.

Usage: tenon load FILE [OPTIONS]

FILE holds commands as they are typed in the shell, one a line (# starts a comment), or in RESP, as
`redis-cli --pipe` takes them; - is standard input. The commands are pipelined, and run in their order.

Options:
  -h, --host HOST          the server's host; 127.0.0.1 unless given
  -p, --port N             the server's port; 6379 unless given
  -s, --unix PATH          the server's unix socket
  -a, --pass PW            say AUTH PW first
  -n, --db N               say SELECT N first
      --help               show this

A server has to be named by --host, --port or --unix. In the shell `.load FILE` runs a file in the shell's own
database.

Exit status: 0 when every command succeeded, 1 when one failed, 2 when the file could not be sent to its end.
";

const SERVE: &str = "\
Serves the store in DIR, or a database in memory, to clients that speak RESP2 or RESP3.

Usage: tenon serve [DIR] [OPTIONS]

Options:
      --salvage            open a damaged store with what is left of it
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
