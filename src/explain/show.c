/* show: terms as a person writes them on a board. Nothing here changes a value.
 *
 * Records hold raw terms as the rules leave them: products of products, sums with + 0, exponents -1 - 1. A
 * line is made flat from its parts upwards; the open derivatives in it are left alone, because they are
 * looked up by handle. */
#include "explain/explain_impl.h"

/* ---- flat sums and products ---------------------------------------------------------------------- */

typedef struct flattener {
    gradus_ctx *ctx;
    term_vec node, flat; /* node ascending */
    term_vec a, b;       /* entries of the node in work */
} flattener;

static term flat_of(const flattener *f, term t)
{
    size_t lo = 0, hi = f->flat.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->node.at[mid] < t) lo = mid + 1;
        else hi = mid;
    }
    return lo < f->flat.n && f->node.at[lo] == t ? f->flat.at[lo] : t;
}

/* Does product t read as a product, not as a fraction? */
static bool is_plain_product(gradus_ctx *ctx, term t)
{
    if (!term_is(ctx, t, OP_MUL)) return false;
    for (uint32_t i = 1; i < term_argc(ctx, t); i += 2)
        if (term_num_sign(ctx, term_arg(ctx, t, i)) < 0) return false;
    return true;
}

static bool put(flattener *f, term b, term e)
{
    return vec_push(f->ctx, &f->a, b) && vec_push(f->ctx, &f->b, e);
}

/* The entries of a factor b^1 that is a product itself. Behind another factor 2*x keeps its brackets:
 * cos(x^2)*(2*x). */
static bool put_factor(flattener *f, term b, term e, bool first)
{
    gradus_ctx *ctx = f->ctx;
    if (!term_is_int(ctx, e, 1)) return put(f, b, e);
    if (is_plain_product(ctx, b) && (first || !term_is_num(ctx, term_arg(ctx, b, 0)))) {
        bool ok = true;
        for (uint32_t i = 0; ok && i < term_argc(ctx, b); i += 2)
            ok = put(f, term_arg(ctx, b, i), term_arg(ctx, b, i + 1));
        return ok;
    }
    bool scaled = term_is(ctx, b, OP_ADD) && term_argc(ctx, b) == 3 &&
                  term_is_int(ctx, term_arg(ctx, b, 0), 0) && !(term_get_flags(ctx, b) & TF_RAW);
    if (scaled) {
        term k = term_arg(ctx, b, 1), t = term_arg(ctx, b, 2);
        bool whole = fmpz_is_one(fmpq_denref(term_num(ctx, k)));
        if (whole && first && is_plain_product(ctx, t)) {
            bool ok = put(f, k, e);
            for (uint32_t i = 0; ok && i < term_argc(ctx, t); i += 2)
                ok = put(f, term_arg(ctx, t, i), term_arg(ctx, t, i + 1));
            return ok;
        }
        if (whole && first && !term_is(ctx, t, OP_MUL)) return put(f, k, e) && put(f, t, e);
    }
    return put(f, b, e);
}

static term flat_product(flattener *f, term t)
{
    gradus_ctx *ctx = f->ctx;
    f->a.n = f->b.n = 0;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2)
        if (!put_factor(f, flat_of(f, term_arg(ctx, t, i)), term_arg(ctx, t, i + 1), f->a.n == 0)) return t;
    return term_raw_ordered_mul(ctx, f->a.at, f->b.at, (uint32_t)f->a.n);
}

static term flat_sum(flattener *f, term t)
{
    gradus_ctx *ctx = f->ctx;
    f->a.n = f->b.n = 0;
    uint32_t before = term_aux(ctx, t);
    bool ok = true, raw = (term_get_flags(ctx, t) & TF_RAW) != 0;
    for (uint32_t i = 1; ok && i < term_argc(ctx, t); i += 2) {
        if (!raw && (i - 1) / 2 == before && !term_is_int(ctx, term_arg(ctx, t, 0), 0))
            ok = put(f, term_int(ctx, 1), term_arg(ctx, t, 0));
        term k = term_arg(ctx, t, i), u = flat_of(f, term_arg(ctx, t, i + 1));
        if (term_is_int(ctx, u, 0)) continue;
        bool inner = term_is(ctx, u, OP_ADD) && term_is_int(ctx, k, 1) && (term_get_flags(ctx, u) & TF_RAW) &&
                     term_is_int(ctx, term_arg(ctx, u, 0), 0);
        for (uint32_t j = 1; inner && ok && j < term_argc(ctx, u); j += 2)
            ok = put(f, term_arg(ctx, u, j), term_arg(ctx, u, j + 1));
        ok = ok && (inner || put(f, k, u));
    }
    if (!ok) return t;
    if (f->a.n == 0) return term_arg(ctx, t, 0);
    if (f->a.n == 1 && term_is_int(ctx, f->a.at[0], 1)) return f->b.at[0];
    if (f->a.n == 1 && !term_is_int(ctx, f->a.at[0], -1) &&
        (!term_is(ctx, f->b.at[0], OP_MUL) || is_plain_product(ctx, f->b.at[0]))) { /* k*(a*b) */
        term k = f->a.at[0], u = f->b.at[0], one = term_int(ctx, 1);
        f->a.n = f->b.n = 0;
        if (put(f, k, one) && put_factor(f, u, one, false))
            return term_raw_ordered_mul(ctx, f->a.at, f->b.at, (uint32_t)f->a.n);
    }
    return term_raw_add(ctx, f->a.at, f->b.at, (uint32_t)f->a.n);
}

