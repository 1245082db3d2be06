//! Union, intersection and difference of sorted sets, and of sets, whose members count with score 1.
use crate::{
    base::{
        atom::{Args, Record},
        bytes::Bytes,
        error::{Error, Result},
        hash,
        limits::Encodings,
    },
    cmd::args::{
        aggregate::Aggregate,
        numkeys::{self, Refusal},
    },
    keyspace::view::View,
    value::{Set, Value, ZSet},
};
use hashbrown::HashTable;
use std::cmp::Ordering;

use super::{full, members::Pairs};

/// What is done with the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Union,
    Intersection,
    Difference,
}

impl Operation {
    /// The event of a result that was stored.
    pub fn stored(self) -> &'static str {
        match self {
            Self::Union => "zunionstore",
            Self::Intersection => "zinterstore",
            Self::Difference => "zdiffstore",
        }
    }
}

/// `numkeys key [key ...]` and the options behind it.
#[derive(Debug, Clone)]
pub struct Operands<'a> {
    pub keys: Vec<&'a [u8]>,
    /// One for each key; empty: all are 1.
    pub weights: Vec<f64>,
    pub aggregate: Aggregate,
    /// Redis looks at the keys before it reads the options: WRONGTYPE comes before what is wrong with them.
    wrong: Option<Error>,
}

