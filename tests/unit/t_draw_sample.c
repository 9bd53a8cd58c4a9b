/* Sampling: what is joined lies on the curve, and nothing is joined across jumps, poles and undefined
 * stretches. */
#include "draw/draw_impl.h"
#include "support/cm.h"

#include <math.h>
#include <string.h>

enum { BASE = 400 };

static double f_square(void *u, double x)
{
    (void)u;
    return x * x;
}
static double f_inverse(void *u, double x)
{
    (void)u;
    return 1 / x;
}
static double f_inverse_square(void *u, double x)
{
    (void)u;
    return 1 / (x * x);
}
static double f_tan(void *u, double x)
{
    (void)u;
    return tan(x);
}
static double f_needle(void *u, double x)
{
    (void)u;
    return exp(-1e6 * x * x);
}
static double f_floor(void *u, double x)
{
    (void)u;
    return floor(x);
}
static double f_sign(void *u, double x)
{
    (void)u;
    return (x > 0) - (x < 0);
}
static double f_sqrt(void *u, double x)
{
    (void)u;
    return sqrt(x);
}
static double f_log(void *u, double x)
{
    (void)u;
    return log(x);
}
static double f_sinc(void *u, double x)
{
    (void)u;
    return sin(x) / x;
}
static double f_steep(void *u, double x)
{
    (void)u;
    return 1 / (1 + exp(-1e7 * (x - 0.123)));
}
static double f_cbrt(void *u, double x)
{
    (void)u;
    return cbrt(x);
}
static double f_wave(void *u, double x)
{
    (void)u;
    return sin(40 * x);
}
static double f_wiggle(void *u, double x)
{
    (void)u;
    return sin(1 / x);
}
static double f_nothing(void *u, double x)
{
    (void)u;
    return sqrt(-1 - x * x);
}
static double f_shifted_jump(void *u, double x)
{
    (void)u;
    return x < 0.7312345678 ? 0 : 1 + x;
}
static double f_island(void *u, double x)
{
    (void)u;
    return sqrt(0.25 - (x - 1) * (x - 1));
}

static void sample(gradus_ctx *ctx, draw_fn1 f, double a, double b, range y, window *w, samples *s)
{
    memset(s, 0, sizeof *s);
    *w = (window){.x = {a, b}, .y = y, .left = 0, .top = 0, .width = 400, .height = 300};
    assert_true(sample_base(ctx, f, NULL, a, b, false, BASE, s));
    assert_true(sample_curve(ctx, f, NULL, w, s));
}

static double first_x(const samples *s, size_t r)
{
    return s->at.at[s->runs.at[r].first].x;
}

static double last_x(const samples *s, size_t r)
{
    return s->at.at[s->runs.at[r].first + s->runs.at[r].n - 1].x;
}

/* The chord's middle is within a quarter of a point of the curve, measured on paper and only where it is
 * seen. */
static void check_on_curve(draw_fn1 f, const window *w, const samples *s)
{
    for (size_t r = 0; r < s->runs.n; r++)
        for (size_t i = 1; i < s->runs.at[r].n; i++) {
            const point2 *p = &s->at.at[s->runs.at[r].first + i - 1], *q = p + 1;
            assert_true(p->x <= q->x);
            double du = window_u(w, q->x) - window_u(w, p->x),
                   dv = fabs(window_v(w, q->y) - window_v(w, p->y));
            double y = f(NULL, (p->x + q->x) / 2),
                   off = fabs(window_v(w, y) - window_v(w, (p->y + q->y) / 2));
            bool seen = y >= w->y.low && y <= w->y.high;
            /* Where the curve is steep, the distance across counts. */
            assert_true(!seen || off < 0.25 || off * du / dv < 0.25);
        }
}

