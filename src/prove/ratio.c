/* ratio: terms as fractions of polynomials over kernels, by exact arithmetic (FLINT's fmpq_mpoly).
 *
 * A kernel is what +, * and integer powers cannot look into: a symbol, an element, f(u). Exponentials and angles share
 * kernels: e^(2*x/3) and e^(x/2) are powers of one e^(x/6); sin and cos of a sum are expanded by the addition formulas
 * over base angles. A root b^(p/q) is a power of the kernel b^(1/q).
 * Relations reduce polynomials: s^2 + c^2 - 1 for a base angle, D*r^q - N for a root of N/D. They are true, so a
 * numerator that reduces to 0 is 0; one that does not proves nothing.                                              */
#include "prove/prove_impl.h"

#include <stdlib.h>

enum { MAX_KERNELS = 60, MAX_TERMS = 4000, MAX_ANGLE = 24, MAX_POWER = 60 };

typedef enum kernel_kind { K_PLAIN, K_EXP, K_SIN, K_COS, K_ROOT } kernel_kind;

typedef struct kernel {
    kernel_kind kind;
    term of;      /* PLAIN: the term; EXP, SIN, COS: t of t/d; ROOT: the base    */
    ulong d;      /* EXP, SIN, COS: common denominator; ROOT: q                   */
} kernel;

/* N/D */
typedef struct fraction {
    fmpq_mpoly_t n, d;
    bool made;
} fraction;

typedef struct ratio {
    gradus_ctx *ctx;
    kernel k[MAX_KERNELS];
    slong count;
    bool too_large;
    fmpq_mpoly_ctx_t ring;
    bool has_ring;
    fmpq_mpoly_struct *relation;
    slong relations;
    term_vec nodes;
    VEC(fraction) value;
} ratio;

/* ---- finding kernels ------------------------------------------------------------------------------------------ */

static slong find_kernel(const ratio *z, kernel_kind kind, term of)
{
    for (slong i = 0; i < z->count; i++)
        if (z->k[i].kind == kind && z->k[i].of == of)
            return i;
    return -1;
}

static ulong lcm(ulong a, ulong b)
{
    ulong x = a, y = b;
    while (y) {
        ulong r = x % y;
        x = y;
        y = r;
    }
    return a / x * b;
}

static void need_kernel(ratio *z, kernel_kind kind, term of, ulong d)
{
    slong i = find_kernel(z, kind, of);
    if (i >= 0) {
        z->k[i].d = lcm(z->k[i].d, d);
        z->too_large |= z->k[i].d > MAX_POWER;
        return;
    }
    if (z->count == MAX_KERNELS || d > MAX_POWER) {
        z->too_large = true;
        return;
    }
    z->k[z->count++] = (kernel){kind, of, d};
}

/* Calls fn(k, t) for each part k*t of a linear combination; the constant comes as k*1. */
typedef void (*part_fn)(ratio *z, const fmpq *k, term t, void *user);
static void each_part(ratio *z, term u, part_fn fn, void *user)
{
    gradus_ctx *ctx = z->ctx;
    term one = term_int(ctx, 1);
    if (term_is_num(ctx, u)) {
        fn(z, term_num(ctx, u), one, user);
    } else if (term_is(ctx, u, OP_ADD)) {
        if (term_num_sign(ctx, term_arg(ctx, u, 0)) != 0)
            fn(z, term_num(ctx, term_arg(ctx, u, 0)), one, user);
        for (uint32_t i = 1; i < term_argc(ctx, u); i += 2)
            fn(z, term_num(ctx, term_arg(ctx, u, i)), term_arg(ctx, u, i + 1), user);
    } else {
        fn(z, term_num(ctx, one), u, user);
    }
}

static ulong small_denominator(ratio *z, const fmpq *k)
{
    if (fmpz_cmp_ui(fmpq_denref(k), MAX_POWER) > 0) {
        z->too_large = true;
        return 1;
    }
    return fmpz_get_ui(fmpq_denref(k));
}

static bool is_log(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_FN) && term_aux(ctx, t) == FN_log; }

/* e^(k*ln(v)) is v^k: a root kernel of v for fractional k. */
static void need_exp(ratio *z, const fmpq *k, term t, void *user)
{
    term_vec *more = user;
    ulong d = small_denominator(z, k);
    if (is_log(z->ctx, t)) {
        term v = term_arg(z->ctx, t, 0);
        if (d > 1)
            need_kernel(z, K_ROOT, v, d);
        z->too_large |= !vec_push(z->ctx, more, v);
    } else {
        need_kernel(z, K_EXP, t, d);
    }
}

