//! Accepts connections, hears signals, and ends the server.
use super::{Shared, stream::Stream, worker::Worker};
use crate::clock;
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream, UnixListener},
};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::{
    io::{self, Write},
    net::SocketAddr,
    os::unix::{fs::FileTypeExt, fs::PermissionsExt, net::UnixStream as StdUnixStream},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

const SIGNAL: Token = Token(0);
const FIRST_DOOR: usize = 1;
/// How long nothing is accepted after the system refused: it has run out of files or memory.
const BACK_OFF_MS: u64 = 100;
/// How often a refusal by the system is told.
const TELL_MS: u64 = 5_000;
/// How often the workers are looked after.
const LOOK_MS: u64 = 1_000;

enum Door {
    Tcp(TcpListener, SocketAddr),
    Unix(UnixListener, SocketFile),
}

/// A socket's file, removed in the end.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The doors of a server, and the thread that stands at them.
pub struct Listener {
    poll: Poll,
    doors: Vec<Door>,
    /// Keeps the signals' end of the pair open.
    _signals: mio::net::UnixStream,
    shared: Arc<Shared>,
    told_ms: Option<u64>,
}

impl Listener {
    /// Opens every door, and takes SIGTERM and SIGINT.
    ///
    /// # Errors
    /// Which door cannot be opened, and why.
    pub fn open(shared: Arc<Shared>) -> Result<Self, String> {
        let system = |error: io::Error| format!("cannot set up the server: {error}");
        let poll = Poll::new().map_err(system)?;
        let mut signals = hear_signals(&shared).map_err(system)?;
        poll.registry().register(&mut signals, SIGNAL, Interest::READABLE).map_err(system)?;
        let mut doors = Vec::new();
        let settings = &shared.settings;
        for address in settings.bind.iter().filter(|_| settings.port != 0) {
            let at = SocketAddr::new(*address, settings.port);
            let door = TcpListener::bind(at).map_err(|error| format!("cannot listen on {at}: {error}"))?;
            doors.push(Door::Tcp(door, at));
        }
        if let Some(path) = &settings.unix {
            let name = path.display();
            let (door, file) = open_unix(path, settings.unix_mode)
                .map_err(|error| format!("cannot listen on {name}: {error}"))?;
            doors.push(Door::Unix(door, file));
        }
        for (index, door) in doors.iter_mut().enumerate() {
            let token = Token(FIRST_DOOR + index);
            let registered = match door {
                Door::Tcp(door, _) => poll.registry().register(door, token, Interest::READABLE),
                Door::Unix(door, _) => poll.registry().register(door, token, Interest::READABLE),
            };
            registered.map_err(system)?;
        }
        Ok(Self { poll, doors, _signals: signals, shared, told_ms: None })
    }

    /// Says where it listens.
    pub fn announce(&self) {
        for door in &self.doors {
            match door {
                Door::Tcp(_, at) => eprintln!("tenon: listening on {at}"),
                Door::Unix(_, file) => eprintln!("tenon: listening on unix socket {}", file.0.display()),
            }
        }
        let kept = match self.shared.settings.db.settings().dir {
            dir if dir.is_empty() => "in memory: nothing is kept".to_owned(),
            dir => format!("kept in {dir}"),
        };
        eprintln!("tenon: {} threads; {kept}", self.shared.settings.threads);
    }

    /// Accepts until a signal comes.
    ///
    /// # Errors
    /// The poll failed, or a worker ended by itself.
    pub fn run(&mut self, workers: &[Worker]) -> Result<(), String> {
        let mut events = Events::with_capacity(16);
        let mut refused = false;
        loop {
            let pause_ms = if refused { BACK_OFF_MS } else { LOOK_MS };
            match self.poll.poll(&mut events, Some(Duration::from_millis(pause_ms))) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    self.stop(workers);
                    return Err(format!("cannot wait for connections: {error}"));
                }
                _ => {}
            }
            if events.iter().any(|event| event.token() == SIGNAL) {
                eprintln!("tenon: stopping");
                self.stop(workers);
                return Ok(());
            }
            if workers.iter().any(Worker::has_ended) {
                self.stop(workers);
                return Err("a serving thread ended".to_owned());
            }
            // A door that was refused at has not said all it has to say, and will not say it again.
            let all = std::mem::take(&mut refused);
            for index in 0..self.doors.len() {
                if all || events.iter().any(|event| event.token().0 == FIRST_DOOR + index) {
                    refused |= !self.accept_all(index, workers);
                }
            }
        }
    }

    /// Accepts whoever stands at a door. False: the system refused.
    fn accept_all(&mut self, index: usize, workers: &[Worker]) -> bool {
        loop {
            let accepted = match &self.doors[index] {
                Door::Tcp(door, _) => door.accept().map(|(stream, _)| Stream::Tcp(stream)),
                Door::Unix(door, _) => door.accept().map(|(stream, _)| Stream::Unix(stream)),
            };
            match accepted {
                Ok(stream) => self.admit(stream, workers),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted
                    ) => {}
                Err(error) => {
                    let now_ms = clock::now_ms();
                    if self.told_ms.is_none_or(|told| now_ms - told >= TELL_MS) {
                        self.told_ms = Some(now_ms);
                        eprintln!("tenon: cannot accept a connection, trying again: {error}");
                    }
                    return false;
                }
            }
        }
    }

    fn admit(&self, mut stream: Stream, workers: &[Worker]) {
        let db = &self.shared.settings.db;
        let limits = db.settings();
        if self.shared.open.load(Ordering::Relaxed) as u64 >= limits.maxclients {
            db.count_refused_connection();
            // A fresh socket has room for a line; if not, the end says enough.
            let _ = stream.write(b"-ERR max number of clients reached\r\n");
            return;
        }
        if let Stream::Tcp(tcp) = &stream {
            tune(tcp, limits.tcp_keepalive);
        }
        self.shared.open.fetch_add(1, Ordering::Relaxed);
        // The last one is there for when the others are stuck.
        let (reserve, others) = workers.split_last().unzip();
        let free = others.unwrap_or_default().iter().filter(|worker| !worker.is_stuck());
        let least = free.min_by_key(|worker| worker.load.load(Ordering::Relaxed));
        if let Some(worker) = least.or(reserve) {
            worker.take(stream);
        }
    }

    fn stop(&mut self, workers: &[Worker]) {
        self.doors.clear();
        self.shared.stopping.store(true, Ordering::Release);
        workers.iter().for_each(Worker::wake);
    }
}

