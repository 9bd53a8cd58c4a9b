/* Least squares beside the certified problems (t_nist.c): straight lines against the closed formulas, what is
 * not determined, missing values, perfect fits, budgets, refusals; and the QR alone. */
#include "optim/optim_impl.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 40 };

typedef struct table {
    size_t m;
    double x[ROWS], y[ROWS];
    size_t calls, halt_at;
} table;

static double noise(uint64_t *seed)
{
    *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
    return (double)(*seed >> 11) * 0x1p-53 - 0.5;
}

static table make_table(size_t m, double scatter)
{
    table t = {.m = m};
    uint64_t seed = 42;
    for (size_t i = 0; i < m; i++) {
        t.x[i] = (double)i * 0.25;
        t.y[i] = 3 - 2 * t.x[i] + scatter * noise(&seed);
    }
    return t;
}

/* a + b x */
static bool line(void *user, const double *p, double *r, double *J)
{
    table *t = user;
    t->calls++;
    for (size_t i = 0; i < t->m; i++) {
        r[i] = p[0] + p[1] * t->x[i] - t->y[i];
        if (J)
            J[2 * i] = 1, J[2 * i + 1] = t->x[i];
    }
    return true;
}

/* (a + b) + c x: only a + b and c are determined. */
static bool line_with_a_twin(void *user, const double *p, double *r, double *J)
{
    const table *t = user;
    for (size_t i = 0; i < t->m; i++) {
        r[i] = p[0] + p[1] + p[2] * t->x[i] - t->y[i];
        if (J)
            J[3 * i] = 1, J[3 * i + 1] = 1, J[3 * i + 2] = t->x[i];
    }
    return true;
}

/* a + b x + 0 c: c has no effect at all. */
static bool line_and_nothing(void *user, const double *p, double *r, double *J)
{
    const table *t = user;
    (void)p;
    for (size_t i = 0; i < t->m; i++) {
        r[i] = p[0] + p[1] * t->x[i] - t->y[i];
        if (J)
            J[3 * i] = 1, J[3 * i + 1] = t->x[i], J[3 * i + 2] = 0;
    }
    return true;
}

/* sqrt(a) + b x: no value for a < 0, no slope at 0. */
static bool root_line(void *user, const double *p, double *r, double *J)
{
    const table *t = user;
    for (size_t i = 0; i < t->m; i++) {
        r[i] = sqrt(p[0]) + p[1] * t->x[i] - t->y[i];
        if (J)
            J[2 * i] = 0.5 / sqrt(p[0]), J[2 * i + 1] = t->x[i];
    }
    return true;
}

/* a exp(b x): overflows for large b. */
static bool growth(void *user, const double *p, double *r, double *J)
{
    const table *t = user;
    for (size_t i = 0; i < t->m; i++) {
        double e = exp(p[1] * t->x[i]);
        r[i] = p[0] * e - t->y[i];
        if (J)
            J[2 * i] = e, J[2 * i + 1] = p[0] * t->x[i] * e;
    }
    return true;
}

/* 1/(1 + a^2): falls for ever as a grows; never reaches 0. */
static bool tail(void *user, const double *p, double *r, double *J)
{
    (void)user;
    for (size_t i = 0; i < 3; i++) {
        r[i] = 1 / (1 + p[0] * p[0]);
        if (J)
            J[i] = -2 * p[0] * r[i] * r[i];
    }
    return true;
}

static optim_fit_result fit(size_t m, size_t n, double *p, optim_residual_fn f, void *user,
                            const optim_fit_options *o, double *error, double *cov)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    optim_fit_result r;
    assert_int_equal(optim_fit(ctx, m, n, p, f, user, o, &r, error, cov), GRADUS_OK);
    assert_true(strlen(r.reason) > 10);
    ctx_free(ctx);
    return r;
}

