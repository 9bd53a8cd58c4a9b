/* limit: what a formula tends to.
 *
 * First by structure: sums, products and functions of parts that have limits. Where that says 0/0, inf - inf or the
 * like, the formula is rewritten and asked again, in this order: common factors cancelled over a common denominator
 * (fraction.h), a difference of roots made rational by its conjugate, l'Hopital's rule, a bounded number of times.
 * Nothing is decided by closeness of numbers: what is not found by these means is GRADUS_UNABLE.                    */
#include "diff/fraction.h"

enum { LIMIT_ROUNDS = 8, LIMIT_SIZE = 2000 };

typedef enum tends { TENDS_UNKNOWN, TENDS_VALUE, TENDS_PLUS_INF, TENDS_MINUS_INF } tends;

typedef struct tendency {
    tends to;
    term value; /* of TENDS_VALUE */
} tendency;

typedef struct limiting {
    gradus_ctx *ctx;
    term x, a;
    term given;   /* on which side of a x lies (a condition), or x != a */
    tends end;    /* a is an infinity                                    */
    term_vec nodes;
    VEC(tendency) at;
    step_log *log;
} limiting;

static const tendency unknown = {TENDS_UNKNOWN, TERM_NONE};

static tendency value(term t) { return t ? (tendency){TENDS_VALUE, t} : unknown; }
static tendency infinity(int sign) { return sign ? (tendency){sign > 0 ? TENDS_PLUS_INF : TENDS_MINUS_INF, TERM_NONE} : unknown; }
static int sign_of_infinity(tendency t) { return t.to == TENDS_PLUS_INF ? 1 : t.to == TENDS_MINUS_INF ? -1 : 0; }

/* ---- facts -------------------------------------------------------------------------------------------------------- */

static gradus_truth is_zero(gradus_ctx *ctx, term t)
{
    if (term_is_num(ctx, t))
        return term_num_sign(ctx, t) == 0 ? GRADUS_YES : GRADUS_NO;
    if (term_get_flags(ctx, t) & TF_NUMERIC)
        return eval_decide_zero(ctx, t);
    return GRADUS_NO; /* letters are taken as general */
}

/* Sign of a limit value: 1, -1; 0 if it is 0 or not known. */
static int sign_of_value(gradus_ctx *ctx, term t)
{
    if (term_is_num(ctx, t))
        return term_num_sign(ctx, t);
    if (rule_decide_positive(ctx, t, NULL, 0) == GRADUS_YES)
        return 1;
    if (rule_decide_positive(ctx, term_neg(ctx, t), NULL, 0) == GRADUS_YES)
        return -1;
    if (!(term_get_flags(ctx, t) & TF_NUMERIC))
        return 0;
    return eval_decide_positive(ctx, t) == GRADUS_YES ? 1 : eval_decide_positive(ctx, term_neg(ctx, t)) == GRADUS_YES ? -1 : 0;
}

/* From which side t comes to 0: by its sign on the way. */
static int side_of_zero(limiting *z, term t)
{
    if (rule_decide_nonnegative(z->ctx, t, &z->given, 1) == GRADUS_YES)
        return 1;
    if (rule_decide_nonnegative(z->ctx, term_neg(z->ctx, t), &z->given, 1) == GRADUS_YES)
        return -1;
    return 0;
}

/* ---- by structure --------------------------------------------------------------------------------------------------- */

