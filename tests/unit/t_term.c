/* Terms: canonical sums and products, identity up to order and renaming, marks, depth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "term/term.h"

#include <string.h>

static gradus_ctx *ctx;
static term x, y, z;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    if (!ctx || !term_room_init(ctx))
        return 1;
    ctx_begin(ctx);
    x = term_sym(ctx, "x", 1);
    y = term_sym(ctx, "y", 1);
    z = term_sym(ctx, "z", 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_free(ctx);
    return 0;
}

static term num(long n) { return term_int(ctx, n); }

static void sums_merge_and_order_does_not_matter(void **state)
{
    (void)state;
    term a = term_add(ctx, (term[]){x, y, num(3)}, 3), b = term_add(ctx, (term[]){num(1), y, x, num(2)}, 4);
    assert_int_equal(a, b);
    assert_int_equal(term_sub(ctx, a, a), num(0));
    assert_int_equal(term_add2(ctx, x, x), term_mul2(ctx, num(2), x));
    assert_int_equal(term_mul2(ctx, num(2), term_add2(ctx, x, y)),
                     term_add2(ctx, term_mul2(ctx, num(2), y), term_mul2(ctx, num(2), x)));
}

static void large_sums_are_equal_in_any_order(void **state)
{
    (void)state;
    enum { N = 3000 };
    static term up[N], down[N];
    for (int i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", i);
        up[i] = down[N - 1 - i] = term_pow_int(ctx, term_sym(ctx, name, strlen(name)), 1 + i % 3);
    }
    assert_int_equal(term_add(ctx, up, N), term_add(ctx, down, N));
    assert_int_equal(term_mul(ctx, up, N), term_mul(ctx, down, N));
}

static void products_merge_powers(void **state)
{
    (void)state;
    term x2 = term_pow_int(ctx, x, 2);
    assert_int_equal(term_mul2(ctx, x, x), x2);
    assert_int_equal(term_div(ctx, x2, x), x);
    assert_int_equal(term_pow_int(ctx, term_mul2(ctx, num(3), x), 2), term_mul2(ctx, num(9), x2));
    assert_int_equal(term_sqrt(ctx, num(9)), num(3));
    assert_int_equal(term_mul2(ctx, term_sqrt(ctx, num(2)), term_sqrt(ctx, num(2))), num(2));
    assert_int_equal(term_pow_int(ctx, term_sqrt(ctx, num(2)), -1),
                     term_mul2(ctx, term_rational(ctx, 1, 2), term_sqrt(ctx, num(2))));
    /* sqrt(x^2) is not x. */
    assert_int_not_equal(term_sqrt(ctx, x2), x);
    /* x/(2*y + 2) and 1/2*x/(y + 1) are one. */
    assert_int_equal(term_div(ctx, x, term_add2(ctx, term_mul2(ctx, num(2), y), num(2))),
                     term_mul(ctx, (term[]){term_rational(ctx, 1, 2), x, term_pow_int(ctx, term_add2(ctx, y, num(1)), -1)}, 3));
    term ex = term_apply1(ctx, FN_exp, x);
    assert_int_equal(term_mul2(ctx, ex, term_apply1(ctx, FN_exp, term_neg(ctx, x))), num(1));
    assert_int_equal(term_pow(ctx, term_constant(ctx, CONST_E), x), ex);
    /* A negative base under a fraction is not folded to an odd root. */
    assert_true(term_is(ctx, term_pow(ctx, num(-8), term_rational(ctx, 1, 3)), OP_MUL));
}

static void division_by_zero_is_undefined(void **state)
{
    (void)state;
    assert_int_equal(term_div(ctx, x, num(0)), term_undefined(ctx));
    assert_int_equal(term_add2(ctx, x, term_undefined(ctx)), term_undefined(ctx));
    term inf = term_constant(ctx, CONST_INF);
    assert_int_equal(term_sub(ctx, inf, inf), term_undefined(ctx));
    assert_int_equal(term_add2(ctx, inf, inf), inf);
}

static void cancellations_are_recorded(void **state)
{
    (void)state;
    size_t n;
    term_record_start(ctx);
    assert_int_equal(term_div(ctx, x, x), num(1));
    const term_lost *l = term_record_stop(ctx, &n);
    assert_int_equal(n, 1);
    assert_int_equal(l[0].kind, LOST_NONZERO);
    assert_int_equal(l[0].what, x);
    term_record_start(ctx);
    assert_int_equal(term_mul2(ctx, num(0), term_apply1(ctx, FN_log, x)), num(0));
    l = term_record_stop(ctx, &n);
    assert_int_equal(n, 1);
    assert_int_equal(l[0].kind, LOST_DEFINED);
    /* The memo of an earlier call does not hide what a raw term gives up. */
    term raw = term_raw_mul(ctx, (term[]){x, x}, (term[]){num(1), num(-1)}, 2);
    assert_true(term_get_flags(ctx, raw) & TF_RAW);
    for (int round = 0; round < 2; round++) {
        term_record_start(ctx);
        assert_int_equal(term_canon(ctx, raw), num(1));
        term_record_stop(ctx, &n);
        assert_int_equal(n, 1);
    }
}

