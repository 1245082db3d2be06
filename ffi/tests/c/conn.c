/* Connections without a socket: written, read, peeked at, waited for, told of in four ways, ended from both sides. */
#include "check.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static tenon_conn *dial(const tenon_db *db) {
    tenon_conn *conn;
    OK(tenon_conn_open(db, &conn, NULL));
    return conn;
}

static void put(const tenon_conn *conn, const char *text) { OK(tenon_conn_write(conn, (const uint8_t *)text, strlen(text))); }

/* Tells whether what can be read now is this. */
static int gives(const tenon_conn *conn, const char *text) {
    char found[512];
    size_t at = 0, len;
    do {
        OK(tenon_conn_read(conn, (uint8_t *)found + at, sizeof found - 1 - at, &len));
        at += len;
    } while (len > 0);
    found[at] = 0;
    if (strcmp(found, text) != 0) fprintf(stderr, "not \"%s\": \"%s\"\n", text, found);
    return strcmp(found, text) == 0;
}

static int readable(int32_t fd, int timeout_ms) {
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, timeout_ms) == 1;
}

static void bytes(void) {
    tenon_db *db = memory();
    tenon_conn *conn = dial(db);
    uint8_t buffer[64];
    const uint8_t *data;
    size_t len, more;

    OK(tenon_conn_read(conn, buffer, sizeof buffer, &len));
    CHECK(len == 0);
    /* In pieces, and several at once. */
    put(conn, "*2\r\n$4\r\nEC");
    CHECK(gives(conn, ""));
    tenon_bytes pieces[] = {TENON_LIT("HO\r\n$2\r\nhi\r\n"), TENON_LIT("PING\r\n"), {NULL, 0}};
    OK(tenon_conn_writev(conn, 3, pieces));
    OK(tenon_conn_pending(conn, &len));
    CHECK(len == 15 && gives(conn, "$2\r\nhi\r\n+PONG\r\n"));
    OK(tenon_conn_exchange(conn, (const uint8_t *)"PING\r\n", 6, buffer, 3, &len, &more));
    CHECK(len == 3 && more == 4 && memcmp(buffer, "+PO", 3) == 0);
    CHECK(gives(conn, "NG\r\n"));

    /* What was shown stays where it is while more is written. */
    OK(tenon_conn_peek(conn, &data, &len));
    CHECK(data == NULL && len == 0);
    put(conn, "ECHO shown\r\n");
    OK(tenon_conn_peek(conn, &data, &len));
    CHECK(len == 11);
    for (int i = 0; i < 1000; i++) put(conn, "PING\r\n");
    CHECK(memcmp(data, "$5\r\nshown\r\n", 11) == 0);
    uint32_t woken;
    OK(tenon_conn_wait(conn, 0, &woken));
    CHECK(woken == TENON_WOKEN_READY);
    CHECK(tenon_conn_consume(conn, 12) == TENON_MISUSE);
    OK(tenon_conn_consume(conn, 4));
    OK(tenon_conn_pending(conn, &len));
    CHECK(len == 7 + 7000);
    OK(tenon_conn_peek(conn, &data, &len));
    CHECK(len == 7 && memcmp(data, "shown\r\n", 7) == 0);
    OK(tenon_conn_read(conn, buffer, 14, &len));
    CHECK(len == 14 && memcmp(buffer, "shown\r\n+PONG\r\n", 14) == 0);
    CHECK(tenon_conn_consume(conn, 1) == TENON_MISUSE);
    size_t all = 0;
    for (;;) {
        OK(tenon_conn_peek(conn, &data, &len));
        if (len == 0) break;
        all += len;
        OK(tenon_conn_consume(conn, len));
    }
    CHECK(all == 6993);
    CHECK(tenon_conn_read(conn, NULL, 4, &len) == TENON_MISUSE);
    CHECK(tenon_conn_read(conn, buffer, 0, &len) == TENON_MISUSE);

    /* Garbage is answered, and ends the connection; so does QUIT. */
    put(conn, "*1\r\n:1\r\n");
    OK(tenon_conn_read(conn, buffer, sizeof buffer, &len));
    CHECK(len > 20 && memcmp(buffer, "-ERR Protocol error", 19) == 0);
    CHECK(tenon_conn_read(conn, buffer, sizeof buffer, &len) == TENON_CLOSED);
    OK(tenon_conn_free(conn));
    conn = dial(db);
    put(conn, "QUIT\r\n");
    OK(tenon_conn_read(conn, buffer, sizeof buffer, &len));
    CHECK(len == 5 && memcmp(buffer, "+OK\r\n", 5) == 0);
    CHECK(tenon_conn_read(conn, buffer, sizeof buffer, &len) == TENON_CLOSED && len == 0);
    CHECK(tenon_conn_peek(conn, &data, &len) == TENON_CLOSED);
    CHECK(tenon_conn_write(conn, (const uint8_t *)"PING\r\n", 6) == TENON_CLOSED);
    OK(tenon_conn_wait(conn, -1, &woken));
    CHECK(woken == TENON_WOKEN_READY);
    OK(tenon_conn_free(conn));
    CHECK(tenon_conn_free(conn) == TENON_MISUSE);

    /* Ended from this side: what is left can be read. */
    conn = dial(db);
    put(conn, "PING\r\n");
    OK(tenon_conn_shutdown(conn));
    OK(tenon_conn_read(conn, buffer, sizeof buffer, &len));
    CHECK(len == 7);
    CHECK(tenon_conn_read(conn, buffer, sizeof buffer, &len) == TENON_CLOSED);
    OK(tenon_conn_free(conn));
    /* It keeps its database alive. */
    conn = dial(db);
    OK(tenon_free(db));
    put(conn, "DBSIZE\r\n");
    CHECK(gives(conn, ":0\r\n"));
    OK(tenon_conn_free(conn));
}

