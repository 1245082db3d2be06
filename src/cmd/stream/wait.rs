//! What XREAD and XREADGROUP share of waiting.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        error::{Error, Result},
    },
    cmd::wait::Patience,
    value::Type,
};

/// Takes the argument of `BLOCK`: milliseconds.
pub fn parse(args: &mut Args<'_>) -> Result<u64> {
    let timeout = args.int_or(|| Error::command("ERR timeout is not an integer or out of range"))?;
    u64::try_from(timeout).map_err(|_| Error::command("ERR timeout is negative"))
}

/// Waits for streams so many milliseconds; 0: for ever.
pub fn patience(block_ms: u64, until_gone: bool) -> Patience {
    let timeout_ms = (block_ms > 0).then_some(block_ms);
    Patience { kind: Type::Stream, keys: usize::MAX, until_gone, timeout_ms, settled: None }
}

/// The options that both have, as words.
pub fn words(count: u64, block_ms: Option<u64>) -> Vec<Bytes> {
    let mut words = Vec::new();
    if count > 0 {
        words.extend([Bytes::copy(b"COUNT"), Bytes::copy(count.to_string().as_bytes())]);
    }
    if let Some(block_ms) = block_ms {
        words.extend([Bytes::copy(b"BLOCK"), Bytes::copy(block_ms.to_string().as_bytes())]);
    }
    words
}
