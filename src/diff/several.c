/* several: derivatives by several variables, along a direction, and of functions given by an equation; with records. */
#include "diff/diff_impl.h"

/* d f/d x as a step "partial" of an open record. */
static term partial(gradus_ctx *ctx, term f, term x, const term *all, uint32_t n, step_log *log)
{
    const uint32_t one = 1;
    step *s = log ? step_begin(log, STEP_TASK, "partial", term_deriv(ctx, f, &x, &one, 1)) : NULL;
    if (s)
        s->role = "partial";
    step_bind(s, "x", x);
    for (uint32_t i = 0; s && i < n && s->bind_count < 4; i++)
        if (all[i] != x)
            step_bind(s, "y", all[i]);
    term d = diff_by(ctx, f, x, NULL, log);
    step_end(log, s, d);
    return d;
}

term diff_partial(gradus_ctx *ctx, term f, term x, const diff_options *opt, step_log *log)
{
    const uint32_t one = 1;
    step *s = log ? step_begin(log, STEP_TASK, "partial", term_deriv(ctx, f, &x, &one, 1)) : NULL;
    if (s)
        s->role = "partial";
    step_bind(s, "x", x);
    term d = diff_by(ctx, f, x, opt, log);
    step_end(log, s, d);
    return d;
}

term diff_simplify(gradus_ctx *ctx, term f, step_log *log)
{
    step *s = log ? step_begin(log, STEP_CHAIN, "simplify", f) : NULL;
    term g = simplify_before(ctx, f);
    g = g ? term_canon(ctx, g) : TERM_NONE;
    term r = g ? simplify_arithmetic(ctx, g, NULL, 0) : TERM_NONE;
    if (r && r != f && log)
        step_rewrite(log, "simplify", f, r);
    step_end(log, s, r);
    return r;
}

gradus_status diff_partials(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out, step_log *log)
{
    if (!log)
        return diff_gradient(ctx, f, x, n, out);
    step *s = step_begin(log, STEP_CHAIN, "gradient", f);
    step_bind(s, "f", f);
    term whole = TERM_NONE;
    for (uint32_t k = 0; k < n; k++)
        if (!(out[k] = partial(ctx, f, x[k], x, n, log)))
            break;
    if (ctx_status(ctx) == GRADUS_OK)
        whole = term_tuple(ctx, out, n);
    step_end(log, s, whole);
    return ctx_status(ctx);
}

gradus_status diff_jacobian(gradus_ctx *ctx, const term *f, uint32_t m, const term *x, uint32_t n, term *out, step_log *log)
{
    step *s = log ? step_begin(log, STEP_CHAIN, "jacobian", term_tuple(ctx, f, m)) : NULL;
    for (uint32_t i = 0; i < m; i++)
        if (diff_partials(ctx, f[i], x, n, out + (size_t)i * n, log) != GRADUS_OK)
            return ctx_status(ctx);
    step_end(log, s, s ? term_tuple(ctx, out, m * n) : TERM_NONE);
    return ctx_status(ctx);
}

gradus_status diff_hessian(gradus_ctx *ctx, term f, const term *x, uint32_t n, term *out, step_log *log)
{
    step *s = log ? step_begin(log, STEP_CHAIN, "hessian", f) : NULL;
    step_bind(s, "f", f);
    size_t bytes = (size_t)n * sizeof(term);
    term *grad = ctx_realloc(ctx, NULL, 0, bytes ? bytes : 1);
    if (!grad)
        return ctx_status(ctx);
    gradus_status st = diff_partials(ctx, f, x, n, grad, log);
    for (uint32_t i = 0; i < n && st == GRADUS_OK; i++) {
        /* Row i from its diagonal on; what lies left of it is known by symmetry. */
        st = diff_partials(ctx, grad[i], x + i, n - i, out + (size_t)i * n + i, log);
        for (uint32_t j = 0; j < i && st == GRADUS_OK; j++)
            out[(size_t)i * n + j] = out[(size_t)j * n + i];
    }
    if (st == GRADUS_OK) {
        for (uint32_t i = 0; i < n; i++)
            grad[i] = term_tuple(ctx, out + (size_t)i * n, n);
        step_end(log, s, s ? term_tuple(ctx, grad, n) : TERM_NONE);
    }
    ctx_realloc(ctx, grad, bytes ? bytes : 1, 0);
    return ctx_status(ctx);
}

