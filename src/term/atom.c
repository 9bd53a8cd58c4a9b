/* atom: reading nodes; numbers and constants. */
#include "term/term_impl.h"

/* ---- reading ---------------------------------------------------------------------------------------- */

term_op term_get_op(const gradus_ctx *ctx, term t) { return (term_op)node_at(store_of(ctx), t)->op; }

/* TF_DEFINED is looked up, not stored: a name may be defined after terms with it were made. */
unsigned term_get_flags(const gradus_ctx *ctx, term t)
{
    const term_store *s = store_of(ctx);
    const node *n = node_at(s, t);
    return n->flags | (n->syms & s->defined ? TF_DEFINED : 0u);
}

uint32_t term_argc(const gradus_ctx *ctx, term t) { return node_at(store_of(ctx), t)->argc; }
const term *term_args(const gradus_ctx *ctx, term t) { return node_at(store_of(ctx), t)->u.args; }
term term_arg(const gradus_ctx *ctx, term t, uint32_t i) { return node_at(store_of(ctx), t)->u.args[i]; }
uint32_t term_aux(const gradus_ctx *ctx, term t) { return node_at(store_of(ctx), t)->aux; }
uint32_t term_size(const gradus_ctx *ctx, term t) { return node_at(store_of(ctx), t)->size; }
const fmpq *term_num(const gradus_ctx *ctx, term t) { return node_at(store_of(ctx), t)->u.num; }

bool term_is_num(const gradus_ctx *ctx, term t) { return t && term_is(ctx, t, OP_NUM); }

bool num_is_integer(const gradus_ctx *ctx, term q) { return fmpz_is_one(fmpq_denref(term_num(ctx, q))); }

bool term_get_long(const gradus_ctx *ctx, term t, long *out)
{
    if (!term_is_num(ctx, t) || !num_is_integer(ctx, t) || !fmpz_fits_si(fmpq_numref(term_num(ctx, t))))
        return false;
    *out = fmpz_get_si(fmpq_numref(term_num(ctx, t)));
    return true;
}

/* Every small integer is made by term_int, which keeps its handle: comparing handles is enough. */
bool term_is_int(const gradus_ctx *ctx, term t, long n)
{
    long v;
    if (n >= SMALL_MIN && n <= SMALL_MAX)
        return t && store_of(ctx)->small[n - SMALL_MIN] == t;
    return term_get_long(ctx, t, &v) && v == n;
}

int term_num_sign(const gradus_ctx *ctx, term t)
{
    const fmpz p = *fmpq_numref(term_num(ctx, t));
    return COEFF_IS_MPZ(p) ? fmpz_sgn(&p) : (p > 0) - (p < 0);
}

int num_compare(const gradus_ctx *ctx, term a, term b) { return fmpq_cmp(term_num(ctx, a), term_num(ctx, b)); }

const char *term_op_name(term_op op)
{
    static const char *const names[OP_COUNT] = {
        [OP_INVALID] = "invalid",
#define OP(id, name, about) [OP_##id] = name,
#include "term/op.def"
#undef OP
    };
    return names[op];
}

const char *term_red_name(term_red r)
{
    static const char *const names[] = {"sum", "prod", "max", "min", "mean", "argmax", "argmin", "logsumexp"};
    return names[r];
}

/* ---- making ----------------------------------------------------------------------------------------------- */

term term_int(gradus_ctx *ctx, long n)
{
    term_store *s = store_of(ctx);
    bool small = n >= SMALL_MIN && n <= SMALL_MAX;
    if (small && s->small[n - SMALL_MIN])
        return s->small[n - SMALL_MIN];
    fmpq_t q;
    fmpq_init(q);
    fmpq_set_si(q, n, 1);
    term t = term_intern_num(ctx, q);
    fmpq_clear(q);
    if (small)
        s->small[n - SMALL_MIN] = t;
    return t;
}

term term_rational(gradus_ctx *ctx, long p, long q)
{
    fmpq_t r;
    fmpq_init(r);
    fmpz_set_si(fmpq_numref(r), p);
    fmpz_set_si(fmpq_denref(r), q);
    fmpq_canonicalise(r);
    term t = term_from_fmpq(ctx, r);
    fmpq_clear(r);
    return t;
}

