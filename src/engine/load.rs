//! Loading a snapshot: several threads read frames and decode them; then they fill the stripes.
//!
//! ```text
//!   reader (one lock) ──frame──▶ worker: pieces ─▶ entries ─┬─▶ batches, by stripe ──all read──▶ worker: stripe 0, 2, …
//!                     ──frame──▶ worker: …                 ─┘                               ──▶ worker: stripe 1, 3, …
//! ```
//!
//! A value of several pieces is decoded by one worker, which takes all its frames at once; a huge one keeps the
//! reader's lock until it is whole, so that it is never in memory twice.
//!
//! Entries past their time are loaded, too: the log that is run afterwards may have them live longer.
use crate::base::lock::{Mutex, MutexGuard};
use crate::{
    base::{
        error::{Error, Kind, Result},
        limits::Encodings,
    },
    ds::{Pages, as_filler},
    keyspace::{
        Entry, Keyspace,
        bulk::{Batch, Sorter},
        piece::{Growing, Piece, goes_on},
    },
    store::snapshot::{Frame, Reader},
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Frames of one value that a worker takes before it keeps the others from reading.
const TAKEN_BYTES_MAX: usize = 32 << 20;

/// What was loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    pub keys: u64,
    /// Pieces that salvage had to leave out, because they or their neighbours were damaged.
    pub left_out: u64,
}

/// Loads what `reader` reads with that many threads, the caller's among them; `progress` is told bytes as they are
/// read. The keyspace lies in `pages`. With `salvage`, which the reader should have, too, damage is counted and left out.
///
/// # Errors
/// What the reader returns; [`Kind::Corrupt`] when a frame is whole, but not what is in it. The keyspace is then half
/// loaded.
pub fn load(
    keyspace: &Keyspace,
    reader: &mut Reader<'_>,
    workers: usize,
    pages: Pages,
    now_ms: u64,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Loaded> {
    let salvage = reader.is_salvage();
    let limits = keyspace.lock(0).tally.limits;
    let piles: Vec<Pile> = (0..keyspace.stripe_count()).map(|_| Pile::default()).collect();
    let mut sum = Loaded::default();
    let (source, stop) = (Mutex::new(&mut *reader), AtomicBool::new(false));
    let read = together(workers, pages, &|| {
        let sorter = Sorter::new(keyspace);
        let mut worker =
            Worker { sorter, piles: &piles, limits, salvage, growing: None, loaded: Loaded::default() };
        let result = worker.run(&source, &stop, progress);
        if result.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        worker.sorter.finish().for_each(|(stripe, rest)| piles[stripe].lock().push(rest));
        result.map(|()| worker.loaded)
    });
    for result in read {
        let loaded = result.map_err(|error| reader.blame(error))?;
        sum.keys += loaded.keys;
        sum.left_out += loaded.left_out;
    }
    let next = AtomicUsize::new(0);
    let settled = together(workers, pages, &|| {
        let mut doubles = 0;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= keyspace.stripe_count() {
                return Ok(doubles);
            }
            let batches = std::mem::take(&mut *piles[index].lock());
            doubles += keyspace.lock(index).load(batches, now_ms);
        }
    });
    for doubles in settled {
        let doubles = doubles?;
        if doubles > 0 && !salvage {
            return Err(reader.blame(doubled()));
        }
        sum.keys -= doubles;
        sum.left_out += doubles;
    }
    Ok(sum)
}

/// Has `work` done by that many threads, the caller's among them.
fn together<T: Send>(workers: usize, pages: Pages, work: &(dyn Fn() -> Result<T> + Sync)) -> Vec<Result<T>> {
    let work = |number| {
        let _filler = as_filler(number, pages);
        work()
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers.max(1)).map(|number| scope.spawn(move || work(number))).collect();
        let mut results = vec![work(0)];
        let panicked = |_| Err(Error::new(Kind::Internal, "ERR internal error: loading panicked"));
        results.extend(others.into_iter().map(|other| other.join().unwrap_or_else(panicked)));
        results
    })
}

#[cold]
fn torn() -> Error {
    Error::new(Kind::Corrupt, "ERR a stored value is not whole")
}

#[cold]
fn doubled() -> Error {
    Error::new(Kind::Corrupt, "ERR a stored key is there twice")
}

struct Worker<'k> {
    sorter: Sorter<'k>,
    piles: &'k [Pile],
    limits: Encodings,
    salvage: bool,
    /// A value that goes on in the next piece.
    growing: Option<Growing>,
    loaded: Loaded,
}

