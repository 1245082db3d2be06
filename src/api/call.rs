//! Commands as lists of words: `db.call(["SET", "key", "value"])`.
use crate::{
    base::{
        atom::atoms,
        error::{Error, Result},
        reply::{Reply, Tree},
    },
    cmd::{Exec, Spec, resolve, session::dispatch, table},
    engine::{Db, peer::Peer, txn::Txn},
};

impl Db {
    /// Runs a command given as its name and arguments, and returns its reply as a tree.
    ///
    /// A call has no connection: what a command would change of one (`SELECT`, `MULTI`) is gone when it returns. Use
    /// [`Db::select`], [`Db::batch`] and [`Db::transaction`] instead.
    ///
    /// # Errors
    /// What the command says, in Redis's words.
    pub fn call<A: AsRef<[u8]>>(&self, argv: impl IntoIterator<Item = A>) -> Result<Reply> {
        let argv: Vec<A> = argv.into_iter().collect();
        let atoms = atoms(&argv);
        if atoms.is_empty() {
            return Err(Error::syntax());
        }
        self.core.own()?;
        let mut call = Peer::of_call(self, None);
        let mut tree = Tree::default();
        dispatch(&mut call, &atoms, &mut tree);
        tree.into_result()
    }
}

impl Txn<'_> {
    /// Runs a command given as its name and arguments inside the transaction, and returns its reply as a tree.
    ///
    /// # Errors
    /// What the command says, in Redis's words; `ERR a transaction takes commands about keys only` for one about the
    /// connection.
    ///
    /// # Examples
    /// ```
    /// let db = tenondb::Db::memory();
    /// db.transaction(|tx| {
    ///     tx.call(["SET", "a", "1"])?;
    ///     assert_eq!(tx.call(["GET", "a"])?.as_bytes(), Some(&b"1"[..]));
    ///     Ok(())
    /// })?;
    /// # Ok::<(), tenondb::Error>(())
    /// ```
    pub fn call<A: AsRef<[u8]>>(&self, argv: impl IntoIterator<Item = A>) -> Result<Reply> {
        let argv: Vec<A> = argv.into_iter().collect();
        let atoms = atoms(&argv);
        let (row, args) = resolve(&atoms)?;
        let Exec::Keys { run, .. } = row.exec else {
            return Err(Error::command("ERR a transaction takes commands about keys only"));
        };
        let mut tree = Tree::default();
        run(self, args, &mut tree)?;
        Ok(tree.finish())
    }
}

/// Returns the facts of every command, subcommands included, in the order of their names.
pub fn commands() -> impl ExactSizeIterator<Item = &'static Spec> {
    table::all().iter().map(|row| row.spec)
}
