//! The bits of [`Spec::flags`](super::Spec::flags).

/// It may change keys.
pub const WRITE: u32 = 1;
/// It never changes keys.
pub const READ: u32 = 1 << 1;
/// It takes constant or logarithmic time.
pub const FAST: u32 = 1 << 2;
/// It may need more memory: refused first when memory runs out.
pub const DENYOOM: u32 = 1 << 3;
/// It is about the server.
pub const ADMIN: u32 = 1 << 4;
/// A script may not call it.
pub const NOSCRIPT: u32 = 1 << 5;
/// It may wait.
pub const BLOCKING: u32 = 1 << 6;
/// It may be said before AUTH.
pub const NO_AUTH: u32 = 1 << 7;
/// It may be said while a database loads.
pub const LOADING: u32 = 1 << 8;
/// It may be said on a stale replica.
pub const STALE: u32 = 1 << 9;
/// Its keys are found by parsing, not by position.
pub const MOVABLE_KEYS: u32 = 1 << 10;
/// It cannot be queued: it acts at once even inside MULTI.
pub const IMMEDIATE: u32 = 1 << 11;
/// It may not be queued inside MULTI.
pub const NO_MULTI: u32 = 1 << 12;
/// It is about publishing and subscribing.
pub const PUBSUB: u32 = 1 << 13;
/// It runs while a script is busy.
pub const ALLOW_BUSY: u32 = 1 << 14;
/// `MONITOR` does not show it.
pub const SKIP_MONITOR: u32 = 1 << 15;
/// Its first argument names a subcommand, and without one it is a command of its own.
pub const SUBCOMMANDS: u32 = 1 << 16;
/// It may be said by a connection of RESP2 that has subscribed to something.
pub const SUBSCRIBED: u32 = 1 << 17;
/// Between MULTI and EXEC it needs all keys locked, though it names none.
pub const WHOLE: u32 = 1 << 18;
/// It is told a password behind the word AUTH, which nobody is shown.
pub const SECRET: u32 = 1 << 19;

/// It changes what the connection's next commands do to keys, or is about those before: a call without a connection refuses it.
pub const CONNECTION: u32 = 1 << 20;
