/* base: a term through few functions, so that equal formulas come to look alike. Every step holds wherever the original
 * is defined (it may hold on more points).                                                                           */
#include "prove/prove_impl.h"

/* ---- a bottom-up map ------------------------------------------------------------------------------------------ */

static size_t position(const term_vec *v, term t)
{
    size_t lo = 0, hi = v->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (v->at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

term prove_map(gradus_ctx *ctx, term t, prove_visit fn, void *user)
{
    term_vec nodes = {0}, made = {0}, args = {0};
    term result = TERM_NONE;
    if (!t || !term_reachable(ctx, &t, 1, &nodes))
        goto done;
    for (size_t i = 0; i < nodes.n; i++) {
        term x = nodes.at[i], y = x;
        bool leaf = term_is(ctx, x, OP_NUM) || term_argc(ctx, x) == 0;
        if (!leaf) {
            uint32_t n = term_argc(ctx, x);
            bool changed = false;
            args.n = 0;
            for (uint32_t k = 0; k < n; k++) {
                term a = term_arg(ctx, x, k), b = made.at[position(&nodes, a)];
                changed |= a != b;
                if (!vec_push(ctx, &args, b))
                    goto done;
            }
            if (changed)
                y = term_rebuild(ctx, x, args.at, n);
        }
        y = y ? fn(ctx, y, user) : TERM_NONE;
        if (!y || !vec_push(ctx, &made, y))
            goto done;
    }
    result = made.at[nodes.n - 1];
done:
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &made);
    vec_clear(ctx, &args);
    return result;
}

/* ---- logarithms ------------------------------------------------------------------------------------------------- */

/* ln of a positive integer as the sum over its prime factors; large ones stay. */
static term log_integer(gradus_ctx *ctx, const fmpz_t n)
{
    term r = term_int(ctx, 0);
    if (!fmpz_abs_fits_ui(n))
        return term_apply1(ctx, FN_log, term_undefined(ctx));
    ulong v = fmpz_get_ui(n);
    for (ulong p = 2; p * p <= v && p < 2000; p++) {
        long e = 0;
        for (; v % p == 0; v /= p)
            e++;
        if (e)
            r = term_add2(ctx, r, term_mul2(ctx, term_int(ctx, e), term_apply1(ctx, FN_log, term_int(ctx, (long)p))));
    }
    return v > 1 ? term_add2(ctx, r, term_apply1(ctx, FN_log, term_int(ctx, (long)v))) : r;
}

static term log_number(gradus_ctx *ctx, term q)
{
    const fmpq *x = term_num(ctx, q);
    if (fmpq_sgn(x) <= 0 || !fmpz_abs_fits_ui(fmpq_numref(x)) || !fmpz_abs_fits_ui(fmpq_denref(x)) ||
        fmpz_cmp_si(fmpq_numref(x), 1L << 60) > 0 || fmpz_cmp_si(fmpq_denref(x), 1L << 60) > 0)
        return term_apply1(ctx, FN_log, q);
    return term_sub(ctx, log_integer(ctx, fmpq_numref(x)), log_integer(ctx, fmpq_denref(x)));
}

static term split_log(gradus_ctx *ctx, term u);

/* ln(b^e) = e*ln(b): b > 0 whenever e is odd or a fraction; for even e, ln|b|. */
static term log_power(gradus_ctx *ctx, term b, term e)
{
    long n;
    bool even = term_get_long(ctx, e, &n) && n % 2 == 0;
    if (even && rule_decide_positive(ctx, b, NULL, 0) != GRADUS_YES)
        b = rule_expand(ctx, term_apply1(ctx, FN_abs, b));
    return term_mul2(ctx, e, split_log(ctx, b));
}

/* ln(b1^e1*b2^e2...): factors known to be positive leave; if at most one is left, it is positive too. */
static term log_product(gradus_ctx *ctx, term u)
{
    uint32_t n = term_argc(ctx, u), left = 0;
    term r = term_int(ctx, 0), rest = term_int(ctx, 1), last_b = TERM_NONE, last_e = TERM_NONE;
    for (uint32_t i = 0; i < n; i += 2) {
        term b = term_arg(ctx, u, i), e = term_arg(ctx, u, i + 1);
        bool fraction = !fmpz_is_one(fmpq_denref(term_num(ctx, e)));
        if (fraction || rule_decide_positive(ctx, b, NULL, 0) == GRADUS_YES) {
            r = term_add2(ctx, r, term_mul2(ctx, e, split_log(ctx, b)));
        } else {
            left++;
            last_b = b;
            last_e = e;
            rest = term_mul2(ctx, rest, term_pow(ctx, b, e));
        }
    }
    if (left == 0)
        return r;
    return term_add2(ctx, r, left == 1 ? log_power(ctx, last_b, last_e) : term_apply1(ctx, FN_log, rest));
}

/* Depth is bounded by the nesting of powers in canonical terms, which is at most a few. */
static term split_log(gradus_ctx *ctx, term u)
{
    if (!u)
        return TERM_NONE;
    if (term_is_num(ctx, u))
        return log_number(ctx, u);
    if (u == term_constant(ctx, CONST_E))
        return term_int(ctx, 1);
    if (term_is(ctx, u, OP_FN) && term_aux(ctx, u) == FN_exp)
        return term_arg(ctx, u, 0);
    if (term_is(ctx, u, OP_MUL))
        return log_product(ctx, u);
    if (term_is(ctx, u, OP_ADD) && term_argc(ctx, u) == 3 && term_is_int(ctx, term_arg(ctx, u, 0), 0) &&
        term_num_sign(ctx, term_arg(ctx, u, 1)) > 0)
        return term_add2(ctx, log_number(ctx, term_arg(ctx, u, 1)), split_log(ctx, term_arg(ctx, u, 2)));
    return term_apply1(ctx, FN_log, u);
}

/* ---- one node ------------------------------------------------------------------------------------------------------ */

/* (u^(2k))^(p/q) is |u|^(2kp/q). */
static term even_root(gradus_ctx *ctx, term t)
{
    term r = t;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i), e = term_arg(ctx, t, i + 1);
        long n;
        if (fmpz_is_one(fmpq_denref(term_num(ctx, e))) || !term_is(ctx, b, OP_MUL) || term_argc(ctx, b) != 2 ||
            !term_get_long(ctx, term_arg(ctx, b, 1), &n) || n % 2 != 0)
            continue;
        term a = rule_expand(ctx, term_apply1(ctx, FN_abs, term_arg(ctx, b, 0)));
        term changed = term_pow(ctx, a, term_mul2(ctx, term_int(ctx, n), e));
        r = term_mul(ctx, (term[]){r, term_pow(ctx, b, term_neg(ctx, e)), changed}, 3);
    }
    return r;
}

