/*
 * The C API of TenonDB: Redis's data structures inside your own process.
 *
 * tenon_db *db;
 * if (tenon_memory(NULL, &db, NULL) != TENON_OK) return 1;
 * tenon_bytes argv[] = { TENON_LIT("ZADD"), TENON_LIT("board"), TENON_LIT("10"), TENON_LIT("alice") };
 * tenon_reply *reply;
 * if (tenon_call(db, 4, argv, &reply) != TENON_OK) fprintf(stderr, "%.*s\n", TENON_TEXT(reply));
 * tenon_reply_free(reply);
 * tenon_free(db);
 *
 * 1. **Names.** Types are nouns; functions are `tenon_<noun>_<verb>` with the noun as first argument, then what goes in, then
 *    what comes out. What is said every day has a short name: tenon_call, tenon_get.
 * 2. **Status.** Everything that can fail returns a tenon_status; TENON_OK is 0. Nothing else is ever an error: no NULL, no -1, no
 *    errno, nothing that was remembered for the next call.
 * 3. **Results** go through pointers, last in the list, and are written in every case: a value, or NULL and zero. Only `error`
 *    may be NULL: whoever wants the text of an error gives a place for it, and frees the reply that he finds there.
 * 4. **Bytes** are tenon_bytes, a pointer and a length, of any content. Arguments are borrowed for the call.
 * 5. **Replies** are one block and one tenon_reply_free, errors included. Their values are read in place.
 * 6. **Ownership:** you free what you got through a pointer to a pointer, once, with the function that its type names. The
 *    library keeps nothing that you passed and frees nothing of yours.
 * 7. **Handles** keep alive what they need: they may be freed in any order, and freeing NULL does nothing. NULL elsewhere,
 *    a handle that was freed, and one of another type answer TENON_MISUSE. A reply is no handle: it must not be freed twice.
 * 8. **Threads:** `const tenon_x *` may be used from many threads at the same time, `tenon_x *` from one. Freeing what another
 *    thread waits for wakes it. A database is not waited for, but keys of it: a tenon_call that waits (BLPOP …) goes on
 *    when the handle is freed that it came by. tenon_close ends it, and tenon_pending is for waits that can be given up.
 * 9. **fork:** in the child, handles of the parent answer TENON_MISUSE; freeing them there is allowed and does nothing.
 * 10. **Panics** of the library stop in it: TENON_INTERNAL.
 * 11. **Versions:** compare tenon_abi() with TENON_ABI. Functions may be added without a change of it. Every item says since when
 *     it is there.
 * 12. **Waiting** is polled for, waited for with a limit, or told through one descriptor for a whole event loop (tenon_poller).
 *     No callback is needed anywhere, and none is called under a lock.
 *
 * Packed commands and replies are flat buffers without a pointer, little-endian, nothing aligned:
 *
 * command   count: u32, then the words
 * word      0, len: u32, bytes | 1, i64 | 2, f64
 * batch     count: u32, then the commands
 *
 * reply     0                       nil            1, i64                   integer
 *           2, f64                  float          3, u8                    bool
 *           4, len: u32, bytes      string         5, len: u32, bytes       status
 *           6, len: u32, bytes      text           7, count: u32, replies   array
 *           8, count: u32, replies  map: a key and its value by turns
 *           9, count: u32, replies  set            10, status: u8, len: u32, bytes  error
 *
 * Written by `TENON_WRITE=1 cargo test -p tenondb-ffi --test header` from the sources in ffi/src.
 */

#ifndef TENON_H
#define TENON_H

#include <stddef.h>
#include <stdint.h>

/**
 * The number of the interface: it rises when a program that was compiled with an older header would break. Functions
 * that are added do not raise it.
 *
 * Since: 0.1
 */
#define TENON_ABI 1

/**
 * Seconds may be lost when the power fails: about one. The default.
 *
 * Since: 0.1
 */
#define TENON_FSYNC_EVERY_SECOND 0

/**
 * A write is answered when it is on the disk for good. Callers that wait at the same time share one sync.
 *
 * Since: 0.1
 */
#define TENON_FSYNC_ALWAYS 1

/**
 * The system writes when it finds time.
 *
 * Since: 0.1
 */
#define TENON_FSYNC_NEVER 2

/**
 * The system's clock. The default.
 *
 * Since: 0.1
 */
#define TENON_CLOCK_SYSTEM 0

/**
 * A clock that stands still until tenon_clock_set or tenon_clock_advance moves it: for tests.
 *
 * Since: 0.1
 */
#define TENON_CLOCK_MANUAL 1

/**
 * The subscription ends when there is no room for a message, and its reader finds out.
 *
 * Since: 0.1
 */
#define TENON_OVERFLOW_CUT 0

/**
 * The oldest messages make room.
 *
 * Since: 0.1
 */
#define TENON_OVERFLOW_DROP_OLDEST 1

/**
 * A message for which there is no room is not delivered.
 *
 * Since: 0.1
 */
#define TENON_OVERFLOW_DROP_NEWEST 2

/**
 * A channel.
 *
 * Since: 0.1
 */
#define TENON_TOPIC_CHANNEL 0

/**
 * All channels that match a pattern of the kind that KEYS has.
 *
 * Since: 0.1
 */
#define TENON_TOPIC_PATTERN 1

/**
 * A shard channel, which patterns do not match.
 *
 * Since: 0.1
 */
#define TENON_TOPIC_SHARD 2

/**
 * Nothing came within the time.
 *
 * Since: 0.1
 */
#define TENON_WOKEN_TIMED_OUT 0

/**
 * There is something to read, or the connection has ended.
 *
 * Since: 0.1
 */
#define TENON_WOKEN_READY 1

/**
 * Somebody has called tenon_conn_interrupt.
 *
 * Since: 0.1
 */
#define TENON_WOKEN_INTERRUPTED 2

/**
 * Set only when there is no such key.
 *
 * Since: 0.1
 */
#define TENON_SET_ONLY_NEW 1

/**
 * Set only when there is such a key.
 *
 * Since: 0.1
 */
#define TENON_SET_ONLY_EXISTING 2

/**
 * The key keeps the time to live that it has.
 *
 * Since: 0.1
 */
