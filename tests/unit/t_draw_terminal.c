/* Figures in characters: the size asked for, the alphabet asked for, and dots where the curve is. */
#include "draw/draw_impl.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double f_square(void *u, double x)
{
    (void)u;
    return x * x;
}
static double f_double(void *u, double x)
{
    (void)u;
    return 2 * x;
}
static double f_inverse(void *u, double x)
{
    (void)u;
    return 1 / x;
}
static double f_bowl(void *u, double x, double y)
{
    (void)u;
    return x * x + y * y;
}

static draw_figure *figure(gradus_ctx *ctx, const draw_options *o, bool map)
{
    draw_figure *fig = draw_new(ctx, o);
    const double xs[] = {-1.5, -0.8, -0.3}, ys[] = {1.5, 0.8, 0.3};
    if (map) {
        draw_set_surface(fig, f_bowl, NULL, -2, 2, -2, 2, "$z$");
        draw_add_path(fig, 3, xs, ys, true, "descent", NULL);
        return fig;
    }
    draw_add_curve(fig, f_square, NULL, -2, 2, "$x^2$", NULL);
    draw_add_curve(fig, f_double, NULL, -2, 2, "$2*x$", NULL);
    draw_add_curve(fig, f_inverse, NULL, -2, 2, "$1/x$", NULL);
    draw_add_point(fig, 1, 1, "(1, 1)", NULL);
    return fig;
}

static char *picture(gradus_ctx *ctx, const draw_options *o, bool map)
{
    draw_figure *fig = figure(ctx, o, map);
    strbuf b;
    strbuf_init(&b, ctx);
    assert_int_equal(draw_terminal(fig, &b), GRADUS_OK);
    char *s = strdup(strbuf_str(&b));
    strbuf_clear(&b);
    draw_free(fig);
    return s;
}

static void check_size(const char *s, const draw_options *o)
{
    size_t rows = 0;
    for (const char *line = s; *line; rows++) {
        size_t n = strcspn(line, "\n");
        assert_true(utf8_width(line, n) <= o->columns);
        assert_true(n == 0 || line[n - 1] != ' ');
        line += n + 1;
    }
    assert_int_equal(rows, o->rows);
}

static void pictures_keep_size_and_alphabet(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    for (unsigned columns = 24; columns < 130; columns += 7)
        for (unsigned rows = 8; rows < 40; rows += 5)
            for (int kind = 0; kind < 4; kind++) {
                draw_options o;
                draw_options_defaults(&o);
                o.columns = columns;
                o.rows = rows;
                o.ascii = kind % 2;
                o.title = "A rather long title, which may not fit at all";
                o.x_label = "$x$";
                o.y_label = "$y$";
                char *s = picture(ctx, &o, kind / 2);
                check_size(s, &o);
                assert_null(strchr(s, '\x1b'));
                for (const char *c = s; o.ascii && *c; c++)
                    assert_true(*c == '\n' || (*c >= 0x20 && *c < 0x7f));
                free(s);
            }
    ctx_free(ctx);
}

static void colours_change_nothing_but_colour(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_options o;
    (void)state;
    draw_options_defaults(&o);
    char *plain = picture(ctx, &o, false);
    o.color = true;
    char *colored = picture(ctx, &o, false), *to = colored;
    assert_non_null(strchr(colored, '\x1b'));
    for (const char *c = colored; *c; c++) {
        if (*c == '\x1b') c = strchr(c, 'm');
        else *to++ = *c;
    }
    *to = 0;
    assert_string_equal(plain, colored);
    free(plain);
    free(colored);
    ctx_free(ctx);
}

