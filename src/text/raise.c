/* raise: index formulas read as matrix notation, where a reading is found.
 *
 * An entry formula with a row index r and a column index c (either may be absent: a vector is a column, a scalar has
 * neither) becomes a matrix expression: A[r,c] is A, A[c,r] is A^T, a factor with r alone is a column u, with c alone
 * a row v^T, their product is outer; a sum over j joins factors with (r,j) and (j,c) to a matrix product, a j-vector
 * between them is a diagonal. What has no such reading makes the whole attempt fail: the index form stands.
 * The reading is a proposal: a caller parses it and compares before showing it (room prove).
 * Recursion is bounded by MAX_DEPTH; larger terms have no reading.                                                  */
#include "text/text_impl.h"

enum { MAX_DEPTH = 24, MAX_FACTORS = 24, MAX_SIZE = 600 };

/* Loosest operator of the text. */
typedef enum tightness { LOOSE_SUM, LOOSE_PRODUCT, TIGHT } tightness;

typedef struct expr {
    const char *text; /* NULL: no reading */
    tightness how;
    bool negative;    /* text is meant with a minus in front */
} expr;

typedef struct raiser {
    gradus_ctx *ctx;
    arena mem;
    int depth;
} raiser;

static const expr none = {NULL, TIGHT, false};

static expr raised(raiser *z, term t, term r, term c);

static expr made(raiser *z, tightness how, const char *fmt, ...) BASE_PRINTF(3, 4);
static expr made(raiser *z, tightness how, const char *fmt, ...)
{
    strbuf b;
    va_list ap;
    strbuf_init(&b, z->ctx);
    va_start(ap, fmt);
    strbuf_vprintf(&b, fmt, ap);
    va_end(ap);
    expr e = {arena_strndup(&z->mem, strbuf_str(&b), b.n), how, false};
    strbuf_clear(&b);
    return e;
}

static bool occurs(raiser *z, term t, term x) { return x && term_occurs(z->ctx, t, x); }

/* e with its sign and brackets, fit to stand where `how` is needed. */
static const char *fit(raiser *z, expr e, tightness how)
{
    if (e.negative)
        e = made(z, LOOSE_SUM, "-%s", e.text);
    return e.how >= how ? e.text : made(z, TIGHT, "(%s)", e.text).text;
}

static expr transposed(raiser *z, expr e)
{
    if (!e.text)
        return none;
    size_t n = strlen(e.text);
    if (e.how == TIGHT && !e.negative && n > 2 && strcmp(e.text + n - 2, "^T") == 0)
        return made(z, TIGHT, "%.*s", (int)(n - 2), e.text);
    return made(z, TIGHT, "%s^T", fit(z, e, TIGHT));
}

static expr plain(raiser *z, term t)
{
    strbuf b;
    strbuf_init(&b, z->ctx);
    text_print(&b, z->ctx, t, FORM_TEXT);
    term_op op = term_get_op(z->ctx, t);
    expr e = made(z, op == OP_ADD ? LOOSE_SUM : op == OP_MUL ? LOOSE_PRODUCT : TIGHT, "%s", strbuf_str(&b));
    if (op == OP_NUM && e.text && (strchr(e.text, '/') || e.text[0] == '-'))
        e.how = e.text[0] == '-' ? LOOSE_SUM : LOOSE_PRODUCT;
    strbuf_clear(&b);
    return e;
}

/* ---- elements --------------------------------------------------------------------------------------------------- */

/* The array of an element by name: a symbol, or inv of an array that has a reading. */
static expr array_name(raiser *z, term a)
{
    gradus_ctx *ctx = z->ctx;
    if (term_is(ctx, a, OP_SYM))
        return made(z, TIGHT, "%s", term_sym_name(ctx, a));
    if (!term_is(ctx, a, OP_MATFN) || term_aux(ctx, a) != MATFN_INV)
        return none;
    term inside = term_arg(ctx, a, 0), index[SYM_MAX_RANK];
    expr e;
    if (term_is(ctx, inside, OP_SYM))
        e = array_name(z, inside);
    else if (term_is(ctx, inside, OP_ARRAY) && term_argc(ctx, inside) == 7) {
        term body = term_open(ctx, inside, index);
        e = body ? raised(z, body, index[0], index[1]) : none;
    } else
        return none;
    return e.text ? made(z, TIGHT, "inv(%s)", fit(z, e, LOOSE_SUM)) : none;
}