static tendency known_of(const limiting *z, term t)
{
    size_t lo = 0, hi = z->at.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (z->nodes.at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < z->at.n && z->nodes.at[lo] == t ? z->at.at[lo] : unknown;
}

static tendency of_sum(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term sum = term_arg(ctx, t, 0);
    int infinite = 0;
    for (uint32_t i = 1; i < term_argc(ctx, t); i += 2) {
        tendency p = known_of(z, term_arg(ctx, t, i + 1));
        int s = sign_of_infinity(p) * term_num_sign(ctx, term_arg(ctx, t, i));
        if (p.to == TENDS_UNKNOWN || (infinite && s && s != infinite))
            return unknown;
        if (s)
            infinite = s;
        else
            sum = term_add2(ctx, sum, term_mul2(ctx, term_arg(ctx, t, i), p.value));
    }
    return infinite ? infinity(infinite) : value(sum);
}

/* b^e for rational e; zero: the factor tends to 0. */
static tendency of_power(limiting *z, term b, term e, bool *zero)
{
    gradus_ctx *ctx = z->ctx;
    tendency p = known_of(z, b);
    const fmpq *q = term_num(ctx, e);
    bool whole = fmpz_is_one(fmpq_denref(q)), odd = fmpz_is_odd(fmpq_numref(q));
    int es = fmpq_sgn(q), s = sign_of_infinity(p);
    *zero = false;
    if (p.to == TENDS_UNKNOWN)
        return unknown;
    if (s) {
        if (!whole && s < 0)
            return unknown;
        *zero = es < 0;
        return es < 0 ? value(term_int(ctx, 0)) : infinity(odd || !whole ? s : 1);
    }
    gradus_truth nothing = is_zero(ctx, p.value);
    if (nothing == GRADUS_UNKNOWN)
        return unknown;
    if (nothing == GRADUS_YES) {
        if (es > 0) {
            *zero = true;
            return value(term_int(ctx, 0));
        }
        int side = !odd && whole ? 1 : side_of_zero(z, b);
        return infinity(side);
    }
    return value(term_pow(ctx, p.value, e));
}

static tendency of_product(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term product = term_int(ctx, 1);
    bool any_zero = false, any_infinite = false;
    int sign = 1;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        bool zero;
        tendency p = of_power(z, term_arg(ctx, t, i), term_arg(ctx, t, i + 1), &zero);
        if (p.to == TENDS_UNKNOWN)
            return unknown;
        any_zero |= zero;
        if (sign_of_infinity(p)) {
            any_infinite = true;
            sign *= sign_of_infinity(p);
        } else {
            product = term_mul2(ctx, product, p.value);
        }
    }
    if (any_infinite)
        return any_zero ? unknown : infinity(sign * sign_of_value(ctx, product));
    return value(product);
}

/* Values of functions at the infinities; TERM_NONE in *v: an infinity of sign *sign. false: none (sin). */
static bool at_infinity(gradus_ctx *ctx, fn_id f, int s, term *v, int *sign)
{
    term half_pi = term_mul2(ctx, term_rational(ctx, s, 2), term_constant(ctx, CONST_PI)), zero = term_int(ctx, 0);
    *v = TERM_NONE;
    *sign = s;
    switch (f) {
    case FN_exp: case FN_exp2: case FN_softplus: case FN_relu:
        if (s < 0)
            *v = zero;
        return true;
    case FN_log: case FN_log2: case FN_log10: case FN_log1p: return s > 0;
    case FN_atan: *v = half_pi; return true;
    case FN_tanh: case FN_erf: case FN_softsign: *v = term_int(ctx, s); return true;
    case FN_sigmoid: *v = term_int(ctx, s > 0); return true;
    case FN_erfc: *v = term_int(ctx, s > 0 ? 0 : 2); return true;
    case FN_expm1:
        if (s < 0)
            *v = term_int(ctx, -1);
        return true;
    case FN_sech: case FN_csch: *v = zero; return true;
    case FN_coth: *v = term_int(ctx, s); return true;
    case FN_sinh: case FN_asinh: case FN_cbrt: return true;
    case FN_cosh: case FN_abs: *sign = 1; return true;
    case FN_acosh: case FN_lgamma: return s > 0;
    case FN_sign: *v = term_int(ctx, s); return true;
    default: return false;
    }
}

/* f at a value where it may jump: sign(0+). */
static tendency at_jump(limiting *z, term t, term u)
{
    gradus_ctx *ctx = z->ctx;
    int side = side_of_zero(z, u);
    if (side == 0)
        return unknown;
    switch ((fn_id)term_aux(ctx, t)) {
    case FN_sign: return value(term_int(ctx, side));
    case FN_step: case FN_heaviside: return value(term_int(ctx, side > 0));
    default: return unknown;
    }
}

