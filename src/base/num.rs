//! Redis's texts of integers and doubles, both ways.

/// Reads a decimal integer exactly as Redis does: an optional `-`, no `+`, no leading zeros, no spaces.
#[inline]
pub fn parse_int(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() <= 19 => {}
        _ => return None,
    }
    let mut value: u64 = 0;
    for &d in digits {
        let d = d.wrapping_sub(b'0');
        if d > 9 {
            return None;
        }
        // 19 digits stay below 10^19 < 2^64.
        value = value * 10 + u64::from(d);
    }
    if negative { 0i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// Reads an unsigned decimal integer of up to 20 digits (scan cursors).
pub fn parse_unsigned(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 20 {
        return None;
    }
    text.iter().try_fold(0u64, |v, d| {
        let d = d.wrapping_sub(b'0');
        (d <= 9).then(|| v.checked_mul(10)?.checked_add(u64::from(d)))?
    })
}

/// Reads a double as Redis does: decimal or `inf`/`infinity`, any sign; no spaces, no NaN, nothing that
/// over- or underflows.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    if let Some(v) = parse_int(text) {
        return Some(v as f64);
    }
    let text = std::str::from_utf8(text).ok()?;
    let value: f64 = text.parse().ok()?;
    let digits = text.trim_start_matches(['-', '+']);
    let spelled_infinite = digits.as_bytes().first().is_some_and(|b| matches!(b, b'i' | b'I'));
    if value.is_nan() || value.is_infinite() != spelled_infinite {
        return None;
    }
    let mantissa = digits.split(['e', 'E']).next().unwrap_or_default();
    let underflowed = value == 0.0 && mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b));
    (!underflowed).then_some(value)
}

/// The text of a number, on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    data: [u8; Self::MAX],
    len: u8,
}

impl Text {
    const MAX: usize = 32;

    fn empty() -> Self {
        Self { data: [0; Self::MAX], len: 0 }
    }

    fn push(&mut self, bytes: &[u8]) {
        let at = usize::from(self.len);
        self.data[at..at + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len() as u8;
    }

    fn zeros(&mut self, count: usize) {
        for _ in 0..count {
            self.push(b"0");
        }
    }

    /// Renders an integer in decimal.
    #[inline]
    pub fn int(value: i64) -> Self {
        let mut text = Self::empty();
        let mut at = Self::MAX;
        let mut rest = value.unsigned_abs();
        loop {
            at -= 1;
            text.data[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            at -= 1;
            text.data[at] = b'-';
        }
        text.data.copy_within(at.., 0);
        text.len = (Self::MAX - at) as u8;
        text
    }

    /// Renders a double as Redis replies with it: integers without a point, else the shortest digits that
    /// read back, in scientific notation when that is much shorter.
    pub fn float(value: f64) -> Self {
        let mut text = Self::empty();
        if value.is_nan() {
            text.push(b"nan");
        } else if value.is_infinite() {
            text.push(if value < 0.0 { b"-inf" } else { b"inf" });
        } else if value == 0.0 {
            text.push(if value.is_sign_negative() { b"-0" } else { b"0" });
        } else if value.fract() == 0.0 && value.abs() < (1i64 << 62) as f64 {
            return Self::int(value as i64);
        } else {
            text.digits(value);
        }
        text
    }

    /// Lays out the shortest digits as David Gay's and Grisu's printers (and so Redis) do.
    fn digits(&mut self, value: f64) {
        let (digits, len, scale) = shortest(value.abs());
        let digits = &digits[..len];
        let exponent = scale + len as i32 - 1;
        if value < 0.0 {
            self.push(b"-");
        }
        if scale >= 0 && exponent < len as i32 + 7 {
            self.push(digits);
            self.zeros(scale as usize);
        } else if scale < 0 && (scale > -7 || exponent.abs() < 4) {
            match len as i32 + scale {
                before if before <= 0 => {
                    self.push(b"0.");
                    self.zeros(before.unsigned_abs() as usize);
                    self.push(digits);
                }
                before => {
                    self.push(&digits[..before as usize]);
                    self.push(b".");
                    self.push(&digits[before as usize..]);
                }
            }
        } else {
            self.push(&digits[..1]);
            if len > 1 {
                self.push(b".");
                self.push(&digits[1..]);
            }
            self.push(if exponent < 0 { b"e-" } else { b"e+" });
            self.push(&Self::int(i64::from(exponent.abs())));
        }
    }
}

/// Returns the shortest decimal digits of a positive, finite value, their count, and the power of ten of
/// the last one.
fn shortest(value: f64) -> ([u8; 20], usize, i32) {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(value).as_bytes();
    let (mut digits, mut len, mut scale, mut after_point) = ([0; 20], 0, 0i32, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'.' => after_point = true,
            b'e' => {
                scale += std::str::from_utf8(&text[at + 1..]).ok().and_then(|e| e.parse().ok()).unwrap_or(0);
                break;
            }
            digit => {
                scale -= i32::from(after_point);
                if len > 0 || digit != b'0' {
                    digits[len] = digit;
                    len += 1;
                }
            }
        }
    }
    while len > 1 && digits[len - 1] == b'0' {
        len -= 1;
        scale += 1;
    }
    (digits, len, scale)
}

impl std::ops::Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.data[..usize::from(self.len)]
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(v: f64) -> String {
        String::from_utf8(Text::float(v).to_vec()).unwrap()
    }

    #[test]
    fn doubles_read_as_redis_prints_them() {
        for (value, text) in [
            (0.1, "0.1"),
            (3.0, "3"),
            (-0.0, "-0"),
            (1e20, "1e+20"),
            (1.5e-7, "1.5e-7"),
            (123456.789, "123456.789"),
            (1e-5, "0.00001"),
            (1e17, "100000000000000000"),
            (f64::INFINITY, "inf"),
            (-1.5, "-1.5"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (0.001, "0.001"),
            (1e-10, "1e-10"),
            (9.007199254740993e15, "9007199254740992"),
        ] {
            assert_eq!(show(value), text);
        }
    }

    #[test]
    fn integers_are_read_strictly() {
        for bad in
            ["", "-", "+1", "01", "-0", " 1", "1 ", "1.0", "9223372036854775808", "-9223372036854775809"]
        {
            assert_eq!(parse_int(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(parse_int(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse_unsigned(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_unsigned(b"18446744073709551616"), None);
    }

    #[test]
    fn doubles_are_read_strictly() {
        for bad in ["", "nan", "1e400", "1e-400", " 1", "1 ", "0x10", "abc", "-", "1e"] {
            assert_eq!(parse_float(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(parse_float(b"+inf"), Some(f64::INFINITY));
        assert_eq!(parse_float(b"-Infinity"), Some(f64::NEG_INFINITY));
        assert_eq!(parse_float(b"0e-400"), Some(0.0));
        assert_eq!(parse_float(b".5"), Some(0.5));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(bits: u64, int: i64) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                prop_assert_eq!(parse_float(&Text::float(value)).map(f64::to_bits), Some(value.to_bits()));
            }
            prop_assert_eq!(parse_int(&Text::int(int)), Some(int));
        }
    }
}
