/* facts: what is known of a term's value wherever it has one. Bottom up over the graph, one interval a node.
 *
 * Every bound is rounded outward; an end may be open (not attained). Beside the interval stand two facts that
 * intervals cannot say: nonzero, integer. A given condition tightens the fact of the term it bounds.              */
#include "rule/rule_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const fact anything = {.lo = -INFINITY, .hi = INFINITY};

static fact interval(double lo, double hi) { return (fact){.lo = lo, .hi = hi}; }

static bool is_positive(const fact *f) { return f->lo > 0 || (f->lo == 0 && (f->lo_open || f->nonzero)); }
static bool is_negative(const fact *f) { return f->hi < 0 || (f->hi == 0 && (f->hi_open || f->nonzero)); }
static bool is_nonzero(const fact *f) { return f->nonzero || is_positive(f) || is_negative(f); }

/* One ulp outward; 0 and infinities are exact where they come from signs. */
static double down(double x) { return x == 0 || isinf(x) ? x : nextafter(x, -INFINITY); }
static double up(double x) { return x == 0 || isinf(x) ? x : nextafter(x, INFINITY); }

static fact fact_of_num(const gradus_ctx *ctx, term t)
{
    const fmpq *q = term_num(ctx, t);
    double x = num_fmpq_get_double(q);
    fact f = interval(down(x), up(x));
    f.integer = fmpz_is_one(fmpq_denref(q));
    if (f.integer && fmpz_cmpabs(fmpq_numref(q), (fmpz[]){1L << 52}) <= 0)
        f.lo = f.hi = x;
    f.nonzero = fmpq_sgn(q) != 0;
    if (fmpq_sgn(q) > 0 && f.lo < 0)
        f.lo = 0;
    if (fmpq_sgn(q) < 0 && f.hi > 0)
        f.hi = 0;
    return f;
}

/* ---- arithmetic ------------------------------------------------------------------------------------------- */

static fact fact_add(fact a, fact b)
{
    fact r = interval(down(a.lo + b.lo), up(a.hi + b.hi));
    if (isnan(r.lo))
        r.lo = -INFINITY;
    if (isnan(r.hi))
        r.hi = INFINITY;
    /* Rounding is exact where one summand is 0. */
    if (a.lo == 0 || b.lo == 0)
        r.lo = a.lo + b.lo;
    if (a.hi == 0 || b.hi == 0)
        r.hi = a.hi + b.hi;
    r.lo_open = a.lo_open || b.lo_open;
    r.hi_open = a.hi_open || b.hi_open;
    r.integer = a.integer && b.integer;
    if (r.integer) {
        r.lo = ceil(r.lo);
        r.hi = floor(r.hi);
    }
    /* nonnegative + positive is positive, whatever rounding did */
    if (a.lo >= 0 && b.lo >= 0 && (is_positive(&a) || is_positive(&b))) {
        r.lo = r.lo < 0 ? 0 : r.lo;
        r.nonzero = true;
    }
    if (a.hi <= 0 && b.hi <= 0 && (is_negative(&a) || is_negative(&b))) {
        r.hi = r.hi > 0 ? 0 : r.hi;
        r.nonzero = true;
    }
    return r;
}

/* 0*inf is 0 here: an infinite end is never attained. */
static double times(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }

static fact fact_negate(fact f)
{
    fact r = f;
    r.lo = -f.hi;
    r.hi = -f.lo;
    r.lo_open = f.hi_open;
    r.hi_open = f.lo_open;
    return r;
}

static fact fact_mul(fact a, fact b)
{
    if (a.lo == 1 && a.hi == 1) /* exact: the ends stay as they are, open ones too */
        return b;
    if (a.lo == -1 && a.hi == -1)
        return fact_negate(b);
    double p[4] = {times(a.lo, b.lo), times(a.lo, b.hi), times(a.hi, b.lo), times(a.hi, b.hi)};
    fact r = interval(p[0], p[0]);
    for (int i = 1; i < 4; i++) {
        r.lo = fmin(r.lo, p[i]);
        r.hi = fmax(r.hi, p[i]);
    }
    r.lo = down(r.lo);
    r.hi = up(r.hi);
    r.nonzero = is_nonzero(&a) && is_nonzero(&b);
    r.integer = a.integer && b.integer;
    return r;
}