#define TENON_SET_KEEP_TTL 4

/**
 * A connection that speaks RESP, 2 until it says HELLO 3, without a socket. `const tenon_conn *` may be used from
 * several threads at the same time: one that reads, and others that write, wait, interrupt or shut it down. What is
 * written is executed by the call that writes it; the reply is there when it returns.
 *
 * Since: 0.1
 */
typedef struct tenon_conn tenon_conn;

/**
 * A database. `const tenon_db *` may be used from many threads at the same time; it speaks of one of 16 logical
 * databases. Transactions, subscriptions, connections … keep the database alive that they were made of: handles may be
 * freed in any order. After a fork the child must not use it: every call answers TENON_MISUSE there; what it may do is
 * free it, and open databases of its own.
 *
 * Since: 0.1
 */
typedef struct tenon_db tenon_db;

/**
 * A call that was begun and may have to wait (BLPOP …). `const tenon_pending *` may be used from many threads at the
 * same time; one of them gets the reply.
 *
 * Since: 0.1
 */
typedef struct tenon_pending tenon_pending;

/**
 * One descriptor for a whole event loop: it is watched for input, and tenon_poller_take says which of the handles that are
 * attached have something now. `const tenon_poller *` may be used from many threads at the same time.
 *
 * Since: 0.1
 */
typedef struct tenon_poller tenon_poller;

/**
 * The answer to a call, be it a value or an error: read it with tenon_reply_root, free it with tenon_reply_free. It
 * does not depend on its database: it may be read and freed on any thread, and after the database was closed. Reading
 * is possible from many threads at the same time.
 *
 * Since: 0.1
 */
typedef struct tenon_reply tenon_reply;

/**
 * A subscription to channels, patterns and shard channels, which can be changed while it is read. Messages wait in a
 * bounded queue; a publisher never waits. `const tenon_sub *` may be used from many threads at the same time; each
 * message goes to one of them.
 *
 * Since: 0.1
 */
typedef struct tenon_sub tenon_sub;

/**
 * An open transaction: isolated, reading its own writes, all or nothing. Nobody waits for it. It is used from one
 * thread at a time; another one that comes meanwhile gets TENON_MISUSE.
 *
 * Since: 0.1
 */
typedef struct tenon_txn tenon_txn;

/**
 * Tells which keys of a prefix have changed since it was made, by whichever way. An invalidation is there before the
 * call that has changed the key returns. `const tenon_watch *` may be used from many threads at the same time; each
 * invalidation goes to one of them.
 *
 * Since: 0.1
 */
typedef struct tenon_watch tenon_watch;

/**
 * Bytes of any content, never NUL-terminated. As an argument they are borrowed for the call; as a part of a reply they
 * live as long as the reply. `data` may be NULL when `len` is 0. TENON_LIT makes one of a literal.
 *
 * Since: 0.1
 */
typedef struct tenon_bytes {
    /**
     * The first byte.
     */
    const uint8_t *data;
    /**
     * How many there are.
     */
    size_t len;
} tenon_bytes;

/**
 * How a call went: TENON_OK or what the caller can do next. Unknown numbers of a later library are to be treated as
 * TENON_INTERNAL. The text of an error is in the reply.
 *
 * Since: 0.1
 */
typedef uint32_t tenon_status;

/**
 * What a value is: one of the constants below.
 *
 * Since: 0.1
 */
typedef uint32_t tenon_type;

/**
 * Values that lie side by side.
 *
 * Since: 0.1
 */
typedef struct tenon_list {
    /**
     * The first of them.
     */
    const struct tenon_value *items;
    /**
     * How many there are.
     */
    size_t len;
} tenon_list;

/**
 * What a value holds; its type says which of these.
 *
 * Since: 0.1
 */
typedef union tenon_data {
    /**
     * Of TENON_INT and TENON_BOOL.
     */
    int64_t integer;
    /**
     * Of TENON_FLOAT.
     */
    double number;
    /**
     * Of TENON_STRING, TENON_STATUS, TENON_VERBATIM and TENON_ERROR.
     */
    struct tenon_bytes bytes;
    /**
     * Of TENON_ARRAY, TENON_MAP and TENON_SET.
     */
    struct tenon_list list;
} tenon_data;

/**
 * A value of a reply: to be read only. It lives as long as its reply.
 *
 * Since: 0.1
 */
typedef struct tenon_value {
    /**
     * What it is.
     */
    tenon_type kind;
    /**
     * Of TENON_ERROR: what to do next; otherwise TENON_OK.
     */
    tenon_status status;
    /**
     * What it holds.
     */
    union tenon_data data;
} tenon_value;

/**
 * How a database is opened. Start with TENON_OPTIONS_INIT, which has the defaults, and change what should differ; a
 * NULL where options are asked for means the defaults. A later library has more fields and knows by `size` which ones
 * a program has. What the death of the process, of the machine and of the disk can take is said in docs/durability.md.
 *
 * Since: 0.1
 */
typedef struct tenon_options {
    /**
     * sizeof(tenon_options).
     */
    uint32_t size;
    /**
     * Background threads: 1 (the default) or 0; then the program calls tenon_tick now and then.
     */
    uint32_t threads;
    /**
     * The number of locks the keys are spread over, rounded up to a power of two; 64. More of them make collisions between
     * threads rarer and commands over all keys slower.
     */
    uint32_t stripes;
    /**
     * When what was written is on the disk for good: TENON_FSYNC_EVERY_SECOND, _ALWAYS or _NEVER.
     */
    uint32_t fsync;
    /**
     * Where time comes from: TENON_CLOCK_SYSTEM or TENON_CLOCK_MANUAL.
     */
    uint32_t clock;
    /**
     * 1: opens a damaged store with what is left of it; otherwise it is refused with TENON_CORRUPT. 0 is the default.
     */
    uint32_t salvage;
    /**
     * 1: `seed` is used; 0 (the default): chance differs in every process.
     */
    uint32_t seeded;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * What a manual clock shows at first, in Unix milliseconds.
     */
    uint64_t clock_ms;
    /**
     * What SPOP, RANDOMKEY and the like draw from, so that a run can be repeated.
     */
    uint64_t seed;
    /**
     * The size in bytes at which a new file of the log is begun; 64 MiB.
     */
    uint64_t segment_bytes;
    /**
     * What connections must say by AUTH before anything else; none by default. It does not guard the calls of this
     * interface.
     */
    struct tenon_bytes password;
} tenon_options;

