/* Contour lines lie where the level is, close where they must, and do not cross undefined cells. */
#include "draw/draw_impl.h"
#include "support/cm.h"

#include <math.h>

static double f_bowl(void *u, double x, double y)
{
    (void)u;
    return x * x + y * y;
}
static double f_saddle(void *u, double x, double y)
{
    (void)u;
    return x * y;
}
static double f_dome(void *u, double x, double y)
{
    (void)u;
    return sqrt(1 - x * x - y * y);
}
static double f_flat(void *u, double x, double y)
{
    (void)u;
    (void)x;
    (void)y;
    return 3;
}
static double f_valley(void *u, double x, double y)
{
    (void)u;
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
}

static draw_figure *figure(gradus_ctx *ctx, draw_fn2 f, grid *g, size_t n)
{
    draw_figure *fig = draw_new(ctx, NULL);
    draw_set_surface(fig, f, NULL, -2, 2, -2, 2, NULL);
    assert_true(grid_sample(fig, g, n, n));
    return fig;
}

static void a_bowl_has_round_contours(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    grid g;
    polylines p = {0};
    draw_figure *fig = figure(ctx, f_bowl, &g, 101);
    (void)state;
    assert_true(contour_trace(ctx, &g, 1, &p));
    assert_int_equal(p.lines.n, 1);
    const polyline *l = &p.lines.at[0];
    assert_true(l->closed);
    assert_true(l->at.at[0].x == l->at.at[l->at.n - 1].x && l->at.at[0].y == l->at.at[l->at.n - 1].y);
    double area = 0;
    for (size_t i = 1; i < l->at.n; i++) {
        /* Linear interpolation along an edge of length h errs by at most h^2/8 times the curvature. */
        assert_true(fabs(hypot(l->at.at[i].x, l->at.at[i].y) - 1) < 4.0 / 101 * 4 / 101);
        area += (l->at.at[i - 1].x * l->at.at[i].y - l->at.at[i].x * l->at.at[i - 1].y) / 2;
    }
    assert_true(fabs(fabs(area) - M_PI) < 0.01);
    polylines_clear(ctx, &p);
    assert_true(contour_trace(ctx, &g, 6, &p)); /* cut off at the corners: four open arcs */
    assert_int_equal(p.lines.n, 4);
    for (size_t i = 0; i < 4; i++) assert_false(p.lines.at[i].closed);
    polylines_clear(ctx, &p);
    grid_clear(ctx, &g);
    draw_free(fig);
    ctx_free(ctx);
}

static void saddles_and_flats_and_edges(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    grid g;
    polylines p = {0};
    draw_figure *fig = figure(ctx, f_saddle, &g, 64);
    (void)state;
    assert_true(contour_trace(ctx, &g, 0.5, &p));
    assert_int_equal(p.lines.n, 2);
    polylines_clear(ctx, &p);
    grid_clear(ctx, &g);
    draw_free(fig);

    fig = figure(ctx, f_flat, &g, 16);
    assert_true(contour_trace(ctx, &g, 3, &p));
    assert_int_equal(p.lines.n, 0);
    grid_clear(ctx, &g);
    draw_free(fig);

    fig = figure(ctx, f_dome, &g, 64);
    assert_true(g.all.low >= 0 && g.all.high <= 1);
    assert_true(contour_trace(ctx, &g, 0.5, &p));
    assert_int_equal(p.lines.n, 1);
    assert_true(p.lines.at[0].closed);
    assert_true(isnan(grid_at(&g, 1.5, 1.5)) && isnan(grid_at(&g, 9, 0)));
    assert_true(fabs(grid_at(&g, 0.01, 0.02) - 1) < 0.01);
    polylines_clear(ctx, &p);
    grid_clear(ctx, &g);
    draw_free(fig);
    ctx_free(ctx);
}

static void levels_show_a_valley(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    grid g;
    levels l;
    draw_figure *fig = figure(ctx, f_valley, &g, 64);
    (void)state;
    assert_true(levels_find(fig, &g, &l));
    assert_true(l.n >= 5 && l.n <= LEVELS_MOST);
    assert_true(l.at[0] < 30 && l.at[l.n - 1] > 500);
    for (size_t i = 1; i < l.n; i++) assert_true(l.at[i] > l.at[i - 1]);
    grid_clear(ctx, &g);
    draw_free(fig);
    fig = figure(ctx, f_bowl, &g, 64);
    assert_true(levels_find(fig, &g, &l));
    assert_true(l.n == 7 && l.at[0] == 1 && l.at[6] == 7);
    assert_string_equal(l.text[2], "3");
    grid_clear(ctx, &g);
    draw_free(fig);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bowl_has_round_contours),
        cmocka_unit_test(saddles_and_flats_and_edges),
        cmocka_unit_test(levels_show_a_valley),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
