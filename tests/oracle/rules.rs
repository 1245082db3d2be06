//! How replies are compared, command by command, and which commands are not sent at random.

/// How the replies of a command are compared. Errors are compared byte for byte under every rule but `Ignored`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Byte for byte.
    Exact,
    /// The values of the outer list, set or map in any order.
    Unordered,
    /// Fields and values side by side (or a map), the pairs in any order.
    UnorderedPairs,
    /// Same type, same number of values.
    Shape,
    /// Same type.
    Kind,
    /// Text of as many lines.
    Lines,
    /// Integers at most so far apart; otherwise exact.
    Near(u64),
    /// Integers anywhere in it at most so far apart: clocks, and how a server keeps its data. Otherwise exact.
    Clock(u64),
    /// A cursor and values: compared in any order when both sides were read to their end at once.
    Scan,
    /// As `Scan`; the values are fields and values side by side.
    ScanPairs,
    /// SORT: exact, but in any order when its options leave the order open.
    Sort,
    /// Not compared, and why.
    Ignored(&'static str),
}

/// Everything that is not compared byte for byte.
const RULES: &[(&str, Rule)] = &[
    ("SMEMBERS", Rule::Unordered),
    ("SINTER", Rule::Unordered),
    ("SUNION", Rule::Unordered),
    ("SDIFF", Rule::Unordered),
    ("KEYS", Rule::Unordered),
    ("HKEYS", Rule::Unordered),
    ("HVALS", Rule::Unordered),
    ("HGETALL", Rule::UnorderedPairs),
    ("SCAN", Rule::Scan),
    ("SSCAN", Rule::Scan),
    ("HSCAN", Rule::ScanPairs),
    ("ZSCAN", Rule::ScanPairs),
    ("SORT", Rule::Sort),
    ("SORT_RO", Rule::Sort),
    ("SPOP", Rule::Shape),
    ("SRANDMEMBER", Rule::Shape),
    ("HRANDFIELD", Rule::Shape),
    ("ZRANDMEMBER", Rule::Shape),
    ("RANDOMKEY", Rule::Kind),
    ("TTL", Rule::Near(3)),
    ("PTTL", Rule::Near(3000)),
    ("EXPIRETIME", Rule::Near(3)),
    ("PEXPIRETIME", Rule::Near(3000)),
    ("TIME", Rule::Shape),
    ("XPENDING", Rule::Clock(5000)),
    ("XINFO|STREAM", Rule::Clock(5000)),
    ("XINFO|CONSUMERS", Rule::Clock(5000)),
    ("LASTSAVE", Rule::Kind),
    ("DUMP", Rule::Ignored("the payload has its own format and version")),
    ("INFO", Rule::Kind),
    ("MEMORY|USAGE", Rule::Kind),
    ("MEMORY|STATS", Rule::Ignored("counts what an allocator of their own knows")),
    ("MEMORY|DOCTOR", Rule::Ignored("text for people")),
    ("MEMORY|MALLOC-STATS", Rule::Ignored("text of their allocator")),
    ("OBJECT|FREQ", Rule::Kind),
    ("OBJECT|IDLETIME", Rule::Kind),
    ("OBJECT|REFCOUNT", Rule::Kind),
    ("CLIENT|ID", Rule::Kind),
    ("CLIENT|INFO", Rule::Kind),
    ("CLIENT|LIST", Rule::Lines),
    ("HELLO", Rule::Kind),
    ("COMMAND", Rule::Ignored("their table holds commands that we do not have yet")),
    ("COMMAND|COUNT", Rule::Kind),
    ("COMMAND|LIST", Rule::Ignored("their table holds commands that we do not have yet")),
    (
        "COMMAND|INFO",
        Rule::Ignored("ACL categories, key specifications and tips differ from version to version"),
    ),
    ("COMMAND|DOCS", Rule::Ignored("texts and histories differ from version to version")),
    ("COMMAND|GETKEYSANDFLAGS", Rule::Ignored("the flags of single keys are coarser")),
    ("CONFIG|GET", Rule::Ignored("each has parameters of its own")),
    ("DEBUG|OBJECT", Rule::Kind),
    ("DEBUG|DIGEST-VALUE", Rule::Ignored("a digest of their own")),
    ("DEBUG|DIGEST", Rule::Ignored("a digest of their own")),
    ("DEBUG|JMAP", Rule::Ignored("calls of another server")),
    ("LOLWUT", Rule::Ignored("art")),
    ("SLOWLOG|GET", Rule::Kind),
    ("SLOWLOG|LEN", Rule::Kind),
];

