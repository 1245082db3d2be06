//! A job scheduler as people build it on Redis, kept in the process that runs the jobs; killed (`kill -9`) and started again.
//!
//! ```text
//! cargo run --release --example scheduler [KILLS]      (5 unless given)
//! ```
//!
//! A task is scheduled for a moment, goes to a queue when it is due, and is run by a worker:
//!
//! ```text
//!   schedule ──▶ due ──mover──▶ ready ──worker W──▶ processing:W ──▶ done
//!            └─▶ payloads         ▲                      │
//!                                 └──────reclaimer───────┘  when the heartbeat of W has stopped
//! ```
//!
//! | part | how |
//! |---|---|
//! | schedule | INCR, HSET of the payload, ZADD of the due time: one transaction |
//! | leader | SET NX PX with a token of one's own, renewed by SET IFEQ PX, given back by DELIFEQ; a lease of 10 s |
//! | mover | the leader: ZRANGE BYSCORE of what is due, ZREM, LPUSH: one transaction, which looks at the lock, too |
//! | workers | BRPOPLPUSH, which blocks, to a list of one's own; LREM and HDEL when done: one transaction |
//! | heartbeat | SET EX of a key of one's own |
//! | reclaimer | the leader: what is in the list of a worker without a heartbeat goes back |
//!
//! The process that does all this on threads of its own is started, killed at any moment, and started again; now and then a worker
//! crashes or hangs by itself. Between two lives the clock goes ahead, as if the machine had been down: by less than the lease
//! or by more.
//!
//! At the end the program reads what happened to each task: each was done once, and run again only after it was taken from a worker
//! that was killed or had lost its heartbeat; nothing that the process had said before it was killed has been forgotten. It
//! fails when something is amiss.
#[path = "kit/chance.rs"]
mod chance;
#[path = "kit/faults.rs"]
mod faults;
#[path = "scheduler/history.rs"]
mod history;
#[path = "scheduler/node.rs"]
mod node;

use chance::Chance;
use faults::Faults;
use history::Tally;
use std::{
    collections::HashSet,
    error::Error,
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};
use tenondb::{Clock, Db, Hashes, Keys, Lists, Options, SortedSets, Strings};

const KILLS: u64 = 5;
/// How many tasks each life adds.
const TASKS_EACH: u64 = 300;
/// A life ends at most so long after it has begun.
const LIFE_MS_MAX: u64 = 1_000;
/// The longest time that the machine is down, a lease and a half.
const DOWN_MS_MAX: u64 = node::LEASE_MS * 3 / 2;
/// How long it may take until a store is open.
const OPENING: Duration = Duration::from_secs(60);

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A process, and what it says line by line: what was in the pipe when it died was said before.
struct Life {
    process: Child,
    says: Receiver<String>,
}

impl Life {
    fn start(dir: &Path, target: u64, ahead_ms: u64, until: &str) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("node").arg(dir).args([&target.to_string(), &ahead_ms.to_string(), until]);
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let (tell, says) = channel();
        if let Some(out) = process.stdout.take() {
            thread::spawn(move || {
                let mut lines = BufReader::new(out).lines().map_while(Result::ok);
                lines.all(|line| tell.send(line).is_ok())
            });
        }
        Ok(Self { process, says })
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // Where it has ended before, nothing happens.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Lives of one store, and what they have said.
struct Trial {
    dir: PathBuf,
    chance: Chance,
    faults: Faults,
    /// How far the clock of the next life is ahead of the system's.
    ahead_ms: u64,
    /// How many lives said that the store was open before they were killed.
    opened: u64,
    scheduled: HashSet<String>,
    done: HashSet<String>,
}

impl Trial {
    /// Hears a line. What was said is so for ever: nobody says it again.
    fn hear(&mut self, line: &str) {
        match line.split_once(' ') {
            Some(("scheduled", id)) => {
                let is_new = self.scheduled.insert(id.to_owned());
                self.faults.must(is_new, &format!("task {id} was scheduled, and forgotten"));
            }
            Some(("done", id)) => {
                let is_new = self.done.insert(id.to_owned());
                self.faults.must(is_new, &format!("task {id} was done, and that was forgotten"));
            }
            _ => self.opened += u64::from(line == "open"),
        }
    }