/**
 * A command of a batch.
 *
 * Since: 0.1
 */
typedef struct tenon_command {
    /**
     * How many words.
     */
    size_t argc;
    /**
     * The words, the command's name first.
     */
    const struct tenon_bytes *argv;
} tenon_command;

/**
 * A function that is called with the context it was named with. It must neither block nor call this library, nor throw.
 *
 * Since: 0.1
 */
typedef void (*tenon_notify)(void *context);

/**
 * The call did what it says.
 *
 * Since: 0.1
 */
#define TENON_OK 0

/**
 * Fix the call: its syntax, a number or a range is wrong.
 *
 * Since: 0.1
 */
#define TENON_COMMAND 1

/**
 * Use another key or another command: the key holds another type.
 *
 * Since: 0.1
 */
#define TENON_WRONG_TYPE 2

/**
 * The state is not what was assumed: read again, retry or give up.
 *
 * Since: 0.1
 */
#define TENON_CONFLICT 3

/**
 * Free memory or send less; a buffer of the caller's is too small; a subscription was cut.
 *
 * Since: 0.1
 */
#define TENON_LIMIT 4

/**
 * Wait: another process or a time-out.
 *
 * Since: 0.1
 */
#define TENON_BUSY 5

/**
 * The disk failed: writes are refused until the store is reopened.
 *
 * Since: 0.1
 */
#define TENON_IO 6

/**
 * Restore the store, or open it with `salvage`.
 *
 * Since: 0.1
 */
#define TENON_CORRUPT 7

/**
 * Open again: the database was closed.
 *
 * Since: 0.1
 */
#define TENON_CLOSED 8

/**
 * Fix the program: NULL where something is needed, a handle that is not open or of another type, a handle of the parent
 * process in the child of a fork.
 *
 * Since: 0.1
 */
#define TENON_MISUSE 9

/**
 * Report it: a panic was caught.
 *
 * Since: 0.1
 */
#define TENON_INTERNAL 10

/**
 * Nothing: a key that is not there.
 *
 * Since: 0.1
 */
#define TENON_NIL 0

/**
 * A number without fraction: `data.integer`.
 *
 * Since: 0.1
 */
#define TENON_INT 1

/**
 * A number with fraction: `data.number`.
 *
 * Since: 0.1
 */
#define TENON_FLOAT 2

/**
 * True or false: `data.integer` is 1 or 0.
 *
 * Since: 0.1
 */
#define TENON_BOOL 3

/**
 * A string: `data.bytes`.
 *
 * Since: 0.1
 */
#define TENON_STRING 4

/**
 * A short constant such as `OK`: `data.bytes`.
 *
 * Since: 0.1
 */
#define TENON_STATUS 5

/**
 * Text for people: `data.bytes`.
 *
 * Since: 0.1
 */
#define TENON_VERBATIM 6

/**
 * Values in order: `data.list`.
 *
 * Since: 0.1
 */
#define TENON_ARRAY 7

/**
 * Keys and values by turns: `data.list`, whose `len` is even.
 *
 * Since: 0.1
 */
#define TENON_MAP 8

/**
 * Values without an order of their own: `data.list`.
 *
 * Since: 0.1
 */
#define TENON_SET 9

/**
 * An error: its text, Redis's code first, is `data.bytes`; `status` says what to do next.
 *
 * Since: 0.1
 */
#define TENON_ERROR 10

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the number of the interface that the library has, to be compared with the TENON_ABI of the header.
 *
 * Since: 0.1
 */
uint32_t tenon_abi(void);

/**
 * Returns the version of the library, such as `0.1.0`. It lives for ever, and this one is NUL-terminated as well.
 *
 * Since: 0.1
 */
struct tenon_bytes tenon_version(void);

/**
 * Returns the name of a status, such as `WRONG_TYPE`; `INTERNAL` for numbers it does not know. It lives for ever, and this
 * one is NUL-terminated as well.
 *
 * Since: 0.1
 */
struct tenon_bytes tenon_status_name(tenon_status status);

/**
 * Returns the value of a reply; of NULL a TENON_NIL that lives for ever. It lives as long as the reply.
 *
 * Since: 0.1
 */
const struct tenon_value *tenon_reply_root(const struct tenon_reply *reply);

/**
 * Returns the bytes of a reply that is a string, a status, a text or an error; none of other replies. They live as
 * long as the reply. TENON_TEXT prints them.
 *
 * Since: 0.1
 */
struct tenon_bytes tenon_reply_text(const struct tenon_reply *reply);

/**
 * Frees a reply and all that was read from it. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_reply_free(struct tenon_reply *reply);

/**
 * Writes the defaults, as TENON_OPTIONS_INIT has them: for languages that cannot use the macro.
 *
 * Since: 0.1
 */
tenon_status tenon_options_init(struct tenon_options *options);

/**
 * Opens a database that lives in memory, and ends with its last handle.
 *
 * Errors: TENON_MISUSE for options that are none; the text goes to `error`, which may be NULL.
 *
 * Since: 0.1
 */
tenon_status tenon_memory(const struct tenon_options *options,
                          struct tenon_db **out,
                          struct tenon_reply **error);

/**
 * Opens the database in the directory `dir`, which is made when it is missing. The same directory opened twice in a
 * process is the same database, with the options it was opened with first. It waits until everything is read into
 * memory.
 *
 * Errors: TENON_BUSY: another process has it open. TENON_CORRUPT: it is damaged. TENON_IO: files cannot be read or
 * made.
 *
 * Since: 0.1
 */
tenon_status tenon_open(struct tenon_bytes dir,
                        const struct tenon_options *options,
                        struct tenon_db **out,
                        struct tenon_reply **error);

/**
 * Closes a database and frees the handle: what was written is written out and made durable, the directory is let go,
 * and whoever waits for keys gets TENON_CLOSED. Other handles of the database are still to be freed; writes through
 * them are refused with TENON_CLOSED. The handle is freed even when there is an error. A database in memory lives
 * until its last handle is freed.
 *
 * Errors: TENON_IO: the disk fails. What it does not have is found again when the directory is opened on this machine.
 *
 * Since: 0.1
 */