static void smooth_curves_are_one_run(void **state)
{
    static const struct {
        draw_fn1 f;
        double a, b;
        range y;
    } cases[] = {{f_square, -3, 3, {0, 9}},
                 {f_steep, -1, 1, {0, 1}},
                 {f_cbrt, -1, 1, {-1, 1}},
                 {f_wave, -1, 1, {-1, 1}}};
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        window w;
        samples s;
        sample(ctx, cases[i].f, cases[i].a, cases[i].b, cases[i].y, &w, &s);
        assert_int_equal(s.runs.n, 1);
        assert_true(first_x(&s, 0) == cases[i].a && last_x(&s, 0) == cases[i].b);
        check_on_curve(cases[i].f, &w, &s);
        samples_clear(ctx, &s);
    }
    ctx_free(ctx);
}

static void poles_split_the_curve(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    window w;
    samples s;
    (void)state;
    sample(ctx, f_inverse, -5, 5.3, (range){-3, 3}, &w, &s);
    assert_int_equal(s.runs.n, 2);
    assert_true(last_x(&s, 0) <= 0 && first_x(&s, 1) >= 0);
    assert_true(s.at.at[s.runs.at[0].n - 1].y < -3 &&
                s.at.at[s.runs.at[1].first].y > 3); /* they leave the frame */
    check_on_curve(f_inverse, &w, &s);
    samples_clear(ctx, &s);

    sample(ctx, f_inverse_square, -5, 5.3, (range){0, 6}, &w, &s);
    assert_int_equal(s.runs.n, 2);
    samples_clear(ctx, &s);

    sample(ctx, f_tan, -20, 20, (range){-7, 7}, &w, &s);
    size_t poles = 0;
    for (size_t r = 0; r + 1 < s.runs.n; r++) {
        double k = round(last_x(&s, r) / M_PI - 0.5);
        assert_true(fabs(last_x(&s, r) - (k + 0.5) * M_PI) < 1e-5);
        assert_true(last_x(&s, r) < first_x(&s, r + 1));
        poles++;
    }
    assert_int_equal(poles, 12); /* (k + 1/2)*pi in [-20, 20]: k = -6 .. 5 */
    samples_clear(ctx, &s);
    ctx_free(ctx);
}

static void jumps_split_the_curve_and_tell_whose_point_it_is(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    window w;
    samples s;
    (void)state;
    sample(ctx, f_floor, -2.5, 2.5, (range){-3, 2}, &w, &s);
    assert_int_equal(s.runs.n, 6);
    for (size_t r = 0; r + 1 < s.runs.n; r++) {
        assert_int_equal(s.runs.at[r].right, END_OPEN);
        assert_int_equal(s.runs.at[r + 1].left, END_CLOSED);
        assert_true(first_x(&s, r + 1) == (double)r - 2); /* the jump is found to the last bit */
        assert_true(last_x(&s, r) < first_x(&s, r + 1));
    }
    assert_int_equal(s.runs.at[0].left, END_PLAIN);
    samples_clear(ctx, &s);

    sample(ctx, f_shifted_jump, 0, 1, (range){0, 2}, &w, &s);
    assert_int_equal(s.runs.n, 2);
    assert_true(first_x(&s, 1) == 0.7312345678);
    samples_clear(ctx, &s);

    sample(ctx, f_sign, -1, 1, (range){-1, 1}, &w, &s);
    assert_int_equal(s.runs.n, 3); /* -1, the point 0, 1 */
    assert_int_equal(s.runs.at[0].right, END_OPEN);
    assert_int_equal(s.runs.at[1].n, 1);
    assert_true(s.at.at[s.runs.at[1].first].x == 0 && s.at.at[s.runs.at[1].first].y == 0);
    assert_int_equal(s.runs.at[2].left, END_OPEN);
    samples_clear(ctx, &s);
    ctx_free(ctx);
}

