/* Pictures as files: whole or not at all, the same bytes each time, well-formed, and refusals that say why.
 */
#include "draw/draw_impl.h"
#include "support/cm.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
static double f_nothing(void *u, double x)
{
    (void)u;
    return sqrt(-1 - x * x);
}
static double f_bowl(void *u, double x, double y)
{
    (void)u;
    return x * x + y * y;
}
static double f_nowhere(void *u, double x, double y)
{
    (void)u;
    (void)x;
    (void)y;
    return NAN;
}

static double f_spends(void *u, double x)
{
    (void)x;
    return ctx_fail(u, GRADUS_LIMIT), 0;
}

static draw_figure *plane_figure(gradus_ctx *ctx)
{
    draw_options o;
    draw_options_defaults(&o);
    o.title = "A secant of $x^2$ & <more>";
    o.x_label = "$x$";
    o.y_label = "$y$";
    draw_figure *fig = draw_new(ctx, &o);
    const double xs[] = {0, 1, 2}, ys[] = {1, 2, 0.5}, e[] = {0.1, NAN, 0.2};
    draw_add_curve(fig, f_square, NULL, -1, 3, "$y = x^2$", NULL);
    draw_add_curve(fig, f_inverse, NULL, -1, 3, "$1/x$", NULL);
    draw_add_secant(fig, 1, 1, 2, 4, "secant", NULL);
    draw_add_tangent(fig, 1, 1, 2, "tangent", NULL);
    draw_add_point(fig, 1, 1, "(1, 1)", NULL);
    draw_add_guide(fig, true, 0, "pole", NULL);
    draw_add_path(fig, 3, xs, ys, true, "path", NULL);
    draw_add_scatter(fig, 3, xs, ys, e, "data", NULL);
    draw_add_band(fig, 3, xs, ys, (const double[]){2, 3, 1}, "band", NULL);
    draw_add_arrows(fig, 3, xs, ys, ys, xs, "field", NULL);
    return fig;
}

static draw_figure *surface_figure(gradus_ctx *ctx, bool map)
{
    draw_options o;
    draw_options_defaults(&o);
    o.map = map;
    draw_figure *fig = draw_new(ctx, &o);
    const double xs[] = {-1.8, -1, -0.5, -0.1}, ys[] = {1.2, 0.7, 0.3, 0.1};
    draw_set_surface(fig, f_bowl, NULL, -2, 2, -2, 2, "$z = x^2 + y^2$");
    draw_add_path(fig, 4, xs, ys, true, "descent", NULL);
    return fig;
}

/* Elements nest, attributes are quoted, and no bare & or < stands in the text. */
static bool is_xml(const char *s)
{
    const char *names[64];
    size_t lengths[64], depth = 0, roots = 0;
    if (!strncmp(s, "<?xml", 5)) s = strstr(s, "?>") + 2;
    for (; *s; s++) {
        if (*s == '&' && strncmp(s, "&amp;", 5) && strncmp(s, "&lt;", 4) && strncmp(s, "&gt;", 4))
            return false;
        if (*s == '>') return false;
        if (*s != '<') continue;
        bool close = s[1] == '/';
        const char *name = s + 1 + close;
        size_t n = strcspn(name, " \t\n/>");
        const char *e = name + n;
        while (*e && *e != '>') {
            if (*e == '"' && !(e = strchr(e + 1, '"'))) return false;
            e++;
        }
        if (!*e || n == 0) return false;
        if (close) {
            if (depth == 0 || lengths[--depth] != n || memcmp(names[depth], name, n)) return false;
        } else if (e[-1] != '/') {
            roots += depth == 0;
            names[depth] = name;
            lengths[depth++] = n;
            if (depth == 64) return false;
        }
        s = e;
    }
    return depth == 0 && roots == 1;
}

static void render(draw_figure *fig, draw_format f, strbuf *out)
{
    strbuf_clear(out);
    assert_int_equal(draw_render(fig, f, out), GRADUS_OK);
    assert_true(out->n > 500);
}

