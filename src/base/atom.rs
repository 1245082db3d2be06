//! Argument atoms: how a command's arguments reach its parser, and how its log form is written.
//!
//! Bytes come from argv and the wire; integers and doubles from typed doors and the log, so that a number
//! is read from text at most once in its life. There is one parser per command, over these.
use super::{
    bytes::Bytes,
    error::{Error, Result},
    limits::DATABASES,
    num, varint,
};

/// One argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arg<'a> {
    Bytes(&'a [u8]),
    Int(i64),
    Float(f64),
}

/// Words as atoms.
pub fn atoms<A: AsRef<[u8]>>(words: &[A]) -> Vec<Arg<'_>> {
    words.iter().map(|word| Arg::Bytes(word.as_ref())).collect()
}

/// The arguments of one command, read from the front.
#[derive(Debug, Clone, Copy)]
pub struct Args<'a> {
    rest: &'a [Arg<'a>],
}

impl<'a> Args<'a> {
    /// Reads `rest`: the arguments after the command's name.
    pub fn new(rest: &'a [Arg<'a>]) -> Self {
        Self { rest }
    }

    /// The number of arguments left.
    pub fn len(&self) -> usize {
        self.rest.len()
    }

    /// Tells whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn next(&mut self) -> Result<Arg<'a>> {
        let (first, rest) = self.rest.split_first().ok_or_else(Error::syntax)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Takes a byte string. Missing: `ERR syntax error`.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        match self.next()? {
            Arg::Bytes(b) => Ok(b),
            // Only a damaged log or a faulty door puts a number where bytes belong.
            Arg::Int(_) | Arg::Float(_) => Err(Error::syntax()),
        }
    }

    /// Takes an integer, or fails with Redis's text for a bad one.
    pub fn int(&mut self) -> Result<i64> {
        self.int_or(Error::not_an_integer)
    }

    /// Takes an integer, or fails with the command's own error.
    pub fn int_or(&mut self, bad: impl FnOnce() -> Error) -> Result<i64> {
        match self.next()? {
            Arg::Int(i) => Ok(i),
            Arg::Bytes(b) => num::parse_int(b).ok_or_else(bad),
            Arg::Float(_) => Err(bad()),
        }
    }

    /// Takes a double (never NaN), or fails with Redis's text for a bad one.
    pub fn float(&mut self) -> Result<f64> {
        self.float_or(Error::not_a_float)
    }

    /// Takes a double (never NaN), or fails with the command's own error.
    pub fn float_or(&mut self, bad: impl FnOnce() -> Error) -> Result<f64> {
        match self.next()? {
            Arg::Float(f) if !f.is_nan() => Ok(f),
            Arg::Int(i) => Ok(i as f64),
            Arg::Bytes(b) => num::parse_float(b).ok_or_else(bad),
            Arg::Float(_) => Err(bad()),
        }
    }

    /// Takes the next argument when it is `token`, whatever its case.
    pub fn token(&mut self, token: &str) -> bool {
        let hit = self.peek().is_some_and(|b| b.eq_ignore_ascii_case(token.as_bytes()));
        if hit {
            self.rest = &self.rest[1..];
        }
        hit
    }

    /// Returns the next argument when it is a byte string, and leaves it there.
    pub fn peek(&self) -> Option<&'a [u8]> {
        match self.rest.first() {
            Some(Arg::Bytes(b)) => Some(b),
            _ => None,
        }
    }

    /// Takes `count` arguments as a reader of their own. Fewer left: `ERR syntax error`.
    pub fn take(&mut self, count: usize) -> Result<Args<'a>> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or_else(Error::syntax)?;
        self.rest = rest;
        Ok(Args { rest: head })
    }

    /// Takes everything that is left as byte strings. At most as many are allocated as were given.
    pub fn all_bytes(&mut self) -> Result<Vec<&'a [u8]>> {
        let mut all = Vec::with_capacity(self.len());
        while !self.is_empty() {
            all.push(self.bytes()?);
        }
        Ok(all)
    }

    /// Copies of what is left, which are words.
    pub fn to_words(mut self) -> Result<Vec<Bytes>> {
        Ok(self.all_bytes()?.into_iter().map(Bytes::copy).collect())
    }

    /// Fails with `ERR syntax error` when something is left.
    pub fn finish(&self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::syntax()) }
    }
}

/// Texts below this length have it in their tag.
const SHORT_BYTES: usize = 128;
const SHORT_TAG: u8 = SHORT_BYTES as u8;

