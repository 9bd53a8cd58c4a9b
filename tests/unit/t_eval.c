/* Values: which are exact, which are the nearest doubles, which do not exist and what is to blame. */
#include "eval/eval.h"
#include "support/cm.h"

#include <math.h>
#include <string.h>

static gradus_ctx *ctx;
static arena mem;
static eval_bind at[8];
static size_t n_at;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    term_room_init(ctx);
    ctx_begin(ctx);
    arena_init(&mem, ctx);
    n_at = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_clear(&mem);
    ctx_free(ctx);
    return 0;
}

/* ---- shorthands -------------------------------------------------------------------------------------- */

static term sym(const char *name) { return term_sym(ctx, name, strlen(name)); }
static term num(long n) { return term_int(ctx, n); }
static term add(term a, term b) { return term_add2(ctx, a, b); }
static term mul(term a, term b) { return term_mul2(ctx, a, b); }
static term quot(term a, term b) { return term_div(ctx, a, b); }
static term fn(fn_id f, term a) { return term_apply1(ctx, f, a); }
static term rel(term_rel r, term a, term b) { return term_rel_make(ctx, r, a, b); }
static term iverson(term c) { return term_bracket(ctx, c); }
static term elem(term a, term i) { return term_acc(ctx, a, &i, 1); }
static term index_of(const char *name) { return term_fresh_index(ctx, name, TERM_NONE, TERM_NONE); }
static term reduce(term_red r, term i, term lo, term hi, term body)
{
    return term_reduce(ctx, r, i, lo, hi, body);
}

static term bind(const char *name, term value)
{
    at[n_at++] = (eval_bind){sym(name), value};
    return sym(name);
}

static term data(const char *name, const double *x, int64_t n)
{
    term s = sym(name);
    assert_true(term_sym_bind(ctx, s, 1, &n, x));
    return s;
}

static eval_result ball(term t)
{
    eval_result r;
    assert_int_equal(eval_ball(ctx, t, at, n_at, NULL, &mem, &r), GRADUS_OK);
    return r;
}

static eval_result plain(term t)
{
    eval_result r;
    assert_int_equal(eval_float(ctx, t, at, n_at, &mem, &r), GRADUS_OK);
    return r;
}

/* The plan at the same point: every bound symbol is a variable. */
static double planned(term t)
{
    term vars[8];
    double x[8], out = 0;
    for (size_t i = 0; i < n_at; i++) {
        vars[i] = at[i].sym;
        x[i] = num_fmpq_get_double(term_num(ctx, at[i].value));
    }
    eval_plan *p = eval_plan_new(ctx, &t, 1, vars, (uint32_t)n_at);
    assert_non_null(p);
    eval_plan_run(p, x, &out);
    eval_plan_free(p);
    return out;
}

/* All three engines give exactly x. */
static void is_exactly(term t, double x)
{
    eval_result b = ball(t), f = plain(t);
    assert_int_equal(b.problem.code, GRADUS_OK);
    assert_true(b.value[0] == x);
    assert_true(f.value[0] == x);
    assert_true(planned(t) == x);
}

/* The ball rounds to x; the double engines agree with each other to the last bit, and with x to a few. */
static void is_close(term t, double x)
{
    eval_result b = ball(t), f = plain(t);
    assert_int_equal(b.problem.code, GRADUS_OK);
    assert_true(b.value[0] == x);
    assert_true(fabs(f.value[0] - x) <= 1e-13 * fabs(x));
    assert_true(planned(t) == f.value[0]);
}

static void is_undefined(term t, const char *why, term what)
{
    eval_result b = ball(t);
    assert_true(isnan(b.value[0]));
    assert_int_equal(b.problem.code, GRADUS_DOMAIN);
    assert_non_null(strstr(b.problem.why, why));
    if (what)
        assert_int_equal(b.problem.what, what);
}

/* ---- numbers ----------------------------------------------------------------------------------------- */

static void rationals_stay_exact(void **state)
{
    (void)state;
    term x = bind("x", term_rational(ctx, 1, 3));
    is_exactly(iverson(rel(REL_EQ, mul(num(3), x), num(1))), 1);
    assert_true(ball(iverson(rel(REL_EQ, x, term_rational(ctx, 1, 3)))).value[0] == 1);
    assert_true(ball(iverson(rel(REL_LT, x, term_rational(ctx, 333333333, 1000000000)))).value[0] == 0);
    /* 0.1 + 0.2 is 3/10 here, and not in doubles. */
    term t = term_sub(ctx, add(bind("a", term_rational(ctx, 1, 10)), bind("b", term_rational(ctx, 2, 10))),
                      term_rational(ctx, 3, 10));
    assert_true(ball(t).value[0] == 0);
    assert_true(plain(t).value[0] != 0);
}

