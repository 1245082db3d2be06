/* Lifetimes: handles go in any order, selected databases, the clock, durable stores, who waits is woken. */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static void any_order(void) {
    tenon_db *db = memory(), *second;
    tenon_txn *txn;
    tenon_sub *sub;
    tenon_reply *reply;
    OK(tenon_select(db, 1, &second, NULL));
    OK(tenon_txn_begin(second, &txn));
    OK(tenon_sub_new(db, 0, 0, 0, &sub, NULL));
    OK(tenon_sub_add(sub, TENON_TOPIC_CHANNEL, 1, &TENON_LIT("c")));
    run(second, "SET where second");
    CHECK(number(db, "EXISTS where") == 0);
    OK(tenon_free(db));
    CHECK(says(second, "GET where", "second"));
    uint64_t readers;
    OK(tenon_publish(second, TENON_LIT("c"), TENON_LIT("hello"), &readers, NULL));
    CHECK(readers == 1);
    OK(tenon_free(second));
    tenon_bytes words[MAX_WORDS];
    OK(tenon_txn_call(txn, split("GET where", words), words, &reply));
    CHECK(is_text(tenon_reply_text(reply), "second"));
    tenon_reply_free(reply);
    OK(tenon_txn_abort(txn));
    OK(tenon_sub_next(sub, 0, &reply));
    CHECK(is_text(tenon_reply_root(reply)->data.list.items[2].data.bytes, "hello"));
    tenon_reply_free(reply);
    OK(tenon_sub_free(sub));
    db = memory();
    tenon_reply *error;
    CHECK(tenon_select(db, 16, &second, &error) == TENON_COMMAND && second == NULL);
    CHECK(errs(error, "ERR DB index is out of range"));
    OK(tenon_free(db));
}

static void clocks(void) {
    tenon_options options = TENON_OPTIONS_INIT;
    options.clock = TENON_CLOCK_MANUAL;
    options.clock_ms = 1000;
    options.threads = 0;
    tenon_db *db;
    uint64_t now;
    uint32_t more;
    OK(tenon_memory(&options, &db, NULL));
    run(db, "SET k v PX 500");
    OK(tenon_clock_advance(db, 499));
    CHECK(number(db, "EXISTS k") == 1);
    OK(tenon_clock_advance(db, 1));
    CHECK(number(db, "EXISTS k") == 0);
    OK(tenon_clock_set(db, 5000));
    OK(tenon_clock_now(db, &now));
    CHECK(now == 5000);
    do OK(tenon_tick(db, 1000, &more));
    while (more);
    /* The same seed, the same chance. */
    options.seeded = 1;
    options.seed = 42;
    char drawn[2][32];
    for (int round = 0; round < 2; round++) {
        tenon_db *other;
        tenon_reply *reply;
        OK(tenon_memory(&options, &other, NULL));
        run(other, "SADD s a b c d e f g h i j");
        OK(say(other, "SPOP s", &reply));
        snprintf(drawn[round], sizeof drawn[0], "%.*s", TENON_TEXT(reply));
        tenon_reply_free(reply);
        OK(tenon_free(other));
    }
    CHECK(strcmp(drawn[0], drawn[1]) == 0);
    OK(tenon_free(db));
}

static void stores(const char *dir) {
    tenon_bytes path = TENON_BYTES(dir, strlen(dir));
    tenon_db *db, *twin, *sure;
    tenon_reply *error;
    OK(tenon_open(path, NULL, &db, NULL));
    OK(tenon_open(path, NULL, &twin, NULL));
    run(db, "SET color green");
    CHECK(says(twin, "GET color", "green"));
    OK(tenon_durable(db, &sure));
    run(sure, "SET kept yes");
    OK(tenon_sync(db, NULL));
    OK(tenon_free(sure));
    OK(tenon_close(db, NULL));
    CHECK(tenon_close(db, NULL) == TENON_MISUSE);
    CHECK(tenon_set(twin, TENON_LIT("a"), TENON_LIT("b"), &error) == TENON_CLOSED);
    CHECK(errs(error, "ERR "));
    OK(tenon_free(twin));
    OK(tenon_open(path, NULL, &db, NULL));
    CHECK(says(db, "GET color", "green") && says(db, "GET kept", "yes"));
    OK(tenon_close(db, NULL));
}

/* Threads that wait for ever, until what they wait for is freed. One that comes only then is refused. */
static tenon_sub *waited_sub;
static tenon_pending *waited_call;
static tenon_watch *waited_watch;
static atomic_int begun;

static void ended(tenon_status status, tenon_reply *error) {
    CHECK(status == TENON_CLOSED || status == TENON_MISUSE);
    CHECK(errs(error, status == TENON_CLOSED ? "ERR the handle was freed while" : "ERR this is no open tenon_"));
}

static void *wait_sub(void *none) {
    tenon_reply *reply;
    atomic_fetch_add(&begun, 1);
    tenon_status status = tenon_sub_next(waited_sub, -1, &reply);
    ended(status, reply);
    return none;
}

static void *wait_call(void *none) {
    tenon_reply *reply;
    atomic_fetch_add(&begun, 1);
    tenon_status status = tenon_pending_wait(waited_call, -1, &reply);
    ended(status, reply);
    return none;
}

static void *wait_watch(void *none) {
    tenon_reply *reply;
    atomic_fetch_add(&begun, 1);
    tenon_status status = tenon_watch_next(waited_watch, -1, &reply);
    ended(status, reply);
    return none;
}

static void *block(void *db) {
    tenon_reply *reply;
    CHECK(say(db, "BLPOP nothing 0", &reply) == TENON_CLOSED);
    tenon_reply_free(reply);
    return NULL;
}

/* How many commands wait for keys. */
static int blocked(const tenon_db *db) {
    tenon_reply *reply;
    OK(tenon_info(db, TENON_LIT("clients"), &reply));
    tenon_bytes text = tenon_reply_text(reply);
    const char *found = memmem(text.data, text.len, "blocked_clients:", 16);
    CHECK(found != NULL);
    int count = found[16] - '0';
    tenon_reply_free(reply);
    return count;
}

static void woken(int round) {
    tenon_db *db = memory();
    pthread_t threads[4];
    tenon_bytes words[MAX_WORDS];
    atomic_store(&begun, 0);
    OK(tenon_sub_new(db, 0, 0, 0, &waited_sub, NULL));
    OK(tenon_watch_new(db, TENON_LIT(""), 0, &waited_watch, NULL));
    OK(tenon_pending_new(db, split("BLPOP l 0", words), words, &waited_call, NULL));
    pthread_create(&threads[0], NULL, wait_sub, NULL);
    pthread_create(&threads[1], NULL, wait_call, NULL);
    pthread_create(&threads[2], NULL, wait_watch, NULL);
    pthread_create(&threads[3], NULL, block, db);
    /* By turns once all sleep or are about to, and in whatever they are doing. */
    while (atomic_load(&begun) < 3) sched_yield();
    while (round % 2 == 0 && blocked(db) < 2) sched_yield();
    OK(tenon_sub_free(waited_sub));
    OK(tenon_pending_free(waited_call));
    OK(tenon_watch_free(waited_watch));
    /* The one that was given up waits no more; the other one does, or will. */
    while (blocked(db) != 1) sched_yield();
    OK(tenon_close(db, NULL));
    for (int at = 0; at < 4; at++) pthread_join(threads[at], NULL);
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    any_order();
    clocks();
    stores(argv[1]);
    for (int round = 0; round < 200; round++) woken(round);
    return 0;
}
