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
    },
    cmd::{
        pubsub::subscriptions,
        session::{
            Client, Server,
            card::{Card, Origin, Wake},
            dispatch,
            mailbox::Letter,
        },
    },
    engine::{Bounds, Db, peer::Peer},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Words of a command that need no allocation.
const FEW_WORDS: usize = 8;
/// Bytes of letters that are taken at once.
const LETTER_BYTES: usize = 64 * 1024;
/// Capacity that an empty input buffer keeps.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// How a connection is opened: what `CLIENT LIST` shows of it, and how its door is reached.
#[derive(Clone)]
pub struct ConnOptions {
    /// The peer's address, such as `127.0.0.1:50612`.
    pub addr: String,
    /// The address the peer has connected to.
    pub laddr: String,
    /// The number of the descriptor; -1 (the default) when there is none.
    pub fd: i32,
    /// The connection came through a unix socket.
    pub unix: bool,
    /// The connection comes from this machine; the default. `DEBUG` asks for it.
    pub local: bool,
    /// Called, from any thread, when there is something for the connection, which the door then takes by [`Conn::pump`], and
    /// when somebody else has ended it (`CLIENT KILL`): an idle door then finds [`Conn::is_closed`]. It must neither block
    /// nor call the database.
    pub wake: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Unread output in bytes above which further commands wait until some was consumed ([`Conn::is_paused`]); no
    /// limit by default.
    pub pause_above_bytes: usize,
}

impl Default for ConnOptions {
    fn default() -> Self {
        Self {
            addr: "embedded:0".into(),
            laddr: "embedded:0".into(),
            fd: -1,
            unix: false,
            local: true,
            wake: None,
            pause_above_bytes: usize::MAX,
        }
    }
}

/// A RESP connection to a database in the same process. What [`Conn::feed`] is given is executed on the caller's
/// thread; the replies are ready when it returns. It is used from one thread at a time, any number of them
/// beside each other.
pub struct Conn {
    peer: Peer,
    card: Arc<Card>,
    input: Vec<u8>,
    decoder: Decoder,
    encoder: Encoder,
    bounds: Bounds,
    pause_above_bytes: usize,
    paused: bool,
    /// Letters that were taken and are about to be written: empty between two calls.
    letters: Vec<Letter>,
    /// Since when the output is above its soft limit, in Unix milliseconds.
    above_since_ms: Option<u64>,
}

impl Conn {
    /// Opens a connection to `db`, in RESP2 until it says `HELLO 3`.
    pub fn new(db: &Db) -> Self {
        Self::open(db, ConnOptions::default())
    }

    /// Opens a connection to `db` with `options`. It is listed by `CLIENT LIST` until it is dropped.
    pub fn open(db: &Db, options: ConnOptions) -> Self {
        let ConnOptions { addr, laddr, fd, unix, local, wake, pause_above_bytes } = options;
        let wake: Option<Wake> = wake;
        // In a child of a fork it has ended before it begins.
        let origin = Origin { addr, laddr, fd, unix, local, wake };
        let (card, bounds) = match db.core.own() {
            Ok(()) => (db.core.open_client(origin), db.core.config.bounds()),
            Err(_) => (Arc::new(Card::new(0, origin, 0)), Bounds::usual()),
        };
        let mut client = Client::new(Arc::clone(&card), db.index(), bounds.is_open);
        client.durable = db.is_durable();
        client.publish();
        let mut db = db.deferring();
        db.who = card.id;
        // A door without a wake asks by itself.
        let wake = card.origin.wake.clone().unwrap_or_else(|| Arc::new(|| {}));
        Self {
            peer: Peer::new(db, client, Some(wake)),
            card,
            input: Vec::new(),
            decoder: Decoder::default(),
            encoder: Encoder::default(),
            bounds,
            pause_above_bytes,
            paused: false,
            letters: Vec::new(),
            above_since_ms: None,
        }
    }

    /// The number that `CLIENT LIST` and `CLIENT KILL` know the connection by.
    pub fn id(&self) -> u64 {
        self.card.id
    }