static fact fact_recip(fact a)
{
    fact r = anything;
    if (a.lo == a.hi && fabs(a.lo) == 1) /* exact */
        return a;
    if (a.lo >= 0)
        r = interval(isinf(a.hi) ? 0 : down(1 / a.hi), a.lo == 0 ? INFINITY : up(1 / a.lo));
    else if (a.hi <= 0)
        r = interval(a.hi == 0 ? -INFINITY : down(1 / a.hi), isinf(a.lo) ? 0 : up(1 / a.lo));
    r.nonzero = true; /* where it has a value */
    return r;
}

static double bound_pow(double x, double p, bool upper)
{
    if (x == 0 || x == 1 || isinf(x))
        return pow(x, p);
    double r = pow(x, p); /* libm's pow is within 1 ulp; two are taken */
    return upper ? up(up(r)) : fmax(0, down(down(r)));
}

/* b^e for a rational e. */
static fact fact_power(fact b, const fmpq *e)
{
    if (fmpq_sgn(e) < 0) {
        fmpq_t m;
        fmpq_init(m);
        fmpq_neg(m, e);
        b.nonzero = true;
        fact r = fact_recip(fact_power(b, m));
        fmpq_clear(m);
        return r;
    }
    double p = num_fmpq_get_double(e);
    bool whole = fmpz_is_one(fmpq_denref(e)), even = whole && fmpz_is_even(fmpq_numref(e));
    fact r = anything;
    if (!whole && b.lo < 0)
        b.lo = 0; /* a fractional power asks for a base >= 0 */
    if (b.lo >= 0)
        r = interval(bound_pow(b.lo, p, false), bound_pow(b.hi, p, true));
    else if (even) {
        double far = fmax(-b.lo, b.hi), near = b.hi < 0 ? -b.hi : 0;
        r = interval(near == 0 ? 0 : bound_pow(near, p, false), bound_pow(far, p, true));
    } else if (whole) {
        r.lo = -bound_pow(-b.lo, p, true);
        r.hi = b.hi < 0 ? -bound_pow(-b.hi, p, false) : bound_pow(b.hi, p, true);
    }
    r.nonzero = is_nonzero(&b);
    r.lo_open = b.lo_open && b.lo >= 0;
    r.integer = whole && b.integer;
    return r;
}

static fact meet(fact a, fact b)
{
    fact r = a;
    if (b.lo > r.lo || (b.lo == r.lo && b.lo_open)) {
        r.lo = b.lo;
        r.lo_open = b.lo_open;
    }
    if (b.hi < r.hi || (b.hi == r.hi && b.hi_open)) {
        r.hi = b.hi;
        r.hi_open = b.hi_open;
    }
    r.nonzero = a.nonzero || b.nonzero;
    r.integer = a.integer || b.integer;
    return r;
}

static fact hull(fact a, fact b)
{
    fact r = interval(fmin(a.lo, b.lo), fmax(a.hi, b.hi));
    r.lo_open = a.lo < b.lo ? a.lo_open : b.lo < a.lo ? b.lo_open : a.lo_open && b.lo_open;
    r.hi_open = a.hi > b.hi ? a.hi_open : b.hi > a.hi ? b.hi_open : a.hi_open && b.hi_open;
    r.nonzero = is_nonzero(&a) && is_nonzero(&b);
    r.integer = a.integer && b.integer;
    return r;
}

/* ---- one pass ---------------------------------------------------------------------------------------------- */

typedef struct pass {
    gradus_ctx *ctx;
    term_vec nodes;
    VEC(fact) facts;
} pass;

