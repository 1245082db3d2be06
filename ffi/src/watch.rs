//! Watched prefixes: what a cache inside the program has to forget.
use crate::{
    bell::{self, Bell},
    boundary::{Out, boundary, maybe_replying, telling},
    bytes::tenon_bytes,
    db::{self, tenon_db},
    handle::Table,
    poller::{self, tenon_poller},
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{
    ptr,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};
use tenondb::{Invalidation, PrefixWatch, Reply, WatchOptions};

/// Tells which keys of a prefix have changed since it was made, by whichever way. An invalidation is there before the
/// call that has changed the key returns. `const tenon_watch *` may be used from many threads at the same time; each
/// invalidation goes to one of them.
///
/// Since: 0.1
pub struct tenon_watch {
    _opaque: [u8; 0],
}

struct Watch {
    bell: Arc<Bell>,
    waker: Waker,
    watch: Mutex<PrefixWatch>,
}

static WATCHES: Table<Arc<Watch>> = Table::new(5, 1, "ERR this is no open tenon_watch handle");

/// Watches all keys whose names begin with `prefix`, in all logical databases; the empty one is that of every key.
/// `capacity` is the most invalidations that wait to be read; 0 means 65,536. What has no room is not lost: all that
/// waits becomes one about every key.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_watch_new(
    db: *const tenon_db,
    prefix: tenon_bytes,
    capacity: usize,
    out: *mut *mut tenon_watch,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        let mut options = WatchOptions::default();
        if capacity != 0 {
            options.capacity = capacity;
        }
        let watch = Mutex::new(db::get(db)?.watch_prefix_with(prefix.get()?, options)?);
        let bell = Bell::new(None);
        let waker = bell::waker(&bell);
        out.put(WATCHES.open(Arc::new(Watch { bell, waker, watch }))?);
        Ok(())
    })
}

/// Waits for the next invalidation for `timeout_ms` milliseconds at most: 0 only looks, less than 0 waits for ever.
/// `*key` is NULL and the status TENON_OK when there is none; it is the name of a key, or a TENON_NIL when any key may
/// have changed.
///
/// Errors: TENON_CLOSED: the watch was freed meanwhile.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_watch_next(
    watch: *const tenon_watch,
    timeout_ms: i64,
    key: *mut *mut tenon_reply,
) -> tenon_status {
    maybe_replying(key, || {
        let watch = WATCHES.get(watch)?;
        let stale = watch.bell.wait(timeout_ms, || {
            let mut prefix = bell::lock(&watch.watch, watch.bell.process())?;
            match prefix.poll_next(&mut Context::from_waker(&watch.waker)) {
                Poll::Ready(Some(Invalidation::Key(key))) => Ok(Some(Invalidation::Key(key))),
                Poll::Ready(_) => Ok(Some(Invalidation::All)),
                Poll::Pending => Ok(None),
            }
        })?;
        Ok(stale.map(|stale| match stale {
            Invalidation::Key(key) => Reply::Bytes(key),
            Invalidation::All => Reply::Nil,
        }))
    })
}

/// Has the poller's descriptor tell of invalidations, as tenon_sub_attach does of messages.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_watch_attach(
    watch: *const tenon_watch,
    poller: *const tenon_poller,
    token: u64,
) -> tenon_status {
    boundary(|| WATCHES.get(watch)?.bell.attach(&poller::get(poller)?, token))
}

/// Ends a watch and frees it. Who waits for it gets TENON_CLOSED. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_watch_free(watch: *mut tenon_watch) -> tenon_status {
    if watch.is_null() {
        return TENON_OK;
    }
    boundary(|| {
        if let Some(watch) = WATCHES.free(watch)? {
            watch.bell.close();
        }
        Ok(())
    })
}
