//! A socket of either family.
use super::Settings;
use mio::{
    Interest, Registry, Token,
    event::Source,
    net::{TcpStream, UnixStream},
};
use std::{
    io::{self, Read, Write},
    net::SocketAddr,
    os::fd::AsRawFd,
};
use tenondb::resp::ConnOptions;

/// A connected socket.
#[derive(Debug)]
pub enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// What a connection shows of its socket.
    pub fn origin(&self, settings: &Settings) -> ConnOptions {
        match self {
            Self::Tcp(stream) => {
                let peer = stream.peer_addr();
                let local = peer.as_ref().is_ok_and(|at| at.ip().to_canonical().is_loopback());
                let text = |at: io::Result<SocketAddr>| at.map_or("?:0".to_owned(), |at| at.to_string());
                ConnOptions {
                    addr: text(peer),
                    laddr: text(stream.local_addr()),
                    fd: stream.as_raw_fd(),
                    local,
                    ..ConnOptions::default()
                }
            }
            Self::Unix(stream) => {
                let path = settings.unix.as_ref().map_or(String::new(), |path| path.display().to_string());
                let name = format!("{path}:0");
                ConnOptions {
                    addr: name.clone(),
                    laddr: name,
                    fd: stream.as_raw_fd(),
                    unix: true,
                    ..ConnOptions::default()
                }
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.register(registry, token, interest),
            Self::Unix(stream) => stream.register(registry, token, interest),
        }
    }
    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.reregister(registry, token, interest),
            Self::Unix(stream) => stream.reregister(registry, token, interest),
        }
    }
    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.deregister(registry),
            Self::Unix(stream) => stream.deregister(registry),
        }
    }
}
