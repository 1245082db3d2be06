/* Plays connections for whoever drives it: ffi/tests/conformance.rs, which knows the notation of the sessions.
 *
 *   'N', n: u8               a new database in memory with n connections
 *   'S', which: u8, len: u32, bytes
 *                            writes them; answers len: u32 and all that can be read now
 *
 * Each way to write and read has its turn. */
#include "check.h"

static tenon_db *db;
static tenon_conn *conns[16];
static uint8_t out[1 << 20];

static uint32_t word(void) {
    uint8_t bytes[4];
    CHECK(fread(bytes, 1, 4, stdin) == 4);
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void end(void) {
    for (int at = 0; at < 16; at++) {
        OK(tenon_conn_free(conns[at]));
        conns[at] = NULL;
    }
    OK(tenon_free(db));
    db = NULL;
}

static size_t take(const tenon_conn *conn, size_t at, int turn) {
    for (;;) {
        size_t len;
        tenon_status status;
        if (turn % 2) {
            status = tenon_conn_read(conn, out + at, sizeof out - at, &len);
        } else {
            const uint8_t *data;
            status = tenon_conn_peek(conn, &data, &len);
            CHECK(len <= sizeof out - at);
            if (len > 0) memcpy(out + at, data, len);
            if (len > 0) OK(tenon_conn_consume(conn, len));
        }
        CHECK(status == TENON_OK || status == TENON_CLOSED);
        if (len == 0) return at;
        at += len;
    }
}

int main(void) {
    int what;
    for (int turn = 0; (what = getchar()) != EOF; turn++) {
        int which = getchar();
        CHECK(which >= 0 && which < 16);
        if (what == 'N') {
            end();
            db = memory();
            for (int at = 0; at < which; at++) OK(tenon_conn_open(db, &conns[at], NULL));
            continue;
        }
        uint32_t len = word();
        uint8_t *bytes = malloc(len ? len : 1);
        CHECK(bytes && fread(bytes, 1, len, stdin) == len);
        size_t at = 0, more;
        const tenon_conn *conn = conns[which];
        tenon_bytes halves[] = {{bytes, len / 2}, {bytes + len / 2, len - len / 2}};
        tenon_status status = TENON_OK;
        if (len > 0 && turn % 3 == 0) status = tenon_conn_write(conn, bytes, len);
        if (len > 0 && turn % 3 == 1) status = tenon_conn_writev(conn, 2, halves);
        if (len > 0 && turn % 3 == 2) status = tenon_conn_exchange(conn, bytes, len, out, sizeof out, &at, &more);
        CHECK(status == TENON_OK || status == TENON_CLOSED);
        free(bytes);
        at = take(conn, at, turn);
        uint8_t head[] = {(uint8_t)at, (uint8_t)(at >> 8), (uint8_t)(at >> 16), (uint8_t)(at >> 24)};
        CHECK(fwrite(head, 1, 4, stdout) == 4 && fwrite(out, 1, at, stdout) == at && fflush(stdout) == 0);
    }
    end();
    return 0;
}