static void functions_of_exact_numbers_may_be_exact(void **state)
{
    (void)state;
    term x = bind("x", num(4));
    is_exactly(term_sqrt(ctx, x), 2);
    assert_true(ball(iverson(rel(REL_EQ, term_sqrt(ctx, x), num(2)))).value[0] == 1);
    term y = bind("y", term_rational(ctx, 7, 3));
    assert_true(ball(iverson(rel(REL_EQ, fn(FN_floor, y), num(2)))).value[0] == 1);
    assert_true(ball(iverson(rel(REL_EQ, fn(FN_abs, term_neg(ctx, y)), y))).value[0] == 1);
}

static void nearest_doubles_are_found(void **state)
{
    (void)state;
    term x = bind("x", term_from_double(ctx, 0.1));
    is_close(fn(FN_sin, x), 0.099833416646828154);
    is_close(quot(num(1), add(num(1), fn(FN_exp, term_neg(ctx, x)))), 0.52497918747894);
    is_close(mul(term_constant(ctx, CONST_PI), x), 0.31415926535897937);
}

static void an_inexact_zero_rounds_to_zero(void **state)
{
    (void)state;
    term k = bind("k", num(7));
    eval_result r = ball(fn(FN_sin, mul(term_constant(ctx, CONST_PI), k)));
    assert_int_equal(r.problem.code, GRADUS_OK);
    assert_true(r.value[0] == 0);
}

static void digits_are_proven(void **state)
{
    (void)state;
    eval_options opt = {.digits = 60};
    eval_result r;
    term t = mul(term_constant(ctx, CONST_PI), bind("x", num(2)));
    assert_int_equal(eval_ball(ctx, t, at, n_at, &opt, &mem, &r), GRADUS_OK);
    /* mpmath 1.2.1, 2*pi to 70 digits, cut */
    assert_int_equal(strncmp(r.digits[0], "6.2831853071795864769252867665590057683943387987502116419498", 60),
                     0);
}

static void the_spare_bits_do_not_matter(void **state)
{
    (void)state;
    /* (1 + x)^20 - 1 with x = 2^-60 loses 60 bits: higher precision finds them. */
    term x = bind("x", term_from_double(ctx, ldexp(1, -60)));
    term t = term_sub(ctx, fn(FN_exp, mul(num(20), fn(FN_log, add(num(1), x)))), num(1));
    assert_true(fabs(ball(t).value[0] / ldexp(20, -60) - 1) < 1e-15);
    assert_true(plain(t).value[0] == 0);
}

/* ---- powers ------------------------------------------------------------------------------------------ */

static void powers_follow_the_real_rules(void **state)
{
    (void)state;
    term x = bind("x", num(-8)), z = bind("z", num(0)), h = bind("h", term_rational(ctx, 1, 2)),
         m = bind("m", num(3));
    is_exactly(term_pow_int(ctx, x, 3), -512);
    is_exactly(term_pow_int(ctx, x, -1), -0.125);
    is_undefined(term_pow(ctx, x, term_rational(ctx, 1, 3)), "negative", TERM_NONE);
    is_undefined(term_sqrt(ctx, x), "square root of a negative number (-8)", term_sqrt(ctx, x));
    is_undefined(term_pow(ctx, x, h), "negative", term_pow(ctx, x, h));
    is_exactly(term_pow(ctx, x, m), -512);
    is_exactly(term_pow(ctx, z, h), 0);
    is_undefined(term_pow_int(ctx, z, -2), "division by 0", TERM_NONE);
    is_undefined(term_pow(ctx, z, term_neg(ctx, h)), "division by 0", TERM_NONE);
    is_undefined(term_pow(ctx, z, sym("z")), "0 to the power 0", TERM_NONE);
    is_exactly(term_pow(ctx, m, z), 1);
}

static void an_index_as_exponent_counts_as_a_constant(void **state)
{
    (void)state;
    term x = bind("x", num(0)), i = index_of("i");
    /* 0^0 + 0^1 + 0^2, as unrolled */
    is_exactly(reduce(RED_SUM, i, num(0), num(2), term_pow(ctx, x, i)), 1);
}

/* ---- what has no value ------------------------------------------------------------------------------- */

