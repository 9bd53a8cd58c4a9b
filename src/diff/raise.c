/* raise: an answer in indices read as matrices, for the record.
 *
 * A product of elements under sums is a chain: each factor is an edge between its indices, a summed index joins two
 * neighbours, a free index is an end. Walking from the row index to the column index gives the order of the matrix
 * product; a factor met from its second index is transposed. What has no such reading (an index in three factors, a
 * product entry by entry) stays in indices.
 *
 * The result is a raw term over whole arrays (X^T*(S(z) - y)): it prints and reads back, but only rooms that know
 * shapes can evaluate it, so records carry it as a binding, never as before or after.                              */
#include "diff/diff_impl.h"

enum { RAISE_DEPTH = 24, MAX_FACTORS = 24, MAX_SUMS = 12 };

typedef struct raise_note {
    const char *rule;
    term matrix, index; /* the notation and what it stands for */
} raise_note;

typedef struct raiser {
    gradus_ctx *ctx;
    VEC(raise_note) notes;
    term_vec functions; /* norm, tr, ...: one symbol each, found by no reader */
    int depth;
} raiser;

typedef struct factor {
    term b, x;       /* base and exponent (NUM)           */
    term raised;     /* when already read, as a column     */
    term index[2];
    int n;           /* indices: 0, 1, 2; more: no reading */
    bool used;
} factor;

typedef struct chain {
    factor f[MAX_FACTORS];
    int n;
    term sum[MAX_SUMS];
    int n_sums;
} chain;

static term raise_term(raiser *r, term t, term row, term col);

static void note(raiser *r, const char *rule, term matrix, term index)
{
    raise_note n = {rule, matrix, index};
    (void)vec_push(r->ctx, &r->notes, n);
}

/* ---- notation ---------------------------------------------------------------------------------------------------- */

static term function_named(raiser *r, const char *text)
{
    gradus_ctx *ctx = r->ctx;
    for (size_t i = 0; i < r->functions.n; i++)
        if (strcmp(term_sym_name(ctx, r->functions.at[i]), text) == 0)
            return r->functions.at[i];
    term f = term_fresh_index(ctx, text, TERM_NONE, TERM_NONE);
    if (!f || !vec_push(ctx, &r->functions, f))
        return TERM_NONE;
    term_sym_info(ctx, f)->role = ROLE_FUNCTION;
    term_sym_info(ctx, f)->rank = 1;
    return f;
}

/* text(a) as it would be typed. */
static term applied(raiser *r, const char *text, term a)
{
    term f = a ? function_named(r, text) : TERM_NONE;
    return f ? term_call(r->ctx, f, NULL, &a, 1) : TERM_NONE;
}

static void raised_clear(raiser *r)
{
    vec_clear(r->ctx, &r->notes);
    vec_clear(r->ctx, &r->functions);
}

static bool is_transposed(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_POW) && term_is(ctx, term_arg(ctx, t, 1), OP_SYM) &&
           strcmp(term_sym_name(ctx, term_arg(ctx, t, 1)), "T") == 0;
}

/* A raw product of arrays only: symbols, transposes, inverses. */
static bool is_plain_product(gradus_ctx *ctx, term t)
{
    if (!term_is(ctx, t, OP_MUL) || !(term_get_flags(ctx, t) & TF_RAW))
        return false;
    for (uint32_t i = 0; i < term_argc(ctx, t); i += 2) {
        term b = term_arg(ctx, t, i);
        bool array = term_is(ctx, b, OP_SYM) || term_is(ctx, b, OP_MATFN) || is_transposed(ctx, b);
        if (!array || !term_is_int(ctx, term_arg(ctx, t, i + 1), 1))
            return false;
    }
    return true;
}

