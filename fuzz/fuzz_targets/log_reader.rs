//! A log of anything, with right checksums or none: it is read or refused, run or refused, and what was opened once goes
//! on being a store.
//!
//! The first byte: bits 0 and 1 say what follows (0: a segment's bytes, 1: records, 2: commands, 3: a manifest's bytes),
//! 2 salvage, 3 open and write, 4 everything was durable, 5 several stripes, 6 the log
//! starts anywhere, 7 a manifest's checksum is left as it is.
#![no_main]
use libfuzzer_sys::fuzz_target;
use tenondb_fuzz::{
    Folder, Head, How, IDENTITY, Input, NOW_MS, RING_BYTES, boot_id, check, frame, header, identity_of,
    manifest, seal, varint,
};

/// Commands that may be very large for few bytes: what they ask for is not looked for here.
const LARGE: [&str; 1] = ["SETRANGE"];
const WORDS: [&str; 24] = [
    "k0", "k1", "k2", "k3", "a", "b", "c", "1", "2", "-1", "NX", "XX", "EX", "PX", "PXAT", "KEEPTTL", "LEFT",
    "RIGHT", "GT", "LT", "CH", "INCR", "STORE", "WEIGHTS",
];

/// Whether a record's commands ask for a huge value.
fn asks_for_much(mut commands: &[u8]) -> bool {
    let large = |id: u16| tenondb::commands().any(|spec| spec.id == id && LARGE.contains(&spec.name));
    let (mut is_large, mut rest_of) = (false, 0);
    while let Some((&tag, after)) = commands.split_first() {
        let take = |count: usize| after.split_at_checked(count);
        let Some((value, rest)) = (match tag {
            b'c' => take(2),
            b'd' => take(1),
            b'b' => take(4),
            b'i' | b'f' => take(8),
            _ => None,
        }) else {
            return false;
        };
        commands = rest;
        match tag {
            b'c' => (is_large, rest_of) = (large(u16::from_le_bytes([value[0], value[1]])), 0),
            b'b' => {
                let len = u32::from_le_bytes([value[0], value[1], value[2], value[3]]) as usize;
                let Some((text, rest)) = commands.split_at_checked(len) else { return false };
                commands = rest;
                rest_of += 1;
                // The second argument is the offset.
                if is_large && rest_of == 2 && text.len() > 6 {
                    return true;
                }
            }
            b'i' if is_large && !(0..1 << 20).contains(&i64::from_le_bytes(value.try_into().unwrap())) => {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// Commands with their atoms, of bytes that say which.
fn commands(mut input: Input<'_>) -> Vec<u8> {
    let specs: Vec<_> = tenondb::commands().filter(|spec| spec.is_write()).collect();
    let mut out = Vec::new();
    while !input.is_empty() {
        let which = input.byte();
        if which == 255 {
            out.extend_from_slice(&[b'd', input.byte() % 17]);
            continue;
        }
        out.push(b'c');
        out.extend_from_slice(&specs[usize::from(which) % specs.len()].id.to_le_bytes());
        for _ in 0..input.byte() % 9 {
            let kind = input.byte();
            let text = match kind {
                0..=199 => WORDS[usize::from(kind) % WORDS.len()].as_bytes(),
                200..=219 => input.text(),
                220..=249 => {
                    out.push(b'i');
                    let value = if kind < 240 { i64::from(input.byte() as i8) } else { input.word() as i64 };
                    out.extend_from_slice(&value.to_le_bytes());
                    continue;
                }
                _ => {
                    out.push(b'f');
                    let value =
                        if kind < 253 { f64::from(input.byte() as i8) } else { f64::from_bits(input.word()) };
                    out.extend_from_slice(&value.to_le_bytes());
                    continue;
                }
            };
            out.push(b'b');
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
    }
    out
}

/// A log that is being made.
struct Log<'f> {
    folder: &'f Folder,
    start: u64,
    segment: Vec<u8>,
    payload: Vec<u8>,
    position: u64,
    prev: u32,
}

impl Log<'_> {
    fn end_segment(&mut self) {
        let segment = std::mem::replace(&mut self.segment, header(b"TENONLOG", self.position, self.prev));
        self.folder.put(&format!("log-{:016x}", self.start), &segment);
        self.start = self.position;
    }

    /// Ends the frame, whose head may be another than it should.
    fn end_frame(&mut self, input: &mut Input<'_>, how: u8) {
        let payload = std::mem::take(&mut self.payload);
        let mut head = [payload.len() as u64, self.position, 0, self.prev.into()];
        if how & 4 != 0 {
            head[2] = self.position;
        }
        if how & 8 != 0 {
            let (which, by) = (input.byte(), input.word());
            head[usize::from(which) % 4] = head[usize::from(which) % 4].wrapping_add(by);
        }
        if !payload.is_empty() || how & 16 != 0 {
            self.prev = frame(&mut self.segment, Head(head), &payload);
        }
        self.position = self.position.wrapping_add(payload.len() as u64);
        if how & 2 != 0 {
            self.segment.extend_from_slice(input.text());
        }
        if how & 1 != 0 {
            self.end_segment();
        }
    }

    /// A ring that has what is in the frame that was begun.
    fn put_ring(&mut self, input: &mut Input<'_>, whole: bool) {
        let waiting = std::mem::take(&mut self.payload);
        let mut ring = vec![0; 4096];
        let committed = self.position.wrapping_add(waiting.len() as u64);
        let committed = committed.wrapping_add_signed((input.byte() as i8).into());
        let words = [0x0147_4e49_524e_4e54, IDENTITY.0 as u64, (IDENTITY.0 >> 64) as u64];
        let boot = [boot_id() as u64, (boot_id() >> 64) as u64];
        for (at, word) in words.iter().chain(&boot).enumerate() {
            ring[at * 8..at * 8 + 8].copy_from_slice(&word.to_le_bytes());
        }
        ring[64..72].copy_from_slice(&self.position.to_le_bytes());
        ring[128..136].copy_from_slice(&committed.to_le_bytes());
        let room = if whole { RING_BYTES } else { 1 << 14 };
        let at = self.position as usize % room;
        if at + waiting.len() > room {
            return;
        }
        ring.resize(4096 + at, 0);
        ring.extend_from_slice(&waiting);
        self.folder.put("ring", &ring);
        self.folder.extend("ring", 4096 + room as u64);
    }
}

fn build(folder: &Folder, flags: u8, mut input: Input<'_>) -> bool {
    let (begin, prev) = (if flags & 64 != 0 { input.word() } else { 0 }, 0);
    let (position, segment) = (begin, header(b"TENONLOG", begin, 0));
    let mut log = Log { folder, start: begin, segment, payload: Vec::new(), position, prev };
    let mut now_ms = NOW_MS - 1_000_000;
    while !input.is_empty() {
        match input.byte() {
            op @ 0..=0x7f => {
                now_ms += u64::from(op) * 10;
                let text = input.text();
                let body = if flags & 3 == 2 { commands(Input(text)) } else { text.to_vec() };
                if asks_for_much(&body) {
                    return false;
                }
                varint(&mut log.payload, body.len() as u64 + 8);
                log.payload.extend_from_slice(&now_ms.to_le_bytes());
                log.payload.extend_from_slice(&body);
            }
            op @ 0x80..=0xdf => log.end_frame(&mut input, op & 0x1f),
            0xe0..=0xef => log.payload.extend_from_slice(input.text()),
            _ => {
                log.put_ring(&mut input, flags & 8 != 0);
                break;
            }
        }
    }
    log.end_frame(&mut input, 0);
    log.end_segment();
    let durable = if flags & 16 != 0 { log.position } else { 0 };
    folder.put("MANIFEST", &manifest(IDENTITY, None, [begin, durable]));
    true
}

fuzz_target!(|input: &[u8]| {
    let Some((&flags, rest)) = input.split_first() else { return };
    let folder = Folder::empty("log");
    match flags & 3 {
        0 => {
            if rest
                .windows(3)
                .any(|word| word[0] == b'c' && asks_for_much(&[word, b"i\xff\xff\xff\xff\0\0\0\0"].concat()))
            {
                return;
            }
            folder.put(
                "MANIFEST",
                &manifest(identity_of(rest), None, [0, if flags & 16 != 0 { 100 } else { 0 }]),
            );
            folder.put("log-0000000000000000", rest);
        }
        3 if flags & 128 != 0 => folder.put("MANIFEST", rest),
        3 => folder.put("MANIFEST", &seal(rest.to_vec())),
        _ if !build(&folder, flags, Input(rest)) => return,
        _ => {}
    }
    let stripes = if flags & 32 != 0 { 4 } else { 1 };
    check(&folder, How { salvage: flags & 4 != 0, write: flags & 8 != 0, stripes });
});
