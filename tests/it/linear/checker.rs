//! The search for an order that explains a history.
use std::collections::HashSet;

/// Three keys, each absent or a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct State([Option<i64>; 3]);

/// What was called, and what it answered.
#[derive(Debug, Clone)]
pub enum Call {
    Get { key: usize, value: Option<i64> },
    Set { key: usize, value: i64 },
    Incr { key: usize, value: i64 },
    MSet { first: (usize, i64), second: (usize, i64) },
    MGet { first: (usize, Option<i64>), second: (usize, Option<i64>) },
    Del { key: usize, removed: bool },
    Watched { key: usize, seen: Option<i64>, value: i64, done: bool },
    Move { from: usize, to: usize, a: i64, b: i64 },
}

/// A call between two moments.
#[derive(Debug, Clone)]
pub struct Event {
    pub began: u64,
    pub ended: u64,
    pub call: Call,
}

impl State {
    /// Takes a call; `None` when its answer cannot be explained here.
    fn after(&self, call: &Call) -> Option<Self> {
        let mut next = self.clone();
        let possible = match *call {
            Call::Get { key, value } => self.0[key] == value,
            Call::Set { key, value } => {
                next.0[key] = Some(value);
                true
            }
            Call::Incr { key, value } => {
                next.0[key] = Some(self.0[key].unwrap_or(0) + 1);
                next.0[key] == Some(value)
            }
            Call::MSet { first, second } => {
                next.0[first.0] = Some(first.1);
                next.0[second.0] = Some(second.1);
                true
            }
            Call::MGet { first, second } => self.0[first.0] == first.1 && self.0[second.0] == second.1,
            Call::Del { key, removed } => next.0[key].take().is_some() == removed,
            // A watch that was broken changes nothing, and may be broken by a write that left the same value.
            Call::Watched { done: false, .. } => true,
            Call::Watched { key, seen, value, done: true } => {
                next.0[key] = Some(value);
                self.0[key] == seen
            }
            Call::Move { from, to, a, b } => {
                let read = |key: usize| self.0[key].unwrap_or(0);
                next.0[from] = Some(a - 1);
                next.0[to] = Some(b + 1);
                read(from) == a && read(to) == b
            }
        };
        possible.then_some(next)
    }
}

/// Tells whether some order of the calls respects their moments and explains their answers.
pub fn explain(history: &[Event], start: &State) -> bool {
    assert!(history.len() <= 64, "a history's calls are counted in the bits of a word");
    let mut tried = HashSet::new();
    search(history, 0, start, &mut tried)
}

fn search(history: &[Event], taken: u64, state: &State, tried: &mut HashSet<(u64, State)>) -> bool {
    let open = || history.iter().enumerate().filter(|(n, _)| taken >> n & 1 == 0);
    // A call may come next when no open call had ended before it began.
    let Some(first_end) = open().map(|(_, event)| event.ended).min() else { return true };
    if !tried.insert((taken, state.clone())) {
        return false;
    }
    let candidates = open().filter(|(_, event)| event.began < first_end);
    candidates.into_iter().any(|(n, event)| {
        state.after(&event.call).is_some_and(|next| search(history, taken | 1 << n, &next, tried))
    })
}
