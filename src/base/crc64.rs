//! The checksum of dumped values: CRC-64 with Jones's polynomial, as Redis computes it.
//!
//! Eight bytes at a time: `TABLES[n]` says what a byte does to the checksum when `n` bytes follow it, so that the eight
//! look-ups of a word do not wait for each other.

/// Jones's polynomial, its bits mirrored, as the data's are.
const POLYNOMIAL: u64 = 0xad93_d235_94c9_35a9u64.reverse_bits();

static TABLES: [[u64; 256]; 8] = tables();

const fn tables() -> [[u64; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let (mut crc, mut bit) = (byte as u64, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut ahead = 1;
    while ahead < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[ahead - 1][byte];
            tables[ahead][byte] = tables[0][(before & 0xff) as usize] ^ (before >> 8);
            byte += 1;
        }
        ahead += 1;
    }
    tables
}

/// Returns the checksum of `data`.
pub fn of(data: &[u8]) -> u64 {
    let (words, rest) = data.as_chunks::<8>();
    let crc = words.iter().fold(0, |crc, word| {
        let bytes = (crc ^ u64::from_le_bytes(*word)).to_le_bytes();
        bytes.iter().enumerate().fold(0, |sum, (at, byte)| sum ^ TABLES[7 - at][usize::from(*byte)])
    });
    rest.iter().fold(crc, |crc, byte| TABLES[0][usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_redis() {
        assert_eq!(of(b"123456789"), 0xe9c6_d914_c4b8_d9ca);
        assert_eq!(of(b""), 0);
        let text = "This is a test of the emergency broadcast system.";
        // Word by word or byte by byte.
        let slowly = |data: &[u8]| {
            data.iter().fold(0u64, |crc, byte| TABLES[0][usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
        };
        for len in 0..text.len() {
            assert_eq!(of(&text.as_bytes()[..len]), slowly(&text.as_bytes()[..len]), "{len}");
        }
    }
}
