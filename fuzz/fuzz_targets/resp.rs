//! Any bytes, in any pieces: the connection neither panics nor answers differently than when they come at once.
#![no_main]
use libfuzzer_sys::fuzz_target;
use tenondb::{Clock, Db, Options, resp::Conn};

fn db() -> Db {
    Db::with(Options { clock: Clock::manual(1_000_000), threads: 0, seed: Some(1), stripes: 1, ..Options::default() })
}

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, bytes) = input;
    // What waits on purpose is not what is looked for.
    if bytes.windows(5).any(|word| word.eq_ignore_ascii_case(b"debug")) {
        return;
    }
    let (whole_db, pieces_db) = (db(), db());
    let (mut whole, mut pieces) = (Conn::new(&whole_db), Conn::new(&pieces_db));
    whole.feed(bytes);
    bytes.chunks(usize::from(piece).max(1)).for_each(|piece| pieces.feed(piece));
    let (a, b) = (whole.take_output(), pieces.take_output());
    assert!(!a.windows(14).any(|words| words == b"internal error"), "a command panicked");
    // These tell of the connection's traffic, which differs.
    let of_traffic = |word: &[u8]| word.eq_ignore_ascii_case(b"info") || word.eq_ignore_ascii_case(b"clie");
    if !bytes.windows(4).any(of_traffic) {
        assert_eq!(a.len(), b.len());
    }
});
