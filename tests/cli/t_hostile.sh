#!/bin/bash
# Bad input on the command line: a message with the place, the right exit code, in time, nothing written by halves.
set -u
G="${GRADUS_PROGRAM:-$GRADUS_BUILD/gradus}"
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
failed=0 asked=0

# refused CODE 'part of the message' ARGUMENTS...: this exit code, and the message on standard error.
refused() {
    local code=$1 part=$2 got
    shift 2
    asked=$((asked + 1))
    timeout 30 "$G" "$@" >"$D/out" 2>"$D/err" </dev/null
    got=$?
    if [ "$got" != "$code" ] || ! grep -qF -e "$part" "$D/err"; then
        failed=$((failed + 1))
        echo "gradus $*" | cut -c1-200
        echo "  exit code $got, not $code; or no \`$part\` in: $(head -c 600 "$D/err")"
    fi
}

# ---- formulas
refused 2 'is not closed' diff 'x*(1 + x'
refused 2 'closes the cases' diff '{x if x > 0; 1 otherwise'
refused 2 'error' diff 'x)'
refused 2 'did you mean sinh' diff 'snh(x)'
refused 2 'a has no value' eval 'a*x' --at x=2
refused 2 'takes 2 arguments' diff 'atan2(x)'
refused 2 'takes 1 argument' diff 'sin(x, 2)'
refused 2 'division by zero' diff '1/0 + x'
refused 2 'division by zero' eval 'x/(1 - 1)' --at x=1
refused 2 'error' eval 'sum[i](v[i]*w[i])' --given 'v=[1,2]' --given 'w=[1,2,3]'
refused 2 'error' eval 'v[3]' --given 'v=[1,2]'
refused 2 'rows of equal length' eval 'v' --given 'v=[1,[2]]'
refused 2 'error' eval 'h[2]' --define 'h[0] = 1;; h[t] = h[t+1] for t = 1..5'
refused 2 'error' eval 'b' --define 'b = c;; c = b + 1'
refused 2 'error' diff ''
refused 2 'error' diff "$(printf '\xff\xfe\x01\x80')"
refused 2 'error' diff "$(head -c 3000 /dev/urandom | tr -d '\0')("
refused 2 'error' diff '\frac{x' --latex
refused 3 'nest at most' print "$(printf 'sum[i=1..2](%.0s' {1..40})x$(printf ')%.0s' {1..40})"

# ---- options
refused 2 '' diff 'x^2' --at x
refused 2 '' diff 'x^2' --at x=y
refused 2 '' diff 'x^2' --order -1
refused 2 '' diff 'x^2' --order 99999999999999999999
refused 2 '' eval 1 --digits 99999999999
refused 2 '' eval 1 --limit-seconds x
refused 2 'unknown command' difff 'x^2'

# ---- budgets: the answer is `limit`, in time
for f in 'sum[i=1..1e9](sin(i))' 'sum[i=1..10^6](sum[j=1..10^6](sin(i*j)))' 'prod[i=1..100000000](1+1/i^2)'; do
    refused 3 'budget' eval "$f" --limit-seconds 0.5
    refused 3 'budget' eval "$f" --limit-seconds 0.5 --engine float
done
refused 3 'budget' diff 'x^x^x^x^x' --order 200 --limit-seconds 0.5
refused 3 'budget' diff '(((x^x)^x)^x)^x' --limit-nodes 20
refused 3 'budget' eval 'gamma(1/3)' --digits 100000 --limit-seconds 1
refused 3 'budget' eval 'digamma(1/3)' --digits 100000 --limit-seconds 1

# ---- tables of measurements
printf 'x,y\n1,2\n2\n3,4\n' >"$D/ragged.csv"
printf 'x,y\n1,2\n2,three\n3,4\n' >"$D/text.csv"
printf 'x,z\n1,2\n2,3\n' >"$D/missing.csv"
: >"$D/empty.csv"
printf 'x,y\n' >"$D/header.csv"
printf 'x,y\n1,NaN\n2,nan\n' >"$D/nan.csv"
head -c 5000 /dev/urandom >"$D/noise.csv"
fit() { refused "$1" "$2" fit 'y = a + b*x' --start a=0,b=1 --data "$3"; }
fit 2 'line 3' "$D/ragged.csv"
fit 2 'row 2' "$D/text.csv"
fit 2 'y' "$D/missing.csv"
fit 2 'error' "$D/empty.csv"
fit 2 'error' "$D/header.csv"
fit 2 'error' "$D/nan.csv"
fit 2 'error' "$D/noise.csv"
fit 3 'error' "$D"
fit 3 'no such file' "$D/none.csv"

# ---- a full disk
if [ -w /dev/full ]; then
    for command in "diff x^2" "functions" "diff x^2 --steps" "diff x^2 --json" "--help"; do
        asked=$((asked + 1))
        # shellcheck disable=SC2086
        "$G" $command >/dev/full 2>"$D/err"
        got=$?
        [ "$got" = 3 ] && [ -s "$D/err" ] || { failed=$((failed + 1)); echo "gradus $command > /dev/full: exit code $got, $(cat "$D/err")"; }
    done
    asked=$((asked + 1))
    echo '{"op":"diff","expr":"x"}' | "$G" batch >/dev/full 2>"$D/err"
    got=${PIPESTATUS[1]}
    [ "$got" = 3 ] || { failed=$((failed + 1)); echo "gradus batch > /dev/full: exit code $got"; }
    refused 3 '/dev/full' descend 'x^2' --from x=1 --trace csv -o /dev/full
    ln -s /dev/full "$D/full.svg"
    refused 3 'full.svg' plot 'x^2' -o "$D/full.svg"
fi
refused 3 'none/a.svg' plot 'x^2' -o "$D/none/a.svg"

# ---- long input: 10 MB of open brackets, in batch and as a definition's body
asked=$((asked + 1))
{
    printf '{"op":"diff","expr":"'
    head -c 10000000 /dev/zero | tr '\0' '('
    printf '"}\n'
} | timeout 60 "$G" batch >"$D/out" 2>"$D/err"
grep -q '"code":"syntax"' "$D/out" || { failed=$((failed + 1)); echo "10 MB of (: $(head -c 300 "$D/out" "$D/err")"; }

echo "$asked asked, $failed failed"
[ "$failed" = 0 ]
