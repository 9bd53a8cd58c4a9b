#!/bin/bash
# Headers stand alone: the public one as C11 and as C++17, every room's own as C11.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$GRADUS_SOURCE" || exit 1
flags=(-Wall -Wextra -Werror -pedantic -fsyntax-only -Iinclude)
# alone WHAT COMPILER FLAGS... FILE
alone() {
    local what=$1
    shift
    if out=$("$@" 2>&1); then echo "ok - $what"; else echo "$out"; echo "not ok - $what"; fi
}
printf '#include "gradus.h"\nint main(void) { return 0; }\n' >"$work/a.c"
cp "$work/a.c" "$work/a.cc"
alone "gradus.h alone as C11" cc -std=c11 -Wstrict-prototypes "${flags[@]}" "$work/a.c"
alone "gradus.h alone as C++17" c++ -std=c++17 "${flags[@]}" "$work/a.cc"
printf '#include "gradus.h"\n#include "gradus.h"\nint main(void) { return 0; }\n' >"$work/twice.c"
alone "gradus.h twice" cc -std=c11 "${flags[@]}" "$work/twice.c"
pkgs=$(pkg-config --cflags jansson cairo pangocairo cminpack)
for header in src/*/*.h; do
    room=${header#src/}
    printf '#include "%s"\nint main(void) { return 0; }\n' "$room" >"$work/b.c"
    # shellcheck disable=SC2086
    alone "$room alone" cc -std=gnu11 -D_GNU_SOURCE -Wall -fsyntax-only -Iinclude -Isrc $pkgs "$work/b.c"
done
