//! What can be changed while a database runs: the values behind Redis's `CONFIG` parameters.
use super::{
    events::Classes,
    limits::{Encodings, STRING_BYTES_MAX},
};

/// How much output a connection may leave unread before it is closed. 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutputLimit {
    /// Closed at once above this many bytes.
    pub hard_bytes: u64,
    /// Closed when it stays above this many bytes …
    pub soft_bytes: u64,
    /// … for this many seconds.
    pub soft_s: u64,
}

impl OutputLimit {
    const fn new(hard_bytes: u64, soft_bytes: u64, soft_s: u64) -> Self {
        Self { hard_bytes, soft_bytes, soft_s }
    }
}

/// When what was written is on the disk for good: `appendfsync`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fsync {
    /// Before it is answered. Callers that wait at the same time share one sync.
    Always,
    /// Within about a second.
    #[default]
    EverySecond,
    /// When the system finds time.
    Never,
}

/// Who may say `DEBUG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DebugAccess {
    Nobody,
    /// Connections from this machine.
    Local,
    Everybody,
}

/// The settings of a database. See [`Db::settings`](crate::Db::settings).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// When collections leave their compact encodings.
    pub encodings: Encodings,
    /// The keyspace events that subscribers are told of (`notify-keyspace-events`); none by default.
    pub notify_keyspace_events: Classes,
    /// What AUTH must be told; empty: nothing has to be said. It guards connections, not the typed API.
    pub requirepass: Vec<u8>,
    /// The longest argument a connection takes, in bytes.
    pub proto_max_bulk_len: usize,
    /// The most request bytes that may wait for the rest of their command.
    pub client_query_buffer_limit: usize,
    /// Limits of unread output: of normal connections, replicas, subscribers.
    pub client_output_buffer_limit: [OutputLimit; 3],
    /// The most keys that are remembered because connections that track keys have read them; 0: any number. Those above it
    /// are forgotten, and told as if they had changed.
    pub tracking_table_max_keys: usize,
    /// Milliseconds after which a script that still runs makes others be told so, instead of waiting for it; 0: never.
    pub busy_reply_threshold: u64,
    /// The most connections a listener keeps open.
    pub maxclients: u64,
    /// Seconds of silence after which a listener closes a connection; 0: never.
    pub timeout: u64,
    /// Seconds between the keep-alive probes a listener asks its sockets for; 0: none.
    pub tcp_keepalive: u64,
    /// The port of the listener on TCP, 0 when there is none. It sets this itself.
    pub port: u16,
    /// The addresses that listener is bound to.
    pub bind: String,
    /// The path of the listener on a unix socket, empty when there is none. It sets this itself.
    pub unixsocket: String,
    /// Who may say `DEBUG`.
    pub enable_debug_command: DebugAccess,
    /// What is written goes to the log (`appendonly`). Without it only snapshots keep it. Of no consequence in memory.
    pub appendonly: bool,
    /// When the log is on the disk for good.
    pub appendfsync: Fsync,
    /// A snapshot is taken when one of these holds: after so many seconds, when there were so many changes.
    pub save: Vec<(u64, u64)>,
    /// A snapshot is taken when the log has grown by that many per cent of the size of the snapshot before it; 0: never …
    pub auto_aof_rewrite_percentage: u64,
    /// … and has at least so many bytes.
    pub auto_aof_rewrite_min_size: u64,
    /// The directory of the store, empty for a database in memory. The database sets this itself.
    pub dir: String,
}

impl Settings {
    /// What every stripe keeps a copy of.
    pub(crate) fn for_stripes(&self) -> (Encodings, Classes) {
        (self.encodings, self.notify_keyspace_events)
    }
}

impl Default for Settings {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            encodings: Encodings::default(),
            notify_keyspace_events: Classes::default(),
            requirepass: Vec::new(),
            proto_max_bulk_len: STRING_BYTES_MAX,
            client_query_buffer_limit: 1 << 30,
            client_output_buffer_limit: [
                OutputLimit::default(),
                OutputLimit::new(256 * MIB, 64 * MIB, 60),
                OutputLimit::new(32 * MIB, 8 * MIB, 60),
            ],
            tracking_table_max_keys: 1_000_000,
            busy_reply_threshold: 5000,
            maxclients: 10_000,
            timeout: 0,
            tcp_keepalive: 300,
            port: 0,
            bind: String::new(),
            unixsocket: String::new(),
            enable_debug_command: DebugAccess::Local,
            appendonly: true,
            appendfsync: Fsync::default(),
            save: Vec::new(),
            auto_aof_rewrite_percentage: 100,
            auto_aof_rewrite_min_size: 64 * MIB,
            dir: String::new(),
        }
    }
}