/// Returns how replies of a command (`GET`, `CLIENT|ID`) are compared.
pub fn rule(name: &str) -> Rule {
    match RULES.iter().find(|(command, _)| *command == name) {
        Some((_, rule)) => *rule,
        None if name.ends_with("|HELP") => {
            Rule::Ignored("text for people; it names subcommands of each side")
        }
        None => Rule::Exact,
    }
}

/// Commands that are never sent at random, and why.
const NOT_SENT: &[(&str, &str)] = &[
    ("XDELEX", "Redis 8.2 alone has it"),
    ("XACKDEL", "Redis 8.2 alone has it"),
    ("SHUTDOWN", "ends the server"),
    ("DEBUG", "sleeps, crashes and reloads at will"),
    ("SAVE", "writes files"),
    ("BGSAVE", "writes files"),
    ("BGREWRITEAOF", "writes files"),
    ("CONFIG|REWRITE", "writes files"),
    ("REPLICAOF", "leaves the server read-only"),
    ("SLAVEOF", "leaves the server read-only"),
    ("FAILOVER", "replication"),
    ("SYNC", "replication"),
    ("PSYNC", "replication"),
    ("REPLCONF", "replication"),
    ("SUBSCRIBE", "has several replies: tests/oracle/messages.rs has sessions of its own for it"),
    ("PSUBSCRIBE", "as SUBSCRIBE"),
    ("SSUBSCRIBE", "as SUBSCRIBE"),
    ("UNSUBSCRIBE", "as SUBSCRIBE"),
    ("PUNSUBSCRIBE", "as SUBSCRIBE"),
    ("SUNSUBSCRIBE", "as SUBSCRIBE"),
    ("MONITOR", "turns the connection into a stream"),
    ("EVAL", "what chance writes is no script; Valkey 9.1 ends on an empty one"),
    ("EVAL_RO", "as EVAL"),
    ("SCRIPT", "as EVAL; and there is no debugger"),
    ("CLIENT|PAUSE", "stops every connection"),
    ("ROLE", "replication"),
    ("RESTORE", "the payload has its own format and version"),
    ("RESTORE-ASKING", "the payload has its own format and version"),
    ("MIGRATE", "needs a second server"),
    ("ACL", "users are an administrator's business"),
    ("LATENCY", "measures"),
    ("MODULE", "modules"),
    ("CLUSTER", "cluster"),
    ("COMMANDLOG", "measures"),
    ("MEMORY|PURGE", "their allocator"),
    ("CLIENT|UNBLOCK", "depends on ids"),
    ("CLIENT|KILL", "ends the connections of the harness, too: those that listen to events"),
    ("CLIENT|LIST", "shows the connections of the harness, too: those that listen to events"),
];

/// Tells whether a command may be sent at random.
pub fn is_sent(name: &str) -> bool {
    let family = name.split('|').next().unwrap_or(name);
    !NOT_SENT.iter().any(|(command, _)| *command == name || *command == family)
}

/// Commands after which a connection may be closed, silent or pushed to: they come last in a session.
pub const LAST: &[&str] = &["QUIT", "CLIENT|REPLY"];

