//! A thread that serves its share of the connections.
use super::{
    Shared,
    bell::Bell,
    limits::{FAREWELL_MS, PATIENCE_MS, Verdict},
    peer::{Next, Peer},
    stream::Stream,
};
use crate::clock;
use mio::{Events, Poll, Token, Waker};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};
use tenondb::resp::{Conn, ConnOptions};

/// Requests are read into one buffer of this size, and copied only when they are incomplete.
const SCRATCH_BYTES: usize = 64 * 1024;
const EVENTS: usize = 1024;
const WAKE: Token = Token(usize::MAX);
/// How often silent connections are looked for.
const SWEEP_MS: u64 = 1_000;

/// A thread that has executed what one connection sent for so long takes no newcomer: a script without an end may be in it, and he
/// may be the one who comes to say SCRIPT KILL.
const STUCK_MS: u64 = 50;

/// A thread that serves its share of the connections, seen from outside.
pub struct Worker {
    newcomers: Sender<Stream>,
    waker: Arc<Waker>,
    thread: JoinHandle<io::Result<()>>,
    /// The connections it has, those on their way included.
    pub load: Arc<AtomicUsize>,
    /// When the turn began that it is in, by the clock of [`clock::now_ms`], plus one; 0: it is in none.
    turn_ms: Arc<AtomicU64>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's.
    pub fn start(index: usize, shared: Arc<Shared>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let (newcomers, inbox) = channel();
        let load = Arc::new(AtomicUsize::new(0));
        let turn_ms = Arc::new(AtomicU64::new(0));
        let rounds = Rounds {
            poll,
            inbox,
            bell: Arc::new(Bell::new(waker.clone())),
            rung: Vec::new(),
            shared,
            load: load.clone(),
            turn_ms: turn_ms.clone(),
            peers: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            slow: Vec::new(),
            scratch: vec![0; SCRATCH_BYTES],
            swept_ms: clock::now_ms(),
        };
        let thread =
            std::thread::Builder::new().name(format!("tenon-{index}")).spawn(move || rounds.run())?;
        Ok(Self { newcomers, waker, thread, load, turn_ms })
    }

    /// Tells whether it has been with one connection for too long to be given another.
    pub fn is_stuck(&self) -> bool {
        let turn_ms = self.turn_ms.load(Ordering::Relaxed);
        turn_ms != 0 && clock::now_ms() >= turn_ms + STUCK_MS
    }

    /// Hands over a connection.
    pub fn take(&self, stream: Stream) {
        self.load.fetch_add(1, Ordering::Relaxed);
        // A thread that has ended drops it, which closes it.
        let _ = self.newcomers.send(stream);
        self.wake();
    }

    /// Makes it look for newcomers, and at whether the server stops.
    pub fn wake(&self) {
        let _ = self.waker.wake();
    }

    /// Tells whether the thread has ended, which it only does when the server stops.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Why it ended before it was told to.
    pub fn join(self) -> Result<(), String> {
        self.wake();
        let end = self.thread.join().map_err(|_| "a serving thread panicked".to_owned())?;
        end.map_err(|error| format!("a serving thread ended: {error}"))
    }
}

/// What the thread owns.
struct Rounds {
    poll: Poll,
    inbox: Receiver<Stream>,
    /// For those that have something for its connections, itself included.
    bell: Arc<Bell>,
    /// Connections that were rung for: empty between two looks.
    rung: Vec<usize>,
    shared: Arc<Shared>,
    load: Arc<AtomicUsize>,
    turn_ms: Arc<AtomicU64>,
    /// By token. A token that was given anew may be told of an event of its predecessor: that costs an idle turn.
    peers: Vec<Option<Peer>>,
    free: Vec<usize>,
    /// Those that have a turn.
    ready: Vec<usize>,
    /// Those whose replies wait.
    slow: Vec<usize>,
    scratch: Vec<u8>,
    swept_ms: u64,
}

