//! Subscriptions: messages of channels.
use crate::{
    bell::{self, Bell},
    boundary::{Out, boundary, maybe_replying, misuse, telling, words},
    bytes::tenon_bytes,
    db::{self, tenon_db},
    handle::Table,
    poller::{self, tenon_poller},
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{
    ptr,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};
use tenondb::{Bytes, Message, Overflow, Reply, Result, SubscribeOptions, Subscription, Topic};

/// A subscription to channels, patterns and shard channels, which can be changed while it is read. Messages wait in a
/// bounded queue; a publisher never waits. `const tenon_sub *` may be used from many threads at the same time; each
/// message goes to one of them.
///
/// Since: 0.1
pub struct tenon_sub {
    _opaque: [u8; 0],
}

/// The subscription ends when there is no room for a message, and its reader finds out.
///
/// Since: 0.1
pub const TENON_OVERFLOW_CUT: u32 = 0;
/// The oldest messages make room.
///
/// Since: 0.1
pub const TENON_OVERFLOW_DROP_OLDEST: u32 = 1;
/// A message for which there is no room is not delivered.
///
/// Since: 0.1
pub const TENON_OVERFLOW_DROP_NEWEST: u32 = 2;

/// A channel.
///
/// Since: 0.1
pub const TENON_TOPIC_CHANNEL: u32 = 0;
/// All channels that match a pattern of the kind that KEYS has.
///
/// Since: 0.1
pub const TENON_TOPIC_PATTERN: u32 = 1;
/// A shard channel, which patterns do not match.
///
/// Since: 0.1
pub const TENON_TOPIC_SHARD: u32 = 2;

struct Sub {
    bell: Arc<Bell>,
    waker: Waker,
    subscription: Mutex<Subscription>,
}

static SUBSCRIPTIONS: Table<Arc<Sub>> = Table::new(4, 1, "ERR this is no open tenon_sub handle");

/// Makes a subscription to nothing yet. `capacity` is the most messages that wait to be read, and `bytes_max` the most
/// bytes; 0 means the defaults, 65,536 and 32 MiB. `overflow` is TENON_OVERFLOW_CUT, _DROP_OLDEST or _DROP_NEWEST.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_new(
    db: *const tenon_db,
    capacity: usize,
    bytes_max: usize,
    overflow: u32,
    out: *mut *mut tenon_sub,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        let mut options = SubscribeOptions::default();
        if capacity != 0 {
            options.capacity = capacity;
        }
        if bytes_max != 0 {
            options.bytes_max = bytes_max;
        }
        options.overflow = match overflow {
            TENON_OVERFLOW_CUT => Overflow::Cut,
            TENON_OVERFLOW_DROP_OLDEST => Overflow::DropOldest,
            TENON_OVERFLOW_DROP_NEWEST => Overflow::DropNewest,
            _ => return Err(misuse("ERR this is no way to deal with messages that have no room")),
        };
        let subscription = Mutex::new(db::get(db)?.subscription(options));
        let bell = Bell::new(None);
        let waker = bell::waker(&bell);
        out.put(SUBSCRIPTIONS.open(Arc::new(Sub { bell, waker, subscription }))?);
        Ok(())
    })
}

fn topic(topic: u32) -> Result<Topic> {
    match topic {
        TENON_TOPIC_CHANNEL => Ok(Topic::Channel),
        TENON_TOPIC_PATTERN => Ok(Topic::Pattern),
        TENON_TOPIC_SHARD => Ok(Topic::Shard),
        _ => Err(misuse("ERR this is no kind of subscription")),
    }
}