static void the_smallest_part_is_blamed(void **state)
{
    (void)state;
    term x = bind("x", num(2)), u = term_sub(ctx, x, num(2)), w = term_sub(ctx, x, num(3));
    is_undefined(add(num(1), mul(x, fn(FN_log, w))), "ln of -1, which is not positive", fn(FN_log, w));
    is_undefined(add(x, quot(fn(FN_sin, x), u)), "division by 0", term_pow_int(ctx, u, -1));
    is_undefined(fn(FN_exp, fn(FN_asin, x)), " of 2 does not exist", fn(FN_asin, x));
}

static void doubles_do_what_compiled_code_does(void **state)
{
    (void)state;
    term x = bind("x", num(0));
    assert_true(plain(quot(num(1), x)).value[0] == INFINITY);
    eval_result r = plain(fn(FN_log, term_sub(ctx, x, num(1))));
    assert_true(isnan(r.value[0]));
    assert_non_null(strstr(r.problem.why, "ln of -1"));
    assert_true(isnan(planned(fn(FN_log, term_sub(ctx, x, num(1))))));
}

static void infinities_are_numbers_at_the_end_of_the_line(void **state)
{
    (void)state;
    term inf = term_constant(ctx, CONST_INF), x = bind("x", num(2));
    assert_true(ball(inf).value[0] == INFINITY);
    assert_true(ball(term_neg(ctx, inf)).value[0] == -INFINITY);
    at[n_at++] = (eval_bind){sym("big"), inf};
    assert_true(ball(add(sym("big"), x)).value[0] == INFINITY);
    assert_true(ball(quot(x, sym("big"))).value[0] == 0);
    is_undefined(
        term_raw_add(ctx, (term[]){num(0), num(1), num(-1)}, (term[]){num(0), sym("big"), sym("big")}, 3), "",
        TERM_NONE);
}

static void names_without_values_are_an_error(void **state)
{
    (void)state;
    eval_result r;
    assert_int_equal(eval_ball(ctx, mul(sym("x"), sym("y")), NULL, 0, NULL, &mem, &r), GRADUS_SYNTAX);
    const diag *d = diag_first_error(ctx);
    assert_true(strcmp(d->message, "x and y have no values") == 0 ||
                strcmp(d->message, "y and x have no values") == 0);
}

static void an_undefined_function_is_an_error(void **state)
{
    (void)state;
    eval_result r;
    term x = bind("x", num(1)), f = sym("f");
    term_sym_info(ctx, f)->role = ROLE_FUNCTION;
    term_sym_info(ctx, f)->rank = 1;
    assert_int_equal(eval_ball(ctx, term_call(ctx, f, NULL, &x, 1), at, n_at, NULL, &mem, &r), GRADUS_SYNTAX);
    assert_non_null(strstr(diag_first_error(ctx)->message, "f has no definition"));
}

static void a_derivative_not_taken_is_unable(void **state)
{
    (void)state;
    eval_result r;
    term x = bind("x", num(1));
    term d = term_deriv(ctx, fn(FN_sin, x), &x, NULL, 1);
    assert_int_equal(eval_ball(ctx, d, at, n_at, NULL, &mem, &r), GRADUS_UNABLE);
}

/* ---- brackets and cases ------------------------------------------------------------------------------ */

static void a_false_bracket_silences_its_product(void **state)
{
    (void)state;
    double v[] = {1, 2, 3};
    term x = bind("x", num(-1)), d = data("v", v, 3);
    term off = iverson(rel(REL_LT, num(0), x));
    is_exactly(mul(off, fn(FN_log, x)), 0);
    is_exactly(mul(iverson(rel(REL_NE, x, num(-1))), quot(num(1), add(x, num(1)))), 0);
    is_exactly(mul(off, elem(d, num(7))), 0);
    is_exactly(mul(off, term_constant(ctx, CONST_INF)), 0);
    is_exactly(add(num(5), mul(num(3), mul(off, fn(FN_log, x)))), 5);
    /* nested, as written: the inner product is a strong zero of the outer one */
    term inner = term_raw_mul(ctx, (term[]){off, num(2)}, NULL, 2);
    is_exactly(term_raw_mul(ctx, (term[]){fn(FN_log, x), inner}, NULL, 2), 0);
    /* a bracket below the line is no strong zero */
    is_undefined(term_powprod(ctx, (term[]){off, fn(FN_exp, x)}, (term[]){num(-1), num(1)}, 2),
                 "division by 0", TERM_NONE);
    /* a true one changes nothing */
    is_undefined(mul(iverson(rel(REL_LT, x, num(0))), fn(FN_log, x)), "ln of -1", TERM_NONE);
}

