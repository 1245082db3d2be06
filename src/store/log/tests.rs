//! The log as a whole, over a directory in memory.
mod damage;
mod live;
mod mem;

use super::{reader::Report, *};
use crate::store::vfs::Dir;
use mem::Mem;
use std::sync::Arc;

const ID: Identity = Identity { store: 77, salt: 0x5eed };

fn small() -> Options {
    Options { segment_bytes: 4096, ring_bytes: 1024, retry_ms: 0, ..Options::default() }
}

type Seen = Vec<(u64, Vec<u8>)>;

/// Opens and reads everything.
fn open_at(dir: &Mem, start: u64, durable: u64, options: Options) -> Result<(Log, Report, Seen)> {
    let mut seen = Vec::new();
    let dir: Arc<dyn Dir> = Arc::new(dir.clone());
    let mut opened = Log::open(dir, ID, start, durable, options)?;
    opened.read(&mut |_, now_ms, commands| {
        seen.push((now_ms, commands.to_vec()));
        Ok(())
    })?;
    let (log, report) = opened.finish()?;
    Ok((log, report, seen))
}

fn open(dir: &Mem) -> (Log, Report, Seen) {
    open_at(dir, 0, 0, small()).unwrap()
}

/// Record number `n`.
fn record(n: u64, len: usize) -> (u64, Vec<u8>) {
    (n, (0..len).map(|i| (n as usize * 31 + i * 7 + 1) as u8).collect())
}

fn append(log: &Log, records: &[(u64, Vec<u8>)]) -> Result<u64> {
    let mut end = log.position();
    for (now_ms, commands) in records {
        end = log.append(*now_ms, commands)?;
    }
    Ok(end)
}

fn some(from: u64, count: u64, len: usize) -> Seen {
    (from..from + count).map(|n| record(n, len)).collect()
}
