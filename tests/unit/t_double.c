/* Doubles: printed text reads back, is the shortest, and reading rounds correctly. Oracle: the C library. */
#include "num/num.h"
#include "support/cm.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_bits(uint64_t *seed)
{
    *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
    return *seed;
}

static double from_bits(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

static bool same_bits(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* Random exponents, random mantissas, with short decimals, integers and the edges of each binade mixed in. */
static double sample(uint64_t *seed, int i)
{
    switch (i % 6) {
    case 0: return from_bits(random_bits(seed));
    case 1: return (double)(int64_t)(random_bits(seed) % 2000001) / 1000;
    case 2: return from_bits(random_bits(seed) & 0x800FFFFFFFFFFFFFu); /* subnormal */
    case 3: return from_bits(random_bits(seed) & 0xFFF0000000000000u); /* power of two */
    case 4: return from_bits((random_bits(seed) & 0xFFF0000000000000u) + (random_bits(seed) % 5) - 2);
    default: return (double)(int64_t)random_bits(seed);
    }
}

static void known_texts(void **state)
{
    (void)state;
    const struct { double x; const char *text; } rows[] = {
        {0.1, "0.1"}, {3, "3"}, {-0.0, "-0"}, {0, "0"}, {1e-300, "1e-300"}, {5e-324, "5e-324"},
        {1e16, "10000000000000000"},
        {1e17, "1e17"}, {1e22, "1e22"}, {0.00002, "0.00002"}, {2e-6, "2e-6"}, {1.0 / 3, "0.3333333333333333"},
        {DBL_MAX, "1.7976931348623157e308"}, {NAN, "nan"}, {-NAN, "nan"}, {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {-2.5, "-2.5"}, {0.1 + 0.2, "0.30000000000000004"}, {123456.789, "123456.789"},
    };
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        strbuf b;
        strbuf_init(&b, ctx);
        num_print_double(&b, rows[i].x);
        assert_string_equal(strbuf_str(&b), rows[i].text);
        strbuf_clear(&b);
    }
    ctx_free(ctx);
}

static void text_reads_back(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 60000; i++) {
        double x = sample(&seed, i), back = 12;
        b.n = 0;
        num_print_double(&b, x);
        assert_true(num_parse_double(&back, b.at, b.n));
        assert_true(same_bits(x, back));
        assert_true(same_bits(x, strtod(strbuf_str(&b), NULL)));
    }
    strbuf_clear(&b);
    ctx_free(ctx);
}

static size_t count_digits(const char *s)
{
    size_t n = 0, zeros = 0;
    for (; *s && *s != 'e'; s++)
        if (*s >= '0' && *s <= '9' && (n || *s != '0')) {
            n++;
            zeros = *s == '0' ? zeros + 1 : 0;
        }
    return n - zeros;
}

static void text_is_shortest(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    uint64_t seed = 5;
    for (int i = 0; i < 20000; i++) {
        double x = sample(&seed, i);
        if (!isfinite(x) || x == 0)
            continue;
        b.n = 0;
        num_print_double(&b, x);
        int want = 1;
        char text[64];
        do
            snprintf(text, sizeof text, "%.*e", want - 1, x);
        while (strtod(text, NULL) != x && want++ < 17);
        assert_true(count_digits(strbuf_str(&b)) <= (size_t)want);
    }
    strbuf_clear(&b);
    ctx_free(ctx);
}

static void reading_rounds_correctly(void **state)
{
    (void)state;
    uint64_t seed = 77;
    for (int i = 0; i < 60000; i++) {
        char text[128];
        double x = sample(&seed, i), got = 12;
        if (!isfinite(x))
            continue;
        snprintf(text, sizeof text, "%.*e", i % 40, x);
        assert_true(num_parse_double(&got, text, strlen(text)));
        assert_true(same_bits(got, strtod(text, NULL)));
    }
}

/* Exactly between two doubles, and off it by one in the last of a thousand places. */
static void ties_go_to_even(void **state)
{
    (void)state;
    const double starts[] = {1.0, nextafter(1.0, 2), 5e-324, 0.0, DBL_MIN, 1e300, 3e-310};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        double x = starts[i], up = nextafter(x, INFINITY), got;
        char text[3000];
        /* The tie is exact in 1100 decimals: printed through the next larger precision there is. */
        long double tie = ((long double)x + (long double)up) / 2;
        snprintf(text, sizeof text, "%.1150Lf", tie);
        size_t n = strlen(text);
        assert_true(num_parse_double(&got, text, n));
        assert_true(same_bits(got, strtod(text, NULL)));
        strcat(text, "0000000000000000000000001");
        assert_true(num_parse_double(&got, text, strlen(text)));
        assert_true(got == up);
    }
    double got;
    assert_true(num_parse_double(&got, "1.7976931348623158e308", 22) && got == DBL_MAX);
    assert_true(num_parse_double(&got, "1.7976931348623159e308", 22) && got == INFINITY);
    assert_true(num_parse_double(&got, "2.4703282292062327e-324", 23) && got == 0);
    assert_true(num_parse_double(&got, "2.4703282292062328e-324", 23) && got == 5e-324);
}

