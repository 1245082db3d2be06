//! `EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds`, everywhere the same.
use crate::base::{
    atom::Args,
    error::{Error, Kind, Result},
};

/// When a key shall expire. The unit is Redis's; the moment is settled when the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// Milliseconds from now.
    In(i64),
    /// Unix milliseconds.
    At(i64),
}

/// `ERR invalid expire time in 'name' command`.
#[cold]
pub fn invalid(name: &str) -> Error {
    let name = name.to_ascii_lowercase();
    Error::quoting(Kind::Command, format!("ERR invalid expire time in '{name}' command"))
}

impl Expiry {
    /// Takes one of the four forms, when the next argument is one. `name` is the command's, for the error.
    pub fn parse(args: &mut Args<'_>, name: &str) -> Result<Option<Self>> {
        Said::parse(args)?.map(|said| said.settle(name)).transpose()
    }

    /// Settles unit and sign: a time must be positive and must not overflow.
    pub fn of(value: i64, scale: i64, relative: bool, name: &str) -> Result<Self> {
        let ms = Some(value).filter(|v| *v > 0).and_then(|v| v.checked_mul(scale));
        let ms = ms.ok_or_else(|| invalid(name))?;
        Ok(if relative { Self::In(ms) } else { Self::At(ms) })
    }

    /// The moment in Unix milliseconds.
    pub fn at_ms(self, now_ms: u64, name: &str) -> Result<u64> {
        let at = match self {
            Self::In(ms) => ms.checked_add_unsigned(now_ms).ok_or_else(|| invalid(name))?,
            Self::At(ms) => ms,
        };
        u64::try_from(at).map_err(|_| invalid(name))
    }
}

/// One of the four forms as it was said. Its number is read when the whole command is known to be well-formed.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// `EX`, `PX`, `EXAT` or `PXAT`.
    pub unit: &'static str,
    number: Args<'a>,
}

impl<'a> Said<'a> {
    /// Takes one of the four forms, when the next argument is one.
    pub fn parse(args: &mut Args<'a>) -> Result<Option<Self>> {
        let unit = ["EX", "PX", "EXAT", "PXAT"].into_iter().find(|unit| args.token(unit));
        unit.map(|unit| Ok(Self { unit, number: args.take(1)? })).transpose()
    }

    /// Reads the number. `name` is the command's, for the error.
    pub fn settle(mut self, name: &str) -> Result<Expiry> {
        let scale = if self.unit.starts_with('E') { 1000 } else { 1 };
        Expiry::of(self.number.int()?, scale, self.unit.len() == 2, name)
    }
}