    /// Starts a process and kills it: one in four at any moment, also while it recovers; the others once the store is open.
    fn kill_one(&mut self, round: u64) -> Outcome<()> {
        self.ahead_ms += self.chance.below(DOWN_MS_MAX);
        let mut life = Life::start(&self.dir, TASKS_EACH * (round + 1), self.ahead_ms, "killed")?;
        if round % 4 == 3 {
            thread::sleep(Duration::from_millis(self.chance.below(50)));
        } else {
            let line = life.says.recv_timeout(OPENING)?;
            self.hear(&line);
            thread::sleep(Duration::from_millis(self.chance.below(LIFE_MS_MAX)));
        }
        life.process.kill()?;
        let status = life.process.wait()?;
        self.faults.must(status.signal() == Some(9), &format!("a life ended by itself: {status}"));
        life.says.iter().for_each(|line| self.hear(&line));
        Ok(())
    }

    /// Starts a process that ends when all is done.
    fn finish(&mut self, target: u64) -> Outcome<()> {
        // All leases of the killed are over by then.
        self.ahead_ms += DOWN_MS_MAX;
        let mut life = Life::start(&self.dir, target, self.ahead_ms, "done")?;
        while let Ok(line) = life.says.recv() {
            self.hear(&line);
        }
        let status = life.process.wait()?;
        self.faults.must(status.success(), &format!("the last life did not finish: {status}"));
        Ok(())
    }

    /// Reads what is left, and what happened to each task. Returns the terms of leaders, too.
    fn check(&self, target: u64) -> Outcome<(Tally, u64)> {
        let clock = Clock::system();
        clock.advance_ms(self.ahead_ms);
        let (db, _) = Db::inspect(&self.dir, Options { clock, ..Options::default() })?;
        let must = |holds: bool, what: &str| self.faults.must(holds, what);
        must(node::number(db.get("tasks")?) == target, "there are not as many tasks as were asked for");
        must(node::number(db.get("done")?) == target, "there are not as many tasks done");
        must(db.zcard("due")? == 0 && db.llen("ready")? == 0, "a task is left over");
        must(db.hlen("payloads")? == 0, "the payload of a task is left over");
        must(db.keys("processing:*")?.is_empty(), "a task is in somebody's hands");
        must(db.get("leader")?.is_none(), "the lock was not given back");
        let mut tally = Tally::default();
        for id in 1..=target {
            match history::read(&db.lrange(node::history_of(id), 0, -1)?) {
                Ok(of_one) => tally += of_one,
                Err(what) => must(false, &format!("task {id}: {what}")),
            }
        }
        Ok((tally, node::number(db.get("terms")?)))
    }
}

fn run(kills: u64) -> Outcome<bool> {
    let mut trial = Trial {
        dir: std::env::temp_dir().join(format!("tenon-scheduler-{}", std::process::id())),
        chance: Chance::new(kills),
        faults: Faults::default(),
        ahead_ms: 0,
        opened: 0,
        scheduled: HashSet::new(),
        done: HashSet::new(),
    };
    for round in 0..kills {
        trial.kill_one(round)?;
    }
    let (opened, done_before, target) = (trial.opened, trial.done.len(), TASKS_EACH * (kills + 1));
    trial.finish(target)?;
    let (tally, terms) = trial.check(target)?;
    println!("{kills} kills, {opened} of them after the store was open; {terms} terms of leaders");
    println!("{target} tasks, {done_before} of them done by those who were killed");
    println!("{:<44} {:>6}", "runs", tally.runs);
    println!("{:<44} {:>6}", "taken back from workers that were killed", tally.back_from_killed);
    println!("{:<44} {:>6}", "taken back from workers without a heartbeat", tally.back_from_silent);
    let is_well = trial.faults.verdict();
    if is_well {
        std::fs::remove_dir_all(&trial.dir)?;
    } else {
        eprintln!("the store is kept: {}", trial.dir.display());
    }
    Ok(is_well)
}

/// What the program was asked for.
fn asked(words: &[String]) -> Option<Outcome<bool>> {
    match words {
        [] => Some(run(KILLS)),
        [kills] => Some(run(kills.parse().ok()?)),
        [node, dir, target, ahead_ms, until] if node == "node" => {
            let (target, ahead_ms) = (target.parse().ok()?, ahead_ms.parse().ok()?);
            let lived = node::live(Path::new(dir), target, ahead_ms, until == "killed");
            Some(lived.map(|()| true).map_err(Into::into))
        }
        _ => None,
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match asked(&words) {
        Some(Ok(true)) => ExitCode::SUCCESS,
        Some(Ok(false)) => ExitCode::FAILURE,
        Some(Err(error)) => {
            eprintln!("scheduler: {error}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("usage: scheduler [KILLS]");
            ExitCode::from(2)
        }
    }
}
