/* Depth and size: a hundred thousand nested functions, shared sub-terms, long sums; with and without a record. */
#include "diff/diff.h"
#include "support/cm.h"

#include <stdio.h>
#include <string.h>

enum { DEEP = 100000 };

static gradus_ctx *ctx;
static term x, one;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    term_room_init(ctx);
    ctx_begin(ctx);
    x = term_sym(ctx, "x", 1);
    one = term_int(ctx, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_free(ctx);
    return 0;
}

static term nested_sine(int n)
{
    term t = x;
    for (int i = 0; i < n; i++)
        t = term_apply1(ctx, FN_sin, t);
    return t;
}

static void a_chain_of_functions_is_a_product_of_as_many_factors(void **state)
{
    (void)state;
    term d = diff_by(ctx, nested_sine(DEEP), x, NULL, NULL);
    assert_int_not_equal(d, TERM_NONE);
    assert_int_equal(term_get_op(ctx, d), OP_MUL);
    assert_int_equal(term_argc(ctx, d), 2 * DEEP);
}

static void a_chain_is_recorded_without_quadratic_memory(void **state)
{
    (void)state;
    step_log log;
    step_log_init(&log, ctx);
    term t = nested_sine(DEEP / 4), d = diff_by(ctx, t, x, NULL, &log);
    assert_int_equal(log.root->after, d);
    assert_int_equal(term_argc(ctx, d), 2 * (DEEP / 4));
    assert_true(log.mem.next_size <= 1 << 20);
    step_log_clear(&log);
}

static void reverse_walks_the_same_chain(void **state)
{
    (void)state;
    term t = nested_sine(DEEP), d, forward = diff_by(ctx, t, x, NULL, NULL);
    assert_int_equal(diff_gradient(ctx, t, &x, 1, &d), GRADUS_OK);
    assert_int_equal(d, forward);
}

static void brackets_that_only_group_cost_nothing(void **state)
{
    (void)state;
    term t = term_pow_int(ctx, x, 2);
    for (int i = 0; i < DEEP; i++)
        t = term_raw_mul(ctx, (term[]){one, t}, NULL, 2);
    assert_int_equal(diff_by(ctx, t, x, NULL, NULL), term_mul2(ctx, term_int(ctx, 2), x));
}

static void nested_sums_and_products_of_raw_terms(void **state)
{
    (void)state;
    term t = x, square = term_pow_int(ctx, x, 2);
    for (int i = 0; i < DEEP; i++)
        t = term_raw_add(ctx, NULL, (term[]){t, term_raw_apply(ctx, FN_sin, &square, 1)}, 2);
    term want = term_add2(ctx, one, term_mul(ctx, (term[]){term_int(ctx, 2 * DEEP), x, term_apply1(ctx, FN_cos, square)}, 3));
    assert_int_equal(diff_by(ctx, t, x, NULL, NULL), want);
}

/* t[k+1] = sin(t[k]) + cos(t[k]) has 2^k paths and 3k nodes. */
static void shared_terms_are_derived_once(void **state)
{
    (void)state;
    term t = x;
    for (int i = 0; i < 3000; i++)
        t = term_add2(ctx, term_apply1(ctx, FN_sin, t), term_apply1(ctx, FN_cos, t));
    uint32_t before = term_count(ctx);
    assert_int_not_equal(diff_by(ctx, t, x, NULL, NULL), TERM_NONE);
    assert_true(term_count(ctx) - before < 3000 * 12);
    step_log log;
    step_log_init(&log, ctx);
    assert_int_not_equal(diff_by(ctx, t, x, NULL, &log), TERM_NONE);
    step_log_clear(&log);
}

static void a_gradient_of_many_variables_takes_one_sweep(void **state)
{
    (void)state;
    enum { N = 30000 };
    term_vec a = {0}, sum = {0}, out = {0};
    char name[16];
    for (int i = 0; i < N; i++) {
        int n = snprintf(name, sizeof name, "a%d", i);
        assert_true(vec_push(ctx, &a, term_sym(ctx, name, (size_t)n)));
        assert_true(vec_push(ctx, &out, TERM_NONE));
    }
    for (int i = 0; i < N; i++)
        assert_true(vec_push(ctx, &sum, term_mul2(ctx, a.at[i], a.at[(i + 1) % N])));
    term f = term_add(ctx, sum.at, N);
    uint32_t before = term_count(ctx);
    assert_int_equal(diff_gradient(ctx, f, a.at, N, out.at), GRADUS_OK);
    assert_true(term_count(ctx) - before < 3 * N);
    assert_int_equal(out.at[5], term_add2(ctx, a.at[4], a.at[6]));
    vec_clear(ctx, &a);
    vec_clear(ctx, &sum);
    vec_clear(ctx, &out);
}

static void the_budget_ends_a_derivation(void **state)
{
    (void)state;
    term t = nested_sine(5000);
    ctx->limits.nodes = term_count(ctx) + 100;
    assert_int_equal(diff_by(ctx, t, x, NULL, NULL), TERM_NONE);
    assert_int_equal(ctx_status(ctx), GRADUS_LIMIT);
    ctx->limits.nodes = 0;
    ctx_begin(ctx);
    assert_int_not_equal(diff_by(ctx, t, x, NULL, NULL), TERM_NONE); /* nothing is broken by it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chain_of_functions_is_a_product_of_as_many_factors, setup, teardown),
        cmocka_unit_test_setup_teardown(a_chain_is_recorded_without_quadratic_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(reverse_walks_the_same_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(brackets_that_only_group_cost_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(nested_sums_and_products_of_raw_terms, setup, teardown),
        cmocka_unit_test_setup_teardown(shared_terms_are_derived_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gradient_of_many_variables_takes_one_sweep, setup, teardown),
        cmocka_unit_test_setup_teardown(the_budget_ends_a_derivation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
