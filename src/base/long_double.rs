//! The 80-bit floating-point numbers that INCRBYFLOAT and HINCRBYFLOAT count in.
//!
//! Redis adds C's `long double` (on x86-64: a 64-bit mantissa and 15 bits of exponent) and prints `%.17Lf` without trailing
//! zeros; 64-bit doubles would show other digits. So the few operations that are needed are done here in
//! integers, each rounded once, to the nearest, ties to even.
//!
//! ```text
//!   value = ± mantissa × 2^exponent        mantissa: 64 bits, its top bit set unless the value is 0
//! ```
//!
//! Parsing takes O(digits²) time for more digits than an integer holds, printing O(digits²) beyond 2^63; both are
//! bounded by the range of the type: 4,932 digits.
mod natural;

use super::num;
use natural::Natural;

/// The exponent of the lowest bit of the smallest number.
const EXPONENT_MIN: i32 = -16445;
/// The exponent of the lowest bit of the largest number.
const EXPONENT_MAX: i32 = 16320;
/// Decimals that are printed.
const DECIMALS: usize = 17;
/// What 17 decimals count up to.
const UNIT: u128 = 100_000_000_000_000_000;
/// Redis reads numbers of fewer bytes than this: its `MAX_LONG_DOUBLE_CHARS`.
const TEXT_LEN_LIMIT: usize = 5 * 1024;
/// Exponents are read up to here: far beyond the range, far from overflowing.
const EXPONENT_READ_MAX: i32 = 100_000;

/// An 80-bit floating-point number, never NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LongDouble {
    negative: bool,
    size: Size,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    Finite { mantissa: u64, exponent: i32 },
    Infinite,
}

impl LongDouble {
    const ZERO: Self = Self { negative: false, size: Size::Finite { mantissa: 0, exponent: 0 } };

