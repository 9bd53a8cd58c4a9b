/* Gradient descent: each stop reason, the reason of a rate that is too large, steps as they were. */
#include "optim/optim_impl.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- functions to descend -------------------------------------------------------------------- */

/* sum c_k x_k^2 / 2 with curvatures c; user: c. */
static bool bowl(void *user, const double *x, double *f, double *g)
{
    const double *c = user;
    *f = 0;
    for (size_t k = 0; k < 2; k++) {
        *f += c[k] * x[k] * x[k] / 2;
        if (g)
            g[k] = c[k] * x[k];
    }
    return true;
}

/* A bowl in turned axes: curvatures 1 and 9 along (1,1) and (1,-1). */
static bool turned(void *user, const double *x, double *f, double *g)
{
    (void)user;
    double p = x[0] + x[1], q = x[0] - x[1];
    *f = p * p / 4 + 9 * q * q / 4;
    if (g)
        g[0] = p / 2 + 9 * q / 2, g[1] = p / 2 - 9 * q / 2;
    return true;
}

static bool rosenbrock(void *user, const double *x, double *f, double *g)
{
    (void)user;
    double a = 1 - x[0], b = x[1] - x[0] * x[0];
    *f = a * a + 100 * b * b;
    if (g)
        g[0] = -2 * a - 400 * x[0] * b, g[1] = 200 * b;
    return true;
}

static bool slope_without_end(void *user, const double *x, double *f, double *g)
{
    (void)user;
    *f = -x[0] + 2 * x[1];
    if (g)
        g[0] = -1, g[1] = 2;
    return true;
}

/* x - log x, defined for x > 0; a minimum at 1. */
static bool half_line(void *user, const double *x, double *f, double *g)
{
    (void)user;
    if (!(x[0] > 0))
        return false;
    *f = x[0] - log(x[0]);
    if (g)
        g[0] = 1 - 1 / x[0];
    return true;
}

/* The gradient has the wrong sign: nothing can be lower along it. */
static bool lying_gradient(void *user, const double *x, double *f, double *g)
{
    (void)user;
    *f = x[0] * x[0];
    if (g)
        g[0] = -2 * x[0];
    return true;
}

static bool quartic(void *user, const double *x, double *f, double *g)
{
    (void)user;
    *f = pow(x[0], 4);
    if (g)
        g[0] = 4 * pow(x[0], 3);
    return true;
}

/* A shallow bowl on a high plateau: the values cannot show the minimum as finely as the slope. */
static bool high_bowl(void *user, const double *x, double *f, double *g)
{
    (void)user;
    *f = 1e12 + 1e6 * (x[0] - 1) * (x[0] - 1);
    if (g)
        g[0] = 2e6 * (x[0] - 1 - 1e-13);
    return true;
}

static bool nan_value(void *user, const double *x, double *f, double *g)
{
    (void)user, (void)x;
    *f = NAN;
    if (g)
        g[0] = 1;
    return true;
}

/* ---- help ------------------------------------------------------------------------------------ */

static const double round_bowl[] = {2, 2}, long_bowl[] = {1, 20};

static optim_descent_result run(optim_value_fn f, const double *user, size_t n, double *x,
                                const optim_descent_options *o)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    optim_descent_result r;
    assert_int_equal(optim_descend(ctx, n, x, f, (void *)(uintptr_t)user, o, &r), GRADUS_OK);
    assert_true(strlen(r.reason) > 10);
    ctx_free(ctx);
    return r;
}

