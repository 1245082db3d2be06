//! How the values of parameters are written: numbers, amounts of memory, words.
use crate::base::num;
use std::borrow::Cow;

/// Why a value is refused, as CONFIG SET says it.
pub type Refusal = Cow<'static, str>;

/// Reads an integer between `min` and `max`.
pub fn int(text: &[u8], min: i64, max: i64) -> Result<i64, Refusal> {
    let value = num::parse_int(text).ok_or("argument couldn't be parsed into an integer")?;
    within(value, min, max)
}

/// Reads an amount of memory between `min` and `max` bytes: `1024`, `1k`, `1kb`, `64mb`, `1gb`.
pub fn memory(text: &[u8], min: i64, max: i64) -> Result<i64, Refusal> {
    let bytes = bytes(text).ok_or("argument must be a memory value")?;
    within(i64::try_from(bytes).unwrap_or(i64::MAX), min, max)
}

fn within(value: i64, min: i64, max: i64) -> Result<i64, Refusal> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(format!("argument must be between {min} and {max} inclusive").into())
}

/// Reads an amount of memory, as Redis does: `k` is 1000, `kb` is 1024.
pub fn bytes(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    std::str::from_utf8(number).ok()?.parse::<u64>().ok()?.checked_mul(factor)
}

/// Reads `yes` or `no`.
pub fn yes_or_no(text: &[u8]) -> Result<bool, Refusal> {
    match text.to_ascii_lowercase().as_slice() {
        b"yes" => Ok(true),
        b"no" => Ok(false),
        _ => Err("argument must be 'yes' or 'no'".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_two_kinds_of_units() {
        let yes: [(&[u8], u64); 6] =
            [(b"7", 7), (b"7b", 7), (b"1k", 1000), (b"1KB", 1024), (b"2mb", 2 << 20), (b"1Gb", 1 << 30)];
        assert!(yes.iter().all(|(text, value)| bytes(text) == Some(*value)));
        for no in ["", "b", "-1", "1x", "1 kb", "99999999999999999999", "99999999999gb"] {
            assert_eq!(bytes(no.as_bytes()), None, "{no}");
        }
        assert!(memory(b"1", 2, 3).unwrap_err().contains("between 2 and 3 inclusive"));
    }
}