static tendency of_function(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    fn_id f = (fn_id)term_aux(ctx, t);
    uint32_t n = term_argc(ctx, t);
    term args[8];
    if (n > 8)
        return unknown;
    for (uint32_t i = 0; i < n; i++) {
        tendency p = known_of(z, term_arg(ctx, t, i));
        if (p.to == TENDS_UNKNOWN)
            return unknown;
        if (sign_of_infinity(p)) {
            term v;
            int sign;
            if (n > 1 || !at_infinity(ctx, f, sign_of_infinity(p), &v, &sign))
                return unknown;
            return v ? value(v) : infinity(sign);
        }
        args[i] = p.value;
    }
    bool zero = n == 1 && is_zero(ctx, args[0]) == GRADUS_YES;
    if (zero && (f == FN_log || f == FN_log2 || f == FN_log10))
        return infinity(side_of_zero(z, term_arg(ctx, t, 0)) > 0 ? -1 : 0);
    if (fn_get(f)->flags & FN_STEP)
        return zero ? at_jump(z, t, term_arg(ctx, t, 0)) : unknown;
    term r = term_apply(ctx, f, args, n);
    if (!r || !term_is(ctx, r, OP_FN) || term_aux(ctx, r) != (uint32_t)f)
        return value(r);
    gradus_truth inside = rule_decide(ctx, rule_domain(ctx, r), NULL, 0);
    return inside == GRADUS_NO ? unknown : value(r);
}

static tendency of_node(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    if (t == z->x)
        return z->end ? (tendency){z->end, TERM_NONE} : value(z->a);
    if (!term_depends(ctx, t, z->x))
        return value(t);
    switch (term_get_op(ctx, t)) {
    case OP_ADD: return of_sum(z, t);
    case OP_MUL: return of_product(z, t);
    case OP_FN: return of_function(z, t);
    case OP_POW: {
        tendency b = known_of(z, term_arg(ctx, t, 0)), e = known_of(z, term_arg(ctx, t, 1));
        bool plain = b.to == TENDS_VALUE && e.to == TENDS_VALUE && is_zero(ctx, b.value) == GRADUS_NO;
        return plain ? value(term_pow(ctx, b.value, e.value)) : unknown;
    }
    default: return unknown;
    }
}

/* Has the limit a value? A numeric one is looked at with balls. */
static bool is_sound(gradus_ctx *ctx, term t)
{
    if (!t || term_is(ctx, t, OP_UNDEF))
        return false;
    if (!(term_get_flags(ctx, t) & TF_NUMERIC))
        return true;
    arb_t v;
    arb_init(v);
    eval_problem why = {0};
    fn_ball b = eval_enclose(ctx, t, NULL, 0, 128, v, &why);
    bool finite = b == FN_BALL_OK && arb_is_finite(v);
    arb_clear(v);
    return finite;
}

static tendency by_structure(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    z->nodes.n = z->at.n = 0;
    if (!term_reachable(ctx, &t, 1, &z->nodes) || !vec_reserve(ctx, &z->at, z->nodes.n))
        return unknown;
    for (size_t i = 0; i < z->nodes.n; i++) {
        tendency p = of_node(z, z->nodes.at[i]);
        if (p.to == TENDS_VALUE && (!p.value || term_is(ctx, p.value, OP_UNDEF)))
            p = unknown;
        z->at.at[z->at.n++] = p;
    }
    tendency r = z->at.at[z->at.n - 1];
    return r.to == TENDS_VALUE && !is_sound(ctx, r.value) ? unknown : r;
}

/* ---- rewriting ---------------------------------------------------------------------------------------------------------- */

static term note(limiting *z, const char *rule, term before, term after)
{
    if (after && after != before && z->log)
        step_rewrite(z->log, rule, before, after);
    return after && after != before ? after : TERM_NONE;
}

static term over(const frac_ring *r, const frac *f)
{
    gradus_ctx *ctx = r->ctx;
    term num = frac_poly_term(r, f->num, NULL);
    term_vec b = {0}, e = {0};
    bool ok = num && vec_push(ctx, &b, num) && vec_push(ctx, &e, term_int(ctx, 1)) &&
              frac_push_factors(r, f->den, -1, &b, &e);
    term t = ok ? term_powprod(ctx, b.at, e.at, (uint32_t)b.n) : TERM_NONE;
    vec_clear(ctx, &b);
    vec_clear(ctx, &e);
    return t;
}