/// The log form of what one locked step did: deterministic commands as ids and atoms.
///
/// ```text
///   c id:u16   0x80|len bytes… (len below 128)   b len:u32 bytes…   v signed varint   f f64   c id:u16 …
///   d db:u8    (before a command that ran in another database than the one before it)
///   i i64      (read, but not written any more)                                 all little-endian
/// ```
///
/// Records are short because the disk's share of a write grows with every byte.
///
/// A record that is switched off ignores everything: a database without a log pays one branch.
#[derive(Debug, Clone, Default)]
pub struct Record {
    bytes: Vec<u8>,
    on: bool,
    /// The database of the commands that follow, and the one that was written last.
    selected: u8,
    db: u8,
}

/// See [`Record::mark`].
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    len: usize,
    db: u8,
}

/// Reads the commands of an encoded record one by one.
#[derive(Debug, Clone)]
pub struct Commands<'b> {
    rest: &'b [u8],
    db: u8,
}

impl<'b> Commands<'b> {
    /// Reads `encoded` from its beginning.
    pub fn new(encoded: &'b [u8]) -> Self {
        Self { rest: encoded, db: 0 }
    }

    /// Tells whether there is no other command.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads the next command's atoms into `atoms` and returns its database and id; `None` at the end, and
    /// `Some(None)` when the record is damaged.
    #[inline]
    pub fn next(&mut self, atoms: &mut Vec<Arg<'b>>) -> Option<Option<(u8, u16)>> {
        atoms.clear();
        self.walk(|atom| atoms.push(atom))
    }

    /// As [`Commands::next`], for who wants to know the command's first atom only.
    #[inline]
    pub fn next_first(&mut self, first: &mut Option<Arg<'b>>) -> Option<Option<(u8, u16)>> {
        *first = None;
        self.walk(|atom| *first = first.or(Some(atom)))
    }

    #[inline(always)]
    fn walk(&mut self, each: impl FnMut(Arg<'b>)) -> Option<Option<(u8, u16)>> {
        if self.rest.is_empty() { None } else { Some(self.read(each)) }
    }

    #[inline(always)]
    fn read(&mut self, mut each: impl FnMut(Arg<'b>)) -> Option<(u8, u16)> {
        let mut rest = self.rest;
        if let Some(after) = rest.strip_prefix(b"d") {
            self.db = after.first().copied().filter(|db| usize::from(*db) < DATABASES)?;
            rest = &after[1..];
        }
        let (id, mut rest) = rest.strip_prefix(b"c")?.split_first_chunk()?;
        while let Some((&tag, after)) = rest.split_first() {
            // Most of all that is ever logged.
            if tag >= SHORT_TAG {
                let (data, after) = after.split_at_checked(usize::from(tag - SHORT_TAG))?;
                each(Arg::Bytes(data));
                rest = after;
                continue;
            }
            rest = match tag {
                b'b' => {
                    let (len, after) = after.split_first_chunk()?;
                    let (data, after) = after.split_at_checked(u32::from_le_bytes(*len) as usize)?;
                    each(Arg::Bytes(data));
                    after
                }
                b'v' => {
                    let mut after = after;
                    each(Arg::Int(varint::read_signed(&mut after)?));
                    after
                }
                b'i' => {
                    let (value, after) = after.split_first_chunk()?;
                    each(Arg::Int(i64::from_le_bytes(*value)));
                    after
                }
                b'f' => {
                    let (value, after) = after.split_first_chunk()?;
                    each(Arg::Float(f64::from_le_bytes(*value)));
                    after
                }
                b'c' | b'd' => break,
                _ => return None,
            };
        }
        self.rest = rest;
        Some((self.db, u16::from_le_bytes(*id)))
    }
}

/// A decoded command of a record: the database it ran in, its id, its atoms.
pub type Logged<'b> = (u8, u16, Vec<Arg<'b>>);

impl Record {
    /// A record that keeps what it is told.
    pub fn on() -> Self {
        Self { on: true, ..Self::default() }
    }

    /// A record that keeps what it is told in `buffer`, which it empties: nothing is allocated for a short one.
    pub fn reusing(mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        Self { bytes: buffer, on: true, ..Self::default() }
    }

    /// The buffer, for the next record.
    pub fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }

    /// Where the record stands: what is added from here on can be taken back.
    pub fn mark(&self) -> Mark {
        Mark { len: self.bytes.len(), db: self.db }
    }