    /// Takes request bytes, whole commands or pieces of them, and executes every command that is complete. The
    /// replies are appended to the output. Bytes after the connection was closed are ignored.
    pub fn feed(&mut self, input: &[u8]) {
        if self.is_closed() {
            return self.end();
        }
        let core = &self.peer.db.core;
        core.config.refresh(&mut self.bounds);
        self.card.seen_ms.store(core.clock.now_ms(), Relaxed);
        add(&self.card.input_bytes, input.len());
        self.paused = false;
        if self.peer.is_over() {
            self.finish();
        }
        let answered = self.encoder.mark();
        // Commands are read where they arrived; only an unfinished one is copied.
        if self.input.is_empty() {
            let used = self.execute(input);
            self.input.extend_from_slice(&input[used..]);
        } else {
            let mut buffer = std::mem::take(&mut self.input);
            buffer.extend_from_slice(input);
            let used = self.execute(&buffer);
            buffer.drain(..used);
            if buffer.is_empty() {
                buffer.shrink_to(KEPT_BYTES_MAX);
            }
            self.input = buffer;
        }
        if let Err(error) = self.peer.db.settle() {
            // What was answered just now may not be on the disk: the peer is not told that it is.
            self.encoder.truncate(answered);
            self.encoder.error(&error);
            self.close();
        }
        if self.input.len() > self.bounds.query_bytes_max {
            self.peer.db.core.counters.query_limit_disconnections.fetch_add(1, Relaxed);
            self.close();
        }
        self.check_output_limit();
        if self.is_closed() {
            self.end();
        }
        self.note();
    }

    /// Executes the commands that waited until output was consumed ([`Conn::is_paused`]).
    pub fn resume(&mut self) {
        self.feed(b"");
    }

    /// Tells whether a command waits: those behind it wait, too.
    pub fn is_blocked(&self) -> bool {
        self.peer.parked.is_some()
    }

    /// Appends the reply of the command that waited.
    fn finish(&mut self) {
        let Self { peer, encoder, .. } = self;
        let mark = encoder.mark();
        encoder.set_protocol(peer.client.protocol);
        peer.finish(encoder);
        encoder.settle();
        if peer.client.muted {
            encoder.truncate(mark);
        }
        if let Err(error) = peer.db.settle() {
            encoder.truncate(mark);
            encoder.error(&error);
            self.close();
        }
    }

    /// Executes the complete commands at the start of `buffer` and returns how many bytes they took.
    fn execute(&mut self, buffer: &[u8]) -> usize {
        let (mut used, mut count) = (0, 0);
        loop {
            // Before each command, and after the last one: what a command of its own has published follows its reply.
            if self.is_closed() {
                break;
            }
            self.collect();
            if used >= buffer.len() || self.peer.parked.is_some() {
                break;
            }
            if self.encoder.len() > self.pause_above_bytes {
                self.paused = true;
                break;
            }
            let rest = &buffer[used..];
            let trusted = self.peer.client.authenticated || self.bounds.is_open;
            match self.decoder.next(rest, self.bounds.bulk_bytes_max, trusted) {
                Step::More => break,
                Step::Broken(text) => {
                    if self.peer.client.replies == crate::cmd::session::Replies::On {
                        self.encoder.set_protocol(self.peer.client.protocol);
                        self.encoder.error(&Error::quoting(Kind::Command, text));
                    }
                    self.close();
                    used = buffer.len();
                }
                Step::Command(end) => {
                    count += usize::from(self.decoder.len() > 0);
                    self.command(rest);
                    self.decoder.reset();
                    used += end;
                }
            }
        }
        add(&self.card.total_commands, count);
        used
    }

    /// Executes the command that the decoder has found in `buffer`.
    #[inline]
    fn command(&mut self, buffer: &[u8]) {
        let Self { decoder, peer, encoder, .. } = self;
        match decoder.len() {
            0 => {}
            len @ ..=FEW_WORDS => {
                let mut words = [Arg::Bytes(b""); FEW_WORDS];
                decoder.read(buffer, &mut words[..len]);
                peer.answer(&words[..len], encoder);
            }
            len => {
                let mut words = vec![Arg::Bytes(b""); len];
                decoder.read(buffer, &mut words);
                peer.answer(&words, encoder);
            }
        }
    }

