/* unroll: what has a small, known size is written out: sums over numbers, 1 to 4 rows of a matrix function, elements of
 * recurrences at known places. Then arithmetic can compare what binders hide.                                        */
#include "prove/prove_impl.h"

typedef struct unrolling {
    uint32_t left; /* entries that may still be written */
    const prove_known *known;
} unrolling;

static bool number_range(gradus_ctx *ctx, term lo, term hi, long *a, long *b)
{
    return term_get_long(ctx, lo, a) && term_get_long(ctx, hi, b);
}

static term combine(gradus_ctx *ctx, term_red r, const term *t, uint32_t n)
{
    switch (r) {
    case RED_SUM: return term_add(ctx, t, n);
    case RED_PROD: return term_mul(ctx, t, n);
    case RED_MEAN: return n ? term_div(ctx, term_add(ctx, t, n), term_int(ctx, (long)n)) : term_undefined(ctx);
    case RED_MAX: return n ? term_apply(ctx, FN_max, t, n) : TERM_NONE;
    case RED_MIN: return n ? term_apply(ctx, FN_min, t, n) : TERM_NONE;
    default: return TERM_NONE;
    }
}

static term unroll_reduce(gradus_ctx *ctx, term t, unrolling *u)
{
    long lo, hi;
    term_red r = (term_red)term_aux(ctx, t);
    if ((term_get_flags(ctx, t) & TF_DANGLING) || r == RED_ARGMAX || r == RED_ARGMIN ||
        !number_range(ctx, term_arg(ctx, t, 1), term_arg(ctx, t, 2), &lo, &hi) ||
        (hi >= lo && (unsigned long)hi - (unsigned long)lo >= u->left))
        return t;
    term index, body = term_open(ctx, t, &index), result = TERM_NONE;
    term_vec parts = {0};
    for (long i = lo; i <= hi && body; i++, u->left--) {
        term v = term_int(ctx, i), part = term_subst(ctx, body, &index, &v, 1);
        if (part && r == RED_LOGSUMEXP)
            part = term_apply1(ctx, FN_exp, part);
        if (!part || !vec_push(ctx, &parts, part))
            goto done;
    }
    if (r == RED_LOGSUMEXP)
        result = parts.n ? term_apply1(ctx, FN_log, term_add(ctx, parts.at, (uint32_t)parts.n)) : t;
    else
        result = combine(ctx, r, parts.at, (uint32_t)parts.n);
done:
    vec_clear(ctx, &parts);
    return result ? result : t;
}

/* ---- matrices of up to 4 rows --------------------------------------------------------------------------------- */

enum { MAX_ROWS = 4 };

static bool square_entries(gradus_ctx *ctx, term a, term m[MAX_ROWS][MAX_ROWS], uint32_t *n)
{
    long rows, cols;
    if (!term_get_long(ctx, term_extent(ctx, a, 0), &rows) || !term_get_long(ctx, term_extent(ctx, a, 1), &cols) ||
        rows != cols || rows < 1 || rows > MAX_ROWS)
        return false;
    *n = (uint32_t)rows;
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < rows; j++)
            if (!(m[i][j] = term_acc(ctx, a, (term[]){term_int(ctx, i + 1), term_int(ctx, j + 1)}, 2)))
                return false;
    return true;
}

/* Determinant of the rows and columns in the sets (bits), by the first row; at most 4 deep. */
static term minor(gradus_ctx *ctx, term m[MAX_ROWS][MAX_ROWS], uint32_t n, unsigned rows, unsigned cols)
{
    if (!rows)
        return term_int(ctx, 1);
    uint32_t i = 0;
    while (!(rows >> i & 1))
        i++;
    term sum = term_int(ctx, 0);
    long sign = 1;
    for (uint32_t j = 0; j < n; j++) {
        if (!(cols >> j & 1))
            continue;
        term rest = minor(ctx, m, n, rows & ~(1u << i), cols & ~(1u << j));
        sum = term_add2(ctx, sum, term_mul(ctx, (term[]){term_int(ctx, sign), m[i][j], rest}, 3));
        sign = -sign;
    }
    return sum;
}

static term unroll_matfn(gradus_ctx *ctx, term t)
{
    term m[MAX_ROWS][MAX_ROWS];
    uint32_t n;
    if (term_aux(ctx, t) == MATFN_INV || !square_entries(ctx, term_arg(ctx, t, 0), m, &n))
        return t;
    unsigned all = (1u << n) - 1;
    term det = minor(ctx, m, n, all, all);
    return term_aux(ctx, t) == MATFN_DET ? det : term_apply1(ctx, FN_log, det);
}

