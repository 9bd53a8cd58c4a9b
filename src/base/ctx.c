/* The context: memory, the sticky status, budgets, and the state that rooms hang on it. */
#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TICKS_PER_CLOCK = 64 }; /* reading the clock costs about 25 ns: under 1 ns a tick */

static void *libc_alloc(void *user, void *p, size_t old_size, size_t new_size)
{
    (void)user;
    (void)old_size;
    if (new_size == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, new_size);
}

gradus_ctx *ctx_new(gradus_alloc_fn alloc, void *user)
{
    if (!alloc)
        alloc = libc_alloc;
    gradus_ctx *ctx = alloc(user, NULL, 0, sizeof *ctx);
    if (!ctx)
        return NULL;
    memset(ctx, 0, sizeof *ctx);
    ctx->alloc = alloc;
    ctx->alloc_user = user;
    arena_init(&ctx->diag_arena, ctx);
    return ctx;
}

void ctx_free(gradus_ctx *ctx)
{
    if (!ctx)
        return;
    /* Later rooms know earlier ones, so they go first. */
    for (int slot = SLOT_COUNT - 1; slot >= 0; slot--) {
        if (ctx->room_state[slot] && ctx->room_free[slot])
            ctx->room_free[slot](ctx, ctx->room_state[slot]);
        ctx->room_state[slot] = NULL;
    }
    ctx_realloc(ctx, ctx->diags, ctx->diag_cap * sizeof *ctx->diags, 0);
    arena_clear(&ctx->diag_arena);
    ctx->alloc(ctx->alloc_user, ctx, sizeof *ctx, 0);
}

void ctx_begin(gradus_ctx *ctx)
{
    ctx->status = GRADUS_OK;
    diag_reset(ctx);
    ctx->ticks = 0;
    ctx->deadline = ctx->limits.seconds > 0 ? clock_seconds() + ctx->limits.seconds : 0;
}

gradus_status ctx_status(const gradus_ctx *ctx)
{
    return ctx->status;
}

gradus_status ctx_fail(gradus_ctx *ctx, gradus_status code)
{
    if (ctx->status == GRADUS_OK)
        ctx->status = code;
    return code;
}

bool ctx_tick(gradus_ctx *ctx)
{
    if (ctx->status != GRADUS_OK)
        return false;
    if (ctx->deadline == 0 || ++ctx->ticks < TICKS_PER_CLOCK)
        return true;
    ctx->ticks = 0;
    if (clock_seconds() <= ctx->deadline)
        return true;
    ctx_fail(ctx, GRADUS_LIMIT);
    return false;
}

double ctx_seconds_left(const gradus_ctx *ctx)
{
    return ctx->deadline == 0 ? INFINITY : ctx->deadline - clock_seconds();
}

void *ctx_realloc(gradus_ctx *ctx, void *p, size_t old_size, size_t new_size)
{
    if (new_size == 0) {
        if (p)
            ctx->alloc(ctx->alloc_user, p, old_size, 0);
        return NULL;
    }
    void *q = new_size > PTRDIFF_MAX ? NULL : ctx->alloc(ctx->alloc_user, p, p ? old_size : 0, new_size);
    if (!q)
        ctx_fail(ctx, GRADUS_NOMEM);
    return q;
}

bool vec_grow(gradus_ctx *ctx, void **at, size_t *cap, size_t want, size_t elem)
{
    size_t new_cap = *cap < 8 ? 8 : *cap + *cap / 2, old_bytes = *cap * elem, new_bytes;
    if (new_cap < want)
        new_cap = want;
    if (!size_mul(new_cap, elem, &new_bytes))
        return (void)ctx_fail(ctx, GRADUS_NOMEM), false;
    /* `at` is really a T **: copied as bytes, since a T * may not be read as a void *. */
    void *old, *new;
    memcpy(&old, at, sizeof old);
    new = ctx_realloc(ctx, old, old_bytes, new_bytes);
    if (!new)
        return false;
    memcpy(at, &new, sizeof new);
    *cap = new_cap;
    return true;
}

bool size_mul(size_t a, size_t b, size_t *out)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool size_add(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
