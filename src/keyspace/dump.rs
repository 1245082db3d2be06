//! Values on their way to other servers and back: an entry as a payload, and a payload as an entry.
use super::{
    Entry,
    place::Place,
    strings,
    view::{CLOCK_MASK, View, kind_of, seconds},
};
use crate::{
    base::{limits::INLINE_BYTES_MAX, num},
    ds::entry::{New, Payload},
    value::{
        Type,
        rdb::{self, Loaded},
    },
};

/// Writes the value of an entry as Redis's DUMP does.
pub fn payload_of(entry: &Entry) -> Vec<u8> {
    rdb::write(entry.payload())
}

/// Tells whether writing an entry takes so long that it is better done outside the locks.
pub fn is_long(entry: &Entry) -> bool {
    matches!(entry.payload(), Payload::Object(value) if value.mem_bytes() > INLINE_BYTES_MAX)
}

impl View<'_> {
    /// Puts what was loaded under `key`, whatever was there: the type of that is returned. It counts as not used for
    /// `idle_s` seconds.
    pub fn restore(&mut self, key: &[u8], loaded: Loaded, at_ms: Option<u64>, idle_s: u64) -> Option<Type> {
        let mut place = self.place(key);
        let old = place.stripe.take(place.db, place.hash, key);
        let kind = old.as_ref().map(kind_of);
        if let Some(old) = old {
            place.stripe.bury(old);
        }
        place.add(entry(key, loaded, at_ms));
        place.say_new(key);
        if idle_s > 0 {
            place.leave_unused(key, idle_s);
        }
        kind
    }
}

/// Makes the entry of what was loaded: a string that reads as an integer is one.
fn entry(key: &[u8], loaded: Loaded, at_ms: Option<u64>) -> Entry {
    match loaded {
        Loaded::Collection(value) => Entry::new(key, New::Object(value), at_ms),
        Loaded::Text(text) => match num::parse_int(&text) {
            Some(int) => Entry::new(key, New::Int(int), at_ms),
            None => Entry::new(key, strings::text(&mut text.into()), at_ms),
        },
    }
}

impl Place<'_> {
    /// Sets the access clock back. It does not reach further than its bits.
    fn leave_unused(&mut self, key: &[u8], idle_s: u64) {
        let idle = idle_s.min(CLOCK_MASK.into()) as u32;
        let clock = seconds(self.now_ms).wrapping_sub(idle) & CLOCK_MASK;
        if let Some(entry) = self.find_mut(key) {
            entry.set_clock(clock);
        }
    }
}