/* inv(A)[i,j] = (-1)^(i+j) * minor of A without row j and column i / det(A). */
static term unroll_inverse(gradus_ctx *ctx, term t)
{
    term a = term_arg(ctx, t, 0), m[MAX_ROWS][MAX_ROWS];
    long i, j;
    uint32_t n;
    if (term_argc(ctx, t) != 3 || !term_get_long(ctx, term_arg(ctx, t, 1), &i) ||
        !term_get_long(ctx, term_arg(ctx, t, 2), &j) || !square_entries(ctx, term_arg(ctx, a, 0), m, &n) || i < 1 || j < 1 ||
        i > n || j > n)
        return t;
    unsigned all = (1u << n) - 1;
    term cofactor = minor(ctx, m, n, all & ~(1u << (j - 1)), all & ~(1u << (i - 1)));
    return term_mul(ctx, (term[]){term_int(ctx, (i + j) % 2 ? -1 : 1), cofactor,
                                  term_pow_int(ctx, minor(ctx, m, n, all, all), -1)}, 3);
}

/* ---- recurrences -------------------------------------------------------------------------------------------------- */

/* Part of a rule, with what is known of its sizes put in. */
static term with_known(gradus_ctx *ctx, const unrolling *u, term t)
{
    return t && u->known->n ? term_subst(ctx, t, u->known->from, u->known->to, u->known->n) : term_canon(ctx, t);
}

/* h[3] by the rule that covers 3: a base case first, then the general rule whose range holds it. */
static term unroll_element(gradus_ctx *ctx, term t, unrolling *u)
{
    const sym_info *info = term_sym_info(ctx, term_arg(ctx, t, 0));
    uint32_t n = term_argc(ctx, t) - 1;
    if (!info->recursive || u->left == 0)
        return t;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t r = 0; r < info->rule_count; r++) {
            const sym_rule *rule = &info->rules[r];
            term from[SYM_MAX_RANK], to[SYM_MAX_RANK];
            uint32_t formals = 0;
            bool fits = rule->n == n;
            for (uint32_t k = 0; k < n && fits; k++) {
                term e = term_arg(ctx, t, k + 1), f = rule->index[k];
                bool formal = term_is(ctx, f, OP_SYM) && rule->lo[k] != TERM_NONE;
                formal = formal || (term_is(ctx, f, OP_SYM) && term_sym_info(ctx, f)->role == ROLE_INDEX);
                f = formal ? f : with_known(ctx, u, f);
                long v, w;
                fits = term_get_long(ctx, e, &v);
                if (formal) {
                    if (fits && rule->lo[k] && term_get_long(ctx, with_known(ctx, u, rule->lo[k]), &w))
                        fits = v >= w;
                    if (fits && rule->hi[k] && term_get_long(ctx, with_known(ctx, u, rule->hi[k]), &w))
                        fits = v <= w;
                    from[formals] = f;
                    to[formals++] = e;
                } else {
                    fits = fits && term_get_long(ctx, f, &w) && v == w;
                }
            }
            if (!fits || (pass == 0) != (formals == 0))
                continue;
            u->left--;
            return term_subst(ctx, with_known(ctx, u, rule->body), from, to, formals);
        }
    return t;
}

static term unroll_node(gradus_ctx *ctx, term t, void *user)
{
    unrolling *u = user;
    if (term_get_flags(ctx, t) & TF_DANGLING)
        return t;
    switch (term_get_op(ctx, t)) {
    case OP_REDUCE: return unroll_reduce(ctx, t, u);
    case OP_MATFN: return unroll_matfn(ctx, t);
    case OP_ACC:
        if (term_is(ctx, term_arg(ctx, t, 0), OP_SYM))
            return unroll_element(ctx, t, u);
        return term_is(ctx, term_arg(ctx, t, 0), OP_MATFN) ? unroll_inverse(ctx, t) : t;
    default: return t;
    }
}

term prove_unroll(gradus_ctx *ctx, term t, uint32_t budget, const prove_known *known)
{
    unrolling u = {budget, known};
    for (int round = 0; round < 200 && t && u.left; round++) {
        term next = term_unfold(ctx, prove_map(ctx, t, unroll_node, &u));
        if (next == t)
            break;
        t = next;
    }
    return t;
}
