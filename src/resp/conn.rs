//! A connection without a socket: a state machine that eats request bytes and makes reply bytes.
use super::{
    decode::{Decoder, Step},
    encode::Encoder,
};
use crate::{
    base::{
        atom::Arg,
        emit::Sink,
        error::{Error, Kind},
        limits::STRING_BYTES_MAX,
    },
    cmd::{
        Gate,
        session::{Client, Server, Session, dispatch},
    },
    engine::Db,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A RESP connection to a database in the same process. What [`Conn::feed`] is given is executed on the caller's
/// thread; the replies are ready when it returns. It is used from one thread at a time, any number of them
/// beside each other.
pub struct Conn {
    peer: Peer,
    input: Vec<u8>,
    decoder: Decoder,
    encoder: Encoder,
}

/// The session's part of a connection.
struct Peer {
    db: Db,
    client: Client,
}

impl Session for Peer {
    fn client(&mut self) -> &mut Client {
        &mut self.client
    }
    fn gate(&self) -> &dyn Gate {
        &self.db
    }
    fn server(&self) -> Arc<dyn Server> {
        self.db.core.clone()
    }
    fn select(&mut self, db: u32) {
        if let Ok(db) = self.db.select(db) {
            self.client.db = db.index();
            self.db = db;
        }
    }
}

impl Conn {
    /// Opens a connection to `db`, in RESP2 until it says `HELLO 3`.
    pub fn new(db: &Db) -> Self {
        let client = Client::new(1, db.index(), true);
        Self {
            peer: Peer { db: db.clone(), client },
            input: Vec::new(),
            decoder: Decoder::default(),
            encoder: Encoder::default(),
        }
    }

    /// Takes request bytes, whole commands or pieces of them, and executes every command that is complete. The
    /// replies are appended to the output. Bytes after the connection was closed are ignored.
    pub fn feed(&mut self, input: &[u8]) {
        if self.is_closed() {
            return;
        }
        // Commands are read where they arrived; only an unfinished one is copied.
        if self.input.is_empty() {
            let used = self.execute(input);
            self.input.extend_from_slice(&input[used..]);
        } else {
            let mut buffer = std::mem::take(&mut self.input);
            buffer.extend_from_slice(input);
            let used = self.execute(&buffer);
            buffer.drain(..used);
            self.input = buffer;
        }
        if self.is_closed() {
            self.input = Vec::new();
        }
    }

    /// Executes the complete commands at the start of `buffer` and returns how many bytes they took.
    fn execute(&mut self, buffer: &[u8]) -> usize {
        let mut used = 0;
        let mut atoms: Vec<Arg<'_>> = Vec::new();
        while !self.is_closed() {
            let rest = &buffer[used..];
            match self.decoder.next(rest, STRING_BYTES_MAX, self.peer.client.authenticated) {
                Step::More => break,
                Step::Broken(text) => {
                    self.encoder.error(&Error::quoting(Kind::Command, text));
                    self.peer.client.closing = true;
                    return buffer.len();
                }
                Step::Command(end) => {
                    let quoted = std::mem::take(&mut self.decoder);
                    atoms.clear();
                    // The words live as long as this round.
                    let words: Vec<Arg<'_>> = quoted.words(rest).map(Arg::Bytes).collect();
                    if !words.is_empty() {
                        self.command(&words);
                    }
                    drop(words);
                    self.decoder = quoted;
                    self.decoder.reset();
                    used += end;
                }
            }
        }
        used
    }

    fn command(&mut self, argv: &[Arg<'_>]) {
        if is_http(argv) {
            // A browser that was made to talk to us must neither get an answer nor go on.
            self.encoder.take();
            self.peer.client.closing = true;
            return;
        }
        let start = self.encoder.bytes().len();
        self.peer.client.muted = false;
        self.encoder.set_protocol(self.peer.client.protocol);
        let (peer, encoder) = (&mut self.peer, &mut self.encoder);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            dispatch(peer, argv, encoder);
            encoder.settle();
        }));
        if outcome.is_err() {
            self.encoder.truncate(start);
            self.encoder.error(&Error::new(Kind::Internal, "ERR internal error: a command panicked"));
        }
        if self.peer.client.muted {
            self.encoder.truncate(start);
        }
    }

    /// The replies that nobody has taken yet.
    pub fn output(&self) -> &[u8] {
        self.encoder.bytes()
    }

    /// Says that the first `count` bytes of the output were delivered.
    pub fn consume(&mut self, count: usize) {
        self.encoder.consume(count);
    }

    /// Takes the output.
    pub fn take_output(&mut self) -> Vec<u8> {
        self.encoder.take()
    }

    /// Tells whether the connection has ended: what is left of the output is the last of it.
    pub fn is_closed(&self) -> bool {
        self.peer.client.closing
    }

    /// The number of request bytes that wait for the rest of their command.
    pub fn pending_input(&self) -> usize {
        self.input.len()
    }
}

/// Tells whether a request is a line of an HTTP request.
fn is_http(argv: &[Arg<'_>]) -> bool {
    let Some(Arg::Bytes(name)) = argv.first() else { return false };
    matches!(name.len(), 4 | 5) && (name.eq_ignore_ascii_case(b"POST") || name.eq_ignore_ascii_case(b"HOST:"))
}

impl Drop for Conn {
    fn drop(&mut self) {
        let server = self.peer.server();
        server.unwatch(&mut self.peer.client.watching);
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conn").field("client", &self.peer.client).finish_non_exhaustive()
    }
}
