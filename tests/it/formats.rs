//! The files of a store, for ever: those that format 1 wrote are read, key by key, and left as they are by who only
//! looks; those of a version to come are refused in plain words.
//!
//! `tests/data/v1/store` is a directory as `kill -9` leaves it, with the long runs of zeros left out; `dump` is what is
//! in it. `TENON_WRITE=1 cargo test --test it formats -- --ignored` makes them anew, which is for versions that were never
//! released.
use super::store::Folder;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use tenondb::{Clock, Db, Error, Fsync, Kind, Options, Reply};

/// In the year 2100.
const LATE_MS: u64 = 4_102_444_800_000;
/// As many zeros as are worth being left out.
const RUN_BYTES: usize = 64;

/// The files of a directory.
type Files = BTreeMap<String, Vec<u8>>;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/v1").join(name)
}

fn options() -> Options {
    let clock = Clock::manual(1_800_000_000_000);
    Options {
        clock,
        threads: 0,
        seed: Some(1),
        segment_bytes: 4096,
        fsync: Fsync::Never,
        ..Options::default()
    }
}

fn files_of(dir: &Path) -> Files {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

fn unpack_into(files: &Files, dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(dir.join(name), bytes).unwrap());
}

/// The parts of `bytes` between long runs of zeros: where and what.
fn parts(bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(start) = bytes[at..].iter().position(|byte| *byte != 0).map(|skip| at + skip) {
        let run = bytes[start..].windows(RUN_BYTES).position(|run| run.iter().all(|byte| *byte == 0));
        let end = run.map_or(bytes.len(), |len| start + len);
        parts.push((start, &bytes[start..end]));
        at = end;
    }
    parts
}

/// All files in one: for each its name's length and name, its length, the number of its parts, and for each part where
/// it is, its length, its bytes. Numbers are u32, little-endian.
fn pack(files: &Files) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |number: usize, bytes: &[u8]| {
        out.extend_from_slice(&(number as u32).to_le_bytes());
        out.extend_from_slice(bytes);
    };
    for (name, bytes) in files {
        put(name.len(), name.as_bytes());
        put(bytes.len(), &[]);
        put(parts(bytes).len(), &[]);
        for (at, part) in parts(bytes) {
            put(at, &[]);
            put(part.len(), part);
        }
    }
    out
}

fn unpack(mut packed: &[u8]) -> Files {
    fn take<'p>(packed: &mut &'p [u8], count: usize) -> &'p [u8] {
        let (head, rest) = packed.split_at(count);
        *packed = rest;
        head
    }
    let number = |packed: &mut &[u8]| u32::from_le_bytes(take(packed, 4).try_into().unwrap()) as usize;
    let mut files = Files::new();
    while !packed.is_empty() {
        let len = number(&mut packed);
        let name = String::from_utf8(take(&mut packed, len).to_vec()).unwrap();
        let mut bytes = vec![0; number(&mut packed)];
        for _ in 0..number(&mut packed) {
            let (at, len) = (number(&mut packed), number(&mut packed));
            bytes[at..at + len].copy_from_slice(take(&mut packed, len));
        }
        files.insert(name, bytes);
    }
    files
}

/// The store of format 1 as it was when its process was killed.
fn store() -> Files {
    let mut files = unpack(&fs::read(data("store")).unwrap());
    // The ring is good for one run of the machine: it becomes this one.
    if let Ok(text) = fs::read_to_string("/proc/sys/kernel/random/boot_id") {
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let boot = u128::from_str_radix(&digits, 16).unwrap();
        files.get_mut("ring").unwrap()[24..40].copy_from_slice(&boot.to_be_bytes());
    }
    files
}

fn call<const N: usize>(db: &Db, words: [&[u8]; N]) -> Reply {
    db.call(words).unwrap()
}

