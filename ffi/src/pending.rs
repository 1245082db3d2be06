//! Calls that may wait, without a thread that is blocked.
use crate::{
    bell::{self, Bell},
    boundary::{Out, boundary, maybe_replying, telling, words},
    bytes::tenon_bytes,
    db::{self, tenon_db},
    handle::Table,
    packed::command,
    poller::{self, tenon_poller},
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{
    ptr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tenondb::{Error, Kind, PendingCall, Result};

/// A call that was begun and may have to wait (BLPOP …). `const tenon_pending *` may be used from many threads at the
/// same time; one of them gets the reply.
///
/// Since: 0.1
pub struct tenon_pending {
    _opaque: [u8; 0],
}

struct Call {
    bell: Arc<Bell>,
    /// `None`: its reply was taken.
    call: Mutex<Option<PendingCall>>,
}

static CALLS: Table<Arc<Call>> = Table::new(3, 1, "ERR this is no open tenon_pending handle");

/// The ends of waits are found by looking in a database without a background thread.
const NAP: Duration = Duration::from_millis(50);

impl Call {
    fn begin(call: PendingCall) -> Result<*mut tenon_pending> {
        let bell = Bell::new(Some(NAP));
        let rings = Arc::clone(&bell);
        call.notify(Some(Arc::new(move || rings.ring())));
        let shared = Arc::new(Self { bell, call: Mutex::new(Some(call)) });
        CALLS.open(shared)
    }

    /// The reply, if the call is done.
    fn look(&self) -> Result<Option<Result<tenondb::Reply>>> {
        let mut place = bell::lock(&self.call, self.bell.process())?;
        let call = place.as_mut().ok_or_else(taken)?;
        let done = call.poll_once();
        if done.is_some() {
            *place = None;
        }
        Ok(done)
    }
}

#[cold]
fn taken() -> Error {
    Error::new(Kind::Misuse, "ERR the reply was taken before")
}

/// Begins a command: `argc` words, its name first. It runs when it is looked at first, by tenon_pending_wait.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_pending_new(
    db: *const tenon_db,
    argc: usize,
    argv: *const tenon_bytes,
    out: *mut *mut tenon_pending,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        out.put(Call::begin(db::get(db)?.pending_call(words(argc, argv)?))?);
        Ok(())
    })
}

/// Begins a packed command, and otherwise as tenon_pending_new.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_pending_new_packed(
    db: *const tenon_db,
    data: *const u8,
    len: usize,
    out: *mut *mut tenon_pending,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        out.put(Call::begin(db::get(db)?.pending_call(command(data, len)?))?);
        Ok(())
    })
}

/// Waits for the reply for `timeout_ms` milliseconds at most: 0 only looks, less than 0 waits for ever. `*reply` is
/// NULL and the status TENON_OK when there is none yet. The reply is had once.
///
/// Errors: those of the command, with a reply. TENON_CLOSED: the call was freed meanwhile. TENON_MISUSE: the reply was
/// taken before.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_pending_wait(
    pending: *const tenon_pending,
    timeout_ms: i64,
    reply: *mut *mut tenon_reply,
) -> tenon_status {
    maybe_replying(reply, || {
        let call = CALLS.get(pending)?;
        call.bell.wait(timeout_ms, || call.look())?.transpose()
    })
}

/// Has the poller's descriptor tell of the call: its `token` is among those to take when it is time to call
/// tenon_pending_wait with a timeout of 0. It is there at once unless such a call has just found nothing: a program may
/// attach first and wait for tokens then, or look first, and attach when there is no reply yet.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_pending_attach(
    pending: *const tenon_pending,
    poller: *const tenon_poller,
    token: u64,
) -> tenon_status {
    boundary(|| CALLS.get(pending)?.bell.attach(&poller::get(poller)?, token))
}

/// Ends a call and frees it. If it was still waiting it is given up; what it was served with and nobody has taken is
/// given back. Who waits for it gets TENON_CLOSED. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_pending_free(pending: *mut tenon_pending) -> tenon_status {
    if pending.is_null() {
        return TENON_OK;
    }
    boundary(|| {
        let Some(call) = CALLS.free(pending)? else { return Ok(()) };
        call.bell.close();
        let given_up = bell::lock(&call.call, call.bell.process())?.take();
        drop(given_up);
        Ok(())
    })
}
