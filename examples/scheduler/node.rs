//! A process of the scheduler: it opens the store, goes on where the one before was killed, and does every part of the work
//! on threads of its own.
use crate::{chance::Chance, history::boot_of};
use std::{
    collections::HashMap,
    path::Path,
    process::exit,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tenondb::{
    Bytes, Clock, Db, Hashes, Keys, Lists, Options, Result, Run, Select, Sets, SortedSets, Strings, op,
};

/// Longer than any pause of a leader: after that another may lead.
pub const LEASE_MS: u64 = 10_000;
const RENEW_MS: u64 = 500;
/// A leader makes room for another after that.
const TERM_MS: u64 = 2_000;
const CANDIDATES: u64 = 2;
const WORKERS: u64 = 4;
const HEARTBEAT_S: i64 = 1;
/// How long a worker waits for a task before it shows again that it lives.
const PATIENCE: Duration = Duration::from_millis(200);
/// How many due tasks move in one step.
const MOVED_MAX: u32 = 50;
/// How far ahead tasks are scheduled.
const DUE_WITHIN_MS: u64 = 300;
/// Of so many runs one ends with a worker that crashes, and one with a worker that hangs.
const MISHAPS: u64 = 150;
/// A process that finishes nothing for so long ends, whatever happens to whoever has started it.
const IDLE_MS_MAX: u64 = 60_000;

/// Where the history of a task is kept.
pub fn history_of(id: impl std::fmt::Display) -> String {
    format!("history:{id}")
}

/// What is kept in a counter.
pub fn number(text: Option<Bytes>) -> u64 {
    text.and_then(|text| text.to_string().parse().ok()).unwrap_or(0)
}

fn processing_of(worker: &str) -> String {
    format!("processing:{worker}")
}

fn heartbeat_of(worker: &str) -> String {
    format!("heartbeat:{worker}")
}

fn payload_of(id: impl std::fmt::Display) -> String {
    format!("a letter to user {id}")
}

/// A fault ends the process at once: whoever has started it sees that it was not killed.
fn must(holds: bool, what: &str) {
    if !holds {
        eprintln!("WRONG: {what}");
        exit(1);
    }
}

fn sleep_ms(ms: u64) {
    thread::sleep(Duration::from_millis(ms));
}

/// One life of the process.
struct Node {
    db: Db,
    /// The number of this life: its workers' names begin with it.
    boot: u64,
    /// How many tasks there shall have been since the first life.
    target: u64,
    /// When each worker has said last that it lives.
    beats: Mutex<HashMap<String, u64>>,
    over: AtomicBool,
}

/// Lives until all tasks are done; with `stays`, until it is killed. Its clock is `ahead_ms` ahead of the system's: so long nobody
/// was there between the lives.
pub fn live(dir: &Path, target: u64, ahead_ms: u64, stays: bool) -> Result<()> {
    let clock = Clock::system();
    clock.advance_ms(ahead_ms);
    let db = Db::open_with(dir, Options { clock, ..Options::default() })?;
    let boot = db.incr("boots")? as u64;
    println!("open");
    let node = &Node { db, boot, target, beats: Mutex::default(), over: AtomicBool::new(false) };
    thread::scope(|scope| {
        scope.spawn(|| node.check(node.schedule()));
        for n in 0..CANDIDATES {
            scope.spawn(move || node.check(node.stand_for_leader(n)));
        }
        for n in 0..WORKERS {
            scope.spawn(move || node.check(node.work(n)));
        }
        node.check(node.supervise(stays));
    });
    node.db.close()
}

impl Node {
    fn check(&self, result: Result<()>) {
        if let Err(error) = result {
            must(false, &format!("a thread has failed: {error}"));
        }
    }

    fn now_ms(&self) -> u64 {
        self.db.clock().now_ms()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn supervise(&self, stays: bool) -> Result<()> {
        let (mut since_ms, mut done) = (self.now_ms(), 0);
        while stays || done < self.target {
            let before = std::mem::replace(&mut done, number(self.db.get("done")?));
            if done > before {
                since_ms = self.now_ms();
            }
            must(self.now_ms().saturating_sub(since_ms) < IDLE_MS_MAX, "nothing is done for too long");
            sleep_ms(10);
        }
        self.over.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Schedules tasks up to the target: its number, what is to be done and when, or nothing of it.
    fn schedule(&self) -> Result<()> {
        let mut chance = Chance::new(self.boot);
        loop {
            let due_ms = self.now_ms() + chance.below(DUE_WITHIN_MS);
            let scheduled = self.db.transaction(|tx| {
                if number(tx.get("tasks")?) >= self.target {
                    return Ok(None);
                }
                let id = tx.incr("tasks")?.to_string();
                tx.hset("payloads", &[(id.clone(), payload_of(&id))])?;
                tx.zadd("due", due_ms as f64, &id)?;
                Ok(Some(id))
            })?;
            let Some(id) = scheduled else { return Ok(()) };
            println!("scheduled {id}");
            sleep_ms(chance.below(3));
        }
    }

    /// Leads whenever nobody else does, and hands over after a while.
    fn stand_for_leader(&self, n: u64) -> Result<()> {
        let mut term = 0;
        while !self.is_over() {
            let token = format!("{}.{n}.{term}", self.boot);
            let take = op::Set::new("leader", &token).only_new().expire_in_ms(LEASE_MS as i64);
            if !self.db.run(take)?.set {
                sleep_ms(20);
                continue;
            }
            term += 1;
            self.db.incr("terms")?;
            self.lead(&token)?;
            // Only what is one's own still: another may lead since.
            self.db.delifeq("leader", &token)?;
            // The others first.
            sleep_ms(50);
        }
        Ok(())
    }

    fn lead(&self, token: &str) -> Result<()> {
        let (since_ms, mut renewed_ms, mut steps) = (self.now_ms(), self.now_ms(), 0_u64);
        while !self.is_over() && self.now_ms().saturating_sub(since_ms) < TERM_MS {
            if self.now_ms().saturating_sub(renewed_ms) > RENEW_MS {
                renewed_ms = self.now_ms();
                let renew = op::Set::new("leader", token).only_if_equal(token);
                if !self.db.run(renew.expire_in_ms(LEASE_MS as i64))?.set {
                    return Ok(());
                }
            }
            if !self.move_due(token)? {
                return Ok(());
            }
            if steps % 20 == 0 {
                self.reclaim(token)?;
            }
            steps += 1;
            sleep_ms(5);
        }
        Ok(())
    }

    /// Moves what is due to where workers wait for it. False: another leads, and nothing has moved. The lock is looked at in the
    /// same step: a leader that was asleep for longer than its lease does no harm.
    fn move_due(&self, token: &str) -> Result<bool> {
        let now_ms = self.now_ms() as f64;
        self.db.transaction(|tx| {
            if tx.get("leader")?.is_none_or(|leader| leader != token) {
                return Ok(false);
            }
            let due = tx.zselect("due", Select::scores(..=now_ms).limit(0, MOVED_MAX))?;
            let due: Vec<Bytes> = due.into_iter().map(|(id, _)| id).collect();
            if !due.is_empty() {
                tx.zrem("due", &due)?;
                tx.lpush("ready", &due)?;
            }
            Ok(true)
        })
    }

    /// Puts back what workers hold whose heartbeat has stopped.
    fn reclaim(&self, token: &str) -> Result<()> {
        for worker in self.db.smembers("workers")? {
            let worker = worker.to_string();
            let (tasks, beat_ms) = self.db.transaction(|tx| {
                // Before the look at the heartbeat: a worker notes the time of one that has been kept.
                let beat_ms = self.beat_of(&worker);
                let is_leader = tx.get("leader")?.is_some_and(|leader| leader == token);
                if !is_leader || tx.exists(&[heartbeat_of(&worker)])? > 0 {
                    return Ok((Vec::new(), beat_ms));
                }
                let tasks = tx.lrange(processing_of(&worker), 0, -1)?;
                for id in &tasks {
                    tx.rpush(history_of(id), &[format!("back {worker} {}", self.boot)])?;
                }
                if !tasks.is_empty() {
                    tx.rpush("ready", &tasks)?;
                    tx.del(&[processing_of(&worker)])?;
                }
                // One of this life may only be slow, and take a task yet: its name is kept.
                if boot_of(&worker) < self.boot {
                    tx.srem("workers", &[&worker])?;
                }
                Ok((tasks, beat_ms))
            })?;
            let silent_ms = self.now_ms().saturating_sub(beat_ms.unwrap_or(0));
            let was_silent = tasks.is_empty() || silent_ms >= HEARTBEAT_S as u64 * 1000;
            must(was_silent, "a task was taken from a worker whose heartbeat was heard");
        }
        Ok(())
    }

    fn beat_of(&self, worker: &str) -> Option<u64> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).get(worker).copied()
    }

    /// Shows that a worker lives, and which name is to be looked after.
    fn beat(&self, worker: &str) -> Result<()> {
        let now_ms = self.now_ms();
        let mut batch = self.db.batch();
        batch.call(["SADD", "workers", worker]);
        batch.call(["SET", &heartbeat_of(worker), "alive", "EX", &HEARTBEAT_S.to_string()]);
        batch.run()?;
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).insert(worker.to_owned(), now_ms);
        Ok(())
    }

    /// Runs tasks. Now and then the worker crashes, which is to say that nothing is heard of its name any more, or hangs for
    /// longer than its heartbeat lasts.
    fn work(&self, n: u64) -> Result<()> {
        let mut chance = Chance::new(self.boot * WORKERS + n);
        let mut incarnation = 0;
        while !self.is_over() {
            let worker = format!("{}.{n}.{incarnation}", self.boot);
            self.beat(&worker)?;
            let processing = processing_of(&worker);
            let taken = self.db.wait(op::BRPopLPush::new("ready", &processing, PATIENCE))?;
            let Some(id) = taken.map(|id| id.to_string()) else { continue };
            if !self.begin(&worker, &id)? {
                continue;
            }
            match chance.below(MISHAPS) {
                0 => incarnation += 1,
                mishap => {
                    let hangs = mishap == 1;
                    sleep_ms(if hangs { HEARTBEAT_S as u64 * 2000 } else { chance.below(4) });
                    self.finish(&worker, &id)?;
                }
            }
        }
        Ok(())
    }

    /// Notes that a run begins. False: the task was taken back meanwhile.
    fn begin(&self, worker: &str, id: &str) -> Result<bool> {
        let payload = self.db.transaction(|tx| {
            if tx.lpos(processing_of(worker), id)?.is_none() {
                return Ok(None);
            }
            tx.rpush(history_of(id), &[format!("run {worker}")])?;
            tx.hget("payloads", id).map(Some)
        })?;
        if let Some(payload) = &payload {
            let is_its_own = payload.as_ref().is_some_and(|payload| *payload == payload_of(id));
            must(is_its_own, "a task without its payload");
        }
        Ok(payload.is_some())
    }

    /// Forgets a task that is done; nothing of it when it was taken back meanwhile: then another runs it.
    fn finish(&self, worker: &str, id: &str) -> Result<()> {
        let was_mine = self.db.transaction(|tx| {
            if tx.lrem(processing_of(worker), 1, id)? == 0 {
                return Ok(false);
            }
            tx.hdel("payloads", &[id])?;
            tx.rpush(history_of(id), &[format!("done {worker}")])?;
            tx.incr("done")?;
            Ok(true)
        })?;
        if was_mine {
            println!("done {id}");
        }
        Ok(())
    }
}