static fact fact_at(const pass *p, term t)
{
    size_t lo = 0, hi = p->nodes.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (p->nodes.at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->facts.n && p->nodes.at[lo] == t ? p->facts.at[lo] : anything;
}

/* The interval of a table function's value that its row states. */
static fact fact_of_range(gradus_ctx *ctx, fn_id f)
{
    fact r = anything;
    const formula *range = rule_formula(ctx, f, ROW_RANGE);
    if (!range)
        return r;
    static const char *const name = "y__row";
    term y = term_sym(ctx, name, strlen(name)), cond = formula_make(ctx, range, &y, 0, y);
    uint32_t n = cond && term_is(ctx, cond, OP_AND) ? term_argc(ctx, cond) : 1;
    for (uint32_t i = 0; cond && i < n; i++) {
        term c = n > 1 ? term_arg(ctx, cond, i) : cond;
        if (!term_is(ctx, c, OP_REL))
            continue;
        term_rel rel = (term_rel)term_aux(ctx, c);
        term a = term_arg(ctx, c, 0), b = term_arg(ctx, c, 1);
        if (rel == REL_NE && (a == y || b == y)) {
            r.nonzero |= term_is_int(ctx, a == y ? b : a, 0);
        } else if (b == y && rel != REL_EQ && (term_get_flags(ctx, a) & TF_NUMERIC)) {
            fact k = rule_fact(ctx, a, NULL, 0);
            r = meet(r, (fact){.lo = k.lo, .hi = INFINITY, .lo_open = rel == REL_LT});
        } else if (a == y && rel != REL_EQ && (term_get_flags(ctx, b) & TF_NUMERIC)) {
            fact k = rule_fact(ctx, b, NULL, 0);
            r = meet(r, (fact){.lo = -INFINITY, .hi = k.hi, .hi_open = rel == REL_LT});
        }
    }
    return r;
}

/* Lower and upper end of f at a point, by a ball. false: not found. */
static bool enclose_at(const fn_row *row, double x, double *lo, double *hi)
{
    arb_t a, r;
    arb_init(a);
    arb_init(r);
    arb_set_d(a, x);
    bool ok = row->ball && row->ball(r, a, 1, 64) == FN_BALL_OK && arb_is_finite(r);
    if (ok) {
        arf_t b;
        arf_init(b);
        arb_get_lbound_arf(b, r, 64);
        *lo = arf_get_d(b, ARF_RND_FLOOR);
        arb_get_ubound_arf(b, r, 64);
        *hi = arf_get_d(b, ARF_RND_CEIL);
        arf_clear(b);
    }
    arb_clear(a);
    arb_clear(r);
    return ok;
}

/* Monotone functions without gaps in their domain: by their ends. */
static fact fact_of_monotone(const fn_row *row, fact u)
{
    fact r = anything;
    bool connected = (row->flags & FN_TOTAL) || row->arity == 0 || (row->domain && strcmp(row->domain, "u > 0") == 0);
    if (row->arity != 1 || !connected || !(row->flags & (FN_INCREASING | FN_DECREASING)))
        return r;
    bool rises = (row->flags & FN_INCREASING) != 0;
    double lo, hi;
    if (isfinite(u.lo) && enclose_at(row, u.lo, &lo, &hi)) {
        *(rises ? &r.lo : &r.hi) = rises ? lo : hi;
        *(rises ? &r.lo_open : &r.hi_open) = u.lo_open;
    }
    if (isfinite(u.hi) && enclose_at(row, u.hi, &lo, &hi)) {
        *(rises ? &r.hi : &r.lo) = rises ? hi : lo;
        *(rises ? &r.hi_open : &r.lo_open) = u.hi_open;
    }
    return r;
}

static fact fact_of_fn(const pass *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    fn_id f = (fn_id)term_aux(ctx, t);
    const fn_row *row = fn_get(f);
    fact u = fact_at(p, term_arg(ctx, t, 0)), r = meet(fact_of_range(ctx, f), fact_of_monotone(row, u));
    r.integer |= (row->flags & FN_INTEGER) != 0;
    switch (f) {
    case FN_abs: case FN_sign: case FN_cbrt: r.nonzero |= is_nonzero(&u); break;
    case FN_max: case FN_min:
        r = u;
        for (uint32_t i = 1; i < term_argc(ctx, t); i++) {
            fact v = fact_at(p, term_arg(ctx, t, i)), h = hull(r, v);
            if (f == FN_max && v.lo > r.lo)
                h.lo = v.lo;
            else if (f == FN_max)
                h.lo = r.lo;
            if (f == FN_min && v.hi < r.hi)
                h.hi = v.hi;
            else if (f == FN_min)
                h.hi = r.hi;
            h.lo_open = h.hi_open = false;
            r = h;
        }
        break;
    case FN_hypot: {
        fact v = fact_at(p, term_arg(ctx, t, 1));
        r.nonzero |= is_nonzero(&u) || is_nonzero(&v);
        break;
    }
    default: break;
    }
    return r;
}

static fact fact_of_sum(const pass *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    const term *a = term_args(ctx, t);
    fact r = fact_of_num(ctx, a[0]);
    for (uint32_t i = 1; i < term_argc(ctx, t); i += 2)
        r = fact_add(r, fact_mul(fact_of_num(ctx, a[i]), fact_at(p, a[i + 1])));
    return r;
}

static fact fact_of_product(const pass *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    const term *a = term_args(ctx, t);
    fact r = interval(1, 1);
    r.integer = true;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2)
        r = fact_mul(r, fact_power(fact_at(p, a[i]), term_num(ctx, a[i + 1])));
    return r;
}

