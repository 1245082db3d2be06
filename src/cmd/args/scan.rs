//! `cursor [MATCH pattern] [COUNT count]`: SCAN, HSCAN, SSCAN and ZSCAN.
use crate::base::{
    atom::Args,
    bytes::Bytes,
    error::{Error, Result},
    glob, num,
};

/// Which part of a collection to show.
///
/// Redis looks the key up before it reads the options: on a missing key wrong options go unnoticed, and on one of
/// another type WRONGTYPE comes first. So a wrong option is kept here until [`Scan::check`].
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    /// 0, or what the call before returned.
    pub cursor: u64,
    /// `MATCH`: only what matches is returned. It does not change which part is looked at.
    pub pattern: Option<&'a [u8]>,
    /// `COUNT`: about how many elements to look at; at least 1.
    pub count: usize,
    wrong: Option<Error>,
}

impl<'a> Scan<'a> {
    /// What Redis looks at when nobody says `COUNT`.
    pub const COUNT: usize = 10;

    /// Goes on from `cursor`; 0 starts.
    pub fn new(cursor: u64) -> Self {
        Self { cursor, pattern: None, count: Self::COUNT, wrong: None }
    }

    /// Only what matches `pattern` (`MATCH`).
    pub fn matching(mut self, pattern: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.pattern = Some(pattern.as_ref());
        self
    }

    /// About `count` elements a call (`COUNT`).
    pub fn counting(mut self, count: usize) -> Self {
        self.count = count.max(1);
        self
    }

    /// Reads the cursor and all options. `option` may take further ones (`TYPE type`, `NOVALUES`); it says whether
    /// it did. Only a bad cursor fails at once: see [`Scan::check`].
    pub fn parse(args: &mut Args<'a>, option: &mut dyn FnMut(&mut Args<'a>) -> Result<bool>) -> Result<Self> {
        let mut scan = Self::new(cursor(args)?);
        if let Err(error) = scan.options(args, option) {
            scan.wrong = Some(error);
            args.take(args.len())?;
        }
        Ok(scan)
    }

    fn options(
        &mut self,
        args: &mut Args<'a>,
        option: &mut dyn FnMut(&mut Args<'a>) -> Result<bool>,
    ) -> Result<()> {
        while !args.is_empty() {
            if args.token("COUNT") {
                let count = usize::try_from(args.int()?).ok().filter(|count| *count > 0);
                self.count = count.ok_or_else(Error::syntax)?;
            } else if args.token("MATCH") {
                self.pattern = Some(args.bytes()?);
            } else if !option(args)? {
                return Err(misplaced(args));
            }
        }
        Ok(())
    }

    /// Fails when an option was wrong. SCAN calls it after parsing, the others once they have found their key.
    pub fn check(&self) -> Result<()> {
        self.wrong.clone().map_or(Ok(()), Err)
    }

    /// Tells whether `element` is to be returned.
    pub fn shows(&self, element: &[u8]) -> bool {
        self.pattern.is_none_or(|pattern| glob::matches(pattern, element))
    }

    /// The same, owned: for a part that is read after the unlock.
    pub fn to_window(&self) -> Window {
        Window { cursor: self.cursor, count: self.count, pattern: self.pattern.map(Bytes::copy) }
    }
}

/// What is said to an option that none of the four commands has, or another of them.
fn misplaced(args: &mut Args<'_>) -> Error {
    if args.token("NOVALUES") {
        Error::command("ERR NOVALUES option can only be used in HSCAN")
    } else if args.token("NOSCORES") {
        Error::command("ERR NOSCORES option can only be used in ZSCAN")
    } else {
        Error::syntax()
    }
}

/// A [`Scan`] that owns its pattern.
#[derive(Debug, Clone)]
pub struct Window {
    pub cursor: u64,
    pub count: usize,
    pub pattern: Option<Bytes>,
}

impl Window {
    /// Tells whether `element` is to be returned.
    pub fn shows(&self, element: &[u8]) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| glob::matches(pattern, element))
    }
}

/// Reads a cursor as Redis does: strictly, or else by the C library, which lets spaces, a sign and zeros stand in
/// front.
fn cursor(args: &mut Args<'_>) -> Result<u64> {
    let invalid = || Error::command("ERR invalid cursor");
    let Some(text) = args.peek() else {
        return u64::try_from(args.int_or(invalid)?).map_err(|_| invalid());
    };
    args.bytes()?;
    if let Some(int) = num::parse_int(text) {
        return u64::try_from(int).map_err(|_| invalid());
    }
    let blank = text.iter().take_while(|b| matches!(b, b' ' | 9..=13)).count();
    let (negative, digits) = match &text[blank..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    let value = match &digits[zeros..] {
        [] if zeros > 0 => Some(0),
        rest => num::parse_unsigned(rest),
    };
    value.map(|value| if negative { value.wrapping_neg() } else { value }).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::atom::Arg;

    fn read(words: &[&str]) -> Result<Scan<'static>> {
        let atoms: Vec<Arg<'static>> =
            words.iter().map(|w| Arg::Bytes(w.to_string().leak().as_bytes())).collect();
        let mut args = Args::new(atoms.leak());
        let scan = Scan::parse(&mut args, &mut |_| Ok(false))?;
        assert!(args.is_empty());
        Ok(scan)
    }

    #[test]
    fn cursors_are_read_as_redis_reads_them() {
        for (text, value) in
            [("0", 0), ("+0", 0), ("00", 0), (" 0", 0), ("18446744073709551615", u64::MAX), ("-01", u64::MAX)]
        {
            assert_eq!(read(&[text]).unwrap().cursor, value, "{text:?}");
        }
        for bad in ["", "-1", "x", "1x", "+", "18446744073709551616", "0 "] {
            assert_eq!(read(&[bad]).unwrap_err().text(), b"ERR invalid cursor", "{bad:?}");
        }
    }

    #[test]
    fn wrong_options_are_kept_until_they_are_asked_for() {
        let scan = read(&["7", "match", "a*", "count", "3", "COUNT", "5"]).unwrap();
        assert_eq!((scan.cursor, scan.pattern, scan.count), (7, Some(&b"a*"[..]), 5));
        assert!(scan.check().is_ok() && scan.shows(b"ab") && !scan.shows(b"b"));
        for (options, text) in [
            (&["COUNT", "0"][..], "ERR syntax error"),
            (&["COUNT", "x"], "ERR value is not an integer or out of range"),
            (&["COUNT"], "ERR syntax error"),
            (&["MATCH"], "ERR syntax error"),
            (&["FOO", "1"], "ERR syntax error"),
            (&["NOVALUES"], "ERR NOVALUES option can only be used in HSCAN"),
            (&["NOSCORES"], "ERR NOSCORES option can only be used in ZSCAN"),
        ] {
            let words: Vec<&str> = ["0"].iter().chain(options).copied().collect();
            assert_eq!(read(&words).unwrap().check().unwrap_err().to_string(), text);
        }
    }
}
