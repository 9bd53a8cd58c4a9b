/* The context: sticky status, diagnostics, budgets, vectors, room state, refusal. */
#include "base/base.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <stdio.h>
#include <string.h>

static void first_failure_stays(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    assert_int_equal(ctx_fail(ctx, GRADUS_SHAPE), GRADUS_SHAPE);
    assert_int_equal(ctx_fail(ctx, GRADUS_LIMIT), GRADUS_LIMIT);
    assert_int_equal(ctx_status(ctx), GRADUS_SHAPE);
    assert_false(ctx_tick(ctx));
    ctx_begin(ctx);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    assert_true(ctx_tick(ctx));
    ctx_free(ctx);
    ctx_free(NULL);
}

static void diagnostics_keep_words_and_place(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    diag_add(ctx, DIAG_WARNING, GRADUS_OK, SPAN_NONE, NULL, "first a warning");
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    assert_null(diag_first_error(ctx));
    char name[] = "foo", hint[] = "write bar";
    span where = {1, 4, 7};
    assert_int_equal(diag_error(ctx, GRADUS_SYNTAX, where, hint, "unknown name `%s`", name), GRADUS_SYNTAX);
    diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, NULL, "second");
    memset(name, 'x', 3), memset(hint, 'x', 3);
    const diag *d = diag_first_error(ctx);
    assert_string_equal(d->message, "unknown name `foo`");
    assert_string_equal(d->hint, "write bar");
    assert_int_equal(d->where.first, 4);
    assert_int_equal(d->code, GRADUS_SYNTAX);
    assert_int_equal(ctx->diag_count, 3);
    assert_int_equal(ctx_status(ctx), GRADUS_SYNTAX);
    diag_reset(ctx);
    assert_null(diag_first_error(ctx));
    assert_int_equal(ctx_status(ctx), GRADUS_SYNTAX); /* resetting words does not forgive */
    ctx_free(ctx);
}

static void diagnostics_are_bounded(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    static char name[1000000];
    for (size_t i = 0; i + 1 < sizeof name; i++)
        name[i] = "\xC3\xA4"[i % 2]; /* two-byte characters: the cut must not halve one */
    diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "unknown `%s`", name);
    const char *m = diag_first_error(ctx)->message;
    size_t n = strlen(m);
    assert_in_range(n, 3000, 4100);
    for (size_t i = 0; i < n;) {
        uint32_t c;
        int len = utf8_decode(m + i, n - i, &c);
        assert_true(len > 0);
        i += (size_t)len;
    }
    for (int i = 0; i < 100000; i++)
        diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "again");
    assert_in_range(ctx->diag_count, 100, 10000);
    ctx_free(ctx);
}

static void facts_cover_each_status(void **state)
{
    (void)state;
    for (int s = GRADUS_OK; s <= GRADUS_BUG; s++) {
        assert_true(strlen(status_name((gradus_status)s)) > 1);
        assert_true(strlen(status_sentence((gradus_status)s)) > 3);
        assert_true((status_exit_code((gradus_status)s) == 0) == (s == GRADUS_OK));
    }
    assert_string_equal(status_name((gradus_status)99), status_name(GRADUS_BUG));
}

static void deadline_ends_ticking(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    for (int i = 0; i < 1000; i++)
        assert_true(ctx_tick(ctx));
    ctx->limits.seconds = 0.02;
    ctx_begin(ctx);
    double start = clock_seconds();
    while (ctx_tick(ctx))
        assert_true(clock_seconds() - start < 5);
    assert_true(clock_seconds() - start >= 0.02);
    assert_int_equal(ctx_status(ctx), GRADUS_LIMIT);
    ctx_free(ctx);
}

static void note_free(gradus_ctx *ctx, void *p)
{
    (void)ctx;
    char *log = *(char **)p;
    snprintf(log + strlen(log), 8, "%c", ((char *)p)[sizeof(char *)]);
}

