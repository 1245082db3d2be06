//! RESTORE: a value from bytes that DUMP has written, here or elsewhere.
use super::del::Del;
use crate::{
    base::{
        atom::{Args, Record},
        emit::{self, Emit, Sink},
        error::{Error, Kind, Result},
        limits::Encodings,
    },
    cmd::{Command, DENYOOM, Group, Spec, WRITE},
    keyspace::{notes::Classes, view::View},
    value::rdb::{self, Fault, Loaded},
};
use std::cell::Cell;

/// `RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]`.
///
/// The payload is read before any lock is taken, in the forms that the usual limits say; where the database has other limits,
/// it is read again when they are known.
///
/// # Compatibility
/// Taken are the payloads of Redis up to 8.2 and of Valkey up to 9.1, and what is in them is always looked at as
/// `sanitize-dump-payload yes` says. Bytes behind the value are refused. `FREQ` means nothing without an LFU policy.
pub struct Restore<'a> {
    pub key: &'a [u8],
    pub payload: &'a [u8],
    /// Milliseconds, 0 for ever. What is wrong with it is said when the key is known to be free, as in Redis.
    ttl: Result<i64>,
    /// The time to live is a moment (`ABSTTL`).
    pub absolute: bool,
    /// Also if there is something at the key.
    pub replace: bool,
    pub idle_s: Option<u64>,
    freq: Option<u8>,
    read: Cell<Option<Result<Loaded, Fault>>>,
}

/// What became of the key.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// It has the value, until then.
    Restored(Option<u64>),
    /// The time of the value is over already, and what was there has gone.
    Removed,
    /// The same, and nothing was there.
    Unchanged,
}

impl From<Fate> for () {
    fn from(_: Fate) {}
}

impl Emit for Fate {
    fn emit(self, to: &mut dyn Sink) {
        emit::Ok.emit(to);
    }
}

impl<'a> Restore<'a> {
    /// Restores a value for ever to a key that is free. Reads the payload: O(its length).
    pub fn new(key: &'a (impl AsRef<[u8]> + ?Sized), payload: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self::unread(key.as_ref(), payload.as_ref()).prepared()
    }

    /// For so many milliseconds.
    pub fn expire_in_ms(mut self, ms: u64) -> Self {
        (self.ttl, self.absolute) = (Ok(i64::try_from(ms).unwrap_or(i64::MAX)), false);
        self
    }

    /// Until then, in Unix milliseconds (`ABSTTL`). A time that has passed restores nothing.
    pub fn expire_at_ms(mut self, at_ms: u64) -> Self {
        (self.ttl, self.absolute) = (Ok(i64::try_from(at_ms).unwrap_or(i64::MAX)), true);
        self
    }

    /// Also if there is something at the key (`REPLACE`).
    pub fn replacing(mut self) -> Self {
        self.replace = true;
        self
    }

    /// As if it had not been used for so many seconds (`IDLETIME`).
    pub fn idle_for(mut self, seconds: u64) -> Self {
        self.idle_s = Some(seconds);
        self
    }

    fn unread(key: &'a [u8], payload: &'a [u8]) -> Self {
        Self {
            key,
            payload,
            ttl: Ok(0),
            absolute: false,
            replace: false,
            idle_s: None,
            freq: None,
            read: Cell::new(None),
        }
    }

    fn prepared(self) -> Self {
        self.read.set(Some(rdb::read(self.payload, &Encodings::default())));
        self
    }

