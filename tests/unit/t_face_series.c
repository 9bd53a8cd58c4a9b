/* Slopes of series through the public door: order of rows, repeats, gaps, refusals. */
#include "gradus.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <string.h>

enum { MANY = 50 };

static gradus_answer *slope(gradus_ctx *ctx, const double *x, const double *y, size_t n, uint32_t order,
                            double smooth)
{
    const int64_t dims[] = {(int64_t)n};
    const gradus_array columns[] = {{"t", 1, dims, x}, {"d", 1, dims, y}};
    gradus_series_query q;
    gradus_series_query_defaults(&q);
    q.data.column = columns;
    q.data.column_count = 2;
    q.x = "t";
    q.y = "d";
    q.order = order;
    q.smooth = smooth;
    return gradus_series(ctx, &q);
}

/* A falling body without noise: position, velocity, acceleration; rows in a mixed order, one of them twice.
 */
static void motion_is_recovered(void **state)
{
    (void)state;
    double x[MANY], y[MANY];
    for (size_t i = 0; i < MANY; i++) {
        size_t k = i * 11 % (MANY - 1); /* 0 comes twice */
        x[i] = (double)k / 8;
        y[i] = 3 + 2 * x[i] - 4.905 * x[i] * x[i];
    }
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    for (uint32_t order = 1; order <= 2; order++) {
        gradus_answer *a = slope(ctx, x, y, MANY, order, 0);
        const char *const *name;
        const double *v;
        size_t columns;
        assert_int_equal(gradus_answer_table(a, &name, &columns, &v), MANY - 1);
        assert_int_equal(columns, 4);
        assert_string_equal(name[0], "t");
        assert_string_equal(name[3], "stderr");
        for (size_t k = 0; k + 1 < MANY; k++, v += 4) {
            assert_true(v[0] == (double)k / 8);
            assert_true(fabs(v[1] - (3 + 2 * v[0] - 4.905 * v[0] * v[0])) < 1e-10);
            assert_true(fabs(v[2] - (order == 1 ? 2 - 9.81 * v[0] : -9.81)) < 1e-9);
        }
        assert_true(gradus_answer_number(a, "rows") == MANY);
        assert_non_null(strstr(gradus_answer_note(a, 0), "sorted"));
        assert_string_equal(gradus_answer_stop(a), "");
        assert_null(strchr(gradus_answer_json(a, NULL), '\n'));
        gradus_answer_free(a);
    }
    gradus_ctx_free(ctx);
}

static void gaps_and_few_points(void **state)
{
    (void)state;
    double x[] = {0, 1, 2, NAN, 4}, y[] = {0, 1, NAN, 9, 16};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_answer *a = slope(ctx, x, y, 5, 1, 0); /* three rows are whole */
    assert_int_equal(gradus_answer_table(a, NULL, NULL, NULL), 3);
    assert_non_null(strstr(gradus_answer_note(a, 0), "rows 3 and 4 left out"));
    gradus_answer_free(a);
    a = slope(ctx, x, y, 5, 2, 0);
    assert_int_equal(gradus_answer_status(a), GRADUS_SHAPE);
    assert_non_null(strstr(gradus_answer_error(a), "at least 4 different places, found 3"));
    gradus_answer_free(a);
    static const struct {
        uint32_t order;
        double smooth;
    } wrong[] = {{0, 0}, {9, 0}, {1, -1}, {1, NAN}, {1, INFINITY}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double whole[] = {0, 1, 2, 3, 4, 5};
        a = slope(ctx, whole, whole, 6, wrong[i].order, wrong[i].smooth);
        assert_int_equal(gradus_answer_status(a), GRADUS_SHAPE);
        gradus_answer_free(a);
    }
    gradus_series_query q;
    gradus_series_query_defaults(&q);
    a = gradus_series(ctx, &q);
    assert_int_equal(gradus_answer_status(a), GRADUS_SYNTAX);
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

static void refused_memory_is_survived(void **state)
{
    (void)state;
    double x[12], y[12];
    for (size_t i = 0; i < 12; i++) x[i] = (double)(i * 5 % 12), y[i] = sin(x[i]);
    for (size_t n = 1;; n++) {
        refusing r = {0};
        gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
        assert_non_null(ctx);
        r.nth = r.calls + n;
        gradus_answer *a = slope(ctx, x, y, 12, 1, 0);
        bool refused = r.refused > 0;
        assert_true(a || refused);
        gradus_answer_free(a);
        gradus_ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        if (!refused) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(motion_is_recovered),
        cmocka_unit_test(gaps_and_few_points),
        cmocka_unit_test(refused_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
