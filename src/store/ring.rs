//! The staging ring: the newest records, in memory that outlives the process, until a frame of the log has them.
//!
//! ```text
//!    0    64        128          4096                                                  4096 + bytes
//!   ┌────┬─────────┬───────────┬──┬──────────────┬═══════════════════════┬──────────────┐
//!   │ids │ drained │ committed │  │ free         │ records not yet in a  │ free         │
//!   │    │         │           │  │              │ frame                 │              │
//!   └────┴─────────┴───────────┴──┴──────────────┴═══════════════════════┴──────────────┘
//!                                          drained % bytes ▲       committed % bytes ▲
//! ```
//!
//! The byte of position p lies at 4096 + p % bytes. A record is copied first and then covered by one Release store of
//! `committed`: whenever the process is killed, the bytes in [drained, committed) are whole records. `drained` moves
//! when the kernel has them in a file. A killed *machine* loses the ring or leaves parts of it: the header names the run
//! of the machine (boot id) in which it was written, and in another run it is not believed.
//!
//! Invariants: drained ≤ committed ≤ drained + bytes, except between the two stores of [`Ring::jump`], where committed
//! may be behind: then nothing waits. Who stages has the log's head, who drains its writer lock.
use super::{
    frame::{self, FRAME_BYTES, PREFIX_BYTES, Prefix},
    region::Region,
};
use std::sync::atomic::Ordering;

/// Where the data begins: a page of its own for the words.
pub const RING_HEADER_BYTES: usize = 4096;

/// "TNNRING" and the version of the layout.
const MAGIC: u64 = 0x0147_4e49_524e_4e54;
const AT_MAGIC: usize = 0;
const AT_STORE: usize = 8;
const AT_BOOT: usize = 24;
// Two threads write these: one line each.
const AT_DRAINED: usize = 64;
const AT_COMMITTED: usize = 128;
/// Not 0: a sync of the log failed, and no generation began since.
const AT_DOUBT: usize = 192;

/// How far ahead of the records a line is asked for: about two short records.
const AHEAD_BYTES: u64 = 96;

/// See the module.
#[derive(Clone)]
pub struct Ring {
    region: Region,
    mask: u64,
}

/// What a ring holds: the positions in [drained, committed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub drained: u64,
    pub committed: u64,
}

impl Ring {
    /// Sees `region` as a ring. Its length is [`RING_HEADER_BYTES`] and a power of two; otherwise there is no ring.
    pub fn over(region: Region) -> Option<Self> {
        let bytes = region.len().checked_sub(RING_HEADER_BYTES)?;
        bytes.is_power_of_two().then(|| Self { mask: bytes as u64 - 1, region })
    }

    /// The room for records.
    pub fn bytes(&self) -> u64 {
        self.mask + 1
    }

    fn load(&self, at: usize) -> u64 {
        self.region.word(at).load(Ordering::Acquire)
    }

    fn id(&self, at: usize) -> u128 {
        u128::from(self.load(at)) | u128::from(self.load(at + 8)) << 64
    }

    /// Says what waits in the ring when it was written by this store in this run of the machine.
    pub fn waiting(&self, store: u128, boot: Option<[u8; 16]>) -> Option<Waiting> {
        let ours = self.load(AT_MAGIC) == MAGIC && self.id(AT_STORE) == store;
        if !ours || self.id(AT_BOOT) != u128::from_le_bytes(boot?) {
            return None;
        }
        let drained = self.load(AT_DRAINED);
        // Killed in `jump`: nothing waited.
        let committed = self.load(AT_COMMITTED).max(drained);
        (committed - drained <= self.bytes()).then_some(Waiting { drained, committed })
    }

    /// Makes the ring an empty one of this store and run, at `position`.
    pub fn format(&self, store: u128, boot: Option<[u8; 16]>, position: u64) {
        let put = |at: usize, value: u64| self.region.word(at).store(value, Ordering::Release);
        // A ring that is half made must not pass for one.
        put(AT_MAGIC, 0);
        let boot = boot.map_or(0, u128::from_le_bytes);
        for (at, id) in [(AT_STORE, store), (AT_BOOT, boot)] {
            put(at, id as u64);
            put(at + 8, (id >> 64) as u64);
        }
        put(AT_DRAINED, position);
        put(AT_COMMITTED, position);
        put(AT_MAGIC, MAGIC);
    }

    /// Notes whether the files are in doubt: a sync of them failed. The next process must know that, too: what it reads
    /// may be in the kernel's memory only, and no later sync would bring it to the disk.
    pub fn doubt(&self, yes: bool) {
        self.region.word(AT_DOUBT).store(u64::from(yes), Ordering::Release);
    }

    /// Tells whether the files are in doubt.
    pub fn is_doubtful(&self) -> bool {
        self.load(AT_DOUBT) != 0
    }

    /// Copies a record in two parts to `position`, where there is room, without covering it yet.
    #[inline(always)]
    pub fn stage(&self, position: u64, prefix: &Prefix, commands: &[u8]) {
        let at = (position & self.mask) as usize;
        let until_end = self.mask as usize + 1 - at;
        let len = prefix.len() + commands.len();
        if (PREFIX_BYTES..=until_end).contains(&len) {
            // The prefix in one move instead of a call; the commands cover what is too much of it.
            self.region.write(RING_HEADER_BYTES + at, &prefix.padded());
            self.region.write(RING_HEADER_BYTES + at + prefix.len(), commands);
        } else {
            self.put(position, &prefix.padded()[..prefix.len()]);
            self.put(position + prefix.len() as u64, commands);
        }
        // A line that has not been used since the ring came round is far away: the copy would be quick, and who gives
        // the stripe back would wait for it.
        self.region
            .prefetch(RING_HEADER_BYTES + ((position + len as u64 + AHEAD_BYTES) & self.mask) as usize);
    }

