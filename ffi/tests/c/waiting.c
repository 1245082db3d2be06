/* Pending calls, subscriptions and watches: polled, waited for, told through one descriptor. */
#include "check.h"
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

static int readable(const tenon_poller *poller, int timeout_ms) {
    int32_t fd;
    OK(tenon_poller_fd(poller, &fd));
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, timeout_ms) == 1;
}

static tenon_pending *begin(const tenon_db *db, const char *line) {
    tenon_bytes words[MAX_WORDS];
    tenon_pending *pending;
    OK(tenon_pending_new(db, split(line, words), words, &pending, NULL));
    return pending;
}

static void *push(void *db) {
    usleep(20000);
    run(db, "RPUSH jobs late");
    return NULL;
}

static void calls(void) {
    tenon_db *db = memory();
    tenon_reply *reply;
    tenon_pending *pending = begin(db, "BLPOP jobs 0");
    OK(tenon_pending_wait(pending, 0, &reply));
    CHECK(reply == NULL);
    OK(tenon_pending_wait(pending, 5, &reply));
    CHECK(reply == NULL);
    run(db, "RPUSH jobs build");
    OK(tenon_pending_wait(pending, -1, &reply));
    CHECK(is_text(tenon_reply_root(reply)->data.list.items[1].data.bytes, "build"));
    tenon_reply_free(reply);
    CHECK(tenon_pending_wait(pending, 0, &reply) == TENON_MISUSE);
    CHECK(errs(reply, "ERR the reply was taken before"));
    OK(tenon_pending_free(pending));

    /* By another thread. */
    pthread_t thread;
    pending = begin(db, "BLPOP jobs 0");
    pthread_create(&thread, NULL, push, db);
    OK(tenon_pending_wait(pending, -1, &reply));
    CHECK(is_text(tenon_reply_root(reply)->data.list.items[1].data.bytes, "late"));
    tenon_reply_free(reply);
    pthread_join(thread, NULL);
    OK(tenon_pending_free(pending));

    /* Served, and given up before it was taken: the job is there for the next. */
    pending = begin(db, "BLPOP jobs 0");
    OK(tenon_pending_wait(pending, 0, &reply));
    run(db, "RPUSH jobs precious");
    CHECK(number(db, "LLEN jobs") == 0);
    OK(tenon_pending_free(pending));
    CHECK(says(db, "LPOP jobs", "precious"));

    /* Its own time is over; an error; a command that does not wait. */
    pending = begin(db, "BLPOP jobs 0.01");
    OK(tenon_pending_wait(pending, -1, &reply));
    CHECK(reply != NULL && tenon_reply_root(reply)->kind == TENON_NIL);
    tenon_reply_free(reply);
    OK(tenon_pending_free(pending));
    run(db, "SET text t");
    pending = begin(db, "BLPOP text 0");
    CHECK(tenon_pending_wait(pending, -1, &reply) == TENON_WRONG_TYPE);
    CHECK(errs(reply, "WRONGTYPE"));
    OK(tenon_pending_free(pending));
    pending = begin(db, "GET text");
    OK(tenon_pending_wait(pending, 0, &reply));
    CHECK(is_text(tenon_reply_text(reply), "t"));
    tenon_reply_free(reply);
    OK(tenon_pending_free(pending));
    OK(tenon_free(db));
}

