//! Any bytes as a dumped value, their checksum made right: RESTORE refuses or reads them, in proportion to what they are; and
//! what it has read is dumped and restored once more, the same.
#![no_main]
use libfuzzer_sys::fuzz_target;
// The allocator with a limit comes with it.
use tenondb_fuzz as _;
use tenondb::{Clock, Db, Encodings, Options, Reply};

/// The version of the format and the checksum.
const FOOT_BYTES: usize = 10;

fn db(encodings: Encodings) -> Db {
    Db::with(Options {
        clock: Clock::manual(1_700_000_000_000),
        threads: 0,
        seed: Some(1),
        stripes: 1,
        encodings,
        ..Options::default()
    })
}

fn crc(bytes: &[u8]) -> [u8; 8] {
    let polynomial = 0xad93_d235_94c9_35a9u64.reverse_bits();
    let crc = bytes.iter().fold(0u64, |crc, byte| {
        let crc = crc ^ u64::from(*byte);
        (0..8).fold(crc, |crc, _| if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 })
    });
    crc.to_le_bytes()
}

fn digest(db: &Db, key: &str) -> Reply {
    // Whether a zero keeps its sign depends on when a sorted set became large.
    let zset = db.call(["TYPE", key]).unwrap() == Reply::Status(b"zset".to_vec().into());
    let words: &[&str] = if zset { &["ZCARD", key] } else { &["DEBUG", "DIGEST-VALUE", key] };
    db.call(words).unwrap()
}

fuzz_target!(|input: &[u8]| {
    let Some((&flags, payload)) = input.split_first() else { return };
    let mut payload = payload.to_vec();
    if let (Some(end), true) = (payload.len().checked_sub(8), flags & 2 == 0) {
        let sum = crc(&payload[..end]);
        payload[end..].copy_from_slice(&sum);
    }
    let db = db(if flags & 1 == 0 { Encodings::default() } else { Encodings::NEVER_COMPACT });
    let restore = |key: &str, payload: &[u8]| db.call([b"RESTORE", key.as_bytes(), b"0", payload]);
    if let Err(error) = restore("k", &payload) {
        let text = error.to_string();
        let known = ["ERR DUMP payload", "ERR Bad data format"].iter().any(|start| text.starts_with(start));
        assert!(known, "{text}");
        return;
    }
    assert!(payload.len() > FOOT_BYTES);
    let dumped = db.call(["DUMP", "k"]).unwrap();
    restore("again", dumped.as_bytes().unwrap()).unwrap();
    assert_eq!(digest(&db, "k"), digest(&db, "again"));
    db.call(["DEL", "k", "again"]).unwrap();
});
