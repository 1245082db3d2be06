//! Commands as lists of words: `db.call(["SET", "key", "value"])`.
use crate::{
    base::{
        atom::atoms,
        error::{Error, Result},
        reply::{Reply, Tree},
    },
    cmd::{Exec, Group, Spec, WHOLE, resolve, session::dispatch, table},
    engine::{Db, peer::Peer, txn::Txn},
};

impl Db {
    /// Runs a command given as its name and arguments, and returns its reply as a tree.
    ///
    /// A call has no connection: `SELECT`, `MULTI`, `WATCH` and their kin are refused, since nothing of them would be left for the next call. Use
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
    /// Runs a command given as its name and arguments inside the transaction, and returns its reply as a tree. A script is a
    /// command as others are: it reads what the transaction has written, and what it writes is the transaction's.
    ///
    /// # Errors
    /// What the command says, in Redis's words; `ERR a transaction takes commands about keys only` for one about the
    /// connection or the server.
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
        let mut tree = Tree::default();
        match row.exec {
            Exec::Keys { run, .. } => run(self, args, &mut tree)?,
            Exec::Session(run) if row.spec.group == Group::Scripting && row.spec.has(WHOLE) => {
                run(&mut self.session(), args, &mut tree)?;
            }
            Exec::Session(_) | Exec::Container => {
                return Err(Error::command("ERR a transaction takes commands about keys only"));
            }
        }
        Ok(tree.finish())
    }
}

/// Returns the facts of every command, subcommands included, in the order of their names.
pub fn commands() -> impl ExactSizeIterator<Item = &'static Spec> {
    table::all().iter().map(|row| row.spec)
}
