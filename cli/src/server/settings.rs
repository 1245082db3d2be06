//! How a server runs: every directive of the configuration file, which the options of the command line are too.
use super::limits::{OutputLimit, parse_size};
use std::{net::IpAddr, path::PathBuf};
use tenondb::Encodings;

/// How a server runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The TCP port; 0: no TCP.
    pub port: u16,
    pub bind: Vec<IpAddr>,
    pub unix: Option<PathBuf>,
    /// The mode bits of the unix socket.
    pub unix_mode: Option<u32>,
    pub password: Option<Vec<u8>>,
    /// Threads that serve.
    pub threads: usize,
    pub clients_max: usize,
    /// Connections that say nothing for so long are closed; 0: never.
    pub idle_s: u64,
    /// Seconds between the probes of a silent TCP connection; 0: none.
    pub keepalive_s: u32,
    /// False: a server without a password may be bound to the network.
    pub protected: bool,
    pub normal_output: OutputLimit,
    pub pubsub_output: OutputLimit,
    pub encodings: Encodings,
}

/// The most threads that are worth their switching.
const THREADS_MAX: usize = 64;
const THREADS_DEFAULT_MAX: usize = 4;

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        const MIB: usize = 1024 * 1024;
        Self {
            port: 6379,
            bind: Vec::new(),
            unix: None,
            unix_mode: None,
            password: None,
            threads: cores.min(THREADS_DEFAULT_MAX),
            clients_max: 10_000,
            idle_s: 0,
            keepalive_s: 300,
            protected: true,
            normal_output: OutputLimit { hard: 0, soft: 0, soft_s: 0 },
            pubsub_output: OutputLimit { hard: 32 * MIB, soft: 8 * MIB, soft_s: 60 },
            encodings: Encodings::default(),
        }
    }
}

