//! Every limit of the system: its unit in its name, its reason beside it.

/// The longest string, key, field or member: Redis's `proto-max-bulk-len`.
pub const STRING_BYTES_MAX: usize = 512 * 1024 * 1024;
/// The longest line of an inline command or of a length: Redis's `PROTO_INLINE_MAX_SIZE`.
pub const INLINE_LINE_BYTES_MAX: usize = 64 * 1024;
/// The number of logical databases.
pub const DATABASES: usize = 16;
/// Elements above which a result is cloned under the lock and written outside it: below, copying is cheaper.
pub const INLINE_RESULT_LEN_MAX: usize = 256;
/// The most elements a draw with repetitions may return (SRANDMEMBER with a negative count): Redis would go on until
/// memory runs out.
pub const REPEATED_DRAWS_MAX: u64 = 1 << 24;
/// Bytes above which a string that a reply owns is written outside the locks.
pub const INLINE_BYTES_MAX: usize = 16 * 1024;
/// Bytes above which a string value is a shared block of its own rather than part of the key's allocation.
pub const EMBEDDED_STRING_BYTES_MAX: usize = 1024;

/// Bytes above which what a script allocates fails. What its commands answer is allowed for above that, until they have answered.
#[cfg(feature = "lua")]
pub const SCRIPT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// The most values of a script's result.
#[cfg(feature = "lua")]
pub const SCRIPT_RESULT_LEN_MAX: usize = 1 << 24;
/// Lists in lists above which a part of a script's result is refused.
#[cfg(feature = "lua")]
pub const SCRIPT_RESULT_DEPTH_MAX: usize = 512;

/// Bytes after which a value goes on in another piece in a snapshot: reading it back takes no second copy of a big one.
pub const SNAPSHOT_PIECE_BYTES: usize = 256 * 1024;

const _: () = assert!(EMBEDDED_STRING_BYTES_MAX < 64 * 1024, "an entry counts its inline string in 17 bits");

/// When a collection leaves its compact encoding. The names are Redis's `CONFIG` parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encodings {
    /// Entries per node when positive; −1 … −5 for 4, 8, 16, 32, 64 KiB.
    pub list_max_listpack_size: i32,
    pub hash_max_listpack_entries: usize,
    pub hash_max_listpack_value: usize,
    pub set_max_intset_entries: usize,
    pub set_max_listpack_entries: usize,
    pub set_max_listpack_value: usize,
    pub zset_max_listpack_entries: usize,
    pub zset_max_listpack_value: usize,
    /// Bytes of a block of stream entries, and …
    pub stream_node_max_bytes: usize,
    /// … entries of one. 0 for either: no limit but the other, and one of ours.
    pub stream_node_max_entries: usize,
}

impl Default for Encodings {
    fn default() -> Self {
        Self {
            list_max_listpack_size: -2,
            hash_max_listpack_entries: 512,
            hash_max_listpack_value: 64,
            set_max_intset_entries: 512,
            set_max_listpack_entries: 128,
            set_max_listpack_value: 64,
            zset_max_listpack_entries: 128,
            zset_max_listpack_value: 64,
            stream_node_max_bytes: 4096,
            stream_node_max_entries: 100,
        }
    }
}

impl Encodings {
    /// The limits at which every collection is indexed from its first element: for tests.
    pub const NEVER_COMPACT: Self = Self {
        list_max_listpack_size: 1,
        hash_max_listpack_entries: 0,
        hash_max_listpack_value: 0,
        set_max_intset_entries: 0,
        set_max_listpack_entries: 0,
        set_max_listpack_value: 0,
        zset_max_listpack_entries: 0,
        zset_max_listpack_value: 0,
        stream_node_max_bytes: 4096,
        stream_node_max_entries: 1,
    };
}
