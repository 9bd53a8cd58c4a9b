/* The machine face: every line one reply, errors with their place, what lasts and what does not, numbers that read back. */
#include "support/cm.h"

#include "gradus.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static gradus_ctx *ctx;

static int setup(void **state)
{
    (void)state;
    ctx = gradus_ctx_new(NULL, NULL);
    return ctx ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    gradus_ctx_free(ctx);
    return 0;
}

static json_t *ask_n(const char *line, size_t n)
{
    json_error_t e;
    char *reply = gradus_batch_line(ctx, line, n);
    assert_non_null(reply);
    json_t *j = json_loads(reply, JSON_REJECT_DUPLICATES, &e);
    if (!j)
        fail_msg("%s: not JSON: %s", reply, e.text);
    assert_null(strchr(reply, '\n'));
    gradus_string_free(ctx, reply);
    return j;
}

static json_t *ask(const char *line) { return ask_n(line, strlen(line)); }

static const char *text(json_t *j, const char *member) { return json_string_value(json_object_get(j, member)); }

static void expect_text(const char *line, const char *want)
{
    json_t *j = ask(line);
    if (!json_is_true(json_object_get(j, "ok")) || !text(j, "text") || strcmp(text(j, "text"), want) != 0)
        fail_msg("%s: got %s, want %s", line, text(j, "text") ? text(j, "text") : "no text", want);
    json_decref(j);
}

static void expect_error(const char *line, const char *code, long first, long past)
{
    json_t *j = ask(line), *e = json_object_get(j, "error"), *span = json_object_get(e, "span");
    assert_true(json_is_false(json_object_get(j, "ok")));
    assert_string_equal(text(e, "code"), code);
    assert_true(strlen(text(e, "message")) > 5);
    if (first >= 0) {
        assert_int_equal(json_integer_value(json_array_get(span, 0)), first);
        assert_int_equal(json_integer_value(json_array_get(span, 1)), past);
    }
    json_decref(j);
}

static void a_derivative_with_its_value(void **state)
{
    (void)state;
    json_t *j = ask("{\"id\":[1,\"a\"],\"op\":\"diff\",\"expr\":\"x^3\",\"wrt\":\"x\",\"at\":{\"x\":2}}");
    assert_true(json_is_array(json_object_get(j, "id")));
    assert_string_equal(text(j, "text"), "3*x^2");
    assert_float_equal(json_number_value(json_object_get(j, "value")), 12, 0);
    json_decref(j);
}

static void bad_lines_get_error_replies(void **state)
{
    (void)state;
    expect_error("not json", "syntax", -1, -1);
    expect_error("", "syntax", -1, -1);
    expect_error("[1,2]", "syntax", -1, -1);
    expect_error("{\"op\":\"dance\",\"expr\":\"x\"}", "syntax", -1, -1);
    expect_error("{\"op\":\"diff\"}", "syntax", -1, -1);
    expect_error("{\"op\":\"diff\",\"expr\":\"x\",\"order\":-1}", "syntax", -1, -1);
    expect_error("{\"op\":\"diff\",\"expr\":7}", "syntax", -1, -1);
    expect_error("{\"op\":\"eval\",\"expr\":\"v[1]\",\"given\":{\"v\":[[1,2],[3]]}}", "syntax", -1, -1);
    json_t *j = ask_n("{\"op\":\"eval\",\"expr\":\"\0x\"}", 28);
    assert_true(json_is_false(json_object_get(j, "ok")));
    json_decref(j);
    /* and the next line is served */
    expect_text("{\"op\":\"diff\",\"expr\":\"x^2\"}", "2*x");
}

static void errors_name_the_place(void **state)
{
    (void)state;
    expect_error("{\"op\":\"diff\",\"expr\":\"x + foo(x)\"}", "syntax", 4, 10);
    expect_error("{\"op\":\"eval\",\"expr\":\"1/0\"}", "domain", -1, -1);
    expect_error("{\"op\":\"eval\",\"expr\":\"x\",\"at\":{\"y\":1}}", "syntax", -1, -1);
    expect_error("{\"op\":\"eval\",\"expr\":\"sum[i](v[i]*u[i])\",\"given\":{\"v\":[1,2,3],\"u\":[1,2]}}", "shape", -1, -1);
}

static void definitions_and_arrays_last_until_reset(void **state)
{
    (void)state;
    json_decref(ask("{\"op\":\"define\",\"expr\":\"f(x) = x^2\"}"));
    expect_text("{\"op\":\"diff\",\"expr\":\"f(x)\",\"wrt\":\"x\"}", "2*x");
    json_decref(ask("{\"op\":\"print\",\"expr\":\"0\",\"given\":{\"v\":[1,2,3],\"s\":4}}"));
    json_t *j = ask("{\"op\":\"eval\",\"expr\":\"s*sum[i](v[i])\"}");
    assert_float_equal(json_number_value(json_object_get(j, "value")), 24, 0);
    json_decref(j);
    json_decref(ask("{\"op\":\"reset\"}"));
    expect_error("{\"op\":\"diff\",\"expr\":\"f(x)\",\"wrt\":\"x\"}", "syntax", -1, -1);
    expect_error("{\"op\":\"eval\",\"expr\":\"s\"}", "syntax", -1, -1);
    /* A failed definition leaves no trace. */
    expect_error("{\"op\":\"define\",\"expr\":\"g(x) = x +\"}", "syntax", -1, -1);
    expect_error("{\"op\":\"eval\",\"expr\":\"g(1)\"}", "syntax", -1, -1);
}

