/* Ticks: round, inside the range, about as many as wanted, and labelled by the decimals a person would write.
 */
#include "draw/draw_impl.h"
#include "support/cm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *labels_of(gradus_ctx *ctx, range r, bool by_ratio, double want)
{
    ticks t;
    strbuf b, plain;
    strbuf_init(&b, ctx);
    strbuf_init(&plain, ctx);
    if (ticks_find(&t, r, by_ratio, want))
        for (int64_t k = t.first; k <= t.last; k++) {
            if (k > t.first) strbuf_addc(&b, ' ');
            ticks_label(&t, k, &b);
        }
    label_to_plain(&plain, strbuf_str(&b), true);
    char *s = strdup(strbuf_str(&plain));
    strbuf_clear(&b);
    strbuf_clear(&plain);
    return s;
}

static void labels_are_written_without_noise(void **state)
{
    static const struct {
        double low, high, want;
        bool by_ratio;
        const char *labels;
    } cases[] = {
        {0, 1, 5, false, "0 0.2 0.4 0.6 0.8 1"},
        {0.1, 0.35, 5, false, "0.1 0.15 0.2 0.25 0.3 0.35"},
        {-1, 3, 4, false, "-1 0 1 2 3"},
        {-300, 200, 5, false, "-300 -200 -100 0 100 200"},
        {0, 9e11, 4, false, "0 2 4 6 8"}, /* times 10^11 */
        {0, 4e-9, 4, false, "0 1 2 3 4"},
        {1000000000, 1000000001, 4, false,
         "1 1.0000000002 1.0000000004 1.0000000006 1.0000000008 1.000000001"},
        {0.01, 10000, 8, true, "0.01 0.1 1 10 100 1000 10^4"},
    };
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *s = labels_of(ctx, (range){cases[i].low, cases[i].high}, cases[i].by_ratio, cases[i].want);
        assert_string_equal(s, cases[i].labels);
        free(s);
    }
    ctx_free(ctx);
}

/* For many ranges: positions inside, evenly spaced, not too few and not too many, and a label that reads back
 * as its position (times the power shown). */
static void ticks_agree_with_their_labels(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    srand(7);
    for (int round = 0; round < 4000; round++) {
        double scale = pow(10, rand() % 41 - 20), low = scale * (rand() / (double)RAND_MAX - 0.5);
        range r = {low, low + scale * (0.001 + rand() / (double)RAND_MAX)};
        double want = 2 + rand() % 12;
        ticks t;
        assert_true(ticks_find(&t, r, false, want));
        int64_t n = t.last - t.first + 1;
        assert_true(n >= 1 && (double)n <= 2 * want + 2);
        assert_true(t.mantissa == 1 || t.mantissa == 2 || t.mantissa == 5);
        for (int64_t k = t.first; k <= t.last; k++) {
            double at = ticks_value(&t, k), slack = 1e-5 * (r.high - r.low);
            assert_true(at >= r.low - slack && at <= r.high + slack);
            strbuf b, plain;
            strbuf_init(&b, ctx);
            strbuf_init(&plain, ctx);
            ticks_label(&t, k, &b);
            label_to_plain(&plain, strbuf_str(&b), true);
            double read = strtod(strbuf_str(&plain), NULL) * pow(10, t.shown_power);
            assert_true(fabs(read - at) <= 1e-12 * fmax(fabs(at), r.high - r.low));
            strbuf_clear(&b);
            strbuf_clear(&plain);
        }
    }
    ctx_free(ctx);
}

static void impossible_ranges_have_no_ticks(void **state)
{
    (void)state;
    ticks t;
    const range bad[] = {{0, 0}, {1, 0}, {NAN, 1}, {0, INFINITY}, {1, 1 + 1e-15}, {-INFINITY, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(ticks_find(&t, bad[i], false, 5));
    assert_false(ticks_find(&t, (range){-1, 10}, true, 5));
    assert_false(ticks_find(&t, (range){0, 10}, true, 5));
    assert_true(ticks_find(&t, (range){-1e300, 1e300}, false, 5));
    assert_true(ticks_find(&t, (range){0, 1e-300}, false, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_written_without_noise),
        cmocka_unit_test(ticks_agree_with_their_labels),
        cmocka_unit_test(impossible_ranges_have_no_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