static fact fact_of_reduce(const pass *p, term t)
{
    fact body = fact_at(p, term_arg(p->ctx, t, 3)), r = anything;
    switch ((term_red)term_aux(p->ctx, t)) {
    case RED_SUM: /* perhaps of no terms at all */
        if (body.lo >= 0)
            r.lo = 0;
        if (body.hi <= 0)
            r.hi = 0;
        r.integer = body.integer;
        return r;
    case RED_PROD:
        if (body.lo >= 0)
            r.lo = 0;
        r.nonzero = is_nonzero(&body);
        r.integer = body.integer;
        return r;
    case RED_MAX: case RED_MIN: case RED_MEAN:
        body.integer &= term_aux(p->ctx, t) != RED_MEAN;
        return body;
    case RED_ARGMAX: case RED_ARGMIN: r.integer = true; return r;
    default: return r;
    }
}

static fact fact_of_node(const pass *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    fact r = anything;
    switch (term_get_op(ctx, t)) {
    case OP_NUM: return fact_of_num(ctx, t);
    case OP_CONST:
        if (term_aux(ctx, t) == CONST_PI)
            return interval(3.141592653589793, 3.1415926535897936);
        if (term_aux(ctx, t) == CONST_E)
            return interval(2.718281828459045, 2.7182818284590455);
        return r;
    case OP_ADD: return fact_of_sum(p, t);
    case OP_MUL: return fact_of_product(p, t);
    case OP_POW: {
        fact b = fact_at(p, term_arg(ctx, t, 0)), x = fact_at(p, term_arg(ctx, t, 1));
        if (b.lo >= 0 || !x.integer) { /* a power that is not known to be whole asks for a base >= 0 */
            r.lo = 0;
            r.nonzero = is_nonzero(&b);
        }
        return r;
    }
    case OP_FN: return fact_of_fn(p, t);
    case OP_BRACKET: r = interval(0, 1); r.integer = true; return r;
    case OP_EXTENT: r.lo = 0; r.integer = true; return r;
    case OP_BOUND: r.integer = true; return r;
    case OP_SYM: r.integer = term_sym_info(ctx, t)->role == ROLE_INDEX; return r;
    case OP_CASES: {
        uint32_t n = term_argc(ctx, t);
        r = fact_at(p, term_arg(ctx, t, 1));
        for (uint32_t i = 2; i < n; i++)
            if (i % 2 == 1 || i + 1 == n)
                r = hull(r, fact_at(p, term_arg(ctx, t, i)));
        return r;
    }
    case OP_REDUCE: return fact_of_reduce(p, t);
    default: return r;
    }
}

