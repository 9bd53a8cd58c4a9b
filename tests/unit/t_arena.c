/* Arenas: alignment, zeroing, blocks that do not move, rewinding, refusal. */
#include "base/base.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <string.h>

static bool all_zero(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const unsigned char *)p)[i])
            return false;
    return true;
}

static void gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    refusing r = {0};
    gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
    arena a;
    arena_init(&a, ctx);
    for (size_t n = 0; n < 3000; n++) {
        unsigned char *p = arena_alloc(&a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        assert_true(all_zero(p, n));
        memset(p, 0xFF, n);
    }
    arena_clear(&a);
    ctx_free(ctx);
    assert_int_equal(r.live, 0);
    assert_int_equal(r.wrong, 0);
}

static void blocks_never_move(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    arena a;
    arena_init(&a, ctx);
    enum { COUNT = 20000 };
    static uint32_t *at[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        at[i] = arena_alloc(&a, sizeof *at[i] * (1 + i % 50));
        *at[i] = i;
    }
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(*at[i], i);
    arena_clear(&a);
    ctx_free(ctx);
}

static void rewinding_frees_newer_blocks(void **state)
{
    (void)state;
    refusing r = {0};
    gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
    arena a;
    arena_init(&a, ctx);
    arena_mark empty = arena_get_mark(&a);
    char *kept = arena_strndup(&a, "kept for good", 4);
    size_t live = r.live;
    arena_mark m = arena_get_mark(&a);
    char *first = arena_alloc(&a, 8);
    memset(first, 7, 8);
    arena_alloc(&a, 5 << 20);
    for (int i = 0; i < 1000; i++)
        arena_alloc(&a, 1000);
    arena_rewind(&a, m);
    assert_int_equal(r.live, live);
    assert_string_equal(kept, "kept");
    char *again = arena_alloc(&a, 8);
    assert_ptr_equal(again, first);
    assert_true(all_zero(again, 8)); /* dirty after the rewind, clean when given out */
    arena_rewind(&a, empty);
    assert_null(a.head);
    arena_clear(&a);
    ctx_free(ctx);
    assert_int_equal(r.live, 0);
}

static void copies_and_formats(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    arena a;
    arena_init(&a, ctx);
    assert_memory_equal(arena_copy(&a, "abc", 3), "abc", 3);
    assert_non_null(arena_copy(&a, NULL, 0));
    assert_string_equal(arena_strndup(&a, NULL, 0), "");
    assert_string_equal(arena_printf(&a, "%d %s", 42, "x"), "42 x");
    char *wide = arena_printf(&a, "%*d", 100000, 1);
    assert_int_equal(strlen(wide), 100000);
    arena_clear(&a);
    ctx_free(ctx);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    size_t sizes[] = {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 40, (size_t)PTRDIFF_MAX, (size_t)1 << 60};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        refusing r = {.limit = 1 << 30};
        gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
        arena a;
        arena_init(&a, ctx);
        assert_null(arena_alloc(&a, sizes[i]));
        assert_int_equal(ctx_status(ctx), GRADUS_NOMEM);
        arena_clear(&a);
        ctx_free(ctx);
    }
}

static void refusal_is_null_and_sticky(void **state)
{
    (void)state;
    for (size_t nth = 1; nth < 40; nth++) {
        refusing r = {.nth = nth, .every = true};
        gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
        if (!ctx) {
            assert_int_equal(nth, 1);
            continue;
        }
        arena a;
        arena_init(&a, ctx);
        bool failed = false;
        for (size_t i = 0; i < 300; i++) {
            char *p = i % 3 ? arena_alloc(&a, 5000) : arena_printf(&a, "%zu", i);
            failed |= !p;
            if (p)
                p[0] = 1;
        }
        assert_true(failed == (r.refused > 0));
        assert_true(failed == (ctx_status(ctx) == GRADUS_NOMEM));
        arena_clear(&a);
        ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_aligned_memory), cmocka_unit_test(blocks_never_move),
        cmocka_unit_test(rewinding_frees_newer_blocks), cmocka_unit_test(copies_and_formats),
        cmocka_unit_test(sizes_that_overflow_are_refused), cmocka_unit_test(refusal_is_null_and_sticky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
