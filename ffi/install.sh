#!/usr/bin/env bash
# install.sh PREFIX: builds the C API in the release profile and puts header, libraries and pkg-config file into PREFIX.
# PROFILE=dev builds the development profile instead; DESTDIR is put before PREFIX when files are written. SELECT is what cargo is
# told to build: more than this library is of use to who builds more anyway.
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 PREFIX" >&2; exit 2; }
prefix="$1"
case "$prefix" in /*) ;; *) prefix="$PWD/$prefix" ;; esac
cd "$(dirname "$0")"
profile="${PROFILE:-release}"
folder="$profile"
[ "$profile" = dev ] && folder=debug
# shellcheck disable=SC2086
cargo build -q ${SELECT:--p tenondb-ffi} --profile "$profile"
built="${CARGO_TARGET_DIR:-../target}/$folder"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' ../Cargo.toml | head -1)"
to="${DESTDIR:-}$prefix"
mkdir -p "$to/include" "$to/lib/pkgconfig"
install -m 644 ../include/tenon.h "$to/include/tenon.h"
install -m 644 "$built/libtenon.a" "$to/lib/libtenon.a"
case "$(uname)" in
Darwin)
    library=libtenon.dylib
    private="-framework CoreFoundation -liconv -lSystem"
    ;;
*)
    library=libtenon.so
    private="-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"
    ;;
esac
install -m 755 "$built/$library" "$to/lib/$library"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" -e "s|@PRIVATE@|$private|" tenon.pc.in >"$to/lib/pkgconfig/tenon.pc"