/* q^e over the prime factors of q: sqrt(8) is 2*sqrt(2). Numbers with a large factor stay. */
static term number_root(gradus_ctx *ctx, term q, term e)
{
    const fmpq *x = term_num(ctx, q);
    if (!fmpz_is_one(fmpq_denref(x)) || fmpz_cmp_si(fmpq_numref(x), 1) <= 0 || !fmpz_fits_si(fmpq_numref(x)))
        return term_pow(ctx, q, e);
    term r = term_int(ctx, 1);
    long v = fmpz_get_si(fmpq_numref(x));
    for (long p = 2; p * p <= v && p < 2000; p++) {
        long n = 0;
        for (; v % p == 0; v /= p)
            n++;
        if (n)
            r = term_mul2(ctx, r, term_pow(ctx, term_int(ctx, p), term_mul2(ctx, term_int(ctx, n), e)));
    }
    return v > 1 ? term_mul2(ctx, r, term_pow(ctx, term_int(ctx, v), e)) : r;
}

/* The base of a root as an expanded fraction, so that equal bases meet. */
static term tidy_roots(gradus_ctx *ctx, term t)
{
    term r = t;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i), e = term_arg(ctx, t, i + 1);
        if (fmpz_is_one(fmpq_denref(term_num(ctx, e))))
            continue;
        if (term_is_num(ctx, b)) {
            r = term_mul(ctx, (term[]){r, term_pow(ctx, b, term_neg(ctx, e)), number_root(ctx, b, e)}, 3);
            continue;
        }
        term tidy = term_is(ctx, b, OP_ADD) ? prove_rational(ctx, b) : b;
        if (tidy && tidy != b)
            r = term_mul(ctx, (term[]){r, term_pow(ctx, b, term_neg(ctx, e)), term_pow(ctx, tidy, e)}, 3);
    }
    return r;
}

/* sin and cos of an inverse function are roots: cos(arctan(u)) = 1/sqrt(1 + u^2). */
static term angle_of_inverse(gradus_ctx *ctx, fn_id outer, term angle)
{
    if (!term_is(ctx, angle, OP_FN) || term_argc(ctx, angle) != 1)
        return TERM_NONE;
    term u = term_arg(ctx, angle, 0), one = term_int(ctx, 1), u2 = term_pow_int(ctx, u, 2);
    bool sine = outer == FN_sin;
    switch (term_aux(ctx, angle)) {
    case FN_atan: {
        term r = term_pow(ctx, term_add2(ctx, one, u2), term_rational(ctx, -1, 2));
        return sine ? term_mul2(ctx, u, r) : r;
    }
    case FN_asin: return sine ? u : term_sqrt(ctx, term_sub(ctx, one, u2));
    default: return TERM_NONE;
    }
}

static term base_function(gradus_ctx *ctx, term t)
{
    fn_id f = (fn_id)term_aux(ctx, t);
    if (term_argc(ctx, t) == 1 && f != FN_log && f != FN_exp) {
        term e = rule_expand(ctx, t);
        if (e != t)
            return e;
    }
    if (f == FN_sin || f == FN_cos) {
        term r = angle_of_inverse(ctx, f, term_arg(ctx, t, 0));
        if (r)
            return r;
    }
    if (f == FN_max || f == FN_min || f == FN_logaddexp || f == FN_hypot)
        return rule_expand(ctx, t);
    if (term_get_flags(ctx, t) & TF_DANGLING)
        return f == FN_log ? split_log(ctx, term_arg(ctx, t, 0)) : t;
    if (term_argc(ctx, t) == 1) {
        term u = term_arg(ctx, t, 0), tidy = prove_rational(ctx, u);
        if (!tidy)
            return TERM_NONE;
        if (f == FN_log)
            return split_log(ctx, tidy);
        if (tidy != u)
            return term_apply1(ctx, f, tidy);
    }
    return t;
}

static term base_node(gradus_ctx *ctx, term t, void *user)
{
    (void)user;
    switch (term_get_op(ctx, t)) {
    case OP_FN: return base_function(ctx, t);
    case OP_POW: return term_apply1(ctx, FN_exp, term_mul2(ctx, term_arg(ctx, t, 1), split_log(ctx, term_arg(ctx, t, 0))));
    case OP_MUL: return (t = even_root(ctx, t)) && term_is(ctx, t, OP_MUL) ? tidy_roots(ctx, t) : t;
    default: return t;
    }
}

term prove_base(gradus_ctx *ctx, term t)
{
    enum { ROUNDS = 5 }; /* what an expansion brings in may need one more round */
    for (int round = 0; round < ROUNDS && t; round++) {
        term next = prove_map(ctx, t, base_node, NULL);
        if (next == t)
            break;
        t = next;
    }
    return t;
}
