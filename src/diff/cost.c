/* cost: what a reader pays for a term. Small numbers, chosen so that the usual textbook forms win:
 *   leaf 1; a sum or product of n entries n - 1; a coefficient 2 (a fraction 2.6); an exponent 2.1 (a half 1.2, another
 *   fraction 3.2), 0.3 more below a fraction bar and 1.7 for a bare reciprocal; a function 4 and its arguments, but 1 if
 *   the same application stands in the original; a sum as a factor -0.1 (of two equal forms the product), a sum straight inside a sum 0.4.           */
#include "diff/fraction.h"

static double cost_of_exponent(gradus_ctx *ctx, term x)
{
    const fmpq *q = term_num(ctx, x);
    double c = 0;
    bool whole = fmpz_is_one(fmpq_denref(q));
    if (!term_is_int(ctx, x, 1) && !term_is_int(ctx, x, -1))
        c = whole ? 2.1 : fmpz_cmp_si(fmpq_denref(q), 2) == 0 ? 1.2 : 3.2;
    return fmpq_sgn(q) < 0 ? c + 0.3 : c;
}

static double cost_of_coefficient(gradus_ctx *ctx, term k)
{
    if (term_is_int(ctx, k, 1))
        return 0;
    if (term_is_int(ctx, k, -1))
        return 0.5;
    return (fmpz_is_one(fmpq_denref(term_num(ctx, k))) ? 2 : 2.6) + (term_num_sign(ctx, k) < 0 ? 0.6 : 0);
}

static bool is_member(const term *list, uint32_t n, term t)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == t)
            return true;
    return false;
}

typedef struct pricing {
    gradus_ctx *ctx;
    const term *seen;
    uint32_t n;
    term_vec nodes;
    VEC(double) cost;
} pricing;

static double price_of(const pricing *p, term t)
{
    size_t lo = 0, hi = p->nodes.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (p->nodes.at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return p->cost.at[lo];
}

static double price_arguments(const pricing *p, term t)
{
    double c = 0;
    for (uint32_t i = 0; i < term_argc(p->ctx, t); i++)
        c += price_of(p, term_arg(p->ctx, t, i));
    return c;
}

static double price_sum(const pricing *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    double c = (n - 1) / 2 - 1 + (term_is_int(ctx, a[0], 0) ? 0 : 2);
    if (n == 3 && term_is_int(ctx, a[0], 0) && term_is_int(ctx, a[1], -1))
        return price_of(p, a[2]) + 0.6; /* a minus in front of everything, rather inside */
    for (uint32_t i = 1; i < n; i += 2)
        c += cost_of_coefficient(ctx, a[i]) + price_of(p, a[i + 1]) + (term_is(ctx, a[i + 1], OP_ADD) ? 0.4 : 0);
    return c;
}

static double price_product(const pricing *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    double c = n / 2 - 1;
    bool above = false;
    for (uint32_t i = 0; i < n; i += 2) {
        above |= term_num_sign(ctx, a[i + 1]) > 0;
        c += price_of(p, a[i]) + cost_of_exponent(ctx, a[i + 1]) + (term_is(ctx, a[i], OP_ADD) ? -0.1 : 0);
    }
    return above ? c : c + 1.7;
}

static double price_node(const pricing *p, term t)
{
    gradus_ctx *ctx = p->ctx;
    if (is_member(p->seen, p->n, t))
        return 1 + 0.2 * price_arguments(p, t);
    switch (term_get_op(ctx, t)) {
    case OP_ADD: return price_sum(p, t);
    case OP_MUL: return price_product(p, t);
    case OP_POW: return 1 + price_arguments(p, t);
    case OP_FN: return (is_member(p->seen, p->n, t) ? 1 : 4) + price_arguments(p, t);
    case OP_CALL: return 1 + price_arguments(p, t) - 1 - (term_argc(ctx, t) - 1) / 2;
    case OP_ACC: return 1 + 0.2 * price_arguments(p, t);
    default: return 1 + price_arguments(p, t);
    }
}

double cost_of_term(gradus_ctx *ctx, term t, const term *seen, uint32_t n)
{
    pricing p = {.ctx = ctx, .seen = seen, .n = n};
    double c = 1e300;
    if (t && term_reachable(ctx, &t, 1, &p.nodes) && vec_reserve(ctx, &p.cost, p.nodes.n)) {
        for (size_t i = 0; i < p.nodes.n; i++)
            p.cost.at[p.cost.n++] = price_node(&p, p.nodes.at[i]);
        c = p.cost.at[p.nodes.n - 1];
    }
    vec_clear(ctx, &p.nodes);
    vec_clear(ctx, &p.cost);
    return c;
}
