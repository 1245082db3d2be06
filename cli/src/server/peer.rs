//! One connection of the server: a socket and the library's connection behind it.
use super::{
    limits::{Pressure, Verdict},
    stream::Stream,
};
use mio::{Interest, Registry, Token};
use std::io::{self, Read, Write};
use tenondb::resp::Conn;

/// Request bytes that one connection may bring in a turn before the others are heard.
const TURN_BYTES: usize = 256 * 1024;

/// How often what has come by itself is sent in a turn, about a megabyte each time, before the others are heard.
const DELIVERIES: usize = 4;

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
    stream: Stream,
    conn: Conn,
    pressure: Pressure,
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
        let mut peer = Self {
            stream,
            conn,
            pressure: Pressure::new(now_ms),
            readable: false,
            read_closed: false,
            ended: false,
            asks_write: false,
            token,
            heard_ms: now_ms,
            queued: false,
            slow: false,
        };
        peer.conn.pause_above(peer.pressure.allowance());
        Ok(peer)
    }

    /// The reply bytes that wait.
    pub fn waiting(&self) -> usize {
        self.conn.output_len()
    }

    /// Tells whether it would go on if it had a turn.
    pub fn could_go_on(&self) -> bool {
        let work = self.readable || self.conn.is_paused();
        self.is_leaving() || (work && self.waiting() <= self.pressure.allowance())
    }

    /// Tells whether nothing more is executed for it.
    fn is_leaving(&self) -> bool {
        self.conn.is_closed() || (self.ended && !self.conn.is_paused())
    }

    /// Sends, reads, executes and sends, within the bounds of a turn.
    pub fn turn(&mut self, scratch: &mut [u8], registry: &Registry, now_ms: u64) -> Next {
        self.exchange(scratch, registry, now_ms).unwrap_or(Next::Close(None))
    }

    fn exchange(&mut self, scratch: &mut [u8], registry: &Registry, now_ms: u64) -> io::Result<Next> {
        if self.deliver(registry, now_ms)? {
            return Ok(Next::Again);
        }
        let mut budget = TURN_BYTES;
        while !self.conn.is_closed() {
            if self.waiting() > self.pressure.allowance() {
                return Ok(Next::Wait);
            }
            if self.conn.is_paused() {
                self.conn.resume();
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
                    self.conn.feed(&scratch[..count]);
                }
            }
            self.send(registry, now_ms)?;
        }
        Ok(if self.is_leaving() && self.waiting() == 0 { Next::Close(None) } else { Next::Wait })
    }

    /// Sends what waits, and what has come by itself: messages, the reply of a command that waited. True: there may be more,
    /// and the others come first.
    fn deliver(&mut self, registry: &Registry, now_ms: u64) -> io::Result<bool> {
        for _ in 0..DELIVERIES {
            self.conn.pump();
            if self.waiting() == 0 {
                return Ok(false);
            }
            self.send(registry, now_ms)?;
            if self.waiting() > 0 {
                return Ok(false);
            }
        }
        Ok(true)
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

    /// Sends what the socket takes, and asks to hear when it takes more.
    fn send(&mut self, registry: &Registry, now_ms: u64) -> io::Result<()> {
        let waited = self.asks_write;
        let mut wants = false;
        while self.conn.output_len() > 0 && !wants {
            match self.stream.write(self.conn.output()) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.conn.consume(count);
                    if waited {
                        self.pressure.moved(self.conn.output_len(), now_ms);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => wants = true,
                Err(error) => return Err(error),
            }
        }
        if wants && !waited {
            self.pressure.moved(self.conn.output_len(), now_ms);
        }
        if wants != waited {
            let interest = if wants { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            registry.reregister(&mut self.stream, self.token, interest)?;
            self.asks_write = wants;
            self.conn.pause_above(self.pressure.allowance());
        }
        Ok(())
    }

    /// Judges the replies that wait; see the essay in `limits`. Belongs now and then while something waits.
    pub fn judge(&mut self, now_ms: u64) -> Verdict {
        if self.conn.check_output_limit() {
            return Verdict::Cut("its replies exceed the output limit");
        }
        let verdict = self.pressure.judge(self.waiting(), self.is_leaving(), now_ms);
        self.conn.pause_above(self.pressure.allowance());
        verdict
    }

    /// Tells whether the connection was silent for `idle_s` seconds (0: never). One that listens, or waits, is not.
    pub fn is_idle(&self, idle_s: u64, now_ms: u64) -> bool {
        let listens = self.conn.is_subscribed() || self.conn.is_monitoring() || self.conn.is_blocked();
        idle_s != 0 && !listens && now_ms.saturating_sub(self.heard_ms) > idle_s.saturating_mul(1000)
    }
}
