//! Doubles and their texts as the C library has them: `%.14g` one way, `strtod` the other.
use std::io::Write;

/// The longest text that [`general`] writes: a sign, seventeen digits, a point, up to four zeros or an exponent.
const TEXT_BYTES_MAX: usize = 32;

/// The text of a double, on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    data: [u8; TEXT_BYTES_MAX],
    len: usize,
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        self.data[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

impl std::ops::Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.data[..self.len]
    }
}

/// Writes `value` as `%.{precision}g` does: that many significant digits, without the zeros at their end, and with an
/// exponent where it is below -4 or not below the precision. `precision` is 1 to 17.
pub fn general(value: f64, precision: usize) -> Text {
    let mut text = Text { data: [0; TEXT_BYTES_MAX], len: 0 };
    if value.is_sign_negative() {
        text.push(b"-");
    }
    if !value.is_finite() {
        text.push(if value.is_nan() { b"nan" } else { b"inf" });
        return text;
    }
    // `d.ddde-dd`, rounded from the exact value, halves to even: the same digits as C's.
    let mut scientific = [0; TEXT_BYTES_MAX];
    let mut rest = &mut scientific[..];
    // Infallible: 17 digits, a point and four bytes of exponent fit.
    let _ = write!(rest, "{:.*e}", precision - 1, value.abs());
    let left = rest.len();
    let scientific = &scientific[..TEXT_BYTES_MAX - left];
    let mark = scientific.iter().position(|b| *b == b'e').unwrap_or(scientific.len());
    let exponent = scientific.get(mark + 1..).and_then(|e| std::str::from_utf8(e).ok()?.parse::<i32>().ok());
    let exponent = exponent.unwrap_or(0);
    let mut digits = [b'0'; TEXT_BYTES_MAX];
    let mut len = 0;
    for digit in scientific[..mark].iter().filter(|b| b.is_ascii_digit()) {
        digits[len] = *digit;
        len += 1;
    }
    while len > 1 && digits[len - 1] == b'0' {
        len -= 1;
    }
    if exponent < -4 || exponent >= precision as i32 {
        text.push(&digits[..1]);
        if len > 1 {
            text.push(b".");
            text.push(&digits[1..len]);
        }
        text.push(if exponent < 0 { b"e-" } else { b"e+" });
        let size = exponent.unsigned_abs();
        if size >= 100 {
            text.push(&[b'0' + (size / 100) as u8]);
        }
        text.push(&[b'0' + (size / 10 % 10) as u8, b'0' + (size % 10) as u8]);
    } else if exponent < 0 {
        text.push(b"0.");
        text.push(&b"000"[..(-1 - exponent) as usize]);
        text.push(&digits[..len]);
    } else {
        let whole = exponent as usize + 1;
        // Digits beyond the last one are zeros already.
        text.push(&digits[..whole]);
        if len > whole {
            text.push(b".");
            text.push(&digits[whole..len]);
        }
    }
    text
}

/// Reads the longest number that `text` starts with, as `strtod` does: decimal, hexadecimal (`0x1.8p3`), `inf`,
/// `infinity`, `nan` and `nan(…)` in any case, each after a sign or none; and returns it with its length. `None`: there is
/// none. Numbers that are too large become infinite, and those that are too small zero.
pub fn read(text: &[u8]) -> Option<(f64, usize)> {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let negative = text.first() == Some(&b'-');
    let (value, len) = unsigned(&text[sign..])?;
    Some((if negative { -value } else { value }, sign + len))
}