static term transpose(raiser *r, term t)
{
    if (!t)
        return TERM_NONE;
    if (is_transposed(r->ctx, t))
        return term_arg(r->ctx, t, 0);
    if (is_plain_product(r->ctx, t)) { /* (A*B)^T is B^T*A^T */
        term_vec v = {0};
        bool ok = true;
        for (uint32_t i = term_argc(r->ctx, t); ok && i >= 2; i -= 2)
            ok = vec_push(r->ctx, &v, transpose(r, term_arg(r->ctx, t, i - 2)));
        term all = ok ? term_raw_ordered_mul(r->ctx, v.at, NULL, (uint32_t)v.n) : TERM_NONE;
        vec_clear(r->ctx, &v);
        return all;
    }
    return term_raw_pow(r->ctx, t, term_sym(r->ctx, "T", 1));
}

static bool is_call_of(gradus_ctx *ctx, term t, const char *text)
{
    return term_is(ctx, t, OP_CALL) && strcmp(term_sym_name(ctx, term_arg(ctx, t, 0)), text) == 0;
}

/* ---- the factors of a product ---------------------------------------------------------------------------------------- */

static bool expand(raiser *r, chain *c, term t, term x)
{
    gradus_ctx *ctx = r->ctx;
    bool one = term_is_int(ctx, x, 1);
    if (one && term_is(ctx, t, OP_MUL)) {
        for (uint32_t i = 0; i < term_argc(ctx, t); i += 2)
            if (!expand(r, c, term_arg(ctx, t, i), term_arg(ctx, t, i + 1)))
                return false;
        return true;
    }
    if (one && term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3 && term_is_int(ctx, term_arg(ctx, t, 0), 0))
        return expand(r, c, term_arg(ctx, t, 1), x) && expand(r, c, term_arg(ctx, t, 2), x);
    if (one && term_is(ctx, t, OP_REDUCE) && (term_aux(ctx, t) == RED_SUM || term_aux(ctx, t) == RED_MEAN)) {
        term index, body = term_open(ctx, t, &index);
        if (!body || c->n_sums == MAX_SUMS)
            return false;
        c->sum[c->n_sums++] = index;
        if (term_aux(ctx, t) == RED_MEAN) {
            term count = term_add2(ctx, term_sub(ctx, term_arg(ctx, t, 2), term_arg(ctx, t, 1)), term_int(ctx, 1));
            if (!expand(r, c, count, term_int(ctx, -1)))
                return false;
        }
        return expand(r, c, body, x);
    }
    if (c->n == MAX_FACTORS)
        return false;
    c->f[c->n++] = (factor){.b = t, .x = x};
    return true;
}

/* The free indices that factor f has, of row, col and the summed ones. */
static void find_indices(raiser *r, chain *c, factor *f, term row, term col)
{
    term all[MAX_SUMS + 2];
    int n = 0;
    if (row)
        all[n++] = row;
    if (col)
        all[n++] = col;
    for (int i = 0; i < c->n_sums; i++)
        all[n++] = c->sum[i];
    f->n = 0;
    for (int i = 0; i < n; i++)
        if (term_occurs(r->ctx, f->b, all[i])) {
            if (f->n < 2)
                f->index[f->n] = all[i];
            f->n++;
        }
}

static bool has_index(const factor *f, term i) { return (f->n > 0 && f->index[0] == i) || (f->n > 1 && f->index[1] == i); }

static int uses_of(const chain *c, term i, int *first)
{
    int n = 0;
    for (int k = c->n; k-- > 0;)
        if (!c->f[k].used && has_index(&c->f[k], i)) {
            n++;
            *first = k;
        }
    return n;
}

/* ---- softmax, norms, sums of all entries ---------------------------------------------------------------------------------- */

static bool is_exp(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_FN) && term_aux(ctx, t) == FN_exp; }