    /// Reads a number as Redis does: what C's `strtold` takes (decimal, hexadecimal, infinite, any sign), without
    /// spaces, NaN, or anything that over- or underflows.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.is_empty() || text.len() >= TEXT_LEN_LIMIT {
            return None;
        }
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if rest.eq_ignore_ascii_case(b"inf") || rest.eq_ignore_ascii_case(b"infinity") {
            return Some(Self { negative, size: Size::Infinite });
        }
        let value = match rest {
            [b'0', b'x' | b'X', hex @ ..] => Digits::read(hex, true)?.hexadecimal(),
            decimal => Digits::read(decimal, false)?.decimal(),
        }?;
        Some(Self { negative, ..value })
    }

    /// The number as its shortest digits read, as a client would send it: 0.1 is a tenth. NaN: `None`.
    pub fn of_f64(value: f64) -> Option<Self> {
        Self::parse(&num::Text::float(value))
    }

    /// The same number: every integer has a place.
    pub fn of_int(value: i64) -> Self {
        Self { negative: value < 0, ..Self::rounded(value.unsigned_abs().into(), 0, false) }
    }

    /// Tells whether the number is neither infinite.
    pub fn is_finite(self) -> bool {
        self.size != Size::Infinite
    }

    /// Adds two numbers. Infinities that cancel out: `None`.
    pub fn add(self, other: Self) -> Option<Self> {
        let (Size::Finite { mantissa: a, exponent: ea }, Size::Finite { mantissa: b, exponent: eb }) =
            (self.size, other.size)
        else {
            let clash = self.size == other.size && self.negative != other.negative;
            return (!clash).then_some(if self.is_finite() { other } else { self });
        };
        if a == 0 || b == 0 {
            // Of two zeros the positive one wins, as it does in C.
            return Some(if a == 0 && (b != 0 || self.negative) { other } else { self });
        }
        let swap = (ea, a) < (eb, b);
        let (large, small) = if swap { (other, self) } else { (self, other) };
        let (a, ea, b, eb) = if swap { (b, eb, a, ea) } else { (a, ea, b, eb) };
        // The larger one has 63 bits of room below it. What of the smaller one falls out there is below
        // anything that a rounding looks at, except that it is not nothing.
        let gap = ea.abs_diff(eb);
        let (wide, part) = (u128::from(a) << 63, u128::from(b) << 63);
        let moved = part.checked_shr(gap).unwrap_or(0);
        let sticky = moved.checked_shl(gap).unwrap_or(0) != part;
        let sum = if large.negative == small.negative {
            Self::rounded(wide + moved, ea - 63, sticky)
        } else {
            Self::rounded(wide - moved - u128::from(sticky), ea - 63, sticky)
        };
        let zero = sum == Self::ZERO;
        Some(Self { negative: large.negative && !zero, ..sum })
    }

    /// The positive number nearest to `wide × 2^exponent`, plus a little when `sticky` says so; `wide` must then
    /// have more than 64 bits.
    fn rounded(wide: u128, exponent: i32, sticky: bool) -> Self {
        if wide == 0 {
            return Self::ZERO;
        }
        let up = wide.leading_zeros();
        let (wide, exponent) = (wide << up, exponent - up as i32);
        let drop = (EXPONENT_MIN - exponent).max(64) as u32;
        if drop > 128 {
            return Self::ZERO;
        }
        let kept = wide.checked_shr(drop).unwrap_or(0) as u64;
        let (lost, half) = (wide << (128 - drop), 1u128 << 127);
        let rounds_up = lost > half || lost == half && (sticky || kept & 1 == 1);
        let exponent = exponent + drop as i32;
        let (mantissa, exponent) = match kept.checked_add(rounds_up.into()) {
            Some(0) => return Self::ZERO,
            Some(kept) => (kept << kept.leading_zeros(), exponent - kept.leading_zeros() as i32),
            None => (1 << 63, exponent + 1),
        };
        let fits = exponent <= EXPONENT_MAX;
        let size = if fits { Size::Finite { mantissa, exponent } } else { Size::Infinite };
        Self { negative: false, size }
    }

    /// Prints the number as Redis does: 17 decimals, rounded from the exact value, without trailing zeros.
    pub fn text(self) -> Vec<u8> {
        let Size::Finite { mantissa, exponent } = self.size else {
            return if self.negative { b"-inf" } else { &b"inf"[..] }.to_vec();
        };
        if mantissa == 0 {
            return b"0".to_vec();
        }
        let mut text = if self.negative { vec![b'-'] } else { Vec::new() };
        if exponent >= 0 {
            text.append(&mut Natural::of(mantissa).shifted_up(exponent as u32).decimal());
            return text;
        }
        let shift = exponent.unsigned_abs();
        // Below 2^121.
        let exact = u128::from(mantissa) * UNIT;
        let kept = exact.checked_shr(shift).unwrap_or(0);
        let lost = exact.checked_shl(128u32.saturating_sub(shift)).unwrap_or(0);
        let rounds_up = shift <= 128 && (lost > 1 << 127 || lost == 1 << 127 && kept & 1 == 1);
        let rounded = kept + u128::from(rounds_up);
        if rounded == 0 {
            return b"0".to_vec();
        }
        text.extend_from_slice((rounded / UNIT).to_string().as_bytes());
        let decimals = format!(".{:0width$}", rounded % UNIT, width = DECIMALS);
        text.extend_from_slice(decimals.trim_end_matches('0').trim_end_matches('.').as_bytes());
        text
    }
}

/// The digits of a number, and where its point stands.
struct Digits<'t> {
    whole: &'t [u8],
    fraction: &'t [u8],
    exponent: i32,
}

