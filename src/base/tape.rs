//! A reply that is kept and told again later, to a sink that was not there when it was made: that of a caller who waits.
use super::{
    emit::{Late, Sink},
    error::Error,
};

enum Word {
    Nil,
    NilArray,
    Int(i64),
    Float(f64),
    Bool(bool),
    Bytes(Vec<u8>),
    Status(Vec<u8>),
    Verbatim(String, Vec<u8>),
    Error(Error),
    Array(usize),
    Map(usize),
    Set(usize),
    Push(usize),
    Pairs(usize),
    Pair,
    Later(Box<dyn Late>),
    Switch(u8),
}

/// A sink that remembers all it was told, word by word.
pub struct Tape {
    words: Vec<Word>,
    protocol: u8,
}

impl Tape {
    /// An empty one, for a reply in `protocol`.
    pub fn new(protocol: u8) -> Self {
        Self { words: Vec::new(), protocol }
    }

    /// Tells `to` everything. Belongs outside the locks: long parts are written now.
    pub fn play(self, to: &mut dyn Sink) {
        for word in self.words {
            match word {
                Word::Nil => to.nil(),
                Word::NilArray => to.nil_array(),
                Word::Int(value) => to.int(value),
                Word::Float(value) => to.float(value),
                Word::Bool(value) => to.bool(value),
                Word::Bytes(value) => to.bytes(&value),
                Word::Status(value) => to.status_line(&value),
                Word::Verbatim(format, value) => to.verbatim(&format, &value),
                Word::Error(error) => to.error(&error),
                Word::Array(len) => to.array(len),
                Word::Map(len) => to.map(len),
                Word::Set(len) => to.set(len),
                Word::Push(len) => to.push(len),
                Word::Pairs(len) => to.pairs(len),
                Word::Pair => to.pair(),
                Word::Later(part) => part.emit_late(to),
                Word::Switch(version) => to.switch(version),
            }
        }
    }
}

impl Sink for Tape {
    fn nil(&mut self) {
        self.words.push(Word::Nil);
    }
    fn nil_array(&mut self) {
        self.words.push(Word::NilArray);
    }
    fn int(&mut self, value: i64) {
        self.words.push(Word::Int(value));
    }
    fn float(&mut self, value: f64) {
        self.words.push(Word::Float(value));
    }
    fn bool(&mut self, value: bool) {
        self.words.push(Word::Bool(value));
    }
    fn bytes(&mut self, value: &[u8]) {
        self.words.push(Word::Bytes(value.to_vec()));
    }
    fn status_line(&mut self, value: &[u8]) {
        self.words.push(Word::Status(value.to_vec()));
    }
    fn verbatim(&mut self, format: &str, value: &[u8]) {
        self.words.push(Word::Verbatim(format.to_owned(), value.to_vec()));
    }
    fn error(&mut self, error: &Error) {
        self.words.push(Word::Error(error.clone()));
    }
    fn array(&mut self, len: usize) {
        self.words.push(Word::Array(len));
    }
    fn map(&mut self, len: usize) {
        self.words.push(Word::Map(len));
    }
    fn set(&mut self, len: usize) {
        self.words.push(Word::Set(len));
    }
    fn push(&mut self, len: usize) {
        self.words.push(Word::Push(len));
    }
    fn pairs(&mut self, len: usize) {
        self.words.push(Word::Pairs(len));
    }
    fn pair(&mut self) {
        self.words.push(Word::Pair);
    }
    fn later(&mut self, part: Box<dyn Late>) {
        self.words.push(Word::Later(part));
    }
    fn switch(&mut self, version: u8) {
        self.words.push(Word::Switch(version));
    }
    fn protocol(&self) -> u8 {
        self.protocol
    }
}

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tape").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{
        bytes::Bytes,
        reply::{Reply, Tree},
    };

    #[test]
    fn what_was_said_is_told_again_long_parts_included() {
        let mut tape = Tape::new(3);
        tape.array(3);
        tape.int(7);
        tape.later(Box::new(|to: &mut dyn Sink| to.bytes(b"long")));
        tape.map(1);
        tape.status("a");
        tape.nil();
        let mut tree = Tree::default();
        tape.play(&mut tree);
        let map = Reply::Map(vec![(Reply::Status(Bytes::copy(b"a")), Reply::Nil)]);
        assert_eq!(tree.finish(), Reply::Array(vec![Reply::Int(7), Reply::Bytes(Bytes::copy(b"long")), map]));
    }
}