static void rooms_are_freed_last_first(void **state)
{
    (void)state;
    char log[16] = "";
    struct { char *log; char name; } low = {log, 't'}, high = {log, 'a'};
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    ctx->room_state[SLOT_TERM] = &low, ctx->room_free[SLOT_TERM] = note_free;
    ctx->room_state[SLOT_API] = &high, ctx->room_free[SLOT_API] = note_free;
    ctx_free(ctx);
    assert_string_equal(log, "at");
}

static void vectors_grow_and_free(void **state)
{
    (void)state;
    refusing r = {0};
    gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
    size_t before = r.live;
    VEC(double) v = {0};
    for (int i = 0; i < 10000; i++)
        assert_true(vec_push(ctx, &v, i * 0.5));
    for (int i = 0; i < 10000; i++)
        assert_true(v.at[i] == i * 0.5);
    assert_false(vec_reserve(ctx, &v, SIZE_MAX / 4));
    assert_int_equal(ctx_status(ctx), GRADUS_NOMEM);
    assert_int_equal(v.n, 10000);
    vec_clear(ctx, &v);
    assert_null(v.at);
    assert_int_equal(r.live, before);
    ctx_free(ctx);
    assert_int_equal(r.wrong, 0);
}

static void checked_sizes(void **state)
{
    (void)state;
    size_t out = 7;
    assert_false(size_mul(SIZE_MAX / 2, 3, &out));
    assert_false(size_add(SIZE_MAX, 1, &out));
    assert_int_equal(out, 7);
    assert_true(size_mul(0, 5, &out) && out == 0);
    assert_true(size_mul(5, 0, &out) && out == 0);
    assert_true(size_mul(SIZE_MAX, 1, &out) && out == SIZE_MAX);
    assert_true(size_add(SIZE_MAX, 0, &out) && out == SIZE_MAX);
}

static void work(gradus_ctx *ctx)
{
    VEC(int) v = {0};
    for (int i = 0; i < 100; i++)
        vec_push(ctx, &v, i);
    vec_clear(ctx, &v);
    for (int i = 0; i < 50; i++)
        diag_error(ctx, GRADUS_SHAPE, SPAN_NONE, "mend", "%0*d", 300, i);
    ctx_begin(ctx);
    for (int i = 0; i < 50; i++)
        diag_add(ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "note %d", i);
}

static void every_refusal_is_survived(void **state)
{
    (void)state;
    size_t total = 0;
    for (size_t nth = 1; nth == 1 || nth <= total + 1; nth++)
        for (int mode = 0; mode < 3; mode++) {
            refusing r = {.nth = nth, .every = mode == 1, .onwards = mode == 2};
            gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
            if (ctx)
                work(ctx);
            ctx_free(ctx);
            assert_int_equal(r.live, 0);
            assert_int_equal(r.wrong, 0);
            if (r.calls > total)
                total = r.calls;
        }
    assert_true(total > 10);
}

static void code_survives_missing_memory(void **state)
{
    (void)state;
    refusing r = {.nth = 2, .onwards = true};
    gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
    diag_error(ctx, GRADUS_DOMAIN, SPAN_NONE, NULL, "no value");
    assert_int_equal(ctx_status(ctx), GRADUS_DOMAIN);
    assert_null(diag_first_error(ctx));
    ctx_free(ctx);
    assert_int_equal(r.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_failure_stays), cmocka_unit_test(diagnostics_keep_words_and_place),
        cmocka_unit_test(diagnostics_are_bounded), cmocka_unit_test(facts_cover_each_status),
        cmocka_unit_test(deadline_ends_ticking), cmocka_unit_test(rooms_are_freed_last_first),
        cmocka_unit_test(vectors_grow_and_free), cmocka_unit_test(checked_sizes),
        cmocka_unit_test(every_refusal_is_survived), cmocka_unit_test(code_survives_missing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