term term_from_fmpq(gradus_ctx *ctx, const fmpq_t q)
{
    if (fmpz_is_one(fmpq_denref(q)) && !COEFF_IS_MPZ(*fmpq_numref(q))) {
        long n = fmpz_get_si(fmpq_numref(q));
        if (n >= SMALL_MIN && n <= SMALL_MAX)
            return term_int(ctx, n);
    }
    return term_intern_num(ctx, q);
}

term term_from_double(gradus_ctx *ctx, double x)
{
    if (x != x)
        return term_undefined(ctx);
    if (x - x != 0) {
        term inf = term_constant(ctx, CONST_INF);
        return x > 0 ? inf : term_neg(ctx, inf);
    }
    fmpq_t q;
    fmpq_init(q);
    num_fmpq_set_double(q, x);
    term t = term_from_fmpq(ctx, q);
    fmpq_clear(q);
    return t;
}

term term_constant(gradus_ctx *ctx, term_const c)
{
    term_store *s = store_of(ctx);
    if (!s->constant[c])
        s->constant[c] = term_intern(ctx, OP_CONST, c, 0, NULL, 0, NULL, 0);
    return s->constant[c];
}

term term_undefined(gradus_ctx *ctx)
{
    term_store *s = store_of(ctx);
    if (!s->undefined)
        s->undefined = term_intern(ctx, OP_UNDEF, 0, 0, NULL, 0, NULL, 0);
    return s->undefined;
}

term term_bool(gradus_ctx *ctx, bool b)
{
    term_store *s = store_of(ctx);
    if (!s->truth[b])
        s->truth[b] = term_intern(ctx, OP_BOOL, b, 0, NULL, 0, NULL, 0);
    return s->truth[b];
}

/* ---- arithmetic on NUM handles ------------------------------------------------------------------------------- */

/* A small integer's value, for the fast path. */
static bool small_value(const term_store *s, term t, long *v)
{
    const fmpq *q = node_at(s, t)->u.num;
    if (!fmpz_is_one(fmpq_denref(q)) || COEFF_IS_MPZ(*fmpq_numref(q)))
        return false;
    *v = (long)*fmpq_numref(q);
    return *v > -(1L << 30) && *v < 1L << 30;
}

term num_add_handles(gradus_ctx *ctx, term a, term b)
{
    const term_store *s = store_of(ctx);
    long x, y;
    if (!a || !b)
        return TERM_NONE;
    if (small_value(s, a, &x) && small_value(s, b, &y))
        return term_int(ctx, x + y);
    fmpq_t r;
    fmpq_init(r);
    fmpq_add(r, term_num(ctx, a), term_num(ctx, b));
    term t = term_from_fmpq(ctx, r);
    fmpq_clear(r);
    return t;
}

term num_mul_handles(gradus_ctx *ctx, term a, term b)
{
    const term_store *s = store_of(ctx);
    long x, y;
    if (!a || !b)
        return TERM_NONE;
    if (small_value(s, a, &x) && small_value(s, b, &y))
        return term_int(ctx, x * y);
    fmpq_t r;
    fmpq_init(r);
    fmpq_mul(r, term_num(ctx, a), term_num(ctx, b));
    term t = term_from_fmpq(ctx, r);
    fmpq_clear(r);
    return t;
}

/* Numbers of more bits than this are left as powers: 2^(10^9) is a term, not a gigabyte. */
enum { NUM_POWER_BITS = 20000 };

term num_pow_handles(gradus_ctx *ctx, term a, term e)
{
    if (!a || !e)
        return TERM_NONE;
    if (term_is_int(ctx, e, 1) || term_is_int(ctx, a, 1))
        return a;
    if (term_num_sign(ctx, a) < 0 && !num_is_integer(ctx, e)) /* the language's law: such a base must be >= 0 */
        return TERM_NONE;
    fmpq_t r;
    fmpq_init(r);
    term t = TERM_NONE;
    if (num_fmpq_pow(r, term_num(ctx, a), term_num(ctx, e), NUM_POWER_BITS))
        t = term_from_fmpq(ctx, r);
    fmpq_clear(r);
    return t;
}
