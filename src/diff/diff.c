/* diff: the calls of diff.h that run the engine once or several times. */
#include "diff/diff_impl.h"

static bool check_variable(gradus_ctx *ctx, term x)
{
    if (!x)
        return false;
    if (term_is(ctx, x, OP_ACC) && term_is(ctx, term_arg(ctx, x, 0), OP_SYM))
        return true;
    if (term_is(ctx, x, OP_SYM))
        return true;
    diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, "as in d/dx or d/dw[k]", "a derivative is taken by a variable or an element");
    return false;
}

/* Zeros in the shape of f. */
static term zero_like(gradus_ctx *ctx, term f)
{
    term zero = term_int(ctx, 0), index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK];
    if (!term_is(ctx, f, OP_ARRAY))
        return zero;
    uint32_t rank = (term_argc(ctx, f) - 1) / 3;
    for (uint32_t k = 0; k < rank; k++) {
        lo[k] = term_canon(ctx, term_arg(ctx, f, 3 * k + 1));
        hi[k] = term_canon(ctx, term_arg(ctx, f, 3 * k + 2));
        index[k] = term_fresh_index(ctx, term_binder_name(ctx, f, k), lo[k], hi[k]);
    }
    return term_array(ctx, index, lo, hi, rank, zero);
}

/* Canonical form of d. A record of a deep formula leaves p1*(p2*(p3*...)) as it stands: multiplied at once, since one by
 * one would take quadratic time. */
static term settle(gradus_ctx *ctx, term d)
{
    term_vec factors = {0};
    bool ok = d != TERM_NONE;
    while (ok && term_is(ctx, d, OP_MUL) && (term_get_flags(ctx, d) & TF_RAW) && term_argc(ctx, d) == 4 &&
           term_is_int(ctx, term_arg(ctx, d, 1), 1) && term_is_int(ctx, term_arg(ctx, d, 3), 1)) {
        ok = vec_push(ctx, &factors, term_canon(ctx, term_arg(ctx, d, 0)));
        d = term_arg(ctx, d, 2);
    }
    ok = ok && vec_push(ctx, &factors, term_canon(ctx, d));
    d = ok ? term_mul(ctx, factors.at, (uint32_t)factors.n) : TERM_NONE;
    vec_clear(ctx, &factors);
    return d;
}

static term run_once(gradus_ctx *ctx, term f, term x, const diff_options *opt, step_log *log)
{
    engine *e = engine_take(ctx, x, opt, log);
    if (!e)
        return TERM_NONE;
    if (log && !term_symbols(ctx, f, true, &e->names))
        e->failed = true;
    term d = e->failed ? TERM_NONE : engine_run(e, f);
    engine_give(e);
    d = settle(ctx, d);
    return d && term_is_int(ctx, d, 0) ? zero_like(ctx, f) : d;
}

/* ---- once, or order after order ------------------------------------------------------------------------------- */

/* One derivative with its record, tidied at the end if asked. */
static term derive(gradus_ctx *ctx, term f, term x, const diff_options *opt, step_log *log, bool tidy)
{
    const uint32_t one = 1;
    step *root = log ? step_begin(log, STEP_CHAIN, "derivative", term_deriv(ctx, f, &x, &one, 1)) : NULL;
    step_bind(root, "f", f);
    term g = simplify_before(ctx, f);
    if (g != f && g && log)
        step_rewrite(log, "simplify", f, g);
    if (opt && opt->method && strcmp(opt->method, "expand") == 0) {
        term h = method_expand(ctx, g);
        if (h && h != g && log)
            step_rewrite(log, "rewrite", g, h);
        g = h;
    }
    bool by_definition = opt && opt->method && strcmp(opt->method, "definition") == 0;
    term d = TERM_NONE;
    if (g && by_definition) {
        d = definition_derive(ctx, g, x, log);
        if (!d && ctx_status(ctx) == GRADUS_OK)
            diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, "leave the method out to use the rules",
                       "the limit of the secant's slope was not found");
    } else if (g) {
        d = run_once(ctx, g, x, opt, log);
    }
    if (tidy)
        d = diff_tidy(ctx, f, d, opt, log);
    if (tidy && d)
        method_record_alternatives(ctx, f, x, d, opt, log);
    step_end(log, root, d);
    return d;
}

term diff_by(gradus_ctx *ctx, term f, term x, const diff_options *opt, step_log *log)
{
    return diff_order(ctx, f, x, 1, opt, log);
}

term diff_order(gradus_ctx *ctx, term f, term x, uint32_t order, const diff_options *opt, step_log *log)
{
    if (!f || !check_variable(ctx, x) || !method_check(ctx, opt))
        return TERM_NONE;
    f = diff_resolve(ctx, f);
    if (!f)
        return TERM_NONE;
    if (order == 0)
        return term_canon(ctx, f);
    step *root = log && order > 1 ? step_begin(log, STEP_CHAIN, "derivative", term_deriv(ctx, f, &x, &order, 1)) : NULL;
    for (uint32_t k = 0; k < order && f; k++)
        f = derive(ctx, f, x, opt, log, k + 1 == order);
    step_end(log, root, f);
    return f;
}
