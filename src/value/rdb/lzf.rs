//! LZF, which Redis packs strings with: runs of bytes, and references back to what was there already.
//!
//! ```text
//!   000 n          n + 1 bytes follow as they are
//!   nnn o │ o      n + 2 bytes are those o + 1 bytes back, n from 1 to 6
//!   111 o │ n │ o  the same, n counted from 7
//! ```

/// The most bytes that one byte may become: three give up to 264.
const FACTOR_MAX: usize = 88;

/// Unpacks what becomes `len` bytes. Nothing: it does not, or is no LZF.
pub fn expand(packed: &[u8], len: usize) -> Option<Vec<u8>> {
    if len > packed.len().saturating_mul(FACTOR_MAX) {
        return None;
    }
    let mut out = Vec::with_capacity(len);
    let mut rest = packed.iter();
    while let Some(&head) = rest.next() {
        if head < 0x20 {
            let (run, after) = rest.as_slice().split_at_checked(usize::from(head) + 1)?;
            out.extend_from_slice(run);
            rest = after.iter();
        } else {
            let more = if head >> 5 == 7 { *rest.next()? } else { 0 };
            let count = usize::from(head >> 5) + usize::from(more) + 2;
            let back = (usize::from(head & 0x1f) << 8 | usize::from(*rest.next()?)) + 1;
            if out.len() + count > len {
                return None;
            }
            copy(&mut out, back, count)?;
        }
    }
    (out.len() == len).then_some(out)
}

/// Appends `count` bytes from `back` bytes back on: they may be among those that are just being written.
fn copy(out: &mut Vec<u8>, back: usize, count: usize) -> Option<()> {
    let start = out.len().checked_sub(back)?;
    let mut done = 0;
    while done < count {
        // What is there is repeated; with each turn there is more of it.
        let step = (out.len() - start).min(count - done);
        out.extend_from_within(start..start + step);
        done += step;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_references_are_unpacked() {
        let all = |packed: &[u8], len| expand(packed, len).map(|bytes| bytes.escape_ascii().to_string());
        assert_eq!(all(b"\x02abc", 3).unwrap(), "abc");
        assert_eq!(all(b"\x02abc\x20\x02", 6).unwrap(), "abcabc");
        assert_eq!(all(b"\x00a\xe0\x02\x00", 12).unwrap(), "aaaaaaaaaaaa", "over itself");
        assert_eq!(all(b"\x01ab\xe0\x01\x01", 12).unwrap(), "abababababab");
        assert_eq!(all(b"", 0).unwrap(), "");
    }

    #[test]
    fn what_is_no_lzf_is_refused() {
        for (packed, len) in [
            (&b"\x02abc"[..], 4),
            (b"\x02abc", 2),
            (b"\x02ab", 3),
            (b"\x00a\x20\x01", 4),
            (b"\x00a\x20", 4),
            (b"\x00a\xe0\x05", 15),
            (b"\x00a\xe0\x05\x00", 5),
            (b"\x00a\xe0\xff\x00", usize::MAX),
        ] {
            assert_eq!(expand(packed, len), None, "{}", packed.escape_ascii());
        }
    }
}
