/* A panic stops at the boundary; the library goes on. */
#include "check.h"

tenon_status tenon_test_panic(void);

int main(void) {
    tenon_db *db = memory();
    CHECK(tenon_test_panic() == TENON_INTERNAL);
    CHECK(tenon_test_panic() == TENON_INTERNAL);
    run(db, "SET k v");
    CHECK(says(db, "GET k", "v"));
    OK(tenon_free(db));
    return 0;
}