static term flat_node(flattener *f, term t)
{
    gradus_ctx *ctx = f->ctx;
    term args[16];
    uint32_t n = term_argc(ctx, t);
    if (!(term_get_flags(ctx, t) & TF_RAW) || term_is(ctx, t, OP_DERIV) || n == 0) return t;
    if (term_is(ctx, t, OP_MUL)) return flat_product(f, t);
    if (term_is(ctx, t, OP_ADD) && term_is_int(ctx, term_arg(ctx, t, 0), 0)) return flat_sum(f, t);
    if (n > sizeof args / sizeof args[0] || term_is(ctx, t, OP_ARRAY) || term_is(ctx, t, OP_CALL)) return t;
    bool changed = false;
    for (uint32_t i = 0; i < n; i++) {
        args[i] = flat_of(f, term_arg(ctx, t, i));
        changed |= args[i] != term_arg(ctx, t, i);
    }
    return changed ? term_raw_with_args(ctx, t, args, n) : t;
}

term show_flat(gradus_ctx *ctx, term t)
{
    enum { LARGEST = 20000 };
    if (!t || !(term_get_flags(ctx, t) & TF_RAW) || term_size(ctx, t) > LARGEST) return t;
    flattener f = {.ctx = ctx};
    bool ok = term_reachable(ctx, &t, 1, &f.node);
    for (size_t i = 0; ok && i < f.node.n; i++) {
        term flat = flat_node(&f, f.node.at[i]);
        ok = flat && vec_push(ctx, &f.flat, flat);
    }
    term r = ok ? flat_of(&f, t) : t;
    vec_clear(ctx, &f.node);
    vec_clear(ctx, &f.flat);
    vec_clear(ctx, &f.a);
    vec_clear(ctx, &f.b);
    return r;
}

/* ---- powers -------------------------------------------------------------------------------------- */

static bool is_natural(gradus_ctx *ctx, term n)
{
    return term_is_num(ctx, n) && fmpz_is_one(fmpq_denref(term_num(ctx, n))) && term_num_sign(ctx, n) > 0;
}

term show_power(gradus_ctx *ctx, term b, term e)
{
    if (term_is_int(ctx, e, 1)) return b;
    if (!term_is_num(ctx, e) || is_natural(ctx, e)) return term_raw_pow(ctx, b, e);
    return term_raw_node(ctx, OP_POW, 0, (term[]){b, e}, 2);
}

term show_power_slope(gradus_ctx *ctx, term u, term n, bool difference)
{
    term one = term_int(ctx, 1);
    if (difference && is_natural(ctx, n)) {
        term less = term_raw_add(ctx, (term[]){one, term_int(ctx, -1)}, (term[]){n, one}, 2);
        return term_raw_mul(ctx, (term[]){n, term_raw_pow(ctx, u, less)}, NULL, 2);
    }
    term less = term_sub(ctx, n, one);
    if (term_is_int(ctx, less, 0)) return n;
    return term_raw_ordered_mul(ctx, (term[]){n, show_power(ctx, u, less)}, NULL, 2);
}

/* b^e with a power as b: (u^2)^(-1) as typed is u^(-2) as read. */
static void join_exponents(gradus_ctx *ctx, term *b, term *e)
{
    if (term_is(ctx, *b, OP_MUL) && term_argc(ctx, *b) == 2 && term_is_num(ctx, *e) &&
        !term_is_int(ctx, *e, 1)) {
        *e = term_mul2(ctx, *e, term_arg(ctx, *b, 1));
        *b = term_arg(ctx, *b, 0);
    }
}

term show_as_power(gradus_ctx *ctx, term t)
{
    enum { MANY = 8 };
    term f[MANY], product = t;
    bool changed = false;
    uint32_t n = 0;
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3 && term_is_int(ctx, term_arg(ctx, t, 0), 0)) {
        f[n++] = term_arg(ctx, t, 1);
        product = term_arg(ctx, t, 2);
    }
    if (!term_is(ctx, product, OP_MUL) || term_argc(ctx, product) / 2 + n > MANY) return t;
    for (uint32_t i = 0; i < term_argc(ctx, product); i += 2) {
        term b = term_arg(ctx, product, i), e = term_arg(ctx, product, i + 1);
        join_exponents(ctx, &b, &e);
        if (term_is_int(ctx, b, 1)) continue;
        if (term_is_num(ctx, b) && term_is_num(ctx, e)) {
            f[n++] = term_pow(ctx, b, e);
            continue;
        }
        changed |= term_is_num(ctx, e) && !is_natural(ctx, e);
        f[n++] = show_power(ctx, b, e);
    }
    if (!changed) return t;
    return n == 1 ? f[0] : term_raw_ordered_mul(ctx, f, NULL, n);
}

bool show_same(gradus_ctx *ctx, term a, term b)
{
    strbuf x, y;
    if (a == b) return true;
    strbuf_init(&x, ctx);
    strbuf_init(&y, ctx);
    text_print(&x, ctx, a, FORM_TEXT);
    text_print(&y, ctx, b, FORM_TEXT);
    bool same = strcmp(strbuf_str(&x), strbuf_str(&y)) == 0;
    strbuf_clear(&x);
    strbuf_clear(&y);
    return same;
}
