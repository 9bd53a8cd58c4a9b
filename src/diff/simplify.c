/* simplify: a derivative brought into a shorter form. Deterministic, bounded, never longer than what came in.
 *
 * Candidates are made from the rational normal form (fraction.h), cheapest first in cost_of_term wins:
 *   - numerator expanded or factored over a factored denominator,
 *   - roots reduced (sqrt(u)^2 = u), squares of sin, cosh, ... exchanged (sin^2 + cos^2 = 1),
 *   - named functions put back: if S(z) = 1/(1 + e^(-z)) is named, e^(-z) is 1/S(z) - 1 (Note [Folding]).
 * A candidate is defined wherever the original is: cancelling only adds points, and a name is put back only where its
 * body has a value throughout.                                                                                    */
#include "diff/fraction.h"

typedef struct candidates {
    gradus_ctx *ctx;
    term best;
    double cost;
    const term *seen;
    uint32_t n_seen;
} candidates;

static void offer(candidates *c, term t)
{
    if (!t || t == c->best)
        return;
    double cost = cost_of_term(c->ctx, t, c->seen, c->n_seen);
    if (cost < c->cost - 1e-9) {
        c->best = t;
        c->cost = cost;
    }
}

/* -2*x*(S - 1) is 2*x*(1 - S): the sign goes into the first sum to an odd power. */
static void offer_flipped(candidates *c, const term_vec *b, const term_vec *e)
{
    gradus_ctx *ctx = c->ctx;
    term_vec b2 = {0}, e2 = {0};
    bool flipped = false, ok = vec_push(ctx, &b2, term_int(ctx, -1)) && vec_push(ctx, &e2, term_int(ctx, 1));
    for (size_t i = 0; ok && i < b->n; i++) {
        bool flip = !flipped && term_is(ctx, b->at[i], OP_ADD) && term_is_int(ctx, e->at[i], 1);
        flipped |= flip;
        ok = vec_push(ctx, &b2, flip ? term_neg(ctx, b->at[i]) : b->at[i]) && vec_push(ctx, &e2, e->at[i]);
    }
    if (ok && flipped)
        offer(c, term_powprod(ctx, b2.at, e2.at, (uint32_t)b2.n));
    vec_clear(ctx, &b2);
    vec_clear(ctx, &e2);
}

/* num/den as terms: the denominator factored, the numerator expanded and factored. */
static void offer_frac(candidates *c, const frac_ring *r, const frac *f)
{
    gradus_ctx *ctx = c->ctx;
    term_vec b = {0}, e = {0};
    if (fmpz_mpoly_is_zero(f->num, r->poly)) {
        offer(c, term_int(ctx, 0));
        return;
    }
    if (frac_push_factors(r, f->den, -1, &b, &e)) {
        size_t below = b.n;
        static const slong none[MAX_KERNELS] = {0};
        term expanded = frac_poly_term(r, f->num, none);
        if (vec_push(ctx, &b, expanded) && vec_push(ctx, &e, term_int(ctx, 1)))
            offer(c, term_powprod(ctx, b.at, e.at, (uint32_t)b.n));
        b.n = e.n = below;
        if (frac_push_factors(r, f->num, 1, &b, &e)) {
            /* numerators are read first */
            term_vec b2 = {0}, e2 = {0};
            bool ok = true;
            for (size_t i = below; i < b.n; i++)
                ok = ok && vec_push(ctx, &b2, b.at[i]) && vec_push(ctx, &e2, e.at[i]);
            for (size_t i = 0; i < below; i++)
                ok = ok && vec_push(ctx, &b2, b.at[i]) && vec_push(ctx, &e2, e.at[i]);
            if (ok) {
                offer(c, term_powprod(ctx, b2.at, e2.at, (uint32_t)b2.n));
                offer_flipped(c, &b2, &e2);
            }
            vec_clear(ctx, &b2);
            vec_clear(ctx, &e2);
        }
    }
    vec_clear(ctx, &b);
    vec_clear(ctx, &e);
}

/* ---- relations between kernels ----------------------------------------------------------------------------------- */

/* r^Q = base for a root whose base is a polynomial in the other kernels. true: something changed. */
bool frac_reduce_roots(frac_ring *r, frac *f)
{
    gradus_ctx *ctx = r->ctx;
    bool ok = true, changed = false;
    for (slong k = 0; ok && k < r->n; k++) {
        if (r->kernel[k].kind != KERNEL_ROOT)
            continue;
        term q = term_pow_int(ctx, r->kernel[k].unit, -1);
        long n;
        if (!q || !term_get_long(ctx, q, &n) || n < 2)
            continue;
        frac base;
        frac_init(r, &base);
        bool known = frac_from_term(r, &base, r->kernel[k].base) && fmpz_mpoly_degree_si(base.num, k, r->poly) <= 0 &&
                     fmpz_mpoly_degree_si(base.den, k, r->poly) <= 0;
        if (known && (fmpz_mpoly_degree_si(f->num, k, r->poly) >= n || fmpz_mpoly_degree_si(f->den, k, r->poly) >= n))
            changed = true;
        if (known)
            ok = frac_reduce_root(r, f, k, n, &base);
        frac_clear(r, &base);
    }
    return ok && changed && !fmpz_mpoly_is_zero(f->den, r->poly) && frac_cancel(r, f);
}

