//! The registry: who gets what, and that nothing is left behind.
use super::*;
use crate::{
    base::clock::Clock,
    cmd::session::mailbox::{Bound, Overflow},
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn reader() -> Arc<Mailbox> {
    let bound = Bound::Queue { messages: 1000, bytes: usize::MAX, overflow: Overflow::Cut };
    Arc::new(Mailbox::of_reader(bound))
}

fn send(registry: &Registry, topic: Topic, channel: &[u8]) -> (usize, usize) {
    let clock = Clock::manual(0);
    let post = Post { limit: Default::default(), clock: &clock };
    let mut rings = Rings::default();
    let (receivers, _) = registry.publish(topic, channel, b"body", post, &mut rings);
    let rung = rings.0.len();
    rings.ring();
    (receivers, rung)
}

#[test]
fn a_message_finds_channel_and_patterns_and_is_shared() {
    let (registry, a, b) = (Registry::default(), reader(), reader());
    assert!(
        registry.subscribe(Topic::Channel, &a, b"news") && !registry.subscribe(Topic::Channel, &a, b"news")
    );
    assert!(registry.subscribe(Topic::Pattern, &a, b"n*") && registry.subscribe(Topic::Pattern, &b, b"*s"));
    assert!(registry.subscribe(Topic::Shard, &b, b"news"));
    assert_eq!(send(&registry, Topic::Channel, b"news"), (3, 2));
    assert_eq!(send(&registry, Topic::Shard, b"news"), (1, 0));
    assert_eq!(send(&registry, Topic::Channel, b"other"), (0, 0));
    let first = [a.take_one(), a.take_one(), b.take_one(), b.take_one()].map(Option::unwrap);
    assert!(matches!(&first[0], Letter::Message(message) if message.channel == *b"news"));
    assert!(matches!(&first[1], Letter::Matched(pattern, _) if **pattern == *b"n*"));
    assert!(matches!(&first[2], Letter::Matched(pattern, _) if **pattern == *b"*s"));
    assert!(matches!(&first[3], Letter::Shard(_)));
    assert!(std::ptr::eq(first[0].message().unwrap(), first[2].message().unwrap()), "one body for all");
    assert_eq!(registry.counts(), [1, 2, 1]);
    registry.leave(&a);
    registry.leave(&b);
    assert_eq!((registry.counts(), send(&registry, Topic::Channel, b"news")), ([0; 3], (0, 0)));
    assert_eq!(Arc::strong_count(&a), 1, "nothing holds a reader that has left");
}

#[test]
fn one_who_was_cut_is_no_receiver() {
    let registry = Registry::default();
    let bound = Bound::Queue { messages: 1, bytes: usize::MAX, overflow: Overflow::Cut };
    let slow = Arc::new(Mailbox::of_reader(bound));
    registry.subscribe(Topic::Channel, &slow, b"c");
    let sent = [0; 3].map(|_: i32| send(&registry, Topic::Channel, b"c"));
    assert_eq!(sent, [(1, 1), (1, 1), (0, 0)]);
}

#[test]
fn names_that_match_are_listed() {
    let (registry, a) = (Registry::default(), reader());
    for name in [&b"news"[..], b"nothing", b""] {
        registry.subscribe(Topic::Channel, &a, name);
    }
    let names = |pattern: Option<&[u8]>| {
        registry.names(Topic::Channel, pattern).iter().map(|name| name.to_vec()).collect::<BTreeSet<_>>()
    };
    assert_eq!(names(None).len(), 3);
    assert_eq!(names(Some(b"ne*")), [b"news".to_vec()].into());
    assert_eq!((registry.readers(Topic::Channel, b""), registry.readers(Topic::Shard, b"")), (1, 0));
}

proptest! {
    /// Whoever subscribes and unsubscribes in whatever order: a message finds those a plain list would find.
    #[test]
    fn the_registry_is_a_list_of_pairs(steps in prop::collection::vec((0..3usize, 0..6usize, 0..3usize, any::<bool>()), 0..80)) {
        const NAMES: [&[u8]; 6] = [b"a", b"b", b"ab", b"a*", b"?", b"*"];
        let (registry, readers) = (Registry::default(), [reader(), reader(), reader()]);
        let mut model: BTreeSet<(usize, usize, usize)> = BTreeSet::new();
        for (who, name, topic, join) in steps {
            let (reader, kind) = (&readers[who], Topic::ALL[topic]);
            let changed = if join {
                registry.subscribe(kind, reader, NAMES[name])
            } else {
                registry.unsubscribe(kind, reader, NAMES[name])
            };
            let expected = if join { model.insert((who, name, topic)) } else { model.remove(&(who, name, topic)) };
            prop_assert_eq!(changed, expected);
        }
        for channel in NAMES {
            let gets = |&&(_, name, topic): &&(usize, usize, usize)| match Topic::ALL[topic] {
                Topic::Channel => NAMES[name] == channel,
                Topic::Pattern => matches(NAMES[name], channel),
                Topic::Shard => false,
            };
            prop_assert_eq!(send(&registry, Topic::Channel, channel).0, model.iter().filter(gets).count());
        }
        for (who, reader) in readers.iter().enumerate() {
            let own = |topic: usize| model.iter().filter(|(w, _, t)| (*w, *t) == (who, topic)).count();
            prop_assert_eq!(reader.subscriptions(), [own(0), own(1), own(2)]);
        }
        let of = |topic: usize| model.iter().filter(|(.., t)| *t == topic).map(|(_, name, _)| *name).collect::<BTreeSet<_>>().len();
        prop_assert_eq!(registry.counts(), [of(0), of(1), of(2)]);
    }
}