/* What a given condition says of one term: through b - a = k*of + c0, or of = a - b. */
typedef struct said {
    term of;
    fact is;
} said;
typedef VEC(said) said_vec;

/* The condition d > 0, d >= 0, d != 0 or d == 0, where sign*d has the sign of a term + shift, about that term. */
static fact fact_of_relation(term_rel rel, int sign, fact shift)
{
    fact r = anything;
    switch (rel) {
    case REL_NE: r.nonzero = shift.lo == 0 && shift.hi == 0; break;
    case REL_LT: case REL_LE:
        if (sign > 0) {
            r.lo = -shift.hi;
            r.lo_open = rel == REL_LT;
        } else {
            r.hi = -shift.lo;
            r.hi_open = rel == REL_LT;
        }
        break;
    case REL_EQ:
        r.lo = -shift.hi;
        r.hi = -shift.lo;
        break;
    }
    return r;
}

/* Notes what the condition c (a REL between a and b) says of b - a, of a - b, and of `of` when b - a is k*of + c0. */
static bool note_given(gradus_ctx *ctx, term c, said_vec *all)
{
    if (!term_is(ctx, c, OP_REL))
        return true;
    term_rel rel = (term_rel)term_aux(ctx, c);
    fact zero = interval(0, 0);
    term d = term_sub(ctx, term_arg(ctx, c, 1), term_arg(ctx, c, 0)), minus = term_neg(ctx, d);
    if (!d || !minus)
        return false;
    if (!vec_push(ctx, all, ((said){d, fact_of_relation(rel, 1, zero)})) ||
        !vec_push(ctx, all, ((said){minus, fact_of_relation(rel, -1, zero)})))
        return false;
    if (!term_is(ctx, d, OP_ADD) || term_argc(ctx, d) != 3)
        return true;
    fact k = fact_of_num(ctx, term_arg(ctx, d, 1));
    fact shift = fact_mul(fact_of_num(ctx, term_arg(ctx, d, 0)), fact_recip(k)); /* of + shift has the sign of sign*d */
    return vec_push(ctx, all, ((said){term_arg(ctx, d, 2), fact_of_relation(rel, k.lo > 0 ? 1 : -1, shift)}));
}

static int said_order(const void *a, const void *b)
{
    term x = ((const said *)a)->of, y = ((const said *)b)->of;
    return x < y ? -1 : x > y;
}

/* All that is given, by term: so that each node finds its own without a look at the others. */
static bool note_all_given(gradus_ctx *ctx, const term *given, uint32_t n, said_vec *all)
{
    for (uint32_t i = 0; i < n; i++) {
        bool both = term_is(ctx, given[i], OP_AND);
        for (uint32_t j = 0; j < (both ? term_argc(ctx, given[i]) : 1); j++)
            if (!note_given(ctx, both ? term_arg(ctx, given[i], j) : given[i], all))
                return false;
    }
    if (all->n)
        qsort(all->at, all->n, sizeof *all->at, said_order);
    return ctx_tick(ctx);
}

static fact with_given(const said_vec *all, term t, fact f)
{
    size_t lo = 0, hi = all->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (all->at[mid].of < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < all->n && all->at[lo].of == t; lo++)
        f = meet(f, all->at[lo].is);
    return f;
}

fact rule_fact(gradus_ctx *ctx, term t, const term *given, uint32_t n)
{
    pass p = {.ctx = ctx};
    said_vec all = {0};
    fact r = anything;
    if (t && (term_get_flags(ctx, t) & TF_DEFINED))
        t = term_unfold(ctx, t);
    t = term_canon(ctx, t);
    if (t && note_all_given(ctx, given, n, &all) && term_reachable(ctx, &t, 1, &p.nodes) &&
        vec_reserve(ctx, &p.facts, p.nodes.n)) {
        for (size_t i = 0; i < p.nodes.n && ctx_tick(ctx); i++)
            p.facts.at[p.facts.n++] = with_given(&all, p.nodes.at[i], fact_of_node(&p, p.nodes.at[i]));
        if (p.facts.n == p.nodes.n)
            r = p.facts.at[p.facts.n - 1];
    }
    vec_clear(ctx, &all);
    vec_clear(ctx, &p.nodes);
    vec_clear(ctx, &p.facts);
    return r;
}