/* e^u[i]/sum[q](e^u[q]) */
static void pair_softmax(raiser *r, chain *c)
{
    gradus_ctx *ctx = r->ctx;
    for (int i = 0; i < c->n; i++) {
        factor *e = &c->f[i];
        if (e->used || e->n != 1 || !is_exp(ctx, e->b) || !term_is_int(ctx, e->x, 1))
            continue;
        for (int j = 0; j < c->n; j++) {
            factor *s = &c->f[j];
            if (s->used || s->n != 0 || !term_is_int(ctx, s->x, -1) || !term_is(ctx, s->b, OP_REDUCE) ||
                term_aux(ctx, s->b) != RED_SUM)
                continue;
            term q, body = term_open(ctx, s->b, &q);
            if (!body || term_subst(ctx, body, &q, &e->index[0], 1) != e->b)
                continue;
            term u = raise_term(r, term_arg(ctx, e->b, 0), e->index[0], TERM_NONE);
            if (!u)
                continue;
            e->raised = applied(r, "softmax", u);
            s->used = true;
            break;
        }
    }
}

static bool is_summed(const chain *c, term i)
{
    for (int k = 0; k < c->n_sums; k++)
        if (c->sum[k] == i)
            return true;
    return false;
}

/* Factor k with all its indices summed and in no other factor: a norm, a sum of entries, a trace. */
static term close_alone(raiser *r, chain *c, int k)
{
    gradus_ctx *ctx = r->ctx;
    factor *f = &c->f[k];
    term t = term_powprod(ctx, &f->b, &f->x, 1), result;
    f->used = true;
    if (f->n == 1 && term_is(ctx, f->b, OP_ACC) && term_argc(ctx, f->b) == 3 && term_arg(ctx, f->b, 1) == f->index[0] &&
        term_arg(ctx, f->b, 2) == f->index[0] && term_is_int(ctx, f->x, 1)) {
        result = applied(r, "tr", term_arg(ctx, f->b, 0));
        note(r, "trace", result, t);
        return result;
    }
    term col = f->n == 2 ? f->index[1] : TERM_NONE;
    if (term_is_int(ctx, f->x, 2)) {
        term v = raise_term(r, f->b, f->index[0], col), n = v ? applied(r, f->n == 2 ? "normF" : "norm", v) : TERM_NONE;
        result = n ? term_raw_pow(ctx, n, f->x) : TERM_NONE;
        note(r, "norm", result, t);
        return result;
    }
    return term_is_int(ctx, f->x, 1) ? applied(r, "sum", raise_term(r, f->b, f->index[0], col)) : TERM_NONE;
}

/* ---- walking ------------------------------------------------------------------------------------------------------------------ */

/* Factor f with rows i and columns j (TERM_NONE: a vector). */
static term element(raiser *r, const factor *f, term i, term j)
{
    if (f->raised)
        return i ? f->raised : transpose(r, f->raised);
    return term_is_int(r->ctx, f->x, 1) ? raise_term(r, f->b, i, j) : TERM_NONE;
}

/* Elements from index `from` on, pushed to out, until a vector or index `to`. *end: the index reached, or none.
 * false: no reading. */
static bool walk(raiser *r, chain *c, term from, term to, term_vec *out, term *end)
{
    term at = from;
    *end = TERM_NONE;
    for (;;) {
        int k = 0;
        if (uses_of(c, at, &k) != 1)
            return false;
        factor *f = &c->f[k];
        f->used = true;
        term other = f->n == 2 ? (f->index[0] == at ? f->index[1] : f->index[0]) : TERM_NONE;
        term m = element(r, f, at, other);
        if (!m || !vec_push(r->ctx, out, m))
            return false;
        if (!other)
            return true;
        if (other == to) {
            *end = to;
            return true;
        }
        at = other;
    }
}

static term multiply(raiser *r, const term_vec *v, size_t from)
{
    size_t n = v->n - from;
    return n == 0 ? TERM_NONE : n == 1 ? v->at[from] : term_raw_ordered_mul(r->ctx, v->at + from, NULL, (uint32_t)n);
}