term diff_directional(gradus_ctx *ctx, term f, const term *x, const term *v, uint32_t n, step_log *log)
{
    step *s = log ? step_begin(log, STEP_CHAIN, "direction", f) : NULL;
    step_bind(s, "f", f);
    size_t bytes = (size_t)n * sizeof(term);
    term *grad = ctx_realloc(ctx, NULL, 0, bytes ? bytes : 1), d = TERM_NONE;
    if (!grad)
        return TERM_NONE;
    if (s)
        step_bind(s, "v", term_tuple(ctx, v, n));
    if (diff_partials(ctx, f, x, n, grad, log) == GRADUS_OK) {
        for (uint32_t k = 0; k < n; k++)
            grad[k] = term_mul2(ctx, grad[k], v[k]);
        d = term_add(ctx, grad, n);
    }
    step_end(log, s, d);
    ctx_realloc(ctx, grad, bytes ? bytes : 1, 0);
    return d;
}

/* ---- implicit --------------------------------------------------------------------------------------------------------- */

/* A user function that has y's name but can be found under none: y as a function of x. */
static term function_like(gradus_ctx *ctx, term y, term x)
{
    term f = term_fresh_index(ctx, term_sym_name(ctx, y), TERM_NONE, TERM_NONE);
    if (!f)
        return TERM_NONE;
    term_sym_info(ctx, f)->role = ROLE_FUNCTION;
    term_sym_info(ctx, f)->rank = 1;
    return term_call(ctx, f, NULL, &x, 1);
}

/* Both sides are differentiated with y = y(x); the result is linear in dy/dx, which is solved for. */
term diff_implicit(gradus_ctx *ctx, term equation, term x, term y, step_log *log)
{
    if (!equation || !term_is(ctx, x, OP_SYM) || !term_is(ctx, y, OP_SYM)) {
        if (equation)
            diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "an implicit derivative is taken of one variable by another");
        return TERM_NONE;
    }
    bool rel = term_is(ctx, equation, OP_REL) && term_aux(ctx, equation) == REL_EQ;
    term left = rel ? term_arg(ctx, equation, 0) : equation, right = rel ? term_arg(ctx, equation, 1) : term_int(ctx, 0);
    term yx = function_like(ctx, y, x), zero = term_int(ctx, 0), one = term_int(ctx, 1);
    left = term_raw_subst(ctx, left, &y, &yx, 1);
    right = term_raw_subst(ctx, right, &y, &yx, 1);
    step *s = log ? step_begin(log, STEP_CHAIN, "implicit", equation) : NULL;
    step_bind(s, "y", y);
    step_bind(s, "x", x);
    term dl = diff_by(ctx, left, x, NULL, log), dr = dl ? diff_by(ctx, right, x, NULL, log) : TERM_NONE;
    term slope = dr ? diff_by(ctx, yx, x, NULL, NULL) : TERM_NONE; /* y'(x) */
    if (!slope)
        return TERM_NONE;
    term d = term_sub(ctx, dl, dr);
    term rest = term_subst(ctx, d, &slope, &zero, 1), whole = term_subst(ctx, d, &slope, &one, 1);
    term k = term_sub(ctx, whole, rest);
    rest = term_subst(ctx, rest, &yx, &y, 1);
    k = term_subst(ctx, k, &yx, &y, 1);
    if (!k)
        return TERM_NONE;
    if (term_is_int(ctx, k, 0)) {
        diag_error(ctx, GRADUS_DOMAIN, SPAN_NONE, NULL, "the equation does not tie %s to %s", term_sym_name(ctx, y),
                   term_sym_name(ctx, x));
        return TERM_NONE;
    }
    term result = term_neg(ctx, term_div(ctx, rest, k));
    if (s) {
        term dy = term_deriv(ctx, y, &x, (const uint32_t[]){1}, 1);
        term sum = term_raw_add(ctx, NULL, (term[]){rest, term_raw_mul(ctx, (term[]){k, dy}, NULL, 2)}, 2);
        s->shown = term_rel_make(ctx, REL_EQ, sum, zero);
        s->cond = term_rel_make(ctx, REL_NE, k, zero);
    }
    step_end(log, s, result);
    return result;
}
