//! Publishing: to whoever has subscribed to a channel.
use crate::{
    base::error::Result,
    cmd::{
        Run,
        pubsub::{publish::Publish, spublish::SPublish},
    },
};

/// Messages. Implemented by everything that commands can be run on: a database, a transaction.
pub trait Channels: Run {
    /// Publishes `message` to `channel`, and returns how many subscriptions get it: a subscriber counts once for the channel,
    /// and once for each of its patterns that match.
    ///
    /// Nothing is waited for, and nothing is kept for those who come later. In a transaction it is delivered when that is
    /// committed, and not at all when it fails.
    ///
    /// # Complexity
    /// O(subscribers of the channel + patterns).
    ///
    /// # Errors
    /// None of its own; inside a transaction those of every command.
    ///
    /// # Examples
    /// ```
    /// use tenondb::{Channels, Db, Strings};
    /// let db = Db::memory();
    /// let orders = db.subscribe(["orders"]);
    /// db.transaction(|tx| {
    ///     tx.set("order:7", "paid")?;
    ///     tx.publish("orders", "7")
    /// })?;
    /// assert_eq!(orders.recv()?.body(), b"7");
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    fn publish(&self, channel: impl AsRef<[u8]>, message: impl AsRef<[u8]>) -> Result<usize> {
        self.run(Publish { channel: channel.as_ref(), message: message.as_ref() })
    }

    /// Publishes `message` to a shard channel, which patterns do not match, and returns how many subscriptions get it. It is
    /// otherwise as [`Channels::publish`].
    ///
    /// # Errors
    /// None of its own; inside a transaction those of every command.
    fn spublish(&self, channel: impl AsRef<[u8]>, message: impl AsRef<[u8]>) -> Result<usize> {
        self.run(SPublish { channel: channel.as_ref(), message: message.as_ref() })
    }
}
impl<R: Run + ?Sized> Channels for R {}
