//! Durability: a directory of files, bytes in and bytes out. It knows records, frames and files; it knows no command, no
//! value and no key.
//!
//! ```text
//!   DIR/
//!     LOCK                      who has the store open
//!     MANIFEST                  which snapshot and which part of the log are the database
//!     snap-<position>           everything as it was at a position of the log
//!     log-<position>            the log from that position on, in frames
//!     ring                      the newest records, not yet in a frame: memory that outlives the process
//! ```
//!
//! A **position** is a place in the stream of records: the number of record bytes before it since the store was made.
//! It never goes back and is never used twice.
pub mod frame;
pub mod log;
pub mod manifest;
pub mod region;
pub mod ring;
pub mod snapshot;
pub mod vfs;
