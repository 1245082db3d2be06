//! Listening: what a subscribed connection hears is shown as it comes, until Ctrl-C.
use signal_hook::{consts::SIGINT, flag};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// How often it is looked whether there was a Ctrl-C: a signal does not wake a thread that sleeps.
const LOOK: Duration = Duration::from_millis(50);

/// Ctrl-C, which ends the program except while somebody listens.
#[derive(Clone)]
pub struct Interrupt {
    was_pressed: Arc<AtomicBool>,
    ends_all: Arc<AtomicBool>,
}

impl Interrupt {
    /// Takes over Ctrl-C.
    ///
    /// # Errors
    /// The system's.
    pub fn take() -> io::Result<Self> {
        let interrupt = Self { was_pressed: Arc::default(), ends_all: Arc::new(AtomicBool::new(true)) };
        flag::register_conditional_default(SIGINT, Arc::clone(&interrupt.ends_all))?;
        flag::register(SIGINT, Arc::clone(&interrupt.was_pressed))?;
        Ok(interrupt)
    }

    /// Calls `hear` whenever this thread is unparked, and now and then, until Ctrl-C or until it says false.
    pub fn until(&self, mut hear: impl FnMut() -> bool) {
        self.was_pressed.store(false, SeqCst);
        self.ends_all.store(false, SeqCst);
        while hear() && !self.was_pressed.load(SeqCst) {
            thread::park_timeout(LOOK);
        }
        self.ends_all.store(true, SeqCst);
    }
}
