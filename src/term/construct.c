/* construct: from an operator and its arguments to a node, canonical or raw. */
#include "term/term_impl.h"

/* A product one of whose raw brackets turned out false is 0, whatever the others are (strong zero). */
static term construct_product(gradus_ctx *ctx, const term *args, uint32_t n, const term *was)
{
    term small[32], *b = small, r;
    size_t bytes = n * sizeof *b;
    if (n > 32 && !(b = ctx_realloc(ctx, NULL, 0, bytes)))
        return TERM_NONE;
    term *e = b + n / 2;
    r = TERM_NONE;
    for (uint32_t i = 0; i < n / 2; i++) {
        b[i] = args[2 * i];
        e[i] = args[2 * i + 1];
        if (was && term_is(ctx, was[2 * i], OP_BRACKET) && term_is_int(ctx, b[i], 0) && term_num_sign(ctx, e[i]) > 0)
            r = b[i];
    }
    if (!r)
        r = term_powprod(ctx, b, e, n / 2);
    if (b != small)
        ctx_realloc(ctx, b, bytes, 0);
    return r;
}

static term construct_sum(gradus_ctx *ctx, const term *args, uint32_t n, uint32_t shown)
{
    uint32_t m = (n - 1) / 2, j = 0;
    term small[64], *k = small;
    size_t bytes = 2 * (m + 1) * sizeof *k;
    if (m > 31 && !(k = ctx_realloc(ctx, NULL, 0, bytes)))
        return TERM_NONE;
    term *t = k + m + 1;
    for (uint32_t i = 0; i <= m; i++) {
        if (i == (shown < m ? shown : m)) {
            k[j] = term_int(ctx, 1);
            t[j++] = args[0];
        }
        if (i < m) {
            k[j] = args[1 + 2 * i];
            t[j++] = args[2 + 2 * i];
        }
    }
    term r = term_lincomb(ctx, k, t, j);
    if (k != small)
        ctx_realloc(ctx, k, bytes, 0);
    return r;
}

static term construct_call(gradus_ctx *ctx, const term *args, uint32_t n)
{
    uint32_t orders[SYM_MAX_RANK], arity = (n - 1) / 2;
    for (uint32_t i = 0; i < arity; i++) {
        long o = 0;
        term_get_long(ctx, args[1 + i], &o);
        orders[i] = (uint32_t)o;
    }
    return term_call(ctx, args[0], orders, args + 1 + arity, arity);
}

static term construct_array(gradus_ctx *ctx, const term *args, uint32_t n, const term *names)
{
    uint32_t rank = (n - 1) / 3;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    for (uint32_t k = 0; k < rank; k++) {
        index[k] = args[3 * k];
        lo[k] = args[3 * k + 1];
        hi[k] = args[3 * k + 2];
    }
    return term_array_named(ctx, index, names, lo, hi, rank, args[3 * rank]);
}

static term construct_extent(gradus_ctx *ctx, const term *args)
{
    long axis = 1;
    term_get_long(ctx, args[1], &axis);
    return term_extent(ctx, args[0], (uint32_t)axis - 1);
}

term term_construct(gradus_ctx *ctx, term_op op, uint32_t aux, const term *args, uint32_t n, const term *names)
{
    for (uint32_t i = 0; i < n; i++)
        if (!args[i])
            return TERM_NONE;
    switch (op) {
    case OP_ADD: return construct_sum(ctx, args, n, aux);
    case OP_MUL: return construct_product(ctx, args, n, NULL);
    case OP_POW: return term_pow(ctx, args[0], args[1]);
    case OP_FN: return term_apply(ctx, (fn_id)aux, args, n);
    case OP_CALL: return construct_call(ctx, args, n);
    case OP_ACC: return term_acc(ctx, args[0], args + 1, n - 1);
    case OP_BRACKET: return term_bracket(ctx, args[0]);
    case OP_REL: return term_rel_make(ctx, (term_rel)aux, args[0], args[1]);
    case OP_AND: return term_and(ctx, args, n);
    case OP_OR: return term_or(ctx, args, n);
    case OP_NOT: return term_not(ctx, args[0]);
    case OP_CASES: return term_cases(ctx, args, n / 2, n % 2 ? args[n - 1] : TERM_NONE);
    case OP_REDUCE: return term_reduce_named(ctx, (term_red)aux, args[0], names[0], args[1], args[2], args[3], true);
    case OP_ARRAY: return construct_array(ctx, args, n, names);
    case OP_EXTENT: return construct_extent(ctx, args);
    case OP_TUPLE: case OP_MATFN: case OP_DERIV: case OP_LIMIT: return term_intern(ctx, op, aux, 0, args, n, NULL, 0);
    default: ctx_fail(ctx, GRADUS_BUG); return TERM_NONE;
    }
}

static bool binder_op(term_op op) { return op == OP_REDUCE || op == OP_ARRAY; }

term term_rebuild(gradus_ctx *ctx, term t, const term *args, uint32_t n)
{
    term_op op = term_get_op(ctx, t);
    if (op == OP_MUL)
        return construct_product(ctx, args, n, term_args(ctx, t));
    return term_construct(ctx, op, term_aux(ctx, t), args, n, binder_op(op) ? term_binder_names(ctx, t) : NULL);
}

