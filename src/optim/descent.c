/* Gradient descent: fixed rate (with momentum) or a backtracking line search, every step told to the caller.
 *
 * With a fixed rate a the error along an axis of curvature c shrinks by |1 - a c| a step: it converges for
 * a < 2/c and grows beyond; with momentum m the bound is 2 (1 + m)/c (Polyak 1964). So when values rise, the
 * largest curvature near the best point is measured, and if it explains the rise the result says so.
 *
 * The line search accepts a point when the value falls by the Armijo condition, or, where any fall is lost in
 * rounding, when the slope along the direction has fallen to half: near a minimum gradients have twice the
 * digits of values. After: Hager and Zhang, A new conjugate gradient method, 2005, section 4.  */
#include "optim/optim_impl.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHRINKS_MOST = 60, RISES_MOST = 20, FLAT_MOST = 1000 };
static const double armijo = 1e-4;

typedef struct descent {
    gradus_ctx *ctx;
    const optim_descent_options *o;
    optim_descent_result *result;
    optim_function f;
    size_t n;
    double *memory;
    size_t bytes;
    double *x, *g, *next, *next_g, *velocity, *best, *direction, *best_g; /* n each: the first eight parts */
    double *work; /* 4 n                              */
    double value, best_value, start_value, start_length;
    double rate;        /* the length to try next */
    double noise;       /* what rounding was seen to do to the value */
    size_t rises, flat; /* steps in a row on which the value rose; on which the lowest value did not fall */
} descent;

void optim_descent_defaults(optim_descent_options *o)
{
    *o = (optim_descent_options){
        .size = sizeof *o, .rate = 1, .line_search = true, .max_iterations = 10000, .tolerance = 1e-8};
}

