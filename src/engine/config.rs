//! The settings of a running database, and the few of them that connections look at with every piece of input.
use crate::base::lock::RwLock;
use crate::base::{
    error::Result,
    events::Classes,
    limits::Encodings,
    settings::{OutputLimit, Settings},
};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Where the limit of subscribers stands among those of unread output.
const PUBSUB: usize = 2;

/// The settings. Their lock is a leaf: whoever holds it waits for nothing.
#[derive(Default)]
pub struct Config {
    settings: RwLock<Settings>,
    version: AtomicU64,
    /// The limit of subscribers: publishers look at it with every message. Hard bytes, soft bytes, seconds.
    pubsub: [AtomicU64; 3],
    /// `tracking-table-max-keys`: looked at whenever a connection that tracks keys has read one.
    tracked_keys: AtomicUsize,
}

/// What a connection keeps of the settings.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    version: u64,
    pub bulk_bytes_max: usize,
    pub query_bytes_max: usize,
    pub output: OutputLimit,
    /// The same for one that has subscribed to something.
    pub pubsub_output: OutputLimit,
    /// No password is wanted.
    pub is_open: bool,
}

impl Bounds {
    /// Those of the settings nobody has changed.
    pub fn usual() -> Self {
        Config::new(Settings::default()).bounds()
    }
}

impl Config {
    /// Starts with `settings`.
    pub fn new(settings: Settings) -> Self {
        let OutputLimit { hard_bytes, soft_bytes, soft_s } = settings.client_output_buffer_limit[PUBSUB];
        let pubsub = [hard_bytes, soft_bytes, soft_s].map(AtomicU64::new);
        let tracked_keys = AtomicUsize::new(settings.tracking_table_max_keys);
        Self { settings: RwLock::new(settings), version: AtomicU64::new(0), pubsub, tracked_keys }
    }

    /// A copy of the settings.
    pub fn get(&self) -> Settings {
        self.settings.read().clone()
    }

    /// Looks at the settings.
    pub fn with<R>(&self, look: impl FnOnce(&Settings) -> R) -> R {
        look(&self.settings.read())
    }

    /// What every stripe keeps a copy of.
    pub fn for_stripes(&self) -> (Encodings, Classes) {
        self.settings.read().for_stripes()
    }

    /// Lets `change` change a copy, and makes that the settings unless it fails.
    pub fn set(&self, change: &mut dyn FnMut(&mut Settings) -> Result<()>) -> Result<()> {
        let mut settings = self.settings.write();
        let mut next = settings.clone();
        change(&mut next)?;
        *settings = next;
        let OutputLimit { hard_bytes, soft_bytes, soft_s } = settings.client_output_buffer_limit[PUBSUB];
        for (kept, value) in self.pubsub.iter().zip([hard_bytes, soft_bytes, soft_s]) {
            kept.store(value, Ordering::Relaxed);
        }
        self.tracked_keys.store(settings.tracking_table_max_keys, Ordering::Relaxed);
        self.version.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// How much may wait for a connection that has subscribed to something.
    #[inline]
    pub fn pubsub_limit(&self) -> OutputLimit {
        let [hard_bytes, soft_bytes, soft_s] = [0, 1, 2].map(|at| self.pubsub[at].load(Ordering::Relaxed));
        OutputLimit { hard_bytes, soft_bytes, soft_s }
    }

    /// The most keys that are remembered as read; 0: any number.
    #[inline]
    pub fn tracked_keys_max(&self) -> usize {
        self.tracked_keys.load(Ordering::Relaxed)
    }

    /// What a connection keeps of the settings.
    pub fn bounds(&self) -> Bounds {
        let version = self.version.load(Ordering::Acquire);
        let settings = self.settings.read();
        Bounds {
            version,
            bulk_bytes_max: settings.proto_max_bulk_len,
            query_bytes_max: settings.client_query_buffer_limit,
            output: settings.client_output_buffer_limit[0],
            pubsub_output: settings.client_output_buffer_limit[PUBSUB],
            is_open: settings.requirepass.is_empty(),
        }
    }

    /// Brings what a connection has kept up to date: one load as long as nothing was changed.
    #[inline]
    pub fn refresh(&self, bounds: &mut Bounds) {
        if bounds.version != self.version.load(Ordering::Acquire) {
            *bounds = self.bounds();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::Error;

    #[test]
    fn a_change_that_fails_leaves_no_trace() {
        let config = Config::default();
        let mut bounds = config.bounds();
        let failed = config.set(&mut |settings| {
            settings.proto_max_bulk_len = 1;
            Err(Error::syntax())
        });
        config.refresh(&mut bounds);
        assert!(failed.is_err() && config.get() == Settings::default() && bounds.bulk_bytes_max > 1);
        let changed = config.set(&mut |settings| {
            settings.proto_max_bulk_len = 7;
            Ok(())
        });
        config.refresh(&mut bounds);
        assert!(changed.is_ok());
        assert_eq!(bounds.bulk_bytes_max, 7);
    }
}