    /// Writes what others have sent, as long as there is room.
    #[inline]
    fn collect(&mut self) {
        while self.card.mailbox.has_letters() && self.encoder.len() <= self.pause_above_bytes {
            self.write_letters();
        }
    }

    fn write_letters(&mut self) {
        self.encoder.set_protocol(self.peer.client.protocol);
        self.card.mailbox.take(LETTER_BYTES, &mut self.letters);
        // Some may be about what a command that waited was answered with meanwhile: that answer comes first.
        if self.peer.is_over() {
            self.finish();
            self.encoder.set_protocol(self.peer.client.protocol);
        }
        for letter in self.letters.drain(..) {
            subscriptions::letter(&letter, &mut self.encoder);
        }
    }

    /// Appends to the output what has come by itself: the reply of a command that waited, if that is over – those behind it
    /// are executed, too – and what others have sent to this connection, such as messages of the channels it has subscribed
    /// to. A door calls it when it was woken ([`ConnOptions::wake`]), and when output was consumed.
    pub fn pump(&mut self) {
        if self.is_closed() {
            self.end();
        } else if self.peer.is_over() {
            self.feed(b"");
        } else {
            self.peer.db.core.config.refresh(&mut self.bounds);
            let waited = self.peer.parked.is_some();
            self.collect();
            if waited && self.peer.parked.is_none() {
                return self.feed(b"");
            }
            self.check_output_limit();
            self.note();
        }
    }

    /// Lets others see how much is waiting.
    fn note(&self) {
        self.card.waiting_bytes.store(self.input.len() as u64, Relaxed);
        self.card.mailbox.unread_bytes.store(self.encoder.len() as u64, Relaxed);
        self.card.command.store(self.peer.client.command.map_or(0, |spec| spec.id), Relaxed);
    }

    /// The replies that nobody has taken yet.
    pub fn output(&self) -> &[u8] {
        if self.card.is_killed() || self.peer.db.core.is_forked() { b"" } else { self.encoder.bytes() }
    }

    /// The number of reply bytes that nobody has taken yet.
    pub fn output_len(&self) -> usize {
        self.output().len()
    }

    /// Says that the first `count` bytes of the output were delivered.
    pub fn consume(&mut self, count: usize) {
        add(&self.card.output_bytes, count.min(self.encoder.len()));
        self.encoder.consume(count);
        self.card.mailbox.unread_bytes.store(self.encoder.len() as u64, Relaxed);
    }

    /// Takes the output.
    pub fn take_output(&mut self) -> Vec<u8> {
        if self.card.is_killed() {
            self.encoder.clear();
        }
        add(&self.card.output_bytes, self.encoder.len());
        self.card.mailbox.unread_bytes.store(0, Relaxed);
        self.encoder.take()
    }

    /// Closes the connection when more output was left unread than `client-output-buffer-limit` allows, and tells
    /// whether that is so. [`Conn::feed`] does it too; a door whose peer does not read asks now and then, since the
    /// soft limit is one of time.
    pub fn check_output_limit(&mut self) -> bool {
        let subscribed = self.peer.client.subscribed;
        let limit = if subscribed { self.bounds.pubsub_output } else { self.bounds.output };
        let waiting = if subscribed { self.card.mailbox.waiting().1 } else { 0 };
        let len = (self.encoder.len() + waiting) as u64;
        if limit.hard_bytes == 0 && limit.soft_bytes == 0 {
            return false;
        }
        let now_ms = self.peer.db.core.clock.now_ms();
        let above = limit.soft_bytes > 0 && len > limit.soft_bytes;
        self.above_since_ms = above.then(|| self.above_since_ms.unwrap_or(now_ms));
        let since = self.above_since_ms.map_or(0, |since| now_ms.saturating_sub(since));
        let too_long = above && since > limit.soft_s.saturating_mul(1000);
        if (limit.hard_bytes > 0 && len > limit.hard_bytes) || too_long {
            self.peer.db.core.counters.output_limit_disconnections.fetch_add(1, Relaxed);
            self.encoder.clear();
            self.close();
            return true;
        }
        false
    }

    /// Ends the connection from this side: nothing more is executed, and what is left of the output is the last of it.
    pub fn close(&mut self) {
        self.peer.client.closing = true;
        self.end();
    }

