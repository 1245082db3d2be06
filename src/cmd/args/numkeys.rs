//! `numkeys key [key ...]`: the keys of commands whose arguments go on after them.
use crate::base::{
    atom::{Args, Record},
    error::{Error, Kind, Result},
};

/// What a command of the shape says to a bad count. Redis words it in three ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// LMPOP, ZMPOP: `numkeys should be greater than 0`, for text as well; too many are a syntax error, and
    /// something must follow the keys.
    Pop,
    /// SINTERCARD: the same, but too many have an error of their own.
    Cardinality,
    /// ZUNION, ZINTERSTORE, ZINTERCARD …: an integer, and at least one key is needed for the command of this
    /// name; too many are a syntax error.
    Algebra(&'static str),
}

impl Refusal {
    #[cold]
    fn not_a_number(self) -> Error {
        match self {
            Self::Pop | Self::Cardinality => Error::command("ERR numkeys should be greater than 0"),
            Self::Algebra(_) => Error::not_an_integer(),
        }
    }

    #[cold]
    fn too_few(self) -> Error {
        match self {
            Self::Algebra(name) => {
                let name = name.to_ascii_lowercase();
                Error::quoting(
                    Kind::Command,
                    format!("ERR at least 1 input key is needed for '{name}' command"),
                )
            }
            Self::Pop | Self::Cardinality => self.not_a_number(),
        }
    }

    #[cold]
    fn too_many(self) -> Error {
        match self {
            Self::Cardinality => Error::command("ERR Number of keys can't be greater than number of args"),
            Self::Pop | Self::Algebra(_) => Error::syntax(),
        }
    }
}

/// Takes the count and that many keys. At most as many are allocated as were given.
///
/// # Errors
/// See [`Refusal`].
pub fn parse<'a>(args: &mut Args<'a>, refusal: Refusal) -> Result<Vec<&'a [u8]>> {
    let count = args.int_or(|| refusal.not_a_number())?;
    if count < 1 {
        return Err(refusal.too_few());
    }
    let room = args.len() - usize::from(refusal == Refusal::Pop).min(args.len());
    let count = usize::try_from(count).ok().filter(|count| *count <= room);
    args.take(count.ok_or_else(|| refusal.too_many())?)?.all_bytes()
}

/// Writes the shape into a record.
pub fn log(keys: &[&[u8]], rec: &mut Record) {
    rec.int(keys.len() as i64);
    for key in keys {
        rec.bytes(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::atom::Arg;

    fn parsed<'a>(count: &'a str, rest: &[&'a str], refusal: Refusal) -> Result<usize, String> {
        let texts = std::iter::once(&count).chain(rest);
        let atoms: Vec<Arg<'_>> = texts.map(|text| Arg::Bytes(text.as_bytes())).collect();
        let mut args = Args::new(&atoms);
        parse(&mut args, refusal).map(|keys| keys.len()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_bad_count_is_refused_in_the_words_of_each_family() {
        const HUGE: &str = "9223372036854775807";
        let zero = Err("ERR numkeys should be greater than 0".to_owned());
        let syntax = Err("ERR syntax error".to_owned());
        for refusal in [Refusal::Pop, Refusal::Cardinality] {
            for count in ["x", "0", "-1", "99999999999999999999"] {
                assert_eq!(parsed(count, &["a", "LEFT"], refusal), zero);
            }
        }
        assert_eq!(parsed("1", &["a", "LEFT"], Refusal::Pop), Ok(1));
        assert_eq!(parsed("2", &["a", "LEFT"], Refusal::Pop), syntax);
        assert_eq!(parsed(HUGE, &["a", "LEFT"], Refusal::Pop), syntax);
        let many = Err("ERR Number of keys can't be greater than number of args".to_owned());
        assert_eq!(parsed("2", &["a", "b"], Refusal::Cardinality), Ok(2));
        assert_eq!(parsed("3", &["a", "b"], Refusal::Cardinality), many);
        assert_eq!(parsed(HUGE, &[], Refusal::Cardinality), many);
        let union = Refusal::Algebra("ZUNION");
        let few = Err("ERR at least 1 input key is needed for 'zunion' command".to_owned());
        assert_eq!(parsed("x", &["a"], union), Err("ERR value is not an integer or out of range".to_owned()));
        assert_eq!((parsed("0", &["a"], union), parsed("-5", &["a"], union)), (few.clone(), few));
        assert_eq!((parsed("2", &["a"], union), parsed("1", &["a"], union)), (syntax, Ok(1)));
    }
}
