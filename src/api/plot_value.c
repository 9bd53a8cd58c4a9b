/* plot_value: the values that a picture shows.
 *
 * Doubles are right to far more digits than a picture shows, with two exceptions: an intermediate result
 * overflows (e^x/(1 + e^x) at 1000), and almost everything cancels ((1 - cos(x))/x^2 near 0). The first shows
 * as a NaN or an infinity: such points are looked at again with balls. The second is found by comparing with
 * balls at some points (plot_fn_inspect). A ball proves that no value exists, or gives one to all digits. */
#include "api/plot_impl.h"

#include <math.h>

enum { BALLS_MOST = 4000, BALLS_WORK = 4000000, INSPECTED = 23 };

plot_fn *plot_fn_new(plot_work *w, term f, term with)
{
    plot_fn *fn = f ? arena_alloc(&w->mem, sizeof *fn) : NULL;
    if (!fn) return NULL;
    fn->ctx = w->ctx;
    fn->root[0] = f;
    fn->root[1] = with;
    fn->n = with ? 2 : 1;
    fn->vars = w->vars;
    memcpy(fn->var, w->var, sizeof fn->var);
    /* Large formulas get fewer balls, so that the cost stays in bounds. */
    size_t affordable = BALLS_WORK / ((size_t)term_size(w->ctx, f) + 20);
    fn->balls_left = affordable < BALLS_MOST ? affordable : BALLS_MOST;
    fn->large = term_size(w->ctx, f) > 200;
    fn->plan = eval_plan_new(w->ctx, fn->root, fn->n, fn->var, fn->vars);
    if (fn->plan && vec_push(w->ctx, &w->fns, fn)) return fn;
    eval_plan_free(fn->plan);
    return NULL;
}

void plot_fn_free(plot_fn *fn)
{
    if (fn) eval_plan_free(fn->plan);
}

/* NaN where no value exists or none is proven at 512 bits. */
static double ball_value(plot_fn *fn, term t, const double *x)
{
    gradus_ctx *ctx = fn->ctx;
    term_mark mark = term_get_mark(ctx);
    eval_bind at[2];
    arb_t b;
    double value = NAN;
    for (uint32_t i = 0; i < fn->vars; i++) at[i] = (eval_bind){fn->var[i], term_from_double(ctx, x[i])};
    arb_init(b);
    for (slong prec = 64; prec <= 512; prec *= 2) {
        fn_ball found = eval_enclose(ctx, t, at, fn->vars, prec, b, NULL);
        if (found == FN_BALL_OUTSIDE) break;
        if (found == FN_BALL_OK && arb_is_finite(b) && (arb_rel_accuracy_bits(b) > 40 || arb_is_zero(b))) {
            value = arf_get_d(arb_midref(b), ARF_RND_NEAR);
            break;
        }
    }
    arb_clear(b);
    term_rewind(ctx, mark);
    return value;
}

static double all_by_balls(plot_fn *fn, const double *x)
{
    if (fn->n == 2 && isnan(ball_value(fn, fn->root[1], x))) return NAN;
    return ball_value(fn, fn->root[0], x);
}

double plot_fn_value(plot_fn *fn, const double *x)
{
    double v[2] = {NAN, 0};
    if (fn->large && ctx_seconds_left(fn->ctx) < 0) (void)ctx_fail(fn->ctx, GRADUS_LIMIT);
    if (fn->exact) return all_by_balls(fn, x);
    eval_plan_run(fn->plan, x, v);
    if (isfinite(v[0]) && isfinite(v[1])) return v[0];
    if (fn->balls_left == 0 || ctx_status(fn->ctx) != GRADUS_OK) return NAN;
    fn->balls_left--;
    return all_by_balls(fn, x);
}

double plot_fn_value1(void *fn, double x)
{
    return plot_fn_value(fn, &x);
}

double plot_fn_value2(void *fn, double x, double y)
{
    return plot_fn_value(fn, (double[]){x, y});
}

void plot_fn_inspect(plot_fn *fn, const double *low, const double *high)
{
    double worst = 0, least = INFINITY, most = -INFINITY;
    for (int i = 0; i < INSPECTED && ctx_status(fn->ctx) == GRADUS_OK; i++) {
        double x[2], v[2] = {0, 0};
        for (uint32_t k = 0; k < fn->vars; k++) { /* off the round numbers; the second coordinate wanders */
            double part = fmod((i + 0.5137) / INSPECTED * (k ? 7 : 1), 1);
            x[k] = low[k] + (high[k] - low[k]) * part;
        }
        eval_plan_run(fn->plan, x, v);
        double b = ball_value(fn, fn->root[0], x);
        if (!isfinite(v[0]) || !isfinite(b)) continue;
        worst = fmax(worst, fabs(v[0] - b));
        least = fmin(least, b);
        most = fmax(most, b);
    }
    /* A thousandth of the height is a hairline; a constant has no height but its own size. */
    double visible = 1e-3 * (most - least) + 1e-9 * fmax(fabs(least), fabs(most));
    fn->exact = worst > visible;
}

double plot_exact_value(plot_work *w, term t, term at, term *as_term, const char **why)
{
    gradus_ctx *ctx = w->ctx;
    eval_result r;
    double value = NAN;
    if (why) *why = NULL;
    if (as_term) *as_term = t ? term_subst(ctx, t, &w->var[0], &at, 1) : TERM_NONE;
    /* The raw form decides whether there is a value: x/x has none at 0. */
    term put = t ? term_raw_subst(ctx, t, &w->var[0], &at, 1) : TERM_NONE;
    if (put && eval_ball(ctx, put, NULL, 0, NULL, &w->mem, &r) == GRADUS_OK && r.rank == 0) {
        value = r.value[0];
        if (why) *why = r.problem.why;
    }
    return value;
}