    /// Takes leave of those who might still have something to say.
    fn end(&mut self) {
        if self.peer.db.core.is_forked() {
            return;
        }
        self.forget_input();
        self.peer.give_up();
        if std::mem::take(&mut self.peer.client.subscribed) {
            self.peer.db.core.pubsub.leave(&self.card.mailbox);
        }
        self.end_tracking();
        if std::mem::take(&mut self.peer.client.monitors) {
            self.peer.db.core.monitors.remove(&self.card.mailbox);
        }
    }

    fn end_tracking(&mut self) {
        if let Some(tracking) = self.peer.client.tracking.take() {
            let db = &self.peer.db;
            db.core.end_caching(db, &self.card, &tracking.prefixes);
        }
    }

    fn forget_input(&mut self) {
        self.input = Vec::new();
        self.decoder = Decoder::default();
    }

    /// Tells whether the connection has ended: what is left of the output is the last of it.
    pub fn is_closed(&self) -> bool {
        self.peer.client.closing || self.card.is_killed() || self.peer.db.core.is_forked()
    }

    /// Tells whether commands wait until output was consumed: [`Conn::resume`] then goes on with them.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Sets the unread output in bytes above which further commands wait; see [`ConnOptions::pause_above_bytes`].
    pub fn pause_above(&mut self, bytes: usize) {
        self.pause_above_bytes = bytes;
    }

    /// The number of the logical database that the connection is in.
    pub fn database(&self) -> u32 {
        self.peer.client.db
    }

    /// Tells whether commands are queued: between MULTI and EXEC.
    pub fn in_transaction(&self) -> bool {
        self.peer.client.queue.is_some()
    }

    /// Tells whether the connection has subscribed to something: it hears without asking.
    pub fn is_subscribed(&self) -> bool {
        self.peer.client.subscribed
    }

    /// Tells whether the connection is shown all commands (`MONITOR`): it hears without asking.
    pub fn is_monitoring(&self) -> bool {
        self.peer.client.monitors
    }

    /// The number of request bytes that wait: for the rest of their command, or because the connection is paused.
    pub fn pending_input(&self) -> usize {
        self.input.len()
    }

    /// Milliseconds since the latest input.
    pub fn idle_ms(&self) -> u64 {
        self.peer.db.core.clock.now_ms().saturating_sub(self.card.seen_ms.load(Relaxed))
    }
}

impl Peer {
    /// Executes one command and appends its reply. A panic ends here: it becomes an error.
    fn answer(&mut self, argv: &[Arg<'_>], encoder: &mut Encoder) {
        if is_http(argv) {
            // A browser that was made to talk to us must neither get an answer nor go on.
            encoder.clear();
            self.client.closing = true;
            return;
        }
        let mark = encoder.mark();
        encoder.set_protocol(self.client.protocol);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            dispatch(self, argv, encoder);
            encoder.settle();
        }));
        if outcome.is_err() {
            encoder.truncate(mark);
            encoder.error(&Error::new(Kind::Internal, "ERR internal error: a command panicked"));
        }
        if self.client.muted {
            encoder.truncate(mark);
        }
        self.db.touch = !self.client.no_touch;
    }
}

/// Adds to a counter that nobody else writes to.
#[inline]
fn add(counter: &AtomicU64, count: usize) {
    counter.store(counter.load(Relaxed) + count as u64, Relaxed);
}

/// Tells whether a request is a line of an HTTP request.
fn is_http(argv: &[Arg<'_>]) -> bool {
    let Some(Arg::Bytes(name)) = argv.first() else { return false };
    matches!(name.len(), 4 | 5) && (name.eq_ignore_ascii_case(b"POST") || name.eq_ignore_ascii_case(b"HOST:"))
}

impl Drop for Conn {
    fn drop(&mut self) {
        self.end();
        let core = &self.peer.db.core;
        if core.is_forked() {
            return;
        }
        self.card.show_blocked(None);
        core.unwatch(&mut self.peer.client.watching);
        core.clients.close(&self.card);
    }
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conn").field("client", &self.peer.client).finish_non_exhaustive()
    }
}
