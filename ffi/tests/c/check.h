/* What the tests of the C API share: a check that says where it failed, and commands as lines of text. */
#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>

#define CHECK(what)                                                                                                    \
    do {                                                                                                               \
        if (!(what)) {                                                                                                 \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                                         \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)
#define OK(call) CHECK((call) == TENON_OK)

#define MAX_WORDS 16

/* The words of a line, separated by single spaces. */
static inline size_t split(const char *line, tenon_bytes *words) {
    size_t count = 0;
    while (*line && count < MAX_WORDS) {
        size_t len = strcspn(line, " ");
        words[count++] = TENON_BYTES(line, len);
        line += len + (line[len] == ' ');
    }
    return count;
}

static inline tenon_status say(const tenon_db *db, const char *line, tenon_reply **reply) {
    tenon_bytes words[MAX_WORDS];
    size_t count = split(line, words);
    return tenon_call(db, count, words, reply);
}

/* Runs a command that must go well, and forgets its reply. */
static inline void run(const tenon_db *db, const char *line) {
    tenon_reply *reply;
    tenon_status status = say(db, line, &reply);
    if (status != TENON_OK) {
        fprintf(stderr, "%s: %.*s\n", line, TENON_TEXT(reply));
        exit(1);
    }
    tenon_reply_free(reply);
}

static inline int is_text(tenon_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && (bytes.len == 0 || memcmp(bytes.data, text, bytes.len) == 0);
}

/* Runs a command, and tells whether its reply has this text. */
static inline int says(const tenon_db *db, const char *line, const char *text) {
    tenon_reply *reply;
    say(db, line, &reply);
    int same = is_text(tenon_reply_text(reply), text);
    if (!same) fprintf(stderr, "%s: %.*s\n", line, TENON_TEXT(reply));
    tenon_reply_free(reply);
    return same;
}

static inline int64_t number(const tenon_db *db, const char *line) {
    tenon_reply *reply;
    OK(say(db, line, &reply));
    const tenon_value *root = tenon_reply_root(reply);
    CHECK(root->kind == TENON_INT);
    int64_t value = root->data.integer;
    tenon_reply_free(reply);
    return value;
}

static inline tenon_db *memory(void) {
    tenon_db *db;
    OK(tenon_memory(NULL, &db, NULL));
    return db;
}

/* The text of an error, and its end. */
static inline int errs(tenon_reply *error, const char *start) {
    tenon_bytes text = tenon_reply_text(error);
    int same = text.len >= strlen(start) && memcmp(text.data, start, strlen(start)) == 0;
    if (!same) fprintf(stderr, "not \"%s\": %.*s\n", start, TENON_TEXT(error));
    tenon_reply_free(error);
    return same;
}
#endif
