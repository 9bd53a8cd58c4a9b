/* Balls: the double they decide on, proven digits, and enclosures that really enclose. */
#include "num/num.h"
#include "support/cm.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void decided_doubles_are_right(void **state)
{
    (void)state;
    /* pi^k at rising precision: once decided, the answer stays, and is the libm value to half an ulp. */
    arb_t x;
    arb_init(x);
    for (slong k = -40; k <= 40; k++) {
        double got = 0, first = 0;
        bool decided = false;
        for (slong prec = 20; prec <= 400; prec += 10) {
            arb_const_pi(x, prec);
            arb_pow_fmpz(x, x, (fmpz[]){k}, prec);
            if (num_arb_round_double(&got, x)) {
                if (!decided)
                    first = got;
                decided = true;
                assert_true(first == got);
            } else
                assert_true(!decided || prec < 100);
        }
        assert_true(decided);
        assert_true(fabs(got / pow(M_PI, (double)k) - 1) < 1e-14);
    }
    arb_clear(x);
}

static void ties_and_edges(void **state)
{
    (void)state;
    arb_t x;
    arb_init(x);
    double d = 12;
    /* 1 + 2^-53 is a tie: exactly it rounds to 1, any ball around it is undecided. */
    arb_set_d(x, 0x1p53), arb_add_ui(x, x, 1, 100), arb_mul_2exp_si(x, x, -53);
    assert_true(num_arb_round_double(&d, x) && d == 1);
    arb_add_error_2exp_si(x, -900);
    d = 12;
    assert_false(num_arb_round_double(&d, x));
    assert_true(d == 12);
    /* A hair above the tie, known far more finely than the hair is wide. */
    arb_set_d(x, 0x1p53), arb_add_ui(x, x, 1, 100), arb_mul_2exp_si(x, x, -53);
    mag_t r;
    arf_t hair;
    mag_init(r), arf_init(hair);
    arf_set_ui_2exp_si(hair, 1, -500);
    arf_add(arb_midref(x), arb_midref(x), hair, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_add_error_2exp_si(x, -600);
    assert_true(num_arb_round_double(&d, x) && d == nextafter(1, 2));
    mag_clear(r), arf_clear(hair);
    /* Subnormals: half the smallest, and around it. */
    arb_one(x), arb_mul_2exp_si(x, x, -1075);
    assert_true(num_arb_round_double(&d, x) && d == 0);
    arb_add_error_2exp_si(x, -1200);
    assert_false(num_arb_round_double(&d, x));
    arb_set_ui(x, 3), arb_mul_2exp_si(x, x, -1075);
    assert_true(num_arb_round_double(&d, x) && d == 1e-323); /* 1.5 ulp: tie, even is 2 */
    /* Double rounding trap: 53 bits would round up first, then up again. */
    arb_set_d(x, 0x1p60 - 0x1p8), arb_add_si(x, x, 255, 100), arb_mul_2exp_si(x, x, -1074 - 61);
    assert_true(num_arb_round_double(&d, x) && d == 0);
    /* Overflow and beyond any exponent. */
    arb_set_d(x, DBL_MAX), arb_mul_ui(x, x, 2, 60), arb_neg(x, x);
    assert_true(num_arb_round_double(&d, x) && d == -INFINITY);
    arb_set_str(x, "1e100000000000000000000000000 +/- 1e99999999999999999999999990", 100);
    assert_true(num_arb_round_double(&d, x) && d == INFINITY);
    arb_set_str(x, "-1e-100000000000000000000000000", 100);
    assert_true(num_arb_round_double(&d, x) && d == 0);
    /* Around zero: decided when all of it rounds to zero. */
    arb_zero(x), arb_add_error_2exp_si(x, -1080);
    assert_true(num_arb_round_double(&d, x) && d == 0 && !signbit(d));
    arb_add_error_2exp_si(x, -1070);
    assert_false(num_arb_round_double(&d, x));
    /* No finite value known. */
    arb_indeterminate(x);
    assert_false(num_arb_round_double(&d, x));
    arb_zero_pm_inf(x);
    assert_false(num_arb_round_double(&d, x));
    arb_pos_inf(x);
    assert_true(num_arb_round_double(&d, x) && d == INFINITY);
    arb_clear(x);
}

typedef struct text_case {
    const char *ball;
    long digits;
    const char *text;
    long proven;
} text_case;

static void digits_are_proven(void **state)
{
    (void)state;
    const text_case rows[] = {
        {"0.5", 20, "0.5", 20}, {"0", 20, "0", 20}, {"-3", 5, "-3", 5},
        {"3.14159265358979 +/- 1e-10", 20, "3.141592654", 10},
        {"0 +/- 1e-30", 20, "?", 0}, {"1 +/- 3", 20, "?", 0}, {"nan", 20, "nan", 0}, {"inf", 20, "inf", 20},
        {"-inf", 9, "-inf", 9}, {"0 +/- inf", 9, "?", 0}, {"-2.5e-9 +/- 1e-20", 20, "-2.5000000000e-9", 11},
        {"1e-3 +/- 1e-30", 5, "0.0010000", 5}, {"7e300 +/- 1", 3, "7.00e300", 3},
        {"-1e100000000000000000000000000", 4, "-1.000e100000000000000000000000000", 4},
    };
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    arb_t x;
    arb_init(x);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        strbuf b;
        strbuf_init(&b, ctx);
        long proven = -1;
        arb_set_str(x, rows[i].ball, 2000);
        num_print_arb(&b, x, rows[i].digits, &proven);
        assert_string_equal(strbuf_str(&b), rows[i].text);
        assert_int_equal(proven, rows[i].proven);
        strbuf_clear(&b);
    }
    arb_clear(x);
    ctx_free(ctx);
}