    /// Reads the options.
    fn options(&mut self, args: &mut Args<'a>) -> Result<()> {
        while !args.is_empty() {
            if args.token("REPLACE") {
                self.replace = true;
            } else if args.token("ABSTTL") {
                self.absolute = true;
            } else if args.len() > 1 && self.freq.is_none() && args.token("IDLETIME") {
                const BAD: &str = "ERR Invalid IDLETIME value, must be >= 0";
                let seconds = u64::try_from(args.int()?).map_err(|_| Error::command(BAD))?;
                self.idle_s = Some(seconds);
            } else if args.len() > 1 && self.idle_s.is_none() && args.token("FREQ") {
                const BAD: &str = "ERR Invalid FREQ value, must be >= 0 and <= 255";
                self.freq = Some(u8::try_from(args.int()?).map_err(|_| Error::command(BAD))?);
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(())
    }

    /// The deadline in Unix milliseconds; one before 1970 is 0.
    fn at_ms(&self, now_ms: u64) -> Result<Option<u64>> {
        let ttl = self.ttl.clone()?;
        if ttl < 0 {
            return Err(Error::command("ERR Invalid TTL value, must be >= 0"));
        }
        // A time too far ahead comes out in the past, as in Redis.
        let at_ms = if self.absolute { ttl } else { ttl.wrapping_add_unsigned(now_ms) };
        Ok((ttl != 0).then(|| u64::try_from(at_ms).unwrap_or(0)))
    }

    fn value(&self, limits: &Encodings) -> Result<Loaded> {
        let fits = |loaded: &Loaded| matches!(loaded, Loaded::Text(_)) || *limits == Encodings::default();
        let read = match self.read.take() {
            Some(Ok(loaded)) if !fits(&loaded) => None,
            read => read,
        };
        read.unwrap_or_else(|| rdb::read(self.payload, limits)).map_err(refused)
    }
}

#[cold]
fn refused(fault: Fault) -> Error {
    Error::command(match fault {
        Fault::Envelope => "ERR DUMP payload version or checksum are wrong",
        Fault::Object => "ERR Bad data format",
        Fault::FieldDeadline => "ERR Bad data format: hash fields with a time to live are not supported",
    })
}

impl<'a> Command<'a> for Restore<'a> {
    const SPEC: Spec = Spec {
        id: 0x0225,
        name: "RESTORE",
        usage: "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
        arity: -4,
        flags: WRITE | DENYOOM,
        keys: (1, 1, 1),
        group: Group::Generic,
        since: "2.6.0",
        complexity: "O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).",
        summary: "Creates a key from the serialized representation of a value.",
    };
    type Owned = ();
    type Out<'k> = Fate;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        let (key, mut ttl, payload) = (args.bytes()?, args.take(1)?, args.bytes()?);
        let mut restore = Self { ttl: ttl.int(), ..Self::unread(key, payload) };
        restore.options(args)?;
        Ok(restore.prepared())
    }

    fn keys(&self, each: &mut dyn FnMut(&'a [u8])) {
        each(self.key);
    }

    fn run<'k>(&self, view: &'k mut View<'_>) -> Result<Fate> {
        if !self.replace && view.exists_to_write(self.key) {
            return Err(Error::new(Kind::Conflict, "BUSYKEY Target key name already exists."));
        }
        let at_ms = self.at_ms(view.now_ms)?;
        let value = self.value(&view.limits())?;
        if at_ms.is_some_and(|at_ms| at_ms <= view.now_ms) {
            let removed = self.replace && view.delete(self.key);
            return Ok(if removed { Fate::Removed } else { Fate::Unchanged });
        }
        let new = value.kind();
        let old = view.restore(self.key, value, at_ms, self.idle_s.unwrap_or(0));
        view.notify(Classes::GENERIC, "restore", self.key);
        if let Some(old) = old {
            view.say_overwritten(self.key, old, new);
        }
        Ok(Fate::Restored(at_ms))
    }

    fn log(&self, fate: &Fate, rec: &mut Record, _now_ms: u64) {
        let at_ms = match fate {
            Fate::Restored(at_ms) => at_ms.unwrap_or(0),
            Fate::Removed => return Del::record(rec, self.key),
            Fate::Unchanged => return,
        };
        // Invariant: a deadline came from a signed number.
        rec.command(Self::SPEC.id).bytes(self.key).int(at_ms as i64).bytes(self.payload);
        rec.bytes(b"REPLACE").bytes(b"ABSTTL");
        if let Some(idle_s) = self.idle_s {
            rec.bytes(b"IDLETIME").int(i64::try_from(idle_s).unwrap_or(i64::MAX));
        }
    }
}

crate::cmd::row!(Restore<'_>);
