#!/bin/bash
# The rooms keep to tools/rooms.txt, and the checker sees each kind of crossing.
set -u
check=$GRADUS_SOURCE/tools/check-rooms
if out=$("$check" "$GRADUS_SOURCE"); then echo "ok - no room crosses its imports"
else echo "$out"; echo "not ok - no room crosses its imports"; fi

house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/tools "$house"/include "$house"/cli "$house"/ref "$house"/src/{base,num,term,draw,optim,api}
printf 'base:\nnum: base\nterm: base num\ndraw: base num\noptim: base num\napi: base num term draw optim\n' >"$house/tools/rooms.txt"
echo '#include <stdint.h>' >"$house/include/gradus.h"
touch "$house"/src/{base/base.h,num/num.h,term/term.h,term/term_impl.h,draw/draw.h,optim/optim.h,api/api_impl.h}

# finds FILE LINE TEXT: with that line in that file the checker fails and names file, line and reason.
finds() {
    printf '// first line\n%s\n' "$2" >"$house/$1"
    if out=$("$check" "$house"); then echo "not ok - $2 in $1 is found"
    elif [[ $out == *"$1:2: "*"$3"* ]]; then echo "ok - $2 in $1 is found"
    else echo "$out"; echo "not ok - $2 in $1 is found for its reason"; fi
    rm "$house/$1"
}
# allows FILE LINE: that line is fine there.
allows() {
    printf '%s\n' "$2" >"$house/$1"
    if out=$("$check" "$house"); then echo "ok - $2 in $1 is allowed"
    else echo "$out"; echo "not ok - $2 in $1 is allowed"; fi
    rm "$house/$1"
}
finds src/optim/lm.c '#include "term/term.h"' 'optim imports term'
finds src/term/a.c '  #  include "api/api_impl.h"' 'term imports api'
finds src/api/a.c '#include "term/term_impl.h"' "_impl.h is its own"
finds src/term/a.c '#include "term.h.in"' 'say which room'
finds src/term/a.c '#include "nowhere/x.h"' 'no room'
finds src/term/a.c '#include <flint/fmpq.h>' 'num'
finds src/term/a.h '#include <arb.h>' 'num'
finds src/api/a.c '#include <cairo.h>' 'draw'
finds src/api/a.c '#include <pango/pangocairo.h>' 'draw'
finds src/term/a.c '#include <jansson.h>' 'JSON'
finds src/num/a.c '#include <cminpack.h>' 'optim'
finds cli/main.c '#include "term/term.h"' 'only gradus.h'
finds ref/ref.c '#include "base/base.h"' 'only the C library'
finds ref/ref.c '#include "gradus.h"' 'shares nothing'
finds src/term/a.c '#include <num/num.h>' 'of our own'
finds include/gradus.h '#include <stdio.h>' 'public header'
echo '#include <stdint.h>' >"$house/include/gradus.h"
allows src/term/a.c '#include "num/num.h"'
allows src/term/a.c '#include "term/term_impl.h"'
allows src/num/a.c '#include <arb.h>'
allows src/draw/a.c '#include <pango/pangocairo.h>'
allows cli/main.c '#include "gradus.h"'
allows cli/main.c '#include <stdio.h>'
mkdir "$house/src/extra"
if "$check" "$house" >/dev/null; then echo "not ok - a folder that is no room is found"
else echo "ok - a folder that is no room is found"; fi
