//! Connections without a socket: what clients that speak RESP sit on.
use crate::{
    bell,
    boundary::{Out, boundary, copy_to, misuse, slice, telling},
    bytes::tenon_bytes,
    db::{self, tenon_db},
    handle::Table,
    notify::{Callee, tenon_notify},
    poller::{self, tenon_poller},
    process,
    reply::tenon_reply,
    status::{TENON_OK, tenon_status},
};
use std::{
    ffi::c_void,
    ptr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tenondb::{
    Error, Kind, Result,
    resp::{Line, Woken},
};

/// A connection that speaks RESP, 2 until it says HELLO 3, without a socket. `const tenon_conn *` may be used from
/// several threads at the same time: one that reads, and others that write, wait, interrupt or shut it down. What is
/// written is executed by the call that writes it; the reply is there when it returns.
///
/// Since: 0.1
pub struct tenon_conn {
    _opaque: [u8; 0],
}

/// Nothing came within the time.
///
/// Since: 0.1
pub const TENON_WOKEN_TIMED_OUT: u32 = 0;
/// There is something to read, or the connection has ended.
///
/// Since: 0.1
pub const TENON_WOKEN_READY: u32 = 1;
/// Somebody has called tenon_conn_interrupt.
///
/// Since: 0.1
pub const TENON_WOKEN_INTERRUPTED: u32 = 2;

struct Conn {
    line: Line,
    process: u32,
    /// A copy of what tenon_conn_peek has shown and nobody has taken: it stays where it is while others write, which the
    /// output, whose first bytes it repeats, does not. A lock of its own: never held while the line is used.
    shown: Mutex<Shown>,
    callee: Arc<Callee>,
}

#[derive(Default)]
struct Shown {
    bytes: Vec<u8>,
    at: usize,
}

static CONNECTIONS: Table<Arc<Conn>> = Table::new(6, 1, "ERR this is no open tenon_conn handle");

#[cold]
fn ended() -> Error {
    Error::new(Kind::Closed, "ERR the connection has ended")
}

impl Conn {
    fn write(&self, bytes: &[u8]) -> Result<()> {
        if self.line.write(bytes) { Ok(()) } else { Err(ended()) }
    }

    /// 0: nothing, now.
    fn read(&self, buffer: *mut u8, capacity: usize) -> Result<(usize, usize)> {
        if capacity == 0 || buffer.is_null() {
            return Err(misuse("ERR a buffer is needed to read into"));
        }
        let read = self.line.with_output(|output| {
            let count = output.len().min(capacity);
            copy_to(&output[..count], buffer, capacity);
            ((count, output.len() - count), count)
        });
        let (count, left) = read.map(Option::unwrap_or_default).ok_or_else(ended)?;
        bell::lock(&self.shown, self.process)?.take(count);
        Ok((count, left))
    }

    /// Where the output is shown, and how much.
    fn peek(&self) -> Result<(*const u8, usize)> {
        let found = self.line.with_output(|output| {
            let shown = bell::lock(&self.shown, self.process).map(|mut shown| {
                if shown.bytes.is_empty() {
                    shown.bytes = output.to_vec();
                }
                let left = &shown.bytes[shown.at..];
                (left.as_ptr(), left.len())
            });
            (shown, 0)
        });
        found.ok_or_else(ended)?.unwrap_or(Ok((ptr::null(), 0)))
    }

    fn consume(&self, count: usize) -> Result<()> {
        let mut shown = bell::lock(&self.shown, self.process)?;
        if count > shown.bytes.len() - shown.at {
            return Err(misuse("ERR more is consumed than was shown"));
        }
        shown.take(count);
        drop(shown);
        if count > 0 {
            // A connection that was killed meanwhile has lost its output.
            self.line.with_output(|output| ((), count.min(output.len())));
        }
        Ok(())
    }
}

impl Shown {
    /// The first `count` bytes of the output were taken.
    fn take(&mut self, count: usize) {
        self.at = (self.at + count).min(self.bytes.len());
        if self.at == self.bytes.len() {
            *self = Self::default();
        }
    }
}

/// Opens a connection to the database. CLIENT LIST shows it until it is freed.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_open(
    db: *const tenon_db,
    out: *mut *mut tenon_conn,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let out = Out::new(out, ptr::null_mut())?;
        let line = Line::open(&*db::get(db)?);
        let callee = Arc::new(Callee::default());
        let conn = Conn { line, process: process::current(), shown: Mutex::default(), callee };
        out.put(CONNECTIONS.open(Arc::new(conn))?);
        Ok(())
    })
}

