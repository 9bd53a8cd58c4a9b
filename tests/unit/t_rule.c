/* The tables' formulas as terms, facts (three answers), what a formula needs, and the rules' words. */
#include "rule/rule.h"
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
    return term_canon(ctx, t);
}

/* ---- partials ------------------------------------------------------------------------------------------------------ */

static void partials_are_the_tables_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *f;
        uint32_t k;
        const char *want;
    } rows[] = {
        {"sin(2*t)", 0, "cos(2*t)"},
        {"tanh(t)", 0, "1 - tanh(t)^2"},
        {"exp(t^2)", 0, "exp(t^2)"},
        {"hypot(s, t)", 1, "t/hypot(s, t)"},
        {"atan2(s, t)", 0, "t/(s^2 + t^2)"},
        {"sign(t)", 0, "0"},
        {"relu(t)", 0, "[t > 0]"},
        {"polygamma(2, t)", 1, "polygamma(3, t)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(rule_partial(ctx, parse(rows[i].f), rows[i].k), parse(rows[i].want));
}

/* The table is read once; names of the user do not get in its way, and rewinding does not make it stale. */
static void the_users_names_and_rewinding_do_no_harm(void **state)
{
    (void)state;
    const double data[] = {1, 2};
    const int64_t n = 2;
    term_mark m = term_get_mark(ctx);
    assert_true(term_sym_bind(ctx, term_sym(ctx, "y", 1), 1, &n, data));
    term s;
    assert_int_equal(text_define(ctx, "u(t) = t^2", 10, TEXT_PLAIN, &s), GRADUS_OK);
    assert_int_equal(rule_partial(ctx, parse("sigmoid(t)"), 0), parse("sigmoid(t)*(1 - sigmoid(t))"));
    term_rewind(ctx, m);
    for (int i = 0; i < 50; i++)
        term_sym(ctx, (const char[]){'q', (char)('a' + i % 26), 0}, 2); /* other terms take the old handles */
    assert_int_equal(rule_partial(ctx, parse("sigmoid(t)"), 0), parse("sigmoid(t)*(1 - sigmoid(t))"));
}

static void an_unknown_partial_is_unable_with_a_name(void **state)
{
    (void)state;
    assert_int_equal(rule_partial(ctx, parse("besselj(t, 1)"), 0), TERM_NONE);
    assert_int_equal(ctx_status(ctx), GRADUS_UNABLE);
    assert_non_null(strstr(diag_first_error(ctx)->message, "besselj"));
    ctx_begin(ctx);
}

static void domains_and_kinks_at_arguments(void **state)
{
    (void)state;
    assert_int_equal(rule_domain(ctx, parse("ln(t - 1)")), parse("t - 1 > 0"));
    assert_int_equal(rule_domain(ctx, parse("sin(t)")), term_bool(ctx, true));
    assert_int_equal(rule_kink(ctx, parse("abs(t^2)")), parse("t^2 == 0"));
    assert_int_equal(rule_kink(ctx, parse("sin(t)")), TERM_NONE);
}

/* ---- facts ------------------------------------------------------------------------------------------------------------ */

static void three_answers(void **state)
{
    (void)state;
    static const struct {
        const char *cond, *given;
        gradus_truth want;
    } rows[] = {
        {"x^2 + 1 > 0", NULL, GRADUS_YES},
        {"x^2 + 1 < 0", NULL, GRADUS_NO},
        {"x > 0", NULL, GRADUS_UNKNOWN},
        {"x^2 >= 0", NULL, GRADUS_YES},
        {"x^2 > 0", NULL, GRADUS_UNKNOWN},
        {"e^x > 0", NULL, GRADUS_YES},
        {"1 + e^(-x) != 0", NULL, GRADUS_YES},
        {"tanh(x) < 1", NULL, GRADUS_YES},
        {"tanh(x)^2 < 1", NULL, GRADUS_UNKNOWN}, /* intervals: [0, 1], the end not shown to be open */
        {"cosh(x) >= 1", NULL, GRADUS_YES},
        {"pi > 3", NULL, GRADUS_YES},
        {"pi == 3", NULL, GRADUS_NO},
        {"sqrt(2) + x^4 > 1", NULL, GRADUS_YES},
        {"x*y > 0", NULL, GRADUS_UNKNOWN},
        {"x > 0", "x > 1", GRADUS_YES},
        {"x > 0", "x < -1", GRADUS_NO},
        {"x != 0", "x > 0", GRADUS_YES},
        {"x - 2 >= 0", "x >= 2", GRADUS_YES},
        {"x - 2 > 0", "x >= 2", GRADUS_UNKNOWN},
        {"ln(x) > 0", "x > 1", GRADUS_YES},
        {"x*y > 0", "x > 0 and y > 0", GRADUS_YES},
        {"x^2 > 0", "x != 0", GRADUS_YES},
        {"3 - x > 0", "x < 3", GRADUS_YES},
        {"abs(x) > 0 or x == 0", NULL, GRADUS_UNKNOWN},
        {"sum[i=1..4](x^2) >= 0", NULL, GRADUS_YES},
        {"max(x, 2) >= 2", NULL, GRADUS_YES},
        {"min(x, 2) <= 2", NULL, GRADUS_YES},
        {"max(x, 2) > 2", NULL, GRADUS_UNKNOWN},
        {"floor(x) == floor(x)", NULL, GRADUS_YES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        term given = rows[i].given ? parse(rows[i].given) : TERM_NONE;
        gradus_truth got = rule_decide(ctx, parse(rows[i].cond), &given, given != TERM_NONE);
        if (got != rows[i].want)
            fail_msg("%s given %s: %d, not %d", rows[i].cond, rows[i].given ? rows[i].given : "nothing", got, rows[i].want);
    }
}

/* 10^-400 is no double: a fact must not call it 0. */
static void tiny_numbers_keep_their_sign(void **state)
{
    (void)state;
    assert_int_equal(rule_decide_positive(ctx, parse("1e-400"), NULL, 0), GRADUS_YES);
    assert_int_equal(rule_decide_nonzero(ctx, parse("-1e-400"), NULL, 0), GRADUS_YES);
    assert_int_equal(rule_decide_positive(ctx, parse("1e-400 + x^2"), NULL, 0), GRADUS_YES);
    assert_int_equal(rule_decide_integer(ctx, parse("floor(x) + 2")), GRADUS_YES);
    assert_int_equal(rule_decide_integer(ctx, parse("x/2")), GRADUS_UNKNOWN);
    assert_int_equal(rule_decide_integer(ctx, parse("1/2")), GRADUS_NO);
}

/* ---- harvest -------------------------------------------------------------------------------------------------------------- */

static void needs_in_their_shortest_form(void **state)
{
    (void)state;
    static const struct {
        const char *f;
        const char *want[4];
    } rows[] = {
        {"x^2 + sin(x)", {NULL}},
        {"1/x", {"x != 0"}},
        {"1/(x + 1)", {"x != -1"}},
        {"ln(x)", {"x > 0"}},
        {"ln(3*x)", {"x > 0"}},
        {"ln(x^2)", {"x != 0"}},
        {"ln(x)/x", {"x > 0"}},
        {"sqrt(x - 2)", {"x >= 2"}},
        {"1/(x*y)", {"x != 0", "y != 0"}},
        {"1/(1 + e^x)", {NULL}},
        {"[x > 0]*ln(x)", {NULL}},
        {"{1/x if x > 0; 0 otherwise}", {NULL}},
        {"a^x", {"a > 0"}},
        {"2^x", {NULL}},
        {"1/(2 - x)", {"x != 2"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        term_vec out = {0};
        assert_true(rule_harvest(ctx, parse(rows[i].f), &out));
        size_t n = 0;
        while (n < 4 && rows[i].want[n])
            n++;
        if (out.n != n)
            fail_msg("%s: %zu conditions, not %zu", rows[i].f, out.n, n);
        for (size_t k = 0; k < n; k++)
            if (out.at[k] != parse(rows[i].want[k]))
                fail_msg("%s does not need %s first", rows[i].f, rows[i].want[k]);
        vec_clear(ctx, &out);
    }
}

/* ---- words --------------------------------------------------------------------------------------------------------------------- */

static void every_key_has_words(void **state)
{
    (void)state;
    static const char *const keys[] = {"constant", "identity", "linear", "sum", "product", "quotient", "power", "chain",
                                       "general-power", "cases", "kink", "extremum", "entry", "delta", "gather",
                                       "recurrence", "adjoint", "fold", "raise", "limit", "table"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const rule_row *r = rule_find(keys[i]);
        assert_non_null(r);
        assert_string_equal(r->key, keys[i]);
        assert_true(r->general[0] && r->brief[0] && r->full[0] && r->hint[0]);
    }
    assert_null(rule_find("no-such-rule"));
    for (int f = 1; f < FN_COUNT; f++) {
        const rule_row *r = rule_find(fn_get((fn_id)f)->key);
        assert_non_null(r);
        assert_non_null(r->full);
        assert_true(r->full[0] != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(partials_are_the_tables_formulas, setup, teardown),
        cmocka_unit_test_setup_teardown(the_users_names_and_rewinding_do_no_harm, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_partial_is_unable_with_a_name, setup, teardown),
        cmocka_unit_test_setup_teardown(domains_and_kinks_at_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(three_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(tiny_numbers_keep_their_sign, setup, teardown),
        cmocka_unit_test_setup_teardown(needs_in_their_shortest_form, setup, teardown),
        cmocka_unit_test_setup_teardown(every_key_has_words, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
