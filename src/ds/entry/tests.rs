//! Tests of `entry`: by example, against a naive model, and where it may break.
use super::*;
use proptest::{collection::vec, option, prelude::*};
use std::{panic, rc::Rc};

type Obj = Rc<Vec<u8>>;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Int(i64),
    Bytes(Vec<u8>),
    Object(Vec<u8>),
}

#[derive(Clone, Debug)]
struct Model {
    key: Vec<u8>,
    value: Value,
    at: Option<u64>,
    filed: Option<u32>,
    raw: bool,
    clock: u32,
}

impl Model {
    fn check(&self, entry: &Entry<Obj>) {
        assert_eq!(entry.key(), self.key);
        let value = match entry.payload() {
            Payload::Int(v) => Value::Int(v),
            Payload::Bytes(v) => Value::Bytes(v.to_vec()),
            Payload::Object(v) => Value::Object(v.to_vec()),
        };
        assert_eq!(value, self.value);
        assert_eq!((entry.expire_at_ms(), entry.filed()), (self.at, self.filed));
        assert_eq!((entry.raw(), entry.clock()), (self.raw, self.clock));
        let payload = match &self.value {
            Value::Int(_) => 8,
            Value::Bytes(v) => v.len(),
            Value::Object(_) => size_of::<Obj>(),
        };
        let long = if self.key.len() > 16383 { 8 } else { 0 };
        let stamp = if self.at.is_some() { 12 } else { 0 };
        assert_eq!(entry.mem_bytes(), (8 + long + stamp + self.key.len() + payload).next_multiple_of(8));
    }