impl Worker<'_> {
    fn run(
        &mut self,
        source: &Mutex<&mut Reader<'_>>,
        stop: &AtomicBool,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<()> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut kept: Option<MutexGuard<'_, &mut Reader<'_>>> = None;
        while !stop.load(Ordering::Relaxed) {
            let mut reader = kept.take().unwrap_or_else(|| source.lock());
            let before = reader.offset();
            let (count, open) = take(&mut reader, &mut frames)?;
            // A file shorter than its header ends before it begins.
            progress(reader.offset().saturating_sub(before));
            if open {
                kept = Some(reader);
            } else {
                drop(reader);
            }
            for frame in &frames[..count] {
                self.decode(frame)?;
            }
            if count == 0 {
                break;
            }
        }
        self.end_torn()
    }

    /// Gives up a value whose end is missing.
    fn end_torn(&mut self) -> Result<()> {
        if self.growing.take().is_some() {
            self.leave_out(torn())?;
        }
        Ok(())
    }

    fn leave_out(&mut self, error: Error) -> Result<()> {
        if !self.salvage {
            return Err(error);
        }
        self.loaded.left_out += 1;
        Ok(())
    }

    fn decode(&mut self, frame: &Frame) -> Result<()> {
        if frame.after_gap {
            self.end_torn()?;
        }
        for bytes in frame.pieces() {
            if let Err(error) = self.piece(bytes) {
                self.growing = None;
                self.leave_out(error)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn piece(&mut self, bytes: &[u8]) -> Result<()> {
        let piece = Piece::read(bytes)?;
        if piece.is_whole() && self.growing.is_none() {
            let entry = piece.entry(&self.limits)?;
            self.put(piece.db, entry);
            return Ok(());
        }
        match &mut self.growing {
            None => self.growing = Some(Growing::start(&piece, &self.limits)?),
            Some(growing) => {
                if growing.extend(&piece)?
                    && let Some(whole) = self.growing.take()
                {
                    let (db, entry) = whole.finish();
                    self.put(db, entry);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, db: u32, entry: Entry) {
        if let Some((stripe, full)) = self.sorter.push(db, entry) {
            self.piles[stripe].lock().push(full);
        }
        self.loaded.keys += 1;
    }
}

/// What has come for one stripe.
type Pile = Mutex<Vec<Batch>>;

/// Takes the next frame, and those behind it that have the rest of its last value. Returns how many there are, and
/// whether the last value goes on even so.
fn take(reader: &mut Reader<'_>, frames: &mut Vec<Frame>) -> Result<(usize, bool)> {
    let (mut count, mut bytes) = (0, 0);
    loop {
        if frames.len() == count {
            frames.push(Frame::default());
        }
        if !reader.next_frame(&mut frames[count])? {
            return Ok((count, false));
        }
        let open = frames[count].pieces().last().is_some_and(goes_on);
        bytes += frames[count].bytes();
        count += 1;
        if !open || bytes >= TAKEN_BYTES_MAX {
            frames.truncate(count.max(4));
            return Ok((count, open));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Db,
        keyspace::{locks::Held, piece::Pieces},
        store::{
            log::Identity,
            snapshot::{Writer, tests::Memory},
        },
    };

    const IDENTITY: Identity = Identity { store: 1, salt: 2 };

    /// A database with something of everything.
    fn sample() -> Db {
        let db = Db::memory();
        for n in 0..3000u32 {
            db.call(["SET", &format!("key:{n}"), &format!("value {n}")]).unwrap();
            db.call(["INCRBY", &format!("number:{n}"), &n.to_string()]).unwrap();
            db.call(["HSET", &format!("hash:{}", n % 50), &n.to_string(), "value"]).unwrap();
            db.call(["ZADD", &format!("zset:{}", n % 5), &(n % 7).to_string(), &n.to_string()]).unwrap();
            db.call(["SADD", "set", &n.to_string(), &format!("m{n}")]).unwrap();
        }
        let other = db.select(7).unwrap();
        for n in 0..12 {
            other.call(["PSETEX", &format!("mortal:{n}"), "100000", "v"]).unwrap();
            let entries = vec![format!("{n}").repeat(1500); 80];
            let words = ["RPUSH".to_string(), format!("list:{}", n % 3)].into_iter().chain(entries);
            other.call(words).unwrap();
        }
        db
    }

    fn save(db: &Db, dir: &Memory) {
        let (keyspace, mut pieces) = (&db.core.keyspace, Pieces::default());
        Held::mark_images_due(keyspace.lock_all());
        let mut writer = Writer::create(dir, IDENTITY, 0).unwrap();
        for index in 0..keyspace.stripe_count() {
            let mut image = keyspace.take_image(index, &|| true).unwrap().unwrap();
            while image.next_batch(&mut |db, entry| {
                pieces.write(db, entry, &mut |piece| writer.push(piece)).unwrap();
            }) {}
        }
        writer.finish().unwrap();
    }

    fn digest(db: &Db) -> String {
        format!("{:?}", db.call(["DEBUG", "DIGEST"]).unwrap())
    }

    fn load_into(db: &Db, dir: &Memory, workers: usize, salvage: bool) -> Result<Loaded> {
        let mut reader = Reader::open(dir, IDENTITY, 0, salvage)?;
        let now_ms = db.clock().now_ms();
        load(&db.core.keyspace, &mut reader, workers, Pages::Large, now_ms, &|_| {})
    }

    #[test]
    fn what_was_saved_is_loaded_by_any_number_of_threads() {
        let (db, dir) = (sample(), Memory::default());
        save(&db, &dir);
        for workers in [1, 4] {
            let back = Db::memory();
            let loaded = load_into(&back, &dir, workers, false).unwrap();
            assert_eq!(loaded, Loaded { keys: 6000 + 50 + 5 + 1 + 15, left_out: 0 });
            assert_eq!(digest(&back), digest(&db));
            // Nothing may be there before: keys would be there twice.
            assert_eq!(load_into(&back, &dir, workers, false).unwrap_err().kind(), Kind::Corrupt);
            assert_eq!(digest(&back), digest(&db));
        }
    }

    #[test]
    fn damage_is_refused_and_salvage_counts_what_it_costs() {
        let (db, dir) = (sample(), Memory::default());
        save(&db, &dir);
        let bytes = dir.content(0);
        for at in [bytes.len() / 2, bytes.len() / 3, 2 * bytes.len() / 3] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            dir.replace(0, &bad);
            assert_eq!(load_into(&Db::memory(), &dir, 2, false).unwrap_err().kind(), Kind::Corrupt);
            let loaded = load_into(&Db::memory(), &dir, 2, true).unwrap();
            assert!((1000..6099).contains(&loaded.keys), "{loaded:?}");
        }
    }
}