/// An input of the operation.
#[derive(Clone, Copy)]
pub enum Input<'k> {
    Sorted(&'k ZSet),
    Plain(&'k Set),
}

impl<'k> Input<'k> {
    fn of(value: &'k Value) -> Option<Self> {
        match value {
            Value::ZSet(set) => Some(Self::Sorted(set)),
            Value::Set(set) => Some(Self::Plain(set)),
            _ => None,
        }
    }

    /// The number of members.
    pub fn len(self) -> usize {
        match self {
            Self::Sorted(set) => set.len(),
            Self::Plain(set) => set.len(),
        }
    }

    fn score(self, member: &[u8]) -> Option<f64> {
        match self {
            Self::Sorted(set) => set.score(member),
            Self::Plain(set) => set.contains(member).then_some(1.0),
        }
    }

    /// Visits the members until `visit` returns false.
    fn each(self, mut visit: impl FnMut(&[u8], f64) -> bool) {
        match self {
            Self::Sorted(set) => _ = set.iter().all(|(member, score)| visit(member, score)),
            Self::Plain(set) => _ = set.iter().all(|member| visit(&member, 1.0)),
        }
    }

    /// A clone, which shares the blocks of a large one.
    fn to_value(self) -> Value {
        match self {
            Self::Sorted(set) => set.clone().into(),
            Self::Plain(set) => set.clone().into(),
        }
    }
}

impl<'a> Operands<'a> {
    /// The sets at `keys`, with weights of 1, their scores added up.
    ///
    /// # Errors
    /// No key at all.
    pub fn of(keys: &'a [impl AsRef<[u8]>]) -> Result<Self> {
        if keys.is_empty() {
            return Err(Error::command("ERR at least 1 input key is needed"));
        }
        Ok(Self::new(keys.iter().map(AsRef::as_ref).collect()))
    }

    fn new(keys: Vec<&'a [u8]>) -> Self {
        Self { keys, weights: Vec::new(), aggregate: Aggregate::Sum, wrong: None }
    }

    /// Multiplies the scores of each set with a number of its own (`WEIGHTS`); sets without one keep theirs.
    ///
    /// # Errors
    /// A weight that is no number.
    pub fn weights(mut self, weights: &[f64]) -> Result<Self> {
        if weights.iter().any(|weight| weight.is_nan()) {
            return Err(Error::command("ERR weight value is not a float"));
        }
        let all = weights.iter().copied().chain(std::iter::repeat(1.0));
        self.weights = all.take(self.keys.len()).collect();
        Ok(self)
    }

    /// Combines the scores of a member in another way (`AGGREGATE`).
    pub fn aggregate(mut self, aggregate: Aggregate) -> Self {
        self.aggregate = aggregate;
        self
    }

    /// Takes count, keys and options. `name` is the command's; `option` may take further options, and says whether it
    /// did. Only a bad count fails at once: see [`Operands::inputs`].
    pub fn parse(
        args: &mut Args<'a>,
        name: &'static str,
        weighted: bool,
        option: &mut dyn FnMut(&mut Args<'a>) -> Result<bool>,
    ) -> Result<Self> {
        let mut operands = Self::new(numkeys::parse(args, Refusal::Algebra(name))?);
        if let Err(error) = operands.options(args, weighted, option) {
            operands.wrong = Some(error);
            args.take(args.len())?;
        }
        Ok(operands)
    }

    fn options(
        &mut self,
        args: &mut Args<'a>,
        weighted: bool,
        option: &mut dyn FnMut(&mut Args<'a>) -> Result<bool>,
    ) -> Result<()> {
        while !args.is_empty() {
            if weighted && args.len() > self.keys.len() && args.token("WEIGHTS") {
                let bad = || Error::command("ERR weight value is not a float");
                self.weights = self.keys.iter().map(|_| args.float_or(bad)).collect::<Result<_>>()?;
            } else if weighted && let Some(aggregate) = Aggregate::parse(args)? {
                self.aggregate = aggregate;
            } else if !option(args)? {
                return Err(Error::syntax());
            }
        }
        Ok(())
    }

    /// Returns the inputs at the keys; nothing for a key that is not there.
    pub fn inputs<'k>(&self, view: &'k mut View<'_>) -> Result<Vec<Option<Input<'k>>>> {
        let inputs = view.get_each_as(&self.keys, Input::of)?;
        match &self.wrong {
            Some(error) => Err(error.clone()),
            None => Ok(inputs),
        }
    }

    /// Returns the operation, ready to be carried out on `inputs`.
    pub fn plan(&self, operation: Operation) -> Plan {
        Plan { operation, weights: self.weights.clone(), aggregate: self.aggregate }
    }

    /// Writes them into a record.
    pub fn log(&self, rec: &mut Record) {
        numkeys::log(&self.keys, rec);
        if !self.weights.is_empty() {
            rec.bytes(b"WEIGHTS");
            for weight in &self.weights {
                rec.float(*weight);
            }
        }
        self.aggregate.log(rec);
    }
}

/// An operation without its inputs.
#[derive(Debug, Clone)]
pub struct Plan {
    operation: Operation,
    weights: Vec<f64>,
    aggregate: Aggregate,
}

/// An input and what its scores are multiplied with.
#[derive(Clone, Copy)]
struct Term<'k> {
    input: Input<'k>,
    weight: f64,
}

impl Term<'_> {
    fn len(&self) -> usize {
        self.input.len()
    }

    fn weigh(&self, score: f64) -> f64 {
        score * self.weight
    }
}

impl Plan {
    /// Carries the operation out; the result is in the order of a sorted set. O(all members), and for an
    /// intersection O(members of the smallest input × inputs); O(M log M) besides for M results.
    pub fn pairs(&self, inputs: &[Option<Input<'_>>]) -> Pairs {
        let mut pairs = match self.operation {
            Operation::Union => union(&self.terms(inputs), self.aggregate),
            Operation::Intersection => {
                let mut pairs = Vec::new();
                self.intersect(inputs, &mut |member, score| {
                    pairs.push((Bytes::copy(member), score));
                    true
                });
                pairs
            }
            Operation::Difference => difference(inputs),
        };
        pairs.sort_unstable_by(|a, b| {
            a.1.partial_cmp(&b.1).unwrap_or(Ordering::Equal).then_with(|| a.0.cmp(&b.0))
        });
        pairs
    }

    /// Counts the members of the intersection, up to `limit`.
    pub fn count(&self, inputs: &[Option<Input<'_>>], limit: u64) -> u64 {
        let mut count = 0;
        self.intersect(inputs, &mut |_, _| {
            count += 1;
            count < limit
        });
        count
    }

    /// Carries the operation out when the locks have gone, on clones of the inputs.
    pub fn later(self, inputs: &[Option<Input<'_>>]) -> impl FnOnce() -> Pairs + Send + use<> {
        let values: Vec<Option<Value>> = inputs.iter().map(|input| input.map(Input::to_value)).collect();
        move || {
            let inputs: Vec<_> = values.iter().map(|value| value.as_ref().and_then(Input::of)).collect();
            self.pairs(&inputs)
        }
    }

    /// The result as a sorted set.
    pub fn set(&self, inputs: &[Option<Input<'_>>], limits: &Encodings) -> Result<ZSet> {
        let pairs = self.pairs(inputs);
        let longest = pairs.iter().map(|(member, _)| member.len()).max().unwrap_or(0);
        let mut set = ZSet::for_size(pairs.len(), longest, limits);
        for (member, score) in pairs {
            if !set.has_room_for(1, member.len()) {
                return Err(full());
            }
            set.insert(&member, score, limits);
        }
        Ok(set)
    }

    /// The inputs that are there, the smallest first: so Redis adds up scores, which matters to their last digits.
    fn terms<'k>(&self, inputs: &[Option<Input<'k>>]) -> Vec<Term<'k>> {
        let weight = |index: usize| self.weights.get(index).copied().unwrap_or(1.0);
        let terms = inputs.iter().enumerate();
        let terms = terms.filter_map(|(index, input)| Some(Term { input: (*input)?, weight: weight(index) }));
        let mut terms: Vec<_> = terms.collect();
        terms.sort_by_key(Term::len);
        terms
    }

    /// Visits the members that all inputs have, until `visit` returns false.
    fn intersect(&self, inputs: &[Option<Input<'_>>], visit: &mut dyn FnMut(&[u8], f64) -> bool) {
        if inputs.iter().any(Option::is_none) {
            return;
        }
        let terms = self.terms(inputs);
        let Some((first, others)) = terms.split_first() else { return };
        first.input.each(|member, score| {
            let mut result = number(first.weigh(score));
            for other in others {
                let Some(score) = other.input.score(member) else { return true };
                result = self.aggregate.combine(result, other.weigh(score));
            }
            visit(member, result)
        });
    }
}

/// 0 in the place of no number: infinity times 0.
fn number(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

fn union(terms: &[Term<'_>], aggregate: Aggregate) -> Pairs {
    let mut pairs: Pairs = Vec::with_capacity(terms.iter().map(Term::len).max().unwrap_or(0));
    if let [only] = terms {
        only.input.each(|member, score| {
            pairs.push((Bytes::copy(member), number(only.weigh(score))));
            true
        });
        return pairs;
    }
    let mut index: HashTable<usize> = HashTable::with_capacity(pairs.capacity());
    for term in terms {
        term.input.each(|member, score| {
            let (hash, score) = (hash::bytes(member), number(term.weigh(score)));
            match index.find(hash, |at| pairs[*at].0 == member) {
                Some(at) => pairs[*at].1 = aggregate.combine(pairs[*at].1, score),
                None => {
                    index.insert_unique(hash, pairs.len(), |at| hash::bytes(&pairs[*at].0));
                    pairs.push((Bytes::copy(member), score));
                }
            }
            true
        });
    }
    pairs
}

fn difference(inputs: &[Option<Input<'_>>]) -> Pairs {
    let mut pairs = Vec::new();
    let Some((Some(first), others)) = inputs.split_first() else { return pairs };
    first.each(|member, score| {
        if !others.iter().flatten().any(|other| other.score(member).is_some()) {
            pairs.push((Bytes::copy(member), score));
        }
        true
    });
    pairs
}