bool optim_evaluate(optim_function *f, const double *x, double *value, double *g)
{
    f->evaluations++;
    return optim_all_finite(x, f->n) && f->call(f->user, x, value, g) && isfinite(*value) &&
           (!g || optim_all_finite(g, f->n));
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void stop(descent *d, optim_stop why, const char *reason)
{
    d->result->stop = why;
    snprintf(d->result->reason, sizeof d->result->reason, "%s", reason);
}

/* Measures the curvature where the value was lowest, and says so if it explains that the rate fails. */
static bool blame_rate(descent *d)
{
    optim_descent_result *res = d->result;
    if (d->o->line_search || isfinite(res->curvature))
        return res->rate_too_large;
    res->curvature = optim_curvature(&d->f, d->best, d->best_g, d->direction, d->work);
    if (!(res->curvature > 0))
        return false;
    res->largest_rate = 2 * (1 + d->o->momentum) / res->curvature;
    /* At the bound itself the points neither fall nor rise; 0.999 covers what the measurement is worth. */
    res->rate_too_large = d->o->rate >= 0.999 * res->largest_rate;
    return res->rate_too_large;
}

static void explain_rate(descent *d, const char *what)
{
    optim_descent_result *res = d->result;
    const char *factor = d->o->momentum > 0 ? "2*(1 + momentum)" : "2";
    snprintf(res->reason, sizeof res->reason,
             "%s: the rate %g is too large; the curvature is about %.4g near the lowest point, so steps stay "
             "stable only below %s/%.4g = %.4g",
             what, d->o->rate, res->curvature, factor, res->curvature, res->largest_rate);
}

static void end_diverged(descent *d, const char *what)
{
    stop(d, OPTIM_DIVERGED, what);
    if (blame_rate(d))
        explain_rate(d, what);
}

/* ---- one step -------------------------------------------------------------------------------- */

static bool report(descent *d, double rate, double step)
{
    optim_step s = {.iteration = d->result->iterations,
                    .x = d->x,
                    .f = d->value,
                    .g = d->g,
                    .g_length = optim_length(d->g, d->n),
                    .rate = rate,
                    .step_length = step};
    return !d->o->on_step || d->o->on_step(d->o->step_user, &s);
}

static void keep_best(descent *d)
{
    d->best_value = d->value;
    memcpy(d->best, d->x, d->n * sizeof *d->x);
    memcpy(d->best_g, d->g, d->n * sizeof *d->g);
}

/* The next point from a fixed rate. false: there is no value. */
static bool step_fixed(descent *d, double *value)
{
    for (size_t k = 0; k < d->n; k++) {
        d->velocity[k] = d->o->momentum * d->velocity[k] - d->o->rate * d->g[k];
        d->next[k] = d->x[k] + d->velocity[k];
    }
    return optim_evaluate(&d->f, d->next, value, d->next_g);
}

/* What rounding does to the value: at least a few units in its last place, more where it was seen to do more (a sum
 * of squares of small differences loses digits long before the sum is formed). */
static double value_noise(const descent *d)
{
    return fmax(8 * DBL_EPSILON * fabs(d->value), fmin(d->noise, 1e-8 * fabs(d->value)));
}

static bool accepts(const descent *d, double rate, double slope, double value)
{
    /* The fall that the slope promises, and what must be seen of it: never less than rounding could feign. */
    double promised = -slope * rate, noise = value_noise(d);
    if (promised > noise && value <= d->value - fmax(armijo * promised, fmin(noise / 2, promised / 4)))
        return true;
    return value <= d->value + value_noise(d) && fabs(optim_dot(d->next_g, d->g, d->n)) <= -slope / 2 &&
           optim_length(d->next_g, d->n) < optim_length(d->g, d->n);
}

/* The next point by halving the length until it is accepted. false: none is. */
static bool step_search(descent *d, double *value, double *used)
{
    double slope = -optim_dot(d->g, d->g, d->n), rate = d->rate;
    for (int i = 0; i < SHRINKS_MOST; i++, rate /= 2) {
        bool moved = false;
        for (size_t k = 0; k < d->n; k++) {
            d->next[k] = d->x[k] - rate * d->g[k];
            moved |= d->next[k] != d->x[k];
        }
        if (!moved)
            return false;
        if (optim_evaluate(&d->f, d->next, value, d->next_g) && accepts(d, rate, slope, *value)) {
            *used = rate;
            d->rate = i == 0 ? 2 * rate : rate; /* try longer only where the first length was accepted */
            return true;
        }
        /* So short a step cannot change the value: what changes is rounding. */
        if (-slope * rate <= 8 * DBL_EPSILON * fabs(d->value) && isfinite(*value))
            d->noise = fmax(d->noise, fabs(*value - d->value));
    }
    return false;
}

/* A search that fails has seen how coarse the values are; with that known a step may be found after all. */
static bool step_search_again(descent *d, double *value, double *used)
{
    double before = value_noise(d);
    return step_search(d, value, used) || (value_noise(d) > before && step_search(d, value, used));
}

static void swap(double **a, double **b)
{
    double *t = *a;
    *a = *b, *b = t;
}

/* Moves to `next`. */
static void advance(descent *d, double value, double *step)
{
    for (size_t k = 0; k < d->n; k++)
        d->direction[k] = d->next[k] - d->x[k];
    *step = optim_length(d->direction, d->n);
    swap(&d->x, &d->next), swap(&d->g, &d->next_g);
    d->rises = value > d->value ? d->rises + 1 : 0;
    d->value = value;
    d->result->iterations++;
    d->flat = value < d->best_value ? 0 : d->flat + 1;
    if (value < d->best_value)
        keep_best(d);
}

/* ---- when to stop ---------------------------------------------------------------------------- */

static bool is_converged(const descent *d)
{
    return optim_length(d->g, d->n) <= d->o->tolerance;
}

/* No step of the length `rate` can change the value by more than its rounding. */
static bool is_flat(const descent *d, double rate)
{
    return rate * optim_dot(d->g, d->g, d->n) <= value_noise(d);
}

/* The end of a run that makes no progress: at a minimum as far as the values can tell, or stalled. */
static void end_stuck(descent *d, double rate, const char *reason)
{
    if (is_flat(d, rate))
        stop(d, OPTIM_CONVERGED, "the value is as low as its rounding can tell");
    else
        stop(d, OPTIM_STALLED, reason);
}

/* Stops of a run with a fixed rate that goes wrong. A value that has doubled beyond the start's after rising
 * many times in a row comes back only by luck. */
static bool goes_wrong(descent *d, double step)
{
    double size = fmax(fabs(d->start_value), fabs(d->best_value));
    if (d->value < 0 && d->value < -1e100 * fmax(1, fabs(d->start_value)))
        return stop(d, OPTIM_DIVERGED,
                    "the values fall without bound: there is no minimum in this direction"),
               true;
    if (optim_length(d->x, d->n) > 1e100 * (1 + d->start_length))
        return end_diverged(d, "the points run away"), true;
    if (d->rises >= RISES_MOST && d->value - d->best_value > 2 * size + 1)
        return end_diverged(d, "the values rise step by step"), true;
    if (step == 0)
        return end_stuck(d, d->o->rate,
                         "the steps are too short to change the point, yet the slope is not zero"),
               true;
    if (d->flat < FLAT_MOST)
        return false;
    end_stuck(d, d->o->rate, "no lower value in the last 1000 steps, yet the slope is not zero");
    if (d->result->stop == OPTIM_STALLED && blame_rate(d))
        explain_rate(d, "the points jump to and fro");
    return true;
}

static void iterate(descent *d)
{
    double step = 0, used = NAN;
    for (;;) {
        if (!report(d, used, step)) {
            stop(d, OPTIM_HALTED, "stopped on request");
            return;
        }
        if (is_converged(d)) {
            stop(d, OPTIM_CONVERGED, "the slope is zero to the tolerance");
            keep_best(d); /* even if rounding, or another valley, gave a lower value on the way */
            return;
        }
        if (d->result->iterations > 0 && goes_wrong(d, step))
            return;
        if (d->result->iterations >= d->o->max_iterations || !ctx_tick(d->ctx)) {
            bool time = ctx_status(d->ctx) != GRADUS_OK;
            stop(d, OPTIM_LIMIT,
                 time ? "the time allowed is spent" : "the number of iterations allowed is spent");
            if (!time && d->flat > 10 && blame_rate(d))
                explain_rate(d, "the number of iterations allowed is spent, and the points jump to and fro");
            return;
        }
        double value = NAN;
        used = d->o->rate;
        if (d->o->line_search ? !step_search_again(d, &value, &used) : !step_fixed(d, &value)) {
            if (d->o->line_search)
                end_stuck(d, d->rate, "no shorter step lowers the value, yet the slope is not zero");
            else
                end_diverged(d, "a step leads to where the function has no finite value");
            return;
        }
        advance(d, value, &step);
    }
}

/* ---- the door -------------------------------------------------------------------------------- */

static bool get_memory(descent *d)
{
    size_t parts = 12;
    if (!size_mul(d->n, parts * sizeof(double), &d->bytes)) {
        ctx_fail(d->ctx, GRADUS_NOMEM);
        return false;
    }
    double *at = d->memory = ctx_realloc(d->ctx, NULL, 0, d->bytes);
    if (!at)
        return false;
    double **part[] = {&d->x,    &d->g,         &d->next,   &d->next_g, &d->velocity,
                       &d->best, &d->direction, &d->best_g, &d->work};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++, at += d->n)
        *part[i] = at;
    memset(d->velocity, 0, d->n * sizeof *d->velocity);
    memset(d->direction, 0, d->n * sizeof *d->direction);
    return true;
}

