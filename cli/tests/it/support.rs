//! A server in a folder of its own, and clients that talk to it in plain bytes.
use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// The program under test.
pub const TENON: &str = env!("CARGO_BIN_EXE_tenon");
/// How long anything may take before a test gives up: long, since the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder that is removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tenon-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that is killed in the end, however the test ends, unless it ended before.
pub struct Process(pub Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// Waits for its end and returns its exit status.
    pub fn wait(&mut self) -> Option<i32> {
        for _ in 0..PATIENCE.as_millis() / 10 {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("process {} does not end", self.0.id());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server on a unix socket.
pub struct Server {
    process: Process,
    pub folder: Folder,
    pub socket: PathBuf,
}

impl Server {
    /// Starts a server without TCP, with more options.
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(Folder::new(), &[&["--port", "0"], options].concat())
    }

    pub fn start_in(folder: Folder, options: &[&str]) -> Self {
        let socket = folder.path("socket");
        let mut serve = Command::new(TENON);
        serve.arg("serve").arg("--unix").arg(&socket).args(options).stderr(Stdio::null());
        let server = Self { process: Process::start(&mut serve), folder, socket };
        for _ in 0..6_000 {
            if UnixStream::connect(&server.socket).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not start");
    }

    pub fn connect(&self) -> Client {
        Client::connect(&self.socket)
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.process.0.id() as i32).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for its end and returns its exit status.
    pub fn wait(&mut self) -> Option<i32> {
        self.process.wait()
    }
}

/// A connection.
pub struct Client(pub UnixStream);

impl Client {
    pub fn connect(socket: &Path) -> Self {
        // The queue of a listener may be full for a moment.
        for _ in 0..1_000 {
            if let Ok(stream) = UnixStream::connect(socket) {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_write_timeout(Some(PATIENCE)).unwrap();
                return Self(stream);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not accept");
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Reads as many bytes as are wanted, and compares them.
    pub fn expect(&mut self, want: &[u8]) {
        let mut got = vec![0; want.len()];
        self.0.read_exact(&mut got).unwrap();
        if got != want {
            let shown = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
            panic!("got {:?}, wanted {:?}", shown(&got), shown(want));
        }
    }

    /// Says a line and expects an answer.
    pub fn ask(&mut self, line: &str, want: &str) {
        self.send(format!("{line}\r\n").as_bytes());
        self.expect(want.as_bytes());
    }

    /// Says a line and returns the bulk string that answers it.
    pub fn ask_text(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes());
        let mut head = String::new();
        let mut byte = [0];
        while !head.ends_with('\n') {
            self.0.read_exact(&mut byte).unwrap();
            head.push(byte[0] as char);
        }
        let len = head.trim_end().strip_prefix('$').and_then(|len| len.parse::<usize>().ok());
        let mut text = vec![0; len.unwrap_or_else(|| panic!("{line}: {head}")) + 2];
        self.0.read_exact(&mut text).unwrap();
        String::from_utf8(text).unwrap().trim_end().to_owned()
    }

    /// Reads to the end; a reset is an end too.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
        }
        rest
    }

    pub fn end_of_requests(&mut self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }
}

/// Writes a command as RESP.
pub fn resp(argv: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", argv.len()).into_bytes();
    for arg in argv {
        bytes.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        bytes.extend_from_slice(arg);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Writes a bulk string as RESP.
pub fn bulk(text: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", text.len()).as_bytes(), text, b"\r\n"].concat()
}

/// Runs the program with `input` on its standard input.
pub fn tenon(args: &[&str], input: &[u8]) -> Output {
    tenon_with(Command::new(TENON).args(args), input)
}

pub fn tenon_with(command: &mut Command, input: &[u8]) -> Output {
    let pipe = Stdio::piped;
    let mut child = command.stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that does not read to the end is no fault of the test.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
