/* cases: piecewise formulas, brackets, and containers taken entry by entry. */
#include "diff/diff_impl.h"

bool enter_cases(engine *e, term t, const char *role)
{
    gradus_ctx *ctx = e->ctx;
    if (!engine_push(e, FRAME_CASES, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    step *s = record_begin(e, "cases", t, role);
    e->frames.at[at].outer = s;
    step_bind(s, "f", t);
    uint32_t n = term_argc(ctx, t);
    for (uint32_t i = 0; i < n; i++)
        if (i % 2 == 1 || i + 1 == n)
            if (!engine_add_part(e, term_arg(ctx, t, i), TERM_NONE, "branch"))
                return true;
    return false;
}

/* A condition that holds at single points only: x == 0. What a branch says there is a value, not a slope. */
static bool is_isolated(engine *e, term cond)
{
    return term_is(e->ctx, cond, OP_REL) && term_aux(e->ctx, cond) == REL_EQ && engine_classify(e, cond) != CLASS_CONST;
}

static bool is_isolated_rest(engine *e, const frame *f)
{
    gradus_ctx *ctx = e->ctx;
    return term_argc(ctx, f->t) == 3 && term_is(ctx, term_arg(ctx, f->t, 0), OP_REL) &&
           term_aux(ctx, term_arg(ctx, f->t, 0)) == REL_NE && engine_classify(e, term_arg(ctx, f->t, 0)) != CLASS_CONST;
}

/* Each branch where it holds. A branch that holds at single points only has a value there but no slope: the result says
 * nothing at those points. */
term finish_cases(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t n = term_argc(ctx, f->t), pairs = 0;
    term otherwise = n % 2 && !is_isolated_rest(e, f) ? frame_part(e, f, f->count - 1)->deriv : TERM_NONE;
    e->list.n = 0;
    for (uint32_t i = 0; i + 1 < n; i += 2) {
        term c = term_arg(ctx, f->t, i);
        term d = is_isolated(e, c) ? term_undefined(ctx) : frame_part(e, f, i / 2)->deriv;
        if (!vec_push(ctx, &e->list, term_canon(ctx, c)) || !vec_push(ctx, &e->list, d))
            return TERM_NONE;
        pairs++;
    }
    return term_cases(ctx, e->list.at, pairs, otherwise);
}

/* A bracket steps between 0 and 1: flat where it does not step. */
bool enter_bracket(engine *e, term t, const char *role)
{
    step *s = record_leaf(e, "bracket", t, role, term_int(e->ctx, 0));
    step_bind(s, "c", t);
    return engine_answer(e, term_int(e->ctx, 0));
}

/* ---- containers: entry by entry ------------------------------------------------------------------------------------------------- */

bool enter_tuple(engine *e, term t, const char *role)
{
    if (!engine_push(e, FRAME_TUPLE, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    e->frames.at[at].outer = record_begin(e, "elementwise", t, role);
    for (uint32_t i = 0; i < term_argc(e->ctx, t); i++)
        if (!engine_add_part(e, term_arg(e->ctx, t, i), TERM_NONE, "entry"))
            return true;
    return false;
}

term finish_tuple(engine *e, frame *f)
{
    e->list.n = 0;
    for (uint32_t i = 0; i < f->count; i++)
        if (!vec_push(e->ctx, &e->list, frame_part(e, f, i)->deriv))
            return TERM_NONE;
    return term_tuple(e->ctx, e->list.at, f->count);
}

bool enter_array(engine *e, term t, const char *role)
{
    static const char *const name[SYM_MAX_RANK] = {"j", "j2", "j3", "j4", "j5", "j6"};
    gradus_ctx *ctx = e->ctx;
    term index[SYM_MAX_RANK];
    uint32_t rank = (term_argc(ctx, t) - 1) / 3;
    term body = term_open(ctx, t, index);
    if (!body || !engine_push(e, FRAME_ARRAY, t))
        return engine_answer(e, TERM_NONE);
    const size_t at = e->frames.n - 1;
    e->frames.at[at].outer = record_begin(e, "elementwise", t, role);
    for (uint32_t k = 0; k < rank; k++) {
        step_bind(e->frames.at[at].outer, name[k], index[k]);
        if (!vec_push(ctx, &e->open_indices, index[k]))
            return engine_answer(e, TERM_NONE);
    }
    return !engine_add_part(e, body, TERM_NONE, "entry");
}

term finish_array(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t rank = (term_argc(ctx, f->t) - 1) / 3;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    e->open_indices.n -= rank;
    for (uint32_t k = 0; k < rank; k++) {
        index[k] = e->open_indices.at[e->open_indices.n + k];
        lo[k] = term_canon(ctx, term_arg(ctx, f->t, 3 * k + 1));
        hi[k] = term_canon(ctx, term_arg(ctx, f->t, 3 * k + 2));
    }
    return term_array(ctx, index, lo, hi, rank, frame_part(e, f, 0)->deriv);
}
