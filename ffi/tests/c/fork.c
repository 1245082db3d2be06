/* fork() while other threads write: the child's handles answer TENON_MISUSE, and nothing hangs or is damaged. */
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
    tenon_conn *conn;
};

#define REFUSED(call) CHECK((call) == TENON_MISUSE)

static void child(const struct handles *of) {
    tenon_reply *reply;
    int64_t sum;
    uint8_t buffer[64];
    size_t len;
    alarm(60);
    REFUSED(tenon_incr(shared, TENON_LIT("k1"), 1, &sum, &reply));
    CHECK(errs(reply, "ERR this"));
    REFUSED(say(shared, "GET k1", &reply));
    tenon_reply_free(reply);
    REFUSED(tenon_sub_next(of->sub, 10, &reply));
    tenon_reply_free(reply);
    REFUSED(tenon_pending_wait(of->pending, 10, &reply));
    tenon_reply_free(reply);
    REFUSED(tenon_watch_next(of->watch, 10, &reply));
    tenon_reply_free(reply);
    CHECK(tenon_conn_read(of->conn, buffer, sizeof buffer, &len) == TENON_CLOSED);
    CHECK(tenon_conn_write(of->conn, (const uint8_t *)"PING\r\n", 6) == TENON_CLOSED);
    tenon_bytes words[MAX_WORDS];
    REFUSED(tenon_txn_call(of->txn, split("GET a", words), words, &reply));
    tenon_reply_free(reply);
    tenon_txn_abort(of->txn);
    tenon_sub_free(of->sub);
    tenon_pending_free(of->pending);
    tenon_watch_free(of->watch);
    tenon_conn_free(of->conn);
    tenon_free(shared);
    /* A database of its own works. */
    tenon_db *own = memory();
    run(own, "SET a b");
    CHECK(says(own, "GET a", "b"));
    tenon_free(own);
    /* No checks at exit of what the parent's threads left behind. */
    _exit(0);
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    pthread_t threads[2];
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
    for (intptr_t at = 0; at < 2; at++) pthread_create(&threads[at], NULL, write_on, (void *)(at * 500));
    for (int round = 0; round < 30; round++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) child(&of);
        int status;
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&stop, 1);
    for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);
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
