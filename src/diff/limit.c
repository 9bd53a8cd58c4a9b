/* limit: what a formula tends to. */
#include "diff/diff_impl.h"

/* Does t have a value at all (arguments symbolic: unknown)? Only numeric terms are decided. */
static gradus_truth has_value(gradus_ctx *ctx, term t)
{
    if (!t || term_is(ctx, t, OP_UNDEF))
        return GRADUS_NO;
    if (!(term_get_flags(ctx, t) & TF_NUMERIC))
        return GRADUS_UNKNOWN;
    arb_t v;
    arb_init(v);
    eval_problem why = {0};
    fn_ball b = eval_enclose(ctx, t, NULL, 0, 128, v, &why);
    bool finite = b == FN_BALL_OK && arb_is_finite(v);
    arb_clear(v);
    return finite ? GRADUS_YES : b == FN_BALL_OUTSIDE ? GRADUS_NO : GRADUS_UNKNOWN;
}

term diff_limit(gradus_ctx *ctx, term f, term x, term a, term_side side)
{
    (void)side;
    if (!f || !x || !a)
        return TERM_NONE;
    f = term_canon(ctx, term_unfold(ctx, f));
    term at = f ? term_subst(ctx, f, &x, &a, 1) : TERM_NONE;
    if (at && has_value(ctx, at) == GRADUS_YES)
        return at;
    diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "this limit was not found");
    return TERM_NONE;
}
