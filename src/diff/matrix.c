/* matrix: determinant, its logarithm, and the inverse, through the derivatives of the entries.
 *
 *   d det(A)     = det(A) * sum[k,l](inv(A)[l,k] * dA[k,l])
 *   d logdet(A)  = sum[k,l](inv(A)[l,k] * dA[k,l])
 *   d inv(A)[i,j] = -sum[k,l](inv(A)[i,k] * dA[k,l] * inv(A)[l,j])
 * The one part of the frame is the entry A[k,l] with fresh k, l; deltas in its derivative are eliminated by the sums.
 * Source: Magnus and Neudecker, Matrix Differential Calculus, chapter 8.                                            */
#include "diff/diff_impl.h"

static term argument_of(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_ACC) ? term_arg(ctx, term_arg(ctx, t, 0), 0) : term_arg(ctx, t, 0);
}

static term_matfn matfn_of(gradus_ctx *ctx, term t)
{
    return (term_matfn)term_aux(ctx, term_is(ctx, t, OP_ACC) ? term_arg(ctx, t, 0) : t);
}

/* log-determinant: a chain with outer ln and inner det; the determinant's own step is left open for the entry. */
static step *record_log_determinant(engine *e, term t, term a, term k, term l, const char *role, step **chain)
{
    gradus_ctx *ctx = e->ctx;
    step *s = record_begin(e, "log-determinant", t, role);
    if (!s)
        return NULL;
    term det = term_matfn_make(ctx, MATFN_DET, a);
    step_bind(s, "f", t);
    *chain = record_chain(e, t, det, NULL);
    if (*chain) {
        const uint32_t one = 1;
        term g = (*chain)->inner_name, keep = e->x, outer = term_raw_apply(ctx, FN_log, &g, 1);
        (*chain)->shown = term_raw_mul(ctx, (term[]){term_deriv(ctx, outer, &g, &one, 1), record_deriv(e, det)}, NULL, 2);
        e->x = g;
        term slope = term_pow_int(ctx, g, -1);
        step *o = record_leaf(e, "ln", outer, "outer", slope);
        step_bind(o, "f", outer);
        step_bind(o, "u", g);
        step_bind(o, "value", slope);
        e->x = keep;
    }
    step *d = record_begin(e, "determinant", det, "inner");
    step_bind(d, "f", det);
    step_bind(d, "k", k);
    step_bind(d, "l", l);
    s->cond = term_rel_make(ctx, REL_LT, term_int(ctx, 0), det);
    return s;
}

bool enter_matfn(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    term plain = term_canon(ctx, t);
    if (!plain || plain != t)
        return plain ? engine_pass(e, t, plain, role) : engine_answer(e, TERM_NONE);
    term a = argument_of(ctx, t), one = term_int(ctx, 1);
    term k = term_fresh_index(ctx, "k", one, term_extent(ctx, a, 0)), l = term_fresh_index(ctx, "l", one, term_extent(ctx, a, 1));
    if (!engine_push(e, FRAME_MATRIX, t))
        return engine_answer(e, TERM_NONE);
    frame *f = &e->frames.at[e->frames.n - 1];
    f->a = k;
    f->b = l;
    switch (matfn_of(ctx, t)) {
    case MATFN_LOGDET: f->outer = record_log_determinant(e, t, a, k, l, role, &f->inner); break;
    case MATFN_DET:
        f->outer = record_begin(e, "determinant", t, role);
        break;
    case MATFN_INV:
        f->outer = record_begin(e, "inverse-matrix", t, role);
        break;
    }
    if (matfn_of(ctx, t) != MATFN_LOGDET) {
        step_bind(f->outer, "f", t);
        step_bind(f->outer, "k", k);
        step_bind(f->outer, "l", l);
    }
    return !engine_add_part(e, term_acc(ctx, a, (term[]){k, l}, 2), TERM_NONE, "entry");
}

/* sum over k and l of t. */
static term sum_entries(engine *e, const frame *f, term t)
{
    gradus_ctx *ctx = e->ctx;
    term one = term_int(ctx, 1), a = argument_of(ctx, f->t);
    t = term_reduce(ctx, RED_SUM, f->b, one, term_extent(ctx, a, 1), t);
    return term_reduce(ctx, RED_SUM, f->a, one, term_extent(ctx, a, 0), t);
}

term finish_matrix(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    term d = frame_part(e, f, 0)->deriv, a = argument_of(ctx, f->t), k = f->a, l = f->b;
    term inv = term_matfn_make(ctx, MATFN_INV, a);
    if (matfn_of(ctx, f->t) == MATFN_INV) {
        term i = term_arg(ctx, f->t, 1), j = term_arg(ctx, f->t, 2);
        term left = term_acc(ctx, inv, (term[]){i, k}, 2), right = term_acc(ctx, inv, (term[]){l, j}, 2);
        return term_neg(ctx, sum_entries(e, f, term_mul(ctx, (term[]){left, d, right}, 3)));
    }
    term slope = sum_entries(e, f, term_mul2(ctx, term_acc(ctx, inv, (term[]){l, k}, 2), d));
    term of_det = term_mul2(ctx, term_matfn_make(ctx, MATFN_DET, a), slope);
    if (matfn_of(ctx, f->t) == MATFN_DET)
        return of_det;
    if (f->inner) {
        record_end(e, e->log->open, of_det);
        e->chain_depth--;
    }
    return slope;
}
