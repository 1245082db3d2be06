//! Door 2: a connection without a socket. Bytes in, bytes out.
mod conn;
mod decode;
mod encode;
mod line;
#[cfg(feature = "redis-rs")]
pub mod redis_rs;

pub use crate::base::{bell::Woken, poller::Poller};
pub use conn::{Conn, ConnOptions};
pub use decode::split_words;
pub use line::{Line, Read};
