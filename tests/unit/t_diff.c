/* Derivatives: the rules' answers as forms, and against difference quotients in balls; forward against reverse. */
#include "diff/diff.h"
#include "eval/eval.h"
#include "support/cm.h"
#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
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

static term sym(const char *name) { return term_sym(ctx, name, strlen(name)); }

static term parse(const char *text)
{
    term t = text_parse(ctx, text, strlen(text), TEXT_PLAIN);
    if (!t) {
        const diag *d = diag_first_error(ctx);
        fail_msg("%s: %s", text, d ? d->message : "not read");
    }
    return t;
}

static void define(const char *text)
{
    term s;
    assert_int_equal(text_define(ctx, text, strlen(text), TEXT_PLAIN, &s), GRADUS_OK);
}

static void declare(const char *text) { assert_int_equal(text_declare(ctx, text, strlen(text)), GRADUS_OK); }

static term by(const char *formula, const char *variable)
{
    term x = text_parse_variable(ctx, variable, strlen(variable));
    term d = diff_by(ctx, parse(formula), x, NULL, NULL);
    if (!d) {
        const diag *e = diag_first_error(ctx);
        fail_msg("d/d%s (%s): %s", variable, formula, e ? e->message : status_name(ctx_status(ctx)));
    }
    return d;
}

static const char *text_of(term t)
{
    static char line[2000];
    strbuf b;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, t, FORM_TEXT);
    snprintf(line, sizeof line, "%s", strbuf_str(&b));
    strbuf_clear(&b);
    return line;
}

