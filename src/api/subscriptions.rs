//! Subscriptions: messages of channels, read by threads or by futures.
use crate::{
    base::{
        clock::Stopwatch,
        error::{Error, Kind, Result},
    },
    cmd::session::mailbox::{Bound, Letter, Mailbox, Overflow, Topic},
    engine::{Db, home::Home},
};
use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// How a subscription is bounded. A publisher never waits for a subscriber: what has no room is dealt with as `overflow`
/// says.
#[derive(Debug, Clone, Copy)]
pub struct SubscribeOptions {
    /// The most messages that wait to be read; 65,536 by default, 1 at least.
    pub capacity: usize,
    /// The most bytes that wait: bodies, names and 64 for each message; 32 MiB by default. A single message is taken whatever
    /// its size.
    pub bytes_max: usize,
    /// What happens to a message for which there is no room.
    pub overflow: Overflow,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self { capacity: 65_536, bytes_max: 32 << 20, overflow: Overflow::Cut }
    }
}

/// A message, as a subscription got it. Cloning shares it.
#[derive(Clone)]
pub struct Message(Letter);

impl Message {
    /// What was published: the bytes are shared by all who got it.
    pub fn body(&self) -> &[u8] {
        self.0.message().map_or(b"", |message| &message.body)
    }

    /// The channel it was published to.
    pub fn channel(&self) -> &[u8] {
        self.0.message().map_or(b"", |message| &message.channel)
    }

    /// The pattern by which it came, when it came by one.
    pub fn pattern(&self) -> Option<&[u8]> {
        if let Letter::Matched(pattern, _) = &self.0 { Some(pattern) } else { None }
    }

    /// By which kind of subscription it came.
    pub fn topic(&self) -> Topic {
        match self.0 {
            Letter::Matched(..) => Topic::Pattern,
            Letter::Shard(_) => Topic::Shard,
            // Nothing else than messages is ever put into the mailbox of a subscription.
            _ => Topic::Channel,
        }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Message").field(&self.topic()).field(&self.0.message()).finish()
    }
}

/// A subscription to channels, patterns and shard channels, which can be changed while it is read. Dropping it ends it.
///
/// Messages of a channel come in the order in which they were published. They wait in a bounded queue: see
/// [`SubscribeOptions`]. A publisher never waits for it.
///
/// It is an iterator that blocks; threads may share it by reference ([`Subscription::recv`]), each message then goes to one of
/// them. For futures there are [`Subscription::recv_async`] and [`Subscription::poll_next`], which need no executor of a
/// certain kind. `poll_next` is what `futures_core::Stream` asks for; the crate is not named here, so that its version is not
/// part of this interface: `futures::stream::poll_fn(|cx| subscription.poll_next(cx))` makes a stream of it.
///
/// # Examples
/// ```
/// use tenondb::{Channels, Db};
/// let db = Db::memory();
/// let mut news = db.subscribe(["news"]);
/// db.publish("news", "hello")?;
/// let message = news.next().unwrap();
/// assert_eq!((message.channel(), message.body()), (&b"news"[..], &b"hello"[..]));
/// # Ok::<(), tenondb::Error>(())
/// ```
pub struct Subscription {
    core: Home,
    mailbox: Arc<Mailbox>,
}

impl Db {
    /// Subscribes to channels.
    pub fn subscribe<A: AsRef<[u8]>>(&self, channels: impl IntoIterator<Item = A>) -> Subscription {
        self.subscription(SubscribeOptions::default()).to(Topic::Channel, channels)
    }

    /// Subscribes to all channels whose names match one of the patterns, which are those of `KEYS`. A message that several of
    /// them match comes once for each.
    pub fn psubscribe<A: AsRef<[u8]>>(&self, patterns: impl IntoIterator<Item = A>) -> Subscription {
        self.subscription(SubscribeOptions::default()).to(Topic::Pattern, patterns)
    }

    /// Subscribes to shard channels.
    pub fn ssubscribe<A: AsRef<[u8]>>(&self, channels: impl IntoIterator<Item = A>) -> Subscription {
        self.subscription(SubscribeOptions::default()).to(Topic::Shard, channels)
    }

    /// Makes a subscription to nothing yet: [`Subscription::add`] and [`Subscription::to`] say to what.
    ///
    /// # Examples
    /// ```
    /// use tenondb::{Channels, Db, Overflow, SubscribeOptions, Topic};
    /// let db = Db::memory();
    /// let latest = SubscribeOptions { capacity: 2, overflow: Overflow::DropOldest, ..Default::default() };
    /// let prices = db.subscription(latest).to(Topic::Pattern, ["price:*"]);
    /// for price in ["1", "2", "3"] {
    ///     db.publish("price:oil", price)?;
    /// }
    /// assert_eq!(prices.recv()?.body(), b"2");
    /// assert_eq!(prices.dropped(), 1);
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn subscription(&self, options: SubscribeOptions) -> Subscription {
        let SubscribeOptions { capacity, bytes_max, overflow } = options;
        let bound = Bound::Queue { messages: capacity.max(1), bytes: bytes_max, overflow };
        Subscription { core: self.core.clone(), mailbox: Arc::new(Mailbox::of_reader(bound)) }
    }
}

