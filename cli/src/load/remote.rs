//! Loading into a server: commands go out on one thread while replies come in on another.
use super::{
    report::{Outcome, Report},
    script::{Found, Place, Script},
};
use crate::reply::{Reply, encode};
use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Bytes of commands that are gathered into one write.
const BATCH_BYTES: usize = 64 * 1024;
/// How long the replies that are missing in the end are waited for.
const LAST_S: u64 = 30;

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    Tcp(String, u16),
    Unix(PathBuf),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What is said to a server before the file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub address: Address,
    pub password: Option<Vec<u8>>,
    pub db: u32,
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    fn open(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port))?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
            Address::Unix(path) => UnixStream::connect(path).map(Self::Unix),
        }
    }

    fn twin(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
        }
    }

    fn patience(&self, time: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(Some(time)),
            Self::Unix(stream) => stream.set_read_timeout(Some(time)),
        }
    }

    fn hang_up(&self) {
        let how = std::net::Shutdown::Both;
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown(how),
            Self::Unix(stream) => stream.shutdown(how),
        };
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.write_all(bytes),
            Self::Unix(stream) => stream.write_all(bytes),
        }
    }
}

/// Replies as they come.
struct Replies {
    socket: Socket,
    buffer: Vec<u8>,
    at: usize,
    /// A reply that was not complete is read again only when there is twice as much of it.
    again_at: usize,
}

impl Replies {
    fn next(&mut self) -> Result<Reply, Silence> {
        loop {
            let rest = &self.buffer[self.at..];
            if rest.len() >= self.again_at
                && let Some((reply, len)) = Reply::parse(rest).map_err(Silence::Fault)?
            {
                self.at += len;
                self.again_at = 0;
                return Ok(reply);
            }
            self.again_at = if rest.len() > BATCH_BYTES { self.again_at.max(rest.len() * 2) } else { 0 };
            self.buffer.drain(..self.at);
            self.at = 0;
            let start = self.buffer.len();
            self.buffer.resize(start + BATCH_BYTES, 0);
            let read = self.socket.read(&mut self.buffer[start..]);
            self.buffer.truncate(start + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Err(Silence::End),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    // It may be complete all the same.
                    if self.again_at != 0 {
                        self.again_at = 0;
                        continue;
                    }
                    return Err(Silence::Pause);
                }
                Err(error) => return Err(Silence::Fault(error.to_string())),
            }
        }
    }
}

/// Why there is no reply.
enum Silence {
    /// Not yet.
    Pause,
    End,
    Fault(String),
}

/// What became of a piece of the file.
enum Owed {
    /// It was sent.
    Reply(Place),
    /// It was not, and why.
    Fault(Place, &'static str),
}

/// What the two threads share.
#[derive(Default)]
struct Shared {
    /// Commands whose replies are to come, and in their midst the lines that are none.
    owed: Mutex<VecDeque<Owed>>,
    sent_all: AtomicBool,
    done_bytes: AtomicU64,
}

impl Shared {
    /// Returns the place whose reply comes next. Lines before it that are no commands are reported.
    fn next_owed(&self, report: &mut Report, take: bool) -> Option<Place> {
        let mut owed = self.owed();
        loop {
            match owed.front()? {
                Owed::Fault(place, why) => report.failed(*place, why.as_bytes()),
                Owed::Reply(place) => {
                    let place = *place;
                    if take {
                        owed.pop_front();
                    }
                    return Some(place);
                }
            }
            owed.pop_front();
        }
    }