/* ---- decisions ------------------------------------------------------------------------------------------------ */

gradus_truth rule_decide_nonzero(gradus_ctx *ctx, term t, const term *given, uint32_t n)
{
    fact f = rule_fact(ctx, t, given, n);
    return is_nonzero(&f) ? GRADUS_YES : f.lo == 0 && f.hi == 0 ? GRADUS_NO : GRADUS_UNKNOWN;
}

gradus_truth rule_decide_positive(gradus_ctx *ctx, term t, const term *given, uint32_t n)
{
    fact f = rule_fact(ctx, t, given, n);
    return is_positive(&f) ? GRADUS_YES : f.hi <= 0 ? GRADUS_NO : GRADUS_UNKNOWN;
}

gradus_truth rule_decide_nonnegative(gradus_ctx *ctx, term t, const term *given, uint32_t n)
{
    fact f = rule_fact(ctx, t, given, n);
    return f.lo >= 0 ? GRADUS_YES : is_negative(&f) ? GRADUS_NO : GRADUS_UNKNOWN;
}

gradus_truth rule_decide_integer(gradus_ctx *ctx, term t)
{
    fact f = rule_fact(ctx, t, NULL, 0);
    if (f.integer)
        return GRADUS_YES;
    return t && term_is_num(ctx, t) ? GRADUS_NO : GRADUS_UNKNOWN;
}

static gradus_truth opposite(gradus_truth t) { return t == GRADUS_UNKNOWN ? t : t == GRADUS_YES ? GRADUS_NO : GRADUS_YES; }

static gradus_truth decide_rel(gradus_ctx *ctx, term c, const term *given, uint32_t n)
{
    term d = term_sub(ctx, term_arg(ctx, c, 1), term_arg(ctx, c, 0));
    if (!d)
        return GRADUS_UNKNOWN;
    for (uint32_t i = 0; i < n; i++)
        if (given[i] == c)
            return GRADUS_YES;
    switch ((term_rel)term_aux(ctx, c)) {
    case REL_LT: return rule_decide_positive(ctx, d, given, n);
    case REL_LE: return rule_decide_nonnegative(ctx, d, given, n);
    case REL_NE: return rule_decide_nonzero(ctx, d, given, n);
    case REL_EQ: return opposite(rule_decide_nonzero(ctx, d, given, n));
    }
    return GRADUS_UNKNOWN;
}

/* Conditions nest no deeper than a person or the unfolding of chains writes them; past this it is UNKNOWN. */
enum { CONDITION_DEPTH = 32 };

static gradus_truth decide(gradus_ctx *ctx, term c, const term *given, uint32_t n, int depth)
{
    if (!c || depth > CONDITION_DEPTH)
        return GRADUS_UNKNOWN;
    switch (term_get_op(ctx, c)) {
    case OP_BOOL: return term_aux(ctx, c) ? GRADUS_YES : GRADUS_NO;
    case OP_REL: return decide_rel(ctx, c, given, n);
    case OP_NOT: return opposite(decide(ctx, term_arg(ctx, c, 0), given, n, depth + 1));
    case OP_AND: case OP_OR: {
        gradus_truth stop = term_is(ctx, c, OP_AND) ? GRADUS_NO : GRADUS_YES, all = opposite(stop);
        for (uint32_t i = 0; i < term_argc(ctx, c); i++) {
            gradus_truth d = decide(ctx, term_arg(ctx, c, i), given, n, depth + 1);
            if (d == stop)
                return stop;
            if (d == GRADUS_UNKNOWN)
                all = GRADUS_UNKNOWN;
        }
        return all;
    }
    default: return GRADUS_UNKNOWN;
    }
}

gradus_truth rule_decide(gradus_ctx *ctx, term cond, const term *given, uint32_t n)
{
    return decide(ctx, term_canon(ctx, cond), given, n, 0);
}
