/* A program with a database in it: rooms of a chat with members, a ranking, a seat that is sold once, and news for whoever
 * listens. Run it twice with the same directory: the second run finds what the first has left.
 *
 *   cc host.c -o host $(pkg-config --cflags --libs tenon) && ./host data */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>

/* Ends the program with the library's words. */
static void must(tenon_status status, tenon_reply *said, const char *what) {
    if (status == TENON_OK) return;
    fprintf(stderr, "%s: %.*s\n", what, TENON_TEXT(said));
    exit(1);
}

/* Sells a seat: reads, decides and writes in one step, and starts again when somebody else was quicker. */
static int sell(const tenon_db *db, tenon_bytes seat, tenon_bytes buyer) {
    for (;;) {
        tenon_txn *txn;
        tenon_reply *reply;
        must(tenon_txn_begin(db, &txn), NULL, "begin");
        tenon_bytes get[] = {TENON_LIT("GET"), seat};
        must(tenon_txn_call(txn, 2, get, &reply), reply, "get");
        int is_free = tenon_reply_root(reply)->kind == TENON_NIL;
        tenon_reply_free(reply);
        if (!is_free) {
            tenon_txn_abort(txn);
            return 0;
        }
        tenon_bytes set[] = {TENON_LIT("SET"), seat, buyer};
        must(tenon_txn_call(txn, 3, set, &reply), reply, "set");
        tenon_reply_free(reply);
        tenon_reply *error;
        tenon_status status = tenon_txn_commit(txn, &error);
        if (status == TENON_OK) return 1;
        if (status != TENON_CONFLICT) must(status, error, "commit");
        tenon_reply_free(error);
    }
}

static void show_ranking(const tenon_db *db) {
    tenon_bytes argv[] = {TENON_LIT("ZRANGE"), TENON_LIT("ranking"), TENON_LIT("0"), TENON_LIT("-1"), TENON_LIT("REV"),
                          TENON_LIT("WITHSCORES")};
    tenon_reply *reply;
    must(tenon_call(db, 6, argv, &reply), reply, "zrange");
    /* A list of pairs: the member and its score. */
    const tenon_list pairs = tenon_reply_root(reply)->data.list;
    for (size_t at = 0; at < pairs.len; at++) {
        const tenon_value *pair = pairs.items[at].data.list.items;
        printf("%zu. %.*s with %g\n", at + 1, (int)pair[0].data.bytes.len, (const char *)pair[0].data.bytes.data,
               pair[1].data.number);
    }
    tenon_reply_free(reply);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    tenon_db *db;
    tenon_reply *error;
    must(tenon_open(TENON_BYTES(argv[1], strlen(argv[1])), NULL, &db, &error), error, "open");

    int64_t visits;
    must(tenon_incr(db, TENON_LIT("visits"), 1, &visits, &error), error, "incr");
    printf("visit %lld\n", (long long)visits);

    uint64_t count;
    tenon_bytes members[] = {TENON_LIT("alice"), TENON_LIT("bob")};
    must(tenon_sadd(db, TENON_LIT("room:lobby"), 2, members, &count, &error), error, "sadd");
    printf("%llu new in the lobby\n", (unsigned long long)count);

    double score;
    must(tenon_zincr(db, TENON_LIT("ranking"), 10, members[0], &score, &error), error, "zincr");
    must(tenon_zincr(db, TENON_LIT("ranking"), 7.5, members[1], &score, &error), error, "zincr");
    show_ranking(db);

    printf("seat 7: %s\n", sell(db, TENON_LIT("seat:7"), members[0]) ? "sold" : "taken");

    tenon_sub *news;
    tenon_reply *message;
    tenon_bytes channel = TENON_LIT("news");
    must(tenon_sub_new(db, 0, 0, TENON_OVERFLOW_CUT, &news, &error), error, "subscribe");
    must(tenon_sub_add(news, TENON_TOPIC_CHANNEL, 1, &channel), NULL, "subscribe");
    must(tenon_publish(db, channel, TENON_LIT("it works"), &count, &error), error, "publish");
    must(tenon_sub_next(news, 1000, &message), message, "next");
    const tenon_list parts = tenon_reply_root(message)->data.list;
    printf("%.*s: %.*s\n", (int)parts.items[1].data.bytes.len, (const char *)parts.items[1].data.bytes.data,
           (int)parts.items[2].data.bytes.len, (const char *)parts.items[2].data.bytes.data);
    tenon_reply_free(message);
    tenon_sub_free(news);

    must(tenon_close(db, &error), error, "close");
    return 0;
}
