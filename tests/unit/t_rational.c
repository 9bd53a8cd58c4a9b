/* Exact rationals. */
#include "num/num.h"
#include "support/cm.h"

#include <float.h>
#include <math.h>
#include <string.h>

static bool parses_to(const char *text, const char *want)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    fmpq_t q;
    fmpq_init(q);
    bool ok = num_parse_decimal(q, text, strlen(text)) && fmpq_is_canonical(q);
    num_print_fmpq(&b, q);
    ok = ok && strcmp(strbuf_str(&b), want) == 0;
    fmpq_clear(q);
    strbuf_clear(&b);
    ctx_free(ctx);
    return ok;
}

static void literals_are_exact(void **state)
{
    (void)state;
    assert_true(parses_to("0.1", "1/10"));
    assert_true(parses_to("3", "3"));
    assert_true(parses_to("007.50", "15/2"));
    assert_true(parses_to("1e3", "1000"));
    assert_true(parses_to("2.5E-2", "1/40"));
    assert_true(parses_to("12e-1", "6/5"));
    assert_true(parses_to(".5", "1/2"));
    assert_true(parses_to("5.", "5"));
    assert_true(parses_to("0e5", "0"));
    assert_true(parses_to("0.000", "0"));
    assert_true(parses_to("123456789012345678901234567890", "123456789012345678901234567890"));
    assert_true(parses_to("0.333333333333333333333", "333333333333333333333/1000000000000000000000"));
    fmpq_t q;
    fmpq_init(q);
    const char *bad[] = {"", ".", "e", "1e", "-1", "+1", "1e100001", "1e-100001",
        "1e99999999999999999999", "1.2.3", "nan",
                         "1 ", "0x1", "1e+-3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(num_parse_decimal(q, bad[i], strlen(bad[i])));
    assert_true(num_parse_decimal(q, "1e100000", 8));
    assert_true(num_parse_decimal(q, "1e-100000", 9));
    assert_int_equal(fmpz_sizeinbase(fmpq_denref(q), 10), 100001);
    size_t n = 10000000;
    char *text = test_malloc(n);
    memset(text, '1', n);
    assert_false(num_parse_decimal(q, text, n));
    assert_true(num_parse_decimal(q, text, 100000));
    test_free(text);
    fmpq_clear(q);
}

static void doubles_survive(void **state)
{
    (void)state;
    fmpq_t q;
    fmpq_init(q);
    uint64_t seed = 9;
    for (int i = 0; i < 50000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        uint64_t u = i % 4 == 0 ? seed & 0x800FFFFFFFFFFFFFu : seed;
        double x;
        memcpy(&x, &u, sizeof x);
        if (!isfinite(x))
            continue;
        num_fmpq_set_double(q, x);
        assert_true(fmpq_is_canonical(q));
        assert_true(num_fmpq_get_double(q) == x);
    }
    const double edges[] = {0.0, 1.0, -1.0, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, 9007199254740993.0, 0.1};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        num_fmpq_set_double(q, edges[i]);
        assert_true(num_fmpq_get_double(q) == edges[i]);
    }
    num_fmpq_set_double(q, -0.375);
    assert_true(fmpz_equal_si(fmpq_numref(q), -3) && fmpz_equal_si(fmpq_denref(q), 8));
    fmpq_clear(q);
}

/* The nearest double d of q: no neighbour is nearer, and at a tie the last bit of d is 0. Checked exactly. */
static void check_nearest(const fmpq_t q)
{
    double d = num_fmpq_get_double(q);
    fmpq_t at, off, other;
    fmpq_init(at), fmpq_init(off), fmpq_init(other);
    num_fmpq_set_double(at, d);
    fmpq_sub(off, at, q), fmpq_abs(off, off);
    for (int side = 0; side < 2; side++) {
        double neighbour = nextafter(d, side ? INFINITY : -INFINITY);
        if (!isfinite(neighbour))
            continue;
        num_fmpq_set_double(at, neighbour);
        fmpq_sub(other, at, q), fmpq_abs(other, other);
        int c = fmpq_cmp(off, other);
        uint64_t bits;
        memcpy(&bits, &d, sizeof bits);
        assert_true(c < 0 || (c == 0 && bits % 2 == 0));
    }
    fmpq_clear(at), fmpq_clear(off), fmpq_clear(other);
}