static bool close_to(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

static void lines_follow_the_formulas(void **state)
{
    (void)state;
    table t = make_table(ROWS, 1);
    double sx = 0, sy = 0, sxx = 0, sxy = 0, rss = 0, n = ROWS;
    for (size_t i = 0; i < ROWS; i++)
        sx += t.x[i], sy += t.y[i], sxx += t.x[i] * t.x[i], sxy += t.x[i] * t.y[i];
    double d = n * sxx - sx * sx, b = (n * sxy - sx * sy) / d, a = (sy - b * sx) / n;
    for (size_t i = 0; i < ROWS; i++)
        rss += pow(a + b * t.x[i] - t.y[i], 2);
    double s2 = rss / (n - 2);
    const double starts[][2] = {{0, 0}, {1e6, -1e-6}, {a, b}, {-5, 1e9}};
    for (size_t i = 0; i < 4; i++) {
        double p[2] = {starts[i][0], starts[i][1]}, error[2], cov[4];
        optim_fit_result r = fit(ROWS, 2, p, line, &t, NULL, error, cov);
        assert_int_equal(r.stop, OPTIM_CONVERGED);
        assert_int_equal(r.matrix_rank, 2);
        assert_true(close_to(p[0], a, 1e-13) && close_to(p[1], b, 1e-13));
        assert_true(close_to(r.rss, rss, 1e-13) && close_to(r.sigma, sqrt(s2), 1e-13));
        assert_true(close_to(error[0], sqrt(s2 * sxx / d), 1e-12)
            && close_to(error[1], sqrt(s2 * n / d), 1e-12));
        assert_true(close_to(cov[1], -s2 * sx / d, 1e-12) && cov[1] == cov[2]);
        assert_string_equal(r.error_reason, "");
    }
}

static void perfect_fits_converge(void **state)
{
    (void)state;
    table t = make_table(ROWS, 0);
    double p[2] = {17, 11}, error[2];
    optim_fit_result r = fit(ROWS, 2, p, line, &t, NULL, error, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(close_to(p[0], 3, 1e-14) && close_to(p[1], -2, 1e-14));
    assert_true(r.rss < 1e-26 && error[0] < 1e-13);
    for (size_t i = 0; i < ROWS; i++)
        t.y[i] = 2.5 * exp(-0.75 * t.x[i]);
    p[0] = 1, p[1] = 0.1;
    r = fit(ROWS, 2, p, growth, &t, NULL, error, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(close_to(p[0], 2.5, 1e-13) && close_to(p[1], -0.75, 1e-13));
}

static void what_is_not_determined_is_said(void **state)
{
    (void)state;
    table t = make_table(ROWS, 1);
    double p[3] = {1, 1, 1}, error[3], cov[9], q[2] = {0, 0}, plain[2];
    optim_fit_result line_fit = fit(ROWS, 2, q, line, &t, NULL, plain, NULL);
    optim_fit_result r = fit(ROWS, 3, p, line_with_a_twin, &t, NULL, error, cov);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_int_equal(r.matrix_rank, 2);
    assert_true(close_to(r.rss, line_fit.rss, 1e-12) && close_to(p[0] + p[1], q[0], 1e-9));
    assert_true(isnan(error[0]) && isnan(error[1]));
    /* The slope is determined; sigma is of m - n as documented. */
    assert_true(close_to(error[2] / r.sigma, plain[1] / line_fit.sigma, 1e-9));
    assert_true(isnan(cov[0]) && isnan(cov[1]) && isnan(cov[2])
        && close_to(cov[8], error[2] * error[2], 1e-12));
    assert_non_null(strstr(r.error_reason, "2 of the 3 parameters"));
    p[0] = p[1] = 1, p[2] = 5;
    r = fit(ROWS, 3, p, line_and_nothing, &t, NULL, error, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_int_equal(r.matrix_rank, 2);
    assert_true(p[2] == 5 && isnan(error[2]) && error[0] > 0 && error[1] > 0);
    assert_non_null(strstr(r.error_reason, "1 of the 3 parameters"));
    t.m = 2;
    q[0] = q[1] = 0;
    r = fit(2, 2, q, line, &t, NULL, error, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(isnan(r.sigma) && isnan(error[0]));
    assert_non_null(strstr(r.error_reason, "as many rows as parameters"));
}

static void steps_without_a_value_are_shortened(void **state)
{
    (void)state;
    table t = make_table(ROWS, 0.1);
    /* From far away a full step goes to a < 0. */
    double p[2] = {400, 1}, q[2] = {0, 0}, error[2], plain[2];
    optim_fit_result r = fit(ROWS, 2, p, root_line, &t, NULL, error, NULL);
    fit(ROWS, 2, q, line, &t, NULL, plain, NULL);
    assert_int_equal(r.stop, OPTIM_CONVERGED);
    assert_true(close_to(sqrt(p[0]), q[0], 1e-10) && close_to(p[1], q[1], 1e-10));
    /* da = 2 sqrt(a) d(sqrt a) */
    assert_true(close_to(error[0], 2 * q[0] * plain[0], 1e-6));
    for (size_t i = 0; i < ROWS; i++)
        t.y[i] = 1e-3 * exp(2 * t.x[i]);
    p[0] = 1, p[1] = 60; /* exp(60 * 10) is near the largest double; a bold step overflows */
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, growth, &t, NULL, &r, error, NULL), GRADUS_OK);
    assert_true(isfinite(p[0]) && isfinite(p[1]));
    assert_true(r.stop != OPTIM_CONVERGED || close_to(p[1], 2, 1e-6));
    ctx_free(ctx);
}

static void starts_without_a_value_are_errors(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    table t = make_table(ROWS, 1);
    t.y[6] = NAN;
    double p[2] = {1, 1}, error[2];
    optim_fit_result r;
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, line, &t, NULL, &r, error, NULL), GRADUS_DOMAIN);
    assert_non_null(strstr(diag_first_error(ctx)->message, "in row 7"));
    assert_true(p[0] == 1 && isnan(error[0]) && isnan(r.rss));
    ctx_begin(ctx);
    assert_int_equal(optim_fit(ctx, 1, 2, p, line, &t, NULL, &r, error, NULL), GRADUS_SHAPE);
    ctx_begin(ctx);
    assert_int_equal(optim_fit(ctx, 5, 0, p, line, &t, NULL, &r, error, NULL), GRADUS_SHAPE);
    ctx_begin(ctx);
    assert_int_equal(optim_fit(ctx, (size_t)1 << 31, 2, p, line, &t, NULL, &r, error, NULL), GRADUS_LIMIT);
    /* A slope that does not exist where the run begins. */
    ctx_begin(ctx);
    t = make_table(ROWS, 1);
    p[0] = 0;
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, root_line, &t, NULL, &r, error, NULL), GRADUS_OK);
    assert_int_equal(r.stop, OPTIM_STALLED);
    assert_true(p[0] == 0 && isfinite(r.rss) && isnan(error[0]) && isnan(error[1]));
    ctx_free(ctx);
}

