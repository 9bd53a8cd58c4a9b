/* Limits: found, refused, one-sided; derivatives by definition. */
#include "diff/diff.h"
#include "support/cm.h"
#include "text/text.h"

#include <string.h>

static gradus_ctx *ctx;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    term_room_init(ctx);
    ctx_begin(ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_free(ctx);
    return 0;
}

static term parse(const char *text)
{
    term t = text_parse(ctx, text, strlen(text), TEXT_PLAIN);
    assert_int_not_equal(t, TERM_NONE);
    return t;
}

static void limits_are_found(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"lim[x -> 2](x^2 + a*x)", "4 + 2*a"},
        {"lim[x -> 0](sin(x)/x)", "1"},
        {"lim[x -> 0]((1 - cos(x))/x^2)", "1/2"},
        {"lim[x -> 0]((sin(x) - x)/x^3)", "-1/6"},
        {"lim[x -> 1]((x^2 - 1)/(x - 1))", "2"},
        {"lim[h -> 0](((x + h)^2 - x^2)/h)", "2*x"},
        {"lim[h -> 0]((sin(x + h) - sin(x))/h)", "cos(x)"},
        {"lim[x -> inf](x/(x + 1))", "1"},
        {"lim[x -> inf]((3*x^2 + 1)/(2*x^2 - 5))", "3/2"},
        {"lim[x -> inf]((1 + 1/x)^x)", "e"},
        {"lim[x -> inf](sqrt(x^2 + x) - x)", "1/2"},
        {"lim[x -> -inf](sqrt(x^2 + x) + x)", "-1/2"},
        {"lim[x -> inf](e^(-x)*x^3)", "0"},
        {"lim[x -> inf](ln(x)/x)", "0"},
        {"lim[x -> inf](arctan(x))", "pi/2"},
        {"lim[x -> 0+](x*ln(x))", "0"},
        {"lim[x -> 0+](x^x)", "1"},
        {"lim[x -> 0+](abs(x)/x)", "1"},
        {"lim[x -> 0-](abs(x)/x)", "-1"},
        {"lim[x -> 0](1/x^2)", "inf"},
        {"lim[x -> 0+](1/x)", "inf"},
        {"lim[x -> 0-](1/x)", "-inf"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ctx_begin(ctx);
        term r = term_canon(ctx, diff_resolve(ctx, parse(rows[i][0])));
        if (r != term_canon(ctx, parse(rows[i][1])))
            fail_msg("%s is not %s (%s)", rows[i][0], rows[i][1], status_name(ctx_status(ctx)));
    }
}

static void limits_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gradus_status status;
    } rows[] = {
        {"lim[x -> 0](abs(x)/x)", GRADUS_DOMAIN},
        {"lim[x -> 0](1/x)", GRADUS_DOMAIN},
        {"lim[x -> 0]({x if x > 0; 1 otherwise})", GRADUS_DOMAIN},
        {"lim[x -> inf](sin(x))", GRADUS_UNABLE},
        {"lim[x -> 0](sin(1/x))", GRADUS_UNABLE},
        {"lim[x -> pi/2](tan(x))", GRADUS_UNABLE},
        {"lim[x -> 0](floor(x))", GRADUS_UNABLE},
        {"lim[x -> -1](ln(x))", GRADUS_UNABLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ctx_begin(ctx);
        if (diff_resolve(ctx, parse(rows[i].text)) || ctx_status(ctx) != rows[i].status)
            fail_msg("%s: %s", rows[i].text, status_name(ctx_status(ctx)));
    }
    ctx_begin(ctx);
}

static bool names_rule(const step *s, const char *rule)
{
    for (; s; s = s->next)
        if (strcmp(s->rule, rule) == 0 || names_rule(s->sub, rule))
            return true;
    return false;
}

static void by_definition_as_by_rules(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"x^2", "expand"},  {"x^3", "cancel"},      {"2*x + 3", "limit"},
                                          {"1/x", "cancel"}, {"sqrt(x)", "conjugate"}, {"x^2 + a*x", "expand"}};
    diff_options opt = {.unfold = true, .method = "definition"};
    term x = term_sym(ctx, "x", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        step_log log;
        step_log_init(&log, ctx);
        term f = parse(rows[i][0]), d = diff_by(ctx, f, x, &opt, &log);
        assert_int_not_equal(d, TERM_NONE);
        assert_int_equal(d, diff_by(ctx, f, x, NULL, NULL));
        assert_true(names_rule(log.root, "limit-definition"));
        if (!names_rule(log.root, rows[i][1]))
            fail_msg("%s: no step %s", rows[i][0], rows[i][1]);
        step_log_clear(&log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(limits_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_that_do_not_exist_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(by_definition_as_by_rules, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
