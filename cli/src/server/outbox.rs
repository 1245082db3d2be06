//! Replies that a socket did not take at once: buffers in a row, so that sending a part moves nothing.
use std::{
    collections::VecDeque,
    io::{self, Write},
};

/// Buffers up to this length are gathered, so that many short replies are few writes.
const GATHER_BYTES: usize = 16 * 1024;

/// Bytes on their way out, in order.
#[derive(Debug, Default)]
pub struct Outbox {
    buffers: VecDeque<Vec<u8>>,
    /// Bytes of the first buffer that are sent.
    sent: usize,
    /// Bytes that are not.
    waiting: usize,
}

impl Outbox {
    /// The bytes that wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Appends `buffer`, of which `sent` bytes went out already: they may only be some when the outbox is empty.
    pub fn push(&mut self, buffer: Vec<u8>, sent: usize) {
        debug_assert!(sent == 0 || self.waiting == 0, "bytes are sent in order");
        if sent >= buffer.len() {
            return;
        }
        self.waiting += buffer.len() - sent;
        match self.buffers.back_mut() {
            Some(last) if last.len() + buffer.len() <= GATHER_BYTES => last.extend_from_slice(&buffer),
            Some(_) => self.buffers.push_back(buffer),
            None => {
                self.buffers.push_back(buffer);
                self.sent = sent;
            }
        }
    }

    /// Writes as much as `to` takes and returns how much that was. Ready or not, it is no error.
    ///
    /// # Errors
    /// The socket's.
    pub fn send(&mut self, to: &mut impl Write) -> io::Result<usize> {
        let mut moved = 0;
        while let Some(first) = self.buffers.front() {
            match to.write(&first[self.sent..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    moved += count;
                    self.waiting -= count;
                    self.sent += count;
                    if self.sent == first.len() {
                        self.buffers.pop_front();
                        self.sent = 0;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes at a time, and none every other time.
    struct Narrow(Vec<u8>, bool);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let count = bytes.len().min(7);
            self.0.extend_from_slice(&bytes[..count]);
            Ok(count)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn everything_leaves_in_order_however_narrow_the_door() {
        let (mut outbox, mut narrow, mut want) = (Outbox::default(), Narrow(Vec::new(), false), Vec::new());
        outbox.push(b"##head".to_vec(), 2);
        want.extend_from_slice(b"head");
        for round in 0..300_usize {
            let piece = vec![round as u8; round * 97 % (GATHER_BYTES / 8)];
            want.extend_from_slice(&piece);
            outbox.push(piece, 0);
            outbox.send(&mut narrow).unwrap();
            assert_eq!(outbox.waiting() + narrow.0.len(), want.len());
        }
        while outbox.waiting() > 0 {
            outbox.send(&mut narrow).unwrap();
        }
        assert!(narrow.0 == want);
    }
}
