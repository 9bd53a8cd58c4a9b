/* fraction: rational normal form over kernels. See fraction.h. */
#include "diff/fraction.h"

/* ---- kernels ------------------------------------------------------------------------------------------------- */

void frac_close(frac_ring *r)
{
    if (!r->live)
        return;
    for (slong i = 0; i < r->n_factors; i++)
        fmpz_mpoly_clear(r->factor[i], r->poly);
    fmpz_mpoly_ctx_clear(r->poly);
    r->n_factors = 0;
    r->live = false;
}

void frac_open(frac_ring *r)
{
    fmpz_mpoly_ctx_init(r->poly, r->n ? r->n : 1, ORD_LEX);
    r->live = true;
}

static slong find_kernel(const frac_ring *r, term base, kernel_kind kind)
{
    for (slong i = 0; i < r->n; i++)
        if (r->kernel[i].base == base && r->kernel[i].kind == kind)
            return i;
    return -1;
}

/* gcd of two positive rationals as NUM. */
static term num_gcd(gradus_ctx *ctx, term a, term b)
{
    fmpq_t g;
    fmpq_init(g);
    fmpq_gcd(g, term_num(ctx, a), term_num(ctx, b));
    if (term_num_sign(ctx, a) < 0)
        fmpq_neg(g, g);
    term r = term_from_fmpq(ctx, g);
    fmpq_clear(g);
    return r;
}

slong frac_add_kernel(frac_ring *r, term base, kernel_kind kind, term unit)
{
    slong i = find_kernel(r, base, kind);
    if (!base || !unit)
        return -1;
    if (i >= 0) {
        r->kernel[i].unit = num_gcd(r->ctx, r->kernel[i].unit, unit); /* keeps the sign of the first */
        return i;
    }
    if (r->n == MAX_KERNELS)
        return -1;
    r->kernel[r->n] = (kernel){base, unit, kind};
    return r->n++;
}

/* exp(c0 + k1*t1 + ...) is a product of powers of exp(t1), ...; exp(c0) is a power of e. */
static bool collect_exponent(frac_ring *r, term u)
{
    gradus_ctx *ctx = r->ctx;
    term one = term_int(ctx, 1);
    if (!term_is(ctx, u, OP_ADD))
        return frac_add_kernel(r, u, KERNEL_EXP, one) >= 0;
    if (!term_is_int(ctx, term_arg(ctx, u, 0), 0) && frac_add_kernel(r, one, KERNEL_EXP, term_arg(ctx, u, 0)) < 0)
        return false;
    for (uint32_t i = 1; i < term_argc(ctx, u); i += 2)
        if (frac_add_kernel(r, term_arg(ctx, u, i + 1), KERNEL_EXP, term_arg(ctx, u, i)) < 0)
            return false;
    return true;
}

static bool is_exp(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_FN) && term_aux(ctx, t) == FN_exp; }

static bool small_power(gradus_ctx *ctx, term x)
{
    long n;
    return term_get_long(ctx, x, &n) && labs(n) <= MAX_POWER;
}