impl Rounds {
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let mut farewell_ms = None;
        loop {
            let timeout = self.timeout(farewell_ms.is_some());
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let mut woken = false;
            for event in &events {
                if event.token() == WAKE {
                    woken = true;
                } else if let Some(Some(peer)) = self.peers.get_mut(event.token().0) {
                    peer.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
                    peer.read_closed |= event.is_read_closed() || event.is_error();
                    self.queue(event.token().0);
                }
            }
            if woken {
                self.welcome_all();
                self.answer();
            }
            if farewell_ms.is_none() && self.shared.stopping.load(Ordering::Acquire) {
                farewell_ms = Some(clock::now_ms() + FAREWELL_MS);
                self.welcome_all();
                (0..self.peers.len()).for_each(|slot| self.queue(slot));
            }
            self.take_turns(farewell_ms.is_some());
            // What these turns have published is sent before anybody sleeps.
            self.answer();
            self.sweep();
            if farewell_ms.is_some_and(|end| clock::now_ms() >= end || self.free.len() == self.peers.len()) {
                return Ok(());
            }
        }
    }

    fn timeout(&self, stopping: bool) -> Option<Duration> {
        if !self.ready.is_empty() {
            return Some(Duration::ZERO);
        }
        if !self.slow.is_empty() || stopping {
            return Some(Duration::from_millis(PATIENCE_MS));
        }
        Some(Duration::from_millis(SWEEP_MS))
    }

    fn queue(&mut self, slot: usize) {
        if let Some(Some(peer)) = self.peers.get_mut(slot)
            && !peer.queued
        {
            peer.queued = true;
            self.ready.push(slot);
        }
    }

    fn welcome_all(&mut self) {
        while let Ok(stream) = self.inbox.try_recv() {
            self.welcome(stream);
        }
    }

    /// Gives a turn to those that were rung for.
    fn answer(&mut self) {
        let mut rung = std::mem::take(&mut self.rung);
        self.bell.answer(&mut rung);
        rung.drain(..).for_each(|slot| self.queue(slot));
        self.rung = rung;
    }

    fn welcome(&mut self, stream: Stream) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.peers.push(None);
            self.peers.len() - 1
        });
        let options = ConnOptions { wake: Some(self.alarm(slot)), ..stream.origin(&self.shared.settings) };
        let conn = Conn::open(&self.shared.settings.db, options);
        match Peer::new(stream, conn, Token(slot), self.poll.registry(), clock::now_ms()) {
            Ok(peer) => self.peers[slot] = Some(peer),
            Err(error) => {
                eprintln!("tenon: a connection could not be served: {error}");
                self.vacate(slot);
            }
        }
    }

    /// What wakes this thread when there is something for the connection in `slot`, or another one has ended it.
    fn alarm(&self, slot: usize) -> Arc<dyn Fn() + Send + Sync> {
        let bell = self.bell.clone();
        Arc::new(move || bell.ring(slot))
    }

    /// Gives a turn to everyone that has one coming.
    fn take_turns(&mut self, stopping: bool) {
        for slot in std::mem::take(&mut self.ready) {
            let Some(Some(peer)) = self.peers.get_mut(slot) else { continue };
            peer.queued = false;
            let now_ms = clock::now_ms();
            self.turn_ms.store(now_ms + 1, Ordering::Relaxed);
            let next = peer.turn(&mut self.scratch, self.poll.registry(), now_ms);
            self.turn_ms.store(0, Ordering::Relaxed);
            let waiting = peer.waiting();
            if waiting > 0 && !peer.slow {
                peer.slow = true;
                self.slow.push(slot);
            }
            match next {
                Next::Close(why) => self.close(slot, why),
                _ if stopping && waiting == 0 => self.close(slot, None),
                Next::Again => self.queue(slot),
                Next::Wait => {}
            }
        }
    }

    /// Judges those whose replies wait, and looks for silent ones.
    fn sweep(&mut self) {
        let now_ms = clock::now_ms();
        for slot in std::mem::take(&mut self.slow) {
            let Some(Some(peer)) = self.peers.get_mut(slot) else { continue };
            if let Verdict::Cut(why) = peer.judge(now_ms) {
                self.close(slot, Some(why));
                continue;
            }
            let go_on = peer.could_go_on();
            peer.slow = peer.waiting() > 0;
            if peer.slow {
                self.slow.push(slot);
            }
            if go_on {
                self.queue(slot);
            }
        }
        if now_ms.saturating_sub(self.swept_ms) < SWEEP_MS {
            return;
        }
        self.swept_ms = now_ms;
        let idle_s = self.shared.settings.db.settings().timeout;
        if idle_s == 0 {
            return;
        }
        for slot in 0..self.peers.len() {
            if self.peers[slot].as_ref().is_some_and(|peer| peer.is_idle(idle_s, now_ms)) {
                self.close(slot, None);
            }
        }
    }

    fn close(&mut self, slot: usize, why: Option<&str>) {
        if let Some(why) = why {
            eprintln!("tenon: a connection was closed: {why}");
        }
        // Dropping the socket takes it out of the poll.
        if self.peers[slot].take().is_some() {
            self.vacate(slot);
        }
    }

    fn vacate(&mut self, slot: usize) {
        self.free.push(slot);
        self.load.fetch_sub(1, Ordering::Relaxed);
        self.shared.open.fetch_sub(1, Ordering::Relaxed);
    }
}
