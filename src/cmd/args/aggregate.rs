//! `AGGREGATE <SUM | MIN | MAX>`: what becomes of the scores of a member that several sets have.
use crate::base::{
    atom::{Args, Record},
    error::{Error, Result},
};

/// How scores are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aggregate {
    #[default]
    Sum,
    Min,
    Max,
}

impl Aggregate {
    const NAMES: [(&'static str, Self); 3] = [("SUM", Self::Sum), ("MIN", Self::Min), ("MAX", Self::Max)];

    /// Takes `AGGREGATE` and the way, when the word stands next and something behind it.
    pub fn parse(args: &mut Args<'_>) -> Result<Option<Self>> {
        if args.len() < 2 || !args.token("AGGREGATE") {
            return Ok(None);
        }
        let found = Self::NAMES.into_iter().find(|(name, _)| args.token(name));
        found.map(|(_, way)| Some(way)).ok_or_else(Error::syntax)
    }

    /// Combines two scores. Opposite infinities cancel out.
    pub fn combine(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Sum if (a + b).is_nan() => 0.0,
            Self::Sum => a + b,
            Self::Min if b < a => b,
            Self::Max if b > a => b,
            Self::Min | Self::Max => a,
        }
    }

    /// Writes it into a record.
    pub fn log(self, rec: &mut Record) {
        if let Some((name, _)) = Self::NAMES.iter().find(|(_, way)| *way == self && self != Self::Sum) {
            rec.bytes(b"AGGREGATE").bytes(name.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_opposite_infinities_are_zero_and_ties_keep_the_first() {
        let inf = f64::INFINITY;
        assert_eq!(Aggregate::Sum.combine(inf, -inf), 0.0);
        assert_eq!((Aggregate::Min.combine(2.0, -inf), Aggregate::Max.combine(2.0, 3.0)), (-inf, 3.0));
        assert!(Aggregate::Min.combine(-0.0, 0.0).is_sign_negative());
        assert_eq!(Aggregate::Max.combine(1.0, f64::NAN), 1.0);
    }
}