static void odd_shapes(void **state)
{
    (void)state;
    const struct { const char *text; double x; } good[] = {
        {"5.", 5}, {".5", 0.5}, {"+1", 1}, {"-1E+2", -100}, {"1e-2", 0.01}, {"000123", 123},
        {"0e999999999999999999999", 0},
        {"1e999999999999999999999", INFINITY}, {"-1e-999999999999999999999", -0.0}, {"NaN", NAN},
        {"-Infinity", -INFINITY},
        {"INF", INFINITY}, {"0.0000000000000000000000000000001", 1e-31},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double x = 12;
        assert_true(num_parse_double(&x, good[i].text, strlen(good[i].text)));
        assert_true(same_bits(x, good[i].x));
    }
    const char *bad[] = {"", "-", "+", ".", "e5", "1e", "1e+", "1 ", " 1", "1,5", "0x10", "1.2.3",
        "--1", "nanx", "in",
                         "infinit", "1e5.5", "1_000", "\u00A0", "na", "i", "-nan0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double x = 12;
        assert_false(num_parse_double(&x, bad[i], strlen(bad[i])));
        assert_true(x == 12);
    }
    double x;
    assert_false(num_parse_double(&x, "1\0", 2));
    assert_true(num_parse_double(&x, "125", 2) && x == 12); /* n bytes, not to the NUL */
}

static void megabytes_of_digits(void **state)
{
    (void)state;
    size_t n = 10000000;
    char *text = test_malloc(n);
    double x;
    memset(text, '9', n);
    assert_true(num_parse_double(&x, text, n) && x == INFINITY);
    memset(text, '0', n);
    text[0] = '0', text[1] = '.', text[n - 1] = '7';
    assert_true(num_parse_double(&x, text, n) && x == 0);
    memset(text + 2, '3', n - 2);
    assert_true(num_parse_double(&x, text, n) && x == 1.0 / 3);
    test_free(text);
}

static void the_locale_does_not_matter(void **state)
{
    (void)state;
    const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
        found = setlocale(LC_ALL, names[i]) != NULL;
    /* Without such a locale on the machine this still runs, in C. */
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    double x;
    num_print_double(&b, 1234.5678);
    assert_string_equal(strbuf_str(&b), "1234.5678");
    assert_true(num_parse_double(&x, "0.12345678901234567890", 22));
    setlocale(LC_ALL, "C");
    assert_true(x == 0.12345678901234567890);
    strbuf_clear(&b);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts), cmocka_unit_test(text_reads_back), cmocka_unit_test(text_is_shortest),
        cmocka_unit_test(reading_rounds_correctly), cmocka_unit_test(ties_go_to_even),
        cmocka_unit_test(odd_shapes),
        cmocka_unit_test(megabytes_of_digits), cmocka_unit_test(the_locale_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