static void undefined_stretches_are_gaps(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    window w;
    samples s;
    (void)state;
    sample(ctx, f_sqrt, -1.003, 4, (range){0, 2}, &w, &s);
    assert_int_equal(s.runs.n, 1);
    assert_true(first_x(&s, 0) >= 0 && first_x(&s, 0) < 1e-5); /* the edge is reached */
    assert_true(s.at.at[0].y < 0.01);
    check_on_curve(f_sqrt, &w, &s);
    samples_clear(ctx, &s);

    sample(ctx, f_log, -1, 5, (range){-30, 2}, &w, &s);
    assert_int_equal(s.runs.n, 1);
    assert_true(s.at.at[0].y < -30); /* drawn down to the border */
    samples_clear(ctx, &s);

    sample(ctx, f_island, -1, 3, (range){0, 1}, &w, &s);
    assert_int_equal(s.runs.n, 1);
    assert_true(fabs(first_x(&s, 0) - 0.5) < 1e-5 && fabs(last_x(&s, 0) - 1.5) < 1e-5);
    samples_clear(ctx, &s);

    sample(ctx, f_nothing, -1, 3, (range){0, 1}, &w, &s);
    assert_int_equal(s.runs.n, 0);
    samples_clear(ctx, &s);

    sample(ctx, f_sinc, -10, 10, (range){-1, 1.1}, &w, &s); /* undefined at 0 alone: a hole */
    assert_int_equal(s.runs.n, 2);
    assert_int_equal(s.runs.at[0].right, END_OPEN);
    assert_int_equal(s.runs.at[1].left, END_OPEN);
    samples_clear(ctx, &s);
    ctx_free(ctx);
}

static void oscillation_stays_within_budget(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    window w;
    samples s;
    (void)state;
    sample(ctx, f_wiggle, -1, 1, (range){-1.1, 1.1}, &w, &s);
    assert_true(s.at.n < 4 * 2 * 400 + 1000); /* four points to a half-point column */
    double low = 1, high = -1;
    for (size_t i = 0; i < s.at.n; i++)
        if (fabs(s.at.at[i].x) < 0.02) {
            low = fmin(low, s.at.at[i].y);
            high = fmax(high, s.at.at[i].y);
        }
    assert_true(low < -0.99 && high > 0.99);
    for (size_t r = 0; r < s.runs.n; r++)
        assert_true(s.runs.at[r].left != END_OPEN && s.runs.at[r].right != END_OPEN);
    samples_clear(ctx, &s);
    ctx_free(ctx);
}

static range range_of(gradus_ctx *ctx, draw_fn1 f, double a, double b)
{
    draw_figure *fig = draw_new(ctx, NULL);
    window w = {.left = 0, .width = 400, .height = 300};
    draw_add_curve(fig, f, NULL, a, b, NULL, NULL);
    assert_int_equal(range_find(fig, &w), GRADUS_OK);
    draw_free(fig);
    return w.y;
}

static void poles_do_not_squash_the_rest(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    range r = range_of(ctx, f_inverse, -5, 5);
    assert_true(r.high > 1 && r.high < 20 && r.low > -20 && r.low < -1);
    r = range_of(ctx, f_tan, -5, 5);
    assert_true(r.high > 2 && r.high < 30);
    /* The first pass meets the doubles next to the poles; there is nothing higher beside them. */
    r = range_of(ctx, f_tan, -6.283185307179586, 6.283185307179586);
    assert_true(r.high > 2 && r.high < 30 && r.low < -2 && r.low > -30);
    r = range_of(ctx, f_needle, -1, 1); /* narrow, met at its top, yet with an end */
    assert_true(r.high > 0.99);
    r = range_of(ctx, f_square, -3, 3); /* no pole: all of it */
    assert_true(r.high >= 9 && r.high < 10 && r.low > -1);
    r = range_of(ctx, f_nothing, -3, 3);
    assert_true(r.low < r.high);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smooth_curves_are_one_run),
        cmocka_unit_test(poles_split_the_curve),
        cmocka_unit_test(jumps_split_the_curve_and_tell_whose_point_it_is),
        cmocka_unit_test(undefined_stretches_are_gaps),
        cmocka_unit_test(oscillation_stays_within_budget),
        cmocka_unit_test(poles_do_not_squash_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
