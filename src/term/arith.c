/* arith: canonical sums and products.
 *
 * Both are built by accumulators that flatten, merge like entries and fold numbers while entries arrive, so an n-ary
 * result costs time linear in its entries. Coefficients live only in sums, exponents only in products (term.h).
 *
 * What a merge may not do is change the value where the original has one. Where it *adds* points to the domain
 * (x/x, sqrt(x)*sqrt(x), 0*log(x)) it says so through term_lose.                                                  */
#include "term/term_impl.h"

/* Entries of an accumulator: a pair (key, weight). For sums key is the term and weight its coefficient; for products
 * key is the base and weight its exponent. `seen` remembers a merge of weights that may have enlarged the domain. */
typedef struct entry {
    term key, weight;
    uint8_t seen; /* SEEN_ bits */
} entry;
enum { SEEN_NEGATIVE = 1, SEEN_FRACTION = 2, SEEN_AGAIN = 4 /* put once more in another shape */ };

enum { INLINE_ENTRIES = 12 };

typedef struct accumulator {
    gradus_ctx *ctx;
    entry inline_at[INLINE_ENTRIES];
    entry *at;
    size_t n, cap;
    term_map where; /* key -> position + 1; used beyond INLINE_ENTRIES */
    bool mapped;
    bool failed;
} accumulator;

static void acc_init(accumulator *a, gradus_ctx *ctx)
{
    a->ctx = ctx;
    a->at = a->inline_at;
    a->n = 0;
    a->cap = INLINE_ENTRIES;
    a->mapped = false;
    a->failed = false;
}

static void acc_clear(accumulator *a)
{
    if (a->at != a->inline_at)
        ctx_realloc(a->ctx, a->at, a->cap * sizeof *a->at, 0);
    if (a->mapped)
        term_map_clear(&a->where);
}

static entry *acc_find(accumulator *a, term key)
{
    if (a->mapped) {
        term p = term_map_get(&a->where, key);
        return p ? &a->at[p - 1] : NULL;
    }
    for (size_t i = 0; i < a->n; i++)
        if (a->at[i].key == key)
            return &a->at[i];
    return NULL;
}

static bool acc_grow(accumulator *a)
{
    size_t cap = a->cap * 2;
    entry *at;
    if (a->at == a->inline_at) {
        at = ctx_realloc(a->ctx, NULL, 0, cap * sizeof *at);
        if (at)
            memcpy(at, a->inline_at, sizeof a->inline_at);
    } else {
        at = ctx_realloc(a->ctx, a->at, a->cap * sizeof *at, cap * sizeof *at);
    }
    if (!at)
        return false;
    a->at = at;
    a->cap = cap;
    if (!a->mapped) {
        term_map_init(&a->where, a->ctx);
        a->mapped = true;
        for (size_t i = 0; i < a->n; i++)
            if (!term_map_put(&a->where, at[i].key, (term)(i + 1)))
                return false;
    }
    return true;
}

static uint8_t weight_seen(const gradus_ctx *ctx, term w)
{
    return (uint8_t)((term_num_sign(ctx, w) < 0 ? SEEN_NEGATIVE : 0) | (num_is_integer(ctx, w) ? 0 : SEEN_FRACTION));
}

/* Adds weight w to key. */
static void acc_put(accumulator *a, term key, term w)
{
    if (!key || !w) {
        a->failed = true;
        return;
    }
    entry *e = acc_find(a, key);
    if (e) {
        e->seen |= weight_seen(a->ctx, w);
        e->weight = num_add_handles(a->ctx, e->weight, w);
        a->failed |= !e->weight;
        return;
    }
    if (a->n == a->cap && !acc_grow(a)) {
        a->failed = true;
        return;
    }
    if (a->mapped && !term_map_put(&a->where, key, (term)(a->n + 1)))
        a->failed = true;
    a->at[a->n++] = (entry){key, w, weight_seen(a->ctx, w)};
}

/* ---- sums -------------------------------------------------------------------------------------------------- */

typedef struct sum {
    accumulator acc;
    term c0;          /* NUM */
    uint32_t c0_after;/* entries displayed before the constant */
    bool undefined;
} sum;