static void endless_tails_are_no_minimum(void **state)
{
    (void)state;
    double p[1] = {2}, error[1];
    optim_fit_options o;
    optim_fit_defaults(&o);
    o.max_iterations = 60;
    optim_fit_result r = fit(3, 1, p, tail, NULL, &o, error, NULL);
    assert_true(r.stop == OPTIM_LIMIT || r.stop == OPTIM_DIVERGED);
    assert_true(p[0] > 100);
}

static bool count_steps(void *user, const optim_step *s)
{
    table *t = user;
    assert_true(s->f >= 0 && s->g == NULL);
    return ++t->halt_at != 3;
}

static void budgets_hold(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    table t = make_table(ROWS, 0.1);
    for (size_t i = 0; i < ROWS; i++)
        t.y[i] = 2.5 * exp(-0.75 * t.x[i]);
    optim_fit_options o;
    optim_fit_defaults(&o);
    o.max_iterations = 2;
    double p[2] = {100, 0.5}, error[2];
    optim_fit_result r;
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, growth, &t, &o, &r, error, NULL), GRADUS_OK);
    assert_int_equal(r.stop, OPTIM_LIMIT);
    assert_true(r.iterations <= 2);
    optim_fit_defaults(&o);
    o.on_step = count_steps, o.step_user = &t;
    p[0] = 100, p[1] = 0.5;
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, growth, &t, &o, &r, error, NULL), GRADUS_OK);
    assert_int_equal(r.stop, OPTIM_HALTED);
    assert_int_equal(t.halt_at, 3);
    ctx->deadline = 1e-9;
    ctx->ticks = 63;
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, growth, &t, NULL, &r, error, NULL), GRADUS_LIMIT);
    assert_int_equal(r.stop, OPTIM_LIMIT);
    ctx_free(ctx);
    refusing never = {.nth = 2, .onwards = true};
    ctx = ctx_new(refusing_alloc, &never);
    assert_int_equal(optim_fit(ctx, ROWS, 2, p, growth, &t, NULL, &r, error, NULL), GRADUS_NOMEM);
    ctx_free(ctx);
    assert_int_equal(never.live, 0);
}