static void rounding_is_to_nearest_even(void **state)
{
    (void)state;
    flint_rand_t rand;
    flint_randinit(rand);
    fmpq_t q, tie;
    fmpz_t shift;
    fmpq_init(q), fmpq_init(tie), fmpz_init(shift);
    for (int i = 0; i < 20000; i++) {
        fmpq_randtest(q, rand, (flint_bitcnt_t)(1 + i % 200));
        slong e = (slong)(i % 5 ? i % 300 - 150 : -1074 + i % 60);
        fmpq_mul_2exp(q, q, (flint_bitcnt_t)(e > 0 ? e : 0));
        fmpq_div_2exp(q, q, (flint_bitcnt_t)(e < 0 ? -e : 0));
        check_nearest(q);
        /* A tie next to it. */
        double d = num_fmpq_get_double(q);
        num_fmpq_set_double(q, d);
        num_fmpq_set_double(tie, nextafter(d, INFINITY));
        fmpq_add(q, q, tie);
        fmpq_div_2exp(q, q, 1);
        check_nearest(q);
    }
    fmpz_set_ui(shift, 2);
    fmpq_set_si(q, -7, 3);
    fmpq_mul_2exp(q, q, 5000);
    assert_true(num_fmpq_get_double(q) == -INFINITY);
    fmpq_div_2exp(q, q, 10000);
    assert_true(num_fmpq_get_double(q) == 0 && signbit(num_fmpq_get_double(q)));
    /* Half of the smallest is a tie with 0, which is even; a hair more is not. */
    fmpq_set_si(q, 1, 1), fmpq_div_2exp(q, q, 1075);
    assert_true(num_fmpq_get_double(q) == 0);
    fmpq_set_si(q, 1000001, 1000000), fmpq_div_2exp(q, q, 1075);
    assert_true(num_fmpq_get_double(q) == 5e-324);
    /* The largest double plus half its last bit: away to infinity; a hair less: the largest. */
    num_fmpq_set_double(q, DBL_MAX);
    num_fmpq_set_double(tie, ldexp(1, 970));
    fmpq_add(q, q, tie);
    assert_true(num_fmpq_get_double(q) == INFINITY);
    fmpq_sub_ui(q, q, 1);
    assert_true(num_fmpq_get_double(q) == DBL_MAX);
    fmpq_clear(q), fmpq_clear(tie), fmpz_clear(shift);
    flint_randclear(rand);
}

static void hashes_tell_apart(void **state)
{
    (void)state;
    fmpq_t q, copy;
    fmpq_init(q), fmpq_init(copy);
    enum { COUNT = 61 * 30 };
    static uint64_t seen[COUNT];
    size_t n = 0;
    for (slong num = -30; num <= 30; num++)
        for (ulong den = 1; den <= 30; den++) {
            fmpq_set_si(q, num, den);
            if (fmpz_equal_si(fmpq_numref(q), num) && fmpz_equal_ui(fmpq_denref(q), den))
                seen[n++] = num_fmpq_hash(q);
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(seen[i] != seen[j]);
    assert_true(num_parse_decimal(q, "1e300", 5));
    fmpq_set(copy, q);
    assert_true(num_fmpq_hash(q) == num_fmpq_hash(copy));
    fmpq_neg(copy, q);
    assert_true(num_fmpq_hash(q) != num_fmpq_hash(copy));
    fmpq_inv(copy, q);
    assert_true(num_fmpq_hash(q) != num_fmpq_hash(copy));
    fmpq_clear(q), fmpq_clear(copy);
}

static const char *power(slong n, ulong d, slong en, ulong ed, size_t bits)
{
    static char text[200];
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    fmpq_t q, e;
    fmpq_init(q), fmpq_init(e);
    fmpq_set_si(q, n, d), fmpq_set_si(e, en, ed);
    if (num_fmpq_pow(q, q, e, bits)) { /* the result over the input */
        assert_true(fmpq_is_canonical(q));
        num_print_fmpq(&b, q);
    } else {
        strbuf_add(&b, "no");
        fmpq_t again;
        fmpq_init(again);
        fmpq_set_si(again, n, d);
        assert_true(fmpq_equal(again, q));
        fmpq_clear(again);
    }
    strncpy(text, strbuf_str(&b), sizeof text - 1);
    strbuf_clear(&b);
    fmpq_clear(q), fmpq_clear(e);
    ctx_free(ctx);
    return text;
}

static void powers(void **state)
{
    (void)state;
    assert_string_equal(power(2, 1, 10, 1, 100), "1024");
    assert_string_equal(power(2, 3, -3, 1, 100), "27/8");
    assert_string_equal(power(-2, 3, -3, 1, 100), "-27/8");
    assert_string_equal(power(9, 4, 1, 2, 100), "3/2");
    assert_string_equal(power(9, 4, -3, 2, 100), "8/27");
    assert_string_equal(power(2, 1, 1, 2, 100), "no");
    assert_string_equal(power(-8, 1, 1, 3, 100), "-2");
    assert_string_equal(power(-8, 27, 2, 3, 100), "4/9");
    assert_string_equal(power(-4, 1, 1, 2, 100), "no");
    assert_string_equal(power(0, 1, -1, 1, 100), "no");
    assert_string_equal(power(0, 1, 1, 2, 100), "0");
    assert_string_equal(power(0, 1, 0, 1, 100), "1");
    assert_string_equal(power(7, 5, 0, 1, 100), "1");
    assert_string_equal(power(-4, 1, 0, 1, 100), "1");
    assert_string_equal(power(-1, 1, WORD_MAX, 3, 100), "-1");
    assert_string_equal(power(1, 1, WORD_MAX, 1, 100), "1");
    assert_string_equal(power(1, 1, WORD_MIN + 1, 2, 100), "1");
    assert_string_equal(power(2, 1, 99, 1, 100), "633825300114114700748351602688");
    assert_string_equal(power(2, 1, 100, 1, 100), "no");
    assert_string_equal(power(2, 1, WORD_MAX, 1, 1000000), "no");
    assert_string_equal(power(2, 1, 1, (ulong)WORD_MAX, 100), "no");
    assert_string_equal(power(1, 2, WORD_MAX, 1, 1000000), "no");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_exact), cmocka_unit_test(doubles_survive),
        cmocka_unit_test(rounding_is_to_nearest_even), cmocka_unit_test(hashes_tell_apart),
        cmocka_unit_test(powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
