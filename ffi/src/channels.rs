//! Publishing.
use crate::{
    boundary::{Out, telling},
    bytes::tenon_bytes,
    db::{tenon_db, with},
    reply::tenon_reply,
    status::tenon_status,
};
use tenondb::Channels;

/// Publishes `message` to `channel`. `*readers` is how many subscriptions get it. Nothing is waited for.
///
/// Since: 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_publish(
    db: *const tenon_db,
    channel: tenon_bytes,
    message: tenon_bytes,
    readers: *mut u64,
    error: *mut *mut tenon_reply,
) -> tenon_status {
    telling(error, || {
        let readers = Out::new(readers, 0)?;
        readers.put(with(db, |db| db.publish(channel.get()?, message.get()?).map(|n| n as u64))?);
        Ok(())
    })
}