static void raw_terms_keep_structure(void **state)
{
    (void)state;
    term xx = term_raw_mul(ctx, (term[]){x, x}, NULL, 2);
    assert_true(term_get_flags(ctx, xx) & TF_RAW);
    assert_int_equal(term_canon(ctx, xx), term_pow_int(ctx, x, 2));
    /* What looks like the canonical form is it. */
    term five_x = term_raw_mul(ctx, (term[]){num(5), x}, NULL, 2);
    assert_int_equal(five_x, term_mul2(ctx, num(5), x));
    term p = term_raw_add(ctx, (term[]){num(1), num(1), num(-1)}, (term[]){term_pow_int(ctx, x, 2), five_x, num(7)}, 3);
    assert_false(term_get_flags(ctx, p) & TF_RAW);
    assert_int_equal(term_aux(ctx, p), 2); /* the constant stands last */
    term q = term_raw_mul(ctx, (term[]){x, num(4)}, (term[]){num(1), num(-1)}, 2);
    assert_int_equal(q, term_div(ctx, x, num(4)));
}

static term sum_over(const char *name, const char *array)
{
    term i = term_fresh_index(ctx, name, num(1), num(3)), a = term_sym(ctx, array, strlen(array));
    return term_reduce(ctx, RED_SUM, i, num(1), num(3), term_pow_int(ctx, term_acc(ctx, a, &i, 1), 2));
}

static void alpha_equal_terms_are_one(void **state)
{
    (void)state;
    term s = sum_over("i", "a"), t = sum_over("j", "a");
    assert_int_equal(s, t);
    assert_string_equal(term_binder_name(ctx, s, 0), "i");
    assert_int_not_equal(s, sum_over("i", "b"));
    /* Nested, with a rewrite that puts a binder under a binder: no capture. */
    term i = term_fresh_index(ctx, "i", num(1), num(3)), j = term_fresh_index(ctx, "j", num(1), num(3));
    term a = term_sym(ctx, "a", 1), ai = term_acc(ctx, a, &i, 1), aj = term_acc(ctx, a, &j, 1);
    term inner = term_reduce(ctx, RED_SUM, j, num(1), num(3), term_pow_int(ctx, term_add(ctx, (term[]){ai, aj, x}, 3), 2));
    term nest = term_reduce(ctx, RED_SUM, i, num(1), num(3), term_apply1(ctx, FN_sin, inner));
    term got = term_subst(ctx, nest, &x, &s, 1);
    term inner2 = term_reduce(ctx, RED_SUM, j, num(1), num(3), term_pow_int(ctx, term_add(ctx, (term[]){ai, aj, s}, 3), 2));
    assert_int_equal(got, term_reduce(ctx, RED_SUM, i, num(1), num(3), term_apply1(ctx, FN_sin, inner2)));
    term open_index, body = term_open(ctx, nest, &open_index);
    assert_int_equal(nest, term_reduce(ctx, RED_SUM, open_index, num(1), num(3), body));
}

static void deltas_are_eliminated(void **state)
{
    (void)state;
    term a = term_sym(ctx, "a", 1), n = num(5);
    term j = term_fresh_index(ctx, "j", num(1), n), k = term_fresh_index(ctx, "k", num(1), n);
    term aj = term_acc(ctx, a, &j, 1), ak = term_acc(ctx, a, &k, 1);
    term delta = term_bracket(ctx, term_rel_make(ctx, REL_EQ, j, k));
    assert_int_equal(term_reduce(ctx, RED_SUM, j, num(1), n, term_mul2(ctx, delta, aj)), ak);
    /* Of unknown range the guard stays. */
    term m = term_sym(ctx, "m", 1), d2 = term_bracket(ctx, term_rel_make(ctx, REL_EQ, j, m));
    term got = term_reduce(ctx, RED_SUM, j, num(1), n, term_mul2(ctx, d2, aj));
    term whole = term_bracket(ctx, term_rel_make(ctx, REL_EQ, term_apply1(ctx, FN_floor, m), m));
    term guard = term_mul(ctx, (term[]){term_bracket(ctx, term_rel_make(ctx, REL_LE, num(1), m)),
                                        term_bracket(ctx, term_rel_make(ctx, REL_LE, m, n)), whole}, 3);
    assert_int_equal(got, term_mul2(ctx, guard, term_acc(ctx, a, &m, 1)));
    /* Shifted: [j == k + 1] has no partner at k = 5. */
    term k1 = term_add2(ctx, k, num(1)), d3 = term_bracket(ctx, term_rel_make(ctx, REL_EQ, j, k1));
    got = term_reduce(ctx, RED_SUM, j, num(1), n, term_mul2(ctx, d3, aj));
    assert_int_equal(got, term_mul2(ctx, term_bracket(ctx, term_rel_make(ctx, REL_LE, k1, n)), term_acc(ctx, a, &k1, 1)));
    /* Inside a sum factor: sum[j](a[j]*([j == k] - x)) = a[k] - x*sum[j](a[j]). */
    got = term_reduce(ctx, RED_SUM, j, num(1), n, term_mul2(ctx, aj, term_sub(ctx, delta, x)));
    term plain = term_reduce(ctx, RED_SUM, j, num(1), n, aj);
    assert_int_equal(got, term_sub(ctx, ak, term_mul2(ctx, x, plain)));
}