/* Everybody is told of what was shown and not consumed. */
static void shown(void) {
    tenon_db *db = memory();
    tenon_conn *conn = dial(db);
    tenon_poller *poller;
    const uint8_t *data;
    size_t len;
    int32_t fd;
    uint32_t ready, woken;
    OK(tenon_poller_new(&poller, NULL));
    OK(tenon_conn_fd(conn, &fd));
    CHECK(gives(conn, "") && !readable(fd, 0));
    put(conn, "ECHO shown\r\n");
    OK(tenon_conn_peek(conn, &data, &len));
    CHECK(len == 11 && readable(fd, 0));
    OK(tenon_conn_consume(conn, 4));
    CHECK(readable(fd, 0));
    OK(tenon_conn_attach(conn, poller, 1, &ready));
    OK(tenon_conn_wait(conn, 0, &woken));
    CHECK(ready == 1 && woken == TENON_WOKEN_READY);
    OK(tenon_conn_pending(conn, &len));
    CHECK(len == 7);
    /* Part of it is read, and the rest is still there. */
    uint8_t buffer[8];
    OK(tenon_conn_read(conn, buffer, 2, &len));
    OK(tenon_conn_peek(conn, &data, &len));
    CHECK(len == 5 && memcmp(data, "own\r\n", 5) == 0);
    OK(tenon_conn_consume(conn, 5));
    CHECK(gives(conn, "") && !readable(fd, 0));
    /* What was shown is there to be consumed although the connection was killed. */
    put(conn, "ECHO shown\r\n");
    OK(tenon_conn_peek(conn, &data, &len));
    run(db, "CLIENT KILL TYPE normal");
    CHECK(memcmp(data, "$5\r\nshown\r\n", 11) == 0);
    OK(tenon_conn_consume(conn, 11));
    CHECK(tenon_conn_peek(conn, &data, &len) == TENON_CLOSED && data == NULL && len == 0);
    OK(tenon_conn_free(conn));
    OK(tenon_poller_free(poller));
    OK(tenon_free(db));
}

/* A connection that is freed while it is idle says nothing to its poller or its function. */
static void quiet_end(void) {
    tenon_db *db = memory();
    tenon_conn *conn = dial(db);
    tenon_poller *poller;
    uint64_t token;
    size_t count;
    uint32_t ready;
    int32_t fd;
    OK(tenon_poller_new(&poller, NULL));
    OK(tenon_poller_fd(poller, &fd));
    OK(tenon_conn_attach(conn, poller, 5, &ready));
    CHECK(ready == 0);
    OK(tenon_conn_free(conn));
    CHECK(!readable(fd, 0));
    OK(tenon_poller_take(poller, &token, 1, &count));
    CHECK(count == 0);
    OK(tenon_poller_free(poller));
    OK(tenon_free(db));
}