/* One fraction, common factors cancelled. */
static term cancelled(limiting *z, term t)
{
    frac_ring r = {.ctx = z->ctx};
    if (!frac_collect(&r, t))
        return TERM_NONE;
    frac_open(&r);
    frac f;
    frac_init(&r, &f);
    term result = frac_from_term(&r, &f, t) ? over(&r, &f) : TERM_NONE;
    frac_clear(&r, &f);
    frac_close(&r);
    return note(z, "cancel", t, result);
}

/* Above and below times A - B*r where the numerator is A + B*r, r a square root that moves with x. */
static term conjugated(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    frac_ring r = {.ctx = ctx};
    term result = TERM_NONE, half = term_rational(ctx, 1, 2);
    if (!frac_collect(&r, t))
        return TERM_NONE;
    frac_open(&r);
    frac f;
    fmpz_mpoly_t g;
    frac_init(&r, &f);
    fmpz_mpoly_init(g, r.poly);
    for (slong k = 0; !result && k < r.n; k++) {
        if (r.kernel[k].kind != KERNEL_ROOT || r.kernel[k].unit != half || !term_depends(ctx, r.kernel[k].base, z->x))
            continue;
        if (!frac_from_term(&r, &f, t) || fmpz_mpoly_degree_si(f.num, k, r.poly) != 1)
            continue;
        fmpz_mpoly_t a, b;
        fmpz_mpoly_init(a, r.poly);
        fmpz_mpoly_init(b, r.poly);
        slong var = k;
        ulong zero = 0, one = 1;
        fmpz_mpoly_get_coeff_vars_ui(a, f.num, &var, &zero, 1, r.poly);
        fmpz_mpoly_get_coeff_vars_ui(b, f.num, &var, &one, 1, r.poly);
        fmpz_mpoly_gen(g, k, r.poly);
        fmpz_mpoly_mul(b, b, g, r.poly);
        fmpz_mpoly_sub(a, a, b, r.poly);
        if (!fmpz_mpoly_is_zero(a, r.poly)) {
            fmpz_mpoly_mul(f.num, f.num, a, r.poly);
            fmpz_mpoly_mul(f.den, f.den, a, r.poly);
            if (frac_reduce_roots(&r, &f))
                result = over(&r, &f);
        }
        fmpz_mpoly_clear(a, r.poly);
        fmpz_mpoly_clear(b, r.poly);
    }
    fmpz_mpoly_clear(g, r.poly);
    frac_clear(&r, &f);
    frac_close(&r);
    return note(z, "conjugate", t, result);
}

/* Goes the factor below, as its reciprocal, when t is 0*inf? Small powers and exponentials do: x*ln(x) is ln(x)/(1/x);
 * where the small factor is another function, the large one goes instead. */
static bool goes_below(gradus_ctx *ctx, term b, bool zero, bool inf, bool small_is_plain)
{
    bool plain = !term_is(ctx, b, OP_FN) || term_aux(ctx, b) == FN_exp;
    return small_is_plain ? zero && plain : inf;
}