/* Pushes what stands below t in the arithmetic; kernels are noted. */
static bool collect_node(frac_ring *r, term t, term_vec *todo)
{
    gradus_ctx *ctx = r->ctx;
    switch (term_get_op(ctx, t)) {
    case OP_NUM: return true;
    case OP_ADD:
        for (uint32_t i = term_argc(ctx, t); i > 1; i -= 2) /* backwards: the first is taken from the stack first */
            if (!vec_push(ctx, todo, term_arg(ctx, t, i - 1)))
                return false;
        return true;
    case OP_MUL:
        for (uint32_t i = term_argc(ctx, t); (i -= 2) < term_argc(ctx, t);) {
            term b = term_arg(ctx, t, i), x = term_arg(ctx, t, i + 1);
            if (small_power(ctx, x)) {
                if (!vec_push(ctx, todo, b))
                    return false;
                continue;
            }
            fmpq_t q;
            fmpq_init(q);
            fmpz_set(fmpq_denref(q), fmpq_denref(term_num(ctx, x)));
            fmpz_one(fmpq_numref(q));
            term unit = term_from_fmpq(ctx, q);
            bool small = fmpz_cmp_si(fmpq_denref(q), 12) <= 0 && fmpz_cmpabs(fmpq_numref(term_num(ctx, x)), (fmpz[]){MAX_POWER}) <= 0;
            fmpq_clear(q);
            if (!small || frac_add_kernel(r, b, KERNEL_ROOT, unit) < 0)
                return false;
            if (term_is(ctx, b, OP_ADD) && !vec_push(ctx, todo, b)) /* what the root's base consists of */
                return false;
        }
        return true;
    case OP_BRACKET: case OP_CASES: case OP_UNDEF: return false;
    case OP_FN:
        if (is_exp(ctx, t))
            return collect_exponent(r, term_arg(ctx, t, 0));
        return frac_add_kernel(r, t, KERNEL_PLAIN, term_int(ctx, 1)) >= 0;
    default: return frac_add_kernel(r, t, KERNEL_PLAIN, term_int(ctx, 1)) >= 0;
    }
}

bool frac_collect(frac_ring *r, term t)
{
    term_vec todo = {0};
    bool ok = t && term_size(r->ctx, t) <= 600 && vec_push(r->ctx, &todo, t);
    while (ok && todo.n) {
        term u = todo.at[--todo.n];
        ok = collect_node(r, u, &todo) && todo.n < 400;
    }
    vec_clear(r->ctx, &todo);
    return ok;
}

term frac_kernel_term(const frac_ring *r, slong k)
{
    const kernel *g = &r->kernel[k];
    switch (g->kind) {
    case KERNEL_EXP: return term_apply1(r->ctx, FN_exp, term_mul2(r->ctx, g->unit, g->base));
    case KERNEL_ROOT: return term_pow(r->ctx, g->base, g->unit);
    default: return g->base;
    }
}

/* ---- arithmetic ----------------------------------------------------------------------------------------------- */

void frac_init(const frac_ring *r, frac *f)
{
    fmpz_mpoly_init(f->num, r->poly);
    fmpz_mpoly_init(f->den, r->poly);
    fmpz_mpoly_one(f->den, r->poly);
}

void frac_clear(const frac_ring *r, frac *f)
{
    fmpz_mpoly_clear(f->num, r->poly);
    fmpz_mpoly_clear(f->den, r->poly);
}

static bool fits(const frac_ring *r, const frac *f)
{
    return fmpz_mpoly_length(f->num, r->poly) <= MAX_LENGTH && fmpz_mpoly_length(f->den, r->poly) <= MAX_LENGTH;
}

bool frac_cancel(const frac_ring *r, frac *f)
{
    if (!fits(r, f))
        return false;
    fmpz_mpoly_t g;
    fmpz_mpoly_init(g, r->poly);
    bool ok = fmpz_mpoly_gcd(g, f->num, f->den, r->poly) != 0;
    if (ok && !fmpz_mpoly_is_one(g, r->poly) && !fmpz_mpoly_is_zero(g, r->poly)) {
        fmpz_mpoly_divides(f->num, f->num, g, r->poly);
        fmpz_mpoly_divides(f->den, f->den, g, r->poly);
    }
    if (ok && fmpz_mpoly_length(f->den, r->poly) > 0 && fmpz_sgn(f->den->coeffs) < 0) {
        fmpz_mpoly_neg(f->num, f->num, r->poly);
        fmpz_mpoly_neg(f->den, f->den, r->poly);
    }
    fmpz_mpoly_clear(g, r->poly);
    return ok;
}