static void need_angle(ratio *z, const fmpq *k, term t, void *user)
{
    (void)user;
    ulong d = small_denominator(z, k);
    need_kernel(z, K_SIN, t, d);
    need_kernel(z, K_COS, t, d);
}

static bool is_fn(gradus_ctx *ctx, term t, fn_id f) { return term_is(ctx, t, OP_FN) && term_aux(ctx, t) == (uint32_t)f; }

/* Arithmetic nodes are looked into; `open` collects the terms that must be converted, kernels are noted. */
static bool collect(ratio *z, term root)
{
    gradus_ctx *ctx = z->ctx;
    term_vec stack = {0}, seen = {0};
    bool ok = vec_push(ctx, &stack, root);
    while (stack.n && ok && !z->too_large) {
        term t = stack.at[--stack.n];
        bool known = false;
        for (size_t i = 0; i < seen.n && !known; i++)
            known = seen.at[i] == t;
        if (known)
            continue;
        ok = vec_push(ctx, &seen, t) && seen.n < MAX_TERMS;
        if (term_is(ctx, t, OP_ADD)) {
            for (uint32_t i = 2; i < term_argc(ctx, t) && ok; i += 2)
                ok = vec_push(ctx, &stack, term_arg(ctx, t, i));
        } else if (term_is(ctx, t, OP_MUL)) {
            for (uint32_t i = 0; i < term_argc(ctx, t) && ok; i += 2) {
                ulong q = small_denominator(z, term_num(ctx, term_arg(ctx, t, i + 1)));
                if (q > 1)
                    need_kernel(z, K_ROOT, term_arg(ctx, t, i), q);
                ok = vec_push(ctx, &stack, term_arg(ctx, t, i));
            }
        } else if (is_fn(ctx, t, FN_exp)) {
            each_part(z, term_arg(ctx, t, 0), need_exp, &stack);
        } else if (t == term_constant(ctx, CONST_E)) {
            need_kernel(z, K_EXP, term_int(ctx, 1), 1);
        } else if (is_fn(ctx, t, FN_sin) || is_fn(ctx, t, FN_cos)) {
            each_part(z, term_arg(ctx, t, 0), need_angle, NULL);
        } else if (!term_is_num(ctx, t)) {
            need_kernel(z, K_PLAIN, t, 1);
        }
    }
    z->nodes = seen;
    vec_clear(ctx, &stack);
    return ok && !z->too_large;
}

/* Lexicographic order, first variable largest: a root must stand before what its base is made of, a sine before its
 * cosine. Roots are met before their bases' kernels when the larger handle comes first. */
static int compare_kernels(const void *a, const void *b)
{
    static const int rank[] = {[K_ROOT] = 0, [K_SIN] = 1, [K_COS] = 2, [K_EXP] = 3, [K_PLAIN] = 4};
    const kernel *x = a, *y = b;
    if (rank[x->kind] != rank[y->kind])
        return rank[x->kind] - rank[y->kind];
    return x->of < y->of ? 1 : -1;
}

/* ---- fractions ---------------------------------------------------------------------------------------------------- */

static void fraction_init(ratio *z, fraction *f)
{
    fmpq_mpoly_init(f->n, z->ring);
    fmpq_mpoly_init(f->d, z->ring);
    fmpq_mpoly_one(f->d, z->ring);
    f->made = true;
}

static void fraction_clear(ratio *z, fraction *f)
{
    if (!f->made)
        return;
    fmpq_mpoly_clear(f->n, z->ring);
    fmpq_mpoly_clear(f->d, z->ring);
    f->made = false;
}

static bool small_product(ratio *z, const fmpq_mpoly_t a, const fmpq_mpoly_t b)
{
    slong la = fmpq_mpoly_length(a, z->ring), lb = fmpq_mpoly_length(b, z->ring);
    if (la * lb > 40L * MAX_TERMS)
        z->too_large = true;
    if (!ctx_tick(z->ctx))
        z->too_large = true;
    return !z->too_large;
}

