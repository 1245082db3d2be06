//! Which keyspace events somebody wants: the letters of `notify-keyspace-events`.
use std::fmt;

/// Classes of keyspace events, and the channels they go to. Empty (the default): nobody is told anything.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(u32);

impl Classes {
    /// `K`: events go to `__keyspace@<db>__:<key>`, with their names.
    pub const KEYSPACE: Self = Self(1 << 0);
    /// `E`: events go to `__keyevent@<db>__:<event>`, with their keys.
    pub const KEYEVENT: Self = Self(1 << 1);
    /// `g`: commands of any type: DEL, EXPIRE, RENAME …
    pub const GENERIC: Self = Self(1 << 2);
    /// `$`
    pub const STRING: Self = Self(1 << 3);
    /// `l`
    pub const LIST: Self = Self(1 << 4);
    /// `s`
    pub const SET: Self = Self(1 << 5);
    /// `h`
    pub const HASH: Self = Self(1 << 6);
    /// `z`
    pub const ZSET: Self = Self(1 << 7);
    /// `x`: keys past their time that were removed.
    pub const EXPIRED: Self = Self(1 << 8);
    /// `e`: keys that had to go for want of memory.
    pub const EVICTED: Self = Self(1 << 9);
    /// `t`
    pub const STREAM: Self = Self(1 << 10);
    /// `m`: somebody looked for a key that is not there. Not part of `A`.
    pub const KEYMISS: Self = Self(1 << 11);
    /// `d`: events of modules; there are none.
    pub const MODULE: Self = Self(1 << 13);
    /// `n`: a key is new. Not part of `A`.
    pub const NEW: Self = Self(1 << 14);
    /// `o`: a key got another value. Not part of `A`.
    pub const OVERWRITTEN: Self = Self(1 << 15);
    /// `c`: a key got a value of another type. Not part of `A`.
    pub const TYPE_CHANGED: Self = Self(1 << 16);

    /// `A`: an alias for `g$lshzxetd`.
    pub const ALL: Self = Self::GENERIC
        .and(Self::STRING)
        .and(Self::LIST)
        .and(Self::SET)
        .and(Self::HASH)
        .and(Self::ZSET)
        .and(Self::EXPIRED)
        .and(Self::EVICTED)
        .and(Self::STREAM)
        .and(Self::MODULE);

    /// Tells whether one of `others` is among these.
    #[inline]
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Tells whether there is none.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and `others`.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These, unless they go to no channel: then nothing has to be said.
    #[must_use]
    pub const fn said(self) -> Self {
        if self.has(Self::KEYSPACE.and(Self::KEYEVENT)) { self } else { Self(0) }
    }

    /// Reads the letters, in any order; `None`: one of them means nothing.
    pub fn parse(text: &[u8]) -> Option<Self> {
        text.iter().try_fold(Self::default(), |classes, letter| {
            let of_letter = |(known, _): &&(u8, Self)| known == letter;
            let found = [(b'A', Self::ALL)].iter().chain(&LETTERS).find(of_letter).map(|(_, class)| *class);
            found.map(|class| classes.and(class))
        })
    }
}

/// In the order in which Redis shows them: those that `A` hides first.
const LETTERS: [(u8, Classes); 16] = [
    (b'g', Classes::GENERIC),
    (b'$', Classes::STRING),
    (b'l', Classes::LIST),
    (b's', Classes::SET),
    (b'h', Classes::HASH),
    (b'z', Classes::ZSET),
    (b'x', Classes::EXPIRED),
    (b'e', Classes::EVICTED),
    (b't', Classes::STREAM),
    (b'd', Classes::MODULE),
    (b'n', Classes::NEW),
    (b'o', Classes::OVERWRITTEN),
    (b'c', Classes::TYPE_CHANGED),
    (b'K', Classes::KEYSPACE),
    (b'E', Classes::KEYEVENT),
    (b'm', Classes::KEYMISS),
];
/// The place in [`LETTERS`] of the first one that `A` does not hide. As in Redis, it hides `n`, `o` and `c` as well,
/// which it does not mean.
const SHOWN_BESIDE_ALL: usize = 13;

/// As CONFIG GET shows them.
impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0 & Self::ALL.0 == Self::ALL.0;
        let letters = if all { &LETTERS[SHOWN_BESIDE_ALL..] } else { &LETTERS };
        let letters =
            letters.iter().filter(|(_, class)| self.has(*class)).map(|(letter, _)| char::from(*letter));
        write!(f, "{}{}", if all { "A" } else { "" }, letters.collect::<String>())
    }
}

impl fmt::Debug for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Classes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_in_any_order_and_shown_in_one() {
        // What valkey 9.1 and redis 8.2 show.
        let shown = [
            ("", ""),
            ("KEA", "AKE"),
            ("AKEmnd", "AKEm"),
            ("g$lshzxeKEtmdn", "AKEm"),
            ("g", "g"),
            ("xE", "xE"),
            ("KEcotxh", "hxtocKE"),
            ("mnK", "nKm"),
        ];
        for (text, want) in shown {
            assert_eq!(Classes::parse(text.as_bytes()).unwrap().to_string(), want, "{text}");
        }
        assert!(Classes::parse(b"K E").is_none() && Classes::parse(b"Q").is_none());
    }

    #[test]
    fn without_a_channel_nothing_is_said() {
        assert!(Classes::ALL.said().is_empty());
        assert!(Classes::ALL.and(Classes::KEYSPACE).said().has(Classes::LIST));
    }
}
