/* The typed calls: what they answer, and the text of their errors. */
#include "check.h"

int main(void) {
    tenon_db *db = memory();
    tenon_bytes key = TENON_LIT("key"), value = TENON_LIT("value"), other = TENON_LIT("other");
    tenon_reply *reply, *error;
    uint8_t buffer[5];
    int64_t len, sum;
    uint64_t count;
    uint32_t flag;
    double score;

    OK(tenon_set(db, key, value, NULL));
    OK(tenon_get_into(db, key, buffer, sizeof buffer, &len, &error));
    CHECK(len == 5 && memcmp(buffer, "value", 5) == 0 && error == NULL);
    memset(buffer, 0, sizeof buffer);
    CHECK(tenon_get_into(db, key, buffer, 4, &len, &error) == TENON_LIMIT && len == 5 && buffer[0] == 0);
    CHECK(errs(error, "ERR the buffer is too small"));
    CHECK(tenon_get_into(db, key, NULL, 0, &len, NULL) == TENON_LIMIT && len == 5);
    OK(tenon_get_into(db, other, buffer, sizeof buffer, &len, NULL));
    CHECK(len == -1);
    OK(tenon_get(db, key, &reply));
    CHECK(is_text(tenon_reply_text(reply), "value"));
    tenon_reply_free(reply);

    OK(tenon_set_with(db, key, other, 0, TENON_SET_ONLY_NEW, &flag, NULL));
    CHECK(flag == 0 && says(db, "GET key", "value"));
    OK(tenon_set_with(db, key, other, 60000, TENON_SET_ONLY_EXISTING, &flag, NULL));
    OK(tenon_ttl(db, key, &len, NULL));
    CHECK(flag == 1 && len > 0 && len <= 60000);
    OK(tenon_persist(db, key, &flag, NULL));
    OK(tenon_ttl(db, key, &len, NULL));
    CHECK(flag == 1 && len == -1);
    OK(tenon_ttl(db, other, &len, NULL));
    CHECK(len == -2);
    CHECK(tenon_set_with(db, key, other, 0, TENON_SET_ONLY_NEW | TENON_SET_ONLY_EXISTING, &flag, &error) == TENON_COMMAND);
    CHECK(errs(error, "ERR syntax error"));
    CHECK(tenon_set_with(db, key, other, 0, 8, &flag, NULL) == TENON_COMMAND);

    CHECK(tenon_incr(db, key, 1, &sum, &error) == TENON_COMMAND && sum == 0);
    CHECK(errs(error, "ERR value is not an integer or out of range"));
    OK(tenon_incr(db, TENON_LIT("n"), 5, &sum, NULL));
    OK(tenon_incr(db, TENON_LIT("n"), -7, &sum, NULL));
    CHECK(sum == -2);
    OK(tenon_append(db, key, TENON_LIT("!"), &count, NULL));
    CHECK(count == 6);
    OK(tenon_strlen(db, key, &count, NULL));
    CHECK(count == 6);

    OK(tenon_hset(db, TENON_LIT("h"), key, value, &flag, NULL));
    CHECK(flag == 1);
    OK(tenon_hget(db, TENON_LIT("h"), key, &reply));
    CHECK(is_text(tenon_reply_text(reply), "value"));
    tenon_reply_free(reply);
    OK(tenon_hget_into(db, TENON_LIT("h"), key, buffer, sizeof buffer, &len, NULL));
    CHECK(len == 5);
    OK(tenon_hincr(db, TENON_LIT("h"), TENON_LIT("n"), 3, &sum, NULL));
    OK(tenon_hexists(db, TENON_LIT("h"), TENON_LIT("n"), &flag, NULL));
    CHECK(sum == 3 && flag == 1);
    OK(tenon_hdel(db, TENON_LIT("h"), 1, &key, &count, NULL));
    CHECK(count == 1);
    OK(tenon_hlen(db, TENON_LIT("h"), &count, NULL));
    CHECK(count == 1);
    CHECK(tenon_hset(db, TENON_LIT("n"), key, value, &flag, &error) == TENON_WRONG_TYPE && flag == 0);
    CHECK(errs(error, "WRONGTYPE"));

    tenon_bytes some[] = {TENON_LIT("a"), TENON_LIT("b")};
    OK(tenon_rpush(db, TENON_LIT("l"), 2, some, &count, NULL));
    OK(tenon_lpush(db, TENON_LIT("l"), 1, &value, &count, NULL));
    CHECK(count == 3);
    OK(tenon_lpop(db, TENON_LIT("l"), &reply));
    CHECK(is_text(tenon_reply_text(reply), "value"));
    tenon_reply_free(reply);
    OK(tenon_rpop(db, TENON_LIT("l"), &reply));
    CHECK(is_text(tenon_reply_text(reply), "b"));
    tenon_reply_free(reply);
    OK(tenon_llen(db, TENON_LIT("l"), &count, NULL));
    CHECK(count == 1);

    OK(tenon_sadd(db, TENON_LIT("s"), 2, some, &count, NULL));
    CHECK(count == 2);
    OK(tenon_sismember(db, TENON_LIT("s"), some[0], &flag, NULL));
    CHECK(flag == 1);
    OK(tenon_srem(db, TENON_LIT("s"), 1, some, &count, NULL));
    OK(tenon_scard(db, TENON_LIT("s"), &count, NULL));
    CHECK(count == 1);

    OK(tenon_zadd(db, TENON_LIT("z"), 10, key, &flag, NULL));
    OK(tenon_zadd(db, TENON_LIT("z"), 5, value, &flag, NULL));
    CHECK(flag == 1);
    OK(tenon_zincr(db, TENON_LIT("z"), 2.5, value, &score, NULL));
    CHECK(score == 7.5);
    OK(tenon_zscore(db, TENON_LIT("z"), value, &score, &flag, NULL));
    CHECK(score == 7.5 && flag == 1);
    OK(tenon_zscore(db, TENON_LIT("z"), other, &score, &flag, NULL));
    CHECK(score == 0 && flag == 0);
    OK(tenon_zrank(db, TENON_LIT("z"), key, &count, &flag, NULL));
    CHECK(count == 1 && flag == 1);
    OK(tenon_zrem(db, TENON_LIT("z"), 1, &key, &count, NULL));
    OK(tenon_zcard(db, TENON_LIT("z"), &count, NULL));
    CHECK(count == 1);

    OK(tenon_expire(db, TENON_LIT("z"), 0, &flag, NULL));
    CHECK(flag == 1 && number(db, "EXISTS z") == 0);
    OK(tenon_exists(db, 2, some, &count, NULL));
    CHECK(count == 0);
    OK(tenon_publish(db, key, value, &count, NULL));
    CHECK(count == 0);
    OK(tenon_del(db, 1, &key, &count, NULL));
    CHECK(count == 1);
    OK(tenon_count(db, &count, NULL));
    CHECK(count == (uint64_t)number(db, "DBSIZE"));
    OK(tenon_info(db, TENON_LIT("server clients"), &reply));
    CHECK(tenon_reply_text(reply).len > 0 && memmem(tenon_reply_text(reply).data, tenon_reply_text(reply).len, "# Clients", 9));
    tenon_reply_free(reply);
    OK(tenon_free(db));
    return 0;
}
