//! Real servers as child processes on unix sockets, and a blocking client for them.
use crate::{
    side::Enough,
    tnt::wire::{self, Fault},
};
use std::{
    env, fs,
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// Runs a server beside it until its own input ends, which it does however this process ends.
const KEEPER: &str = r#"dir=$1; shift; "$@" & server=$!; cat > /dev/null; kill -9 $server; rm -rf "$dir""#;

/// After so long a silence nothing more comes, unless something is missing yet: that is waited for, so many silences long.
const QUIET: Duration = Duration::from_millis(40);
const QUIET_MAX: u32 = 75;

/// A server of our own; it dies with this value.
pub struct Server {
    pub name: &'static str,
    pub version: String,
    child: Child,
    dir: PathBuf,
}

impl Server {
    /// Starts `binary` on a socket in a directory of its own, without persistence.
    pub fn start(name: &'static str, binary: &Path) -> Result<Self, String> {
        let dir = env::temp_dir().join(format!("tenon-oracle-{}-{name}", std::process::id()));
        fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let child = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&dir)
            .arg(binary)
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--enable-debug-command", "yes"])
            .args(["--loglevel", "warning", "--databases", "16", "--hz", "200", "--unixsocket"])
            .arg(dir.join("socket"))
            .arg("--dir")
            .arg(&dir)
            .stdin(Stdio::piped())
            .stdout(fs::File::create(dir.join("log")).map_err(|e| e.to_string())?)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("{}: {e}", binary.display()))?;
        let mut server = Self { name, version: String::new(), child, dir };
        for _ in 0..6_000 {
            if let Ok(mut client) = server.client() {
                server.version = client.version();
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(10));
        }
        let log = fs::read_to_string(server.dir.join("log")).unwrap_or_default();
        Err(format!("{name} did not start: {log}"))
    }

    /// Opens a new connection.
    pub fn client(&self) -> Result<Client, String> {
        let stream = UnixStream::connect(self.dir.join("socket")).map_err(|e| e.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(|e| e.to_string())?;
        Ok(Client { stream, input: Vec::new(), closed: false })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A connection to a server.
pub struct Client {
    stream: UnixStream,
    input: Vec<u8>,
    pub closed: bool,
}

impl Client {
    /// Sends bytes and reads `count` replies, or what came before the end.
    pub fn exchange(&mut self, wire: &[u8], count: usize) -> Vec<Vec<u8>> {
        if self.stream.write_all(wire).is_err() {
            self.closed = true;
        }
        let mut replies = Vec::with_capacity(count);
        let mut at = 0;
        while replies.len() < count {
            match wire::length(&self.input[at..]) {
                Ok(len) => {
                    replies.push(self.input[at..at + len].to_vec());
                    at += len;
                }
                Err(Fault::Garbage) => panic!("a server sent no RESP: {:?}", &self.input[at..]),
                Err(Fault::Short) => {
                    self.input.drain(..at);
                    at = 0;
                    if !self.fill() {
                        break;
                    }
                }
            }
        }
        self.input.drain(..at);
        replies
    }

    fn fill(&mut self) -> bool {
        let mut chunk = [0; 1 << 16];
        match self.stream.read(&mut chunk) {
            Ok(0) => self.closed = true,
            Ok(len) => {
                self.input.extend_from_slice(&chunk[..len]);
                return true;
            }
            // Whoever was stopped and goes on is told so.
            Err(e) if e.kind() == ErrorKind::Interrupted => return true,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => self.closed = true,
        }
        false
    }

    /// Sends bytes and returns all that comes until it is quiet for a while, and enough, or the connection ends.
    pub fn exchange_raw(&mut self, wire: &[u8], enough: &Enough<'_>) -> Vec<u8> {
        let _ = self.stream.write_all(wire);
        let _ = self.stream.set_read_timeout(Some(QUIET));
        for _ in 0..QUIET_MAX {
            while self.fill() {}
            if self.closed || enough(&self.input, self.closed) {
                break;
            }
        }
        let _ = self.stream.set_read_timeout(Some(Duration::from_secs(30)));
        std::mem::take(&mut self.input)
    }

    fn version(&mut self) -> String {
        let mut wire = Vec::new();
        wire::write_command(&mut wire, &["INFO", "server"]);
        let info = self.exchange(&wire, 1).pop().unwrap_or_default();
        let info = String::from_utf8_lossy(&info);
        let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name));
        field("valkey_version:").or(field("redis_version:")).unwrap_or("?").trim().into()
    }
}

/// Looks for a server: an environment variable, the places where `servers.sh` puts it, the search path.
pub fn find(variable: &str, file: &str, in_venv: &str) -> Option<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Some(path.into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A worktree of a checkout may share the servers of another one.
    let venv = env::var_os("TENON_ORACLE_VENV").map_or(root.join(".oracle"), PathBuf::from);
    let libs = fs::read_dir(venv.join("lib")).into_iter().flatten().flatten();
    let mut places: Vec<PathBuf> = Vec::new();
    if !in_venv.is_empty() {
        places.extend(libs.map(|lib| lib.path().join("site-packages").join(in_venv)));
    }
    if !file.is_empty() {
        let path = env::var_os("PATH").unwrap_or_default();
        places.extend(env::split_paths(&path).map(|dir| dir.join(file)));
    }
    places.into_iter().find(|path| path.is_file())
}
