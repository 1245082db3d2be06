/* Transactions: isolation, conflict, commands of other kinds, two threads at once. */
#include "check.h"

static tenon_status in(tenon_txn *txn, const char *line, tenon_reply **reply) {
    tenon_bytes words[MAX_WORDS];
    size_t count = split(line, words);
    return tenon_txn_call(txn, count, words, reply);
}

static void well(tenon_txn *txn, const char *line) {
    tenon_reply *reply;
    OK(in(txn, line, &reply));
    tenon_reply_free(reply);
}

int main(void) {
    tenon_db *db = memory();
    tenon_txn *txn;
    tenon_reply *reply;
    OK(tenon_txn_begin(db, &txn));
    well(txn, "SET seat alice");
    OK(in(txn, "GET seat", &reply));
    CHECK(is_text(tenon_reply_text(reply), "alice"));
    tenon_reply_free(reply);
    CHECK(number(db, "EXISTS seat") == 0);
    OK(tenon_txn_commit(txn, NULL));
    CHECK(says(db, "GET seat", "alice"));
    CHECK(tenon_txn_commit(txn, NULL) == TENON_MISUSE);

    /* Given up: nothing is left. */
    OK(tenon_txn_begin(db, &txn));
    well(txn, "DEL seat");
    OK(tenon_txn_abort(txn));
    CHECK(says(db, "GET seat", "alice"));

    /* What it has read was changed meanwhile. */
    OK(tenon_txn_begin(db, &txn));
    well(txn, "INCR tickets");
    run(db, "INCRBY tickets 10");
    CHECK(tenon_txn_commit(txn, &reply) == TENON_CONFLICT);
    CHECK(errs(reply, "ERR transaction conflict"));
    CHECK(says(db, "GET tickets", "10"));
    CHECK(tenon_txn_abort(txn) == TENON_MISUSE);

    OK(tenon_txn_begin(db, &txn));
    CHECK(in(txn, "SUBSCRIBE c", &reply) == TENON_COMMAND);
    CHECK(errs(reply, "ERR a transaction takes commands about keys only"));
    CHECK(in(txn, "EVAL return{redis.call('set','scripted','yes'),redis.call('get','scripted')} 0", &reply) == TENON_OK);
    tenon_reply_free(reply);
    CHECK(in(txn, "INCR seat", &reply) == TENON_COMMAND);
    tenon_reply_free(reply);
    OK(tenon_txn_select(txn, 3, NULL));
    well(txn, "SET far away");
    CHECK(tenon_txn_select(txn, 99, NULL) == TENON_COMMAND);
    OK(tenon_txn_commit(txn, NULL));
    tenon_db *third;
    OK(tenon_select(db, 3, &third, NULL));
    CHECK(says(third, "GET far", "away"));
    OK(tenon_free(third));

    /* Its database is freed first: it can still be committed. */
    OK(tenon_txn_begin(db, &txn));
    well(txn, "SET last word");
    OK(tenon_free(db));
    OK(tenon_txn_commit(txn, NULL));
    return 0;
}
