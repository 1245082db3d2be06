//! Scripts, as their commands see them. What they are written in is not their business.
use super::{ScriptReport, Session};
use crate::{
    base::{bytes::Bytes, emit::Sink, error::Result},
    cmd::Spec,
};

/// The hexadecimal digits of a SHA-1.
pub const SHA_DIGITS: usize = 40;

/// Which script is meant.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    Text(&'a [u8]),
    /// The SHA-1 of its text, in hexadecimal digits, or what has as many characters.
    Sha(&'a [u8; SHA_DIGITS]),
}

/// A script with what it is given.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    pub spec: &'static Spec,
    pub source: Source<'a>,
    pub keys: Vec<&'a [u8]>,
    pub args: Vec<&'a [u8]>,
    /// It may change no key.
    pub is_read_only: bool,
}

/// The scripts of a database.
pub trait Scripts: Send + Sync {
    /// Runs a script as one step, in the session's own step when it has one, and writes its reply.
    fn eval(&self, session: &mut dyn Session, call: &Call<'_>, to: &mut dyn Sink) -> Result<()>;
    /// Keeps a script until it is flushed, and returns its SHA-1 in hexadecimal digits.
    fn load(&self, text: &[u8]) -> Result<String>;
    /// The text of the script with this SHA-1.
    fn text(&self, sha: &[u8]) -> Option<Bytes>;
    /// Forgets all scripts.
    fn flush(&self);
    /// Has the scripts that run now stopped, if none of them has written.
    fn kill(&self) -> Result<()>;
    /// What is known of them.
    fn report(&self) -> ScriptReport;
}