/* A product without free index that hangs on unused factor k: v^T*A*w, norm(v)^2, tr(A*B). */
static term close_component(raiser *r, chain *c, int k, term whole)
{
    gradus_ctx *ctx = r->ctx;
    factor *f = &c->f[k];
    term_vec out = {0};
    term end, result = TERM_NONE;
    if (f->n == 1) { /* starts at a vector */
        f->used = true;
        term v = element(r, f, f->index[0], TERM_NONE);
        if (v && walk(r, c, f->index[0], TERM_NONE, &out, &end)) {
            term last = out.at[out.n - 1];
            if (out.n == 1 && last == v) {
                result = term_raw_pow(ctx, applied(r, "norm", v), term_int(ctx, 2));
                note(r, "norm", result, whole);
            } else {
                term rest = multiply(r, &out, 0), vt = transpose(r, v);
                result = TERM_NONE;
                if (rest && vt) { /* v^T in front of the chain, one product */
                    term_vec all = {0};
                    bool ok = vec_push(ctx, &all, vt);
                    for (size_t i = 0; i < out.n; i++)
                        ok = ok && vec_push(ctx, &all, out.at[i]);
                    result = ok ? multiply(r, &all, 0) : TERM_NONE;
                    vec_clear(ctx, &all);
                }
                note(r, out.n >= 2 && last == v ? "quadratic-form" : "matrix-product", result, whole);
            }
        }
    } else { /* a cycle of matrices */
        term start = f->index[0], m = element(r, f, start, f->index[1]);
        f->used = true;
        if (m && vec_push(ctx, &out, m) && walk(r, c, f->index[1], start, &out, &end) && end == start) {
            result = applied(r, "tr", multiply(r, &out, 0));
            note(r, "trace", result, whole);
        }
    }
    vec_clear(ctx, &out);
    return result;
}

/* Everything that no free index reaches, as scalar factors (with exponents) pushed to b and x. */
static bool close_rest(raiser *r, chain *c, term whole, term_vec *b, term_vec *x)
{
    gradus_ctx *ctx = r->ctx;
    term one = term_int(ctx, 1);
    for (int k = 0; k < c->n; k++) {
        factor *f = &c->f[k];
        if (f->used || f->n == 0)
            continue;
        bool alone = true;
        for (int i = 0; i < f->n; i++) {
            int first;
            alone = alone && is_summed(c, f->index[i]) && uses_of(c, f->index[i], &first) == 1;
        }
        if (!alone)
            continue;
        term t = close_alone(r, c, k);
        if (!t || !vec_push(ctx, b, t) || !vec_push(ctx, x, one))
            return false;
    }
    for (int pass = 1; pass <= 2; pass++) /* chains that end in vectors first, cycles then */
        for (int k = 0; k < c->n; k++) {
            if (c->f[k].used || c->f[k].n != pass)
                continue;
            term t = close_component(r, c, k, whole);
            if (!t || !vec_push(ctx, b, t) || !vec_push(ctx, x, one))
                return false;
        }
    for (int k = 0; k < c->n; k++) {
        factor *f = &c->f[k];
        if (f->used)
            continue;
        f->used = true;
        term t = raise_term(r, f->b, TERM_NONE, TERM_NONE), e = f->x;
        if (t && term_is(ctx, t, OP_MUL) && term_argc(ctx, t) == 2 && /* (norm(v)^2)^(1/2) */
            (is_call_of(ctx, term_arg(ctx, t, 0), "norm") || is_call_of(ctx, term_arg(ctx, t, 0), "normF"))) {
            e = term_mul2(ctx, e, term_arg(ctx, t, 1));
            t = term_arg(ctx, t, 0);
        }
        if (!t || !vec_push(ctx, b, t) || !vec_push(ctx, x, e))
            return false;
    }
    return true;
}