/// The texts of a reply with escapes, a long one by its length and checksum.
fn words(reply: &Reply) -> Vec<String> {
    let word = |text: &[u8]| match text.len() {
        0..=100 => format!("\"{}\"", text.escape_ascii()),
        len => format!("<{len} bytes, crc {:08x}>", crc32fast::hash(text)),
    };
    match reply {
        Reply::Nil => vec!["nil".into()],
        Reply::Int(value) => vec![value.to_string()],
        Reply::Float(value) => vec![value.to_string()],
        Reply::Map(pairs) => {
            pairs.iter().map(|(a, b)| words(a).join(" ") + "=" + &words(b).join(" ")).collect()
        }
        Reply::Array(items) | Reply::Set(items) => items.iter().map(|item| words(item).join("=")).collect(),
        other => vec![word(other.as_bytes().unwrap())],
    }
}

/// All that a stream says of itself but how it is laid out in memory, which no file says, and when consumers last asked.
fn nested(reply: &Reply) -> String {
    let list = |items: &[Reply]| items.iter().map(nested).collect::<Vec<_>>().join(" ");
    match reply {
        Reply::Map(pairs) => {
            let pairs = pairs.iter().map(|(name, value)| (words(name).concat(), value));
            let pairs = pairs.filter(|(name, _)| !name.contains("radix") && name != "\"seen-time\"");
            let pairs = pairs.map(|(name, value)| name.replace('"', "") + "=" + &nested(value));
            pairs.collect::<Vec<_>>().join(" ")
        }
        Reply::Array(items) => format!("[{}]", list(items)),
        other => words(other).concat(),
    }
}

