//! The database as a whole: what it tells of itself and of its commands, and what can be changed.
use proptest::prelude::*;
use tenondb::{Clock, Db, Encodings, Options, Reply, resp::Conn};

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(reply.as_bytes().expect("text")).into_owned()
}

fn call(db: &Db, line: &str) -> Reply {
    db.call(line.split(' ')).unwrap_or_else(Reply::Error)
}

fn info(db: &Db, section: &str, field: &str) -> String {
    let info = text(&call(db, &format!("INFO {section}")));
    let mut fields = info.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(name, _)| *name == field).unwrap_or_else(|| panic!("no {field} in {info}")).1.to_owned()
}

#[test]
fn info_tells_what_clients_look_for() {
    let db = Db::memory();
    let whole = text(&call(&db, "INFO"));

    for field in [
        "redis_version:7.",
        "redis_mode:standalone",
        "loading:0",
        "role:master",
        "maxmemory_policy:noeviction",
    ] {
        assert!(whole.contains(&format!("\r\n{field}")), "{field} in {whole}");
    }
    let sections: Vec<&str> = whole.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    for section in &sections {
        assert!(text(&call(&db, &format!("INFO {section}"))).starts_with(&format!("# {section}\r\n")));
    }
    assert_eq!(text(&call(&db, "INFO keyspace SERVER")).matches("# ").count(), 2);
    assert_eq!(text(&call(&db, "INFO nonsense")), "");
}

#[test]
fn info_counts() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), ..Options::default() });
    let empty: u64 = info(&db, "memory", "used_memory").parse().unwrap();
    call(&db, &format!("SET long {}", "x".repeat(100_000)));
    call(&db, "SET short 1 PX 10");
    let full: u64 = info(&db, "memory", "used_memory").parse().unwrap();
    assert!((100_000..120_000).contains(&(full - empty)), "{empty} {full}");
    assert_eq!(info(&db, "memory", "used_memory_peak"), full.to_string());
    assert_eq!(info(&db, "memory", "used_memory_peak_perc"), "100.00%");
    assert_eq!(info(&db, "keyspace", "db0"), "keys=2,expires=1,avg_ttl=0");
    let mut conn = Conn::new(&db);
    conn.feed(b"GET long\r\nGET nothing\r\nPING\r\n");
    assert_eq!(
        (info(&db, "stats", "keyspace_hits"), info(&db, "stats", "keyspace_misses")),
        ("1".into(), "1".into())
    );
    assert_eq!(info(&db, "stats", "total_commands_processed"), "5");
    assert_eq!(info(&db, "stats", "total_connections_received"), "1");
    assert_eq!(info(&db, "stats", "total_net_input_bytes"), "29");
    assert_eq!(info(&db, "clients", "connected_clients"), "1");
    clock.advance_ms(90_000);
    assert_eq!(info(&db, "server", "uptime_in_seconds"), "90");
    call(&db, "GET short");
    db.tick(1_000_000);
    assert_eq!(info(&db, "stats", "expired_keys"), "1");
    call(&db, "CONFIG RESETSTAT");
    for field in [
        "keyspace_hits",
        "keyspace_misses",
        "expired_keys",
        "total_connections_received",
        "total_net_input_bytes",
    ] {
        assert_eq!(info(&db, "stats", field), "0", "{field}");
    }
    assert!(Conn::new(&db).id() > conn.id(), "ids go on");
    // Upkeep sees how much there is; the peak stays when that is gone.
    call(&db, &format!("SET gone {}", "x".repeat(100_000)));
    db.tick(1_000_000);
    call(&db, "DEL gone");
    let peak: u64 = info(&db, "memory", "used_memory_peak").parse().unwrap();
    assert!((full + 100_000..full + 120_000).contains(&peak), "{full} {peak}");
}

#[test]
fn a_limit_that_is_set_holds_in_every_stripe() {
    let db = Db::memory();
    let encoding = |key: &str| text(&call(&db, &format!("OBJECT ENCODING {key}")));
    for n in 0..200 {
        call(&db, &format!("HSET before{n} a 1 b 2 c 3"));
    }
    assert_eq!(
        call(&db, "CONFIG SET hash-max-ziplist-entries 2 set-max-intset-entries 1"),
        call(&db, "CONFIG RESETSTAT")
    );
    for n in 0..200 {
        call(&db, &format!("HSET after{n} a 1 b 2 c 3"));
        call(&db, &format!("SADD set{n} 1 2"));
        assert_eq!(
            (encoding(&format!("before{n}")), encoding(&format!("after{n}"))),
            ("listpack".into(), "hashtable".into())
        );
        assert_eq!(encoding(&format!("set{n}")), "listpack");
    }
    assert_eq!(db.settings().encodings.hash_max_listpack_entries, 2);
    db.configure(|settings| settings.encodings.hash_max_listpack_entries = 3);
    call(&db, "HSET after0 d 4");
    call(&db, "HSET fresh a 1 b 2 c 3");
    assert_eq!(encoding("fresh"), "listpack");
    // A transaction from code goes by the same limits.
    db.configure(|settings| settings.encodings.hash_max_listpack_entries = 1);
    call(&db, "HSET fresher a 1 b 2");
    assert_eq!(encoding("fresher"), "hashtable");
}

