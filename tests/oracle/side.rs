//! The two kinds of opponents: our own connection without a socket, and a server.
use crate::{
    server::{Client, Server},
    tnt::wire,
};
use tenondb::{Db, resp::Conn};

/// Something that answers commands. Every start is an empty database and a new connection.
pub trait Side {
    fn name(&self) -> &'static str;

    /// Empties the databases, applies the settings, opens a connection that speaks RESP2.
    fn start(&mut self, settings: &[(&str, &str)]);

    /// Sends `count` commands in one piece and returns their replies; fewer when the connection ended or it panicked.
    fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>>;

    /// Sends bytes and returns whatever comes, and whether the connection was closed.
    fn exchange_raw(&mut self, wire: &[u8]) -> (Vec<u8>, bool);

    /// Opens one more connection to the same databases and makes it the current one; `start` opened the first.
    fn open(&mut self);

    /// Makes the connection of this number, from 0, the current one.
    fn switch(&mut self, to: usize);
}

/// A real server.
pub struct Theirs<'a> {
    server: &'a Server,
    clients: Vec<Client>,
    now: usize,
}

impl<'a> Theirs<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, clients: Vec::new(), now: 0 }
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
    }

    fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>> {
        self.clients[self.now].exchange(wire, count)
    }

    fn exchange_raw(&mut self, wire: &[u8]) -> (Vec<u8>, bool) {
        let client = &mut self.clients[self.now];
        (client.exchange_raw(wire), client.closed)
    }

    fn open(&mut self) {
        let client = self.server.client().unwrap_or_else(|fault| panic!("{} is gone: {fault}", self.name()));
        self.clients.push(client);
        self.now = self.clients.len() - 1;
    }

    fn switch(&mut self, to: usize) {
        self.now = to;
    }
}

/// Ourselves: connections without a socket to a database in this process.
#[derive(Default)]
pub struct Ours {
    conns: Vec<Conn>,
    db: Option<Db>,
    now: usize,
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
        self.db = Some(Db::memory());
        self.open();
        let mut wire = Vec::new();
        for (name, value) in settings {
            wire::write_command(&mut wire, &["CONFIG", "SET", name, value]);
        }
        self.exchange(&wire, settings.len());
    }

    fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>> {
        let (bytes, _) = self.exchange_raw(wire);
        let mut replies = Vec::with_capacity(count);
        let mut at = 0;
        while replies.len() < count {
            let Ok(len) = wire::length(&bytes[at..]) else { break };
            replies.push(bytes[at..at + len].to_vec());
            at += len;
        }
        // What is left over would belong to no command.
        if at < bytes.len() {
            replies.push(bytes[at..].to_vec());
        }
        replies
    }

    fn exchange_raw(&mut self, wire: &[u8]) -> (Vec<u8>, bool) {
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
}
