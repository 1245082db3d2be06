//! Running recorded commands again: recovery, and the tests that prove the log.
use super::{Db, options::Options};
use crate::{
    base::{
        atom::{Args, Record},
        clock::Clock,
        emit::Null,
        error::{Error, Kind, Result},
    },
    cmd::{Exec, table},
};

/// What one locked step recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(hidden)]
pub struct Step {
    /// The step's clock reading, in Unix milliseconds: recovery sees the same keys alive.
    pub now_ms: u64,
    /// Commands as ids and atoms.
    pub encoded: Vec<u8>,
}

#[cold]
fn corrupt(text: &'static str) -> Error {
    Error::new(Kind::Corrupt, text)
}

impl Db {
    /// What was recorded so far; empty unless [`Options`] asked for it.
    #[doc(hidden)]
    pub fn journal(&self) -> Vec<Step> {
        self.core.journal.as_ref().map(|journal| journal.lock().clone()).unwrap_or_default()
    }

    /// Makes a database of what another one recorded. Its clock stands at the last step.
    #[doc(hidden)]
    pub fn replay(steps: &[Step], options: Options) -> Result<Self> {
        let clock = Clock::manual(0);
        let db = Self::with(Options { clock: clock.clone(), ..options });
        for step in steps {
            clock.set_ms(step.now_ms);
            let commands = Record::decode(&step.encoded).ok_or_else(|| corrupt("ERR a record is damaged"))?;
            for (index, id, atoms) in commands {
                let row = table::by_id(id).ok_or_else(|| corrupt("ERR a record names an unknown command"))?;
                let Exec::Keys { run, .. } = row.exec else {
                    return Err(corrupt("ERR a record names a command that is never recorded"));
                };
                run(&db.select(index.into())?, Args::new(&atoms), &mut Null)?;
            }
        }
        Ok(db)
    }
}