static void reduce(ratio *z, fmpq_mpoly_t p)
{
    if (z->relations == 0 || z->too_large)
        return;
    fmpq_mpoly_struct quotient[2 * MAX_KERNELS], *q[2 * MAX_KERNELS], *b[2 * MAX_KERNELS];
    for (slong i = 0; i < z->relations; i++) {
        q[i] = &quotient[i];
        fmpq_mpoly_init(q[i], z->ring);
        b[i] = &z->relation[i];
    }
    fmpq_mpoly_t r;
    fmpq_mpoly_init(r, z->ring);
    fmpq_mpoly_divrem_ideal(q, r, p, b, z->relations, z->ring);
    fmpq_mpoly_swap(r, p, z->ring);
    fmpq_mpoly_clear(r, z->ring);
    for (slong i = 0; i < z->relations; i++)
        fmpq_mpoly_clear(q[i], z->ring);
}

static void fraction_mul(ratio *z, fraction *a, const fraction *b)
{
    if (!small_product(z, a->n, b->n) || !small_product(z, a->d, b->d))
        return;
    fmpq_mpoly_mul(a->n, a->n, b->n, z->ring);
    fmpq_mpoly_mul(a->d, a->d, b->d, z->ring);
    reduce(z, a->n);
    reduce(z, a->d);
    if (fmpq_mpoly_is_zero(a->d, z->ring)) /* a denominator that is 0 everywhere: nothing to say */
        z->too_large = true;
}

static void fraction_cancel(ratio *z, fraction *a)
{
    if (fmpq_mpoly_is_fmpq(a->d, z->ring) || z->too_large)
        return;
    fmpq_mpoly_t g;
    fmpq_mpoly_init(g, z->ring);
    if (fmpq_mpoly_gcd(g, a->n, a->d, z->ring) && !fmpq_mpoly_is_one(g, z->ring)) {
        fmpq_mpoly_divides(a->n, a->n, g, z->ring);
        fmpq_mpoly_divides(a->d, a->d, g, z->ring);
    }
    fmpq_mpoly_clear(g, z->ring);
}

/* a += k*b */
static void fraction_add(ratio *z, fraction *a, const fraction *b, const fmpq *k)
{
    fmpq_mpoly_t t, u, g;
    fmpq_mpoly_init(t, z->ring);
    fmpq_mpoly_init(u, z->ring);
    fmpq_mpoly_init(g, z->ring);
    if (fmpq_mpoly_equal(a->d, b->d, z->ring)) {
        fmpq_mpoly_scalar_mul_fmpq(t, b->n, k, z->ring);
        fmpq_mpoly_add(a->n, a->n, t, z->ring);
    } else if (fmpq_mpoly_gcd(g, a->d, b->d, z->ring) && small_product(z, a->n, b->d) && small_product(z, b->n, a->d) &&
               small_product(z, a->d, b->d)) {
        fmpq_mpoly_divides(t, b->d, g, z->ring); /* what a lacks */
        fmpq_mpoly_divides(u, a->d, g, z->ring); /* what b lacks */
        fmpq_mpoly_mul(a->n, a->n, t, z->ring);
        fmpq_mpoly_mul(a->d, a->d, t, z->ring);
        fmpq_mpoly_mul(u, b->n, u, z->ring);
        fmpq_mpoly_scalar_mul_fmpq(u, u, k, z->ring);
        fmpq_mpoly_add(a->n, a->n, u, z->ring);
    } else {
        z->too_large = true;
    }
    reduce(z, a->n);
    reduce(z, a->d);
    if (fmpq_mpoly_is_zero(a->d, z->ring))
        z->too_large = true;
    fmpq_mpoly_clear(t, z->ring);
    fmpq_mpoly_clear(u, z->ring);
    fmpq_mpoly_clear(g, z->ring);
}

static void fraction_set(ratio *z, fraction *a, const fraction *b)
{
    fmpq_mpoly_set(a->n, b->n, z->ring);
    fmpq_mpoly_set(a->d, b->d, z->ring);
}

static void fraction_pow(ratio *z, fraction *a, const fraction *b, slong e)
{
    fraction_set(z, a, b);
    if (e < 0) {
        fmpq_mpoly_swap(a->n, a->d, z->ring);
        if (fmpq_mpoly_is_zero(a->d, z->ring))
            z->too_large = true;
        e = -e;
    }
    slong len = fmpq_mpoly_length(a->n, z->ring) + fmpq_mpoly_length(a->d, z->ring);
    if (e > 1 && (e > 4 * MAX_POWER || (len > 2 && len * e > 600)))
        z->too_large = true;
    if (z->too_large || e == 1)
        return;
    if (!fmpq_mpoly_pow_ui(a->n, a->n, (ulong)e, z->ring) || !fmpq_mpoly_pow_ui(a->d, a->d, (ulong)e, z->ring))
        z->too_large = true;
    reduce(z, a->n);
    reduce(z, a->d);
}

