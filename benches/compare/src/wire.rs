//! Requests, a client that counts replies, and a real server on a unix socket.
use crate::order::{key, moved_score, score, value};
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A word of a [`Template`].
pub enum Word {
    /// It stays as it is.
    Fixed(&'static str),
    /// The value that all keys have.
    Value,
    /// The key of a visited place.
    Key,
    /// A number of eight digits that belongs to the last visited place, zeros in front.
    Score,
    /// Another such number every time.
    MovedScore,
    /// The last visited place plus this, in six digits: servers take no index with zeros in front.
    Rank(usize),
}

/// A request that is made again and again with other keys and numbers: making it must cost nothing beside what is
/// measured.
#[derive(Clone)]
pub struct Template {
    bytes: Vec<u8>,
    keys: Vec<usize>,
    /// Where digits stand, and what number they are of a place.
    numbers: Vec<(std::ops::Range<usize>, Number)>,
    filled: usize,
}

#[derive(Clone, Copy)]
enum Number {
    Score,
    MovedScore,
    Rank(usize),
}

impl Template {
    /// Makes a template.
    pub fn of(words: &[Word]) -> Self {
        let mut template = Self {
            bytes: format!("*{}\r\n", words.len()).into_bytes(),
            keys: vec![],
            numbers: vec![],
            filled: 0,
        };
        for word in words {
            let (text, number) = match word {
                Word::Fixed(text) => (text.as_bytes().to_vec(), None),
                Word::Value => (value().to_vec(), None),
                Word::Key => (key(0).to_vec(), None),
                Word::Score => (vec![b'0'; 8], Some(Number::Score)),
                Word::MovedScore => (vec![b'0'; 8], Some(Number::MovedScore)),
                Word::Rank(plus) => (vec![b'0'; 6], Some(Number::Rank(*plus))),
            };
            template.bytes.extend(format!("${}\r\n", text.len()).bytes());
            let at = template.bytes.len();
            match number {
                Some(number) => template.numbers.push((at..at + text.len(), number)),
                None if matches!(word, Word::Key) => template.keys.push(at),
                None => {}
            }
            template.bytes.extend(text);
            template.bytes.extend(b"\r\n");
        }
        template
    }

    /// Fills in the places that `next` visits.
    pub fn fill(&mut self, mut next: impl FnMut() -> usize) -> &[u8] {
        self.filled += 1;
        let mut last = None;
        for at in &self.keys {
            let n = next();
            self.bytes[*at..at + 16].copy_from_slice(&key(n));
            last = Some(n);
        }
        for (at, number) in &self.numbers {
            let n = *last.get_or_insert_with(&mut next);
            let mut number = match number {
                Number::Score => score(n),
                Number::MovedScore => moved_score(n, self.filled),
                Number::Rank(plus) => n + plus,
            };
            for digit in self.bytes[at.clone()].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        &self.bytes
    }
}

/// A `redis-server` of our own; it ends with this value.
pub struct Server {
    child: Child,
    dir: PathBuf,
}

impl Server {
    /// Starts the server that `TENON_REDIS_SERVER` names, or the one on the path, without persistence. `None` when there is none.
    pub fn start() -> Option<Self> {
        let binary = std::env::var("TENON_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
        let dir = std::env::temp_dir().join(format!("tenon-compare-{}", std::process::id()));
        std::fs::create_dir_all(&dir).ok()?;
        let child = Command::new(binary)
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(dir.join("socket"))
            .arg("--dir")
            .arg(&dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let server = Self { child, dir };
        (0..200).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            server.client()
        })?;
        Some(server)
    }

    /// Opens a connection.
    pub fn client(&self) -> Option<Client> {
        let stream = UnixStream::connect(self.dir.join("socket")).ok()?;
        Some(Client { stream, input: vec![0; 1 << 20] })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A blocking client that reads replies only as far as it must to count them.
pub struct Client {
    stream: UnixStream,
    input: Vec<u8>,
}

impl Client {
    /// Sends requests and waits for `replies` replies; returns their bytes.
    ///
    /// # Panics
    /// When the server goes away or answers an error: a benchmark of errors is none.
    pub fn exchange(&mut self, requests: &[u8], replies: usize) -> &[u8] {
        self.stream.write_all(requests).expect("the server reads");
        let (mut filled, mut used, mut seen) = (0, 0, 0);
        while seen < replies {
            if filled == self.input.len() {
                self.input.resize(filled * 2, 0);
            }
            let count = self.stream.read(&mut self.input[filled..]).expect("the server answers");
            assert!(count > 0, "the server has closed the connection");
            filled += count;
            while let Some(len) = reply_len(&self.input[used..filled]) {
                assert!(self.input[used] != b'-', "{}", self.input[used..filled].escape_ascii());
                used += len;
                seen += 1;
            }
        }
        &self.input[..used]
    }
}

/// The length of the RESP2 reply at the start of `bytes`, when it is complete.
fn reply_len(bytes: &[u8]) -> Option<usize> {
    let line = bytes.iter().position(|b| *b == b'\n')? + 1;
    let number = || std::str::from_utf8(&bytes[1..line - 2]).ok()?.parse::<i64>().ok();
    match bytes.first()? {
        b'$' => {
            let end = line + usize::try_from(number()?).map_or(0, |len| len + 2);
            (end <= bytes.len()).then_some(end)
        }
        b'*' => (0..number()?.max(0)).try_fold(line, |at, _| Some(at + reply_len(&bytes[at..])?)),
        _ => Some(line),
    }
}
