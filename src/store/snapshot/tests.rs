//! Tests of snapshots: what was written reads back, what was not is refused, salvage takes the rest.
use super::{
    super::{
        region::Region,
        vfs::{File, How, Lock},
    },
    *,
};
use crate::base::lock::Mutex;
use std::{collections::BTreeMap, sync::Arc};

/// Files in memory.
#[derive(Default)]
pub(crate) struct Memory(Mutex<BTreeMap<String, Arc<Content>>>);

#[derive(Default)]
pub(crate) struct Content(Mutex<Vec<u8>>);

impl File for Content {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.0.lock();
        let rest = content.get(offset as usize..).unwrap_or_default();
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
    fn write_at(&self, data: &[u8], offset: u64) -> io::Result<()> {
        let (mut content, end) = (self.0.lock(), offset as usize + data.len());
        let len = content.len().max(end);
        content.resize(len, 0);
        content[offset as usize..end].copy_from_slice(data);
        Ok(())
    }
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().len() as u64)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().resize(len as usize, 0);
        Ok(())
    }
    fn allocate(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Dir for Memory {
    fn open(&self, name: &str, how: How) -> io::Result<Arc<dyn File>> {
        let mut files = self.0.lock();
        if how == How::Create {
            files.insert(name.into(), Arc::default());
        }
        let file: Arc<Content> = files.get(name).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(file)
    }
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().keys().cloned().collect())
    }
    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn remove(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    fn lock(&self) -> io::Result<Lock> {
        Ok(Lock::Taken(Box::new(())))
    }
    fn memory(&self, _: &str, _: usize) -> io::Result<Option<Region>> {
        Ok(None)
    }
    fn boot_id(&self) -> Option<[u8; 16]> {
        None
    }
    fn describe(&self) -> String {
        "memory".into()
    }
}

impl Memory {
    pub(crate) fn content(&self, position: u64) -> Vec<u8> {
        self.0.lock()[&name(position)].0.lock().clone()
    }
    pub(crate) fn replace(&self, position: u64, bytes: &[u8]) {
        *self.0.lock()[&name(position)].0.lock() = bytes.to_vec();
    }
}

const IDENTITY: Identity = Identity { store: 0x1234_5678_9abc_def0_0fed_cba9_8765_4321, salt: 0xfeed };
const POSITION: u64 = 0x1_0000_0007;

fn piece(n: usize, len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + n) as u8).collect()
}

fn write(dir: &Memory, lens: &[usize]) -> Snapshot {
    let mut writer = Writer::create(dir, IDENTITY, POSITION).unwrap();
    lens.iter().enumerate().for_each(|(n, len)| writer.push(&piece(n, *len)).unwrap());
    writer.finish().unwrap()
}

/// Reads everything: pieces, and what was left out.
fn read(dir: &Memory, salvage: bool) -> Result<(Vec<Vec<u8>>, Vec<Skipped>)> {
    let mut reader = Reader::open(dir, IDENTITY, POSITION, salvage)?;
    let (mut frame, mut pieces) = (Frame::default(), Vec::new());
    while reader.next_frame(&mut frame)? {
        pieces.extend(frame.pieces().map(<[u8]>::to_vec));
    }
    Ok((pieces, reader.skipped().to_vec()))
}

fn refused(dir: &Memory, why: &str) {
    let error = read(dir, false).err().unwrap_or_else(|| panic!("{why}"));
    let text = error.to_string();
    assert!(error.kind() == Kind::Corrupt && text.contains("memory/snap-0000000100000007"), "{why}: {text}");
    // Salvage may take anything, but not panic.
    drop(read(dir, true));
}