/* ---- raw ----------------------------------------------------------------------------------------------------- */

static bool all_canonical(const gradus_ctx *ctx, const term *t, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (term_get_flags(ctx, t[i]) & TF_RAW)
            return false;
    return true;
}

static bool none_missing(const term *t, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!t[i])
            return false;
    return true;
}

/* Canonical form of an operator on canonical arguments without recording what it cancels: it only serves comparison. */
static term silently(gradus_ctx *ctx, term_op op, uint32_t aux, const term *args, uint32_t n, const term *names)
{
    term_store *s = store_of(ctx);
    bool recording = s->recording;
    s->recording = false;
    term c = term_construct(ctx, op, aux, args, n, names);
    s->recording = recording;
    return c;
}

static bool looks_like(const gradus_ctx *ctx, term c, term_op op, uint32_t aux, const term *args, uint32_t n)
{
    return c && term_is(ctx, c, op) && term_argc(ctx, c) == n && term_aux(ctx, c) == aux &&
           memcmp(term_args(ctx, c), args, n * sizeof *args) == 0;
}

/* k*t with the coefficient of a monomial drawn in, as a sum displays it: 1*(5*x), -1*(5*x). */
static void draw_in_coefficient(gradus_ctx *ctx, term *k, term *t)
{
    if (!term_is(ctx, *t, OP_ADD) || (term_get_flags(ctx, *t) & TF_RAW) || term_argc(ctx, *t) != 3 ||
        !term_is_int(ctx, term_arg(ctx, *t, 0), 0) || term_num_sign(ctx, term_arg(ctx, *t, 1)) < 0)
        return;
    *k = num_mul_handles(ctx, *k, term_arg(ctx, *t, 1));
    *t = term_arg(ctx, *t, 2);
}

term term_raw_add(gradus_ctx *ctx, const term *k, const term *t, uint32_t n)
{
    if (!none_missing(t, n) || (k && !none_missing(k, n)))
        return TERM_NONE;
    size_t bytes = (1 + 2 * (size_t)n) * 2 * sizeof(term);
    term small[64], *args = bytes <= sizeof small ? small : ctx_realloc(ctx, NULL, 0, bytes);
    term *tidy = args ? args + 1 + 2 * n : NULL;
    if (!args)
        return TERM_NONE;
    term one = term_int(ctx, 1), zero = term_int(ctx, 0), c0 = zero, r = TERM_NONE;
    uint32_t m = 1, shown = 0, constants = 0;
    args[0] = zero;
    for (uint32_t i = 0; i < n; i++) {
        term ki = args[1 + 2 * i] = k ? k[i] : one, ti = args[2 + 2 * i] = t[i];
        if (term_is_num(ctx, ti)) {
            c0 = num_mul_handles(ctx, ki, ti);
            shown = (m - 1) / 2;
            constants++;
            continue;
        }
        draw_in_coefficient(ctx, &ki, &ti);
        tidy[m++] = ki;
        tidy[m++] = ti;
    }
    tidy[0] = c0;
    if (all_canonical(ctx, t, n) && constants <= 1 && none_missing(tidy, m)) {
        term c = silently(ctx, OP_ADD, shown, tidy, m, NULL);
        if (looks_like(ctx, c, OP_ADD, c0 == zero && c ? term_aux(ctx, c) : shown, tidy, m))
            r = c;
    }
    if (!r && ctx_status(ctx) == GRADUS_OK)
        r = term_intern(ctx, OP_ADD, 0, TF_RAW, args, 1 + 2 * n, NULL, 0);
    if (args != small)
        ctx_realloc(ctx, args, bytes, 0);
    return r;
}

/* The coefficient of a product as typed: one number in front and one number as denominator look the same as a
 * rational coefficient. Returns the number of other factors written to rest, or -1. */
static int split_coefficient(gradus_ctx *ctx, const term *args, uint32_t n, term *rest, term *k)
{
    uint32_t m = 0, above = 0, below = 0;
    *k = term_int(ctx, 1);
    for (uint32_t i = 0; i < n; i++) {
        term b = args[2 * i], e = args[2 * i + 1];
        bool num = term_is_num(ctx, b);
        if (num && i == 0 && term_is_int(ctx, e, 1)) {
            above++;
            *k = b;
        } else if (num && term_is_int(ctx, e, -1) && term_num_sign(ctx, b) > 0 && i + 1 == n) {
            below++;
            *k = num_mul_handles(ctx, *k, num_pow_handles(ctx, b, e));
        } else {
            rest[m++] = b;
            rest[m++] = e;
        }
    }
    return above <= 1 && below <= 1 && m > 0 && *k ? (int)m : -1;
}

