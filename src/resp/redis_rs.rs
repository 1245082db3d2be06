//! The crate `redis` on a database in the same process: one line of its users' code changes.
//!
//! - [`Connection`] stands where `client.get_connection()?` stood: it is a `redis::ConnectionLike`, which `redis::cmd`, pipelines,
//!   `redis::Commands` and `redis::transaction` take.
//! - [`Stream`] is what `redis::aio::MultiplexedConnection::new` and `redis::aio::PubSub::new` take: a tokio byte stream.
//!
//! What the crate builds on `redis::Client` itself – the synchronous `PubSub`, connection managers, pools – has no place for another
//! kind of connection; it reaches a database through the unix socket of `tenon serve`.
use super::{
    ConnOptions,
    line::{Line, Read},
};
use crate::engine::Db;
use redis::{ErrorKind, Parser, RedisError, RedisResult, Value};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection for the crate's synchronous side. A command that waits blocks the thread.
///
/// # Examples
/// ```
/// use redis::Commands;
/// let db = tenondb::Db::memory();
/// let mut connection = tenondb::resp::redis_rs::Connection::open(&db);
/// let _: () = connection.set("greeting", "hello")?;
/// assert_eq!(connection.get::<_, String>("greeting")?, "hello");
/// # Ok::<(), redis::RedisError>(())
/// ```
pub struct Connection {
    line: Line,
    parser: Parser,
}

impl Connection {
    /// Opens a connection to `db`.
    pub fn open(db: &Db) -> Self {
        Self { line: Line::open(db), parser: Parser::new() }
    }

    /// Opens a connection that speaks RESP3 to `db`.
    pub fn open_resp3(db: &Db) -> Self {
        let connection = Self::open(db);
        connection.line.write(b"HELLO 3\r\n");
        connection.line.read_all();
        connection
    }

    fn value(&mut self) -> RedisResult<Value> {
        loop {
            match self.parser.parse_value(Blocking(&self.line))? {
                // Nobody here asked for what comes by itself.
                Value::Push { .. } => {}
                value => return Ok(value),
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> RedisResult<()> {
        if self.line.write(bytes) { Ok(()) } else { Err(ended()) }
    }
}

#[cold]
fn ended() -> RedisError {
    RedisError::from((ErrorKind::Io, "the connection has ended"))
}

impl redis::ConnectionLike for Connection {
    fn req_packed_command(&mut self, cmd: &[u8]) -> RedisResult<Value> {
        self.send(cmd)?;
        self.value()?.extract_error()
    }

    fn req_packed_commands(&mut self, cmd: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        self.send(cmd)?;
        // All are read, whatever they say: those behind an error are not answers of the next request.
        let all = (0..offset + count).map(|_| self.value()).collect::<RedisResult<Vec<_>>>()?;
        for reply in &all[..offset] {
            if let Value::ServerError(error) = reply {
                return Err(error.clone().into());
            }
        }
        Ok(all.into_iter().skip(offset).collect())
    }

    fn get_db(&self) -> i64 {
        self.line.database().into()
    }

    fn check_connection(&mut self) -> bool {
        self.is_open() && redis::cmd("PING").query::<()>(self).is_ok()
    }

    fn is_open(&self) -> bool {
        !self.line.is_ended()
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("line", &self.line).finish_non_exhaustive()
    }
}

/// Reads from a line, and waits when there is nothing.
struct Blocking<'l>(&'l Line);

impl io::Read for Blocking<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(into) {
                Read::Bytes(count) => return Ok(count),
                Read::End => return Ok(0),
                Read::Again => {
                    self.0.wait(None);
                }
            }
        }
    }
}

/// A byte stream for the crate's asynchronous side, on tokio. Commands are executed by the task that writes them.
///
/// # Examples
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # runtime.block_on(async {
/// use redis::{AsyncCommands, aio::MultiplexedConnection};
/// use tenondb::resp::redis_rs::Stream;
/// let db = tenondb::Db::memory();
/// let info = redis::RedisConnectionInfo::default();
/// let config = redis::AsyncConnectionConfig::new();
/// let stream = Stream::open(&db);
/// let (mut connection, driver) = MultiplexedConnection::new_with_config(&info, stream, config).await?;
/// tokio::spawn(driver);
/// let _: () = connection.set("greeting", "hello").await?;
/// assert_eq!(connection.get::<_, String>("greeting").await?, "hello");
/// # Ok::<(), redis::RedisError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Stream(Arc<Line>);

impl Stream {
    /// Opens a connection to `db`.
    pub fn open(db: &Db) -> Self {
        Self(Arc::new(Line::open_with(db, ConnOptions::default())))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0.poll_read(context, into.initialize_unfilled()) {
            Poll::Ready(count) => {
                into.advance(count.unwrap_or(0));
                Poll::Ready(Ok(()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written =
            if self.0.write(bytes) { Ok(bytes.len()) } else { Err(io::ErrorKind::BrokenPipe.into()) };
        Poll::Ready(written)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.shutdown();
        Poll::Ready(Ok(()))
    }
}