/* Every dot of y = x^2 lies within a dot of the curve, and every column has one. */
static void dots_lie_on_the_curve(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_options o;
    (void)state;
    draw_options_defaults(&o);
    o.columns = 44;
    o.rows = 22;
    o.legend = false;
    o.y_min = 0;
    o.y_max = 1;
    draw_figure *fig = draw_new(ctx, &o);
    draw_add_curve(fig, f_square, NULL, -1, 1, NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    assert_int_equal(draw_terminal(fig, &b), GRADUS_OK);
    enum { WIDE = 200, HIGH = 100 };
    static bool dots[HIGH][WIDE];
    long row = 0, left = WIDE, right = -1, top = HIGH, bottom = -1, column = 0;
    for (const char *s = strbuf_str(&b); *s;) {
        static const int x_of[8] = {0, 0, 0, 1, 1, 1, 0, 1}, y_of[8] = {0, 1, 2, 0, 1, 2, 3, 3};
        uint32_t c;
        s += utf8_decode(s, 4, &c);
        for (int k = 0; c > 0x2800 && c < 0x2900 && k < 8; k++)
            if ((c - 0x2800) & (1u << k)) {
                long x = 2 * column + x_of[k], y = 4 * row + y_of[k];
                dots[y][x] = true;
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
            }
        column = c == '\n' ? 0 : column + 1;
        row += c == '\n';
    }
    assert_int_equal(bottom - top, 4 * (22 - 2) - 1); /* all rows but the axis and its labels */
    assert_true(right - left > 60);
    for (long x = left; x <= right; x++) {
        bool any = false;
        for (long y = top; y <= bottom; y++) {
            if (!dots[y][x]) continue;
            double at = 2.0 * (double)(x - left) / (double)(right - left) - 1;
            double h = 2.0 / (double)(right - left), low = INFINITY, high = -INFINITY;
            for (double t = -h; t <= h; t += h / 4) {
                low = fmin(low, (at + t) * (at + t));
                high = fmax(high, (at + t) * (at + t));
            }
            double value = 1 - (double)(y - top) / (double)(bottom - top),
                   slack = 1.0 / (double)(bottom - top);
            assert_true(value >= low - slack && value <= high + slack);
            any = true;
        }
        assert_true(any || fabs(2.0 * (double)(x - left) / (double)(right - left) - 1) > 1);
    }
    strbuf_clear(&b);
    draw_free(fig);
    ctx_free(ctx);
}

static void curves_are_told_apart_without_colour(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_options o;
    (void)state;
    draw_options_defaults(&o);
    char *s = picture(ctx, &o, false);
    static const char *const signs[] = {"●", "■", "▲"};
    for (size_t i = 0; i < 3; i++) { /* on the curve and in the legend */
        const char *first = strstr(s, signs[i]);
        assert_non_null(first);
        assert_non_null(strstr(first + 1, signs[i]));
    }
    assert_non_null(strstr(s, "(1, 1)"));
    free(s);
    ctx_free(ctx);
}

/* Every allocation is refused once: no crash, no leak, and the status says NOMEM or the picture is whole. */
static void refused_memory_is_survived(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        size_t step = 1;
        for (size_t nth = 1;; nth += step) {
            refusing r = {.nth = nth};
            gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
            gradus_status st = GRADUS_NOMEM;
            if (ctx) {
                draw_options o;
                draw_options_defaults(&o);
                o.title = "$x^2$";
                draw_figure *fig = figure(ctx, &o, kind == 2);
                strbuf b;
                strbuf_init(&b, ctx);
                st = kind == 0 ? draw_terminal(fig, &b) : draw_render(fig, DRAW_SVG, &b);
                assert_true(st == GRADUS_OK || st == GRADUS_NOMEM);
                strbuf_clear(&b);
                draw_free(fig);
                ctx_free(ctx);
            }
            assert_int_equal(r.live, 0);
            assert_int_equal(r.wrong, 0);
            if (r.refused == 0) break;
            assert_int_equal(st, GRADUS_NOMEM);
            step = nth < 30 ? 1 : nth / 6; /* the early ones all, later ones sampled */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_keep_size_and_alphabet),
        cmocka_unit_test(colours_change_nothing_but_colour),
        cmocka_unit_test(dots_lie_on_the_curve),
        cmocka_unit_test(curves_are_told_apart_without_colour),
        cmocka_unit_test(refused_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
