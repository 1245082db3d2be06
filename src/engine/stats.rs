//! What the database counts beside its keys, and what the system tells about the process: for INFO.
use super::Core;
use crate::{
    base::rng::entropy,
    cmd::session::{Report, ScriptReport},
};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters that no stripe keeps.
pub struct Counters {
    opened_ms: u64,
    run_id: String,
    pub connections_received: AtomicU64,
    pub connections_rejected: AtomicU64,
    pub output_limit_disconnections: AtomicU64,
    pub query_limit_disconnections: AtomicU64,
    /// The most memory that was seen in use.
    peak_bytes: AtomicU64,
    /// What the connections had done when counting was started again.
    commands_before: AtomicU64,
    input_before: AtomicU64,
    output_before: AtomicU64,
}

impl Counters {
    /// Starts counting at `now_ms`.
    pub fn new(now_ms: u64) -> Self {
        let run_id: String = (0..3).map(|_| format!("{:016x}", entropy())).collect();
        Self {
            opened_ms: now_ms,
            run_id: run_id[..40].to_owned(),
            connections_received: AtomicU64::new(0),
            connections_rejected: AtomicU64::new(0),
            output_limit_disconnections: AtomicU64::new(0),
            query_limit_disconnections: AtomicU64::new(0),
            peak_bytes: AtomicU64::new(0),
            commands_before: AtomicU64::new(0),
            input_before: AtomicU64::new(0),
            output_before: AtomicU64::new(0),
        }
    }
}

impl Counters {
    /// When the database was opened, in Unix milliseconds.
    pub fn opened_ms(&self) -> u64 {
        self.opened_ms
    }

    /// Takes note of the bytes in use, and returns the most that were.
    pub fn note_used(&self, bytes: usize) -> u64 {
        let bytes = bytes as u64;
        self.peak_bytes.fetch_max(bytes, Relaxed).max(bytes)
    }
}

impl Core {
    /// See [`crate::cmd::session::Server::report`].
    pub(super) fn make_report(&self, used_bytes: usize) -> Report {
        let (counters, traffic) = (&self.counters, self.clients.traffic());
        Report {
            uptime_s: self.clock.now_ms().saturating_sub(counters.opened_ms) / 1000,
            run_id: counters.run_id.clone(),
            connections_received: counters.connections_received.load(Relaxed),
            connections_rejected: counters.connections_rejected.load(Relaxed),
            session_commands: traffic.commands.saturating_sub(counters.commands_before.load(Relaxed)),
            input_bytes: traffic.input_bytes.saturating_sub(counters.input_before.load(Relaxed)),
            output_bytes: traffic.output_bytes.saturating_sub(counters.output_before.load(Relaxed)),
            output_limit_disconnections: counters.output_limit_disconnections.load(Relaxed),
            query_limit_disconnections: counters.query_limit_disconnections.load(Relaxed),
            pending_frees: self.upkeep.pending(),
            blocked_clients: self.waiting.len(),
            tracking: self.caches.counts(),
            scripts: self.script_report(),
            peak_bytes: counters.note_used(used_bytes),
            resident_bytes: resident_bytes(),
            cpu_s: cpu_s(),
        }
    }

    #[cfg(feature = "lua")]
    fn script_report(&self) -> ScriptReport {
        crate::cmd::session::Scripts::report(&self.scripts)
    }

    #[cfg(not(feature = "lua"))]
    fn script_report(&self) -> ScriptReport {
        ScriptReport::default()
    }

    /// See [`crate::cmd::session::Server::reset_report`].
    pub(super) fn start_counting_again(&self) {
        let (counters, traffic) = (&self.counters, self.clients.traffic());
        counters.connections_received.store(0, Relaxed);
        counters.connections_rejected.store(0, Relaxed);
        counters.output_limit_disconnections.store(0, Relaxed);
        counters.query_limit_disconnections.store(0, Relaxed);
        counters.commands_before.store(traffic.commands, Relaxed);
        counters.input_before.store(traffic.input_bytes, Relaxed);
        counters.output_before.store(traffic.output_bytes, Relaxed);
    }
}

/// The memory of the whole process, as Linux tells it.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Processor time in the kernel and outside, as Linux tells it: in hundredths of a second.
fn cpu_s() -> Option<(f64, f64)> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold spaces; it ends with the last bracket.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    let (user, system) = (ticks()?, ticks()?);
    Some((system / TICKS_PER_SECOND, user / TICKS_PER_SECOND))
}