static void check_same_bytes(gradus_ctx *ctx, draw_figure *(*make)(gradus_ctx *, bool), bool map)
{
    strbuf a, b;
    strbuf_init(&a, ctx);
    strbuf_init(&b, ctx);
    for (draw_format f = DRAW_SVG; f <= DRAW_PNG; f++) {
        draw_figure *one = make(ctx, map), *two = make(ctx, map);
        render(one, f, &a);
        render(two, f, &b);
        assert_true(a.n == b.n && memcmp(a.at, b.at, a.n) == 0);
        render(one, f, &b); /* and once more from the same figure */
        assert_true(a.n == b.n && memcmp(a.at, b.at, a.n) == 0);
        if (f == DRAW_SVG) {
            assert_true(is_xml(strbuf_str(&a)));
            assert_non_null(strstr(strbuf_str(&a), "<title id=\"title\">"));
            assert_non_null(strstr(strbuf_str(&a), "</desc>"));
        }
        assert_true(f != DRAW_PDF || memcmp(a.at, "%PDF-", 5) == 0);
        assert_true(f != DRAW_PNG || memcmp(a.at, "\x89PNG\r\n", 6) == 0);
        draw_free(one);
        draw_free(two);
    }
    strbuf_clear(&a);
    strbuf_clear(&b);
}

static draw_figure *make_plane(gradus_ctx *ctx, bool map)
{
    (void)map;
    return plane_figure(ctx);
}

static void the_same_figure_gives_the_same_bytes(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    check_same_bytes(ctx, make_plane, false);
    check_same_bytes(ctx, surface_figure, false);
    check_same_bytes(ctx, surface_figure, true);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    ctx_free(ctx);
}

static void the_text_alternative_names_what_is_shown(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_figure *fig = plane_figure(ctx);
    strbuf b;
    (void)state;
    strbuf_init(&b, ctx);
    render(fig, DRAW_SVG, &b);
    assert_non_null(strstr(strbuf_str(&b), "A secant of x² &amp; &lt;more&gt;</title>"));
    assert_non_null(strstr(strbuf_str(&b), "Secant secant through (1, 1) and (2, 4), slope 3."));
    assert_non_null(strstr(strbuf_str(&b), "Tangent tangent at (1, 1), slope 2."));
    strbuf_clear(&b);
    draw_free(fig);
    ctx_free(ctx);
}

/* ---- files --------------------------------------------------------------------------------------------- */

static size_t files_in(const char *folder)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static size_t size_of(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? (size_t)s.st_size : 0;
}

static void files_appear_whole_or_not_at_all(void **state)
{
    char folder[] = "/tmp/gradus-draw-XXXXXX", path[96], link[96];
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_figure *fig = plane_figure(ctx);
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/one.svg", folder);
    assert_int_equal(draw_write(fig, path), GRADUS_OK);
    assert_true(size_of(path) > 1000 && files_in(folder) == 1);

    assert_int_equal(chmod(path, 0640), 0); /* what is replaced keeps its mode, and a link stays a link */
    snprintf(link, sizeof link, "%s/link.svg", folder);
    assert_int_equal(symlink("one.svg", link), 0);
    assert_int_equal(draw_write(fig, link), GRADUS_OK);
    struct stat s;
    assert_true(lstat(link, &s) == 0 && S_ISLNK(s.st_mode));
    assert_true(stat(path, &s) == 0 && (s.st_mode & 0777) == 0640);
    assert_int_equal(files_in(folder), 2);

    static const struct {
        const char *path, *word;
        gradus_status status;
    } bad[] = {{"/dev/full", "No space", GRADUS_IO},         {"/nowhere/at/all.svg", "No such file", GRADUS_IO},
               {"picture.bmp", "format", GRADUS_UNABLE}, {"picture", "format", GRADUS_UNABLE},
               {".svg", "format", GRADUS_UNABLE},        {"", "format", GRADUS_UNABLE}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ctx_begin(ctx);
        assert_int_equal(draw_write(fig, bad[i].path), bad[i].status);
        assert_non_null(strstr(diag_first_error(ctx)->message, bad[i].word));
    }
    ctx_begin(ctx);
    char sub[128];
    snprintf(sub, sizeof sub, "%s/dir.png", folder);
    assert_int_equal(mkdir(sub, 0700), 0);
    assert_int_equal(draw_write(fig, sub), GRADUS_IO);
    assert_non_null(strstr(diag_first_error(ctx)->message, "directory"));
    ctx_begin(ctx);
    char full[128]; /* a full disk, by the name of a picture */
    snprintf(full, sizeof full, "%s/full.pdf", folder);
    assert_int_equal(symlink("/dev/full", full), 0);
    assert_int_equal(draw_write(fig, full), GRADUS_IO);
    assert_non_null(strstr(diag_first_error(ctx)->message, "No space"));
    assert_int_equal(files_in(folder), 4); /* nothing left behind */
    unlink(full);
    rmdir(sub);
    unlink(link);
    unlink(path);
    rmdir(folder);
    draw_free(fig);
    ctx_free(ctx);
}