static expr element(raiser *z, term t, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    expr a = array_name(z, term_arg(ctx, t, 0));
    uint32_t n = term_argc(ctx, t) - 1;
    if (!a.text || n > 2)
        return none;
    term i = term_arg(ctx, t, 1), j = n == 2 ? term_arg(ctx, t, 2) : TERM_NONE;
    if (n == 1)
        return i == r && r ? a : i == c && c ? transposed(z, a) : none;
    if (i == r && j == c && r && c)
        return a;
    return i == c && j == r && r && c ? transposed(z, a) : none;
}

/* ---- functions entry by entry -------------------------------------------------------------------------------------- */

static expr applied(raiser *z, const char *name, term u, term r, term c)
{
    expr e = raised(z, u, r, c);
    return e.text ? made(z, TIGHT, "%s(%s)", name, fit(z, e, LOOSE_SUM)) : none;
}

static expr call(raiser *z, term t, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    if (term_argc(ctx, t) != 3 || !term_is_int(ctx, term_arg(ctx, t, 1), 0))
        return none;
    return applied(z, term_sym_name(ctx, term_arg(ctx, t, 0)), term_arg(ctx, t, 2), r, c);
}

/* ---- sums ------------------------------------------------------------------------------------------------------------- */

static expr sum_of_terms(raiser *z, term t, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    strbuf b;
    bool ok = true;
    strbuf_init(&b, ctx);
    for (uint32_t i = 1; i < term_argc(ctx, t) && ok; i += 2) {
        term k = term_arg(ctx, t, i), part = term_arg(ctx, t, i + 1);
        bool negative = term_num_sign(ctx, k) < 0;
        term size = negative ? term_neg(ctx, k) : k;
        expr e = raised(z, part, r, c);
        ok = e.text != NULL;
        if (!ok)
            break;
        negative = negative != e.negative;
        e.negative = false;
        strbuf_add(&b, negative ? (b.n ? " - " : "-") : b.n ? " + " : "");
        if (!term_is_int(ctx, size, 1))
            strbuf_printf(&b, "%s*%s", fit(z, plain(z, size), LOOSE_PRODUCT), fit(z, e, LOOSE_PRODUCT));
        else
            strbuf_add(&b, fit(z, e, LOOSE_PRODUCT));
    }
    term c0 = term_arg(ctx, t, 0);
    if (ok && term_num_sign(ctx, c0) != 0) {
        bool negative = term_num_sign(ctx, c0) < 0;
        expr e = plain(z, negative ? term_neg(ctx, c0) : c0);
        strbuf_printf(&b, "%s%s", negative ? " - " : " + ", e.text);
    }
    bool monomial = term_argc(ctx, t) == 3 && term_is_int(ctx, c0, 0);
    expr out = none;
    if (ok && monomial && b.at && b.at[0] == '-') {
        out = made(z, LOOSE_PRODUCT, "%s", b.at + 1);
        out.negative = true;
    } else if (ok) {
        out = made(z, monomial ? LOOSE_PRODUCT : LOOSE_SUM, "%s", strbuf_str(&b));
    }
    strbuf_clear(&b);
    return out;
}

/* ---- products ------------------------------------------------------------------------------------------------------------ */

typedef struct factors {
    term b[MAX_FACTORS], e[MAX_FACTORS];
    uint32_t n;
} factors;

static bool add_factors(raiser *z, factors *f, term t)
{
    gradus_ctx *ctx = z->ctx;
    if (!term_is(ctx, t, OP_MUL)) {
        if (f->n == MAX_FACTORS)
            return false;
        f->b[f->n] = t;
        f->e[f->n++] = term_int(ctx, 1);
        return true;
    }
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        if (f->n == MAX_FACTORS)
            return false;
        f->b[f->n] = term_arg(ctx, t, i);
        f->e[f->n++] = term_arg(ctx, t, i + 1);
    }
    return true;
}

/* u^e entry by entry, or of a scalar. */
static expr powered(raiser *z, term b, term e, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    expr x = raised(z, b, r, c);
    bool array = occurs(z, b, r) || occurs(z, b, c);
    if (!x.text || term_is_int(ctx, e, 1))
        return x;
    size_t len = strlen(x.text);
    if (e == term_rational(ctx, 1, 2) && !array && len > 7 && strncmp(x.text, "norm(", 5) == 0 && strcmp(x.text + len - 3, ")^2") == 0)
        return made(z, TIGHT, "%.*s", (int)(len - 2), x.text); /* sqrt(norm(v)^2), a sum of squares */
    if (e == term_rational(ctx, 1, 2))
        return made(z, TIGHT, "sqrt(%s)", fit(z, x, LOOSE_SUM));
    expr n = plain(z, e);
    return made(z, TIGHT, "%s%s%s", fit(z, x, TIGHT), array ? ".^" : "^", n.how == TIGHT ? n.text : made(z, TIGHT, "(%s)", n.text).text);
}

