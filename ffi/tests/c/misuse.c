/* NULL, wrong handles, handles that were freed: every function answers TENON_MISUSE, and writes its results all the same. */
#include "check.h"

#define JUNK(type) ((type *)(uintptr_t)0xdeadbeef)
static int stack;

/* What is no open tenon_db: NULL, numbers, addresses, other handles, freed ones. */
static const void *no_databases[8];
static size_t no_database_count;

static void each(tenon_db *db) {
    tenon_bytes key = TENON_LIT("k");
    tenon_command command = {1, &key};
    uint8_t buffer[8];
    /* None of these values may be left standing. */
    tenon_reply *reply = JUNK(tenon_reply), *error = JUNK(tenon_reply);
    tenon_db *other = JUNK(tenon_db);
    tenon_txn *txn = JUNK(tenon_txn);
    tenon_pending *pending = JUNK(tenon_pending);
    tenon_sub *sub = JUNK(tenon_sub);
    tenon_watch *watch = JUNK(tenon_watch);
    tenon_conn *conn = JUNK(tenon_conn);
    uint64_t n64 = 7;
    int64_t i64 = 7;
    uint32_t n32 = 7;
    double number = 7;
    size_t len = 7;

#define REFUSED(call) CHECK((call) == TENON_MISUSE)
#define REPLIED(call)                                                                                                  \
    do {                                                                                                               \
        reply = JUNK(tenon_reply);                                                                                     \
        REFUSED(call);                                                                                                 \
        CHECK(errs(reply, "ERR this is no open tenon_db handle"));                                                     \
    } while (0)
#define TOLD(call)                                                                                                     \
    do {                                                                                                               \
        error = JUNK(tenon_reply);                                                                                     \
        REFUSED(call);                                                                                                 \
        CHECK(errs(error, "ERR this is no open tenon_db handle"));                                                     \
    } while (0)

    REPLIED(tenon_call(db, 1, &key, &reply));
    REPLIED(tenon_call_packed(db, (const uint8_t *)"\1\0\0\0\0\0\0\0\0", 9, &reply));
    REPLIED(tenon_batch(db, 1, &command, &reply));
    REPLIED(tenon_get(db, key, &reply));
    REPLIED(tenon_hget(db, key, key, &reply));
    REPLIED(tenon_lpop(db, key, &reply));
    REPLIED(tenon_rpop(db, key, &reply));
    REPLIED(tenon_info(db, key, &reply));
    REFUSED(tenon_call_into(db, (const uint8_t *)"\1\0\0\0\0\0\0\0\0", 9, buffer, sizeof buffer, &len, &reply));
    CHECK(len > sizeof buffer && errs(reply, "ERR this is no open tenon_db handle"));
    REFUSED(tenon_batch_into(db, (const uint8_t *)"\0\0\0\0", 4, buffer, sizeof buffer, &len, &reply));
    tenon_reply_free(reply);

    TOLD(tenon_select(db, 1, &other, &error));
    CHECK(other == NULL);
    other = JUNK(tenon_db);
    REFUSED(tenon_durable(db, &other));
    CHECK(other == NULL);
    TOLD(tenon_sync(db, &error));
    REFUSED(tenon_tick(db, 1, &n32));
    REFUSED(tenon_clock_now(db, &n64));
    REFUSED(tenon_clock_set(db, 1));
    REFUSED(tenon_clock_advance(db, 1));
    CHECK(n32 == 0 && n64 == 0);
    REFUSED(tenon_txn_begin(db, &txn));
    TOLD(tenon_pending_new(db, 1, &key, &pending, &error));
    CHECK(pending == NULL);
    TOLD(tenon_pending_new_packed(db, buffer, 0, &pending, &error));
    TOLD(tenon_sub_new(db, 0, 0, 0, &sub, &error));
    TOLD(tenon_watch_new(db, key, 0, &watch, &error));
    TOLD(tenon_conn_open(db, &conn, &error));
    CHECK(txn == NULL && pending == NULL && sub == NULL && watch == NULL && conn == NULL);

    TOLD(tenon_get_into(db, key, buffer, sizeof buffer, &i64, &error));
    CHECK(i64 == -1);
    TOLD(tenon_hget_into(db, key, key, buffer, sizeof buffer, &i64, &error));
    TOLD(tenon_set(db, key, key, &error));
    TOLD(tenon_set_with(db, key, key, 0, 0, &n32, &error));
    i64 = 7;
    TOLD(tenon_incr(db, key, 1, &i64, &error));
    CHECK(i64 == 0);
    n64 = 7;
    TOLD(tenon_append(db, key, key, &n64, &error));
    CHECK(n64 == 0);
    TOLD(tenon_strlen(db, key, &n64, &error));
    TOLD(tenon_del(db, 1, &key, &n64, &error));
    TOLD(tenon_exists(db, 1, &key, &n64, &error));
    TOLD(tenon_expire(db, key, 1, &n32, &error));
    TOLD(tenon_persist(db, key, &n32, &error));
    TOLD(tenon_ttl(db, key, &i64, &error));
    TOLD(tenon_count(db, &n64, &error));
    TOLD(tenon_hset(db, key, key, key, &n32, &error));
    TOLD(tenon_hdel(db, key, 1, &key, &n64, &error));
    TOLD(tenon_hincr(db, key, key, 1, &i64, &error));
    TOLD(tenon_hexists(db, key, key, &n32, &error));
    TOLD(tenon_hlen(db, key, &n64, &error));
    TOLD(tenon_lpush(db, key, 1, &key, &n64, &error));
    TOLD(tenon_rpush(db, key, 1, &key, &n64, &error));
    TOLD(tenon_llen(db, key, &n64, &error));
    TOLD(tenon_sadd(db, key, 1, &key, &n64, &error));
    TOLD(tenon_srem(db, key, 1, &key, &n64, &error));
    TOLD(tenon_sismember(db, key, key, &n32, &error));
    TOLD(tenon_scard(db, key, &n64, &error));
    TOLD(tenon_zadd(db, key, 1, key, &n32, &error));
    TOLD(tenon_zincr(db, key, 1, key, &number, &error));
    CHECK(number == 0);
    TOLD(tenon_zscore(db, key, key, &number, &n32, &error));
    TOLD(tenon_zrank(db, key, key, &n64, &n32, &error));
    TOLD(tenon_zrem(db, key, 1, &key, &n64, &error));
    TOLD(tenon_zcard(db, key, &n64, &error));
    TOLD(tenon_publish(db, key, key, &n64, &error));
    TOLD(tenon_close(db, &error));
    if (db != NULL) REFUSED(tenon_free(db));
}