static void fraction_gen(ratio *z, fraction *a, slong i, slong e)
{
    fmpq_mpoly_gen(a->n, i, z->ring);
    fmpq_mpoly_one(a->d, z->ring);
    fraction b;
    fraction_init(z, &b);
    fraction_set(z, &b, a);
    fraction_pow(z, a, &b, e);
    fraction_clear(z, &b);
}

/* ---- converting ---------------------------------------------------------------------------------------------------- */

static fraction *value_of(ratio *z, term t)
{
    for (size_t i = 0; i < z->nodes.n; i++)
        if (z->nodes.at[i] == t)
            return &z->value.at[i];
    return NULL;
}

/* k as an integer multiple of 1/d. */
static slong multiple(ratio *z, const fmpq *k, ulong d)
{
    fmpz_t m;
    fmpz_init(m);
    fmpz_mul_ui(m, fmpq_numref(k), d);
    fmpz_divexact(m, m, fmpq_denref(k));
    slong r = fmpz_fits_si(m) ? fmpz_get_si(m) : WORD_MAX;
    fmpz_clear(m);
    if (r > 100000 || r < -100000)
        z->too_large = true;
    return r;
}

static void times_power(ratio *z, fraction *a, const fraction *b, slong e)
{
    fraction p;
    if (e == 0 || z->too_large)
        return;
    fraction_init(z, &p);
    fraction_pow(z, &p, b, e);
    if (!z->too_large)
        fraction_mul(z, a, &p);
    fraction_clear(z, &p);
}

static void times_kernel(ratio *z, fraction *a, slong i, slong e)
{
    fraction g;
    if (e == 0 || z->too_large)
        return;
    fraction_init(z, &g);
    fraction_gen(z, &g, i, e);
    if (!z->too_large)
        fraction_mul(z, a, &g);
    fraction_clear(z, &g);
}

/* a *= b^e for rational e: the whole part of a root by its base, the rest by its kernel. */
static void times_rational_power(ratio *z, fraction *a, term b, const fmpq *e)
{
    fraction *vb = value_of(z, b);
    if (fmpz_is_one(fmpq_denref(e))) {
        if (!vb || !fmpz_fits_si(fmpq_numref(e)))
            z->too_large = true;
        else
            times_power(z, a, vb, fmpz_get_si(fmpq_numref(e)));
        return;
    }
    slong i = find_kernel(z, K_ROOT, b);
    slong m = multiple(z, e, z->k[i].d), q = (slong)z->k[i].d;
    slong whole = m >= 0 ? m / q : -((-m + q - 1) / q);
    if (!vb)
        z->too_large = true;
    else if (whole)
        times_power(z, a, vb, whole);
    times_kernel(z, a, i, m - whole * q);
}

static void times_exp_part(ratio *z, const fmpq *k, term t, void *user)
{
    fraction *a = user;
    if (z->too_large)
        return;
    if (is_log(z->ctx, t)) {
        times_rational_power(z, a, term_arg(z->ctx, t, 0), k);
        return;
    }
    slong i = find_kernel(z, K_EXP, t);
    times_kernel(z, a, i, multiple(z, k, z->k[i].d));
}

/* (c, s) of an angle; adding m times a base angle by repeated use of the addition formulas. */
typedef struct turning {
    fraction c, s;
} turning;

