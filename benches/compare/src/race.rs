//! Races: several contenders for the same job, in turns in one run, reported as times and ratios.
//!
//! ```text
//!   turn 0 (finds out how many calls fill a turn)   1        2              31
//!   A ████ B ████ C ████                            A ██ B ██ C ██   A ██ B ██ C ██  …
//! ```
//!
//! Whatever else the machine does hits all of them alike, and only ever adds to a turn: of each the lower quartile of its
//! turns counts.
#![expect(clippy::disallowed_methods, reason = "a bench measures")]
use std::time::{Duration, Instant};

const TURNS: usize = 31;
/// How long one contender runs before the next one has its turn.
const TURN: Duration = Duration::from_millis(2);

/// One way to do the job: called with a number that grows.
type Body<'c> = Box<dyn FnMut(usize) + 'c>;

struct Contender<'c> {
    name: String,
    /// Operations that a call does.
    per_call: usize,
    body: Body<'c>,
    calls: usize,
    next: usize,
    turns: Vec<f64>,
}

impl Contender<'_> {
    /// Returns nanoseconds per operation.
    fn turn(&mut self, calls: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            (self.body)(self.next);
            self.next += 1;
        }
        start.elapsed().as_nanos() as f64 / (calls * self.per_call) as f64
    }

    fn warm_up(&mut self) {
        self.calls = 1;
        loop {
            let start = Instant::now();
            self.turn(self.calls);
            let taken = start.elapsed();
            if taken >= TURN / 2 || self.calls >= 1 << 20 {
                let scale = TURN.as_secs_f64() / taken.as_secs_f64().max(1e-9);
                self.calls = ((self.calls as f64 * scale) as usize).max(1);
                return;
            }
            self.calls *= 2;
        }
    }
}

/// Contenders for one job.
pub struct Race<'c> {
    title: String,
    contenders: Vec<Contender<'c>>,
}

impl<'c> Race<'c> {
    /// Starts a race. The first contender is what the others are measured by.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), contenders: Vec::new() }
    }

    /// Adds a contender that does one operation a call.
    pub fn with(self, name: &str, body: impl FnMut(usize) + 'c) -> Self {
        self.many(name, 1, body)
    }

    /// Adds a contender that does `per_call` operations a call.
    pub fn many(mut self, name: &str, per_call: usize, body: impl FnMut(usize) + 'c) -> Self {
        let (body, name) = (Box::new(body), name.to_string());
        self.contenders.push(Contender { name, per_call, body, calls: 1, next: 0, turns: Vec::new() });
        self
    }

    /// Runs the contenders in turns and prints nanoseconds per operation and the ratio to the first of them.
    pub fn run(mut self) {
        self.contenders.iter_mut().for_each(Contender::warm_up);
        for _ in 0..TURNS {
            for contender in &mut self.contenders {
                let ns = contender.turn(contender.calls);
                contender.turns.push(ns);
            }
        }
        let rows: Vec<(&str, f64)> =
            self.contenders.iter_mut().map(|c| (&*c.name, quartile(&mut c.turns))).collect();
        print(&self.title, &rows);
    }
}

fn quartile(turns: &mut [f64]) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 4]
}

fn print(title: &str, rows: &[(&str, f64)]) {
    println!("\n{title}");
    for (name, ns) in rows {
        println!("  {name:<44} {ns:>10.1} ns  {:>7.2}", ns / rows[0].1);
    }
}

/// Makes the body that one thread of a contender calls.
pub type Threaded<'c> = (&'c str, Box<dyn Fn(usize) -> Body<'c> + Sync + 'c>);

/// Runs each contender on `threads` threads at once, `calls` calls on each, and prints nanoseconds of wall time per
/// operation of all threads together.
pub fn race_threads(title: &str, threads: usize, calls: usize, contenders: &[Threaded<'_>]) {
    const TURNS: usize = 9;
    let mut turns: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    for turn in 0..=TURNS {
        for ((_, make), turns) in contenders.iter().zip(&mut turns) {
            let barrier = std::sync::Barrier::new(threads + 1);
            let start = std::thread::scope(|scope| {
                for thread in 0..threads {
                    let (barrier, make) = (&barrier, &make);
                    scope.spawn(move || {
                        let mut body = make(thread);
                        barrier.wait();
                        (0..calls).for_each(|n| body(turn * calls + n));
                    });
                }
                barrier.wait();
                Instant::now()
            });
            let ns = start.elapsed().as_nanos() as f64 / (threads * calls) as f64;
            // The first turn warms up.
            if turn > 0 {
                turns.push(ns);
            }
        }
    }
    let rows: Vec<(&str, f64)> =
        contenders.iter().zip(&mut turns).map(|((name, _), turns)| (*name, quartile(turns))).collect();
    print(title, &rows);
}
