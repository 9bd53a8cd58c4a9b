/* Equality: proofs for formulas in many forms, witnesses for near misses, and no verdict from closeness alone. */
#include "support/cm.h"

#include "diff/diff.h"
#include "prove/prove.h"
#include "text/text.h"

#include <string.h>

static gradus_ctx *ctx;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    if (!ctx || !term_room_init(ctx))
        return 1;
    ctx_begin(ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_free(ctx);
    return 0;
}

static gradus_truth compare(const char *a, const char *b, prove_result *r, arena *mem)
{
    term x = text_parse(ctx, a, strlen(a), TEXT_PLAIN), y = text_parse(ctx, b, strlen(b), TEXT_PLAIN);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    assert_int_equal(prove_equal(ctx, diff_resolve(ctx, x), diff_resolve(ctx, y), NULL, 0, mem, r), GRADUS_OK);
    return r->equal;
}

static void expect(const char *a, const char *b, gradus_truth want)
{
    prove_result r;
    arena mem;
    arena_init(&mem, ctx);
    gradus_truth got = compare(a, b, &r, &mem);
    if (got != want)
        fail_msg("%s against %s: got %d, want %d (%s)", a, b, got, want, r.how);
    if (want == GRADUS_NO && !r.witness && !strstr(r.how, "shape") && !strstr(r.how, "array"))
        fail_msg("%s against %s: no witness", a, b);
    vec_clear(ctx, &r.conditions);
    arena_clear(&mem);
}

static void equal_in_many_forms(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"(x+1)^2", "x^2 + 2*x + 1"},
        {"(x^2-1)/(x-1)", "x + 1"},
        {"1/(1+e^-x) * (1 - 1/(1+e^-x))", "e^-x/(1+e^-x)^2"},
        {"e^x/(1+e^x)^2", "1/(4*cosh(x/2)^2)"},
        {"sin(x)^2 + cos(x)^2", "1"},
        {"sin(2*x)", "2*sin(x)*cos(x)"},
        {"cos(x)^2 - sin(x)^2", "cos(2*x)"},
        {"sin(x + y)", "sin(x)*cos(y) + cos(x)*sin(y)"},
        {"sin(x + pi/2)", "cos(x)"},
        {"1 + tan(x)^2", "1/cos(x)^2"},
        {"1 - tanh(x)^2", "1/cosh(x)^2"},
        {"ln(x^2)/2", "ln(abs(x))"},
        {"ln(e*x)", "ln(x) + 1"},
        {"ln(8)", "3*ln(2)"},
        {"ln(1 + e^x) - x", "ln(1 + e^-x)"},
        {"sqrt(x^2)", "abs(x)"},
        {"sqrt(8)", "2*sqrt(2)"},
        {"1/sqrt(2)", "sqrt(2)/2"},
        {"x/abs(x)", "sign(x)"},
        {"3*x*abs(x)", "3*x^2*sign(x)"},
        {"2^x*2^y", "2^(x+y)"},
        {"x^n/x", "x^(n-1)"},
        {"x^x*(1 + ln(x))", "x^x + x^x*ln(x)"},
        {"(a^x)^2", "a^(2*x)"},
        {"cos(arctan(x))^2", "1/(1 + x^2)"},
        {"relu(x) - relu(-x)", "x"},
        {"max(x, y) + min(x, y)", "x + y"},
        {"{x if x > 0; -x otherwise}", "abs(x)"},
        {"1/(sqrt(x+1) + sqrt(x))", "sqrt(x+1) - sqrt(x)"},
        {"d/dx (ln(x + sqrt(x^2+1)))", "1/sqrt(1 + x^2)"},
        {"arccos(x)", "pi/2 - arcsin(x)"},
        {"arsinh(x)", "ln(x + sqrt(x^2+1))"},
        {"sum[i=1..4](i*x^i)", "x + 2*x^2 + 3*x^3 + 4*x^4"},
        {"sum[i=1..n](2*i)", "2*sum[k=1..n](k)"},
        {"prod[i=1..3](x+i)", "(x+1)*(x+2)*(x+3)"},
        {"erfc(x) + erf(x)", "1"},
        {"(1,2)", "(2-1, 1+1)"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        expect(pairs[i][0], pairs[i][1], GRADUS_YES);
}