/* Factors of f (those marked) multiplied entry by entry over (r, c): above, and below for negative exponents. */
static expr hadamard(raiser *z, const factors *f, const bool *mark, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    expr up = none, down = none;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!mark[i])
            continue;
        bool below = term_num_sign(ctx, f->e[i]) < 0;
        expr x = powered(z, f->b[i], below ? term_neg(ctx, f->e[i]) : f->e[i], r, c);
        if (!x.text)
            return none;
        expr *side = below ? &down : &up;
        bool array = r || c;
        bool negative = side->text ? side->negative != x.negative : x.negative;
        x.negative = false;
        *side = side->text ? made(z, LOOSE_PRODUCT, "%s%s%s", fit(z, (expr){side->text, side->how, false}, LOOSE_PRODUCT),
                                  array ? ".*" : "*", fit(z, x, array ? TIGHT : LOOSE_PRODUCT))
                           : x;
        side->negative = negative;
    }
    if (!down.text)
        return up;
    bool negative = down.negative != (up.text && up.negative);
    up.negative = down.negative = false;
    expr q = made(z, LOOSE_PRODUCT, "%s%s%s", up.text ? fit(z, up, LOOSE_PRODUCT) : "1", r || c ? "./" : "/", fit(z, down, TIGHT));
    q.negative = negative;
    return q;
}

static expr joined(raiser *z, expr a, const char *op, expr b)
{
    if (!a.text || !b.text)
        return a.text ? a : b;
    bool negative = a.negative != b.negative;
    a.negative = b.negative = false;
    expr e = made(z, LOOSE_PRODUCT, "%s%s%s", fit(z, a, LOOSE_PRODUCT), op, fit(z, b, b.how == LOOSE_PRODUCT && strchr(b.text, '.') ? TIGHT : LOOSE_PRODUCT));
    e.negative = negative;
    return e;
}

/* Marks the factors that contain exactly the wanted ones of r, c, j. */
static bool pick(raiser *z, const factors *f, term r, term c, term j, bool wr, bool wc, bool wj, bool *mark)
{
    bool any = false;
    for (uint32_t i = 0; i < f->n; i++) {
        mark[i] = occurs(z, f->b[i], r) == wr && occurs(z, f->b[i], c) == wc && occurs(z, f->b[i], j) == wj;
        any |= mark[i];
    }
    return any;
}

/* e^u[r]/sum[j](e^u[j]) is softmax(u): the two factors are taken out. */
static expr softmax_factor(raiser *z, factors *f, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    if (!r || c)
        return none;
    for (uint32_t i = 0; i < f->n; i++) {
        if (!term_is(ctx, f->b[i], OP_FN) || term_aux(ctx, f->b[i]) != FN_exp || !term_is_int(ctx, f->e[i], 1))
            continue;
        for (uint32_t k = 0; k < f->n; k++) {
            term s = f->b[k], j;
            if (!term_is(ctx, s, OP_REDUCE) || term_aux(ctx, s) != RED_SUM || !term_is_int(ctx, f->e[k], -1))
                continue;
            term body = term_open(ctx, s, &j);
            if (!body || term_subst(ctx, f->b[i], &r, &j, 1) != body)
                continue;
            expr u = raised(z, term_arg(ctx, f->b[i], 0), r, TERM_NONE);
            if (!u.text)
                return none;
            f->b[i] = f->b[k] = term_int(ctx, 1);
            f->e[i] = f->e[k] = term_int(ctx, 1);
            return made(z, TIGHT, "softmax(%s)", fit(z, u, LOOSE_SUM));
        }
    }
    return none;
}

static void drop_ones(raiser *z, factors *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++)
        if (!term_is_int(z->ctx, f->b[i], 1)) {
            f->b[n] = f->b[i];
            f->e[n++] = f->e[i];
        }
    f->n = n;
}

static expr diagonal(raiser *z, expr v) { return v.text ? made(z, TIGHT, "diag(%s)", fit(z, v, LOOSE_SUM)) : none; }

/* Scalars in front of an array part. */
static expr scaled(raiser *z, expr k, expr a)
{
    if (!k.text || !a.text)
        return k.text ? k : a;
    size_t n = strlen(k.text);
    if (n > 2 && strncmp(k.text, "1/", 2) == 0) { /* (1/s)*A reads A/s */
        bool negative = k.negative != a.negative;
        a.negative = false;
        expr e = made(z, LOOSE_PRODUCT, "%s/%s", fit(z, a, LOOSE_PRODUCT), k.text + 2);
        e.negative = negative;
        return e;
    }
    return joined(z, k, "*", a);
}

