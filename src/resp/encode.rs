//! Replies as RESP2 and RESP3 bytes: a sink.
use crate::base::{
    emit::{Late, Sink},
    error::Error,
    num::Text,
};

/// Capacity that an empty buffer keeps; a bigger one is given back.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// Bytes that are sent in the protocol they were written in, with gaps for parts that are written late.
#[derive(Default)]
pub struct Encoder {
    out: Vec<u8>,
    /// The first `taken` bytes of `out` are delivered.
    taken: usize,
    /// Parts, where they belong (offsets into `out`, ascending), and their protocols.
    late: Vec<(usize, u8, Box<dyn Late>)>,
    protocol: u8,
}

impl Encoder {
    /// Sets the protocol, 2 or 3, of what follows.
    pub fn set_protocol(&mut self, protocol: u8) {
        self.protocol = protocol;
    }

    /// What was written so far and is not delivered. Late parts are in it after [`Encoder::settle`].
    pub fn bytes(&self) -> &[u8] {
        &self.out[self.taken..]
    }

    /// The number of bytes that are not delivered.
    pub fn len(&self) -> usize {
        self.out.len() - self.taken
    }

    /// Takes what was written so far.
    pub fn take(&mut self) -> Vec<u8> {
        self.compact();
        std::mem::take(&mut self.out)
    }

    /// Says that the first `count` bytes are delivered: O(1), but for moving what is left once more than half of the
    /// buffer is delivered.
    pub fn consume(&mut self, count: usize) {
        self.taken = self.out.len().min(self.taken.saturating_add(count));
        if self.taken == self.out.len() {
            self.clear();
        } else if self.taken > KEPT_BYTES_MAX && self.taken > self.out.len() / 2 {
            self.compact();
        }
    }

    fn compact(&mut self) {
        self.out.drain(..self.taken);
        self.taken = 0;
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.out.clear();
        self.out.shrink_to(KEPT_BYTES_MAX);
        self.late.clear();
        self.taken = 0;
    }

    /// The place where the next reply starts, for [`Encoder::truncate`]; good until bytes are consumed.
    pub fn mark(&self) -> usize {
        self.out.len()
    }

    /// Drops what was written since `mark`: a reply that nobody wants.
    pub fn truncate(&mut self, mark: usize) {
        self.out.truncate(mark);
        self.late.retain(|(at, ..)| *at < mark);
    }

    /// Writes the late parts into their places. Belongs outside the locks. Only what follows the first of them is
    /// moved.
    pub fn settle(&mut self) {
        let protocol = self.protocol;
        while let Some((first, ..)) = self.late.first() {
            let first = *first;
            let late = std::mem::take(&mut self.late);
            let rest = self.out.split_off(first);
            let mut from = 0;
            for (at, protocol, part) in late {
                self.out.extend_from_slice(&rest[from..at - first]);
                from = at - first;
                self.protocol = protocol;
                part.emit_late(self);
            }
            self.out.extend_from_slice(&rest[from..]);
        }
        self.protocol = protocol;
    }

    fn resp3(&self) -> bool {
        self.protocol == 3
    }

    fn line(&mut self, tag: u8, body: &[u8]) {
        self.out.push(tag);
        self.out.extend_from_slice(body);
        self.out.extend_from_slice(b"\r\n");
    }