static void an_undefined_condition_is_undefined(void **state)
{
    (void)state;
    term x = bind("x", num(-1));
    is_undefined(mul(num(2), iverson(rel(REL_LT, fn(FN_log, x), num(0)))), "ln of -1", TERM_NONE);
    assert_true(isnan(plain(iverson(rel(REL_LT, fn(FN_log, x), num(0)))).value[0]));
    assert_true(isnan(planned(iverson(rel(REL_LT, fn(FN_log, x), num(0))))));
}

static void false_decides_an_and(void **state)
{
    (void)state;
    term x = bind("x", num(-1)), bad = rel(REL_LT, fn(FN_log, x), num(0)), no = rel(REL_LT, num(0), x);
    term yes = rel(REL_LT, x, num(0));
    is_exactly(iverson(term_and(ctx, (term[]){bad, no}, 2)), 0);
    is_exactly(iverson(term_or(ctx, (term[]){bad, yes}, 2)), 1);
    is_undefined(iverson(term_and(ctx, (term[]){bad, yes}, 2)), "ln of -1", TERM_NONE);
}

static void an_untaken_case_never_matters(void **state)
{
    (void)state;
    term x = bind("x", num(-1)), pos = rel(REL_LT, num(0), x), neg = rel(REL_LT, x, num(-5));
    is_exactly(term_cases(ctx, (term[]){pos, fn(FN_log, x)}, 1, num(7)), 7);
    is_exactly(term_cases(ctx, (term[]){pos, fn(FN_log, x), neg, quot(num(1), add(x, num(1)))}, 2, x), -1);
    is_undefined(term_cases(ctx, (term[]){pos, num(1)}, 1, TERM_NONE), "none of the cases applies",
                 TERM_NONE);
    is_undefined(term_cases(ctx, (term[]){pos, num(1)}, 1, fn(FN_log, x)), "ln of -1", TERM_NONE);
}

/* A condition that no precision decides: the value is known if both sides give it. */
static void an_undecidable_condition_is_not_guessed(void **state)
{
    (void)state;
    term k = bind("k", num(3)),
         zero = fn(FN_sin, mul(term_constant(ctx, CONST_PI), k)); /* 0, but no ball knows */
    term jump = term_cases(ctx, (term[]){rel(REL_EQ, zero, num(0)), num(1)}, 1, num(2));
    eval_options quick = {.max_prec = 512};
    eval_result r;
    assert_int_equal(eval_ball(ctx, jump, at, n_at, &quick, &mem, &r), GRADUS_OK);
    assert_true(isnan(r.value[0]));
    assert_int_equal(r.problem.code, GRADUS_UNABLE);
    /* continuous at 0: relu by cases */
    term relu = term_cases(ctx, (term[]){rel(REL_LT, num(0), zero), zero}, 1, num(0));
    assert_true(ball(relu).value[0] == 0);
    assert_int_equal(eval_ball(ctx, quot(num(1), zero), at, n_at, &quick, &mem, &r), GRADUS_OK);
    assert_int_equal(r.problem.code, GRADUS_UNABLE);
}

/* ---- reducers ---------------------------------------------------------------------------------------- */

static void reducers_reduce(void **state)
{
    (void)state;
    double v[] = {3, -1, 4, 1, 5, -9, 2, 6};
    term d = data("v", v, 8), i = index_of("i"), n = term_extent(ctx, d, 0), x = bind("x", num(2));
    is_exactly(reduce(RED_SUM, i, num(1), n, elem(d, i)), 11);
    is_exactly(reduce(RED_PROD, i, num(1), n, elem(d, i)), 6480);
    is_exactly(reduce(RED_MAX, i, num(1), n, elem(d, i)), 6);
    is_exactly(reduce(RED_MIN, i, num(1), n, elem(d, i)), -9);
    is_exactly(reduce(RED_MEAN, i, num(1), n, elem(d, i)), 1.375);
    is_exactly(reduce(RED_ARGMAX, i, num(1), n, elem(d, i)), 8);
    is_exactly(reduce(RED_ARGMIN, i, num(1), n, elem(d, i)), 6);
    is_close(reduce(RED_LOGSUMEXP, i, num(1), n, elem(d, i)), 6.456771194550585);
    is_exactly(reduce(RED_SUM, i, num(1), num(100), mul(x, i)), 10100);
    is_exactly(reduce(RED_ARGMAX, i, num(1), n, fn(FN_abs, elem(d, i))), 6);
    is_exactly(reduce(RED_ARGMAX, i, num(1), n, term_pow_int(ctx, fn(FN_sign, elem(d, i)), 2)),
               1); /* ties: the first */
}