/* What the other kinds of handles refuse: of each, what is no open one. */
static void others(const void *junk) {
    uint8_t buffer[8];
    tenon_reply *reply;
    tenon_bytes key = TENON_LIT("k");
    uint64_t n64;
    uint32_t n32;
    size_t len, len2;
    int32_t fd;
    tenon_txn *txn = (tenon_txn *)junk;
    const tenon_pending *pending = (const tenon_pending *)junk;
    const tenon_sub *sub = (const tenon_sub *)junk;
    const tenon_watch *watch = (const tenon_watch *)junk;
    tenon_conn *conn = (tenon_conn *)junk;
    const tenon_poller *poller = (const tenon_poller *)junk;
#define ANSWERED(call)                                                                                                 \
    do {                                                                                                               \
        reply = JUNK(tenon_reply);                                                                                     \
        REFUSED(call);                                                                                                 \
        CHECK(errs(reply, "ERR this is no open tenon_"));                                                              \
    } while (0)
    ANSWERED(tenon_txn_call(txn, 1, &key, &reply));
    REFUSED(tenon_txn_call_into(txn, (const uint8_t *)"\1\0\0\0\0\0\0\0\0", 9, buffer, sizeof buffer, &len, &reply));
    tenon_reply_free(reply);
    ANSWERED(tenon_txn_select(txn, 1, &reply));
    ANSWERED(tenon_txn_commit(txn, &reply));
    ANSWERED(tenon_pending_wait(pending, 0, &reply));
    REFUSED(tenon_pending_attach(pending, poller, 1));
    REFUSED(tenon_sub_add(sub, 0, 1, &key));
    REFUSED(tenon_sub_remove(sub, 0, 1, &key));
    ANSWERED(tenon_sub_next(sub, 0, &reply));
    REFUSED(tenon_sub_dropped(sub, &n64));
    REFUSED(tenon_sub_attach(sub, poller, 1));
    ANSWERED(tenon_watch_next(watch, 0, &reply));
    REFUSED(tenon_watch_attach(watch, poller, 1));
    REFUSED(tenon_poller_fd(poller, &fd));
    CHECK(fd == -1);
    REFUSED(tenon_poller_take(poller, &n64, 1, &len));
    REFUSED(tenon_conn_write(conn, buffer, 1));
    REFUSED(tenon_conn_writev(conn, 1, &key));
    REFUSED(tenon_conn_read(conn, buffer, sizeof buffer, &len));
    REFUSED(tenon_conn_exchange(conn, buffer, 1, buffer, sizeof buffer, &len, &len2));
    const uint8_t *data;
    REFUSED(tenon_conn_peek(conn, &data, &len));
    CHECK(data == NULL && len == 0);
    REFUSED(tenon_conn_consume(conn, 1));
    REFUSED(tenon_conn_wait(conn, 0, &n32));
    REFUSED(tenon_conn_interrupt(conn));
    REFUSED(tenon_conn_pending(conn, &len));
    REFUSED(tenon_conn_fd(conn, &fd));
    REFUSED(tenon_conn_attach(conn, poller, 1, &n32));
    REFUSED(tenon_conn_notify(conn, NULL, NULL));
    REFUSED(tenon_conn_shutdown(conn));
    if (junk != NULL) {
        REFUSED(tenon_txn_abort(txn));
        REFUSED(tenon_pending_free((tenon_pending *)junk));
        REFUSED(tenon_sub_free((tenon_sub *)junk));
        REFUSED(tenon_watch_free((tenon_watch *)junk));
        REFUSED(tenon_poller_free((tenon_poller *)junk));
        REFUSED(tenon_conn_free(conn));
    }
}