static void turn(ratio *z, turning *w, slong ci, slong si, int sign)
{
    fraction cc, ss, t;
    fmpq_t one, k;
    fmpq_init(one);
    fmpq_init(k);
    fmpq_set_si(one, 1, 1);
    fmpq_set_si(k, sign, 1);
    fraction_init(z, &cc);
    fraction_init(z, &ss);
    fraction_init(z, &t);
    fraction_set(z, &cc, &w->c); /* cos(a +- b) = c*cos(b) -+ s*sin(b) */
    times_kernel(z, &cc, ci, 1);
    fraction_set(z, &t, &w->s);
    times_kernel(z, &t, si, 1);
    fmpq_neg(k, k);
    fraction_add(z, &cc, &t, k);
    fmpq_neg(k, k);
    fraction_set(z, &ss, &w->s); /* sin(a +- b) = s*cos(b) +- c*sin(b) */
    times_kernel(z, &ss, ci, 1);
    fraction_set(z, &t, &w->c);
    times_kernel(z, &t, si, 1);
    fraction_add(z, &ss, &t, k);
    fraction_set(z, &w->c, &cc);
    fraction_set(z, &w->s, &ss);
    fraction_clear(z, &cc);
    fraction_clear(z, &ss);
    fraction_clear(z, &t);
    fmpq_clear(one);
    fmpq_clear(k);
}

/* Multiples of pi/2 are exact. */
static bool quarter_turns(ratio *z, const fmpq *k, term t, turning *w)
{
    fmpz_t m;
    if (t != term_constant(z->ctx, CONST_PI) || fmpz_cmp_ui(fmpq_denref(k), 2) > 0)
        return false;
    fmpz_init(m);
    fmpz_mul_ui(m, fmpq_numref(k), fmpz_is_one(fmpq_denref(k)) ? 2 : 1);
    ulong quarters = fmpz_fdiv_ui(m, 4);
    fmpz_clear(m);
    for (ulong i = 0; i < quarters; i++) { /* (c, s) -> (-s, c) */
        fmpq_mpoly_swap(w->c.n, w->s.n, z->ring);
        fmpq_mpoly_swap(w->c.d, w->s.d, z->ring);
        fmpq_mpoly_neg(w->c.n, w->c.n, z->ring);
    }
    return true;
}

static void turn_part(ratio *z, const fmpq *k, term t, void *user)
{
    turning *w = user;
    if (z->too_large || quarter_turns(z, k, t, w))
        return;
    slong ci = find_kernel(z, K_COS, t), si = find_kernel(z, K_SIN, t), m = multiple(z, k, z->k[ci].d);
    if (m > MAX_ANGLE || m < -MAX_ANGLE)
        z->too_large = true;
    for (slong i = 0; i < (m < 0 ? -m : m) && !z->too_large; i++)
        turn(z, w, ci, si, m < 0 ? -1 : 1);
}

static void convert_angle(ratio *z, fraction *a, term u, bool sine)
{
    turning w;
    fraction_init(z, &w.c);
    fraction_init(z, &w.s);
    fmpq_mpoly_one(w.c.n, z->ring);
    each_part(z, u, turn_part, &w);
    fraction_set(z, a, sine ? &w.s : &w.c);
    fraction_clear(z, &w.c);
    fraction_clear(z, &w.s);
}

static void convert(ratio *z, term t, fraction *a)
{
    gradus_ctx *ctx = z->ctx;
    fraction_init(z, a);
    if (term_is_num(ctx, t)) {
        fmpq_mpoly_set_fmpq(a->n, term_num(ctx, t), z->ring);
    } else if (term_is(ctx, t, OP_ADD)) {
        fmpq_mpoly_set_fmpq(a->n, term_num(ctx, term_arg(ctx, t, 0)), z->ring);
        for (uint32_t i = 1; i < term_argc(ctx, t) && !z->too_large; i += 2)
            fraction_add(z, a, value_of(z, term_arg(ctx, t, i + 1)), term_num(ctx, term_arg(ctx, t, i)));
    } else if (term_is(ctx, t, OP_MUL)) {
        fmpq_mpoly_one(a->n, z->ring);
        for (uint32_t i = 0; i < term_argc(ctx, t) && !z->too_large; i += 2)
            times_rational_power(z, a, term_arg(ctx, t, i), term_num(ctx, term_arg(ctx, t, i + 1)));
        if (fmpq_mpoly_length(a->n, z->ring) > 50 && fmpq_mpoly_length(a->d, z->ring) > 1)
            fraction_cancel(z, a);
    } else if (is_fn(ctx, t, FN_exp)) {
        fmpq_mpoly_one(a->n, z->ring);
        each_part(z, term_arg(ctx, t, 0), times_exp_part, a);
    } else if (t == term_constant(ctx, CONST_E)) {
        slong i = find_kernel(z, K_EXP, term_int(ctx, 1));
        fraction_gen(z, a, i, (slong)z->k[i].d);
    } else if (is_fn(ctx, t, FN_sin) || is_fn(ctx, t, FN_cos)) {
        convert_angle(z, a, term_arg(ctx, t, 0), is_fn(ctx, t, FN_sin));
    } else {
        fraction_gen(z, a, find_kernel(z, K_PLAIN, t), 1);
    }
}