static void empty_ranges_have_their_values(void **state)
{
    (void)state;
    term i = index_of("i"), x = bind("x", num(2)), n = bind("n", num(0)),
         body = mul(fn(FN_sin, x), fn(FN_exp, i));
    is_exactly(reduce(RED_SUM, i, num(1), n, body), 0);
    is_exactly(reduce(RED_PROD, i, num(1), n, body), 1);
    is_exactly(reduce(RED_MAX, i, num(1), n, body), -INFINITY);
    is_exactly(reduce(RED_MIN, i, num(1), n, body), INFINITY);
    is_exactly(reduce(RED_LOGSUMEXP, i, num(1), n, body), -INFINITY);
    is_undefined(reduce(RED_MEAN, i, num(1), n, body), "empty", TERM_NONE);
    is_undefined(reduce(RED_ARGMAX, i, num(1), n, body), "empty", TERM_NONE);
    assert_true(isnan(planned(reduce(RED_MEAN, i, num(1), n, body))));
}

static void nested_and_triangular_sums(void **state)
{
    (void)state;
    term i = index_of("i"), j = index_of("j"), n = bind("n", num(4)), x = bind("x", term_rational(ctx, 1, 2));
    term inner = reduce(RED_SUM, j, num(1), i, mul(term_pow(ctx, x, i), mul(i, j)));
    /* by hand: sum over i of x^i i * i(i+1)/2 = 0.5 + 1.5 + 2.25 + 2.5 */
    is_exactly(reduce(RED_SUM, i, num(1), n, inner), 6.75);
    term both = reduce(RED_SUM, i, num(1), n, reduce(RED_SUM, j, num(1), n,
                       mul(iverson(rel(REL_LT, i, j)), mul(i, j))));
    is_exactly(both, 35);
    /* what does not depend on the outer index, twice: the same inner sum serves both */
    term s = reduce(RED_SUM, j, num(1), n, mul(x, j));
    is_exactly(add(s, reduce(RED_SUM, i, num(1), n, mul(i, mul(s, s)))), 255);
}

static void brackets_guard_elements_in_sums(void **state)
{
    (void)state;
    double v[] = {1, 2, 3};
    term d = data("v", v, 3), i = index_of("i"), n = bind("n", num(3));
    term next = elem(d, add(i, num(1)));
    is_exactly(reduce(RED_SUM, i, num(1), n, mul(iverson(rel(REL_LT, i, n)), next)), 5);
    is_undefined(reduce(RED_SUM, i, num(1), n, next), "v: index 4 is outside 1..3", TERM_NONE);
    is_undefined(elem(d, bind("k", term_rational(ctx, 3, 2))), "index 3/2 is not an integer", TERM_NONE);
}

static void a_million_terms(void **state)
{
    (void)state;
    term i = index_of("i"), n = bind("n", num(1000000));
    /* exact: n(n+1)(2n+1)/6 */
    assert_true(ball(reduce(RED_SUM, i, num(1), n, term_pow_int(ctx, i, 2))).value[0] ==
                333333833333500000.0);
    /* the harmonic number by mpmath */
    is_close(reduce(RED_SUM, i, num(1), n, quot(num(1), i)), 14.392726722865724);
}

static void data_may_be_not_a_number(void **state)
{
    (void)state;
    double v[] = {1, NAN, INFINITY};
    term d = data("v", v, 3), i = index_of("i");
    is_undefined(elem(d, num(2)), "no number", TERM_NONE);
    assert_true(ball(elem(d, num(3))).value[0] == INFINITY);
    is_undefined(reduce(RED_MAX, i, num(1), num(3), elem(d, i)), "no number", TERM_NONE);
    assert_true(isnan(planned(reduce(RED_MAX, i, num(1), num(3), elem(d, i)))));
}

/* ---- arrays ------------------------------------------------------------------------------------------ */

static void arrays_have_entries(void **state)
{
    (void)state;
    term x = bind("x", num(3)), i = index_of("i"), j = index_of("j");
    term t = term_tuple(ctx, (term[]){x, term_pow_int(ctx, x, 2), fn(FN_log, term_neg(ctx, x))}, 3);
    eval_result r = ball(t);
    assert_int_equal(r.rank, 1);
    assert_int_equal(r.count, 3);
    assert_true(r.value[0] == 3 && r.value[1] == 9 && isnan(r.value[2]));
    assert_int_equal(r.problem.code, GRADUS_DOMAIN);
    term a = term_array(ctx, (term[]){i, j}, (term[]){num(1), num(0)}, (term[]){num(2), x}, 2,
                        add(mul(num(10), i), j));
    r = ball(a);
    assert_int_equal(r.rank, 2);
    assert_int_equal(r.dims[0], 2);
    assert_int_equal(r.dims[1], 4);
    assert_true(r.value[0] == 10 && r.value[3] == 13 && r.value[7] == 23);
    assert_true(plain(a).value[7] == 23);
}