/* a += b */
static bool frac_add(const frac_ring *r, frac *a, const frac *b)
{
    fmpz_mpoly_t g, u, v;
    fmpz_mpoly_init(g, r->poly);
    fmpz_mpoly_init(u, r->poly);
    fmpz_mpoly_init(v, r->poly);
    bool ok = fmpz_mpoly_gcd(g, a->den, b->den, r->poly) != 0;
    if (ok) {
        fmpz_mpoly_divides(u, a->den, g, r->poly);
        fmpz_mpoly_divides(v, b->den, g, r->poly);
        fmpz_mpoly_mul(a->num, a->num, v, r->poly);
        fmpz_mpoly_mul(a->den, a->den, v, r->poly);
        fmpz_mpoly_mul(u, u, b->num, r->poly);
        fmpz_mpoly_add(a->num, a->num, u, r->poly);
    }
    fmpz_mpoly_clear(g, r->poly);
    fmpz_mpoly_clear(u, r->poly);
    fmpz_mpoly_clear(v, r->poly);
    return ok && fits(r, a);
}

/* a *= b^n */
static bool frac_mul_power(const frac_ring *r, frac *a, const frac *b, long n)
{
    const fmpz_mpoly_struct *up = n >= 0 ? b->num : b->den, *down = n >= 0 ? b->den : b->num;
    ulong m = (ulong)labs(n);
    if (fmpz_mpoly_length(up, r->poly) * (slong)m > 4 * MAX_LENGTH || fmpz_mpoly_length(down, r->poly) * (slong)m > 4 * MAX_LENGTH ||
        fmpz_mpoly_is_zero(down, r->poly))
        return false;
    fmpz_mpoly_t p;
    fmpz_mpoly_init(p, r->poly);
    bool ok = fmpz_mpoly_pow_ui(p, up, m, r->poly) != 0;
    if (ok)
        fmpz_mpoly_mul(a->num, a->num, p, r->poly);
    ok = ok && fmpz_mpoly_pow_ui(p, down, m, r->poly) != 0;
    if (ok)
        fmpz_mpoly_mul(a->den, a->den, p, r->poly);
    fmpz_mpoly_clear(p, r->poly);
    return ok && fits(r, a);
}

static void frac_scale(const frac_ring *r, frac *a, const fmpq *q)
{
    fmpz_mpoly_scalar_mul_fmpz(a->num, a->num, fmpq_numref(q), r->poly);
    fmpz_mpoly_scalar_mul_fmpz(a->den, a->den, fmpq_denref(q), r->poly);
}

/* a *= kernel^n */
static bool frac_mul_kernel(const frac_ring *r, frac *a, slong k, long n)
{
    if (labs(n) > MAX_POWER)
        return false;
    fmpz_mpoly_t p;
    fmpz_mpoly_init(p, r->poly);
    fmpz_mpoly_gen(p, k, r->poly);
    fmpz_mpoly_pow_ui(p, p, (ulong)labs(n), r->poly);
    fmpz_mpoly_struct *side = n >= 0 ? a->num : a->den;
    fmpz_mpoly_mul(side, side, p, r->poly);
    fmpz_mpoly_clear(p, r->poly);
    return true;
}

/* x/unit, which must be a whole number of moderate size. */
static bool whole_quotient(gradus_ctx *ctx, term x, term unit, long *n)
{
    term q = term_div(ctx, x, unit);
    return q && term_get_long(ctx, q, n) && labs(*n) <= MAX_POWER;
}

static bool mul_exponential(const frac_ring *r, frac *a, term u)
{
    gradus_ctx *ctx = r->ctx;
    term one = term_int(ctx, 1);
    bool sum = term_is(ctx, u, OP_ADD);
    uint32_t n = sum ? term_argc(ctx, u) : 3;
    for (uint32_t i = sum ? 0 : 1; i < n; i = i == 0 ? 1 : i + 2) {
        term k = !sum ? one : term_arg(ctx, u, i), base = i == 0 ? one : sum ? term_arg(ctx, u, i + 1) : u;
        if (i == 0 && term_is_int(ctx, k, 0))
            continue;
        slong g = find_kernel(r, base, KERNEL_EXP);
        long m;
        if (g < 0 || !whole_quotient(ctx, k, r->kernel[g].unit, &m) || !frac_mul_kernel(r, a, g, m))
            return false;
    }
    return true;
}