fn unsigned(text: &[u8]) -> Option<(f64, usize)> {
    let starts = |word: &[u8]| text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word);
    if starts(b"infinity") {
        return Some((f64::INFINITY, 8));
    }
    if starts(b"inf") {
        return Some((f64::INFINITY, 3));
    }
    if starts(b"nan") {
        let inside = text[3..].strip_prefix(b"(").unwrap_or_default();
        let word = inside.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        // A parenthesis that is not closed is not part of it.
        return Some((f64::NAN, if inside.get(word) == Some(&b')') { 5 + word } else { 3 }));
    }
    if starts(b"0x")
        && let Some((value, len)) = hexadecimal(&text[2..])
    {
        return Some((value, 2 + len));
    }
    decimal(text)
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Returns the length of an exponent: a letter, a sign or none, digits. Zero when there are no digits.
fn exponent_len(text: &[u8], letter: u8) -> usize {
    if !text.first().is_some_and(|b| b.eq_ignore_ascii_case(&letter)) {
        return 0;
    }
    let sign = usize::from(matches!(text.get(1), Some(b'+' | b'-')));
    match digits(&text[1 + sign..]) {
        0 => 0,
        count => 1 + sign + count,
    }
}

fn decimal(text: &[u8]) -> Option<(f64, usize)> {
    let whole = digits(text);
    let mut len = whole;
    if text.get(whole) == Some(&b'.') {
        let fraction = digits(&text[whole + 1..]);
        if whole + fraction > 0 {
            len = whole + 1 + fraction;
        }
    }
    if len == 0 {
        return None;
    }
    len += exponent_len(&text[len..], b'e');
    let value = std::str::from_utf8(&text[..len]).ok()?.parse().ok()?;
    Some((value, len))
}

/// Reads what follows `0x`; `None` when no digit does.
fn hexadecimal(text: &[u8]) -> Option<(f64, usize)> {
    // The first sixteen digits, the others as one bit that says whether any is not zero: enough to round by.
    let (mut mantissa, mut rest, mut scale) = (0u64, false, 0i64);
    let (mut len, mut count, mut after_point) = (0, 0usize, false);
    for byte in text {
        match (*byte as char).to_digit(16) {
            Some(digit) => {
                count += 1;
                if mantissa >> 60 == 0 {
                    mantissa = (mantissa << 4) | u64::from(digit);
                    scale -= if after_point { 4 } else { 0 };
                } else {
                    rest |= digit != 0;
                    scale += if after_point { 0 } else { 4 };
                }
            }
            None if *byte == b'.' && !after_point => after_point = true,
            None => break,
        }
        len += 1;
    }
    if count == 0 {
        return None;
    }
    let tail = exponent_len(&text[len..], b'p');
    if tail > 0 {
        scale = scale.saturating_add(power(&text[len + 1..len + tail]));
    }
    Some((assemble(mantissa, rest, scale), len + tail))
}

/// Reads an exponent, as far as it matters.
fn power(text: &[u8]) -> i64 {
    const ENOUGH: i64 = 1 << 60;
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let size = digits.iter().fold(0i64, |size, b| (size.min(ENOUGH / 16) * 10) + i64::from(b - b'0'));
    if text.first() == Some(&b'-') { -size } else { size }
}

/// Returns `mantissa × 2^scale`, rounded once, halves to even; `rest`: a little more than that.
fn assemble(mantissa: u64, rest: bool, scale: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let spare = mantissa.leading_zeros();
    let (mantissa, scale) = (mantissa << spare, scale.saturating_sub(i64::from(spare)));
    // The exponent of the leading bit decides how many bits there are to keep: 53, fewer below the normal numbers.
    let top = scale.saturating_add(63);
    if top > 1023 {
        return f64::INFINITY;
    }
    let keep = (top + 1075).clamp(0, 53) as u32;
    let dropped = 64 - keep;
    let (kept, lost) = match dropped {
        64 => (0, mantissa),
        _ => (mantissa >> dropped, mantissa << keep),
    };
    // `lost` holds the dropped bits at its top.
    let half = 1u64 << 63;
    // Below half of the smallest number, all of it is lost and its top bit no longer counts for half.
    let up = top >= -1075 && (lost > half || lost == half && (rest || kept & 1 == 1));
    let kept = kept + u64::from(up);
    // A carry into the next exponent is what the sum of the fields makes of it.
    let exponent = (top + 1023).max(0) as u64;
    f64::from_bits(match exponent {
        0 => kept,
        _ => ((exponent - 1) << 52) + kept,
    })
}

#[cfg(test)]
mod tests;
