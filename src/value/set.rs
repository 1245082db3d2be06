//! The set: different members. Sorted integers or packed while it is small, a table above.
//!
//! ```text
//!   intset      IntSet: sorted integers of the narrowest width     (found by bisection)
//!   listpack    Packed: member, member, …                          (found by a scan)
//!   hashtable   Large: a table of integers, a Dict of the others   (found by the member's hash)
//! ```
//!
//! The rules are those of Redis 7.2 and later. Integers alone are an intset up to `set-max-intset-entries`, above
//! it a table. The first member that is no integer turns an intset into a listpack, if with it there are at most
//! `set-max-listpack-entries` members, none longer than `set-max-listpack-value`; else into a table. A listpack
//! that outgrows either limit becomes a table. No form is ever left for a smaller one.
//!
//! | operation | intset | packed (n members) | table |
//! |---|---|---|---|
//! | contains | O(log n) | O(n), a scan of some kilobytes at most | O(1) |
//! | insert, remove | O(n) bytes moved | O(n) | O(1) |
//! | clone | one copy | one copy | a counted reference per block |
mod large;
mod member;
#[cfg(test)]
mod tests;

pub use member::{Member, Members};

use crate::{
    base::{limits::Encodings, num, rng::Rng},
    ds::{
        intset::IntSet,
        packed::{At, Packed},
        shared::Shared,
    },
    value::dict,
};
use large::Large;

/// Different members.
#[derive(Clone)]
pub struct Set {
    form: Form,
}

#[derive(Clone)]
enum Form {
    Ints(IntSet),
    Small(Packed),
    /// Counted: cloning the set clones no directory, which for ten million members takes milliseconds.
    Large(Shared<Large>),
}

impl Default for Set {
    fn default() -> Self {
        Self::new()
    }
}

