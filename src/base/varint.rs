//! Whole numbers in as few bytes as they need: seven bits a byte, low ones first; signed ones folded first, so that
//! small negative ones are short, too.
use super::limits::STRING_BYTES_MAX;

/// Appends `value`: 1 to 10 bytes.
#[inline]
pub fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a number from the front of `rest`; `None`, with an unspecified `rest`: cut short, or more than 64 bits.
#[inline]
pub fn read(rest: &mut &[u8]) -> Option<u64> {
    // Most are short.
    if let Some((&byte, after)) = rest.split_first()
        && byte < 0x80
    {
        *rest = after;
        return Some(byte.into());
    }
    read_long(rest)
}

fn read_long(rest: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        if shift == 63 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
}

/// Appends a signed number.
#[inline]
pub fn write_signed(out: &mut Vec<u8>, value: i64) {
    write(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Takes a signed number, as [`read`] does.
#[inline]
pub fn read_signed(rest: &mut &[u8]) -> Option<i64> {
    let folded = read(rest)?;
    Some((folded >> 1) as i64 ^ -((folded & 1) as i64))
}

/// Appends a length and as many bytes.
#[inline]
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes what [`write_bytes`] appended; `None` also for more bytes than any string may have.
#[inline]
pub fn read_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(read(rest)?).ok().filter(|len| *len <= STRING_BYTES_MAX)?;
    let (bytes, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_and_take_the_bytes_they_need() {
        let mut out = Vec::new();
        let numbers = [0, 1, 127, 128, 300, 1 << 35, u64::MAX - 1, u64::MAX];
        numbers.iter().for_each(|n| write(&mut out, *n));
        let signed = [0, -1, 1, 63, -64, 64, i64::MIN, i64::MAX];
        signed.iter().for_each(|n| write_signed(&mut out, *n));
        write_bytes(&mut out, b"text");
        let mut rest = &out[..];
        assert!(numbers.iter().all(|n| read(&mut rest) == Some(*n)));
        assert!(signed.iter().all(|n| read_signed(&mut rest) == Some(*n)));
        assert_eq!((read_bytes(&mut rest), rest), (Some(&b"text"[..]), &b""[..]));
        let mut short = Vec::new();
        [-64, 63].iter().for_each(|n| write_signed(&mut short, *n));
        assert_eq!(short.len(), 2);
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(read(&mut &[0xff; 10][..]), None, "more than 64 bits");
        assert_eq!(read(&mut &[0x80, 0x80][..]), None, "cut short");
        assert_eq!(read(&mut &[][..]), None);
        assert_eq!(read_bytes(&mut &[3, b'a', b'b'][..]), None, "more than there is");
        assert_eq!(read_bytes(&mut &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1][..]), None);
    }
}
