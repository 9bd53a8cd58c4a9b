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

/* p if the condition compares the variable itself with p (== or !=), else none. */
static term point_of(engine *e, term cond)
{
    gradus_ctx *ctx = e->ctx;
    term a = term_arg(ctx, cond, 0), b = term_arg(ctx, cond, 1);
    if (!term_is(ctx, e->x, OP_SYM))
        return TERM_NONE;
    return a == e->x ? b : b == e->x ? a : TERM_NONE;
}

/* The slope at point p, where the formula says only a value there and `near` all around: if near tends to that value
 * (no jump) and its slope tends to a limit, that limit is the slope (mean value theorem). Else none: undefined. */
static term slope_at_point(engine *e, term p, term there, const part *near)
{
    gradus_ctx *ctx = e->ctx;
    term undefined = term_undefined(ctx), x = e->x;
    there = term_subst(ctx, term_canon(ctx, there), &x, &p, 1);
    bool jumps;
    term to = limit_search(ctx, term_canon(ctx, near->body), x, p, SIDE_BOTH, NULL, &jumps);
    if (!to || !there || ctx_status(ctx) != GRADUS_OK)
        return undefined;
    term gap = to == there ? term_int(ctx, 0) : simplify_arithmetic(ctx, term_sub(ctx, to, there), NULL, 0);
    if (!gap || !term_is_int(ctx, gap, 0))
        return undefined;
    term slope = limit_search(ctx, near->deriv, x, p, SIDE_BOTH, NULL, &jumps);
    return slope ? slope : undefined;
}

/* What stands in place of the slope of a branch that holds at a single point. */
static term slope_of_isolated(engine *e, frame *f, term cond, term there, uint32_t near)
{
    term p = point_of(e, cond);
    if (!p || near >= f->count)
        return term_undefined(e->ctx);
    return slope_at_point(e, p, there, frame_part(e, f, near));
}

/* Each branch where it holds. A branch that holds at single points only has a value there but no slope of its own. */
term finish_cases(engine *e, frame *f)
{
    gradus_ctx *ctx = e->ctx;
    uint32_t n = term_argc(ctx, f->t), pairs = n / 2;
    const bool rest_isolated = is_isolated_rest(e, f);
    term_vec cv = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i + 1 < n; i += 2) {
        term c = term_arg(ctx, f->t, i), d = frame_part(e, f, i / 2)->deriv;
        if (is_isolated(e, c)) /* {value if x == p; near otherwise} */
            d = slope_of_isolated(e, f, c, term_arg(ctx, f->t, i + 1), n == 3 ? 1 : f->count);
        ok = vec_push(ctx, &cv, term_canon(ctx, c)) && vec_push(ctx, &cv, d);
    }
    term otherwise = n % 2 ? frame_part(e, f, f->count - 1)->deriv : TERM_NONE;
    if (rest_isolated) /* {near if x != p; value otherwise} */
        otherwise = slope_of_isolated(e, f, term_arg(ctx, f->t, 0), term_arg(ctx, f->t, 2), 0);
    term r = ok ? term_cases(ctx, cv.at, pairs, otherwise) : TERM_NONE;
    vec_clear(ctx, &cv);
    return r;
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
