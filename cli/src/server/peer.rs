//! One connection of the server: a socket and the library's connection behind it.
use super::{
    Shared,
    limits::{OutputLimit, Pressure, STALL_MS, Verdict},
    outbox::Outbox,
    stream::Stream,
};
use mio::{Interest, Registry, Token};
use std::io::{self, Read, Write};
use tenondb::resp::Conn;

/// Request bytes that one connection may bring in a turn before the others are heard.
const TURN_BYTES: usize = 256 * 1024;
/// Request bytes that are executed before the waiting replies are weighed again.
const PIECE_BYTES: usize = 4 * 1024;
/// An output buffer longer than this is not kept for the next reply.
const KEEP_BYTES: usize = 64 * 1024;

/// What a connection waits for after its turn.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// For its socket.
    Wait,
    /// For its next turn: there is more to read.
    Again,
    /// For nothing: it has ended. Why, when it was not the peer's wish.
    Close(Option<&'static str>),
}

/// One connection of the server.
pub struct Peer {
    pub stream: Stream,
    conn: Conn,
    outbox: Outbox,
    pressure: Pressure,
    /// Bytes that were read and not executed, because too many replies waited.
    unfed: Vec<u8>,
    pub readable: bool,
    /// The peer sends no more: read to the very end.
    pub read_closed: bool,
    ended: bool,
    /// The registration asks for writability too.
    asks_write: bool,
    token: Token,
    heard_ms: u64,
    /// It is in the worker's list of connections that have a turn.
    pub queued: bool,
    /// It is in the worker's list of connections whose replies wait.
    pub slow: bool,
}

impl Peer {
    /// Takes over a connected socket.
    ///
    /// # Errors
    /// The registration's.
    pub fn new(
        mut stream: Stream,
        conn: Conn,
        token: Token,
        registry: &Registry,
        now_ms: u64,
    ) -> io::Result<Self> {
        registry.register(&mut stream, token, Interest::READABLE)?;
        Ok(Self {
            stream,
            conn,
            outbox: Outbox::default(),
            pressure: Pressure::new(now_ms),
            unfed: Vec::new(),
            readable: false,
            read_closed: false,
            ended: false,
            asks_write: false,
            token,
            heard_ms: now_ms,
            queued: false,
            slow: false,
        })
    }

    /// The reply bytes that wait.
    pub fn waiting(&self) -> usize {
        self.outbox.waiting() + self.conn.output().len()
    }

    /// Tells whether it would go on if it had a turn.
    pub fn could_go_on(&self) -> bool {
        let work = self.readable || !self.unfed.is_empty();
        work && !self.conn.is_closed() && self.waiting() <= self.pressure.allowance()
    }

    /// Sends, reads, executes and sends, within the bounds of a turn.
    pub fn turn(&mut self, scratch: &mut [u8], registry: &Registry, shared: &Shared, now_ms: u64) -> Next {
        let next = match self.exchange(scratch, registry, now_ms) {
            Ok(next) => next,
            Err(_) => return Next::Close(None),
        };
        match self.judge(shared, now_ms) {
            Verdict::Cut(why) => Next::Close(Some(why)),
            Verdict::Fine => next,
        }
    }

    fn exchange(&mut self, scratch: &mut [u8], registry: &Registry, now_ms: u64) -> io::Result<Next> {
        self.send(registry, now_ms)?;
        let mut budget = TURN_BYTES;
        loop {
            if self.conn.is_closed() {
                break;
            }
            if self.waiting() > self.pressure.allowance() {
                return Ok(Next::Wait);
            }
            if !self.unfed.is_empty() {
                let unfed = std::mem::take(&mut self.unfed);
                self.execute(&unfed);
            } else if !self.readable || self.ended {
                break;
            } else if budget == 0 {
                return Ok(Next::Again);
            } else {
                let most = scratch.len().min(budget);
                let count = self.read(&mut scratch[..most])?;
                budget -= count;
                if count > 0 {
                    self.heard_ms = now_ms;
                    self.execute(&scratch[..count]);
                }
            }
            self.send(registry, now_ms)?;
        }
        let over = (self.conn.is_closed() || self.ended) && self.waiting() == 0;
        Ok(if over { Next::Close(None) } else { Next::Wait })
    }

    /// Reads once. 0: there is nothing more for now, or ever.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(into) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    // A short read has emptied the socket: what comes later announces itself. Only the end may
                    // have been announced before.
                    self.readable = count == into.len() || self.read_closed;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            self.readable = false;
            return Ok(0);
        }
    }

    /// Executes `bytes`, and keeps those for later that follow once too many replies wait.
    fn execute(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() && !self.conn.is_closed() {
            if self.waiting() > self.pressure.allowance() {
                self.unfed.extend_from_slice(&bytes[at..]);
                return;
            }
            // A long value is one piece: nothing is executed before its end.
            let piece = if self.conn.pending_input() > PIECE_BYTES { bytes.len() } else { at + PIECE_BYTES };
            let piece = piece.min(bytes.len());
            self.conn.feed(&bytes[at..piece]);
            at = piece;
        }
    }

    /// Sends what the socket takes, and asks to hear when it takes more.
    fn send(&mut self, registry: &Registry, now_ms: u64) -> io::Result<()> {
        let before = self.outbox.waiting();
        if before > 0 && self.outbox.send(&mut self.stream)? > 0 {
            self.pressure.taken(self.outbox.waiting(), now_ms);
        }
        let fresh = self.conn.output().len();
        if fresh > 0 && self.outbox.waiting() > 0 {
            self.outbox.push(self.conn.take_output(), 0);
        } else if fresh > 0 {
            let sent = self.write_fresh()?;
            if sent == fresh && fresh <= KEEP_BYTES {
                self.conn.consume(sent);
            } else {
                self.outbox.push(self.conn.take_output(), sent);
                // The socket may have been interrupted rather than full; only "full" announces its end.
                self.outbox.send(&mut self.stream)?;
                self.pressure.begins(now_ms);
            }
        }
        let wants = self.outbox.waiting() > 0;
        if wants != self.asks_write {
            let interest = if wants { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            registry.reregister(&mut self.stream, self.token, interest)?;
            self.asks_write = wants;
        }
        Ok(())
    }

    fn write_fresh(&mut self) -> io::Result<usize> {
        match self.stream.write(self.conn.output()) {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => Ok(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Judges the replies that wait; see the essay in `limits`.
    pub fn judge(&mut self, shared: &Shared, now_ms: u64) -> Verdict {
        let waiting = self.waiting();
        if waiting == 0 {
            return Verdict::Fine;
        }
        let leaving = self.conn.is_closed() || self.ended;
        if leaving && self.pressure.still_ms(now_ms) >= STALL_MS {
            return Verdict::Cut("it has left and does not take its replies");
        }
        self.pressure.judge(waiting, self.limit(shared), now_ms)
    }

    fn limit(&self, shared: &Shared) -> OutputLimit {
        shared.settings.normal_output
    }

    /// Tells whether the connection was silent for `idle_s` seconds (0: never).
    pub fn is_idle(&self, idle_s: u64, now_ms: u64) -> bool {
        idle_s != 0 && now_ms.saturating_sub(self.heard_ms) > idle_s * 1000
    }
}
