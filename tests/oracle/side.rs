//! The two kinds of opponents: our own connection without a socket, and a server.
use crate::{
    server::{Client, Server},
    tnt::wire,
};
use tenondb::{Db, resp::Conn};

/// Tells whether what has come is as much as is expected: the bytes, and whether the connection was closed.
pub type Enough<'e> = dyn Fn(&[u8], bool) -> bool + 'e;

/// Something that answers commands. Every start is an empty database and a new connection.
pub trait Side {
    fn name(&self) -> &'static str;

    /// Empties the databases, applies the settings, opens a connection that speaks RESP2.
    fn start(&mut self, settings: &[(&str, &str)]);

    /// Sends `count` commands in one piece and returns their replies; fewer when the connection ended or it panicked.
    fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>>;

    /// Sends bytes and returns whatever comes, and whether the connection was closed. A server that says nothing for a moment
    /// is waited for until that is `enough`, within reason: it may be stalled.
    fn exchange_raw(&mut self, wire: &[u8], enough: &Enough<'_>) -> (Vec<u8>, bool);

    /// Opens one more connection to the same databases and makes it the current one; `start` opened the first.
    fn open(&mut self);

    /// Makes the connection of this number, from 0, the current one.
    fn switch(&mut self, to: usize);

    /// The keyspace events since the start, or since it was last asked, as a subscriber of [`EVENTS`] got them.
    fn heard(&mut self) -> Vec<Vec<u8>>;
}

/// The channels of keyspace events.
const EVENTS: &str = "__key*__:*";
/// One more that matches. What is sent to it comes after all that was said before.
const END: &str = "__keyend__:";

/// A real server.
pub struct Theirs<'a> {
    server: &'a Server,
    clients: Vec<Client>,
    now: usize,
    /// Subscribes to events, and sends the word that ends them.
    ear: Option<(Client, Client)>,
}

impl<'a> Theirs<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, clients: Vec::new(), now: 0, ear: None }
    }
}

impl Side for Theirs<'_> {
    fn name(&self) -> &'static str {
        self.server.name
    }

    fn start(&mut self, settings: &[(&str, &str)]) {
        self.clients.clear();
        self.open();
        let mut wire = Vec::new();
        wire::write_command(&mut wire, &["FLUSHALL"]);
        for (name, value) in settings {
            wire::write_command(&mut wire, &["CONFIG", "SET", name, value]);
        }
        // A parameter that this server does not know is answered with an error, which is fine.
        self.exchange(&wire, 1 + settings.len());
        let listens = |(name, value): &(&str, &str)| *name == "notify-keyspace-events" && !value.is_empty();
        if !settings.iter().any(listens) {
            self.ear = None;
            return;
        }
        if self.ear.is_none() {
            let client =
                || self.server.client().unwrap_or_else(|fault| panic!("{}: {fault}", self.server.name));
            let (mut ear, voice) = (client(), client());
            let mut wire = Vec::new();
            wire::write_command(&mut wire, &["PSUBSCRIBE", EVENTS]);
            ear.exchange(&wire, 1);
            self.ear = Some((ear, voice));
        }
        self.heard();
    }

    fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>> {
        self.clients[self.now].exchange(wire, count)
    }

    fn exchange_raw(&mut self, wire: &[u8], enough: &Enough<'_>) -> (Vec<u8>, bool) {
        let client = &mut self.clients[self.now];
        (client.exchange_raw(wire, enough), client.closed)
    }

    fn open(&mut self) {
        let client = self.server.client().unwrap_or_else(|fault| panic!("{} is gone: {fault}", self.name()));
        self.clients.push(client);
        self.now = self.clients.len() - 1;
    }

    fn switch(&mut self, to: usize) {
        self.now = to;
    }

    fn heard(&mut self) -> Vec<Vec<u8>> {
        let Some((ear, voice)) = &mut self.ear else { return Vec::new() };
        let mut wire = Vec::new();
        wire::write_command(&mut wire, &["PUBLISH", END, ""]);
        voice.exchange(&wire, 1);
        let mut heard = Vec::new();
        loop {
            match ear.exchange(b"", 1).pop() {
                Some(message) if !message.windows(END.len()).any(|text| text == END.as_bytes()) => {
                    heard.push(message)
                }
                _ => return heard,
            }
        }
    }
}

/// Ourselves: connections without a socket to a database in this process.
#[derive(Default)]
pub struct Ours {
    conns: Vec<Conn>,
    db: Option<Db>,
    now: usize,
    ear: Option<Conn>,
}

impl Ours {
    fn conn(&mut self) -> &mut Conn {
        &mut self.conns[self.now]
    }
}

impl Side for Ours {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn start(&mut self, settings: &[(&str, &str)]) {
        self.conns.clear();
        let db = self.db.insert(Db::memory());
        let mut wire = Vec::new();
        wire::write_command(&mut wire, &["PSUBSCRIBE", EVENTS]);
        let ear = self.ear.insert(Conn::new(db));
        ear.feed(&wire);
        ear.take_output();
        self.open();
        let mut wire = Vec::new();
        for (name, value) in settings {
            wire::write_command(&mut wire, &["CONFIG", "SET", name, value]);
        }
        self.exchange(&wire, settings.len());
    }

    fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>> {
        let (bytes, _) = self.exchange_raw(wire, &|_, _| true);
        pieces(&bytes, count)
    }

    fn exchange_raw(&mut self, wire: &[u8], _: &Enough<'_>) -> (Vec<u8>, bool) {
        let conn = self.conn();
        conn.feed(wire);
        // What waits is over when its time is.
        while conn.is_blocked() && !conn.is_closed() {
            std::thread::sleep(std::time::Duration::from_millis(1));
            conn.pump();
        }
        (conn.take_output(), conn.is_closed())
    }

    fn open(&mut self) {
        let db = self.db.get_or_insert_with(Db::memory);
        self.conns.push(Conn::new(db));
        self.now = self.conns.len() - 1;
    }

    fn switch(&mut self, to: usize) {
        self.now = to;
    }

    fn heard(&mut self) -> Vec<Vec<u8>> {
        let Some(ear) = &mut self.ear else { return Vec::new() };
        ear.pump();
        pieces(&ear.take_output(), usize::MAX)
    }
}

/// How many replies there are.
pub fn replies(bytes: &[u8]) -> usize {
    pieces(bytes, usize::MAX).len()
}

/// Cuts output into up to `count` replies. What is left over, which would belong to no command, is one more.
fn pieces(bytes: &[u8], count: usize) -> Vec<Vec<u8>> {
    let (mut replies, mut at) = (Vec::new(), 0);
    while replies.len() < count && at < bytes.len() {
        let Ok(len) = wire::length(&bytes[at..]) else { break };
        replies.push(bytes[at..at + len].to_vec());
        at += len;
    }
    if at < bytes.len() {
        replies.push(bytes[at..].to_vec());
    }
    replies
}
