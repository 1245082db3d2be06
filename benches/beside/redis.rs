//! A redis-server beside a bench, in the same run: over a unix socket, which is the quickest way to it.
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A command as it is sent.
pub fn resp(argv: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", argv.len()).into_bytes();
    for word in argv {
        out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// A server that ends with this.
pub struct Redis {
    child: Child,
    dir: PathBuf,
}

impl Redis {
    /// Starts one; `None`, and a line that says so, when it is not installed.
    pub fn start() -> Option<Self> {
        let dir = std::env::temp_dir().join(format!("tenon-bench-redis-{}", std::process::id()));
        std::fs::create_dir_all(&dir).ok()?;
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(dir.join("s"))
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            println!("skipped: redis-server is not installed");
            return None;
        };
        let redis = Self { child, dir };
        (0..200)
            .any(|_| {
                thread::sleep(Duration::from_millis(10));
                UnixStream::connect(redis.dir.join("s")).is_ok()
            })
            .then_some(redis)
    }

    /// Opens a connection.
    pub fn connect(&self) -> UnixStream {
        UnixStream::connect(self.dir.join("s")).expect("redis-server accepts")
    }

    /// Opens a connection that has subscribed to a channel.
    #[allow(dead_code, reason = "not every bench is about messages")]
    pub fn subscribe(&self, channel: &str) -> UnixStream {
        let mut stream = self.connect();
        stream.write_all(&resp(&[b"SUBSCRIBE", channel.as_bytes()])).expect("it reads");
        let mut reply = vec![0; 64];
        let len = stream.read(&mut reply).expect("it answers");
        assert!(reply[..len].starts_with(b"*3"));
        stream
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
