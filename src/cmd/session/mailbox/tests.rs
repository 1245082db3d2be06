//! Bounds, rings and readers of mailboxes.
use super::*;
use std::{sync::atomic::AtomicUsize, task::Waker};

fn letter(body: &[u8]) -> Letter {
    Letter::Message(Arc::new(Message { channel: Bytes::copy(b"c"), body: Bytes::copy(body) }))
}

fn body(letter: Option<Letter>) -> Vec<u8> {
    letter.and_then(|letter| Some(letter.message()?.body.to_vec())).unwrap_or_default()
}

fn limit(hard_bytes: u64, soft_bytes: u64, soft_s: u64) -> OutputLimit {
    OutputLimit { hard_bytes, soft_bytes, soft_s }
}

fn queue(messages: usize, bytes: usize, overflow: Overflow) -> Mailbox {
    Mailbox::of_reader(Bound::Queue { messages, bytes, overflow })
}

/// Bytes that a letter with a body of one byte counts for.
const ONE: usize = Letter::OVERHEAD_BYTES + 2;

#[test]
fn only_the_first_letter_rings() {
    let clock = Clock::manual(0);
    let post = Post { limit: limit(0, 0, 0), clock: &clock };
    let mailbox = Mailbox::of_connection(None);
    assert!(!mailbox.has_letters());
    assert_eq!([mailbox.put(letter(b"1"), &post), mailbox.put(letter(b"2"), &post)], [Put::First, Put::Kept]);
    assert_eq!((mailbox.waiting(), mailbox.has_letters()), ((2, 2 * ONE), true));
    let mut taken = Vec::new();
    mailbox.take(1, &mut taken);
    assert_eq!((taken.len(), mailbox.has_letters()), (1, true));
    mailbox.take(usize::MAX, &mut taken);
    assert_eq!((taken.len(), mailbox.waiting(), mailbox.has_letters()), (2, (0, 0), false));
    assert_eq!(mailbox.put(letter(b"3"), &post), Put::First);
}

#[test]
fn a_connection_is_cut_above_the_hard_limit_what_it_has_taken_included() {
    let clock = Clock::manual(0);
    let post = Post { limit: limit(2 * ONE as u64, 0, 0), clock: &clock };
    let mailbox = Mailbox::of_connection(None);
    assert_eq!([mailbox.put(letter(b"1"), &post), mailbox.put(letter(b"2"), &post)], [Put::First, Put::Kept]);
    assert_eq!(body(mailbox.take_one()), b"1");
    mailbox.unread_bytes.store(ONE as u64, Relaxed);
    assert!(!mailbox.is_cut());
    assert_eq!([mailbox.put(letter(b"3"), &post), mailbox.put(letter(b"4"), &post)], [Put::Cut, Put::Gone]);
    assert_eq!((mailbox.is_cut(), mailbox.waiting(), mailbox.dropped()), (true, (0, 0), 2));
}

#[test]
fn a_connection_is_cut_when_it_stays_above_the_soft_limit() {
    let clock = Clock::manual(0);
    let post = Post { limit: limit(0, ONE as u64, 10), clock: &clock };
    let mailbox = Mailbox::of_connection(None);
    assert_eq!([mailbox.put(letter(b"1"), &post), mailbox.put(letter(b"2"), &post)], [Put::First, Put::Kept]);
    clock.advance_ms(10_000);
    assert_eq!(mailbox.put(letter(b"3"), &post), Put::Kept);
    // Back below it, and time counts anew.
    mailbox.take(usize::MAX, &mut Vec::new());
    assert_eq!([mailbox.put(letter(b"4"), &post), mailbox.put(letter(b"5"), &post)], [Put::First, Put::Kept]);
    clock.advance_ms(10_000);
    assert_eq!(mailbox.put(letter(b"6"), &post), Put::Kept);
    clock.advance_ms(1);
    assert_eq!(mailbox.put(letter(b"7"), &post), Put::Cut);
}

#[test]
fn a_full_queue_does_as_it_was_told() {
    let clock = Clock::manual(0);
    let post = Post { limit: limit(1, 1, 0), clock: &clock };
    let put = |mailbox: &Mailbox| [b"1", b"2", b"3"].map(|text| mailbox.put(letter(text), &post));
    let oldest = queue(2, usize::MAX, Overflow::DropOldest);
    assert_eq!(put(&oldest), [Put::First, Put::Kept, Put::Dropped]);
    assert_eq!([oldest.take_one(), oldest.take_one()].map(body), [b"2", b"3"]);
    let newest = queue(2, usize::MAX, Overflow::DropNewest);
    assert_eq!(put(&newest), [Put::First, Put::Kept, Put::Dropped]);
    assert_eq!([newest.take_one(), newest.take_one()].map(body), [b"1", b"2"]);
    let cut = queue(2, usize::MAX, Overflow::Cut);
    assert_eq!(put(&cut), [Put::First, Put::Kept, Put::Cut]);
    assert_eq!([cut.take_one(), cut.take_one()].map(body), [b"1", b"2"]);
    assert!(cut.is_cut() && cut.take_one().is_none());
    assert!([oldest, newest, cut].iter().all(|mailbox| mailbox.dropped() == 1));
}

#[test]
fn a_queue_is_bounded_by_bytes_too_but_takes_any_single_message() {
    let clock = Clock::manual(0);
    let post = Post { limit: limit(0, 0, 0), clock: &clock };
    let mailbox = queue(100, 2 * ONE, Overflow::DropOldest);
    assert_eq!(mailbox.put(letter(&[7; 1000]), &post), Put::First);
    assert_eq!(mailbox.put(letter(b"2"), &post), Put::Dropped);
    assert_eq!(mailbox.put(letter(b"3"), &post), Put::Kept);
    assert_eq!((mailbox.waiting(), mailbox.dropped()), ((2, 2 * ONE), 1));
}

struct Counts(AtomicUsize);

impl std::task::Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_future_is_woken_once_for_each_ring_it_waits_for() {
    let clock = Clock::manual(0);
    let post = Post { limit: limit(0, 0, 0), clock: &clock };
    let mailbox = queue(9, usize::MAX, Overflow::Cut);
    let counts = Arc::new(Counts(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&counts));
    assert!(mailbox.poll(&waker).is_none() && mailbox.poll(&waker).is_none());
    mailbox.put(letter(b"1"), &post);
    mailbox.ring();
    mailbox.ring();
    assert_eq!(counts.0.load(Relaxed), 1);
    assert_eq!(body(mailbox.poll(&waker)), b"1");
    drop(counts);
}

#[test]
fn a_thread_that_sleeps_is_woken_by_a_ring() {
    let clock = Clock::system();
    let post = Post { limit: limit(0, 0, 0), clock: &clock };
    let mailbox = queue(9, usize::MAX, Overflow::Cut);
    assert!(mailbox.wait(Some(Duration::from_millis(1))).is_none());
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            loop {
                if let Some(letter) = mailbox.wait(None) {
                    return body(Some(letter));
                }
            }
        });
        mailbox.put(letter(b"1"), &post);
        mailbox.ring();
        assert_eq!(reader.join().unwrap(), b"1");
    });
}