/* ---- terms to fractions: arithmetic nodes in ascending order ----------------------------------------------------- */

typedef struct conversion {
    const frac_ring *r;
    term_vec nodes;
    frac *at;
} conversion;

static bool is_arithmetic(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_ADD) || term_is(ctx, t, OP_MUL); }

static bool collect_arithmetic(gradus_ctx *ctx, term root, term_vec *out)
{
    if (!vec_push(ctx, out, root))
        return false;
    for (size_t i = 0; i < out->n; i++) {
        term t = out->at[i];
        bool product = term_is(ctx, t, OP_MUL);
        for (uint32_t k = product ? 0 : 2; is_arithmetic(ctx, t) && k < term_argc(ctx, t); k += 2) {
            term a = term_arg(ctx, t, k);
            bool known = !is_arithmetic(ctx, a) || (product && !small_power(ctx, term_arg(ctx, t, k + 1)));
            for (size_t j = 0; j < out->n && !known; j++)
                known = out->at[j] == a;
            if (!known && (out->n >= 200 || !vec_push(ctx, out, a)))
                return false;
        }
    }
    for (size_t i = 1; i < out->n; i++) /* insertion sort: few nodes */
        for (size_t j = i; j > 0 && out->at[j - 1] > out->at[j]; j--) {
            term swap = out->at[j];
            out->at[j] = out->at[j - 1];
            out->at[j - 1] = swap;
        }
    return true;
}

static bool mul_entry(const conversion *c, frac *a, term b, long n)
{
    const frac_ring *r = c->r;
    gradus_ctx *ctx = r->ctx;
    if (term_is_num(ctx, b)) {
        fmpq_t q;
        fmpq_init(q);
        bool ok = !(n < 0 && fmpq_is_zero(term_num(ctx, b)));
        if (ok) {
            fmpq_pow_si(q, term_num(ctx, b), n);
            frac_scale(r, a, q);
        }
        fmpq_clear(q);
        return ok;
    }
    if (is_arithmetic(ctx, b)) {
        for (size_t i = 0; i < c->nodes.n; i++)
            if (c->nodes.at[i] == b)
                return frac_mul_power(r, a, &c->at[i], n);
        return false;
    }
    if (is_exp(ctx, b)) {
        term u = n == 1 ? term_arg(ctx, b, 0) : term_mul2(ctx, term_int(ctx, n), term_arg(ctx, b, 0));
        return mul_exponential(r, a, u);
    }
    slong k = find_kernel(r, b, KERNEL_PLAIN);
    return k >= 0 && frac_mul_kernel(r, a, k, n);
}

static bool convert_product(const conversion *c, frac *a, term t)
{
    const frac_ring *r = c->r;
    gradus_ctx *ctx = r->ctx;
    fmpz_mpoly_one(a->num, r->poly);
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i), x = term_arg(ctx, t, i + 1);
        long n;
        if (small_power(ctx, x)) {
            term_get_long(ctx, x, &n);
            if (!mul_entry(c, a, b, n))
                return false;
            continue;
        }
        slong k = find_kernel(r, b, KERNEL_ROOT);
        if (k < 0 || !whole_quotient(ctx, x, r->kernel[k].unit, &n) || !frac_mul_kernel(r, a, k, n))
            return false;
    }
    return true;
}

static bool convert_sum(const conversion *c, frac *a, term t)
{
    const frac_ring *r = c->r;
    gradus_ctx *ctx = r->ctx;
    fmpz_mpoly_one(a->num, r->poly);
    frac_scale(r, a, term_num(ctx, term_arg(ctx, t, 0)));
    bool ok = true;
    for (uint32_t i = 1; ok && i < term_argc(ctx, t); i += 2) {
        frac x;
        frac_init(r, &x);
        fmpz_mpoly_one(x.num, r->poly);
        frac_scale(r, &x, term_num(ctx, term_arg(ctx, t, i)));
        ok = mul_entry(c, &x, term_arg(ctx, t, i + 1), 1) && frac_add(r, a, &x);
        frac_clear(r, &x);
    }
    return ok && frac_cancel(r, a);
}