/* Places that are missing. */
static void places(void) {
    tenon_db *db = memory();
    tenon_bytes key = TENON_LIT("k"), torn = {NULL, 3};
    tenon_reply *error;
    int64_t i64;
    REFUSED(tenon_memory(NULL, NULL, NULL));
    REFUSED(tenon_call(db, 1, &key, NULL));
    REFUSED(tenon_get(db, key, NULL));
    REFUSED(tenon_incr(db, key, 1, NULL, &error));
    CHECK(errs(error, "ERR a result needs a place"));
    REFUSED(tenon_incr(db, torn, 1, &i64, &error));
    CHECK(errs(error, "ERR bytes are missing"));
    REFUSED(tenon_call(db, 1, NULL, &error));
    CHECK(errs(error, "ERR bytes are missing"));
    REFUSED(tenon_call(db, SIZE_MAX, &key, &error));
    tenon_reply_free(error);
    CHECK(tenon_call(db, 0, NULL, &error) == TENON_COMMAND);
    tenon_reply_free(error);
    OK(tenon_free(NULL));
    OK(tenon_txn_abort(NULL));
    OK(tenon_pending_free(NULL));
    OK(tenon_sub_free(NULL));
    OK(tenon_watch_free(NULL));
    OK(tenon_poller_free(NULL));
    OK(tenon_conn_free(NULL));
    OK(tenon_free(db));
    REFUSED(tenon_free(db));
}

static void options(void) {
    tenon_options o = TENON_OPTIONS_INIT, filled;
    tenon_db *db;
    tenon_reply *error;
    OK(tenon_options_init(&filled));
    CHECK(filled.size == o.size && filled.segment_bytes == o.segment_bytes && filled.stripes == o.stripes);
    REFUSED(tenon_options_init(NULL));
#define WRONG(field, value)                                                                                            \
    do {                                                                                                               \
        tenon_options wrong = TENON_OPTIONS_INIT;                                                                      \
        wrong.field = value;                                                                                           \
        REFUSED(tenon_memory(&wrong, &db, &error));                                                                    \
        CHECK(db == NULL && errs(error, "ERR "));                                                                      \
    } while (0)
    WRONG(size, 8);
    WRONG(threads, 2);
    WRONG(stripes, 0);
    WRONG(fsync, 3);
    WRONG(clock, 2);
    WRONG(salvage, 2);
    WRONG(seeded, 2);
    WRONG(reserved, 1);
    WRONG(segment_bytes, 1);
    WRONG(password.len, 1);
    REFUSED(tenon_open(TENON_LIT(""), NULL, &db, NULL));
    REFUSED(tenon_open(TENON_BYTES("a\0b", 3), NULL, &db, NULL));
    CHECK(tenon_open(TENON_LIT("/dev/null/x"), NULL, &db, &error) != TENON_OK && db == NULL);
    tenon_reply_free(error);
}

int main(void) {
    tenon_db *db = memory(), *gone = memory();
    tenon_txn *txn;
    tenon_sub *sub;
    OK(tenon_free(gone));
    OK(tenon_txn_begin(db, &txn));
    OK(tenon_sub_new(db, 0, 0, 0, &sub, NULL));
    no_databases[no_database_count++] = NULL;
    no_databases[no_database_count++] = gone;
    no_databases[no_database_count++] = txn;
    no_databases[no_database_count++] = sub;
    no_databases[no_database_count++] = &stack;
    no_databases[no_database_count++] = (void *)(uintptr_t)1;
    no_databases[no_database_count++] = (void *)((uintptr_t)db + 1);
    no_databases[no_database_count++] = (void *)((uintptr_t)db ^ ((uintptr_t)1 << 40));
    for (size_t at = 0; at < no_database_count; at++) each((tenon_db *)no_databases[at]);
    others(NULL);
    others(db);
    others(gone);
    others(&stack);
    others((void *)UINTPTR_MAX);
    OK(tenon_txn_abort(txn));
    CHECK(tenon_txn_abort(txn) == TENON_MISUSE);
    OK(tenon_sub_free(sub));
    CHECK(tenon_sub_free(sub) == TENON_MISUSE);
    others(txn);
    others(sub);
    /* Slots are used again: what was freed stays refused. */
    for (int round = 0; round < 1000; round++) {
        tenon_db *again = memory();
        CHECK(again != gone && tenon_count(gone, &(uint64_t){0}, NULL) == TENON_MISUSE);
        OK(tenon_free(again));
    }
    places();
    options();
    OK(tenon_free(db));
    return 0;
}
