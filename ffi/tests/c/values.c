/* Replies: every type of value, where it lies, how long it lives, and its packed form. */
#include "check.h"
#include <math.h>

static void types(void) {
    tenon_db *db = memory();
    tenon_reply *reply;
    run(db, "HSET h a 1 b 2");
    run(db, "ZADD z 1.5 m");
    run(db, "SADD s x");

    OK(say(db, "GET nothing", &reply));
    CHECK(tenon_reply_root(reply)->kind == TENON_NIL);
    CHECK(tenon_reply_text(reply).len == 0);
    tenon_reply_free(reply);

    OK(say(db, "HGETALL h", &reply));
    const tenon_value *map = tenon_reply_root(reply);
    CHECK(map->kind == TENON_MAP && map->data.list.len == 4);
    CHECK(is_text(map->data.list.items[2].data.bytes, "b") && is_text(map->data.list.items[3].data.bytes, "2"));
    /* A reply does not depend on its database. */
    OK(tenon_free(db));
    CHECK(is_text(map->data.list.items[0].data.bytes, "a"));
    OK(tenon_reply_free(reply));

    db = memory();
    run(db, "ZADD z 1.5 m");
    run(db, "SADD s x");
    OK(say(db, "ZSCORE z m", &reply));
    CHECK(tenon_reply_root(reply)->kind == TENON_FLOAT && tenon_reply_root(reply)->data.number == 1.5);
    tenon_reply_free(reply);
    OK(say(db, "SMEMBERS s", &reply));
    CHECK(tenon_reply_root(reply)->kind == TENON_SET && tenon_reply_root(reply)->data.list.len == 1);
    tenon_reply_free(reply);
    OK(say(db, "SET k v", &reply));
    CHECK(tenon_reply_root(reply)->kind == TENON_STATUS && is_text(tenon_reply_text(reply), "OK"));
    tenon_reply_free(reply);
    CHECK(say(db, "INCR k", &reply) == TENON_COMMAND);
    CHECK(tenon_reply_root(reply)->kind == TENON_ERROR && tenon_reply_root(reply)->status == TENON_COMMAND);
    CHECK(errs(reply, "ERR value is not an integer"));
    CHECK(say(db, "LPUSH k v", &reply) == TENON_WRONG_TYPE);
    CHECK(errs(reply, "WRONGTYPE "));
    OK(tenon_reply_free(NULL));
    CHECK(tenon_reply_root(NULL)->kind == TENON_NIL);

    /* Any bytes: NULs, nothing at all. */
    tenon_bytes odd[] = {TENON_LIT("SET"), TENON_BYTES("a\0b", 3), {NULL, 0}};
    OK(tenon_call(db, 3, odd, &reply));
    tenon_reply_free(reply);
    OK(tenon_get(db, odd[1], &reply));
    CHECK(tenon_reply_root(reply)->kind == TENON_STRING && tenon_reply_text(reply).len == 0);
    tenon_reply_free(reply);

    /* A long list: its values lie side by side. */
    for (int i = 0; i < 1000; i++) {
        char text[32];
        uint64_t len;
        snprintf(text, sizeof text, "element-%d", i);
        tenon_bytes element = TENON_BYTES(text, strlen(text));
        OK(tenon_rpush(db, TENON_LIT("l"), 1, &element, &len, NULL));
        CHECK(len == (uint64_t)i + 1);
    }
    OK(say(db, "LRANGE l 0 -1", &reply));
    const tenon_value *items = tenon_reply_root(reply)->data.list.items;
    CHECK(is_text(items[999].data.bytes, "element-999") && is_text(items[0].data.bytes, "element-0"));
    tenon_reply_free(reply);
    OK(tenon_free(db));
}

static uint8_t *put(uint8_t *to, uint8_t tag, uint32_t number) {
    *to++ = tag;
    for (int i = 0; i < 4; i++) *to++ = (uint8_t)(number >> (8 * i));
    return to;
}

static uint8_t *put_text(uint8_t *to, const char *text) {
    to = put(to, 0, (uint32_t)strlen(text));
    memcpy(to, text, strlen(text));
    return to + strlen(text);
}