static void loop(void) {
    tenon_db *db = memory();
    tenon_poller *poller;
    tenon_reply *reply;
    tenon_sub *sub;
    tenon_watch *watch;
    uint64_t tokens[8];
    size_t count;
    OK(tenon_poller_new(&poller, NULL));
    CHECK(!readable(poller, 0));
    /* Looked at, then attached: the token is for what comes. */
    tenon_pending *pending = begin(db, "BLPOP jobs 0");
    OK(tenon_pending_wait(pending, 0, &reply));
    OK(tenon_pending_attach(pending, poller, 11));
    CHECK(reply == NULL && !readable(poller, 0));
    /* Attached first: the token says that it is to be looked at. */
    tenon_pending *eager = begin(db, "GET nothing");
    OK(tenon_pending_attach(eager, poller, 44));
    CHECK(readable(poller, 0));
    OK(tenon_poller_take(poller, tokens, 8, &count));
    CHECK(count == 1 && tokens[0] == 44);
    OK(tenon_pending_wait(eager, 0, &reply));
    CHECK(reply != NULL && tenon_reply_root(reply)->kind == TENON_NIL);
    tenon_reply_free(reply);
    OK(tenon_pending_free(eager));
    /* Served between the look and the attachment. */
    eager = begin(db, "BLPOP others 0");
    OK(tenon_pending_wait(eager, 0, &reply));
    CHECK(reply == NULL);
    run(db, "RPUSH others one");
    OK(tenon_pending_attach(eager, poller, 55));
    OK(tenon_poller_take(poller, tokens, 8, &count));
    CHECK(count == 1 && tokens[0] == 55);
    OK(tenon_pending_free(eager));
    CHECK(says(db, "LPOP others", "one"));
    OK(tenon_sub_new(db, 0, 0, TENON_OVERFLOW_CUT, &sub, NULL));
    tenon_bytes names[] = {TENON_LIT("news"), TENON_LIT("sport")};
    OK(tenon_sub_add(sub, TENON_TOPIC_CHANNEL, 2, names));
    OK(tenon_sub_next(sub, 0, &reply));
    OK(tenon_sub_attach(sub, poller, 22));
    OK(tenon_watch_new(db, TENON_LIT("config:"), 0, &watch, NULL));
    OK(tenon_watch_attach(watch, poller, 33));
    OK(tenon_poller_take(poller, tokens, 8, &count));
    CHECK(count == 1 && tokens[0] == 33);
    OK(tenon_watch_next(watch, 0, &reply));
    CHECK(reply == NULL && !readable(poller, 0));

    run(db, "RPUSH jobs one");
    CHECK(readable(poller, 10000));
    OK(tenon_poller_take(poller, tokens, 8, &count));
    CHECK(count >= 1 && tokens[0] == 11);
    OK(tenon_pending_wait(pending, 0, &reply));
    CHECK(reply != NULL);
    tenon_reply_free(reply);
    CHECK(!readable(poller, 0));

    run(db, "PUBLISH news hello");
    run(db, "SET config:a 1");
    CHECK(readable(poller, 10000));
    /* Room for one: the other comes again. */
    OK(tenon_poller_take(poller, tokens, 1, &count));
    CHECK(count == 1 && readable(poller, 0));
    OK(tenon_poller_take(poller, tokens + 1, 7, &count));
    CHECK(count >= 1 && tokens[0] + tokens[1] == 55);
    OK(tenon_sub_next(sub, 0, &reply));
    const tenon_list message = tenon_reply_root(reply)->data.list;
    CHECK(message.len == 3 && is_text(message.items[0].data.bytes, "message"));
    CHECK(is_text(message.items[1].data.bytes, "news") && is_text(message.items[2].data.bytes, "hello"));
    tenon_reply_free(reply);
    OK(tenon_watch_next(watch, 0, &reply));
    CHECK(is_text(tenon_reply_text(reply), "config:a"));
    tenon_reply_free(reply);
    run(db, "FLUSHALL");
    OK(tenon_watch_next(watch, -1, &reply));
    CHECK(reply != NULL && tenon_reply_root(reply)->kind == TENON_NIL);
    tenon_reply_free(reply);
    /* The poller goes first. */
    OK(tenon_poller_free(poller));
    run(db, "PUBLISH news more");
    OK(tenon_sub_free(sub));
    OK(tenon_watch_free(watch));
    OK(tenon_pending_free(pending));
    OK(tenon_free(db));
}

static void subscriptions(void) {
    tenon_db *db = memory();
    tenon_sub *sub;
    tenon_reply *reply;
    uint64_t dropped;
    tenon_bytes pattern = TENON_LIT("price:*"), shard = TENON_LIT("shard");
    OK(tenon_sub_new(db, 2, 0, TENON_OVERFLOW_DROP_OLDEST, &sub, NULL));
    OK(tenon_sub_add(sub, TENON_TOPIC_PATTERN, 1, &pattern));
    run(db, "PUBLISH price:oil 1");
    run(db, "PUBLISH price:oil 2");
    run(db, "PUBLISH price:oil 3");
    OK(tenon_sub_next(sub, 0, &reply));
    const tenon_list message = tenon_reply_root(reply)->data.list;
    CHECK(message.len == 4 && is_text(message.items[0].data.bytes, "pmessage"));
    CHECK(is_text(message.items[1].data.bytes, "price:*") && is_text(message.items[3].data.bytes, "2"));
    tenon_reply_free(reply);
    OK(tenon_sub_dropped(sub, &dropped));
    CHECK(dropped == 1);
    OK(tenon_sub_remove(sub, TENON_TOPIC_PATTERN, 1, &pattern));
    OK(tenon_sub_add(sub, TENON_TOPIC_SHARD, 1, &shard));
    CHECK(tenon_sub_add(sub, 3, 1, &shard) == TENON_MISUSE);
    run(db, "PUBLISH price:oil 4");
    run(db, "SPUBLISH shard x");
    OK(tenon_sub_next(sub, 0, &reply));
    tenon_reply_free(reply);
    OK(tenon_sub_next(sub, 0, &reply));
    CHECK(is_text(tenon_reply_root(reply)->data.list.items[0].data.bytes, "smessage"));
    tenon_reply_free(reply);
    OK(tenon_sub_free(sub));

    OK(tenon_sub_new(db, 1, 0, TENON_OVERFLOW_CUT, &sub, NULL));
    OK(tenon_sub_add(sub, TENON_TOPIC_CHANNEL, 1, &shard));
    run(db, "PUBLISH shard a");
    run(db, "PUBLISH shard b");
    OK(tenon_sub_next(sub, 0, &reply));
    tenon_reply_free(reply);
    CHECK(tenon_sub_next(sub, -1, &reply) == TENON_LIMIT);
    CHECK(errs(reply, "ERR the subscription was cut"));
    OK(tenon_sub_free(sub));
    CHECK(tenon_sub_new(db, 0, 0, 3, &sub, &reply) == TENON_MISUSE && sub == NULL);
    tenon_reply_free(reply);
    OK(tenon_free(db));
}

int main(void) {
    calls();
    loop();
    subscriptions();
    return 0;
}
