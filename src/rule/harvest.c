/* harvest: what a formula needs in order to have a value, as conditions in their shortest form. */
#include "rule/rule_impl.h"

#include <string.h>

/* ---- shortest forms ------------------------------------------------------------------------------------------ */

static bool put(gradus_ctx *ctx, term_vec *out, term c)
{
    if (!c)
        return false;
    if (term_is(ctx, c, OP_BOOL) && term_aux(ctx, c))
        return true;
    for (size_t i = 0; i < out->n; i++)
        if (out->at[i] == c)
            return true;
    return vec_push(ctx, out, c);
}

typedef enum need { NEED_NONZERO, NEED_POSITIVE, NEED_NONNEGATIVE } need;

static bool require(gradus_ctx *ctx, term_vec *out, term t, need what);

/* c0 + k*u against 0: u against -c0/k, so that x + 1 != 0 reads x != -1. */
static bool require_shifted(gradus_ctx *ctx, term_vec *out, term t, need what)
{
    term c0 = term_arg(ctx, t, 0), k = term_arg(ctx, t, 1), u = term_arg(ctx, t, 2);
    term border = term_neg(ctx, term_div(ctx, c0, k));
    if (what == NEED_NONZERO)
        return put(ctx, out, term_rel_make(ctx, REL_NE, u, border));
    term_rel rel = what == NEED_POSITIVE ? REL_LT : REL_LE;
    return put(ctx, out, term_num_sign(ctx, k) > 0 ? term_rel_make(ctx, rel, border, u) : term_rel_make(ctx, rel, u, border));
}

/* A product is nonzero if every factor is; an even power is positive if its base is nonzero. */
static bool require_product(gradus_ctx *ctx, term_vec *out, term t, need what)
{
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    if (what == NEED_NONZERO) {
        for (uint32_t i = 0; i < n; i += 2)
            if (!require(ctx, out, a[i], NEED_NONZERO))
                return false;
        return true;
    }
    /* Factors whose sign is known go; if one is left, it carries the sign. */
    term rest = TERM_NONE;
    bool negative = false, clear = true;
    for (uint32_t i = 0; i < n; i += 2) {
        fact f = rule_fact(ctx, term_powprod(ctx, &a[i], &a[i + 1], 1), NULL, 0);
        if (f.lo >= 0) {
            if (what == NEED_POSITIVE && !require(ctx, out, a[i], NEED_NONZERO))
                return false;
        } else if (f.hi <= 0) {
            negative = !negative;
            if (what == NEED_POSITIVE && !require(ctx, out, a[i], NEED_NONZERO))
                return false;
        } else {
            clear = clear && !rest;
            rest = a[i];
        }
    }
    term zero = term_int(ctx, 0);
    if (!clear)
        return put(ctx, out, term_rel_make(ctx, what == NEED_POSITIVE ? REL_LT : REL_LE, zero, t));
    if (!rest)
        return !negative || put(ctx, out, term_rel_make(ctx, what == NEED_POSITIVE ? REL_LT : REL_LE, zero, t));
    if (!negative)
        return require(ctx, out, rest, what);
    return put(ctx, out, term_rel_make(ctx, what == NEED_POSITIVE ? REL_LT : REL_LE, rest, zero));
}

static bool require(gradus_ctx *ctx, term_vec *out, term t, need what)
{
    gradus_truth known = what == NEED_NONZERO    ? rule_decide_nonzero(ctx, t, NULL, 0)
                         : what == NEED_POSITIVE ? rule_decide_positive(ctx, t, NULL, 0)
                                                 : rule_decide_nonnegative(ctx, t, NULL, 0);
    if (known == GRADUS_YES)
        return true;
    if (what == NEED_POSITIVE && rule_decide_nonnegative(ctx, t, NULL, 0) == GRADUS_YES)
        what = NEED_NONZERO;
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3)
        return term_is_int(ctx, term_arg(ctx, t, 0), 0) && what == NEED_NONZERO
                   ? require(ctx, out, term_arg(ctx, t, 2), what)
                   : require_shifted(ctx, out, t, what);
    if (term_is(ctx, t, OP_MUL))
        return require_product(ctx, out, t, what);
    term zero = term_int(ctx, 0);
    return put(ctx, out, what == NEED_NONZERO ? term_rel_make(ctx, REL_NE, t, zero)
                                              : term_rel_make(ctx, what == NEED_POSITIVE ? REL_LT : REL_LE, zero, t));
}

/* A condition of the table at actual arguments, in parts. */
static bool require_condition(gradus_ctx *ctx, term_vec *out, term c)
{
    if (!c)
        return false;
    if (rule_decide(ctx, c, NULL, 0) == GRADUS_YES)
        return true;
    if (term_is(ctx, c, OP_AND)) {
        for (uint32_t i = 0; i < term_argc(ctx, c); i++)
            if (!require_condition(ctx, out, term_arg(ctx, c, i)))
                return false;
        return true;
    }
    if (!term_is(ctx, c, OP_REL) || term_aux(ctx, c) == REL_EQ)
        return put(ctx, out, c);
    term d = term_sub(ctx, term_arg(ctx, c, 1), term_arg(ctx, c, 0));
    switch ((term_rel)term_aux(ctx, c)) {
    case REL_LT: return d && require(ctx, out, d, NEED_POSITIVE);
    case REL_LE: return d && require(ctx, out, d, NEED_NONNEGATIVE);
    default: return d && require(ctx, out, d, NEED_NONZERO);
    }
}