/* Keeps p (primitive, of several terms) as a divisor to be tried. */
static void keep_factor(frac_ring *r, const frac *f)
{
    if (r->n_factors == MAX_FACTORS || fmpz_mpoly_length(f->num, r->poly) < 2 || !fmpz_mpoly_is_one(f->den, r->poly))
        return;
    for (slong i = 0; i < r->n_factors; i++)
        if (fmpz_mpoly_equal(r->factor[i], f->num, r->poly))
            return;
    fmpz_mpoly_struct *p = r->factor[r->n_factors++];
    fmpz_mpoly_init(p, r->poly);
    fmpz_mpoly_set(p, f->num, r->poly);
}

bool frac_from_term(frac_ring *r, frac *f, term t)
{
    gradus_ctx *ctx = r->ctx;
    conversion c = {.r = r};
    bool ok = collect_arithmetic(ctx, t, &c.nodes);
    size_t bytes = c.nodes.n * sizeof *c.at, made = 0;
    c.at = ok ? ctx_realloc(ctx, NULL, 0, bytes) : NULL;
    ok = c.at != NULL;
    for (size_t i = 0; ok && i < c.nodes.n; i++) {
        term u = c.nodes.at[i];
        frac_init(r, &c.at[made++]);
        if (term_is(ctx, u, OP_ADD))
            ok = convert_sum(&c, &c.at[i], u);
        else if (term_is(ctx, u, OP_MUL))
            ok = convert_product(&c, &c.at[i], u);
        else {
            fmpz_mpoly_one(c.at[i].num, r->poly);
            ok = mul_entry(&c, &c.at[i], u, 1);
        }
    }
    for (size_t i = 0; ok && i + 1 < c.nodes.n; i++)
        if (term_is(ctx, c.nodes.at[i], OP_ADD))
            keep_factor(r, &c.at[i]);
    if (ok) {
        fmpz_mpoly_set(f->num, c.at[c.nodes.n - 1].num, r->poly);
        fmpz_mpoly_set(f->den, c.at[c.nodes.n - 1].den, r->poly);
    }
    for (size_t i = 0; i < made; i++)
        frac_clear(r, &c.at[i]);
    if (c.at)
        ctx_realloc(ctx, c.at, bytes, 0);
    vec_clear(ctx, &c.nodes);
    return ok && frac_cancel(r, f);
}

/* p *= base^n within bounds. */
static bool mul_by_power(const frac_ring *r, fmpz_mpoly_t p, const fmpz_mpoly_struct *base, slong n)
{
    if (n <= 0 || !base)
        return true;
    fmpz_mpoly_t q;
    fmpz_mpoly_init(q, r->poly);
    bool ok = fmpz_mpoly_length(base, r->poly) * n <= 4 * MAX_LENGTH && fmpz_mpoly_pow_ui(q, base, (ulong)n, r->poly) != 0;
    if (ok)
        fmpz_mpoly_mul(p, p, q, r->poly);
    fmpz_mpoly_clear(q, r->poly);
    return ok && fmpz_mpoly_length(p, r->poly) <= MAX_LENGTH;
}