static expr product(raiser *z, factors *f, term r, term c)
{
    bool mark[MAX_FACTORS];
    expr soft = softmax_factor(z, f, r, c);
    drop_ones(z, f);
    expr k = none, u = none, v = none, m = none;
    if (pick(z, f, r, c, TERM_NONE, false, false, false, mark) && !(k = hadamard(z, f, mark, TERM_NONE, TERM_NONE)).text)
        return none;
    if (r && pick(z, f, r, c, TERM_NONE, true, false, false, mark) && !(u = hadamard(z, f, mark, r, TERM_NONE)).text)
        return none;
    if (c && pick(z, f, r, c, TERM_NONE, false, true, false, mark) && !(v = hadamard(z, f, mark, c, TERM_NONE)).text)
        return none;
    if (r && c && pick(z, f, r, c, TERM_NONE, true, true, false, mark) && !(m = hadamard(z, f, mark, r, c)).text)
        return none;
    if (soft.text)
        u = u.text ? joined(z, soft, ".*", u) : soft;
    expr a;
    if (m.text) {
        a = u.text ? joined(z, diagonal(z, u), "*", m) : m;
        a = v.text ? joined(z, a, "*", diagonal(z, v)) : a;
    } else if (u.text && v.text) {
        a = joined(z, u, "*", transposed(z, v));
    } else if (v.text && !r) {
        a = transposed(z, v);
    } else if (u.text && !c) {
        a = u;
    } else if (!r && !c) {
        a = none;
    } else {
        return none; /* constant along an axis */
    }
    return scaled(z, k, a);
}

/* ---- sums over an index ------------------------------------------------------------------------------------------------------ */

static expr matrix_product(raiser *z, factors *f, term r, term c, term j)
{
    bool mark[MAX_FACTORS];
    expr k = none, left = none, mid = none, right = none;
    if (pick(z, f, r, c, j, false, false, false, mark) && !(k = hadamard(z, f, mark, TERM_NONE, TERM_NONE)).text)
        return none;
    if (r && pick(z, f, r, c, j, true, false, true, mark) && !(left = hadamard(z, f, mark, r, j)).text)
        return none;
    if (c && pick(z, f, r, c, j, false, true, true, mark) && !(right = hadamard(z, f, mark, j, c)).text)
        return none;
    for (uint32_t i = 0; i < f->n; i++) /* all three in one factor, or outside the sum's chain */
        if (occurs(z, f->b[i], j) ? occurs(z, f->b[i], r) && occurs(z, f->b[i], c) : occurs(z, f->b[i], r) || occurs(z, f->b[i], c))
            return none;
    bool vectors = pick(z, f, r, c, j, false, false, true, mark);
    if (!left.text && !right.text) { /* a scalar: the first vector against the others */
        uint32_t first = 0, count = 0;
        for (uint32_t i = f->n; i-- > 0;)
            if (mark[i]) {
                first = i;
                count++;
            }
        if (count == 1) {
            expr v = powered(z, f->b[first], f->e[first], j, TERM_NONE);
            if (!v.text)
                return none;
            expr s = f->e[first] == term_int(z->ctx, 2) && (v = raised(z, f->b[first], j, TERM_NONE)).text
                         ? made(z, TIGHT, "norm(%s)^2", fit(z, v, LOOSE_SUM))
                         : made(z, TIGHT, "sum(%s)", fit(z, v, LOOSE_SUM));
            return scaled(z, k, s);
        }
        expr a = powered(z, f->b[first], f->e[first], j, TERM_NONE);
        mark[first] = false;
        expr b = hadamard(z, f, mark, j, TERM_NONE);
        return a.text && b.text ? scaled(z, k, joined(z, transposed(z, a), "*", b)) : none;
    }
    if (vectors && !(mid = hadamard(z, f, mark, j, TERM_NONE)).text)
        return none;
    expr a;
    if (left.text && right.text)
        a = joined(z, vectors ? joined(z, left, "*", diagonal(z, mid)) : left, "*", right);
    else if (left.text)
        a = vectors ? joined(z, left, "*", mid) : none;
    else
        a = vectors ? joined(z, transposed(z, mid), "*", right) : none;
    return a.text ? scaled(z, k, a) : none;
}

