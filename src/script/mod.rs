//! Scripts: Lua 5.1 beside the keys.
//!
//! ```text
//!   EVAL ─▶ Scripts::eval ─▶ cache: text ↔ SHA-1
//!              │
//!              ├─▶ Server::together, all keys locked (or the step that EXEC holds already)
//!              │       └─▶ Machine (from the pool): compiled scripts, globals that cannot be changed
//!              │              └─▶ redis.call ─▶ Run ─▶ the row's `run`, on the gate that is held
//!              │                     ◀─ Inward: the reply as values of Lua
//!              └─▶ outward: the script's result as a reply
//! ```
//!
//! A script is a client of the gate as EXEC is: its commands are found, parsed, run and recorded as everybody's, and all that it
//! writes is one record. Which keys it touches nobody knows before, so it has all of them; scripts that name keys which they have
//! put together themselves are usual.
//!
//! *No lock is waited for while a machine is held*: it is taken from the pool when the keys are locked already, or only to compile,
//! and when there is none a new one is made. So there is no order of locks to keep, inside EXEC or out. What the pool, the cache and the
//! list of running scripts have as locks is held for some instructions.
mod cache;
mod inward;
mod lib;
mod machine;
mod outward;
mod run;
mod running;
mod sandbox;
mod shebang;
#[cfg(test)]
mod tests;

use crate::base::lock::Mutex;
use crate::{
    base::{
        bytes::Bytes,
        emit::Sink,
        error::{Error, Result},
    },
    cmd::session::{Call, ScriptReport, Session, Source, no_script},
};
use cache::{Cache, Keep, Script};
use machine::Pool;
use running::Running;
use std::{sync::Arc, time::Duration};

/// The scripts of a database.
#[derive(Default)]
pub struct Scripts {
    cache: Mutex<Cache>,
    pool: Pool,
    running: Running,
    random: lib::random::Shared,
}

impl Scripts {
    /// Tells whether a script has run for so long that others are not to wait for it.
    #[inline]
    pub fn is_busy(&self) -> bool {
        self.running.is_busy()
    }

    /// Tells whether any runs.
    pub fn is_any(&self) -> bool {
        self.running.is_any()
    }

    /// Tells whether one has run for `threshold_ms` milliseconds; 0: for ever.
    pub fn is_long(&self, threshold_ms: u64) -> bool {
        self.running.is_long(threshold_ms)
    }

    /// Has those that run come to an end because the database closes; `patience`: for those that have written. From now on
    /// none begins. True: none runs.
    pub fn stop_for(&self, patience: Duration) -> bool {
        self.running.stop_for(patience)
    }

    /// Stops those that run, whatever they have done: nothing of it must be kept.
    pub fn cut_off(&self) {
        self.running.cut_off();
    }

    /// Scripts may begin again.
    pub fn go_on(&self) {
        self.running.go_on();
    }

    /// The script of this text, compiled once at least, so that it is known to be one.
    fn known(&self, text: &[u8], keep: Keep) -> Result<Arc<Script>> {
        let sha = cache::digest(text);
        if let Some(script) = self.cache.lock().find(&sha, keep) {
            return Ok(script);
        }
        let script = Arc::new(Script::new(sha, text)?);
        let mut machine = self.pool.take()?;
        let compiled = machine.compiled(&script);
        self.pool.give(machine);
        compiled?;
        self.cache.lock().add(Arc::clone(&script), keep);
        Ok(script)
    }
}

impl crate::cmd::session::Scripts for Scripts {
    fn eval(&self, session: &mut dyn Session, call: &Call<'_>, to: &mut dyn Sink) -> Result<()> {
        let script = match call.source {
            Source::Text(text) => self.known(text, Keep::WhileUsed)?,
            Source::Sha(sha) => {
                let sha = cache::read_sha(sha).ok_or_else(no_script)?;
                self.cache.lock().find(&sha, Keep::WhileUsed).ok_or_else(no_script)?
            }
        };
        if call.is_read_only && script.flags.is_some_and(|flags| !flags.no_writes) {
            return Err(Error::command("ERR Can not execute a script with write flag using *_ro command."));
        }
        run::run(self, session, &script, call, to)
    }

    fn load(&self, text: &[u8]) -> Result<String> {
        self.known(text, Keep::UntilFlushed).map(|script| cache::write_sha(&script.sha))
    }

    fn text(&self, sha: &[u8]) -> Option<Bytes> {
        Some(self.cache.lock().peek(&cache::read_sha(sha)?)?.text.clone())
    }

    fn flush(&self) {
        let forgotten = std::mem::take(&mut *self.cache.lock());
        self.pool.renew();
        drop(forgotten);
    }

    fn kill(&self) -> Result<()> {
        self.running.kill()
    }

    fn report(&self) -> ScriptReport {
        let cache = self.cache.lock();
        ScriptReport {
            cached: cache.len(),
            text_bytes: cache.text_bytes(),
            interpreter_bytes: self.pool.used_bytes(),
            evicted: cache.evicted(),
        }
    }
}
