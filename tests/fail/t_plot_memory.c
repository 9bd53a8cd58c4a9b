/* Pictures while memory is refused: each allocation once, in samples; an answer with a status or none at all,
 * nothing lost, nothing freed twice, and the context goes on working. */
#include "gradus.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <string.h>

static const gradus_range range = {"x", "-2", "3"};
static const gradus_mark marks[] = {{GRADUS_MARK_TANGENT, "x", "1", NULL},
                                    {GRADUS_MARK_SECANT, NULL, "1", "2"},
                                    {GRADUS_MARK_POINT, NULL, "1", "1/2"}};

static gradus_plot_query curves(void)
{
    static const char *const expr[] = {"a*x^2"};
    static const gradus_value at = {.name = "a", .text = "1/3"};
    gradus_plot_query q;
    gradus_plot_query_defaults(&q);
    q.expr = expr;
    q.expr_count = 1;
    q.at = &at;
    q.at_count = 1;
    q.range = &range;
    q.range_count = 1;
    q.derivatives = 1;
    q.mark = marks;
    q.mark_count = 3;
    return q;
}

static gradus_plot_query surface(void)
{
    static const char *const expr[] = {"x^2 + y^2"};
    static const double path[] = {1, 1, 0.5, 0.4, 0.1, 0};
    gradus_plot_query q;
    gradus_plot_query_defaults(&q);
    q.expr = expr;
    q.expr_count = 1;
    q.path = path;
    q.path_count = 3;
    q.view = GRADUS_VIEW_MAP;
    q.picture = GRADUS_PICTURE_SVG;
    return q;
}

static gradus_plot_query measured(void)
{
    static const double t[] = {0, 1, 2, 3}, d[] = {1, NAN, 3, 5};
    static const int64_t n = 4;
    static const gradus_array columns[] = {{"t", 1, &n, t}, {"d", 1, &n, d}};
    gradus_plot_query q;
    gradus_plot_query_defaults(&q);
    q.data = (gradus_data){.column = columns, .column_count = 2};
    q.data_x = "t";
    q.data_y = "d";
    q.picture = GRADUS_PICTURE_PNG;
    return q;
}

/* Number of requests of a picture that succeeds, after what the context itself took. */
static size_t requests(const gradus_plot_query *q)
{
    refusing r = {0};
    gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
    assert_non_null(ctx);
    size_t before = r.calls;
    gradus_answer *a = gradus_plot(ctx, q);
    if (gradus_answer_status(a) != GRADUS_OK) fail_msg("%s", gradus_answer_error(a));
    gradus_answer_free(a);
    size_t n = r.calls - before;
    gradus_ctx_free(ctx);
    assert_int_equal(r.live, 0);
    assert_int_equal(r.wrong, 0);
    return n;
}

static void refuse_each(const gradus_plot_query *q)
{
    size_t total = requests(q);
    for (size_t n = 1; n <= total; n += 1 + n / 6) {
        refusing r = {0};
        gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
        assert_non_null(ctx);
        r.nth = r.calls + n;
        gradus_answer *a = gradus_plot(ctx, q);
        gradus_status st = a ? gradus_answer_status(a) : GRADUS_NOMEM;
        if (st != GRADUS_NOMEM && st != GRADUS_OK)
            fail_msg("request %zu of %zu: %s", n, total, gradus_answer_error(a));
        gradus_answer_free(a);
        r.nth = 0;
        gradus_plot_query again = curves();
        a = gradus_plot(ctx, &again);
        assert_non_null(a);
        if (gradus_answer_status(a) != GRADUS_OK) fail_msg("after %zu: %s", n, gradus_answer_error(a));
        gradus_answer_free(a);
        gradus_ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
    }
}

static void curves_survive(void **state)
{
    (void)state;
    gradus_plot_query q = curves();
    refuse_each(&q);
}

static void surfaces_survive(void **state)
{
    (void)state;
    gradus_plot_query q = surface();
    refuse_each(&q);
}

static void data_survive(void **state)
{
    (void)state;
    gradus_plot_query q = measured();
    refuse_each(&q);
}

/* A picture is the question's alone: the same bytes from a context that has drawn and defined other things.
 */
static void pictures_do_not_depend_on_the_past(void **state)
{
    (void)state;
    gradus_ctx *fresh = gradus_ctx_new(NULL, NULL), *used = gradus_ctx_new(NULL, NULL);
    gradus_plot_query q = surface(), other = curves();
    gradus_answer *before = gradus_plot(used, &other);
    size_t n, m;
    gradus_answer *a = gradus_plot(fresh, &q), *b = gradus_plot(used, &q);
    const char *x = gradus_answer_picture(a, &n), *y = gradus_answer_picture(b, &m);
    assert_true(n > 1000 && n == m && memcmp(x, y, n) == 0);
    assert_null(gradus_answer_picture(before, NULL));
    assert_true(strlen(gradus_answer_text(before)) > 500);
    gradus_answer_free(before);
    gradus_answer_free(a);
    gradus_answer_free(b);
    gradus_ctx_free(fresh);
    gradus_ctx_free(used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_survive),
        cmocka_unit_test(surfaces_survive),
        cmocka_unit_test(data_survive),
        cmocka_unit_test(pictures_do_not_depend_on_the_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