    fn make(&self) -> Entry<Obj> {
        match &self.value {
            Value::Int(v) => Entry::int(&self.key, *v),
            Value::Bytes(v) => Entry::bytes(&self.key, v),
            Value::Object(v) => Entry::object(&self.key, Rc::new(v.clone())),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Set(Value),
    SetAll(Value, Option<u64>),
    Resize(usize),
    Touch(u8),
    Expire(Option<u64>),
    File(u32),
    Raw(bool),
    Clock(u32),
    Key(Vec<u8>),
    Share,
    Leave,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => vec(any::<u8>(), 0..40),
        1 => prop_oneof![Just(16382usize), Just(16383), Just(16384), Just(100_000)].prop_map(|n| vec![b'k'; n]),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => any::<i64>().prop_map(Value::Int),
        4 => vec(any::<u8>(), 0..50).prop_map(Value::Bytes),
        1 => prop_oneof![Just(16383usize), Just(65535), Just(65536)].prop_map(|n| Value::Bytes(vec![7; n])),
        1 => vec(any::<u8>(), 0..5).prop_map(Value::Object),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => value().prop_map(Step::Set),
        2 => (value(), option::of(any::<u64>())).prop_map(|(v, at)| Step::SetAll(v, at)),
        2 => (0..60usize).prop_map(Step::Resize),
        1 => (0..=Entry::<Obj>::INLINE_MAX).prop_map(Step::Resize),
        2 => any::<u8>().prop_map(Step::Touch),
        3 => option::of(any::<u64>()).prop_map(Step::Expire),
        1 => any::<u32>().prop_map(Step::File),
        1 => any::<bool>().prop_map(Step::Raw),
        1 => any::<u32>().prop_map(Step::Clock),
        1 => key().prop_map(Step::Key),
        2 => Just(Step::Share),
        1 => Just(Step::Leave),
    ]
}

fn set(entry: &mut Entry<Obj>, value: &Value) -> Option<Obj> {
    match value {
        Value::Int(v) => entry.set_int(*v),
        Value::Bytes(v) => entry.set_bytes(v),
        Value::Object(v) => entry.set_object(Rc::new(v.clone())),
    }
}

fn apply(model: &mut Model, entry: &mut Entry<Obj>, step: Step) {
    let shared = entry.is_shared();
    match step {
        Step::Set(value) => {
            let before = set(entry, &value);
            replaced(model, before, value, shared);
        }
        Step::SetAll(value, at) => {
            let before = match &value {
                Value::Int(v) => entry.set(New::Int(*v), at),
                Value::Bytes(v) => entry.set(New::Bytes(v), at),
                Value::Object(v) => entry.set(New::Object(Rc::new(v.clone())), at),
            };
            replaced(model, before, value, shared);
            model.filed = model.filed.filter(|_| at.is_some());
            model.at = at;
        }
        Step::Resize(len) => {
            if let Value::Bytes(v) = &mut model.value {
                v.resize(len, 0);
                entry.resize_bytes(len);
            }
        }
        Step::Touch(byte) => match &mut model.value {
            Value::Bytes(v) => {
                v.iter_mut().for_each(|b| *b ^= byte);
                entry.bytes_mut().unwrap().iter_mut().for_each(|b| *b ^= byte);
                assert!(entry.object_mut().is_none());
            }
            Value::Object(v) => {
                v.push(byte);
                Rc::make_mut(entry.object_mut().unwrap()).push(byte);
                assert!(entry.bytes_mut().is_none());
            }
            Value::Int(_) => assert!(entry.object_mut().is_none() && entry.bytes_mut().is_none()),
        },
        Step::Expire(at) => {
            entry.set_expire_at_ms(at);
            model.filed = model.filed.filter(|_| at.is_some() && model.at.is_some());
            model.at = at;
        }
        Step::File(tick) if model.at.is_some() => {
            entry.set_filed(tick);
            model.filed = Some(tick).filter(|t| *t != 0);
        }
        Step::File(_) => {}
        Step::Raw(raw) => {
            entry.set_raw(raw);
            model.raw = raw;
        }
        Step::Clock(clock) => {
            entry.set_clock(clock);
            model.clock = clock & 0xff_ffff;
        }
        Step::Key(key) => {
            *entry = mem::replace(entry, Entry::int(b"", 0)).with_key(&key);
            model.key = key;
            model.filed = None;
        }
        Step::Share | Step::Leave => unreachable!("dealt with by the caller"),
    }
}

fn replaced(model: &mut Model, before: Option<Obj>, value: Value, shared: bool) {
    let expected = match mem::replace(&mut model.value, value) {
        Value::Object(v) if !shared => Some(v),
        _ => None,
    };
    assert_eq!(before.map(|o| o.to_vec()), expected);
    model.raw = false;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn behaves_as_a_struct_of_its_parts(key in key(), value in value(), steps in vec(step(), 1..40)) {
        let mut model = Model { key, value, at: None, filed: None, raw: false, clock: 0 };
        let mut entry = model.make();
        model.check(&entry);
        // Those who share it, or did: each stays what it was.
        let mut others: Vec<(Model, Entry<Obj>)> = Vec::new();
        for step in steps {
            match step {
                Step::Share => others.push((model.clone(), entry.clone())),
                Step::Leave => {
                    let taken = others.len().checked_sub(1).map(|last| others.swap_remove(last / 2));
                    // The other may go on as the one.
                    if let Some((its, other)) = taken {
                        (model, entry) = (its, other);
                    }
                }
                step => apply(&mut model, &mut entry, step),
            }
            model.check(&entry);
            others.iter().for_each(|(its, other)| its.check(other));
        }
        drop(others);
        let object = match model.value {
            Value::Object(v) => Some(v),
            _ => None,
        };
        prop_assert_eq!(entry.into_object().map(|o| o.to_vec()), object);
    }
}

#[test]
fn keys_of_any_length_keep_their_payload() {
    for len in [0, 1, 7, 8, 16383, 16384, 100_000] {
        let key: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let mut entry = Entry::<Obj>::bytes(&key, b"value");
        assert_eq!((entry.key(), entry.payload()), (&key[..], Payload::Bytes(b"value")));
        entry.set_expire_at_ms(Some(5));
        entry.set_filed(9);
        entry.set_object(Rc::new(vec![1]));
        entry.set_int(-3);
        assert_eq!((entry.key(), entry.payload()), (&key[..], Payload::Int(-3)));
        assert_eq!((entry.expire_at_ms(), entry.filed()), (Some(5), Some(9)));
    }
}

#[test]
fn strings_of_any_length_come_back() {
    let text: Vec<u8> = (0..Entry::<()>::INLINE_MAX).map(|i| (i * 7) as u8).collect();
    let mut entry = Entry::<()>::bytes(b"k", b"");
    for len in (0..300).chain((300..text.len()).step_by(4099)).chain([text.len()]) {
        entry.set_bytes(&text[..len]);
        assert_eq!(entry.payload(), Payload::Bytes(&text[..len]));
        assert_eq!(Entry::<()>::bytes(b"k", &text[..len]).payload(), Payload::Bytes(&text[..len]));
    }
}

#[test]
fn a_string_too_long_is_refused_before_anything_changes() {
    let text = vec![0; Entry::<()>::INLINE_MAX + 1];
    let mut entry = Entry::<()>::int(b"k", 1);
    assert!(panic::catch_unwind(panic::AssertUnwindSafe(|| entry.set_bytes(&text))).is_err());
    assert_eq!(entry.payload(), Payload::Int(1));
}

#[test]
fn what_stays_in_size_stays_in_place() {
    let mut entry = Entry::<Obj>::bytes(b"0123456789abcdef", b"0123456789abcdef");
    assert_eq!(entry.mem_bytes(), 40);
    let block = entry.block;
    entry.set_bytes(b"9 bytes..");
    entry.resize_bytes(16);
    entry.set_clock(7);
    entry.set_raw(true);
    assert_eq!((entry.block, entry.payload()), (block, Payload::Bytes(b"9 bytes..\0\0\0\0\0\0\0")));
    entry.set_int(1);
    let block = entry.block;
    entry.set_int(2);
    assert_eq!((entry.block, entry.payload()), (block, Payload::Int(2)));
    entry.set_object(Rc::new(vec![1]));
    entry.set_expire_at_ms(Some(1));
    let block = entry.block;
    entry.set_expire_at_ms(Some(2));
    assert_eq!(entry.set_object(Rc::new(vec![2])).as_deref(), Some(&vec![1]));
    assert_eq!((entry.block, entry.expire_at_ms()), (block, Some(2)));
}

#[test]
fn objects_are_dropped_exactly_once() {
    let object = Rc::new(vec![1]);
    let count = || Rc::strong_count(&object);
    let mut entry = Entry::object(b"k", Rc::clone(&object));
    entry.set_expire_at_ms(Some(1));
    entry = entry.with_key(b"another");
    assert_eq!(count(), 2);
    let mut copy = entry.clone();
    assert_eq!(count(), 2);
    copy.object_mut();
    assert_eq!(count(), 3);
    drop(copy);
    let copy = entry.clone();
    assert!(copy.into_object().is_none() && count() == 2);
    assert!(entry.set_object(Rc::new(vec![2])).is_some_and(|o| Rc::ptr_eq(&o, &object)));
    assert_eq!(count(), 1);
    entry.set_object(Rc::clone(&object));
    drop(entry.set_bytes(b"text"));
    assert_eq!(count(), 1);
    entry.set_object(Rc::clone(&object));
    drop(entry.into_object());
    drop(Entry::object(b"k", Rc::clone(&object)));
    assert_eq!(count(), 1);
}

#[derive(Debug)]
struct Bomb(Rc<()>);

impl Clone for Bomb {
    fn clone(&self) -> Self {
        panic!("no copies")
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 2 {
            panic!("no farewells")
        }
    }
}

#[test]
fn panics_of_the_object_leave_the_entry_whole() {
    let alive = Rc::new(());
    let third = Rc::clone(&alive);
    let entry = Entry::object(b"k", Bomb(Rc::clone(&alive)));
    let mut copy = entry.clone();
    assert!(panic::catch_unwind(panic::AssertUnwindSafe(|| copy.set_raw(true))).is_err());
    drop(copy);
    assert!(matches!(entry.payload(), Payload::Object(_)));
    assert_eq!(entry.key(), b"k");
    drop(third);
    assert!(panic::catch_unwind(panic::AssertUnwindSafe(|| drop(entry))).is_err());
    assert_eq!(Rc::strong_count(&alive), 1);
}

#[test]
fn an_object_may_be_empty_or_odd() {
    let mut empty = Entry::object(b"key", ());
    assert_eq!((empty.mem_bytes(), empty.payload()), (16, Payload::Object(&())));
    assert_eq!(empty.set_int(4), Some(()));
    let mut odd = Entry::object(b"key", [1u8, 2, 3]);
    odd.set_expire_at_ms(Some(u64::MAX));
    odd.set_filed(u32::MAX);
    assert_eq!((odd.key(), odd.payload()), (&b"key"[..], Payload::Object(&[1, 2, 3])));
    assert_eq!((odd.expire_at_ms(), odd.filed()), (Some(u64::MAX), Some(u32::MAX)));
    assert!(format!("{odd:?}").contains("[1, 2, 3]"));
}

#[test]
fn an_entry_moves_and_is_read_between_threads() {
    fn is_send_and_sync<U: Send + Sync>() {}
    is_send_and_sync::<Entry<Vec<u8>>>();
    let entry = Entry::object(b"k", vec![1u8]);
    std::thread::scope(|s| {
        s.spawn(|| assert_eq!(entry.payload(), Payload::Object(&vec![1])));
        assert_eq!(entry.key(), b"k");
    });
}

#[test]
fn more_clones_than_can_be_counted_are_copies() {
    let entry = Entry::<Obj>::bytes(b"key", b"value");
    let clones: Vec<_> = (0..40).map(|_| entry.clone()).collect();
    assert_eq!(clones.iter().filter(|clone| clone.block == entry.block).count(), 15);
    assert!(clones.iter().all(|clone| clone.payload() == Payload::Bytes(b"value")));
    drop(entry);
    assert!(clones.iter().all(|clone| clone.key() == b"key"));
}

#[test]
fn threads_share_an_entry_and_write_to_their_own() {
    let object = std::sync::Arc::new(());
    for _ in 0..50 {
        let mut entry = Entry::object(b"k", std::sync::Arc::clone(&object));
        std::thread::scope(|scope| {
            for number in 0..4 {
                let mut mine = entry.clone();
                scope.spawn(move || {
                    for _ in 0..20 {
                        let another = mine.clone();
                        assert_eq!(another.key(), b"k");
                        drop(mine);
                        mine = another;
                    }
                    mine.set_clock(number);
                    assert_eq!(mine.clock(), number);
                    mine.set_int(number.into());
                });
            }
            entry.set_clock(7);
            assert_eq!(entry.clock(), 7);
        });
        assert!(entry.into_object().is_some());
        assert_eq!(std::sync::Arc::strong_count(&object), 1);
    }
}
