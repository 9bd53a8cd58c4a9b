/* Fits through the public door: names, rows, left sides, what is not determined, refused memory. */
#include "gradus.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <string.h>

static const double xs[] = {1, 2, 3, 4, 5, 6}, ys[] = {2.1, 3.9, 6.2, 7.8, 10.1, 12.2};
static const int64_t six[] = {6};

static gradus_answer *fit(gradus_ctx *ctx, const char *model, const double *y, const gradus_value *start,
                          size_t n)
{
    const gradus_array columns[] = {{"x", 1, six, xs}, {"y", 1, six, y}};
    gradus_fit_query q;
    gradus_fit_query_defaults(&q);
    q.model = model;
    q.data.column = columns;
    q.data.column_count = 2;
    q.start = start;
    q.start_count = n;
    return gradus_fit(ctx, &q);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b) + 1e-12;
}

static bool has_note(const gradus_answer *a, const char *words)
{
    for (size_t i = 0; gradus_answer_note(a, i); i++)
        if (strstr(gradus_answer_note(a, i), words)) return true;
    return false;
}

/* The straight line by its closed formulas, another road. */
static void a_line_is_the_closed_form(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 0, "1/3"}};
    double sx = 0, sy = 0, sxx = 0, sxy = 0, rss = 0;
    for (size_t i = 0; i < 6; i++) sx += xs[i], sy += ys[i], sxx += xs[i] * xs[i], sxy += xs[i] * ys[i];
    double b = (6 * sxy - sx * sy) / (6 * sxx - sx * sx), a = (sy - b * sx) / 6;
    for (size_t i = 0; i < 6; i++) rss += pow(a + b * xs[i] - ys[i], 2);
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_answer *r = fit(ctx, "y = a + b*x", ys, start, 2);
    assert_int_equal(gradus_answer_status(r), GRADUS_OK);
    assert_string_equal(gradus_answer_stop(r), "converged");
    const char *const *column;
    const double *v;
    size_t columns;
    assert_int_equal(gradus_answer_table(r, &column, &columns, &v), 2);
    assert_int_equal(columns, 2);
    assert_string_equal(column[1], "stderr");
    assert_string_equal(gradus_answer_name(r, 1), "b");
    assert_null(gradus_answer_name(r, 2));
    assert_true(near(v[0], a) && near(v[2], b));
    assert_true(near(v[3], sqrt(rss / 4 * 6 / (6 * sxx - sx * sx))));
    assert_true(near(gradus_answer_number(r, "rss"), rss));
    assert_true(near(gradus_answer_number(r, "sigma"), sqrt(rss / 4)));
    assert_true(isnan(gradus_answer_number(r, "nothing")));
    gradus_answer_free(r);
    gradus_ctx_free(ctx);
}

/* The same minimum however the equation is arranged. */
static void any_side_may_hold_the_parameters(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 1, NULL}};
    static const char *const models[] = {"y = a + b*x", "a + b*x = y", "y - a = b*x", "y - a - b*x = 0",
                                         "2*y - a = a + 2*b*x"};
    static const double scale[] = {1, 1, 1, 1, 4};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    double first[2] = {0}, rss = 0;
    for (size_t m = 0; m < 5; m++) {
        gradus_answer *r = fit(ctx, models[m], ys, start, 2);
        const double *v;
        assert_int_equal(gradus_answer_table(r, NULL, NULL, &v), 2);
        if (m == 0) first[0] = v[0], first[1] = v[2], rss = gradus_answer_number(r, "rss");
        assert_true(near(v[0], first[0]) && near(v[2], first[1]));
        assert_true(near(gradus_answer_number(r, "rss"), rss * scale[m]));
        gradus_answer_free(r);
    }
    gradus_ctx_free(ctx);
}

static void rows_with_gaps_are_left_out(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 1, NULL}};
    double y[6];
    memcpy(y, ys, sizeof y);
    y[1] = y[4] = NAN;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_answer *r = fit(ctx, "y = a + b*x", y, start, 2);
    assert_true(gradus_answer_number(r, "rows") == 4);
    assert_true(has_note(r, "rows 2 and 5 left out"));
    gradus_answer_free(r);
    r = fit(ctx, "x = a + b*x^2", y, start, 2); /* y is not used: its gaps do not matter */
    assert_true(gradus_answer_number(r, "rows") == 6);
    gradus_answer_free(r);
    y[2] = INFINITY;
    r = fit(ctx, "y = a + b*x", y, start, 2);
    assert_int_equal(gradus_answer_status(r), GRADUS_SYNTAX);
    assert_non_null(strstr(gradus_answer_error(r), "row 3"));
    gradus_answer_free(r);
    for (size_t i = 0; i < 6; i++) y[i] = NAN;
    r = fit(ctx, "y = a + b*x", y, start, 2);
    assert_int_equal(gradus_answer_status(r), GRADUS_SYNTAX);
    gradus_answer_free(r);
    gradus_ctx_free(ctx);
}

typedef struct refusal {
    const char *model, *words;
    gradus_status status;
} refusal;

