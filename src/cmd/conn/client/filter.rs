//! Which connections CLIENT LIST and CLIENT KILL mean.
use super::line;
use crate::{
    base::{
        atom::Args,
        error::{Error, Kind, Result},
        limits::DATABASES,
        num,
    },
    cmd::session::card::Card,
};
use std::sync::atomic::Ordering::Relaxed;

/// Something a connection may have or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trait<'a> {
    Ids(Vec<u64>),
    /// Of a type: one that has subscribed (true), or any other (false). `None`: one that there is not here.
    Subscribed(Option<bool>),
    /// There is one user, so all connections have it.
    User,
    Addr(&'a [u8]),
    LocalAddr(&'a [u8]),
    Ip(&'a [u8]),
    Name(&'a [u8]),
    LibName(&'a [u8]),
    LibVer(&'a [u8]),
    /// All of these letters.
    Flags(&'a [u8]),
    /// All of these capabilities: no connection has any.
    Capabilities(&'a [u8]),
    Db(u32),
    /// At least so many seconds old.
    Age(u64),
    /// At least so many seconds silent.
    Idle(u64),
}

/// The filters of one command: a connection has to pass all of them.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// What a connection must have (true) or must not have. A later filter of a kind replaces an earlier one.
    traits: Vec<(bool, Trait<'a>)>,
    /// Whether the own connection is left out, when the command says so.
    pub skip_me: Option<bool>,
}

/// The letters Redis gives connections.
const FLAGS: &[u8] = b"NOSMPxbtRBdcuAUreTIi";
/// The capabilities a connection may claim.
const CAPABILITIES: &[u8] = b"r";

impl<'a> Filter<'a> {
    /// Takes all that is left of the arguments.
    pub fn parse(args: &mut Args<'a>) -> Result<Self> {
        let mut filter = Self::default();
        while !args.is_empty() {
            let option = args.bytes()?;
            let (wanted, name) = match option.split_at_checked(4) {
                Some((not, name)) if not.eq_ignore_ascii_case(b"NOT-") => (false, name),
                _ => (true, option),
            };
            let mut value = *args;
            args.take(1)?;
            let name = name.to_ascii_uppercase();
            if wanted && name == b"SKIPME" {
                filter.skip_me = Some(yes_or_no(&mut value)?);
                continue;
            }
            let found = if name == b"ID" { ids(&mut value, args)? } else { of(&name, wanted, &mut value)? };
            let same = |other: &Trait<'_>| std::mem::discriminant(other) == std::mem::discriminant(&found);
            filter.traits.retain(|(was_wanted, other)| !(*was_wanted == wanted && same(other)));
            filter.traits.push((wanted, found));
        }
        Ok(filter)
    }

    /// Tells whether `card` passes.
    pub fn fits(&self, card: &Card, now_ms: u64) -> bool {
        self.traits.iter().all(|(wanted, found)| found.holds(card, now_ms) == *wanted)
    }
}

fn yes_or_no(value: &mut Args<'_>) -> Result<bool> {
    let yes = value.token("YES");
    if yes || value.token("NO") { Ok(yes) } else { Err(Error::syntax()) }
}

/// Takes ids as long as there are numbers: one at least. `rest` is behind the first of them.
fn ids<'a>(value: &mut Args<'a>, rest: &mut Args<'a>) -> Result<Trait<'a>> {
    let mut ids = Vec::new();
    while let Some(id) = value.peek().and_then(num::parse_int) {
        value.bytes()?;
        let id = u64::try_from(id).ok().filter(|id| *id > 0);
        ids.push(id.ok_or_else(|| Error::command("ERR client-id should be greater than 0"))?);
    }
    if ids.is_empty() {
        return Err(Error::syntax());
    }
    *rest = *value;
    Ok(Trait::Ids(ids))
}

/// Takes a number of seconds.
fn seconds(value: &mut Args<'_>, name: &str) -> Result<u64> {
    let bad = || Error::quoting(Kind::Command, format!("ERR {name} is not an integer or out of range"));
    let few = || Error::quoting(Kind::Command, format!("ERR {name} should be greater than 0"));
    u64::try_from(value.int_or(bad)?).ok().filter(|seconds| *seconds > 0).ok_or_else(few)
}

/// Takes letters out of `known`.
fn letters<'a>(value: &mut Args<'a>, known: &[u8], what: &str) -> Result<&'a [u8]> {
    let letters = value.bytes()?;
    if letters.iter().all(|letter| known.contains(letter)) {
        return Ok(letters);
    }
    let text = format!("ERR Unknown {what} found in the provided filter: ");
    Err(Error::quoting(Kind::Command, [text.as_bytes(), letters].concat()))
}

fn kind(value: &mut Args<'_>) -> Result<Option<bool>> {
    let name = value.bytes()?;
    match name.to_ascii_lowercase().as_slice() {
        b"normal" => Ok(Some(false)),
        b"pubsub" => Ok(Some(true)),
        b"master" | b"primary" | b"slave" | b"replica" => Ok(None),
        _ => Err(Error::quoting(Kind::Command, [b"ERR Unknown client type '", name, b"'"].concat())),
    }
}

fn database(value: &mut Args<'_>) -> Result<u32> {
    let bad = || Error::command("ERR DB is not an integer or out of range");
    let db = i32::try_from(value.int_or(bad)?).map_err(|_| bad())?;
    u32::try_from(db).ok().filter(|db| (*db as usize) < DATABASES).ok_or_else(|| {
        let last = DATABASES - 1;
        Error::quoting(Kind::Command, format!("ERR DB number should be between 0 and {last}"))
    })
}

fn of<'a>(name: &[u8], wanted: bool, value: &mut Args<'a>) -> Result<Trait<'a>> {
    Ok(match name {
        b"TYPE" => Trait::Subscribed(kind(value)?),
        b"USER" => match value.bytes()? {
            b"default" => Trait::User,
            other => {
                return Err(Error::quoting(Kind::Command, [b"ERR No such user '", other, b"'"].concat()));
            }
        },
        b"ADDR" => Trait::Addr(value.bytes()?),
        b"LADDR" => Trait::LocalAddr(value.bytes()?),
        b"IP" => Trait::Ip(value.bytes()?),
        b"NAME" => Trait::Name(value.bytes()?),
        b"LIB-NAME" => Trait::LibName(value.bytes()?),
        b"LIB-VER" => Trait::LibVer(value.bytes()?),
        b"FLAGS" => Trait::Flags(letters(value, FLAGS, "flags")?),
        b"CAPA" => Trait::Capabilities(letters(value, CAPABILITIES, "capa")?),
        b"DB" => Trait::Db(database(value)?),
        b"MAXAGE" if wanted => Trait::Age(seconds(value, "maxage")?),
        b"IDLE" if wanted => Trait::Idle(seconds(value, "idle")?),
        _ => return Err(Error::syntax()),
    })
}

impl Trait<'_> {
    fn holds(&self, card: &Card, now_ms: u64) -> bool {
        let silent_for = |seconds: u64, since_ms: u64| now_ms.saturating_sub(since_ms) / 1000 >= seconds;
        match self {
            Self::Ids(ids) => ids.contains(&card.id),
            Self::Subscribed(wanted) => *wanted == Some(card.shown().subscribed),
            Self::User => true,
            Self::Addr(addr) => card.origin.addr.as_bytes() == *addr,
            Self::LocalAddr(addr) => card.origin.laddr.as_bytes() == *addr,
            Self::Ip(ip) => card.origin.addr.rsplit_once(':').is_some_and(|(of, _)| of.as_bytes() == *ip),
            // A client without a label is found by none, not by the empty one.
            Self::Name(name) => !name.is_empty() && *card.labels().name == **name,
            Self::LibName(name) => !name.is_empty() && *card.labels().lib_name == **name,
            Self::LibVer(version) => !version.is_empty() && *card.labels().lib_ver == **version,
            Self::Flags(flags) => {
                let has = line::flags(card);
                flags.iter().all(|flag| has.as_bytes().contains(flag))
            }
            Self::Capabilities(capabilities) => capabilities.is_empty(),
            Self::Db(db) => card.shown().db == *db,
            Self::Age(seconds) => silent_for(*seconds, card.opened_ms),
            Self::Idle(seconds) => silent_for(*seconds, card.seen_ms.load(Relaxed)),
        }
    }
}
