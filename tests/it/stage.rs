//! What several modules need: databases in every encoding, a connection that is spoken to in lines, the journal.
use tenondb::{Db, Encodings, Options, resp::Conn};

/// Limits at which small collections are soon indexed.
pub fn soon() -> Encodings {
    Encodings {
        hash_max_listpack_entries: 4,
        hash_max_listpack_value: 8,
        set_max_intset_entries: 4,
        set_max_listpack_entries: 6,
        set_max_listpack_value: 8,
        ..Encodings::default()
    }
}

/// The encodings that a test is run in.
pub fn encodings() -> [Encodings; 3] {
    [Encodings::default(), soon(), Encodings::NEVER_COMPACT]
}

/// A database that keeps a journal.
pub fn open(encodings: Encodings) -> (Db, Options) {
    let options =
        Options { encodings, threads: 0, stripes: 2, seed: Some(1), journal: true, ..Options::default() };
    (Db::with(options.clone()), options)
}

/// Makes the database again from its journal, and checks that this writes the same journal.
pub fn again(db: &Db, options: Options) -> Db {
    let again = Db::replay(&db.journal(), options).unwrap();
    let encoded = |db: &Db| db.journal().into_iter().map(|step| step.encoded).collect::<Vec<_>>();
    assert!(encoded(&again) == encoded(db), "the journal of a journal is itself");
    again
}

/// Says a line and returns the reply as it is sent.
pub fn say(conn: &mut Conn, line: &str) -> String {
    conn.feed(format!("{line}\r\n").as_bytes());
    String::from_utf8(conn.take_output()).unwrap()
}

/// Says a line and returns the reply with spaces for line breaks.
pub fn ask(conn: &mut Conn, line: &str) -> String {
    say(conn, line).replace("\r\n", " ").trim_end().to_string()
}

/// Says lines that change nothing, and checks that the journal does not grow.
pub fn unrecorded(db: &Db, lines: &[&str]) {
    let (mut conn, steps) = (Conn::new(db), db.journal().len());
    for line in lines {
        say(&mut conn, line);
        assert_eq!(db.journal().len(), steps, "{line}");
    }
}

/// Says lines on one connection while another watches `key`, and checks that a transaction then runs, or does not.
pub fn watched(db: &Db, key: &str, lines: &[(&str, bool)]) {
    let mut conn = Conn::new(db);
    for (line, runs) in lines {
        say(&mut conn, &format!("WATCH {key}"));
        say(&mut Conn::new(db), line);
        say(&mut conn, "MULTI");
        assert_eq!(say(&mut conn, "EXEC"), if *runs { "*0\r\n" } else { "*-1\r\n" }, "{line}");
    }
}

/// Says lines and checks the replies, with spaces for line breaks.
pub fn answers(db: &Db, lines: &[(&str, &str)]) {
    let mut conn = Conn::new(db);
    for (line, reply) in lines {
        assert_eq!(ask(&mut conn, line), *reply, "{line}");
    }
}