/* The ordered product of the factors between row and col. */
static bool main_chain(raiser *r, chain *c, term row, term col, term_vec *out)
{
    term end;
    if (!row)
        return true;
    if (!walk(r, c, row, col, out, &end))
        return false;
    if (!col || end == col)
        return true;
    term_vec right = {0}; /* outer product: the column's chain, transposed */
    bool ok = walk(r, c, col, TERM_NONE, &right, &end);
    term t = ok ? transpose(r, multiply(r, &right, 0)) : TERM_NONE;
    vec_clear(r->ctx, &right);
    return t && vec_push(r->ctx, out, t);
}

/* The factors in this order: numbers first as a coefficient, denominators as written. */
static term join(raiser *r, const term_vec *b, const term_vec *x)
{
    gradus_ctx *ctx = r->ctx;
    if (b->n == 1)
        return term_raw_mul(ctx, b->at, x->at, 1);
    return term_raw_ordered_mul(ctx, b->at, x->at, (uint32_t)b->n);
}

static term raise_product(raiser *r, term t, term row, term col)
{
    gradus_ctx *ctx = r->ctx;
    chain c = {.n = 0};
    term_vec b = {0}, x = {0}, path = {0};
    term result = TERM_NONE, one = term_int(ctx, 1);
    bool ok = expand(r, &c, t, one);
    for (int k = 0; ok && k < c.n; k++) {
        find_indices(r, &c, &c.f[k], row, col);
        ok = c.f[k].n <= 2;
    }
    if (ok) {
        pair_softmax(r, &c);
        ok = main_chain(r, &c, row, col, &path) && close_rest(r, &c, t, &b, &x);
    }
    if (path.n > 1 && ok)
        note(r, "matrix-product", multiply(r, &path, 0), t);
    for (size_t i = 0; ok && i < path.n; i++)
        ok = vec_push(ctx, &b, path.at[i]) && vec_push(ctx, &x, one);
    if (ok)
        result = b.n == 1 && x.at[0] == one ? b.at[0] : join(r, &b, &x);
    vec_clear(ctx, &b);
    vec_clear(ctx, &x);
    vec_clear(ctx, &path);
    return result;
}

/* ---- terms ------------------------------------------------------------------------------------------------------------------------ */

/* k*u with |k| drawn into a product as its first factor; what stays is the sign. */
static term draw_in(raiser *r, term *k, term u)
{
    gradus_ctx *ctx = r->ctx;
    term size = term_num_sign(ctx, *k) < 0 ? term_neg(ctx, *k) : *k;
    if (term_is_int(ctx, size, 1) || !term_is(ctx, u, OP_MUL) || !(term_get_flags(ctx, u) & TF_RAW))
        return u;
    term_vec b = {0}, x = {0};
    bool ok = vec_push(ctx, &b, size) && vec_push(ctx, &x, term_int(ctx, 1));
    for (uint32_t i = 0; ok && i < term_argc(ctx, u); i += 2)
        ok = vec_push(ctx, &b, term_arg(ctx, u, i)) && vec_push(ctx, &x, term_arg(ctx, u, i + 1));
    term all = ok ? term_raw_ordered_mul(ctx, b.at, x.at, (uint32_t)b.n) : TERM_NONE;
    vec_clear(ctx, &b);
    vec_clear(ctx, &x);
    *k = term_int(ctx, term_num_sign(ctx, *k));
    return all;
}

static term raise_sum(raiser *r, term t, term row, term col)
{
    gradus_ctx *ctx = r->ctx;
    term_vec k = {0}, s = {0};
    bool ok = true;
    for (uint32_t i = 1; ok && i < term_argc(ctx, t); i += 2) {
        term ki = term_arg(ctx, t, i), u = raise_term(r, term_arg(ctx, t, i + 1), row, col);
        u = u ? draw_in(r, &ki, u) : TERM_NONE;
        ok = u && vec_push(ctx, &k, ki) && vec_push(ctx, &s, u);
    }
    if (ok && !term_is_int(ctx, term_arg(ctx, t, 0), 0)) /* a number added to an array is added to each entry */
        ok = vec_push(ctx, &k, term_int(ctx, 1)) && vec_push(ctx, &s, term_arg(ctx, t, 0));
    term result = ok ? term_raw_add(ctx, k.at, s.at, (uint32_t)s.n) : TERM_NONE;
    vec_clear(ctx, &k);
    vec_clear(ctx, &s);
    return result;
}

