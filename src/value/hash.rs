//! The hash: fields with values. Packed while it is small, a table of records above.
//!
//! ```text
//!   listpack    Packed: field, value, field, value, …            (found by a scan)
//!   hashtable   Dict of records [field length][field][value]     (found by the field's hash)
//! ```
//!
//! It leaves the packed form for good when it gets more fields than `hash-max-listpack-entries`, or one field or
//! value longer than `hash-max-listpack-value`.
//!
//! | operation | packed (n fields) | table |
//! |---|---|---|
//! | get, set, remove | O(n), a scan of some hundred bytes | O(1) |
//! | iterate | O(n) | O(n) |
//! | clone | one copy | a counted reference per block |
#[cfg(test)]
mod tests;

use crate::{
    base::{limits::Encodings, rng::Rng},
    ds::{
        packed::{At, Packed, cursor},
        shared::Shared,
    },
    value::dict::{self, Dict, Shape},
};
use std::iter::FusedIterator;

/// Fields with values.
#[derive(Clone)]
pub struct Hash {
    form: Form,
}

#[derive(Clone)]
enum Form {
    /// Alternating fields and values.
    Small(Packed),
    /// Counted: cloning the hash clones no directory, which for ten million fields takes milliseconds.
    Large(Shared<Dict<Pair>>),
}

/// How a record of the large form is laid out: the field's length as a varint of 7 bits a byte, the field, the
/// value.
#[derive(Clone, Copy)]
struct Pair;

impl Pair {
    fn split(record: &[u8]) -> (&[u8], &[u8]) {
        let (len, width) = dict::read_length(record);
        record[width..].split_at(len)
    }
}

impl Shape for Pair {
    fn key(record: &[u8]) -> &[u8] {
        Self::split(record).0
    }
}

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}

impl Hash {
    /// Makes an empty hash. Allocates nothing.
    pub const fn new() -> Self {
        Self { form: Form::Small(Packed::new()) }
    }