/// Replies leave at once, and a vanished peer is noticed. Neither is worth losing a connection over.
fn tune(stream: &TcpStream, keepalive_s: u64) {
    use rustix::net::sockopt;
    let _ = stream.set_nodelay(true);
    if keepalive_s != 0 {
        let every = Duration::from_secs(keepalive_s);
        let _ = sockopt::set_socket_keepalive(stream, true);
        let _ = sockopt::set_tcp_keepidle(stream, every);
        // As in Redis: three probes, a third of the time apart.
        let _ = sockopt::set_tcp_keepintvl(stream, (every / 3).max(Duration::from_secs(1)));
        let _ = sockopt::set_tcp_keepcnt(stream, 3);
    }
}

/// The first SIGTERM or SIGINT can be read from the returned socket; the second one ends the process.
fn hear_signals(shared: &Shared) -> io::Result<mio::net::UnixStream> {
    let (ours, theirs) = StdUnixStream::pair()?;
    ours.set_nonblocking(true)?;
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register_conditional_shutdown(signal, 1, shared.stopping.clone())?;
        signal_hook::low_level::pipe::register(signal, theirs.try_clone()?)?;
    }
    Ok(mio::net::UnixStream::from_std(ours))
}

/// Listens on a unix socket. A file that a dead server left there is removed; a living server's is not.
fn open_unix(path: &Path, mode: Option<u32>) -> Result<(UnixListener, SocketFile), String> {
    if let Ok(data) = std::fs::symlink_metadata(path) {
        if !data.file_type().is_socket() {
            return Err("there is a file that is not a socket".to_owned());
        }
        if StdUnixStream::connect(path).is_ok() {
            return Err("another server is listening there".to_owned());
        }
        std::fs::remove_file(path).map_err(|error| error.to_string())?;
    }
    let door = UnixListener::bind(path).map_err(|error| error.to_string())?;
    let file = SocketFile(path.to_owned());
    if let Some(mode) = mode {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, permissions).map_err(|error| error.to_string())?;
    }
    Ok((door, file))
}