/* t = num/den with both tending to 0 or both to an infinity. */
static bool split_indeterminate(limiting *z, term t, term *num, term *den)
{
    gradus_ctx *ctx = z->ctx;
    *num = *den = term_int(ctx, 1);
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3 && term_is_int(ctx, term_arg(ctx, t, 0), 0)) {
        *num = term_arg(ctx, t, 1);
        t = term_arg(ctx, t, 2);
    }
    if (!term_is(ctx, t, OP_MUL))
        return false;
    (void)by_structure(z, t); /* fills the table that of_power reads */
    bool zero_above = false, zero_below = false, inf_above = false, inf_below = false, small_is_plain = false;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i), e = term_arg(ctx, t, i + 1), minus = term_neg(ctx, e);
        bool zero, below = term_num_sign(ctx, e) < 0;
        tendency p = of_power(z, b, below ? minus : e, &zero);
        bool inf = sign_of_infinity(p) != 0;
        if (p.to == TENDS_UNKNOWN)
            return false;
        zero_above |= zero && !below;
        zero_below |= zero && below;
        inf_above |= inf && !below;
        inf_below |= inf && below;
        small_is_plain |= zero && !below && (!term_is(ctx, b, OP_FN) || term_aux(ctx, b) == FN_exp);
    }
    bool mixed = (zero_above || inf_below) && (inf_above || zero_below) && !(zero_above && zero_below && !inf_above && !inf_below) &&
                 !(inf_above && inf_below && !zero_above && !zero_below);
    bool plain = (zero_above && zero_below && !inf_above && !inf_below) || (inf_above && inf_below && !zero_above && !zero_below);
    if (!mixed && !plain)
        return false;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i), e = term_arg(ctx, t, i + 1);
        bool zero, below = term_num_sign(ctx, e) < 0;
        tendency p = of_power(z, b, e, &zero);
        if (mixed)
            below = goes_below(ctx, b, zero, sign_of_infinity(p) != 0, small_is_plain || inf_below);
        if (below)
            *den = term_mul2(ctx, *den, term_pow(ctx, b, term_neg(ctx, e)));
        else
            *num = term_mul2(ctx, *num, term_pow(ctx, b, e));
    }
    return !term_is_int(ctx, *den, 1);
}

static term by_slopes(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term num, den;
    if (!term_is(ctx, z->x, OP_SYM) || !split_indeterminate(z, t, &num, &den))
        return TERM_NONE;
    diff_options opt = {.unfold = true};
    const size_t said = ctx->diag_count;
    term dn = diff_by(ctx, num, z->x, &opt, NULL), dd = dn ? diff_by(ctx, den, z->x, &opt, NULL) : TERM_NONE;
    if (!dd && ctx_status(ctx) == GRADUS_UNABLE) { /* no slope known: this way is closed, that is all */
        ctx->status = GRADUS_OK;
        ctx->diag_count = said;
    }
    if (!dd || term_is_int(ctx, dd, 0))
        return TERM_NONE;
    term q = simplify_arithmetic(ctx, term_div(ctx, dn, dd), NULL, 0);
    return note(z, "l-hopital", t, q);
}

/* The highest whole power of x in the terms of sum b; 0: none, or x stands elsewhere too. */
static long degree_of_sum(const limiting *z, term b)
{
    gradus_ctx *ctx = z->ctx;
    long degree = 0;
    for (uint32_t i = 2; i < term_argc(ctx, b); i += 2) {
        term m = term_arg(ctx, b, i);
        long d = m == z->x;
        for (uint32_t k = 0; term_is(ctx, m, OP_MUL) && k < term_argc(ctx, m); k += 2)
            if (term_arg(ctx, m, k) == z->x && !term_get_long(ctx, term_arg(ctx, m, k + 1), &d))
                return 0;
        degree = d > degree ? d : degree;
    }
    return degree;
}

/* (x^2 + x)^(1/2) is x*(1 + 1/x)^(1/2) where x > 0: roots at infinity show how fast they grow. */
static term grow_root(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term_vec b = {0}, e = {0};
    bool ok = true, changed = false;
    for (uint32_t i = 0; ok && i < term_argc(ctx, t); i += 2) {
        term base = term_arg(ctx, t, i), x = term_arg(ctx, t, i + 1);
        long d = term_is(ctx, base, OP_ADD) && !fmpz_is_one(fmpq_denref(term_num(ctx, x))) ? degree_of_sum(z, base) : 0;
        if (d > 0) {
            term down = term_pow_int(ctx, z->x, -d);
            term_vec sum = {0};
            ok = vec_push(ctx, &sum, term_mul2(ctx, term_arg(ctx, base, 0), down));
            for (uint32_t k = 1; ok && k < term_argc(ctx, base); k += 2)
                ok = vec_push(ctx, &sum, term_mul(ctx, (term[]){term_arg(ctx, base, k), term_arg(ctx, base, k + 1), down}, 3));
            ok = ok && vec_push(ctx, &b, z->x) && vec_push(ctx, &e, term_mul2(ctx, term_int(ctx, d), x));
            base = ok ? term_add(ctx, sum.at, (uint32_t)sum.n) : TERM_NONE;
            vec_clear(ctx, &sum);
            changed = true;
        }
        ok = ok && base && vec_push(ctx, &b, base) && vec_push(ctx, &e, x);
    }
    term r = ok && changed ? term_powprod(ctx, b.at, e.at, (uint32_t)b.n) : TERM_NONE;
    vec_clear(ctx, &b);
    vec_clear(ctx, &e);
    return r;
}