/// Everything in all databases, a line a key.
fn dump(db: &Db) -> String {
    let mut lines = Vec::new();
    for number in 0..16 {
        let db = db.select(number).unwrap();
        for key in call(&db, [b"KEYS", b"*"]).as_list().unwrap() {
            let key = key.as_bytes().unwrap();
            let of_type = call(&db, [b"TYPE", key]);
            let of_type = String::from_utf8_lossy(of_type.as_bytes().unwrap()).into_owned();
            let value = match of_type.as_str() {
                "string" => call(&db, [b"GET", key]),
                "list" => call(&db, [b"LRANGE", key, b"0", b"-1"]),
                "set" => call(&db, [b"SMEMBERS", key]),
                "hash" => call(&db, [b"HGETALL", key]),
                "zset" => call(&db, [b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"]),
                "stream" => call(&db, [b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"]),
                other => panic!("{other}: to be added"),
            };
            let mut value = if of_type == "stream" { vec![nested(&value)] } else { words(&value) };
            // Those that have no order.
            if matches!(of_type.as_str(), "set" | "hash") {
                value.sort();
            }
            let until = words(&call(&db, [b"PEXPIRETIME", key])).concat();
            lines.push(format!("{number} \"{}\" {of_type} {until} {}", key.escape_ascii(), value.join(" ")));
        }
    }
    lines.sort();
    lines.join("\n") + "\n"
}

fn encoding(db: &Db, key: &str) -> String {
    words(&call(db, [b"OBJECT", b"ENCODING", key.as_bytes()])).concat()
}

/// Something of every type in every encoding.
fn fill(db: &Db) {
    let line = |line: &str| {
        db.call(line.split(' ')).unwrap();
    };
    let many = |front: &str, element: &dyn Fn(u32) -> String, count: u32| {
        let words = front.split(' ').map(str::to_owned);
        let elements = (0..count).flat_map(|n| element(n).split(' ').map(str::to_owned).collect::<Vec<_>>());
        db.call(words.chain(elements).collect::<Vec<_>>()).unwrap();
    };
    for number in ["0", "-1", "64", "12345678901", "-9223372036854775808", "9223372036854775807"] {
        line(&format!("SET int:{number} {number}"));
    }
    line("SET empty ");
    line("SET short text");
    call(db, [b"SET", b"\x00\xff binary \r\n", b"\x00\x01\xfe\xff"]);
    call(db, [b"SET", b"raw", "0123456789".repeat(30).as_bytes()]);
    // Its pieces are several.
    line("SETRANGE huge 600000 end");
    line("RPUSH list:small a 1 -300 70000 5000000000 -9000000000000000000");
    many("RPUSH list:large", &|n| format!("element-{n}"), 1200);
    let wide = vec![0; 60_000];
    call(db, [b"RPUSH", b"list:wide", &wide, &wide, &wide, &wide, &wide, &wide]);
    line("SADD set:ints 1 -5 70000 9223372036854775807 -9223372036854775808");
    line("SADD set:small a b 1 2");
    many("SADD set:large", &|n| format!("member-{n} {n}"), 200);
    line("HSET hash:small f v count 5");
    many("HSET hash:large", &|n| format!("field-{n} {n}"), 600);
    line("ZADD zset:small 1.5 a -inf low inf high 0 zero -0.0001 b");
    many("ZADD zset:large", &|n| format!("{} member-{n}", f64::from(n % 50) / 4.0), 300);
    many("ZADD zset:lex", &|n| format!("0 word-{n}"), 300);
    line("ZRANGEBYLEX zset:lex [word-2 [word-3");
    fill_streams(db);
    for key in ["short", "int:64", "list:small", "set:small", "hash:large", "zset:small", "huge"] {
        db.call(["COPY", key, &format!("until:{key}")]).unwrap();
        db.call(["PEXPIREAT", &format!("until:{key}"), &(LATE_MS + key.len() as u64).to_string()]).unwrap();
    }
}

/// Streams with entries alike and not, with a past, with groups, consumers and what is pending, and without entries.
fn fill_streams(db: &Db) {
    let line = |line: &str| {
        db.call(line.split(' ')).unwrap();
    };
    line("XADD stream:small 1-1 f v g w");
    line("XADD stream:small 1-2 f other g values");
    line("XADD stream:small 5000000000000-18446744073709551615 one-more field");
    call(db, [b"XADD", b"stream:small", b"5000000000001-0", b"\x00\xff", b"\r\n"]);
    line("XDEL stream:small 1-2");
    // Several blocks.
    for n in 1..=400 {
        line(&format!("XADD stream:large {}-{} n {n} text entry-{n}", 1_700_000_000_000_u64 + n / 3, n % 3));
    }
    line("XDEL stream:large 1700000000005-0 1700000000040-2");
    line("XGROUP CREATE stream:large readers 0 ENTRIESREAD 0");
    line("XGROUP CREATE stream:large unknown 1700000000009-1");
    line("XGROUP CREATE stream:large last $");
    line("XGROUP CREATECONSUMER stream:large readers idle");
    line("XREADGROUP GROUP readers alice COUNT 40 STREAMS stream:large >");
    line("XREADGROUP GROUP readers bob COUNT 20 STREAMS stream:large >");
    line("XREADGROUP GROUP unknown bob COUNT 2 STREAMS stream:large >");
    line("XACK stream:large readers 1700000000001-0 1700000000015-1");
    line("XCLAIM stream:large readers bob 0 1700000000002-0 TIME 1700000000123 RETRYCOUNT 7");
    // One that is pending, and gone.
    line("XDEL stream:large 1700000000003-0");
    line("XGROUP CREATE stream:new readers $ MKSTREAM");
    line("XADD stream:gone 7-7 f v");
    line("XTRIM stream:gone MAXLEN 0");
}

/// Makes a store with all that a directory can have, and returns it as it is while its process still lives.
fn make(folder: &Path) -> (Files, String) {
    let db = Db::open_with(folder, options()).unwrap();
    fill(&db);
    for (key, wanted) in [
        ("int:64", "int"),
        ("short", "embstr"),
        ("raw", "raw"),
        ("list:small", "listpack"),
        ("list:large", "quicklist"),
        ("set:ints", "intset"),
        ("set:small", "listpack"),
        ("set:large", "hashtable"),
        ("hash:small", "listpack"),
        ("hash:large", "hashtable"),
        ("zset:small", "listpack"),
        ("zset:large", "skiplist"),
        ("stream:small", "stream"),
    ] {
        assert_eq!(encoding(&db, key), format!("\"{wanted}\""), "{key}");
    }
    let other = db.select(15).unwrap();
    other.call(["SET", "short", "in another database"]).unwrap();
    for n in 0..300 {
        db.call(["SET", "again", &n.to_string()]).unwrap();
        if n % 20 == 0 {
            db.sync().unwrap();
        }
    }
    db.call(["SAVE"]).unwrap();
    // Several segments of the log behind it: what a snapshot has, changed, removed, made, in several databases.
    for n in 0..200 {
        other.call(["RPUSH", "log", &format!("entry {n}")]).unwrap();
        db.call(["HINCRBYFLOAT", "hash:small", "sum", "0.25"]).unwrap();
        db.call(["ZINCRBY", "zset:large", "0.5", &format!("member-{n}")]).unwrap();
        if n % 50 == 0 {
            db.call(["XADD", "stream:large", &format!("1800000000000-{}", n + 1), "n", "logged"]).unwrap();
            db.call(["XREADGROUP", "GROUP", "last", "alice", "STREAMS", "stream:large", ">"]).unwrap();
        }
        if n % 20 == 0 {
            db.sync().unwrap();
        }
    }
    let wide = vec![0; 70_000];
    call(&db, [b"SET", b"wide", &wide]);
    call(&db, [b"RPUSH", b"list:wide", &[0; 300_000]]);
    db.sync().unwrap();
    // These wait in the ring.
    db.transaction(|tx| {
        tx.call(["MSET", "tx:1", "one", "tx:2", "two"])?;
        tx.call(["DEL", "raw"])?;
        Ok(())
    })
    .unwrap();
    db.select(9).unwrap().call(["ZADD", "late", "1", "a", "2", "b"]).unwrap();
    db.call(["SPOP", "set:ints", "2"]).unwrap();
    db.call(["RENAME", "short", "renamed"]).unwrap();
    db.call(["SET", "until", "late", "PXAT", &LATE_MS.to_string()]).unwrap();
    db.call(["HDEL", "hash:large", "field-0"]).unwrap();
    db.call(["XACK", "stream:large", "last", "1800000000000-1"]).unwrap();
    db.call(["XSETID", "stream:new", "9-9"]).unwrap();
    (files_of(folder), dump(&db))
}

#[test]
#[ignore = "writes the files that the others read"]
fn makes_a_store_of_this_version() {
    if std::env::var_os("TENON_WRITE").is_none() {
        return;
    }
    let folder = Folder::new("formats-make");
    let (files, dump) = make(&folder.0);
    assert!(unpack(&pack(&files)) == files);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    for wanted in ["LOCK", "MANIFEST", "log-", "ring", "snap-"] {
        assert!(names.iter().any(|name| name.starts_with(wanted)), "{wanted}: {names:?}");
    }
    fs::create_dir_all(data("")).unwrap();
    fs::write(data("store"), pack(&files)).unwrap();
    fs::write(data("dump"), dump).unwrap();
}

/// What `dump` should be; the first line that is not says more than all.
fn assert_same(found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

#[test]
fn a_store_of_format_1_is_read_and_goes_on() {
    let folder = Folder::new("formats-read");
    unpack_into(&store(), &folder.0);
    let expected = fs::read_to_string(data("dump")).unwrap();
    let features = || fs::read(folder.0.join("MANIFEST")).unwrap()[12];
    assert_eq!(features(), 0);
    let db = Db::open_with(&folder.0, options()).unwrap();
    assert_eq!(features(), 1, "from now on records may be short");
    assert_same(&dump(&db), &expected);
    let report = db.open_report().unwrap();
    assert!(report.keys > 20 && report.records > 100 && report.cut.is_empty(), "{report}");
    assert!(report.ring_bytes > 100 || cfg!(not(target_os = "linux")), "{report}");
    db.call(["SET", "since", "then"]).unwrap();
    db.call(["SAVE"]).unwrap();
    let changed = dump(&db);
    db.close().unwrap();
    drop(db);
    assert_same(&dump(&Db::open_with(&folder.0, options()).unwrap()), &changed);
}

#[test]
fn looking_at_a_store_changes_no_byte_of_it() {
    let (folder, files) = (Folder::new("formats-look"), store());
    unpack_into(&files, &folder.0);
    let (db, report) = Db::inspect(&folder.0, options()).unwrap();
    assert_same(&dump(&db), &fs::read_to_string(data("dump")).unwrap());
    assert!(report.cut.is_empty(), "{report}");
    drop(db);
    let mut after = files_of(&folder.0);
    // Who looks has the store to itself, too: whose number stands there is all that differs.
    after.insert("LOCK".into(), files["LOCK"].clone());
    assert!(after.keys().eq(files.keys()), "{:?}", after.keys());
    for (name, bytes) in &files {
        assert!(&after[name] == bytes, "{name} was changed");
    }
}

#[test]
fn after_a_power_failure_the_ring_is_not_believed() {
    let (folder, mut files) = (Folder::new("formats-power"), store());
    files.get_mut("ring").unwrap()[24] ^= 1;
    unpack_into(&files, &folder.0);
    let (db, report) = Db::inspect(&folder.0, options()).unwrap();
    assert_eq!(report.ring_bytes, 0);
    assert_eq!(words(&call(&db, [b"MGET", b"tx:1", b"short"])), ["nil", "\"text\""]);
}

/// The store of format 1 with other `bytes` at offset `at` of the last file whose name starts with `front`, and the
/// checksum made right. The first segment may be one that nobody needs to read any more.
fn patched(front: &str, at: usize, bytes: &[u8]) -> Files {
    let mut files = store();
    let (_, file) = files.iter_mut().rfind(|(name, _)| name.starts_with(front)).unwrap();
    let end = if front == "MANIFEST" { file.len() } else { 64 } - 4;
    file[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32fast::hash(&file[..end]);
    file[end..end + 4].copy_from_slice(&crc.to_le_bytes());
    files
}

fn look(name: &str, files: &Files, salvage: bool) -> Result<Db, Error> {
    let folder = Folder::new(name);
    unpack_into(files, &folder.0);
    Db::inspect(&folder.0, Options { salvage, ..options() }).map(|(db, _)| db)
}

#[test]
fn files_of_a_version_to_come_are_refused_by_every_way_in() {
    for front in ["MANIFEST", "log-", "snap-"] {
        for (at, bytes, says) in [
            (8, [2, 0], "written by a newer version (format 2, this one reads 1)"),
            (12, [4, 0], "written by a newer version (it needs features 0x4)"),
            (12, [0, 0x80], "written by a newer version (it needs features 0x8000)"),
        ] {
            let files = patched(front, at, &bytes);
            for salvage in [false, true] {
                let error = look("formats-newer", &files, salvage).err().unwrap();
                let text = error.to_string();
                assert_eq!(error.kind(), Kind::Corrupt, "{text}");
                assert!(text.contains(says) && text.contains(front), "{text}");
            }
            let folder = Folder::new("formats-newer-open");
            unpack_into(&files, &folder.0);
            assert_eq!(Db::open_with(&folder.0, options()).err().unwrap().kind(), Kind::Corrupt);
            assert!(files_of(&folder.0).keys().eq(files.keys()), "refused, but touched");
        }
    }
}

#[test]
fn a_newer_minor_version_and_features_that_one_may_ignore_are_read() {
    let expected = fs::read_to_string(data("dump")).unwrap();
    for front in ["MANIFEST", "log-", "snap-"] {
        for (at, bytes) in [(10, [1, 0]), (14, [1, 0x80])] {
            // The chain of a snapshot's frames begins with the checksum of its header.
            if front != "snap-" {
                assert_same(
                    &dump(&look("formats-minor", &patched(front, at, &bytes), false).unwrap()),
                    &expected,
                );
            }
        }
    }
}

#[test]
fn a_manifest_that_grew_is_read() {
    let mut files = store();
    let manifest = files.get_mut("MANIFEST").unwrap();
    manifest.truncate(124);
    manifest.extend_from_slice(b"what a minor version to come may add");
    let crc = crc32fast::hash(manifest);
    manifest.extend_from_slice(&crc.to_le_bytes());
    let expected = fs::read_to_string(data("dump")).unwrap();
    assert_same(&dump(&look("formats-grown", &files, false).unwrap()), &expected);
}
