//! Texts of doubles against the C library's, and against Rust's own reader.
use super::*;
use proptest::prelude::*;

fn show(value: f64, precision: usize) -> String {
    String::from_utf8(general(value, precision).to_vec()).unwrap()
}

#[test]
fn doubles_are_written_as_c_writes_them() {
    for (value, precision, text) in [
        (0.0, 14, "0"),
        (-0.0, 14, "-0"),
        (0.1, 14, "0.1"),
        (1e14, 14, "1e+14"),
        (99999999999999.0, 14, "99999999999999"),
        (99999999999999.6, 14, "1e+14"),
        (0.0001234, 3, "0.000123"),
        (0.00001234, 3, "1.23e-05"),
        (1234.5, 3, "1.23e+03"),
        (1e100, 3, "1e+100"),
        (2.5, 1, "2"),
        (3.5, 1, "4"),
        (25.0, 1, "2e+01"),
        (0.25, 1, "0.2"),
        (120.0, 14, "120"),
        (1.0 / 3.0, 14, "0.33333333333333"),
        (1.0 / 3.0, 17, "0.33333333333333331"),
        (-1.5e-300, 14, "-1.5e-300"),
        (f64::MAX, 17, "1.7976931348623157e+308"),
        (5e-324, 17, "4.9406564584124654e-324"),
        (f64::INFINITY, 14, "inf"),
        (f64::NEG_INFINITY, 14, "-inf"),
        (f64::NAN, 14, "nan"),
    ] {
        assert_eq!(show(value, precision), text);
    }
}

#[test]
fn texts_are_read_as_c_reads_them() {
    for (text, value, len) in [
        ("12", 12.0, 2),
        ("+5,", 5.0, 2),
        ("-.5]", -0.5, 3),
        ("1.", 1.0, 2),
        ("1e", 1.0, 1),
        ("1e+x", 1.0, 1),
        ("1e5.5", 1e5, 3),
        ("007", 7.0, 3),
        ("1e999", f64::INFINITY, 5),
        ("1e-999", 0.0, 6),
        ("1e99999999999999999999999", f64::INFINITY, 25),
        ("0x1F", 31.0, 4),
        ("0X1p4", 16.0, 5),
        ("-0x.8p1", -1.0, 7),
        ("0x1.p1", 2.0, 6),
        ("0x", 0.0, 1),
        ("0xg", 0.0, 1),
        ("0x.p1", 0.0, 1),
        ("0x1p+", 1.0, 3),
        ("0x1p-99999999999999999999", 0.0, 25),
        ("0x1p99999999999999999999", f64::INFINITY, 24),
        ("0x0p99999999999999999999", 0.0, 24),
        ("0x1.8p-1074", 1e-323, 11),
        ("0x1p-1074", 5e-324, 9),
        ("0x1p-1075", 0.0, 9),
        ("0x1.0000000000000000000001p-1075", 5e-324, 32),
        ("0x1.fffp-1076", 0.0, 13),
        ("0x1p-1076", 0.0, 9),
        ("0x1.fffffffffffff8p1023", f64::INFINITY, 23),
        ("0x1.fffffffffffff7p1023", f64::MAX, 23),
        ("0x0.fffffffffffff8p-1022", 2.2250738585072014e-308, 24),
        ("0x20000000000001", 9007199254740992.0, 16),
        ("0x20000000000003", 9007199254740996.0, 16),
        ("0x2000000000000100000000000000000001", 2f64.powi(133) + 2f64.powi(81), 36),
        ("0xfffffffffffffffffffffff", 4.951760157141521e27, 25),
        ("infinit", f64::INFINITY, 3),
        ("-INFINITY", f64::NEG_INFINITY, 9),
    ] {
        assert_eq!(read(text.as_bytes()), Some((value, len)), "{text}");
    }
    for (text, negative, len) in [
        ("nan", false, 3),
        ("-NaN", true, 4),
        ("nan(1_a)x", false, 8),
        ("nan(1,2)", false, 3),
        ("nan(1", false, 3),
    ] {
        let (value, read) = read(text.as_bytes()).unwrap();
        assert!(value.is_nan() && value.is_sign_negative() == negative && read == len, "{text}");
    }
    for text in ["", "-", "+", "--1", "- 1", ".", "-.", ".e1", "e1", "x", "in", "na"] {
        assert_eq!(read(text.as_bytes()), None, "{text}");
    }
}

fn hexadecimal_of(value: f64) -> String {
    let bits = value.to_bits();
    let (exponent, mantissa) = (((bits >> 52) & 0x7ff) as i64, bits & ((1 << 52) - 1));
    let (lead, exponent) = if exponent == 0 { (0, -1022) } else { (1, exponent - 1023) };
    let sign = if value.is_sign_negative() { "-" } else { "" };
    format!("{sign}0x{lead}.{mantissa:013x}p{exponent}")
}

proptest! {
    #[test]
    fn seventeen_digits_read_back(bits: u64) {
        let value = f64::from_bits(bits);
        if value.is_finite() {
            let text = general(value, 17);
            prop_assert_eq!(read(&text).map(|(v, len)| (v.to_bits(), len)), Some((bits, text.len())));
            let text = hexadecimal_of(value);
            prop_assert_eq!(read(text.as_bytes()).map(|(v, len)| (v.to_bits(), len)), Some((bits, text.len())));
        }
    }

    /// The digits are those of an exact decimal expansion, rounded once.
    #[test]
    fn fewer_digits_are_the_nearest(bits: u64, precision in 1usize..=17) {
        let value = f64::from_bits(bits);
        if value.is_finite() {
            let shown: f64 = show(value, precision).parse().unwrap();
            let exact: f64 = format!("{:.*e}", precision - 1, value).parse().unwrap();
            prop_assert_eq!(shown.to_bits(), exact.to_bits());
        }
    }

    /// Sixteen digits with as many bits as an integer has are rounded as Rust rounds integers.
    #[test]
    fn hexadecimal_integers_are_rounded_once(value: u128) {
        prop_assert_eq!(read(format!("0x{value:x}").as_bytes()).unwrap().0, value as f64);
    }

    #[test]
    fn no_text_is_read_beyond_its_end(text: Vec<u8>) {
        if let Some((_, len)) = read(&text) {
            prop_assert!(len <= text.len() && len > 0);
        }
    }
}
