//! Door 2: a connection without a socket. Bytes in, bytes out.
mod conn;
mod decode;
mod encode;

pub use conn::{Conn, ConnOptions};
pub use decode::split_words;