static void sum_put(sum *s, term k, term t);

static void sum_put_flat(sum *s, term k, term t)
{
    gradus_ctx *ctx = s->acc.ctx;
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t), shown = term_aux(ctx, t);
    bool one = term_is_int(ctx, k, 1);
    for (uint32_t i = 0; i <= (n - 1) / 2; i++) {
        if (i == shown && !term_is_int(ctx, a[0], 0))
            sum_put(s, k, a[0]);
        if (i < (n - 1) / 2)
            sum_put(s, one ? a[1 + 2 * i] : num_mul_handles(ctx, k, a[1 + 2 * i]), a[2 + 2 * i]);
    }
}

static void sum_put(sum *s, term k, term t)
{
    gradus_ctx *ctx = s->acc.ctx;
    if (!k || !t) {
        s->acc.failed = true;
        return;
    }
    switch (term_get_op(ctx, t)) {
    case OP_NUM:
        if (term_is_int(ctx, s->c0, 0))
            s->c0_after = (uint32_t)s->acc.n;
        s->c0 = num_add_handles(ctx, s->c0, term_is_int(ctx, k, 1) ? t : num_mul_handles(ctx, k, t));
        break;
    case OP_ADD:
        if (term_get_flags(ctx, t) & TF_RAW)
            t = term_canon(ctx, t);
        if (t && term_is(ctx, t, OP_ADD))
            sum_put_flat(s, k, t);
        else
            sum_put(s, k, t);
        break;
    case OP_UNDEF:
        s->undefined = true;
        break;
    default:
        acc_put(&s->acc, t, k);
    }
}

/* inf - inf has no value; 2*inf is inf. */
static void sum_settle_infinity(sum *s)
{
    gradus_ctx *ctx = s->acc.ctx;
    entry *e = acc_find(&s->acc, term_constant(ctx, CONST_INF));
    if (!e || !e->weight)
        return;
    int sign = term_num_sign(ctx, e->weight);
    if (sign == 0 || (sign > 0 && (e->seen & SEEN_NEGATIVE)))
        s->undefined = true;
    e->weight = term_int(ctx, sign < 0 ? -1 : 1);
}

static term sum_finish(sum *s)
{
    gradus_ctx *ctx = s->acc.ctx;
    accumulator *a = &s->acc;
    sum_settle_infinity(s);
    term result = TERM_NONE;
    term small[1 + 2 * INLINE_ENTRIES], *args = small;
    size_t bytes = (1 + 2 * a->n) * sizeof *args;
    if (a->n > INLINE_ENTRIES && !(args = ctx_realloc(ctx, NULL, 0, bytes)))
        a->failed = true;
    uint32_t n = 1, after = 0;
    for (size_t i = 0; i < a->n && !a->failed; i++) {
        const entry *e = &a->at[i];
        if (term_num_sign(ctx, e->weight) == 0) {
            term_lose(ctx, LOST_DEFINED, e->key);
            continue;
        }
        if (i < s->c0_after)
            after++;
        args[n++] = e->weight;
        args[n++] = e->key;
    }
    if (!a->failed && s->c0) {
        args[0] = s->c0;
        if (s->undefined)
            result = term_undefined(ctx);
        else if (n == 1)
            result = s->c0;
        else if (n == 3 && term_is_int(ctx, s->c0, 0) && term_is_int(ctx, args[1], 1))
            result = args[2];
        else
            result = term_intern(ctx, OP_ADD, after, 0, args, n, NULL, 0);
    }
    if (args && args != small)
        ctx_realloc(ctx, args, bytes, 0);
    acc_clear(a);
    return result;
}

static void sum_start(sum *s, gradus_ctx *ctx)
{
    acc_init(&s->acc, ctx);
    s->c0 = term_int(ctx, 0);
    s->c0_after = 0;
    s->undefined = false;
}

term term_lincomb(gradus_ctx *ctx, const term *k, const term *t, uint32_t n)
{
    sum s;
    sum_start(&s, ctx);
    for (uint32_t i = 0; i < n; i++)
        sum_put(&s, k ? k[i] : term_int(ctx, 1), t[i]);
    return sum_finish(&s);
}