tenon_status tenon_close(struct tenon_db *db,
                         struct tenon_reply **error);

/**
 * Frees a handle. The database lives on while it has others, and is closed with the last of them, without a word of
 * errors. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_free(struct tenon_db *db);

/**
 * Makes a handle of the logical database `index`, below 16, of the same database.
 *
 * Errors: TENON_COMMAND: there is no such logical database.
 *
 * Since: 0.1
 */
tenon_status tenon_select(const struct tenon_db *db,
                          uint32_t index,
                          struct tenon_db **out,
                          struct tenon_reply **error);

/**
 * Makes a handle whose writes are on the disk for good before they return, whatever `fsync` is. Callers that wait at
 * the same time share one sync. In memory it means nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_durable(const struct tenon_db *db,
                           struct tenon_db **out);

/**
 * Makes everything that was written before durable. Waits for the disk; callers that wait at the same time share one
 * sync. In memory it does nothing.
 *
 * Errors: TENON_IO: the disk fails; it may or may not have what was written.
 *
 * Since: 0.1
 */
tenon_status tenon_sync(const struct tenon_db *db,
                        struct tenon_reply **error);

/**
 * Does a share of the upkeep: frees what was removed and gives back keys that are past their time, for about `budget_us`
 * microseconds. `*more` is 1 when there is more to do. For databases without a background thread.
 *
 * Since: 0.1
 */
tenon_status tenon_tick(const struct tenon_db *db,
                        uint64_t budget_us,
                        uint32_t *more);

/**
 * Answers with the text of INFO: all of it, or the sections that `sections` names, separated by spaces.
 *
 * Since: 0.1
 */
tenon_status tenon_info(const struct tenon_db *db, struct tenon_bytes sections, struct tenon_reply **reply);

/**
 * Writes what the database's clock shows, in Unix milliseconds.
 *
 * Since: 0.1
 */
tenon_status tenon_clock_now(const struct tenon_db *db, uint64_t *now_ms);

/**
 * Sets the database's clock, for all its handles, to Unix milliseconds. A clock of the system is set as well, and goes
 * on from there.
 *
 * Since: 0.1
 */
tenon_status tenon_clock_set(const struct tenon_db *db,
                             uint64_t now_ms);

/**
 * Moves the database's clock ahead, for all its handles.
 *
 * Since: 0.1
 */
tenon_status tenon_clock_advance(const struct tenon_db *db, uint64_t by_ms);

/**
 * Runs a command: `argc` words, its name first. `*reply` is written in every case – with TENON_ERROR when the status
 * is not TENON_OK – and is to be freed.
 *
 * A command that waits (BLPOP …) blocks the thread; tenon_pending_new begins one that can be waited for otherwise. A
 * call has no connection: SELECT, MULTI, WATCH and SUBSCRIBE are refused, since nothing of them would be left for the
 * next call.
 *
 * Since: 0.1
 */
tenon_status tenon_call(const struct tenon_db *db,
                        size_t argc,
                        const struct tenon_bytes *argv,
                        struct tenon_reply **reply);

/**
 * Runs commands as one step: nobody sees some of them done and others not. One that fails does not undo the others.
 * `*reply` is an array with a reply for each, a TENON_ERROR for those that failed.
 *
 * What MULTI takes a batch takes: commands about keys, scripts, SELECT for those that follow. One that would wait does not.
 *
 * Errors: TENON_COMMAND when one is unknown, has wrong arguments, or is one that MULTI refuses or runs at once: then
 * none is run, and `*reply` is that error.
 *
 * Since: 0.1
 */
tenon_status tenon_batch(const struct tenon_db *db,
                         size_t count,
                         const struct tenon_command *commands,
                         struct tenon_reply **reply);

/**
 * Runs a command that is given as one flat buffer (the format is on the front page), and otherwise as tenon_call does.
 * Numbers among the words are written as text by the library.
 *
 * Errors: TENON_MISUSE when the buffer is none.
 *
 * Since: 0.1
 */
tenon_status tenon_call_packed(const struct tenon_db *db,
                               const uint8_t *data,
                               size_t len,
                               struct tenon_reply **reply);

/**
 * Runs a command that is given as one flat buffer, and writes the reply as one flat buffer to the caller's. `*len` is the
 * length of the reply. When that is above `capacity` the buffer holds nothing of use, and `*rest` is the reply, for
 * tenon_reply_packed and tenon_reply_free; otherwise it is NULL.
 *
 * Returns the status of the command; an error is a reply as any other.
 *
 * Since: 0.1
 */
tenon_status tenon_call_into(const struct tenon_db *db,
                             const uint8_t *data,
                             size_t data_len,
                             uint8_t *buffer,
                             size_t capacity,
                             size_t *len,
                             struct tenon_reply **rest);

/**
 * Runs commands that are given as one flat buffer as one step, as tenon_batch does, and writes the reply as
 * tenon_call_into does.
 *
 * Since: 0.1
 */
tenon_status tenon_batch_into(const struct tenon_db *db,
                              const uint8_t *data,
                              size_t data_len,
                              uint8_t *buffer,
                              size_t capacity,
                              size_t *len,
                              struct tenon_reply **rest);

/**
 * Writes a reply as one flat buffer (the format is on the front page) to the caller's. `*len` is the length it has,
 * whatever `capacity` is.
 *
 * Errors: TENON_LIMIT when it is above `capacity`: the buffer, which may then be NULL, holds nothing of use.
 *
 * Since: 0.1
 */
tenon_status tenon_reply_packed(const struct tenon_reply *reply,
                                uint8_t *buffer,
                                size_t capacity,
                                size_t *len);

/**
 * Begins a transaction. It ends with tenon_txn_commit or tenon_txn_abort, which free it.
 *
 * Since: 0.1
 */
tenon_status tenon_txn_begin(const struct tenon_db *db, struct tenon_txn **out);

/**
 * Runs a command inside the transaction, and otherwise as tenon_call does. It takes commands that name their keys, and
 * scripts that call such commands; one that would wait finds nothing instead.
 *
 * Since: 0.1
 */