/* f^2 = one + sign*g^2 */
static const struct {
    fn_id f, g;
    int one, sign;
} squares[] = {
    {FN_sin, FN_cos, 1, -1},  {FN_cos, FN_sin, 1, -1},   {FN_cosh, FN_sinh, 1, 1}, {FN_sinh, FN_cosh, -1, 1},
    {FN_tanh, FN_sech, 1, -1}, {FN_sec, FN_tan, 1, 1},
};

static slong find_function(const frac_ring *r, fn_id f, term u)
{
    for (slong k = 0; k < r->n; k++) {
        term b = r->kernel[k].base;
        if (r->kernel[k].kind == KERNEL_PLAIN && term_is(r->ctx, b, OP_FN) && term_aux(r->ctx, b) == (uint32_t)f &&
            term_arg(r->ctx, b, 0) == u)
            return k;
    }
    return -1;
}

/* Exchanges squares one way and offers the result; each pair on its own copy. */
static void offer_squares(candidates *c, const frac_ring *r, const frac *f)
{
    for (slong k = 0; k < r->n; k++) {
        term b = r->kernel[k].base;
        if (r->kernel[k].kind != KERNEL_PLAIN || !term_is(r->ctx, b, OP_FN) || term_argc(r->ctx, b) != 1)
            continue;
        for (size_t s = 0; s < sizeof squares / sizeof squares[0]; s++) {
            slong g = squares[s].f == (fn_id)term_aux(r->ctx, b) ? find_function(r, squares[s].g, term_arg(r->ctx, b, 0)) : -1;
            if (g < 0)
                continue;
            frac copy;
            frac_init(r, &copy);
            fmpz_mpoly_t value;
            fmpz_mpoly_init(value, r->poly);
            fmpz_mpoly_gen(value, g, r->poly);
            fmpz_mpoly_pow_ui(value, value, 2, r->poly);
            if (squares[s].sign < 0)
                fmpz_mpoly_neg(value, value, r->poly);
            fmpz_mpoly_add_si(value, value, squares[s].one, r->poly);
            fmpz_mpoly_set(copy.num, f->num, r->poly);
            fmpz_mpoly_set(copy.den, f->den, r->poly);
            slong m;
            if (frac_reduce_power(r, copy.num, k, 2, value, NULL, &m) && frac_reduce_power(r, copy.den, k, 2, value, NULL, &m) &&
                !fmpz_mpoly_is_zero(copy.den, r->poly) && frac_cancel(r, &copy))
                offer_frac(c, r, &copy);
            fmpz_mpoly_clear(value, r->poly);
            frac_clear(r, &copy);
        }
    }
}

/* ---- folding -------------------------------------------------------------------------------------------------------
 * Note [Folding]
 * Let F(z) be named with a body of the form (a*K + c)/(d*K + g), K one kernel that contains z (an exponential, a
 * function) and a, c, d, g free of K. Where F(u) has a value, K = (g*F - c)/(a - d*F); this replaces every K in the
 * fraction, and common factors cancel: e^(-x)/(1 + e^(-x))^2 becomes S(x)*(1 - S(x)). The argument u is found by
 * matching K against the kernels that are there. The body's denominator must be proved nonzero: otherwise a form with
 * F(u) could have fewer points than the original.                                                                  */

/* Powers 0 and 1 of kernel k in p; false if there are others. */
static bool split_linear(const frac_ring *r, const fmpz_mpoly_t p, slong k, fmpz_mpoly_t p0, fmpz_mpoly_t p1)
{
    if (fmpz_mpoly_degree_si(p, k, r->poly) > 1)
        return false;
    slong var = k;
    ulong zero = 0, one = 1;
    fmpz_mpoly_get_coeff_vars_ui(p0, p, &var, &zero, 1, r->poly);
    fmpz_mpoly_get_coeff_vars_ui(p1, p, &var, &one, 1, r->poly);
    return true;
}

