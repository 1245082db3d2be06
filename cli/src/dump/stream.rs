//! A stream as commands: its entries with their IDs, its past, its groups and what is pending in them.
//!
//! ```text
//!   XADD … ─▶ XSETID ─▶ XGROUP CREATE ─▶ XGROUP CREATECONSUMER … ─▶ XCLAIM … ─▶ (XDEL, XTRIM, XSETID)
//! ```
//!
//! What was delivered and then deleted or trimmed is pending still, but XCLAIM refuses what is not in the stream. Such an
//! entry gets a stand-in, which is removed again at the end: what others than XDEL removed, by XTRIM, so that the greatest
//! deleted ID stays what it was. When a consumer last asked is the one thing that no command says.
use super::{CHUNK, Dump, PAGE};
use std::collections::BTreeSet;
use tenondb::Reply;

/// The two numbers of an ID.
type Id = (u64, u64);

/// The value of a field of a map.
fn field<'r>(of: &'r Reply, name: &str) -> Option<&'r Reply> {
    let Reply::Map(pairs) = of else { return None };
    pairs.iter().find(|(key, _)| key.as_bytes() == Some(name.as_bytes())).map(|(_, value)| value)
}

fn text<'r>(of: &'r Reply, name: &str) -> &'r [u8] {
    field(of, name).and_then(Reply::as_bytes).unwrap_or_default()
}

fn number(of: &Reply, name: &str) -> i64 {
    field(of, name).and_then(Reply::as_int).unwrap_or(0)
}

fn items<'r>(of: &'r Reply, name: &str) -> &'r [Reply] {
    field(of, name).and_then(Reply::as_list).unwrap_or_default()
}

fn id(text: &[u8]) -> Result<Id, String> {
    let read = |text: &str| {
        let (ms, seq) = text.split_once('-')?;
        Some((ms.parse().ok()?, seq.parse().ok()?))
    };
    let read = std::str::from_utf8(text).ok().and_then(read);
    read.ok_or_else(|| format!("{} is no ID", text.escape_ascii()))
}

fn text_of((ms, seq): Id) -> Vec<u8> {
    format!("{ms}-{seq}").into_bytes()
}

/// A stream, said.
struct Said<'i> {
    key: &'i [u8],
    info: &'i Reply,
    last: Id,
    entries: u64,
    /// Pending, but not in the stream, and not said yet.
    missing: BTreeSet<Id>,
    /// Stand-ins before the first entry.
    trimmed: u64,
    /// Other stand-ins.
    deleted: Vec<Id>,
}

/// Writes a stream; nothing when it is gone.
pub(super) fn write(dump: &mut Dump<'_>, key: &[u8]) -> Result<(), String> {
    let Some(info) = info(dump, key)? else { return Ok(()) };
    let last = id(text(&info, "last-generated-id"))?;
    let mut missing = BTreeSet::new();
    for record in items(&info, "groups").iter().flat_map(|group| items(group, "pending")) {
        let at = record.as_list().and_then(<[Reply]>::first).and_then(Reply::as_bytes);
        missing.insert(id(at.unwrap_or_default())?);
    }
    missing.retain(|id| *id <= last);
    let mut said = Said { key, info: &info, last, entries: 0, missing, trimmed: 0, deleted: Vec::new() };
    said.entries(dump)?;
    said.past(dump)?;
    for group in items(&info, "groups") {
        said.group(dump, group)?;
    }
    said.clear(dump)
}

/// What the stream says of itself, with all that is pending.
fn info(dump: &Dump<'_>, key: &[u8]) -> Result<Option<Reply>, String> {
    let mut count = 1;
    loop {
        if dump.ask(&[b"EXISTS", key])?.as_int() == Some(0) {
            return Ok(None);
        }
        let info = dump.ask(&[b"XINFO", b"STREAM", key, b"FULL", b"COUNT", count.to_string().as_bytes()])?;
        let most = items(&info, "groups").iter().map(|group| number(group, "pel-count")).max().unwrap_or(0);
        if most <= count {
            return Ok(Some(info));
        }
        count = most;
    }
}