/// Subscribes to `count` names more, as `kind` says: TENON_TOPIC_CHANNEL, _PATTERN or _SHARD. Messages that are
/// published when it has returned are had.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_add(
    sub: *const tenon_sub,
    kind: u32,
    count: usize,
    names: *const tenon_bytes,
) -> tenon_status {
    boundary(|| {
        let (sub, kind) = (SUBSCRIPTIONS.get(sub)?, topic(kind)?);
        let subscription = bell::lock(&sub.subscription, sub.bell.process())?;
        for name in words(count, names)? {
            subscription.add(kind, name);
        }
        Ok(())
    })
}

/// Unsubscribes from `count` names. Messages that wait already are still read.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_remove(
    sub: *const tenon_sub,
    kind: u32,
    count: usize,
    names: *const tenon_bytes,
) -> tenon_status {
    boundary(|| {
        let (sub, kind) = (SUBSCRIPTIONS.get(sub)?, topic(kind)?);
        let subscription = bell::lock(&sub.subscription, sub.bell.process())?;
        for name in words(count, names)? {
            subscription.remove(kind, name);
        }
        Ok(())
    })
}

/// Waits for the next message for `timeout_ms` milliseconds at most: 0 only looks, less than 0 waits for ever.
/// `*message` is NULL and the status TENON_OK when there is none. A message is an array as RESP has it: `message`,
/// channel, body; `pmessage`, pattern, channel, body; `smessage`, channel, body.
///
/// Errors: TENON_LIMIT: the subscription was cut, and everything that was left was read. TENON_CLOSED: it was freed
/// meanwhile.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_next(
    sub: *const tenon_sub,
    timeout_ms: i64,
    message: *mut *mut tenon_reply,
) -> tenon_status {
    maybe_replying(message, || {
        let sub = SUBSCRIPTIONS.get(sub)?;
        let message = sub.bell.wait(timeout_ms, || {
            let mut subscription = bell::lock(&sub.subscription, sub.bell.process())?;
            match subscription.poll_next(&mut Context::from_waker(&sub.waker)) {
                Poll::Ready(Some(message)) => Ok(Some(message)),
                // It has ended: why, it says itself.
                Poll::Ready(None) => subscription.try_recv(),
                Poll::Pending => Ok(None),
            }
        })?;
        Ok(message.map(|message| reply_of(&message)))
    })
}

fn reply_of(message: &Message) -> Reply {
    let bytes = |text: &[u8]| Reply::Bytes(Bytes::copy(text));
    let mut parts = Vec::with_capacity(4);
    match message.topic() {
        Topic::Pattern => parts.extend([bytes(b"pmessage"), bytes(message.pattern().unwrap_or_default())]),
        Topic::Shard => parts.push(bytes(b"smessage")),
        Topic::Channel => parts.push(bytes(b"message")),
    }
    parts.extend([bytes(message.channel()), bytes(message.body())]);
    Reply::Array(parts)
}

/// Writes how many messages were dropped because they had no room; the one for which the subscription was cut included.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_dropped(sub: *const tenon_sub, count: *mut u64) -> tenon_status {
    boundary(|| {
        let count = Out::new(count, 0)?;
        let sub = SUBSCRIPTIONS.get(sub)?;
        count.put(bell::lock(&sub.subscription, sub.bell.process())?.dropped());
        Ok(())
    })
}

/// Has the poller's descriptor tell of messages: the `token` is among those to take when tenon_sub_next has found
/// nothing, and would find something now. It is there at once unless such a call has just found nothing: the first look
/// is the program's.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_attach(
    sub: *const tenon_sub,
    poller: *const tenon_poller,
    token: u64,
) -> tenon_status {
    boundary(|| SUBSCRIPTIONS.get(sub)?.bell.attach(&poller::get(poller)?, token))
}

/// Ends a subscription and frees it. Who waits for it gets TENON_CLOSED. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_sub_free(sub: *mut tenon_sub) -> tenon_status {
    if sub.is_null() {
        return TENON_OK;
    }
    boundary(|| {
        if let Some(sub) = SUBSCRIPTIONS.free(sub)? {
            sub.bell.close();
        }
        Ok(())
    })
}