tenon_status tenon_txn_call(struct tenon_txn *txn,
                            size_t argc,
                            const struct tenon_bytes *argv,
                            struct tenon_reply **reply);

/**
 * Runs a packed command inside the transaction, and answers as tenon_call_into does.
 *
 * Since: 0.1
 */
tenon_status tenon_txn_call_into(struct tenon_txn *txn,
                                 const uint8_t *data,
                                 size_t data_len,
                                 uint8_t *buffer,
                                 size_t capacity,
                                 size_t *len,
                                 struct tenon_reply **rest);

/**
 * The commands that follow speak of logical database `index`.
 *
 * Errors: TENON_COMMAND: there is no such logical database.
 *
 * Since: 0.1
 */
tenon_status tenon_txn_select(struct tenon_txn *txn, uint32_t index, struct tenon_reply **error);

/**
 * Makes what the transaction has written visible, in one step, and frees it whatever comes of that.
 *
 * Errors: TENON_CONFLICT: something that it has touched was changed meanwhile; nothing was written, and it may be
 * tried again from its beginning. TENON_IO: the disk fails.
 *
 * Since: 0.1
 */
tenon_status tenon_txn_commit(struct tenon_txn *txn,
                              struct tenon_reply **error);

/**
 * Gives a transaction up and frees it: nothing was written. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_txn_abort(struct tenon_txn *txn);

/**
 * Begins a command: `argc` words, its name first. It runs when it is looked at first, by tenon_pending_wait.
 *
 * Since: 0.1
 */
tenon_status tenon_pending_new(const struct tenon_db *db,
                               size_t argc,
                               const struct tenon_bytes *argv,
                               struct tenon_pending **out,
                               struct tenon_reply **error);

/**
 * Begins a packed command, and otherwise as tenon_pending_new.
 *
 * Since: 0.1
 */
tenon_status tenon_pending_new_packed(const struct tenon_db *db,
                                      const uint8_t *data,
                                      size_t len,
                                      struct tenon_pending **out,
                                      struct tenon_reply **error);

/**
 * Waits for the reply for `timeout_ms` milliseconds at most: 0 only looks, less than 0 waits for ever. `*reply` is
 * NULL and the status TENON_OK when there is none yet. The reply is had once.
 *
 * Errors: those of the command, with a reply. TENON_CLOSED: the call was freed meanwhile. TENON_MISUSE: the reply was
 * taken before.
 *
 * Since: 0.1
 */
tenon_status tenon_pending_wait(const struct tenon_pending *pending,
                                int64_t timeout_ms,
                                struct tenon_reply **reply);

/**
 * Has the poller's descriptor tell of the call: its `token` is among those to take when it is time to call
 * tenon_pending_wait with a timeout of 0. It is there at once unless such a call has just found nothing: a program may
 * attach first and wait for tokens then, or look first, and attach when there is no reply yet.
 *
 * Since: 0.1
 */
tenon_status tenon_pending_attach(const struct tenon_pending *pending,
                                  const struct tenon_poller *poller,
                                  uint64_t token);

/**
 * Ends a call and frees it. If it was still waiting it is given up; what it was served with and nobody has taken is
 * given back. Who waits for it gets TENON_CLOSED. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_pending_free(struct tenon_pending *pending);

/**
 * Makes a subscription to nothing yet. `capacity` is the most messages that wait to be read, and `bytes_max` the most
 * bytes; 0 means the defaults, 65,536 and 32 MiB. `overflow` is TENON_OVERFLOW_CUT, _DROP_OLDEST or _DROP_NEWEST.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_new(const struct tenon_db *db,
                           size_t capacity,
                           size_t bytes_max,
                           uint32_t overflow,
                           struct tenon_sub **out,
                           struct tenon_reply **error);

/**
 * Subscribes to `count` names more, as `kind` says: TENON_TOPIC_CHANNEL, _PATTERN or _SHARD. Messages that are
 * published when it has returned are had.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_add(const struct tenon_sub *sub,
                           uint32_t kind,
                           size_t count,
                           const struct tenon_bytes *names);

/**
 * Unsubscribes from `count` names. Messages that wait already are still read.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_remove(const struct tenon_sub *sub,
                              uint32_t kind,
                              size_t count,
                              const struct tenon_bytes *names);

/**
 * Waits for the next message for `timeout_ms` milliseconds at most: 0 only looks, less than 0 waits for ever.
 * `*message` is NULL and the status TENON_OK when there is none. A message is an array as RESP has it: `message`,
 * channel, body; `pmessage`, pattern, channel, body; `smessage`, channel, body.
 *
 * Errors: TENON_LIMIT: the subscription was cut, and everything that was left was read. TENON_CLOSED: it was freed
 * meanwhile.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_next(const struct tenon_sub *sub,
                            int64_t timeout_ms,
                            struct tenon_reply **message);

/**
 * Writes how many messages were dropped because they had no room; the one for which the subscription was cut included.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_dropped(const struct tenon_sub *sub,
                               uint64_t *count);

/**
 * Has the poller's descriptor tell of messages: the `token` is among those to take when tenon_sub_next has found
 * nothing, and would find something now. It is there at once unless such a call has just found nothing: the first look
 * is the program's.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_attach(const struct tenon_sub *sub,
                              const struct tenon_poller *poller,
                              uint64_t token);

/**
 * Ends a subscription and frees it. Who waits for it gets TENON_CLOSED. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_sub_free(struct tenon_sub *sub);

/**
 * Watches all keys whose names begin with `prefix`, in all logical databases; the empty one is that of every key.
 * `capacity` is the most invalidations that wait to be read; 0 means 65,536. What has no room is not lost: all that
 * waits becomes one about every key.
 *
 * Since: 0.1
 */
tenon_status tenon_watch_new(const struct tenon_db *db,
                             struct tenon_bytes prefix,
                             size_t capacity,
                             struct tenon_watch **out,
                             struct tenon_reply **error);

/**
 * Waits for the next invalidation for `timeout_ms` milliseconds at most: 0 only looks, less than 0 waits for ever.
 * `*key` is NULL and the status TENON_OK when there is none; it is the name of a key, or a TENON_NIL when any key may
 * have changed.
 *
 * Errors: TENON_CLOSED: the watch was freed meanwhile.
 *
 * Since: 0.1
 */