term term_add(gradus_ctx *ctx, const term *t, uint32_t n) { return term_lincomb(ctx, NULL, t, n); }
term term_add2(gradus_ctx *ctx, term a, term b) { return term_add(ctx, (term[]){a, b}, 2); }

term term_sub(gradus_ctx *ctx, term a, term b)
{
    return term_lincomb(ctx, (term[]){term_int(ctx, 1), term_int(ctx, -1)}, (term[]){a, b}, 2);
}

static term scaled(gradus_ctx *ctx, term k, term t) { return term_lincomb(ctx, &k, &t, 1); }

term term_neg(gradus_ctx *ctx, term a) { return scaled(ctx, term_int(ctx, -1), a); }

/* ---- products ------------------------------------------------------------------------------------------------ */

typedef struct product {
    accumulator acc;
    term c;            /* NUM */
    sum exponent;      /* exp(u)*exp(v) is exp(u + v), everywhere */
    bool has_exp;
    size_t exp_at;     /* where the exponential is displayed     */
    bool undefined;
} product;

static void product_put(product *p, term b, term e);

static void product_scale(product *p, term k)
{
    p->c = num_mul_handles(p->acc.ctx, p->c, k);
    p->acc.failed |= !p->c;
}

/* A number to a rational power: folded if exact, kept as an entry otherwise. */
static void product_put_num(product *p, term q, term e)
{
    gradus_ctx *ctx = p->acc.ctx;
    int sign = term_num_sign(ctx, q);
    if (term_num_sign(ctx, e) == 0) /* q^0 is 1, also 0^0 */
        return;
    if (sign == 0) {
        if (term_num_sign(ctx, e) < 0)
            p->undefined = true;
        else
            p->c = q;
        return;
    }
    term exact = num_pow_handles(ctx, q, e);
    if (exact)
        product_scale(p, exact);
    else if (fmpz_is_one(fmpq_numref(term_num(ctx, q)))) /* (1/2)^e is 2^-e: one spelling */
        acc_put(&p->acc, num_pow_handles(ctx, q, term_int(ctx, -1)), num_mul_handles(ctx, e, term_int(ctx, -1)));
    else
        acc_put(&p->acc, q, e);
}

/* gcd of all coefficients of an ADD, positive. */
static term sum_content(gradus_ctx *ctx, term t)
{
    const term *a = term_args(ctx, t);
    uint32_t n = term_argc(ctx, t);
    fmpq_t g;
    fmpq_init(g);
    for (uint32_t i = 0; i < n; i = i == 0 ? 1 : i + 2) /* to the end: 1 is not the least, gcd(1, 2/3) is 1/3 */
        fmpq_gcd(g, g, term_num(ctx, a[i]));
    term r = term_from_fmpq(ctx, g);
    fmpq_clear(g);
    return r;
}

/* (c*S)^e with a primitive sum S: c^e comes out where that is exact (and, for fractions, c > 0, which content is). */
static void product_put_sum(product *p, term b, term e)
{
    gradus_ctx *ctx = p->acc.ctx;
    bool integer = num_is_integer(ctx, e);
    bool monomial = term_argc(ctx, b) == 3 && term_is_int(ctx, term_arg(ctx, b, 0), 0);
    term k = monomial ? term_arg(ctx, b, 1) : sum_content(ctx, b);
    if (!k) {
        p->acc.failed = true;
        return;
    }
    if (term_is_int(ctx, k, 1) && !monomial) {
        acc_put(&p->acc, b, e);
        return;
    }
    term ke = integer || term_num_sign(ctx, k) > 0 ? num_pow_handles(ctx, k, e) : TERM_NONE;
    if (!ke) {
        acc_put(&p->acc, b, e);
        return;
    }
    product_scale(p, ke);
    if (monomial)
        product_put(p, term_arg(ctx, b, 2), e);
    else
        acc_put(&p->acc, scaled(ctx, num_pow_handles(ctx, k, term_int(ctx, -1)), b), e);
}