/* The disk fills up in the middle of the file: what was there before stays, and no part of the new one. */
static void a_write_that_breaks_off_leaves_the_old_file(void **state)
{
    char folder[] = "/tmp/gradus-draw-XXXXXX", path[96];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/old.svg", folder);
    FILE *old = fopen(path, "w");
    assert_non_null(old);
    fputs("old", old);
    fclose(old);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit small = {500, 500};
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        draw_figure *fig = plane_figure(ctx);
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        _exit(draw_write(fig, path) == GRADUS_IO && strstr(diag_first_error(ctx)->message, "too large") ? 0
                                                                                                        : 1);
    }
    int answer = -1;
    assert_int_equal(waitpid(child, &answer, 0), child);
    assert_int_equal(answer, 0);
    assert_int_equal(size_of(path), 3);
    assert_int_equal(files_in(folder), 1);
    unlink(path);
    rmdir(folder);
}

/* ---- refusals ------------------------------------------------------------------------------------------ */

static void expect_refusal(gradus_ctx *ctx, draw_figure *fig, gradus_status status, const char *word)
{
    strbuf b;
    strbuf_init(&b, ctx);
    assert_int_equal(draw_render(fig, DRAW_SVG, &b), status);
    assert_int_equal(draw_terminal(fig, &b), status);
    assert_int_equal(b.n, 0);
    assert_non_null(strstr(diag_first_error(ctx)->message, word));
    strbuf_clear(&b);
    draw_free(fig);
    ctx_begin(ctx);
}