tenon_status tenon_watch_next(const struct tenon_watch *watch,
                              int64_t timeout_ms,
                              struct tenon_reply **key);

/**
 * Has the poller's descriptor tell of invalidations, as tenon_sub_attach does of messages.
 *
 * Since: 0.1
 */
tenon_status tenon_watch_attach(const struct tenon_watch *watch,
                                const struct tenon_poller *poller,
                                uint64_t token);

/**
 * Ends a watch and frees it. Who waits for it gets TENON_CLOSED. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_watch_free(struct tenon_watch *watch);

/**
 * Opens a connection to the database. CLIENT LIST shows it until it is freed.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_open(const struct tenon_db *db, struct tenon_conn **out, struct tenon_reply **error);

/**
 * Takes request bytes, whole commands or pieces of them, and executes every command that is complete, on this thread.
 * One that waits does not block it: those behind it wait, too.
 *
 * Errors: TENON_CLOSED: the connection has ended.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_write(const struct tenon_conn *conn,
                              const uint8_t *data,
                              size_t len);

/**
 * Writes several pieces, one after the other, as tenon_conn_write does.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_writev(const struct tenon_conn *conn, size_t count, const struct tenon_bytes *pieces);

/**
 * Reads reply bytes, `capacity` at most, and never blocks. `*len` is how many; 0 says that there are none now, and has
 * whoever waits – tenon_conn_wait, the descriptor, the poller, the callback – told when there are, once.
 *
 * Errors: TENON_CLOSED: the connection has ended, and everything was read.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_read(const struct tenon_conn *conn,
                             uint8_t *buffer,
                             size_t capacity,
                             size_t *len);

/**
 * Writes and then reads. `*more` is how many reply bytes are left to read.
 *
 * Errors: as those two.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_exchange(const struct tenon_conn *conn,
                                 const uint8_t *data,
                                 size_t data_len,
                                 uint8_t *buffer,
                                 size_t capacity,
                                 size_t *len,
                                 size_t *more);

/**
 * Shows reply bytes without reading them: they stay where they are until all of them were consumed or read, or the
 * handle is freed. What comes meanwhile is shown when those are gone. `*len` is 0 when there are none now, and then as
 * tenon_conn_read.
 *
 * Errors: TENON_CLOSED: the connection has ended, and everything was read.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_peek(const struct tenon_conn *conn,
                             const uint8_t **data,
                             size_t *len);

/**
 * Reads `count` of the bytes that tenon_conn_peek has shown.
 *
 * Errors: TENON_MISUSE: it has shown fewer.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_consume(const struct tenon_conn *conn, size_t count);

/**
 * Writes how many reply bytes could be read now.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_pending(const struct tenon_conn *conn, size_t *len);

/**
 * Blocks until there is something to read or the connection has ended, for `timeout_ms` milliseconds at most, less
 * than 0 for ever. `*woken` is TENON_WOKEN_READY, _TIMED_OUT or _INTERRUPTED.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_wait(const struct tenon_conn *conn,
                             int64_t timeout_ms,
                             uint32_t *woken);

/**
 * Has the thread that is in tenon_conn_wait, or the next one to come there, return.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_interrupt(const struct tenon_conn *conn);

/**
 * Writes a descriptor that is readable while there is something to read, or the connection has ended. It is made by
 * the first call and lives as long as the connection; it is watched for input, and neither read, written nor closed.
 *
 * Errors: TENON_IO: the system has no descriptors left.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_fd(const struct tenon_conn *conn,
                           int32_t *fd);

/**
 * Has the poller's descriptor tell of the connection: its `token` is among those to take when a read has found
 * nothing, and would find something now. This is such a read: `*ready` is 1 when there is something already.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_attach(const struct tenon_conn *conn,
                               const struct tenon_poller *poller,
                               uint64_t token,
                               uint32_t *ready);

/**
 * Has `notify` called with `context` when a read has found nothing and would find something now: once for each such
 * read, on any thread, under no lock. It must neither block nor call this library. NULL: nobody is called. When this
 * returns, the function that was named before is not running, unless it is the caller, and will not be called.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_notify(const struct tenon_conn *conn,
                               tenon_notify notify,
                               void *context);

/**
 * Ends the connection: nothing more is executed, a command that waits is given up, and what is left of the replies can
 * still be read.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_shutdown(const struct tenon_conn *conn);

/**
 * Ends a connection and frees it. Who waits for it in tenon_conn_wait goes on; a poller and a callback are not told. When this returns, its callback is not running, unless it
 * is the caller, and will not be called. NULL does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_conn_free(struct tenon_conn *conn);

/**
 * Makes a poller of no handles.
 *
 * Errors: TENON_IO: the system has no descriptors left.
 *
 * Since: 0.1
 */
tenon_status tenon_poller_new(struct tenon_poller **out, struct tenon_reply **error);

/**
 * Writes the descriptor: readable while there are tokens to take. It lives as long as the poller, and is neither read,
 * written nor closed by the program.
 *
 * Since: 0.1
 */
tenon_status tenon_poller_fd(const struct tenon_poller *poller,
                             int32_t *fd);

/**
 * Takes tokens, `capacity` at most, to `tokens`; `*count` is how many. They are those of handles that were looked at
 * without finding anything, and have something now. One may come twice or too early: its owner looks, and finds
 * nothing. One may also be of a handle that was freed since, when it was put there before: a program that uses a token
 * again must know which of its handles has it now.
 *
 * Since: 0.1
 */
tenon_status tenon_poller_take(const struct tenon_poller *poller,
                               uint64_t *tokens,
                               size_t capacity,
                               size_t *count);

/**
 * Frees a poller. Handles that are attached to it live on, and tell nobody; what they have to say is kept nowhere. NULL
 * does nothing.
 *
 * Since: 0.1
 */
tenon_status tenon_poller_free(struct tenon_poller *poller);

/**
 * Removes keys. `*count` is how many there were.
 *
 * Since: 0.1
 */
tenon_status tenon_del(const struct tenon_db *db,
                       size_t key_count,
                       const struct tenon_bytes *keys,
                       uint64_t *count,
                       struct tenon_reply **error);