/* sum[j](a + b) over rows or columns: one matrix product per term. */
static expr sum_by_terms(raiser *z, term t, term body, term j, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    term_vec k = {0}, parts = {0};
    expr e = none;
    bool ok = term_is_int(ctx, term_arg(ctx, body, 0), 0);
    for (uint32_t i = 1; i < term_argc(ctx, body) && ok; i += 2)
        ok = vec_push(ctx, &k, term_arg(ctx, body, i)) &&
             vec_push(ctx, &parts, term_reduce(ctx, RED_SUM, j, term_arg(ctx, t, 1), term_arg(ctx, t, 2), term_arg(ctx, body, i + 1)));
    term sum = ok ? term_lincomb(ctx, k.at, parts.at, (uint32_t)k.n) : TERM_NONE;
    if (sum && term_is(ctx, sum, OP_ADD))
        e = sum_of_terms(z, sum, r, c);
    vec_clear(ctx, &k);
    vec_clear(ctx, &parts);
    return e;
}

static expr reduce(raiser *z, term t, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    term j, body = TERM_NONE;
    if (term_aux(ctx, t) != RED_SUM || !(body = term_open(ctx, t, &j)))
        return none;
    factors f = {.n = 0};
    if (term_is(ctx, body, OP_ADD)) {
        if (term_argc(ctx, body) == 3 && term_is_int(ctx, term_arg(ctx, body, 0), 0)) {
            if (!add_factors(z, &f, term_arg(ctx, body, 1)) || !add_factors(z, &f, term_arg(ctx, body, 2)))
                return none;
        } else if (!r && !c) {
            expr v = raised(z, body, j, TERM_NONE);
            return v.text ? made(z, TIGHT, "sum(%s)", fit(z, v, LOOSE_SUM)) : none;
        } else {
            return sum_by_terms(z, t, body, j, r, c);
        }
    } else if (!add_factors(z, &f, body)) {
        return none;
    }
    return matrix_product(z, &f, r, c, j);
}

/* ---- anything -------------------------------------------------------------------------------------------------------------------- */

static expr delta(raiser *z, term t, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    term cond = term_arg(ctx, t, 0);
    if (!term_is(ctx, cond, OP_REL) || term_aux(ctx, cond) != REL_EQ || !r || !c)
        return none;
    term a = term_arg(ctx, cond, 0), b = term_arg(ctx, cond, 1);
    if (!((a == r && b == c) || (a == c && b == r)))
        return none;
    expr n = plain(z, term_sym_info(ctx, r)->hi);
    return made(z, TIGHT, "eye(%s)", n.text);
}

static expr raised_node(raiser *z, term t, term r, term c)
{
    gradus_ctx *ctx = z->ctx;
    bool array = occurs(z, t, r) || occurs(z, t, c);
    switch (term_get_op(ctx, t)) {
    case OP_ADD: return sum_of_terms(z, t, r, c);
    case OP_MUL: {
        factors f = {.n = 0};
        return add_factors(z, &f, t) ? product(z, &f, r, c) : none;
    }
    case OP_REDUCE: return reduce(z, t, r, c);
    case OP_ACC: return array ? element(z, t, r, c) : plain(z, t);
    case OP_BRACKET: return array ? delta(z, t, r, c) : none;
    case OP_FN:
        if (!array && !(term_get_flags(ctx, t) & TF_BINDER))
            return plain(z, t);
        return term_argc(ctx, t) == 1 ? applied(z, fn_get((fn_id)term_aux(ctx, t))->name, term_arg(ctx, t, 0), r, c) : none;
    case OP_CALL: return array ? call(z, t, r, c) : plain(z, t);
    default: return array ? none : plain(z, t);
    }
}

static expr raised(raiser *z, term t, term r, term c)
{
    if (!t || z->depth >= MAX_DEPTH || ctx_status(z->ctx) != GRADUS_OK)
        return none;
    z->depth++;
    expr e = raised_node(z, t, r, c);
    z->depth--;
    return e;
}

bool text_raise(strbuf *out, gradus_ctx *ctx, term array)
{
    term index[SYM_MAX_RANK] = {TERM_NONE, TERM_NONE};
    if (!array || term_size(ctx, array) > MAX_SIZE || !term_is(ctx, array, OP_ARRAY) || term_argc(ctx, array) > 7)
        return false;
    term body = term_open(ctx, array, index);
    raiser z = {.ctx = ctx};
    arena_init(&z.mem, ctx);
    expr e = body ? raised(&z, body, index[0], index[1]) : none;
    if (e.text)
        strbuf_printf(out, "%s%s", e.negative ? "-" : "", e.text);
    arena_clear(&z.mem);
    return e.text != NULL;
}