static void packed(void) {
    tenon_db *db = memory();
    uint8_t buffer[256], out[64];
    size_t len;
    tenon_reply *rest;
    /* ZADD z 0.1 m: the score travels as a double. */
    uint8_t *to = put(buffer, 4, 0);
    to = buffer;
    memcpy(to, "\4\0\0\0", 4);
    to = put_text(to + 4, "ZADD");
    to = put_text(to, "z");
    double score = 0.1;
    *to++ = 2;
    memcpy(to, &score, 8);
    to = put_text(to + 8, "m");
    OK(tenon_call_into(db, buffer, (size_t)(to - buffer), out, sizeof out, &len, &rest));
    CHECK(rest == NULL && len == 9 && out[0] == TENON_INT && out[1] == 1);
    CHECK(says(db, "ZRANGE z 0.1 0.1 BYSCORE", ""));
    double found;
    uint32_t is_there;
    OK(tenon_zscore(db, TENON_LIT("z"), TENON_LIT("m"), &found, &is_there, NULL));
    CHECK(is_there == 1 && fabs(found - 0.1) == 0);

    /* A reply that has no room comes as a reply, and is packed when there is room. */
    memcpy(buffer, "\2\0\0\0", 4);
    to = put_text(put_text(buffer + 4, "ECHO"), "0123456789");
    OK(tenon_call_into(db, buffer, (size_t)(to - buffer), out, 8, &len, &rest));
    CHECK(rest != NULL && len == 15 && is_text(tenon_reply_text(rest), "0123456789"));
    size_t again;
    CHECK(tenon_reply_packed(rest, NULL, 0, &again) == TENON_LIMIT && again == 15);
    OK(tenon_reply_packed(rest, out, sizeof out, &again));
    CHECK(out[0] == TENON_STRING && out[1] == 10 && memcmp(out + 5, "0123456789", 10) == 0);
    tenon_reply_free(rest);

    /* An error is a reply as any other. */
    memcpy(buffer, "\1\0\0\0", 4);
    to = put_text(buffer + 4, "NONSENSE");
    CHECK(tenon_call_into(db, buffer, (size_t)(to - buffer), buffer, sizeof buffer, &len, &rest) == TENON_COMMAND);
    CHECK(rest == NULL && buffer[0] == TENON_ERROR && buffer[1] == TENON_COMMAND && memcmp(buffer + 6, "ERR unknown", 11) == 0);

    /* No buffer is believed: each prefix of a command is refused, and so is what comes behind it. */
    memcpy(buffer, "\2\0\0\0", 4);
    to = put_text(put_text(buffer + 4, "GET"), "key");
    size_t whole = (size_t)(to - buffer);
    for (size_t cut = 0; cut <= whole + 1; cut++) {
        /* Its own block, so that a read behind the end is seen. */
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, buffer, cut);
        tenon_status status = tenon_call_packed(db, copy, cut, &rest);
        CHECK(status == (cut == whole ? TENON_OK : TENON_MISUSE));
        tenon_reply_free(rest);
        free(copy);
    }
    CHECK(tenon_call_packed(db, (const uint8_t *)"\377\377\377\377", 4, &rest) == TENON_MISUSE);
    tenon_reply_free(rest);
    OK(tenon_free(db));
}

static void batches(void) {
    tenon_db *db = memory();
    tenon_bytes set[3], incr[2], bad[1];
    split("SET n x", set);
    split("INCR n", incr);
    split("NONSENSE", bad);
    tenon_command commands[] = {{3, set}, {2, incr}, {2, incr}};
    tenon_reply *reply;
    OK(tenon_batch(db, 3, commands, &reply));
    const tenon_list list = tenon_reply_root(reply)->data.list;
    CHECK(list.len == 3 && list.items[0].kind == TENON_STATUS);
    CHECK(list.items[1].kind == TENON_ERROR && list.items[1].status == TENON_COMMAND);
    tenon_reply_free(reply);
    /* One that cannot be understood: none is run. */
    tenon_command wrong[] = {{3, set}, {1, bad}};
    run(db, "DEL n");
    CHECK(tenon_batch(db, 2, wrong, &reply) == TENON_COMMAND);
    CHECK(errs(reply, "ERR unknown command"));
    CHECK(number(db, "EXISTS n") == 0);
    CHECK(tenon_batch(db, 0, NULL, &reply) == TENON_MISUSE);
    tenon_reply_free(reply);
    OK(tenon_free(db));
}

int main(void) {
    CHECK(tenon_abi() == TENON_ABI);
    CHECK(tenon_version().len > 0 && strlen((const char *)tenon_version().data) == tenon_version().len);
    CHECK(is_text(tenon_status_name(TENON_WRONG_TYPE), "WRONG_TYPE") && is_text(tenon_status_name(4711), "INTERNAL"));
    types();
    packed();
    batches();
    return 0;
}
