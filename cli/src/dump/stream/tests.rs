//! Streams are written and loaded again: entries, groups, what is pending and not there any more.
use crate::dump;
use tenondb::{Db, Reply, resp::Conn};

fn say(db: &Db, line: &str) -> Reply {
    db.call(line.split(' ')).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn written(db: &Db) -> Vec<u8> {
    let mut text = Vec::new();
    dump::write(db, None, &mut text).unwrap();
    text
}

/// Writes the database, loads that into another one, and compares them.
fn assert_comes_back(db: &Db) -> String {
    let (text, again) = (written(db), Db::memory());
    let mut conn = Conn::new(&again);
    conn.feed(&text);
    let output = conn.take_output();
    let text = text.escape_ascii().to_string();
    assert!(!output.split(|b| *b == b'\n').any(|l| l.starts_with(b"-")), "{}", output.escape_ascii());
    assert_eq!(say(db, "DEBUG DIGEST"), say(&again, "DEBUG DIGEST"), "{text}");
    text
}

#[test]
fn entries_groups_and_what_is_pending() {
    let db = Db::memory();
    for n in 1..=3000 {
        say(&db, &format!("XADD s {}-{} n {n} f v", n / 3, n % 3 + 1));
    }
    say(&db, "XADD s 1001-0 one-field with-words");
    say(&db, "XDEL s 7-1 1001-0");
    say(&db, "XGROUP CREATE s readers 5-2");
    say(&db, "XGROUP CREATE s known 0 ENTRIESREAD 0");
    say(&db, "XGROUP CREATE s alone $");
    say(&db, "XGROUP CREATECONSUMER s readers idle");
    say(&db, "XREADGROUP GROUP readers alice COUNT 150 STREAMS s >");
    say(&db, "XREADGROUP GROUP readers bob COUNT 5 STREAMS s >");
    say(&db, "XREADGROUP GROUP known bob COUNT 3 STREAMS s >");
    say(&db, "XCLAIM s readers bob 0 6-1 8-2 TIME 1234567 RETRYCOUNT 9");
    let text = assert_comes_back(&db);
    assert!(text.contains("ENTRIESREAD") && text.contains("1234567") && text.contains("CREATECONSUMER"));
    assert!(!text.contains("XTRIM"), "nothing was removed that is pending");
}

#[test]
fn what_is_pending_but_not_in_the_stream_any_more() {
    // Trimmed, which leaves no trace; deleted, in the midst; all of it.
    for (name, removed) in
        [("trim", "XTRIM s MAXLEN 3"), ("del", "XDEL s 2-0 4-0 5-0"), ("all", "XTRIM s MAXLEN 0")]
    {
        let db = Db::memory();
        for n in 1..=6 {
            say(&db, &format!("XADD s {n}-0 f v"));
        }
        say(&db, "XGROUP CREATE s g 0");
        say(&db, "XREADGROUP GROUP g c COUNT 5 STREAMS s >");
        say(&db, removed);
        let text = assert_comes_back(&db);
        assert_eq!(text.contains("XTRIM"), name != "del", "{text}");
    }
}

#[test]
fn streams_without_entries() {
    let db = Db::memory();
    say(&db, "XGROUP CREATE new g $ MKSTREAM");
    say(&db, "XADD gone 5-5 f v");
    say(&db, "XDEL gone 5-5");
    say(&db, "XADD trimmed MAXLEN 0 6-6 f v");
    say(&db, "PEXPIREAT trimmed 9999999999998");
    let text = assert_comes_back(&db);
    assert!(text.contains("PEXPIREAT"), "{text}");
}
