//! The section about snapshots and the log, in Redis's names and order.
//!
//! A snapshot is both of what Redis has two kinds of files for, so the fields of both tell of it. What only a forking server
//! has (`…_cow_size`, `current_fork_perc`) is left out.
use super::sections::Fields;
use crate::cmd::session::Persistence;

fn flag(is: bool) -> String {
    u8::from(is).to_string()
}

fn status(failed: bool) -> String {
    if failed { "err" } else { "ok" }.to_owned()
}

/// Seconds, or -1 for none.
fn seconds(s: Option<u64>) -> String {
    s.map_or("-1".to_owned(), |s| s.to_string())
}

pub fn fields(facts: &Persistence) -> Fields {
    let (running, logs) = (facts.running_s.is_some(), facts.log.is_some());
    let failing = facts.log.as_ref().is_some_and(|log| log.failing);
    let mut fields = vec![("loading", flag(false)), ("async_loading", flag(false))];
    fields.extend(facts.changes.map(|changes| ("rdb_changes_since_last_save", changes.to_string())));
    fields.extend([
        ("rdb_bgsave_in_progress", flag(running)),
        ("rdb_last_save_time", facts.last_save_s.to_string()),
        ("rdb_last_bgsave_status", status(facts.last_failed)),
        ("rdb_last_bgsave_time_sec", seconds(facts.last_took_s)),
        ("rdb_current_bgsave_time_sec", seconds(facts.running_s)),
        ("rdb_saves", facts.count.to_string()),
    ]);
    fields.extend(facts.loaded_keys.map(|keys| ("rdb_last_load_keys_loaded", keys.to_string())));
    fields.extend([
        ("aof_enabled", flag(logs)),
        ("aof_rewrite_in_progress", flag(running && logs)),
        ("aof_rewrite_scheduled", flag(facts.scheduled && logs)),
        ("aof_last_rewrite_time_sec", seconds(facts.last_took_s.filter(|_| logs))),
        ("aof_current_rewrite_time_sec", seconds(facts.running_s.filter(|_| logs))),
        ("aof_last_bgrewrite_status", status(facts.last_failed)),
        ("aof_rewrites", if logs { facts.count } else { 0 }.to_string()),
        ("aof_last_write_status", status(failing)),
    ]);
    if let Some(log) = &facts.log {
        fields.extend([
            ("aof_current_size", (log.base_bytes + log.bytes).to_string()),
            ("aof_base_size", log.base_bytes.to_string()),
            ("aof_pending_rewrite", flag(facts.scheduled)),
            ("aof_buffer_length", log.waiting_bytes.to_string()),
            ("aof_pending_bio_fsync", flag(log.unsynced)),
        ]);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmd::session::LogState;

    /// The fields of Redis 7.0, in its order.
    const REDIS: &[&str] = &[
        "loading",
        "async_loading",
        "rdb_changes_since_last_save",
        "rdb_bgsave_in_progress",
        "rdb_last_save_time",
        "rdb_last_bgsave_status",
        "rdb_last_bgsave_time_sec",
        "rdb_current_bgsave_time_sec",
        "rdb_saves",
        "rdb_last_load_keys_loaded",
        "aof_enabled",
        "aof_rewrite_in_progress",
        "aof_rewrite_scheduled",
        "aof_last_rewrite_time_sec",
        "aof_current_rewrite_time_sec",
        "aof_last_bgrewrite_status",
        "aof_rewrites",
        "aof_last_write_status",
        "aof_current_size",
        "aof_base_size",
        "aof_pending_rewrite",
        "aof_buffer_length",
        "aof_pending_bio_fsync",
    ];

    #[test]
    fn names_and_order_are_redis_s() {
        let log = LogState { bytes: 7, base_bytes: 5, failing: true, ..LogState::default() };
        let facts = Persistence {
            changes: Some(3),
            running_s: Some(2),
            loaded_keys: Some(0),
            log: Some(log),
            ..Persistence::default()
        };
        let all = fields(&facts);
        assert_eq!(all.iter().map(|(name, _)| *name).collect::<Vec<_>>(), REDIS);
        let value = |name: &str| all.iter().find(|field| field.0 == name).unwrap().1.as_str();
        assert_eq!((value("aof_current_size"), value("aof_last_write_status")), ("12", "err"));
        assert_eq!((value("rdb_current_bgsave_time_sec"), value("rdb_last_bgsave_time_sec")), ("2", "-1"));
    }

    #[test]
    fn in_memory_there_is_no_log_to_tell_of() {
        let all = fields(&Persistence::default());
        assert!(all.contains(&("aof_enabled", "0".to_owned())));
        assert!(
            !all.iter().any(|(name, _)| name.ends_with("_size") || *name == "rdb_changes_since_last_save")
        );
    }
}
