//! What the contract costs: the same commands at each door, on data that stands in the processor's cache.
use std::hint::black_box;
use tenondb::{Db, Run, Sets, SortedSets, Strings, resp::Conn};
use tenondb_compare::{race::Race, wire::Server};

const MEMBERS: usize = 100;

/// One command as words, and what puts things back after it, if it takes something away.
struct Job {
    title: &'static str,
    words: &'static [&'static str],
    restore: Option<&'static [&'static str]>,
}

const JOBS: &[Job] = &[
    Job { title: "GET", words: &["GET", "key"], restore: None },
    Job { title: "SET", words: &["SET", "key", "0123456789abcdef"], restore: None },
    Job { title: "ZADD", words: &["ZADD", "board", "7", "member:50"], restore: None },
    Job { title: "ZRANGE of 100", words: &["ZRANGE", "board", "0", "-1"], restore: None },
    Job {
        title: "SPOP and the SADD of what it took",
        words: &["SPOP", "one"],
        restore: Some(&["SADD", "one", "member"]),
    },
    Job { title: "MSET of 4", words: &["MSET", "a", "1", "b", "2", "c", "3", "d", "4"], restore: None },
];

fn database() -> Db {
    let db = Db::memory();
    db.set("key", "0123456789abcdef").unwrap();
    for n in 0..MEMBERS {
        db.zadd("board", n as f64, format!("member:{n}")).unwrap();
    }
    db.sadd("one", &["member"]).unwrap();
    db
}

/// The same job through the typed door.
fn typed(db: &impl Run, title: &str) {
    match title {
        "GET" => drop(black_box(db.get("key").unwrap())),
        "SET" => db.set("key", "0123456789abcdef").unwrap(),
        "ZADD" => drop(black_box(db.zadd("board", 7.0, "member:50").unwrap())),
        "ZRANGE of 100" => drop(black_box(db.zrange("board", 0, -1).unwrap())),
        "MSET of 4" => db.mset(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]).unwrap(),
        _ => {
            black_box(db.spop("one", 1).unwrap());
            db.sadd("one", &["member"]).map(drop).unwrap();
        }
    }
}

fn request(words: &[&str]) -> Vec<u8> {
    let mut text = format!("*{}\r\n", words.len());
    words.iter().for_each(|word| text.push_str(&format!("${}\r\n{word}\r\n", word.len())));
    text.into_bytes()
}

fn say(conn: &mut Conn, bytes: &[u8]) {
    conn.feed(bytes);
    let len = black_box(conn.output().len());
    conn.consume(len);
}

pub fn run(_: Option<&Server>) {
    for job in JOBS {
        let db = database();
        let commands: Vec<&[&str]> = [Some(job.words), job.restore].into_iter().flatten().collect();
        let plain: Vec<u8> = commands.iter().flat_map(|words| request(words)).collect();
        let exec = [request(&["MULTI"]), plain.clone(), request(&["EXEC"])].concat();
        let (mut alone, mut multi) = (Conn::new(&db), Conn::new(&db));
        let (db, commands) = (&db, &commands);
        Race::new(format!("{} at each door", job.title))
            .with("typed", |_| typed(db, job.title))
            .with("resp::Conn", move |_| say(&mut alone, &plain))
            .with("db.call", |_| commands.iter().for_each(|words| drop(black_box(db.call(*words).unwrap()))))
            .with("db.batch", |_| {
                let mut batch = db.batch();
                for words in commands {
                    batch.call(*words);
                }
                black_box(batch.run().unwrap());
            })
            .with("MULTI … EXEC at resp::Conn", move |_| say(&mut multi, &exec))
            .with("typed, in a closure", |_| {
                db.transaction(|tx| {
                    typed(tx, job.title);
                    Ok(())
                })
                .unwrap();
            })
            .run();
    }
}
