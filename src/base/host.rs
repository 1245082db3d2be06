//! What the host of a call has to do with it while it runs: it is told before its thread sleeps, and may have a script stopped.
//!
//! A host may hold something that others need to come on: the lock of an interpreter. A quick call keeps it, since giving it
//! away costs more than the call does; only when a call finds that others hold its keys, it is given away. Which calls
//! these are nobody knows before: so the place where a thread goes to sleep says so.
use std::cell::Cell;

/// A host's part in the calls of one thread. See [`Attention::during`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Attention {
    /// Called on this thread each time before it sleeps for keys that somebody else holds. Other keys may be locked: it must
    /// neither use the database nor wait for anybody who does.
    pub before_sleep: Option<fn()>,
    /// Asked now and then by a script that runs on this thread: `true` stops it as SCRIPT KILL does, unless it has written. The
    /// rules of `before_sleep` are its rules, too.
    pub stops_script: Option<fn() -> bool>,
}

thread_local! {
    static HERE: Cell<Attention> = const { Cell::new(Attention { before_sleep: None, stops_script: None }) };
}

impl Attention {
    /// Runs `body`, and pays attention to its calls of the database.
    #[inline]
    pub fn during<R>(self, body: impl FnOnce() -> R) -> R {
        struct Back<'c>(&'c Cell<Attention>, Attention);
        impl Drop for Back<'_> {
            #[inline]
            fn drop(&mut self) {
                self.0.set(self.1);
            }
        }
        HERE.with(|here| {
            let _back = Back(here, here.replace(self));
            body()
        })
    }
}

/// Says that this thread is about to sleep until somebody else lets go of something.
#[cold]
pub(crate) fn about_to_sleep() {
    if let Some(before_sleep) = HERE.get().before_sleep {
        before_sleep();
    }
}

/// Tells whether the host wants the script that runs on this thread stopped.
pub(crate) fn stops_script() -> bool {
    HERE.get().stops_script.is_some_and(|stops| stops())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    static SLEPT: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn it_ends_with_the_call_also_with_one_that_panics() {
        let before_sleep = Some((|| _ = SLEPT.fetch_add(1, Relaxed)) as fn());
        let attention = Attention { before_sleep, stops_script: Some(|| true) };
        about_to_sleep();
        attention.during(|| {
            about_to_sleep();
            Attention::default().during(about_to_sleep);
            assert!(stops_script());
        });
        let panicked = std::panic::catch_unwind(|| attention.during(|| panic!("on purpose")));
        about_to_sleep();
        assert!(panicked.is_err() && !stops_script());
        assert_eq!(SLEPT.load(Relaxed), 1);
    }
}