/* The array itself as notation: a symbol, an inverse, a formula of its indices. */
static term raise_array(raiser *r, term a)
{
    gradus_ctx *ctx = r->ctx;
    term index[SYM_MAX_RANK];
    switch (term_get_op(ctx, a)) {
    case OP_SYM: return a;
    case OP_MATFN: {
        term m = raise_array(r, term_arg(ctx, a, 0));
        return m ? term_matfn_make(ctx, (term_matfn)term_aux(ctx, a), m) : TERM_NONE;
    }
    case OP_ARRAY: {
        uint32_t rank = (term_argc(ctx, a) - 1) / 3;
        term body = rank <= 2 ? term_open(ctx, a, index) : TERM_NONE;
        return body ? raise_term(r, body, index[0], rank == 2 ? index[1] : TERM_NONE) : TERM_NONE;
    }
    default: return TERM_NONE;
    }
}

static term raise_element(raiser *r, term t, term row, term col)
{
    gradus_ctx *ctx = r->ctx;
    uint32_t rank = term_argc(ctx, t) - 1;
    term i = term_arg(ctx, t, 1), j = rank == 2 ? term_arg(ctx, t, 2) : TERM_NONE;
    bool straight = i == row && j == col, turned = rank == 2 && i == col && j == row;
    if (!straight && !turned)
        return TERM_NONE;
    term a = raise_array(r, term_arg(ctx, t, 0));
    return a && turned ? transpose(r, a) : a;
}

static term raise_function(raiser *r, term t, term row, term col)
{
    gradus_ctx *ctx = r->ctx;
    bool call = term_is(ctx, t, OP_CALL);
    uint32_t first = call ? 1 + (term_argc(ctx, t) - 1) / 2 : 0;
    if (term_argc(ctx, t) - first != 1)
        return TERM_NONE;
    term u = raise_term(r, term_arg(ctx, t, first), row, col), result = TERM_NONE;
    if (!u)
        return TERM_NONE;
    if (call) {
        uint32_t order = 0;
        long o = 0;
        term_get_long(ctx, term_arg(ctx, t, 1), &o);
        order = (uint32_t)o;
        result = term_call(ctx, term_arg(ctx, t, 0), &order, &u, 1);
    } else {
        result = term_raw_apply(ctx, (fn_id)term_aux(ctx, t), &u, 1);
    }
    if (row)
        note(r, "elementwise", result, t);
    return result;
}

/* A term without free index: only what stands inside sums has to be read. */
static term raise_scalar(raiser *r, term t)
{
    gradus_ctx *ctx = r->ctx;
    switch (term_get_op(ctx, t)) {
    case OP_ADD: return raise_sum(r, t, TERM_NONE, TERM_NONE);
    case OP_MUL: return raise_product(r, t, TERM_NONE, TERM_NONE);
    case OP_REDUCE: {
        term_red red = (term_red)term_aux(ctx, t);
        if (red == RED_SUM || red == RED_MEAN)
            return raise_product(r, t, TERM_NONE, TERM_NONE);
        term index, body = term_open(ctx, t, &index);
        term v = body ? raise_term(r, body, index, TERM_NONE) : TERM_NONE;
        return v ? applied(r, red == RED_LOGSUMEXP ? "lse" : term_red_name(red), v) : TERM_NONE;
    }
    case OP_FN: return term_argc(ctx, t) == 1 ? raise_function(r, t, TERM_NONE, TERM_NONE) : t;
    case OP_POW: {
        term b = raise_term(r, term_arg(ctx, t, 0), TERM_NONE, TERM_NONE);
        return b ? term_raw_pow(ctx, b, term_arg(ctx, t, 1)) : TERM_NONE;
    }
    case OP_MATFN: return raise_array(r, t);
    case OP_CASES: case OP_BRACKET: case OP_ARRAY: case OP_TUPLE: return TERM_NONE;
    default: return t;
    }
}