term term_raw_mul(gradus_ctx *ctx, const term *b, const term *e, uint32_t n)
{
    if (!none_missing(b, n) || (e && !none_missing(e, n)))
        return TERM_NONE;
    size_t bytes = 4 * (size_t)n * sizeof(term);
    term small[64], *args = bytes <= sizeof small ? small : ctx_realloc(ctx, NULL, 0, bytes);
    term *rest = args ? args + 2 * n : NULL, k, r = TERM_NONE;
    if (!args)
        return TERM_NONE;
    for (uint32_t i = 0; i < n; i++) {
        args[2 * i] = b[i];
        args[2 * i + 1] = e ? e[i] : term_int(ctx, 1);
    }
    int m = all_canonical(ctx, b, n) ? split_coefficient(ctx, args, n, rest, &k) : -1;
    if (m > 0) {
        term c = silently(ctx, OP_MUL, 0, args, 2 * n, NULL), p = c;
        bool scaled = !term_is_int(ctx, k, 1);
        if (c && scaled)
            p = term_is(ctx, c, OP_ADD) && term_argc(ctx, c) == 3 && term_is_int(ctx, term_arg(ctx, c, 0), 0) &&
                        term_arg(ctx, c, 1) == k
                    ? term_arg(ctx, c, 2)
                    : TERM_NONE;
        bool single = m == 2 && term_is_int(ctx, rest[1], 1);
        if (p && (single ? p == rest[0] && (scaled || n == 1) : looks_like(ctx, p, OP_MUL, 0, rest, (uint32_t)m)))
            r = c;
    }
    if (!r && ctx_status(ctx) == GRADUS_OK)
        r = term_intern(ctx, OP_MUL, 0, TF_RAW, args, 2 * n, NULL, 0);
    if (args != small)
        ctx_realloc(ctx, args, bytes, 0);
    return r;
}

term term_raw_ordered_mul(gradus_ctx *ctx, const term *b, const term *e, uint32_t n)
{
    if (!none_missing(b, n) || (e && !none_missing(e, n)))
        return TERM_NONE;
    size_t bytes = 2 * (size_t)n * sizeof(term);
    term *args = ctx_realloc(ctx, NULL, 0, bytes ? bytes : 1), r;
    if (!args)
        return TERM_NONE;
    for (uint32_t i = 0; i < n; i++) {
        args[2 * i] = b[i];
        args[2 * i + 1] = e ? e[i] : term_int(ctx, 1);
    }
    r = term_intern(ctx, OP_MUL, 0, TF_RAW, args, 2 * n, NULL, 0);
    ctx_realloc(ctx, args, bytes ? bytes : 1, 0);
    return r;
}

term term_raw_node(gradus_ctx *ctx, term_op op, uint32_t aux, const term *args, uint32_t n)
{
    if (!none_missing(args, n))
        return TERM_NONE;
    if (all_canonical(ctx, args, n)) {
        term c = silently(ctx, op, aux, args, n, NULL);
        if (looks_like(ctx, c, op, aux, args, n))
            return c;
        if (ctx_status(ctx) != GRADUS_OK)
            return TERM_NONE;
    }
    return term_intern(ctx, op, aux, TF_RAW, args, n, NULL, 0);
}

term term_raw_pow(gradus_ctx *ctx, term b, term e)
{
    if (b && e && term_is_num(ctx, e))
        return term_raw_mul(ctx, &b, &e, 1);
    if (b && e && b == term_constant(ctx, CONST_E))
        return term_raw_apply(ctx, FN_exp, &e, 1);
    return term_raw_node(ctx, OP_POW, 0, (term[]){b, e}, 2);
}

term term_raw_apply(gradus_ctx *ctx, fn_id f, const term *args, uint32_t n) { return term_raw_node(ctx, OP_FN, f, args, n); }

/* The same sum or product, its entries perhaps in the order in which an equal node was built first. */
static bool same_entries(gradus_ctx *ctx, term c, term_op op, uint32_t aux, const term *args, uint32_t n)
{
    return c && term_is(ctx, c, op) && term_argc(ctx, c) == n && (op == OP_ADD || term_aux(ctx, c) == aux) &&
           term_intern(ctx, op, aux, 0, args, n, NULL, 0) == c;
}

term term_raw_with_args(gradus_ctx *ctx, term t, const term *args, uint32_t n)
{
    if (!none_missing(args, n))
        return TERM_NONE;
    term_op op = term_get_op(ctx, t);
    uint32_t aux = term_aux(ctx, t);
    bool raw = (term_get_flags(ctx, t) & TF_RAW) != 0;
    if (binder_op(op)) {
        const term *names = term_binder_names(ctx, t);
        if (op == OP_ARRAY)
            return construct_array(ctx, args, n, names);
        return term_reduce_named(ctx, (term_red)aux, args[0], names[0], args[1], args[2], args[3], false);
    }
    if (all_canonical(ctx, args, n)) {
        term c = silently(ctx, op, aux, args, n, NULL);
        if (raw ? looks_like(ctx, c, op, aux, args, n) : c && term_argc(ctx, c) == n && same_entries(ctx, c, op, aux, args, n))
            return c;
        if (ctx_status(ctx) != GRADUS_OK)
            return TERM_NONE;
    }
    return term_intern(ctx, op, aux, TF_RAW, args, n, NULL, 0);
}