#[test]
fn pieces_of_all_lengths_read_back() {
    let dir = Memory::default();
    for lens in [&[][..], &[1], &[1, 127, 128, 20_000, 65_536, 300_000, 5, 60_000, 60_000, 3]] {
        let written = write(&dir, lens);
        assert_eq!((written.position, written.len), (POSITION, dir.content(POSITION).len() as u64));
        verify(&dir, IDENTITY, &written, &mut || {}).unwrap();
        assert!(
            verify(&dir, IDENTITY, &Snapshot { footer: written.footer ^ 1, ..written }, &mut || {}).is_err()
        );
        let (pieces, skipped) = read(&dir, false).unwrap();
        assert!(skipped.is_empty() && pieces.len() == lens.len());
        assert!(pieces.iter().enumerate().all(|(n, found)| *found == piece(n, lens[n])));
    }
    assert_eq!(position_of(&name(POSITION)), Some(POSITION));
    for bad in ["snap-", "snap-1", "log-0000000000000001", "snap-00000000000000AB", "snap-+000000000000001"] {
        assert_eq!(position_of(bad), None, "{bad}");
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let dir = Memory::default();
    write(&dir, &[3, 400, 90]);
    let (good, whole) = (dir.content(POSITION), read(&dir, false).unwrap().0);
    for at in 0..good.len() {
        for change in [1, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= change;
            dir.replace(POSITION, &bad);
            match read(&dir, false) {
                // What fills a frame up to a multiple of 8 says nothing.
                Ok((pieces, _)) => assert!(good[at] == 0 && pieces == whole, "byte {at}"),
                Err(_) => refused(&dir, "changed"),
            }
        }
    }
}

#[test]
fn a_file_that_is_cut_short_or_goes_on_is_refused() {
    let dir = Memory::default();
    write(&dir, &[3, 400, 66_000, 90]);
    let good = dir.content(POSITION);
    for len in (0..700).chain(good.len() - 300..good.len()) {
        dir.replace(POSITION, &good[..len]);
        refused(&dir, "cut");
    }
    dir.replace(POSITION, &[&good[..], &[0; 8]].concat());
    refused(&dir, "more");
}

#[test]
fn frames_cannot_be_missing_doubled_or_in_another_place() {
    let dir = Memory::default();
    write(&dir, &[60_000, 60_000, 60_000]);
    let good = dir.content(POSITION);
    let frame = 32 + (60_003usize).next_multiple_of(8);
    let at = |n: usize| 64 + n * frame;
    let part = |from: usize, to: usize| &good[at(from)..at(to)];
    let (head, tail) = (&good[..64], &good[at(3)..]);
    dir.replace(POSITION, &[head, part(0, 3), tail].concat());
    assert_eq!(read(&dir, false).unwrap().0.len(), 3);
    for (why, bad) in [
        ("missing", [head, part(0, 1), part(2, 3), tail].concat()),
        ("the first is missing", [head, part(1, 3), tail].concat()),
        ("doubled", [head, part(0, 2), part(1, 3), tail].concat()),
        ("exchanged", [head, part(1, 2), part(0, 1), part(2, 3), tail].concat()),
        ("all are missing", [head, tail].concat()),
        ("no footer", [head, part(0, 3)].concat()),
    ] {
        dir.replace(POSITION, &bad);
        refused(&dir, why);
    }
}

#[test]
fn lengths_are_not_believed() {
    let dir = Memory::default();
    write(&dir, &[400]);
    let good = dir.content(POSITION);
    for len in [0, 1 << 20, 1 << 40, u64::MAX - 40, u64::MAX] {
        let mut bad = good.clone();
        bad[64..72].copy_from_slice(&len.to_le_bytes());
        dir.replace(POSITION, &bad);
        refused(&dir, "length");
    }
}

#[test]
fn salvage_leaves_out_what_is_damaged_and_says_so() {
    let dir = Memory::default();
    write(&dir, &[60_000; 5]);
    let good = dir.content(POSITION);
    let frame = 32 + (60_003usize).next_multiple_of(8);
    // In the payload of the second frame, in the head of the fourth, in the header.
    for (spots, left) in [
        (&[64 + frame + 500][..], &[0, 2, 3, 4][..]),
        (&[64 + 3 * frame + 1], &[0, 1, 2, 4]),
        (&[64 + frame + 500, 64 + 2 * frame + 500], &[0, 3, 4]),
        (&[30], &[0, 1, 2, 3, 4]),
    ] {
        let mut bad = good.clone();
        spots.iter().for_each(|spot| bad[*spot] ^= 4);
        dir.replace(POSITION, &bad);
        let (pieces, skipped) = read(&dir, true).unwrap();
        assert!(pieces.len() == left.len() && pieces.iter().zip(left).all(|(p, n)| *p == piece(*n, 60_000)));
        assert_eq!(skipped.len(), 1, "{skipped:?}");
        assert!((skipped[0].offset..skipped[0].offset + skipped[0].bytes).contains(&(spots[0] as u64)));
    }
    // The end is gone: what came before it is there.
    dir.replace(POSITION, &good[..64 + 2 * frame + 100]);
    assert_eq!(read(&dir, true).unwrap().0.len(), 2);
}

#[test]
fn files_of_others_are_refused() {
    let dir = Memory::default();
    write(&dir, &[400]);
    let other = Identity { store: 7, ..IDENTITY };
    let text = |result: Result<Reader<'_>>| result.err().unwrap().to_string();
    assert!(text(Reader::open(&dir, other, POSITION, false)).contains("another store"));
    assert_eq!(Reader::open(&dir, IDENTITY, 1, false).err().unwrap().kind(), Kind::Corrupt);
    let mut newer = dir.content(POSITION);
    newer[8] = 2;
    let crc = crc32fast::hash(&newer[..60]);
    newer[60..64].copy_from_slice(&crc.to_le_bytes());
    dir.replace(POSITION, &newer);
    for salvage in [false, true] {
        let error = text(Reader::open(&dir, IDENTITY, POSITION, salvage));
        assert!(error.contains("written by a newer version (format 2, this one reads 1)"), "{error}");
    }
}

#[test]
fn salvage_says_so_when_the_footer_counts_differently_and_when_there_is_hardly_a_file() {
    let dir = Memory::default();
    write(&dir, &[400]);
    // One more piece than there is, by a footer whose checksum is right.
    let mut other = dir.content(POSITION);
    let at = other.len() - HEAD_BYTES - FOOTER_BYTES as usize;
    let (head, footer) = other[at..].split_at_mut(HEAD_BYTES);
    footer[0] += 1;
    let sealed = Head::decode(head.first_chunk().unwrap());
    head.copy_from_slice(&Head { crc: sealed.checksum(IDENTITY.salt, footer), ..sealed }.encode());
    dir.replace(POSITION, &other);
    let text = read(&dir, false).unwrap_err().to_string();
    assert!(text.contains("the footer tells of another content"), "{text}");
    let (pieces, skipped) = read(&dir, true).unwrap();
    assert_eq!((pieces.len(), skipped.len(), skipped[0].bytes), (1, 1, 0));
    dir.replace(POSITION, &other[..9]);
    let mut reader = Reader::open(&dir, IDENTITY, POSITION, true).unwrap();
    assert!(reader.offset() <= 9 && !reader.next_frame(&mut Frame::default()).unwrap());
    assert!(reader.offset() == 9 && !reader.skipped().is_empty());
}
