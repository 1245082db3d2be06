//! Bytes on their way into a string of Lua, no more of them than the script may still have.
//!
//! A table may stand in another one many times, so a few hundred tables can spell more bytes than any machine has. What the
//! libraries write grows here, outside of the memory that Lua counts; so it is bounded by what Lua has left, and a
//! script that asks for more is told what it would be told for a string of that size: there is not enough memory.

use tenondb_lua::Raise;

/// There is no room for that many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl From<Full> for Raise {
    fn from(_: Full) -> Self {
        Raise::Memory
    }
}

/// A growing string with a bound.
#[derive(Debug)]
pub struct Output {
    bytes: Vec<u8>,
    room: usize,
}

impl Output {
    /// Starts an empty one that takes `room` bytes.
    pub fn new(room: usize) -> Self {
        Self::reusing(Vec::new(), room)
    }

    /// Starts one in the memory of another, whose bytes are dropped.
    pub fn reusing(mut bytes: Vec<u8>, room: usize) -> Self {
        bytes.clear();
        Self { bytes, room }
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// They do not fit; nothing was appended.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Full> {
        if bytes.len() > self.room - self.bytes.len() {
            return Err(Full);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Returns what was appended.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns what was appended, and its memory.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_exact() {
        let mut out = Output::new(4);
        assert_eq!(out.push(b"abc"), Ok(()));
        assert_eq!(out.push(b"de"), Err(Full));
        assert_eq!(out.push(b"d"), Ok(()));
        assert_eq!((out.push(b""), out.push(b"e")), (Ok(()), Err(Full)));
        assert_eq!(out.bytes(), b"abcd");
    }
}