/**
 * Counts those of `keys` that there are, each as often as it is named.
 *
 * Since: 0.1
 */
tenon_status tenon_exists(const struct tenon_db *db,
                          size_t key_count,
                          const struct tenon_bytes *keys,
                          uint64_t *count,
                          struct tenon_reply **error);

/**
 * `key` shall be gone in `ttl_ms` milliseconds, at once when that is not above 0. `*done` is 1 when there is such a key.
 *
 * Since: 0.1
 */
tenon_status tenon_expire(const struct tenon_db *db,
                          struct tenon_bytes key,
                          int64_t ttl_ms,
                          uint32_t *done,
                          struct tenon_reply **error);

/**
 * `key` shall live for ever. `*done` is 1 when it had a deadline.
 *
 * Since: 0.1
 */
tenon_status tenon_persist(const struct tenon_db *db,
                           struct tenon_bytes key,
                           uint32_t *done,
                           struct tenon_reply **error);

/**
 * Writes how many milliseconds `key` will live: -1 for ever, -2 when there is no such key.
 *
 * Since: 0.1
 */
tenon_status tenon_ttl(const struct tenon_db *db,
                       struct tenon_bytes key,
                       int64_t *ttl_ms,
                       struct tenon_reply **error);

/**
 * Counts the keys of the logical database.
 *
 * Since: 0.1
 */
tenon_status tenon_count(const struct tenon_db *db, uint64_t *count, struct tenon_reply **error);

/**
 * Answers with the string at `key`; TENON_NIL when there is none.
 *
 * Since: 0.1
 */
tenon_status tenon_get(const struct tenon_db *db, struct tenon_bytes key, struct tenon_reply **reply);

/**
 * Copies the string at `key` to the caller's buffer. `*len` is its length, -1 when there is no such key.
 *
 * Errors: TENON_LIMIT when it is longer than `capacity`: nothing is copied, `*len` says how much room it needs.
 *
 * Since: 0.1
 */
tenon_status tenon_get_into(const struct tenon_db *db,
                            struct tenon_bytes key,
                            uint8_t *buffer,
                            size_t capacity,
                            int64_t *len,
                            struct tenon_reply **error);

/**
 * Sets `key` to `value`, whatever was there; its time to live is gone.
 *
 * Since: 0.1
 */
tenon_status tenon_set(const struct tenon_db *db,
                       struct tenon_bytes key,
                       struct tenon_bytes value,
                       struct tenon_reply **error);

/**
 * Sets `key` to `value` for `ttl_ms` milliseconds, 0 meaning for ever, as `how` says: 0 or a sum of TENON_SET_ONLY_NEW,
 * TENON_SET_ONLY_EXISTING and TENON_SET_KEEP_TTL. `*done` is 1 when it was set.
 *
 * Errors: TENON_COMMAND when these contradict each other.
 *
 * Since: 0.1
 */
tenon_status tenon_set_with(const struct tenon_db *db,
                            struct tenon_bytes key,
                            struct tenon_bytes value,
                            int64_t ttl_ms,
                            uint32_t how,
                            uint32_t *done,
                            struct tenon_reply **error);

/**
 * Adds `by` to the integer at `key`, 0 when there is none. `*value` is the sum.
 *
 * Since: 0.1
 */
tenon_status tenon_incr(const struct tenon_db *db,
                        struct tenon_bytes key,
                        int64_t by,
                        int64_t *value,
                        struct tenon_reply **error);

/**
 * Appends `value` to the string at `key`. `*len` is its length then.
 *
 * Since: 0.1
 */
tenon_status tenon_append(const struct tenon_db *db,
                          struct tenon_bytes key,
                          struct tenon_bytes value,
                          uint64_t *len,
                          struct tenon_reply **error);

/**
 * Writes the length of the string at `key`; 0 when there is none.
 *
 * Since: 0.1
 */
tenon_status tenon_strlen(const struct tenon_db *db,
                          struct tenon_bytes key,
                          uint64_t *len,
                          struct tenon_reply **error);

/**
 * Answers with the value of `field` in the hash at `key`; TENON_NIL when there is none.
 *
 * Since: 0.1
 */
tenon_status tenon_hget(const struct tenon_db *db,
                        struct tenon_bytes key,
                        struct tenon_bytes field,
                        struct tenon_reply **reply);

/**
 * Copies the value of `field` in the hash at `key` to the caller's buffer, as tenon_get_into does.
 *
 * Since: 0.1
 */
tenon_status tenon_hget_into(const struct tenon_db *db,
                             struct tenon_bytes key,
                             struct tenon_bytes field,
                             uint8_t *buffer,
                             size_t capacity,
                             int64_t *len,
                             struct tenon_reply **error);

/**
 * Sets `field` of the hash at `key` to `value`. `*is_new` is 1 when there was no such field.
 *
 * Since: 0.1
 */
tenon_status tenon_hset(const struct tenon_db *db,
                        struct tenon_bytes key,
                        struct tenon_bytes field,
                        struct tenon_bytes value,
                        uint32_t *is_new,
                        struct tenon_reply **error);

/**
 * Removes fields of the hash at `key`. `*count` is how many there were.
 *
 * Since: 0.1
 */
tenon_status tenon_hdel(const struct tenon_db *db,
                        struct tenon_bytes key,
                        size_t field_count,
                        const struct tenon_bytes *fields,
                        uint64_t *count,
                        struct tenon_reply **error);

/**
 * Adds `by` to the integer in `field` of the hash at `key`, 0 when there is none. `*value` is the sum.
 *
 * Since: 0.1
 */
tenon_status tenon_hincr(const struct tenon_db *db,
                         struct tenon_bytes key,
                         struct tenon_bytes field,
                         int64_t by,
                         int64_t *value,
                         struct tenon_reply **error);

/**
 * Tells whether the hash at `key` has `field`: 1 or 0.
 *
 * Since: 0.1
 */
tenon_status tenon_hexists(const struct tenon_db *db,
                           struct tenon_bytes key,
                           struct tenon_bytes field,
                           uint32_t *found,
                           struct tenon_reply **error);

/**
 * Counts the fields of the hash at `key`.
 *
 * Since: 0.1
 */
