//! The longest common subsequence of two byte strings.
//!
//! A row of lengths is rolled over the first string; of the table that Redis keeps (four bytes a cell) only one bit a
//! cell is needed to find the way back: whether it leads up.

/// Places in both strings where the same bytes stand, the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub a: (usize, usize),
    pub b: (usize, usize),
}

impl Match {
    /// The number of bytes.
    #[expect(clippy::len_without_is_empty, reason = "a match is never empty")]
    pub fn len(&self) -> usize {
        self.a.1 - self.a.0 + 1
    }
}

/// Fills the row of lengths, and tells of each pair of places that differ whether the way back leads up. Returns
/// the length of the longest common subsequence.
fn fill(a: &[u8], b: &[u8], mut up: impl FnMut(usize, usize)) -> usize {
    let mut row = vec![0u32; b.len() + 1];
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            if x == y {
                row[j + 1] = diagonal + 1;
            } else if above > row[j] {
                up(i, j);
            } else {
                row[j + 1] = row[j];
            }
            diagonal = above;
        }
    }
    row[b.len()] as usize
}

/// Returns the length alone: O(a·b) time, O(b) memory.
pub fn len(a: &[u8], b: &[u8]) -> usize {
    fill(a, b, |_, _| {})
}

/// Returns the subsequence and where it was found, from the end to the start: O(a·b) time, one bit a pair.
pub fn trace(a: &[u8], b: &[u8]) -> (Vec<u8>, Vec<Match>) {
    let mut ups = vec![0u64; (a.len() * b.len()).div_ceil(64)];
    let place = |i: usize, j: usize| (i * b.len() + j, 1u64 << ((i * b.len() + j) % 64));
    let len = fill(a, b, |i, j| {
        let (at, bit) = place(i, j);
        ups[at / 64] |= bit;
    });
    let (mut text, mut matches) = (Vec::with_capacity(len), Vec::new());
    let (mut i, mut j, mut open) = (a.len(), b.len(), None::<Match>);
    while i > 0 && j > 0 {
        if a[i - 1] == b[j - 1] {
            text.push(a[i - 1]);
            let last = open.unwrap_or(Match { a: (i, i - 1), b: (j, j - 1) });
            i -= 1;
            j -= 1;
            open = Some(Match { a: (i, last.a.1), b: (j, last.b.1) });
        } else {
            let (at, bit) = place(i - 1, j - 1);
            if ups[at / 64] & bit != 0 {
                i -= 1
            } else {
                j -= 1
            }
            matches.extend(open.take());
        }
    }
    matches.extend(open);
    text.reverse();
    (text, matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn longest(a: &[u8], b: &[u8]) -> usize {
        match (a, b) {
            ([x, a @ ..], [y, b @ ..]) if x == y => 1 + longest(a, b),
            ([_, rest @ ..], [_, other @ ..]) => longest(rest, b).max(longest(a, other)),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn the_way_back_finds_a_longest_one(a in "[abc]{0,9}", b in "[abc]{0,9}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let (text, matches) = trace(a, b);
            prop_assert_eq!(text.len(), longest(a, b));
            prop_assert_eq!(len(a, b), text.len());
            let parts = |whole: &[u8], place: fn(&Match) -> (usize, usize)| -> Vec<u8> {
                matches.iter().rev().flat_map(|m| whole[place(m).0..=place(m).1].to_vec()).collect()
            };
            prop_assert_eq!(&parts(a, |m| m.a), &text);
            prop_assert_eq!(&parts(b, |m| m.b), &text);
        }
    }
}