/* What was printed is within one unit of its last digit of every number in the ball. */
static void printed_digits_hold(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    flint_rand_t rand;
    flint_randinit(rand);
    arb_t x, low, high, unit;
    arb_init(x), arb_init(low), arb_init(high), arb_init(unit);
    for (int i = 0; i < 5000; i++) {
        strbuf b, mid, rad;
        strbuf_init(&b, ctx), strbuf_init(&mid, ctx), strbuf_init(&rad, ctx);
        long proven, digits = 1 + i % 40;
        arb_randtest(x, rand, 200, 20 + i % 100);
        num_print_arb(&b, x, digits, &proven);
        if (proven > 0 && strcmp(strbuf_str(&b), "0") != 0) {
            assert_int_equal(arb_set_str(low, strbuf_str(&b), 1000), 0);
            arb_sub(low, low, x, 1000), arb_abs(low, low);
            /* |text - x| <= 10^(1 - proven) |text| is implied by one unit in the last place. */
            arb_set_str(high, strbuf_str(&b), 1000), arb_abs(high, high);
            arb_set_ui(unit, 10), arb_pow_fmpz(unit, unit, (fmpz[]){1 - proven}, 1000);
            arb_mul(high, high, unit, 1000);
            arb_mul_ui(high, high, 101, 1000), arb_div_ui(high, high, 100, 1000);
            assert_true(arb_le(low, high));
        }
        num_print_ball(&mid, &rad, x, digits);
        strbuf_printf(&mid, " +/- %s", strbuf_str(&rad));
        assert_int_equal(arb_set_str(high, strbuf_str(&mid), 2000), 0);
        assert_true(arb_contains(high, x));
        strbuf_clear(&b), strbuf_clear(&mid), strbuf_clear(&rad);
    }
    arb_clear(x), arb_clear(low), arb_clear(high), arb_clear(unit);
    flint_randclear(rand);
    ctx_free(ctx);
}

static void enclosures_of_no_value(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    const char *rows[][3] = {{"nan", "nan", "inf"}, {"0 +/- inf", "0", "inf"}, {"inf", "inf", "0"},
                             {"1.5", "1.5", "0"},
                             {"0 +/- 1e-3", "0", "0.00101"}};
    arb_t x;
    arb_init(x);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        strbuf mid, rad;
        strbuf_init(&mid, ctx), strbuf_init(&rad, ctx);
        arb_set_str(x, rows[i][0], 100);
        num_print_ball(&mid, &rad, x, 12);
        assert_string_equal(strbuf_str(&mid), rows[i][1]);
        assert_string_equal(strbuf_str(&rad), rows[i][2]);
        strbuf_clear(&mid), strbuf_clear(&rad);
    }
    arb_clear(x);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decided_doubles_are_right), cmocka_unit_test(ties_and_edges),
        cmocka_unit_test(digits_are_proven), cmocka_unit_test(printed_digits_hold),
        cmocka_unit_test(enclosures_of_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
