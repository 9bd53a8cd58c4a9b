/* Descents through the public door: points, traces, stops, data as arrays, refusals. */
#include "gradus.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <string.h>

static gradus_descend_query query(const char *expr, const gradus_value *from, size_t n)
{
    gradus_descend_query q;
    gradus_descend_query_defaults(&q);
    q.expr = expr;
    q.from = from;
    q.from_count = n;
    return q;
}

static const gradus_value corner[] = {{"x", 1, NULL}, {"y", 1, NULL}};

/* x^2 + 3 y^2 with rate a: x_k = (1 - 2a)^k, y_k = (1 - 6a)^k, by hand. */
static void steps_are_those_of_the_method(void **state)
{
    (void)state;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("x^2 + 3*y^2", corner, 2);
    q.method = GRADUS_DESCENT_RATE;
    q.rate = 0.125;
    q.trace = true;
    gradus_answer *a = gradus_descend(ctx, &q);
    const char *const *name;
    const double *v;
    size_t columns, rows = gradus_answer_table(a, &name, &columns, &v);
    assert_string_equal(gradus_answer_stop(a), "converged");
    assert_int_equal(columns, 6);
    assert_string_equal(name[0], "step");
    assert_string_equal(name[2], "y");
    assert_string_equal(name[5], "rate");
    assert_true(rows == gradus_answer_number(a, "iterations") + 1);
    for (size_t i = 0; i < rows; i++, v += 6) {
        assert_true(v[0] == (double)i);
        assert_true(fabs(v[1] - pow(0.75, (double)i)) < 1e-15);
        assert_true(fabs(v[2] - pow(0.25, (double)i)) < 1e-15);
        assert_true(fabs(v[4] - hypot(2 * v[1], 6 * v[2])) < 1e-15);
        assert_true(i == 0 ? isnan(v[5]) : v[5] == 0.125);
    }
    const double *x;
    uint32_t rank;
    const int64_t *dims;
    assert_int_equal(gradus_answer_values(a, &x, &rank, &dims), 2);
    assert_true(rank == 1 && dims[0] == 2 && fabs(x[0]) < 1e-8 && fabs(x[1]) < 1e-8);
    assert_null(strchr(gradus_answer_json(a, NULL), '\n'));
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

/* Without a trace the first six and the last six are kept, in order, and are those of the whole trace. */
static void few_steps_are_kept_without_a_trace(void **state)
{
    (void)state;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("x^2 + 3*y^2", corner, 2);
    q.method = GRADUS_DESCENT_RATE;
    q.tolerance = 1e-300;
    for (uint64_t steps = 1; steps < 30; steps++) {
        q.max_steps = steps;
        q.trace = true;
        gradus_answer *whole = gradus_descend(ctx, &q);
        q.trace = false;
        gradus_answer *few = gradus_descend(ctx, &q);
        const double *w, *f;
        size_t n = gradus_answer_table(whole, NULL, NULL, &w), m = gradus_answer_table(few, NULL, NULL, &f);
        assert_int_equal(n, steps + 1);
        assert_int_equal(m, n < 12 ? n : 12);
        for (size_t i = 0; i < m; i++)
            assert_memory_equal(f + 6 * i, w + 6 * (i < 6 ? i : n - m + i), 5 * sizeof *f);
        assert_string_equal(gradus_answer_stop(few), "limit");
        gradus_answer_free(whole);
        gradus_answer_free(few);
    }
    gradus_ctx_free(ctx);
}

static void a_rate_too_large_is_told(void **state)
{
    (void)state;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("x^2 + 3*y^2", corner, 2);
    q.method = GRADUS_DESCENT_RATE;
    q.rate = 0.5;
    gradus_answer *a = gradus_descend(ctx, &q);
    assert_string_equal(gradus_answer_stop(a), "diverged");
    assert_non_null(strstr(gradus_answer_reason(a), "too large"));
    assert_true(gradus_answer_number(a, "rate_too_large") == 1);
    assert_true(fabs(gradus_answer_number(a, "largest_rate") - 1 / 3.0) < 1e-4); /* 2/6 */
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

/* The line through measurements: the normal equations are another road. */
static void columns_are_arrays(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4, 5}, y[] = {2.1, 3.9, NAN, 8.2, 9.8};
    static const int64_t five[] = {5};
    const gradus_array columns[] = {{"x", 1, five, x}, {"y", 1, five, y}};
    static const gradus_value from[] = {{"w", 0, NULL}, {"b", 0, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("mean[i]((w*x[i] + b - y[i])^2)", from, 2);
    q.data.column = columns;
    q.data.column_count = 2;
    gradus_answer *a = gradus_descend(ctx, &q);
    assert_string_equal(gradus_answer_stop(a), "converged");
    const double *p;
    assert_int_equal(gradus_answer_values(a, &p, NULL, NULL), 2);
    assert_true(fabs(p[0] - 1.97) < 1e-6 && fabs(p[1] - 0.09) < 1e-6);
    assert_non_null(strstr(gradus_answer_note(a, 0), "row 3 left out"));
    gradus_answer_free(a);
    gradus_value swap[] = {{"x", 0, NULL}};
    q = query("x^2", swap, 1);
    q.data.column = columns;
    q.data.column_count = 2;
    a = gradus_descend(ctx, &q);
    assert_int_equal(gradus_answer_status(a), GRADUS_SYNTAX);
    gradus_answer_free(a);
    /* The data are gone with the answer: x is a name like any other again. */
    q = query("x^2", swap, 1);
    a = gradus_descend(ctx, &q);
    assert_int_equal(gradus_answer_status(a), GRADUS_OK);
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

/* Sums of small squares are coarse: a search must not call that a stall. */
static void coarse_values_converge(void **state)
{
    (void)state;
    double x[40], y[40];
    static const int64_t forty[] = {40};
    for (int i = 0; i < 40; i++) {
        x[i] = i * 0.25;
        y[i] = 1e3 + 2 * x[i] + sin(12.9898 * i);
    }
    const gradus_array columns[] = {{"x", 1, forty, x}, {"y", 1, forty, y}};
    static const gradus_value from[] = {{"w", 0, NULL}, {"b", 900, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("mean[i]((w*x[i] + b - y[i])^2)", from, 2);
    q.data.column = columns;
    q.data.column_count = 2;
    gradus_answer *a = gradus_descend(ctx, &q);
    assert_string_equal(gradus_answer_stop(a), "converged");
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

typedef struct refusal {
    const char *expr, *words;
    gradus_status status;
} refusal;

static void refusals_say_why(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"x^2 + k*y", "k has neither a start nor a value", GRADUS_SYNTAX},
        {"ln(-x) + y", "at the start, x = 1, y = 1: ln(-x)", GRADUS_DOMAIN},
        {"sqrt(x - 1) + y", "", GRADUS_DOMAIN}, /* a value, but no slope */
        {"(x, y)", "one number", GRADUS_SHAPE},
        {"x +", "", GRADUS_SYNTAX},
        {"", "", GRADUS_SYNTAX},
    };
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gradus_descend_query q = query(rows[i].expr, corner, 2);
        gradus_answer *a = gradus_descend(ctx, &q);
        if (gradus_answer_status(a) != rows[i].status || !strstr(gradus_answer_error(a), rows[i].words))
            fail_msg("%s: %s", rows[i].expr, gradus_answer_error(a));
        gradus_answer_free(a);
    }
    gradus_descend_query q = query("x^2", corner, 0);
    gradus_answer *a = gradus_descend(ctx, &q);
    assert_int_equal(gradus_answer_status(a), GRADUS_SYNTAX);
    gradus_answer_free(a);
    q = query("x^2 + y^2", corner, 2);
    q.method = GRADUS_DESCENT_MOMENTUM;
    q.momentum = 1.5;
    a = gradus_descend(ctx, &q);
    assert_int_equal(gradus_answer_status(a), GRADUS_SHAPE);
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

static void leaving_the_domain_is_explained(void **state)
{
    (void)state;
    static const gradus_value from[] = {{"x", 2, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("ln(x)", from, 1);
    q.method = GRADUS_DESCENT_RATE;
    q.rate = 0.5;
    gradus_answer *a = gradus_descend(ctx, &q);
    assert_string_equal(gradus_answer_stop(a), "diverged");
    assert_non_null(gradus_answer_note(a, 0));
    assert_non_null(strstr(gradus_answer_note(a, 0), "ln(x)"));
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

static void tables_are_text_too(void **state)
{
    (void)state;
    static const gradus_value from[] = {{"x", 1, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_descend_query q = query("x^2", from, 1);
    q.trace = true;
    gradus_answer *a = gradus_descend(ctx, &q);
    assert_string_equal(gradus_answer_table_text(a, false),
                        "step,x,value,gradient,rate\n0,1,1,2,nan\n1,0,0,0,0.5\n");
    assert_non_null(strstr(gradus_answer_table_text(a, true), "\"gradient\": 2"));
    gradus_answer_free(a);
    a = gradus_write_file(ctx, "/nowhere/at/all", "x", 1);
    assert_int_equal(gradus_answer_status(a), GRADUS_IO);
    assert_non_null(strstr(gradus_answer_error(a), "/nowhere/at/all"));
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
}

static void refused_memory_is_survived(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3}, y[] = {1, NAN, 3};
    static const int64_t three[] = {3};
    const gradus_array columns[] = {{"x", 1, three, x}, {"y", 1, three, y}};
    static const gradus_value from[] = {{"w", 0, NULL}};
    for (size_t n = 1;; n++) {
        refusing r = {0};
        gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
        assert_non_null(ctx);
        gradus_descend_query q = query("sum[i]((w*x[i] - y[i])^2)", from, 1);
        q.data.column = columns;
        q.data.column_count = 2;
        q.trace = true;
        q.max_steps = 30;
        r.nth = r.calls + n;
        gradus_answer *a = gradus_descend(ctx, &q);
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
        cmocka_unit_test(steps_are_those_of_the_method),
        cmocka_unit_test(few_steps_are_kept_without_a_trace),
        cmocka_unit_test(a_rate_too_large_is_told),
        cmocka_unit_test(columns_are_arrays),
        cmocka_unit_test(coarse_values_converge),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(leaving_the_domain_is_explained),
        cmocka_unit_test(tables_are_text_too),
        cmocka_unit_test(refused_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
