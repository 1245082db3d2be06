//! The patterns of SORT: `weight_*`, `object_*->field`, `#`.
use crate::{
    base::bytes::Bytes,
    keyspace::{strings::Str, view::View},
    value::Hash,
};

/// Where to look for something that belongs to an element.
#[derive(Debug, Clone, Copy)]
pub enum Pattern<'a> {
    /// `#`: the element itself.
    Itself,
    /// Without `*` nothing belongs to anything.
    Nowhere,
    /// The string at a key, or a field of the hash there.
    Key { before: &'a [u8], after: &'a [u8], field: Option<&'a [u8]> },
}

impl<'a> Pattern<'a> {
    /// Reads a pattern: the first `*` stands for the element, and an arrow behind it leads to a field that is not empty.
    pub fn of(text: &'a [u8]) -> Self {
        if text == b"#" {
            return Self::Itself;
        }
        let Some(star) = text.iter().position(|byte| *byte == b'*') else { return Self::Nowhere };
        let (before, rest) = (&text[..star], &text[star + 1..]);
        match rest.windows(2).position(|pair| pair == b"->").filter(|at| at + 2 < rest.len()) {
            Some(at) => Self::Key { before, after: &rest[..at], field: Some(&rest[at + 2..]) },
            None => Self::Key { before, after: rest, field: None },
        }
    }

    /// Tells whether other keys than those that SORT names are looked at.
    pub fn is_key(&self) -> bool {
        matches!(self, Self::Key { .. })
    }

    /// Returns what belongs to `element`. `key` is a buffer.
    pub fn look_up(&self, view: &mut View<'_>, element: &Bytes, key: &mut Vec<u8>) -> Option<Bytes> {
        let (before, after, field) = match *self {
            Self::Itself => return Some(element.clone()),
            Self::Nowhere => return None,
            Self::Key { before, after, field } => (before, after, field),
        };
        key.clear();
        [before, element, after].iter().for_each(|part| key.extend_from_slice(part));
        match field {
            None => view.string_or_nothing(key).map(Str::to_owned),
            Some(field) => view.get::<Hash>(key).ok()??.get(field).map(Bytes::copy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_needs_a_star_before_and_a_field_behind_it() {
        let parts = |text: &'static str| match Pattern::of(text.as_bytes()) {
            Pattern::Key { before, after, field } => Some((before, after, field)),
            Pattern::Itself | Pattern::Nowhere => None,
        };
        assert_eq!(parts("w_*"), Some((&b"w_"[..], &b""[..], None)));
        assert_eq!(parts("a*b->f"), Some((&b"a"[..], &b"b"[..], Some(&b"f"[..]))));
        assert_eq!(parts("a*->f->g"), Some((&b"a"[..], &b""[..], Some(&b"f->g"[..]))));
        assert_eq!(parts("a*->"), Some((&b"a"[..], &b"->"[..], None)));
        assert_eq!(parts("a->*b"), Some((&b"a->"[..], &b"b"[..], None)));
        assert_eq!((parts("#"), parts("nosort"), parts("")), (None, None, None));
    }
}
