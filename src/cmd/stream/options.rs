//! The options that XADD and XTRIM share: how far to trim, and what becomes of references.
use super::ids;
use crate::{
    base::{
        atom::{Args, Record},
        error::{Error, Result},
        limits::Encodings,
    },
    cmd::{Command, stream::xtrim::XTrim},
    value::stream::{References, StreamId, Trim, trim::Bound},
};

/// `<MAXLEN | MINID> [= | ~] threshold [LIMIT count]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trimming {
    pub bound: Bound,
    /// `~`: whole blocks only, and no more entries than `limit`.
    pub about: bool,
    /// 0: no limit. Without it a hundred blocks may go.
    pub limit: Option<u64>,
}

impl Trimming {
    /// To at most `len` entries.
    pub fn to_length(len: u64) -> Self {
        Self { bound: Bound::Length(len), about: false, limit: None }
    }

    /// To entries that are not below `id`.
    pub fn to_id(id: StreamId) -> Self {
        Self { bound: Bound::Id(id), about: false, limit: None }
    }

    /// Stops at whole blocks: much cheaper.
    pub fn about(mut self) -> Self {
        self.about = true;
        self
    }

    /// What this is under some limits of blocks.
    pub fn resolve(&self, references: References, limits: &Encodings) -> Trim {
        const BLOCKS: u64 = 100;
        let usual = match limits.stream_node_max_entries as u64 {
            0 => 10_000,
            entries => entries.saturating_mul(BLOCKS).min(1_000_000),
        };
        Trim { bound: self.bound, about: self.about.then(|| self.limit.unwrap_or(usual)), references }
    }
}

/// What was given in front of the ID of XADD, or to XTRIM.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub no_make: bool,
    pub references: Option<References>,
    trimming: Option<Trimming>,
    limit: Option<u64>,
}

/// Takes `KEEPREF`, `DELREF` or `ACKED`.
pub fn references(args: &mut Args<'_>) -> Option<References> {
    let words =
        [("KEEPREF", References::Keep), ("DELREF", References::Delete), ("ACKED", References::Acknowledged)];
    words.into_iter().find(|(word, _)| args.token(word)).map(|(_, references)| references)
}

fn threshold<T>(args: &mut Args<'_>, read: impl FnOnce(&mut Args<'_>) -> Result<T>) -> Result<(bool, T)> {
    let about = args.len() > 1 && args.token("~");
    if !about && args.len() > 1 {
        args.token("=");
    }
    Ok((about, read(args)?))
}

fn not_negative(args: &mut Args<'_>, negative: &'static str) -> Result<u64> {
    u64::try_from(args.int()?).map_err(|_| Error::command(negative))
}

/// Takes the options. `adding`: those of XADD, up to where its ID must be.
pub fn parse(args: &mut Args<'_>, adding: bool) -> Result<Options> {
    let mut options = Options::default();
    while !(args.is_empty() || adding && args.peek() == Some(b"*")) {
        let more = args.len() > 1;
        let bound = match () {
            () if more && args.token("MAXLEN") => 'L',
            () if more && args.token("MINID") => 'I',
            () if more && args.token("LIMIT") => {
                options.limit = Some(not_negative(args, "ERR The LIMIT argument must be >= 0.")?);
                continue;
            }
            () if adding && args.token("NOMKSTREAM") => {
                options.no_make = true;
                continue;
            }
            () => {
                let given = if options.references.is_none() { references(args) } else { None };
                match given {
                    Some(_) => options.references = given,
                    None if adding => break,
                    None => return Err(Error::syntax()),
                }
                continue;
            }
        };
        if options.trimming.is_some() {
            return Err(Error::command(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        let (about, bound) = match bound {
            'L' => threshold(args, |args| {
                not_negative(args, "ERR The MAXLEN argument must be >= 0.").map(Bound::Length)
            })?,
            _ => threshold(args, |args| ids::one(args, 0).map(Bound::Id))?,
        };
        options.trimming = Some(Trimming { bound, about, limit: None });
    }
    Ok(options)
}

impl Options {
    /// Returns the trim, after a look at what is said of its limit.
    pub fn trimming(&self) -> Result<Option<Trimming>> {
        let exact = self.trimming.is_none_or(|trimming| !trimming.about);
        match (self.trimming, self.limit) {
            (None, Some(1..)) => Err(Error::command(
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
            )),
            (_, Some(_)) if exact => {
                Err(Error::command("ERR syntax error, LIMIT cannot be used without the special ~ option"))
            }
            (trimming, limit) => Ok(trimming.map(|trimming| Trimming { limit, ..trimming })),
        }
    }
}

/// Writes what a trim came to: to how many entries. That many of the first that may go go again.
pub fn log(key: &[u8], len: usize, references: References, rec: &mut Record) {
    rec.command(<XTrim<'_> as Command<'_>>::SPEC.id).bytes(key).bytes(b"MAXLEN").bytes(b"=").int(len as i64);
    log_references(references, rec);
}

/// Adds what [`references`] takes to a record.
pub fn log_references(references: References, rec: &mut Record) {
    match references {
        References::Keep => {}
        References::Delete => drop(rec.bytes(b"DELREF")),
        References::Acknowledged => drop(rec.bytes(b"ACKED")),
    }
}