static int ascending(const void *a, const void *b)
{
    term x = *(const term *)a, y = *(const term *)b;
    return x < y ? -1 : x > y;
}

/* s^2 + c^2 - 1. (Root relations are added when the base is known: add_root_relations.) */
static void add_relation(ratio *z, fmpq_mpoly_t p)
{
    fmpq_mpoly_init(&z->relation[z->relations], z->ring);
    fmpq_mpoly_swap(&z->relation[z->relations], p, z->ring);
    z->relations++;
}

static void angle_relations(ratio *z)
{
    fmpq_mpoly_t p, q;
    for (slong i = 0; i < z->count; i++) {
        if (z->k[i].kind != K_SIN)
            continue;
        fmpq_mpoly_init(p, z->ring);
        fmpq_mpoly_init(q, z->ring);
        fmpq_mpoly_gen(p, i, z->ring);
        fmpq_mpoly_mul(p, p, p, z->ring);
        fmpq_mpoly_gen(q, find_kernel(z, K_COS, z->k[i].of), z->ring);
        fmpq_mpoly_mul(q, q, q, z->ring);
        fmpq_mpoly_add(p, p, q, z->ring);
        fmpq_mpoly_sub_si(p, p, 1, z->ring);
        add_relation(z, p);
        fmpq_mpoly_clear(p, z->ring);
        fmpq_mpoly_clear(q, z->ring);
    }
}

/* D*r^q - N for the root r of t = N/D, as soon as t is converted. */
static void root_relation(ratio *z, term t, const fraction *v)
{
    slong i = find_kernel(z, K_ROOT, t);
    if (i < 0 || z->too_large)
        return;
    fmpq_mpoly_t p;
    fmpq_mpoly_init(p, z->ring);
    fmpq_mpoly_gen(p, i, z->ring);
    if (fmpq_mpoly_pow_ui(p, p, z->k[i].d, z->ring)) {
        fmpq_mpoly_mul(p, p, v->d, z->ring);
        fmpq_mpoly_sub(p, p, v->n, z->ring);
        add_relation(z, p);
    }
    fmpq_mpoly_clear(p, z->ring);
}

static void ratio_clear(ratio *z)
{
    for (size_t i = 0; i < z->value.n; i++)
        fraction_clear(z, &z->value.at[i]);
    for (slong i = 0; i < z->relations; i++)
        fmpq_mpoly_clear(&z->relation[i], z->ring);
    free(z->relation);
    vec_clear(z->ctx, &z->value);
    vec_clear(z->ctx, &z->nodes);
    if (z->has_ring)
        fmpq_mpoly_ctx_clear(z->ring);
}

/* The value of t, or NULL when it became too large. */
static fraction *ratio_of(ratio *z, gradus_ctx *ctx, term t)
{
    *z = (ratio){.ctx = ctx};
    if (!collect(z, t))
        return NULL;
    qsort(z->k, (size_t)z->count, sizeof z->k[0], compare_kernels);
    qsort(z->nodes.at, z->nodes.n, sizeof *z->nodes.at, ascending);
    fmpq_mpoly_ctx_init(z->ring, z->count ? z->count : 1, ORD_LEX);
    z->has_ring = true;
    z->relation = malloc((size_t)(2 * MAX_KERNELS) * sizeof *z->relation);
    if (!z->relation || !vec_reserve(ctx, &z->value, z->nodes.n))
        return NULL;
    angle_relations(z);
    for (size_t i = 0; i < z->nodes.n && !z->too_large; i++) {
        fraction *v = &z->value.at[z->value.n++];
        convert(z, z->nodes.at[i], v);
        root_relation(z, z->nodes.at[i], v);
        if (fmpq_mpoly_length(v->n, z->ring) > MAX_TERMS || fmpq_mpoly_length(v->d, z->ring) > MAX_TERMS)
            z->too_large = true;
    }
    return z->too_large ? NULL : value_of(z, t);
}

