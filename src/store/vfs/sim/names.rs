//! The names of a simulated directory: as the process sees them, and as the disk has them.
use crate::base::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// Name → number of the file.
pub type Map = BTreeMap<String, u64>;

/// See the module.
#[derive(Clone, Default)]
pub struct Names {
    pub now: Map,
    pub durable: Map,
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Create(String, u64),
    Rename(String, String),
    Remove(String),
}

impl Change {
    fn apply(&self, map: &mut Map) {
        match self {
            Self::Create(name, id) => {
                map.insert(name.clone(), *id);
            }
            Self::Rename(from, to) => {
                if let Some(id) = map.remove(from) {
                    map.insert(to.clone(), id);
                }
            }
            Self::Remove(name) => {
                map.remove(name);
            }
        }
    }

    fn names(&self) -> [&str; 2] {
        match self {
            Self::Create(name, _) | Self::Remove(name) => [name, name],
            Self::Rename(from, to) => [from, to],
        }
    }
}

impl Names {
    /// On the disk since ever.
    pub fn durable(map: Map) -> Self {
        Self { now: map.clone(), durable: map, pending: Vec::new() }
    }

    pub fn create(&mut self, name: &str, id: u64) {
        self.change(Change::Create(name.into(), id));
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        self.change(Change::Rename(from.into(), to.into()));
    }

    pub fn remove(&mut self, name: &str) {
        self.change(Change::Remove(name.into()));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.pending.push(change);
    }

    /// Whether file `id` has a name, or may have one after a power loss.
    pub fn mentions(&self, id: u64) -> bool {
        let created =
            self.pending.iter().any(|change| matches!(change, Change::Create(_, new) if *new == id));
        created || self.now.values().chain(self.durable.values()).any(|named| *named == id)
    }

    pub fn sync(&mut self) {
        self.durable.clone_from(&self.now);
        self.pending.clear();
    }

    /// The names after a power loss: any of the changes, but each as a whole, and those of one name in their order.
    pub fn after_power_loss(&self, rng: &mut Rng) -> Self {
        let mut map = self.durable.clone();
        let mode = rng.below(4);
        let mut lost = BTreeSet::new();
        for change in &self.pending {
            let unlucky = match mode {
                0 => true,
                1 => false,
                _ => rng.below(2) == 0,
            };
            if unlucky || change.names().iter().any(|name| lost.contains(name)) {
                lost.extend(change.names());
            } else {
                change.apply(&mut map);
            }
        }
        Self::durable(map)
    }
}
