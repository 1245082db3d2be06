//! An input, read from the front; when nothing is left there are zeros.

/// See the module.
pub struct Input<'i>(pub &'i [u8]);

impl<'i> Input<'i> {
    /// Whether there is no more.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    /// Up to `count` bytes.
    pub fn bytes(&mut self, count: usize) -> &'i [u8] {
        let (head, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        head
    }

    /// A length in a byte, 255 for two more bytes, and as many bytes.
    pub fn text(&mut self) -> &'i [u8] {
        let len = match self.byte() {
            255 => usize::from(self.byte()) | usize::from(self.byte()) << 8,
            len => len.into(),
        };
        self.bytes(len)
    }

    /// A number of 8 bytes.
    pub fn word(&mut self) -> u64 {
        let mut word = [0; 8];
        let bytes = self.bytes(8);
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    }
}