/* u^v with both varying is e^(v*ln(u)); |u| and cases are settled on the side where x is. */
static term prepared(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    term_vec nodes = {0}, from = {0}, to = {0};
    bool ok = term_reachable(ctx, &t, 1, &nodes);
    for (size_t i = 0; ok && i < nodes.n; i++) {
        term u = nodes.at[i], v = TERM_NONE;
        if (!term_depends(ctx, u, z->x))
            continue;
        if (term_is(ctx, u, OP_POW))
            v = term_apply1(ctx, FN_exp, term_mul2(ctx, term_arg(ctx, u, 1), term_apply1(ctx, FN_log, term_arg(ctx, u, 0))));
        else if (term_is(ctx, u, OP_REL)) {
            gradus_truth d = rule_decide(ctx, u, &z->given, 1);
            v = d == GRADUS_UNKNOWN ? TERM_NONE : term_bool(ctx, d == GRADUS_YES);
        } else if (term_is(ctx, u, OP_FN) && term_aux(ctx, u) == FN_abs) {
            int side = side_of_zero(z, term_arg(ctx, u, 0));
            v = side > 0 ? term_arg(ctx, u, 0) : side < 0 ? term_neg(ctx, term_arg(ctx, u, 0)) : TERM_NONE;
        }
        else if (z->end == TENDS_PLUS_INF && term_is(ctx, u, OP_MUL))
            v = grow_root(z, u);
        if (v && v != u)
            ok = vec_push(ctx, &from, u) && vec_push(ctx, &to, v);
    }
    term r = ok && from.n ? term_subst(ctx, t, from.at, to.at, (uint32_t)from.n) : t;
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &from);
    vec_clear(ctx, &to);
    return r ? r : t;
}

/* ---- one side ---------------------------------------------------------------------------------------------------------------- */

/* The rounds that look at t as a whole. */
static tendency search_whole(limiting *z, term t)
{
    gradus_ctx *ctx = z->ctx;
    for (int round = 0; round < LIMIT_ROUNDS && t; round++) {
        if (ctx_status(ctx) != GRADUS_OK || term_size(ctx, t) > LIMIT_SIZE)
            return unknown;
        tendency r = by_structure(z, t);
        if (r.to != TENDS_UNKNOWN) {
            if (z->log && r.to == TENDS_VALUE)
                step_bind(step_rewrite(z->log, "limit", t, r.value), "x", z->x);
            return r;
        }
        term next = cancelled(z, t);
        if (next && by_structure(z, next).to == TENDS_UNKNOWN) {
            term other = conjugated(z, next);
            next = other ? other : next;
        }
        if (!next)
            next = conjugated(z, t);
        if (next && by_structure(z, next).to == TENDS_UNKNOWN) {
            term other = by_slopes(z, next);
            next = other ? other : next;
        }
        t = next ? next : by_slopes(z, t);
    }
    return unknown;
}

/* Functions of one argument, sums and products of parts that each have a limit of their own. Parts of parts at most
 * PART_DEPTH deep; each part found stands as a value or an infinity in place of itself. */