#[test]
fn parameters_are_changed_together_or_not_at_all() {
    let db = Db::memory();
    let before = db.settings();
    for wrong in [
        "CONFIG SET timeout 5 nonsense 1",
        "CONFIG SET timeout 5 maxclients x",
        "CONFIG SET timeout 5 databases 3",
        "CONFIG SET timeout 5 hash-max-listpack-entries 3 maxmemory 100mb",
        "CONFIG SET timeout 5 timeout 6",
        "CONFIG SET timeout 5 save 900",
        "CONFIG SET timeout 5 save",
        "CONFIG SET proto-max-bulk-len 1gb",
        "CONFIG SET list-max-listpack-size 3000000000",
    ] {
        assert!(matches!(call(&db, wrong), Reply::Error(_)), "{wrong}");
        assert_eq!(db.settings(), before, "{wrong}");
    }
    call(&db, "CONFIG SET TIMEOUT 5 proto-max-bulk-len 1mb");
    assert_eq!((db.settings().timeout, db.settings().proto_max_bulk_len), (5, 1 << 20));
    let mut conn = Conn::new(&db);
    conn.feed(b"*2\r\n$3\r\nGET\r\n$1048577\r\n");
    assert!(conn.is_closed());
}

/// Checks that an entry of COMMAND DOCS has the shape that clients read.
fn check_docs(docs: &Reply, path: &str) {
    let Reply::Map(facts) = docs else { panic!("{path}: no map") };
    let fact =
        |name: &str| facts.iter().find(|(key, _)| key.as_bytes() == Some(name.as_bytes())).map(|(_, v)| v);
    for name in ["summary", "since", "group", "complexity"] {
        assert!(fact(name).is_some_and(|fact| !text(fact).is_empty()), "{path}: {name}");
    }
    if let Some(Reply::Map(subcommands)) = fact("subcommands") {
        subcommands.iter().for_each(|(name, docs)| check_docs(docs, &text(name)));
    }
    if let Some(arguments) = fact("arguments") {
        check_arguments(arguments, path);
    }
}

fn check_arguments(arguments: &Reply, path: &str) {
    let arguments = arguments.as_list().unwrap();
    assert!(!arguments.is_empty(), "{path}: no arguments");
    for argument in arguments {
        let Reply::Map(facts) = argument else { panic!("{path}: no map") };
        let fact = |name: &str| {
            facts.iter().find(|(key, _)| key.as_bytes() == Some(name.as_bytes())).map(|(_, v)| v)
        };
        let (name, kind) = (text(fact("name").unwrap()), text(fact("type").unwrap()));
        let has_parts = matches!(kind.as_str(), "oneof" | "block");
        assert!(!name.is_empty() && (has_parts || fact("display_text").is_some()), "{path}: {name}");
        assert_eq!(
            kind == "pure-token",
            fact("token").is_some() && fact("arguments").is_none() && kind == "pure-token"
        );
        match fact("arguments") {
            Some(parts) => check_arguments(parts, &format!("{path} {name}")),
            None => assert!(!has_parts, "{path}: {name}"),
        }
    }
}

#[test]
fn commands_describe_themselves() {
    let db = Db::memory();
    let Reply::Map(docs) = call(&db, "COMMAND DOCS") else { panic!("no map") };
    let all = call(&db, "COMMAND");
    let all = all.as_list().unwrap();
    assert_eq!(docs.len() as i64, call(&db, "COMMAND COUNT").as_int().unwrap());
    assert_eq!(docs.len(), all.len());
    docs.iter().for_each(|(name, docs)| check_docs(docs, &text(name)));
    for command in all {
        let parts = command.as_list().unwrap();
        assert_eq!(parts.len(), 10);
        let name = text(&parts[0]);
        assert_eq!(
            call(&db, &format!("COMMAND INFO {name}")).as_list().unwrap(),
            std::slice::from_ref(command),
            "{name}"
        );
    }
    let listed = call(&db, "COMMAND LIST").as_list().unwrap().len();
    assert_eq!(listed, tenondb::commands().len());
    assert!(call(&db, "COMMAND INFO nonsense get").as_list().unwrap()[0].is_nil());
}