/// Takes request bytes, whole commands or pieces of them, and executes every command that is complete, on this thread.
/// One that waits does not block it: those behind it wait, too.
///
/// Errors: TENON_CLOSED: the connection has ended.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_write(
    conn: *const tenon_conn,
    data: *const u8,
    len: usize,
) -> tenon_status {
    boundary(|| CONNECTIONS.get(conn)?.write(slice(data, len)?))
}

/// Writes several pieces, one after the other, as tenon_conn_write does.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_writev(
    conn: *const tenon_conn,
    count: usize,
    pieces: *const tenon_bytes,
) -> tenon_status {
    boundary(|| {
        let conn = CONNECTIONS.get(conn)?;
        let pieces = slice(pieces, count)?.iter().map(tenon_bytes::get).collect::<Result<Vec<_>>>()?;
        // Together, so that a command in several pieces is read once.
        if let [piece] = pieces[..] { conn.write(piece) } else { conn.write(&pieces.concat()) }
    })
}

/// Reads reply bytes, `capacity` at most, and never blocks. `*len` is how many; 0 says that there are none now, and has
/// whoever waits – tenon_conn_wait, the descriptor, the poller, the callback – told when there are, once.
///
/// Errors: TENON_CLOSED: the connection has ended, and everything was read.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_read(
    conn: *const tenon_conn,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> tenon_status {
    boundary(|| {
        let len = Out::new(len, 0)?;
        len.put(CONNECTIONS.get(conn)?.read(buffer, capacity)?.0);
        Ok(())
    })
}

/// Writes and then reads. `*more` is how many reply bytes are left to read.
///
/// Errors: as those two.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_exchange(
    conn: *const tenon_conn,
    data: *const u8,
    data_len: usize,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    more: *mut usize,
) -> tenon_status {
    boundary(|| {
        let (len, more) = (Out::new(len, 0)?, Out::new(more, 0)?);
        let conn = CONNECTIONS.get(conn)?;
        conn.write(slice(data, data_len)?)?;
        let (read, left) = conn.read(buffer, capacity)?;
        len.put(read);
        more.put(left);
        Ok(())
    })
}

/// Shows reply bytes without reading them: they stay where they are until all of them were consumed or read, or the
/// handle is freed. What comes meanwhile is shown when those are gone. `*len` is 0 when there are none now, and then as
/// tenon_conn_read.
///
/// Errors: TENON_CLOSED: the connection has ended, and everything was read.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_peek(
    conn: *const tenon_conn,
    data: *mut *const u8,
    len: *mut usize,
) -> tenon_status {
    boundary(|| {
        let (data, len) = (Out::new(data, ptr::null())?, Out::new(len, 0)?);
        let (start, count) = CONNECTIONS.get(conn)?.peek()?;
        data.put(start);
        len.put(count);
        Ok(())
    })
}

/// Reads `count` of the bytes that tenon_conn_peek has shown.
///
/// Errors: TENON_MISUSE: it has shown fewer.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_consume(conn: *const tenon_conn, count: usize) -> tenon_status {
    boundary(|| CONNECTIONS.get(conn)?.consume(count))
}

/// Writes how many reply bytes could be read now.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_pending(conn: *const tenon_conn, len: *mut usize) -> tenon_status {
    boundary(|| {
        let len = Out::new(len, 0)?;
        len.put(CONNECTIONS.get(conn)?.line.pending());
        Ok(())
    })
}

