//! Counts of elements, with the errors Redis has for them.
use crate::base::{
    atom::Args,
    error::{Error, Result},
};

/// Takes a count whose sign is a direction or a choice: LREM, SRANDMEMBER, `LPOS … RANK`. It can be negated.
///
/// # Errors
/// Text, or the one integer that cannot be negated.
pub fn signed(args: &mut Args<'_>) -> Result<i64> {
    const OUT_OF_RANGE: &str =
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
    match args.int()? {
        i64::MIN => Err(Error::command(OUT_OF_RANGE)),
        count => Ok(count),
    }
}

/// Takes a count from 0 on: LPOP, SPOP.
///
/// # Errors
/// `ERR value is out of range, must be positive`, for text as well.
pub fn unsigned(args: &mut Args<'_>) -> Result<u64> {
    unsigned_or(args, "ERR value is out of range, must be positive")
}

/// Takes a count from 0 on, or fails with the command's own text, whatever is wrong with it.
pub fn unsigned_or(args: &mut Args<'_>, bad: &'static str) -> Result<u64> {
    let count = args.int_or(|| Error::command(bad))?;
    u64::try_from(count).map_err(|_| Error::command(bad))
}