static optim_descent_options fixed(double rate)
{
    optim_descent_options o;
    optim_descent_defaults(&o);
    o.rate = rate, o.line_search = false;
    return o;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void reaches_minima(void **state)
{
    (void)state;
    double x[2] = {1, 1};
    optim_descent_result r = run(bowl, round_bowl, 2, x, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(fabs(x[0]) < 1e-8 && fabs(x[1]) < 1e-8 && r.g_length <= 1e-8);
    x[0] = 5, x[1] = -3;
    r = run(turned, NULL, 2, x, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(hypot(x[0], x[1]) < 2e-8);
    optim_descent_options o = fixed(0.1);
    x[0] = 1, x[1] = 1;
    r = run(bowl, round_bowl, 2, x, &o);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    /* |x| shrinks by 0.8 a step: the count is known. */
    assert_int_equal(r.iterations, (size_t)ceil(log(1e-8 / (2 * sqrt(2))) / log(0.8)));
    assert_false(r.rate_too_large);
    x[0] = 0.01;
    r = run(half_line, NULL, 1, x, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(fabs(x[0] - 1) < 1e-7);
    o.max_iterations = 200000, o.line_search = true, o.rate = 1;
    x[0] = -1.2, x[1] = 1;
    r = run(rosenbrock, NULL, 2, x, &o);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(hypot(x[0] - 1, x[1] - 1) < 1e-6);
}

static void starts_at_the_minimum(void **state)
{
    (void)state;
    double x[2] = {0, 0};
    optim_descent_result r = run(bowl, round_bowl, 2, x, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_int_equal(r.iterations, 0);
}

static void rounding_ends_the_search(void **state)
{
    (void)state;
    double x[1] = {3};
    optim_descent_options o;
    optim_descent_defaults(&o);
    o.tolerance = 0;
    optim_descent_result r = run(high_bowl, NULL, 1, x, &o);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(fabs(x[0] - 1) < 1e-4);
    assert_true(r.iterations < 200);
}

/* Bounds known on paper: 2/c, and 2 (1 + m)/c with momentum. */
static void names_the_largest_rate(void **state)
{
    (void)state;
    const struct { double rate, momentum, bound; bool large; } rows[] = {
        {0.09, 0, 0.1, false}, {0.0999, 0, 0.1, false}, {0.101, 0, 0.1, true}, {0.5, 0, 0.1, true},
        {5, 0, 0.1, true},
        {0.15, 0.9, 0.19, false}, {0.2, 0.9, 0.19, true}, {1, 0.5, 0.15, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double x[2] = {3, 1e-9}; /* hardly anything along the steep axis at first */
        optim_descent_options o = fixed(rows[i].rate);
        o.momentum = rows[i].momentum;
        optim_descent_result r = run(bowl, long_bowl, 2, x, &o);
        assert_int_equal(r.rate_too_large, rows[i].large);
        assert_int_equal(r.stop, rows[i].large ? OPTIM_DIVERGED : OPTIM_CONVERGED);
        if (rows[i].large) {
            assert_true(fabs(r.curvature / 20 - 1) < 1e-4);
            assert_true(fabs(r.largest_rate / rows[i].bound - 1) < 1e-4);
            assert_non_null(strstr(r.reason, "the rate"));
            assert_true(r.f <= 4.5); /* the lowest point is kept */
        }
    }
    double x[2] = {1, 0.5};
    optim_descent_options o = fixed(0.3);
    optim_descent_result r = run(turned, NULL, 2, x, &o);
    assert_true(r.rate_too_large && fabs(r.largest_rate * 9 / 2 - 1) < 1e-4);
}

static void a_rate_on_the_edge_stalls(void **state)
{
    (void)state;
    double x[2] = {1, 1};
    optim_descent_options o = fixed(1);
    optim_descent_result r = run(bowl, round_bowl, 2, x, &o);
    assert_int_equal(r.stop, OPTIM_STALLED);
    assert_true(r.rate_too_large && fabs(r.largest_rate - 1) < 1e-6);
    o.max_iterations = 50;
    x[0] = x[1] = 1;
    r = run(bowl, round_bowl, 2, x, &o);
    assert_int_equal(r.stop, OPTIM_LIMIT);
    assert_true(r.rate_too_large);
    assert_int_equal(r.iterations, 50);
}

static void other_ends(void **state)
{
    (void)state;
    double x[2] = {0, 0};
    assert_int_equal(run(slope_without_end, NULL, 2, x, NULL).stop, OPTIM_DIVERGED);
    x[0] = 3;
    optim_descent_options o = fixed(0.1);
    optim_descent_result r = run(quartic, NULL, 1, x, &o);
    assert_int_equal(r.stop, OPTIM_DIVERGED);
    assert_true(r.rate_too_large && x[0] == 3 && r.f == 81);
    x[0] = 4; /* steps out of the domain */
    o = fixed(6);
    r = run(half_line, NULL, 1, x, &o);
    assert_int_equal(r.stop, OPTIM_DIVERGED);
    assert_non_null(strstr(r.reason, "no finite value"));
    assert_true(x[0] == 4 && !r.rate_too_large);
    x[0] = 1;
    r = run(lying_gradient, NULL, 1, x, NULL);
    assert_int_equal(r.stop, OPTIM_STALLED);
    assert_true(x[0] == 1);
    x[0] = -1.2, x[1] = 1;
    optim_descent_defaults(&o);
    o.max_iterations = 3;
    r = run(rosenbrock, NULL, 2, x, &o);
    assert_int_equal(r.stop, OPTIM_LIMIT);
    assert_int_equal(r.iterations, 3);
    assert_true(r.f < 24.2);
}

typedef struct trace {
    double x[100][2], f[100], rate[100], step[100];
    size_t n, halt_at;
} trace;

static bool note(void *user, const optim_step *s)
{
    trace *t = user;
    assert_int_equal(s->iteration, t->n);
    memcpy(t->x[t->n], s->x, 2 * sizeof(double));
    t->f[t->n] = s->f, t->rate[t->n] = s->rate, t->step[t->n] = s->step_length;
    assert_true(fabs(s->g_length - hypot(s->g[0], s->g[1])) < 1e-14 * s->g_length);
    t->n++;
    return t->n != t->halt_at;
}

static void steps_are_reported(void **state)
{
    (void)state;
    trace t = {.halt_at = 0};
    optim_descent_options o = fixed(0.125);
    o.on_step = note, o.step_user = &t, o.max_iterations = 20, o.momentum = 0.5;
    double x[2] = {1, -2}, v[2] = {0, 0};
    optim_descent_result r = run(bowl, round_bowl, 2, x, &o);
    assert_int_equal(t.n, r.iterations + 1);
    double y[2] = {1, -2}; /* the same by hand */
    assert_true(isnan(t.rate[0]) && t.step[0] == 0);
    for (size_t i = 0; i < t.n; i++) {
        assert_true(t.x[i][0] == y[0] && t.x[i][1] == y[1] && t.f[i] == y[0] * y[0] + y[1] * y[1]);
        for (int k = 0; k < 2; k++)
            v[k] = 0.5 * v[k] - 0.125 * 2 * y[k], y[k] += v[k];
        if (i + 1 < t.n)
            assert_true(t.rate[i + 1] == 0.125 && fabs(t.step[i + 1] - hypot(v[0], v[1])) < 1e-15);
    }
    memset(&t, 0, sizeof t);
    t.halt_at = 5;
    x[0] = 1, x[1] = -2;
    r = run(bowl, round_bowl, 2, x, &o);
    assert_int_equal(r.stop, OPTIM_HALTED);
    assert_int_equal(t.n, 5);
    assert_true(x[0] == t.x[4][0]);
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    optim_descent_result r;
    double x[2] = {1, 1};
    assert_int_equal(optim_descend(ctx, 0, x, quartic, NULL, NULL, &r), GRADUS_SHAPE);
    const double rates[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        optim_descent_options o = fixed(rates[i]);
        assert_int_equal(optim_descend(ctx, 1, x, quartic, NULL, &o, &r), GRADUS_SHAPE);
    }
    optim_descent_options o = fixed(0.1);
    o.momentum = 1;
    assert_int_equal(optim_descend(ctx, 1, x, quartic, NULL, &o, &r), GRADUS_SHAPE);
    ctx_begin(ctx);
    assert_int_equal(optim_descend(ctx, 1, x, nan_value, NULL, NULL, &r), GRADUS_DOMAIN);
    assert_non_null(diag_first_error(ctx));
    ctx_begin(ctx);
    x[0] = NAN;
    assert_int_equal(optim_descend(ctx, 1, x, quartic, NULL, NULL, &r), GRADUS_DOMAIN);
    ctx_begin(ctx);
    ctx->deadline = 1e-9; /* past */
    x[0] = -1.2;
    optim_descent_defaults(&o);
    assert_int_equal(optim_descend(ctx, 2, x, rosenbrock, NULL, &o, &r), GRADUS_LIMIT);
    assert_int_equal(r.stop, OPTIM_LIMIT);
    assert_true(isfinite(r.f));
    ctx_free(ctx);
    refusing never = {.nth = 2, .onwards = true};
    ctx = ctx_new(refusing_alloc, &never);
    assert_int_equal(optim_descend(ctx, 1, x, quartic, NULL, NULL, &r), GRADUS_NOMEM);
    ctx_free(ctx);
    assert_int_equal(never.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_minima), cmocka_unit_test(starts_at_the_minimum),
        cmocka_unit_test(rounding_ends_the_search),
        cmocka_unit_test(names_the_largest_rate), cmocka_unit_test(a_rate_on_the_edge_stalls),
        cmocka_unit_test(other_ends), cmocka_unit_test(steps_are_reported),
        cmocka_unit_test(bad_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