impl Said<'_> {
    fn add(&self, dump: &mut Dump<'_>, at: &[u8], fields: &[&[u8]]) -> Result<(), String> {
        dump.say(&[&[b"XADD", self.key, at], fields].concat())
    }

    fn stand_in(&mut self, dump: &mut Dump<'_>, at: Id) -> Result<(), String> {
        if self.entries == 0 {
            self.trimmed += 1
        } else {
            self.deleted.push(at)
        }
        self.add(dump, &text_of(at), &[b"", b""])
    }

    fn entries(&mut self, dump: &mut Dump<'_>) -> Result<(), String> {
        let (mut from, until, count) = (b"-".to_vec(), text_of(self.last), PAGE.to_string());
        loop {
            let reply = dump.ask(&[b"XRANGE", self.key, &from, &until, b"COUNT", count.as_bytes()])?;
            let page = reply.as_list().unwrap_or_default();
            for entry in page {
                let [at, fields] = entry.as_list().unwrap_or_default() else {
                    return Err("an entry of a stream has no fields".to_owned());
                };
                let at = at.as_bytes().unwrap_or_default();
                self.until(dump, id(at)?)?;
                let fields: Vec<&[u8]> =
                    fields.as_list().unwrap_or_default().iter().filter_map(Reply::as_bytes).collect();
                self.add(dump, at, &fields)?;
                self.entries += 1;
                from = [b"(", at].concat();
            }
            if page.len() < PAGE {
                break;
            }
        }
        while let Some(at) = self.missing.pop_first() {
            self.stand_in(dump, at)?;
        }
        if self.entries == 0 && self.trimmed == 0 {
            dump.say(&[b"XADD", self.key, b"MAXLEN", b"0", b"0-1", b"", b""])?;
        }
        Ok(())
    }

    /// Says those that are pending, missing, and before `at`, which is not missing.
    fn until(&mut self, dump: &mut Dump<'_>, at: Id) -> Result<(), String> {
        while let Some(missing) = self.missing.first().copied().filter(|missing| *missing <= at) {
            self.missing.pop_first();
            if missing < at {
                self.stand_in(dump, missing)?;
            }
        }
        Ok(())
    }

    /// Says what IDs and entries there were.
    fn past(&self, dump: &mut Dump<'_>) -> Result<(), String> {
        // Never fewer than there are now.
        let now = self.entries + self.trimmed + self.deleted.len() as u64;
        let added = u64::try_from(number(self.info, "entries-added")).unwrap_or(0).max(now).to_string();
        let deleted = text(self.info, "max-deleted-entry-id");
        let last = text(self.info, "last-generated-id");
        dump.say(&[b"XSETID", self.key, last, b"ENTRIESADDED", added.as_bytes(), b"MAXDELETEDID", deleted])
    }

    fn group(&self, dump: &mut Dump<'_>, group: &Reply) -> Result<(), String> {
        let (name, last) = (text(group, "name"), text(group, "last-delivered-id"));
        // Nil: not known.
        let read = field(group, "entries-read").and_then(Reply::as_int).unwrap_or(-1).to_string();
        dump.say(&[b"XGROUP", b"CREATE", self.key, name, last, b"ENTRIESREAD", read.as_bytes()])?;
        for consumer in items(group, "consumers") {
            dump.say(&[b"XGROUP", b"CREATECONSUMER", self.key, name, text(consumer, "name")])?;
        }
        // Of what was delivered together, all in one command.
        let same = |a: &Reply, b: &Reply| {
            let rest =
                |record: &Reply| record.as_list().and_then(|words| words.get(1..)).map(<[Reply]>::to_vec);
            rest(a) == rest(b)
        };
        for records in items(group, "pending").chunk_by(same) {
            for chunk in records.chunks(CHUNK) {
                self.claim(dump, name, chunk)?;
            }
        }
        Ok(())
    }

    /// Says that a consumer has `records`, which have but different IDs.
    fn claim(&self, dump: &mut Dump<'_>, group: &[u8], records: &[Reply]) -> Result<(), String> {
        let [_, consumer, at_ms, deliveries] = records[0].as_list().unwrap_or_default() else {
            return Err("what is pending has no consumer".to_owned());
        };
        let number = |reply: &Reply| reply.as_int().unwrap_or(0).to_string();
        let (at_ms, deliveries) = (number(at_ms), number(deliveries));
        let mut argv = vec![b"XCLAIM", self.key, group, consumer.as_bytes().unwrap_or_default(), b"0"];
        argv.extend(records.iter().filter_map(|record| record.as_list()?.first()?.as_bytes()));
        argv.extend([b"TIME", at_ms.as_bytes(), b"RETRYCOUNT", deliveries.as_bytes(), b"FORCE", b"JUSTID"]);
        dump.say(&argv)
    }

    /// Removes the stand-ins.
    fn clear(&mut self, dump: &mut Dump<'_>) -> Result<(), String> {
        let deleted: Vec<Vec<u8>> = std::mem::take(&mut self.deleted).into_iter().map(text_of).collect();
        for chunk in deleted.chunks(CHUNK) {
            let chunk: Vec<&[u8]> = chunk.iter().map(Vec::as_slice).collect();
            dump.say(&[&[b"XDEL", self.key], &chunk[..]].concat())?;
        }
        if self.trimmed > 0 {
            dump.say(&[b"XTRIM", self.key, b"MAXLEN", self.entries.to_string().as_bytes()])?;
        }
        if deleted.is_empty() && self.trimmed == 0 {
            return Ok(());
        }
        self.trimmed = 0;
        self.past(dump)
    }
}

#[cfg(test)]
mod tests;
