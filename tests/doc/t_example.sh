#!/bin/bash
# What `meson install` lays down is enough: the example builds against it with pkg-config, shared and static, and runs.
set -u
meson introspect --buildoptions "$GRADUS_BUILD" | tr '{' '\n' | grep '"name": "b_sanitize"' | grep -q '"value": "none"' || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
meson install -C "$GRADUS_BUILD" --no-rebuild --destdir "$work" >"$work/log" 2>&1 || { cat "$work/log"; echo "not ok - install"; exit 1; }
pc=$(find "$work" -name gradus.pc)
prefix=$work$(sed -n 's/^prefix=//p' "$pc")
library=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=$(dirname "$pc")
config() { pkg-config --define-variable=prefix="$prefix" "$@" gradus; }
verdict() { if [ "$2" = "$3" ]; then echo "ok - $1"; else printf '# expected: %s\n# found: %s\n' "$3" "$2"; echo "not ok - $1"; fi; }

source=$GRADUS_SOURCE/examples/slope.c
expected=$'2*x\nat x = 3: 6'
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -Werror "$source" $(config --cflags --libs) -Wl,-rpath,"$library" -o "$work/shared" &&
    verdict "the example with the shared library" "$("$work/shared" 'x^2' 3)" "$expected" ||
    echo "not ok - the example builds with the shared library"
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -Werror "$source" $(config --cflags) "$library/libgradus.a" \
    $(config --libs --static | sed 's/-lgradus\b//') -lm -o "$work/static" &&
    verdict "the example with the static library" "$("$work/static" 'x^2' 3)" "$expected" ||
    echo "not ok - the example builds with the static library"
verdict "the static example does not load the library" "$(ldd "$work/static" | grep -c libgradus)" 0
"$work/shared" 'x +' 3 >/dev/null 2>"$work/err"
verdict "the example's exit code for bad input" "$?" 2
verdict "the installed program answers" "$("$prefix/bin/gradus" diff 'x^2')" "2*x"
verdict "the header's version is the package's" \
    "$(sed -n 's/^#define GRADUS_VERSION_[A-Z]* //p' "$prefix/include/gradus.h" | paste -sd.)" "$(config --modversion)"
[ "$(grep -cve '^ *$' "$source")" -le 40 ] && echo "ok - the example is short" || echo "not ok - the example is short"
