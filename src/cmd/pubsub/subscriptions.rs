//! What the commands that subscribe share, and those that unsubscribe: one reply for each name.
use crate::{
    base::{
        atom::Args,
        bytes::Bytes,
        emit::Sink,
        error::{Error, Kind, Result},
    },
    cmd::{
        Session, SessionCommand, Spec,
        session::mailbox::{Letter, Mailbox, Topic},
    },
};
use std::{marker::PhantomData, sync::Arc};

/// What tells one of these commands from another.
pub trait Way {
    const SPEC: Spec;
    const TOPIC: Topic;
    /// The first word of its replies.
    const WORD: &'static str;
    /// It may stand between MULTI and EXEC, where every other command has one reply: as in Redis, for old clients.
    const IN_MULTI: bool = true;
}

/// `SUBSCRIBE` and its kin.
#[derive(Debug, Clone)]
pub struct Join<'a, W> {
    pub names: Vec<&'a [u8]>,
    way: PhantomData<W>,
}

/// `UNSUBSCRIBE` and its kin: from everything when there is no name.
#[derive(Debug, Clone)]
pub struct Leave<'a, W> {
    pub names: Vec<&'a [u8]>,
    way: PhantomData<W>,
}

/// The number that replies about `topic` carry: shard channels are counted by themselves.
fn count(mailbox: &Mailbox, topic: Topic) -> usize {
    let [channels, patterns, shards] = mailbox.subscriptions();
    if topic == Topic::Shard { shards } else { channels + patterns }
}

fn reply<W: Way>(name: Option<&[u8]>, mailbox: &Mailbox, to: &mut dyn Sink) {
    to.push(3);
    to.bytes(W::WORD.as_bytes());
    match name {
        Some(name) => to.bytes(name),
        None => to.nil(),
    }
    to.int(count(mailbox, W::TOPIC) as i64);
}

/// The channel on which a connection of RESP2 is told what another one has to forget.
const INVALIDATIONS: &[u8] = b"__redis__:invalidate";

/// Writes which keys are out of date.
fn stale(keys: Option<&[Bytes]>, redirected: bool, to: &mut dyn Sink) {
    if to.protocol() > 2 {
        to.push(2);
        to.bytes(b"invalidate");
    } else if redirected {
        to.array(3);
        to.bytes(b"message");
        to.bytes(INVALIDATIONS);
    } else {
        // It has gone back to RESP2 meanwhile, which has no words for this.
        return;
    }
    let Some(keys) = keys else { return to.nil() };
    to.array(keys.len());
    keys.iter().for_each(|key| to.bytes(key));
}

/// Writes a letter as its reader gets it.
pub fn letter(letter: &Letter, to: &mut dyn Sink) {
    let (word, pattern, message) = match letter {
        Letter::Message(message) => ("message", None, message),
        Letter::Matched(pattern, message) => ("pmessage", Some(pattern), message),
        Letter::Shard(message) => ("smessage", None, message),
        Letter::Stale { keys, redirected } => return stale(keys.as_deref(), *redirected, to),
        Letter::Lost(id) if to.protocol() > 2 => {
            to.push(2);
            to.bytes(b"tracking-redir-broken");
            return to.int(*id as i64);
        }
        Letter::Lost(_) => return,
        Letter::Line(line) => return to.status(&String::from_utf8_lossy(line)),
    };
    to.push(3 + usize::from(pattern.is_some()));
    to.bytes(word.as_bytes());
    pattern.into_iter().for_each(|pattern| to.bytes(pattern));
    to.bytes(&message.channel);
    to.bytes(&message.body);
}

/// Writes all letters that wait.
pub fn letters(mailbox: &Mailbox, to: &mut dyn Sink) {
    while let Some(next) = mailbox.take_one() {
        letter(&next, to);
    }
}

/// Ends all subscriptions of a connection, without a word about them.
pub fn end(session: &mut dyn Session, to: &mut dyn Sink) {
    if !session.client().subscribed {
        return;
    }
    let mailbox = Arc::clone(&session.client().card().mailbox);
    session.server().leave(&mailbox);
    // What came before belongs before the reply.
    letters(&mailbox, to);
    session.client().subscribed = false;
}

/// The error of who cannot be sent several replies, or those that come later.
#[cold]
fn refused(spec: &Spec) -> Error {
    Error::quoting(Kind::Command, format!("ERR {} isn't allowed for a DENY BLOCKING client", spec.name))
}

impl<'a, W: Way> SessionCommand<'a> for Join<'a, W> {
    const SPEC: Spec = W::SPEC;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { names: args.all_bytes()?, way: PhantomData })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        if !session.client().is_connection() || (session.is_within() && !W::IN_MULTI) {
            return Err(refused(&W::SPEC));
        }
        let server = session.server();
        let client = session.client();
        let mailbox = Arc::clone(&client.card().mailbox);
        // Pushes are sent also to those who want no replies.
        client.muted = false;
        client.subscribed = true;
        for name in &self.names {
            server.subscribe(W::TOPIC, &mailbox, name);
            reply::<W>(Some(name), &mailbox, to);
        }
        Ok(())
    }
}

impl<'a, W: Way> SessionCommand<'a> for Leave<'a, W> {
    const SPEC: Spec = W::SPEC;

    fn parse(args: &mut Args<'a>) -> Result<Self> {
        Ok(Self { names: args.all_bytes()?, way: PhantomData })
    }

    fn run(&self, session: &mut dyn Session, to: &mut dyn Sink) -> Result<()> {
        if !session.client().is_connection() {
            return Err(refused(&W::SPEC));
        }
        let server = session.server();
        let within = session.is_within();
        let client = session.client();
        let mailbox = Arc::clone(&client.card().mailbox);
        client.muted = false;
        let all: Vec<_>;
        let names: Vec<&[u8]> = if self.names.is_empty() {
            all = mailbox.topics.lock()[W::TOPIC as usize].iter().cloned().collect();
            all.iter().map(|name| &**name).collect()
        } else {
            self.names.clone()
        };
        for name in &names {
            server.unsubscribe(W::TOPIC, &mailbox, name);
            if !within {
                // Who has read that it is over gets no message any more.
                letters(&mailbox, to);
            }
            reply::<W>(Some(name), &mailbox, to);
        }
        if names.is_empty() {
            reply::<W>(None, &mailbox, to);
        }
        client.subscribed = mailbox.subscriptions() != [0; 3];
        Ok(())
    }
}
