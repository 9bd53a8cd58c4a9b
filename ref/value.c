/* value: what docs/SEMANTICS.md says, node by node. */
#include "ref.h"

#include <math.h>
#include <string.h>

typedef enum truth { UNDEFINED = -1, NO = 0, YES = 1 } truth;

/* A value; `strong` marks a zero that came from a false bracket of a product. NaN: no value. */
typedef struct value {
    long double x;
    bool strong;
} value;

/* Bound indices lie on top of the point. */
typedef struct scope {
    const char *name;
    long double value;
    bool index;
    const struct scope *outer;
} scope;

static value evaluate(const ref_node *f, const scope *at);

static value plain(long double x)
{
    return (value){x, false};
}
static value nothing(void)
{
    return plain(nanl(""));
}

/* ---- conditions ----------------------------------------------------------------------------- */

static truth compare(char sign, long double a, long double b)
{
    if (isnan(a) || isnan(b)) return UNDEFINED;
    switch (sign) {
    case '<': return a < b;
    case 'l': return a <= b;
    case '>': return a > b;
    case 'g': return a >= b;
    case '=': return a == b;
    default: return a != b;
    }
}

/* `absorbing` decides alone; undefined otherwise wins. */
static truth connect(truth a, truth b, truth absorbing)
{
    if (a == absorbing || b == absorbing) return absorbing;
    return a == UNDEFINED || b == UNDEFINED ? UNDEFINED : !absorbing;
}