/* 1/(1/b), sqrt(b)^2, (b^3)^(1/3): (b^inner)^outer has become b^w. */
static void lose_by_nesting(gradus_ctx *ctx, term b, term inner, term outer, term w)
{
    bool zero = term_num_sign(ctx, inner) < 0 && term_num_sign(ctx, w) > 0;
    bool root = num_is_integer(ctx, w) && !(num_is_integer(ctx, inner) && num_is_integer(ctx, outer));
    if (zero || root)
        term_lose(ctx, zero && root ? LOST_POSITIVE : zero ? LOST_NONZERO : LOST_NONNEGATIVE, b);
}

/* (b1^e1 * b2^e2 ...)^e: distributes over integers always. Over a fraction only a single b1^e1 whose power has the
 * same domain: e1 odd or itself a fraction (then b1 >= 0 is needed already). (x^2)^(1/2) stays as it is. */
static void product_put_product(product *p, term b, term e)
{
    gradus_ctx *ctx = p->acc.ctx;
    const term *a = term_args(ctx, b);
    uint32_t n = term_argc(ctx, b);
    bool through = num_is_integer(ctx, e);
    if (!through && n == 2) {
        const fmpq *e1 = term_num(ctx, a[1]);
        through = !num_is_integer(ctx, a[1]) || fmpz_is_odd(fmpq_numref(e1));
    }
    if (!through) {
        acc_put(&p->acc, b, e);
        return;
    }
    bool one = term_is_int(ctx, e, 1);
    for (uint32_t i = 0; i < n; i += 2) {
        term w = one ? a[i + 1] : num_mul_handles(ctx, a[i + 1], e);
        if (!one && w)
            lose_by_nesting(ctx, a[i], a[i + 1], e, w);
        product_put(p, a[i], w);
    }
}

static void product_put_exp(product *p, term u, term e)
{
    if (!p->has_exp) {
        p->has_exp = true;
        p->exp_at = p->acc.n;
        sum_start(&p->exponent, p->acc.ctx);
    }
    sum_put(&p->exponent, e, u);
}

static void product_put(product *p, term b, term e)
{
    gradus_ctx *ctx = p->acc.ctx;
    if (!b || !e) {
        p->acc.failed = true;
        return;
    }
    if (term_get_flags(ctx, b) & TF_RAW) {
        product_put(p, term_canon(ctx, b), e);
        return;
    }
    switch (term_get_op(ctx, b)) {
    case OP_NUM: product_put_num(p, b, e); break;
    case OP_ADD: product_put_sum(p, b, e); break;
    case OP_MUL: product_put_product(p, b, e); break;
    case OP_UNDEF: p->undefined = true; break;
    case OP_FN:
        if (term_aux(ctx, b) == FN_exp)
            product_put_exp(p, term_arg(ctx, b, 0), e);
        else
            acc_put(&p->acc, b, e);
        break;
    case OP_BRACKET: /* [P]^e is [P] for e > 0 and 1/[P] for e < 0 */
        acc_put(&p->acc, b, term_int(ctx, term_num_sign(ctx, e)));
        break;
    default: acc_put(&p->acc, b, e);
    }
}

/* 2^(3/2) is 2*2^(1/2) and 2^(-1/2) is 1/2*2^(1/2): the exponent of a number lies in (0, 1), one spelling each. */
static void settle_number(product *p, entry *x)
{
    gradus_ctx *ctx = p->acc.ctx;
    const fmpq *e = term_num(ctx, x->weight);
    if (fmpq_sgn(e) == 0)
        return;
    fmpz_t whole;
    fmpz_init(whole);
    fmpz_fdiv_q(whole, fmpq_numref(e), fmpq_denref(e));
    if (!fmpz_is_zero(whole) && fmpz_fits_si(whole)) {
        term n = term_int(ctx, fmpz_get_si(whole)), k = num_pow_handles(ctx, x->key, n);
        if (k) {
            product_scale(p, k);
            x->weight = num_add_handles(ctx, x->weight, num_mul_handles(ctx, n, term_int(ctx, -1)));
        }
    }
    fmpz_clear(whole);
}

