//! Numbers as the words of a command: integers plainly, doubles with the fewest digits that read back.
use std::io::Write as _;

/// A number as text.
pub struct Number {
    len: u8,
    text: [u8; 31],
}

impl Number {
    pub fn of_int(value: i64) -> Self {
        Self::of(format_args!("{value}"))
    }

    pub fn of_float(value: f64) -> Self {
        let whole = value as i64;
        // Most scores are such numbers. Minus zero is not: it keeps its sign.
        if whole as f64 == value && whole.unsigned_abs() < 1 << 53 && (whole != 0 || value.is_sign_positive())
        {
            return Self::of_int(whole);
        }
        // Without an exponent where that is short: what SET stores of 1.0 is `1`, as Redis would.
        let plain = value == 0.0 || (1e-5..1e17).contains(&value.abs());
        match value {
            value if value.is_nan() => Self::of(format_args!("nan")),
            value if value.is_infinite() => {
                Self::of(format_args!("{}", if value > 0.0 { "inf" } else { "-inf" }))
            }
            value if plain => Self::of(format_args!("{value}")),
            value => Self::of(format_args!("{value:e}")),
        }
    }

    fn of(shown: std::fmt::Arguments<'_>) -> Self {
        let mut text = [0; 31];
        let mut rest = &mut text[..];
        // The longest is a double with 17 digits, a sign, a point and five zeros or an exponent.
        let fits = rest.write_fmt(shown).is_ok();
        debug_assert!(fits, "numbers are shorter than 31 characters");
        let len = 31 - rest.len();
        Self { len: len as u8, text }
    }

    pub fn text(&self) -> &[u8] {
        &self.text[..usize::from(self.len)]
    }
}
