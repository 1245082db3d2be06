//! Operations as scripts call them.
use super::open;
use crate::script::lib::arguments::run;

fn results(calls: &[(&str, &str)]) {
    for (call, said) in calls {
        let chunk = format!("local ok, r = pcall(function() return lib.{call} end) return r");
        // Errors begin with where they were raised.
        let got = run(open, &chunk);
        assert_eq!(got.rsplit(": ").next().unwrap_or_default(), *said, "{call}");
    }
}

#[test]
fn numbers_are_rounded_and_cut() {
    results(&[
        ("tobit(4294967295)", "-1"),
        ("tobit(2^40+3)", "3"),
        ("tobit(1.5)", "2"),
        ("tobit(2.5)", "2"),
        ("tobit(-1.5)", "-2"),
        ("tobit(1e18)", "1733216256"),
        ("tobit(1e300)", "-2013235812"),
        ("tobit(0/0)", "0"),
        ("tobit('0x10')", "16"),
    ]);
}

#[test]
fn operations_are_of_32_bits() {
    results(&[
        ("bnot(0)", "-1"),
        ("band(255, 15, 7)", "7"),
        ("bor(1, 2, 4)", "7"),
        ("bxor(255, 15)", "240"),
        ("lshift(1, 31)", "-2147483648"),
        ("lshift(1, 32)", "1"),
        ("rshift(-1, 1)", "2147483647"),
        ("arshift(-8, 2)", "-2"),
        ("rol(0x12345678, 0)", "305419896"),
        ("rol(0x12345678, 12)", "1164411171"),
        ("ror(0x12345678, 12)", "1736516421"),
        ("bswap(0x12345678)", "2018915346"),
        ("tohex(1)", "00000001"),
        ("tohex(-1, 4)", "ffff"),
        ("tohex(0xabcdef, -8)", "00ABCDEF"),
        ("tohex(1, 0)", ""),
        ("tohex(255, -2147483648)", "000000FF"),
        ("tohex(1, 100)", "00000001"),
    ]);
}

#[test]
fn the_bad_argument_is_named() {
    results(&[
        ("band()", "bad argument #1 to 'band' (number expected, got no value)"),
        ("band(1, 'x', 'y')", "bad argument #3 to 'band' (number expected, got string)"),
        ("tohex(1, nil)", "bad argument #2 to 'tohex' (number expected, got nil)"),
        ("tobit(true)", "bad argument #1 to 'tobit' (number expected, got boolean)"),
    ]);
}