/* The canonical form of the answer is that of the expected text. */
static void expect(const char *formula, const char *variable, const char *want)
{
    term d = by(formula, variable), w = term_canon(ctx, parse(want));
    if (d != w)
        fail_msg("d/d%s (%s) is %s, not %s", variable, formula, text_of(d), want);
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

static void rules_give_textbook_forms(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"7", "x", "0"},
        {"c", "x", "0"},
        {"m*x + b", "x", "m"},
        {"x^2", "x", "2*x"},
        {"x^5 - 4*x^3 + x", "x", "5*x^4 - 12*x^2 + 1"},
        {"x^pi", "x", "pi*x^(pi - 1)"},
        {"sqrt(x)", "x", "1/(2*sqrt(x))"},
        {"(x^2 - 1)/(x^2 + 1)", "x", "4*x/(x^2 + 1)^2"},
        {"ln(x)/x^2", "x", "(1 - 2*ln(x))/x^3"},
        {"3/(2*x + 1)", "x", "-6/(2*x + 1)^2"},
        {"sin(x^2)", "x", "2*x*cos(x^2)"},
        {"e^(-x^2/2)", "x", "-x*e^(-x^2/2)"},
        {"ln(3*x)", "x", "1/x"},
        {"a^x", "x", "a^x*ln(a)"},
        {"x^x", "x", "x^x*(ln(x) + 1)"},
        {"e^x/(1 + e^x)", "x", "e^x/(1 + e^x)^2"},
        {"x/sqrt(1 + x^2)", "x", "1/(1 + x^2)^(3/2)"},
        {"arctan(sinh(x))", "x", "1/cosh(x)"},
        {"tanh(a*x + b)", "x", "a*(1 - tanh(a*x + b)^2)"},
        {"abs(x)", "x", "sign(x)"},
        {"max(0, x)", "x", "[x > 0]"},
        {"max(x, x^2)", "x", "{1 if x > x^2; 2*x otherwise}"},
        {"{x if x > 0; x/100 otherwise}", "x", "{1 if x > 0; 1/100 otherwise}"},
        {"[x > 0]*ln(x)", "x", "[x > 0]/x"},
        {"relu(x) - relu(-x)", "x", "1"},
        {"0^x - 1", "x", "{0 if x > 0}"},
        {"besselj(0, x)", "x", "besselj(-1, x)/2 - besselj(1, x)/2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(rows[i][0], rows[i][1], rows[i][2]);
}

static void names_are_put_back(void **state)
{
    (void)state;
    define("S(z) = 1/(1 + e^(-z))");
    expect("S(x)", "x", "S(x)*(1 - S(x))");
    expect("S(x^2)", "x", "2*x*S(x^2)*(1 - S(x^2))");
    term s = sym("S");
    diff_options opt = {.unfold = true, .names = &s, .n_names = 1};
    term d = diff_by(ctx, parse("(1 + e^(-x))^(-1)"), sym("x"), &opt, NULL);
    assert_int_equal(d, term_canon(ctx, parse("S(x)*(1 - S(x))")));
}

static void order_is_repeated_differentiation(void **state)
{
    (void)state;
    term x = sym("x");
    assert_int_equal(diff_order(ctx, parse("x*e^x"), x, 3, NULL, NULL), term_canon(ctx, parse("(x + 3)*e^x")));
    assert_int_equal(diff_order(ctx, parse("ln(x)"), x, 3, NULL, NULL), term_canon(ctx, parse("2/x^3")));
    assert_int_equal(diff_order(ctx, parse("x + x"), x, 0, NULL, NULL), term_canon(ctx, parse("2*x")));
}

static void isolated_points_take_the_limit_or_nothing(void **state)
{
    (void)state;
    expect("{sin(x)/x if x != 0; 1 otherwise}", "x", "{(x*cos(x) - sin(x))/x^2 if x != 0; 0 otherwise}");
    expect("{x if x != 0; 5 otherwise}", "x", "{1 if x != 0}"); /* a jump: no slope there */
    expect("{abs(x) if x != 0; 0 otherwise}", "x", "{sign(x) if x != 0}");
}

static void what_is_not_known_is_an_error(void **state)
{
    (void)state;
    static const char *const rows[] = {"polygamma(x, 2)", "besselj(x, 1)", "sum[i=1..x](i)"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ctx_begin(ctx);
        term f = text_parse(ctx, rows[i], strlen(rows[i]), TEXT_PLAIN);
        if (!f)
            continue; /* the reader refuses it already */
        assert_int_equal(diff_by(ctx, f, sym("x"), NULL, NULL), TERM_NONE);
        assert_int_equal(ctx_status(ctx), GRADUS_UNABLE);
        assert_non_null(diag_first_error(ctx));
    }
    ctx_begin(ctx);
}

/* ---- indices ----------------------------------------------------------------------------------------------------- */

static void deltas_are_eliminated(void **state)
{
    (void)state;
    declare("w[j=1..p], x[j=1..p], X[i=1..n, j=1..p], y[i=1..n], s[c=1..C], A[i=1..n, j=1..n]");
    expect("sum[j](w[j]*x[j])", "w[k]", "x[k]");
    expect("sum[j](w[j]^2)", "w[k]", "2*w[k]");
    expect("sum[j](|w[j]|)", "w[k]", "sign(w[k])");
    expect("sum[j](sum[j](w[j])*w[j])", "w[k]", "2*sum[j](w[j])");
    expect("sum[i]((y[i] - sum[j](w[j]*X[i,j]))^2)", "w[k]", "-2*sum[i]((y[i] - sum[j](w[j]*X[i,j]))*X[i,k])");
    expect("logsumexp[c](s[c])", "s[r]", "e^s[r]/sum[c](e^s[c])");
    expect("sum[i](A[i,i])", "A[a,b]", "[a == b]");
    expect("w[3]", "w[k]", "[3 == k]");
}

static void gathered_labels_stay(void **state)
{
    (void)state;
    declare("s[i=1..n, c=1..C], q[i=1..n]:class");
    term d = by("sum[i](s[i,q[i]])", "s[m,k]");
    assert_int_equal(d, term_canon(ctx, parse("[q[m] == k]")));
}

static void products_over_an_index_leave_one_out(void **state)
{
    (void)state;
    const double v[] = {2, 0, 5};
    const int64_t n = 3;
    assert_true(term_sym_bind(ctx, sym("v"), 1, &n, v));
    term d = by("prod[i=1..3](v[i])", "v[2]");
    arena mem;
    arena_init(&mem, ctx);
    eval_result r = {0};
    eval_options opt = {0};
    assert_int_equal(eval_ball(ctx, d, NULL, 0, &opt, &mem, &r), GRADUS_OK);
    assert_true(r.value[0] == 10.0); /* also where the factor itself is 0 */
    arena_clear(&mem);
}

static void recurrences_have_recurrent_sensitivities(void **state)
{
    (void)state;
    define("h[0] = 1");
    define("h[t] = a*h[t-1] + a^2 for t = 1..5");
    term d = by("h[5]", "a"), at = term_rational(ctx, 1, 2);
    assert_int_not_equal(d, TERM_NONE);
    /* h5 = a^5 + a^2*(1 + a + a^2 + a^3 + a^4): by hand */
    term w = term_subst(ctx, term_canon(ctx, parse("5*a^4 + 2*a + 3*a^2 + 4*a^3 + 5*a^4 + 6*a^5")), (term[]){sym("a")}, &at, 1);
    eval_bind bind = {sym("a"), at};
    arena mem;
    arena_init(&mem, ctx);
    eval_result r = {0};
    eval_options opt = {0};
    assert_int_equal(eval_ball(ctx, d, &bind, 1, &opt, &mem, &r), GRADUS_OK);
    assert_true(r.value[0] == num_fmpq_get_double(term_num(ctx, w)));
    arena_clear(&mem);
}

/* ---- against balls --------------------------------------------------------------------------------------------------- */

enum { PREC = 4000, H_BITS = 200 };

/* f at x = p + shift*2^-H_BITS, y = q; false: undefined. */
static bool value(term f, long p, long q, long shift, arb_t out)
{
    fmpq_t s;
    fmpq_init(s);
    fmpz_set_si(fmpq_numref(s), shift);
    fmpz_one(fmpq_denref(s));
    fmpz_mul_2exp(fmpq_denref(s), fmpq_denref(s), H_BITS);
    fmpq_canonicalise(s);
    term x = term_add2(ctx, term_rational(ctx, p, 16), term_from_fmpq(ctx, s));
    fmpq_clear(s);
    eval_bind at[2] = {{sym("x"), x}, {sym("y"), term_rational(ctx, q, 16)}};
    eval_problem why = {0};
    return eval_enclose(ctx, f, at, 2, PREC, out, &why) == FN_BALL_OK && arb_is_finite(out);
}

/* |f' - central difference| <= 2^-(H_BITS/2) * max(1, |f'|): the truncation error is f'''/6*4^-H_BITS. */
static bool agrees(term f, term d, long p, long q)
{
    arb_t a, b, slope;
    arb_init(a);
    arb_init(b);
    arb_init(slope);
    bool ok = true;
    if (value(f, p, q, 1, a) && value(f, p, q, -1, b) && value(d, p, q, 0, slope)) {
        arb_sub(a, a, b, PREC);
        arb_mul_2exp_si(a, a, H_BITS - 1);
        arb_sub(a, a, slope, PREC);
        arb_abs(a, a);
        arb_mul_2exp_si(a, a, H_BITS / 2);
        arb_abs(slope, slope);
        arb_add_si(slope, slope, 1, PREC);
        ok = arb_lt(a, slope);
    }
    arb_clear(a);
    arb_clear(b);
    arb_clear(slope);
    return ok;
}

static uint64_t seed;

static unsigned roll(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* A random smooth term of x and y, raw as a person types it. */
static term random_term(int depth)
{
    term a, b;
    if (depth == 0)
        switch (roll(4)) {
        case 0: return sym("x");
        case 1: return sym("y");
        case 2: return term_int(ctx, (long)roll(5) + 1);
        default: return sym("x");
        }
    a = random_term(depth - 1);
    b = random_term(depth - 1);
    term two = term_int(ctx, 2), one = term_int(ctx, 1);
    switch (roll(12)) {
    case 0: case 1: return term_raw_add(ctx, NULL, (term[]){a, b}, 2);
    case 2: return term_raw_add(ctx, (term[]){one, term_int(ctx, -1)}, (term[]){a, b}, 2);
    case 3: case 4: return term_raw_mul(ctx, (term[]){a, b}, NULL, 2);
    case 5: return term_raw_mul(ctx, (term[]){a, term_raw_add(ctx, NULL, (term[]){one, term_raw_mul(ctx, &b, &two, 1)}, 2)},
                                (term[]){one, term_int(ctx, -1)}, 2);
    case 6: return term_raw_apply(ctx, FN_sin, &a, 1);
    case 7: return term_raw_apply(ctx, FN_exp, (term[]){term_raw_apply(ctx, FN_sin, &a, 1)}, 1);
    case 8: return term_raw_apply(ctx, FN_atan, &a, 1);
    case 9: return term_raw_pow(ctx, a, two);
    case 10: return term_raw_apply(ctx, FN_log, (term[]){term_raw_add(ctx, NULL, (term[]){two, term_raw_apply(ctx, FN_cos, &a, 1)}, 2)}, 1);
    default: return term_raw_pow(ctx, term_raw_add(ctx, NULL, (term[]){two, term_raw_apply(ctx, FN_sin, &a, 1)}, 2), b);
    }
}

static void random_formulas_agree_with_difference_quotients(void **state)
{
    (void)state;
    seed = 20261123;
    for (int i = 0; i < 150; i++) {
        ctx_begin(ctx);
        term_mark m = term_get_mark(ctx);
        term f = random_term(1 + (int)roll(4)), d = diff_by(ctx, f, sym("x"), NULL, NULL);
        assert_int_not_equal(d, TERM_NONE);
        diff_options plain = {.unfold = true, .plain = true};
        term d2 = diff_by(ctx, f, sym("x"), &plain, NULL);
        long p = (long)roll(60) - 30, q = (long)roll(60) - 30;
        if (getenv("SHOW"))
            printf("%d %s\n", i, text_of(f));
        if (!agrees(f, d, p, q))
            fail_msg("%d: d/dx of a term of size %u at %ld/16, %ld/16 is not %s", i, term_size(ctx, f), p, q, text_of(d));
        if (!agrees(f, d2, p, q))
            fail_msg("%d: before simplifying, d/dx is not %s", i, text_of(d2));
        term_rewind(ctx, m);
    }
}

static void a_record_changes_no_answer(void **state)
{
    (void)state;
    seed = 7;
    for (int i = 0; i < 120; i++) {
        ctx_begin(ctx);
        term_mark m = term_get_mark(ctx);
        term f = random_term(1 + (int)roll(3)), d = diff_by(ctx, f, sym("x"), NULL, NULL);
        step_log log;
        step_log_init(&log, ctx);
        term e = diff_by(ctx, f, sym("x"), NULL, &log);
        assert_int_equal(log.root->after, e);
        long p = (long)roll(60) - 30, q = (long)roll(60) - 30;
        if (d != e && !(agrees(f, d, p, q) && agrees(f, e, p, q)))
            fail_msg("%d: with a record %s", i, text_of(e));
        step_log_clear(&log);
        term_rewind(ctx, m);
    }
}

static void reverse_agrees_with_forward(void **state)
{
    (void)state;
    seed = 99;
    term x[2];
    for (int i = 0; i < 150; i++) {
        ctx_begin(ctx);
        term_mark m = term_get_mark(ctx);
        x[0] = sym("x");
        x[1] = sym("y");
        term f = random_term(1 + (int)roll(4)), out[2];
        assert_int_equal(diff_gradient(ctx, f, x, 2, out), GRADUS_OK);
        long p = (long)roll(60) - 30, q = (long)roll(60) - 30;
        for (int k = 0; k < 2; k++) {
            term forward = diff_by(ctx, f, x[k], NULL, NULL);
            arb_t a, b;
            arb_init(a);
            arb_init(b);
            if (value(forward, p, q, 0, a) && value(out[k], p, q, 0, b) && !arb_overlaps(a, b))
                fail_msg("%d: forward %s", i, text_of(forward));
            arb_clear(a);
            arb_clear(b);
        }
        term_rewind(ctx, m);
    }
}

static void reverse_knows_cases_and_extrema(void **state)
{
    (void)state;
    static const char *const rows[] = {"max(x, y)^2", "max(0, x) + min(x, y, 3)", "{x*y if x > y; y^2 otherwise}",
                                       "sum[i=1..4](sin(i*x)*y)", "abs(x - y)", "hypot(x, y)", "prod[i=1..3](x + i*y)"};
    term x[2] = {sym("x"), sym("y")}, out[2];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        term f = parse(rows[i]);
        assert_int_equal(diff_gradient(ctx, f, x, 2, out), GRADUS_OK);
        for (int k = 0; k < 2; k++)
            for (long p = -21; p <= 21; p += 14) {
                arb_t a, b;
                arb_init(a);
                arb_init(b);
                if (value(diff_by(ctx, f, x[k], NULL, NULL), p, 5, 0, a) && value(out[k], p, 5, 0, b) && !arb_overlaps(a, b))
                    fail_msg("%s at %ld/16: %s", rows[i], p, text_of(out[k]));
                arb_clear(a);
                arb_clear(b);
            }
    }
}

/* ---- other questions ------------------------------------------------------------------------------------------------------ */

static void implicit_and_directional(void **state)
{
    (void)state;
    term x = sym("x"), y = sym("y");
    assert_int_equal(diff_implicit(ctx, parse("x^2 + y^2 = 25"), x, y, NULL), term_canon(ctx, parse("-x/y")));
    assert_int_equal(diff_implicit(ctx, parse("x*y + e^y = 3"), x, y, NULL), term_canon(ctx, parse("-y/(x + e^y)")));
    term v[2] = {term_rational(ctx, 3, 5), term_rational(ctx, 4, 5)}, vars[2] = {x, y};
    assert_int_equal(diff_directional(ctx, parse("x^2*y"), vars, v, 2, NULL), term_canon(ctx, parse("6*x*y/5 + 4*x^2/5")));
}

static void a_hessian_is_symmetric(void **state)
{
    (void)state;
    term vars[2] = {sym("x"), sym("y")}, out[4];
    assert_int_equal(diff_hessian(ctx, parse("x^3*y^2 + sin(x*y)"), vars, 2, out, NULL), GRADUS_OK);
    assert_int_equal(out[1], out[2]);
    assert_int_equal(out[3], term_canon(ctx, parse("2*x^3 - x^2*sin(x*y)")));
}

static void derivatives_inside_formulas_are_resolved(void **state)
{
    (void)state;
    define("F(u) = u^3");
    assert_int_equal(term_canon(ctx, diff_resolve(ctx, parse("F'(2*x) + d/dx (x^2)"))), term_canon(ctx, parse("12*x^2 + 2*x")));
    assert_int_equal(term_canon(ctx, diff_resolve(ctx, parse("sum[i=1..3](d/dx (x^i))"))),
                     term_canon(ctx, parse("sum[i=1..3](i*x^(i - 1))")));
}

static void kinks_are_found(void **state)
{
    (void)state;
    diff_kinks k = {0};
    assert_true(diff_find_kinks(ctx, parse("abs(x - 2) + relu(x) + exp(abs(y)) + abs(x^2 + 1)"), sym("x"), &k));
    assert_int_equal(k.n, 2); /* not y's, not the one that is never 0 */
    vec_clear(ctx, &k);
    diff_kinks none = {0};
    assert_true(diff_find_kinks(ctx, parse("sin(x)*e^x"), sym("x"), &none));
    assert_int_equal(none.n, 0);
    vec_clear(ctx, &none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_give_textbook_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(order_is_repeated_differentiation, setup, teardown),
        cmocka_unit_test_setup_teardown(isolated_points_take_the_limit_or_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(deltas_are_eliminated, setup, teardown),
        cmocka_unit_test_setup_teardown(gathered_labels_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(products_over_an_index_leave_one_out, setup, teardown),
        cmocka_unit_test_setup_teardown(recurrences_have_recurrent_sensitivities, setup, teardown),
        cmocka_unit_test_setup_teardown(random_formulas_agree_with_difference_quotients, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_changes_no_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(reverse_agrees_with_forward, setup, teardown),
        cmocka_unit_test_setup_teardown(reverse_knows_cases_and_extrema, setup, teardown),
        cmocka_unit_test_setup_teardown(implicit_and_directional, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hessian_is_symmetric, setup, teardown),
        cmocka_unit_test_setup_teardown(derivatives_inside_formulas_are_resolved, setup, teardown),
        cmocka_unit_test_setup_teardown(kinks_are_found, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
