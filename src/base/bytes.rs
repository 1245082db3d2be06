//! Bytes that a result owns: short ones inline, long ones shared with the keyspace.
use std::{fmt, ops::Deref, sync::Arc};

const INLINE: usize = 22;

/// Returns what C sees of a string: what stands before its first zero byte.
pub fn until_zero(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr(0, text).unwrap_or(text.len())]
}

#[derive(Clone)]
enum Repr {
    Inline { len: u8, data: [u8; INLINE] },
    Heap(Box<[u8]>),
    Shared(Arc<Vec<u8>>),
}

/// An owned, immutable byte string of 24 bytes. Up to 22 bytes are inline; a large string of the keyspace
/// is shared, not copied.
#[derive(Clone)]
pub struct Bytes(Repr);

impl Bytes {
    /// Copies `data`.
    pub fn copy(data: &[u8]) -> Self {
        match data.len() {
            len @ 0..=INLINE => {
                let mut inline = [0; INLINE];
                inline[..len].copy_from_slice(data);
                Self(Repr::Inline { len: len as u8, data: inline })
            }
            _ => Self(Repr::Heap(data.into())),
        }
    }

    /// Shares `data` without a copy.
    pub fn shared(data: Arc<Vec<u8>>) -> Self {
        Self(Repr::Shared(data))
    }

    /// Returns the bytes as a vector; copies unless they are its own already.
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Repr::Heap(data) => data.into_vec(),
            _ => self.to_vec(),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, data } => &data[..usize::from(*len)],
            Repr::Heap(data) => data,
            Repr::Shared(data) => data,
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
impl From<&[u8]> for Bytes {
    fn from(data: &[u8]) -> Self {
        Self::copy(data)
    }
}
impl From<Vec<u8>> for Bytes {
    fn from(data: Vec<u8>) -> Self {
        if data.len() <= INLINE { Self::copy(&data) } else { Self(Repr::Heap(data.into())) }
    }
}
impl From<Bytes> for Vec<u8> {
    fn from(data: Bytes) -> Self {
        data.into_vec()
    }
}
impl Default for Bytes {
    fn default() -> Self {
        Self::copy(b"")
    }
}
impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Bytes {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}
impl Eq for Bytes {}
impl std::hash::Hash for Bytes {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Bytes {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}
impl std::borrow::Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        self
    }
}
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self))
    }
}

const _: () = assert!(size_of::<Bytes>() == 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_the_same() {
        for len in [0, 1, 22, 23, 5000] {
            let data = vec![7u8; len];
            let forms =
                [Bytes::copy(&data), Bytes::from(data.clone()), Bytes::shared(Arc::new(data.clone()))];
            for form in forms {
                assert_eq!(form, data);
                assert_eq!(form.clone().into_vec(), data);
            }
        }
    }
}