static void numbers_read_back_equal(void **state)
{
    (void)state;
    static const double x[] = {0.1, 1.0 / 3, 1e-300, 5e-324, 1.7976931348623157e308, -2.5, 123456789.123456789};
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) {
        char line[200];
        snprintf(line, sizeof line, "{\"op\":\"eval\",\"expr\":\"x\",\"at\":{\"x\":%.17g}}", x[i]);
        json_t *j = ask(line);
        assert_true(json_number_value(json_object_get(j, "value")) == x[i]);
        json_decref(j);
    }
}

static void what_json_lacks_is_a_string(void **state)
{
    (void)state;
    json_t *j = ask("{\"op\":\"eval\",\"expr\":\"ln(x)\",\"at\":{\"x\":-1}}");
    assert_string_equal(text(j, "value"), "nan");
    assert_non_null(strstr(json_string_value(json_array_get(json_object_get(j, "notes"), 0)), "ln"));
    json_decref(j);
    j = ask("{\"op\":\"eval\",\"expr\":\"x\",\"at\":{\"x\":\"inf\"}}");
    assert_string_equal(text(j, "value"), "inf");
    json_decref(j);
}

static void exact_points_and_proven_digits(void **state)
{
    (void)state;
    json_t *j = ask("{\"op\":\"eval\",\"expr\":\"3*x\",\"at\":{\"x\":\"1/3\"},\"digits\":5}");
    assert_string_equal(text(j, "digits"), "1"); /* exact: no more digits to say */
    json_decref(j);
    j = ask("{\"op\":\"eval\",\"expr\":\"pi\",\"digits\":40}");
    assert_memory_equal(text(j, "digits"), "3.14159265358979323846264338327950288419", 38);
    json_decref(j);
}

static void steps_are_a_tree(void **state)
{
    (void)state;
    json_t *j = ask("{\"op\":\"diff\",\"expr\":\"sin(x^2)\",\"steps\":true}"), *s = json_object_get(j, "steps");
    assert_true(json_is_array(s) && json_array_size(s) == 1);
    json_t *root = json_array_get(s, 0), *sub = json_object_get(root, "steps");
    assert_true(json_array_size(sub) >= 1);
    assert_string_equal(text(json_array_get(sub, 0), "rule"), "chain");
    assert_non_null(text(json_array_get(sub, 0), "why"));
    json_decref(j);
}

static void verdicts_are_three_valued(void **state)
{
    (void)state;
    json_t *j = ask("{\"op\":\"check\",\"expr\":\"2*x*cos(x^2)\",\"of\":\"d/dx (sin(x^2))\"}");
    assert_true(json_is_true(json_object_get(j, "equal")));
    json_decref(j);
    j = ask("{\"op\":\"check\",\"expr\":\"cos(x^2)\",\"of\":\"d/dx (sin(x^2))\"}");
    assert_true(json_is_false(json_object_get(j, "equal")));
    assert_true(json_is_object(json_object_get(json_object_get(j, "witness"), "at")));
    json_decref(j);
    j = ask("{\"op\":\"check\",\"expr\":\"gamma(x+1)\",\"of\":\"x*gamma(x)\"}");
    assert_true(json_is_null(json_object_get(j, "equal")));
    json_decref(j);
    /* Two lines: the second is the wrong one. */
    j = ask("{\"op\":\"check\",\"expr\":\"cos(x^2)*d/dx (x^2)\\ncos(x^2)*2\",\"of\":\"d/dx (sin(x^2))\"}");
    assert_true(json_is_false(json_object_get(j, "equal")));
    assert_int_equal(json_integer_value(json_object_get(j, "line")), 2);
    json_decref(j);
}

static void budgets_answer_limit(void **state)
{
    (void)state;
    json_t *j = ask("{\"op\":\"eval\",\"expr\":\"sum[i=1..1000000000](sin(i))\",\"limit\":{\"seconds\":0.2}}");
    assert_string_equal(text(json_object_get(j, "error"), "code"), "limit");
    json_decref(j);
    j = ask("{\"op\":\"diff\",\"expr\":\"sin(x)^9*cos(x)^9\",\"order\":40,\"limit\":{\"nodes\":300}}");
    assert_string_equal(text(json_object_get(j, "error"), "code"), "limit");
    json_decref(j);
    expect_text("{\"op\":\"diff\",\"expr\":\"x^2\"}", "2*x"); /* the budget was that request's */
}

static void shapes_of_values(void **state)
{
    (void)state;
    json_t *j = ask("{\"op\":\"grad\",\"expr\":\"x^T*A*x\",\"wrt\":\"x\",\"given\":{\"A\":[[1,2],[3,4]],\"x\":[1,1]}}"), *v = json_object_get(j, "value");
    assert_int_equal(json_array_size(v), 2);
    assert_float_equal(json_number_value(json_array_get(v, 0)), 7, 0);
    json_decref(j);
    j = ask("{\"op\":\"hessian\",\"expr\":\"u^2*v\",\"wrt\":[\"u\",\"v\"],\"at\":{\"u\":1,\"v\":2}}");
    v = json_object_get(j, "value");
    assert_float_equal(json_number_value(json_array_get(json_array_get(v, 0), 0)), 4, 0);
    assert_float_equal(json_number_value(json_array_get(json_array_get(v, 1), 0)), 2, 0);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(a_derivative_with_its_value), T(bad_lines_get_error_replies), T(errors_name_the_place),
        T(definitions_and_arrays_last_until_reset), T(numbers_read_back_equal), T(what_json_lacks_is_a_string),
        T(exact_points_and_proven_digits), T(steps_are_a_tree), T(verdicts_are_three_valued), T(budgets_answer_limit),
        T(shapes_of_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