    /// Writes `tag`, a length and the end of the line, in one piece.
    #[inline]
    fn head(&mut self, tag: u8, len: usize) {
        let mut line = [0; 24];
        (line[22], line[23]) = (b'\r', b'\n');
        // 20 digits are enough for any length.
        let (mut at, mut rest) = (22, len);
        loop {
            at -= 1;
            line[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        line[at - 1] = tag;
        self.out.extend_from_slice(&line[at - 1..]);
    }
}

impl Sink for Encoder {
    fn nil(&mut self) {
        let nil: &[u8] = if self.resp3() { b"_\r\n" } else { b"$-1\r\n" };
        self.out.extend_from_slice(nil);
    }
    fn nil_array(&mut self) {
        let nil: &[u8] = if self.resp3() { b"_\r\n" } else { b"*-1\r\n" };
        self.out.extend_from_slice(nil);
    }
    fn int(&mut self, value: i64) {
        self.line(b':', &Text::int(value));
    }
    fn float(&mut self, value: f64) {
        let text = Text::float(value);
        if self.resp3() {
            self.line(b',', &text);
        } else {
            self.bytes(&text);
        }
    }
    fn bool(&mut self, value: bool) {
        if self.resp3() {
            self.line(b'#', if value { b"t" } else { b"f" });
        } else {
            self.int(value.into());
        }
    }
    fn bytes(&mut self, value: &[u8]) {
        const AROUND: usize = 26;
        self.out.reserve(value.len() + AROUND);
        self.head(b'$', value.len());
        self.out.extend_from_slice(value);
        self.out.extend_from_slice(b"\r\n");
    }
    fn status_line(&mut self, value: &[u8]) {
        self.line(b'+', value);
    }
    fn bignum(&mut self, digits: &[u8]) {
        if self.resp3() { self.line(b'(', digits) } else { self.bytes(digits) }
    }
    fn verbatim(&mut self, format: &str, value: &[u8]) {
        if !self.resp3() {
            return self.bytes(value);
        }
        self.head(b'=', value.len() + format.len() + 1);
        self.out.extend_from_slice(format.as_bytes());
        self.out.push(b':');
        self.out.extend_from_slice(value);
        self.out.extend_from_slice(b"\r\n");
    }
    fn error(&mut self, error: &Error) {
        self.line(b'-', error.text());
    }
    fn array(&mut self, len: usize) {
        self.head(b'*', len);
    }
    fn map(&mut self, len: usize) {
        match self.resp3() {
            true => self.head(b'%', len),
            false => self.head(b'*', len * 2),
        }
    }
    fn set(&mut self, len: usize) {
        self.head(if self.resp3() { b'~' } else { b'*' }, len);
    }
    fn push(&mut self, len: usize) {
        self.head(if self.resp3() { b'>' } else { b'*' }, len);
    }
    fn pairs(&mut self, len: usize) {
        self.head(b'*', if self.resp3() { len } else { len * 2 });
    }
    fn pair(&mut self) {
        if self.resp3() {
            self.head(b'*', 2);
        }
    }
    fn later(&mut self, part: Box<dyn Late>) {
        self.late.push((self.out.len(), self.protocol, part));
    }
    fn switch(&mut self, version: u8) {
        self.protocol = version;
    }
    fn protocol(&self) -> u8 {
        if self.resp3() { 3 } else { 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(protocol: u8, body: impl FnOnce(&mut Encoder)) -> String {
        let mut encoder = Encoder::default();
        encoder.set_protocol(protocol);
        body(&mut encoder);
        encoder.settle();
        String::from_utf8(encoder.take()).unwrap()
    }

    #[test]
    fn late_parts_land_where_they_belong() {
        let body = |to: &mut Encoder| {
            to.array(3);
            to.later(Box::new(|to: &mut dyn Sink| {
                to.map(1);
                to.int(1);
                to.float(0.5);
            }));
            to.nil();
            to.later(Box::new(|to: &mut dyn Sink| to.bool(true)));
        };
        assert_eq!(written(2, body), "*3\r\n*2\r\n:1\r\n$3\r\n0.5\r\n$-1\r\n:1\r\n");
        assert_eq!(written(3, body), "*3\r\n%1\r\n:1\r\n,0.5\r\n_\r\n#t\r\n");
    }

    #[test]
    fn a_part_keeps_the_protocol_it_was_announced_in() {
        let body = |to: &mut Encoder| {
            to.later(Box::new(|to: &mut dyn Sink| to.map(0)));
            to.switch(3);
            to.later(Box::new(|to: &mut dyn Sink| to.map(0)));
        };
        assert_eq!(written(2, body), "*0\r\n%0\r\n");
    }

    #[test]
    fn what_is_delivered_goes_and_what_is_left_stays() {
        let mut encoder = Encoder::default();
        let mut expected = Vec::new();
        for round in 0..200usize {
            let text = vec![b'a' + (round % 26) as u8; 1000];
            Sink::bytes(&mut encoder, &text);
            expected.extend_from_slice(b"$1000\r\n");
            expected.extend_from_slice(&text);
            expected.extend_from_slice(b"\r\n");
            let count = (round * 37) % 1500;
            encoder.consume(count);
            expected.drain(..count.min(expected.len()));
            assert_eq!((encoder.len(), encoder.bytes()), (expected.len(), &expected[..]));
        }
        let mark = encoder.mark();
        encoder.status("no");
        encoder.later(Box::new(|to: &mut dyn Sink| to.int(1)));
        encoder.truncate(mark);
        encoder.settle();
        assert_eq!(encoder.take(), expected);
        assert_eq!(encoder.len(), 0);
    }
}
