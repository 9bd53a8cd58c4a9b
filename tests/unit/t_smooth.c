/* Slopes of measured series: exact on polynomials, honest about noise, at any distances, with repeats. */
#include "optim/optim.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <string.h>

enum { MANY = 400 };

typedef struct series {
    size_t n;
    double x[MANY], y[MANY], value[MANY], slope[MANY], stderrs[MANY];
    optim_smooth_result res;
} series;

/* Numbers in [0, 1) that are the same in every run (a linear congruence, Knuth's MMIX constants). */
static double next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) * 0x1p-53;
}

static double normal(uint64_t *seed)
{
    double a = next(seed), b = next(seed);
    return sqrt(-2 * log(1 - a)) * cos(2 * acos(-1.0) * b);
}

static gradus_status run(gradus_ctx *ctx, series *s, unsigned order, double half_width)
{
    optim_smooth_options o;
    optim_smooth_defaults(&o);
    o.order = order;
    o.half_width = half_width;
    ctx_begin(ctx);
    return optim_smooth(ctx, s->n, s->x, s->y, &o, &s->res, s->value, s->slope, s->stderrs);
}

/* Places at uneven distances, ascending. */
static void fill_places(series *s, size_t n, double from, double to)
{
    s->n = n;
    for (size_t i = 0; i < n; i++) {
        double u = (double)i / (double)(n - 1);
        s->x[i] = from + (to - from) * (u + 0.3 * u * (1 - u));
    }
}

/* c0 + c1 x + ... and its derivatives by Horner's rule on falling factors. */
static double polynomial(const double *c, unsigned degree, unsigned order, double x)
{
    double sum = 0;
    for (unsigned j = degree + 1; j-- > order;) {
        double f = c[j];
        for (unsigned k = 0; k < order; k++) f *= j - k;
        sum = sum * x + f;
    }
    return sum;
}

static void polynomials_are_exact(void **state)
{
    (void)state;
    static const double c[] = {3, -2, 0.5, 0.25, -0.1, 0.03, 0.01};
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s;
    for (unsigned order = 0; order <= 4; order++)
        for (int given = 0; given < 2; given++) {
            fill_places(&s, 60, -1, 2);
            for (size_t i = 0; i < s.n; i++) s.y[i] = polynomial(c, order + 2, 0, s.x[i]);
            assert_int_equal(run(ctx, &s, order, given ? 0.8 : 0), GRADUS_OK);
            assert_int_equal(s.res.degree, order + 2);
            for (size_t i = 0; i < s.n; i++) {
                /* A polynomial of degree p that stays below 1 on an interval of length h has derivatives of
                 * order k of at most markov*(2/h)^k (Markov's inequality). The rounding of y, at most 20
                 * units of 1e-16, times 100 for that of the fit, is such a polynomial. */
                double markov = 1, p = order + 2;
                for (unsigned k = 0; k < order; k++)
                    markov *= (p * p - k * k) / (2 * k + 1) * 2 / s.res.half_width;
                double size = 100 * 20 * 1e-16 * markov;
                assert_true(fabs(s.slope[i] - polynomial(c, order + 2, order, s.x[i])) < size);
            }
        }
    ctx_free(ctx);
}

static void ties_go_to_the_widest(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s;
    fill_places(&s, 50, 0, 10);
    for (size_t i = 0; i < s.n; i++) s.y[i] = 4 - 3 * s.x[i];
    assert_int_equal(run(ctx, &s, 1, 0), GRADUS_OK);
    assert_true(s.res.half_width > 10);
    assert_int_equal(s.res.window, s.n);
    ctx_free(ctx);
}

static void noise_is_measured(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s;
    double z2 = 0, sigma2 = 0, count = 0;
    uint64_t seed = 7;
    for (int run_number = 0; run_number < 20; run_number++) {
        fill_places(&s, 200, 0, 6);
        for (size_t i = 0; i < s.n; i++) s.y[i] = sin(s.x[i]) + 0.05 * normal(&seed);
        assert_int_equal(run(ctx, &s, 1, 0), GRADUS_OK);
        sigma2 += s.res.sigma * s.res.sigma;
        for (size_t i = 0; i < s.n; i++, count++) z2 += pow((s.slope[i] - cos(s.x[i])) / s.stderrs[i], 2);
    }
    /* 4000 residuals: sigma^2 is off by sqrt(2/4000) = 2 % (one deviation); five of them. */
    assert_true(fabs(sigma2 / 20 / 0.0025 - 1) < 0.12);
    /* Errors in units of the band: about 1. Windows hold about 60 of 200, so there are some 20*3 independent
     * ones: off by sqrt(2/60) = 18 %; four of them, and a little bias. */
    assert_true(z2 / count > 0.4 && z2 / count < 2);
    ctx_free(ctx);
}

