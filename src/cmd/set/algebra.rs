//! Intersection, union and difference of sets.
use crate::{
    base::{bytes::Bytes, emit::Sink, limits::Encodings},
    value::{Set, set::Member},
};
use std::cmp::Reverse;

/// An operation on sets. A key that does not exist is the empty set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// What is in all of them.
    Inter,
    /// What is in any of them.
    Union,
    /// What is in the first and in none of the others.
    Diff,
}

/// What an operation found.
pub enum Found<'s> {
    /// Members of one of the operands.
    Members(Vec<Member<'s>>),
    /// Members of several.
    Set(Set),
}

impl Found<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Members(members) => members.len(),
            Self::Set(set) => set.len(),
        }
    }

    fn each(&self, visit: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Members(members) => members.iter().for_each(|member| visit(member)),
            Self::Set(set) => set.iter().for_each(|member| visit(&member)),
        }
    }

    /// Writes the members as a set.
    pub fn write(&self, to: &mut dyn Sink) {
        to.set(self.len());
        self.each(&mut |member| to.bytes(member));
    }

    /// Returns the members.
    pub fn to_vec(&self) -> Vec<Bytes> {
        let mut all = Vec::with_capacity(self.len());
        self.each(&mut |member| all.push(Bytes::copy(member)));
        all
    }

    fn into_set(self, limits: &Encodings) -> Set {
        match self {
            Self::Set(set) => set,
            Self::Members(members) => gather(members.into_iter(), limits),
        }
    }
}

impl Op {
    /// The event of a result that was stored.
    pub fn stored(self) -> &'static str {
        match self {
            Self::Inter => "sinterstore",
            Self::Union => "sunionstore",
            Self::Diff => "sdiffstore",
        }
    }

    /// Estimates how many members must be looked at.
    pub fn work(self, sets: &[Option<&Set>]) -> usize {
        let sizes = sets.iter().map(|set| set.map_or(0, Set::len));
        match self {
            Self::Inter => sizes.min().unwrap_or(0),
            Self::Union | Self::Diff => sizes.fold(0, usize::saturating_add),
        }
    }

    /// Carries the operation out for a reply.
    pub fn read<'s>(self, sets: &[Option<&'s Set>]) -> Found<'s> {
        match self {
            Self::Inter => Found::Members(common(sets).collect()),
            Self::Union => Found::Set(union(sets, None)),
            Self::Diff => difference(sets, None),
        }
    }

    /// Carries the operation out for a key: the set has the encoding that Redis would give it.
    pub fn store(self, sets: &[Option<&Set>], limits: &Encodings) -> Set {
        match self {
            Self::Inter => intersection(sets, limits),
            Self::Union => union(sets, Some(limits)),
            Self::Diff => difference(sets, Some(limits)).into_set(limits),
        }
    }
}

/// Iterates over the members that all sets have. O(n · sets), n the size of the smallest.
pub fn common<'s>(sets: &[Option<&'s Set>]) -> impl Iterator<Item = Member<'s>> + use<'s> {
    let mut sets: Vec<&'s Set> = sets.iter().copied().collect::<Option<_>>().unwrap_or_default();
    sets.sort_by_key(|set| set.len());
    let smallest = sets.first().copied();
    sets.retain(|set| smallest.is_some_and(|smallest| !std::ptr::eq(*set, smallest)));
    let everywhere = move |member: &Member<'s>| sets.iter().all(|set| set.contains_member(member));
    smallest.into_iter().flat_map(Set::iter).filter(everywhere)
}

/// What all sets have, in the encoding that Redis would give it: it starts as an intset only when the smallest set is
/// one; otherwise what is found is looked at when it is complete.
fn intersection(sets: &[Option<&Set>], limits: &Encodings) -> Set {
    let members: Vec<Member<'_>> = common(sets).collect();
    let smallest = sets.iter().flatten().min_by_key(|set| set.len());
    let mut set = Set::new();
    if let (Some(first), false) = (members.first(), smallest.is_some_and(|set| set.encoding() == "intset")) {
        set.expect(first, members.len(), limits);
    }
    members.iter().for_each(|member| {
        set.insert(member, limits);
    });
    set
}

/// Adds one member after the other to an empty set.
fn gather<'s>(members: impl Iterator<Item = Member<'s>>, limits: &Encodings) -> Set {
    let mut set = Set::new();
    members.for_each(|member| {
        set.insert(&member, limits);
    });
    set
}

/// A set with the members of `of` to go on with. `Some(limits)`: in the encoding that these members would get if
/// they were added one by one, which they are when `of` has kept a larger one from better days.
fn start(of: &Set, limits: Option<&Encodings>) -> Set {
    match limits {
        Some(limits) if of.len() <= limits.set_max_intset_entries.max(limits.set_max_listpack_entries) => {
            gather(of.iter(), limits)
        }
        _ => of.clone(),
    }
}

fn union(sets: &[Option<&Set>], limits: Option<&Encodings>) -> Set {
    let Some(largest) = sets.iter().flatten().max_by_key(|set| set.len()) else { return Set::new() };
    // In Redis the order decides the encoding of what is small.
    if let Some(limits) = limits
        && largest.len() <= limits.set_max_intset_entries.max(limits.set_max_listpack_entries)
    {
        return gather(sets.iter().copied().flatten().flat_map(Set::iter), limits);
    }
    // The largest is shared, not copied: the others are added to it.
    let mut all = start(largest, limits);
    let limits = limits.copied().unwrap_or_default();
    for set in sets.iter().flatten().filter(|set| !std::ptr::eq(**set, *largest)) {
        set.iter().for_each(|member| {
            all.insert(&member, &limits);
        });
    }
    all
}

/// The first set without the others: by looking each member of it up in them, or by removing theirs from it, whichever
/// is less work by Redis's reckoning.
fn difference<'s>(sets: &[Option<&'s Set>], limits: Option<&Encodings>) -> Found<'s> {
    let Some((Some(first), others)) = sets.split_first() else { return Found::Members(Vec::new()) };
    let mut others: Vec<&Set> = others.iter().copied().flatten().collect();
    if others.iter().any(|set| std::ptr::eq(*set, *first)) {
        return Found::Members(Vec::new());
    }
    let looking_up = first.len().saturating_mul(others.len() + 1) / 2;
    let removing = others.iter().fold(first.len(), |sum, set| sum.saturating_add(set.len()));
    if looking_up <= removing {
        others.sort_by_key(|set| Reverse(set.len()));
        let nowhere = |member: &Member<'_>| !others.iter().any(|set| set.contains_member(member));
        return Found::Members(first.iter().filter(nowhere).collect());
    }
    let mut rest = start(first, limits);
    for member in others.iter().flat_map(|set| set.iter()) {
        if rest.is_empty() {
            break;
        }
        rest.remove(&member);
    }
    Found::Set(rest)
}
