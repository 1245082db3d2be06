//! The digits stand in Redis's own answers; what can be said without it is said as a property.
use super::*;
use proptest::prelude::*;

fn sum(a: &str, b: &str) -> Option<String> {
    let sum = LongDouble::parse(a.as_bytes())?.add(LongDouble::parse(b.as_bytes())?)?;
    Some(String::from_utf8(sum.text()).unwrap())
}

#[test]
fn sums_read_as_redis_prints_them() {
    for (a, b, text) in [
        ("3.0", "1", "4"),
        ("10.5", "0.1", "10.6"),
        ("12", "1e-18", "12"),
        ("0", "1e-17", "0.00000000000000001"),
        ("0.00000000000000001", "4e-18", "0.00000000000000001"),
        ("0", "-1e-19", "0"),
        ("0", "-0.0", "0"),
        ("-0", "-0", "0"),
        ("4", "0x10", "20"),
        ("6.5", "0x1p3", "14.5"),
        ("14.5", "0X.8P1", "15.5"),
        ("1", ".5", "1.5"),
        ("1.5", "5.", "6.5"),
        ("5.0e3", "200", "5200"),
        ("-1", "0.9", "-0.1"),
        ("9223372036854775807", "1", "9223372036854775808"),
        ("18446744073709551615", "1", "18446744073709551616"),
        ("18446744073709551616", "1", "18446744073709551616"),
        ("18446744073709551616", "3", "18446744073709551620"),
    ] {
        assert_eq!(sum(a, b).as_deref(), Some(text), "{a} + {b}");
    }
    let large = sum("20", "1e400").unwrap();
    assert!(large.starts_with("100000000000000000002818806839475865145864") && large.len() == 401, "{large}");
    let large = sum("0", "1e4932").unwrap();
    assert!(
        large.starts_with("10000000000000000000060189493879638913238377742545331") && large.len() == 4933
    );
    assert!(large.ends_with("1163141086538418113791886622720"), "{large}");
}

#[test]
fn what_is_no_number_or_out_of_range_is_refused() {
    for bad in [
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        ".e5",
        "1e",
        "1e+",
        " 1",
        "1 ",
        "1_0",
        "0x",
        "0xg",
        "0x1p",
        "--1",
        "+-1",
        "nan",
        "-nan",
        "nan(1)",
        "1e4933",
        "1e5000",
        "1e-5000",
        "1e999999999999999999",
        "-1e5000",
        "in",
        "infin",
        "infinit",
        "1,5",
        "0x1p16384",
        "0x1p-16447",
        "1.2.3",
        "1\0",
    ] {
        assert_eq!(LongDouble::parse(bad.as_bytes()), None, "{bad}");
    }
    assert!(LongDouble::parse(&[b'1'; 5119]).is_none(), "too large");
    assert!(LongDouble::parse(&[b'0'; 5119]).is_some() && LongDouble::parse(&[b'0'; 5120]).is_none());
    assert!(LongDouble::parse(b"0e999999").is_some() && LongDouble::parse(b"1e-4950").is_some());
    let infinite = LongDouble::parse(b"-Infinity").unwrap();
    assert!(!infinite.is_finite() && infinite.add(LongDouble::parse(b"inf").unwrap()).is_none());
    assert!(!infinite.add(LongDouble::of_int(1)).unwrap().is_finite());
    let large = LongDouble::parse(b"0x1.fffffffffffffffep16383").unwrap();
    assert!(!large.add(large).unwrap().is_finite());
    assert!(LongDouble::of_f64(f64::NAN).is_none());
}

#[test]
fn rounding_is_to_the_nearest_and_to_even_between() {
    let two_to_64 = "18446744073709551616";
    for (text, rounded) in [
        ("18446744073709551617", two_to_64),
        ("18446744073709551617.0000000000000000000000001", "18446744073709551618"),
        ("18446744073709551619", "18446744073709551620"),
        ("0x1.00000000000000001p64", two_to_64),
        ("0x1.000000000000000100000000000000000000000000000001p64", "18446744073709551618"),
        ("0x1.0000000000000003p64", "18446744073709551620"),
    ] {
        assert_eq!(LongDouble::parse(text.as_bytes()).unwrap().text(), rounded.as_bytes(), "{text}");
    }
    // Half of the smallest number is nothing, a little more is the smallest.
    assert!(LongDouble::parse(b"0x1p-16446").is_none());
    assert_eq!(LongDouble::parse(b"0x1.8p-16446"), LongDouble::parse(b"0x1p-16445"));
}

proptest! {
    #[test]
    fn both_ways_of_reading_agree(digits in "[1-9][0-9]{0,18}", exponent in -18i32..=0) {
        prop_assert_eq!(quick(digits.as_bytes(), exponent), Some(exact(digits.as_bytes(), exponent)));
    }

    #[test]
    fn integers_add_as_integers(a: i64, b in any::<i64>()) {
        let (x, y) = (LongDouble::of_int(a), LongDouble::of_int(b));
        if let Some(sum) = a.checked_add(b) {
            prop_assert_eq!(x.add(y), Some(LongDouble::of_int(sum)));
        }
        prop_assert_eq!(x.text(), a.to_string().into_bytes());
        prop_assert_eq!(x.add(y), y.add(x));
    }

    #[test]
    fn a_few_decimals_add_as_on_paper(a in -999_999i64..=999_999, b in -999_999i64..=999_999) {
        let paper = |n: i64| {
            let (sign, n) = (if n < 0 { "-" } else { "" }, n.unsigned_abs());
            let text = format!("{sign}{}.{:05}", n / 100_000, n % 100_000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        prop_assert_eq!(sum(&paper(a), &paper(b)).unwrap(), paper(a + b));
    }

    #[test]
    fn what_is_printed_is_within_half_a_unit(bits: u64) {
        let value = f64::from_bits(bits & !(1 << 63));
        if value.is_finite() {
            let text = format!("{value:e}");
            let read = LongDouble::parse(text.as_bytes()).unwrap();
            let back: f64 = String::from_utf8(read.text()).unwrap().parse().unwrap();
            prop_assert!((back - value).abs() <= value * 1e-15 + 5e-18, "{text} {back}");
        }
    }
}
