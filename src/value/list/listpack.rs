//! How many bytes an entry would take in Redis's listpack: its limits are in those bytes.
use crate::base::num;

/// Bytes of one without entries: its header and its terminator.
pub const EMPTY_BYTES: usize = 7;

/// Returns the bytes of an entry: integers are stored in their narrowest width, and everything is followed by its
/// own length.
pub fn entry_bytes(entry: &[u8]) -> u32 {
    if let Some(int) = num::parse_int(entry) {
        return int_bytes(int) as u32;
    }
    let data = match entry.len() {
        len @ 0..=63 => 1 + len,
        len @ 64..=4095 => 2 + len,
        len => 5 + len,
    };
    (data + back_bytes(data)) as u32
}

/// Returns the bytes of an entry that is this integer.
pub fn int_bytes(value: i64) -> usize {
    match value {
        0..=127 => 2,
        -4096..=4095 => 3,
        -0x8000..=0x7FFF => 4,
        -0x80_0000..=0x7F_FFFF => 5,
        -0x8000_0000..=0x7FFF_FFFF => 6,
        _ => 10,
    }
}

/// Returns the bytes of the length that stands behind `len` bytes: 5 at most.
pub fn back_bytes(len: usize) -> usize {
    match len {
        // Redis's own thresholds: two of them are one below what would fit.
        0..=127 => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
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
