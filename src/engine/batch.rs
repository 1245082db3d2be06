//! Many commands in one locked step.
use super::{Db, peer::Peer};
use crate::{
    base::{
        atom::Arg,
        emit::Sink,
        error::{Error, Result},
        reply::{Reply, Tree},
    },
    cmd::{
        IMMEDIATE, NO_MULTI, resolve,
        session::not_allowed,
        txn::steps::{self, Replies, Step},
    },
};

/// Commands that run as one step: nobody sees some of them done and others not. As in Redis's MULTI, one that
/// fails does not undo the others; its reply is the error.
#[derive(Debug)]
#[must_use = "a batch does nothing until it is run"]
pub struct Batch<'d> {
    db: &'d Db,
    /// All words of all commands, one behind the other.
    text: Vec<u8>,
    /// Where each word ends.
    words: Vec<usize>,
    /// The number of words up to the end of each command.
    commands: Vec<usize>,
}

impl Db {
    /// Starts a batch.
    pub fn batch(&self) -> Batch<'_> {
        Batch { db: self, text: Vec::new(), words: Vec::new(), commands: Vec::new() }
    }
}

impl Batch<'_> {
    /// Adds a command: its name and arguments.
    pub fn call<A: AsRef<[u8]>>(&mut self, argv: impl IntoIterator<Item = A>) -> &mut Self {
        for word in argv {
            self.text.extend_from_slice(word.as_ref());
            self.words.push(self.text.len());
        }
        self.commands.push(self.words.len());
        self
    }

    /// The number of commands added.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Tells whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Runs the commands and returns a reply for each. What MULTI takes a batch takes: commands about keys, scripts, `SELECT` for
    /// those that follow; one that would wait does not.
    ///
    /// # Errors
    /// A command is unknown, has wrong arguments or is one that MULTI refuses or runs at once: then none is run. The arguments of a
    /// script, and of whatever else is not about keys, are looked at when it is its turn.
    pub fn run(&self) -> Result<Vec<Reply>> {
        let starts = std::iter::once(&0).chain(&self.words);
        let atoms: Vec<Arg<'_>> =
            starts.zip(&self.words).map(|(start, end)| Arg::Bytes(&self.text[*start..*end])).collect();
        let firsts = std::iter::once(&0).chain(&self.commands);
        let argvs = firsts.zip(&self.commands).map(|(first, end)| &atoms[*first..*end]);
        let steps = argvs.map(step).collect::<Result<Vec<_>>>()?;
        let mut session = Peer::of_call(self.db, None);
        let mut trees = Trees(Vec::new());
        steps::run(&mut session, &steps, None, self.db.who, &mut trees)?;
        Ok(trees.0.into_iter().map(Tree::finish).collect())
    }
}

/// A tree for each reply.
struct Trees(Vec<Tree>);

impl Replies for Trees {
    fn begin(&mut self, count: usize) {
        self.0.reserve(count);
    }
    fn next(&mut self) -> &mut dyn Sink {
        self.0.push(Tree::default());
        self.0.last_mut().expect("one was pushed")
    }
    fn fail(&mut self, error: &Error) {
        self.0.pop();
        self.next().error(error);
    }
}

fn step<'a>(argv: &'a [Arg<'a>]) -> Result<Step<'a>> {
    let (row, args) = resolve(argv)?;
    if row.spec.has(NO_MULTI | IMMEDIATE) {
        return Err(not_allowed(row.spec, "a batch"));
    }
    let step = Step::new(row, argv, args);
    match step.fault() {
        Some(error) => Err(error.clone()),
        None => Ok(step),
    }
}
