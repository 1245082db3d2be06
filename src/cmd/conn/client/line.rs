//! The line of a connection in CLIENT LIST.
use crate::cmd::{
    session::{card::Card, tracking::Tracker},
    table,
};
use std::{io::Write, sync::atomic::Ordering::Relaxed};

/// The letters of a connection's flags; `N` when there is none.
pub fn flags(card: &Card) -> String {
    let shown = card.shown();
    let tracker = card.tracker();
    let tracks = |of: fn(&Tracker) -> bool| tracker.as_ref().is_some_and(|tracker| of(tracker));
    let letters = [
        (shown.monitors, 'O'),
        (shown.subscribed, 'P'),
        (shown.queued.is_some(), 'x'),
        (card.is_blocked(), 'b'),
        (tracks(|_| true), 't'),
        (tracks(Tracker::is_lost), 'R'),
        (tracks(|tracker| tracker.is_broadcast), 'B'),
        (shown.dirty, 'd'),
        (shown.closing, 'c'),
        (card.is_killed(), 'A'),
        (card.origin.unix, 'U'),
        (shown.no_evict, 'e'),
        (shown.no_touch, 'T'),
    ];
    let flags: String = letters.iter().filter(|(is_set, _)| *is_set).map(|(_, letter)| letter).collect();
    if flags.is_empty() { "N".into() } else { flags }
}

/// The connection that is told in the place of this one: 0 when that is itself, -1 when nobody is told.
pub fn redirection(card: &Card) -> i64 {
    card.tracker().map_or(-1, |tracker| tracker.redirect as i64)
}

/// The name of the latest command, as Redis writes it.
fn command(card: &Card) -> String {
    let row = table::by_id(card.command.load(Relaxed));
    row.map_or_else(|| "NULL".into(), |row| row.spec.name.to_ascii_lowercase())
}

/// Appends the line of `card`, its line feed included.
pub fn line(card: &Card, now_ms: u64, text: &mut Vec<u8>) {
    let (shown, labels, origin) = (card.shown(), card.labels(), &card.origin);
    let seconds_since = |ms: u64| now_ms.saturating_sub(ms) / 1000;
    let name = |label: &[u8]| String::from_utf8_lossy(label).into_owned();
    let waiting = card.waiting_bytes.load(Relaxed);
    let unread = card.mailbox.unread_bytes.load(Relaxed);
    let [channels, patterns, shards] = card.mailbox.subscriptions();
    let (letters, letter_bytes) = card.mailbox.waiting();
    let own = size_of::<Card>() as u64 + waiting + unread + letter_bytes as u64 + shown.queued_bytes as u64;
    // Writing to a vector cannot fail.
    let _ = writeln!(
        text,
        "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} capa= db={} sub={channels} psub={patterns} ssub={shards} multi={} \
         watch={} qbuf={waiting} qbuf-free=0 argv-mem=0 multi-mem={} rbs=0 rbp=0 obl={unread} oll={letters} omem={letter_bytes} \
         tot-mem={own} events=r cmd={} user=default redir={} resp={} lib-name={} lib-ver={} tot-net-in={} tot-net-out={} \
         tot-cmds={}",
        card.id,
        origin.addr,
        origin.laddr,
        origin.fd,
        name(&labels.name),
        seconds_since(card.opened_ms),
        seconds_since(card.seen_ms.load(Relaxed)),
        flags(card),
        shown.db,
        shown.queued.map_or(-1, |queued| i64::try_from(queued).unwrap_or(i64::MAX)),
        shown.watched,
        shown.queued_bytes,
        command(card),
        redirection(card),
        shown.protocol,
        name(&labels.lib_name),
        name(&labels.lib_ver),
        card.input_bytes.load(Relaxed),
        card.output_bytes.load(Relaxed),
        card.total_commands.load(Relaxed),
    );
}
