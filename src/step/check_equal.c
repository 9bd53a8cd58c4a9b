/* check_equal: are two results the same? By canonical form; else both sides are brought over a common
 * denominator and multiplied out; else the caller's prover is asked. No answer is a no. */
#include "step/check_impl.h"

enum { LARGEST = 3000, MOST_SUMMANDS = 4000, ROUNDS = 8, NESTED_SUMS = 5, MANY_ROOTS = 24 };

/* ---- multiplying out ----------------------------------------------------------------------------- */

typedef struct expander {
    gradus_ctx *ctx;
    term_vec node, done; /* node: ascending; done: its expanded form */
    int depth;           /* sums inside sums                           */
    bool gave_up;
} expander;

static term multiply_out(gradus_ctx *ctx, term t, int depth);

static term expanded(const expander *x, term t)
{
    size_t lo = 0, hi = x->node.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (x->node.at[mid] < t) lo = mid + 1;
        else hi = mid;
    }
    return lo < x->done.n && x->node.at[lo] == t ? x->done.at[lo] : t;
}

static uint32_t summands(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_ADD) ? (term_argc(ctx, t) + 1) / 2 : 1;
}

/* Summand i of t: the constant first. */
static term summand(gradus_ctx *ctx, term t, uint32_t i)
{
    if (!term_is(ctx, t, OP_ADD)) return t;
    return i == 0 ? term_arg(ctx, t, 0)
                  : term_mul2(ctx, term_arg(ctx, t, 2 * i - 1), term_arg(ctx, t, 2 * i));
}

static term distribute(expander *x, term a, term b)
{
    gradus_ctx *ctx = x->ctx;
    uint32_t n = summands(ctx, a), m = summands(ctx, b);
    if (n == 1 && m == 1) return term_mul2(ctx, a, b);
    if ((uint64_t)n * m > MOST_SUMMANDS) {
        x->gave_up = true;
        return term_mul2(ctx, a, b);
    }
    term_vec sum = {0};
    term r = TERM_NONE;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < m; j++)
            if (!vec_push(ctx, &sum, term_mul2(ctx, summand(ctx, a, i), summand(ctx, b, j))))
                x->gave_up = true;
    if (!x->gave_up) r = term_add(ctx, sum.at, (uint32_t)sum.n);
    vec_clear(ctx, &sum);
    return r;
}

static term expand_sum(expander *x, term t)
{
    gradus_ctx *ctx = x->ctx;
    uint32_t n = (term_argc(ctx, t) - 1) / 2;
    term_vec k = {0}, s = {0};
    bool ok = vec_push(ctx, &k, term_int(ctx, 1)) && vec_push(ctx, &s, term_arg(ctx, t, 0));
    for (uint32_t i = 0; i < n && ok; i++)
        ok = vec_push(ctx, &k, term_arg(ctx, t, 2 * i + 1)) &&
             vec_push(ctx, &s, expanded(x, term_arg(ctx, t, 2 * i + 2)));
    term r = ok ? term_lincomb(ctx, k.at, s.at, n + 1) : TERM_NONE;
    vec_clear(ctx, &k);
    vec_clear(ctx, &s);
    return r;
}

static term expand_product(expander *x, term t)
{
    enum { HIGHEST = 16 };
    gradus_ctx *ctx = x->ctx;
    term r = term_int(ctx, 1);
    for (uint32_t i = 0; i < term_argc(ctx, t) && r && !x->gave_up; i += 2) {
        term b = expanded(x, term_arg(ctx, t, i)), e = term_arg(ctx, t, i + 1);
        long n;
        if (term_is(ctx, b, OP_ADD) && term_get_long(ctx, e, &n) && n > 0 && n <= HIGHEST) {
            for (long k = 0; k < n && r && !x->gave_up; k++) r = distribute(x, r, b);
        } else {
            r = distribute(x, r, term_pow(ctx, b, e));
        }
    }
    return r;
}

