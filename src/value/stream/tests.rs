//! Tests of `stream`: it does what a `BTreeMap` of entries and maps of groups do, block limits and clones whatever they are.
use super::{trim::Bound, *};
use crate::base::rng::Rng;
use std::collections::BTreeMap;

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

#[derive(Default, Clone, Debug, PartialEq)]
struct ModelGroup {
    last_id: StreamId,
    consumers: BTreeMap<Vec<u8>, ()>,
    /// Consumer, delivered at, deliveries.
    pending: BTreeMap<StreamId, (Vec<u8>, i64, u64)>,
}

#[derive(Default, Clone, Debug, PartialEq)]
struct Model {
    entries: BTreeMap<StreamId, Fields>,
    last_id: StreamId,
    max_deleted: StreamId,
    added: u64,
    groups: BTreeMap<Vec<u8>, ModelGroup>,
}

fn fields(entry: Entry<'_>) -> Fields {
    entry.fields().map(|(name, value)| (name.to_vec(), value.to_vec())).collect()
}

fn model_of(stream: &Stream) -> Model {
    let group = |group: &Group| {
        let pending = group.pending().iter();
        let pending = pending.map(|p| (p.id, (group.owner(&p).to_vec(), p.delivered_at_ms, p.deliveries)));
        let consumers = group.consumers().map(|(_, consumer)| (consumer.name().to_vec(), ()));
        ModelGroup { last_id: group.last_id, consumers: consumers.collect(), pending: pending.collect() }
    };
    Model {
        entries: stream.iter().map(|entry| (entry.id, fields(entry))).collect(),
        last_id: stream.last_id(),
        max_deleted: stream.max_deleted_id(),
        added: stream.entries_added(),
        groups: stream.groups().map(|g| (g.name().to_vec(), group(g))).collect(),
    }
}

struct Pair {
    stream: Stream,
    model: Model,
    rng: Rng,
    limits: Encodings,
    now_ms: i64,
}

impl Pair {
    fn below(&mut self, bound: u64) -> u64 {
        self.rng.below(bound)
    }

    fn some_id(&mut self) -> StreamId {
        let count = self.model.entries.len() as u64;
        match self.below(5) {
            0 => StreamId::new(self.below(400), self.below(3)),
            _ if count == 0 => StreamId::MIN,
            _ => {
                let at = self.below(count) as usize;
                self.model.entries.keys().nth(at).copied().unwrap()
            }
        }
    }

    fn append(&mut self) {
        let last = self.model.last_id;
        let id = match self.below(3) {
            0 => last.next().unwrap(),
            _ => StreamId::new(last.ms + 1 + self.below(3), self.below(2)),
        };
        let names: [&[u8]; 3] = [b"a", b"b", b"temperature"];
        let count = 1 + self.below(3) as usize;
        let same = self.below(3) > 0;
        let text = |pair: &mut Self| {
            let most = if pair.below(20) == 0 { 300 } else { 18 };
            vec![b'v'; pair.below(most) as usize]
        };
        let fields: Fields =
            (0..if same { 2 } else { count }).map(|n| (names[n].to_vec(), text(self))).collect();
        let lent: Vec<(&[u8], &[u8])> = fields.iter().map(|(n, v)| (&n[..], &v[..])).collect();
        self.stream.append(NewEntry { id, fields: &lent }, &self.limits);
        self.model.entries.insert(id, fields);
        self.model.last_id = id;
        self.model.added += 1;
    }

    fn trim(&mut self) {
        let bound = match self.below(2) {
            0 => Bound::Length(self.below(self.model.entries.len() as u64 + 3)),
            _ => Bound::Id(self.some_id()),
        };
        let references =
            [References::Keep, References::Delete, References::Acknowledged][self.below(3) as usize];
        let about = (self.below(3) == 0).then(|| self.below(30));
        let before = self.model.clone();
        let gone = self.stream.trim(&Trim { bound, about, references }, &self.limits);
        let model = &mut self.model;
        let referenced = |id: &StreamId| {
            before.groups.values().any(|group| group.last_id < *id || group.pending.contains_key(id))
        };
        let free = |id: &&StreamId| references != References::Acknowledged || !referenced(id);
        let exact: Vec<StreamId> = match bound {
            Bound::Length(len) => {
                let over = before.entries.len().saturating_sub(len as usize);
                before.entries.keys().filter(free).take(over).copied().collect()
            }
            Bound::Id(id) => before.entries.range(..id).map(|(id, _)| id).filter(free).copied().collect(),
        };
        // About the bound: some of the first that could go, and no more than that.
        assert!(if about.is_some() { gone <= exact.len() } else { gone == exact.len() }, "{gone}");
        assert!(about.is_none_or(|limit| limit == 0 || gone as u64 <= limit));
        for id in &exact[..gone] {
            model.entries.remove(id);
            if references == References::Delete {
                model.groups.values_mut().for_each(|group| drop(group.pending.remove(id)));
            }
        }
    }