static gradus_status check_options(gradus_ctx *ctx, size_t n, const optim_descent_options *o)
{
    if (n == 0)
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "there is no variable to descend in");
    if (!(o->rate > 0) || !isfinite(o->rate))
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "the rate must be a positive number, found %g",
                          o->rate);
    if (!(o->momentum >= 0 && o->momentum < 1))
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "the momentum must be in [0, 1), found %g",
                          o->momentum);
    if (o->momentum > 0 && o->line_search)
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, "give a fixed rate",
                          "momentum goes with a fixed rate, not with a line search");
    if (!(o->tolerance >= 0))
        return diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "the tolerance must not be negative, found %g",
                          o->tolerance);
    return GRADUS_OK;
}

gradus_status optim_descend(gradus_ctx *ctx, size_t n, double *x, optim_value_fn f, void *user,
                            const optim_descent_options *options, optim_descent_result *result)
{
    optim_descent_options defaults;
    optim_descent_defaults(&defaults);
    *result = (optim_descent_result){
        .stop = OPTIM_STALLED, .f = NAN, .g_length = NAN, .curvature = NAN, .largest_rate = NAN};
    descent d = {.ctx = ctx,
                 .o = options ? options : &defaults,
                 .result = result,
                 .n = n,
                 .f = {.call = f, .user = user, .n = n}};
    gradus_status status = check_options(ctx, n, d.o);
    if (status != GRADUS_OK)
        return status;
    if (!get_memory(&d))
        return GRADUS_NOMEM;
    memcpy(d.x, x, n * sizeof *x);
    if (!optim_evaluate(&d.f, d.x, &d.value, d.g))
        status = diag_error(ctx, GRADUS_DOMAIN, SPAN_NONE, "start from another point",
                            "the function or its gradient has no finite value at the start");
    else {
        d.start_value = d.value;
        d.start_length = optim_length(d.x, n);
        d.rate = d.o->rate;
        keep_best(&d);
        iterate(&d);
        memcpy(x, d.best, n * sizeof *x);
        result->f = d.best_value;
        result->g_length = optim_length(d.best_g, n);
        status = ctx_status(ctx);
    }
    result->evaluations = d.f.evaluations;
    ctx_realloc(ctx, d.memory, d.bytes, 0);
    return status;
}