static term raise_term(raiser *r, term t, term row, term col)
{
    gradus_ctx *ctx = r->ctx;
    if (!t || r->depth >= RAISE_DEPTH)
        return TERM_NONE;
    r->depth++;
    term result = TERM_NONE;
    if (!row && col)
        result = transpose(r, raise_term(r, t, col, TERM_NONE));
    else if (!row)
        result = raise_scalar(r, t);
    else
        switch (term_get_op(ctx, t)) {
        case OP_ADD: result = raise_sum(r, t, row, col); break;
        case OP_ACC: result = raise_element(r, t, row, col); break;
        case OP_FN: case OP_CALL: result = raise_function(r, t, row, col); break;
        case OP_MUL: case OP_REDUCE: result = raise_product(r, t, row, col); break;
        default: break;
        }
    r->depth--;
    return result;
}

/* ---- the record ------------------------------------------------------------------------------------------------------------------ */

static bool is_fresh(gradus_ctx *ctx, term index)
{
    const char *text = term_sym_name(ctx, index);
    return term_find_sym(ctx, text, strlen(text)) != index;
}

static bool plain_indices(gradus_ctx *ctx, term x)
{
    uint32_t rank = term_argc(ctx, x) - 1;
    for (uint32_t i = 1; i <= rank; i++) {
        term k = term_arg(ctx, x, i);
        if (!term_is(ctx, k, OP_SYM) || term_sym_info(ctx, k)->role != ROLE_INDEX)
            return false;
    }
    return rank == 1 || (rank == 2 && term_arg(ctx, x, 1) != term_arg(ctx, x, 2));
}

/* The notations of f when it is differentiated by a whole array: written out in indices before any rule. */
void raise_record_question(gradus_ctx *ctx, term f, term x, step_log *log)
{
    if (!log || !term_is(ctx, x, OP_ACC) || !plain_indices(ctx, x) || !is_fresh(ctx, term_arg(ctx, x, 1)))
        return;
    raiser r = {.ctx = ctx};
    term whole = raise_term(&r, term_canon(ctx, f), TERM_NONE, TERM_NONE);
    for (size_t i = 0; whole && i < r.notes.n; i++) {
        const raise_note *n = &r.notes.at[i];
        bool repeated = !n->matrix;
        for (size_t j = 0; j < i && !repeated; j++)
            repeated = strcmp(r.notes.at[j].rule, n->rule) == 0 && r.notes.at[j].index == n->index;
        if (repeated)
            continue;
        step *s = step_rewrite(log, n->rule, n->index, n->index);
        step_bind(s, "matrix", n->matrix);
    }
    raised_clear(&r);
}

/* The matrix form of the answer d to d/dx, if it has one. */
void raise_record_answer(gradus_ctx *ctx, term d, term x, step_log *log)
{
    if (!log || !d || !term_is(ctx, x, OP_ACC) || !plain_indices(ctx, x))
        return;
    raiser r = {.ctx = ctx};
    term row = term_arg(ctx, x, 1), col = term_argc(ctx, x) == 3 ? term_arg(ctx, x, 2) : TERM_NONE;
    term matrix = raise_term(&r, d, row, col);
    if (matrix) {
        step *s = step_rewrite(log, "raise", d, d);
        step_bind(s, "matrix", matrix);
        step_bind(s, "k", row);
        step_bind(s, "l", col);
    }
    raised_clear(&r);
}