/* sum[j](a + b) = sum[j](a) + sum[j](b); term_reduce pulls factors without j out. */
static term expand_reducer(expander *x, term t)
{
    gradus_ctx *ctx = x->ctx;
    term_red r = (term_red)term_aux(ctx, t);
    if ((r != RED_SUM && r != RED_MEAN) || x->depth >= NESTED_SUMS) return t;
    term j, body = term_open(ctx, t, &j), lo = term_arg(ctx, t, 1), hi = term_arg(ctx, t, 2);
    body = body ? multiply_out(ctx, body, x->depth + 1) : TERM_NONE;
    if (!body) return t;
    term_vec sum = {0};
    bool ok = true;
    for (uint32_t i = 0; i < summands(ctx, body) && ok; i++)
        ok = vec_push(ctx, &sum, term_reduce(ctx, r, j, lo, hi, summand(ctx, body, i)));
    term result = ok ? term_add(ctx, sum.at, (uint32_t)sum.n) : TERM_NONE;
    vec_clear(ctx, &sum);
    return result;
}

/* t with every product of sums written as a sum; what stands inside functions stays. TERM_NONE: too large. */
static term multiply_out(gradus_ctx *ctx, term t, int depth)
{
    expander x = {.ctx = ctx, .depth = depth};
    term r = TERM_NONE;
    bool ok = term_size(ctx, t) <= LARGEST && term_reachable(ctx, &t, 1, &x.node);
    for (size_t i = 0; ok && i < x.node.n; i++) {
        term n = x.node.at[i], e = n;
        if (term_is(ctx, n, OP_ADD)) e = expand_sum(&x, n);
        else if (term_is(ctx, n, OP_MUL)) e = expand_product(&x, n);
        else if (term_is(ctx, n, OP_REDUCE)) e = expand_reducer(&x, n);
        ok = e && !x.gave_up && vec_push(ctx, &x.done, e);
    }
    if (ok) r = expanded(&x, t);
    vec_clear(ctx, &x.node);
    vec_clear(ctx, &x.done);
    return r;
}

/* ---- denominators -------------------------------------------------------------------------------- */

/* Base of a negative power in summand s, and that power turned round; TERM_NONE if there is none. */
static term denominator_of(gradus_ctx *ctx, term s, term *power)
{
    if (term_is(ctx, s, OP_ADD) && term_argc(ctx, s) == 3) s = term_arg(ctx, s, 2);
    if (!term_is(ctx, s, OP_MUL)) return TERM_NONE;
    for (uint32_t i = 0; i < term_argc(ctx, s); i += 2)
        if (term_num_sign(ctx, term_arg(ctx, s, i + 1)) < 0) {
            *power = term_neg(ctx, term_arg(ctx, s, i + 1));
            return term_arg(ctx, s, i);
        }
    return TERM_NONE;
}

/* t times the first denominator found in a summand; t itself if there is none. */
static term clear_one(gradus_ctx *ctx, term t)
{
    term base = TERM_NONE, power = TERM_NONE;
    for (uint32_t i = 0; i < summands(ctx, t) && !base; i++)
        base = denominator_of(ctx, summand(ctx, t, i), &power);
    if (!base) return t;
    term factor = term_pow(ctx, base, power);
    term_vec sum = {0};
    bool ok = factor != TERM_NONE;
    for (uint32_t i = 0; i < summands(ctx, t) && ok; i++)
        ok = vec_push(ctx, &sum, term_mul2(ctx, summand(ctx, t, i), factor));
    term r = ok ? term_add(ctx, sum.at, (uint32_t)sum.n) : TERM_NONE;
    vec_clear(ctx, &sum);
    return r;
}

static bool is_zero(gradus_ctx *ctx, term t)
{
    for (int round = 0; round < ROUNDS && t; round++) {
        t = multiply_out(ctx, t, 0);
        if (t && term_is_int(ctx, t, 0)) return true;
        term next = t ? clear_one(ctx, t) : TERM_NONE;
        if (next == t) return false;
        t = next;
    }
    return false;
}

/* ---- roots of multiples of one another ----------------------------------------------------------- */

