#!/bin/bash
# fit, descend and slope --data from outside: results, JSON, exit codes, and every way a file can be bad.
gradus=$GRADUS_BUILD/gradus
run=$GRADUS_SOURCE/examples/run.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
bad=0

# expect NAME CODE WORDS COMMAND...: the exit code, and WORDS (a grep pattern) in what was said on either stream.
expect() {
    local name=$1 code=$2 words=$3
    shift 3
    "$@" >out 2>err
    local got=$?
    if [ "$got" = "$code" ] && cat out err | grep -q -- "$words"; then
        echo "ok - $name"
    else
        echo "not ok - $name: exit code $got, expected $code; looked for: $words"
        head -c 2000 out err
        bad=1
    fi
}
# json NAME EXPRESSION: the last standard output is one line of JSON, of which the Python expression holds.
json() {
    if "$GRADUS_PYTHON" -c '
import json, sys
lines = open("out").read().splitlines()
a = json.loads(lines[0])
sys.exit(0 if len(lines) == 1 and eval(sys.argv[1]) else 1)' "$2"; then
        echo "ok - $name$1"
    else
        echo "not ok - $1: $2"
        head -c 2000 out
        bad=1
    fi
}

fit() { "$gradus" fit "$@"; }
line() { fit 'y = a + b*x' --start a=0,b=1 --data "$@"; }
mean() { "$gradus" descend 'mean[i]((a + b*x[i] - y[i])^2)' --from a=0,b=1 --data "$@"; }
slope() { "$gradus" slope --x x --y y --data "$@"; }

# ---- results ---------------------------------------------------------------------------------------------------
expect "a fit" 0 '^g .*9\.8' fit 'd = d0 + v*t + g/2*t^2' --data "$run" --start d0=0,v=1,g=10
expect "a fit as JSON" 0 . fit 'd = d0 + v*t + g/2*t^2' --data "$run" --start d0=0,v=1,g=10 --json
json "members of a fit" 'set(a["params"]) == {"d0", "v", "g"} and abs(a["params"]["g"]["value"] - 9.81) < 5*a["params"]["g"]["stderr"] \
    and a["rows"] == 41 and a["stop"] == "converged" and a["rss"] > 0 and a["iterations"] > 0 and a["sigma"] > 0'
expect "a descent on the same data" 0 '^converged' \
    "$gradus" descend 'mean[i]((d0 + v*t[i] + g/2*t[i]^2 - d[i])^2)' --data "$run" --from d0=0,v=1,g=10
expect "velocity" 0 '^0.5 ' "$gradus" slope --data "$run" --x t --y d
expect "acceleration" 0 . "$gradus" slope --data "$run" --x t --y d --order 2 --json
json "acceleration is that of falling" 'all(abs(r["slope"] - 9.81) < 5*r["stderr"] for r in a["table"]) and len(a["table"]) == 41'
expect "a window as wished" 0 'half width 0.4 (as given)' "$gradus" slope --data "$run" --x t --y d --smooth 0.4
expect "the window chosen" 0 'by cross-validation' "$gradus" slope --data "$run" --x t --y d --smooth auto
expect "slope of a formula as before" 0 'by the rules' "$gradus" slope 'x^2' --at x=1

expect "descent" 0 'minimum 0 at x = 0, y = 0' "$gradus" descend 'x^2+y^2' --from x=1,y=1
expect "descent with a rate" 0 '^converged after' "$gradus" descend 'x^2+y^2' --from x=1,y=1 --rate 0.1
expect "descent with momentum" 0 '^converged after' "$gradus" descend 'x^2+y^2' --from x=1,y=1 --rate 0.1 --momentum 0.5
expect "a rate too large" 1 'diverged.*rate 1.1 is too large.*2/2 = 1' "$gradus" descend 'x^2+y^2' --from x=1,y=1 --rate 1.1
expect "steps run out" 1 '^limit after 3 steps' "$gradus" descend 'x^2+y^2' --from x=1,y=1 --rate 0.1 --max-steps 3
expect "the same as JSON" 1 '"stop":"limit"' "$gradus" descend 'x^2' --from x=1 --rate 0.1 --max-steps 3 --json --trace json
json "the trace in it" '[r["x"] for r in a["trace"]] == [1, 0.8, 0.64, 0.512] and a["point"]["x"] == 0.512'
expect "names held fixed" 0 '^0      1             3             6 ' "$gradus" descend 'c*x^2' --from x=1 --at c=3
expect "a fit that does not converge" 1 '"stop":"limit"' fit 'd = a*exp(b*t)' --data "$run" --start a=1,b=1 --max-steps 1 --json
expect "leaving the domain" 1 'note: at x = .*ln(x)' "$gradus" descend 'ln(x)' --from x=2 --rate 0.5