static void matrices_invert(void **state)
{
    (void)state;
    double a[] = {2, 1, 0, 1, 3, 1, 0, 1, 4};
    term m = sym("A"), i = index_of("i");
    assert_true(term_sym_bind(ctx, m, 2, (int64_t[]){3, 3}, a));
    term inv = term_matfn_make(ctx, MATFN_INV, m);
    is_exactly(term_matfn_make(ctx, MATFN_DET, m), 18);
    is_close(term_matfn_make(ctx, MATFN_LOGDET, m), 2.8903717578961645);
    eval_result r = ball(inv);
    assert_int_equal(r.count, 9);
    assert_true(r.value[0] == 11.0 / 18 && r.value[1] == -4.0 / 18 && r.value[8] == 5.0 / 18);
    /* A * inv(A) is the unit matrix, entry by entry; the inverse is used under a loop */
    for (long p = 1; p <= 3; p++)
        for (long q = 1; q <= 3; q++) {
            term t = reduce(RED_SUM, i, num(1), num(3), mul(term_acc(ctx, m, (term[]){num(p), i}, 2),
                                                           term_acc(ctx, inv, (term[]){i, num(q)}, 2)));
            assert_true(ball(t).value[0] == (p == q));
            assert_true(fabs(planned(t) - (p == q)) < 1e-15);
        }
    double s[] = {1, 2, 2, 4};
    assert_true(term_sym_bind(ctx, sym("S"), 2, (int64_t[]){2, 2}, s));
    is_undefined(term_matfn_make(ctx, MATFN_INV, sym("S")), "singular", TERM_NONE);
    is_undefined(term_matfn_make(ctx, MATFN_LOGDET, sym("S")), "not positive (0)", TERM_NONE);
}

/* ---- recurrences ------------------------------------------------------------------------------------- */

static void rule(const char *name, term index, term lo, term hi, bool downward, term body)
{
    sym_rule r = {.n = 1, .index = {index}, .lo = {lo}, .hi = {hi}, .downward = downward, .body = body};
    assert_true(term_sym_define(ctx, sym(name), ROLE_DEFINED, &r));
    term_sym_info(ctx, sym(name))->recursive = true;
}

static void recurrences_run(void **state)
{
    (void)state;
    term t = index_of("t"), n = bind("T", num(10)), h = sym("h"), x = bind("x", term_rational(ctx, 1, 2));
    rule("h", num(0), TERM_NONE, TERM_NONE, false, num(1));
    rule("h", num(1), TERM_NONE, TERM_NONE, false, num(1));
    rule("h", t, num(2), n, false, add(elem(h, add(t, num(-1))), elem(h, add(t, num(-2)))));
    is_exactly(elem(h, n), 89);
    is_undefined(elem(h, num(11)), "no rule of h", TERM_NONE);
    is_undefined(elem(h, num(-1)), "no rule of h", TERM_NONE);
    term i = index_of("i");
    is_exactly(reduce(RED_SUM, i, num(0), n, mul(x, elem(h, i))), 116);
}

static void recurrences_run_down_and_through_data(void **state)
{
    (void)state;
    double parent[] = {0, 1, 1, 2, 4};
    term t = index_of("t"), b = index_of("b"), n = bind("T", num(5)), g = sym("g"), a = sym("a"),
         p = data("p", parent, 5);
    rule("g", n, TERM_NONE, TERM_NONE, true, num(3));
    rule("g", t, num(1), add(n, num(-1)), true, add(mul(num(2), elem(g, add(t, num(1)))), t));
    is_exactly(elem(g, num(1)), 97);
    rule("a", num(1), TERM_NONE, TERM_NONE, false, num(2));
    rule("a", b, num(2), num(5), false, mul(num(3), elem(a, elem(p, b))));
    is_exactly(elem(a, num(5)), 54);
}

static void a_recurrence_may_be_100000_deep(void **state)
{
    (void)state;
    term t = index_of("t"), n = bind("T", num(100000)), h = sym("h");
    rule("h", num(0), TERM_NONE, TERM_NONE, false, num(1));
    rule("h", t, num(1), n, false, add(quot(elem(h, add(t, num(-1))), num(2)), num(1)));
    is_exactly(elem(h, n), 2);
}