/* p with kernel k = top/bottom, times bottom^m where m is the degree of p in k. */
static bool substitute(const frac_ring *r, fmpz_mpoly_t out, const fmpz_mpoly_t p, slong k, const fmpz_mpoly_t top,
                       const fmpz_mpoly_t bottom, slong m)
{
    fmpz_mpoly_t c, q;
    fmpz_mpoly_init(c, r->poly);
    fmpz_mpoly_init(q, r->poly);
    fmpz_mpoly_zero(out, r->poly);
    bool ok = true;
    for (slong d = 0; ok && d <= m; d++) {
        slong var = k;
        ulong exponent = (ulong)d;
        fmpz_mpoly_get_coeff_vars_ui(c, p, &var, &exponent, 1, r->poly);
        if (fmpz_mpoly_is_zero(c, r->poly))
            continue;
        fmpz_mpoly_pow_ui(q, top, (ulong)d, r->poly);
        fmpz_mpoly_mul(c, c, q, r->poly);
        fmpz_mpoly_pow_ui(q, bottom, (ulong)(m - d), r->poly);
        fmpz_mpoly_mul(c, c, q, r->poly);
        fmpz_mpoly_add(out, out, c, r->poly);
        ok = fmpz_mpoly_length(out, r->poly) <= MAX_LENGTH;
    }
    fmpz_mpoly_clear(c, r->poly);
    fmpz_mpoly_clear(q, r->poly);
    return ok;
}

/* The fraction f with kernel k expressed by kernel s, whose value is the fraction body (in k). */
static bool exchange(const frac_ring *r, frac *f, const frac *body, slong k, slong s)
{
    fmpz_mpoly_t a, c, d, g, top, bottom, name;
    fmpz_mpoly_struct *const all[] = {a, c, d, g, top, bottom, name};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        fmpz_mpoly_init(all[i], r->poly);
    bool ok = split_linear(r, body->num, k, c, a) && split_linear(r, body->den, k, g, d);
    if (ok) {
        fmpz_mpoly_gen(name, s, r->poly);
        fmpz_mpoly_mul(top, g, name, r->poly);
        fmpz_mpoly_sub(top, top, c, r->poly);
        fmpz_mpoly_mul(bottom, d, name, r->poly);
        fmpz_mpoly_sub(bottom, a, bottom, r->poly);
        slong m = fmpz_mpoly_degree_si(f->num, k, r->poly), n = fmpz_mpoly_degree_si(f->den, k, r->poly);
        m = m > n ? m : n;
        ok = m > 0 && !fmpz_mpoly_is_zero(bottom, r->poly) && substitute(r, a, f->num, k, top, bottom, m) &&
             substitute(r, c, f->den, k, top, bottom, m) && !fmpz_mpoly_is_zero(c, r->poly);
    }
    if (ok) {
        fmpz_mpoly_swap(f->num, a, r->poly);
        fmpz_mpoly_swap(f->den, c, r->poly);
        ok = frac_cancel(r, f);
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        fmpz_mpoly_clear(all[i], r->poly);
    return ok;
}

/* The one kernel of ring r that contains z; -1 if there is none or several. */
static slong kernel_with(const frac_ring *r, term z)
{
    slong found = -1;
    for (slong k = 0; k < r->n; k++)
        if (term_occurs(r->ctx, r->kernel[k].base, z)) {
            if (found >= 0)
                return -1;
            found = k;
        }
    return found;
}

/* u with pattern kernel (in z) at z = u equal to kernel `have`: exponentials with exponent a*z, functions h(z). */
static term match_kernel(gradus_ctx *ctx, const kernel *pattern, const kernel *have, term z)
{
    if (pattern->kind != have->kind)
        return TERM_NONE;
    if (pattern->kind == KERNEL_EXP && pattern->base == z)
        return term_div(ctx, term_mul2(ctx, have->unit, have->base), pattern->unit);
    if (pattern->kind == KERNEL_PLAIN && term_is(ctx, pattern->base, OP_FN) && term_is(ctx, have->base, OP_FN) &&
        term_aux(ctx, pattern->base) == term_aux(ctx, have->base) && term_argc(ctx, have->base) == 1 &&
        term_arg(ctx, pattern->base, 0) == z)
        return term_arg(ctx, have->base, 0);
    return TERM_NONE;
}

/* Tries to name what kernel number k of t's fraction stands for by F(u) = body at z = u. */
static void offer_fold_at(candidates *c, term t, term name, term body)
{
    frac_ring r = {.ctx = c->ctx};
    if (!frac_collect(&r, t) || !frac_collect(&r, body))
        return;
    slong s = frac_add_kernel(&r, name, KERNEL_PLAIN, term_int(c->ctx, 1));
    if (s < 0)
        return;
    frac_open(&r);
    frac f, b;
    frac_init(&r, &f);
    frac_init(&r, &b);
    if (frac_from_term(&r, &f, t) && frac_from_term(&r, &b, body))
        for (slong k = 0; k < r.n; k++) {
            if (k == s || fmpz_mpoly_degree_si(b.num, k, r.poly) + fmpz_mpoly_degree_si(b.den, k, r.poly) <= 0)
                continue;
            frac copy;
            frac_init(&r, &copy);
            fmpz_mpoly_set(copy.num, f.num, r.poly);
            fmpz_mpoly_set(copy.den, f.den, r.poly);
            if (exchange(&r, &copy, &b, k, s))
                offer_frac(c, &r, &copy);
            frac_clear(&r, &copy);
        }
    frac_clear(&r, &b);
    frac_clear(&r, &f);
    frac_close(&r);
}

/* Has the body a value wherever its argument has one? Its fraction's denominators must never vanish. */
static bool is_total(gradus_ctx *ctx, term body)
{
    term_vec needs = {0};
    bool total = rule_harvest(ctx, body, &needs) && needs.n == 0;
    vec_clear(ctx, &needs);
    return total;
}

static void offer_folds_of(candidates *c, term t, term fsym)
{
    gradus_ctx *ctx = c->ctx;
    const sym_info *info = term_sym_info(ctx, fsym);
    if (info->rule_count != 1 || info->recursive)
        return;
    term body = term_unfold(ctx, info->rules[0].body), z = info->rules[0].index[0];
    if (!body || (term_get_flags(ctx, body) & TF_DERIV))
        return;
    if (info->rules[0].n == 0) { /* a named term: wherever it stands */
        offer(c, term_subst(ctx, t, &body, &fsym, 1));
        if (is_total(ctx, body))
            offer_fold_at(c, t, fsym, body);
        return;
    }
    if (info->role != ROLE_FUNCTION || info->rules[0].n != 1 || !is_total(ctx, body))
        return;
    frac_ring pattern = {.ctx = ctx}, have = {.ctx = ctx};
    if (!frac_collect(&pattern, body) || !frac_collect(&have, t))
        return;
    slong k = kernel_with(&pattern, z);
    for (slong i = 0; k >= 0 && i < have.n; i++) {
        term u = match_kernel(ctx, &pattern.kernel[k], &have.kernel[i], z);
        if (!u)
            continue;
        for (int turned = 0; turned < (pattern.kernel[k].kind == KERNEL_EXP ? 2 : 1); turned++) {
            term v = turned ? term_neg(ctx, u) : u; /* e^u is a power of e^(-u) as well */
            offer_fold_at(c, t, term_call(ctx, fsym, NULL, &v, 1), term_subst(ctx, body, &z, &v, 1));
        }
    }
}

/* ---- the whole ---------------------------------------------------------------------------------------------------------- */

enum { SIMPLIFY_SIZE = 150, SIMPLIFY_SEEN = 40 };

/* Is there anything a normal form could change? A single monomial is as short as it gets. */
static bool worth_it(gradus_ctx *ctx, term t)
{
    if (term_size(ctx, t) > SIMPLIFY_SIZE)
        return false;
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3)
        t = term_is_int(ctx, term_arg(ctx, t, 0), 0) ? term_arg(ctx, t, 2) : t;
    if (term_is(ctx, t, OP_ADD))
        return true;
    if (!term_is(ctx, t, OP_MUL))
        return false;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2)
        if (term_is(ctx, term_arg(ctx, t, i), OP_ADD))
            return true;
    return false;
}

