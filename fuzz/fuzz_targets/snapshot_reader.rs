//! A snapshot of anything, with right checksums or none: it is loaded or refused, and what was opened once goes on being
//! a store.
//!
//! The first byte: bits 0 and 1 say what follows (0: the file's bytes, 1: pieces, 2: pieces by their parts, 3: pieces
//! for one key), 2 salvage, 3 open and write, 5 several stripes.
#![no_main]
use libfuzzer_sys::fuzz_target;
use tenondb_fuzz::{
    Folder, Head, How, IDENTITY, Input, NOW_MS, check, frame, header, identity_of, manifest, varint,
};

const NAME: &str = "snap-0000000000000000";

fn text(out: &mut Vec<u8>, text: &[u8]) {
    varint(out, text.len() as u64);
    out.extend_from_slice(text);
}

/// A piece by its parts; most of it is right.
fn piece(input: &mut Input<'_>, one_key: bool) -> Vec<u8> {
    let (flags, db) = (input.byte(), input.byte());
    let mut out = vec![if one_key { 0 } else { db % 17 }, if one_key { flags & 6 } else { flags & 7 }];
    text(&mut out, if one_key { b"key" } else { input.text() });
    if out[1] & 1 != 0 {
        out.extend_from_slice(&(NOW_MS + u64::from(db) * 1000 - 10_000).to_le_bytes());
    }
    let kind = input.byte();
    out.push(if kind & 0x80 != 0 { kind } else { 0x10 | (kind % 9 + u8::from(kind % 9 == 0)) });
    let count = input.byte() % 40;
    for _ in 0..count {
        match out_kind(kind) {
            1 => varint(&mut out, input.word()),
            2 => out.extend_from_slice(input.text()),
            3 | 4 => text(&mut out, input.text()),
            5 => varint(&mut out, input.byte().into()),
            6 | 7 => {
                let score = input.byte();
                let score = if score < 250 { f64::from(score) } else { f64::from_bits(input.word()) };
                out.extend_from_slice(&score.to_le_bytes());
                text(&mut out, input.text());
            }
            _ => {
                text(&mut out, input.text());
                text(&mut out, input.text());
            }
        }
    }
    out
}

fn out_kind(kind: u8) -> u8 {
    if kind & 0x80 != 0 { kind & 15 } else { kind % 9 + u8::from(kind % 9 == 0) }
}

struct Snapshot {
    file: Vec<u8>,
    payload: Vec<u8>,
    /// Pieces, frames, bytes of payload.
    counts: [u64; 3],
    prev: u32,
}

impl Snapshot {
    fn end_frame(&mut self, input: &mut Input<'_>, how: u8, synced: u64) {
        let payload = std::mem::take(&mut self.payload);
        let mut head = [payload.len() as u64, self.counts[2], synced, self.prev.into()];
        if how & 8 != 0 {
            let (which, by) = (input.byte(), input.word());
            head[usize::from(which) % 4] = head[usize::from(which) % 4].wrapping_add(by);
        }
        if payload.is_empty() {
            return;
        }
        self.prev = frame(&mut self.file, Head(head), &payload);
        self.counts[1] += 1;
        self.counts[2] += payload.len() as u64;
        if how & 2 != 0 {
            self.file.extend_from_slice(input.text());
        }
    }
}

fn build(folder: &Folder, flags: u8, mut input: Input<'_>) {
    let file = header(b"TENONSNP", 0, 0);
    let prev = u32::from_le_bytes(std::array::from_fn(|at| file[60 + at]));
    let mut snapshot = Snapshot { file, payload: Vec::new(), counts: [0; 3], prev };
    while !input.is_empty() {
        match input.byte() {
            0..=0xbf => {
                let bytes = match flags & 3 {
                    1 => input.text().to_vec(),
                    mode => piece(&mut input, mode == 3),
                };
                text(&mut snapshot.payload, &bytes);
                snapshot.counts[0] += 1;
            }
            op @ 0xc0..=0xef => snapshot.end_frame(&mut input, op & 0xf, 0),
            // A header that is damaged.
            0xf4..=0xf7 => {
                let (at, bit) = (usize::from(input.byte()) % 64, input.byte() % 8);
                snapshot.file[at] ^= 1 << bit;
            }
            // A footer that counts something else, or bytes that are no piece.
            0xf0..=0xf3 => snapshot.counts[0] = snapshot.counts[0].wrapping_add(input.word()),
            _ => snapshot.payload.extend_from_slice(input.text()),
        }
    }
    snapshot.end_frame(&mut input, 0, 0);
    snapshot.payload = snapshot.counts.iter().flat_map(|count| count.to_le_bytes()).collect();
    snapshot.end_frame(&mut input, 0, u64::MAX);
    folder.put("MANIFEST", &manifest(IDENTITY, Some((0, snapshot.file.len() as u64, snapshot.prev)), [0, 0]));
    folder.put(NAME, &snapshot.file);
}

fuzz_target!(|input: &[u8]| {
    let Some((&flags, rest)) = input.split_first() else { return };
    let folder = Folder::empty("snapshot");
    if flags & 3 == 0 {
        // The last frame is the footer: 32 bytes of head, the checksum last, and 24.
        let footer = rest.len().checked_sub(28).and_then(|at| rest[at..].first_chunk().copied());
        let named = (0, rest.len() as u64, u32::from_le_bytes(footer.unwrap_or_default()));
        folder.put("MANIFEST", &manifest(identity_of(rest), Some(named), [0, 0]));
        folder.put(NAME, rest);
    } else {
        build(&folder, flags, Input(rest));
    }
    let stripes = if flags & 32 != 0 { 4 } else { 1 };
    check(&folder, How { salvage: flags & 4 != 0, write: flags & 8 != 0, stripes });
});