static void lose_by_merging(gradus_ctx *ctx, const entry *x)
{
    bool zero = term_num_sign(ctx, x->weight) == 0, negative = term_num_sign(ctx, x->weight) < 0;
    if ((x->seen & SEEN_NEGATIVE) && !negative)
        term_lose(ctx, x->seen & SEEN_FRACTION ? LOST_POSITIVE : LOST_NONZERO, x->key);
    else if ((x->seen & SEEN_FRACTION) && num_is_integer(ctx, x->weight))
        term_lose(ctx, LOST_NONNEGATIVE, x->key);
    else if (zero)
        term_lose(ctx, LOST_DEFINED, x->key);
}

/* sqrt(-x)*sqrt(-x), sqrt(x*y)*sqrt(x*y): the exponent of a sum or product has become whole, and it no longer stays
 * as it is. */
static void product_put_again(product *p)
{
    gradus_ctx *ctx = p->acc.ctx;
    for (size_t i = 0, n = p->acc.n; i < n && !p->acc.failed; i++) {
        entry *x = &p->acc.at[i];
        bool inner = term_is(ctx, x->key, OP_ADD) || term_is(ctx, x->key, OP_MUL);
        term e = x->weight;
        if (!inner || !(x->seen & SEEN_FRACTION) || !num_is_integer(ctx, e) || term_num_sign(ctx, e) == 0)
            continue;
        lose_by_merging(ctx, x);
        x->weight = term_int(ctx, 0);
        x->seen = SEEN_AGAIN;
        product_put(p, x->key, e); /* x may move */
    }
}

/* Settles merged exponents; the entries with exponent 0 go. Rounds of settling: numbers and e^k may fold further. */
static void product_settle(product *p)
{
    gradus_ctx *ctx = p->acc.ctx;
    term e_const = term_constant(ctx, CONST_E);
    product_put_again(p);
    for (size_t i = 0; i < p->acc.n && !p->acc.failed; i++) {
        entry *x = &p->acc.at[i];
        if ((x->seen & SEEN_AGAIN) && term_num_sign(ctx, x->weight) == 0)
            continue;
        lose_by_merging(ctx, x);
        if (term_is_num(ctx, x->key))
            settle_number(p, x);
        else if (x->key == e_const && (p->has_exp || !term_is_int(ctx, x->weight, 1)) && term_num_sign(ctx, x->weight) != 0) {
            product_put_exp(p, x->weight, term_int(ctx, 1));
            x->weight = term_int(ctx, 0);
        } else if (term_is(ctx, x->key, OP_BRACKET)) {
            x->weight = term_int(ctx, term_num_sign(ctx, x->weight));
        }
        p->acc.failed |= !x->weight;
    }
}

static void lose_all(product *p)
{
    for (size_t i = 0; i < p->acc.n; i++)
        term_lose(p->acc.ctx, LOST_DEFINED, term_powprod(p->acc.ctx, &p->acc.at[i].key, &p->acc.at[i].weight, 1));
}

static term product_node(product *p, term exponential)
{
    gradus_ctx *ctx = p->acc.ctx;
    accumulator *a = &p->acc;
    term small[2 * INLINE_ENTRIES + 2], *args = small;
    size_t bytes = (2 * a->n + 2) * sizeof *args;
    if (a->n > INLINE_ENTRIES && !(args = ctx_realloc(ctx, NULL, 0, bytes)))
        return TERM_NONE;
    uint32_t n = 0;
    for (size_t i = 0; i <= a->n; i++) {
        if (exponential && i == p->exp_at) {
            args[n++] = exponential;
            args[n++] = term_int(ctx, 1);
        }
        if (i < a->n && term_num_sign(ctx, a->at[i].weight) != 0) {
            args[n++] = a->at[i].key;
            args[n++] = a->at[i].weight;
        }
    }
    term r;
    if (n == 0)
        r = p->c;
    else {
        r = n == 2 && term_is_int(ctx, args[1], 1) ? args[0] : term_intern(ctx, OP_MUL, 0, 0, args, n, NULL, 0);
        if (r && !term_is_int(ctx, p->c, 1))
            r = scaled(ctx, p->c, r);
    }
    if (args != small)
        ctx_realloc(ctx, args, bytes, 0);
    return r;
}

