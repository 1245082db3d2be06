//! Many commands in one locked step.
use super::Db;
use crate::{
    base::{
        atom::{Arg, atoms},
        bytes::Bytes,
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
    commands: Vec<Vec<Bytes>>,
}

impl Db {
    /// Starts a batch.
    pub fn batch(&self) -> Batch<'_> {
        Batch { db: self, commands: Vec::new() }
    }
}

impl Batch<'_> {
    /// Adds a command: its name and arguments.
    pub fn call<A: AsRef<[u8]>>(&mut self, argv: impl IntoIterator<Item = A>) -> &mut Self {
        self.commands.push(argv.into_iter().map(|arg| Bytes::copy(arg.as_ref())).collect());
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
        let argvs: Vec<Vec<Arg<'_>>> = self.commands.iter().map(|argv| atoms(argv)).collect();
        let ops = argvs.iter().map(|argv| plan(argv)).collect::<Result<Vec<_>>>()?;
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
            for (op, argv) in ops.iter().zip(&argvs) {
                let mut tree = Tree::default();
                let shown = resolve(argv).ok().filter(|(row, _)| is_monitored && monitor::shows(row.spec));
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