    fn group_step(&mut self) {
        let name = vec![b'g', b'0' + self.below(3) as u8];
        let consumer = vec![b'c', b'0' + self.below(4) as u8];
        let (id, now) = (self.some_id(), self.now_ms);
        let step = self.below(12);
        let Some(model) = self.model.groups.get_mut(&name) else {
            assert!(self.stream.add_group(Group::new(&name, id, None)));
            self.model.groups.insert(name, ModelGroup { last_id: id, ..ModelGroup::default() });
            return;
        };
        match step {
            0 => {
                assert!(self.stream.remove_group(&name) && !self.stream.remove_group(&name));
                self.model.groups.remove(&name);
            }
            1 => {
                let removed =
                    self.stream.edit_group(&name, |group| group.remove_consumer(&consumer)).unwrap();
                assert_eq!(removed.is_some(), model.consumers.remove(&consumer).is_some());
                let before = model.pending.len();
                model.pending.retain(|_, (owner, ..)| *owner != consumer);
                assert_eq!(removed.unwrap_or(0), before - model.pending.len());
            }
            2 => {
                self.stream.edit_group(&name, |group| group.last_id = id);
                model.last_id = id;
            }
            3..=6 => {
                let number = self.stream.edit_group(&name, |g| g.consumer_or_new(&consumer, now).0).unwrap();
                model.consumers.insert(consumer.clone(), ());
                let (count, pending) = (self.rng.below(7), self.rng.below(5) > 0);
                let after = self.model.entries.range(model.last_id..).filter(|(id, _)| **id > model.last_id);
                let most = if count == 0 { usize::MAX } else { count as usize };
                let ids: Vec<StreamId> = after.map(|(id, _)| *id).take(most).collect();
                let ranks = self.stream.deliver(&name, number, count, pending, now);
                assert_eq!(self.stream.range(ranks).map(|e| e.id).collect::<Vec<_>>(), ids);
                model.last_id = ids.last().copied().unwrap_or(model.last_id);
                if pending {
                    ids.into_iter().for_each(|id| drop(model.pending.insert(id, (consumer.clone(), now, 1))));
                }
            }
            7 | 8 if model.consumers.contains_key(&consumer) => {
                let deliveries = self.rng.below(9);
                self.stream.edit_group(&name, |group| {
                    let consumer = group.find_consumer(&consumer).unwrap();
                    group.put(Pending { id, delivered_at_ms: now, deliveries, consumer });
                });
                model.pending.insert(id, (consumer, now, deliveries));
            }
            _ => {
                let id = model.pending.keys().next().copied().unwrap_or(id);
                let gone = self.stream.edit_group(&name, |group| group.acknowledge(id)).unwrap();
                assert_eq!(gone.is_some(), model.pending.remove(&id).is_some());
            }
        }
    }

    fn read(&mut self) {
        let (a, b) = (self.some_id(), self.some_id());
        let ranks = self.stream.ranks(a, b);
        let expected: Vec<_> = match a <= b {
            true => self.model.entries.range(a..=b).map(|(id, f)| (*id, f.clone())).collect(),
            false => Vec::new(),
        };
        let found = self.stream.range(ranks.clone()).map(|e| (e.id, fields(e))).collect::<Vec<_>>();
        assert_eq!(found, expected);
        let mut back: Vec<_> = self.stream.range(ranks).rev().map(|e| (e.id, fields(e))).collect();
        back.reverse();
        assert_eq!(back, expected);
        assert_eq!(self.stream.entry(a).map(fields), self.model.entries.get(&a).cloned());
        assert_eq!(
            self.stream.first_entry_id(),
            self.model.entries.keys().next().copied().unwrap_or_default()
        );
        assert_eq!(
            self.stream.last_entry_id(),
            self.model.entries.keys().last().copied().unwrap_or_default()
        );
    }