impl Set {
    /// Makes an empty set. Allocates nothing.
    pub const fn new() -> Self {
        Self { form: Form::Ints(IntSet::new()) }
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Ints(ints) => ints.len(),
            Form::Small(packed) => packed.len(),
            Form::Large(large) => large.len(),
        }
    }

    /// Tells whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns Redis's name of the present form.
    pub fn encoding(&self) -> &'static str {
        match self.form {
            Form::Ints(_) => "intset",
            Form::Small(_) => "listpack",
            Form::Large(_) => "hashtable",
        }
    }

    /// Returns the bytes allocated beside the `Set` itself. O(1).
    pub fn mem_bytes(&self) -> usize {
        match &self.form {
            Form::Ints(ints) => ints.mem_bytes(),
            Form::Small(packed) => packed.mem_bytes(),
            Form::Large(large) => Shared::<Large>::block_bytes() + large.mem_bytes(),
        }
    }

    /// Tells whether `member` is in the set.
    pub fn contains(&self, member: &[u8]) -> bool {
        match &self.form {
            Form::Ints(ints) => num::parse_int(member).is_some_and(|int| ints.contains(int)),
            Form::Small(packed) => find(packed, member).is_some(),
            Form::Large(large) => large.contains(member),
        }
    }

    /// Tells whether a member of another set is in this one, without going through text where both are integers.
    pub fn contains_member(&self, member: &Member<'_>) -> bool {
        match (&self.form, member.as_int()) {
            (Form::Ints(ints), Some(int)) => ints.contains(int),
            (Form::Large(large), Some(int)) => {
                large.contains_int(int).unwrap_or_else(|| large.contains(member))
            }
            _ => self.contains(member),
        }
    }

    /// Prepares for a command that adds `count` members, the first of which is `first`: more than the present form
    /// may hold make it a table at once, whether or not they are different, as in Redis. An empty set takes the
    /// form that suits `first` and the count.
    pub fn expect(&mut self, first: &[u8], count: usize, limits: &Encodings) {
        let stays = match &self.form {
            Form::Ints(ints) if ints.is_empty() => {
                let fits_ints = count <= limits.set_max_intset_entries && num::parse_int(first).is_some();
                if !fits_ints && count <= limits.set_max_listpack_entries {
                    self.form = Form::Small(Packed::new());
                    return;
                }
                fits_ints
            }
            Form::Ints(_) => count <= limits.set_max_intset_entries,
            Form::Small(_) => count <= limits.set_max_listpack_entries,
            Form::Large(_) => true,
        };
        if !stays {
            self.enlarge();
        }
    }

    /// Adds `member`; tells whether it is new.
    pub fn insert(&mut self, member: &[u8], limits: &Encodings) -> bool {
        if let Form::Ints(ints) = &self.form
            && ints.is_empty()
        {
            self.expect(member, 1, limits);
        }
        if let Form::Ints(ints) = &mut self.form {
            if let Some(int) = num::parse_int(member) {
                let new = ints.insert(int);
                if new && ints.len() > limits.set_max_intset_entries {
                    self.enlarge();
                }
                return new;
            }
            match packed_from(ints, member, limits) {
                Some(packed) => self.form = Form::Small(packed),
                None => return self.enlarge().insert(member),
            }
        }
        if let Form::Small(packed) = &mut self.form {
            if find(packed, member).is_some() {
                return false;
            }
            if packed.len() < limits.set_max_listpack_entries
                && member.len() <= limits.set_max_listpack_value
                && packed.fits(Packed::entry_bytes(member.len()))
            {
                packed.push_back(member);
                return true;
            }
        }
        self.enlarge().insert(member)
    }

    /// Removes `member`; tells whether it was there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match &mut self.form {
            Form::Ints(ints) => num::parse_int(member).is_some_and(|int| ints.remove(int)),
            Form::Small(packed) => match find(packed, member) {
                Some(at) => {
                    packed.remove(at, 1);
                    true
                }
                None => false,
            },
            Form::Large(large) => large.make_mut().remove(member),
        }
    }

    /// Iterates over the members: integers ascending, packed ones in the order in which they were added.
    pub fn iter(&self) -> Members<'_> {
        match &self.form {
            Form::Ints(ints) => Members::ints(ints),
            Form::Small(packed) => Members::packed(packed),
            Form::Large(large) => Members::large(large),
        }
    }

    /// Returns a member, each with the same chance. O(1), packed: O(n).
    pub fn random(&self, rng: &mut Rng) -> Option<Member<'_>> {
        if self.is_empty() {
            return None;
        }
        match &self.form {
            Form::Ints(ints) => Some(Member::int(ints.at(rng.below(ints.len() as u64) as usize))),
            Form::Small(packed) => packed.get(rng.below(packed.len() as u64) as usize).map(Member::bytes),
            Form::Large(large) => large.random(rng),
        }
    }

    /// Returns `count` different members (all when there are fewer), every choice of them with the same chance.
    /// O(count), packed and intset: O(n).
    pub fn sample(&self, count: usize, rng: &mut Rng) -> Vec<Member<'_>> {
        match &self.form {
            Form::Ints(_) | Form::Small(_) => dict::choose(self.iter(), self.len(), count, rng),
            Form::Large(large) => large.sample(count, rng),
        }
    }

    /// Removes a member, each with the same chance, and returns it. O(1), packed and intset: O(n).
    pub fn pop(&mut self, rng: &mut Rng) -> Option<Vec<u8>> {
        let member = self.random(rng)?.to_vec();
        let there = self.remove(&member);
        debug_assert!(there, "a member that was just read");
        Some(member)
    }

    /// Shows a part of the members to `visit` and returns the cursor of the next part, 0 after the last. A call
    /// shows about `count` members; intset and packed form are shown whole. Whoever is there from the first call
    /// to the last is shown at least once.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(&[u8])) -> u64 {
        match &self.form {
            Form::Ints(_) | Form::Small(_) => {
                self.iter().for_each(|member| visit(&member));
                0
            }
            Form::Large(large) => large.scan(cursor, count, visit),
        }
    }

    /// Frees a bounded part of the set, which is not to be used any more; tells whether more remains.
    pub fn free_step(&mut self) -> bool {
        match &mut self.form {
            // Whoever else holds it frees it.
            Form::Large(large) => large.get_mut().is_some_and(Large::free_step),
            Form::Ints(_) | Form::Small(_) => {
                *self = Self::new();
                false
            }
        }
    }

    /// Makes the set a table, if it is not one yet.
    fn enlarge(&mut self) -> &mut Large {
        if !matches!(self.form, Form::Large(_)) {
            let mut large = Large::new();
            for member in self.iter() {
                large.insert(&member);
            }
            self.form = Form::Large(Shared::new(large));
        }
        match &mut self.form {
            Form::Large(large) => large.make_mut(),
            Form::Ints(_) | Form::Small(_) => unreachable!("it was just made a table"),
        }
    }
}

fn find(packed: &Packed, member: &[u8]) -> Option<At> {
    packed.find(member, packed.first()?, 1)
}

/// Returns the integers packed, when they may be so together with `member`.
fn packed_from(ints: &IntSet, member: &[u8], limits: &Encodings) -> Option<Packed> {
    // The longest text of sorted integers is at one of the ends.
    let ends = [ints.iter().next(), ints.iter().next_back()];
    let longest = ends.into_iter().flatten().map(|int| num::Text::int(int).len()).max().unwrap_or(0);
    let fits = ints.len() < limits.set_max_listpack_entries
        && longest.max(member.len()) <= limits.set_max_listpack_value
        && Packed::new().fits(ints.len().saturating_mul(Packed::entry_bytes(longest)));
    if !fits {
        return None;
    }
    let mut packed =
        Packed::with_capacity(ints.len() * Packed::entry_bytes(longest) + Packed::entry_bytes(member.len()));
    ints.iter().for_each(|int| packed.push_back(&num::Text::int(int)));
    Some(packed)
}
