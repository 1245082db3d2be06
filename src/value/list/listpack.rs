//! How many bytes an entry would take in Redis's listpack: its limits are in those bytes.
use crate::base::num;

/// Bytes of the header and of the terminator.
pub const HEAD_BYTES: usize = 7;

/// Most characters of an integer of 64 bits.
const INT_LEN_MAX: usize = 20;

/// Returns the bytes of an entry: integers are stored in their narrowest width, and everything is followed by its
/// own length.
pub fn entry_bytes(entry: &[u8]) -> u32 {
    let data = match integer(entry) {
        Some(0..=127) => 1,
        Some(-4096..=4095) => 2,
        Some(-0x8000..=0x7FFF) => 3,
        Some(-0x80_0000..=0x7F_FFFF) => 4,
        Some(-0x8000_0000..=0x7FFF_FFFF) => 5,
        Some(_) => 9,
        None => match entry.len() {
            len @ 0..=63 => 1 + len,
            len @ 64..=4095 => 2 + len,
            len => 5 + len,
        },
    };
    let back = match data {
        0..=127 => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    };
    (data + back) as u32
}

#[inline]
fn integer(entry: &[u8]) -> Option<i64> {
    match entry {
        [b'-' | b'0'..=b'9', ..] if entry.len() <= INT_LEN_MAX => num::parse_int(entry),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_redis() {
        for (text, bytes) in [
            ("", 2),
            ("0", 2),
            ("127", 2),
            ("128", 3),
            ("-1", 3),
            ("-4096", 3),
            ("4096", 4),
            ("-32769", 5),
            ("8388608", 6),
            ("2147483648", 10),
            ("-9223372036854775808", 10),
            ("9223372036854775808", 21),
            ("007", 5),
            ("-0", 4),
        ] {
            assert_eq!(entry_bytes(text.as_bytes()), bytes, "{text}");
        }
        for (len, bytes) in [(63, 65), (64, 67), (125, 128), (126, 130), (4095, 4099), (4096, 4103)] {
            assert_eq!(entry_bytes(&vec![b'x'; len]), bytes, "{len}");
        }
    }
}