/// Blocks until there is something to read or the connection has ended, for `timeout_ms` milliseconds at most, less
/// than 0 for ever. `*woken` is TENON_WOKEN_READY, _TIMED_OUT or _INTERRUPTED.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_wait(
    conn: *const tenon_conn,
    timeout_ms: i64,
    woken: *mut u32,
) -> tenon_status {
    boundary(|| {
        let woken = Out::new(woken, TENON_WOKEN_TIMED_OUT)?;
        let conn = CONNECTIONS.get(conn)?;
        let patience = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        woken.put(match conn.line.wait(patience) {
            Woken::Ready => TENON_WOKEN_READY,
            Woken::TimedOut => TENON_WOKEN_TIMED_OUT,
            Woken::Interrupted => TENON_WOKEN_INTERRUPTED,
        });
        Ok(())
    })
}

/// Has the thread that is in tenon_conn_wait, or the next one to come there, return.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_interrupt(conn: *const tenon_conn) -> tenon_status {
    boundary(|| {
        CONNECTIONS.get(conn)?.line.interrupt();
        Ok(())
    })
}

/// Writes a descriptor that is readable while there is something to read, or the connection has ended. It is made by
/// the first call and lives as long as the connection; it is watched for input, and neither read, written nor closed.
///
/// Errors: TENON_IO: the system has no descriptors left.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_fd(conn: *const tenon_conn, fd: *mut i32) -> tenon_status {
    boundary(|| {
        let fd = Out::new(fd, -1)?;
        fd.put(CONNECTIONS.get(conn)?.line.fd().map_err(|error| poller::failed(&error))?);
        Ok(())
    })
}

/// Has the poller's descriptor tell of the connection: its `token` is among those to take when a read has found
/// nothing, and would find something now. This is such a read: `*ready` is 1 when there is something already.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_attach(
    conn: *const tenon_conn,
    poller: *const tenon_poller,
    token: u64,
    ready: *mut u32,
) -> tenon_status {
    boundary(|| {
        let ready = Out::new(ready, 0)?;
        let is_idle = CONNECTIONS.get(conn)?.line.attach(&poller::get(poller)?, token);
        ready.put(u32::from(!is_idle));
        Ok(())
    })
}

/// Has `notify` called with `context` when a read has found nothing and would find something now: once for each such
/// read, on any thread, under no lock. It must neither block nor call this library. NULL: nobody is called. When this
/// returns, the function that was named before is not running, unless it is the caller, and will not be called.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_notify(
    conn: *const tenon_conn,
    notify: tenon_notify,
    context: *mut c_void,
) -> tenon_status {
    boundary(|| {
        let conn = CONNECTIONS.get(conn)?;
        conn.callee.set(notify, context)?;
        let callee = Arc::clone(&conn.callee);
        let call = move || callee.call();
        conn.line.notify(notify.is_some().then(|| Arc::new(call) as _));
        Ok(())
    })
}

/// Ends the connection: nothing more is executed, a command that waits is given up, and what is left of the replies can
/// still be read.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_shutdown(conn: *const tenon_conn) -> tenon_status {
    boundary(|| {
        CONNECTIONS.get(conn)?.line.shutdown();
        Ok(())
    })
}

/// Ends a connection and frees it. Who waits for it in tenon_conn_wait goes on; a poller and a callback are not told. When this returns, its callback is not running, unless it
/// is the caller, and will not be called. NULL does nothing.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_conn_free(conn: *mut tenon_conn) -> tenon_status {
    if conn.is_null() {
        return TENON_OK;
    }
    boundary(|| {
        let Some(conn) = CONNECTIONS.free(conn)? else { return Ok(()) };
        // Its end is no news for those who would be told of a handle that is no more.
        conn.line.detach();
        conn.line.notify(None);
        conn.callee.set(None, ptr::null_mut())?;
        conn.line.shutdown();
        Ok(())
    })
}