/* Bases of powers with broken exponents in t. */
static bool collect_roots(gradus_ctx *ctx, term t, term_vec *roots)
{
    term_vec nodes = {0};
    bool ok = term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; i < nodes.n && ok; i++) {
        term n = nodes.at[i];
        for (uint32_t k = 0; term_is(ctx, n, OP_MUL) && k < term_argc(ctx, n) && ok; k += 2) {
            term b = term_arg(ctx, n, k);
            bool known = term_is_num(ctx, b) || !term_is_num(ctx, term_arg(ctx, n, k + 1)) ||
                         fmpz_is_one(fmpq_denref(term_num(ctx, term_arg(ctx, n, k + 1))));
            for (size_t m = 0; m < roots->n && !known; m++) known = roots->at[m] == b;
            ok = known || (roots->n < MANY_ROOTS && vec_push(ctx, roots, b));
        }
    }
    vec_clear(ctx, &nodes);
    return ok;
}

/* a/b at one point, every symbol a small number; TERM_NONE if that is no positive number. */
static term ratio_at_a_point(gradus_ctx *ctx, term a, term b)
{
    term_vec x = {0}, v = {0};
    term q = term_div(ctx, a, b);
    bool ok = q && term_symbols(ctx, q, false, &x);
    for (size_t i = 0; i < x.n && ok; i++) ok = vec_push(ctx, &v, term_rational(ctx, 2 * (long)i + 3, 7));
    if (ok && x.n) q = term_subst(ctx, q, x.at, v.at, (uint32_t)x.n);
    vec_clear(ctx, &x);
    vec_clear(ctx, &v);
    return ok && q && term_is_num(ctx, q) && term_num_sign(ctx, q) > 0 ? q : TERM_NONE;
}

/* t with roots of a and of q*a (q a positive number) written with a alone. */
static term join_roots(gradus_ctx *ctx, term t)
{
    term_vec roots = {0};
    if (!collect_roots(ctx, t, &roots)) roots.n = 0;
    for (size_t i = 0; i < roots.n && t; i++)
        for (size_t j = i + 1; j < roots.n && t; j++) {
            term q = ratio_at_a_point(ctx, roots.at[i], roots.at[j]);
            if (!q || !is_zero(ctx, term_sub(ctx, roots.at[i], term_mul2(ctx, q, roots.at[j])))) continue;
            term same = term_mul2(ctx, q, roots.at[j]);
            t = term_subst(ctx, t, &roots.at[i], &same, 1);
            break;
        }
    vec_clear(ctx, &roots);
    return t;
}

/* a - b is 0, if need be with its roots joined. */
static bool cancel_out(gradus_ctx *ctx, term a, term b)
{
    term d = term_sub(ctx, a, b);
    if (!d || is_zero(ctx, d)) return d != TERM_NONE;
    term joined = join_roots(ctx, d);
    return joined && joined != d && is_zero(ctx, joined);
}

/* ---- the question -------------------------------------------------------------------------------- */

/* Far down in deep formulas results are products of two left as they stand: p*d, p in normal form. Compared
 * factor by factor, so that a chain of n links costs n and not n squared. */
static bool same_pair(checker *c, term a, term b)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_is(ctx, a, OP_MUL) || !term_is(ctx, b, OP_MUL) || term_argc(ctx, a) != 4 ||
        term_argc(ctx, b) != 4)
        return false;
    const term *p = term_args(ctx, a), *q = term_args(ctx, b);
    bool plain = term_is_int(ctx, p[1], 1) && term_is_int(ctx, p[3], 1) && term_is_int(ctx, q[1], 1) &&
                 term_is_int(ctx, q[3], 1);
    return plain && p[2] == q[2] && term_canon(ctx, p[0]) == term_canon(ctx, q[0]);
}

/* Canonical form; a long product p1*(p2*(...)) is multiplied at once. */
static term canonical(gradus_ctx *ctx, term t)
{
    term_vec factor = {0};
    bool ok = true;
    while (ok && t && term_is(ctx, t, OP_MUL) && (term_get_flags(ctx, t) & TF_RAW) &&
           term_argc(ctx, t) == 4 && term_is_int(ctx, term_arg(ctx, t, 1), 1) &&
           term_is_int(ctx, term_arg(ctx, t, 3), 1)) {
        ok = vec_push(ctx, &factor, term_canon(ctx, term_arg(ctx, t, 0)));
        t = term_arg(ctx, t, 2);
    }
    t = term_canon(ctx, t);
    ok = ok && vec_push(ctx, &factor, t);
    if (factor.n > 1) t = ok ? term_mul(ctx, factor.at, (uint32_t)factor.n) : TERM_NONE;
    vec_clear(ctx, &factor);
    return t;
}

