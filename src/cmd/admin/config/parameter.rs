//! The parameters of CONFIG: each a name, how it is shown, how it is changed.
use super::{
    durability,
    values::{self, Refusal},
};
use crate::base::{
    events::Classes,
    limits::{DATABASES, STRING_BYTES_MAX},
    settings::{DebugAccess, OutputLimit, Settings},
};

/// A parameter.
pub struct Parameter {
    pub name: &'static str,
    /// An older name for the same.
    pub alias: Option<&'static str>,
    /// The value as CONFIG GET shows it.
    pub get: fn(&Settings) -> Vec<u8>,
    /// Changes the value; `None`: it stays as it was when the database was opened.
    pub set: Option<Set>,
}

/// Changes a value, or says why not.
pub type Set = fn(&mut Settings, &[u8]) -> Result<(), Refusal>;

const LONG: i64 = i64::MAX;
const INT: i64 = i32::MAX as i64;

const fn fixed(name: &'static str, get: fn(&Settings) -> Vec<u8>) -> Parameter {
    Parameter { name, alias: None, get, set: None }
}

/// A parameter that is a number: `$read` reads it from a text.
macro_rules! number {
    ($name:literal, $alias:expr, $($field:ident).+, $read:ident, $min:expr, $max:expr) => {
        Parameter {
            name: $name,
            alias: $alias,
            get: |settings| settings.$($field).+.to_string().into_bytes(),
            set: Some(|settings, text| {
                let value = values::$read(text, $min, $max)?;
                settings.$($field).+ = value.try_into().map_err(|_| "argument is out of range")?;
                Ok(())
            }),
        }
    };
}

/// The parameters in the order of their names.
pub static PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "appendfsync",
        alias: None,
        get: |settings| durability::fsync_word(settings).as_bytes().to_vec(),
        set: Some(durability::set_fsync),
    },
    Parameter {
        name: "appendonly",
        alias: None,
        get: |settings| if durability::has_log(settings) { b"yes".to_vec() } else { b"no".to_vec() },
        set: Some(durability::set_appendonly),
    },
    number!("auto-aof-rewrite-min-size", None, auto_aof_rewrite_min_size, memory, 0, LONG),
    number!("auto-aof-rewrite-percentage", None, auto_aof_rewrite_percentage, int, 0, INT),
    fixed("bind", |settings| settings.bind.clone().into_bytes()),
    number!("busy-reply-threshold", Some("lua-time-limit"), busy_reply_threshold, int, 0, LONG),
    Parameter {
        name: "client-output-buffer-limit",
        alias: None,
        get: |settings| output_limits(settings).into_bytes(),
        set: Some(set_output_limits),
    },
    number!("client-query-buffer-limit", None, client_query_buffer_limit, memory, 1 << 20, LONG),
    fixed("databases", |_| DATABASES.to_string().into_bytes()),
    fixed("dir", |settings| settings.dir.clone().into_bytes()),
    fixed("enable-debug-command", |settings| {
        let word: &[u8] = match settings.enable_debug_command {
            DebugAccess::Nobody => b"no",
            DebugAccess::Local => b"local",
            DebugAccess::Everybody => b"yes",
        };
        word.to_vec()
    }),
    number!(
        "hash-max-listpack-entries",
        Some("hash-max-ziplist-entries"),
        encodings.hash_max_listpack_entries,
        int,
        0,
        LONG
    ),
    number!(
        "hash-max-listpack-value",
        Some("hash-max-ziplist-value"),
        encodings.hash_max_listpack_value,
        memory,
        0,
        LONG
    ),
    number!(
        "list-max-listpack-size",
        Some("list-max-ziplist-size"),
        encodings.list_max_listpack_size,
        int,
        i64::from(i32::MIN),
        INT
    ),
    number!("maxclients", None, maxclients, int, 1, i64::from(u32::MAX)),
    Parameter {
        name: "maxmemory",
        alias: None,
        get: |_| b"0".to_vec(),
        set: Some(|_, text| match values::memory(text, 0, LONG)? {
            0 => Ok(()),
            _ => Err("eviction is not supported: only 0, which is no limit, can be set".into()),
        }),
    },
    Parameter {
        name: "maxmemory-policy",
        alias: None,
        get: |_| b"noeviction".to_vec(),
        set: Some(set_policy),
    },
    Parameter {
        name: "notify-keyspace-events",
        alias: None,
        get: |settings| settings.notify_keyspace_events.to_string().into_bytes(),
        set: Some(|settings, text| {
            let refused = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
            settings.notify_keyspace_events = Classes::parse(text).ok_or(refused)?;
            Ok(())
        }),
    },
    fixed("port", |settings| settings.port.to_string().into_bytes()),
    number!("proto-max-bulk-len", None, proto_max_bulk_len, memory, 1 << 20, STRING_BYTES_MAX as i64),
    Parameter {
        name: "requirepass",
        alias: None,
        get: |settings| settings.requirepass.clone(),
        set: Some(|settings, text| {
            settings.requirepass = text.to_vec();
            Ok(())
        }),
    },
    Parameter { name: "save", alias: None, get: durability::save_text, set: Some(durability::set_save) },
    number!("set-max-intset-entries", None, encodings.set_max_intset_entries, int, 0, LONG),
    number!("set-max-listpack-entries", None, encodings.set_max_listpack_entries, int, 0, LONG),
    number!("set-max-listpack-value", None, encodings.set_max_listpack_value, memory, 0, LONG),
    number!("stream-node-max-bytes", None, encodings.stream_node_max_bytes, memory, 0, LONG),
    number!("stream-node-max-entries", None, encodings.stream_node_max_entries, int, 0, LONG),
    number!("tcp-keepalive", None, tcp_keepalive, int, 0, INT),
    number!("timeout", None, timeout, int, 0, INT),
    number!("tracking-table-max-keys", None, tracking_table_max_keys, int, 0, LONG),
    fixed("unixsocket", |settings| settings.unixsocket.clone().into_bytes()),
    number!(
        "zset-max-listpack-entries",
        Some("zset-max-ziplist-entries"),
        encodings.zset_max_listpack_entries,
        int,
        0,
        LONG
    ),
    number!(
        "zset-max-listpack-value",
        Some("zset-max-ziplist-value"),
        encodings.zset_max_listpack_value,
        memory,
        0,
        LONG
    ),
];