impl<'t> Digits<'t> {
    fn read(text: &'t [u8], hexadecimal: bool) -> Option<Self> {
        let is_digit = |b: &u8| if hexadecimal { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
        let split = |text: &'t [u8]| text.split_at(text.iter().take_while(|b| is_digit(b)).count());
        let (whole, rest) = split(text);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => split(rest),
            _ => (&rest[..0], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let marks: &[u8] = if hexadecimal { b"pP" } else { b"eE" };
        let exponent = match rest {
            [] => 0,
            [mark, rest @ ..] if marks.contains(mark) => signed(rest)?,
            _ => return None,
        };
        Some(Self { whole, fraction, exponent })
    }

    /// All digits without zeros in front.
    fn significant(&self) -> impl Iterator<Item = u8> + use<'t> {
        self.whole.iter().chain(self.fraction).copied().skip_while(|digit| *digit == b'0')
    }

    fn hexadecimal(self) -> Option<LongDouble> {
        let (mut wide, mut exponent, mut sticky) = (0u128, self.exponent, false);
        for digit in self.significant() {
            let value = (digit as char).to_digit(16)?;
            if wide >> 124 == 0 {
                wide = wide << 4 | u128::from(value);
            } else {
                sticky |= value != 0;
                exponent += 4;
            }
        }
        in_range(wide != 0, LongDouble::rounded(wide, exponent - 4 * self.fraction.len() as i32, sticky))
    }

    fn decimal(self) -> Option<LongDouble> {
        let digits: Vec<u8> = self.significant().collect();
        let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
        let digits = &digits[..digits.len() - zeros];
        let exponent = self.exponent - self.fraction.len() as i32 + zeros as i32;
        let magnitude = digits.len() as i32 + exponent;
        if digits.is_empty() {
            return Some(LongDouble::ZERO);
        }
        if !(-4_960..=4_940).contains(&magnitude) {
            return None;
        }
        in_range(true, quick(digits, exponent).unwrap_or_else(|| exact(digits, exponent)))
    }
}

/// Reads an exponent; beyond any range it stops to grow.
fn signed(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value =
        digits.iter().fold(0, |value, digit| (value * 10 + i32::from(digit - b'0')).min(EXPONENT_READ_MAX));
    Some(if negative { -value } else { value })
}

/// What overflowed, or became nothing although there was something, is refused.
fn in_range(something: bool, value: LongDouble) -> Option<LongDouble> {
    (value.is_finite() && (value != LongDouble::ZERO || !something)).then_some(value)
}

/// The number when its digits are an integer of 64 bits and the power of ten is one too: the usual case.
fn quick(digits: &[u8], exponent: i32) -> Option<LongDouble> {
    if digits.len() > 19 || !(-18..=0).contains(&exponent) {
        return None;
    }
    let value = digits.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
    let divisor = u128::from(10u64.pow(exponent.unsigned_abs()));
    let up = u128::from(value).leading_zeros();
    // 67 bits or more are left of 128 after a division by 60 at most.
    let wide = u128::from(value) << up;
    Some(LongDouble::rounded(wide / divisor, -(up as i32), wide % divisor != 0))
}

/// The number by division of integers of any size, bit by bit.
fn exact(digits: &[u8], exponent: i32) -> LongDouble {
    const BITS: i32 = 68;
    let (mut top, mut bottom) = (Natural::of_digits(digits), Natural::of(1));
    let scaled = if exponent < 0 { &mut bottom } else { &mut top };
    scaled.times_power_of_ten(exponent.unsigned_abs());
    // Afterwards `top / bottom` lies between 1/2 and 2.
    let lead = top.bits() as i32 - bottom.bits() as i32;
    let (up, down) = (lead.min(0).unsigned_abs(), lead.max(0) as u32);
    (top, bottom) = (top.shifted_up(up), bottom.shifted_up(down));
    let mut wide = 0u128;
    for _ in 0..BITS {
        wide = wide << 1 | u128::from(top.take(&bottom));
        top = top.shifted_up(1);
    }
    LongDouble::rounded(wide, lead - (BITS - 1), !top.is_zero())
}

#[cfg(test)]
mod tests;
