//! The facts of a command, said once. Documentation, completion, `COMMAND`, coverage and stubs are read from them.

/// The facts of a command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Stable for ever: log records carry it. The family in the high byte.
    pub id: u16,
    /// In capitals; a subcommand is `CLIENT|KILL`.
    pub name: &'static str,
    /// The arguments, in the notation of Redis's documentation, without the name.
    pub usage: &'static str,
    /// The number of arguments, the name (and subcommand) included; negative: at least.
    pub arity: i8,
    /// See [`flags`](super::flags).
    pub flags: u32,
    /// Where the keys are: first, last (negative: from the end) and step, as `COMMAND INFO` says; 0 for none.
    pub keys: (i8, i8, i8),
    pub group: Group,
    /// The version of Redis (or Valkey) that brought it.
    pub since: &'static str,
    pub complexity: &'static str,
    /// One sentence.
    pub summary: &'static str,
}

/// The groups of Redis's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    Generic,
    String,
    List,
    Hash,
    Set,
    SortedSet,
    Stream,
    PubSub,
    Connection,
    Transactions,
    Scripting,
    Server,
}

impl Group {
    /// The name `COMMAND DOCS` answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::String => "string",
            Self::List => "list",
            Self::Hash => "hash",
            Self::Set => "set",
            Self::SortedSet => "sorted-set",
            Self::Stream => "stream",
            Self::PubSub => "pubsub",
            Self::Connection => "connection",
            Self::Transactions => "transactions",
            Self::Scripting => "scripting",
            Self::Server => "server",
        }
    }
}

impl Spec {
    /// Tells whether the command may change keys.
    pub const fn is_write(&self) -> bool {
        self.has(super::WRITE)
    }

    /// Tells whether flag `flag` is set.
    pub const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}
