/* Growing strings. */
#include "base/base.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <stdlib.h>
#include <string.h>

static void appends_in_order(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    assert_string_equal(strbuf_str(&b), "");
    strbuf_add(&b, "");
    strbuf_addn(&b, "abcdef", 3);
    strbuf_addc(&b, '-');
    strbuf_printf(&b, "%d%s", 12, "x");
    assert_string_equal(strbuf_str(&b), "abc-12x");
    assert_int_equal(b.n, 7);
    b.n = 3; /* cutting is allowed */
    assert_string_equal(strbuf_str(&b), "abc");
    strbuf_addn(&b, "\0z", 2);
    assert_int_equal(b.n, 5);
    assert_memory_equal(b.at, "abc\0z", 6);
    strbuf_clear(&b);
    assert_string_equal(strbuf_str(&b), "");
    strbuf_add(&b, "again");
    assert_string_equal(strbuf_str(&b), "again");
    strbuf_clear(&b);
    ctx_free(ctx);
}

static void long_pieces_fit(void **state)
{
    (void)state;
    refusing r = {0};
    gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
    strbuf b;
    strbuf_init(&b, ctx);
    size_t want = 0;
    for (int i = 0; i < 3000; i++) {
        strbuf_printf(&b, "%*d", i, 1);
        want += i ? (size_t)i : 1;
    }
    assert_int_equal(b.n, want);
    assert_int_equal(strlen(strbuf_str(&b)), want);
    for (int i = 0; i < 100000; i++)
        strbuf_addc(&b, 'q');
    assert_int_equal(strlen(strbuf_str(&b)), want + 100000);
    strbuf_clear(&b);
    ctx_free(ctx);
    assert_int_equal(r.live, 0);
    assert_int_equal(r.wrong, 0);
}

static void broken_buffer_stays_empty(void **state)
{
    (void)state;
    for (size_t nth = 2; nth < 12; nth++)
        for (int mode = 0; mode < 2; mode++) {
            refusing r = {.nth = nth, .every = mode == 1};
            gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
            strbuf b;
            strbuf_init(&b, ctx);
            for (int i = 0; i < 500; i++) {
                strbuf_add(&b, "some text ");
                strbuf_addc(&b, 'c');
                strbuf_printf(&b, "%300d", i);
            }
            if (r.refused) {
                assert_string_equal(strbuf_str(&b), ""); /* never a text with a hole */
                assert_int_equal(b.n, 0);
                assert_int_equal(ctx_status(ctx), GRADUS_NOMEM);
            } else
                assert_int_equal(b.n, 500 * 311);
            strbuf_clear(&b);
            ctx_free(ctx);
            assert_int_equal(r.live, 0);
        }
}

static void impossible_size_is_refused(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    strbuf_add(&b, "x");
    strbuf_addn(&b, "y", SIZE_MAX - 1);
    assert_int_equal(ctx_status(ctx), GRADUS_NOMEM);
    assert_string_equal(strbuf_str(&b), "");
    strbuf_clear(&b);
    ctx_free(ctx);
}

static void hashes_are_fixed_and_spread(void **state)
{
    (void)state;
    /* Equal bytes, equal hash, wherever they lie; each length and each single bit matters. */
    char text[64] = {0};
    enum { COUNT = 64 + 64 * 8 };
    static uint64_t seen[COUNT];
    size_t n = 0;
    for (size_t len = 0; len < 64; len++)
        seen[n++] = hash_bytes(text, len);
    for (size_t bit = 0; bit < 64 * 8; bit++) {
        char copy[65] = {0};
        copy[1 + bit / 8] = (char)(1 << bit % 8);
        seen[n++] = hash_bytes(copy + 1, 64);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(seen[i] != seen[j]);
    char a[] = "..hello, hash", b[] = "hello, hash";
    assert_true(hash_bytes(a + 2, 11) == hash_bytes(b, 11));
    /* The same on every machine; the number is from the same formula written in Python. */
    assert_true(hash_bytes("gradus!!? ", 10) == 0x8d0942927f8db94eu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_in_order), cmocka_unit_test(long_pieces_fit),
        cmocka_unit_test(broken_buffer_stays_empty), cmocka_unit_test(impossible_size_is_refused),
        cmocka_unit_test(hashes_are_fixed_and_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