gradus_truth prove_zero(gradus_ctx *ctx, term t)
{
    ratio z;
    fraction *v = ratio_of(&z, ctx, t);
    gradus_truth r = v && fmpq_mpoly_is_zero(v->n, z.ring) ? GRADUS_YES : GRADUS_UNKNOWN;
    ratio_clear(&z);
    return r;
}

/* ---- back to terms ---------------------------------------------------------------------------------------------------- */

static term kernel_power(ratio *z, slong i, ulong e)
{
    gradus_ctx *ctx = z->ctx;
    const kernel *k = &z->k[i];
    term frac = term_rational(ctx, (long)e, (long)k->d);
    switch (k->kind) {
    case K_PLAIN: return term_pow(ctx, k->of, term_int(ctx, (long)e));
    case K_ROOT: return term_pow(ctx, k->of, frac);
    case K_EXP: return term_apply1(ctx, FN_exp, term_mul2(ctx, frac, k->of));
    default: {
        term u = term_mul2(ctx, term_rational(ctx, 1, (long)k->d), k->of);
        return term_pow(ctx, term_apply1(ctx, k->kind == K_SIN ? FN_sin : FN_cos, u), term_int(ctx, (long)e));
    }
    }
}

static term polynomial_term(ratio *z, const fmpq_mpoly_t p)
{
    gradus_ctx *ctx = z->ctx;
    slong n = fmpq_mpoly_length(p, z->ring);
    term_vec coef = {0}, mono = {0}, f = {0};
    ulong *exp = malloc((size_t)(z->count ? z->count : 1) * sizeof *exp);
    term r = TERM_NONE;
    fmpq_t c;
    fmpq_init(c);
    bool ok = exp != NULL;
    for (slong i = 0; i < n && ok; i++) {
        fmpq_mpoly_get_term_coeff_fmpq(c, p, i, z->ring);
        fmpq_mpoly_get_term_exp_ui(exp, p, i, z->ring);
        f.n = 0;
        for (slong k = 0; k < z->count && ok; k++)
            if (exp[k])
                ok = vec_push(ctx, &f, kernel_power(z, k, exp[k]));
        ok = ok && vec_push(ctx, &coef, term_from_fmpq(ctx, c)) &&
             vec_push(ctx, &mono, f.n ? term_mul(ctx, f.at, (uint32_t)f.n) : term_int(ctx, 1));
    }
    if (ok)
        r = term_lincomb(ctx, coef.at, mono.at, (uint32_t)n);
    fmpq_clear(c);
    free(exp);
    vec_clear(ctx, &coef);
    vec_clear(ctx, &mono);
    vec_clear(ctx, &f);
    return r;
}

/* Too little inside to gain from arithmetic: an atom, or a linear combination of atoms. */
static bool is_simple(gradus_ctx *ctx, term t)
{
    if (!term_is(ctx, t, OP_ADD) && !term_is(ctx, t, OP_MUL))
        return true;
    uint32_t first = term_is(ctx, t, OP_ADD) ? 2 : 0;
    for (uint32_t i = first; i < term_argc(ctx, t); i += 2) {
        term a = term_arg(ctx, t, i);
        if (!term_is(ctx, a, OP_SYM) && !term_is(ctx, a, OP_ACC) && !term_is_num(ctx, a))
            return false;
        if (first == 0 && !fmpz_is_one(fmpq_denref(term_num(ctx, term_arg(ctx, t, i + 1)))))
            return false;
    }
    return true;
}

term prove_rational(gradus_ctx *ctx, term t)
{
    if (!t || is_simple(ctx, t) || (term_get_flags(ctx, t) & (TF_DANGLING | TF_COND)))
        return t;
    ratio z;
    term r = t;
    fraction *v = ratio_of(&z, ctx, t);
    if (v) {
        fraction_cancel(&z, v);
        fmpq_t c;
        fmpq_init(c);
        if (!fmpq_mpoly_is_zero(v->d, z.ring) && fmpq_mpoly_length(v->d, z.ring) > 0) {
            fmpq_mpoly_get_term_coeff_fmpq(c, v->d, 0, z.ring); /* denominators with leading coefficient 1 */
            fmpq_mpoly_scalar_div_fmpq(v->d, v->d, c, z.ring);
            fmpq_mpoly_scalar_div_fmpq(v->n, v->n, c, z.ring);
        }
        fmpq_clear(c);
        r = term_div(ctx, polynomial_term(&z, v->n), polynomial_term(&z, v->d));
    }
    ratio_clear(&z);
    return r;
}