impl Subscription {
    /// Subscribes to some more, and returns itself.
    #[must_use = "dropping a subscription ends it"]
    pub fn to<A: AsRef<[u8]>>(self, topic: Topic, names: impl IntoIterator<Item = A>) -> Self {
        names.into_iter().for_each(|name| {
            self.add(topic, name);
        });
        self
    }

    /// Subscribes to one more. False: it was already.
    pub fn add(&self, topic: Topic, name: impl AsRef<[u8]>) -> bool {
        self.core.own().is_ok() && self.core.pubsub.subscribe(topic, &self.mailbox, name.as_ref())
    }

    /// Unsubscribes from one. Messages that wait already are still read. False: there was no such subscription.
    pub fn remove(&self, topic: Topic, name: impl AsRef<[u8]>) -> bool {
        self.core.own().is_ok() && self.core.pubsub.unsubscribe(topic, &self.mailbox, name.as_ref())
    }

    /// Returns the next message if there is one.
    ///
    /// # Errors
    /// [`Kind::Limit`]: the subscription was cut, and everything that was left was read.
    pub fn try_recv(&self) -> Result<Option<Message>> {
        self.core.own()?;
        match self.mailbox.take_one() {
            Some(letter) => Ok(Some(Message(letter))),
            None if self.mailbox.is_cut() => Err(cut()),
            None => Ok(None),
        }
    }

    /// Returns the next message; waits until there is one.
    ///
    /// # Errors
    /// [`Kind::Limit`]: the subscription was cut, and everything that was left was read.
    pub fn recv(&self) -> Result<Message> {
        self.core.own()?;
        loop {
            if let Some(letter) = self.mailbox.wait(None) {
                return Ok(Message(letter));
            }
            if let Some(message) = self.try_recv()? {
                return Ok(message);
            }
        }
    }

    /// Returns the next message; waits until there is one, for so long at most. `None`: there was none.
    ///
    /// # Errors
    /// [`Kind::Limit`]: the subscription was cut, and everything that was left was read.
    pub fn recv_timeout(&self, patience: Duration) -> Result<Option<Message>> {
        self.core.own()?;
        let watch = Stopwatch::start();
        loop {
            let left = patience.saturating_sub(Duration::from_micros(watch.elapsed_us()));
            if let Some(letter) = self.mailbox.wait(Some(left)) {
                return Ok(Some(Message(letter)));
            }
            let message = self.try_recv()?;
            if message.is_some() || left.is_zero() {
                return Ok(message);
            }
        }
    }

    /// Returns the next message, or has the task woken when there is one. `Ready(None)`: the subscription was cut, and
    /// everything that was left was read; or this is the child of a fork. Only the task that has polled last is woken.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        if self.core.own().is_err() {
            return Poll::Ready(None);
        }
        match self.mailbox.poll(cx.waker()) {
            Some(letter) => Poll::Ready(Some(Message(letter))),
            None if self.mailbox.is_cut() => Poll::Ready(self.mailbox.take_one().map(Message)),
            None => Poll::Pending,
        }
    }

    /// Returns the next message, as a future: nothing is lost when it is dropped before it is done.
    ///
    /// # Errors
    /// [`Kind::Limit`]: the subscription was cut, and everything that was left was read.
    pub async fn recv_async(&mut self) -> Result<Message> {
        self.core.own()?;
        poll_fn(|cx| self.poll_next(cx)).await.ok_or_else(cut)
    }

    /// The number of messages that wait.
    pub fn len(&self) -> usize {
        if self.core.own().is_err() {
            return 0;
        }
        self.mailbox.waiting().0
    }

    /// Tells whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of messages that were dropped because they had no room; the one for which the subscription was cut
    /// included.
    pub fn dropped(&self) -> u64 {
        self.mailbox.dropped()
    }

    /// Tells whether the subscription has ended because there was no room for a message ([`Overflow::Cut`]).
    pub fn is_cut(&self) -> bool {
        self.mailbox.is_cut()
    }
}

#[cold]
fn cut() -> Error {
    Error::new(Kind::Limit, "ERR the subscription was cut: too many messages were left unread")
}

/// Waits for each message; ends when the subscription was cut ([`Subscription::is_cut`]).
impl Iterator for Subscription {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.recv().ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if self.core.own().is_ok() {
            self.core.pubsub.leave(&self.mailbox);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("mailbox", &self.mailbox).finish()
    }
}