# ---- traces ------------------------------------------------------------------------------------------------------
expect "a trace on standard output" 0 '^step,x,value,gradient,rate$' "$gradus" descend 'x^2' --from x=1 --trace csv
expect "a trace in a file" 0 'minimum 0 at x = 0' "$gradus" descend 'x^2' --from x=1 --trace csv -o trace.csv
[ "$(head -1 trace.csv)" = step,x,value,gradient,rate ] && echo "ok - the file" || { echo "not ok - the file"; bad=1; }
expect "a longer trace" 0 . "$gradus" descend 'x^2' --from x=1 --rate 0.1 --trace csv -o long.csv
expect "a trace is read again as data" 0 . fit 'ln(x) = c*step' --data long.csv --start c=0 --json
json "and its rate is ln(1 - 2*0.1)" 'abs(a["params"]["c"]["value"] + 0.2231435513142097) < 1e-9'
expect "a full disk" 3 'cannot write /dev/full: no space' "$gradus" descend 'x^2' --from x=1 --trace csv -o /dev/full
expect "a full disk for a table" 3 'cannot write /dev/full' "$gradus" slope --data "$run" --x t --y d -o /dev/full
expect "no such folder" 3 'cannot write' "$gradus" descend 'x^2' --from x=1 --trace csv -o nowhere/trace.csv
expect "standard output is full" 3 'standard output could not be written' bash -c "'$gradus' descend 'x^2' --from x=1 >/dev/full"
expect "output without a trace" 2 '--trace' "$gradus" descend 'x^2' --from x=1 -o trace.csv

# ---- bad files: each command must refuse each file in the same words -----------------------------------------------
printf 'x,y\n1,2\n2,4\n3\n' >ragged
printf 'x,y\n1,2\n2,four\n3,6\n4,8\n' >text
printf 'x,z\n1,2\n2,4\n3,6\n' >missing
printf 'x,y\n' >header
: >empty
printf 'x,y\n1,\n2,NA\n,3\n' >gaps
printf 'x,y\n1,2\n2,inf\n3,4\n4,5\n' >infinite
head -c 3000 /dev/zero >zeros
head -c 3000 "$gradus" >program
printf 'x,y\n1,"2\n2,3\n' >quote
printf '\377\376x\000,\000y\000\n\000' >wide
printf 'x,x,y\n1,2,3\n2,3,4\n3,4,5\n' >twice
mkdir folder
refused() { # FILE CODE WORDS
    expect "fit: $1" "$2" "$3" line "$1"
    expect "descend: $1" "$2" "$3" mean "$1"
    expect "slope: $1" "$2" "$3" slope "$1"
}
refused ragged 2 'row 3 (line 4) has 1 cell, but the header has 2'
refused text 2 'column `y`, row 2: expected a number, found `four`'
refused header 2 'no rows'
refused empty 2 'empty is empty'
refused gaps 2 'no row has a value in every column'
refused infinite 2 'column `y`, row 2: the value is infinite'
refused zeros 2 'not a text file'
refused program 2 'not a text file'
refused quote 2 quote
refused wide 2 'UTF-16'
refused folder 3 'it is a folder'
refused nowhere 3 'no such file'
expect "fit: a column that is not there" 2 'y is neither a column of missing (x, z) nor a parameter (a, b)' line missing
expect "descend: a column that is not there" 2 'y has neither a start nor a value; the columns of missing are x, z' mean missing
expect "slope: a column that is not there" 2 'missing has no column `y`; its columns are x, z' slope missing
expect "slope: two columns of a name" 2 'two columns named `x`' slope twice
expect "fit: two columns of a name" 2 'two columns named `x`' line twice
expect "descend: two columns of a name" 2 'two columns named `x`' mean twice
printf 'x,y\n1,2\n2,\n3,6.1\n4,7.9\nNA,9\n5,10\n' >some
expect "rows with gaps are named" 0 'rows 2 and 5 left out' line some
expect "and for a descent" 0 'rows 2 and 5 left out' mean some
expect "and for a slope" 0 'rows 2 and 5 left out' slope some
printf 'x,y\n1,2\n2,3\n' >short
expect "too few rows for a slope" 2 'too few points' slope short
expect "too few rows for a fit" 2 . fit 'y = a + b*x + c*x^2' --data short --start a=1,b=1,c=1

# ---- bad usage ---------------------------------------------------------------------------------------------------
expect "fit without data" 2 '--data' fit 'y = a*x' --start a=1
expect "fit without a start" 2 '--start' fit 'y = a*x' --data some
expect "a start that is no number" 2 'not a finite number\|has no meaning' fit 'y = a*x' --data some --start a=one
expect "a start without a value" 2 'name=number' fit 'y = a*x' --data some --start a
expect "descend without a start" 2 '--from' "$gradus" descend 'x^2'
expect "a negative rate" 2 'above 0' "$gradus" descend 'x^2' --from x=1 --rate -1
expect "too much momentum" 2 'momentum must be' "$gradus" descend 'x^2' --from x=1 --momentum 2
expect "an unknown method" 2 'linesearch' "$gradus" descend 'x^2' --from x=1 --method newton
expect "slope without columns" 2 '--x t --y d' "$gradus" slope --data some
expect "a formula and data" 2 'not both' "$gradus" slope 'x^2' --data some --x x --y y
expect "a window below zero" 2 'above 0' slope some --smooth -1
expect "order of a formula's slope" 2 '--data' "$gradus" slope 'x^2' --at x=1 --order 2
expect "no value at the start" 2 'at the start, x = -1: ln(x): ln of -1' "$gradus" descend 'ln(x)' --from x=-1
expect "time runs out" 3 . "$gradus" descend 'sum[i=1..1000000](cos(x*i))' --from x=1 --limit-seconds 0.2
exit $bad