term simplify_arithmetic(gradus_ctx *ctx, term t, const term *seen, uint32_t n)
{
    if (!t || !worth_it(ctx, t))
        return t;
    candidates c = {.ctx = ctx, .best = t, .seen = seen, .n_seen = n};
    frac_ring r = {.ctx = ctx};
    if (!frac_collect(&r, t))
        return t;
    c.cost = cost_of_term(ctx, t, seen, n);
    frac_open(&r);
    frac f;
    frac_init(&r, &f);
    if (frac_from_term(&r, &f, t)) {
        frac_rank(&r, t);
        offer_frac(&c, &r, &f);
        if (frac_reduce_roots(&r, &f))
            offer_frac(&c, &r, &f);
        offer_squares(&c, &r, &f);
    }
    frac_clear(&r, &f);
    frac_close(&r);
    return c.best;
}

term simplify_fold(gradus_ctx *ctx, term t, const term *names, uint32_t n_names, const term *seen, uint32_t n, term *used)
{
    *used = TERM_NONE;
    if (!t || term_size(ctx, t) > SIMPLIFY_SIZE)
        return t;
    candidates c = {.ctx = ctx, .best = t, .seen = seen, .n_seen = n};
    c.cost = cost_of_term(ctx, t, seen, n);
    for (uint32_t i = 0; i < n_names; i++) {
        term before = c.best;
        if (term_sym_info(ctx, names[i])->rule_count)
            offer_folds_of(&c, t, names[i]);
        if (c.best != before)
            *used = names[i];
    }
    return c.best;
}