static term product_finish(product *p)
{
    gradus_ctx *ctx = p->acc.ctx;
    if (!p->acc.failed)
        product_settle(p);
    term exponential = TERM_NONE, u = TERM_NONE;
    if (p->has_exp) {
        u = sum_finish(&p->exponent);
        exponential = term_apply1(ctx, FN_exp, u);
        p->acc.failed |= !exponential;
    }
    term r = TERM_NONE;
    if (p->acc.failed || !p->c)
        r = TERM_NONE;
    else if (p->undefined)
        r = term_undefined(ctx);
    else if (term_num_sign(ctx, p->c) == 0) {
        lose_all(p);
        r = p->c;
    } else if (exponential && !(term_is(ctx, exponential, OP_FN) && term_aux(ctx, exponential) == FN_exp)) {
        /* e^0, e^1, e^(log v): no longer an exponential; take it in as an ordinary factor. */
        term rest = product_node(p, TERM_NONE);
        r = term_powprod(ctx, (term[]){rest, exponential}, (term[]){term_int(ctx, 1), term_int(ctx, 1)}, 2);
    } else
        r = product_node(p, exponential);
    acc_clear(&p->acc);
    return r;
}

static void product_start(product *p, gradus_ctx *ctx)
{
    acc_init(&p->acc, ctx);
    p->c = term_int(ctx, 1);
    p->has_exp = false;
    p->exp_at = 0;
    p->undefined = false;
}

term term_powprod(gradus_ctx *ctx, const term *b, const term *e, uint32_t n)
{
    product p;
    product_start(&p, ctx);
    for (uint32_t i = 0; i < n; i++)
        product_put(&p, b[i], e ? e[i] : term_int(ctx, 1));
    return product_finish(&p);
}

term term_mul(gradus_ctx *ctx, const term *t, uint32_t n) { return term_powprod(ctx, t, NULL, n); }
term term_mul2(gradus_ctx *ctx, term a, term b) { return term_mul(ctx, (term[]){a, b}, 2); }

term term_div(gradus_ctx *ctx, term a, term b)
{
    return term_powprod(ctx, (term[]){a, b}, (term[]){term_int(ctx, 1), term_int(ctx, -1)}, 2);
}

/* ---- powers ------------------------------------------------------------------------------------------------- */

term term_pow(gradus_ctx *ctx, term b, term e)
{
    if (!b || !e)
        return TERM_NONE;
    if (term_get_flags(ctx, e) & TF_RAW)
        return term_pow(ctx, b, term_canon(ctx, e));
    if (term_get_flags(ctx, b) & TF_RAW)
        return term_pow(ctx, term_canon(ctx, b), e);
    if (term_is_num(ctx, e)) {
        if (term_num_sign(ctx, e) == 0) {
            if (term_is(ctx, b, OP_UNDEF))
                return b;
            term_lose(ctx, LOST_DEFINED, b);
            return term_int(ctx, 1);
        }
        return term_powprod(ctx, &b, &e, 1);
    }
    if (b == term_constant(ctx, CONST_E))
        return term_apply1(ctx, FN_exp, e);
    if (term_is(ctx, b, OP_UNDEF) || term_is(ctx, e, OP_UNDEF))
        return term_undefined(ctx);
    if (term_is(ctx, b, OP_FN) && term_aux(ctx, b) == FN_exp)
        return term_apply1(ctx, FN_exp, term_mul2(ctx, e, term_arg(ctx, b, 0)));
    if (term_is_int(ctx, b, 1)) {
        term_lose(ctx, LOST_DEFINED, e);
        return b;
    }
    return term_intern(ctx, OP_POW, 0, 0, (term[]){b, e}, 2, NULL, 0);
}

term term_pow_int(gradus_ctx *ctx, term b, long e) { return term_pow(ctx, b, term_int(ctx, e)); }
term term_sqrt(gradus_ctx *ctx, term a) { return term_pow(ctx, a, term_rational(ctx, 1, 2)); }
