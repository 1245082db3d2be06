//! How long a command waits: seconds with a fraction, 0 for ever.
use crate::base::{
    atom::Args,
    bytes::Bytes,
    error::{Error, Result},
    long_double::LongDouble,
    num::{self, Text},
};
use std::time::Duration;

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout {
    ms: u64,
}

impl Timeout {
    /// Takes seconds; a fraction of a millisecond counts as a whole one.
    pub fn parse(args: &mut Args<'_>) -> Result<Self> {
        let too_long = || Error::command("ERR timeout is out of range");
        // Redis reads it as a number that reaches further than a double.
        if args
            .peek()
            .is_some_and(|word| num::parse_float(word).is_none() && LongDouble::parse(word).is_some())
        {
            return Err(too_long());
        }
        let seconds = args.float_or(|| Error::command("ERR timeout is not a float or out of range"))?;
        let ms = (seconds * 1000.0).ceil();
        if ms > i64::MAX as f64 {
            return Err(too_long());
        }
        if ms < 0.0 {
            return Err(Error::command("ERR timeout is negative"));
        }
        Ok(Self { ms: ms as u64 })
    }

    /// Milliseconds; `None`: for ever.
    pub fn ms(self) -> Option<u64> {
        (self.ms > 0).then_some(self.ms)
    }

    /// As [`Timeout::parse`] reads it.
    pub fn word(self) -> Bytes {
        Bytes::copy(&Text::float(self.ms as f64 / 1000.0))
    }
}

/// Zero: for ever. Fractions of a millisecond count as a whole one.
impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        // Longer than the 292 million years that fit: Redis's own limit.
        let ms = duration.as_nanos().div_ceil(1_000_000).min(i64::MAX as u128 / 2);
        Self { ms: ms as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::atom::Arg;

    fn of(word: &str) -> Result<Option<u64>> {
        Timeout::parse(&mut Args::new(&[Arg::Bytes(word.as_bytes())])).map(Timeout::ms)
    }

    #[test]
    fn seconds_have_fractions_and_zero_is_for_ever() {
        assert_eq!(of("0").unwrap(), None);
        assert_eq!(of("0.0001").unwrap(), Some(1));
        assert_eq!(of("2.5").unwrap(), Some(2_500));
        assert_eq!(of("-1").unwrap_err().to_string(), "ERR timeout is negative");
        assert_eq!(of("x").unwrap_err().to_string(), "ERR timeout is not a float or out of range");
        assert_eq!(of("1e300").unwrap_err().to_string(), "ERR timeout is out of range");
        assert_eq!(of("inf").unwrap_err().to_string(), "ERR timeout is out of range");
    }

    #[test]
    fn durations_are_said_as_they_are_read() {
        let timeout = Timeout::from(Duration::from_micros(1_500_001));
        assert_eq!(timeout.ms(), Some(1_501));
        assert_eq!(Timeout::parse(&mut Args::new(&[Arg::Bytes(&timeout.word())])).unwrap(), timeout);
        assert_eq!(Timeout::from(Duration::ZERO).ms(), None);
    }
}
