#!/bin/bash
# Files that are generated and checked in equal what their generator prints today (tools/generated.txt).
set -u
cd "$GRADUS_SOURCE" || exit 1
while IFS= read -r line; do
    line=${line%%#*}
    file=${line%%:*} command=${line#*:}
    [ -n "${file// /}" ] || continue
    if out=$(diff <(bash -c "$command" </dev/null 2>&1) "$file" | head -20) && [ -z "$out" ]; then echo "ok - $file is fresh"
    else echo "$out"; echo "not ok - $file is stale: run $command > $file"; fi
done <tools/generated.txt
