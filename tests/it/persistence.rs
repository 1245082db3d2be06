//! What commands answer of a store: SAVE and its kin, CONFIG, INFO, WAITAOF.
use crate::store::Folder;
use std::path::PathBuf;
use tenondb::{Db, Options, Reply};

fn say(db: &Db, line: &str) -> String {
    match db.call(line.split(' ')) {
        Ok(Reply::Int(value)) => value.to_string(),
        Ok(reply) => reply.as_bytes().map_or(format!("{reply:?}"), |text| text.escape_ascii().to_string()),
        Err(error) => error.to_string(),
    }
}

fn field(db: &Db, name: &str) -> Option<String> {
    let reply = db.call(["INFO", "persistence"]).unwrap();
    let text = String::from_utf8(reply.as_bytes().unwrap().to_vec()).unwrap();
    let head = format!("{name}:");
    text.split("\r\n").find_map(|line| line.strip_prefix(&head)).map(str::to_owned)
}

fn shown(db: &Db, parameter: &str) -> Option<Vec<u8>> {
    match db.call(["CONFIG", "GET", parameter]).unwrap() {
        Reply::Map(pairs) => pairs.first().and_then(|(_, value)| value.as_bytes().map(<[u8]>::to_vec)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn snapshots_are_taken_when_they_are_asked_for() {
    let folder = Folder::new("snapshots");
    let db = Db::open_with(&folder.0, Options { threads: 0, ..Options::default() }).unwrap();
    assert_eq!(field(&db, "rdb_saves").as_deref(), Some("0"));
    (0..10).for_each(|n| assert_eq!(say(&db, &format!("SET k{n} {n}")), "OK"));
    assert_eq!(field(&db, "rdb_changes_since_last_save").as_deref(), Some("10"));
    assert_eq!(say(&db, "SAVE"), "OK");
    assert_eq!(field(&db, "rdb_saves").as_deref(), Some("1"));
    assert_eq!(field(&db, "rdb_changes_since_last_save").as_deref(), Some("0"));
    assert_eq!(field(&db, "rdb_last_bgsave_status").as_deref(), Some("ok"));
    assert!(say(&db, "LASTSAVE").parse::<u64>().unwrap() > 1_700_000_000);
    assert_eq!(say(&db, "BGSAVE"), "Background saving started");
    while db.tick(10_000) {}
    assert_eq!(say(&db, "BGSAVE SCHEDULE"), "Background saving started");
    while db.tick(10_000) {}
    assert_eq!(say(&db, "BGREWRITEAOF"), "Background append only file rewriting started");
    while db.tick(10_000) {}
    assert_eq!(field(&db, "rdb_saves").as_deref(), Some("4"));
    assert_eq!(field(&db, "rdb_bgsave_in_progress").as_deref(), Some("0"));
    drop(db);
    let again = Db::open(&folder.0).unwrap();
    assert_eq!(say(&again, "DBSIZE"), "10");
    assert_eq!(field(&again, "rdb_last_load_keys_loaded").as_deref(), Some("10"));
}

#[test]
fn the_log_shows_in_config_info_and_waitaof() {
    let folder = Folder::new("log");
    let db = Db::open(&folder.0).unwrap();
    assert_eq!(field(&db, "aof_enabled").as_deref(), Some("1"));
    assert_eq!(shown(&db, "appendonly").unwrap(), b"yes");
    let dir = PathBuf::from(String::from_utf8(shown(&db, "dir").unwrap()).unwrap());
    assert_eq!(dir.canonicalize().unwrap(), folder.0.canonicalize().unwrap());
    let before: u64 = field(&db, "aof_current_size").unwrap().parse().unwrap();
    assert_eq!(say(&db, "SET a 1"), "OK");
    assert_eq!(say(&db, "WAITAOF 1 0 0"), format!("{:?}", Reply::Array(vec![Reply::Int(1), Reply::Int(0)])));
    assert_eq!(field(&db, "aof_pending_bio_fsync").as_deref(), Some("0"));
    assert!(field(&db, "aof_current_size").unwrap().parse::<u64>().unwrap() > before);
    assert_eq!(say(&db, "CONFIG SET appendfsync always"), "OK");
    assert_eq!(say(&db, "SET a 2"), "OK");
    assert_eq!(
        field(&db, "aof_pending_bio_fsync").as_deref(),
        Some("0"),
        "the write has waited for the disk"
    );
    db.call(["CONFIG", "SET", "save", "3600 1 300 100"]).unwrap();
    assert_eq!(shown(&db, "save").unwrap(), b"3600 1 300 100");
}