static void refusals_say_why(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"y = a + b*slop", "slop is neither a column of the data (x, y) nor a parameter (a, b)",
         GRADUS_SYNTAX},
        {"y = a + b*X", "did you mean x", GRADUS_SYNTAX},
        {"y = a*x", "b does not occur", GRADUS_SYNTAX},
        {"a + b*x", "a model is an equation", GRADUS_SYNTAX},
        {"y = a + b*ln(-x)", "row 1", GRADUS_DOMAIN},
        {"ln(-y) = a + b*x", "ln(-y): ln of -2.1", GRADUS_DOMAIN},
        {"y = a + b*", "", GRADUS_SYNTAX},
        {"1 = a + b", "reads no column", GRADUS_SYNTAX},
        {"", "", GRADUS_SYNTAX},
    };
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 1, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gradus_answer *r = fit(ctx, rows[i].model, ys, start, 2);
        if (gradus_answer_status(r) != rows[i].status || !strstr(gradus_answer_error(r), rows[i].words))
            fail_msg("%s: %s", rows[i].model, gradus_answer_error(r));
        assert_string_equal(gradus_answer_stop(r), "");
        assert_int_equal(gradus_answer_table(r, NULL, NULL, NULL), 0);
        gradus_answer_free(r);
    }
    static const gradus_value wrong[][2] = {{{"a", 1, NULL}, {"x", 1, NULL}},
                                            {{"a", 1, NULL}, {"a", 2, NULL}},
                                            {{"a", NAN, NULL}, {"b", 1, NULL}}};
    for (size_t i = 0; i < 3; i++) {
        gradus_answer *r = fit(ctx, "y = a + b*x", ys, wrong[i], 2);
        assert_int_equal(gradus_answer_status(r), GRADUS_SYNTAX);
        gradus_answer_free(r);
    }
    gradus_ctx_free(ctx);
}

static void undetermined_parameters_are_named(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 1, NULL}, {"c", 1, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_answer *r = fit(ctx, "y = a + b + c*x", ys, start, 3);
    const double *v;
    assert_int_equal(gradus_answer_table(r, NULL, NULL, &v), 3);
    assert_true(isnan(v[1]) && isnan(v[3]) && v[5] > 0);
    assert_true(has_note(r, "no standard error for a, b:"));
    assert_non_null(strstr(gradus_answer_json(r, "7"), "\"b\":{\"value\":"));
    gradus_answer_free(r);
    gradus_ctx_free(ctx);
}

static void definitions_and_sums_are_known(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 1, NULL}};
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_query q;
    gradus_query_defaults(&q, GRADUS_OP_DEFINE);
    q.expr = "line(t) = a + b*t";
    gradus_answer_free(gradus_ask(ctx, &q));
    gradus_answer *one = fit(ctx, "y = line(x)", ys, start, 2),
                  *two = fit(ctx, "y = a + sum[k=1..3](b*x*k)/6", ys, start, 2);
    const double *v, *w;
    assert_int_equal(gradus_answer_table(one, NULL, NULL, &v), 2);
    assert_int_equal(gradus_answer_table(two, NULL, NULL, &w), 2);
    assert_true(near(v[0], w[0]) && near(v[2], w[2]));
    gradus_answer_free(one);
    gradus_answer_free(two);
    gradus_ctx_free(ctx);
}

static void time_and_steps_are_limited(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 0.1, NULL}};
    const gradus_array columns[] = {{"x", 1, six, xs}, {"y", 1, six, ys}};
    gradus_fit_query q;
    gradus_fit_query_defaults(&q);
    q = (gradus_fit_query){.size = sizeof q,
                           .model = "y = a*exp(b*x)",
                           .data = {NULL, columns, 2},
                           .start = start,
                           .start_count = 2};
    q.max_steps = 1;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_answer *r = gradus_fit(ctx, &q);
    assert_string_equal(gradus_answer_stop(r), "limit");
    gradus_answer_free(r);
    gradus_set_limits(ctx, 0, 1e-9);
    q.max_steps = 0;
    r = gradus_fit(ctx, &q);
    assert_int_equal(gradus_answer_status(r), GRADUS_LIMIT);
    gradus_answer_free(r);
    gradus_ctx_free(ctx);
}

static void refused_memory_is_survived(void **state)
{
    (void)state;
    static const gradus_value start[] = {{"a", 1, NULL}, {"b", 0.1, NULL}};
    for (size_t n = 1;; n++) {
        refusing r = {0};
        gradus_ctx *ctx = gradus_ctx_new(refusing_alloc, &r);
        assert_non_null(ctx);
        r.nth = r.calls + n;
        gradus_answer *a = fit(ctx, "ln(y) = a + b*ln(x)", ys, start, 2);
        bool refused = r.refused > 0;
        assert_true(a || refused);
        if (a) {
            if (refused && gradus_answer_status(a) == GRADUS_OK) /* only the JSON or a note is missing */
                assert_string_equal(gradus_answer_stop(a), "converged");
            gradus_answer_free(a);
        }
        gradus_ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        if (!refused) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_the_closed_form),
        cmocka_unit_test(any_side_may_hold_the_parameters),
        cmocka_unit_test(rows_with_gaps_are_left_out),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(undetermined_parameters_are_named),
        cmocka_unit_test(definitions_and_sums_are_known),
        cmocka_unit_test(time_and_steps_are_limited),
        cmocka_unit_test(refused_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