    /// Returns the number of fields.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Small(packed) => packed.len() / 2,
            Form::Large(dict) => dict.len(),
        }
    }

    /// Tells whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns Redis's name of the present form.
    pub fn encoding(&self) -> &'static str {
        match self.form {
            Form::Small(_) => "listpack",
            Form::Large(_) => "hashtable",
        }
    }

    /// Returns the bytes allocated beside the `Hash` itself. O(1).
    pub fn mem_bytes(&self) -> usize {
        match &self.form {
            Form::Small(packed) => packed.mem_bytes(),
            Form::Large(dict) => Shared::<Dict<Pair>>::block_bytes() + dict.mem_bytes(),
        }
    }

    /// Returns the value of `field`.
    pub fn get(&self, field: &[u8]) -> Option<&[u8]> {
        match &self.form {
            Form::Small(packed) => {
                let value = packed.next(find(packed, field)?)?;
                Some(packed.read(value))
            }
            Form::Large(dict) => dict.get(field).map(|record| Pair::split(record).1),
        }
    }

    /// Tells whether there is a `field`.
    pub fn contains(&self, field: &[u8]) -> bool {
        match &self.form {
            Form::Small(packed) => find(packed, field).is_some(),
            Form::Large(dict) => dict.get(field).is_some(),
        }
    }

    /// Returns the length of the value of `field`, 0 when there is none.
    pub fn value_len(&self, field: &[u8]) -> usize {
        self.get(field).map_or(0, <[u8]>::len)
    }

    /// Prepares for a command that sets `pairs` fields, with these strings as fields and values: what would not
    /// fit the packed form makes it a table at once, whether or not fields repeat, as in Redis.
    pub fn expect<'a>(
        &mut self,
        pairs: usize,
        strings: impl IntoIterator<Item = &'a [u8]>,
        limits: &Encodings,
    ) {
        let Form::Small(packed) = &self.form else { return };
        let longest = limits.hash_max_listpack_value;
        let mut bytes = 0usize;
        let fits = pairs <= limits.hash_max_listpack_entries
            && strings.into_iter().all(|string| {
                bytes = bytes.saturating_add(Packed::entry_bytes(string.len()));
                string.len() <= longest
            })
            && packed.fits(bytes);
        if !fits {
            self.enlarge();
        }
    }

    /// Sets `field` to `value`; tells whether the field is new.
    pub fn set(&mut self, field: &[u8], value: &[u8], limits: &Encodings) -> bool {
        if let Form::Small(packed) = &mut self.form {
            let longest = limits.hash_max_listpack_value;
            let extra = Packed::entry_bytes(field.len()) + Packed::entry_bytes(value.len());
            if field.len() <= longest && value.len() <= longest && packed.fits(extra) {
                if let Some(at) = find(packed, field).and_then(|at| packed.next(at)) {
                    packed.replace(at, value);
                    // It may have been filled under a higher limit.
                    if packed.len() / 2 > limits.hash_max_listpack_entries {
                        self.enlarge();
                    }
                    return false;
                }
                if packed.len() / 2 < limits.hash_max_listpack_entries {
                    packed.extend_back(&[field, value]);
                    return true;
                }
            }
        }
        let mut head = [0; 5];
        let head = dict::write_length(&mut head, field.len());
        self.enlarge().put(field, &[head, field, value])
    }

    /// Removes `field`; tells whether it was there.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        match &mut self.form {
            Form::Small(packed) => match find(packed, field) {
                Some(at) => {
                    packed.remove(at, 2);
                    true
                }
                None => false,
            },
            Form::Large(dict) => dict.make_mut().remove(field),
        }
    }

    /// Iterates over fields and values. Packed ones come in the order in which they were added.
    pub fn iter(&self) -> Pairs<'_> {
        match &self.form {
            Form::Small(packed) => Pairs { form: PairsForm::Small(packed.iter()) },
            Form::Large(dict) => Pairs { form: PairsForm::Large(dict.iter()) },
        }
    }

    /// Returns a field and its value, each with the same chance. O(1), packed: O(n).
    pub fn random(&self, rng: &mut Rng) -> Option<(&[u8], &[u8])> {
        match &self.form {
            Form::Small(packed) if packed.is_empty() => None,
            Form::Small(packed) => {
                let index = rng.below(packed.len() as u64 / 2) as usize;
                let mut pair = packed.iter_from(packed.at(index * 2)?);
                Some((pair.next()?, pair.next()?))
            }
            Form::Large(dict) => dict.random(rng).map(Pair::split),
        }
    }

    /// Returns `count` different fields with their values (all when there are fewer), every choice of them with
    /// the same chance. O(count), packed: O(n).
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<(&[u8], &[u8])> {
        match &self.form {
            Form::Small(_) => dict::choose(self.iter(), self.len(), count, rng),
            Form::Large(dict) => dict.sample(count, rng).into_iter().map(Pair::split).collect(),
        }
    }

    /// Shows a part of the fields to `visit` and returns the cursor of the next part, 0 after the last. A call
    /// shows about `count` fields; the packed form is shown whole. Whoever is there from the first call to the
    /// last is shown at least once.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(&[u8], &[u8])) -> u64 {
        match &self.form {
            Form::Small(_) => {
                self.iter().for_each(|(field, value)| visit(field, value));
                0
            }
            Form::Large(dict) => dict.scan(cursor, count, &mut |record| {
                let (field, value) = Pair::split(record);
                visit(field, value);
            }),
        }
    }

    /// Frees a bounded part of the hash, which is not to be used any more; tells whether more remains.
    pub fn free_step(&mut self) -> bool {
        match &mut self.form {
            Form::Small(packed) => {
                packed.clear();
                false
            }
            // Whoever else holds it frees it.
            Form::Large(dict) => dict.get_mut().is_some_and(Dict::free_step),
        }
    }

    /// Makes the hash a table, if it is not one yet.
    fn enlarge(&mut self) -> &mut Dict<Pair> {
        if let Form::Small(packed) = &self.form {
            let mut dict = Dict::new();
            for (field, value) in self.iter() {
                let mut head = [0; 5];
                let head = dict::write_length(&mut head, field.len());
                dict.put(field, &[head, field, value]);
            }
            debug_assert_eq!(dict.len() * 2, packed.len());
            self.form = Form::Large(Shared::new(dict));
        }
        match &mut self.form {
            Form::Large(dict) => dict.make_mut(),
            Form::Small(_) => unreachable!("it was just made a table"),
        }
    }
}

/// Finds `field` among alternating fields and values.
fn find(packed: &Packed, field: &[u8]) -> Option<At> {
    packed.find(field, packed.first()?, 2)
}

/// Fields and values of a [`Hash`].
pub struct Pairs<'a> {
    form: PairsForm<'a>,
}

enum PairsForm<'a> {
    Small(cursor::Iter<'a>),
    Large(dict::Records<'a>),
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.form {
            PairsForm::Small(entries) => Some((entries.next()?, entries.next()?)),
            PairsForm::Large(records) => records.next().map(Pair::split),
        }
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.form {
            PairsForm::Small(entries) => entries.len() / 2,
            PairsForm::Large(records) => records.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}
impl FusedIterator for Pairs<'_> {}
