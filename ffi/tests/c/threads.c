/* One handle, many threads: calls, and the end of the handle under their hands. */
#include "check.h"
#include <pthread.h>

enum { THREADS = 8, ROUNDS = 2000 };
static tenon_db *shared;

static void *count(void *seed) {
    char key[16];
    snprintf(key, sizeof key, "k%d", (int)(intptr_t)seed % 2);
    int64_t sum;
    for (int round = 0; round < ROUNDS; round++) {
        OK(tenon_incr(shared, TENON_LIT("all"), 1, &sum, NULL));
        OK(tenon_incr(shared, TENON_BYTES(key, 2), 1, &sum, NULL));
        /* Handles come and go meanwhile, in the slots of others. */
        tenon_db *other;
        OK(tenon_select(shared, 0, &other, NULL));
        CHECK(number(other, "EXISTS all") == 1);
        OK(tenon_free(other));
    }
    return NULL;
}

static void *use(void *none) {
    int64_t sum;
    tenon_status status;
    do status = tenon_incr(shared, TENON_LIT("n"), 1, &sum, NULL);
    while (status == TENON_OK);
    CHECK(status == TENON_MISUSE || status == TENON_CLOSED);
    return none;
}

static tenon_status freed[THREADS];

static void *close_it(void *which) {
    freed[(intptr_t)which] = tenon_free(shared);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    shared = memory();
    for (intptr_t at = 0; at < THREADS; at++) pthread_create(&threads[at], NULL, count, (void *)at);
    for (int at = 0; at < THREADS; at++) pthread_join(threads[at], NULL);
    char all[32];
    snprintf(all, sizeof all, "%d", THREADS * ROUNDS);
    CHECK(says(shared, "GET all", all));

    /* Freed while it is used: each call is done or refused. */
    for (int round = 0; round < 50; round++) {
        for (int at = 0; at < 2; at++) pthread_create(&threads[at], NULL, use, NULL);
        OK(tenon_free(shared));
        for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);
        shared = memory();
    }
    /* Freed by many at once: by one of them. */
    for (intptr_t at = 0; at < THREADS; at++) pthread_create(&threads[at], NULL, close_it, (void *)at);
    int well = 0;
    for (int at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
        well += freed[at] == TENON_OK;
    }
    CHECK(well == 1);
    return 0;
}
