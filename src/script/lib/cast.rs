//! Doubles as integers, as a C compiler for x86-64 converts them.
//!
//! Lua's numbers are doubles, and its libraries cast them. What C leaves undefined – a number that does not fit – has one
//! answer on the machines that servers run on, and scripts can see it: the lowest number of the signed type. The casts of
//! Rust answer with the nearest one instead. `(long)value` is [`truncated`].
use tenondb_lua::truncated;

/// 2⁶³, the first double above every `i64`.
const TOP: f64 = 9_223_372_036_854_775_808.0;

/// `(unsigned long)value`: two casts to `long`, one for each half.
pub fn unsigned64(value: f64) -> u64 {
    if value >= TOP { truncated(value - TOP) as u64 ^ (1 << 63) } else { truncated(value) as u64 }
}

/// `(int)value`.
pub fn int32(value: f64) -> i32 {
    if value > -2_147_483_649.0 && value < 2_147_483_648.0 { value as i32 } else { i32::MIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_cut_towards_zero() {
        assert_eq!((truncated(1.9), truncated(-1.9)), (1, -1));
        assert_eq!((int32(-2147483648.9), unsigned64(-0.5)), (i32::MIN, 0));
        assert_eq!(unsigned64(18_446_744_073_709_549_568.0), 0xffff_ffff_ffff_f800);
        assert_eq!(unsigned64(-1.0), u64::MAX);
    }

    #[test]
    fn what_does_not_fit_is_the_lowest() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e30, -1e30, TOP] {
            assert_eq!(truncated(value), i64::MIN, "{value}");
            assert_eq!(int32(value), i32::MIN, "{value}");
        }
        assert_eq!(int32(2147483648.0), i32::MIN);
        for value in [2.0 * TOP, 1e30, f64::INFINITY] {
            assert_eq!(unsigned64(value), 0, "{value}");
        }
        assert_eq!(unsigned64(f64::NAN), 1 << 63);
        assert_eq!(unsigned64(-1e30), 1 << 63);
    }
}