/* What a name stands for is not known: the sum of 3 over 1..n is 3*n only where n is a size. */
static void ranges_by_name_stay(void **state)
{
    (void)state;
    term n = term_sym(ctx, "n", 1), j = term_fresh_index(ctx, "j", num(1), n);
    assert_true(term_is(ctx, term_reduce(ctx, RED_SUM, j, num(1), n, num(3)), OP_REDUCE));
    term extent = term_extent(ctx, term_sym(ctx, "a", 1), 0);
    assert_int_equal(term_reduce(ctx, RED_SUM, j, num(1), extent, num(3)), term_mul2(ctx, num(3), extent));
    assert_int_equal(term_reduce(ctx, RED_SUM, j, num(1), num(4), num(3)), num(12));
}

static void rewinding_forgets_everything_newer(void **state)
{
    (void)state;
    term old = term_add2(ctx, x, num(1));
    uint32_t count = term_count(ctx);
    for (int round = 0; round < 3; round++) {
        term_mark m = term_get_mark(ctx);
        term w = term_sym(ctx, "omega", 5), t = term_pow(ctx, term_add2(ctx, old, w), num(7));
        assert_true(t >= count);
        double v[2] = {1, 2};
        int64_t dims[1] = {2};
        assert_true(term_sym_bind(ctx, y, 1, dims, v));
        for (long i = 2000; i < 3000; i++)
            assert_int_not_equal(term_add2(ctx, old, num(i)), TERM_NONE);
        term_rewind(ctx, m);
        assert_int_equal(term_count(ctx), count);
        assert_int_equal(term_find_sym(ctx, "omega", 5), TERM_NONE);
        assert_int_equal(term_sym_info(ctx, y)->role, ROLE_VARIABLE);
        assert_int_equal(term_add2(ctx, num(1), x), old);
    }
}

static void a_hundred_thousand_deep(void **state)
{
    (void)state;
    term t = x;
    for (int i = 0; i < 100000; i++)
        t = term_apply1(ctx, i % 2 ? FN_sin : FN_cos, term_add2(ctx, t, y));
    assert_int_not_equal(t, TERM_NONE);
    term u = term_subst(ctx, t, &x, &z, 1);
    assert_int_not_equal(u, TERM_NONE);
    assert_true(term_occurs(ctx, u, z));
    assert_false(term_occurs(ctx, u, x));
    assert_int_equal(term_subst(ctx, u, &z, &x, 1), t);
    term_vec v = {0};
    assert_true(term_reachable(ctx, &t, 1, &v));
    assert_int_equal(v.n, 200002 + 2); /* x, y, and 1: the exponents and coefficients are shared */
    vec_clear(ctx, &v);
}

static void definitions_unfold(void **state)
{
    (void)state;
    term f = term_sym(ctx, "f", 1), u = term_sym(ctx, "u", 1), L = term_sym(ctx, "L", 1);
    sym_rule r = {.n = 1, .index = {u}, .body = term_pow_int(ctx, u, 2)};
    assert_true(term_sym_define(ctx, f, ROLE_FUNCTION, &r));
    term fx = term_call(ctx, f, NULL, &x, 1);
    sym_rule l = {.body = term_add2(ctx, fx, num(1))};
    assert_true(term_sym_define(ctx, L, ROLE_DEFINED, &l));
    assert_int_equal(term_unfold(ctx, term_apply1(ctx, FN_sin, L)),
                     term_apply1(ctx, FN_sin, term_add2(ctx, term_pow_int(ctx, x, 2), num(1))));
    assert_true(term_depends(ctx, L, x));
    assert_false(term_depends(ctx, L, y));
    term_vec syms = {0};
    assert_true(term_symbols(ctx, L, true, &syms));
    assert_int_equal(syms.n, 1);
    assert_int_equal(syms.at[0], x);
    vec_clear(ctx, &syms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(sums_merge_and_order_does_not_matter), T(large_sums_are_equal_in_any_order), T(products_merge_powers),
        T(division_by_zero_is_undefined), T(cancellations_are_recorded), T(raw_terms_keep_structure),
        T(alpha_equal_terms_are_one), T(deltas_are_eliminated), T(ranges_by_name_stay), T(rewinding_forgets_everything_newer),
        T(a_hundred_thousand_deep), T(definitions_unfold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
