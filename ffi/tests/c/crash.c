/* A program that is killed or aborts while it writes loses nothing that was acknowledged. */
#include "check.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static tenon_db *open_at(const char *dir) {
    tenon_db *db;
    tenon_reply *error;
    if (tenon_open(TENON_BYTES(dir, strlen(dir)), NULL, &db, &error) != TENON_OK) {
        fprintf(stderr, "%.*s\n", TENON_TEXT(error));
        exit(1);
    }
    return db;
}

/* Counts, and says each sum when it is there; never returns. */
static void count(const char *dir, int to, int aborts) {
    tenon_db *db = open_at(dir);
    for (int i = 0;; i++) {
        int64_t sum;
        OK(tenon_incr(db, TENON_LIT("n"), 1, &sum, NULL));
        uint64_t len;
        tenon_bytes element = TENON_LIT("x");
        OK(tenon_rpush(db, TENON_LIT("l"), 1, &element, &len, NULL));
        if (write(to, &sum, sizeof sum) != sizeof sum) _exit(2);
        if (aborts && i == 500) abort();
    }
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    int64_t before = 0;
    for (int round = 0; round < 6; round++) {
        int ends[2], status;
        CHECK(pipe(ends) == 0);
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            close(ends[0]);
            /* An abort is what this test is about. */
            signal(SIGABRT, SIG_DFL);
            count(argv[1], ends[1], round % 2);
        }
        close(ends[1]);
        int64_t last = before, sum;
        for (int i = 0; (round % 2 || i < 2000) && read(ends[0], &sum, sizeof sum) == sizeof sum; i++) last = sum;
        if (round % 2 == 0) kill(pid, SIGKILL);
        /* What was said between the last look and the end counts, too. */
        while (read(ends[0], &sum, sizeof sum) == sizeof sum) last = sum;
        CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        close(ends[0]);
        tenon_db *db = open_at(argv[1]);
        int64_t found = number(db, "INCRBY n 0");
        CHECK(found >= last && found <= last + 1);
        CHECK(number(db, "LLEN l") >= last && number(db, "LLEN l") <= found);
        /* Made to agree again, for the next round. */
        run(db, "DEL l n");
        OK(tenon_close(db, NULL));
        before = 0;
    }
    return 0;
}