#[test]
fn debug_is_for_this_machine() {
    use tenondb::{DebugAccess, resp::ConnOptions};
    let db = Db::memory();
    let mut stranger = Conn::open(&db, ConnOptions { local: false, ..ConnOptions::default() });
    stranger.feed(b"DEBUG DIGEST\r\n");
    assert!(stranger.take_output().starts_with(b"-ERR DEBUG command not allowed."));
    db.configure(|settings| settings.enable_debug_command = DebugAccess::Everybody);
    stranger.feed(b"DEBUG DIGEST\r\n");
    assert_eq!(stranger.take_output(), [b"+".as_slice(), &[b'0'; 40], b"\r\n"].concat());
    db.configure(|settings| settings.enable_debug_command = DebugAccess::Nobody);
    assert!(matches!(call(&db, "DEBUG DIGEST"), Reply::Error(_)));
}

#[test]
fn keys_past_their_time_stay_in_memory_when_tests_want_that() {
    let clock = Clock::manual(1_000_000);
    let db = Db::with(Options { clock: clock.clone(), threads: 0, ..Options::default() });
    call(&db, "DEBUG SET-ACTIVE-EXPIRE 0");
    call(&db, "SET k v PX 10");
    clock.advance_ms(100);
    db.tick(1_000_000);
    assert_eq!(call(&db, "DBSIZE"), Reply::Int(1));
    call(&db, "DEBUG SET-ACTIVE-EXPIRE 1");
    while db.tick(1_000_000) {}
    assert_eq!(call(&db, "DBSIZE"), Reply::Int(0));
}

/// A command of some type, with arguments of a small alphabet.
fn change() -> impl Strategy<Value = String> {
    let words = || (0u8..3, 0u8..12, 0u8..12);
    prop_oneof![
        words().prop_map(|(k, a, _)| format!("SET s{k} {a}")),
        words().prop_map(|(k, a, b)| format!("SADD u{k} {a} m{b}")),
        words().prop_map(|(k, a, _)| format!("SREM u{k} {a}")),
        words().prop_map(|(k, a, b)| format!("HSET h{k} f{a} {b}")),
        words().prop_map(|(k, a, _)| format!("HDEL h{k} f{a}")),
        words().prop_map(|(k, a, b)| format!("ZADD z{k} {a} m{b}")),
        words().prop_map(|(k, _, b)| format!("ZREM z{k} m{b}")),
        words().prop_map(|(k, a, _)| format!("RPUSH l{k} {a}")),
        words().prop_map(|(k, _, _)| format!("LPOP l{k}")),
        words().prop_map(|(k, a, _)| format!("PEXPIRE s{k} {}", 1000 + u32::from(a))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The same content has the same digest in every encoding, however it came about; another content another one.
    #[test]
    fn a_digest_is_of_the_content(changes in prop::collection::vec(change(), 1..80)) {
        let digests: Vec<String> = [Encodings::default(), Encodings::NEVER_COMPACT].into_iter().map(|encodings| {
            let clock = Clock::manual(1_000_000);
            let db = Db::with(Options { encodings, clock, journal: true, stripes: 4, ..Options::default() });
            for line in &changes {
                call(&db, line);
            }
            let digest = text(&call(&db, "DEBUG DIGEST"));
            let again = Db::replay(&db.journal(), Options { encodings, ..Options::default() }).unwrap();
            assert_eq!(digest, text(&call(&again, "DEBUG DIGEST")));
            call(&db, "SET one-more 1");
            assert_ne!(digest, text(&call(&db, "DEBUG DIGEST")));
            digest
        }).collect();
        prop_assert_eq!(&digests[0], &digests[1]);
    }
}

#[test]
fn in_memory_nobody_promises_to_keep_anything() {
    let db = Db::with(Options { clock: Clock::manual(1_700_000_000_999), ..Options::default() });
    for line in ["SAVE", "BGSAVE", "BGSAVE SCHEDULE", "BGREWRITEAOF"] {
        let Reply::Error(error) = call(&db, line) else { panic!("{line}") };
        assert_eq!(error.text(), b"ERR this database has no directory: it lives in memory only", "{line}");
    }
    db.clock().advance_ms(60_000);
    assert_eq!(call(&db, "LASTSAVE"), Reply::Int(1_700_000_000), "the opening");
    let Reply::Error(error) = call(&db, "CONFIG SET timeout 5 appendonly yes") else { panic!() };
    assert!(error.text().ends_with(b"it lives in memory only"));
    assert_eq!(db.settings().timeout, 0);
    let Reply::Map(shown) = call(&db, "CONFIG GET appendonly dir save") else { panic!() };
    let values: Vec<&[u8]> = shown.iter().filter_map(|(_, value)| value.as_bytes()).collect();
    assert_eq!(values, [&b"no"[..], b"", b""]);
}
