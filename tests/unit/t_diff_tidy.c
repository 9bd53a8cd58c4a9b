/* Shorter forms: equal where the original has a value, never longer, never with fewer points. */
#include "diff/diff_impl.h"
#include "diff/fraction.h"
#include "support/cm.h"
#include "text/text.h"

#include <stdio.h>

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

static const char *text_of(term t)
{
    static char line[4][1000];
    static int next;
    char *out = line[next++ % 4];
    strbuf b;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, t, FORM_TEXT);
    snprintf(out, sizeof line[0], "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return out;
}

static void forms_become_short(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"2*x/(x^2 + 1) - 2*x*(x^2 - 1)/(x^2 + 1)^2", "4*x/(x^2 + 1)^2"},
        {"1/x^3 - 2*ln(x)/x^3", "(1 - 2*ln(x))/x^3"},
        {"3*e^x + x*e^x", "(x + 3)*e^x"},
        {"a - a*tanh(b)^2", "a*(1 - tanh(b)^2)"},
        {"cosh(x)/(1 + sinh(x)^2)", "1/cosh(x)"},
        {"1/sqrt(1 + x^2) - x^2/(1 + x^2)^(3/2)", "1/(1 + x^2)^(3/2)"},
        {"x^2 + 2*x + 1", "x^2 + 2*x + 1"}, /* short enough as it is */
        {"sin(x)^2 + cos(x)^2", "1"},
        {"x/(x*y)", "1/y"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        term t = term_canon(ctx, parse(rows[i][0])), r = simplify_arithmetic(ctx, t, NULL, 0);
        if (r != term_canon(ctx, parse(rows[i][1])))
            fail_msg("%s became %s", rows[i][0], text_of(r));
    }
}

static uint64_t seed;

static unsigned roll(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static term random_fraction(int depth)
{
    static const fn_id fns[] = {FN_sin, FN_cos, FN_exp, FN_sinh, FN_cosh, FN_tanh};
    if (depth == 0) {
        term x = term_sym(ctx, roll(3) ? "x" : "y", 1);
        switch (roll(4)) {
        case 0: return x;
        case 1: return term_int(ctx, (long)roll(7) - 3);
        case 2: return term_apply1(ctx, fns[roll(6)], term_mul2(ctx, term_int(ctx, (long)roll(3) - 1), x));
        default: return term_sqrt(ctx, term_add2(ctx, term_int(ctx, 1), term_pow_int(ctx, x, 2)));
        }
    }
    term a = random_fraction(depth - 1), b = random_fraction(depth - 1);
    switch (roll(5)) {
    case 0: return term_add2(ctx, a, b);
    case 1: return term_sub(ctx, a, b);
    case 2: return term_mul2(ctx, a, b);
    case 3: return term_is_int(ctx, b, 0) ? a : term_div(ctx, a, b);
    default: return term_pow_int(ctx, a, 2);
    }
}

static bool value(term f, long p, long q, arb_t out)
{
    eval_bind at[2] = {{term_sym(ctx, "x", 1), term_rational(ctx, p, 7)}, {term_sym(ctx, "y", 1), term_rational(ctx, q, 9)}};
    eval_problem why = {0};
    return eval_enclose(ctx, f, at, 2, 256, out, &why) == FN_BALL_OK && arb_is_finite(out);
}

static void short_forms_are_equal_and_have_no_fewer_points(void **state)
{
    (void)state;
    seed = 3;
    int changed = 0;
    for (int i = 0; i < 400; i++) {
        ctx_begin(ctx);
        term_mark m = term_get_mark(ctx);
        term t = random_fraction(1 + (int)roll(3)), r = simplify_arithmetic(ctx, t, NULL, 0);
        assert_int_not_equal(r, TERM_NONE);
        changed += r != t;
        assert_true(cost_of_term(ctx, r, NULL, 0) <= cost_of_term(ctx, t, NULL, 0));
        for (int k = 0; k < 4; k++) {
            long p = (long)roll(41) - 20, q = (long)roll(41) - 20; /* 0 and 1 among them */
            arb_t a, b;
            arb_init(a);
            arb_init(b);
            if (value(t, p, q, a)) {
                bool has = value(r, p, q, b);
                if (!has || !arb_overlaps(a, b))
                    fail_msg("%d: %s is not %s at %ld/7, %ld/9", i, text_of(t), text_of(r), p, q);
            }
            arb_clear(a);
            arb_clear(b);
        }
        term_rewind(ctx, m);
    }
    if (changed < 10) /* it does something */
        fail_msg("only %d changed", changed);
}

/* F(u) is put back only where its body always has a value: 1/(1 - e^x) has none at 0, e^x has. */
static void a_name_is_not_put_back_where_it_would_lose_a_point(void **state)
{
    (void)state;
    term s;
    assert_int_equal(text_define(ctx, "P(z) = 1/(1 - e^z)", 18, TEXT_PLAIN, &s), GRADUS_OK);
    term d = term_canon(ctx, parse("e^x + e^(2*x) + e^(3*x)")), used;
    assert_int_equal(simplify_fold(ctx, d, &s, 1, NULL, 0, &used), d);
    assert_int_equal(used, TERM_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms_become_short, setup, teardown),
        cmocka_unit_test_setup_teardown(short_forms_are_equal_and_have_no_fewer_points, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_is_not_put_back_where_it_would_lose_a_point, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
