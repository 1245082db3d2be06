/* fork() while other threads write, and are in calls on the very handles that the child tries: every function answers
 * TENON_MISUSE there, those that free do nothing, and nothing hangs or is damaged. */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static tenon_db *shared;
static atomic_int stop;

static void *write_on(void *seed) {
    char key[16];
    int64_t sum;
    for (int i = 0; !atomic_load(&stop); i++) {
        snprintf(key, sizeof key, "k%d", (i + (int)(intptr_t)seed) % 1000);
        OK(tenon_incr(shared, TENON_BYTES(key, strlen(key)), 1, &sum, NULL));
        if (i % 64 == 0) {
            tenon_db *other;
            OK(tenon_select(shared, 1, &other, NULL));
            OK(tenon_free(other));
        }
    }
    return NULL;
}

struct handles {
    tenon_txn *txn;
    tenon_sub *sub;
    tenon_pending *pending;
    tenon_watch *watch;
    tenon_conn *conn, *waited;
    tenon_poller *poller;
};

/* Inside calls on the connection, nearly always. */
static void *talk(void *conn) {
    uint8_t buffer[64];
    size_t len, more;
    while (!atomic_load(&stop)) {
        OK(tenon_conn_exchange(conn, (const uint8_t *)"PING\r\n", 6, buffer, sizeof buffer, &len, &more));
        OK(tenon_conn_pending(conn, &len));
    }
    return NULL;
}

/* Inside a call on the connection, always. */
static void *wait_on(void *conn) {
    uint32_t woken;
    OK(tenon_conn_wait(conn, -1, &woken));
    CHECK(woken == TENON_WOKEN_READY);
    return NULL;
}

/* Its handles come and go, in the slots that a child may get. */
static void *turn_over(void *poller) {
    uint64_t token;
    size_t count;
    uint32_t ready;
    while (!atomic_load(&stop)) {
        tenon_conn *conn;
        OK(tenon_conn_open(shared, &conn, NULL));
        OK(tenon_conn_attach(conn, poller, 1, &ready));
        OK(tenon_conn_free(conn));
        OK(tenon_poller_take(poller, &token, 1, &count));
    }
    return NULL;
}

#define REFUSED(call) CHECK((call) == TENON_MISUSE)
#define TOLD(call)                                                                                                     \
    do {                                                                                                               \
        REFUSED(call);                                                                                                 \
        CHECK(errs(error, "ERR this handle belongs to the process that has opened it"));                               \
    } while (0)

static void database(void) {
    tenon_bytes key = TENON_LIT("k1"), words[MAX_WORDS];
    tenon_reply *error;
    tenon_db *other;
    tenon_txn *txn;
    tenon_sub *sub;
    tenon_pending *pending;
    tenon_watch *watch;
    tenon_conn *conn;
    int64_t i64;
    uint64_t n64;
    uint32_t n32;
    TOLD(say(shared, "GET k1", &error));
    TOLD(tenon_get(shared, key, &error));
    TOLD(tenon_info(shared, key, &error));
    TOLD(tenon_incr(shared, key, 1, &i64, &error));
    TOLD(tenon_publish(shared, key, key, &n64, &error));
    TOLD(tenon_count(shared, &n64, &error));
    TOLD(tenon_sync(shared, &error));
    TOLD(tenon_select(shared, 1, &other, &error));
    REFUSED(tenon_durable(shared, &other));
    REFUSED(tenon_tick(shared, 1, &n32));
    REFUSED(tenon_clock_now(shared, &n64));
    REFUSED(tenon_clock_set(shared, 1));
    REFUSED(tenon_clock_advance(shared, 1));
    REFUSED(tenon_txn_begin(shared, &txn));
    TOLD(tenon_pending_new(shared, split("GET a", words), words, &pending, &error));
    TOLD(tenon_sub_new(shared, 0, 0, 0, &sub, &error));
    TOLD(tenon_watch_new(shared, key, 0, &watch, &error));
    TOLD(tenon_conn_open(shared, &conn, &error));
    CHECK(other == NULL && txn == NULL && pending == NULL && sub == NULL && watch == NULL && conn == NULL);
    TOLD(tenon_close(shared, &error));
}

static void connection(const tenon_conn *conn, const tenon_poller *poller) {
    uint8_t buffer[64];
    const uint8_t *data;
    tenon_bytes ping = TENON_LIT("PING\r\n");
    size_t len, more;
    uint32_t n32;
    int32_t fd;
    REFUSED(tenon_conn_write(conn, ping.data, ping.len));
    REFUSED(tenon_conn_writev(conn, 1, &ping));
    REFUSED(tenon_conn_read(conn, buffer, sizeof buffer, &len));
    REFUSED(tenon_conn_exchange(conn, ping.data, ping.len, buffer, sizeof buffer, &len, &more));
    REFUSED(tenon_conn_peek(conn, &data, &len));
    REFUSED(tenon_conn_consume(conn, 0));
    REFUSED(tenon_conn_pending(conn, &len));
    REFUSED(tenon_conn_wait(conn, -1, &n32));
    REFUSED(tenon_conn_interrupt(conn));
    REFUSED(tenon_conn_fd(conn, &fd));
    REFUSED(tenon_conn_attach(conn, poller, 1, &n32));
    REFUSED(tenon_conn_notify(conn, NULL, NULL));
    REFUSED(tenon_conn_shutdown(conn));
}

