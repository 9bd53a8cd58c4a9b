#!/bin/bash
# Both libraries show gradus_* and nothing else, and the same of it; nothing of ours is writable at file level.
set -u
cd "$GRADUS_BUILD" || exit 1
names() { awk 'NF >= 3 {print $3}' | sed 's/@.*//' | grep -v '^__\(asan\|odr_asan\|ubsan\|start\|stop\)' | LC_ALL=C sort -u; }
shared=$(nm -D --defined-only libgradus.so | names)
static=$(nm -g --defined-only libgradus.a 2>/dev/null | names)
verdict() { if [ -z "$2" ]; then echo "ok - $1"; else echo "$2"; echo "not ok - $1"; fi; }
verdict "the shared library exports only gradus_*" "$(grep -v '^gradus_' <<<"$shared" | grep .)"
verdict "the static library exports only gradus_*" "$(grep -v '^gradus_' <<<"$static" | grep .)"
verdict "both libraries export the same" "$(diff <(echo "$shared") <(echo "$static"))"
declared=$(grep -o 'gradus_[a-z0-9_]* *(' "$GRADUS_SOURCE/include/gradus.h" | tr -d ' (' | LC_ALL=C sort -u)
verdict "every exported name is declared in gradus.h" \
    "$(LC_ALL=C comm -23 <(grep . <<<"$shared") <(echo "$declared"))"

# writable OBJECT...: what lies in sections that are written at run time. Constant tables of pointers lie in
# .data.rel.ro: written by the loader, never by us.
writable() {
    local object
    for object in "$@"; do
        objdump -t "$object" | awk -v file="$object" '
            ($0 ~ /[ \t]\.(data|bss|tdata|tbss)/ || $0 ~ /\*COM\*/) && $0 !~ /\.data\.rel\.ro/ {
                if ($0 !~ / d  ?[.*]/ && $0 !~ / df /) print file ": " $NF }'
    done
}
if meson introspect --buildoptions . | tr "{" "\n" | grep '"name": "b_sanitize"' | grep -q '"value": "none"'; then
    verdict "no writable data at file level" "$(writable libgradus_internal.a.p/*.o)"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/bad.c" <<'END'
static int counter;
int shown = 3;
_Thread_local int per_thread;
const char *const table[] = {"a", "b"};
int count(void) { static int calls; return ++calls + ++counter; }
END
cc -fPIC -c "$work/bad.c" -o "$work/bad.o"
verdict "writable data would be found" "$([ "$(writable "$work/bad.o" | wc -l)" = 4 ] || writable "$work/bad.o")"