tenon_status tenon_hlen(const struct tenon_db *db,
                        struct tenon_bytes key,
                        uint64_t *count,
                        struct tenon_reply **error);

/**
 * Puts elements at the head of the list at `key`, one after the other. `*len` is its length then.
 *
 * Since: 0.1
 */
tenon_status tenon_lpush(const struct tenon_db *db,
                         struct tenon_bytes key,
                         size_t count,
                         const struct tenon_bytes *elements,
                         uint64_t *len,
                         struct tenon_reply **error);

/**
 * Puts elements at the tail of the list at `key`. `*len` is its length then.
 *
 * Since: 0.1
 */
tenon_status tenon_rpush(const struct tenon_db *db,
                         struct tenon_bytes key,
                         size_t count,
                         const struct tenon_bytes *elements,
                         uint64_t *len,
                         struct tenon_reply **error);

/**
 * Takes the element at the head of the list at `key`; TENON_NIL when there is none.
 *
 * Since: 0.1
 */
tenon_status tenon_lpop(const struct tenon_db *db, struct tenon_bytes key, struct tenon_reply **reply);

/**
 * Takes the element at the tail of the list at `key`; TENON_NIL when there is none.
 *
 * Since: 0.1
 */
tenon_status tenon_rpop(const struct tenon_db *db, struct tenon_bytes key, struct tenon_reply **reply);

/**
 * Writes the length of the list at `key`.
 *
 * Since: 0.1
 */
tenon_status tenon_llen(const struct tenon_db *db,
                        struct tenon_bytes key,
                        uint64_t *len,
                        struct tenon_reply **error);

/**
 * Adds members to the set at `key`. `*count` is how many are new.
 *
 * Since: 0.1
 */
tenon_status tenon_sadd(const struct tenon_db *db,
                        struct tenon_bytes key,
                        size_t member_count,
                        const struct tenon_bytes *members,
                        uint64_t *count,
                        struct tenon_reply **error);

/**
 * Removes members of the set at `key`. `*count` is how many there were.
 *
 * Since: 0.1
 */
tenon_status tenon_srem(const struct tenon_db *db,
                        struct tenon_bytes key,
                        size_t member_count,
                        const struct tenon_bytes *members,
                        uint64_t *count,
                        struct tenon_reply **error);

/**
 * Tells whether `member` is in the set at `key`: 1 or 0.
 *
 * Since: 0.1
 */
tenon_status tenon_sismember(const struct tenon_db *db,
                             struct tenon_bytes key,
                             struct tenon_bytes member,
                             uint32_t *found,
                             struct tenon_reply **error);

/**
 * Counts the members of the set at `key`.
 *
 * Since: 0.1
 */
tenon_status tenon_scard(const struct tenon_db *db,
                         struct tenon_bytes key,
                         uint64_t *count,
                         struct tenon_reply **error);

/**
 * Gives `member` of the sorted set at `key` that score. `*is_new` is 1 when there was no such member.
 *
 * Since: 0.1
 */
tenon_status tenon_zadd(const struct tenon_db *db,
                        struct tenon_bytes key,
                        double score,
                        struct tenon_bytes member,
                        uint32_t *is_new,
                        struct tenon_reply **error);

/**
 * Adds `by` to the score of `member`, 0 when there is none. `*score` is the sum.
 *
 * Since: 0.1
 */
tenon_status tenon_zincr(const struct tenon_db *db,
                         struct tenon_bytes key,
                         double by,
                         struct tenon_bytes member,
                         double *score,
                         struct tenon_reply **error);

/**
 * Writes the score of `member` in the sorted set at `key`. `*found` is 0 when there is none.
 *
 * Since: 0.1
 */
tenon_status tenon_zscore(const struct tenon_db *db,
                          struct tenon_bytes key,
                          struct tenon_bytes member,
                          double *score,
                          uint32_t *found,
                          struct tenon_reply **error);

/**
 * Writes how many members of the sorted set at `key` have a lower score than `member`. `*found` is 0 when it is not there.
 *
 * Since: 0.1
 */
tenon_status tenon_zrank(const struct tenon_db *db,
                         struct tenon_bytes key,
                         struct tenon_bytes member,
                         uint64_t *rank,
                         uint32_t *found,
                         struct tenon_reply **error);

/**
 * Removes members of the sorted set at `key`. `*count` is how many there were.
 *
 * Since: 0.1
 */
tenon_status tenon_zrem(const struct tenon_db *db,
                        struct tenon_bytes key,
                        size_t member_count,
                        const struct tenon_bytes *members,
                        uint64_t *count,
                        struct tenon_reply **error);

/**
 * Counts the members of the sorted set at `key`.
 *
 * Since: 0.1
 */
tenon_status tenon_zcard(const struct tenon_db *db,
                         struct tenon_bytes key,
                         uint64_t *count,
                         struct tenon_reply **error);

/**
 * Publishes `message` to `channel`. `*readers` is how many subscriptions get it. Nothing is waited for.
 *
 * Since: 0.1
 */
tenon_status tenon_publish(const struct tenon_db *db,
                           struct tenon_bytes channel,
                           struct tenon_bytes message,
                           uint64_t *readers,
                           struct tenon_reply **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TENON_H */

/** Bytes of a literal. Since: 0.1 */
#define TENON_LIT(text) TENON_BYTES(text, sizeof(text) - 1)

/** The two arguments that "%.*s" wants: the bytes of a reply. Since: 0.1 */
#define TENON_TEXT(reply) (int)tenon_reply_text(reply).len, (const char *)tenon_reply_text(reply).data

#ifdef __cplusplus
/** Bytes by their address and their number. Since: 0.1 */
#define TENON_BYTES(data, len) tenon_bytes{reinterpret_cast<const uint8_t *>(data), (size_t)(len)}
#else
#define TENON_BYTES(data, len) ((tenon_bytes){(const uint8_t *)(data), (size_t)(len)})
#endif

/** The defaults of tenon_options. Since: 0.1 */
#define TENON_OPTIONS_INIT \
    {(uint32_t)sizeof(tenon_options), 1, 64, TENON_FSYNC_EVERY_SECOND, TENON_CLOCK_SYSTEM, 0, 0, 0, 0, 0, 67108864, {0, 0}}