/* Q^T A P = R, and the solution makes the residuals orthogonal to every column. */
static void qr_factors(void **state)
{
    (void)state;
    enum { M = 12, N = 5 };
    uint64_t seed = 1;
    for (int round = 0; round < 200; round++) {
        double a[M * N], kept[M * N], b[M], rest[M], on_r[N], scale[N], x[N];
        size_t column[N];
        bool flat = round % 3 == 2; /* column 4 is a sum of others */
        for (size_t k = 0; k < N; k++)
            for (size_t i = 0; i < M; i++)
                a[k * M + i] = noise(&seed) * pow(10, (double)(k * 7 % 5) * (round % 2 ? 30 : 0) - 60);
        for (size_t i = 0; i < M && flat; i++)
            a[4 * M + i] = a[i] / 3 + a[M + i] * 1e-30;
        memcpy(kept, a, sizeof a);
        for (size_t i = 0; i < M; i++)
            b[i] = rest[i] = noise(&seed);
        optim_qr q = {M, N, 0, a, on_r, scale, column};
        optim_qr_factor(&q);
        assert_true(q.rank == N || flat);
        optim_qr_rotate(&q, b);
        optim_qr_solve(&q, b, x);
        for (size_t k = 0; k < N; k++)
            for (size_t i = 0; i < M; i++)
                rest[i] -= kept[k * M + i] * x[k];
        for (size_t k = 0; k < N; k++) {
            double cosine = optim_dot(kept + k * M, rest, M) / optim_length(kept + k * M, M);
            assert_true(fabs(cosine) < 1e-13);
        }
        for (size_t k = 1; k < N; k++)
            assert_true(fabs(on_r[k]) <= fabs(on_r[k - 1]) * (1 + 1e-12));
    }
}

static void lengths_do_not_overflow(void **state)
{
    (void)state;
    const double big[] = {3e300, 4e300}, small[] = {3e-300, -4e-300}, mixed[] = {1e-320, 0}, none[] = {0, 0};
    assert_true(close_to(optim_length(big, 2), 5e300, 1e-15));
    assert_true(close_to(optim_length(small, 2), 5e-300, 1e-15));
    assert_true(optim_length(mixed, 2) == 1e-320 && optim_length(none, 2) == 0 && optim_length(none, 0) == 0);
    const double bad[] = {1, NAN}, large[] = {1, -INFINITY};
    assert_true(isnan(optim_length(bad, 2)) && optim_length(large, 2) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_follow_the_formulas), cmocka_unit_test(perfect_fits_converge),
        cmocka_unit_test(what_is_not_determined_is_said),
        cmocka_unit_test(steps_without_a_value_are_shortened),
        cmocka_unit_test(starts_without_a_value_are_errors), cmocka_unit_test(endless_tails_are_no_minimum),
        cmocka_unit_test(budgets_hold), cmocka_unit_test(qr_factors),
        cmocka_unit_test(lengths_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
