//! The sections of INFO. Only what is known is told: a field that would always be made up is left out.
use super::persistence;
use crate::{
    base::settings::Settings,
    cmd::{
        conn::hello::REDIS_VERSION,
        session::{Persistence, Report, card::Card},
    },
    keyspace::totals::Totals,
};
use std::{fmt::Write, sync::Arc};

/// What the sections are written from.
pub struct Facts {
    pub settings: Settings,
    pub report: Report,
    pub persistence: Persistence,
    pub cards: Vec<Arc<Card>>,
    /// Channels, patterns and shard channels that somebody has subscribed to.
    pub topics: [usize; 3],
    pub totals: Totals,
    /// Unix time in microseconds.
    pub now_us: u64,
}

pub type Fields = Vec<(&'static str, String)>;
type Section = (&'static str, fn(&Facts) -> Fields);

const SECTIONS: &[Section] = &[
    ("Server", Facts::server),
    ("Clients", Facts::clients),
    ("Memory", Facts::memory),
    ("Persistence", |facts| persistence::fields(&facts.persistence)),
    ("Stats", Facts::stats),
    ("Replication", Facts::replication),
    ("CPU", Facts::cpu),
    ("Cluster", Facts::cluster),
    ("Keyspace", Facts::keyspace),
];

/// The names of the databases, as the keyspace section writes them.
const DATABASE_NAMES: [&str; crate::base::limits::DATABASES] = [
    "db0", "db1", "db2", "db3", "db4", "db5", "db6", "db7", "db8", "db9", "db10", "db11", "db12", "db13",
    "db14", "db15",
];

/// An amount of memory for people, in Redis's way: `1.22M`.
fn human(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "K", "M", "G", "T"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let unit = (bytes.ilog2() / 10).min(4);
    format!("{:.2}{}", bytes as f64 / (1u64 << (10 * unit)) as f64, UNITS[unit as usize])
}

impl Facts {
    /// Writes the sections that are wanted, by their names.
    pub fn text(&self, wants: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        for (name, fields) in SECTIONS.iter().filter(|(name, _)| wants(name)) {
            let gap = if text.is_empty() { "" } else { "\r\n" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{gap}# {name}\r\n");
            for (field, value) in fields(self) {
                let _ = write!(text, "{field}:{value}\r\n");
            }
        }
        text
    }

    fn server(&self) -> Fields {
        vec![
            ("redis_version", REDIS_VERSION.into()),
            ("server_name", "tenondb".into()),
            ("tenondb_version", env!("CARGO_PKG_VERSION").into()),
            ("redis_mode", "standalone".into()),
            ("os", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
            ("arch_bits", usize::BITS.to_string()),
            ("process_id", std::process::id().to_string()),
            ("run_id", self.report.run_id.clone()),
            ("tcp_port", self.settings.port.to_string()),
            ("server_time_usec", self.now_us.to_string()),
            ("uptime_in_seconds", self.report.uptime_s.to_string()),
            ("uptime_in_days", (self.report.uptime_s / 86_400).to_string()),
            ("config_file", String::new()),
        ]
    }

    fn clients(&self) -> Fields {
        let subscribed = self.cards.iter().filter(|card| card.shown().subscribed).count();
        let tracking = self.cards.iter().filter(|card| card.tracker().is_some()).count();
        let watched: Vec<usize> = self.cards.iter().map(|card| card.shown().watched).collect();
        vec![
            ("connected_clients", self.cards.len().to_string()),
            ("maxclients", self.settings.maxclients.to_string()),
            ("blocked_clients", self.report.blocked_clients.to_string()),
            ("tracking_clients", tracking.to_string()),
            ("pubsub_clients", subscribed.to_string()),
            ("watching_clients", watched.iter().filter(|count| **count > 0).count().to_string()),
            ("total_watched_keys", watched.iter().sum::<usize>().to_string()),
        ]
    }

    fn memory(&self) -> Fields {
        let (used, dataset) =
            (self.totals.bytes as u64, self.totals.databases.iter().map(|db| db.bytes).sum::<usize>());
        let mut fields = vec![("used_memory", used.to_string()), ("used_memory_human", human(used))];
        if let Some(resident) = self.report.resident_bytes {
            // Of the whole process: a database inside a program shares it.
            fields.push(("used_memory_rss", resident.to_string()));
            fields.push(("used_memory_rss_human", human(resident)));
        }
        let peak = self.report.peak_bytes;
        fields.extend([
            ("used_memory_peak", peak.to_string()),
            ("used_memory_peak_human", human(peak)),
            ("used_memory_peak_perc", format!("{:.2}%", used as f64 * 100.0 / peak as f64)),
        ]);
        let scripts = &self.report.scripts;
        let interpreter = scripts.interpreter_bytes.to_string();
        fields.extend([
            ("used_memory_dataset", dataset.to_string()),
            ("used_memory_lua", interpreter.clone()),
            ("used_memory_vm_eval", interpreter),
            ("used_memory_lua_human", human(scripts.interpreter_bytes as u64)),
            ("used_memory_scripts_eval", scripts.text_bytes.to_string()),
            ("number_of_cached_scripts", scripts.cached.to_string()),
            ("maxmemory", "0".into()),
            ("maxmemory_human", "0B".into()),
            ("maxmemory_policy", "noeviction".into()),
            ("lazyfree_pending_objects", self.report.pending_frees.to_string()),
        ]);
        fields
    }

    fn stats(&self) -> Fields {
        let (report, totals) = (&self.report, &self.totals);
        let [channels, patterns, shards] = self.topics;
        let [keys, items, prefixes] = report.tracking;
        vec![
            ("total_connections_received", report.connections_received.to_string()),
            ("total_commands_processed", (totals.commands + report.session_commands).to_string()),
            ("total_net_input_bytes", report.input_bytes.to_string()),
            ("total_net_output_bytes", report.output_bytes.to_string()),
            ("rejected_connections", report.connections_rejected.to_string()),
            ("expired_keys", totals.expired.to_string()),
            ("evicted_keys", "0".into()),
            ("evicted_scripts", self.report.scripts.evicted.to_string()),
            ("keyspace_hits", totals.hits.to_string()),
            ("keyspace_misses", totals.misses.to_string()),
            ("pubsub_channels", channels.to_string()),
            ("pubsub_patterns", patterns.to_string()),
            ("pubsubshard_channels", shards.to_string()),
            ("tracking_total_keys", keys.to_string()),
            ("tracking_total_items", items.to_string()),
            ("tracking_total_prefixes", prefixes.to_string()),
            ("client_query_buffer_limit_disconnections", report.query_limit_disconnections.to_string()),
            ("client_output_buffer_limit_disconnections", report.output_limit_disconnections.to_string()),
        ]
    }

    fn replication(&self) -> Fields {
        vec![("role", "master".into()), ("connected_slaves", "0".into())]
    }

    fn cpu(&self) -> Fields {
        let Some((system, user)) = self.report.cpu_s else { return Vec::new() };
        vec![("used_cpu_sys", format!("{system:.6}")), ("used_cpu_user", format!("{user:.6}"))]
    }

    fn cluster(&self) -> Fields {
        vec![("cluster_enabled", "0".into())]
    }

    fn keyspace(&self) -> Fields {
        let dbs = DATABASE_NAMES.iter().zip(&self.totals.databases).filter(|(_, db)| db.keys > 0);
        dbs.map(|(name, db)| (*name, format!("keys={},expires={},avg_ttl=0", db.keys, db.expires))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn memory_for_people() {
        assert_eq!((human(0), human(1023), human(1024)), ("0B".into(), "1023B".into(), "1.00K".into()));
        assert_eq!((human(1_277_800), human(25_276_502_016)), ("1.22M".into(), "23.54G".into()));
    }
}
