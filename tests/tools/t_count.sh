#!/bin/bash
# tools/count-tests counts what the programs say, and a crash or a silence is never a success.
set -u
count=$GRADUS_SOURCE/tools/count-tests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/meson-logs"
: >"$work/check.log"
# says NAME EXPECTED RESULT TEXT: a program that ended with RESULT and printed TEXT makes that last line.
says() {
    rm -f "$work/unbuilt"
    python3 -c 'import json, sys; print(json.dumps({"name": "t", "result": sys.argv[1], "duration": 0.1, "stdout": sys.argv[2]}))' \
        "$3" "$4" >"$work/meson-logs/testlog.json"
    local found
    found=$("$count" "$work" | tail -1)
    if [ "$found" = "$2" ]; then echo "ok - $1"; else echo "expected: $2, found: $found"; echo "not ok - $1"; fi
}
two=$'[==========] Running 2 test(s).\n[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n'
says "two functions pass" "2 passed, 0 failed" OK "$two"$'[       OK ] b\n[==========] 2 test(s) run.\n[  PASSED  ] 2 test(s).'
says "one of two fails" "1 passed, 1 failed" FAIL \
    "$two"$'[  FAILED  ] b\n[==========] 2 test(s) run.\n[  PASSED  ] 1 test(s).\n[  FAILED  ] tests: 1 test(s), listed below:\n[  FAILED  ] b\n\n 1 FAILED TEST(S)'
says "a crash is one failure" "1 passed, 1 failed" FAIL "$two"
says "a leak after the last line is one failure" "2 passed, 1 failed" FAIL \
    "$two"$'[       OK ] b\n[==========] 2 test(s) run.\n[  PASSED  ] 2 test(s).\nERROR: LeakSanitizer'
says "a time-out is one failure" "1 passed, 1 failed" TIMEOUT "$two"
says "a silent program that ends well is one" "1 passed, 0 failed" OK ""
says "lines of a script" "2 passed, 1 failed" OK $'ok - a\nnot ok - b\nok - c'
says "a skipped program" "0 passed, 1 failed, 1 skipped" SKIP "" 2>/dev/null
: >"$work/meson-logs/testlog.json"
found=$("$count" "$work" | tail -1)
[ "$found" = "0 passed, 1 failed" ] && echo "ok - no test is a failure" || echo "not ok - no test is a failure"
says_unbuilt() { echo t_x >"$work/unbuilt"; "$count" "$work" | tail -1; }
[ "$(says_unbuilt)" = "0 passed, 1 failed" ] && echo "ok - a program that was not built is a failure" || echo "not ok - a program that was not built is a failure"