    #[inline]
    fn put(&self, position: u64, data: &[u8]) {
        let at = (position & self.mask) as usize;
        let until_end = self.mask as usize + 1 - at;
        if data.len() <= until_end {
            self.region.write(RING_HEADER_BYTES + at, data);
        } else {
            let (head, tail) = data.split_at(until_end);
            self.region.write(RING_HEADER_BYTES + at, head);
            self.region.write(RING_HEADER_BYTES, tail);
        }
    }

    /// Covers everything below `position`.
    #[inline]
    pub fn commit(&self, position: u64) {
        self.region.word(AT_COMMITTED).store(position, Ordering::Release);
    }

    /// Notes that everything below `position` is in a file.
    pub fn drain_to(&self, position: u64) {
        self.region.word(AT_DRAINED).store(position, Ordering::Release);
    }

    /// Notes that the ring is empty and goes on at `position`.
    pub fn jump(&self, position: u64) {
        self.drain_to(position);
        self.commit(position);
    }

    /// Appends to `out` what the next frame takes of [from, to): whole records of [`FRAME_BYTES`] at most, or one
    /// larger record alone. Returns the number of bytes; 0: there is something but it is no whole record.
    pub fn take(&self, from: u64, to: u64, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let some = to.saturating_sub(from).min(self.bytes());
        self.copy(from, some.min(FRAME_BYTES as u64) as usize, out);
        let mut len = frame::whole_records(&out[start..], FRAME_BYTES).1;
        if len == 0
            && let Some((record, _)) = frame::record_bytes(&out[start..])
            && record <= some
        {
            out.truncate(start);
            len = record as usize;
            self.copy(from, len, out);
        }
        out.truncate(start + len);
        len
    }

    /// As [`Ring::take`], of what we have staged ourselves up to `to`: all of it when a frame takes that, without
    /// looking at each record.
    pub fn take_own(&self, from: u64, to: u64, out: &mut Vec<u8>) {
        match (to - from) as usize {
            len @ 0..=FRAME_BYTES => self.copy(from, len, out),
            _ => drop(self.take(from, to, out)),
        }
    }

    fn copy(&self, position: u64, len: usize, out: &mut Vec<u8>) {
        let at = (position & self.mask) as usize;
        let head = len.min(self.mask as usize + 1 - at);
        self.region.append_to(RING_HEADER_BYTES + at, head, out);
        self.region.append_to(RING_HEADER_BYTES, len - head, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOT: Option<[u8; 16]> = Some([3; 16]);

    fn ring(bytes: usize) -> Ring {
        Ring::over(Region::heap(RING_HEADER_BYTES + bytes)).unwrap()
    }

    fn append(ring: &Ring, position: u64, commands: &[u8]) -> u64 {
        let prefix = Prefix::new(commands.len(), 1);
        ring.stage(position, &prefix, commands);
        let end = position + (prefix.len() + commands.len()) as u64;
        ring.commit(end);
        end
    }

    #[test]
    fn records_go_round_the_end_and_come_back_whole() {
        let ring = ring(256);
        ring.format(9, BOOT, 200);
        let end = append(&ring, append(&ring, 200, &[7; 100]), &[8; 60]);
        assert_eq!(ring.waiting(9, BOOT), Some(Waiting { drained: 200, committed: end }));
        let mut out = vec![1];
        assert_eq!(ring.take(200, end, &mut out) as u64, end - 200);
        let back: Vec<_> = frame::Records::new(200, &out[1..]).map(|r| (r.0, r.2.to_vec())).collect();
        assert_eq!(back, [(200, vec![7; 100]), (309, vec![8; 60])]);
    }

    #[test]
    fn a_frame_takes_whole_records_only_and_a_large_one_alone() {
        let ring = ring(1 << 20);
        ring.format(9, BOOT, 0);
        let first = append(&ring, 0, &[1; 40_000]);
        let second = append(&ring, first, &[2; 40_000]);
        let third = append(&ring, second, &[3; 100_000]);
        let mut out = Vec::new();
        assert_eq!(ring.take(0, third, &mut out) as u64, first);
        assert_eq!(ring.take(first, third, &mut out) as u64, second - first);
        assert_eq!(ring.take(second, third, &mut out) as u64, third - second);
        assert_eq!(ring.take(second, third - 1, &mut out), 0, "not whole");
    }

    #[test]
    fn a_ring_of_another_store_or_run_is_not_believed() {
        let ring = ring(256);
        assert_eq!(ring.waiting(9, BOOT), None, "fresh");
        ring.format(9, BOOT, 50);
        assert_eq!(ring.waiting(8, BOOT), None);
        assert_eq!(ring.waiting(9, Some([4; 16])), None);
        assert_eq!(ring.waiting(9, None), None);
        ring.drain_to(60);
        assert_eq!(ring.waiting(9, BOOT), Some(Waiting { drained: 60, committed: 60 }), "killed in a jump");
        ring.commit(60 + 257);
        assert_eq!(ring.waiting(9, BOOT), None, "more than it can hold");
        assert!(Ring::over(Region::heap(RING_HEADER_BYTES + 100)).is_none());
    }
}