static void whole_numbers_by_hand(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s = {.n = 5, .x = {-2, -1, 0, 1, 2}, .y = {-8, -1, 0, 1, 8}};
    assert_int_equal(run(ctx, &s, 1, 3), GRADUS_OK);
    /* x^3 is a cubic: slope 3 x^2. */
    for (size_t i = 0; i < 5; i++) assert_true(fabs(s.slope[i] - 3 * s.x[i] * s.x[i]) < 1e-11);
    ctx_free(ctx);
}

static void repeats_count_as_samples(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    /* Three places, so straight lines: with equal weights at the far ones the slope is that of the means. */
    series s = {.n = 6, .x = {0, 0, 1, 1, 2, 2}, .y = {-1, 1, 9, 11, 19, 21}};
    assert_int_equal(run(ctx, &s, 1, 5), GRADUS_OK);
    assert_int_equal(s.res.distinct, 3);
    assert_int_equal(s.res.degree, 1);
    for (size_t i = 0; i < 6; i++) {
        assert_true(fabs(s.slope[i] - 10) < 1e-12);
        assert_true(s.stderrs[i] > 0);
    }
    ctx_free(ctx);
}

static void narrow_windows_are_widened(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s;
    fill_places(&s, 30, 0, 3);
    s.x[29] = 1000;
    for (size_t i = 0; i < s.n; i++) s.y[i] = s.x[i] * s.x[i];
    assert_int_equal(run(ctx, &s, 1, 1e-9), GRADUS_OK);
    for (size_t i = 0; i < 29; i++) assert_true(fabs(s.slope[i] - 2 * s.x[i]) < 1e-6);
    ctx_free(ctx);
}

static void units_do_not_matter(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s, t;
    uint64_t seed = 3;
    fill_places(&s, 80, 0, 5);
    t = s;
    for (size_t i = 0; i < s.n; i++) {
        s.y[i] = exp(-s.x[i]) + 0.01 * normal(&seed);
        t.x[i] = s.x[i] * 0x1p-40;
        t.y[i] = s.y[i] * 0x1p60;
    }
    assert_int_equal(run(ctx, &s, 1, 0), GRADUS_OK);
    assert_int_equal(run(ctx, &t, 1, 0), GRADUS_OK);
    for (size_t i = 0; i < s.n; i++)
        assert_true(fabs(t.slope[i] * 0x1p-100 - s.slope[i]) <= 1e-9 * fabs(s.slope[i]) + 1e-12);
    ctx_free(ctx);
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    series s = {.n = 0};
    assert_int_equal(run(ctx, &s, 1, 0), GRADUS_SHAPE);
    s = (series){.n = 2, .x = {0, 1}, .y = {0, 1}};
    assert_int_equal(run(ctx, &s, 1, 0), GRADUS_SHAPE);
    assert_int_equal(run(ctx, &s, 5, 0), GRADUS_SHAPE);
    s = (series){.n = 4, .x = {1, 1, 1, 1}, .y = {0, 1, 2, 3}};
    assert_int_equal(run(ctx, &s, 1, 0), GRADUS_SHAPE);
    ctx_free(ctx);
}

static void refused_memory_is_survived(void **state)
{
    (void)state;
    series s;
    uint64_t seed = 5;
    fill_places(&s, 40, 0, 1);
    for (size_t i = 0; i < s.n; i++) s.y[i] = normal(&seed);
    for (size_t n = 1; n < 200; n++) {
        refusing r = {0};
        gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
        r.nth = r.calls + n;
        gradus_status st = run(ctx, &s, 1, 0);
        bool refused = r.refused > 0;
        assert_int_equal(st, refused ? GRADUS_NOMEM : GRADUS_OK);
        ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        if (!refused) return;
    }
    fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomials_are_exact),      cmocka_unit_test(ties_go_to_the_widest),
        cmocka_unit_test(noise_is_measured),          cmocka_unit_test(whole_numbers_by_hand),
        cmocka_unit_test(repeats_count_as_samples),   cmocka_unit_test(narrow_windows_are_widened),
        cmocka_unit_test(units_do_not_matter),        cmocka_unit_test(bad_calls_are_refused),
        cmocka_unit_test(refused_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