bool frac_reduce_power(const frac_ring *r, fmpz_mpoly_t p, slong k, slong q, const fmpz_mpoly_struct *top,
                       const fmpz_mpoly_struct *bottom, slong *m)
{
    slong degree = fmpz_mpoly_degree_si(p, k, r->poly);
    *m = degree < q ? 0 : degree / q;
    if (degree < q)
        return true;
    fmpz_mpoly_t sum, c, g;
    fmpz_mpoly_init(sum, r->poly);
    fmpz_mpoly_init(c, r->poly);
    fmpz_mpoly_init(g, r->poly);
    bool ok = true;
    for (slong d = 0; ok && d <= degree; d++) {
        slong var = k;
        ulong exponent = (ulong)d;
        fmpz_mpoly_get_coeff_vars_ui(c, p, &var, &exponent, 1, r->poly);
        if (fmpz_mpoly_is_zero(c, r->poly))
            continue;
        fmpz_mpoly_gen(g, k, r->poly);
        ok = mul_by_power(r, c, g, d % q) && mul_by_power(r, c, top, d / q) && mul_by_power(r, c, bottom, *m - d / q);
        if (ok)
            fmpz_mpoly_add(sum, sum, c, r->poly);
    }
    if (ok)
        fmpz_mpoly_swap(p, sum, r->poly);
    fmpz_mpoly_clear(sum, r->poly);
    fmpz_mpoly_clear(c, r->poly);
    fmpz_mpoly_clear(g, r->poly);
    return ok;
}

bool frac_reduce_root(const frac_ring *r, frac *f, slong k, slong q, const frac *base)
{
    slong up, down;
    const fmpz_mpoly_struct *bottom = fmpz_mpoly_is_one(base->den, r->poly) ? NULL : base->den;
    return frac_reduce_power(r, f->num, k, q, base->num, bottom, &up) &&
           frac_reduce_power(r, f->den, k, q, base->num, bottom, &down) && mul_by_power(r, f->den, bottom, up) &&
           mul_by_power(r, f->num, bottom, down);
}

/* ---- back to terms ---------------------------------------------------------------------------------------------------- */

static term monomial_term(const frac_ring *r, const slong *exp)
{
    term b[MAX_KERNELS], e[MAX_KERNELS];
    uint32_t n = 0;
    for (slong k = 0; k < r->n; k++)
        if (exp[k]) {
            b[n] = frac_kernel_term(r, k);
            e[n++] = term_int(r->ctx, exp[k]);
        }
    return term_powprod(r->ctx, b, e, n);
}

static term coefficient_term(const frac_ring *r, const fmpz_t c)
{
    fmpq_t q;
    fmpq_init(q);
    fmpq_set_fmpz(q, c);
    term t = term_from_fmpq(r->ctx, q);
    fmpq_clear(q);
    return t;
}

/* Place of the monomial in the remembered order, MAX_RANKS if it is not there. */
static slong rank_of(const frac_ring *r, const slong *exp, const slong *shift)
{
    for (slong i = 0; i < r->n_ranks; i++) {
        bool same = true;
        for (slong k = 0; same && k < r->n; k++)
            same = r->rank[i][k] == exp[k] + shift[k];
        if (same)
            return i;
    }
    return MAX_RANKS;
}

void frac_rank(frac_ring *r, term t)
{
    gradus_ctx *ctx = r->ctx;
    r->n_ranks = 0;
    if (!term_is(ctx, t, OP_ADD))
        return;
    slong found = 0;
    for (uint32_t i = 1; i < term_argc(ctx, t) && found < MAX_RANKS; i += 2) {
        frac f;
        frac_init(r, &f);
        bool plain = frac_from_term(r, &f, term_arg(ctx, t, i + 1)) && fmpz_mpoly_is_fmpz(f.den, r->poly);
        for (slong k = 0; plain && k < fmpz_mpoly_length(f.num, r->poly) && found < MAX_RANKS; k++)
            fmpz_mpoly_get_term_exp_si(r->rank[found++], f.num, k, r->poly);
        frac_clear(r, &f);
        if (!plain)
            return;
    }
    r->n_ranks = found;
}

