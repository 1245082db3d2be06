//! How a server runs: the directives of a configuration file, which the options of the command line are too.
//!
//! What the database knows by itself (`CONFIG SET`) is left to it, checks and error texts included. Here is only what
//! belongs to sockets and threads.
use std::{net::IpAddr, path::PathBuf};
use tenondb::{Db, DebugAccess};

/// How a server runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database, with its parameters set.
    pub db: Db,
    /// The TCP port; 0: no TCP.
    pub port: u16,
    pub bind: Vec<IpAddr>,
    pub unix: Option<PathBuf>,
    /// The mode bits of the unix socket.
    pub unix_mode: Option<u32>,
    /// Threads that serve.
    pub threads: usize,
    /// False: a server without a password may be bound to the network.
    pub protected: bool,
}

/// The most threads that are worth their switching.
const THREADS_MAX: usize = 64;
const THREADS_DEFAULT_MAX: usize = 4;

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            db: Db::memory(),
            port: 6379,
            bind: vec![IpAddr::from([127, 0, 0, 1])],
            unix: None,
            unix_mode: None,
            threads: cores.min(THREADS_DEFAULT_MAX),
            protected: true,
        }
    }
}

/// The directives, for `--help`.
pub const DIRECTIVES: &[(&str, &str)] = &[
    ("port N", "TCP port (6379); 0: no TCP"),
    ("bind ADDRESS ...", "addresses to listen on (127.0.0.1)"),
    ("unixsocket PATH", "also listen on a unix socket"),
    ("unixsocketperm MODE", "its mode, in octal"),
    ("protected-mode yes|no", "no: allow the network without a password"),
    ("io-threads N", "threads that serve (cores, at most 4)"),
    ("enable-debug-command no|local|yes", "who may say DEBUG (local)"),
    ("databases 16, daemonize no", "taken, since they say what is so"),
    ("what CONFIG SET takes", "requirepass, maxclients, timeout, tcp-keepalive,"),
    ("", "client-output-buffer-limit, list-max-listpack-size, ..."),
];

impl Settings {
    /// Applies one directive.
    ///
    /// # Errors
    /// What is wrong with it, without its name.
    pub fn apply(&mut self, name: &str, values: &[Vec<u8>]) -> Result<(), String> {
        let texts: Vec<String> = values.iter().map(|v| String::from_utf8_lossy(v).into_owned()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        match name.to_ascii_lowercase().as_str() {
            "port" => self.port = number(&texts, 0, u16::MAX.into())? as u16,
            "bind" => self.bind = addresses(&texts)?,
            "unixsocket" => self.unix = Some(PathBuf::from(one(&texts)?)),
            "unixsocketperm" => self.unix_mode = Some(mode(one(&texts)?)?),
            "protected-mode" => self.protected = choice(&texts, &[("yes", true), ("no", false)])?,
            "io-threads" => self.threads = number(&texts, 1, THREADS_MAX as u64)? as usize,
            "enable-debug-command" => {
                use DebugAccess::{Everybody, Local, Nobody};
                let access = choice(&texts, &[("no", Nobody), ("local", Local), ("yes", Everybody)])?;
                self.db.configure(|settings| settings.enable_debug_command = access);
            }
            "databases" => only(&texts, "16", "there are 16 databases, always")?,
            "daemonize" => only(&texts, "no", "it stays in the foreground: use a supervisor")?,
            name => return self.parameter(name, values),
        }
        Ok(())
    }

    /// Leaves a parameter to the database.
    fn parameter(&mut self, name: &str, values: &[Vec<u8>]) -> Result<(), String> {
        if values.is_empty() {
            return Err("it takes a value".to_owned());
        }
        let value = values.join(&b' ');
        let words: [&[u8]; 4] = [b"CONFIG", b"SET", name.as_bytes(), &value];
        self.db.call(words).map(drop).map_err(|error| {
            let text = error.to_string();
            match text.rsplit_once("') - ") {
                Some((_, why)) => why.to_owned(),
                None if text.starts_with("ERR Unknown option") => {
                    "unknown directive; `tenon serve --help` lists all".to_owned()
                }
                None => text,
            }
        })
    }

    /// Checks what only makes sense together.
    ///
    /// # Errors
    /// What does not.
    pub fn check(&self) -> Result<(), String> {
        if self.port == 0 && self.unix.is_none() {
            return Err("nothing to listen on: give --port or --unix".to_owned());
        }
        if self.unix_mode.is_some() && self.unix.is_none() {
            return Err("a mode of the unix socket without a unix socket: give --unix".to_owned());
        }
        let bare = self.protected && self.db.settings().requirepass.is_empty();
        match self.bind.iter().find(|address| !address.is_loopback()) {
            Some(address) if self.port != 0 && bare => Err(format!(
                "{address} can be reached from the network and there is no password: give --requirepass, or say \
                 `protected-mode no` in a --config file"
            )),
            _ => Ok(()),
        }
    }

    /// Lets the database show where it can be reached.
    pub fn publish(&self) {
        self.db.configure(|settings| {
            settings.port = self.port;
            settings.bind = self.bind.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            settings.unixsocket = self.unix.as_ref().map_or(String::new(), |path| path.display().to_string());
        });
    }
}

fn one<'t>(texts: &[&'t str]) -> Result<&'t str, String> {
    match texts {
        [text] => Ok(text),
        _ => Err("it takes one value".to_owned()),
    }
}

fn only(texts: &[&str], want: &str, why: &str) -> Result<(), String> {
    if one(texts)?.eq_ignore_ascii_case(want) { Ok(()) } else { Err(why.to_owned()) }
}

fn choice<T: Copy>(texts: &[&str], choices: &[(&str, T)]) -> Result<T, String> {
    let text = one(texts)?;
    let found = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        format!("it is one of {}", names.join(", "))
    })
}

fn number(texts: &[&str], min: u64, max: u64) -> Result<u64, String> {
    let number = one(texts)?.parse().ok().filter(|n| (min..=max).contains(n));
    number.ok_or_else(|| format!("it must be a number from {min} to {max}"))
}

fn mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or_else(|| "it must be an octal mode up to 777".to_owned())
}

fn addresses(texts: &[&str]) -> Result<Vec<IpAddr>, String> {
    if texts.is_empty() {
        return Err("it takes one address or more".to_owned());
    }
    texts.iter().map(|text| address(text)).collect()
}

/// Reads an address. `*` is every IPv4 address, as in Redis; no name is looked up but `localhost`.
fn address(text: &str) -> Result<IpAddr, String> {
    match text {
        "*" => Ok(IpAddr::from([0, 0, 0, 0])),
        "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
        _ => text.parse().map_err(|_| format!("{text:?} is not an IP address")),
    }
}