    /// Takes back what was added since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        self.bytes.truncate(mark.len);
        self.db = mark.db;
    }

    /// A record that ignores what it is told.
    pub const fn off() -> Self {
        Self { bytes: Vec::new(), on: false, selected: 0, db: 0 }
    }

    /// Tells whether anything is kept; a command may skip work for a record that is off.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Sets the database of the commands that follow.
    pub fn select(&mut self, db: u32) {
        self.selected = db as u8;
    }

    /// Starts a command.
    #[inline]
    pub fn command(&mut self, id: u16) -> &mut Self {
        if self.selected != self.db {
            self.db = self.selected;
            self.put(&[b'd', self.db]);
        }
        let [low, high] = id.to_le_bytes();
        self.put(&[b'c', low, high])
    }

    /// Adds a byte string.
    #[inline]
    pub fn bytes(&mut self, data: &[u8]) -> &mut Self {
        if self.on {
            // Arguments are at most STRING_BYTES_MAX (512 MiB) long.
            match data.len() {
                len @ 0..SHORT_BYTES => self.bytes.push(SHORT_TAG | len as u8),
                len => {
                    self.bytes.extend_from_slice(&(u64::from(b'b') | (len as u64) << 8).to_le_bytes()[..5])
                }
            }
            self.bytes.extend_from_slice(data);
        }
        self
    }

    /// Adds an integer.
    pub fn int(&mut self, value: i64) -> &mut Self {
        if self.on {
            self.bytes.push(b'v');
            varint::write_signed(&mut self.bytes, value);
        }
        self
    }

    /// Adds a double.
    pub fn float(&mut self, value: f64) -> &mut Self {
        self.put(b"f").put(&value.to_le_bytes())
    }

    #[inline]
    fn put(&mut self, data: &[u8]) -> &mut Self {
        if self.on {
            self.bytes.extend_from_slice(data);
        }
        self
    }

    /// Tells whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The encoded commands.
    pub fn encoded(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads encoded commands back; `None` when they are damaged.
    pub fn decode(encoded: &[u8]) -> Option<Vec<Logged<'_>>> {
        let (mut commands, mut all) = (Commands::new(encoded), Vec::new());
        let mut atoms = Vec::new();
        while let Some(command) = commands.next(&mut atoms) {
            let (db, id) = command?;
            all.push((db, id, std::mem::take(&mut atoms)));
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_in_order_and_refused_with_redis_texts() {
        let atoms =
            [Arg::Bytes(b"k"), Arg::Bytes(b"nx"), Arg::Bytes(b"12"), Arg::Float(1.5), Arg::Bytes(b"x")];
        let mut args = Args::new(&atoms);
        assert_eq!(args.bytes().unwrap(), b"k");
        assert!(!args.token("XX") && args.token("NX"));
        assert_eq!((args.int().unwrap(), args.float().unwrap()), (12, 1.5));
        assert_eq!(args.int().unwrap_err(), Error::not_an_integer());
        assert_eq!(args.bytes().unwrap_err(), Error::syntax());
        assert!(args.finish().is_ok() && args.take(1).is_err());
    }

    #[test]
    fn a_record_reads_back_and_damage_is_noticed() {
        let mut rec = Record::on();
        rec.command(7).bytes(b"key").int(-1).float(0.5);
        rec.select(3);
        rec.command(8);
        let back = Record::decode(rec.encoded()).unwrap();
        assert_eq!(back[0], (0, 7, vec![Arg::Bytes(b"key"), Arg::Int(-1), Arg::Float(0.5)]));
        assert_eq!(back[1], (3, 8, vec![]));
        for cut in [1, 4, 8, 12] {
            assert!(Record::decode(&rec.encoded()[..cut]).is_none(), "{cut}");
        }
        rec.select(DATABASES as u32);
        rec.command(9);
        assert!(Record::decode(rec.encoded()).is_none(), "no such database");
        let mut rec = Record::on();
        let texts = [0, 127, 128, 70_000].map(|len| vec![b'x'; len]);
        rec.command(7).int(i64::MIN).int(i64::MAX);
        for text in &texts {
            rec.bytes(text);
        }
        let back = Record::decode(rec.encoded()).unwrap();
        assert_eq!(back[0].2[..2], [Arg::Int(i64::MIN), Arg::Int(i64::MAX)]);
        assert!(back[0].2[2..].iter().zip(&texts).all(|(arg, text)| *arg == Arg::Bytes(text)));
    }

    #[test]
    fn the_long_forms_of_before_are_read() {
        let long = *b"c\x07\x00b\x03\x00\x00\x00keyi\xfe\xff\xff\xff\xff\xff\xff\xff";
        assert_eq!(Record::decode(&long).unwrap(), [(0, 7, vec![Arg::Bytes(b"key"), Arg::Int(-2)])]);
        let mut off = Record::off();
        off.command(1).bytes(b"x");
        assert!(off.is_empty());
    }
}