static tendency search(limiting *z, term t, int depth)
{
    gradus_ctx *ctx = z->ctx;
    enum { PART_DEPTH = 4 };
    tendency r = search_whole(z, t);
    if (r.to != TENDS_UNKNOWN || depth >= PART_DEPTH || !(term_is(ctx, t, OP_FN) || term_is(ctx, t, OP_ADD) || term_is(ctx, t, OP_MUL)))
        return r;
    step_log *log = z->log;
    VEC(tendency) parts = {0};
    bool ok = true;
    uint32_t n = term_argc(ctx, t), stride = term_is(ctx, t, OP_FN) ? 1 : 2, first = term_is(ctx, t, OP_ADD) ? 2 : 0;
    z->log = NULL; /* parts are not lines of the derivation */
    for (uint32_t i = first; ok && i < n; i += stride) {
        tendency p = search(z, term_arg(ctx, t, i), depth + 1);
        ok = p.to != TENDS_UNKNOWN && vec_push(ctx, &parts, p);
    }
    if (ok) {
        (void)by_structure(z, t);
        uint32_t k = 0;
        for (uint32_t i = first; i < n; i += stride, k++)
            for (size_t j = 0; j < z->nodes.n; j++)
                if (z->nodes.at[j] == term_arg(ctx, t, i))
                    z->at.at[j] = parts.at[k];
        r = of_node(z, t);
        if (r.to == TENDS_VALUE && !is_sound(ctx, r.value))
            r = unknown;
    }
    z->log = log;
    vec_clear(ctx, &parts);
    return r;
}

static tendency limit_from(gradus_ctx *ctx, term f, term x, term a, term_side side, step_log *log)
{
    limiting z = {.ctx = ctx, .x = x, .a = a, .log = log};
    term inf = term_constant(ctx, CONST_INF);
    if (a == term_neg(ctx, inf)) { /* x -> -inf is -x -> inf */
        term minus = term_neg(ctx, x);
        f = term_subst(ctx, f, &x, &minus, 1);
        z.a = a = inf;
    }
    z.end = a == inf ? TENDS_PLUS_INF : TENDS_UNKNOWN;
    if (!f)
        return unknown;
    if (z.end)
        z.given = term_rel_make(ctx, REL_LT, term_int(ctx, 0), x);
    else if (side == SIDE_BOTH)
        z.given = term_rel_make(ctx, REL_NE, x, a);
    else
        z.given = side == SIDE_RIGHT ? term_rel_make(ctx, REL_LT, a, x) : term_rel_make(ctx, REL_LT, x, a);
    tendency r = z.given ? search(&z, prepared(&z, f), 0) : unknown;
    vec_clear(ctx, &z.nodes);
    vec_clear(ctx, &z.at);
    return r;
}

static term as_term(gradus_ctx *ctx, tendency r)
{
    term inf = term_constant(ctx, CONST_INF);
    return r.to == TENDS_VALUE ? r.value : r.to == TENDS_PLUS_INF ? inf : r.to == TENDS_MINUS_INF ? term_neg(ctx, inf) : TERM_NONE;
}

static bool same_limit(gradus_ctx *ctx, term a, term b)
{
    if (a == b)
        return true;
    term d = term_sub(ctx, a, b);
    return d && is_zero(ctx, simplify_arithmetic(ctx, d, NULL, 0)) == GRADUS_YES;
}

term limit_search(gradus_ctx *ctx, term f, term x, term a, term_side side, step_log *log, bool *jumps)
{
    *jumps = false;
    term r = as_term(ctx, limit_from(ctx, f, x, a, side, log));
    if (r || side != SIDE_BOTH || ctx_status(ctx) != GRADUS_OK)
        return r;
    term right = as_term(ctx, limit_from(ctx, f, x, a, SIDE_RIGHT, NULL));
    term left = right ? as_term(ctx, limit_from(ctx, f, x, a, SIDE_LEFT, NULL)) : TERM_NONE;
    if (!left || ctx_status(ctx) != GRADUS_OK)
        return TERM_NONE;
    *jumps = !same_limit(ctx, left, right);
    return *jumps ? TERM_NONE : right;
}

term diff_limit(gradus_ctx *ctx, term f, term x, term a, term_side side)
{
    if (!f || !x || !a)
        return TERM_NONE;
    f = diff_resolve(ctx, f);
    f = f ? term_canon(ctx, term_unfold(ctx, f)) : TERM_NONE;
    a = term_canon(ctx, a);
    bool jumps = false;
    term r = f && a ? limit_search(ctx, f, x, a, side, NULL, &jumps) : TERM_NONE;
    if (jumps)
        diag_error(ctx, GRADUS_DOMAIN, SPAN_NONE, "ask for one side: x -> a+ or x -> a-",
                   "there is no limit: from the left and from the right it tends to different values");
    if (!r && ctx_status(ctx) == GRADUS_OK)
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "this limit was not found");
    return r;
}
