// The header in C++17: it compiles without a warning, and its macros work.
#include <tenon.h>

int main() {
    tenon_options options = TENON_OPTIONS_INIT;
    options.threads = 0;
    tenon_db *db = nullptr;
    if (tenon_memory(&options, &db, nullptr) != TENON_OK) return 1;
    const tenon_bytes argv[] = {TENON_LIT("SET"), TENON_LIT("key"), TENON_BYTES("value", 5)};
    tenon_reply *reply = nullptr;
    if (tenon_call(db, 3, argv, &reply) != TENON_OK) return 2;
    if (tenon_reply_root(reply)->kind != TENON_STATUS) return 3;
    tenon_reply_free(reply);
    int64_t len = 0;
    uint8_t buffer[8];
    if (tenon_get_into(db, TENON_LIT("key"), buffer, sizeof buffer, &len, nullptr) != TENON_OK || len != 5) return 4;
    return tenon_free(db) == TENON_OK ? 0 : 5;
}