static void a_recurrence_that_needs_itself_is_a_fault(void **state)
{
    (void)state;
    term t = index_of("t"), h = sym("h");
    rule("h", t, TERM_NONE, TERM_NONE, false, add(elem(h, term_sub(ctx, num(3), t)), num(1)));
    is_undefined(elem(h, num(1)), "needs itself", TERM_NONE);
}

static void cases_end_a_recurrence(void **state)
{
    (void)state;
    /* f(n) = {1 if n <= 0; n*f(n-1)} */
    term n = sym("n"), f = sym("f"), before = add(n, num(-1));
    term_sym_info(ctx, f)->role = ROLE_FUNCTION;
    term_sym_info(ctx, f)->rank = 1;
    term body = term_cases(ctx, (term[]){rel(REL_LE, n, num(0)), num(1)}, 1,
                           mul(n, term_call(ctx, f, NULL, &before, 1)));
    sym_rule r = {.n = 1, .index = {n}, .body = body};
    assert_true(term_sym_define(ctx, f, ROLE_FUNCTION, &r));
    term_sym_info(ctx, f)->recursive = true;
    term ten = num(10);
    is_exactly(term_call(ctx, f, NULL, &ten, 1), 3628800);
}

/* ---- depth, budgets ---------------------------------------------------------------------------------- */

static void a_formula_may_be_100000_deep(void **state)
{
    (void)state;
    term t = bind("x", num(0));
    for (int k = 0; k < 100000; k++)
        t = fn(FN_tanh, add(t, num(1)));
    double x = 0;
    for (int k = 0; k < 100000; k++)
        x = tanh(1 + x);
    assert_true(plain(t).value[0] == x);
    assert_true(planned(t) == x);
    assert_true(fabs(ball(t).value[0] - x) < 1e-14);
}

static void a_sum_may_have_a_million_summands(void **state)
{
    (void)state;
    enum { N = 1000000 };
    term_vec v = {0};
    term x = bind("x", num(1));
    for (long k = 1; k <= N; k++)
        assert_true(vec_push(ctx, &v, fn(FN_sin, mul(num(k), x))));
    term t = term_add(ctx, v.at, N);
    vec_clear(ctx, &v);
    /* sin(n/2) sin((n+1)/2) / sin(1/2) */
    double closed = sin(N / 2.0) * sin((N + 1) / 2.0) / sin(0.5);
    assert_true(fabs(plain(t).value[0] - closed) < 1e-8);
    assert_true(fabs(planned(t) - closed) < 1e-8);
}

static void seconds_are_limited(void **state)
{
    (void)state;
    eval_result r;
    term i = index_of("i"), n = bind("n", num(1000000000000));
    term t = reduce(RED_SUM, i, num(1), n, fn(FN_sin, i));
    ctx->limits.seconds = 0.05;
    ctx_begin(ctx);
    assert_int_equal(eval_ball(ctx, t, at, n_at, NULL, &mem, &r), GRADUS_LIMIT);
    ctx_begin(ctx);
    assert_int_equal(eval_float(ctx, t, at, n_at, &mem, &r), GRADUS_LIMIT);
    ctx_begin(ctx);
    double x = 1e12, out;
    eval_plan *p = eval_plan_new(ctx, &t, 1, (term[]){sym("n")}, 1);
    assert_non_null(p);
    eval_plan_run(p, &x, &out);
    assert_true(isnan(out));
    assert_int_equal(ctx_status(ctx), GRADUS_LIMIT);
    eval_plan_free(p);
    ctx->limits.seconds = 0;
}

/* ---- plans, enclosures, decisions -------------------------------------------------------------------- */

static void a_plan_runs_many_points(void **state)
{
    (void)state;
    double v[] = {0.5, 1.5, 2.5};
    term x = sym("x"), w = sym("w"), d = data("v", v, 3), i = index_of("i");
    term s = reduce(RED_SUM, i, num(1), num(3), mul(w, fn(FN_exp, mul(x, elem(d, i)))));
    term roots[] = {s, term_pow_int(ctx, x, 2), num(4), fn(FN_sin, w)};
    eval_plan *p = eval_plan_new(ctx, roots, 4, (term[]){w, x}, 2);
    assert_non_null(p);
    double last[50], many[200], in[2] = {1.25, 0};
    for (int k = 0; k < 50; k++)
        last[k] = 0.1 * k - 2;
    eval_plan_run_many(p, in, last, 50, many);
    for (int k = 0; k < 50; k++) {
        double one[4];
        in[1] = last[k];
        eval_plan_run(p, in, one);
        assert_memory_equal(one, many + 4 * k, sizeof one);
        double by_hand = 1.25 * exp(0.5 * last[k]) + 1.25 * exp(1.5 * last[k]) + 1.25 * exp(2.5 * last[k]);
        assert_true(fabs(one[0] - by_hand) <= 1e-14 * by_hand);
        assert_true(one[1] == last[k] * last[k] && one[2] == 4 && one[3] == sin(1.25));
    }
    eval_plan_free(p);
}