static void child(const struct handles *of) {
    tenon_reply *error;
    tenon_bytes words[MAX_WORDS], name = TENON_LIT("c");
    uint64_t n64;
    size_t len;
    int32_t fd;
    alarm(60);
    database();
    connection(of->conn, of->poller);
    connection(of->waited, of->poller);
    TOLD(tenon_txn_call(of->txn, split("GET a", words), words, &error));
    TOLD(tenon_txn_select(of->txn, 1, &error));
    TOLD(tenon_txn_commit(of->txn, &error));
    TOLD(tenon_pending_wait(of->pending, 10, &error));
    REFUSED(tenon_pending_attach(of->pending, of->poller, 1));
    REFUSED(tenon_sub_add(of->sub, TENON_TOPIC_CHANNEL, 1, &name));
    REFUSED(tenon_sub_remove(of->sub, TENON_TOPIC_CHANNEL, 1, &name));
    REFUSED(tenon_sub_dropped(of->sub, &n64));
    REFUSED(tenon_sub_attach(of->sub, of->poller, 1));
    TOLD(tenon_sub_next(of->sub, 10, &error));
    REFUSED(tenon_watch_attach(of->watch, of->poller, 1));
    TOLD(tenon_watch_next(of->watch, 10, &error));
    REFUSED(tenon_poller_fd(of->poller, &fd));
    REFUSED(tenon_poller_take(of->poller, &n64, 1, &len));
    OK(tenon_txn_abort(of->txn));
    OK(tenon_sub_free(of->sub));
    OK(tenon_pending_free(of->pending));
    OK(tenon_watch_free(of->watch));
    OK(tenon_conn_free(of->conn));
    OK(tenon_conn_free(of->waited));
    OK(tenon_poller_free(of->poller));
    OK(tenon_free(shared));
    /* Databases of its own work, in as many slots as it likes. */
    tenon_db *own = memory(), *more[100];
    tenon_conn *conns[100];
    run(own, "SET a b");
    CHECK(says(own, "GET a", "b"));
    for (int at = 0; at < 100; at++) {
        OK(tenon_select(own, 0, &more[at], NULL));
        OK(tenon_conn_open(own, &conns[at], NULL));
        OK(tenon_conn_write(conns[at], (const uint8_t *)"PING\r\n", 6));
        CHECK(says(more[at], "GET a", "b"));
    }
    for (int at = 0; at < 100; at++) {
        OK(tenon_free(more[at]));
        OK(tenon_conn_free(conns[at]));
        CHECK(tenon_conn_free(conns[at]) == TENON_MISUSE);
    }
    /* Its own child is told of both. */
    pid_t pid = fork();
    if (pid == 0) {
        REFUSED(tenon_clock_now(own, &n64));
        REFUSED(tenon_clock_now(shared, &n64));
        OK(tenon_free(own));
        _exit(0);
    }
    int status;
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    OK(tenon_free(own));
    /* No checks at exit of what the parent's threads left behind. */
    _exit(0);
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    pthread_t threads[5];
    struct handles of;
    tenon_reply *reply;
    tenon_bytes words[MAX_WORDS], path = TENON_BYTES(argv[1], strlen(argv[1]));
    OK(tenon_open(path, NULL, &shared, NULL));
    OK(tenon_txn_begin(shared, &of.txn));
    OK(tenon_txn_call(of.txn, split("GET a", words), words, &reply));
    tenon_reply_free(reply);
    OK(tenon_sub_new(shared, 0, 0, 0, &of.sub, NULL));
    OK(tenon_sub_add(of.sub, TENON_TOPIC_CHANNEL, 1, &TENON_LIT("c")));
    OK(tenon_pending_new(shared, split("BLPOP l 0", words), words, &of.pending, NULL));
    OK(tenon_pending_wait(of.pending, 0, &reply));
    OK(tenon_watch_new(shared, TENON_LIT("w"), 0, &of.watch, NULL));
    OK(tenon_conn_open(shared, &of.conn, NULL));
    OK(tenon_conn_open(shared, &of.waited, NULL));
    OK(tenon_poller_new(&of.poller, NULL));
    for (intptr_t at = 0; at < 2; at++) pthread_create(&threads[at], NULL, write_on, (void *)(at * 500));
    pthread_create(&threads[2], NULL, talk, of.conn);
    pthread_create(&threads[3], NULL, turn_over, of.poller);
    pthread_create(&threads[4], NULL, wait_on, of.waited);
    for (int round = 0; round < 30; round++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) child(&of);
        int status;
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&stop, 1);
    OK(tenon_conn_shutdown(of.waited));
    for (int at = 0; at < 5; at++) pthread_join(threads[at], NULL);
    OK(tenon_conn_free(of.waited));
    OK(tenon_poller_free(of.poller));
    OK(tenon_txn_abort(of.txn));
    OK(tenon_sub_free(of.sub));
    OK(tenon_pending_free(of.pending));
    OK(tenon_watch_free(of.watch));
    OK(tenon_conn_free(of.conn));
    int64_t keys = number(shared, "DBSIZE");
    OK(tenon_close(shared, NULL));
    OK(tenon_open(path, NULL, &shared, NULL));
    CHECK(number(shared, "DBSIZE") == keys);
    OK(tenon_close(shared, NULL));
    return 0;
}