static truth holds(const ref_node *f, const scope *at)
{
    truth t = YES;
    switch (f->kind) {
    case REF_COMPARE:
        for (size_t i = 1; i < f->n; i++)
            t = connect(t, compare(f->sign[i], evaluate(f->kid[i - 1], at).x, evaluate(f->kid[i], at).x), NO);
        return t;
    case REF_AND: return connect(holds(f->kid[0], at), holds(f->kid[1], at), NO);
    case REF_OR: return connect(holds(f->kid[0], at), holds(f->kid[1], at), YES);
    case REF_NOT: t = holds(f->kid[0], at); return t == UNDEFINED ? t : !t;
    default: return UNDEFINED;
    }
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

static value sum(const ref_node *f, const scope *at)
{
    if (f->n == 1) {
        value v = evaluate(f->kid[0], at);
        return (value){-v.x, v.strong};
    }
    long double s = 0;
    for (size_t i = 0; i < f->n; i++) {
        long double x = evaluate(f->kid[i], at).x;
        s += f->sign[i] == '-' ? -x : x;
    }
    return plain(s);
}

static value product(const ref_node *f, const scope *at)
{
    long double x = 1;
    for (size_t i = 0; i < f->n; i++) {
        value v = evaluate(f->kid[i], at);
        if (f->sign[i] == '*' && v.strong) return (value){0, true};
        if (f->sign[i] == '/') x = v.x == 0 ? nanl("") : x / v.x;
        else x *= v.x;
    }
    return plain(x);
}

static const scope *find(const char *name, const scope *at)
{
    while (at && strcmp(at->name, name) != 0) at = at->outer;
    return at;
}

/* Is f a whole number by its nature, whatever the values of its names? */
static bool is_whole(const ref_node *f, const scope *at)
{
    const scope *s;
    switch (f->kind) {
    case REF_NUMBER: return f->number == floorl(f->number);
    case REF_NAMED: s = find(f->name, at); return s && s->index;
    case REF_CALL:
        return strcmp(f->name, "floor") == 0 || strcmp(f->name, "ceil") == 0 || strcmp(f->name, "round") == 0;
    case REF_IVERSON: return true;
    case REF_SUM:
    case REF_PRODUCT:
        for (size_t i = 0; i < f->n; i++)
            if (f->sign[i] == '/' || !is_whole(f->kid[i], at)) return false;
        return true;
    default: return false;
    }
}

/* A false bracket in the base stays a strong zero: [P]^2 is [P]*[P]. */
static value raise_to(const ref_node *f, const scope *at)
{
    value b = evaluate(f->kid[0], at);
    long double e = evaluate(f->kid[1], at).x;
    bool integer = e == floorl(e);
    if (isnan(b.x) || isnan(e) || (b.x < 0 && !integer) || (b.x == 0 && e < 0)) return nothing();
    if (b.x == 0 && e == 0 && !is_whole(f->kid[1], at)) return nothing();
    return (value){powl(b.x, e), b.strong && e > 0};
}

static value call(const ref_node *f, const scope *at)
{
    long double arg[16];
    size_t i = 0;
    if (strcmp(f->name, "piecewise") == 0) {
        for (; i + 1 < f->n; i += 2) {
            truth t = holds(f->kid[i], at);
            if (t != NO) return t == YES ? plain(evaluate(f->kid[i + 1], at).x) : nothing();
        }
        return i < f->n ? plain(evaluate(f->kid[i], at).x) : nothing();
    }
    for (; i < f->n && i < 16; i++) {
        arg[i] = evaluate(f->kid[i], at).x;
        if (isnan(arg[i])) return nothing();
    }
    return plain(ref_function(f->name, arg, f->n));
}

static value cases(const ref_node *f, const scope *at)
{
    size_t i = 0;
    for (; i + 1 < f->n; i += 2) {
        truth t = holds(f->kid[i], at);
        if (t != NO) return t == YES ? plain(evaluate(f->kid[i + 1], at).x) : nothing();
    }
    return i < f->n ? plain(evaluate(f->kid[i], at).x) : nothing();
}

/* ---- reducers ------------------------------------------------------------------------------- */

static long double start_of(const char *name)
{
    if (strcmp(name, "prod") == 0) return 1;
    if (strcmp(name, "max") == 0 || strcmp(name, "argmax") == 0 || strcmp(name, "logsumexp") == 0)
        return -HUGE_VALL;
    return strcmp(name, "min") == 0 || strcmp(name, "argmin") == 0 ? HUGE_VALL : 0;
}

static value reduce(const ref_node *f, const scope *at)
{
    long double lo = evaluate(f->kid[0], at).x, hi = evaluate(f->kid[1], at).x;
    const char *name = f->name;
    bool up = strcmp(name, "max") == 0 || strcmp(name, "argmax") == 0;
    bool down = strcmp(name, "min") == 0 || strcmp(name, "argmin") == 0;
    long double a = start_of(name), where = nanl("");
    if (isnan(lo) || isnan(hi) || lo != floorl(lo) || hi != floorl(hi) || hi - lo > 1e7L) return nothing();
    for (long double i = lo; i <= hi; i++) {
        scope inner = {f->index, i, true, at};
        long double x = evaluate(f->kid[2], &inner).x;
        if (isnan(x)) return nothing();
        if (up ? x > a : down && x < a) where = i;
        if (up || down) a = where == i ? x : a;
        else if (strcmp(name, "prod") == 0) a *= x;
        else if (strcmp(name, "logsumexp") == 0) a = fmaxl(a, x) + log1pl(expl(-fabsl(a - x)));
        else a += x;
    }
    if (strncmp(name, "arg", 3) == 0) return plain(where);
    if (strcmp(name, "mean") == 0) return hi < lo ? nothing() : plain(a / (hi - lo + 1));
    return plain(a);
}

/* ---- everything ----------------------------------------------------------------------------- */

static value named(const ref_node *f, const scope *at)
{
    const scope *s = find(f->name, at);
    if (s) return plain(s->value);
    if (strcmp(f->name, "pi") == 0) return plain(acosl(-1));
    if (strcmp(f->name, "e") == 0) return plain(expl(1));
    if (strcmp(f->name, "inf") == 0) return plain(HUGE_VALL);
    return nothing();
}

static value evaluate(const ref_node *f, const scope *at)
{
    truth t;
    switch (f->kind) {
    case REF_NUMBER: return plain(f->number);
    case REF_NAMED: return named(f, at);
    case REF_SUM: return sum(f, at);
    case REF_PRODUCT: return product(f, at);
    case REF_POWER: return raise_to(f, at);
    case REF_CALL: return call(f, at);
    case REF_CASES: return cases(f, at);
    case REF_IVERSON: t = holds(f->kid[0], at); return t == UNDEFINED ? nothing() : (value){t, t == NO};
    case REF_REDUCE: return reduce(f, at);
    default: t = holds(f, at); return t == UNDEFINED ? nothing() : plain(t);
    }
}

long double ref_value(const ref_node *f, const ref_point *at, size_t n)
{
    scope all[64];
    if (n > 64) return nanl("");
    for (size_t i = 0; i < n; i++) all[i] = (scope){at[i].name, at[i].value, false, i ? &all[i - 1] : NULL};
    return evaluate(f, n ? &all[n - 1] : NULL).x;
}

/* Ridders: central differences at distances h, h/1.6, ... extrapolated to distance 0 in a triangle; the entry
 * that differs least from its neighbours wins, and that difference is the error. */
long double ref_slope(const ref_node *f, const ref_point *at, size_t n, size_t which, long double *error)
{
    enum { ROWS = 18 };
    static const long double shrink = 1.6L;
    long double a[ROWS][ROWS], best = nanl(""), x = at[which].value, scale = fmaxl(fabsl(x), 0.01L);
    ref_point near[64];
    *error = HUGE_VALL;
    if (n > 64) return best;
    memcpy(near, at, n * sizeof *near);
    /* Two starting distances: formulas that change fast, or end near x, need the small one. */
    for (long double h0 = 0.25L * scale; h0 > 1e-5L * scale; h0 *= 0.01L) {
        long double h = h0;
        for (int i = 0; i < ROWS; i++, h /= shrink) {
            near[which].value = x + h;
            long double up = ref_value(f, near, n), width = near[which].value;
            near[which].value = x - h;
            long double down = ref_value(f, near, n);
            width -= near[which].value;
            a[i][0] = (up - down) / width;
            long double factor = shrink * shrink, noise = (fabsl(up) + fabsl(down)) * 2e-19L / width;
            for (int j = 1; j <= i; j++, factor *= shrink * shrink) {
                a[i][j] = (a[i][j - 1] * factor - a[i - 1][j - 1]) / (factor - 1);
                long double off = fmaxl(fabsl(a[i][j] - a[i][j - 1]), fabsl(a[i][j] - a[i - 1][j - 1])) +
                                  noise;
                if (isfinite(off) && off < *error) {
                    *error = off;
                    best = a[i][j];
                }
            }
        }
    }
    return best;
}