static void bad_figures_are_refused_with_reasons(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_figure *fig;
    (void)state;
    const double bad[][2] = {{1, 1}, {2, 1}, {NAN, 1}, {0, INFINITY}, {-1e308, 1e308}, {1, 1 + 1e-15}};
    const char *const words[] = {"empty", "empty", "finite", "finite", "1e300", "narrow"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fig = draw_new(ctx, NULL);
        draw_add_curve(fig, f_square, NULL, bad[i][0], bad[i][1], NULL, NULL);
        expect_refusal(ctx, fig, GRADUS_DOMAIN, words[i]);
        fig = draw_new(ctx, NULL);
        draw_set_surface(fig, f_bowl, NULL, 0, 1, bad[i][0], bad[i][1], NULL);
        expect_refusal(ctx, fig, GRADUS_DOMAIN, words[i]);
    }
    fig = draw_new(ctx, NULL);
    draw_add_secant(fig, 1, 1, 1, 1, NULL, NULL);
    expect_refusal(ctx, fig, GRADUS_DOMAIN, "different points");
    fig = draw_new(ctx, NULL);
    draw_add_tangent(fig, 1, 1, NAN, NULL, NULL);
    expect_refusal(ctx, fig, GRADUS_DOMAIN, "slope");
    fig = draw_new(ctx, NULL);
    draw_add_point(fig, 1, INFINITY, NULL, NULL);
    expect_refusal(ctx, fig, GRADUS_DOMAIN, "point");
    draw_options o;
    draw_options_defaults(&o);
    o.x_min = 3;
    o.x_max = -3;
    o.y_min = 2;
    o.y_max = 2;
    fig = draw_new(ctx, &o);
    draw_add_curve(fig, f_square, NULL, -1, 1, NULL, NULL);
    draw_add_point(fig, 0, 0, NULL, NULL);
    expect_refusal(ctx, fig, GRADUS_DOMAIN, "range");
    fig = surface_figure(ctx, false);
    draw_add_curve(fig, f_square, NULL, -1, 1, NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    assert_int_equal(draw_render(fig, DRAW_PNG, &b), GRADUS_UNABLE);
    draw_free(fig);
    ctx_begin(ctx);
    fig = draw_new(ctx, NULL);
    draw_add_curve(fig, f_spends, ctx, -1, 1, NULL, NULL);
    assert_int_equal(draw_render(fig, DRAW_PNG, &b), GRADUS_LIMIT);
    draw_free(fig);
    strbuf_clear(&b);
    ctx_free(ctx);
}

static void functions_without_values_are_told(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    draw_figure *fig = draw_new(ctx, NULL);
    strbuf b;
    (void)state;
    strbuf_init(&b, ctx);
    draw_add_curve(fig, f_nothing, NULL, -2, 2, "$sqrt(-1 - x^2)$", NULL);
    render(fig, DRAW_SVG, &b);
    assert_int_equal(ctx->diag_count, 1);
    assert_int_equal(ctx->diags[0].severity, DIAG_WARNING);
    assert_string_equal(ctx->diags[0].message, "sqrt(-1 - x^2) has no value from -2 to 2");
    render(fig, DRAW_SVG, &b); /* told once */
    assert_int_equal(ctx->diag_count, 1);
    draw_free(fig);
    fig = draw_new(ctx, NULL);
    draw_set_surface(fig, f_nowhere, NULL, -2, 2, -2, 2, NULL);
    render(fig, DRAW_SVG, &b);
    assert_int_equal(ctx->diag_count, 2);
    draw_free(fig);
    strbuf_clear(&b);
    ctx_free(ctx);
}

/* ---- odd data ------------------------------------------------------------------------------------------ */

static void odd_data_do_no_harm(void **state)
{
    static const double odd[] = {0, -0.0, 1, -1, NAN, INFINITY, -INFINITY, 1e-320, 1e300, -1e300, 1e-300, 3};
    enum { ODD = sizeof odd / sizeof *odd, N = 6 };
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    srand(5);
    for (int round = 0; round < 60; round++) {
        draw_options o;
        draw_options_defaults(&o);
        o.x_log = rand() % 4 == 0;
        o.y_log = rand() % 4 == 0;
        o.equal = rand() % 4 == 0;
        o.map = rand() % 2;
        o.width = odd[rand() % ODD];
        o.png_scale = 0.25;
        o.height = round % 5 ? 300 : 90;
        o.columns = (unsigned)(rand() % 90);
        o.rows = (unsigned)(rand() % 30);
        o.ascii = rand() % 2;
        o.elevation = odd[rand() % ODD];
        o.azimuth = odd[rand() % ODD];
        draw_figure *fig = draw_new(ctx, &o);
        double v[5][N];
        for (int k = 0; k < 5; k++)
            for (int i = 0; i < N; i++) v[k][i] = odd[rand() % ODD];
        draw_add_path(fig, N, v[0], v[1], rand() % 2, "p", NULL);
        draw_add_scatter(fig, N, v[2], v[1], v[0], "s", NULL);
        draw_add_scatter(fig, 0, NULL, NULL, NULL, "none", NULL);
        if (rand() % 3 == 0) draw_set_surface(fig, f_bowl, NULL, -1e-3, 5, -2e299, 1, "z");
        if (!fig->surf.set || o.map) {
            draw_add_band(fig, N, v[0], v[2], v[3], "b", NULL);
            draw_add_arrows(fig, N, v[0], v[1], v[2], v[3], "a", NULL);
            draw_add_tangent(fig, 1, 2, rand() % 2 ? 1e299 : -INFINITY, "t", NULL);
        }
        strbuf b;
        strbuf_init(&b, ctx);
        gradus_status st = draw_render(fig, rand() % 2 ? DRAW_PNG : DRAW_SVG, &b);
        assert_true(st == GRADUS_OK ? b.n > 0 : st == GRADUS_DOMAIN && diag_first_error(ctx));
        strbuf_clear(&b);
        ctx_begin(ctx);
        st = draw_terminal(fig, &b);
        assert_true(st == GRADUS_OK ? b.n > 0 : st == GRADUS_DOMAIN && diag_first_error(ctx));
        strbuf_clear(&b);
        draw_free(fig);
        ctx_begin(ctx);
    }
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_figure_gives_the_same_bytes),
        cmocka_unit_test(the_text_alternative_names_what_is_shown),
        cmocka_unit_test(files_appear_whole_or_not_at_all),
        cmocka_unit_test(a_write_that_breaks_off_leaves_the_old_file),
        cmocka_unit_test(bad_figures_are_refused_with_reasons),
        cmocka_unit_test(functions_without_values_are_told),
        cmocka_unit_test(odd_data_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
