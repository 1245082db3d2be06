//! What is in a database, as text that can be compared.
use super::generate::{self, DATABASES};
use std::collections::BTreeMap;
use tenondb::{Db, Reply};

/// Every key of a database with its type, value and deadline.
pub type Content = BTreeMap<String, String>;

/// Reads everything, through commands.
pub fn of(db: &Db) -> Content {
    let mut content = Content::new();
    for index in 0..DATABASES {
        let db = db.select(index).unwrap();
        let mut keys = 0;
        for key in generate::keys() {
            let kind = text(&db.call(["TYPE", key]).unwrap());
            if kind == "none" {
                continue;
            }
            keys += 1;
            let deadline = db.call(["PEXPIRETIME", key]).unwrap().as_int().unwrap();
            content.insert(
                format!("{index}:{key}"),
                format!("{kind} {} until {deadline}", value(&db, key, &kind)),
            );
        }
        // Nothing but the keys that the histories know.
        assert_eq!(db.call(["KEYS", "*"]).unwrap().as_list().map(<[_]>::len), Some(keys), "database {index}");
    }
    content
}

fn value(db: &Db, key: &str, kind: &str) -> String {
    let reply = |words: &[&str]| db.call(words).unwrap();
    match kind {
        "string" => text(&reply(&["GET", key])),
        "list" => format!("{:?}", texts(&reply(&["LRANGE", key, "0", "-1"]))),
        "zset" => format!("{:?}", texts(&reply(&["ZRANGE", key, "0", "-1", "WITHSCORES"]))),
        // Hashes and sets have no order.
        "set" => sorted(texts(&reply(&["SMEMBERS", key]))),
        "hash" => match reply(&["HGETALL", key]) {
            Reply::Map(pairs) => {
                sorted(pairs.iter().map(|(field, value)| text(field) + "=" + &text(value)).collect())
            }
            other => panic!("HGETALL answered {other:?}"),
        },
        "stream" => {
            // When consumers last asked and were answered is no part of it.
            let full = format!("{:?}", reply(&["XINFO", "STREAM", key, "FULL", "COUNT", "0"]));
            let cut = |text: &str| text.find("))").map_or(text.to_owned(), |at| text[at..].to_owned());
            let parts = full.split("-time").map(cut);
            parts.collect()
        }
        other => panic!("{key} is a {other}"),
    }
}

fn sorted(mut texts: Vec<String>) -> String {
    texts.sort();
    format!("{texts:?}")
}

fn texts(reply: &Reply) -> Vec<String> {
    reply.as_list().unwrap().iter().map(text).collect()
}

fn text(reply: &Reply) -> String {
    match reply {
        Reply::Bytes(bytes) | Reply::Status(bytes) => bytes.escape_ascii().to_string(),
        other => format!("{other:?}"),
    }
}