static void near_misses_have_a_witness(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"0.693147*2^x", "ln(2)*2^x"},
        {"x + 1e-30", "x"},
        {"{x if x < 1000; 0 otherwise}", "x"},
        {"sqrt(x^2)", "x"},
        {"abs(x)^3", "x^3"},
        {"e^(x^2)", "e^(2*x)"},
        {"(x+y)^2", "x^2 + y^2"},
        {"sin(x)", "sin(x) + 1e-25*x"},
        {"1/x", "1/x^2"},
        {"max(x, 100)", "100"},
        {"floor(x)", "x - 1/2"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        expect(pairs[i][0], pairs[i][1], GRADUS_NO);
}

/* Equal, but by no identity that is known here: the honest answer. */
static void borders_with_an_interior_count(void **state)
{
    (void)state;
    expect("{1 if (x+1)^2 <= x^2 + 2*x + 1; 2 otherwise}", "1", GRADUS_YES);
    expect("{1 if (x+1)^2 <= x^2 + 2*x + 1; 2 otherwise}", "5", GRADUS_NO);
    expect("[floor(x) > 2]", "[floor(x) >= 2]", GRADUS_NO);
    expect("x*[x == y]", "y*[x == y]", GRADUS_YES);
}

static void no_proof_no_verdict(void **state)
{
    (void)state;
    expect("gamma(x+1)", "x*gamma(x)", GRADUS_UNKNOWN);
    expect("floor(x + 1)", "floor(x) + 1", GRADUS_UNKNOWN);
    expect("[x == 0]", "0", GRADUS_UNKNOWN); /* the border itself is what the bracket is about */
    expect("{sin(x)/x if x != 0; 5 otherwise}", "sinc(x)", GRADUS_UNKNOWN);
    expect("ln(x^2)", "2*ln(-x)", GRADUS_UNKNOWN); /* true where x < 0; elsewhere one side has no value */
}

static void domains_are_told(void **state)
{
    (void)state;
    prove_result r;
    arena mem;
    arena_init(&mem, ctx);
    assert_int_equal(compare("1", "(1 - x)/(1 - x)", &r, &mem), GRADUS_YES);
    vec_clear(ctx, &r.conditions);
    /* Mine needs x != 0 where the question does not. */
    assert_int_equal(compare("ln(x)/ln(x)*x", "x", &r, &mem), GRADUS_YES);
    vec_clear(ctx, &r.conditions);
    arena_clear(&mem);
}

/* Proved on both sides of 0, but not at 0: right for x != 0. */
static void single_points_are_told(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"{1 if x > 0; 5 if x < 0; 7 otherwise}", "{1 if x > 0; 5 otherwise}"},
                                           {"(1 + sign(x))/2", "step(x)"}};
    for (size_t i = 0; i < 2; i++) {
        prove_result r;
        arena mem;
        arena_init(&mem, ctx);
        assert_int_equal(compare(pairs[i][0], pairs[i][1], &r, &mem), GRADUS_YES);
        assert_int_equal(r.conditions.n, 1);
        assert_int_equal(r.conditions.at[0], term_rel_make(ctx, REL_NE, term_sym(ctx, "x", 1), term_int(ctx, 0)));
        vec_clear(ctx, &r.conditions);
        arena_clear(&mem);
    }
}

static void shapes_differ(void **state)
{
    (void)state;
    expect("(1,2,3)", "(1,2)", GRADUS_NO);
    expect("(1,2)", "1", GRADUS_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(equal_in_many_forms), T(near_misses_have_a_witness), T(no_proof_no_verdict), T(domains_are_told), T(single_points_are_told), T(shapes_differ),
        T(borders_with_an_interior_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