    fn owed(&self) -> std::sync::MutexGuard<'_, VecDeque<Owed>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends a script to a server and counts its answers.
///
/// # Errors
/// Why it could not be sent to its end; what was sent until then has been executed.
pub fn load<R: Read>(server: &Server, script: &mut Script<R>, report: Report) -> Result<Outcome, String> {
    let cannot = |error: io::Error| format!("cannot connect to {}: {error}", server.address);
    let socket = Socket::open(&server.address).map_err(cannot)?;
    let mut replies =
        Replies { socket: socket.twin().map_err(cannot)?, buffer: Vec::new(), at: 0, again_at: 0 };
    let mut socket = socket;
    greet(server, &mut socket, &mut replies)?;
    replies.socket.patience(Duration::from_secs(1)).map_err(cannot)?;
    let shared = Shared::default();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| receive(replies, &shared, report));
        let sent = send(script, &mut socket, &shared);
        shared.sent_all.store(true, Ordering::Release);
        let (report, end) = match reader.join() {
            Ok(done) => done,
            Err(_) => return Err("the reading thread panicked".to_owned()),
        };
        let outcome = report.end();
        // What the server said last explains a failed write better than the write does.
        let fault = end.err().or(sent.err());
        match fault {
            Some(why) => Err(format!("{why}; before that: {outcome}").trim_end().to_owned()),
            None => Ok(outcome),
        }
    })
}

fn greet(server: &Server, socket: &mut Socket, replies: &mut Replies) -> Result<(), String> {
    let mut words: Vec<Vec<Vec<u8>>> = Vec::new();
    if let Some(password) = &server.password {
        words.push(vec![b"AUTH".to_vec(), password.clone()]);
    }
    if server.db != 0 {
        words.push(vec![b"SELECT".to_vec(), server.db.to_string().into_bytes()]);
    }
    for argv in words {
        let mut request = Vec::new();
        encode(&argv, &mut request);
        socket.write_all(&request).map_err(|error| format!("cannot send: {error}"))?;
        let reply = replies.next().map_err(|_| "the server closed the connection".to_owned())?;
        if let Some(text) = reply.error() {
            return Err(String::from_utf8_lossy(text).into_owned());
        }
    }
    Ok(())
}

/// Sends all commands. Lines that are none are left to the reader to report.
fn send<R: Read>(script: &mut Script<R>, socket: &mut Socket, shared: &Shared) -> Result<(), String> {
    let (mut batch, mut places) = (Vec::new(), Vec::new());
    loop {
        let found = script.next(&mut batch);
        let over = !matches!(found, Ok(Found::Command(_) | Found::Fault(..)));
        match &found {
            Ok(Found::Command(place)) => places.push(Owed::Reply(*place)),
            Ok(Found::Fault(place, why)) => places.push(Owed::Fault(*place, why)),
            _ => {}
        }
        if over || batch.len() >= BATCH_BYTES {
            shared.owed().extend(places.drain(..));
            socket.write_all(&batch).map_err(|error| format!("cannot send: {error}"))?;
            shared.done_bytes.store(script.done_bytes(), Ordering::Relaxed);
            batch.clear();
        }
        match found {
            Ok(Found::End) => return Ok(()),
            Err(why) => return Err(why),
            Ok(_) => {}
        }
    }
}

fn receive(mut replies: Replies, shared: &Shared, mut report: Report) -> (Report, Result<(), String>) {
    let mut silent_s = 0;
    let end = loop {
        let sent_all = shared.sent_all.load(Ordering::Acquire);
        if shared.next_owed(&mut report, false).is_none() && sent_all {
            break Ok(());
        }
        match replies.next() {
            Ok(Reply::Push(_)) => {}
            Ok(reply) => {
                silent_s = 0;
                let Some(place) = shared.next_owed(&mut report, true) else {
                    break Err("the server answered what it was not asked".to_owned());
                };
                match reply.error() {
                    Some(why) => report.failed(place, why),
                    None => report.well(),
                }
                report.draw(shared.done_bytes.load(Ordering::Relaxed));
            }
            Err(Silence::Pause) if sent_all => {
                silent_s += 1;
                if silent_s >= LAST_S {
                    break Err(format!("{} replies are missing", shared.owed().len()));
                }
            }
            Err(Silence::Pause) => {}
            Err(Silence::End) => break Err("the server closed the connection".to_owned()),
            Err(Silence::Fault(why)) => break Err(why),
        }
    };
    if end.is_err() {
        // The writer must not wait for a server that nobody listens to.
        replies.socket.hang_up();
    }
    (report, end)
}