static void waits(void) {
    tenon_db *db = memory();
    tenon_conn *reader = dial(db), *writer = dial(db);
    int32_t fd;
    uint32_t woken, ready;
    /* Commands behind one that waits wait, too. */
    put(reader, "BLPOP jobs 0\r\nPING\r\n");
    CHECK(gives(reader, ""));
    OK(tenon_conn_wait(reader, 1, &woken));
    CHECK(woken == TENON_WOKEN_TIMED_OUT);
    OK(tenon_conn_interrupt(reader));
    OK(tenon_conn_wait(reader, -1, &woken));
    CHECK(woken == TENON_WOKEN_INTERRUPTED);
    OK(tenon_conn_fd(reader, &fd));
    CHECK(!readable(fd, 0));
    put(writer, "RPUSH jobs build\r\n");
    CHECK(readable(fd, 10000));
    OK(tenon_conn_wait(reader, -1, &woken));
    CHECK(woken == TENON_WOKEN_READY);
    CHECK(gives(reader, "*2\r\n$4\r\njobs\r\n$5\r\nbuild\r\n+PONG\r\n"));
    CHECK(!readable(fd, 0));

    /* One descriptor for both, and messages. */
    tenon_poller *poller;
    uint64_t token;
    size_t count;
    OK(tenon_poller_new(&poller, NULL));
    OK(tenon_conn_attach(writer, poller, 7, &ready));
    CHECK(ready == 1 && gives(writer, ":1\r\n"));
    put(reader, "HELLO 3\r\nSUBSCRIBE news\r\n");
    OK(tenon_conn_attach(reader, poller, 8, &ready));
    CHECK(ready == 1);
    char greeting[4096];
    size_t len;
    do OK(tenon_conn_read(reader, (uint8_t *)greeting, sizeof greeting, &len));
    while (len > 0);
    OK(tenon_poller_fd(poller, &fd));
    CHECK(!readable(fd, 0));
    put(writer, "PUBLISH news hello\r\n");
    CHECK(readable(fd, 10000));
    OK(tenon_poller_take(poller, &token, 1, &count));
    /* The writer was armed as well, by its last read. */
    while (count == 1 && token != 8) OK(tenon_poller_take(poller, &token, 1, &count));
    CHECK(count == 1 && token == 8);
    CHECK(gives(reader, ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n"));
    OK(tenon_poller_free(poller));
    put(writer, "PUBLISH news more\r\n");
    OK(tenon_conn_free(reader));
    OK(tenon_conn_free(writer));
    OK(tenon_free(db));
}

static atomic_int calls, inside, ended;

static void told(void *context) {
    CHECK(context == &calls && atomic_load(&ended) == 0);
    atomic_fetch_add(&inside, 1);
    atomic_fetch_add(&calls, 1);
    usleep(200);
    atomic_fetch_sub(&inside, 1);
}

static void *publish(void *db) {
    uint64_t readers;
    for (int i = 0; i < 300; i++) OK(tenon_publish(db, TENON_LIT("news"), TENON_LIT("x"), &readers, NULL));
    return NULL;
}

static void callbacks(void) {
    tenon_db *db = memory();
    tenon_conn *conn = dial(db);
    OK(tenon_conn_notify(conn, told, &calls));
    put(conn, "SUBSCRIBE news\r\n");
    CHECK(atomic_load(&calls) == 0);
    CHECK(gives(conn, "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n"));
    uint64_t readers;
    OK(tenon_publish(db, TENON_LIT("news"), TENON_LIT("1"), &readers, NULL));
    OK(tenon_publish(db, TENON_LIT("news"), TENON_LIT("2"), &readers, NULL));
    CHECK(atomic_load(&calls) == 1);
    /* A reply that is there at once calls nobody. */
    tenon_conn *other = dial(db);
    OK(tenon_conn_notify(other, told, &calls));
    put(other, "PING\r\n");
    CHECK(gives(other, "+PONG\r\n") && atomic_load(&calls) == 1);
    OK(tenon_conn_notify(other, NULL, NULL));
    put(other, "PING\r\n");
    CHECK(atomic_load(&calls) == 1);
    OK(tenon_conn_free(other));

    /* Freed while others call: when it returns nobody is inside, and nobody comes. */
    for (int round = 0; round < 20; round++) {
        pthread_t thread;
        uint8_t buffer[256];
        size_t len;
        pthread_create(&thread, NULL, publish, db);
        for (int i = 0; i < 50; i++) OK(tenon_conn_read(conn, buffer, sizeof buffer, &len));
        OK(tenon_conn_free(conn));
        CHECK(atomic_load(&inside) == 0);
        atomic_store(&ended, 1);
        pthread_join(thread, NULL);
        atomic_store(&ended, 0);
        conn = dial(db);
        put(conn, "SUBSCRIBE news\r\n");
        OK(tenon_conn_notify(conn, told, &calls));
    }
    OK(tenon_conn_free(conn));
    OK(tenon_free(db));
}

static void *read_all(void *conn) {
    uint8_t buffer[1024];
    size_t len, all = 0;
    uint32_t woken;
    tenon_status status;
    while ((status = tenon_conn_read(conn, buffer, sizeof buffer, &len)) == TENON_OK) {
        all += len;
        if (len == 0) OK(tenon_conn_wait(conn, -1, &woken));
    }
    CHECK(status == TENON_CLOSED);
    return (void *)all;
}

static void *wait_for_ever(void *conn) {
    uint32_t woken;
    tenon_status status = tenon_conn_wait(conn, -1, &woken);
    CHECK(status == TENON_MISUSE || (status == TENON_OK && woken == TENON_WOKEN_READY));
    return NULL;
}

static void threads(void) {
    tenon_db *db = memory();
    tenon_conn *conn = dial(db);
    pthread_t thread;
    void *all;
    pthread_create(&thread, NULL, read_all, conn);
    for (int i = 0; i < 10000; i++) put(conn, "PING\r\n");
    put(conn, "QUIT\r\n");
    pthread_join(thread, &all);
    CHECK((size_t)all == 70005);
    OK(tenon_conn_free(conn));
    /* Freed while another thread waits for it. */
    conn = dial(db);
    pthread_create(&thread, NULL, wait_for_ever, conn);
    usleep(10000);
    OK(tenon_conn_free(conn));
    pthread_join(thread, NULL);
    OK(tenon_free(db));
}

int main(void) {
    bytes();
    shown();
    quiet_end();
    waits();
    callbacks();
    threads();
    return 0;
}