/// The directives, for completion of error messages and for `--help`.
pub const DIRECTIVES: &[(&str, &str)] = &[
    ("port N", "TCP port (6379); 0: no TCP"),
    ("bind ADDRESS ...", "addresses to listen on (127.0.0.1)"),
    ("unixsocket PATH", "also listen on a unix socket"),
    ("unixsocketperm MODE", "its mode, in octal"),
    ("requirepass PASSWORD", "clients must say AUTH first"),
    ("protected-mode yes|no", "no: allow the network without a password"),
    ("maxclients N", "connections at most (10000)"),
    ("timeout SECONDS", "close connections idle for so long; 0: never"),
    ("tcp-keepalive SECONDS", "probe silent TCP connections (300); 0: never"),
    ("io-threads N", "threads that serve (cores, at most 4)"),
    ("client-output-buffer-limit CLASS HARD SOFT SECONDS ...", "classes normal and pubsub"),
    ("list-max-listpack-size N", "encodings: see CONFIG in Redis's documentation"),
    ("hash-max-listpack-entries N, hash-max-listpack-value N", ""),
    ("set-max-intset-entries N", ""),
    ("set-max-listpack-entries N, set-max-listpack-value N", ""),
    ("zset-max-listpack-entries N, zset-max-listpack-value N", ""),
    ("databases 16, save \"\", appendonly no, daemonize no", "taken, since they say what is so"),
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
            "requirepass" => {
                one(&texts)?;
                self.password = Some(values[0].clone()).filter(|password| !password.is_empty());
            }
            "protected-mode" => self.protected = yes(&texts)?,
            "maxclients" => self.clients_max = number(&texts, 1, 1_000_000)? as usize,
            "timeout" => self.idle_s = number(&texts, 0, i32::MAX as u64)?,
            "tcp-keepalive" => self.keepalive_s = number(&texts, 0, i32::MAX as u64)? as u32,
            "io-threads" => self.threads = number(&texts, 1, THREADS_MAX as u64)? as usize,
            "client-output-buffer-limit" => self.output_limits(&texts)?,
            "databases" => only(&texts, "16", "there are 16 databases, always")?,
            "save" => only(&texts, "", NOT_DURABLE)?,
            "appendonly" => only(&texts, "no", NOT_DURABLE)?,
            "daemonize" => only(&texts, "no", "it stays in the foreground: use a supervisor")?,
            other => return self.encoding(other, &texts),
        }
        Ok(())
    }

    fn encoding(&mut self, name: &str, texts: &[&str]) -> Result<(), String> {
        let limits = &mut self.encodings;
        let place = match name {
            "list-max-listpack-size" | "list-max-ziplist-size" => {
                let size = one(texts)?.parse().ok().filter(|n| *n >= -5 && *n != 0);
                limits.list_max_listpack_size = size.ok_or("it must be positive or -1 to -5")?;
                return Ok(());
            }
            "hash-max-listpack-entries" | "hash-max-ziplist-entries" => &mut limits.hash_max_listpack_entries,
            "hash-max-listpack-value" | "hash-max-ziplist-value" => &mut limits.hash_max_listpack_value,
            "set-max-intset-entries" => &mut limits.set_max_intset_entries,
            "set-max-listpack-entries" => &mut limits.set_max_listpack_entries,
            "set-max-listpack-value" => &mut limits.set_max_listpack_value,
            "zset-max-listpack-entries" | "zset-max-ziplist-entries" => &mut limits.zset_max_listpack_entries,
            "zset-max-listpack-value" | "zset-max-ziplist-value" => &mut limits.zset_max_listpack_value,
            _ => return Err("unknown directive; `tenon serve --help` lists all".to_owned()),
        };
        *place = number(texts, 0, u32::MAX.into())? as usize;
        Ok(())
    }

    fn output_limits(&mut self, texts: &[&str]) -> Result<(), String> {
        if texts.is_empty() || !texts.len().is_multiple_of(4) {
            return Err("it takes a class, a hard limit, a soft limit and seconds, once or more".to_owned());
        }
        for group in texts.chunks_exact(4) {
            let size = |text: &str| parse_size(text).ok_or(format!("{text:?} is not a size"));
            let limit = OutputLimit {
                hard: size(group[1])?,
                soft: size(group[2])?,
                soft_s: number(&group[3..], 0, i32::MAX as u64)?,
            };
            match group[0].to_ascii_lowercase().as_str() {
                "normal" => self.normal_output = limit,
                "pubsub" => self.pubsub_output = limit,
                other => return Err(format!("there is no class {other:?}: it is normal or pubsub")),
            }
        }
        Ok(())
    }

    /// Checks what only makes sense together.
    ///
    /// # Errors
    /// What does not.
    pub fn check(&mut self) -> Result<(), String> {
        if self.bind.is_empty() {
            self.bind.push(IpAddr::from([127, 0, 0, 1]));
        }
        if self.port == 0 && self.unix.is_none() {
            return Err("nothing to listen on: give --port or --unix".to_owned());
        }
        if self.unix_mode.is_some() && self.unix.is_none() {
            return Err("a mode of the unix socket without a unix socket: give --unix".to_owned());
        }
        if self.password.is_some() {
            return Err("a password is not built yet".to_owned());
        }
        let open = self.bind.iter().find(|address| !address.is_loopback());
        if let Some(address) = open.filter(|_| self.port != 0 && self.protected && self.password.is_none()) {
            return Err(format!(
                "{address} can be reached from the network and there is no password: give --requirepass, or say \
                 `protected-mode no` in a --config file"
            ));
        }
        Ok(())
    }
}

const NOT_DURABLE: &str = "durability is not built yet: all is in memory";

fn one<'t>(texts: &[&'t str]) -> Result<&'t str, String> {
    match texts {
        [text] => Ok(text),
        _ => Err("it takes one value".to_owned()),
    }
}

fn only(texts: &[&str], want: &str, why: &str) -> Result<(), String> {
    if one(texts)?.eq_ignore_ascii_case(want) { Ok(()) } else { Err(why.to_owned()) }
}

fn yes(texts: &[&str]) -> Result<bool, String> {
    match one(texts)?.to_ascii_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("it is yes or no".to_owned()),
    }
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
