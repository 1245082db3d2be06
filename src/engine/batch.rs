//! Many commands in one locked step.
use super::Db;
use crate::{
    base::{
        atom::Arg,
        error::{Error, Result},
        reply::{Reply, Tree},
    },
    cmd::{
        Exec, Op, Reach, resolve,
        session::{Client, Server, Together, monitor},
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

    /// Runs the commands and returns a reply for each.
    ///
    /// # Errors
    /// A command is unknown, has wrong arguments or is about a connection: then none is run.
    pub fn run(self) -> Result<Vec<Reply>> {
        let starts = std::iter::once(&0).chain(&self.words);
        let atoms: Vec<Arg<'_>> =
            starts.zip(&self.words).map(|(start, end)| Arg::Bytes(&self.text[*start..*end])).collect();
        let firsts = std::iter::once(&0).chain(&self.commands);
        let argvs = firsts.zip(&self.commands).map(|(first, end)| &atoms[*first..*end]);
        let ops = argvs.clone().map(plan).collect::<Result<Vec<_>>>()?;
        let (mut keys, mut reach) = (Vec::new(), Reach::Keys);
        for op in &ops {
            op.keys(&mut |key| keys.push(key));
            if op.reach() != Reach::Keys {
                reach = Reach::All;
            }
        }
        let mut trees: Vec<Tree> = Vec::with_capacity(ops.len());
        let (db, durable) = (self.db.index(), self.db.is_durable());
        let need =
            Together { db, reach, keys: &keys, watching: None, touch: true, durable, who: self.db.who };
        let is_monitored = self.db.core.monitors.is_any();
        self.db.core.together(need, &mut |gate| {
            let client = Client::of_call(db);
            for (op, argv) in ops.iter().zip(argvs.clone()) {
                let mut tree = Tree::default();
                let shown = if is_monitored { resolve(argv).ok() } else { None };
                let shown = shown.filter(|(row, _)| monitor::shows(row.spec));
                let line = shown.map(|(row, _)| monitor::line(&client, row.spec, argv));
                let result = monitor::through(gate, line, |gate| op.exec(gate, &mut tree));
                if let Err(error) = result {
                    tree = Tree::default();
                    crate::base::emit::Sink::error(&mut tree, &error);
                }
                trees.push(tree);
            }
        })?;
        Ok(trees.into_iter().map(Tree::finish).collect())
    }
}

fn plan<'a>(argv: &'a [Arg<'a>]) -> Result<Box<dyn Op<'a> + 'a>> {
    let (row, args) = resolve(argv)?;
    match row.exec {
        Exec::Keys { plan, .. } => plan(args),
        Exec::Session(_) | Exec::Container => {
            Err(Error::command("ERR a batch takes commands about keys only"))
        }
    }
}
