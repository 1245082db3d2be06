//! What is kept for one environment of Node: classes, and those who wait.
//!
//! Whoever waits – a promise of a blocking command, a reader of a subscription, a connection – has a number. The engine wakes it on
//! any thread; its number is noted and the bell rung. On the thread of the environment [`State::answer`] then looks after all numbers that
//! were noted.
use crate::{
    lock::locked,
    napi::{Env, Fault, Kept, Outcome, Value, function::Bell},
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Wake, Waker},
};

/// Something that waits.
pub trait Waits {
    /// Looks whether it has come to an end; `waker` is woken when it is worth to look again. True: it is over, and has told its
    /// promise.
    fn look(&mut self, env: Env<'_>, waker: &Waker) -> bool;

    /// Ends it, because its database was closed.
    fn close(self: Box<Self>, env: Env<'_>);

    /// Ends it, because its reader wants no more.
    fn cancel(self: Box<Self>, env: Env<'_>, reason: Value<'_>);
}

struct Waiting {
    what: Option<Box<dyn Waits>>,
    /// The number of the open database that it is about.
    about: u64,
    /// It keeps the process alive.
    holds: bool,
}

/// The numbers that were woken.
struct Woken {
    bell: Arc<Bell>,
    numbers: Mutex<Vec<u64>>,
    rung: AtomicBool,
}

impl Woken {
    fn add(&self, number: u64) {
        locked(&self.numbers).push(number);
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.bell.ring();
        }
    }
}

struct Alarm {
    woken: Arc<Woken>,
    number: u64,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.add(self.number);
    }
}

/// What is kept for one environment.
pub struct State {
    error_class: OnceCell<Kept>,
    map_class: OnceCell<Kept>,
    woken: Arc<Woken>,
    waiting: RefCell<HashMap<u64, Waiting>>,
    next: Cell<u64>,
    holders: Cell<usize>,
}

impl State {
    /// For a new environment.
    pub fn new(bell: Arc<Bell>) -> Self {
        let woken = Arc::new(Woken { bell, numbers: Mutex::default(), rung: AtomicBool::new(false) });
        Self {
            error_class: OnceCell::new(),
            map_class: OnceCell::new(),
            woken,
            waiting: RefCell::default(),
            next: Cell::new(1),
            holders: Cell::new(0),
        }
    }

    /// Is told the classes that it makes objects of.
    pub fn learn(&self, error_class: Kept, map_class: Kept) {
        // Who loads the library twice in one environment gives the same kind of class again.
        let _ = self.error_class.set(error_class);
        let _ = self.map_class.set(map_class);
    }

    /// The class `TenonError`.
    pub fn error_class(&self) -> Outcome<&Kept> {
        self.error_class.get().ok_or_else(unprepared)
    }

    /// The class `Map`.
    pub fn map_class(&self) -> Outcome<&Kept> {
        self.map_class.get().ok_or_else(unprepared)
    }

    /// A number that nobody has.
    pub fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    /// Who wakes `number`.
    pub fn waker(&self, number: u64) -> Waker {
        Waker::from(Arc::new(Alarm { woken: Arc::clone(&self.woken), number }))
    }

    /// What, called on any thread, has `number` looked after.
    pub fn caller(&self, number: u64) -> Arc<dyn Fn() + Send + Sync> {
        let woken = Arc::clone(&self.woken);
        Arc::new(move || woken.add(number))
    }

    /// Keeps something that waits, under `number`, and looks whether it does. False: it is over already.
    pub fn wait(&self, env: Env<'_>, number: u64, about: u64, holds: bool, mut what: Box<dyn Waits>) -> bool {
        let waits = !what.look(env, &self.waker(number));
        if waits {
            self.add(env, number, about, holds, what);
        }
        waits
    }

    /// Keeps something that waits, under `number`.
    pub fn add(&self, env: Env<'_>, number: u64, about: u64, holds: bool, what: Box<dyn Waits>) {
        self.waiting.borrow_mut().insert(number, Waiting { what: Some(what), about, holds });
        if holds {
            self.count(env, true);
        }
    }

    /// Takes out what waits under `number`.
    pub fn take(&self, env: Env<'_>, number: u64) -> Option<Box<dyn Waits>> {
        let waiting = self.waiting.borrow_mut().remove(&number)?;
        if waiting.holds {
            self.count(env, false);
        }
        waiting.what
    }

    /// Says whether what waits under `number` keeps the process alive.
    pub fn set_holds(&self, env: Env<'_>, number: u64, holds: bool) {
        let mut all = self.waiting.borrow_mut();
        if let Some(waiting) = all.get_mut(&number).filter(|waiting| waiting.holds != holds) {
            waiting.holds = holds;
            drop(all);
            self.count(env, holds);
        }
    }

    fn count(&self, env: Env<'_>, more: bool) {
        let before = self.holders.get();
        let after = if more { before + 1 } else { before.saturating_sub(1) };
        self.holders.set(after);
        if (before == 0) != (after == 0) {
            self.woken.bell.hold(env, more);
        }
    }

    /// Looks after all that were woken.
    pub fn answer(&self, env: Env<'_>) {
        // Before the numbers are taken: who adds one behind that rings again.
        self.woken.rung.store(false, Ordering::Release);
        let numbers = std::mem::take(&mut *locked(&self.woken.numbers));
        numbers.into_iter().for_each(|number| self.look(env, number));
    }

    /// Looks after all that wait: the clock was set by hand.
    pub fn look_at_all(&self, env: Env<'_>) {
        let numbers: Vec<u64> = self.waiting.borrow().keys().copied().collect();
        numbers.into_iter().for_each(|number| self.look(env, number));
    }

    fn look(&self, env: Env<'_>, number: u64) {
        // Out of its place meanwhile: what looks may call what comes back here.
        let what = self.waiting.borrow_mut().get_mut(&number).and_then(|waiting| waiting.what.take());
        let Some(mut what) = what else { return };
        if what.look(env, &self.waker(number)) {
            self.take(env, number);
        } else if let Some(waiting) = self.waiting.borrow_mut().get_mut(&number) {
            waiting.what = Some(what);
        }
    }

    /// Ends all that wait for one database.
    pub fn close(&self, env: Env<'_>, about: u64) {
        let ended: Vec<u64> = {
            let all = self.waiting.borrow();
            all.iter().filter(|(_, waiting)| waiting.about == about).map(|(number, _)| *number).collect()
        };
        for number in ended {
            if let Some(what) = self.take(env, number) {
                what.close(env);
            }
        }
    }

    /// The environment ends: nobody waits any longer, and what nobody has taken is given back.
    pub fn end(&self) {
        self.woken.bell.take_down();
        let all = std::mem::take(&mut *self.waiting.borrow_mut());
        drop(all);
    }
}

#[cold]
fn unprepared() -> Fault {
    Fault::Type("tenondb's native half was loaded without its other half".into())
}