/// Finds a parameter by either name, whatever its case.
pub fn find(name: &[u8]) -> Option<&'static Parameter> {
    let is = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
    PARAMETERS.iter().find(|parameter| is(parameter.name) || parameter.alias.is_some_and(is))
}

const POLICIES: [&str; 8] = [
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "noeviction",
];

fn set_policy(_: &mut Settings, text: &[u8]) -> Result<(), Refusal> {
    if text.eq_ignore_ascii_case(b"noeviction") {
        return Ok(());
    }
    if POLICIES.iter().any(|policy| policy.as_bytes().eq_ignore_ascii_case(text)) {
        return Err("eviction is not supported: only noeviction can be set".into());
    }
    Err(format!("argument(s) must be one of the following: {}", POLICIES.join(", ")).into())
}

/// The classes of connections, by the names CONFIG GET shows.
const CLASSES: [&str; 3] = ["normal", "slave", "pubsub"];

fn output_limits(settings: &Settings) -> String {
    let limits = CLASSES.iter().zip(&settings.client_output_buffer_limit);
    let text = limits.map(|(class, l)| format!("{class} {} {} {}", l.hard_bytes, l.soft_bytes, l.soft_s));
    text.collect::<Vec<_>>().join(" ")
}

fn set_output_limits(settings: &mut Settings, text: &[u8]) -> Result<(), Refusal> {
    let words: Vec<&[u8]> = text.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() || !words.len().is_multiple_of(4) {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    }
    for quad in words.chunks_exact(4) {
        let class = match quad[0].to_ascii_lowercase().as_slice() {
            b"normal" => 0,
            b"slave" | b"replica" => 1,
            b"pubsub" => 2,
            _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
        };
        let soft_s = values::int(quad[3], 0, LONG).ok().and_then(|seconds| u64::try_from(seconds).ok());
        let (Some(hard_bytes), Some(soft_bytes), Some(soft_s)) =
            (values::bytes(quad[1]), values::bytes(quad[2]), soft_s)
        else {
            return Err("Error in hard, soft or soft_seconds setting in buffer limit configuration.".into());
        };
        settings.client_output_buffer_limit[class] = OutputLimit { hard_bytes, soft_bytes, soft_s };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_takes_what_it_shows() {
        assert!(PARAMETERS.windows(2).all(|pair| pair[0].name < pair[1].name));
        let mut settings = Settings::default();
        for parameter in PARAMETERS {
            let shown = (parameter.get)(&settings);
            if let Some(set) = parameter.set {
                assert_eq!(set(&mut settings, &shown), Ok(()), "{}", parameter.name);
            }
            assert!(std::ptr::eq(find(parameter.name.to_ascii_uppercase().as_bytes()).unwrap(), parameter));
        }
        assert_eq!(settings, Settings::default());
    }
}