static void a_plan_walks_recurrences(void **state)
{
    (void)state;
    term t = index_of("t"), h = sym("h"), x = sym("x"), i = index_of("i");
    rule("h", num(0), TERM_NONE, TERM_NONE, false, x);
    rule("h", t, num(1), num(20), false, mul(x, elem(h, add(t, num(-1)))));
    term s = reduce(RED_SUM, i, num(0), num(3), elem(h, i));
    eval_plan *p = eval_plan_new(ctx, &s, 1, &x, 1);
    assert_non_null(p);
    for (int k = -3; k <= 3; k++) {
        double y = k, out;
        eval_plan_run(p, &y, &out);
        assert_true(out == y + y * y + y * y * y + y * y * y * y);
    }
    eval_plan_free(p);
}

static void enclosures_hold(void **state)
{
    (void)state;
    arb_t b;
    arb_init(b);
    eval_problem why;
    term x = bind("x", num(-1));
    assert_int_equal(eval_enclose(ctx, fn(FN_exp, x), at, n_at, 200, b, &why), FN_BALL_OK);
    assert_true(arb_rel_accuracy_bits(b) > 190);
    assert_int_equal(eval_enclose(ctx, fn(FN_log, x), at, n_at, 200, b, &why), FN_BALL_OUTSIDE);
    assert_non_null(strstr(why.why, "ln of -1"));
    arb_clear(b);
}

static void constants_are_decided(void **state)
{
    (void)state;
    term pi = term_constant(ctx, CONST_PI), r2 = term_sqrt(ctx, num(2));
    assert_int_equal(eval_decide_positive(ctx, term_sub(ctx, pi, num(3))), GRADUS_YES);
    assert_int_equal(eval_decide_positive(ctx, term_sub(ctx, num(3), pi)), GRADUS_NO);
    assert_int_equal(eval_decide_zero(ctx, term_sub(ctx, pi, num(3))), GRADUS_NO);
    /* 355/113 is near pi, not pi */
    assert_int_equal(eval_decide_zero(ctx, term_sub(ctx, pi, term_rational(ctx, 355, 113))), GRADUS_NO);
    term hidden = term_sub(ctx, mul(add(r2, num(1)), add(r2, num(1))), add(num(3), mul(num(2), r2)));
    assert_int_not_equal(eval_decide_zero(ctx, hidden), GRADUS_NO); /* it is 0: never NO */
    assert_int_equal(eval_decide_zero(ctx, sym("x")), GRADUS_UNKNOWN);
    assert_int_equal(eval_decide_zero(ctx, fn(FN_log, term_neg(ctx, pi))), GRADUS_UNKNOWN);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(rationals_stay_exact),
        T(functions_of_exact_numbers_may_be_exact),
        T(nearest_doubles_are_found),
        T(an_inexact_zero_rounds_to_zero),
        T(digits_are_proven),
        T(the_spare_bits_do_not_matter),
        T(powers_follow_the_real_rules),
        T(an_index_as_exponent_counts_as_a_constant),
        T(the_smallest_part_is_blamed),
        T(doubles_do_what_compiled_code_does),
        T(infinities_are_numbers_at_the_end_of_the_line),
        T(names_without_values_are_an_error),
        T(an_undefined_function_is_an_error),
        T(a_derivative_not_taken_is_unable),
        T(a_false_bracket_silences_its_product),
        T(an_undefined_condition_is_undefined),
        T(false_decides_an_and),
        T(an_untaken_case_never_matters),
        T(an_undecidable_condition_is_not_guessed),
        T(reducers_reduce),
        T(empty_ranges_have_their_values),
        T(nested_and_triangular_sums),
        T(brackets_guard_elements_in_sums),
        T(a_million_terms),
        T(data_may_be_not_a_number),
        T(arrays_have_entries),
        T(matrices_invert),
        T(recurrences_run),
        T(recurrences_run_down_and_through_data),
        T(a_recurrence_may_be_100000_deep),
        T(a_recurrence_that_needs_itself_is_a_fault),
        T(cases_end_a_recurrence),
        T(a_formula_may_be_100000_deep),
        T(a_sum_may_have_a_million_summands),
        T(seconds_are_limited),
        T(a_plan_runs_many_points),
        T(a_plan_walks_recurrences),
        T(enclosures_hold),
        T(constants_are_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