/* Terms of p in the order to be shown: remembered ones, then by sign (1 - x reads better than -x + 1). */
static void show_order(const frac_ring *r, const fmpz_mpoly_t p, const slong *shift, slong *order)
{
    slong n = fmpz_mpoly_length(p, r->poly), key[MAX_LENGTH + 1], exp[MAX_KERNELS] = {0};
    for (slong i = 0; i < n; i++) {
        fmpz_mpoly_get_term_exp_si(exp, p, i, r->poly);
        bool ranked = shift && r->n_ranks;
        key[i] = ranked ? rank_of(r, exp, shift) : fmpz_sgn(p->coeffs + i) < 0;
        slong j = i;
        for (; j > 0 && key[order[j - 1]] > key[i]; j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
}

term frac_poly_term(const frac_ring *r, const fmpz_mpoly_t p, const slong *shift)
{
    gradus_ctx *ctx = r->ctx;
    term_vec k = {0}, t = {0};
    fmpz_t c;
    fmpz_init(c);
    slong exp[MAX_KERNELS] = {0}, order[MAX_LENGTH + 1], n = fmpz_mpoly_length(p, r->poly);
    bool ok = n <= MAX_LENGTH;
    if (ok)
        show_order(r, p, shift, order);
    for (slong i = 0; ok && i < n; i++) {
        fmpz_mpoly_get_term_coeff_fmpz(c, p, order[i], r->poly);
        fmpz_mpoly_get_term_exp_si(exp, p, order[i], r->poly);
        ok = vec_push(ctx, &k, coefficient_term(r, c)) && vec_push(ctx, &t, monomial_term(r, exp));
    }
    term result = ok ? term_lincomb(ctx, k.at, t.at, (uint32_t)t.n) : TERM_NONE;
    fmpz_clear(c);
    vec_clear(ctx, &k);
    vec_clear(ctx, &t);
    return result;
}

static bool push_pair(gradus_ctx *ctx, term_vec *b, term_vec *e, term base, slong exponent)
{
    return exponent == 0 || (vec_push(ctx, b, base) && vec_push(ctx, e, term_int(ctx, exponent)));
}

/* The one term of p: its coefficient and kernels. */
static bool push_monomial(const frac_ring *r, const fmpz_mpoly_t p, long sign, term_vec *b, term_vec *e)
{
    fmpz_t c;
    slong exp[MAX_KERNELS] = {0};
    fmpz_init(c);
    fmpz_mpoly_get_term_coeff_fmpz(c, p, 0, r->poly);
    fmpz_mpoly_get_term_exp_si(exp, p, 0, r->poly);
    bool ok = fmpz_is_one(c) || push_pair(r->ctx, b, e, coefficient_term(r, c), sign);
    for (slong k = 0; ok && k < r->n; k++)
        ok = exp[k] == 0 || push_pair(r->ctx, b, e, frac_kernel_term(r, k), sign * exp[k]);
    fmpz_clear(c);
    return ok;
}

bool frac_push_factors(const frac_ring *r, const fmpz_mpoly_t p, long sign, term_vec *b, term_vec *e)
{
    fmpz_mpoly_t rest, q;
    fmpz_mpoly_init(rest, r->poly);
    fmpz_mpoly_init(q, r->poly);
    fmpz_mpoly_term_content(q, p, r->poly);
    slong shift[MAX_KERNELS] = {0};
    if (fmpz_mpoly_length(q, r->poly) > 0)
        fmpz_mpoly_get_term_exp_si(shift, q, 0, r->poly);
    bool divided = false, ok = push_monomial(r, q, sign, b, e) && fmpz_mpoly_divides(rest, p, q, r->poly);
    for (slong i = 0; ok && i < r->n_factors; i++) {
        slong n = 0;
        while (!fmpz_mpoly_is_fmpz(rest, r->poly) && fmpz_mpoly_divides(q, rest, r->factor[i], r->poly)) {
            fmpz_mpoly_swap(rest, q, r->poly);
            n++;
        }
        ok = n == 0 || push_pair(r->ctx, b, e, frac_poly_term(r, r->factor[i], NULL), sign * n);
        divided |= n > 0;
    }
    if (ok && !fmpz_mpoly_is_one(rest, r->poly))
        ok = push_pair(r->ctx, b, e, frac_poly_term(r, rest, divided ? NULL : shift), sign);
    fmpz_mpoly_clear(rest, r->poly);
    fmpz_mpoly_clear(q, r->poly);
    return ok;
}