    fn step(&mut self) {
        self.now_ms += 1;
        match self.below(20) {
            0..=7 => self.append(),
            8..=9 => {
                let id = self.some_id();
                let was = self.model.entries.remove(&id).is_some();
                assert_eq!(self.stream.delete(id, &self.limits), was);
                if was {
                    self.model.max_deleted = self.model.max_deleted.max(id);
                }
            }
            10 if self.below(3) == 0 => self.trim(),
            10..=11 => self.read(),
            _ => self.group_step(),
        }
        assert_eq!(self.stream.len(), self.model.entries.len());
    }
}

#[test]
fn it_does_what_the_model_does_and_clones_stay_as_they_were() {
    for (bytes, entries, seed) in [(4096, 100, 1), (200, 0, 2), (0, 3, 3), (0, 0, 4), (4096, 1, 5), (1, 7, 6)]
    {
        let limits = Encodings {
            stream_node_max_bytes: bytes,
            stream_node_max_entries: entries,
            ..Encodings::default()
        };
        let mut pair = Pair {
            stream: Stream::new(),
            model: Model::default(),
            rng: Rng::new(seed),
            limits,
            now_ms: 1_000,
        };
        let mut clones: Vec<(Stream, Model)> = Vec::new();
        for n in 0..1_500 {
            pair.step();
            if n % 100 == 0 {
                pair.stream.check();
                assert_eq!(model_of(&pair.stream), pair.model);
                clones.push((pair.stream.clone(), pair.model.clone()));
                if clones.len() > 3 {
                    let (mut clone, model) = clones.remove(0);
                    clone.check();
                    assert_eq!(model_of(&clone), model);
                    while clone.free_step() {}
                }
            }
        }
        pair.stream.check();
        clones.clear();
        while pair.stream.free_step() {}
        assert_eq!(pair.stream.len(), 0);
    }
}

#[test]
fn a_long_stream_is_dense_and_its_blocks_are_bounded() {
    let limits = Encodings::default();
    let mut stream = Stream::new();
    let value = [b'v'; 16];
    const COUNT: u64 = 20_000;
    for n in 0..COUNT {
        let id = StreamId::new(1_700_000_000_000 + n / 1000, n % 1000);
        stream.append(NewEntry { id, fields: &[(b"first", &value), (b"second", &value)] }, &limits);
    }
    let each = stream.mem_bytes() as f64 / COUNT as f64;
    assert!(each <= 44.0, "{each} bytes per entry");
    assert!(stream.block_count() as u64 >= COUNT / 100);
    let before = stream.mem_bytes();
    let clone = stream.clone();
    let trim = Trim { bound: Bound::Length(950), about: Some(0), references: References::Keep };
    let gone = stream.trim(&trim, &limits);
    assert!((18_950..=19_050).contains(&gone), "whole blocks: {gone}");
    assert_eq!(clone.len() as u64, COUNT);
    assert!(stream.mem_bytes() < before / 15);
    stream.check();
}

#[test]
fn the_lag_is_known_where_redis_knows_it() {
    let limits = Encodings::default();
    let mut stream = Stream::new();
    let id = |n| StreamId::new(n, 0);
    assert!(stream.add_group(Group::new(b"g", StreamId::MIN, None)));
    let lag = |stream: &Stream| stream.lag(stream.group(b"g").unwrap());
    assert_eq!(lag(&stream), Some(0), "nothing was ever added");
    (1..=5).for_each(|n| stream.append(NewEntry { id: id(n), fields: &[(b"f", b"v")] }, &limits));
    assert_eq!(lag(&stream), Some(5));
    let number = stream.edit_group(b"g", |group| group.consumer_or_new(b"c", 0).0).unwrap();
    assert_eq!(stream.deliver(b"g", number, 2, true, 0), 0..2);
    assert_eq!((lag(&stream), stream.group(b"g").unwrap().entries_read), (Some(3), Some(2)));
    stream.delete(id(4), &limits);
    assert_eq!(lag(&stream), None, "a gap ahead");
    assert_eq!(stream.deliver(b"g", number, 0, true, 0), 2..4);
    assert_eq!(lag(&stream), Some(0));
    assert_eq!(stream.distance(id(9)), None);
    stream.trim(&Trim { bound: Bound::Id(id(5)), about: None, references: References::Keep }, &limits);
    assert!(stream.add_group(Group::new(b"g2", id(1), None)));
    assert_eq!(stream.lag(stream.group(b"g2").unwrap()), None, "what was deleted is behind it");
    stream.edit_group(b"g2", |group| group.entries_read = Some(1));
    assert_eq!(stream.lag(stream.group(b"g2").unwrap()), None, "and a count does not help");
}