/* ---- nodes ------------------------------------------------------------------------------------------------------ */

static bool require_power(gradus_ctx *ctx, term_vec *out, term b, term x)
{
    const fmpq *q = term_num(ctx, x);
    bool whole = fmpz_is_one(fmpq_denref(q)), negative = fmpq_sgn(q) < 0;
    if (whole)
        return !negative || require(ctx, out, b, NEED_NONZERO);
    return require(ctx, out, b, negative ? NEED_POSITIVE : NEED_NONNEGATIVE);
}

static bool require_node(gradus_ctx *ctx, term_vec *out, term t)
{
    switch (term_get_op(ctx, t)) {
    case OP_MUL:
        for (uint32_t i = 0; i < term_argc(ctx, t); i += 2)
            if (!require_power(ctx, out, term_arg(ctx, t, i), term_arg(ctx, t, i + 1)))
                return false;
        return true;
    case OP_POW:
        if (rule_decide_integer(ctx, term_arg(ctx, t, 1)) == GRADUS_YES)
            return true;
        return require(ctx, out, term_arg(ctx, t, 0), NEED_POSITIVE);
    case OP_FN: return require_condition(ctx, out, rule_domain(ctx, t));
    case OP_MATFN: {
        term a = term_arg(ctx, t, 0);
        if (term_aux(ctx, t) == MATFN_DET || (term_get_flags(ctx, a) & TF_DANGLING))
            return true;
        term det = term_matfn_make(ctx, MATFN_DET, a);
        return require(ctx, out, det, term_aux(ctx, t) == MATFN_INV ? NEED_NONZERO : NEED_POSITIVE);
    }
    default: return true;
    }
}

static bool has_bracket(gradus_ctx *ctx, term t)
{
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2)
        if (term_is(ctx, term_arg(ctx, t, i), OP_BRACKET))
            return true;
    return false;
}

/* Pushes what has a value wherever t has one. Behind a condition (cases, a bracket beside) nothing is certain; under
 * a reducer conditions would speak of its index. */
static bool push_certain(gradus_ctx *ctx, term t, term_vec *todo)
{
    switch (term_get_op(ctx, t)) {
    case OP_NUM: case OP_REDUCE: case OP_ARRAY: case OP_BRACKET: case OP_CASES: return true;
    case OP_MUL:
        if (has_bracket(ctx, t))
            return true;
        break;
    default: break;
    }
    for (uint32_t i = term_argc(ctx, t); i-- > 0;)
        if (!vec_push(ctx, todo, term_arg(ctx, t, i)))
            return false;
    return true;
}

/* More conditions than this are read by nobody: they stay as they are, though some may follow from others. */
enum { MANY_CONDITIONS = 256 };

/* Drops conditions that the others already say (x != 0 beside x > 0). */
static void drop_implied(gradus_ctx *ctx, term_vec *out, size_t from)
{
    if (out->n - from > MANY_CONDITIONS)
        return;
    for (size_t i = from; i < out->n && ctx_tick(ctx);) {
        term c = out->at[i];
        memmove(&out->at[i], &out->at[i + 1], (out->n - i - 1) * sizeof(term));
        out->n--;
        if (rule_decide(ctx, c, out->at + from, (uint32_t)(out->n - from)) == GRADUS_YES)
            continue;
        out->n++;
        memmove(&out->at[i + 1], &out->at[i], (out->n - i - 1) * sizeof(term));
        out->at[i] = c;
        i++;
    }
}

bool rule_harvest(gradus_ctx *ctx, term t, term_vec *out)
{
    term_vec todo = {0};
    size_t from = out->n;
    if (t && (term_get_flags(ctx, t) & TF_DEFINED))
        t = term_unfold(ctx, t);
    t = term_canon(ctx, t);
    bool ok = t && vec_push(ctx, &todo, t);
    uint32_t count = t ? t + 1 : 0;
    uint8_t *done = ok ? ctx_realloc(ctx, NULL, 0, count) : NULL;
    ok = done != NULL;
    if (ok)
        memset(done, 0, count);
    while (ok && todo.n) {
        term u = todo.at[--todo.n];
        if (done[u])
            continue;
        done[u] = 1;
        bool certain = !(term_is(ctx, u, OP_MUL) && has_bracket(ctx, u));
        ok = (!certain || (term_get_flags(ctx, u) & TF_DANGLING) || require_node(ctx, out, u)) &&
             push_certain(ctx, u, &todo);
    }
    if (ok)
        drop_implied(ctx, out, from);
    if (done)
        ctx_realloc(ctx, done, count, 0);
    vec_clear(ctx, &todo);
    return ok;
}