bool check_alike(checker *c, term a, term b)
{
    gradus_ctx *ctx = c->ctx;
    if (!a || !b || ctx_status(ctx) != GRADUS_OK) return false;
    if (a == b) return true;
    if (((term_get_flags(ctx, a) & term_get_flags(ctx, b)) & TF_RAW) && same_pair(c, a, b)) return true;
    a = canonical(ctx, a);
    b = canonical(ctx, b);
    return a && a == b;
}

static bool is_scalar(gradus_ctx *ctx, term t)
{
    switch (term_get_op(ctx, t)) {
    case OP_ARRAY:
    case OP_TUPLE:
    case OP_REL:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_BOOL: return false;
    default: return true;
    }
}

bool check_same(checker *c, term a, term b)
{
    gradus_ctx *ctx = c->ctx;
    if (check_alike(c, a, b)) return true;
    if (!a || !b || ctx_status(ctx) != GRADUS_OK || term_size(ctx, a) > LARGEST ||
        term_size(ctx, b) > LARGEST)
        return false;
    a = term_canon(ctx, a);
    b = term_canon(ctx, b);
    if (!a || !b) return false;
    if (is_scalar(ctx, a) && is_scalar(ctx, b)) {
        if (cancel_out(ctx, a, b)) return true;
        a = term_unfold(ctx, a);
        b = term_unfold(ctx, b);
        if (a && b && (a == b || cancel_out(ctx, a, b))) return true;
    }
    bool ready = a && b && ctx_status(ctx) == GRADUS_OK &&
                 !((term_get_flags(ctx, a) | term_get_flags(ctx, b)) & TF_DERIV);
    return ready && c->equal && c->equal(c->user, ctx, a, b) == GRADUS_YES;
}

/* ---- dependence ---------------------------------------------------------------------------------- */

typedef struct seen_term {
    term t;
    bool shadowed; /* x is a formal name here */
} seen_term;

typedef struct search {
    gradus_ctx *ctx;
    VEC(seen_term) todo;
    term_vec seen[2]; /* in no order: definitions are few */
    bool failed;
} search;

static void look_later(search *w, term t, bool shadowed)
{
    for (size_t i = 0; i < w->seen[shadowed].n; i++)
        if (w->seen[shadowed].at[i] == t) return;
    if (!vec_push(w->ctx, &w->seen[shadowed], t) || !vec_push(w->ctx, &w->todo, ((seen_term){t, shadowed})))
        w->failed = true;
}

/* The bodies of the defined names in t. */
static void look_into_names(search *w, term t, term base)
{
    term_vec nodes = {0};
    if (!term_reachable(w->ctx, &t, 1, &nodes)) w->failed = true;
    for (size_t i = 0; i < nodes.n; i++) {
        if (!term_is(w->ctx, nodes.at[i], OP_SYM)) continue;
        const sym_info *info = term_sym_info(w->ctx, nodes.at[i]);
        for (uint32_t r = 0; r < info->rule_count; r++) {
            bool shadowed = false;
            for (uint32_t k = 0; k < info->rules[r].n; k++) shadowed |= info->rules[r].index[k] == base;
            look_later(w, info->rules[r].body, shadowed);
        }
    }
    vec_clear(w->ctx, &nodes);
}

bool check_varies(checker *c, term t, term x)
{
    gradus_ctx *ctx = c->ctx;
    if (!term_depends(ctx, t, x)) return false;
    if (!(term_get_flags(ctx, t) & TF_DEFINED)) return true;
    term base = term_is(ctx, x, OP_ACC) ? term_arg(ctx, x, 0) : x;
    search w = {.ctx = ctx};
    bool found = false;
    look_later(&w, t, false);
    while (w.todo.n && !found && !w.failed) {
        seen_term at = w.todo.at[--w.todo.n];
        found = !at.shadowed && term_occurs(ctx, at.t, base);
        look_into_names(&w, at.t, base);
    }
    vec_clear(ctx, &w.todo);
    vec_clear(ctx, &w.seen[0]);
    vec_clear(ctx, &w.seen[1]);
    return found || w.failed;
}
