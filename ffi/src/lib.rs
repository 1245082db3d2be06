//! The C API of TenonDB: Redis's data structures inside your own process.
//!
//! ```c
//! tenon_db *db;
//! if (tenon_memory(NULL, &db, NULL) != TENON_OK) return 1;
//! tenon_bytes argv[] = { TENON_LIT("ZADD"), TENON_LIT("board"), TENON_LIT("10"), TENON_LIT("alice") };
//! tenon_reply *reply;
//! if (tenon_call(db, 4, argv, &reply) != TENON_OK) fprintf(stderr, "%.*s\n", TENON_TEXT(reply));
//! tenon_reply_free(reply);
//! tenon_free(db);
//! ```
//!
//! 1. **Names.** Types are nouns; functions are `tenon_<noun>_<verb>` with the noun as first argument, then what goes in, then
//!    what comes out. What is said every day has a short name: tenon_call, tenon_get.
//! 2. **Status.** Everything that can fail returns a tenon_status; TENON_OK is 0. Nothing else is ever an error: no NULL, no -1, no
//!    errno, nothing that was remembered for the next call.
//! 3. **Results** go through pointers, last in the list, and are written in every case: a value, or NULL and zero. Only `error`
//!    may be NULL: whoever wants the text of an error gives a place for it, and frees the reply that he finds there.
//! 4. **Bytes** are tenon_bytes, a pointer and a length, of any content. Arguments are borrowed for the call.
//! 5. **Replies** are one block and one tenon_reply_free, errors included. Their values are read in place.
//! 6. **Ownership:** you free what you got through a pointer to a pointer, once, with the function that its type names. The
//!    library keeps nothing that you passed and frees nothing of yours.
//! 7. **Handles** keep alive what they need: they may be freed in any order, and freeing NULL does nothing. NULL elsewhere,
//!    a handle that was freed, and one of another type answer TENON_MISUSE. A reply is no handle: it must not be freed twice.
//! 8. **Threads:** `const tenon_x *` may be used from many threads at the same time, `tenon_x *` from one. Freeing what another
//!    thread waits for wakes it. A database is not waited for, but keys of it: a tenon_call that waits (BLPOP …) goes on
//!    when the handle is freed that it came by. tenon_close ends it, and tenon_pending is for waits that can be given up.
//! 9. **fork:** in the child, handles of the parent answer TENON_MISUSE; freeing them there is allowed and does nothing.
//! 10. **Panics** of the library stop in it: TENON_INTERNAL.
//! 11. **Versions:** compare tenon_abi() with TENON_ABI. Functions may be added without a change of it. Every item says since when
//!     it is there.
//! 12. **Waiting** is polled for, waited for with a limit, or told through one descriptor for a whole event loop (tenon_poller).
//!     No callback is needed anywhere, and none is called under a lock.
//!
//! Packed commands and replies are flat buffers without a pointer, little-endian, nothing aligned:
//!
//! ```text
//! command   count: u32, then the words
//! word      0, len: u32, bytes | 1, i64 | 2, f64
//! batch     count: u32, then the commands
//!
//! reply     0                       nil            1, i64                   integer
//!           2, f64                  float          3, u8                    bool
//!           4, len: u32, bytes      string         5, len: u32, bytes       status
//!           6, len: u32, bytes      text           7, count: u32, replies   array
//!           8, count: u32, replies  map: a key and its value by turns
//!           9, count: u32, replies  set            10, status: u8, len: u32, bytes  error
//! ```
#![expect(unsafe_code, reason = "C speaks in pointers")]
#![allow(non_camel_case_types, reason = "the names are those of the header")]
#![allow(
    clippy::missing_safety_doc,
    reason = "what every caller must uphold is said once, on the front page"
)]
mod bell;
mod boundary;
mod bytes;
mod call;
mod channels;
mod conn;
mod db;
mod handle;
mod hashes;
#[cfg(feature = "test-hooks")]
mod hooks;
mod keys;
mod lists;
mod notify;
mod number;
mod options;
mod packed;
mod pending;
mod poller;
mod process;
mod reply;
mod sets;
mod sorted_sets;
mod status;
mod strings;
mod sub;
mod txn;
mod value;
mod version;
mod watch;