/// Commands with values that chance alone does not hit, or must not: whole lines instead of the usage.
pub const LINES: &[(&str, &[&str])] = &[
    (
        "WAITAOF",
        &["0 0 0", "0 0 10", "1 0 0", "0 1 1", "x 0 0", "0 x 0", "0 0 x", "0 -1 0", "0 0 -1", "0 0", "2 0 0"],
    ),
    ("WAIT", &["0 0", "0 10", "-1 0", "x 0", "0 x", "0 -1", "0", "0 0 0", "1 1"]),
    (
        // None of these makes pushes, which would come at any time: tests/conformance/conn has those that do.
        "CLIENT|TRACKING",
        &[
            "OFF",
            "off BCAST NOLOOP",
            "OFF PREFIX a OPTIN OPTOUT",
            "OFF REDIRECT 99999",
            "OFF x",
            "x",
            "ON x",
            "ON REDIRECT",
            "ON REDIRECT x",
            "ON REDIRECT 99999",
            "ON REDIRECT 0",
            "ON REDIRECT 99999 x",
            "ON x REDIRECT 99999",
            "ON PREFIX",
            "ON PREFIX a",
            "ON OPTIN OPTOUT",
            "ON BCAST OPTIN",
            "ON BCAST OPTOUT NOLOOP",
            "ON BCAST PREFIX ab PREFIX a",
            "ON BCAST PREFIX a PREFIX b PREFIX a",
        ],
    ),
    (
        "CONFIG|SET",
        &[
            "hash-max-listpack-entries 2",
            "hash-max-listpack-entries 128",
            "hash-max-ziplist-entries 64",
            "hash-max-listpack-value 4",
            "set-max-intset-entries 3",
            "zset-max-listpack-entries 3",
            "zset-max-listpack-value 5",
            "list-max-listpack-size 4",
            "list-max-listpack-size -2",
            "stream-node-max-entries 4",
            "stream-node-max-entries 100",
            "stream-node-max-bytes 100",
            "stream-node-max-bytes 4kb",
            "hash-max-listpack-entries x",
            "hash-max-listpack-entries 128 hash-max-listpack-entries 64",
            "no-such-parameter 1",
            "hash-max-listpack-entries",
            "hash-max-listpack-entries 1 zset-max-listpack-entries",
        ],
    ),
    (
        "CONFIG|GET",
        &["hash-max-listpack-entries", "no-such-parameter", "hash-max-*", "", "set-max-intset-entries x"],
    ),
    ("CLIENT|REPLY", &["ON", "OFF", "SKIP", "x", ""]),
    ("CLIENT|NO-EVICT", &["ON", "OFF", "x", ""]),
    ("CLIENT|NO-TOUCH", &["ON", "OFF", "x", ""]),
    ("AUTH", &["x", "default x", "a b c", "nobody x", ""]),
    (
        "HELLO",
        &[
            "",
            "2",
            "3",
            "1",
            "4",
            "x",
            "3 SETNAME a",
            "2 SETNAME",
            "3 AUTH default",
            "3 FOO",
            "3 SETNAME \"a b\"",
            "3 AUTH nobody x",
        ],
    ),
    ("COMMAND|GETKEYSANDFLAGS", &["GET k", "SET k v", "PING", "NOPE a", "ZUNIONSTORE d 2 a b", "GET", ""]),
    (
        "COMMAND|GETKEYS",
        &[
            "GET k",
            "MSET a 1 b 2",
            "ZUNION 2 a b WEIGHTS 1 2",
            "NOPE a",
            "PING",
            "GET",
            "ZUNIONSTORE d 2 a b",
            "SORT k STORE d",
            "ZADD z 1 a",
            "LMPOP 1 a LEFT",
            "EVAL script 2 a b c",
            "EVAL_RO script 0 a",
            "EVALSHA script -1 a",
            "EVALSHA_RO script 2 a",
            "EVAL script x a",
            "EVAL script",
            "",
        ],
    ),
    (
        "MEMORY|USAGE",
        &["s1", "l1", "h2", "z2 SAMPLES 0", "z2 SAMPLES -1", "z2 SAMPLES x", "nokey", "z2 FOO 1", ""],
    ),
    ("SLOWLOG|GET", &["", "0", "-1", "-2", "x"]),
];

/// Returns the lines that stand for a command.
pub fn lines(name: &str) -> Option<&'static [&'static str]> {
    LINES.iter().find(|(command, _)| *command == name).map(|(_, lines)| *lines)
}

/// How often a command is drawn, in percent of the usual.
pub fn weight(name: &str) -> usize {
    match name {
        "FLUSHALL" | "FLUSHDB" | "SWAPDB" | "RESET" => 4,
        "MULTI" | "EXEC" | "DISCARD" | "SELECT" => 10,
        "CONFIG|SET" | "HELLO" | "WAIT" => 15,
        "CLIENT" | "CONFIG" | "OBJECT" | "MEMORY" | "SLOWLOG" | "DEBUG" => 5,
        // How a stream is read hangs on its groups.
        _ if name.starts_with("XGROUP|") => 40,
        _ if name.contains('|') && !name.starts_with("OBJECT") => 15,
        "INFO" | "TIME" | "COMMAND" | "LASTSAVE" | "LOLWUT" | "KEYS" | "RANDOMKEY" | "DBSIZE" => 20,
        "PING" | "ECHO" | "AUTH" | "UNWATCH" | "WATCH" => 30,
        _ => 100,
    }
}
